/** `quota`: matches until so many bytes have come by. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_QUOTA_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be32, be64n } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_QUOTA_F_*: matches once it is used up (`inv`); it is used up (`depleted`). */
export const quotaFlags = flags(be32, { inv: 1, depleted: 2 });

const quota_ = attributes('NFTA_QUOTA', () => ({
  bytes: attr('NFTA_QUOTA_BYTES', 1, be64n),
  flags: attr('NFTA_QUOTA_FLAGS', 2, quotaFlags),
  /** Bytes used so far. */
  consumed: attr('NFTA_QUOTA_CONSUMED', 4, be64n),
}));
export interface Quota extends Infer<typeof quota_> {}
export const quota: Codec<Quota> = quota_;

export function explainQuota(of: Quota): string {
  return line('bytes', of.bytes ?? 0, 'consumed', of.consumed ?? 0, 'flags', quotaFlags.valueOf(of.flags ?? []));
}
