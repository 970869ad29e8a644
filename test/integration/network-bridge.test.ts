/** Networks of bridges: made, attached to, seen and taken down, with ip, nft and real traffic as witnesses. */
import { network } from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteSpaces, hostWithUplink, newSpace, picture, type Space, serve, talk } from '../support/network.ts';
import { answers, ip, ipText, type Json, nftJson, nftText, ping, tool } from '../support/oracle.ts';

let host: Space;
let internet: Space;
let red: Space;
let blue: Space;
const open: network.Network[] = [];

beforeEach(async () => {
  ({ host, internet } = await hostWithUplink());
  red = newSpace('r');
  blue = newSpace('b');
});
afterEach(() => {
  for (const net of open.splice(0)) net.close();
  deleteSpaces();
});

async function create(options: Omit<network.CreateNetworkOptions, 'netns'>): Promise<network.Network> {
  const net = await network.create({ ...options, netns: host });
  open.push(net);
  return net;
}

const both = ['10.20.0.0/16', 'fd00:20::/64'];
const link = (name: string, space: Space): Json => ip(['link', 'show', 'dev', name], { netns: space.name })[0];
const addresses = (name: string, space: Space): string[] =>
  ip(['address', 'show', 'dev', name], { netns: space.name })[0]
    .addr_info.filter(({ scope }: Json) => scope === 'global')
    .map(({ local, prefixlen }: Json) => `${local}/${prefixlen}`);

test('a network is a bridge with gateways, recorded in the kernel, and leaves nothing', async () => {
  const before = picture(host);
  const net = await create({ name: 'web', subnets: both, mtu: 1400 });
  const bridge = link('web', host);
  expect(bridge).toMatchObject({ linkinfo: { info_kind: 'bridge' }, mtu: 1400, ifindex: net.info.index });
  expect(bridge.flags).toContain('UP');
  expect(addresses('web', host)).toEqual(['10.20.0.1/16', 'fd00:20::1/64']);
  expect(tool(['cat', '/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'], { netns: host.name })).toBe('1\n1\n');
  expect(nftJson({ netns: host.name })).toEqual([]);
  expect(await network.list({ netns: host })).toEqual([net.info]);
  const { info } = await network.open('web', { netns: host }).then((opened) => {
    opened.close();
    return opened;
  });
  expect(info).toEqual(net.info);
  expect(info).toEqual({
    name: 'web',
    driver: 'bridge',
    link: 'web',
    index: bridge.ifindex,
    subnets: [
      { subnet: '10.20.0.0/16', gateway: '10.20.0.1' },
      { subnet: 'fd00:20::/64', gateway: 'fd00:20::1' },
    ],
    mtu: 1400,
    masquerade: false,
    isolate: false,
    internal: false,
    isolatePorts: false,
    publishedOnly: false,
    spoofCheck: false,
  });
  await net.delete();
  expect(picture(host)).toEqual(before);
  expect(await network.list({ netns: host })).toEqual([]);
  await expect(network.open('web', { netns: host })).rejects.toMatchObject({ code: 'ENOENT', argument: 'name' });
});

