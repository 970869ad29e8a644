/**
 * What conntrack knows of TCP, SCTP and DCCP beside addresses and ports. Sources: include/uapi/linux/netfilter/nfnetlink_conntrack.h
 * (CTA_PROTOINFO_*), nf_conntrack_tcp.h, nf_conntrack_sctp.h.
 */
import { attr, attributes } from '../netlink/attributes.ts';
import type { Codec, Infer } from '../netlink/codec.ts';
import { enumeration, flags } from '../netlink/enumeration.ts';
import { be32, be64, u8 } from '../netlink/scalar.ts';
import { fields, struct, structCodec } from '../netlink/struct.ts';

/** TCP_CONNTRACK_*. */
export const tcpState = enumeration(u8, {
  none: 0,
  syn_sent: 1,
  syn_recv: 2,
  established: 3,
  fin_wait: 4,
  close_wait: 5,
  last_ack: 6,
  time_wait: 7,
  close: 8,
  /** Both ends have sent SYN. */
  syn_sent2: 9,
});

/** IP_CT_TCP_FLAG_*. */
export const tcpFlag = flags(u8, {
  'window-scale': 0x1,
  'sack-perm': 0x2,
  'close-init': 0x4,
  /** Windows are not checked. */
  'be-liberal': 0x8,
  'data-unacknowledged': 0x10,
  'maxack-set': 0x20,
  'challenge-ack': 0x40,
  'simultaneous-open': 0x80,
});

const flagsOfTcp = structCodec(struct('nf_ct_tcp_flags', () => ({ flags: fields.u8, mask: fields.u8 })));

const tcp_ = attributes('CTA_PROTOINFO_TCP', () => ({
  state: attr('CTA_PROTOINFO_TCP_STATE', 1, tcpState),
  windowScaleOriginal: attr('CTA_PROTOINFO_TCP_WSCALE_ORIGINAL', 2, u8),
  windowScaleReply: attr('CTA_PROTOINFO_TCP_WSCALE_REPLY', 3, u8),
  flagsOriginal: attr('CTA_PROTOINFO_TCP_FLAGS_ORIGINAL', 4, flagsOfTcp),
  flagsReply: attr('CTA_PROTOINFO_TCP_FLAGS_REPLY', 5, flagsOfTcp),
}));
export interface WireTcp extends Infer<typeof tcp_> {}
const tcp: Codec<WireTcp> = tcp_;

const dccp_ = attributes('CTA_PROTOINFO_DCCP', () => ({
  state: attr(
    'CTA_PROTOINFO_DCCP_STATE',
    1,
    enumeration(u8, { none: 0, request: 1, respond: 2, partopen: 3, open: 4, closereq: 5, closing: 6, timewait: 7, ignore: 8, invalid: 9 }),
  ),
  /** What the original direction is. */
  role: attr('CTA_PROTOINFO_DCCP_ROLE', 2, enumeration(u8, { client: 0, server: 1 })),
  handshakeSeq: attr('CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ', 3, be64),
}));
/** State of a connection of DCCP; before Linux 6.17. */
export interface DccpInfo extends Infer<typeof dccp_> {}
const dccp: Codec<DccpInfo> = dccp_;

const sctp_ = attributes('CTA_PROTOINFO_SCTP', () => ({
  state: attr(
    'CTA_PROTOINFO_SCTP_STATE',
    1,
    enumeration(u8, {
      none: 0,
      closed: 1,
      cookie_wait: 2,
      cookie_echoed: 3,
      established: 4,
      shutdown_sent: 5,
      shutdown_recd: 6,
      shutdown_ack_sent: 7,
      heartbeat_sent: 8,
      heartbeat_acked: 9,
    }),
  ),
  vtagOriginal: attr('CTA_PROTOINFO_SCTP_VTAG_ORIGINAL', 2, be32),
  vtagReply: attr('CTA_PROTOINFO_SCTP_VTAG_REPLY', 3, be32),
}));
/** State and verification tags of an association of SCTP. */
export interface SctpInfo extends Infer<typeof sctp_> {}
const sctp: Codec<SctpInfo> = sctp_;

const protoinfo_ = attributes('CTA_PROTOINFO', () => ({
  tcp: attr('CTA_PROTOINFO_TCP', 1, tcp),
  dccp: attr('CTA_PROTOINFO_DCCP', 2, dccp),
  sctp: attr('CTA_PROTOINFO_SCTP', 3, sctp),
}));
export interface ProtoInfo extends Infer<typeof protoinfo_> {}
export const protoinfo: Codec<ProtoInfo> = protoinfo_;
