/** `numgen`: a number that runs up, or a random one. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_NG_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_NG_*: counting (`inc`), or `random`. */
export const numgenType = enumeration(be32, { inc: 0, random: 1 });

const numgen_ = attributes('NFTA_NG', () => ({
  dreg: attr('NFTA_NG_DREG', 1, be32),
  /** The number is less than this. */
  modulus: attr('NFTA_NG_MODULUS', 2, be32),
  type: attr('NFTA_NG_TYPE', 3, numgenType),
  /** Added to the number. */
  offset: attr('NFTA_NG_OFFSET', 4, be32),
}));
export interface Numgen extends Infer<typeof numgen_> {}
export const numgen: Codec<Numgen> = numgen_;

export function explainNumgen(of: Numgen): string {
  return line(`reg ${of.dreg} = ${of.type ?? 'inc'} mod ${of.modulus}`, (of.offset ?? 0) !== 0 && `offset ${of.offset}`);
}
