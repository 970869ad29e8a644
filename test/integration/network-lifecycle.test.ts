/** What endpoints must give back as it was, and what must not outlive its network: devices of the host's, `lo`, and what is attached while a network is deleted. ip is the witness. */
import { createVethPair, network } from 'netloom';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { interferedWith } from '../support/faults.ts';
import { needs } from '../support/kernel.ts';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { ip, ipText, type Json } from '../support/oracle.ts';

let host: Space;
let red: Space;
let blue: Space;
beforeAll(async () => {
  host = newSpace('h');
  red = newSpace('r');
  blue = newSpace('b');
  await createVethPair({ name: 'd0', netns: host, peer: { name: 'd1', netns: host, up: true } });
});
afterEach(async () => {
  await network.gc([], { netns: host });
  for (const { name } of await network.list({ netns: host })) await network.delete(name, { netns: host, force: true });
});
afterAll(deleteSpaces);

const on = (space: Space, ...command: string[]): string => ipText(command, { netns: space.name });
const endpointLinks = (): string[] =>
  ip(['link', 'show'], { netns: host.name }).flatMap(({ ifname }: Json) => (/^nl[0-9a-z]{13}$/.test(ifname) ? [ifname] : []));

describe('a device of the host is given back as it was', () => {
  beforeAll(() => {
    on(host, 'link', 'set', 'd0', 'mtu', '1400', 'address', '02:00:00:00:00:07', 'alias', 'the uplink', 'addrgenmode', 'none', 'up');
    on(host, 'link', 'property', 'add', 'dev', 'd0', 'altname', 'uplink-zero');
    for (const words of [
      '10.77.0.1/24 brd +',
      '10.77.1.1 peer 10.77.1.2/32',
      '10.77.2.1/24 scope link label d0:x metric 7',
      'fd00:77::1/64 nodad noprefixroute',
    ])
      on(host, 'address', 'add', ...words.split(' '), 'dev', 'd0');
  });

  const device = (): Json => {
    const [{ operstate: _, flags, ...link }] = ip(['-d', 'address', 'show', 'dev', 'd0'], { netns: host.name });
    return { ...link, up: flags.includes('UP') };
  };
  const create = () =>
    network.create({ name: 'net', driver: 'host-device', parent: 'd0', mtu: 1300, subnets: ['10.78.0.0/24'], netns: host });

  test('when it is detached, whatever has become of it', async () => {
    const before = device();
    expect(before).toMatchObject({ up: true, mtu: 1400, ifalias: 'the uplink', altnames: ['uplink-zero'] });
    expect(before.addr_info).toHaveLength(4);
    await using net = await create();
    await net.attach({ netns: red, owner: 'c' });
    expect(ip(['address', 'show', 'dev', 'eth0'], { netns: red.name })).toMatchObject([
      { mtu: 1300, addr_info: [{ local: '10.78.0.2' }, {}] },
    ]);
    on(red, 'link', 'set', 'eth0', 'down');
    on(red, 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99', 'name', 'other', 'mtu', '1000');
    // names that it could not come back with
    for (const name of ['d0', 'd1']) on(red, 'link', 'property', 'add', 'dev', 'other', 'altname', name);
    await net.detach({ owner: 'c' });
    expect(device()).toEqual(before);
  });

  test('when attaching it fails, and when its namespace is gone', async () => {
    const before = device();
    await using net = await create();
    on(red, 'link', 'add', 'eth0', 'type', 'bridge');
    await expect(net.attach({ netns: red, owner: 'c' })).rejects.toMatchObject({ code: 'EEXIST' });
    on(red, 'link', 'delete', 'eth0');
    expect(device()).toEqual(before);
    // where it would be given away from
    await expect(net.attach({ netns: host, owner: 'c' })).rejects.toMatchObject({ name: 'InputError', argument: 'netns' });
    expect(device()).toEqual(before);
    for (const heal of [
      () => network.gc(['c'], { netns: host }),
      () => net.detach({ owner: 'c' }),
      () => net.attach({ netns: blue, owner: 'c' }),
    ]) {
      await net.attach({ netns: red, owner: 'c' });
      // as the kernel does with devices whose namespace goes, when their name is taken
      on(red, 'link', 'set', 'eth0', 'netns', host.name, 'name', 'dev7');
      await heal();
    }
    await net.detach({ owner: 'c' });
    expect(device()).toEqual(before);
  });

  test('and stays where it is while another link has its name', async () => {
    const before = device();
    await using net = await create();
    await net.attach({ netns: red, owner: 'c' });
    on(host, 'link', 'add', 'd0', 'type', 'bridge');
    for (const give of [() => net.detach({ owner: 'c' }), () => net.gc([])])
      await expect(give()).rejects.toMatchObject({ code: 'EEXIST', message: expect.stringContaining('"d0"') });
    expect(await net.check({ owner: 'c' })).toEqual([]);
    on(host, 'link', 'delete', 'd0');
    // from wherever somebody has taken it
    on(red, 'link', 'set', 'eth0', 'netns', blue.name, 'name', 'elsewhere');
    await net.detach({ owner: 'c' });
    expect(device()).toEqual(before);
  });

  test('with its sysctls, and addresses that end', async () => {
    const sysctls = { 'ipv4.conf.d0.rp_filter': '2', 'ipv6.conf.d0.accept_ra': '0', 'ipv4.neigh.d0.base_reachable_time_ms': '12345' };
    const settings = (): string[] => Object.keys(sysctls).map((name) => host.sysctl.getSync(`net.${name}`));
    for (const [name, value] of Object.entries(sysctls)) host.sysctl.setSync(`net.${name}`, value);
    // the kernel counts in ticks of its own
    const set = settings();
    expect(set.map(Number)).toEqual(Object.values(sysctls).map((value) => expect.closeTo(Number(value), -2)));
    on(host, 'link', 'set', 'd0', 'txqueuelen', '77');
    on(host, 'address', 'add', '10.77.9.1/24', 'dev', 'd0', 'valid_lft', '5000', 'preferred_lft', '4000');
    const lifetimes: Json[] = [];
    const state = (): Json => {
      const link = device();
      const own = link.addr_info.find(({ local }: Json) => local === '10.77.9.1');
      lifetimes.push([own.valid_life_time, own.preferred_life_time]);
      Object.assign(own, { valid_life_time: 0, preferred_life_time: 0 });
      return link;
    };
    const before = state();
    await using net = await create();
    await net.attach({ netns: red, owner: 'c' });
    expect((await net.inspect()).endpoints).toMatchObject([{ owner: 'c', mac: '02:00:00:00:00:07', operational: true }]);
    expect(await net.check({ owner: 'c' })).toEqual([]);
    expect(await network.gc(['c'], { netns: host })).toEqual({ endpoints: [], incomplete: 0, busy: [] });
    on(red, 'link', 'set', 'eth0', 'down');
    on(red, 'link', 'set', 'eth0', 'name', 'other', 'address', '02:00:00:00:00:98', 'txqueuelen', '5');
    expect(await net.detach({ owner: 'c' })).toBe(true);
    expect(state()).toEqual(before);
    expect(settings()).toEqual(set);
    const [[valid, preferred], [validNow, preferredNow]] = lifetimes as [[number, number], [number, number]];
    expect(validNow).toBeLessThanOrEqual(valid);
    expect(validNow).toBeGreaterThan(0);
    expect(valid - validNow).toBeLessThan(4000);
    expect(validNow - preferredNow).toBeGreaterThanOrEqual(valid - preferred - 1);
    on(host, 'address', 'del', '10.77.9.1/24', 'dev', 'd0');
  });
});

needs({ kind: 'macvlan' }).test('what another namespace has, which got the id of one that is gone, is nobody else’s', async () => {
  await using net = await network.create({ name: 'web', driver: 'macvlan', parent: 'd0', subnets: ['10.9.0.0/24'], netns: host });
  const gone = newSpace('g');
  await net.attach({ netns: gone, owner: 'a' });
  gone.deleteSync();
  gone.close();
  await expect.poll(async () => (await net.check({ owner: 'a' })).join(), { timeout: 30_000 }).toMatch(/gone/);
  // in a new namespace a link has the index that the one before had
  const next = newSpace('n');
  await net.attach({ netns: next, owner: 'b' });
  const ids = (await net.inspect()).endpoints.map(({ owner }) => owner);
  expect(ids).toContain('b');
  expect(await net.gc(['b'])).toMatchObject({ endpoints: [{ owner: 'a' }] });
  expect(await net.check({ owner: 'b' })).toEqual([]);
  expect(ip(['link', 'show', 'dev', 'eth0'], { netns: next.name })).toHaveLength(1);
});

test('lo goes down when netloom has set it up, and nobody else needs it', async () => {
  const create = (name: string) => network.create({ name, driver: 'loopback', netns: host });
  await using one = await create('one');
  await using two = await create('two');
  const lo = (space: Space): Json =>
    ip(['link', 'show', 'dev', 'lo'], { netns: space.name }).map(({ flags, altnames = [] }: Json) => [
      flags.includes('UP'),
      altnames.length,
    ])[0];
  expect(lo(red)).toEqual([false, 0]);
  await one.attach({ netns: red, owner: 'a' });
  await two.attach({ netns: red, owner: 'b' });
  // what fails takes nothing from the others
  let made = 0;
  await using faulty = await network.open('two', {
    netns: host,
    transport: interferedWith({ message: (type) => type === 16 && ++made === 3 }),
  });
  await expect(faulty.attach({ netns: red, owner: 'c' })).rejects.toMatchObject({ syscall: 'RTM_NEWLINK' });
  expect(lo(red)).toEqual([true, 3]);
  await one.detach({ owner: 'a' });
  expect(lo(red)).toEqual([true, 2]);
  await two.detach({ owner: 'b' });
  expect(lo(red)).toEqual([false, 0]);
  // one that was up stays up; the host's own, too
  for (const space of [red, host]) {
    on(space, 'link', 'set', 'lo', 'up');
    await one.attach({ netns: space, owner: 'a' });
    expect(await one.check({ owner: 'a' })).toEqual([]);
    await one.detach({ owner: 'a' });
    expect(lo(space)).toEqual([true, 0]);
  }
});

describe('a network that is deleted while something is attached to it', () => {
  test.each(['bridge', 'loopback'] as const)('%s: there is no endpoint of one that is gone', async (driver) => {
    let refusals = 0;
    let step = 0;
    for (let held = true; held; step++) {
      held = false;
      let count = 0;
      await using net = await network.create({ name: 'net', driver, netns: host });
      const attach = () => net.attach({ netns: red, owner: 'c' }).catch((error) => error);
      // all of it happens between two datagrams of the deletion
      const hold = async (): Promise<void> => {
        if (count++ !== step) return;
        held = true;
        const attached = await attach();
        if (attached instanceof Error) expect(attached, `step ${step}`).toMatchObject({ name: 'NotFoundError' });
      };
      const deleted = await network.delete('net', { netns: host, transport: interferedWith({ hold }) }).catch((error) => error);
      if (deleted instanceof Error) {
        expect(deleted, `step ${step}`).toMatchObject({ code: 'EBUSY' });
        expect(await net.check({ owner: 'c' }), `step ${step}`).toEqual([]);
        refusals++;
        await net.delete({ force: true });
      }
      expect(endpointLinks(), `step ${step}`).toEqual([]);
    }
    expect(refusals).toBeGreaterThan(2);
    expect(step).toBeGreaterThan(refusals + 3);
  });
});

test('addresses that other links hold are passed over, and when there are no others none is left', async () => {
  const create = () => network.create({ name: 'net', subnets: ['10.79.0.0/29'], netns: host });
  const first = await create();
  for (let i = 0; i < 5; i++) await first.attach({ netns: red, owner: 'c', ifname: `eth${i}`, defaultRoute: false });
  // its endpoints stay, and so do what they claim
  on(host, 'link', 'delete', 'net');
  first.close();
  await using second = await create();
  const attach = () => second.attach({ netns: blue, owner: 'd' });
  await expect(attach()).rejects.toMatchObject({ code: 'ENOSPC' });
  on(host, 'link', 'delete', endpointLinks()[3]!);
  expect((await attach()).addresses).toEqual(['10.79.0.5/29']);
  expect((await network.gc(['c', 'd'], { netns: host })).endpoints).toHaveLength(4);
});

test('an endpoint whose namespace goes while it is looked at is gone', async () => {
  await using net = await network.create({ name: 'net', netns: host });
  const doomed = newSpace('x');
  const { hostLink } = await net.attach({ netns: doomed, owner: 'c' });
  const RTM_GETLINK = 18;
  let readings = -1;
  const hold = async (type: number): Promise<void> => {
    // of the end on the host, and of that in the namespace
    if (readings < 0 || type !== RTM_GETLINK || ++readings !== 2) return;
    doomed.deleteSync();
    doomed.close();
    await expect.poll(endpointLinks).not.toContain(hostLink);
  };
  await using looking = await network.open('net', { netns: host, transport: interferedWith({ hold }) });
  readings = 0;
  expect(await looking.check({ owner: 'c' })).toEqual([expect.stringContaining('gone')]);
  expect(readings).toBeGreaterThan(1);
});

test('a network may be called as the links of endpoints are, and gc does not take it for one', async () => {
  await using net = await network.create({ name: 'nl0123456789abc', netns: host });
  const endpoint = await net.attach({ netns: red, owner: 'c' });
  expect(await network.gc(['c'], { netns: host })).toEqual({ endpoints: [], incomplete: 0, busy: [] });
  expect(await endpoint.check()).toEqual([]);
});

test('an endpoint whose owner is valid outlives what somebody does to its bridge and to records', async () => {
  const net = await network.create({ name: 'net', netns: host });
  const { hostLink } = await net.attach({ netns: red, owner: 'c' });
  const none = { endpoints: [], incomplete: 0, busy: [] };
  const [{ ifalias }] = ip(['link', 'show', 'dev', 'net'], { netns: host.name });
  for (const [link, alias] of [
    ['net', ifalias],
    [hostLink, ip(['link', 'show', 'dev', hostLink], { netns: host.name })[0].ifalias],
  ]) {
    on(host, 'link', 'set', link, 'alias', 'a text of their own');
    expect(await network.gc(['c'], { netns: host })).toEqual(none);
    on(host, 'link', 'set', link, 'alias', alias);
  }
  expect(await net.check({ owner: 'c' })).toEqual([]);
  on(host, 'link', 'set', hostLink, 'nomaster');
  expect(await net.inspect()).toMatchObject({ endpoints: [{ owner: 'c', hostLink }] });
  await expect(net.delete()).rejects.toMatchObject({ code: 'EBUSY' });
  await net.delete({ force: true });
  expect(endpointLinks()).toEqual([]);
});
