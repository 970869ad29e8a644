/** `limit`: lets packets by at a rate. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_LIMIT_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { be32, be64n } from '../../netlink/scalar.ts';
import { hex, line } from './text.ts';

/** NFT_LIMIT_*: what the rate counts. */
export const limitType = enumeration(be32, { packets: 0, bytes: 1 });
/** NFT_LIMIT_F_INV: matches what is above the rate. */
export const limitFlags = flags(be32, { inv: 1 });

const limit_ = attributes('NFTA_LIMIT', () => ({
  /** Packets or bytes a unit of time. */
  rate: attr('NFTA_LIMIT_RATE', 1, be64n),
  /** Seconds. */
  unit: attr('NFTA_LIMIT_UNIT', 2, be64n),
  burst: attr('NFTA_LIMIT_BURST', 3, be32),
  type: attr('NFTA_LIMIT_TYPE', 4, limitType),
  flags: attr('NFTA_LIMIT_FLAGS', 5, limitFlags),
}));
export interface Limit extends Infer<typeof limit_> {}
export const limit: Codec<Limit> = limit_;

const units: Readonly<Record<number, string>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day', 604800: 'week' };

export function explainLimit(of: Limit): string {
  const unit = of.unit ?? 1;
  return line(
    'rate',
    `${of.rate}/${units[unit] ?? `${unit} seconds`}`,
    'burst',
    of.burst ?? 0,
    'type',
    of.type ?? 'packets',
    'flags',
    hex(limitFlags.valueOf(of.flags ?? [])),
  );
}