test('what attach makes is what ip sees, and what the record says', async () => {
  const net = await create({ name: 'web', subnets: both, mtu: 1400 });
  const before = [picture(host), picture(red)];
  const endpoint = await net.attach({
    netns: red,
    owner: 'container-1',
    routes: [{ to: '198.51.100.0/24', via: '10.20.0.7', metric: 5 }],
    dns: { servers: ['10.20.0.1'], search: ['example.org'], options: ['ndots:2'] },
    sysctls: { 'net.ipv4.conf.IFNAME.arp_notify': true },
  });
  const [near, far] = [link(endpoint.hostLink, host), link('eth0', red)];
  expect(near).toMatchObject({ master: 'web', operstate: 'UP', mtu: 1400, ifindex: endpoint.hostIndex, link_index: far.ifindex });
  expect(near.linkinfo.info_slave_data.state).toBe('forwarding');
  expect(far).toMatchObject({ operstate: 'UP', mtu: 1400, ifindex: endpoint.index, address: endpoint.mac, link_index: near.ifindex });
  expect(addresses('eth0', red)).toEqual(['10.20.0.2/16', 'fd00:20::2/64']);
  const routes = (family: string): Json[] => ip([family, 'route', 'show'], { netns: red.name });
  expect(routes('-4')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ dst: 'default', gateway: '10.20.0.1', dev: 'eth0' }),
      expect.objectContaining({ dst: '198.51.100.0/24', gateway: '10.20.0.7', metric: 5 }),
    ]),
  );
  expect(routes('-6')).toEqual(expect.arrayContaining([expect.objectContaining({ dst: 'default', gateway: 'fd00:20::1', dev: 'eth0' })]));
  expect(tool(['cat', '/proc/sys/net/ipv4/conf/eth0/arp_notify'], { netns: red.name })).toBe('1\n');
  expect(JSON.parse(JSON.stringify(endpoint))).toEqual({
    network: 'web',
    owner: 'container-1',
    ifname: 'eth0',
    index: far.ifindex,
    mac: far.address,
    mtu: 1400,
    netns: red.id,
    hostLink: near.ifname,
    hostIndex: near.ifindex,
    addresses: ['10.20.0.2/16', 'fd00:20::2/64'],
    gateways: ['10.20.0.1', 'fd00:20::1'],
    routes: [{ to: '198.51.100.0/24', via: '10.20.0.7', metric: 5 }],
    sysctls: { 'net.ipv4.conf.IFNAME.arp_notify': '1' },
    dns: { servers: ['10.20.0.1'], search: ['example.org'], options: ['ndots:2'] },
  });
  expect(await endpoint.check()).toEqual([]);
  const [bridge] = ip(['-d', 'link', 'show', 'web'], { netns: host.name });
  expect(await net.inspect()).toEqual({
    ...net.info,
    subnets: [
      { subnet: '10.20.0.0/16', gateway: '10.20.0.1', taken: 2, free: 65_534 - 2 },
      { subnet: 'fd00:20::/64', gateway: 'fd00:20::1', taken: 2, free: 65_536 - 2 },
    ],
    mac: bridge!.address,
    up: true,
    reserved: [],
    incomplete: 0,
    endpoints: [
      {
        owner: 'container-1',
        ifname: 'eth0',
        index: far.ifindex,
        netns: red.id,
        netnsid: near.link_netnsid,
        hostLink: near.ifname,
        hostIndex: near.ifindex,
        addresses: ['10.20.0.2', 'fd00:20::2'],
        mac: far.address,
        up: true,
        operational: true,
      },
    ],
  });
  expect(await endpoint.detach()).toBe(true);
  expect([picture(host), picture(red)]).toEqual(before);
  expect(await endpoint.detach()).toBe(false);
  expect(await endpoint.check()).toEqual(['it is gone']);
});

test('check says what has been changed', async () => {
  const net = await create({ name: 'web', subnets: ['10.20.0.0/24'] });
  const endpoint = await net.attach({ netns: red, owner: 'c' });
  ipText(['address', 'flush', 'dev', 'eth0'], { netns: red.name });
  ipText(['link', 'set', 'eth0', 'down'], { netns: red.name });
  ipText(['link', 'set', 'eth0', 'name', 'eth7'], { netns: red.name });
  ipText(['link', 'set', endpoint.hostLink, 'nomaster', 'down'], { netns: host.name });
  expect(await net.check({ owner: 'c' })).toEqual([
    `its link on the host, ${endpoint.hostLink}, is no port of the network`,
    `its link on the host, ${endpoint.hostLink}, is down`,
    'its link is called "eth7"',
    'its link is down',
    'its link does not have the address 10.20.0.2',
  ]);
});

