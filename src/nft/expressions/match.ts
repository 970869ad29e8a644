/** `match`: a match of iptables, through the compatibility layer. Source: include/uapi/linux/netfilter/nf_tables_compat.h (NFTA_MATCH_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32 } from '../../netlink/scalar.ts';
import { bytes, string } from '../../netlink/text.ts';
import { line } from './text.ts';

const match_ = attributes('NFTA_MATCH', () => ({
  /** Name of the xtables extension: `conntrack`. */
  name: attr('NFTA_MATCH_NAME', 1, string(31)),
  revision: attr('NFTA_MATCH_REV', 2, be32),
  /** The extension's own struct, as it lies in memory. */
  info: attr('NFTA_MATCH_INFO', 3, bytes),
}));
export interface Match extends Infer<typeof match_> {}
export const match: Codec<Match> = match_;

export function explainMatch(of: Match): string {
  return line('name', of.name, 'rev', of.revision ?? 0);
}
