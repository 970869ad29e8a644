/** Traffic control: what `netloom/rtnl` exports of this folder. */
export { type ActionBase, type TcAction, type TcActionKinds, tcActions } from './action/action.ts';
export type { BpfActionOptions } from './action/bpf.ts';
export type { ConnmarkOptions } from './action/connmark.ts';
export type { TcActionState, TcActionTold, TcControl } from './action/control.ts';
export type { CsumOptions } from './action/csum.ts';
export type { CtHelper, CtNat, CtOptions } from './action/ct.ts';
export type { CtinfoOptions } from './action/ctinfo.ts';
export type { GactChance, GactOptions } from './action/gact.ts';
export type { GateEntry, GateOptions } from './action/gate.ts';
export type { IfeOptions } from './action/ife.ts';
export {
  deleteAction,
  getAction,
  newAction,
  type TcActionMessage,
  type TcActionMessageInput,
  type TcActionOperation,
  type TcaHeader,
  tcamsg,
} from './action/message.ts';
export type { MirredOptions } from './action/mirred.ts';
export type { MplsActionOptions } from './action/mpls.ts';
export type { NatActionOptions } from './action/nat.ts';
export type { PeditKey, PeditOptions } from './action/pedit.ts';
export type { PoliceOptions } from './action/police.ts';
export {
  type TrafficAction,
  type TrafficActionFilter,
  type TrafficActionRef,
  type TrafficActionSpec,
  trafficActionPrograms,
} from './action/programs.ts';
export type { SampleOptions } from './action/sample.ts';
export type { SimpleOptions } from './action/simple.ts';
export type { SkbeditOptions } from './action/skbedit.ts';
export type { SkbmodOptions } from './action/skbmod.ts';
export type { TunnelKeyOptions } from './action/tunnel-key.ts';
export type { VlanActionOptions } from './action/vlan.ts';
export type { BpfInstruction, TcBpfProgram, TcBpfTold } from './bpf.ts';
export {
  type ClassLeaf,
  type ClassPlace,
  type TrafficClass,
  type TrafficClassFilter,
  type TrafficClassRef,
  type TrafficClassSpec,
  trafficClassPrograms,
} from './class.ts';
export type { TcClock } from './clock.ts';
export type { EarlyDrops } from './early-drops.ts';
export type {
  CanId,
  Ematch,
  EmatchBase,
  EmatchCanid,
  EmatchCmp,
  EmatchComparison,
  EmatchContainer,
  EmatchLayer,
  EmatchMeta,
  EmatchNbyte,
  EmatchOther,
  EmatchU32,
} from './ematch/ematch.ts';
export type { MetaId, MetaOperand } from './ematch/meta.ts';
export {
  type FilterPlace,
  type TrafficFilter,
  type TrafficFilterFilter,
  type TrafficFilterRef,
  type TrafficFilterSpec,
  trafficFilterPrograms,
} from './filter.ts';
export type { TcHandle, TcParent } from './handle.ts';
export type { BasicOptions, CgroupOptions } from './kind/basic.ts';
export type { BpfFilterOptions } from './kind/bpf.ts';
export type { CakeOptions } from './kind/cake.ts';
export type { CbsOptions } from './kind/cbs.ts';
export type { ChokeOptions } from './kind/choke.ts';
export type { CodelOptions } from './kind/codel.ts';
export type { Dualpi2Options } from './kind/dualpi2.ts';
export type { EtfOptions } from './kind/etf.ts';
export type { FifoOptions, PrioOptions } from './kind/fifo.ts';
export type { FlowOptions } from './kind/flow.ts';
export type { FlowerOptions } from './kind/flower.ts';
export type { Bits, Maskable, Masked } from './kind/flower-keys.ts';
export type { FqOptions } from './kind/fq.ts';
export type { FqCodelOptions } from './kind/fq-codel.ts';
export type { FwOptions } from './kind/fw.ts';
export type { GredOptions, GredQueue, GredQueueTold } from './kind/gred.ts';
export type { HfscClassOptions, HfscOptions, ServiceCurve } from './kind/hfsc.ts';
export type { HhfOptions } from './kind/hhf.ts';
export type { HtbClassOptions, HtbOptions } from './kind/htb.ts';
export type { MatchallOptions } from './kind/matchall.ts';
export type { MqprioOptions } from './kind/mqprio.ts';
export type { MultiqOptions } from './kind/multiq.ts';
export type { NetemOptions } from './kind/netem.ts';
export type { FqPieOptions, PieOptions } from './kind/pie.ts';
export type { PlugOptions } from './kind/plug.ts';
export type { RedOptions } from './kind/red.ts';
export type { DrrClassOptions, EtsClassOptions, EtsOptions, QfqClassOptions } from './kind/rounds.ts';
export type { RouteFilterOptions } from './kind/route.ts';
export type { SfbOptions } from './kind/sfb.ts';
export type { SfqOptions } from './kind/sfq.ts';
export type { SkbprioOptions } from './kind/skbprio.ts';
export type { TaprioEntry, TaprioOptions } from './kind/taprio.ts';
export type { TbfOptions } from './kind/tbf.ts';
export type { U32Match, U32Options, U32Selector } from './kind/u32.ts';
export type { ClassKinds, FilterKinds, QdiscKinds } from './kinds.ts';
export {
  deleteQdisc,
  deleteTclass,
  deleteTfilter,
  getQdisc,
  getTclass,
  getTfilter,
  newQdisc,
  newTclass,
  newTfilter,
  type TcAttributes,
  type TcHeader,
  type TcMessage,
  type TcMessageInput,
  type TcOperation,
  tcAttributes,
  tcmsg,
} from './message.ts';
export type { ByKind, ListedOnLink, TcTold } from './object.ts';
export type { TcProtocol } from './protocol.ts';
export { type Qdisc, type QdiscFilter, type QdiscPlace, type QdiscRef, type QdiscSpec, qdiscPrograms } from './qdisc.ts';
export type { RateAdjustment, TcLinkLayer } from './rate.ts';
export type {
  QdiscOfKind,
  QdiscSpecOf,
  TrafficActionOfKind,
  TrafficActionSpecOf,
  TrafficClassOfKind,
  TrafficClassSpecOf,
  TrafficFilterOfKind,
  TrafficFilterSpecOf,
} from './spec.ts';
export type { TcStatistics, TcStatsAttributes } from './statistics.ts';
export type { ClassQueues, FramePreemption, TrafficClassMap } from './traffic-classes.ts';
export type { CakeTinXstats, CakeXstats } from './xstats/cake.ts';
export type { DrrClassXstats, HfscClassXstats, HtbClassXstats, QfqClassXstats, SfqClassXstats } from './xstats/classes.ts';
export type { CodelState, CodelXstats, FqCodelClassXstats, FqCodelXstats } from './xstats/codel.ts';
export type { Dualpi2Xstats } from './xstats/dualpi2.ts';
export type { FqXstats } from './xstats/fq.ts';
export type { HhfXstats } from './xstats/hhf.ts';
export type { ClassCounters, QdiscCounters } from './xstats/kinds.ts';
export type { FqPieXstats, PieXstats } from './xstats/pie.ts';
export type { ChokeXstats, RedXstats, SfbXstats } from './xstats/red.ts';
