/** Links: what `netloom/rtnl` exports of this folder. */

export { type AfSpec, afSpec, type Conf, type Inet6Spec, type InetSpec, type MctpSpec } from './af-spec.ts';
export type { LinkFlag } from './flags.ts';
export {
  type KnownLinkInfo,
  type LinkInfo,
  type LinkXstats,
  linkInfo,
  type OtherLinkInfo,
  type PortOnlyInfo,
} from './info.ts';
export type { LinksByName } from './input.ts';
export { type Amt, type AmtInput, amt } from './kind/amt.ts';
export { type Bareudp, bareudp } from './kind/bareudp.ts';
export { type Batadv, batadv } from './kind/batadv.ts';
export { type Bond, type BondAdInfo, type BondInput, bond } from './kind/bond.ts';
export { type Bridge, type BridgeQuerierState, bridge } from './kind/bridge.ts';
export { type Caif, caif } from './kind/caif.ts';
export { type Can, type CanBittiming, type CanBittimingConst, type CanCtrlmodeExt, type CanTdc, type CanXstats, can } from './kind/can.ts';
export { type Dsa, type DsaInput, dsa } from './kind/dsa.ts';
export type { Dummy } from './kind/dummy.ts';
export type { Erspan, ErspanInput } from './kind/erspan.ts';
export { type Geneve, geneve } from './kind/geneve.ts';
export { type Gre, type GreInput, gre } from './kind/gre.ts';
export type { Gretap, GretapInput } from './kind/gretap.ts';
export { type Gtp, gtp } from './kind/gtp.ts';
export { type Hsr, type HsrInput, hsr } from './kind/hsr.ts';
export type { Ifb } from './kind/ifb.ts';
export type { Ip6erspan, Ip6erspanInput } from './kind/ip6erspan.ts';
export { type Ip6gre, type Ip6greInput, ip6gre } from './kind/ip6gre.ts';
export type { Ip6gretap, Ip6gretapInput } from './kind/ip6gretap.ts';
export { type Ip6tnl, type Ip6tnlInput, ip6tnl } from './kind/ip6tnl.ts';
export { type Ipip, type IpipInput, ipip } from './kind/ipip.ts';
export { type Ipoib, ipoib } from './kind/ipoib.ts';
export { type Ipvlan, ipvlan } from './kind/ipvlan.ts';
export type { Ipvtap } from './kind/ipvtap.ts';
export type { Lowpan } from './kind/lowpan.ts';
export { type Macsec, type MacsecCipherSuite, macsec } from './kind/macsec.ts';
export { type Macvlan, macvlan } from './kind/macvlan.ts';
export type { Macvtap } from './kind/macvtap.ts';
export type { Netdevsim } from './kind/netdevsim.ts';
export { type Netkit, netkit } from './kind/netkit.ts';
export type { Nlmon } from './kind/nlmon.ts';
export type { Openvswitch } from './kind/openvswitch.ts';
export { type Ovpn, ovpn } from './kind/ovpn.ts';
export type { Pfcp } from './kind/pfcp.ts';
export { type Ppp, ppp } from './kind/ppp.ts';
export { type Rmnet, rmnet } from './kind/rmnet.ts';
export { type Sit, type SitInput, sit } from './kind/sit.ts';
export type { Team } from './kind/team.ts';
export { type Tun, tun } from './kind/tun.ts';
export type { Vcan } from './kind/vcan.ts';
export { type Veth, veth } from './kind/veth.ts';
export type { VirtWifi } from './kind/virt-wifi.ts';
export { type Vlan, vlan } from './kind/vlan.ts';
export { type Vrf, vrf } from './kind/vrf.ts';
export type { Vsockmon } from './kind/vsockmon.ts';
export { type Vti, type VtiInput, vti } from './kind/vti.ts';
export { type Vti6, type Vti6Input, vti6 } from './kind/vti6.ts';
export { type Vxcan, vxcan } from './kind/vxcan.ts';
export { type Vxlan, type VxlanInput, vxlan } from './kind/vxlan.ts';
export type { Wireguard } from './kind/wireguard.ts';
export { type Wwan, wwan } from './kind/wwan.ts';
export { type Xfrm, type XfrmInput, xfrm } from './kind/xfrm.ts';
export { type LinkKind, type NoSettings, noSettings, type PortKind } from './kind.ts';
export {
  type LinkKindInputs,
  type LinkKinds,
  linkKinds,
  type PairedKinds,
  type PortInfo,
  type PortKindInputs,
  type PortKinds,
  portKinds,
  registerLinkKind,
  registerPortKind,
} from './kinds.ts';
export type { Limits } from './limits.ts';
export { isLinkOfKind, type Link, type LinkData, type LinkOfKind, type LinkPort, type OperState } from './link.ts';
export { ifinfomsg, type LinkHeader, type LinkMessage, type LinkMessageInput, linkMessage, type ProtoDownReason } from './message.ts';
export { type AttachTunOptions, type OpenTun, TunDevice } from './open-tun.ts';
export { deleteLink, deleteLinkProperties, getLink, type LinkOperation, newLink, newLinkProperties, setLink } from './operations.ts';
export { type BondPort, bondPort } from './port/bond.ts';
export { type BridgePort, type BridgePortInput, bridgePort } from './port/bridge.ts';
export { type VrfPort, vrfPort } from './port/vrf.ts';
export { type PortProfile, portProfile } from './port-profile.ts';
export { type DeleteLinkOptions, type GetLinkOptions, type LinkFilter, linkPrograms } from './programs.ts';
export { type Extent, type LinkRef, resolveLink } from './reference.ts';
export type {
  CreateBridge,
  CreateKnownLink,
  CreateLink,
  CreateLinkOf,
  CreateLinkOfKind,
  CreateLinkSettings,
  CreateOtherLink,
  CreatePairedLink,
  CreateVeth,
  ExistingLinkSettings,
  LinkInput,
  LinkSettings,
  PortInput,
  PortSettings,
  UpdateLink,
  UpdateLinkOf,
  UpdateLinkOfKind,
  UpdateLinkSettings,
  VethPeer,
} from './spec.ts';
export { type LinkStatistics, type LinkStatistics32, linkStatistics, rtnlLinkStats64 } from './statistics.ts';
export type { Switches } from './switches.ts';
export type { VfInfo, VfStatistics, VirtualFunction } from './vf.ts';
export type { LinkCondition } from './wait.ts';
export { type ResolvedLink, renameLinkPath, wireOf } from './wire.ts';
export { type Xdp, type XdpInput, xdp } from './xdp.ts';
