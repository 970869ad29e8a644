/**
 * The kinds of links and of ports, by name. A kind is a file in kind/ (or port/), a line in the interface here, and a line in the table.
 *
 * Both are open: {@link registerLinkKind} adds a kind at run time, and declaration merging its type:
 *
 *     declare module 'netloom/rtnl' { interface LinkKinds { mykind: MyKind } }
 */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { type OtherVariant, type TaggedCodec, tagged, type Variant } from '../../netlink/tagged.ts';
import { type Amt, type AmtInput, amtKind } from './kind/amt.ts';
import { type Bareudp, bareudpKind } from './kind/bareudp.ts';
import { type Batadv, batadvKind } from './kind/batadv.ts';
import { type Bond, type BondInput, bondKind } from './kind/bond.ts';
import { type Bridge, bridgeKind } from './kind/bridge.ts';
import { type Caif, caifKind } from './kind/caif.ts';
import { type Can, canKind } from './kind/can.ts';
import { type Dsa, type DsaInput, dsaKind } from './kind/dsa.ts';
import { type Dummy, dummyKind } from './kind/dummy.ts';
import { type Erspan, type ErspanInput, erspanKind } from './kind/erspan.ts';
import { type Geneve, geneveKind } from './kind/geneve.ts';
import { type Gre, type GreInput, greKind } from './kind/gre.ts';
import { type Gretap, type GretapInput, gretapKind } from './kind/gretap.ts';
import { type Gtp, gtpKind } from './kind/gtp.ts';
import { type Hsr, type HsrInput, hsrKind } from './kind/hsr.ts';
import { type Ifb, ifbKind } from './kind/ifb.ts';
import { type Ip6erspan, type Ip6erspanInput, ip6erspanKind } from './kind/ip6erspan.ts';
import { type Ip6gre, type Ip6greInput, ip6greKind } from './kind/ip6gre.ts';
import { type Ip6gretap, type Ip6gretapInput, ip6gretapKind } from './kind/ip6gretap.ts';
import { type Ip6tnl, type Ip6tnlInput, ip6tnlKind } from './kind/ip6tnl.ts';
import { type Ipip, type IpipInput, ipipKind } from './kind/ipip.ts';
import { type Ipoib, ipoibKind } from './kind/ipoib.ts';
import { type Ipvlan, ipvlanKind } from './kind/ipvlan.ts';
import { type Ipvtap, ipvtapKind } from './kind/ipvtap.ts';
import { type Lowpan, lowpanKind } from './kind/lowpan.ts';
import { type Macsec, macsecKind } from './kind/macsec.ts';
import { type Macvlan, macvlanKind } from './kind/macvlan.ts';
import { type Macvtap, macvtapKind } from './kind/macvtap.ts';
import { type Netdevsim, netdevsimKind } from './kind/netdevsim.ts';
import { type Netkit, netkitKind } from './kind/netkit.ts';
import { type Nlmon, nlmonKind } from './kind/nlmon.ts';
import { type Openvswitch, openvswitchKind } from './kind/openvswitch.ts';
import { type Ovpn, ovpnKind } from './kind/ovpn.ts';
import { type Pfcp, pfcpKind } from './kind/pfcp.ts';
import { type Ppp, pppKind } from './kind/ppp.ts';
import { type Rmnet, rmnetKind } from './kind/rmnet.ts';
import { type Sit, type SitInput, sitKind } from './kind/sit.ts';
import { type Team, teamKind } from './kind/team.ts';
import { type Tun, tunKind } from './kind/tun.ts';
import { type Vcan, vcanKind } from './kind/vcan.ts';
import { type Veth, vethKind } from './kind/veth.ts';
import { type VirtWifi, virtWifiKind } from './kind/virt-wifi.ts';
import { type Vlan, vlanKind } from './kind/vlan.ts';
import { type Vrf, vrfKind } from './kind/vrf.ts';
import { type Vsockmon, vsockmonKind } from './kind/vsockmon.ts';
import { type Vti, type VtiInput, vtiKind } from './kind/vti.ts';
import { type Vti6, type Vti6Input, vti6Kind } from './kind/vti6.ts';
import { type Vxcan, vxcanKind } from './kind/vxcan.ts';
import { type Vxlan, type VxlanInput, vxlanKind } from './kind/vxlan.ts';
import { type Wireguard, wireguardKind } from './kind/wireguard.ts';
import { type Wwan, wwanKind } from './kind/wwan.ts';
import { type Xfrm, type XfrmInput, xfrmKind } from './kind/xfrm.ts';
import type { LinkKind, PortKind } from './kind.ts';
import { type BondPort, bondPortKind } from './port/bond.ts';
import { type BridgePort, type BridgePortInput, bridgePortKind } from './port/bridge.ts';
import { type VrfPort, vrfPortKind } from './port/vrf.ts';

