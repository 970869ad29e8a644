/** `byteorder`: converts registers between host and network order. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_BYTEORDER_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';

/** NFT_BYTEORDER_*. */
export const byteorderOp = enumeration(be32, { ntoh: 0, hton: 1 });

const byteorder_ = attributes('NFTA_BYTEORDER', () => ({
  sreg: attr('NFTA_BYTEORDER_SREG', 1, be32),
  dreg: attr('NFTA_BYTEORDER_DREG', 2, be32),
  op: attr('NFTA_BYTEORDER_OP', 3, byteorderOp),
  /** Bytes in all. */
  len: attr('NFTA_BYTEORDER_LEN', 4, be32),
  /** Bytes of one integer: 2, 4 or 8. */
  size: attr('NFTA_BYTEORDER_SIZE', 5, be32),
}));
export interface Byteorder extends Infer<typeof byteorder_> {}
export const byteorder: Codec<Byteorder> = byteorder_;

export function explainByteorder(of: Byteorder): string {
  return `reg ${of.dreg} = ${of.op}(reg ${of.sreg}, ${of.size}, ${of.len})`;
}