describe('traffic', () => {
  test('on one network, at once, of both families', async () => {
    const net = await create({ name: 'web', subnets: both });
    const [a, b] = await Promise.all([net.attach({ netns: red, owner: 'a' }), net.attach({ netns: blue, owner: 'b' })]);
    for (const [i, address] of b.addresses.entries()) {
      expect(answers(address.replace(/\/.*/, ''), { netns: red.name }), address).toBe(true);
      expect(answers(a.addresses[i]!.replace(/\/.*/, ''), { netns: blue.name })).toBe(true);
    }
    // as large as the link takes, and no larger
    const large = (size: number, seconds: number): string =>
      tool(['sh', '-c', `ping -c1 -W${seconds} -M do -s ${size} ${b.addresses[0]!.replace(/\/.*/, '')} || true`], { netns: red.name });
    expect(large(1472, 30)).toContain('1 received');
    expect(large(1473, 1)).not.toContain('1 received');
  });

  test('to the internet by masquerade, TCP and UDP, of both families; not without', async () => {
    const net = await create({ name: 'web', subnets: both, masquerade: true });
    const plain = await create({ name: 'plain', subnets: ['10.30.0.0/16'] });
    await net.attach({ netns: red, owner: 'a' });
    await plain.attach({ netns: blue, owner: 'b' });
    const server = await serve(internet, 7000);
    try {
      expect(talk('tcp', '192.0.2.2', 7000, red.name)).toBe('tcp from 192.0.2.1');
      expect(talk('udp', '192.0.2.2', 7000, red.name)).toBe('udp from 192.0.2.1');
      expect(talk('tcp', '2001:db8::2', 7000, red.name)).toBe('tcp from 2001:db8::1');
      expect(talk('udp', '2001:db8::2', 7000, red.name)).toBe('udp from 2001:db8::1');
      expect(talk('udp', '192.0.2.2', 7000, blue.name, 1)).toMatch(/failed/);
    } finally {
      await server.stop();
    }
    await net.delete({ force: true });
    expect(nftText({ netns: host.name })).toBe('');
  });

  test('an isolated network is not reached from others, and reaches none; the internet it does', async () => {
    const subnet = (name: string, prefix: string, isolate: boolean) =>
      create({ name, subnets: [prefix, `fd00:${name.length}::/64`], isolate });
    const a = await subnet('a', '10.1.0.0/16', true);
    const b = await subnet('bb', '10.2.0.0/16', false);
    const c = await subnet('ccc', '10.3.0.0/16', false);
    const green = newSpace('g');
    await a.attach({ netns: red, owner: 'x' });
    await b.attach({ netns: blue, owner: 'x' });
    await c.attach({ netns: green, owner: 'x' });
    for (const to of ['10.0.0.0/8', 'fd00::/16'])
      ipText(['route', 'add', to, 'via', to.includes(':') ? '2001:db8::1' : '192.0.2.1'], { netns: internet.name });
    expect(answers('10.3.0.2', { netns: blue.name })).toBe(true);
    expect(answers('fd00:3::2', { netns: blue.name })).toBe(true);
    expect(answers('192.0.2.2', { netns: red.name })).toBe(true);
    expect(answers('2001:db8::2', { netns: red.name })).toBe(true);
    for (const [from, to] of [
      [red, '10.2.0.2'],
      [red, 'fd00:2::2'],
      [blue, '10.1.0.2'],
      [blue, 'fd00:1::2'],
    ] as const)
      expect(ping(to, { netns: from.name }).received, to).toBe(0);
    const counted = (): string[] => nftText({ netns: host.name }).match(/packets \d+ bytes \d+ drop/g) ?? [];
    expect(counted()).toHaveLength(2);
    expect(counted().every((rule) => !rule.startsWith('packets 0 '))).toBe(true);
    await a.delete({ force: true });
    expect(nftText({ netns: host.name })).toBe('');
  });

  test('an internal network has no way out', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/16'], internal: true });
    const [a, b] = await Promise.all([net.attach({ netns: red, owner: 'a' }), net.attach({ netns: blue, owner: 'b' })]);
    expect(a.gateways).toEqual([]);
    expect(ip(['route', 'show', 'default'], { netns: red.name })).toEqual([]);
    expect(tool(['cat', '/proc/sys/net/ipv4/ip_forward'], { netns: host.name })).toBe('0\n');
    expect(answers(b.addresses[0]!.replace(/\/.*/, ''), { netns: red.name })).toBe(true);
  });
});

