/** Controlled delay in one queue: tc-codel(8). Source: include/uapi/linux/pkt_sched.h (TCA_CODEL_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bool32, u32 } from '../../../netlink/scalar.ts';
import { codelTime } from './coarse-time.ts';

const codel_ = attributes('TCA_CODEL', () => ({
  /** Packets that may wait. Default: 1,000. */
  limit: attr('TCA_CODEL_LIMIT', 2, u32),
  /** Microseconds that packets may wait for long. Default: 5,000. */
  target: attr('TCA_CODEL_TARGET', 1, codelTime),
  /** Microseconds over which the shortest wait is looked for. Default: 100,000. */
  interval: attr('TCA_CODEL_INTERVAL', 3, codelTime),
  /** Mark packets in place of dropping them. Default: false. */
  ecn: attr('TCA_CODEL_ECN', 4, bool32),
  /** Microseconds from which every packet is marked; a listing leaves it out where there is none. */
  ceThreshold: attr('TCA_CODEL_CE_THRESHOLD', 5, codelTime),
}));

/** Options of codel. */
export interface CodelOptions extends Infer<typeof codel_> {}
export const codel: Codec<CodelOptions> = codel_;
