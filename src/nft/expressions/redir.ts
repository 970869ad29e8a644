/** `redir`: destination NAT to the machine itself. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_REDIR_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32 } from '../../netlink/scalar.ts';
import { natFlags } from './nat-flags.ts';
import { hex, line } from './text.ts';

const redir_ = attributes('NFTA_REDIR', () => ({
  /** Register with the first port. */
  regProtoMin: attr('NFTA_REDIR_REG_PROTO_MIN', 1, be32),
  /** Register with the last port. */
  regProtoMax: attr('NFTA_REDIR_REG_PROTO_MAX', 2, be32),
  flags: attr('NFTA_REDIR_FLAGS', 3, natFlags),
}));
export interface Redir extends Infer<typeof redir_> {}
export const redir: Codec<Redir> = redir_;

export function explainRedir(of: Redir): string {
  return line(
    of.regProtoMin !== undefined && `proto_min reg ${of.regProtoMin}`,
    of.regProtoMax !== undefined && `proto_max reg ${of.regProtoMax}`,
    of.flags !== undefined && of.flags.length > 0 && `flags ${hex(natFlags.valueOf(of.flags))}`,
  );
}
