/** `cmp`: goes on with the next expression only if a register compares. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_CMP_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { data } from '../data.ts';
import { content, line } from './text.ts';

/** NFT_CMP_*. */
export const cmpOp = enumeration(be32, { eq: 0, neq: 1, lt: 2, lte: 3, gt: 4, gte: 5 });

const cmp_ = attributes('NFTA_CMP', () => ({
  sreg: attr('NFTA_CMP_SREG', 1, be32),
  op: attr('NFTA_CMP_OP', 2, cmpOp),
  /** As many bytes as are compared. */
  data: attr('NFTA_CMP_DATA', 3, data),
}));
/** Compares a register with bytes, as memcmp(3) does. */
export interface Cmp extends Infer<typeof cmp_> {}
export const cmp: Codec<Cmp> = cmp_;

export function explainCmp(of: Cmp): string {
  return line(of.op, 'reg', of.sreg, content(of.data));
}
