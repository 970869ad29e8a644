/** Bad input is refused by name, and before anything is changed. */
import { describe, expect, test } from 'vitest';
import { type FakeKernel, FakeTransport, fakeAck, fakeMessage } from '../../src/netlink/transport/fake.ts';
import { linkMessage, openSync, type RtnlClientSync } from '../../src/rtnl/index.ts';

/** Knows the links eth0 (2) and br0 (3); to be asked for anything but links is a failure. */
const kernel: FakeKernel = (requests) =>
  requests.map((request) => {
    if (request.type !== 18) throw new Error(`request of type ${request.type} was sent`);
    const { name, index } = linkMessage.parse(request.body);
    const links: Record<string, number> = { eth0: 2, br0: 3 };
    const found = name === undefined ? index : links[name];
    if (found === undefined) return fakeAck(request, 19);
    return fakeMessage(request.sequence, 16, linkMessage.bytes({ index: found, name: name ?? 'eth0', mtu: 1500 }));
  });

// biome-ignore lint/suspicious/noExplicitAny: what JavaScript callers may pass
type Bad = (rt: any) => unknown;

function thrown(call: Bad): unknown {
  const rt: RtnlClientSync = openSync({ transport: () => new FakeTransport(kernel) });
  try {
    call(rt);
  } catch (error) {
    return error;
  } finally {
    rt.close();
  }
  throw new Error('nothing was thrown');
}

