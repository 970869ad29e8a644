/** `meta`: properties of a packet that are in no header. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_META_*, enum nft_meta_keys). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_META_* by the names that `nft --debug=netlink` gives them. */
export const metaKey = enumeration(be32, {
  len: 0,
  protocol: 1,
  priority: 2,
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  iiftype: 8,
  oiftype: 9,
  skuid: 10,
  skgid: 11,
  nftrace: 12,
  rtclassid: 13,
  secmark: 14,
  nfproto: 15,
  l4proto: 16,
  bri_iifname: 17,
  bri_oifname: 18,
  pkttype: 19,
  cpu: 20,
  iifgroup: 21,
  oifgroup: 22,
  cgroup: 23,
  prandom: 24,
  secpath: 25,
  iifkind: 26,
  oifkind: 27,
  bri_iifpvid: 28,
  bri_iifvproto: 29,
  time: 30,
  day: 31,
  hour: 32,
  sdif: 33,
  sdifname: 34,
  bri_broute: 35,
});

const meta_ = attributes('NFTA_META', () => ({
  /** Register to load the property into. */
  dreg: attr('NFTA_META_DREG', 1, be32),
  key: attr('NFTA_META_KEY', 2, metaKey),
  /** Register to set the property from. */
  sreg: attr('NFTA_META_SREG', 3, be32),
}));
/** Loads a property into `dreg`, or sets it from `sreg`. */
export interface Meta extends Infer<typeof meta_> {}
export const meta: Codec<Meta> = meta_;

export function explainMeta({ key, dreg, sreg }: Meta): string {
  return sreg === undefined ? line('load', key, '=> reg', dreg) : line('set', key, 'with reg', sreg);
}
