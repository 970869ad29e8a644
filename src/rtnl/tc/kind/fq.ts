/** Fair queues with pacing: tc-fq(8). Source: include/uapi/linux/pkt_sched.h (TCA_FQ_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bool8, bool32, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';

const fq_ = attributes('TCA_FQ', () => ({
  /** Packets that may wait, of all flows together. Default: 10,000. */
  limit: attr('TCA_FQ_PLIMIT', 1, u32),
  /** Packets of one flow that may wait. Default: 100. */
  flowLimit: attr('TCA_FQ_FLOW_PLIMIT', 2, u32),
  /** Bytes that a flow sends in a turn. Default: twice the link's MTU and its header. */
  quantum: attr('TCA_FQ_QUANTUM', 3, u32),
  /** Bytes that a new flow sends in its first turn. Default: ten times the MTU and its header. */
  initialQuantum: attr('TCA_FQ_INITIAL_QUANTUM', 4, u32),
  /** Whether flows are paced. Default: true. */
  pacing: attr('TCA_FQ_RATE_ENABLE', 5, bool32),
  /** Without effect; bytes a second. */
  flowDefaultRate: attr('TCA_FQ_FLOW_DEFAULT_RATE', 6, u32),
  /** Bytes a second that a flow has at most; all ones: no limit. */
  maxRate: attr('TCA_FQ_FLOW_MAX_RATE', 7, u32),
  /** Logarithm to the base 2 of the size of the table of flows. Default: 10. */
  bucketsLog: attr('TCA_FQ_BUCKETS_LOG', 8, u32),
  /** Microseconds after which a flow that was idle has its quantum again. Default: 40,000. */
  refillDelay: attr('TCA_FQ_FLOW_REFILL_DELAY', 9, u32),
  /** Mask of the hash of packets without a socket. Default: 1,023. */
  orphanMask: attr('TCA_FQ_ORPHAN_MASK', 10, u32),
  /** Bytes a second below which a flow is not counted as paced. Default: 68,750. */
  lowRateThreshold: attr('TCA_FQ_LOW_RATE_THRESHOLD', 11, u32),
  /** Microseconds of waiting from which packets are marked. */
  ceThreshold: attr('TCA_FQ_CE_THRESHOLD', 12, u32),
  /** Nanoseconds that a timer may be late. Default: 10,000. */
  timerSlack: attr('TCA_FQ_TIMER_SLACK', 13, u32),
  /** Microseconds into the future that a packet may be due. Default: 10,000,000. */
  horizon: attr('TCA_FQ_HORIZON', 14, u32),
  /** Whether packets beyond that are dropped, and not sent then. Default: true. */
  horizonDrop: attr('TCA_FQ_HORIZON_DROP', 15, bool8),
  /** struct tc_prio_qopt. Linux 6.7. */
  priomap: attr('TCA_FQ_PRIOMAP', 16, bytes),
  /** An s32 for each band. Linux 6.7. */
  weights: attr('TCA_FQ_WEIGHTS', 17, bytes),
  /** Microseconds that are left to the hardware. Linux 6.13. */
  offloadHorizon: attr('TCA_FQ_OFFLOAD_HORIZON', 18, u32),
}));

/** Options of fq. */
export interface FqOptions extends Infer<typeof fq_> {}
export const fq: Codec<FqOptions> = fq_;
