/** What the compiler knows about the kinds of links, and about those that users register. */
import { expectTypeOf, test } from 'vitest';
import { attr, attributes, type Infer, u32 } from '../../src/netlink/index.ts';
import {
  type Bond,
  type BondInput,
  isLinkOfKind,
  type Link,
  type LinkRef,
  type RtnlClient,
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
declare const link: Link;

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