describe('addresses', () => {
  test('go round: one that was given back is not given out at once', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/29'] });
    const given: string[] = [];
    for (let i = 0; i < 7; i++) {
      const endpoint = await net.attach({ netns: red, owner: 'c' });
      given.push(endpoint.addresses[0]!);
      await endpoint.detach();
    }
    expect(given.map((address) => address.replace(/\/29/, ''))).toEqual([2, 3, 4, 5, 6, 2, 3].map((n) => `10.20.0.${n}`));
  });

  test('another process goes on where the last one was', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/24'] });
    const first = await net.attach({ netns: red, owner: 'a' });
    await net.attach({ netns: red, owner: 'b', ifname: 'eth1', defaultRoute: false });
    await first.detach();
    await using again = await network.open('web', { netns: host });
    const third = await again.attach({ netns: red, owner: 'c', ifname: 'eth2' });
    expect(third.addresses).toEqual(['10.20.0.4/24']);
  });

  test('come from the range, without gateway and reserved ones; the rest of the subnet is there for the asking', async () => {
    const net = await create({
      name: 'web',
      subnets: [{ subnet: '10.20.0.0/24', gateway: '10.20.0.9', range: '10.20.0.8-10.20.0.11', reserved: ['10.20.0.10', '10.20.0.200'] }],
    });
    const attach = (n: number, more: Partial<network.AttachOptions> = {}) =>
      net.attach({ netns: red, owner: `c${n}`, ifname: `eth${n}`, defaultRoute: false, ...more });
    expect((await attach(1)).addresses).toEqual(['10.20.0.8/24']);
    expect((await attach(2)).addresses).toEqual(['10.20.0.11/24']);
    const before = [picture(host), picture(red)];
    await expect(attach(3)).rejects.toMatchObject({ code: 'ENOSPC', message: expect.stringContaining('10.20.0.8-10.20.0.11') });
    for (const taken of ['10.20.0.8', '10.20.0.200'])
      await expect(attach(3, { addresses: [taken] })).rejects.toMatchObject({
        code: 'EADDRINUSE',
        message: expect.stringContaining(taken),
      });
    expect([picture(host), picture(red)]).toEqual(before);
    expect((await attach(3, { addresses: ['10.20.0.77'] })).addresses).toEqual(['10.20.0.77/24']);
    expect((await net.inspect()).reserved).toEqual(['10.20.0.10', '10.20.0.200']);
    // what another process frees is found again
    await using other = await network.open('web', { netns: host });
    await other.detach({ owner: 'c1', ifname: 'eth1' });
    expect((await attach(4)).addresses).toEqual(['10.20.0.8/24']);
  });

  test('a network without subnets gives none', async () => {
    const net = await create({ name: 'flat' });
    const endpoint = await net.attach({ netns: red, owner: 'a' });
    expect(endpoint.addresses).toEqual([]);
    expect(addresses('eth0', red)).toEqual([]);
    expect(link('eth0', red).operstate).toBe('UP');
  });
});

