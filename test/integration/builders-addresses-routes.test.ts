/** addAddress, removeAddress, addRoute, removeRoute and enableForwarding at the package root, both forms, with ip, ping and sysctl files as witnesses. */
import * as netloom from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { uniqueName } from '../support/names.ts';
import { answers, ip, ipText, type Json, ping, sh } from '../support/oracle.ts';
import { type Snapshot, snapshot } from '../support/state.ts';

const { netns } = netloom;

/** The builders as functions that may be awaited, whichever form they are. */
type Builders = Pick<typeof netloom, keyof typeof netloom.sync>;
const forms: [string, Builders][] = [
  ['asynchronous', netloom],
  ['synchronous', netloom.sync as unknown as Builders],
];

type Named = netloom.netns.Netns & { name: string };
const opened: Named[] = [];
function newNamespace(prefix: string): Named {
  const space = netns.createSync(uniqueName(prefix)) as Named;
  opened.push(space);
  return space;
}
afterEach(() => {
  for (const space of opened.splice(0)) {
    space.deleteSync();
    space.close();
  }
});

let red: Named;
let near: string;
/** A veth whose other end is in `far`, without addresses of its own. */
let far: Named;
beforeEach(async () => {
  red = newNamespace('r');
  near = red.name;
  far = newNamespace('f');
  for (const space of [red, far]) sh('echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode; ip link set lo up', { netns: space.name });
  netloom.sync.createVethPair({ name: 'eth0', netns: red, up: true, peer: { name: 'eth0', netns: far, up: true } });
  await isOperational('eth0');
});
/** The kernel tells of carriers a while after. */
const isOperational = (name: string): Promise<void> =>
  expect.poll(() => netloom.sync.getLink(name, { netns: red }).operState, { interval: 5 }).toBe('up');

const addressesOf = (name: string): Json[] => ip(['address', 'show', 'dev', name], { netns: near })[0].addr_info;
const routes = (family: 4 | 6, ...filter: string[]): Json[] => ip([`-${family}`, 'route', 'show', ...filter], { netns: near });
function state(): Omit<Snapshot, 'namespaces'> {
  const { namespaces: _others, ...rest } = snapshot(near);
  return rest;
}

