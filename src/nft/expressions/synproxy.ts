/** `synproxy`: answers the opening of TCP connections in place of the server. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_SYNPROXY_*), nf_synproxy.h. */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be16, be32, u8 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NF_SYNPROXY_OPT_*: the TCP options to offer. */
export const synproxyFlags = flags(be32, { mss: 1, wscale: 2, 'sack-perm': 4, timestamp: 8, ecn: 16 });

const synproxy_ = attributes('NFTA_SYNPROXY', () => ({
  mss: attr('NFTA_SYNPROXY_MSS', 1, be16),
  /** Window scale, a power of two: 0 to 14. */
  wscale: attr('NFTA_SYNPROXY_WSCALE', 2, u8),
  flags: attr('NFTA_SYNPROXY_FLAGS', 3, synproxyFlags),
}));
export interface Synproxy extends Infer<typeof synproxy_> {}
export const synproxy: Codec<Synproxy> = synproxy_;

export function explainSynproxy(of: Synproxy): string {
  return line('mss', of.mss ?? 0, 'wscale', of.wscale ?? 0);
}