/** Kinds of links that netloom has a schema for. */
interface OwnLinkKinds {
  amt: Amt;
  bareudp: Bareudp;
  batadv: Batadv;
  bond: Bond;
  bridge: Bridge;
  caif: Caif;
  can: Can;
  dsa: Dsa;
  dummy: Dummy;
  erspan: Erspan;
  geneve: Geneve;
  gre: Gre;
  gretap: Gretap;
  gtp: Gtp;
  hsr: Hsr;
  ifb: Ifb;
  ip6erspan: Ip6erspan;
  ip6gre: Ip6gre;
  ip6gretap: Ip6gretap;
  ip6tnl: Ip6tnl;
  ipip: Ipip;
  ipoib: Ipoib;
  ipvlan: Ipvlan;
  ipvtap: Ipvtap;
  lowpan: Lowpan;
  macsec: Macsec;
  macvlan: Macvlan;
  macvtap: Macvtap;
  netdevsim: Netdevsim;
  netkit: Netkit;
  nlmon: Nlmon;
  openvswitch: Openvswitch;
  ovpn: Ovpn;
  pfcp: Pfcp;
  ppp: Ppp;
  rmnet: Rmnet;
  sit: Sit;
  team: Team;
  tun: Tun;
  vcan: Vcan;
  veth: Veth;
  virt_wifi: VirtWifi;
  vlan: Vlan;
  vrf: Vrf;
  vsockmon: Vsockmon;
  vti: Vti;
  vti6: Vti6;
  vxcan: Vxcan;
  vxlan: Vxlan;
  wireguard: Wireguard;
  wwan: Wwan;
  xfrm: Xfrm;
}

/** Kinds of links and the settings they are listed with. */
export interface LinkKinds extends OwnLinkKinds {}

/** Kinds that take other settings than they are listed with: names of links where listings have indexes. */
export interface LinkKindInputs {
  /** Automatic multicast tunneling, RFC 7450. */
  amt: AmtInput;
  /** Several links as one. */
  bond: BondInput;
  /** A port of a switch chip that the kernel drives. */
  dsa: DsaInput;
  /** Mirrored Ethernet frames in GRE over IPv4. */
  erspan: ErspanInput;
  /** Packets in GRE over IPv4. */
  gre: GreInput;
  /** Ethernet frames in GRE over IPv4. */
  gretap: GretapInput;
  /** A ring of two ways, IEC 62439-3: HSR or PRP. */
  hsr: HsrInput;
  /** Mirrored Ethernet frames in GRE over IPv6. */
  ip6erspan: Ip6erspanInput;
  /** Packets in GRE over IPv6. */
  ip6gre: Ip6greInput;
  /** Ethernet frames in GRE over IPv6. */
  ip6gretap: Ip6gretapInput;
  /** IPv4 or IPv6 in IPv6. */
  ip6tnl: Ip6tnlInput;
  /** IPv4 in IPv4. */
  ipip: IpipInput;
  /** IPv6 in IPv4. */
  sit: SitInput;
  /** A way into IPsec over IPv4. */
  vti: VtiInput;
  /** A way into IPsec over IPv6. */
  vti6: Vti6Input;
  /** Ethernet frames in UDP, RFC 7348. */
  vxlan: VxlanInput;
  /** A way into IPsec by the id of an interface. */
  xfrm: XfrmInput;
}

/** Kinds that come in pairs: `peer` is the other end. */
export interface PairedKinds {
  /** Two ends with BPF programs between them. */
  netkit: true;
  /** Two ends of a virtual Ethernet cable. */
  veth: true;
  /** Two ends of a virtual CAN bus. */
  vxcan: true;
}

/** Kinds of ports that netloom has a schema for, by the kind of their master. */
interface OwnPortKinds {
  bond: BondPort;
  bridge: BridgePort;
  vrf: VrfPort;
}

/** Kinds of ports, by the kind of their master, and their settings. */
export interface PortKinds extends OwnPortKinds {}

/** Kinds of ports that take other settings than they are listed with: names of links where listings have indexes. */
export interface PortKindInputs {
  /** Ports of bridges. */
  bridge: BridgePortInput;
}

type Table<M> = { readonly [K in keyof M]: M[K] extends object ? LinkKind<M[K]> : never };
type PortTable<M> = { readonly [K in keyof M]: M[K] extends object ? PortKind<M[K]> : never };