describe('names', () => {
  test('an owner may have several endpoints, each once', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/24'] });
    await net.attach({ netns: red, owner: 'a' });
    await net.attach({ netns: red, owner: 'a', ifname: 'eth1', defaultRoute: false });
    const before = [picture(host), picture(red), picture(blue)];
    await expect(net.attach({ netns: blue, owner: 'a' })).rejects.toMatchObject({
      code: 'EEXIST',
      message: expect.stringContaining('already'),
    });
    await expect(net.attach({ netns: red, owner: 'b' })).rejects.toMatchObject({
      code: 'EEXIST',
      message: expect.stringContaining('ifname'),
    });
    // a second default route, and what cannot be set up in the namespace
    for (const [more, told] of [
      [{ defaultRoute: true }, { code: 'EEXIST', syscall: 'RTM_NEWROUTE', message: expect.stringContaining('(defaultRoute)') }],
      [{ routes: [{ to: '10.9.0.0/16', via: '10.99.0.1' }] }, { code: 'ENETUNREACH', message: expect.stringContaining('(routes[0])') }],
      [{ sysctls: { 'net.ipv4.conf.IFNAME.none': 1 } }, { code: 'ENOENT', argument: 'sysctls["net.ipv4.conf.IFNAME.none"]' }],
      [{ sysctls: { 'net.ipv4.conf.IFNAME.arp_notify': 'x' } }, { code: 'EINVAL', message: expect.stringContaining('IFNAME.arp_notify') }],
    ] as const)
      await expect(net.attach({ netns: red, owner: 'b', ifname: 'eth2', ...more })).rejects.toMatchObject(told);
    expect([picture(host), picture(red), picture(blue)]).toEqual(before);
  });

  test('check finds what an endpoint has no more of what its record tells', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/24', 'fd00:20::/64'], spoofCheck: true });
    const sysctls = { 'net.ipv4.conf.IFNAME.arp_notify': 1 };
    const routes = [{ to: '10.9.0.0/16', via: '10.20.0.1', metric: 7 }];
    const record = JSON.parse(
      JSON.stringify(await net.attach({ netns: red, owner: 'a', sysctls, routes, rateLimits: { ingressRate: 8_000_001 } })),
    );
    expect(record.sysctls).toEqual({ 'net.ipv4.conf.IFNAME.arp_notify': '1' });
    expect(await net.check(record)).toEqual([]);
    for (const [command, space, told] of [
      ['ip route del default', red, 'its route default via 10.20.0.1 is gone'],
      ['ip -6 route del default', red, 'its route default via fd00:20::1 is gone'],
      ['ip route del 10.9.0.0/16', red, 'its route 10.9.0.0/16 via 10.20.0.1 is gone'],
      ['ip link set eth0 mtu 1300', red, 'its link has the MTU 1300, not 1500'],
      ['ip link set eth0 address 02:00:00:00:00:99', red, `its link has the hardware address 02:00:00:00:00:99, not ${record.mac}`],
      ['sysctl -qw net.ipv4.conf.eth0.arp_notify=0', red, 'its sysctl net.ipv4.conf.eth0.arp_notify is 0, not 1'],
      [`tc qdisc del dev ${record.hostLink} root`, host, 'its limit ingressRate is gone, not 8000001'],
      ['nft delete table bridge netloom-guard', host, 'what it sends is not looked at (spoofCheck)'],
    ] as const) {
      tool(command.split(' '), { netns: space.name });
      expect(await net.check(record), command).toContain(told);
    }
    // by its owner alone nobody knows what it was given
    expect(await net.check({ owner: 'a' })).toEqual(['what it sends is not looked at (spoofCheck)']);
    await expect(net.check({ ...record, routes: [{ to: 'x' }] })).rejects.toMatchObject({ argument: 'routes[0].to' });
  });

  test('a second endpoint leaves the default routes of the first, and gets those of families that have none', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/24'] });
    const other = await create({ name: 'db', subnets: ['10.30.0.0/24', 'fd00:30::/64'] });
    const first = await net.attach({ netns: red, owner: 'a' });
    const second = await other.attach({ netns: red, owner: 'a', ifname: 'eth1', addresses: ['10.30.0.7/24'] });
    expect([first.gateways, second.gateways]).toEqual([['10.20.0.1'], ['fd00:30::1']]);
    expect(ip(['route', 'show', 'default'], { netns: red.name })).toMatchObject([{ gateway: '10.20.0.1', dev: 'eth0' }]);
    expect(await second.check()).toEqual([]);
  });

  test('two networks have links of their own, the same names inside, and not each other’s addresses', async () => {
    const long = 'a-network-with-a-name-that-no-link-can-have';
    const a = await create({ name: long, subnets: ['10.1.0.0/24'] });
    expect(a.info.link).toMatch(/^nl-[0-9a-z]{12}$/);
    const b = await create({ name: 'b', link: 'br-b', subnets: ['10.2.0.0/24'] });
    expect(link('br-b', host).ifindex).toBe(b.info.index);
    const [one, two] = await Promise.all([a.attach({ netns: red, owner: 'x' }), b.attach({ netns: blue, owner: 'x' })]);
    expect(one.hostLink).not.toBe(two.hostLink);
    expect((await network.list({ netns: host })).map(({ name }) => name)).toEqual([long, 'b']);
    expect(ipText(['link', 'show', `netloom@${long}`], { netns: host.name })).toContain(a.info.link);
    const before = picture(host);
    for (const [options, code] of [
      [{ name: 'b' }, 'EEXIST'],
      [{ name: 'c', link: 'br-b' }, 'EEXIST'],
      [{ name: 'c', link: 'up0' }, 'EEXIST'],
      [{ name: 'c', subnets: ['10.0.0.0/8'] }, 'EADDRINUSE'],
    ] as const)
      await expect(create({ ...options, masquerade: 'subnets' in options }), code).rejects.toMatchObject({ code });
    expect(picture(host)).toEqual(before);
  });
});

