/** Nexthop objects on a real kernel, with ip(8) as witness. */
import { release } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type NexthopObject, type NexthopObjectSpec, open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json } from '../support/oracle.ts';

const name = uniqueName('nh');
const where = { netns: name };
let red: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'set', 'lo', 'up'], where);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const end of ['v0', 'v1']) ipText(['link', 'set', end, 'addrgenmode', 'none', 'up'], where);
  ipText(['address', 'add', '10.0.0.1/24', 'dev', 'v0'], where);
  ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad'], where);
});
afterAll(async () => {
  await red.delete();
  red.close();
});
/** What `ip` says; it knows no `resilient` times that stand still. */
const show = (): Json[] =>
  ip(['nexthop', 'show'], where).map((nexthop) => {
    if (nexthop.resilient_args !== undefined) delete nexthop.resilient_args.unbalanced_time;
    return nexthop;
  });
afterEach(() => ipText(['nexthop', 'flush'], where));

const [major = 0, minor = 0] = release().split('.').map(Number);
const since = (wantedMajor: number, wantedMinor: number): boolean => major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

/** What is asked of `ip nexthop add`, and the same of netloom. */
const same: readonly (readonly [command: string, spec: NexthopObjectSpec])[] = [
  ['id 1 via 10.0.0.5 dev v0', { id: 1, via: '10.0.0.5', dev: 'v0' }],
  ['id 2 via 10.0.0.6 dev v0 proto static', { id: 2, via: '10.0.0.6', dev: 'v0', protocol: 'static' }],
  ['id 3 dev v0', { id: 3, dev: 'v0' }],
  ['id 4 blackhole', { id: 4, blackhole: true }],
  ['id 5 via 10.9.9.9 dev v0 onlink', { id: 5, via: '10.9.9.9', dev: 'v0', flags: ['onlink'] }],
  ['id 6 via fd00::5 dev v0', { id: 6, via: 'fd00::5', dev: 'v0' }],
  [
    'id 7 via 10.0.0.8 dev v0 encap ip id 7 dst 10.0.0.9',
    { id: 7, via: '10.0.0.8', dev: 'v0', encap: { type: 'ip', id: 7, dst: '10.0.0.9' } },
  ],
  ['id 8 via 10.0.0.9 fdb', { id: 8, via: '10.0.0.9', fdb: true }],
  ['id 9 via 10.0.0.10 fdb', { id: 9, via: '10.0.0.10', fdb: true }],
  ['id 20 group 1/2', { id: 20, group: [1, 2] }],
  [
    'id 21 group 1,3/2,200',
    {
      id: 21,
      group: [
        { id: 1, weight: 3 },
        { id: 2, weight: 200 },
      ],
    },
  ],
  [
    'id 22 group 1/2,5 type resilient buckets 8 idle_timer 10 unbalanced_timer 20',
    { id: 22, group: [1, { id: 2, weight: 5 }], resilient: { buckets: 8, idleTimer: 10, unbalancedTimer: 20 } },
  ],
  ['id 23 group 8/9 fdb', { id: 23, group: [8, 9], fdb: true }],
  ['id 24 group 1 type resilient buckets 4', { id: 24, group: [1], groupType: 'resilient', resilient: { buckets: 4 } }],
];

