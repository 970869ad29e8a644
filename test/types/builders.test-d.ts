/** What the compiler makes of the builders at the package root. */
import {
  type AddressOptions,
  addAddress,
  addForwardAccept,
  addRoute,
  createBridge,
  createLink,
  createVethPair,
  deleteLink,
  enableForwarding,
  enslave,
  type FoundPeer,
  findPeer,
  getLink,
  type Masquerade,
  type MasqueradeHandle,
  type MasqueradeOptions,
  masquerade,
  moveToNs,
  type NamespaceRef,
  type netns,
  release,
  removeAddress,
  removeRoute,
  type rtnl,
  type SyncForwardAccept,
  type SyncMasquerade,
  setLink,
  sync,
  type VethPair,
  type VethPairOptions,
} from 'netloom';
import { expectTypeOf, test } from 'vitest';

declare const red: netns.Netns;
declare const link: rtnl.Link;
declare const signal: AbortSignal;
declare const pid: number;

test('a builder returns a promise, and its synchronous form what that holds', () => {
  expectTypeOf(createVethPair).returns.resolves.toEqualTypeOf<VethPair>();
  expectTypeOf(sync.createVethPair).returns.toEqualTypeOf<VethPair>();
  expectTypeOf<VethPair>().toEqualTypeOf<{ link: rtnl.Link; peer: rtnl.Link }>();
  expectTypeOf(moveToNs).returns.resolves.toEqualTypeOf<rtnl.Link>();
  expectTypeOf(sync.moveToNs).returns.toEqualTypeOf<rtnl.Link>();
  for (const builder of [createBridge, createLink, getLink]) expectTypeOf(builder).returns.resolves.toEqualTypeOf<rtnl.Link>();
  for (const builder of [sync.createBridge, sync.createLink, sync.getLink]) expectTypeOf(builder).returns.toEqualTypeOf<rtnl.Link>();
  for (const builder of [setLink, deleteLink, enslave, release, addAddress, removeAddress, addRoute, removeRoute, enableForwarding])
    expectTypeOf(builder).returns.resolves.toBeVoid();
  for (const builder of [sync.setLink, sync.deleteLink, sync.enslave, sync.release, sync.addAddress, sync.addRoute, sync.enableForwarding])
    expectTypeOf(builder).returns.toBeVoid();
});

test('what can be undone has a remove', () => {
  expectTypeOf(masquerade).returns.resolves.toEqualTypeOf<Masquerade>();
  expectTypeOf(sync.masquerade).returns.toEqualTypeOf<SyncMasquerade>();
  expectTypeOf<Masquerade['remove']>().returns.resolves.toBeVoid();
  expectTypeOf<SyncMasquerade['remove']>().returns.toBeVoid();
  expectTypeOf<Masquerade>().toExtend<MasqueradeHandle>();
  expectTypeOf<MasqueradeHandle['handles']>().toEqualTypeOf<readonly string[]>();
  expectTypeOf(addForwardAccept).returns.resolves.toHaveProperty('remove');
  expectTypeOf(sync.addForwardAccept).returns.toEqualTypeOf<SyncForwardAccept>();
});

test('findPeer returns the candidate it was given', () => {
  expectTypeOf(findPeer('v0')).resolves.toEqualTypeOf<FoundPeer<string> | undefined>();
  expectTypeOf(findPeer('v0', { candidates: [red] })).resolves.toEqualTypeOf<FoundPeer<netns.Netns> | undefined>();
  expectTypeOf(sync.findPeer('v0', { candidates: [pid] })).toEqualTypeOf<FoundPeer<number> | undefined>();
  expectTypeOf<FoundPeer<netns.Netns>['netns']>().toEqualTypeOf<netns.Netns | undefined>();
});

test('a namespace is a name, a path, a process id or a handle', () => {
  expectTypeOf<netns.Netns>().toExtend<NamespaceRef>();
  for (const where of ['red', '/proc/1/ns/net', 1234, red]) {
    createVethPair({ name: 'a', netns: where, peer: { name: 'b', netns: where } });
    moveToNs('a', where, { netns: where, name: 'b' });
  }
  // @ts-expect-error: no namespace
  getLink('a', { netns: true });
  // @ts-expect-error: null is none
  getLink('a', { netns: null });
  // @ts-expect-error: a target is needed
  moveToNs('a');
  // @ts-expect-error: undefined is no target
  moveToNs('a', undefined);
});

test('a link is a name, an index or an object with one', () => {
  for (const ref of ['a', 5, link, { index: 5 }]) {
    enslave(ref, ref, { netns: red });
    release(ref);
    deleteLink(ref, { signal, timeout: 1000 });
    setLink(ref, { up: true });
    addAddress(ref, '10.0.0.1/24');
    addRoute({ to: 'default', dev: ref });
    createVethPair({ name: 'a', master: ref, peer: { name: 'b', master: ref } });
  }
  // @ts-expect-error: an object without an index
  getLink({ name: 'a' });
  // @ts-expect-error: a link is needed
  getLink();
  // @ts-expect-error: a master is needed
  enslave('a');
});

