/** `connlimit`: compares how many connections are open. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_CONNLIMIT_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_CONNLIMIT_F_INV: matches above the count. */
export const connlimitFlags = flags(be32, { inv: 1 });

const connlimit_ = attributes('NFTA_CONNLIMIT', () => ({
  /** Connections; without `inv` up to as many match. */
  count: attr('NFTA_CONNLIMIT_COUNT', 1, be32),
  flags: attr('NFTA_CONNLIMIT_FLAGS', 2, connlimitFlags),
}));
export interface Connlimit extends Infer<typeof connlimit_> {}
export const connlimit: Codec<Connlimit> = connlimit_;

export function explainConnlimit(of: Connlimit): string {
  return line('count', of.count ?? 0, 'flags', connlimitFlags.valueOf(of.flags ?? []).toString(16));
}
