/** Tunnels that are part of a route: what `netloom/rtnl` exports of this folder. */
export { type BpfEncap, type BpfProgram, bpfEncapAttributes, bpfProgram } from './bpf.ts';
export type { OtherEncap, RouteEncap } from './encap.ts';
export { type IlaEncap, ilaEncapAttributes } from './ila.ts';
export { type Ioam6Encap, type Ioam6Trace, ioam6EncapAttributes } from './ioam6.ts';
export { type IpEncap, ipEncapAttributes } from './ip.ts';
export { type Ip6Encap, ip6EncapAttributes } from './ip6.ts';
export { type MplsEncap, mplsEncapAttributes } from './mpls.ts';
export { type RplEncap, rplEncapAttributes } from './rpl.ts';
export { type Seg6Encap, seg6EncapAttributes } from './seg6.ts';
export {
  type Seg6LocalAction,
  type Seg6LocalBpf,
  type Seg6LocalCounters,
  type Seg6LocalEncap,
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
  type TunnelOptions,
  tunnelOptions,
  type VxlanOption,
  vxlanOption,
} from './tunnel.ts';
export { type XfrmEncap, xfrmEncapAttributes } from './xfrm.ts';
