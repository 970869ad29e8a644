/** Transactions that are large, overtaken, refused anywhere, or whose answers are lost, on the real kernel. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NetlinkError, OutcomeUnknownError, SystemError } from '../../src/netlink/errors.ts';
import type { OpenTransport } from '../../src/netlink/index.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { defaultTransport } from '../../src/netlink/transport/default.ts';
import type { Transport } from '../../src/netlink/transport/transport.ts';
import {
  type Change,
  change,
  type Expression,
  expr,
  type NftClientSync,
  open,
  openSync,
  type Ruleset,
  TransactionOutcomeError,
} from '../../src/nft/index.ts';
import { mapsUsers } from '../support/kernel.ts';
import { nftJson, nftLoad } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let nf: NftClientSync;
const table = { family: 'inet', name: 't' } as const;
const place = { family: 'inet', table: 't', chain: 'c' } as const;
const accept: Expression[] = [expr('immediate', { dreg: 0, data: { code: 'accept' } })];

beforeEach(() => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  nf = openSync({ netns: { fd } });
  nf.tables.create(table);
  nf.chains.create({ family: 'inet', table: 't', name: 'c' });
});
afterEach(() => {
  nf.close();
  closeFd(fd);
});

function refusalOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}

function refusal(action: () => unknown): NetlinkError {
  const error = refusalOf(action);
  if (error instanceof NetlinkError) return error;
  throw error;
}

describe('a refusal', () => {
  // each is refused, whatever is before and behind it
  const refused: [Change, object][] = [
    [change.tables.delete({ family: 'ip', name: 'none' }), { code: 'ENOENT', subject: 'table ip none', attribute: 'name' }],
    [change.chains.create({ family: 'inet', table: 't', name: 'c' }), { code: 'EEXIST', subject: 'chain inet t c', attribute: 'name' }],
    [
      change.rules.add({ ...place, chain: 'none', expressions: accept }),
      { code: 'ENOENT', subject: 'rule inet t none', attribute: 'chain' },
    ],
    [
      change.rules.add({ ...place, expressions: [...accept, expr('lookup', { set: 'none', sreg: 1 })] }),
      { code: 'ENOENT', subject: 'rule inet t c', attribute: 'expressions[1]' },
    ],
    [change.sets.delete({ family: 'inet', table: 't', name: 'none' }), { code: 'ENOENT', subject: 'set inet t none', attribute: 'name' }],
    [
      change.elements.delete({ family: 'inet', table: 't', name: 's', type: 'inet_service' }, [80, 81]),
      { code: 'ENOENT', subject: 'elements of set inet t s', attribute: 'element 81' },
    ],
    [
      change.objects.delete({ family: 'inet', table: 't', name: 'none', type: 'quota' }),
      { code: 'ENOENT', subject: 'quota inet t none', attribute: 'name' },
    ],
  ];

  test.each(refused.map(([bad, expected]) => [bad.requests[0]!.operation.name, bad, expected] as const))(
    'of %s is named, and leaves everything as it was, at any place',
    (_, bad, expected) => {
      nf.sets.create({ family: 'inet', table: 't', name: 's', type: 'inet_service', elements: [80] });
      const before = nftJson(where);
      const good = () => [
        change.chains.create({ family: 'inet', table: 't', name: 'd' }),
        change.rules.add({ ...place, chain: 'd', expressions: accept }),
        change.sets.create({ family: 'inet', table: 't', name: 'x', type: 'ipv4_addr', elements: ['10.0.0.1'] }),
        change.objects.create({ family: 'inet', table: 't', name: 'o', type: 'counter' }),
      ];
      for (let at = 0; at <= 4; at++) {
        const changes = good();
        changes.splice(at, 0, bad);
        expect(refusal(() => nf.transaction(changes))).toMatchObject(expected);
        expect(nftJson(where)).toEqual(before);
      }
    },
  );
});

describe('an update', () => {
  test('that is overtaken begins anew', () => {
    // another writer comes between the reading and the writing, twice
    const seen: number[] = [];
    const { rules } = nf.update((found) => {
      seen.push(found.rules.length);
      if (seen.length <= 2) nftLoad('add rule inet t c counter', where);
      return [change.rules.add({ ...place, expressions: accept, comment: `behind ${found.rules.length}` })];
    });
    expect(seen).toEqual([0, 1, 2]);
    expect(rules).toMatchObject([{ comment: 'behind 2' }]);
    expect(nf.rules.list()).toHaveLength(3);
  });

  test('that is overtaken each time is an error in the end', () => {
    let attempts = 0;
    const plan = (): Change[] => {
      attempts++;
      nftLoad('add rule inet t c counter', where);
      return [change.rules.add({ ...place, expressions: accept })];
    };
    expect(refusal(() => nf.update(plan, { attempts: 3 })).code).toBe('ERESTART');
    expect(attempts).toBe(3);
    expect(nf.rules.list()).toHaveLength(3);
    expect(() => nf.update(plan, { attempts: 0 })).toThrow(/attempts: expected an integer from 1/);
  });

  test('by several at once loses nothing', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => open({ netns: where.netns })));
    const next = ({ rules }: Ruleset): Change[] => [change.rules.add({ ...place, expressions: accept, comment: String(rules.length) })];
    try {
      await Promise.all(clients.map((client) => client.update(next, { attempts: 1000 })));
    } finally {
      for (const client of clients) client.close();
    }
    expect(nf.rules.list().map(({ comment }) => comment)).toEqual(['0', '1', '2', '3']);
  });
});

describe('an answer that is lost', () => {
  /** A transport that loses what comes next, once it is told to; `drop` also keeps the transaction from the kernel. */
  function faulty(fault: { lose?: 'answer' | 'request' }): OpenTransport {
    return Object.assign((...args: Parameters<OpenTransport>): Transport => {
      const inner = defaultTransport()(...args);
      let lost = false;
      return new Proxy(inner, {
        get(target, name) {
          if (name === 'send' && fault.lose !== undefined)
            return (bytes: Buffer, length: number): void => {
              // transactions begin with NFNL_MSG_BATCH_BEGIN
              const batch = bytes.readUInt16LE(4) === 0x10;
              if (!batch || fault.lose === 'answer') target.send(bytes, length);
              lost = batch;
            };
          if (name === 'receive' && lost)
            return (): undefined => {
              lost = false;
              while (target.receive() !== undefined);
              throw new SystemError('recv', 105);
            };
          const member: unknown = Reflect.get(target, name, target);
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
    }, defaultTransport());
  }

  const add = [change.rules.add({ ...place, expressions: accept })];

  function outcome(lose: 'answer' | 'request', options: { confirm?: boolean; generation?: number }): unknown {
    const fault: { lose?: 'answer' | 'request' } = {};
    const client = openSync({ netns: where.netns, transport: faulty(fault) });
    fault.lose = lose;
    try {
      client.transaction(add, options);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      client.close();
    }
  }

  test('is told from a transaction that was not carried out', () => {
    const before = nf.generation();
    expect(outcome('request', { confirm: true })).toMatchObject({
      name: 'TransactionOutcomeError',
      committed: false,
      before,
      after: before,
    });
    expect(outcome('request', { generation: before })).toMatchObject({ committed: false, code: 'ENOBUFS' });
    expect(nf.rules.list()).toEqual([]);
    expect(outcome('answer', { confirm: true })).toMatchObject({ committed: true, before, after: before + 1 });
    expect(nf.rules.list()).toHaveLength(1);
    expect(outcome('answer', { generation: before + 1 })).toBeInstanceOf(TransactionOutcomeError);
    expect(nf.rules.list()).toHaveLength(2);
    expect(outcome('answer', {})).toBeInstanceOf(OutcomeUnknownError);
    expect(outcome('answer', { generation: before + 3, confirm: false })).toBeInstanceOf(OutcomeUnknownError);
    expect(nf.rules.list()).toHaveLength(4);
  });
});

describe('a large transaction', () => {
  test('is one, however large, and tells all handles', () => {
    const count = 20_000;
    const { rules } = nf.transaction((tx) => {
      for (let i = 0; i < count; i++) tx.rules.add({ ...place, expressions: accept });
    });
    expect(rules).toHaveLength(count);
    expect(new Set(rules.map(({ handle }) => handle)).size).toBe(count);
    expect(nf.rules.list()).toHaveLength(count);
  });

  test('of a million elements', () => {
    const count = 1_000_000;
    const key = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
    const set = { family: 'inet', table: 't', name: 'million', type: 'ipv4_addr', size: count } as const;
    const create = (): unknown => nf.sets.create({ ...set, elements: Array.from({ length: count }, (_, i) => key(i)) });
    if (!mapsUsers) {
      // an ordinary user's send buffer ends at net.core.wmem_max, and a transaction is one datagram
      expect(refusalOf(create)).toMatchObject({
        name: 'TransactionTooLargeError',
        code: 'EMSGSIZE',
        message: expect.stringContaining('wmem_max'),
      });
      expect(nf.sets.list()).toEqual([]);
      return;
    }
    create();
    // the set is full, and the kernel finds each; to list all of them takes it the square of their number
    const one = refusal(() => nf.elements.add(set, ['192.0.2.1']));
    expect(one).toMatchObject({ code: 'ENFILE' });
    const some = Array.from({ length: 1000 }, (_, i) => key(i * 999 + 7));
    expect(nf.elements.get(set, some).map((element) => element.key)).toEqual(some);
    nf.elements.delete(
      set,
      Array.from({ length: count - 3 }, (_, i) => key(i + 3)),
    );
    expect(
      nf.elements
        .list(set)
        .map((element) => element.key)
        .toSorted(),
    ).toEqual([key(0), key(1), key(2)]);
  }, 600_000);

  test('that fails at its end leaves nothing', () => {
    const elements = Array.from({ length: 100_000 }, (_, i) => i);
    const error = refusal(() =>
      nf.transaction((tx) => {
        tx.sets.create({ family: 'inet', table: 't', name: 'big', type: 'mark', size: 99_999, elements });
      }),
    );
    expect(error).toMatchObject({ code: 'ENFILE', subject: 'elements of set inet t big', attribute: 'element 99999' });
    expect(nf.sets.list()).toEqual([]);
  });
});
