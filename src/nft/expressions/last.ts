/** `last`: when a packet came by last. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_LAST_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32, be64n } from '../../netlink/scalar.ts';

const last_ = attributes('NFTA_LAST', () => ({
  /** 1: a packet has come by; 0: none has. */
  set: attr('NFTA_LAST_SET', 1, be32),
  /** Milliseconds ago. */
  msecs: attr('NFTA_LAST_MSECS', 2, be64n),
}));
/** When a packet came by; in a new rule, where to start (default: never). */
export interface Last extends Infer<typeof last_> {}
export const last: Codec<Last> = last_;

export function explainLast(of: Last): string {
  return (of.set ?? 0) === 0 ? 'never' : String(of.msecs ?? 0);
}
