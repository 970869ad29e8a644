/** `secmark`: a security context to mark packets with. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_SECMARK_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { string } from '../../netlink/text.ts';

const secmark_ = attributes('NFTA_SECMARK', () => ({
  /** The context: `system_u:object_r:http_client_packet_t:s0`. At most 4,095 bytes. */
  context: attr('NFTA_SECMARK_CTX', 1, string(4095)),
}));
export interface Secmark extends Infer<typeof secmark_> {}
export const secmark: Codec<Secmark> = secmark_;
