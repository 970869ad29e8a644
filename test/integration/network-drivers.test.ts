/** Networks of every driver: made, attached to, seen and taken down. ip is the witness. What becomes of processes that are killed meanwhile: network-killed-drivers. */
import { rmSync, writeFileSync } from 'node:fs';
import { addAddress, createVethPair, type netns, network } from 'netloom';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Feature, needs, tunDevice } from '../support/kernel.ts';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { answers, ip, type Json } from '../support/oracle.ts';

let host: Space;
let red: Space;
let outside: Space;
beforeAll(async () => {
  host = newSpace('h');
  red = newSpace('r');
  outside = newSpace('o');
  // p0 leads to a machine outside; d0 is a device to give away
  await createVethPair({ name: 'p0', netns: host, up: true, peer: { name: 'x0', netns: outside, up: true } });
  await createVethPair({ name: 'd0', netns: host, peer: { name: 'x1', netns: outside, up: true } });
  for (const address of ['10.30.0.1/24', 'fd00:30::1/64']) await addAddress('x0', address, { netns: outside, flags: ['nodad'] });
  for (const address of ['10.40.0.1/24', 'fd00:40::1/64']) await addAddress('x1', address, { netns: outside, flags: ['nodad'] });
});
afterEach(async () => {
  await network.gc([], { netns: host });
  for (const { name } of await network.list({ netns: host })) await network.delete(name, { netns: host });
});
afterAll(deleteSpaces);

interface Case {
  readonly driver: network.Driver;
  readonly options?: network.DriverOptions;
  readonly subnets: readonly string[];
  /** What `ip -d link` shows in the namespace. */
  readonly kind?: string;
  readonly data?: object;
  readonly reach?: readonly string[];
}

const both = (n: number): string[] => [`10.${n}.0.0/24`, `fd00:${n}::/64`];
const gateways = (n: number): string[] => [`10.${n}.0.1`, `fd00:${n}::1`];
const cases: readonly Case[] = [
  { driver: 'ptp', subnets: both(20), kind: 'veth', reach: gateways(20) },
  {
    driver: 'macvlan',
    options: { parent: 'p0' },
    subnets: both(30),
    kind: 'macvlan',
    data: { mode: 'bridge' },
    reach: gateways(30),
  },
  { driver: 'macvlan', options: { parent: 'p0', mode: 'private' }, subnets: [], kind: 'macvlan', data: { mode: 'private' } },
  { driver: 'host-device', options: { parent: 'd0' }, subnets: both(40), kind: 'veth', reach: gateways(40) },
  {
    driver: 'tap',
    options: { user: 0, multiQueue: true },
    subnets: both(50),
    kind: 'tun',
    data: { type: 'tap', user: 'root', multi_queue: true },
  },
  { driver: 'loopback', subnets: [] },
  { driver: 'ipvlan', options: { parent: 'p0' }, subnets: both(30), kind: 'ipvlan', data: { mode: 'l2' }, reach: gateways(30) },
  { driver: 'ipvlan', options: { parent: 'p0', mode: 'l3s' }, subnets: both(30), kind: 'ipvlan', data: { mode: 'l3s' } },
  { driver: 'vlan', options: { parent: 'p0', vlanId: 7 }, subnets: both(60), kind: 'vlan', data: { id: 7, protocol: '802.1Q' } },
  { driver: 'dummy', subnets: both(70), kind: 'dummy' },
];

const featuresOf = (kind: string | undefined): Feature[] => (kind === undefined ? [] : kind === 'tun' ? [tunDevice] : [{ kind }]);
const title = ({ driver, options = {} }: Case): string => [driver, ...Object.entries(options).map((pair) => pair.join('='))].join(' ');
const ifnameOf = ({ driver }: Case): string => (driver === 'loopback' ? 'lo' : 'eth0');

/** What a namespace has: links without what follows from traffic and time, addresses, routes. */
function state(space: Space): Json {
  return { links: links(space), routes: ip(['-4', 'route', 'show'], { netns: space.name }).map(({ flags: _, ...route }: Json) => route) };
}

function links(space: Space): Json[] {
  return ip(['address', 'show'], { netns: space.name }).map(({ ifname, ifindex, ifalias, altnames, mtu, address, addr_info }: Json) => ({
    ...{ ifname, ifindex, ifalias, altnames, mtu, address },
    addresses: addr_info.filter(({ scope }: Json) => scope === 'global'),
  }));
}
const states = (): Json[] => [state(host), state(red)];

