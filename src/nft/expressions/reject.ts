/** `reject`: drops and tells the sender. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_REJECT_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32, u8 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_REJECT_*: ICMP unreachable of the table's family, TCP reset, ICMP unreachable of the packet's family. */
export const rejectType = enumeration(be32, { 'icmp-unreach': 0, 'tcp-rst': 1, 'icmpx-unreach': 2 });

const reject_ = attributes('NFTA_REJECT', () => ({
  type: attr('NFTA_REJECT_TYPE', 1, rejectType),
  /** Code of the ICMP message; with icmpx one of NFT_REJECT_ICMPX_*. */
  icmpCode: attr('NFTA_REJECT_ICMP_CODE', 2, u8),
}));
export interface Reject extends Infer<typeof reject_> {}
export const reject: Codec<Reject> = reject_;

export function explainReject(of: Reject): string {
  return line('type', rejectType.valueOf(of.type ?? 0), 'code', of.icmpCode ?? 0);
}
