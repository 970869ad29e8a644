/** `dup`: sends a copy of a packet elsewhere. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_DUP_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

const dup_ = attributes('NFTA_DUP', () => ({
  /** Register with the address to send to (ip, ip6, inet). */
  sregAddr: attr('NFTA_DUP_SREG_ADDR', 1, be32),
  /** Register with the index of the device to send by. */
  sregDev: attr('NFTA_DUP_SREG_DEV', 2, be32),
}));
export interface Dup extends Infer<typeof dup_> {}
export const dup: Codec<Dup> = dup_;

export function explainDup(of: Dup): string {
  return line(of.sregAddr !== undefined && `sreg_addr ${of.sregAddr}`, of.sregDev !== undefined && `sreg_dev ${of.sregDev}`);
}