test('of networks with overlapping subnets, made at the same moment, there is one; of others all', async () => {
  const made = await Promise.allSettled(
    ['10.50.0.0/16', '10.50.1.0/24', '10.50.0.0/20', '10.60.0.0/16'].map((subnet, i) => create({ name: `n${i}`, subnets: [subnet] })),
  );
  const codes = made.map((outcome) => (outcome.status === 'fulfilled' ? 'made' : outcome.reason.code));
  expect(codes.slice(0, 3).sort()).toEqual(['EADDRINUSE', 'EADDRINUSE', 'made']);
  expect(codes[3]).toBe('made');
  expect(await network.list({ netns: host })).toHaveLength(2);
});

describe('taking down', () => {
  test('a network with endpoints is deleted by force alone', async () => {
    const before = [picture(host), picture(red)];
    const net = await create({ name: 'web', subnets: both, masquerade: true, isolate: true });
    await net.attach({ netns: red, owner: 'a' });
    const whole = picture(host);
    await expect(net.delete()).rejects.toMatchObject({ code: 'EBUSY' });
    expect(picture(host)).toEqual(whole);
    await network.delete('web', { netns: host, force: true });
    expect([picture(host), picture(red)]).toEqual(before);
    await expect(net.attach({ netns: red, owner: 'b' })).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('"web"'),
    });
    await expect(network.delete('web', { netns: host })).rejects.toMatchObject({ code: 'ENOENT' });
    expect(picture(red)).toEqual(before[1]);
  });

  test('detaching needs no namespace', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/24'] });
    const before = picture(host);
    const gone = newSpace('x');
    const endpoint = await net.attach({ netns: gone, owner: 'a' });
    gone.deleteSync();
    gone.close();
    // whichever is first: the kernel, which removes a namespace's links in its own time, or this
    await endpoint.detach();
    await expect.poll(() => picture(host), { timeout: 30_000 }).toEqual(before);
    expect(await net.detach({ owner: 'never', ifname: 'there' })).toBe(false);
  });

  test('gc keeps the endpoints of owners that are named, and clears away the others', async () => {
    const net = await create({ name: 'web', subnets: ['10.20.0.0/24'], masquerade: true });
    const other = await create({ name: 'other', subnets: ['10.30.0.0/24'] });
    const before = picture(host);
    for (const [i, owner] of ['a', 'b', 'c'].entries()) await net.attach({ netns: red, owner, ifname: `eth${i}`, defaultRoute: false });
    await other.attach({ netns: blue, owner: 'b' });
    expect(await net.gc(['a', 'c'])).toEqual({ endpoints: [{ network: 'web', owner: 'b', ifname: 'eth1' }], incomplete: 0, busy: [] });
    expect((await net.inspect()).endpoints.map(({ owner }) => owner)).toEqual(['a', 'c']);
    expect((await other.inspect()).endpoints).toHaveLength(1);
    expect(await net.gc(new Set(['a', 'c']))).toEqual({ endpoints: [], incomplete: 0, busy: [] });
    const { endpoints } = await network.gc([], { netns: host });
    expect(endpoints.map(({ network: name, owner }) => `${name} ${owner}`).sort()).toEqual(['other b', 'web a', 'web c']);
    expect(picture(host)).toEqual(before);
  });

  test('gc clears away endpoints and rules of a network whose link somebody deleted', async () => {
    const before = picture(host);
    const net = await create({ name: 'web', subnets: both, masquerade: true, isolate: true });
    await net.attach({ netns: red, owner: 'a' });
    ipText(['link', 'delete', 'web'], { netns: host.name });
    expect(await network.gc(['a'], { netns: host })).toMatchObject({ endpoints: [{ network: 'web', owner: 'a' }] });
    expect(picture(host)).toEqual(before);
  });
});

