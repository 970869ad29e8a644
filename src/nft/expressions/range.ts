/** `range`: compares a register with two bounds. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_RANGE_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { data } from '../data.ts';
import { content, line } from './text.ts';

/** NFT_RANGE_*: within the bounds, or outside. */
export const rangeOp = enumeration(be32, { eq: 0, neq: 1 });

const range_ = attributes('NFTA_RANGE', () => ({
  sreg: attr('NFTA_RANGE_SREG', 1, be32),
  op: attr('NFTA_RANGE_OP', 2, rangeOp),
  /** The least value that is within. */
  fromData: attr('NFTA_RANGE_FROM_DATA', 3, data),
  /** The greatest value that is within. */
  toData: attr('NFTA_RANGE_TO_DATA', 4, data),
}));
export interface Range extends Infer<typeof range_> {}
export const range: Codec<Range> = range_;

export function explainRange(of: Range): string {
  return line(of.op, 'reg', of.sreg, content(of.fromData), content(of.toData));
}
