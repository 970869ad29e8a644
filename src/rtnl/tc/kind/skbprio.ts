/** Packets of the highest priority first, and the lowest dropped: tc-skbprio(8). Source: include/uapi/linux/pkt_sched.h (struct tc_skbprio_qopt). */
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const skbprioQopt = struct('tc_skbprio_qopt', () => ({
  /** Packets that may wait. Default: 64. */
  limit: fields.u32,
}));

/** Options of skbprio. */
export interface SkbprioOptions extends Infer<typeof skbprioQopt> {}
export const skbprio: Codec<SkbprioOptions> = structCodec<SkbprioOptions>(skbprioQopt);
