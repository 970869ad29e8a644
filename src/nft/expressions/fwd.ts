/** `fwd`: hands a packet to another device (netdev). Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_FWD_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFPROTO_* of the address. */
export const fwdFamily = enumeration(be32, { ip: 2, ip6: 10 });

const fwd_ = attributes('NFTA_FWD', () => ({
  /** Register with the index of the device. */
  sregDev: attr('NFTA_FWD_SREG_DEV', 1, be32),
  /** Register with the address of the neighbor to send to. */
  sregAddr: attr('NFTA_FWD_SREG_ADDR', 2, be32),
  /** Family of the address. */
  family: attr('NFTA_FWD_NFPROTO', 3, fwdFamily),
}));
export interface Fwd extends Infer<typeof fwd_> {}
export const fwd: Codec<Fwd> = fwd_;

export function explainFwd(of: Fwd): string {
  return line(
    of.sregDev !== undefined && `sreg_dev ${of.sregDev}`,
    of.sregAddr !== undefined && `sreg_addr ${of.sregAddr}`,
    of.family !== undefined && `nfproto ${fwdFamily.valueOf(of.family)}`,
  );
}