describe.each(forms)('%s', (_form, builders) => {
  describe('addAddress and removeAddress', () => {
    test.each([
      ['10.0.0.1/24', { family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global' }],
      ['10.0.0.1', { family: 'inet', local: '10.0.0.1', prefixlen: 32 }],
      ['127.0.0.5/8', { family: 'inet', local: '127.0.0.5', prefixlen: 8, scope: 'host' }],
      ['fd00:1::1/64', { family: 'inet6', local: 'fd00:1::1', prefixlen: 64, scope: 'global' }],
      ['FD00:1:0::0001', { family: 'inet6', local: 'fd00:1::1', prefixlen: 128 }],
    ])('give and take %s', async (address, expected) => {
      const before = state();
      await builders.addAddress('eth0', address, { netns: near });
      expect(addressesOf('eth0')).toEqual([expect.objectContaining(expected)]);
      await expect(async () => await builders.addAddress('eth0', address, { netns: near })).rejects.toMatchObject({
        code: 'EEXIST',
        syscall: 'RTM_NEWADDR',
      });
      expect(addressesOf('eth0')).toHaveLength(1);
      await builders.removeAddress('eth0', address, { netns: red });
      expect(state()).toEqual(before);
      await expect(async () => await builders.removeAddress('eth0', address, { netns: red })).rejects.toMatchObject({
        code: 'EADDRNOTAVAIL',
        syscall: 'RTM_DELADDR',
      });
    });

    test('take a link by index and object, and what an address has', async () => {
      const link = await builders.getLink('eth0', { netns: near });
      await builders.addAddress(link, '10.0.0.1/24', {
        netns: near,
        broadcast: 'auto',
        label: 'eth0:web',
        metric: 77,
        validLifetime: 1000,
        preferredLifetime: 500,
      });
      expect(addressesOf('eth0')).toMatchObject([{ broadcast: '10.0.0.255', label: 'eth0:web', metric: 77 }]);
      expect(addressesOf('eth0')[0].preferred_life_time).toBeLessThanOrEqual(500);
      await builders.addAddress(link.index, '10.0.1.1', { netns: near, peer: '10.0.1.2', scope: 'link' });
      expect(addressesOf('eth0')).toContainEqual(
        expect.objectContaining({ local: '10.0.1.1', address: '10.0.1.2', prefixlen: 32, scope: 'link' }),
      );
      await builders.removeAddress(link.index, '10.0.0.1/24', { netns: near });
      expect(addressesOf('eth0')).toHaveLength(1);
    });

    test('carry packets', async () => {
      await builders.addAddress('eth0', '10.0.0.1/24', { netns: near });
      await builders.addAddress('eth0', '10.0.0.2/24', { netns: far });
      await builders.addAddress('eth0', 'fd00:1::1/64', { netns: near, flags: ['nodad'] });
      await builders.addAddress('eth0', 'fd00:1::2/64', { netns: far, flags: ['nodad'] });
      expect(answers('10.0.0.2', { netns: near })).toBe(true);
      expect(answers('fd00:1::2', { netns: near })).toBe(true);
    });
  });

  describe('addRoute and removeRoute', () => {
    beforeEach(async () => {
      await builders.addAddress('eth0', '10.0.0.1/24', { netns: near });
      await builders.addAddress('eth0', 'fd00:1::1/64', { netns: near, flags: ['nodad'] });
    });

    type Case = [what: string, family: 4 | 6, route: netloom.rtnl.RouteSpec, expected: object];
    test.each<Case>([
      [
        'default via a gateway',
        4,
        { to: 'default', via: '10.0.0.254' },
        { dst: 'default', gateway: '10.0.0.254', dev: 'eth0', protocol: 'boot' },
      ],
      ['default via an IPv6 gateway', 6, { to: 'default', via: 'fd00:1::fe' }, { dst: 'default', gateway: 'fd00:1::fe', dev: 'eth0' }],
      ['a network by a link', 4, { to: '10.1.0.0/16', dev: 'eth0' }, { dst: '10.1.0.0/16', dev: 'eth0', scope: 'link' }],
      ['an IPv6 network by a link', 6, { to: 'fd00:2::/64', dev: 'eth0' }, { dst: 'fd00:2::/64', dev: 'eth0', metric: 1024 }],
      ['one address', 4, { to: '10.1.0.7', via: '10.0.0.254', dev: 'eth0' }, { dst: '10.1.0.7', gateway: '10.0.0.254' }],
      ['a metric', 4, { to: '10.1.0.0/16', via: '10.0.0.254', metric: 50 }, { dst: '10.1.0.0/16', metric: 50 }],
      ['an IPv6 metric', 6, { to: 'fd00:2::/64', via: 'fd00:1::fe', metric: 50 }, { dst: 'fd00:2::/64', metric: 50 }],
      ['a source', 4, { to: '10.1.0.0/16', via: '10.0.0.254', source: '10.0.0.1' }, { prefsrc: '10.0.0.1' }],
      ['an IPv6 source', 6, { to: 'fd00:2::/64', via: 'fd00:1::fe', source: 'fd00:1::1' }, { prefsrc: 'fd00:1::1' }],
      ['a type', 4, { to: '10.1.0.0/16', type: 'blackhole' }, { type: 'blackhole', dst: '10.1.0.0/16' }],
      ['metrics', 4, { to: '10.1.0.0/16', via: '10.0.0.254', metrics: { mtu: 1300 } }, { metrics: [{ mtu: 1300 }] }],
      [
        'protocol, scope and tos',
        4,
        { to: '10.1.0.0/16', dev: 'eth0', protocol: 'static', scope: 'global', tos: 16 },
        { protocol: 'static' },
      ],
      [
        'a gateway that only onlink reaches',
        4,
        { to: '10.1.0.0/16', via: '192.0.2.1', dev: 'eth0', flags: ['onlink'] },
        { flags: ['onlink'] },
      ],
    ])('%s', async (_what, family, route, expected) => {
      const before = state();
      await builders.addRoute({ ...route, netns: red });
      const added = routes(family).filter(
        (entry) => entry.dst === (expected as Json).dst || !JSON.stringify(before.routes).includes(JSON.stringify(entry.dst)),
      );
      expect(added).toEqual([expect.objectContaining(expected)]);
      await expect(async () => await builders.addRoute({ ...route, netns: near })).rejects.toMatchObject({
        name: 'NetlinkError',
        code: 'EEXIST',
        syscall: 'RTM_NEWROUTE',
      });
      await builders.removeRoute({ ...route, netns: near });
      expect(state()).toEqual(before);
      await expect(async () => await builders.removeRoute({ ...route, netns: near })).rejects.toMatchObject({
        code: 'ESRCH',
        syscall: 'RTM_DELROUTE',
      });
    });

    test.each([100, 'local', 70_000] as const)('in the table %s', async (table) => {
      const before = state();
      await builders.addRoute({ to: '10.1.0.0/16', dev: 'eth0', table, netns: near });
      expect(routes(4, 'table', String(table))).toContainEqual(expect.objectContaining({ dst: '10.1.0.0/16' }));
      expect(routes(4).map(({ dst }) => dst)).not.toContain('10.1.0.0/16');
      await builders.removeRoute({ to: '10.1.0.0/16', table, netns: near });
      expect(state()).toEqual(before);
    });

    test('several paths', async () => {
      netloom.sync.createVethPair({ name: 'eth1', netns: red, up: true, peer: { name: 'eth1', netns: far, up: true } });
      await builders.addAddress('eth1', '10.0.9.1/24', { netns: near });
      await builders.addAddress('eth1', 'fd00:9::1/64', { netns: near, flags: ['nodad'] });
      await isOperational('eth1');
      const before = state();
      const four = {
        to: '10.1.0.0/16',
        nexthops: [
          { via: '10.0.0.254', weight: 3 },
          { via: '10.0.9.254', dev: 'eth1' },
        ],
      };
      const six = {
        to: 'fd00:2::/64',
        nexthops: [
          { via: 'fd00:1::fe', dev: 'eth0' },
          { via: 'fd00:9::fe', dev: 'eth1', weight: 7 },
        ],
      };
      for (const route of [four, six]) {
        try {
          await builders.addRoute({ ...route, netns: near });
        } catch (error) {
          // a kernel without CONFIG_IP_ROUTE_MULTIPATH says so
          expect(error).toMatchObject({ name: 'UnsupportedError', message: expect.stringContaining('CONFIG_IP_ROUTE_MULTIPATH') });
          return;
        }
      }
      expect(routes(4, '10.1.0.0/16')[0].nexthops).toMatchObject([
        { gateway: '10.0.0.254', dev: 'eth0', weight: 3 },
        { gateway: '10.0.9.254', dev: 'eth1', weight: 1 },
      ]);
      expect(routes(6, 'fd00:2::/64')[0].nexthops).toMatchObject([
        { gateway: 'fd00:1::fe', dev: 'eth0', weight: 1 },
        { gateway: 'fd00:9::fe', dev: 'eth1', weight: 7 },
      ]);
      for (const route of [four, six]) await builders.removeRoute({ ...route, netns: near });
      expect(state()).toEqual(before);
    });

    test('takes dev by index and object, and an IPv6 gateway of an IPv4 route', async () => {
      const link = await builders.getLink('eth0', { netns: near });
      await builders.addRoute({ to: '10.1.0.0/16', dev: link, netns: near });
      await builders.addRoute({ to: '10.2.0.0/16', dev: link.index, netns: near });
      await builders.addRoute({ to: '10.3.0.0/16', via: 'fd00:1::fe', dev: 'eth0', netns: near });
      expect(routes(4, '10.1.0.0/16')).toMatchObject([{ dev: 'eth0' }]);
      expect(routes(4, '10.2.0.0/16')).toMatchObject([{ dev: 'eth0' }]);
      expect(routes(4, '10.3.0.0/16')).toMatchObject([{ via: { family: 'inet6', host: 'fd00:1::fe' } }]);
    });

    test('what was read can be added again and removed', async () => {
      ipText(['route', 'add', '10.1.0.0/16', 'via', '10.0.0.254', 'metric', '9', 'mtu', '1300'], { netns: near });
      ipText(['route', 'add', 'fd00:2::/64', 'via', 'fd00:1::fe'], { netns: near });
      const before = state();
      await using rt = await netloom.rtnl.open({ netns: near });
      const read = (await rt.routes.list()).filter(({ to }) => to === '10.1.0.0/16' || to === 'fd00:2::/64');
      expect(read).toHaveLength(2);
      for (const route of read) await builders.removeRoute({ ...route, netns: near });
      expect(routes(4, '10.1.0.0/16')).toEqual([]);
      for (const route of read) await builders.addRoute({ ...route, netns: near });
      expect(state()).toEqual(before);
    });

    test('lets packets through a router', async () => {
      const server = newNamespace('s');
      netloom.sync.createVethPair({ name: 'eth1', netns: far, up: true, peer: { name: 'eth0', netns: server, up: true } });
      await builders.addAddress('eth0', '10.0.0.254/24', { netns: far });
      await builders.addAddress('eth1', '10.7.0.254/24', { netns: far });
      await builders.addAddress('eth0', '10.7.0.1/24', { netns: server });
      await builders.addRoute({ to: '10.7.0.0/24', via: '10.0.0.254', netns: near });
      await builders.addRoute({ to: 'default', via: '10.7.0.254', netns: server });
      expect(ping('10.7.0.1', { netns: near }).received).toBe(0);
      await builders.enableForwarding({ netns: far });
      expect(answers('10.7.0.1', { netns: near })).toBe(true);
    });

    test('what the kernel cannot do is refused, and changes nothing', async () => {
      const before = state();
      const add = (route: netloom.rtnl.RouteSpec) => async () => await builders.addRoute({ ...route, netns: near });
      await expect(add({ to: '10.1.0.0/16', via: '192.0.2.1' })).rejects.toMatchObject({ code: 'ENETUNREACH', syscall: 'RTM_NEWROUTE' });
      await expect(add({ to: '10.1.0.0/16' })).rejects.toMatchObject({ name: 'InputError', argument: 'dev' });
      await expect(add({ to: '10.1.0.0/16', dev: 'eth9' })).rejects.toMatchObject({
        name: 'NotFoundError',
        code: 'ENODEV',
        argument: 'dev',
      });
      await expect(add({ to: '10.1.0.0/16', dev: 'eth0', source: '192.0.2.7' })).rejects.toMatchObject({ code: 'EINVAL' });
      expect(state()).toEqual(before);
    });
  });

  describe('enableForwarding', () => {
    const read = (path: string): string => sh(`cat /proc/sys/net/${path}`, { netns: near }).trim();

    test.each([
      [undefined, 'ipv4/ip_forward', 'ipv6/conf/all/forwarding'],
      ['inet', 'ipv4/ip_forward', 'ipv6/conf/all/forwarding'],
      ['inet6', 'ipv6/conf/all/forwarding', 'ipv4/ip_forward'],
    ] as const)('of the family %s switches that alone, there alone', async (family, mine, other) => {
      sh('echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding', { netns: near });
      const here = sh(`cat /proc/sys/net/${mine}`);
      for (const where of [near, red]) {
        await builders.enableForwarding(family === undefined ? { netns: where } : { family, netns: where });
        expect([read(mine), read(other)]).toEqual(['1', '0']);
        expect(sh(`cat /proc/sys/net/${mine}`)).toBe(here);
      }
    });

    test('writes nothing where it is so already', async () => {
      await builders.enableForwarding({ netns: near });
      // writing would take it from the interface too: ip_forward sets all of them
      sh('echo 0 > /proc/sys/net/ipv4/conf/eth0/forwarding', { netns: near });
      await builders.enableForwarding({ netns: near });
      expect(read('ipv4/conf/eth0/forwarding')).toBe('0');
    });
  });
});
