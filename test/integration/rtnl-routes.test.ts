/** Routes on a real kernel, with ip(8) as witness; every method through both clients. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, openSync, type Route, type RouteSpec, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json } from '../support/oracle.ts';

const name = uniqueName('rr');
const where = { netns: name };
let index = 0;

let red: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'set', 'lo', 'up'], where);
  for (const [link, peer] of [
    ['v0', 'v1'],
    ['w0', 'w1'],
  ] as const) {
    ipText(['link', 'add', link, 'type', 'veth', 'peer', 'name', peer], where);
    for (const end of [link, peer]) ipText(['link', 'set', end, 'addrgenmode', 'none', 'up'], where);
  }
  ipText(['address', 'add', '10.0.0.1/24', 'dev', 'v0'], where);
  ipText(['address', 'add', '10.0.1.1/24', 'dev', 'w0'], where);
  ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad'], where);
  ipText(['address', 'add', 'fd01::1/64', 'dev', 'w0', 'nodad'], where);
  index = ip(['link', 'show', 'v0'], where)[0].ifindex;
});
afterAll(async () => {
  await red.delete();
  red.close();
});
afterEach(() => {
  for (const family of ['-4', '-6'])
    for (const protocol of ['boot', 'static', 'bgp']) ipText([family, 'route', 'flush', 'table', 'all', 'proto', protocol], where);
});

/** What `ip` says about the routes to a destination, in every table. */
const show = (to: string): Json[] =>
  [...ip([to.includes(':') ? '-6' : '-4', 'route', 'show', 'table', 'all', 'root', to], where)].filter(
    (route) => route.dst === to.replace(/\/(32|128)$/, ''),
  );
/** Every route that is not the kernel's own. */
const everything = (): Json[] =>
  ['-4', '-6'].flatMap((family) => ip([family, 'route', 'show', 'table', 'all'], where)).filter((route) => route.protocol !== 'kernel');

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

