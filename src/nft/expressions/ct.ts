/** `ct`: properties of the connection a packet belongs to. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_CT_*, enum nft_ct_keys). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32, u8 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_CT_* by the names that `nft --debug=netlink` gives them. */
export const ctKey = enumeration(be32, {
  state: 0,
  direction: 1,
  status: 2,
  mark: 3,
  secmark: 4,
  expiration: 5,
  helper: 6,
  l3protocol: 7,
  src: 8,
  dst: 9,
  protocol: 10,
  proto_src: 11,
  proto_dst: 12,
  label: 13,
  packets: 14,
  bytes: 15,
  avgpkt: 16,
  zone: 17,
  event: 18,
  src_ip: 19,
  dst_ip: 20,
  src_ip6: 21,
  dst_ip6: 22,
  id: 23,
});

/** IP_CT_DIR_*. */
export const ctDirection = enumeration(u8, { original: 0, reply: 1 });

const ct_ = attributes('NFTA_CT', () => ({
  /** Register to load the property into. */
  dreg: attr('NFTA_CT_DREG', 1, be32),
  key: attr('NFTA_CT_KEY', 2, ctKey),
  direction: attr('NFTA_CT_DIRECTION', 3, ctDirection),
  /** Register to set the property from. */
  sreg: attr('NFTA_CT_SREG', 4, be32),
}));
export interface Ct extends Infer<typeof ct_> {}
export const ct: Codec<Ct> = ct_;

export function explainCt(of: Ct): string {
  if (of.sreg !== undefined) return line('set', of.key, 'with reg', of.sreg, of.direction !== undefined && `, dir ${of.direction}`);
  return line('load', of.key, '=> reg', of.dreg, of.direction !== undefined && `, dir ${of.direction}`);
}
