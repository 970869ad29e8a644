/** `log`: writes to the kernel log, or to a listener of a group. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_LOG_*), nf_log.h. */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be16, be32 } from '../../netlink/scalar.ts';
import { string } from '../../netlink/text.ts';
import { line } from './text.ts';

/** NF_LOG_*: what is written beside the packet. */
export const logFlags = flags(be32, { tcpseq: 0x1, tcpopt: 0x2, ipopt: 0x4, uid: 0x8, nflog: 0x10, macdecode: 0x20 });

const log_ = attributes('NFTA_LOG', () => ({
  /** Group of nfnetlink_log; absent: the kernel log. */
  group: attr('NFTA_LOG_GROUP', 1, be16),
  /** At most 127 bytes. */
  prefix: attr('NFTA_LOG_PREFIX', 2, string(127)),
  /** Bytes of the packet to copy. */
  snaplen: attr('NFTA_LOG_SNAPLEN', 3, be32),
  /** Packets to collect before they are sent. */
  qthreshold: attr('NFTA_LOG_QTHRESHOLD', 4, be16),
  /** NFT_LOGLEVEL_*: syslog(2) levels 0 to 7, and 8 for audit. */
  level: attr('NFTA_LOG_LEVEL', 5, be32),
  flags: attr('NFTA_LOG_FLAGS', 6, logFlags),
}));
export interface Log extends Infer<typeof log_> {}
export const log: Codec<Log> = log_;

export function explainLog(of: Log): string {
  if (of.group !== undefined) {
    return line(
      of.prefix !== undefined && `prefix ${of.prefix}`,
      'group',
      of.group,
      'snaplen',
      of.snaplen ?? 0,
      'qthreshold',
      of.qthreshold ?? 0,
    );
  }
  return line(of.prefix !== undefined && `prefix ${of.prefix}`, of.level !== undefined && `level ${of.level}`, ...(of.flags ?? []));
}
