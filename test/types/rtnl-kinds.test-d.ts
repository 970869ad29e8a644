/** What the compiler knows about the kinds of links, and about those that users register. */
import { createLink, setLink, sync } from 'netloom';
import { expectTypeOf, test } from 'vitest';
import { attr, attributes, type Infer, u32 } from '../../src/netlink/index.ts';
import {
  type Bond,
  type BondInput,
  type CreateLink,
  type CreateLinkOf,
  type CreateOtherLink,
  type CreatePairedLink,
  isLinkOfKind,
  type Link,
  type LinkRef,
  type Qdisc,
  type RtnlClient,
  type RtnlClientSync,
  registerLinkKind,
  registerPortKind,
  type Vlan,
} from '../../src/rtnl/index.ts';

interface Mykind {
  speed?: number;
}
interface MyPort {
  weight?: number;
}
declare module '../../src/rtnl/index.ts' {
  interface LinkKinds {
    mykind: Mykind;
  }
  interface PortKinds {
    mykind: MyPort;
  }
}

declare const rt: RtnlClient;
declare const inPlace: RtnlClientSync;
declare const link: Link;
declare const qdisc: Qdisc;
/** Known at run time only. */
declare const kind: string;

test('settings of kinds', () => {
  rt.links.create({ kind: 'vlan', link: 'eth0', data: { id: 7, flags: { gvrp: true }, egressQos: [{ from: 1, to: 2 }] } });
  rt.links.create({ kind: 'tun', data: { type: 'tap', owner: 1000 } });
  rt.links.create({ kind: 'netkit', peer: { name: 'b', netns: 'red' }, data: { mode: 'l2' } });
  rt.links.update('bond0', { kind: 'bond', data: { primary: 'eth0' }, port: { kind: 'bridge', data: { backupPort: 'eth1' } } });
  expectTypeOf<Bond['primary']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<BondInput['primary']>().toEqualTypeOf<LinkRef | undefined>();
  // @ts-expect-error: no such mode
  rt.links.create({ kind: 'bond', data: { mode: 'lacp' } });
  // @ts-expect-error: no such flag
  rt.links.create({ kind: 'vlan', data: { flags: { gvpr: true } } });
  // @ts-expect-error: a setting of another kind
  rt.links.create({ kind: 'vlan', data: { vni: 5 } });
  if (isLinkOfKind(link, 'vlan')) expectTypeOf(link.data).toEqualTypeOf<Vlan | undefined>();
});

test('the kind that is named decides what there may be beside it', () => {
  const vlan = { kind: 'vlan', name: 'eth0.5', link: 'eth0', data: { id: 5 } } as const;
  for (const client of [rt.links, inPlace.links]) {
    client.create(vlan);
    client.ensure(vlan);
    client.update('eth0.5', { kind: 'vlan', data: { id: 5 } });
    client.update('eth0.5', { data: { id: 5 } });
    // @ts-expect-error: a setting of vxlan
    client.create({ kind: 'vlan', data: { vni: 5 } });
    // @ts-expect-error: the same
    client.ensure({ kind: 'vlan', name: 'eth0.5', data: { vni: 5 } });
    // @ts-expect-error: the same
    client.update('eth0.5', { kind: 'vlan', data: { vni: 5 } });
    // @ts-expect-error: a member that links have as they are listed
    client.create({ kind: 'vlan', flags: ['up'] });
    // @ts-expect-error: a vlan has no peer
    client.create({ kind: 'vlan', peer: 'b' });
    // @ts-expect-error: bytes are for kinds that are no literal
    client.create({ kind: 'vlan', data: new Uint8Array(8) });
  }
  for (const create of [createLink, sync.createLink]) {
    create({ ...vlan, netns: 'red' });
    // @ts-expect-error: a setting of vxlan
    create({ kind: 'vlan', data: { vni: 5 } });
  }
  for (const set of [setLink, sync.setLink]) {
    set('eth0.5', { kind: 'vlan', data: { flags: { gvrp: true } } }, { netns: 'red' });
    // @ts-expect-error: a setting of vxlan
    set('eth0.5', { kind: 'vlan', data: { vni: 5 } });
  }
});

