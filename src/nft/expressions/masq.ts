/** `masq`: source NAT to the address of the outgoing interface. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_MASQ_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32 } from '../../netlink/scalar.ts';
import { natFlags } from './nat-flags.ts';
import { hex, line } from './text.ts';

const masq_ = attributes('NFTA_MASQ', () => ({
  flags: attr('NFTA_MASQ_FLAGS', 1, natFlags),
  /** Register with the first port. */
  regProtoMin: attr('NFTA_MASQ_REG_PROTO_MIN', 2, be32),
  /** Register with the last port. */
  regProtoMax: attr('NFTA_MASQ_REG_PROTO_MAX', 3, be32),
}));
export interface Masq extends Infer<typeof masq_> {}
export const masq: Codec<Masq> = masq_;

export function explainMasq(of: Masq): string {
  return line(
    of.regProtoMin !== undefined && `proto_min reg ${of.regProtoMin}`,
    of.regProtoMax !== undefined && `proto_max reg ${of.regProtoMax}`,
    of.flags !== undefined && of.flags.length > 0 && `flags ${hex(natFlags.valueOf(of.flags))}`,
  );
}