describe.each(kinds)('%s routes', (_kind, openClient) => {
  // a method of either returns a value or a promise of it: `await` takes both
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;

  test('create and get, IPv4', async () => {
    await rt.routes.create({ to: 'default', via: '10.0.0.254' });
    expect(ip(['route', 'show', 'default'], where)[0]).toMatchObject({
      dst: 'default',
      gateway: '10.0.0.254',
      dev: 'v0',
      protocol: 'boot',
      scope: 'global',
    });
    expect(await rt.routes.get({ to: 'default' })).toEqual({
      to: 'default',
      family: 'inet',
      type: 'unicast',
      via: '10.0.0.254',
      dev: 'v0',
      devIndex: index,
      table: 'main',
      scope: 'global',
      protocol: 'boot',
      flags: [],
    });
    const full: RouteSpec = {
      to: '10.2.0.0/16',
      via: '10.0.0.2',
      dev: 'v0',
      table: 1000,
      metric: 5,
      source: '10.0.0.1',
      protocol: 'static',
      tos: 0x10,
      flags: ['onlink'],
      metrics: { mtu: 1200, advmss: 1000, lock: ['mtu'], congestionControl: 'reno', features: ['ecn'], quickack: true },
    };
    await rt.routes.create(full);
    expect(show('10.2.0.0/16')[0]).toMatchObject({
      gateway: '10.0.0.2',
      dev: 'v0',
      table: '1000',
      metric: 5,
      prefsrc: '10.0.0.1',
      protocol: 'static',
      tos: '0x10',
      flags: ['onlink'],
      metrics: [expect.objectContaining({ advmss: 1000 })],
    });
    expect(await rt.routes.get(full)).toMatchObject(full);
    await rt.routes.create({ to: '10.3.0.0/16', dev: 'v0' });
    expect(show('10.3.0.0/16')[0]).toMatchObject({ dev: 'v0', scope: 'link' });
    await rt.routes.create({ to: '10.4.0.1', devIndex: index });
    expect(show('10.4.0.1')[0]).toMatchObject({ dev: 'v0' });
    expect((await rt.routes.get({ to: '10.4.0.1' })).to).toBe('10.4.0.1/32');
    await rt.routes.create({ to: '10.5.0.0/16', via: 'fd00::5', dev: 'v0' });
    expect(show('10.5.0.0/16')[0].via).toEqual({ family: 'inet6', host: 'fd00::5' });
    expect((await rt.routes.get({ to: '10.5.0.0/16' })).via).toBe('fd00::5');
    for (const type of ['blackhole', 'unreachable', 'prohibit', 'throw'] as const) {
      await rt.routes.create({ to: '10.6.0.0/16', type, metric: type.length });
      expect(show('10.6.0.0/16').map((route) => route.type)).toContain(type);
      if (type === 'prohibit') {
        const refused = { name: 'NetlinkError', code: 'EACCES', message: expect.stringContaining('of the type `prohibit`') };
        await expect((async () => await rt.routes.lookup('10.6.0.1'))()).rejects.toMatchObject(refused);
      }
    }
    await rt.routes.create({ to: '10.7.0.1', type: 'local', dev: 'v0' });
    expect(show('10.7.0.1')[0]).toMatchObject({ type: 'local', table: 'local', scope: 'host' });
    expect((await rt.routes.get({ to: '10.7.0.1', type: 'local' })).table).toBe('local');
  });

  test('create and get, IPv6', async () => {
    await rt.routes.create({ to: 'default', via: 'fd00::2' });
    expect(ip(['-6', 'route', 'show', 'default'], where)[0]).toMatchObject({
      gateway: 'fd00::2',
      dev: 'v0',
      protocol: 'boot',
      metric: 1024,
    });
    expect(await rt.routes.get({ to: 'default', family: 'inet6' })).toMatchObject({
      to: 'default',
      family: 'inet6',
      via: 'fd00::2',
      metric: 1024,
      pref: 'medium',
    });
    await rt.routes.create({ to: 'FD02:0::/64', dev: 'v0', metric: 5, expires: 100, pref: 'high', metrics: { mtu: 1400, hoplimit: 9 } });
    expect(show('fd02::/64')[0]).toMatchObject({ dev: 'v0', metric: 5, pref: 'high' });
    expect(await rt.routes.get({ to: 'fd02::/64' })).toMatchObject({ metric: 5, pref: 'high', metrics: { mtu: 1400, hoplimit: 9 } });
    await rt.routes.create({ to: 'fd04::/64', via: 'fd00::2', source: 'fd00::1', table: 77, protocol: 'bgp' });
    expect(show('fd04::/64')[0]).toMatchObject({ prefsrc: 'fd00::1', table: '77', protocol: 'bgp' });
    await rt.routes.create({ to: 'fd05::/64', type: 'blackhole' });
    expect(show('fd05::/64')[0].type).toBe('blackhole');
    await rt.routes.create({ to: '::/0', via: 'fd00::9', table: 78 });
    expect(await rt.routes.get({ to: '::/0', table: 78 })).toMatchObject({ to: 'default', via: 'fd00::9' });
  });

  test('multipath', async () => {
    const nexthops = [
      { via: '10.0.0.5', dev: 'v0', weight: 3 },
      { via: '10.0.1.5', weight: 256, flags: ['onlink' as const], dev: 'w0' },
    ];
    await rt.routes.create({ to: '10.8.0.0/16', nexthops });
    expect(show('10.8.0.0/16')[0].nexthops).toMatchObject([
      { gateway: '10.0.0.5', dev: 'v0', weight: 3 },
      { gateway: '10.0.1.5', dev: 'w0', weight: 256, flags: ['onlink'] },
    ]);
    expect((await rt.routes.get({ to: '10.8.0.0/16', nexthops })).nexthops).toMatchObject(nexthops);
    await rt.routes.create({ to: '10.9.0.0/16', nexthops: [{ via: 'fd00::5', dev: 'v0' }, { via: '10.0.1.5' }] });
    expect((await rt.routes.get({ to: '10.9.0.0/16' })).nexthops).toMatchObject([{ via: 'fd00::5' }, { via: '10.0.1.5', dev: 'w0' }]);
    await rt.routes.create({ to: 'fd08::/64', nexthops: [{ via: 'fd00::5' }, { via: 'fd01::5', dev: 'w0', weight: 2 }] });
    expect(show('fd08::/64')[0].nexthops).toMatchObject([
      { gateway: 'fd00::5', dev: 'v0' },
      { gateway: 'fd01::5', dev: 'w0', weight: 2 },
    ]);
    expect((await rt.routes.get({ to: 'fd08::/64' })).nexthops).toHaveLength(2);
    expect((await rt.routes.list({ dev: 'w0', protocol: 'boot' })).map((route) => route.to)).toEqual([
      '10.8.0.0/16',
      '10.9.0.0/16',
      'fd08::/64',
    ]);
  });

  test('list', async () => {
    ipText(['route', 'add', '10.2.0.0/16', 'via', '10.0.0.2', 'proto', 'static'], where);
    ipText(['route', 'add', '10.3.0.0/16', 'dev', 'w0', 'table', '5000'], where);
    ipText(['route', 'add', 'blackhole', '10.4.0.0/16'], where);
    ipText(['-6', 'route', 'add', 'fd09::/64', 'via', 'fd01::2'], where);
    const all = await rt.routes.list();
    const truth = [...ip(['-4', 'route', 'show'], where), ...ip(['-6', 'route', 'show'], where)];
    expect(all.map((route) => route.to.replace(/\/(32|128)$/, ''))).toEqual(truth.map((route) => route.dst));
    expect(all.map((route) => route.dev)).toEqual(truth.map((route) => route.dev));
    const to = async (filter: Parameters<RtnlClient['routes']['list']>[0]): Promise<string[]> =>
      (await rt.routes.list(filter)).map((route) => route.to);
    expect((await to({ family: 'inet6' })).every((text) => text.includes(':'))).toBe(true);
    expect(await to({ table: 5000 })).toEqual(['10.3.0.0/16']);
    expect(await to({ table: 4999 })).toEqual([]);
    expect(await to({ table: 4999, family: 'inet6' })).toEqual([]);
    expect(await to({ protocol: 'static' })).toEqual(['10.2.0.0/16']);
    expect(await to({ type: 'blackhole' })).toEqual(['10.4.0.0/16']);
    expect(await to({ via: 'fd01::2' })).toEqual(['fd09::/64']);
    expect(await to({ to: '10.2.0.0/16' })).toEqual(['10.2.0.0/16']);
    expect(await to({ dev: 'w0', scope: 'link' })).toEqual(['10.0.1.0/24']);
    expect(await to({ dev: 'w0', table: 'all', family: 'inet', type: 'unicast' })).toEqual(['10.3.0.0/16', '10.0.1.0/24']);
    expect(
      (await rt.routes.list({ table: 'local', family: 'inet' })).every((route) => route.table === 'local' && route.type !== 'unicast'),
    ).toBe(true);
    const count = (): number => ['-4', '-6'].reduce((sum, family) => sum + ip([family, 'route', 'show', 'table', 'all'], where).length, 0);
    // IPv6 makes a link's own routes when it has time
    await expect.poll(async () => (await to({ table: 'all' })).length - count()).toBe(0);
  });

  test('list, delete, create: the same routes', async () => {
    for (const command of [
      'default via 10.0.0.254 metric 7',
      '10.2.0.0/16 via 10.0.0.2 dev v0 table 1000 metric 5 src 10.0.0.1 proto static mtu lock 1200 advmss 1000 realm 3/4',
      '10.3.0.0/16 via 10.0.0.99 dev v0 onlink',
      '10.4.0.0/16 nexthop via 10.0.0.5 weight 2 nexthop via 10.0.1.6 dev w0',
      '10.5.0.0/16 via inet6 fd00::5 dev v0',
      'blackhole 10.6.0.0/16',
      'unreachable 10.7.0.0/16 metric 9',
      'local 10.8.0.1 dev v0 proto boot',
      '10.9.0.1 dev v0 tos 0x10 scope link initcwnd 10 quickack 1 congctl reno',
      'default via fd00::254',
      'fd02::/64 dev v0 metric 5 pref high mtu 1300',
      'fd03::/64 via fd01::7 table 99',
      'fd04::/64 nexthop via fd00::3 dev v0 nexthop via fd01::4 dev w0 weight 3',
      'unreachable fd05::/64',
    ]) {
      ipText([command.includes('::') && !command.includes('inet6') ? '-6' : '-4', 'route', 'add', ...command.split(' ')], where);
    }
    const before = everything();
    const routes = (await rt.routes.list({ table: 'all' })).filter((route) => route.protocol !== 'kernel');
    expect(routes).toHaveLength(14);
    for (const route of routes) await rt.routes.delete(route);
    expect(everything()).toEqual([]);
    for (const route of routes) await rt.routes.create(route);
    expect(everything()).toEqual(before);
    expect((await rt.routes.list({ table: 'all' })).filter((route) => route.protocol !== 'kernel')).toEqual(routes);
  });

  test('append, replace, delete', async () => {
    await rt.routes.create({ to: '10.2.0.0/16', via: '10.0.0.2' });
    await rt.routes.append({ to: '10.2.0.0/16', via: '10.0.0.3' });
    expect(show('10.2.0.0/16').map((route) => route.gateway)).toEqual(['10.0.0.2', '10.0.0.3']);
    await rt.routes.delete({ to: '10.2.0.0/16', via: '10.0.0.2' });
    expect(show('10.2.0.0/16').map((route) => route.gateway)).toEqual(['10.0.0.3']);
    await rt.routes.replace({ to: '10.2.0.0/16', via: '10.0.0.4' });
    expect(show('10.2.0.0/16').map((route) => route.gateway)).toEqual(['10.0.0.4']);
    await rt.routes.replace({ to: '10.3.0.0/16', via: '10.0.0.4' });
    await rt.routes.delete({ to: '10.3.0.0/16' });
    await rt.routes.delete({ to: '10.2.0.0/16' });
    expect(everything()).toEqual([]);

    await rt.routes.create({ to: 'fd02::/64', via: 'fd00::2' });
    await rt.routes.append({ to: 'fd02::/64', via: 'fd00::3' });
    expect((await rt.routes.get({ to: 'fd02::/64' })).nexthops).toMatchObject([{ via: 'fd00::2' }, { via: 'fd00::3' }]);
    await rt.routes.replace({ to: 'fd02::/64', via: 'fd00::4' });
    expect(show('fd02::/64').map((route) => route.gateway)).toEqual(['fd00::4']);
    await rt.routes.delete({ to: 'fd02::/64', metric: 1024 });
    expect(everything()).toEqual([]);
  });

  test('ensure, ensureAbsent', async () => {
    for (const [to, via, other] of [
      ['10.2.0.0/16', '10.0.0.2', '10.0.0.3'],
      ['fd02::/64', 'fd00::2', 'fd00::3'],
    ] as const) {
      await rt.routes.ensure({ to, via });
      const before = show(to);
      await rt.routes.ensure({ to, via });
      expect(show(to)).toEqual(before);
      await rt.routes.ensure({ to, via: other });
      expect(show(to).map((route) => route.gateway)).toEqual([other]);
      await rt.routes.ensureAbsent({ to });
      await rt.routes.ensureAbsent({ to });
      await rt.routes.ensureAbsent({ to, table: 4321 });
      expect(everything()).toEqual([]);
    }
    await rt.routes.ensureAbsent({ to: '10.2.0.0/16', dev: 'nosuch' });
    const many: RouteSpec = { to: '10.2.0.0/16', nexthops: [{ via: '10.0.0.5', weight: 2 }, { via: '10.0.1.5' }] };
    await rt.routes.ensure(many);
    await rt.routes.ensure(many);
    expect(show('10.2.0.0/16')).toHaveLength(1);
  });

  test('lookup', async () => {
    await rt.routes.create({ to: '10.2.0.0/16', via: '10.0.0.2', metric: 3 });
    await rt.routes.create({ to: '10.3.0.0/16', type: 'unreachable' });
    const answer = await rt.routes.lookup('10.2.3.4');
    const truth = ip(['route', 'get', '10.2.3.4'], where)[0];
    expect(answer).toMatchObject({
      to: '10.2.3.4/32',
      via: truth.gateway,
      dev: truth.dev,
      source: truth.prefsrc,
      uid: truth.uid,
      flags: ['cache'],
    });
    expect(await rt.routes.lookup('10.2.3.4', { fibMatch: true })).toMatchObject({ to: '10.2.0.0/16', via: '10.0.0.2', metric: 3 });
    expect(await rt.routes.lookup('10.0.1.9', { from: '10.0.1.1' })).toMatchObject({ dev: 'w0' });
    expect(await rt.routes.lookup('10.0.0.1')).toMatchObject({ type: 'local', dev: 'lo' });
    expect(await rt.routes.lookup('10.0.0.9', { oif: 'v0', mark: 5, ipProto: 17, sport: 1000, dport: 53 })).toMatchObject({
      dev: 'v0',
      mark: 5,
    });
    expect(await rt.routes.lookup('fd00::5')).toMatchObject({ to: 'fd00::5/128', dev: 'v0', source: 'fd00::1' });
    expect(await rt.routes.lookup('fd01::5', { oif: 'w0' })).toMatchObject({ dev: 'w0' });
    await rejects(() => rt.routes.lookup('10.3.0.1')).toMatchObject({
      name: 'NetlinkError',
      code: 'EHOSTUNREACH',
      subject: 'lookup of 10.3.0.1',
    });
    await rejects(() => rt.routes.lookup('192.0.2.1')).toMatchObject({ code: 'ENETUNREACH' });
    await rejects(() => rt.routes.lookup('10.0.0.1', { iif: 'nosuch' })).toMatchObject({ name: 'NotFoundError', argument: 'iif' });
  });

  test('refusals', async () => {
    await rt.routes.create({ to: '10.2.0.0/16', via: '10.0.0.2' });
    await rejects(() => rt.routes.create({ to: '10.2.0.0/16', via: '10.0.0.3' })).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      syscall: 'RTM_NEWROUTE',
      subject: '10.2.0.0/16 via 10.0.0.3',
    });
    await rejects(() => rt.routes.create({ to: '10.3.0.0/16', via: '192.0.2.1' })).toMatchObject({
      code: 'ENETUNREACH',
      extack: { message: 'Nexthop has invalid gateway' },
    });
    await rejects(() => rt.routes.create({ to: '10.3.0.0/16', source: '192.0.2.1', dev: 'v0' })).toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining('prefsrc'),
    });
    await rejects(() => rt.routes.create({ to: '10.3.0.0/16', nexthopId: 12345 })).toMatchObject({
      code: 'EINVAL',
      extack: { message: expect.any(String) },
    });
    await rejects(() => rt.routes.delete({ to: '10.99.0.0/16' })).toMatchObject({ name: 'NetlinkError', code: 'ESRCH' });
    await rejects(() => rt.routes.get({ to: '10.99.0.0/16' })).toMatchObject({ name: 'NotFoundError', code: 'ESRCH', argument: 'to' });
    await rejects(() => rt.routes.get({ to: '10.2.0.0/16', via: '10.0.0.9' })).toMatchObject({ name: 'NotFoundError' });
    await rejects(() => rt.routes.create({ to: '10.3.0.0/16', dev: 'nosuch' })).toMatchObject({
      name: 'NotFoundError',
      argument: 'dev',
      message: 'dev: link "nosuch" does not exist',
    });
    await rejects(() => rt.routes.create({ to: '10.3.0.0/16', nexthops: [{ via: '10.0.0.2', dev: 'nosuch' }] })).toMatchObject({
      argument: 'nexthops[0].dev',
    });
  });
});

