/** `ct helper`: what reads a protocol such as FTP for the connections it announces. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_CT_HELPER_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { string } from '../../netlink/text.ts';
import { l3Protocol } from './l3-protocol.ts';
import { l4Protocol } from './l4-protocol.ts';

const ctHelper_ = attributes('NFTA_CT_HELPER', () => ({
  /** Name of the kernel's helper: `ftp`. */
  helper: attr('NFTA_CT_HELPER_NAME', 1, string(15)),
  /** Default: that of the table. */
  l3proto: attr('NFTA_CT_HELPER_L3PROTO', 2, l3Protocol),
  l4proto: attr('NFTA_CT_HELPER_L4PROTO', 3, l4Protocol),
}));
export interface CtHelper extends Infer<typeof ctHelper_> {}
export const ctHelper: Codec<CtHelper> = ctHelper_;
