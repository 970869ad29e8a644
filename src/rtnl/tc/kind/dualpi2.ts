/** Two queues, one of low latency, that share a link: dualpi2, RFC 9332. Linux 6.17. Source: include/uapi/linux/pkt_sched.h (TCA_DUALPI2_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { bool8, u8, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';

const dualpi2_ = attributes('TCA_DUALPI2', () => ({
  /** Packets that may wait. Default: 10,000. */
  limit: attr('TCA_DUALPI2_LIMIT', 1, u32),
  /** Bytes of memory that packets may take. Default: what `limit` packets of the link's MTU take. */
  memoryLimit: attr('TCA_DUALPI2_MEMORY_LIMIT', 2, u32),
  /** Microseconds that packets of the classic queue shall wait. Default: 15,000. */
  target: attr('TCA_DUALPI2_TARGET', 3, u32),
  /** Microseconds after which the chance is reckoned anew. Default: 16,000. */
  updateTime: attr('TCA_DUALPI2_TUPDATE', 4, u32),
  /** Weight of the delay as it is, in units of 1/256 Hz. Default: 41. */
  alpha: attr('TCA_DUALPI2_ALPHA', 5, u32),
  /** Weight of how it changes, in units of 1/256 Hz. Default: 819. */
  beta: attr('TCA_DUALPI2_BETA', 6, u32),
  /** Packets in the queue of low latency from which all are marked. In place of `stepThreshold`. */
  stepThresholdPackets: attr('TCA_DUALPI2_STEP_THRESH_PKTS', 7, u32),
  /** Microseconds of waiting in it from which packets are marked. Default: 1,000. */
  stepThreshold: attr('TCA_DUALPI2_STEP_THRESH_US', 8, u32),
  /** Packets that must wait in it for that. Default: 0. */
  minQueueLengthStep: attr('TCA_DUALPI2_MIN_QLEN_STEP', 9, u32),
  /** By how much more often packets of low latency are marked than others. Default: 2. */
  coupling: attr('TCA_DUALPI2_COUPLING', 10, u8),
  /** When marks do not help: `drop` keeps the delay, `overflow` lets the queue fill. Default: `drop`. */
  dropOverload: attr('TCA_DUALPI2_DROP_OVERLOAD', 11, enumeration(u8, { overflow: 0, drop: 1 })),
  /** Where the chance meets classic packets: as they come (`enqueue`) or as they leave (`dequeue`). Default: `dequeue`. */
  dropEarly: attr('TCA_DUALPI2_DROP_EARLY', 12, enumeration(u8, { dequeue: 0, enqueue: 1 })),
  /** Percent of turns that the classic queue is sure of. Default: 10. */
  classicProtection: attr('TCA_DUALPI2_C_PROTECTION', 13, u8),
  /** The ECN fields of packets of low latency: ECT(1) and CE (`l4s_ect`), ECT(0) and CE (`cla_ect`), or all of these (`any_ect`). Default: `l4s_ect`. */
  ecnMask: attr('TCA_DUALPI2_ECN_MASK', 14, enumeration(u8, { l4s_ect: 1, cla_ect: 2, any_ect: 3 })),
  /** Packets that hardware would segment are segmented first. Default: true. */
  splitGso: attr('TCA_DUALPI2_SPLIT_GSO', 15, bool8),
  pad: attr('TCA_DUALPI2_PAD', 16, bytes),
}));

/** Options of dualpi2. */
export interface Dualpi2Options extends Infer<typeof dualpi2_> {}
export const dualpi2: Codec<Dualpi2Options> = dualpi2_;
