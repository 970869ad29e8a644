/** `bitwise`: masks, inverts and shifts registers. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_BITWISE_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { data } from '../data.ts';
import { content, line } from './text.ts';

/** NFT_BITWISE_*; and, or, xor of two registers need Linux 6.13. */
export const bitwiseOp = enumeration(be32, { bool: 0, lshift: 1, rshift: 2, and: 3, or: 4, xor: 5 });

const bitwise_ = attributes('NFTA_BITWISE', () => ({
  sreg: attr('NFTA_BITWISE_SREG', 1, be32),
  dreg: attr('NFTA_BITWISE_DREG', 2, be32),
  /** Bytes. */
  len: attr('NFTA_BITWISE_LEN', 3, be32),
  mask: attr('NFTA_BITWISE_MASK', 4, data),
  xor: attr('NFTA_BITWISE_XOR', 5, data),
  /** Default: bool. */
  op: attr('NFTA_BITWISE_OP', 6, bitwiseOp),
  /** Bits to shift by, a u32 in host order. */
  data: attr('NFTA_BITWISE_DATA', 7, data),
  /** The second register of and, or, xor; in its place `data` can be given. */
  sreg2: attr('NFTA_BITWISE_SREG2', 8, be32),
}));
/** `dreg = (sreg & mask) ^ xor`, a shift of `sreg` by `data`, or `sreg` and `sreg2` bit by bit. */
export interface Bitwise extends Infer<typeof bitwise_> {}
export const bitwise: Codec<Bitwise> = bitwise_;

const signs: Readonly<Record<string, string>> = { lshift: '<<', rshift: '>>', and: '&', or: '|', xor: '^' };

export function explainBitwise(of: Bitwise): string {
  const sign = signs[of.op ?? 'bool'];
  if (sign !== undefined)
    return line('reg', of.dreg, '= ( reg', of.sreg, sign, of.sreg2 === undefined ? content(of.data) : `reg ${of.sreg2}`, ')');
  return line('reg', of.dreg, '= ( reg', of.sreg, '&', content(of.mask), ') ^', content(of.xor));
}
