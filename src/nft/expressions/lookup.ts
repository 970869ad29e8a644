/** `lookup`: finds a register in a set, or maps it to another. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_LOOKUP_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { string } from '../../netlink/text.ts';
import { hex, line } from './text.ts';

/** NFT_LOOKUP_F_INV: goes on if the set does not hold the key. */
export const lookupFlags = flags(be32, { inv: 1 });

const lookup_ = attributes('NFTA_LOOKUP', () => ({
  /** Name of the set; `__set%d` for an anonymous one made in this transaction. */
  set: attr('NFTA_LOOKUP_SET', 1, string(255)),
  sreg: attr('NFTA_LOOKUP_SREG', 2, be32),
  /** Register for what a map holds; 0: a verdict. */
  dreg: attr('NFTA_LOOKUP_DREG', 3, be32),
  /** NFTA_SET_ID of the set, when it is made in this transaction. */
  setId: attr('NFTA_LOOKUP_SET_ID', 4, be32),
  flags: attr('NFTA_LOOKUP_FLAGS', 5, lookupFlags),
}));
export interface Lookup extends Infer<typeof lookup_> {}
export const lookup: Codec<Lookup> = lookup_;

export function explainLookup(of: Lookup): string {
  return line(
    'reg',
    of.sreg,
    'set',
    of.set,
    of.dreg !== undefined && `dreg ${of.dreg}`,
    of.flags !== undefined && hex(lookupFlags.valueOf(of.flags)),
  );
}
