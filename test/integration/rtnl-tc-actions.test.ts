/** Actions by themselves, shared by filters: as `tc -j actions` shows them, made by either and read by the other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openSync, type RtnlClient, type TrafficActionSpec } from '../../src/rtnl/index.ts';
import { firstUsers, needs } from '../support/kernel.ts';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { type Json, sh, tool } from '../support/oracle.ts';

let host: Space;
let rt: RtnlClient;
beforeAll(async () => {
  host = newSpace('h');
  sh('ip link add v0 type veth peer name v1; ip link add v2 type veth peer name v3; tc qdisc add dev v0 clsact', { netns: host.name });
  rt = await open({ netns: host.name });
});
afterAll(() => {
  rt.close();
  deleteSpaces();
});

const own = needs(firstUsers);

/** What tc shows, by number: a list for each datagram, and what they have in common before it. */
function tc(): Map<number, Json> {
  const shown = JSON.parse(tool(['tc', '-s', '-d', '-j', 'actions', 'ls', 'action', 'mirred'], { netns: host.name })) as Json[];
  return new Map(shown.flatMap(({ actions = [] }) => actions as Json[]).map((action) => [action.index, action]));
}
const run = (command: string): string => sh(`tc ${command}`, { netns: host.name });
const mirred = (index: number, dev = 'v2'): TrafficActionSpec => ({ kind: 'mirred', index, options: { action: 'mirror', dev } });
const shape = ({ order: _, index: __, stats: ___, installed: ____, last_used: _____, ...rest }: Json): Json => rest;

own.test('made by netloom it is what tc makes, and read the same', async () => {
  const cookie = Uint8Array.of(0xca, 0xfe, 1);
  run('actions add action mirred egress mirror dev v2 index 5 cookie cafe01');
  const made = await rt.trafficActions.create({ ...mirred(6), cookie });
  expect(made).toMatchObject({ kind: 'mirred', index: 6, references: 1, bindings: 0, cookie, options: { action: 'mirror', dev: 'v2' } });
  const shown = tc();
  expect(shape(shown.get(6))).toEqual(shape(shown.get(5)));
  expect(shown.get(6)).toMatchObject({ kind: 'mirred', mirred_action: 'mirror', to_dev: 'v2', cookie: 'cafe01', ref: 1, bind: 0 });
  const [theirs, ours] = await rt.trafficActions.list({ kind: 'mirred' });
  expect({ ...theirs, index: 6, age: 0, lastUsed: 0 }).toEqual({ ...ours, age: 0, lastUsed: 0 });
  expect(await rt.trafficActions.get({ kind: 'mirred', index: 5 })).toMatchObject({ index: 5, options: { dev: 'v2' } });
  // what is listed makes it again
  await rt.trafficActions.delete(theirs!);
  expect([...tc().keys()]).toEqual([6]);
  await rt.trafficActions.create(theirs!);
  expect(shape(tc().get(5))).toEqual(shape(shown.get(5)));
});

own.test('it exists once: create refuses, replace and update change it, for all who share it', async () => {
  await expect(rt.trafficActions.create(mirred(5))).rejects.toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
  await rt.trafficActions.replace({ kind: 'mirred', index: 5, options: { action: 'redirect', direction: 'ingress', dev: 'v3' } });
  expect(tc().get(5)).toMatchObject({ mirred_action: 'redirect', direction: 'ingress', to_dev: 'v3' });
  expect(await rt.trafficActions.update(mirred(5, 'v3'))).toMatchObject({ options: { action: 'mirror', dev: 'v3' } });
  await expect(rt.trafficActions.update(mirred(77))).rejects.toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
  expect([...tc().keys()]).toEqual([5, 6]);
});

own.test('filters share it by its number, and it stays while they do', async () => {
  const at = { dev: 'v0', parent: 'ingress', kind: 'u32' } as const;
  const filter = (priority: number, bind: number) => ({
    ...{ ...at, priority },
    options: { selector: { matches: [{ value: 0, mask: 0 }] }, actions: [{ kind: 'mirred', bind }] },
  });
  await rt.trafficFilters.create(filter(1, 5));
  await rt.trafficFilters.create(filter(2, 5));
  run('filter add dev v0 ingress prio 3 u32 match u32 0 0 action mirred egress mirror dev v2 index 5');
  expect(tc().get(5)).toMatchObject({ ref: 4, bind: 3, mirred_action: 'mirror', to_dev: 'v3' });
  expect(await rt.trafficActions.get({ kind: 'mirred', index: 5 })).toMatchObject({ references: 4, bindings: 3 });
  for (const { options } of await rt.trafficFilters.list({ dev: 'v0', parent: 'ingress' }))
    expect((options as Json).actions).toMatchObject([{ kind: 'mirred', index: 5, options: { dev: 'v3' } }]);
  await expect(rt.trafficFilters.create(filter(4, 78))).rejects.toMatchObject({
    name: 'NotFoundError',
    argument: 'options.actions[0].bind',
  });
  for (const refused of [() => rt.trafficActions.delete({ kind: 'mirred', index: 5 }), () => rt.trafficActions.flush({ kind: 'mirred' })])
    await expect(refused()).rejects.toMatchObject({
      name: 'NetlinkError',
      code: 'EPERM',
      message: expect.stringMatching(/filters have mirred 5: /),
    });
  await rt.trafficFilters.delete({ dev: 'v0', parent: 'ingress' });
  // the kernel lets go of them a little later
  await expect.poll(() => tc().get(5)).toMatchObject({ ref: 1, bind: 0 });
});

