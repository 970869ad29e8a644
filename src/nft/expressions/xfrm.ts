/** `xfrm`: properties of the IPsec transformations of a packet. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_XFRM_*, enum nft_xfrm_keys). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32, u8 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_XFRM_KEY_* by the names that `nft --debug=netlink` gives them. */
export const xfrmKey = enumeration(be32, { daddr4: 1, daddr6: 2, saddr4: 3, saddr6: 4, reqid: 5, spi: 6 });
/** XFRM_POLICY_*: transformations undone, or still to be done. */
export const xfrmDirection = enumeration(u8, { in: 0, out: 1 });

const xfrm_ = attributes('NFTA_XFRM', () => ({
  dreg: attr('NFTA_XFRM_DREG', 1, be32),
  key: attr('NFTA_XFRM_KEY', 2, xfrmKey),
  direction: attr('NFTA_XFRM_DIR', 3, xfrmDirection),
  /** Which of several transformations, from 0. */
  spnum: attr('NFTA_XFRM_SPNUM', 4, be32),
}));
export interface Xfrm extends Infer<typeof xfrm_> {}
export const xfrm: Codec<Xfrm> = xfrm_;

export function explainXfrm(of: Xfrm): string {
  return line('load', of.direction, of.spnum ?? 0, of.key, '=> reg', of.dreg);
}