test('a kind that is known at run time only', () => {
  rt.links.create(link);
  createLink({ ...link, name: 'other', netns: 'red' });
  rt.links.create({ kind, name: 'a', data: new Uint8Array(8) });
  rt.links.update('a', { kind, data: { id: 5 } });
  expectTypeOf<CreateLinkOf<string>>().toEqualTypeOf<CreateLink | Link>();
  expectTypeOf<CreateLinkOf<'veth'>>().toEqualTypeOf<CreatePairedLink<'veth'>>();
  expectTypeOf<CreateLinkOf<'nosuch'>>().toEqualTypeOf<CreateOtherLink>();
  const any = (spec: CreateLink) => [rt.links.create(spec), inPlace.links.ensure(spec), createLink(spec)];
  expectTypeOf(any).parameter(0).toEqualTypeOf<CreateLink>();
});

test('options of traffic control, by the kind that is named', () => {
  for (const { qdiscs, trafficClasses, trafficFilters, trafficActions } of [rt, inPlace]) {
    for (const send of [qdiscs.create, qdiscs.replace, qdiscs.update] as const) {
      send({ dev: 'eth0', kind: 'tbf', options: { rate: 1e6, burst: 10_000, limit: 10_000 } });
      send({ dev: 'eth0', kind: 'clsact' });
      send({ dev: 'eth0', kind, options: new Uint8Array(4) });
      send(qdisc);
      // @ts-expect-error: an option of fq_codel
      send({ dev: 'eth0', kind: 'tbf', options: { rate: 1e6, burst: 10_000, target: 5 } });
    }
    trafficClasses.create({ dev: 'eth0', kind: 'htb', handle: '1:1', parent: '1:', options: { rate: 1e6 } });
    // @ts-expect-error: an option of the qdisc
    trafficClasses.create({ dev: 'eth0', kind: 'htb', handle: '1:1', parent: '1:', options: { rate: 1e6, defaultClass: 1 } });
    trafficFilters.create({ dev: 'eth0', parent: 'ingress', kind: 'flower', options: { actions: [{ kind: 'gact' }] } });
    // @ts-expect-error: an option of u32
    trafficFilters.create({ dev: 'eth0', parent: 'ingress', kind: 'flower', options: { selector: {} } });
    trafficActions.create({ kind: 'mirred', options: { action: 'redirect', dev: 'eth1' } });
    // @ts-expect-error: an option of gact
    trafficActions.create({ kind: 'mirred', options: { action: 'redirect', dev: 'eth1', chance: {} } });
  }
});

test('kinds of users', () => {
  const settings = attributes('IFLA_MYKIND', () => ({ speed: attr('IFLA_MYKIND_SPEED', 1, u32) }));
  registerLinkKind<Infer<typeof settings>>('mykind', { data: settings, needs: 'CONFIG_MYKIND', readOnly: new Set(['speed']) });
  registerPortKind('mykind', { data: attributes('IFLA_MYPORT', () => ({ weight: attr('IFLA_MYPORT_WEIGHT', 1, u32) })) });
  rt.links.create({ kind: 'mykind', name: 'my0', data: { speed: 5 } });
  rt.links.update('my1', { port: { kind: 'mykind', data: { weight: 5 } } });
  if (isLinkOfKind(link, 'mykind')) expectTypeOf(link.data).toEqualTypeOf<Mykind | undefined>();
  // @ts-expect-error: no such setting
  rt.links.create({ kind: 'mykind', data: { sped: 5 } });
  // @ts-expect-error: a number
  rt.links.create({ kind: 'mykind', data: { speed: '5' } });
});
