/** `rt`: properties of the route a packet takes. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_RT_*, enum nft_rt_keys). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_RT_* by the names that `nft --debug=netlink` gives them. */
export const rtKey = enumeration(be32, { classid: 0, nexthop4: 1, nexthop6: 2, tcpmss: 3, ipsec: 4 });

const rt_ = attributes('NFTA_RT', () => ({
  dreg: attr('NFTA_RT_DREG', 1, be32),
  key: attr('NFTA_RT_KEY', 2, rtKey),
}));
export interface Rt extends Infer<typeof rt_> {}
export const rt: Codec<Rt> = rt_;

export function explainRt(of: Rt): string {
  return line('load', of.key, '=> reg', of.dreg);
}
