/** Traffic control: what `netloom/rtnl` exports of this folder. */
export { type ActionBase, type TcAction, type TcActionKinds, tcActions } from './action/action.ts';
export type { TcActionState, TcActionTold, TcControl } from './action/control.ts';
export type { GactChance, GactOptions } from './action/gact.ts';
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
export type { PoliceOptions } from './action/police.ts';
export {
  type TrafficAction,
  type TrafficActionFilter,
  type TrafficActionRef,
  type TrafficActionSpec,
  trafficActionPrograms,
} from './action/programs.ts';
export {
  type ClassPlace,
  type TrafficClass,
  type TrafficClassFilter,
  type TrafficClassRef,
  type TrafficClassSpec,
  trafficClassPrograms,
} from './class.ts';
export {
  type FilterPlace,
  type TrafficFilter,
  type TrafficFilterFilter,
  type TrafficFilterRef,
  type TrafficFilterSpec,
  trafficFilterPrograms,
} from './filter.ts';
export type { TcHandle, TcParent } from './handle.ts';
export type { FifoOptions, PrioOptions } from './kind/fifo.ts';
export type { FlowerOptions } from './kind/flower.ts';
export type { FqOptions } from './kind/fq.ts';
export type { FqCodelOptions } from './kind/fq-codel.ts';
export type { HtbClassOptions, HtbOptions } from './kind/htb.ts';
export type { MatchallOptions } from './kind/matchall.ts';
export type { NetemOptions } from './kind/netem.ts';
export type { SfqOptions } from './kind/sfq.ts';
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
export type { ByKind, TcTold } from './object.ts';
export type { TcProtocol } from './protocol.ts';
export { type Qdisc, type QdiscFilter, type QdiscPlace, type QdiscRef, type QdiscSpec, qdiscPrograms } from './qdisc.ts';
export type { RateAdjustment, TcLinkLayer } from './rate.ts';
export type { TcStatistics, TcStatsAttributes } from './statistics.ts';
