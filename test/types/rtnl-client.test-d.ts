/** What the compiler knows about clients, links, addresses and routes. */
import { expectTypeOf, test } from 'vitest';
import { type Listing, rtnl, type Stream, type SyncStream } from '../../src/index.ts';
import type { Address, Bridge, Link, LinkMessage, Route, RouteFilter, RtnlClient, RtnlClientSync } from '../../src/rtnl/index.ts';

declare const rt: RtnlClient;
declare const sync: RtnlClientSync;
declare const link: Link;
declare const route: Route;
declare const address: Address;

test('both clients have the same methods', () => {
  // waiting in place for what others do would hold the event loop
  expectTypeOf<Exclude<keyof RtnlClient['links'], 'waitUntil'>>().toEqualTypeOf<keyof RtnlClientSync['links']>();
  expectTypeOf<keyof RtnlClient['addresses']>().toEqualTypeOf<keyof RtnlClientSync['addresses']>();
  expectTypeOf<keyof RtnlClient['routes']>().toEqualTypeOf<keyof RtnlClientSync['routes']>();
  expectTypeOf(rt.links.get).returns.toEqualTypeOf<Promise<Link>>();
  expectTypeOf(sync.links.get).returns.toEqualTypeOf<Link>();
  expectTypeOf(rt.links.list).returns.toEqualTypeOf<Promise<Listing<Link>>>();
  expectTypeOf<Listing<Link>>().toExtend<Link[]>();
  expectTypeOf(rt.links.update).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(sync.routes.lookup).returns.toEqualTypeOf<Route>();
  expectTypeOf(sync.addresses.list).returns.toEqualTypeOf<Listing<Address>>();
  expectTypeOf(rt.routes.stream).returns.toEqualTypeOf<Stream<Route>>();
  expectTypeOf(rt.routes.stream).parameter(0).toEqualTypeOf<RouteFilter | undefined>();
  expectTypeOf(sync.links.stream).returns.toEqualTypeOf<SyncStream<Link>>();
  expectTypeOf(rtnl.open).returns.toEqualTypeOf<Promise<RtnlClient>>();
  expectTypeOf(rtnl.openSync).returns.toEqualTypeOf<RtnlClientSync>();
  expectTypeOf<RtnlClient>().toExtend<AsyncDisposable>();
  expectTypeOf<RtnlClientSync>().toExtend<Disposable>();
});

test('links', () => {
  expectTypeOf(link.mtu).toEqualTypeOf<number>();
  expectTypeOf(link.kind).toEqualTypeOf<string | undefined>();
  expectTypeOf(link.master).toEqualTypeOf<string | undefined>();
  expectTypeOf<Extract<Link['flags'][number], string>>().toExtend<string>();
  rt.links.create(link);
  rt.links.create({ kind: 'veth', name: 'a', peer: 'b', up: true, master: 'br0', signal: new AbortController().signal, timeout: 5 });
  rt.links.create({ kind: 'veth', peer: { name: 'b', netns: 'red' }, netns: 17, link });
  rt.links.create({ kind: 'bridge', data: { stpState: 1, vlanProtocol: '802.1ad' } });
  rt.links.create({ kind: 'vxlan' as string, data: new Uint8Array(4) });
  rt.links.update(link, { master: null, port: { kind: 'bridge', data: { state: 'forwarding' } } });
  rt.links.get({ index: 5 });
  // @ts-expect-error: a typo in an option
  rt.links.create({ kind: 'veth', nmae: 'a' });
  // @ts-expect-error: a kind is needed
  rt.links.create({ name: 'a' });
  // @ts-expect-error: a typo in the data of a kind
  rt.links.create({ kind: 'bridge', data: { stpStaet: 1 } });
  // @ts-expect-error: a string for a number
  rt.links.create({ kind: 'bridge', mtu: '1500' });
  // @ts-expect-error: undefined is not a value; leave it out
  rt.links.create({ kind: 'bridge', mtu: undefined });
  // @ts-expect-error: null releases in an update; there is nothing to release in a new link
  rt.links.create({ kind: 'bridge', master: null });
  // @ts-expect-error: no such state
  rt.links.update(link, { port: { kind: 'bridge', data: { state: 'open' } } });
  // @ts-expect-error: no such option
  rt.links.get('a', { stat: true });
});

test('addresses and routes', () => {
  rt.addresses.create(link, address);
  rt.addresses.create('a', '10.0.0.1/24', { broadcast: 'auto', validLifetime: Number.POSITIVE_INFINITY });
  expectTypeOf(address.family).toEqualTypeOf<'inet' | 'inet6'>();
  // @ts-expect-error: no such flag
  rt.addresses.create('a', '10.0.0.1/24', { flags: ['sticky'] });
  // @ts-expect-error: no such family
  rt.addresses.list({ family: 'ipv4' });

  rt.routes.create(route);
  rt.routes.create({ to: 'default', via: '10.0.0.1', table: 'main', metrics: { mtu: 1400, lock: ['mtu'] } });
  rt.routes.create({ to: 'default', nexthops: [{ via: '10.0.0.1', weight: 2 }] });
  rt.routes.list({ table: 'all', protocol: 'static' });
  expectTypeOf(route.to).toEqualTypeOf<string>();
  // @ts-expect-error: a route leads somewhere
  rt.routes.create({ via: '10.0.0.1' });
  // @ts-expect-error: the field's word is via
  rt.routes.create({ to: 'default', gateway: '10.0.0.1' });
  // @ts-expect-error: a table has a name that is known, or a number
  rt.routes.create({ to: 'default', table: 'mine' });
  // @ts-expect-error: a lookup is of an address
  rt.routes.lookup();
});

test('wire messages', () => {
  const info = {} as NonNullable<LinkMessage['info']>;
  if (info.kind === 'bridge') expectTypeOf(info.data).toEqualTypeOf<Bridge | undefined>();
  if (info.kind === 'other') expectTypeOf(info.data).toEqualTypeOf<Uint8Array<ArrayBufferLike> | undefined>();
  if (info.kind === 'veth') expectTypeOf(info.data!.peer!.mtu).toEqualTypeOf<number | undefined>();
});
