/** What hhf counts. Source: include/uapi/linux/pkt_sched.h (struct tc_hhf_xstats). */
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const hhf_ = struct('tc_hhf_xstats', () => ({
  /** Packets dropped since too many waited. */
  dropOverlimit: fields.u32,
  /** How often there were as many heavy flows as may be. */
  hhOverlimit: fields.u32,
  /** Heavy flows that there were. */
  hhTotCount: fields.u32,
  /** Heavy flows that there are. */
  hhCurCount: fields.u32,
}));

/** Counters of hhf. */
export interface HhfXstats extends Infer<typeof hhf_> {}
export const hhfXstats: Codec<HhfXstats> = structCodec<HhfXstats>(hhf_);