test('createVethPair wants both names', () => {
  createVethPair({
    name: 'a',
    up: true,
    mtu: 1400,
    address: '02:00:00:00:00:01',
    index: 7,
    alias: 'x',
    group: 1,
    txQueueLength: 5,
    peer: { name: 'b', up: true },
  });
  // @ts-expect-error: a peer is needed
  createVethPair({ name: 'a' });
  // @ts-expect-error: a name is needed
  createVethPair({ peer: { name: 'b' } });
  // @ts-expect-error: the peer needs one too
  createVethPair({ name: 'a', peer: {} });
  // @ts-expect-error: a name alone is no peer
  createVethPair({ name: 'a', peer: 'b' });
  // @ts-expect-error: no such option
  createVethPair({ name: 'a', mtuu: 1400, peer: { name: 'b' } });
  // @ts-expect-error: no such option of the peer
  createVethPair({ name: 'a', peer: { name: 'b', mtuu: 1400 } });
  // @ts-expect-error: a number
  createVethPair({ name: 'a', mtu: '1400', peer: { name: 'b' } });
  // @ts-expect-error: true or false
  createVethPair({ name: 'a', up: 'yes', peer: { name: 'b' } });
  // @ts-expect-error: null is not absent
  createVethPair({ name: 'a', master: null, peer: { name: 'b' } });
  expectTypeOf<{ name: string; mtu: undefined; peer: { name: string } }>().not.toExtend<VethPairOptions>();
});

test('createBridge and createLink', () => {
  createBridge({ name: 'br0', addresses: ['10.0.0.1/24'], data: { ageingTime: 5 }, netns: red });
  // @ts-expect-error: a name is needed
  createBridge({ up: true });
  // @ts-expect-error: a list of addresses
  createBridge({ name: 'br0', addresses: '10.0.0.1/24' });
  // @ts-expect-error: no such setting of a bridge
  createBridge({ name: 'br0', data: { agingTime: 5 } });
  createLink({ kind: 'veth', name: 'a', peer: { name: 'b', netns: red } });
  createLink({ kind: 'macvlan' as string, name: 'm0', link: 'eth0', data: new Uint8Array(8) });
  createLink({ ...link, netns: red });
  createLink(link);
  // @ts-expect-error: a kind is needed
  createLink({ name: 'a' });
  // @ts-expect-error: no such option
  createLink({ kind: 'ifb', nam: 'a' });
  // @ts-expect-error: a kind without a schema takes bytes
  createLink({ kind: 'nosuch', data: { id: 5 } });
});

test('setLink', () => {
  setLink('a', { up: false, mtu: 1400, master: null, name: 'b' }, { netns: red });
  // @ts-expect-error: the changes are needed
  setLink('a');
  // @ts-expect-error: an index cannot be changed
  setLink('a', { index: 5 });
});

test('addresses', () => {
  addAddress('a', '10.0.0.1/24', {
    netns: red,
    broadcast: 'auto',
    scope: 'link',
    flags: ['nodad'],
    validLifetime: Number.POSITIVE_INFINITY,
  });
  removeAddress('a', '10.0.0.1/24', { netns: red });
  // @ts-expect-error: an address is needed
  addAddress('a');
  // @ts-expect-error: no such flag
  addAddress('a', 'fd00::1', { flags: ['nodadd'] });
  // @ts-expect-error: what is removed has no lifetime
  removeAddress('a', '10.0.0.1/24', { validLifetime: 5 });
  expectTypeOf<{ metric: undefined }>().not.toExtend<AddressOptions>();
});

test('routes', () => {
  addRoute({ to: 'default', via: '10.0.0.254', metric: 5, table: 100, source: '10.0.0.1', netns: red, signal });
  addRoute({ to: '10.0.0.0/8', nexthops: [{ via: '10.0.0.254', weight: 2 }, { dev: 'eth0' }] });
  removeRoute({ to: 'default' });
  // @ts-expect-error: where to is needed
  addRoute({ via: '10.0.0.254' });
  // @ts-expect-error: it is called via
  addRoute({ to: 'default', gateway: '10.0.0.254' });
  // @ts-expect-error: a number
  addRoute({ to: 'default', metric: '5' });
  // @ts-expect-error: no such type
  addRoute({ to: 'default', type: 'black hole' });
  // @ts-expect-error: of a path it is called via, too
  addRoute({ to: 'default', nexthops: [{ gateway: '10.0.0.254' }] });
});

test('forwarding and nat', () => {
  enableForwarding();
  enableForwarding({ family: 'inet6', netns: red });
  // @ts-expect-error: it is called inet
  enableForwarding({ family: 'ipv4' });
  const options: MasqueradeOptions = {
    source: '10.0.0.0/24',
    outInterface: 'up*',
    excludeDestination: ['10.0.0.0/8'],
    toPorts: [1024, 2048],
    netns: red,
    signal,
  };
  masquerade(options);
  // @ts-expect-error: a source is needed
  masquerade({});
  // @ts-expect-error: true or false
  masquerade({ source: '10.0.0.0/24', random: 'fully' });
  // @ts-expect-error: two ports
  masquerade({ source: '10.0.0.0/24', toPorts: [1, 2, 3] });
  addForwardAccept({ interface: 'br0', comment: 'x' });
  // @ts-expect-error: an interface is needed
  addForwardAccept({ netns: red });
  // @ts-expect-error: no such option
  addForwardAccept({ interface: 'br0', iface: 'br0' });
});
