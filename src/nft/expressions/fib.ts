/** `fib`: looks addresses up in the routing tables. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_FIB_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_FIB_RESULT_*: index of the outgoing interface, its name, the type of the address (RTN_*). */
export const fibResult = enumeration(be32, { oif: 1, oifname: 2, type: 3 });
/** NFTA_FIB_F_*: what is looked up; `present`: load whether there is a result. */
export const fibFlags = flags(be32, { saddr: 0x1, daddr: 0x2, mark: 0x4, iif: 0x8, oif: 0x10, present: 0x20 });

const fib_ = attributes('NFTA_FIB', () => ({
  dreg: attr('NFTA_FIB_DREG', 1, be32),
  result: attr('NFTA_FIB_RESULT', 2, fibResult),
  flags: attr('NFTA_FIB_FLAGS', 3, fibFlags),
}));
export interface Fib extends Infer<typeof fib_> {}
export const fib: Codec<Fib> = fib_;

export function explainFib(of: Fib): string {
  const key = (of.flags ?? []).filter((flag) => flag !== 'present').join(' . ');
  return line(key, of.result, of.flags?.includes('present') === true && 'present', '=> reg', of.dreg);
}
