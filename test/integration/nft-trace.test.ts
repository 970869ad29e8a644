/** Packets followed on the real kernel, with `nft monitor trace` beside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClosedError, InputError } from '../../src/netlink/errors.ts';
import { type NftClient, open, type TraceEvent } from '../../src/nft/index.ts';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { ipText, nftLoad, ping } from '../support/oracle.ts';

let red: Space;
let nf: NftClient;
beforeEach(async () => {
  red = newSpace('t');
  ipText(['link', 'set', 'lo', 'up'], { netns: red.name });
  nf = await open({ netns: red });
});
afterEach(() => {
  nf.close();
  deleteSpaces();
});

/** A ping passes a rule that has it traced, a jump, a return, a policy. */
const rules = `
table ip t {
  chain web { ip daddr 127.0.0.3 drop comment "never"; meta mark set 7 return; }
  chain out { type filter hook output priority 0; policy accept; icmp type echo-request meta nftrace set 1 jump web; }
  chain in { type filter hook input priority 0; policy drop; icmp type echo-request ip daddr 127.0.0.2 counter accept; icmp type echo-reply accept; }
}`;

/** The steps of the first packet, until a step that ends it. */
async function firstPacket(events: AsyncIterable<{ readonly kind: string }>): Promise<TraceEvent[]> {
  const steps: TraceEvent[] = [];
  for await (const event of events) {
    expect(event).toMatchObject({ kind: 'trace' });
    steps.push(event as TraceEvent);
    if (steps.at(-1)?.chain === 'in') break;
  }
  return steps;
}

test('each step of a packet is told, as nft monitor trace shows it', async () => {
  nftLoad(rules, { netns: red.name });
  const beside = spawn('nsenter', [`--net=/run/netns/${red.name}`, 'nft', 'monitor', 'trace'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  beside.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  try {
    // nft says nothing when it listens: packets are sent until it has shown one
    let steps: TraceEvent[] = [];
    await expect
      .poll(async () => {
        const following = firstPacket(nf.trace());
        expect(ping('127.0.0.2', { netns: red.name }).received).toBe(1);
        steps = await following;
        return printed;
      })
      .toMatch(/^trace id \w+ ip t in rule/m);
    const handles = new Map((await nf.rules.list()).map(({ chain, handle }) => [`${chain} ${handle}`, handle]));
    const lo = 1;
    expect(steps).toEqual([
      {
        kind: 'trace',
        ...{ id: expect.any(Number), family: 'ip', table: 't', chain: 'out', type: 'rule', handle: expect.any(BigInt) },
        verdict: { code: 'jump', chain: 'web' },
        protocol: 'ip',
        packet: { oif: lo, oifType: 772, networkHeader: expect.any(Uint8Array), transportHeader: expect.any(Uint8Array) },
      },
      { ...step('web', 'rule'), handle: expect.any(BigInt), verdict: { code: 'return' }, mark: 7 },
      // the jump has come back, and no rule follows
      { ...step('out', 'rule'), verdict: { code: 'continue' }, mark: 7 },
      { ...step('out', 'policy'), policy: 'accept', mark: 7 },
      {
        ...step('in', 'rule'),
        ...{ id: expect.any(Number), handle: expect.any(BigInt), verdict: { code: 'accept' }, mark: 7 },
        packet: {
          ...{ iif: lo, iifType: 772 },
          ...{ linkLayerHeader: expect.any(Uint8Array), networkHeader: expect.any(Uint8Array), transportHeader: expect.any(Uint8Array) },
        },
      },
    ]);
    function step(chain: string, type: string): object {
      return { kind: 'trace', id: steps[0]?.id, family: 'ip', table: 't', chain, type, protocol: 'ip' };
    }
    for (const { chain, handle } of steps) if (handle !== undefined) expect(handles.get(`${chain} ${handle}`)).toBe(handle);
    const network = steps[0]?.packet?.networkHeader ?? new Uint8Array();
    expect([...network.subarray(16, 20)]).toEqual([127, 0, 0, 2]);
    // word by word what nft has shown of the same packet, which it has by now
    const shown = steps
      .filter(({ type, handle }) => type !== 'rule' || handle !== undefined)
      .map(({ id, chain, type }) => `${id.toString(16)} ${chain} ${type}`);
    await expect
      .poll(() =>
        [...printed.matchAll(/^trace id (\w+) ip t (\w+) (rule|policy|return) .*\n/gm)].map(([, ...words]) =>
          words.join(' ').replace(/^0+/, ''),
        ),
      )
      .toEqual(expect.arrayContaining(shown));
  } finally {
    beside.kill();
    await once(beside, 'close');
  }
});

test('ends with its client, and refuses what it does not know', async () => {
  expect(() => nf.trace({ table: 't' } as never)).toThrow(InputError);
  expect(() => nf.trace({ receiveBuffer: 0 })).toThrow(InputError);
  expect(() => nf.trace({ netns: 'no-such-namespace' })).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  const waiting = nf.trace().next();
  nf.close();
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(() => nf.trace()).toThrow(ClosedError);
});
