/** What is counted of qdiscs, classes and actions. Source: include/uapi/linux/gen_stats.h. */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { n64 } from '../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../netlink/struct.ts';
import { bytes } from '../../netlink/text.ts';

const basic = struct('gnet_stats_basic', () => ({ bytes: fields.n64, packets: fields.u32 }));
const queue = struct('gnet_stats_queue', () => ({
  qlen: fields.u32,
  backlog: fields.u32,
  drops: fields.u32,
  requeues: fields.u32,
  overlimits: fields.u32,
}));
const rateEst = struct('gnet_stats_rate_est', () => ({ bps: fields.u32, pps: fields.u32 }));

const tcStats_ = attributes('TCA_STATS', () => ({
  basic: attr('TCA_STATS_BASIC', 1, structCodec(basic)),
  rateEst: attr('TCA_STATS_RATE_EST', 2, structCodec(rateEst)),
  queue: attr('TCA_STATS_QUEUE', 3, structCodec(queue)),
  app: attr('TCA_STATS_APP', 4, bytes),
  rateEst64: attr('TCA_STATS_RATE_EST64', 5, bytes),
  pad: attr('TCA_STATS_PAD', 6, bytes),
  basicHw: attr('TCA_STATS_BASIC_HW', 7, structCodec(basic)),
  packets64: attr('TCA_STATS_PKT64', 8, n64),
}));
export interface TcStatsAttributes extends Infer<typeof tcStats_> {}
export const tcStats: Codec<TcStatsAttributes> = tcStats_;

/** Counters of a qdisc, class or action, as `tc -s` shows them. */
export interface TcStatistics {
  /** Bytes that have gone through. */
  bytes: number;
  /** Packets that have gone through. */
  packets: number;
  /** Packets that wait. */
  queueLength: number;
  /** Bytes that wait. */
  backlog: number;
  /** Packets that were dropped. */
  drops: number;
  /** Packets that the driver gave back. */
  requeues: number;
  /** How often a packet had to wait for the rate, or exceeded it. */
  overlimits: number;
}

export function toStatistics({ basic: sent, packets64, queue: waiting }: TcStatsAttributes): TcStatistics {
  return {
    bytes: sent?.bytes ?? 0,
    packets: packets64 ?? sent?.packets ?? 0,
    queueLength: waiting?.qlen ?? 0,
    backlog: waiting?.backlog ?? 0,
    drops: waiting?.drops ?? 0,
    requeues: waiting?.requeues ?? 0,
    overlimits: waiting?.overlimits ?? 0,
  };
}