for (const which of cases) {
  const needed = needs(...featuresOf(which.kind));
  needed.describe(title(which), () => {
    const { driver, options = {}, subnets, kind, data, reach = [] } = which;
    const create = () => network.create({ name: 'net', driver, subnets, netns: host, ...options });

    test('what is made is what ip sees, and goes', async () => {
      const before = states();
      await using net = await create();
      expect(net.info).toMatchObject({ driver, ...options });
      expect(await network.list({ netns: host })).toEqual([net.info]);
      const empty = states();
      const endpoint = await net.attach({ netns: red, owner: 'c' });
      const ifname = ifnameOf(which);
      const [far]: Json[] = ip(['address', 'show', 'dev', ifname], { netns: red.name });
      expect(far.flags).toContain('UP');
      expect(far.linkinfo?.info_kind).toBe(kind);
      if (data !== undefined) expect(far.linkinfo.info_data).toMatchObject(data);
      expect(
        far.addr_info.filter(({ scope }: Json) => scope === 'global').map(({ local, prefixlen }: Json) => `${local}/${prefixlen}`),
      ).toEqual(endpoint.addresses);
      expect(endpoint).toMatchObject({ network: 'net', ifname, index: far.ifindex, mtu: far.mtu, mac: far.address });
      expect(endpoint.addresses).toEqual(subnets.map((subnet) => subnet.replace('0/24', '2/24').replace('::/64', '::2/64')));
      for (const address of reach) expect(answers(address, { netns: red.name }), address).toBe(true);
      expect(await endpoint.check()).toEqual([]);
      expect(await net.inspect()).toMatchObject({
        incomplete: 0,
        endpoints: [{ owner: 'c', ifname, index: far.ifindex, mac: far.address, up: true, hostLink: endpoint.hostLink, netns: red.id }],
      });
      const whole = states();
      await expect(net.attach({ netns: red, owner: 'c' })).rejects.toMatchObject({ code: 'EEXIST' });
      // an address that is taken, which is found out once the links are there
      const [taken] = endpoint.addresses;
      if (taken !== undefined)
        await expect(net.attach({ netns: red, owner: 'd', ifname: 'eth1', addresses: [taken.replace(/\/.*/, '')] })).rejects.toMatchObject({
          code: driver === 'host-device' ? 'ENODEV' : driver === 'vlan' ? 'EEXIST' : 'EADDRINUSE',
        });
      expect(states()).toEqual(whole);
      expect(await net.detach(endpoint)).toBe(true);
      expect(states()).toEqual(empty);
      expect(await net.detach({ owner: 'c' })).toBe(false);
      await net.delete();
      expect(states()).toEqual(before);
    });
  });
}

describe('an endpoint whose namespace is gone', () => {
  needs({ kind: 'macvlan' }).test('is found out, cleared away, and made again', async () => {
    await using net = await network.create({ name: 'net', driver: 'macvlan', parent: 'p0', subnets: both(30), netns: host });
    const empty = state(host);
    const attach = (space: netns.Netns, ifname = 'eth0') => net.attach({ netns: space, owner: 'c', ifname });
    const doomed = (): { space: Space; [Symbol.dispose](): void } => {
      const space = newSpace('x');
      return {
        space,
        [Symbol.dispose]() {
          space.deleteSync();
          space.close();
        },
      };
    };
    {
      using first = doomed();
      await attach(first.space);
    }
    await expect.poll(() => net.check({ owner: 'c' }), { timeout: 30_000 }).toEqual([expect.stringContaining('gone')]);
    // its owner is valid still, and has nothing any more
    expect(await net.gc(['c'])).toMatchObject({ endpoints: [{ network: 'net', owner: 'c', ifname: 'eth0' }] });
    expect(state(host)).toEqual(empty);
    {
      using second = doomed();
      await attach(second.space);
    }
    await expect.poll(() => net.check({ owner: 'c' }), { timeout: 30_000 }).toEqual([expect.stringContaining('gone')]);
    expect(await (await attach(red)).check()).toEqual([]);
    await net.detach({ owner: 'c' });
    expect(state(host)).toEqual(empty);
  });
});

test('what the kernel or the host does not have is refused by name, and nothing is left', async () => {
  const before = states();
  for (const driver of ['macvlan', 'ipvlan', 'vlan', 'host-device'] as const)
    await expect(
      network.create({ name: 'net', driver, parent: 'none', netns: host, ...(driver === 'vlan' ? { vlanId: 5 } : {}) }),
      driver,
    ).rejects.toMatchObject({ code: 'ENODEV', argument: 'parent' });
  const macvlan = { name: 'net', driver: 'macvlan', netns: host } as const;
  for (const [argument, more] of [
    ['parent', { parent: 'lo' }],
    ['mtu', { parent: 'p0', mtu: 9000 }],
  ] as const)
    await expect(network.create({ ...macvlan, ...more }), argument).rejects.toMatchObject({ argument });
  expect(states()).toEqual(before);
  await using net = await network.create({ ...macvlan, parent: 'p0' });
  await net.attach({ netns: red, owner: 'a' });
  const whole = states();
  await expect(net.attach({ netns: red, owner: 'b' })).rejects.toMatchObject({
    code: 'EEXIST',
    message: expect.stringContaining('ifname'),
  });
  expect(states()).toEqual(whole);
});

test('a device comes back although there is a name that is no namespace, or is one no more', async () => {
  // it is looked at before the others
  const stale = `/run/netns/0-${host.name}`;
  await using net = await network.create({ name: 'net', driver: 'host-device', parent: 'd0', netns: host });
  const before = states();
  await net.attach({ netns: red, owner: 'a' });
  writeFileSync(stale, '');
  try {
    expect(await net.detach({ owner: 'a' })).toBe(true);
  } finally {
    rmSync(stale);
  }
  expect(states()).toEqual(before);
});