describe.each(kinds)('%s nexthops', (_kind, openClient) => {
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;

  test('what ip makes and what netloom makes are the same, and come back', async () => {
    for (const [command] of same) ipText(['nexthop', 'add', ...command.split(' ')], where);
    const expected = show();
    expect(expected).toHaveLength(same.length);
    const listed = await rt.nexthops.list();
    expect(listed.map(({ id }) => id)).toEqual(same.map(([, { id }]) => id));
    expect(JSON.parse(JSON.stringify(listed))).toEqual(listed);
    expect(await rt.nexthops.flush()).toBe(same.length);
    expect(show()).toEqual([]);
    for (const [, spec] of same) {
      const made = await rt.nexthops.create(spec);
      expect(made.id).toBe(spec.id);
      await rejects(() => rt.nexthops.create(spec)).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
      await rt.nexthops.ensure(spec);
    }
    expect(show()).toEqual(expected);
    for (const { id } of listed.toReversed()) await rt.nexthops.delete(id);
    expect(show()).toEqual([]);
    for (const nexthop of listed) await rt.nexthops.create(nexthop);
    expect(show()).toEqual(expected);
    const still = ({ resilient, ...rest }: NexthopObject): object => ({ ...rest, resilient: { ...resilient, unbalancedTime: undefined } });
    for (const nexthop of listed) expect(still(await rt.nexthops.get(nexthop.id))).toEqual(still(nexthop));
  });

  test('the kernel chooses an id; IPv6 blackholes', async () => {
    const made = await rt.nexthops.create({ family: 'inet6', blackhole: true });
    expect(made).toMatchObject({ family: 'inet6', blackhole: true });
    expect(made.id).toBeGreaterThan(0);
    expect(await rt.nexthops.get(made.id)).toEqual(made);
    await rt.nexthops.delete(made);
    await rejects(() => rt.nexthops.get(made.id)).toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
    await rejects(() => rt.nexthops.delete(made.id)).toMatchObject({ code: 'ENOENT' });
    await rt.nexthops.ensureAbsent(made.id);
  });

  test('replace and ensure', async () => {
    await rt.nexthops.create({ id: 1, via: '10.0.0.5', dev: 'v0' });
    await rt.routes.create({ to: '10.7.0.0/16', nexthopId: 1 });
    await rt.nexthops.replace({ id: 1, via: '10.0.0.6', dev: 'v0' });
    expect((await rt.routes.get({ to: '10.7.0.0/16' })).via).toBe('10.0.0.6');
    await rt.nexthops.ensure({ id: 1, dev: 'v0' });
    expect(show()[0]).not.toHaveProperty('gateway');
    await rt.nexthops.replace({ id: 2, via: '10.0.0.7', dev: 'v0' });
    await rt.nexthops.replace({ id: 3, group: [1, 2] });
    await rt.nexthops.ensure({ id: 3, group: [{ id: 2, weight: 9 }] });
    expect(show().at(-1)).toMatchObject({ id: 3, group: [{ id: 2, weight: 9 }] });
    expect(await rt.nexthops.ensure({ id: 3, group: [{ id: 2, weight: 9 }] })).toMatchObject({ groupType: 'mpath' });
    await rt.nexthops.delete(1);
    expect(ip(['route', 'show', '10.7.0.0/16'], where)).toEqual([]);
    await rejects(() => rt.nexthops.replace({ via: '10.0.0.5', dev: 'v0' })).toMatchObject({ name: 'InputError', argument: 'id' });
  });

  test('filters', async () => {
    for (const [, spec] of same) await rt.nexthops.create(spec);
    const ids = async (filter: object): Promise<number[]> => (await rt.nexthops.list(filter)).map(({ id }) => id);
    expect(await ids({ groups: true })).toEqual([20, 21, 22, 23, 24]);
    expect(await ids({ fdb: true })).toEqual([8, 9, 23]);
    expect(await ids({ fdb: false, groups: true })).toEqual([20, 21, 22, 24]);
    expect(await ids({ dev: 'v0' })).toEqual([1, 2, 3, 5, 6, 7]);
    expect(await ids({ dev: 'v1' })).toEqual([]);
    expect(await ids({ protocol: 'static' })).toEqual([2]);
    const streamed: number[] = [];
    for await (const { id } of rt.nexthops.stream({ groups: true })) streamed.push(id);
    expect(streamed).toEqual([20, 21, 22, 23, 24]);
    await rejects(() => rt.nexthops.list({ dev: 'gone' })).toMatchObject({ name: 'NotFoundError', argument: 'dev' });
    await rejects(() => rt.nexthops.list({ master: 'gone' })).toMatchObject({ name: 'NotFoundError', argument: 'master' });
    expect(await rt.nexthops.flush({ fdb: true })).toBe(3);
    expect(await ids({ fdb: true })).toEqual([]);
  });

  test('buckets of a resilient group', async () => {
    await rt.nexthops.create({ id: 1, via: '10.0.0.5', dev: 'v0' });
    await rt.nexthops.create({ id: 2, via: '10.0.0.6', dev: 'v0' });
    await rt.nexthops.create({ id: 5, group: [1, { id: 2, weight: 3 }], resilient: { buckets: 8, idleTimer: 0.5, unbalancedTimer: 0 } });
    const buckets = await rt.nexthops.buckets({ id: 5 });
    const witness = ip(['nexthop', 'bucket', 'list', 'id', '5'], where);
    expect(buckets.map(({ id, index, nexthopId }) => [id, index, nexthopId])).toEqual(
      witness.map(({ id, bucket }) => [id, bucket.index, bucket.nhid]),
    );
    expect(buckets.filter(({ nexthopId }) => nexthopId === 1)).toHaveLength(2);
    expect((await rt.nexthops.buckets({ nexthopId: 2 })).map(({ nexthopId }) => nexthopId)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(await rt.nexthops.buckets({ dev: 'v0' })).toHaveLength(8);
    expect(await rt.nexthops.buckets({ dev: 'v1' })).toEqual([]);
    const one = await rt.nexthops.bucket(5, 3);
    expect(one).toMatchObject({ id: 5, index: 3, nexthopId: buckets[3]!.nexthopId });
    expect(one.idleTime).toBeGreaterThanOrEqual(0);
    expect((await rt.nexthops.get(5)).resilient).toMatchObject({ buckets: 8, idleTimer: 0.5, unbalancedTimer: 0 });
    await rejects(() => rt.nexthops.bucket(5, 8)).toMatchObject({ name: 'NotFoundError' });
    await rejects(() => rt.nexthops.bucket(6, 0)).toMatchObject({ name: 'NotFoundError' });
    await rejects(() => rt.nexthops.bucket(1, 0)).toMatchObject({ code: 'EINVAL' });
  });

  test('weights of 16 bits, and statistics of groups', async () => {
    await rt.nexthops.create({ id: 1, via: '10.0.0.5', dev: 'v0' });
    if (since(6, 12)) {
      await rt.nexthops.create({ id: 2, group: [{ id: 1, weight: 1000 }] });
      expect((await rt.nexthops.get(2)).group).toEqual([{ id: 1, weight: 1000 }]);
      await rt.nexthops.replace({ id: 2, group: [{ id: 1, weight: 65_535 }] });
      expect((await rt.nexthops.get(2)).group).toEqual([{ id: 1, weight: 65_535 }]);
    } else await rejects(() => rt.nexthops.create({ id: 2, group: [{ id: 1, weight: 1000 }] })).toMatchObject({ code: 'EINVAL' });
    if (since(6, 9)) {
      await rt.nexthops.create({ id: 3, group: [1], hwStats: true });
      const group = await rt.nexthops.get(3, { stats: true });
      expect(group).toMatchObject({ hwStats: true, hwStatsUsed: false, stats: [{ id: 1, packets: 0 }] });
      expect((await rt.nexthops.list({ groups: true, stats: true })).find(({ id }) => id === 3)).toEqual(group);
      await rt.nexthops.delete(3);
      await rt.nexthops.create(group);
      expect(await rt.nexthops.get(3, { stats: true })).toEqual(group);
    } else await rejects(() => rt.nexthops.create({ id: 3, group: [1], hwStats: true })).toMatchObject({ name: 'NetlinkError' });
  });

  test('what the kernel refuses is explained', async () => {
    await rejects(() => rt.nexthops.create({ id: 1, group: [77] })).toMatchObject({ code: 'EINVAL', syscall: 'RTM_NEWNEXTHOP' });
    await rejects(() => rt.nexthops.create({ id: 1, dev: 'gone' })).toMatchObject({ name: 'NotFoundError', argument: 'dev' });
    await rejects(() => rt.nexthops.create({ via: '10.77.0.1', dev: 'v0' })).toMatchObject({ extack: { message: /gateway/i } });
    expect(show()).toEqual([]);
  });
});
