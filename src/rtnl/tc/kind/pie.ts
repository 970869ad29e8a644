/** Drops by chance that keep a delay, in one queue and in one for each flow: tc-pie(8), tc-fq_pie(8). Source: include/uapi/linux/pkt_sched.h (TCA_PIE_*, TCA_FQ_PIE_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bool32, u32 } from '../../../netlink/scalar.ts';
import { tickTime } from './coarse-time.ts';

const pie_ = attributes('TCA_PIE', () => ({
  /** Microseconds that packets shall wait. Default: 15,000. */
  target: attr('TCA_PIE_TARGET', 1, tickTime),
  /** Packets that may wait. Default: 1,000. */
  limit: attr('TCA_PIE_LIMIT', 2, u32),
  /** Microseconds after which the chance is reckoned anew, in jiffies. Default: 15,000. */
  updateTime: attr('TCA_PIE_TUPDATE', 3, u32),
  /** Weight of the delay as it is, 0 to 32. Default: 2. */
  alpha: attr('TCA_PIE_ALPHA', 4, u32),
  /** Weight of how it changes, 0 to 32. Default: 20. */
  beta: attr('TCA_PIE_BETA', 5, u32),
  /** Mark packets in place of dropping them. Default: false. */
  ecn: attr('TCA_PIE_ECN', 6, bool32),
  /** Longer packets are dropped sooner. Default: false. */
  byteMode: attr('TCA_PIE_BYTEMODE', 7, bool32),
  /** The delay is reckoned by the rate of departure, and not taken from packets. Default: false. */
  rateEstimator: attr('TCA_PIE_DQ_RATE_ESTIMATOR', 8, bool32),
}));

/** Options of pie. */
export interface PieOptions extends Infer<typeof pie_> {}
export const pie: Codec<PieOptions> = pie_;

const fqPie_ = attributes('TCA_FQ_PIE', () => ({
  /** Packets that may wait, of all flows together. Default: 10,240. */
  limit: attr('TCA_FQ_PIE_LIMIT', 1, u32),
  /** Flows: queues that packets are hashed to. Only when it is created. Default: 1,024. */
  flows: attr('TCA_FQ_PIE_FLOWS', 2, u32),
  /** Microseconds that packets shall wait. Default: 15,000. */
  target: attr('TCA_FQ_PIE_TARGET', 3, tickTime),
  /** Microseconds after which the chance is reckoned anew, in jiffies. Default: 15,000. */
  updateTime: attr('TCA_FQ_PIE_TUPDATE', 4, u32),
  /** Weight of the delay as it is, 0 to 32. Default: 2. */
  alpha: attr('TCA_FQ_PIE_ALPHA', 5, u32),
  /** Weight of how it changes, 0 to 32. Default: 20. */
  beta: attr('TCA_FQ_PIE_BETA', 6, u32),
  /** Bytes that a flow sends in a turn. Default: the link's MTU and its header. */
  quantum: attr('TCA_FQ_PIE_QUANTUM', 7, u32),
  /** Bytes of memory that packets may take. Default: 32 MiB. */
  memoryLimit: attr('TCA_FQ_PIE_MEMORY_LIMIT', 8, u32),
  /** Chance in percent up to which packets are marked, and above dropped. Default: 10. */
  ecnProbability: attr('TCA_FQ_PIE_ECN_PROB', 9, u32),
  /** Mark packets in place of dropping them. Default: false. */
  ecn: attr('TCA_FQ_PIE_ECN', 10, bool32),
  /** Longer packets are dropped sooner. Default: false. */
  byteMode: attr('TCA_FQ_PIE_BYTEMODE', 11, bool32),
  /** The delay is reckoned by the rate of departure, and not taken from packets. Default: false. */
  rateEstimator: attr('TCA_FQ_PIE_DQ_RATE_ESTIMATOR', 12, bool32),
}));

/** Options of fq_pie. */
export interface FqPieOptions extends Infer<typeof fqPie_> {}
export const fqPie: Codec<FqPieOptions> = fqPie_;
