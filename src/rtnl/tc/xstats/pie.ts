/** What qdiscs count that keep a delay by pie, alone and for each flow. Source: include/uapi/linux/pkt_sched.h (struct tc_pie_xstats, tc_fq_pie_xstats). */
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { percentOf, told } from './told.ts';

const pie_ = struct('tc_pie_xstats', () => ({
  prob: fields.n64,
  delay: fields.u32,
  avgDqRate: fields.u32,
  dqRateEstimating: fields.u32,
  packetsIn: fields.u32,
  dropped: fields.u32,
  overlimit: fields.u32,
  maxq: fields.u32,
  ecnMark: fields.u32,
}));

/** Counters of pie. */
export interface PieXstats {
  /** The chance of a drop, percent. */
  prob: number;
  /** Microseconds that packets wait. */
  delay: number;
  /** Bytes a second that leave; 0 where the rate is not reckoned. */
  avgDqRate: number;
  /** Whether the rate is reckoned: `rateEstimator`. */
  dqRateEstimating: boolean;
  /** Packets that came. */
  packetsIn: number;
  /** Packets dropped by chance. */
  dropped: number;
  /** Packets dropped since the queue was full. */
  overlimit: number;
  /** Most packets that waited at once. */
  maxq: number;
  /** Packets marked in place of being dropped. */
  ecnMark: number;
}

export const pieXstats: Codec<PieXstats> = told(structCodec(pie_), (wire) => ({
  ...wire,
  prob: percentOf(wire.prob, 2 ** 64),
  dqRateEstimating: wire.dqRateEstimating !== 0,
}));

const fqPie_ = struct('tc_fq_pie_xstats', () => ({
  /** Packets that came. */
  packetsIn: fields.u32,
  /** Packets dropped by chance. */
  dropped: fields.u32,
  /** Packets dropped since too many waited. */
  overlimit: fields.u32,
  /** Packets dropped since they took too much memory. */
  overmemory: fields.u32,
  /** Packets marked in place of being dropped. */
  ecnMark: fields.u32,
  /** How often a packet made a flow new. */
  newFlowCount: fields.u32,
  /** Flows that are new. */
  newFlowsLen: fields.u32,
  /** Flows that are not. */
  oldFlowsLen: fields.u32,
  /** Bytes of memory that packets take. */
  memoryUsage: fields.u32,
}));

/** Counters of fq_pie. */
export interface FqPieXstats extends Infer<typeof fqPie_> {}
export const fqPieXstats: Codec<FqPieXstats> = structCodec<FqPieXstats>(fqPie_);
