/** Fair queues with controlled delay: tc-fq_codel(8). Source: include/uapi/linux/pkt_sched.h (TCA_FQ_CODEL_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bool32, u8, u32 } from '../../../netlink/scalar.ts';
import { codelTime } from './coarse-time.ts';

const fqCodel_ = attributes('TCA_FQ_CODEL', () => ({
  /** Packets that may wait, of all flows together. Default: 10,240. */
  limit: attr('TCA_FQ_CODEL_LIMIT', 2, u32),
  /** Flows: queues that packets are hashed to. Only when it is created. Default: 1,024. */
  flows: attr('TCA_FQ_CODEL_FLOWS', 5, u32),
  /** Bytes that a flow sends in a turn. Default: the link's MTU and its header. */
  quantum: attr('TCA_FQ_CODEL_QUANTUM', 6, u32),
  /** Microseconds over which the shortest wait is looked for. Default: 100,000. */
  interval: attr('TCA_FQ_CODEL_INTERVAL', 3, codelTime),
  /** Microseconds that packets may wait for long. Default: 5,000. */
  target: attr('TCA_FQ_CODEL_TARGET', 1, codelTime),
  /** Mark packets in place of dropping them. Default: true. */
  ecn: attr('TCA_FQ_CODEL_ECN', 4, bool32),
  /** Microseconds from which every packet is marked; a listing leaves it out where there is none. */
  ceThreshold: attr('TCA_FQ_CODEL_CE_THRESHOLD', 7, codelTime),
  /** Value of the bits of the DS field, under `ceThresholdMask`, of packets that `ceThreshold` is for. */
  ceThresholdSelector: attr('TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR', 10, u8),
  ceThresholdMask: attr('TCA_FQ_CODEL_CE_THRESHOLD_MASK', 11, u8),
  /** Bytes of memory that packets may take. Default: 32 MiB. */
  memoryLimit: attr('TCA_FQ_CODEL_MEMORY_LIMIT', 9, u32),
  /** Packets dropped at once when the limit is reached. Default: 64. */
  dropBatch: attr('TCA_FQ_CODEL_DROP_BATCH_SIZE', 8, u32),
}));

/** Options of fq_codel. */
export interface FqCodelOptions extends Infer<typeof fqCodel_> {}
export const fqCodel: Codec<FqCodelOptions> = fqCodel_;
