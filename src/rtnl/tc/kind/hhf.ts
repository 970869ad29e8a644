/** Flows that send much, held behind the others: tc-hhf(8). Source: include/uapi/linux/pkt_sched.h (TCA_HHF_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';

const hhf_ = attributes('TCA_HHF', () => ({
  /** Packets that may wait. Default: 1,000. */
  limit: attr('TCA_HHF_BACKLOG_LIMIT', 1, u32),
  /** Bytes that a queue sends in a turn. Default: the link's MTU and its header. */
  quantum: attr('TCA_HHF_QUANTUM', 2, u32),
  /** Flows that are kept as heavy. Only by `update`: hhf_init() in net/sched/sch_hhf.c forgets it. Default: 2,048. */
  heavyFlows: attr('TCA_HHF_HH_FLOWS_LIMIT', 3, u32),
  /** Microseconds after which counting begins anew. Default: 40,000. */
  resetTimeout: attr('TCA_HHF_RESET_TIMEOUT', 4, u32),
  /** Bytes within that time from which a flow is heavy. Default: 131,072. */
  admitBytes: attr('TCA_HHF_ADMIT_BYTES', 5, u32),
  /** Microseconds of silence after which a heavy flow is forgotten. Default: 1,000,000. */
  evictTimeout: attr('TCA_HHF_EVICT_TIMEOUT', 6, u32),
  /** What the others send more than heavy flows. Default: 2. */
  lightWeight: attr('TCA_HHF_NON_HH_WEIGHT', 7, u32),
}));

/** Options of hhf. */
export interface HhfOptions extends Infer<typeof hhf_> {}
export const hhf: Codec<HhfOptions> = hhf_;
