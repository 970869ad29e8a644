/** `tproxy`: gives a packet to a local socket, whatever its destination. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_TPROXY_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFPROTO_* of the packets; `unspec`: both (inet). */
export const tproxyFamily = enumeration(be32, { unspec: 0, ip: 2, ip6: 10 });

const tproxy_ = attributes('NFTA_TPROXY', () => ({
  family: attr('NFTA_TPROXY_FAMILY', 1, tproxyFamily),
  /** Register with the address of the socket. */
  regAddr: attr('NFTA_TPROXY_REG_ADDR', 2, be32),
  /** Register with the port of the socket. */
  regPort: attr('NFTA_TPROXY_REG_PORT', 3, be32),
}));
export interface Tproxy extends Infer<typeof tproxy_> {}
export const tproxy: Codec<Tproxy> = tproxy_;

export function explainTproxy(of: Tproxy): string {
  return line(
    of.family !== 'unspec' && of.family,
    of.regAddr !== undefined && `addr reg ${of.regAddr}`,
    of.regPort !== undefined && `port reg ${of.regPort}`,
  );
}