const wrong: readonly (readonly [argument: string, code: string, call: Bad])[] = [
  ['filter', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.list(5)],
  ['knd', 'ERR_UNKNOWN_OPTION', (rt) => rt.links.list({ knd: 'veth' })],
  ['kind', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.list({ kind: '' })],
  ['up', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.list({ up: 1 })],
  ['stats', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.get('eth0', { stats: 'yes' })],
  ['link', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.get()],
  ['link', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.get(null)],
  ['link', 'ERR_OUT_OF_RANGE', (rt) => rt.links.get(0)],
  ['link', 'ERR_OUT_OF_RANGE', (rt) => rt.links.get(1.5)],
  ['link', 'ERR_OUT_OF_RANGE', (rt) => rt.links.get(2 ** 31)],
  ['link.index', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.get({ index: '1' })],
  ['link', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.get('')],
  ['link', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.get('a/b')],
  ['link', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.get('a\0b')],
  ['link', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.get('an alternative name')],
  ['link', 'ERR_OUT_OF_RANGE', (rt) => rt.links.get('x'.repeat(128))],
  ['spec', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create()],
  ['kind', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create({ name: 'x' })],
  ['nmae', 'ERR_UNKNOWN_OPTION', (rt) => rt.links.create({ kind: 'veth', nmae: 'x' })],
  ['name', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', name: 'sixteen-bytes-xx' })],
  ['name', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.create({ kind: 'veth', name: 'a b' })],
  ['name', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create({ kind: 'veth', name: 5 })],
  ['mtu', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', mtu: -1 })],
  ['mtu', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create({ kind: 'veth', mtu: '1500' })],
  ['index', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', index: 0 })],
  ['up', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create({ kind: 'veth', up: 'yes' })],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.create({ kind: 'veth', name: 'x', address: '02:00' + ':zz' })],
  ['alias', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', name: 'x', alias: 'x'.repeat(256) })],
  ['altNames', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create({ kind: 'veth', altNames: 'x' })],
  ['master', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create({ kind: 'veth', master: {} })],
  ['peer', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', peer: 'sixteen-bytes-xx' })],
  ['peer', 'ERR_UNKNOWN_OPTION', (rt) => rt.links.create({ kind: 'bridge', peer: 'x' })],
  ['peer.timeout', 'ERR_UNKNOWN_OPTION', (rt) => rt.links.create({ kind: 'veth', peer: { timeout: 5 } })],
  ['peer.up', 'ERR_UNKNOWN_OPTION', (rt) => rt.links.create({ kind: 'veth', peer: { up: true } })],
  ['peer.mtu', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', name: 'x', peer: { mtu: -1 } })],
  ['data.id', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'vxlan', name: 'x', data: { id: 2 ** 24 } })],
  ['data.id', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { kind: 'vxlan', data: { id: 2 ** 24 } })],
  ['port', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.create({ kind: 'veth', name: 'x', port: { kind: 'bridge', data: { cost: 5 } } })],
  ['port.data.cost', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { port: { kind: 'bridge', data: { cost: 0 } } })],
  ['numTxQueues', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', name: 'x', numTxQueues: 0 })],
  ['peer.numRxQueues', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'veth', name: 'x', peer: { numRxQueues: 4097 } })],
  ['mtu', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { mtu: 2 ** 31 })],
  ['gsoMaxSegs', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { gsoMaxSegs: 65_536 })],
  ['groMaxSize', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { groMaxSize: 524_281 })],
  ['vfs[0].vlan', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { vfs: [{ vf: 0, vlan: 4096 }] })],
  ['vfs[0].trust', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.update('eth0', { vfs: [{ vf: 0, trust: 'off' }] })],
  ['vfs[0].nodeGuid', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.update('eth0', { vfs: [{ vf: 0, nodeGuid: 5 }] })],
  ['vfs[0].portGuid', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { vfs: [{ vf: 0, portGuid: 2n ** 64n }] })],
  ['vfs[1].qos', 'ERR_OUT_OF_RANGE', (rt) => rt.links.update('eth0', { vfs: [{ vf: 0 }, { vf: 1, vlan: 1, qos: 8 }] })],
  ['data.activeSlave', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.create({ kind: 'bond', name: 'x', data: { activeSlave: 'eth0' } })],
  ['data.priority', 'ERR_OUT_OF_RANGE', (rt) => rt.links.create({ kind: 'bridge', name: 'x', data: { priority: 65536 } })],
  ['data.prio', 'ERR_UNKNOWN_OPTION', (rt) => rt.links.create({ kind: 'bridge', name: 'x', data: { prio: 1 } })],
  ['data', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.create({ kind: 'nosuch', name: 'x', data: { a: 1 } })],
  ['peer.index', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.create({ kind: 'veth', name: 'x', peer: { index: 5 } })],
  ['peer.address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.create({ kind: 'veth', name: 'x', peer: { address: '' } })],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.create({ kind: 'veth', name: 'x', address: '' })],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.ensure({ kind: 'veth', name: 'x', address: '' })],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.update('eth0', { address: '' })],
  ['broadcast', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.update('eth0', { broadcast: '' })],
  ['changes', 'ERR_INVALID_ARG_TYPE', (rt) => rt.links.update('eth0')],
  ['flags', 'ERR_UNKNOWN_OPTION', (rt) => rt.links.update('eth0', { flags: [] })],
  ['port.data.state', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.update('eth0', { port: { kind: 'bridge', data: { state: 'open' } } })],
  ['name', 'ERR_INVALID_ARG_VALUE', (rt) => rt.links.ensure({ kind: 'bridge' })],

  ['fam', 'ERR_UNKNOWN_OPTION', (rt) => rt.addresses.list({ fam: 'inet' })],
  ['family', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.list({ family: 'ipv4' })],
  ['scope', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.list({ scope: 'galaxy' })],
  ['to', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.list({ to: 'everywhere' })],
  ['address', 'ERR_INVALID_ARG_TYPE', (rt) => rt.addresses.create('eth0')],
  ['address', 'ERR_INVALID_ARG_TYPE', (rt) => rt.addresses.create('eth0', 10)],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', '10.0.0.256/24')],
  ['address', 'ERR_OUT_OF_RANGE', (rt) => rt.addresses.create('eth0', '10.0.0.1/33')],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', 'fe80::1%eth0/64')],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { peer: '10.0.0.2' })],
  ['peer', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', '10.0.0.1', { peer: 'fd00::1' })],
  ['broadcast', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { broadcast: 'fd00::1' })],
  ['broadcast', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', 'fd00::1/64', { broadcast: 'auto' })],
  ['label', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', 'fd00::1/64', { label: 'x' })],
  ['label', 'ERR_OUT_OF_RANGE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { label: 'x'.repeat(16) })],
  ['flags', 'ERR_INVALID_ARG_VALUE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { flags: ['sticky'] })],
  ['validLifetime', 'ERR_OUT_OF_RANGE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { validLifetime: -1 })],
  ['validLifetime', 'ERR_OUT_OF_RANGE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { validLifetime: 0 })],
  ['preferredLifetime', 'ERR_OUT_OF_RANGE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { validLifetime: 5, preferredLifetime: 6 })],
  ['metric', 'ERR_OUT_OF_RANGE', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { metric: -1 })],
  ['link', 'ERR_INVALID_ARG_TYPE', (rt) => rt.addresses.delete(undefined, '10.0.0.1/24')],
  ['scope', 'ERR_UNKNOWN_OPTION', (rt) => rt.addresses.delete('eth0', '10.0.0.1/24', { scope: 'link' })],

  ['tabel', 'ERR_UNKNOWN_OPTION', (rt) => rt.routes.list({ tabel: 'main' })],
  ['table', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.list({ table: 'mine' })],
  ['table', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.list({ table: 0 })],
  ['spec', 'ERR_INVALID_ARG_TYPE', (rt) => rt.routes.create('default')],
  ['to', 'ERR_INVALID_ARG_TYPE', (rt) => rt.routes.create({})],
  ['to', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: '10.0.0.1/24' })],
  ['to', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'fd00::1/64' })],
  ['to', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'somewhere' })],
  ['to', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: '10.0.0.0/8', family: 'inet6' })],
  ['gateway', 'ERR_UNKNOWN_OPTION', (rt) => rt.routes.create({ to: 'default', gateway: '10.0.0.1' })],
  ['via', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default', via: '10.0.0' })],
  ['via', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'fd00::/64', via: '10.0.0.1' })],
  ['source', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: '10.0.0.0/8', source: 'fd00::1', dev: 'eth0' })],
  ['from', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: '10.0.0.0/8', from: '10.0.0.0/8', dev: 'eth0' })],
  ['from', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'fd00::/64', from: 'fd00::1/64', dev: 'eth0' })],
  ['type', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default', type: 'hole' })],
  ['protocol', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default', protocol: 'smoke' })],
  ['scope', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default', scope: 'far' })],
  ['table', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'default', table: 2 ** 32 })],
  ['metric', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'default', dev: 'eth0', metric: 2 ** 32 })],
  ['metric', 'ERR_INVALID_ARG_TYPE', (rt) => rt.routes.create({ to: 'default', dev: 'eth0', metric: '5' })],
  ['tos', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'default', tos: 256 })],
  ['devIndex', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'default', devIndex: -1 })],
  ['expires', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'fd00::/64', expires: -1 })],
  ['metrics.mtu', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'default', dev: 'eth0', metrics: { mtu: -1 } })],
  ['metrics.mut', 'ERR_UNKNOWN_OPTION', (rt) => rt.routes.create({ to: 'default', dev: 'eth0', metrics: { mut: 1 } })],
  ['flags', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default', flags: ['offlink'] })],
  ['encap', 'ERR_INVALID_ARG_TYPE', (rt) => rt.routes.create({ to: 'default', encap: {} })],
  ['dev', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default' })],
  ['dev', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.append({ to: '10.0.0.0/8', type: 'unicast', metric: 5 })],
  ['dev', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.replace({ to: 'fd00::/64' })],
  ['dev', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.ensure({ to: 'fd00::/64', dev: undefined })],
  ['nexthops', 'ERR_INVALID_ARG_TYPE', (rt) => rt.routes.create({ to: 'default', nexthops: [] })],
  ['via', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default', via: '10.0.0.1', nexthops: [{ via: '10.0.0.2' }] })],
  ['nexthops[1].via', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.create({ to: 'default', nexthops: [{ via: '10.0.0.1' }, { via: 'x' }] })],
  ['nexthops[0].weight', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'default', nexthops: [{ via: '10.0.0.1', weight: 257 }] })],
  ['nexthops[0].wieght', 'ERR_UNKNOWN_OPTION', (rt) => rt.routes.create({ to: 'default', nexthops: [{ via: '10.0.0.1', wieght: 2 }] })],
  ['nexthops[0].realms', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.create({ to: 'default', nexthops: [{ via: '10.0.0.1', realms: -2 }] })],
  ['address', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.lookup('10.0.0.0/24')],
  ['address', 'ERR_INVALID_ARG_TYPE', (rt) => rt.routes.lookup()],
  ['from', 'ERR_INVALID_ARG_VALUE', (rt) => rt.routes.lookup('10.0.0.1', { from: 'fd00::1' })],
  ['mark', 'ERR_OUT_OF_RANGE', (rt) => rt.routes.lookup('10.0.0.1', { mark: -1 })],
];

