/** The masquerade and forward-accept builders without a kernel: their bytecode, their checks, and what they do when they are overtaken. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/netlink/errors.ts';
import { SyncHost } from '../../src/netlink/host-sync.ts';
import { NLM_F_ACK, NLM_F_ECHO, NLM_F_MULTI } from '../../src/netlink/message.ts';
import { type FakeAnswer, type FakeKernel, FakeTransport, fakeAck, fakeDone, fakeMessage } from '../../src/netlink/transport/fake.ts';
import { describeForwardAccept } from '../../src/nft/forward-accept.ts';
import {
  explain,
  forwardAccept,
  type MasqueradeOptions,
  masqueradeProgram as masquerade,
  removeMasquerade,
  transaction,
} from '../../src/nft/index.ts';
import { describeMasquerade } from '../../src/nft/masquerade.ts';
import { getRule, newRule } from '../../src/nft/rule.ts';

const bytecode = (options: MasqueradeOptions): string[] => explain(describeMasquerade(options).rules[0]!.expressions);

describe('masquerade', () => {
  test('is the bytecode nft makes of the same rule', () => {
    expect(describeMasquerade({ source: '10.0.0.0/24', outInterface: 'up0', fullyRandom: true }).chain).toEqual({
      family: 'ip',
      table: 'netloom',
      name: 'postrouting',
      type: 'nat',
      hook: 'postrouting',
      priority: 'srcnat',
    });
    expect(bytecode({ source: '10.0.0.0/24', outInterface: 'up0', fullyRandom: true })).toEqual([
      '[ payload load 3b @ network header + 12 => reg 1 ]',
      '[ cmp eq reg 1 0x0000000a ]',
      '[ meta load oifname => reg 1 ]',
      '[ cmp eq reg 1 0x00307075 0x00000000 0x00000000 0x00000000 ]',
      '[ counter pkts 0 bytes 0 ]',
      '[ masq flags 0x10 ]',
    ]);
    expect(bytecode({ source: '10.0.0.1', toPorts: '1024-65535', random: true, persistent: true })).toEqual([
      '[ payload load 4b @ network header + 12 => reg 1 ]',
      '[ cmp eq reg 1 0x0100000a ]',
      '[ meta load l4proto => reg 1 ]',
      '[ lookup reg 1 set __set%d ]',
      '[ counter pkts 0 bytes 0 ]',
      '[ immediate reg 1 0x00000004 ]',
      '[ immediate reg 2 0x0000ffff ]',
      '[ masq proto_min reg 1 proto_max reg 2 flags 0xe ]',
    ]);
  });

  test('is of the family of its source', () => {
    expect(describeMasquerade({ source: 'fd00::/61' }).chain.family).toBe('ip6');
    expect(bytecode({ source: 'fd00::/61' })[1]).toBe(
      '[ bitwise reg 1 = ( reg 1 & 0xffffffff 0xf8ffffff 0x00000000 0x00000000 ) ^ 0x00000000 0x00000000 0x00000000 0x00000000 ]',
    );
  });

  test('has one key for one meaning', () => {
    const key = (options: object): string => describeMasquerade({ source: '10.0.0.0/24', ...options }).key;
    expect(key({})).toBe(key({ random: false }));
    expect(key({ toPorts: 80 })).toBe(key({ toPorts: '80-80' }));
    expect(key({ excludeDestination: ['10.0.0.0/8', '192.168.0.0/16'] })).toBe(
      key({ excludeDestination: ['192.168.0.0/16', '10.0.0.0/8', '10.0.0.0/8'] }),
    );
    expect(key({ source: 'fd00:0::/64' })).toBe(key({ source: 'fd00::/64' }));
    expect(
      new Set([key({}), key({ random: true }), key({ persistent: true }), key({ outInterface: 'a' }), key({ comment: 'a' })]).size,
    ).toBe(5);
    // stored by callers in files: it must not change between versions
    expect(key({})).toBe('masquerade:b94a42ee89422782f5c7f48f9c8d34bc');
  });

  test.each<[object, string, string]>([
    [{ source: 'nonsense' }, 'source', 'ERR_INVALID_ARG_VALUE'],
    [{ source: undefined }, 'source', 'ERR_INVALID_ARG_TYPE'],
    [{ source: '10.0.0.7/24' }, 'source', 'ERR_INVALID_ARG_VALUE'],
    [{ source: '10.0.0.0/33' }, 'source', 'ERR_OUT_OF_RANGE'],
    [{ excludeDestination: 'fd00::/8' }, 'excludeDestination', 'ERR_INVALID_ARG_VALUE'],
    [{ excludeDestination: ['10.0.0.0/8', 'x'] }, 'excludeDestination[1]', 'ERR_INVALID_ARG_VALUE'],
    [{ outInterface: '' }, 'outInterface', 'ERR_INVALID_ARG_VALUE'],
    [{ outInterface: 'sixteencharacter' }, 'outInterface', 'ERR_OUT_OF_RANGE'],
    [{ outInterface: 'a/b' }, 'outInterface', 'ERR_INVALID_ARG_VALUE'],
    [{ outInterface: 'a\0b' }, 'outInterface', 'ERR_INVALID_ARG_VALUE'],
    [{ outInterface: '*' }, 'outInterface', 'ERR_INVALID_ARG_VALUE'],
    [{ toPorts: 0 }, 'toPorts', 'ERR_OUT_OF_RANGE'],
    [{ toPorts: 65_536 }, 'toPorts', 'ERR_OUT_OF_RANGE'],
    [{ toPorts: '2000-1000' }, 'toPorts', 'ERR_OUT_OF_RANGE'],
    [{ toPorts: [1, 2.5] }, 'toPorts', 'ERR_OUT_OF_RANGE'],
    [{ toPorts: 'http' }, 'toPorts', 'ERR_INVALID_ARG_VALUE'],
    [{ toPorts: {} }, 'toPorts', 'ERR_INVALID_ARG_TYPE'],
    [{ random: 1 }, 'random', 'ERR_INVALID_ARG_TYPE'],
    [{ comment: 'x'.repeat(129) }, 'comment', 'ERR_OUT_OF_RANGE'],
    [{ outinterface: 'eth0' }, 'outinterface', 'ERR_UNKNOWN_OPTION'],
  ])('refuses %j', (options, argument, code) => {
    let thrown: unknown;
    try {
      masquerade({ source: '10.0.0.0/24', ...options } as MasqueradeOptions).next();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect(thrown).toMatchObject({ argument, code });
  });

  test('takes the options of every call', () => {
    expect(() =>
      describeMasquerade({ source: '10.0.0.0/24', timeout: 5, netns: 'red', signal: new AbortController().signal }),
    ).not.toThrow();
  });
});

describe('forwardAccept', () => {
  test('is two rules', () => {
    expect(describeForwardAccept({ interface: 'br0' }).rules.map(({ expressions }) => explain(expressions))).toEqual([
      [
        '[ meta load iifname => reg 1 ]',
        '[ cmp eq reg 1 0x00307262 0x00000000 0x00000000 0x00000000 ]',
        '[ counter pkts 0 bytes 0 ]',
        '[ immediate reg 0 accept ]',
      ],
      [
        '[ meta load oifname => reg 1 ]',
        '[ cmp eq reg 1 0x00307262 0x00000000 0x00000000 0x00000000 ]',
        '[ counter pkts 0 bytes 0 ]',
        '[ immediate reg 0 accept ]',
      ],
    ]);
  });

  test('checks the name of the interface', () => {
    expect(() => forwardAccept({ interface: 'a b' }).next()).toThrow(/^interface: /);
    expect(() => forwardAccept({} as never).next()).toThrow(/^interface: expected a string/);
  });
});

const NFT_MSG_GETGEN = 0xa10;
const NFT_MSG_GETRULE = 0xa07;
const ERESTART = 85;

/** Knows rules only, and lets `overtake` guarded transactions fail. */
function ruleKernel(overtake: number): { kernel: FakeKernel; rules: Buffer[]; batches: number } {
  const state = { kernel: (() => []) as FakeKernel, rules: [] as Buffer[], batches: 0 };
  let handle = 0n;
  state.kernel = (requests) => {
    const [first] = requests;
    if (first === undefined) return [];
    if (first.type === NFT_MSG_GETGEN)
      return [fakeMessage(first.sequence, 0xa0f, Buffer.from('0000000008000100000000050000', 'hex').subarray(0, 12))];
    if (first.type === NFT_MSG_GETRULE)
      return [...state.rules.map((body) => fakeMessage(first.sequence, 0xa06, body, NLM_F_MULTI)), fakeDone(first)];
    state.batches += 1;
    const guarded = first.body.length > 4;
    if (guarded && overtake-- > 0) return [fakeAck(first, ERESTART)];
    const answers: FakeAnswer[] = [];
    for (const request of requests) {
      if (request.type === newRule.type) {
        handle += 1n;
        const body = newRule.body.bytes({ ...newRule.body.parse(request.body), handle });
        state.rules.push(body);
        if ((request.flags & NLM_F_ECHO) !== 0) answers.push(fakeMessage(request.sequence, request.type, body));
      }
      if ((request.flags & NLM_F_ACK) !== 0) answers.push(fakeAck(request));
    }
    return answers;
  };
  return state;
}