test('plan changes nothing, and says what attach then does', async () => {
  const net = await create({ name: 'web', subnets: both });
  const before = [picture(host), picture(red)];
  const options = { netns: red, owner: 'a', sysctls: { 'net.ipv4.conf.IFNAME.arp_notify': 1 } };
  const plan = await net.plan(options);
  expect([picture(host), picture(red)]).toEqual(before);
  expect(plan.map((step) => `${step.where} ${'message' in step ? step.message : step.sysctl}`)).toEqual([
    'network RTM_NEWLINK',
    'network RTM_NEWLINK',
    'network RTM_NEWLINK',
    'network RTM_NEWLINKPROP',
    'network RTM_NEWLINKPROP',
    'endpoint net.ipv6.conf.eth0.disable_ipv6',
    'endpoint net.ipv4.conf.eth0.arp_notify',
    'endpoint RTM_NEWLINK',
    'endpoint RTM_NEWADDR',
    'endpoint RTM_NEWADDR',
    'endpoint RTM_NEWROUTE',
    'endpoint RTM_NEWROUTE',
    'network RTM_NEWLINK',
  ]);
  expect(plan[7]).toMatchObject({ value: { index: 0 } });
  expect(plan[8]).toMatchObject({ value: { local: '10.20.0.2', prefixLength: 16 } });
  expect((await net.attach(options)).addresses[0]).toBe('10.20.0.2/16');
  await expect(net.plan({ ...options, addresses: ['10.99.0.1'] })).rejects.toMatchObject({ argument: 'addresses[0]' });
  for (const [refused, code] of [
    [options, 'EEXIST'],
    [{ ...options, owner: 'b' }, 'EEXIST'],
    [{ ...options, ifname: 'eth1', addresses: ['10.20.0.2'] }, 'EADDRINUSE'],
  ] as const) {
    const planned = await net.plan(refused).catch((error: Error) => error);
    expect(planned).toMatchObject({ code });
    await expect(net.attach(refused)).rejects.toThrow((planned as Error).message);
  }
});

test('a closed network refuses, and is closed twice', async () => {
  const net = await create({ name: 'web' });
  net.close();
  net.close();
  await expect(net.attach({ netns: red, owner: 'a' })).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  expect(await network.list({ netns: host })).toHaveLength(1);
});