const mirred = (options: object) => ({ kind: 'mirred', options: { action: 'redirect', ...options } });
const filtered = (action: string) => ({
  dev: 'eth0',
  parent: 'ingress',
  kind: 'matchall',
  options: { actions: [mirred({ action, dev: 'eth0' })] },
});

describe('an InputError names', () => {
  test('names that only files of /etc/iproute2 know go by their numbers, and the error says so', () => {
    for (const [file, call] of [
      ['rt_tables', (rt) => rt.routes.list({ table: 'isp' })],
      ['rt_tables', (rt) => rt.rules.create({ table: 'isp' })],
      ['rt_protos', (rt) => rt.routes.create({ to: 'default', dev: 'eth0', protocol: 'mine' })],
      ['rt_scopes', (rt) => rt.addresses.create('eth0', '10.0.0.1/24', { scope: 'mine' })],
    ] as const satisfies readonly (readonly [string, Bad])[])
      expect(thrown(call)).toMatchObject({
        name: 'InputError',
        message: expect.stringContaining(`the names of /etc/iproute2/${file} are not read`),
      });
  });

  test.each<[said: string, call: Bad]>([
    [
      'options.actions[0].options.action: "egress_redirect" is none of redirect, mirror',
      (rt) => rt.trafficFilters.create(filtered('egress_redirect')),
    ],
    ['options.direction: "out" is none of egress, ingress', (rt) => rt.trafficActions.create(mirred({ direction: 'out', dev: 'eth0' }))],
    ['options.dev: is needed', (rt) => rt.trafficActions.create(mirred({}))],
    ['parent: expected ingress, egress, root or a handle', (rt) => rt.trafficFilters.create({ dev: 'eth0', kind: 'matchall' })],
    ['parent: expected root, ingress, clsact or a handle', (rt) => rt.qdiscs.create({ dev: 'eth0', kind: 'sfq', parent: '1' })],
    [
      'encap: expected an object whose `type` says which tunnel it is, one of mpls, ',
      (rt) => rt.routes.create({ to: '10.0.0.0/8', dev: 'eth0', encap: 'mpls' }),
    ],
    ['of a network namespace, got true', (rt) => rt.links.create({ kind: 'veth', netns: true })],
    ['id: is a setting of the kind vlan: say it in `data`', (rt) => rt.links.create({ kind: 'vlan', link: 'eth0', id: 5 })],
    ['vni: is no option of this call; it has ', (rt) => rt.links.create({ kind: 'vlan', link: 'eth0', vni: 5 })],
  ])('%s', (said, call) => {
    expect(thrown(call)).toMatchObject({ name: 'InputError', message: expect.stringContaining(said) });
  });

  test.each(wrong)('%s (%s)', (argument, code, call) => {
    expect(thrown(call)).toMatchObject({ name: 'InputError', argument, code, message: expect.stringContaining(argument) });
  });
});