describe('a ruleset that does not stand still', () => {
  test.each([0, 1, 3, 100])('overtaken %i times: one rule in the end', (times) => {
    const state = ruleKernel(times);
    const host = new SyncHost({ openTransport: () => new FakeTransport(state.kernel) });
    const first = host.run(masquerade({ source: '10.0.0.0/24' }), {});
    expect(state.batches).toBe(Math.min(times, 4) + 1);
    expect(first).toMatchObject({ family: 'ip', table: 'netloom', chain: 'postrouting', handles: ['1'] });
    expect(host.run(masquerade({ source: '10.0.0.0/24' }), {})).toEqual(first);
    expect(state.rules).toHaveLength(1);
    expect(getRule.body.parse(state.rules[0]!).expressions?.at(-1)).toEqual({ kind: 'masq', data: {} });
  });
});

test('a transaction without changes sends nothing', () => {
  expect(transaction([]).next()).toEqual({
    done: true,
    value: { tables: [], chains: [], rules: [], sets: [], objects: [], flowtables: [] },
  });
  expect(() => transaction(async () => {}).next()).toThrow(/must not be async/);
  expect(() => transaction({} as never).next()).toThrow(/^changes: expected a function/);
  expect(() => transaction([], { gen: 1 } as never).next()).toThrow(/^gen: is no option/);
});

test('a record that is none is refused', () => {
  expect(() => removeMasquerade({} as never).next()).toThrow(/^handle: expected what masquerade or forwardAccept returned/);
  expect(() => removeMasquerade(undefined as never).next()).toThrow(InputError);
});