test('nexthop objects', async () => {
  const rt = await open({ netns: name });
  ipText(['nexthop', 'add', 'id', '7', 'via', '10.0.0.7', 'dev', 'v0'], where);
  await rt.routes.create({ to: '10.2.0.0/16', nexthopId: 7 });
  const before = show('10.2.0.0/16');
  expect(before[0]).toMatchObject({ nhid: 7 });
  const route: Route = await rt.routes.get({ to: '10.2.0.0/16' });
  expect(route).toMatchObject({ nexthopId: 7, via: '10.0.0.7', dev: 'v0' });
  await rt.routes.delete(route);
  await rt.routes.create(route);
  expect(show('10.2.0.0/16')).toEqual(before);
  // ip(8) cannot flush it: it sends the nexthop beside the id
  await rt.routes.delete(route);
  expect(everything()).toEqual([]);
  rt.close();
});

test('thousands of routes', async () => {
  const rt = await open({ netns: name });
  await Promise.all(
    Array.from({ length: 2000 }, (_, i) =>
      rt.routes.create({ to: `10.${100 + (i >> 8)}.${i & 255}.0/24`, via: '10.0.0.2', devIndex: index }),
    ),
  );
  expect(await rt.routes.list({ protocol: 'boot' })).toHaveLength(2000);
  const batches = await rt.routes.list({ protocol: 'boot', via: '10.0.0.2' });
  await Promise.all(batches.map((route) => rt.routes.delete(route)));
  expect(everything()).toEqual([]);
  rt.close();
});