own.test('more than one datagram of them is listed, by both clients and as a stream', async () => {
  sh(
    `tc -batch - <<'END'\n${Array.from({ length: 100 }, (_, i) => `actions add action mirred egress mirror dev v2 index ${i + 100}`).join('\n')}\nEND`,
    { netns: host.name },
  );
  const numbers = [...tc().keys()];
  expect(numbers).toHaveLength(102);
  expect((await rt.trafficActions.list()).map(({ index }) => index)).toEqual(numbers);
  const streamed: number[] = [];
  for await (const { index } of rt.trafficActions.stream()) streamed.push(index);
  expect(streamed).toEqual(numbers);
  using sync = openSync({ netns: host.name });
  expect(sync.trafficActions.list({ kind: 'mirred' }).map(({ index }) => index)).toEqual(numbers);
  expect([...sync.trafficActions.stream({ kind: 'mirred', usedWithin: 3_600_000 })]).toHaveLength(102);
  expect(await rt.trafficActions.list({ kind: 'nosuch' })).toEqual([]);
});

own.test('a monitor tells of them, and of a flush how many went', async () => {
  await using monitor = rt.monitor(['trafficAction']);
  run('actions add action mirred egress mirror dev v2 index 7');
  await rt.trafficActions.delete({ kind: 'mirred', index: 7 });
  await rt.trafficActions.flush({ kind: 'mirred' });
  const told: unknown[] = [];
  for await (const event of monitor) {
    if (!('action' in event)) continue;
    const action = event.action === 'delete' ? event.old : event.new;
    told.push([event.action, action.kind, action.index, action.flushed]);
    if (told.length === 3) break;
  }
  expect(told).toEqual([
    ['new', 'mirred', 7, undefined],
    ['delete', 'mirred', 7, undefined],
    ['delete', 'mirred', 0, 102],
  ]);
  expect(tc().size).toBe(0);
  await rt.trafficActions.ensureAbsent({ kind: 'mirred', index: 7 });
  await expect(rt.trafficActions.get({ kind: 'mirred', index: 7 })).rejects.toMatchObject({ name: 'NotFoundError' });
  await expect(rt.trafficActions.delete({ kind: 'mirred', index: 7 })).rejects.toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
});

own.test('the kernel chooses a number where none is said, and refuses kinds that it does not know', async () => {
  const made = await rt.trafficActions.create({ kind: 'mirred', options: { action: 'mirror', dev: 'v2' }, hwStats: { immediate: true } });
  expect(tc().get(made.index)).toMatchObject({ to_dev: 'v2' });
  expect(made.hwStats).toEqual({ immediate: true, delayed: false });
  await expect(rt.trafficActions.create({ kind: 'nosuch', options: new Uint8Array(4) })).rejects.toMatchObject({ code: 'ENOENT' });
});

test('bad input is refused unsent', async () => {
  const bad = async (run: () => Promise<unknown>, argument: string): Promise<void> => {
    await expect(run()).rejects.toMatchObject({ name: 'InputError', argument });
  };
  const { create, get, list, update, flush } = rt.trafficActions;
  await bad(() => create({ kind: '' }), 'kind');
  await bad(() => create({ kind: 'gact', options: { control: 'no' as 'drop' } }), 'options.control');
  await bad(() => create({ kind: 'mirred', options: { action: 'mirror' } }), 'options.dev');
  await bad(() => create({ ...mirred(5), index: -1 }), 'index');
  await bad(() => create({ ...mirred(5), bind: 5 }), 'bind');
  await bad(() => create({ ...mirred(5), cookie: new Uint8Array(17) }), 'cookie');
  await bad(() => create({ ...mirred(5), hwStats: { now: true } as never }), 'hwStats.now');
  await bad(() => create({ kind: 'nosuch', index: 5, options: new Uint8Array(4) }), 'index');
  await bad(() => create({ ...mirred(5), colour: 1 } as never), 'colour');
  await bad(() => update({ kind: 'gact', options: { control: 'drop' } }), 'index');
  await bad(() => get({ kind: 'gact', index: 0 }), 'index');
  await bad(() => list({ kind: 5 as never }), 'kind');
  await bad(() => list({ usedWithin: 1.5 }), 'usedWithin');
  await bad(() => flush({ kind: '' }), 'kind');
  await bad(
    () =>
      rt.trafficFilters.create({
        ...{ dev: 'v0', parent: 'ingress', kind: 'matchall' },
        options: { actions: [{ kind: 'gact', bind: 5, options: { control: 'drop' } }] },
      }),
    'options.actions[0].options',
  );
});
