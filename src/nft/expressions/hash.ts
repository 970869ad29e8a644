/** `hash`: a number made of a packet, for spreading. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_HASH_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { hex, line } from './text.ts';

/** NFT_HASH_*: of a register (`jhash`), or of the packet's addresses and ports, the same in both directions (`symhash`). */
export const hashType = enumeration(be32, { jhash: 0, symhash: 1 });

const hash_ = attributes('NFTA_HASH', () => ({
  /** Register to hash (jhash). */
  sreg: attr('NFTA_HASH_SREG', 1, be32),
  dreg: attr('NFTA_HASH_DREG', 2, be32),
  /** Bytes of `sreg`. */
  len: attr('NFTA_HASH_LEN', 3, be32),
  /** The number is less than this. */
  modulus: attr('NFTA_HASH_MODULUS', 4, be32),
  /** Default: random. */
  seed: attr('NFTA_HASH_SEED', 5, be32),
  /** Added to the number. */
  offset: attr('NFTA_HASH_OFFSET', 6, be32),
  /** Default: jhash. */
  type: attr('NFTA_HASH_TYPE', 7, hashType),
}));
export interface Hash extends Infer<typeof hash_> {}
export const hash: Codec<Hash> = hash_;

export function explainHash(of: Hash): string {
  const what = of.type === 'symhash' ? 'symhash()' : `jhash(reg ${of.sreg}, ${of.len}, ${hex(of.seed ?? 0)})`;
  return line(`reg ${of.dreg} = ${what} % mod ${of.modulus}`, (of.offset ?? 0) !== 0 && `offset ${of.offset}`);
}
