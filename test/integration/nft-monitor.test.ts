/** Monitors of nf_tables on the real kernel, with nft as the one who changes things. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClosedError, InputError } from '../../src/netlink/errors.ts';
import type { ControlEvent } from '../../src/netlink/monitor.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { expr, type NftClient, type NftEvent, type NftMonitor, open, type TransactionEvent } from '../../src/nft/index.ts';
import { nftLoad } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let nf: NftClient;

beforeEach(async () => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  nf = await open({ netns: { fd } });
});
afterEach(() => {
  nf.close();
  closeFd(fd);
});

/** The next event; what does not come ends the test by its own limit. */
async function next(monitor: NftMonitor): Promise<NftEvent | ControlEvent> {
  const { value, done } = await monitor.next();
  if (done === true || value === undefined) throw new Error('the monitor has ended');
  return value;
}

async function transaction(monitor: NftMonitor): Promise<TransactionEvent> {
  const event = await next(monitor);
  if (event.kind !== 'transaction') throw new Error(`expected a transaction, got ${event.kind}`);
  return event;
}

const brief = ({ changes }: TransactionEvent): string[] =>
  changes.map((change) => {
    const object = change.action === 'delete' ? change.old : change.new;
    const name = 'name' in object ? object.name : 'key' in object ? JSON.stringify(object.key) : (object as { chain: string }).chain;
    return `${change.action} ${change.kind} ${name}`;
  });

describe('a monitor', () => {
  test('tells transactions, with the name and id of who made them', async () => {
    const monitor = nf.monitor();
    nftLoad('add table ip t\nadd chain ip t c\nadd rule ip t c counter accept comment "one"', where);
    const first = await transaction(monitor);
    expect(first.process).toBe('nft');
    expect(first.pid).toBeGreaterThan(0);
    expect(first.pid).not.toBe(process.pid);
    expect(brief(first)).toEqual(['new table t', 'new chain c', 'new rule c']);
    expect(first.changes[2]).toMatchObject({
      new: { comment: 'one', expressions: [expr('counter', { packets: 0, bytes: 0 }), { kind: 'immediate' }] },
    });
    await nf.tables.create({ family: 'ip6', name: 'u' });
    const second = await transaction(monitor);
    expect(second.generation).toBe(first.generation + 1);
    expect(second.generation).toBe(await nf.generation());
    expect(brief(second)).toEqual(['new table u']);
    nftLoad('delete table ip t', where);
    const third = await transaction(monitor);
    expect(brief(third).sort()).toEqual(['delete chain c', 'delete rule c', 'delete table t']);
    monitor.close();
    expect((await monitor.next()).done).toBe(true);
  });

  test('tells elements as they are written, those of intervals whole', async () => {
    const monitor = nf.monitor();
    nftLoad(
      `table inet t {
        set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.0.1-192.168.0.9 } }
        map m { type inet_service : verdict; elements = { 80 : accept } }
        counter web { }
      }`,
      where,
    );
    expect(brief(await transaction(monitor)).sort()).toEqual([
      'new element "10.0.0.0/8"',
      'new element "192.168.0.1-192.168.0.9"',
      'new element 80',
      'new object web',
      'new set m',
      'new set s',
      'new table t',
    ]);
    nftLoad('delete element inet t s { 10.0.0.0/8 }\nadd element inet t m { 90 : drop }', where);
    const { changes } = await transaction(monitor);
    expect(changes).toEqual([
      { kind: 'element', action: 'delete', old: { family: 'inet', table: 't', set: 's', key: '10.0.0.0/8' } },
      { kind: 'element', action: 'new', new: { family: 'inet', table: 't', set: 'm', key: 90, data: 'drop' } },
    ]);
  });

  test('knows the sets that there were before it', async () => {
    nftLoad('table inet t {\n set s { type inet_service; }\n}', where);
    const monitor = nf.monitor();
    const first = transaction(monitor);
    await nf.elements.add({ family: 'inet', table: 't', name: 's' }, [443]);
    expect(brief(await first)).toEqual(['new element 443']);
  });

  test('begins with all there is, and goes on from there', async () => {
    nftLoad('table inet t {\n set s { type inet_service; elements = { 80 } }\n chain c { }\n}', where);
    const monitor = nf.monitor({ initial: true });
    const first = await next(monitor);
    expect(first).toMatchObject({
      kind: 'ruleset',
      ruleset: { tables: [{ name: 't' }], chains: [{ name: 'c' }], sets: [{ name: 's', elements: [{ key: 80 }] }] },
    });
    expect(await next(monitor)).toEqual({ kind: 'synced', reason: 'initial' });
    await nf.chains.delete({ family: 'inet', table: 't', name: 'c' });
    expect(brief(await transaction(monitor))).toEqual(['delete chain c']);
  });

  test('tells all there is again after it has lost something', async () => {
    const monitor = nf.monitor({ initial: true, resync: true, receiveBuffer: 4096 });
    await next(monitor);
    await next(monitor);
    const names = Array.from({ length: 300 }, (_, i) => `t${i}`);
    for (const name of names) await nf.tables.create({ family: 'ip', name });
    let event: NftEvent | ControlEvent;
    do event = await next(monitor);
    while (event.kind === 'transaction');
    expect(event.kind).toBe('overrun');
    do event = await next(monitor);
    while (event.kind !== 'ruleset');
    expect(event.ruleset.tables.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(await next(monitor)).toEqual({ kind: 'synced', reason: 'overrun' });
    await nf.tables.delete({ family: 'ip', name: 't0' });
    expect(brief(await transaction(monitor))).toEqual(['delete table t0']);
  });

  test('ends with its client, and refuses what it does not know', async () => {
    const monitor = nf.monitor();
    expect(() => nf.monitor({ initial: 'yes' } as never)).toThrow(InputError);
    expect(() => nf.monitor({ kinds: [] } as never)).toThrow(/kinds: is no option/);
    const end = monitor.next();
    nf.close();
    expect((await end).done).toBe(true);
    expect(() => nf.monitor()).toThrow(ClosedError);
  });
});
