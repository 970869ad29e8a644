/** Networks without a kernel: what is refused before anything is sent, addresses and their pools, names and records. */
import { InputError, NetlinkError } from 'netloom';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/netlink/program.ts';
import { type AttachOptions, checkAttach } from '../../src/network/attach-options.ts';
import { checkEndpointRef } from '../../src/network/detach.ts';
import { checkOwners, collect } from '../../src/network/gc.ts';
import * as network from '../../src/network/index.ts';
import {
  addressAltName,
  claimedAddress,
  defaultLinkName,
  derivedHardwareAddress,
  endpointLinkName,
  innerLinkName,
  isEndpointLinkName,
  linkGroup,
  networkAltName,
  placeAltName,
  placeOf,
} from '../../src/network/name.ts';
import { checkNetwork, type NetworkOptions } from '../../src/network/options.ts';
import { Pool } from '../../src/network/pool.ts';
import { formatEndpoint, formatNetwork, parseEndpoint, parseNetwork } from '../../src/network/record.ts';
import { addressOf, checkSubnet, numberOf } from '../../src/network/subnet.ts';
import { fakeKernel } from '../../src/testing/index.ts';

function refusal(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).argument;
  }
  throw new Error('it was accepted');
}

const net: NetworkOptions = { name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'] };

describe('bad input is refused by name', () => {
  test.each<[string, unknown]>([
    ['options', undefined],
    ['options', 'web'],
    ['name', {}],
    ['name', { name: 7 }],
    ['name', { name: '' }],
    ['name', { name: '-web' }],
    ['name', { name: 'a b' }],
    ['name', { name: 'a@b' }],
    ['name', { name: 'x'.repeat(64) }],
    ['nmae', { name: 'web', nmae: 1 }],
    ['driver', { name: 'web', driver: 'overlay' }],
    ['hairpin', { name: 'web', hairpin: 1 }],
    ['parent', { name: 'web', parent: 'eth0' }],
    ['mode', { name: 'web', mode: 'bridge' }],
    ['parent', { name: 'web', driver: 'macvlan' }],
    ['parent', { name: 'web', driver: 'macvlan', parent: 'a/b' }],
    ['mode', { name: 'web', driver: 'macvlan', parent: 'eth0', mode: 'l2' }],
    ['mode', { name: 'web', driver: 'ipvlan', parent: 'eth0', mode: 'bridge' }],
    ['masquerade', { ...net, driver: 'macvlan', parent: 'eth0', masquerade: true }],
    ['isolate', { ...net, driver: 'macvlan', parent: 'eth1', isolate: true }],
    ['hairpin', { ...net, driver: 'ptp', hairpin: true }],
    ['subnets[0].gateway', { name: 'web', driver: 'ptp', subnets: [{ subnet: '10.0.0.0/8', gateway: false }] }],
    ['vlanId', { name: 'web', driver: 'vlan', parent: 'eth0' }],
    ['vlanId', { name: 'web', driver: 'vlan', parent: 'eth0', vlanId: 4095 }],
    ['vlanId', { name: 'web', driver: 'vlan', parent: 'eth0', vlanId: '5' }],
    ['parent', { name: 'web', driver: 'vlan', vlanId: 5 }],
    ['parent', { name: 'web', driver: 'host-device' }],
    ['parent', { name: 'web', driver: 'dummy', parent: 'eth0' }],
    ['user', { name: 'web', driver: 'tap', user: -1 }],
    ['group', { name: 'web', driver: 'tap', group: 'tty' }],
    ['multiQueue', { name: 'web', driver: 'tap', multiQueue: 2 }],
    ['subnets', { ...net, driver: 'loopback' }],
    ['mtu', { name: 'web', driver: 'loopback', mtu: 1400 }],
    ['link', { name: 'web', link: 'x'.repeat(16) }],
    ['link', { name: 'web', link: 'br%d' }],
    ['link', { name: 'web', link: 'a/b' }],
    ['link', { name: 'web', link: 'all' }],
    ['link', { name: 'web', link: '@web' }],
    ['link', { name: 'web', link: 'web*' }],
    ['link', { name: 'web', link: 'web\ud800' }],
    ['subnets', { name: 'web', subnets: '10.0.0.0/8' }],
    ['subnets[0]', { name: 'web', subnets: ['10.0.0.0'] }],
    ['subnets[0]', { name: 'web', subnets: [7] }],
    ['subnets[0]', { name: 'web', subnets: ['10.0.0.1/24'] }],
    ['subnets[0]', { name: 'web', subnets: ['10.0.0.0/32'] }],
    ['subnets[0]', { name: 'web', subnets: ['fd00::/129'] }],
    ['subnets[1]', { name: 'web', subnets: ['10.0.0.0/8', '10.1.0.0/16'] }],
    ['subnets[0].subnet', { name: 'web', subnets: [{ subnet: 'x' }] }],
    ['subnets[0].subnet', { name: 'web', subnets: [{}] }],
    ['subnets[0].gatway', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', gatway: '10.0.0.1' }] }],
    ['subnets[0].gateway', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', gateway: '11.0.0.1' }] }],
    ['subnets[0].gateway', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', gateway: '10.0.0.0' }] }],
    ['subnets[0].gateway', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', gateway: '10.255.255.255' }] }],
    ['subnets[0].gateway', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', gateway: true }] }],
    ['subnets[0].gateway', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', gateway: 'fd00::1' }] }],
    ['subnets[0].range', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', range: 7 }] }],
    ['subnets[0].range', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', range: '11.0.0.0/16' }] }],
    ['subnets[0].range', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', range: '10.0.0.1/16' }] }],
    ['subnets[0].range', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', range: '10.0.0.9-10.0.0.1' }] }],
    ['subnets[0].range', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', range: 'fd00::1-fd00::2' }] }],
    ['subnets[0].range', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', range: '10.0.0.0/32' }] }],
    ['subnets[0].range', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', range: '10.0.0.1-x' }] }],
    ['subnets[0].reserved', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', reserved: '10.0.0.9' }] }],
    ['subnets[0].reserved[1]', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', reserved: ['10.0.0.9', '11.0.0.9'] }] }],
    ['subnets[0].reserved[0]', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', reserved: ['10.0.0.1'] }] }],
    ['subnets[0].timeout', { name: 'web', subnets: [{ subnet: '10.0.0.0/8', timeout: 1 }] }],
    ['acceptIn[0].signal', { ...net, acceptIn: [{ family: 'ip', table: 'filter', chain: 'FORWARD', signal: 1 }] }],
    ...['0.0.0.0/0', '127.1.0.0/16', '128.0.0.0/1', '239.0.0.0/24', '::/0', '::/126', '::ffff:10.0.0.0/104', 'ff02::/64', 'fe00::/7'].map(
      (subnet) => ['subnets[0]', { name: 'web', subnets: [subnet] }] as [string, unknown],
    ),
    ['mtu', { ...net, mtu: 1279 }],
    ['mtu', { name: 'web', mtu: 67 }],
    ['mtu', { name: 'web', mtu: 65_536 }],
    ['mtu', { name: 'web', mtu: '1500' }],
    ['mtu', { name: 'web', mtu: 1500.5 }],
    ['masquerade', { ...net, masquerade: 'yes' }],
    ['masquerade', { name: 'web', masquerade: true }],
    ['isolate', { ...net, isolate: 1 }],
    ['internal', { ...net, internal: null }],
    ['subnets', { name: 'web', subnets: Array.from({ length: 30 }, (_, i) => `10.${i}.0.0/16`) }],
  ])('create: %s of %j', (argument, options) => {
    expect(refusal(() => checkNetwork(options as NetworkOptions))).toBe(argument);
  });

  const { definition } = checkNetwork(net);
  const end = { netns: 'red', owner: 'c1' };
  test.each<[string, unknown]>([
    ['options', undefined],
    ['netns', { owner: 'c1' }],
    ['owner', { netns: 'red' }],
    ['owner', { ...end, owner: '' }],
    ['owner', { ...end, owner: 'a\nb' }],
    ['owner', { ...end, owner: 'x'.repeat(129) }],
    ['owner', { ...end, owner: 'a\udc00' }],
    ['ifnmae', { ...end, ifnmae: 'eth0' }],
    ['ifname', { ...end, ifname: '' }],
    ['ifname', { ...end, ifname: 'eth%d' }],
    ['ifname', { ...end, ifname: 'x'.repeat(16) }],
    ['ifname', { ...end, ifname: 'default' }],
    ['ifname', { ...end, ifname: 'e\ud800' }],
    ['addresses', { ...end, addresses: '10.20.0.5' }],
    ['addresses[0]', { ...end, addresses: ['10.20.0.5/24'] }],
    ['addresses[0]', { ...end, addresses: ['10.20.0.5/'] }],
    ['addresses[0]', { ...end, addresses: [7] }],
    ['addresses[0]', { ...end, addresses: ['10.21.0.5'] }],
    ['addresses[0]', { ...end, addresses: ['10.20.0.1'] }],
    ['addresses[0]', { ...end, addresses: ['10.20.255.255'] }],
    ['addresses[1]', { ...end, addresses: ['10.20.0.5', '10.20.0.6'] }],
    ['mac', { ...end, mac: '02:00' }],
    ['mac', { ...end, mac: '01:00:00:00:00:01' }],
    ['mac', { ...end, mac: '00:00:00:00:00:00' }],
    ['mac', { ...end, mac: 7 }],
    ['defaultRoute', { ...end, defaultRoute: 'no' }],
    ['routes', { ...end, routes: {} }],
    ['routes[0].to', { ...end, routes: [{ to: '10.0.0.1/8' }] }],
    ['routes[0]', { ...end, routes: ['default'] }],
    ['routes[0].metric', { ...end, routes: [{ to: 'default', via: '10.20.0.1', metric: -1 }] }],
    ['routes[0].metric', { ...end, routes: [{ to: 'default', via: '10.20.0.1', metric: '7' }] }],
    ['routes[0].dev', { ...end, routes: [{ to: 'default', dev: 'eth0' }] }],
    ['routes[0].timeout', { ...end, routes: [{ to: 'default', via: '10.20.0.1', timeout: 7 }] }],
    ['routes[1].via', { ...end, routes: [{ to: '10.0.0.0/8' }, { to: '10.0.0.0/8', via: 'x' }] }],
    ['dns', { ...end, dns: [] }],
    ['dns', { ...end, resolvConf: true }],
    ['resolvConf', { ...end, resolvConf: 'yes' }],
    ['resolvConf', { ...end, netns: 7, dns: {}, resolvConf: true }],
    ['resolvConf', { ...end, netns: '/proc/7/ns/net', dns: {}, resolvConf: true }],
    ['resolvConf', { ...end, netns: 'a b', dns: {}, resolvConf: true }],
    ['dns.server', { ...end, dns: { server: ['1.1.1.1'] } }],
    ['dns.servers', { ...end, dns: { servers: '1.1.1.1' } }],
    ['dns.servers[0]', { ...end, dns: { servers: ['dns.example.org'] } }],
    ['dns.timeout', { ...end, dns: { timeout: 2 } }],
    ['dns.search[0]', { ...end, dns: { search: [''] } }],
    ['dns.search[0]', { ...end, dns: { search: ['a\0b'] } }],
    ['dns.options[0]', { ...end, dns: { options: ['a b'] } }],
    ['sysctls', { ...end, sysctls: [] }],
    ['sysctls["net.ipv4.ip_forward"]', { ...end, sysctls: { 'net.ipv4.ip_forward': 1 } }],
    ['sysctls["net.ipv4.conf.all.forwarding"]', { ...end, sysctls: { 'net.ipv4.conf.all.forwarding': 1 } }],
    ['sysctls["net.ipv4.conf.IFNAME.forwarding"]', { ...end, sysctls: { 'net.ipv4.conf.IFNAME.forwarding': null } }],
    ['sysctls["net.ipv4.conf.IFNAME.forwarding"]', { ...end, sysctls: { 'net.ipv4.conf.IFNAME.forwarding': '' } }],
  ])('attach: %s of %j', (argument, options) => {
    expect(refusal(() => checkAttach(options as AttachOptions, definition))).toBe(argument);
  });

  test('attach: what some drivers cannot do', () => {
    const of = (options: object) => checkNetwork({ name: 'web', ...options }).definition;
    const mac = { ...end, mac: '02:00:00:00:00:01' };
    expect(refusal(() => checkAttach(mac, of({ driver: 'ipvlan', parent: 'eth0' })))).toBe('mac');
    expect(refusal(() => checkAttach(mac, of({ driver: 'loopback' })))).toBe('mac');
    expect(refusal(() => checkAttach(mac, of({ driver: 'host-device', parent: 'eth0' })))).toBe('mac');
    expect(refusal(() => checkAttach(mac, of({ driver: 'macvlan', parent: 'eth0', mode: 'passthru' })))).toBe('mac');
    expect(checkAttach(mac, of({ driver: 'macvlan', parent: 'eth0' })).mac).toBe(mac.mac);
    expect(refusal(() => checkAttach({ ...end, ports: [] }, of({ driver: 'macvlan', parent: 'eth0' })))).toBe('ports');
    expect(refusal(() => checkAttach({ ...end, ifname: 'eth0' }, of({ driver: 'loopback' })))).toBe('ifname');
    expect(refusal(() => checkAttach({ ...end, routes: [] }, of({ driver: 'loopback' })))).toBe('routes');
    expect(refusal(() => checkAttach({ ...end, sysctls: {} }, of({ driver: 'loopback' })))).toBe('sysctls');
    expect(checkAttach(end, of({ driver: 'loopback' })).ifname).toBe('lo');
  });

  test('attach: addresses as records have them', () => {
    const wanted = checkAttach({ ...end, addresses: ['FD00:20::5/64', '10.20.0.5/16'] }, definition).addresses;
    expect(wanted.map(({ address }) => address)).toEqual(['10.20.0.5', 'fd00:20::5']);
  });

  test('attach: a default route that nobody asked for may be left out', () => {
    const routes = (more: object) => checkAttach({ ...end, ...more }, definition).routes.map(({ dispensable }) => dispensable === true);
    expect([routes({}), routes({ defaultRoute: true }), routes({ defaultRoute: false })]).toEqual([[true, true], [false, false], []]);
    // once more, since they are kept
    expect(routes({})).toEqual([true, true]);
  });

  test('attach: sysctls of a link with an odd name', () => {
    const sysctls = { 'net.ipv4.conf.IFNAME.arp_notify': 1 };
    for (const [ifname, within] of [
      ['eth0.7', 'eth0/7'],
      ['a$&b$$', 'a$&b$$'],
    ] as const)
      expect(checkAttach({ ...end, ifname, sysctls }, definition).sysctls).toMatchObject([
        { name: `net.ipv4.conf.${within}.arp_notify`, value: '1' },
      ]);
  });

  test('attach: a default route without a gateway', () => {
    expect(refusal(() => checkAttach({ ...end, defaultRoute: true }, checkNetwork({ name: 'flat' }).definition))).toBe('defaultRoute');
  });

  test('endpoints and owners', () => {
    expect(refusal(() => checkEndpointRef({} as never, 'web'))).toBe('owner');
    expect(refusal(() => checkEndpointRef({ owner: 'a', ifname: 'a/b' }, 'web'))).toBe('ifname');
    expect(refusal(() => checkEndpointRef({ owner: 'a', network: 'other' } as never, 'web'))).toBe('network');
    expect(refusal(() => checkEndpointRef({ owner: 'a', what: 1 } as never, 'web'))).toBe('what');
    expect(refusal(() => checkOwners('a'))).toBe('validOwners');
    expect(refusal(() => checkOwners(undefined))).toBe('validOwners');
    expect(refusal(() => checkOwners(['a', 7]))).toBe('validOwners[1]');
  });

  test('by the functions themselves, with nothing sent', async () => {
    const kernel = fakeKernel(() => undefined);
    const { transport } = kernel;
    const calls: [string, () => Promise<unknown>][] = [
      ['name', () => network.create({ name: '', transport })],
      ['timeout', () => network.create({ name: 'a', transport, timeout: -1 })],
      ['transport', () => network.create({ name: 'a', transport: 7 as never })],
      ['name', () => network.open('', { transport })],
      ['nets', () => network.open('a', { nets: 1 } as never)],
      ['name', () => network.inspect('a b', { transport })],
      ['what', () => network.list({ transport, what: 1 } as never)],
      ['name', () => network.delete('', { transport })],
      ['force', () => network.delete('a', { transport, force: 1 as never })],
      ['validOwners', () => network.gc(7 as never, { transport })],
      ['signal', () => network.list({ transport, signal: 7 as never })],
    ];
    for (const [argument, call] of calls) await expect(call(), argument).rejects.toMatchObject({ name: 'InputError', argument });
    expect(kernel.requests).toEqual([]);
  });
});

describe('subnets', () => {
  const subnet = (options: Parameters<typeof checkSubnet>[0]) => {
    const { family, gateway, first, last } = checkSubnet(options, 'subnet');
    return [gateway, addressOf(family, first), addressOf(family, last)];
  };

  test.each<[Parameters<typeof checkSubnet>[0], unknown]>([
    ['10.0.0.0/24', ['10.0.0.1', '10.0.0.1', '10.0.0.254']],
    ['10.0.0.0/31', ['10.0.0.0', '10.0.0.0', '10.0.0.1']],
    ['10.0.0.4/30', ['10.0.0.5', '10.0.0.5', '10.0.0.6']],
    ['fd00::/64', ['fd00::1', 'fd00::1', 'fd00::ffff:ffff:ffff:ffff']],
    ['fd00::/127', ['fd00::', 'fd00::', 'fd00::1']],
    [{ subnet: '10.0.0.0/24', gateway: false }, [undefined, '10.0.0.1', '10.0.0.254']],
    [{ subnet: '10.0.0.0/24', gateway: '10.0.0.254', range: '10.0.0.128/25' }, ['10.0.0.254', '10.0.0.128', '10.0.0.254']],
    [{ subnet: '10.0.0.0/24', range: '10.0.0.0/25' }, ['10.0.0.1', '10.0.0.1', '10.0.0.127']],
    [{ subnet: '10.0.0.0/24', range: '10.0.0.7-10.0.0.9' }, ['10.0.0.1', '10.0.0.7', '10.0.0.9']],
    [{ subnet: 'fd00::/64', range: 'fd00::10-fd00::20' }, ['fd00::1', 'fd00::10', 'fd00::20']],
  ])('%j', (given, expected) => {
    expect(subnet(given)).toEqual(expected);
  });
});

describe('pools', () => {
  const pool = (options: Parameters<typeof checkSubnet>[0]): Pool => new Pool(checkSubnet(options, 'subnet'));
  const number = (address: string): bigint => numberOf(Uint8Array.from(address.split('.').map(Number)));

  test('give out each address once, and go round', () => {
    const small = pool('10.0.0.0/29');
    expect(Array.from({ length: 7 }, () => small.take())).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `10.0.0.${n}`).concat([undefined as never]),
    );
    small.set(number('10.0.0.2'), false);
    small.set(number('10.0.0.5'), false);
    expect([small.take(), small.take(), small.take()]).toEqual(['10.0.0.2', '10.0.0.5', undefined]);
    const other = pool('10.0.0.0/29');
    other.reset([number('10.0.0.1'), number('10.0.0.4')], number('10.0.0.4'));
    expect(Array.from({ length: 5 }, () => other.take())).toEqual(['10.0.0.5', '10.0.0.6', '10.0.0.2', '10.0.0.3', undefined]);
  });

  test('of networks with more addresses than there are bits', () => {
    const large = pool('fd00::/64');
    expect([large.take(), large.take()]).toEqual(['fd00::1', 'fd00::2']);
    large.set(1n << 127n, true); // elsewhere
    large.set((0xfd00n << 112n) + 3n, true);
    expect(large.take()).toBe('fd00::4');
    expect(pool('10.0.0.0/8').take()).toBe('10.0.0.1');
  });
});

describe('names and records', () => {
  test('derived names are the same each time, and those of others for others', () => {
    const name = endpointLinkName('web', 'c1', 'eth0');
    expect(name).toMatch(/^nl[0-9a-z]{13}$/);
    expect(isEndpointLinkName(name)).toBe(true);
    const all = [name, endpointLinkName('web', 'c1', 'eth1'), endpointLinkName('web', 'c2', 'eth0'), endpointLinkName('we', 'bc1', 'eth0')];
    expect(new Set(all).size).toBe(all.length);
    // a change of these would orphan what an older version made
    expect([name, defaultLinkName('x'.repeat(20))]).toEqual(['nl3dbqfemai5trn', 'nl-49y6mvi517wl']);
    expect(defaultLinkName('web')).toBe('web');
    expect(defaultLinkName('a-network-with-a-long-name')).toMatch(/^nl-[0-9a-z]{12}$/);
    expect(defaultLinkName('.')).not.toBe('.');
    // these stand for all links where sysctls are named
    for (const name of ['all', 'default']) expect(defaultLinkName(name)).toMatch(/^nl-[0-9a-z]{12}$/);
    for (let i = 0; i < 100; i++) expect(Number.parseInt(derivedHardwareAddress(String(i)).slice(0, 2), 16) & 3).toBe(2);
  });

  test('a record says where the endpoint is', () => {
    const link = endpointLinkName('web', 'c1', 'eth0');
    expect(innerLinkName(link)).toMatch(/^ni[0-9a-z]{13}$/);
    expect(placeOf(link, ['web@10.0.0.1', placeAltName(link, 7)])).toEqual({ nsid: 7 });
    expect(placeOf(link, [placeAltName(link, 0, 'a=b@c')])).toEqual({ nsid: 0, was: 'a=b@c' });
    expect(placeOf(link, ['web@10.0.0.1', placeAltName(endpointLinkName('web', 'c2', 'eth0'), 7)])).toBeUndefined();
  });

  test('an address is claimed by a name that says which', () => {
    for (const address of ['10.0.0.1', 'fd00::1', '::', 'fd00:1:2:3:4:5:6:7']) {
      const name = addressAltName('web', address);
      expect(name).not.toMatch(/[:/\s]/);
      expect(claimedAddress('web', name)).toBe(address);
      expect(claimedAddress('we', name)).toBeUndefined();
      expect(claimedAddress('netloom', addressAltName('netloom', address))).toBe(address);
    }
    // the name that the network's own link is found by
    expect(claimedAddress('netloom', networkAltName('netloom'))).toBeUndefined();
    expect(addressAltName('x'.repeat(63), 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff').length).toBeLessThan(128);
  });

  test('a record is read as it was written', () => {
    const { definition } = checkNetwork({
      name: 'web',
      link: 'br0',
      subnets: [{ subnet: '10.20.0.0/16', gateway: false, range: '10.20.1.0-10.20.1.9' }, 'fd00:20::/64'],
      mtu: 1400,
      masquerade: true,
      isolate: true,
      internal: true,
    });
    const text = formatNetwork(definition);
    expect(parseNetwork(text, 'br0')).toEqual(definition);
    expect(parseNetwork(formatNetwork(checkNetwork({ name: 'a' }).definition), 'a')).toEqual(checkNetwork({ name: 'a' }).definition);
    for (const options of [
      { driver: 'bridge', hairpin: true },
      { driver: 'ptp', masquerade: true },
      { driver: 'macvlan', parent: 'eth0', mode: 'vepa' },
      { driver: 'ipvlan', parent: 'eth0' },
      { driver: 'vlan', parent: 'eth0.7', vlanId: 0 },
      { driver: 'tap', user: 1000, group: 0, multiQueue: true },
    ] as const) {
      const { definition: other } = checkNetwork({ name: 'a', subnets: ['10.0.0.0/24'], ...options });
      expect(parseNetwork(formatNetwork(other), 'a')).toEqual(other);
    }
    expect(checkNetwork({ name: 'a', driver: 'ipvlan', parent: 'eth0' }).definition.mode).toBe('l2');
    for (const other of [
      undefined,
      '',
      'my bridge',
      'netloom/1 network',
      'netloom/1 network a overlay',
      'netloom/1 network a bridge 10.0.0.1/x,',
    ])
      expect(parseNetwork(other, 'br0')).toBeUndefined();
    for (const owner of ['a name with spaces', 'two\u2028lines', ' \u2029']) {
      const mark = { network: 'web', owner, ifname: 'eth0', netns: '4:4026531840' };
      expect(parseEndpoint(formatEndpoint(mark))).toEqual(mark);
    }
    const longest = { network: 'x'.repeat(63), owner: 'o'.repeat(128), ifname: 'i'.repeat(15), netns: '4294967295:4294967295' };
    expect(formatEndpoint(longest).length).toBeLessThan(256);
    for (const other of [undefined, '', 'netloom/1 endpoint web eth0', text]) expect(parseEndpoint(other)).toBeUndefined();
  });
});

test('gc spares the endpoint of a network that is made while it looks', () => {
  const owner = 'c1';
  const { definition } = checkNetwork({ name: 'web' });
  const there: Record<string, object> = {
    bridge: { index: 7, name: 'web', altNames: [networkAltName('web')], alias: formatNetwork(definition), group: linkGroup },
    veth: {
      index: 8,
      name: endpointLinkName('web', owner, 'eth0'),
      alias: formatEndpoint({ network: 'web', owner, ifname: 'eth0', netns: '4:4026531840' }),
      group: linkGroup,
      master: 7,
    },
  };
  const changes: unknown[] = [];
  let listings = 0;
  const answer = (step: Step): unknown => {
    if (step.op === 'section') return [];
    if (step.op === 'sysctl') return '0';
    if (step.op === 'requests') return step.requests.map(() => ({ ok: false, error: absent }));
    if (step.op !== 'request') throw new Error(`not expected: ${step.op}`);
    const { operation, expects, value } = step.request;
    if (operation.name === 'RTM_GETLINK' && expects === 'dump') {
      const { kind } = (value as { info: { kind: string } }).info;
      // both are there from the second listing on
      return listings++ > 0 && there[kind] !== undefined ? [there[kind]] : [];
    }
    if (expects === 'dump') return [];
    if (operation.name === 'NFT_MSG_GETGEN') return { id: 1 };
    if (expects !== 'reply') changes.push(operation.name);
    throw absent;
  };
  const absent = new NetlinkError({ syscall: 'any', subject: 'what is asked for', errno: 2 });
  const program = collect(new Set([owner]));
  let next = program.next();
  while (next.done !== true) {
    let result: unknown;
    try {
      result = answer(next.value);
    } catch (error) {
      next = program.throw(error);
      continue;
    }
    next = program.next(result);
  }
  expect(next.value).toEqual({ endpoints: [], incomplete: 0, busy: [] });
  expect(changes).toEqual([]);
  expect(listings).toBeGreaterThan(2);
});
