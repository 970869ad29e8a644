/** Tunnels that are part of a route: what `netloom/rtnl` exports of this folder. */
export { type BpfEncap, type BpfEncapAttributes, type BpfProgram, bpfEncapAttributes, bpfProgram } from './bpf.ts';
export type { OtherEncap, RouteEncap } from './encap.ts';
export { type IlaEncap, type IlaEncapAttributes, ilaEncapAttributes } from './ila.ts';
export { type Ioam6Encap, type Ioam6EncapAttributes, type Ioam6Trace, ioam6EncapAttributes } from './ioam6.ts';
export { type IpEncap, type IpEncapAttributes, ipEncapAttributes } from './ip.ts';
export { type Ip6Encap, type Ip6EncapAttributes, ip6EncapAttributes } from './ip6.ts';
export { type MplsEncap, type MplsEncapAttributes, mplsEncapAttributes } from './mpls.ts';
export { type RplEncap, type RplEncapAttributes, rplEncapAttributes } from './rpl.ts';
export { type Seg6Encap, type Seg6EncapAttributes, type Seg6Header, seg6EncapAttributes } from './seg6.ts';
export {
  type Seg6LocalAction,
  type Seg6LocalBpf,
  type Seg6LocalCounters,
  type Seg6LocalEncap,
  type Seg6LocalEncapAttributes,
  type Seg6LocalFlavors,
  seg6LocalBpf,
  seg6LocalCounters,
  seg6LocalEncapAttributes,
  seg6LocalFlavors,
} from './seg6local.ts';
export type { SegmentRoutingHeader } from './srh.ts';
export {
  type ErspanOption,
  erspanOption,
  type GeneveOption,
  geneveOption,
  type TunnelFlag,
  type TunnelOptionAttributes,
  type TunnelOptions,
  tunnelOptions,
  type VxlanOption,
  vxlanOption,
} from './tunnel.ts';
export { type XfrmEncap, type XfrmEncapAttributes, xfrmEncapAttributes } from './xfrm.ts';