const known: Table<OwnLinkKinds> = {
  amt: amtKind,
  bareudp: bareudpKind,
  batadv: batadvKind,
  bond: bondKind,
  bridge: bridgeKind,
  caif: caifKind,
  can: canKind,
  dsa: dsaKind,
  dummy: dummyKind,
  erspan: erspanKind,
  geneve: geneveKind,
  gre: greKind,
  gretap: gretapKind,
  gtp: gtpKind,
  hsr: hsrKind,
  ifb: ifbKind,
  ip6erspan: ip6erspanKind,
  ip6gre: ip6greKind,
  ip6gretap: ip6gretapKind,
  ip6tnl: ip6tnlKind,
  ipip: ipipKind,
  ipoib: ipoibKind,
  ipvlan: ipvlanKind,
  ipvtap: ipvtapKind,
  lowpan: lowpanKind,
  macsec: macsecKind,
  macvlan: macvlanKind,
  macvtap: macvtapKind,
  netdevsim: netdevsimKind,
  netkit: netkitKind,
  nlmon: nlmonKind,
  openvswitch: openvswitchKind,
  ovpn: ovpnKind,
  pfcp: pfcpKind,
  ppp: pppKind,
  rmnet: rmnetKind,
  sit: sitKind,
  team: teamKind,
  tun: tunKind,
  vcan: vcanKind,
  veth: vethKind,
  virt_wifi: virtWifiKind,
  vlan: vlanKind,
  vrf: vrfKind,
  vsockmon: vsockmonKind,
  vti: vtiKind,
  vti6: vti6Kind,
  vxcan: vxcanKind,
  vxlan: vxlanKind,
  wireguard: wireguardKind,
  wwan: wwanKind,
  xfrm: xfrmKind,
};

const knownPorts: PortTable<OwnPortKinds> = {
  bond: bondPortKind,
  bridge: bridgePortKind,
  vrf: vrfPortKind,
};

const kinds = new Map<string, LinkKind>(Object.entries(known as Readonly<Record<string, LinkKind>>));
const ports = new Map<string, PortKind>(Object.entries(knownPorts as Readonly<Record<string, PortKind>>));

/** What is known about a kind of link; undefined for one that netloom has no schema for. */
export function linkKindOf(name: string): LinkKind | undefined {
  return kinds.get(name);
}

/** What is known about a kind of port, by the kind of its master. */
export function portKindOf(name: string): PortKind | undefined {
  return ports.get(name);
}

/** IFLA_INFO_DATA of each kind, by the kind's name. `register` goes through {@link registerLinkKind}. */
export const linkKinds: TaggedCodec<{ [K in keyof LinkKinds]: Variant<K, LinkKinds[K]> }[keyof LinkKinds] | OtherVariant> = tagged(
  'IFLA_INFO',
  { kind: ['IFLA_INFO_KIND', 1], data: ['IFLA_INFO_DATA', 2] },
  schemas(known),
);

/** What the master made of a link: IFLA_INFO_SLAVE_KIND and IFLA_INFO_SLAVE_DATA. */
export type PortInfo = { [K in keyof PortKinds]: Variant<K, PortKinds[K]> }[keyof PortKinds] | OtherVariant;

/** IFLA_INFO_SLAVE_DATA of each kind of port, by the kind of its master. `register` goes through {@link registerPortKind}. */
export const portKinds: TaggedCodec<PortInfo> = tagged(
  'IFLA_INFO',
  { kind: ['IFLA_INFO_SLAVE_KIND', 4], data: ['IFLA_INFO_SLAVE_DATA', 5] },
  schemas(knownPorts),
);

function schemas<M extends object>(table: M): { [K in keyof M]: M[K] extends { readonly data: infer C } ? C : never } {
  const result: Record<string, unknown> = {};
  for (const [name, { data }] of Object.entries(table as Readonly<Record<string, LinkKind>>)) result[name] = data;
  return result as { [K in keyof M]: M[K] extends { readonly data: infer C } ? C : never };
}

/**
 * Adds a kind of link, or replaces one: its settings are then decoded in listings and encoded by `create` and `update`.
 *
 *     registerLinkKind('mykind', { data: attributes('IFLA_MYKIND', () => ({ … })) });
 *
 * @throws InputError when `name` is empty or `kind` has no schema
 */
export function registerLinkKind<T extends object>(name: string, kind: LinkKind<T>): void {
  check(name, kind);
  // its settings reach `creatable` only by the schema that has read them
  kinds.set(name, kind as unknown as LinkKind);
  linkKinds.register(name, kind.data);
}

/**
 * Adds a kind of port, or replaces one. `name` is the kind of the master.
 *
 * @throws InputError when `name` is empty or `kind` has no schema
 */
export function registerPortKind<T extends object>(name: string, kind: PortKind<T>): void {
  check(name, kind);
  // as above
  ports.set(name, kind as unknown as PortKind);
  portKinds.register(name, kind.data);
}

function check(name: unknown, kind: { readonly data?: unknown } | null): void {
  if (typeof name !== 'string' || name === '') throw new InputError('name', `expected the name of a kind, got ${show(name)}`);
  if (typeof kind?.data !== 'object' || kind.data === null)
    throw new InputError('kind.data', `expected the schema of the settings, got ${show(kind?.data)}`, 'ERR_INVALID_ARG_TYPE');
}