const missing: readonly (readonly [argument: string, call: Bad])[] = [
  ['link', (rt) => rt.links.get('eth9')],
  ['link', (rt) => rt.links.update('eth9', { up: true })],
  ['master', (rt) => rt.links.update('eth0', { master: 'eth9' })],
  ['master', (rt) => rt.links.list({ master: 'eth9' })],
  ['master', (rt) => rt.links.create({ kind: 'veth', master: 'eth9' })],
  ['link', (rt) => rt.links.create({ kind: 'macvlan', link: 'eth9' })],
  ['dev', (rt) => rt.addresses.list({ dev: 'eth9' })],
  ['link', (rt) => rt.addresses.create('eth9', '10.0.0.1/24')],
  ['dev', (rt) => rt.routes.list({ dev: 'eth9' })],
  ['dev', (rt) => rt.routes.create({ to: 'default', dev: 'eth9' })],
  ['nexthops[1].dev', (rt) => rt.routes.create({ to: 'default', nexthops: [{ dev: 'eth0' }, { dev: 'eth9' }] })],
  ['oif', (rt) => rt.routes.lookup('10.0.0.1', { oif: 'eth9' })],
];

describe('a NotFoundError names', () => {
  test.each(missing)('%s', (argument, call) => {
    expect(thrown(call)).toMatchObject({ name: 'NotFoundError', argument, code: 'ENODEV', subject: 'link "eth9"' });
  });
});

describe('clients', () => {
  test('refuse unknown options, a bad timeout and a bad transport', () => {
    const open = (options: object): unknown => thrown(() => openSync(options));
    expect(open({ nets: 'x' })).toMatchObject({ argument: 'nets', code: 'ERR_UNKNOWN_OPTION' });
    expect(open({ timeout: 0 })).toMatchObject({ argument: 'timeout', code: 'ERR_OUT_OF_RANGE' });
    expect(open({ transport: 5 })).toMatchObject({ argument: 'transport', code: 'ERR_INVALID_ARG_TYPE' });
    expect(open({ netns: 'no/such' })).toMatchObject({ argument: 'netns', name: 'InputError' });
  });

  test('throw ClosedError when closed', () => {
    const rt = openSync({ transport: () => new FakeTransport(kernel) });
    expect(rt.links.get('eth0').index).toBe(2);
    rt.close();
    rt.close();
    expect(() => rt.links.get('eth0')).toThrow(expect.objectContaining({ name: 'ClosedError' }));
  });

  test('take undefined for absent', () => {
    const rt = openSync({ transport: () => new FakeTransport(kernel) });
    // biome-ignore lint/suspicious/noExplicitAny: what JavaScript callers may pass
    const loose = rt.links as any;
    expect(loose.get('eth0', undefined).mtu).toBe(1500);
    expect(loose.get('eth0', { stats: undefined, signal: undefined, timeout: undefined }).mtu).toBe(1500);
    rt.close();
  });
});
