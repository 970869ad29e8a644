/** `nat`: source or destination NAT to addresses and ports in registers. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_NAT_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { natFlags } from './nat-flags.ts';
import { hex, line } from './text.ts';

/** NFT_NAT_*. */
export const natType = enumeration(be32, { snat: 0, dnat: 1 });
/** NFPROTO_* of the new address. */
export const natFamily = enumeration(be32, { inet: 1, ip: 2, ip6: 10 });

const nat_ = attributes('NFTA_NAT', () => ({
  type: attr('NFTA_NAT_TYPE', 1, natType),
  family: attr('NFTA_NAT_FAMILY', 2, natFamily),
  /** Register with the first address. */
  regAddrMin: attr('NFTA_NAT_REG_ADDR_MIN', 3, be32),
  regAddrMax: attr('NFTA_NAT_REG_ADDR_MAX', 4, be32),
  /** Register with the first port. */
  regProtoMin: attr('NFTA_NAT_REG_PROTO_MIN', 5, be32),
  regProtoMax: attr('NFTA_NAT_REG_PROTO_MAX', 6, be32),
  flags: attr('NFTA_NAT_FLAGS', 7, natFlags),
}));
export interface Nat extends Infer<typeof nat_> {}
export const nat: Codec<Nat> = nat_;

export function explainNat(of: Nat): string {
  return line(
    of.type,
    of.family,
    of.regAddrMin !== undefined && `addr_min reg ${of.regAddrMin}`,
    of.regAddrMax !== undefined && `addr_max reg ${of.regAddrMax}`,
    of.regProtoMin !== undefined && `proto_min reg ${of.regProtoMin}`,
    of.regProtoMax !== undefined && `proto_max reg ${of.regProtoMax}`,
    of.flags !== undefined && of.flags.length > 0 && `flags ${hex(natFlags.valueOf(of.flags))}`,
  );
}
