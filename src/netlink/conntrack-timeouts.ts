/**
 * How long connections are remembered, by protocol and state: what nf_tables (`ct timeout`) and nfnetlink_cttimeout have in common. All in seconds.
 * Source: include/uapi/linux/netfilter/nfnetlink_cttimeout.h (CTA_TIMEOUT_*).
 */
import { attr, attributes } from './attributes.ts';
import type { Codec, Infer } from './codec.ts';
import { be32 } from './scalar.ts';

const tcp_ = attributes('CTA_TIMEOUT_TCP', () => ({
  syn_sent: attr('CTA_TIMEOUT_TCP_SYN_SENT', 1, be32),
  syn_recv: attr('CTA_TIMEOUT_TCP_SYN_RECV', 2, be32),
  established: attr('CTA_TIMEOUT_TCP_ESTABLISHED', 3, be32),
  fin_wait: attr('CTA_TIMEOUT_TCP_FIN_WAIT', 4, be32),
  close_wait: attr('CTA_TIMEOUT_TCP_CLOSE_WAIT', 5, be32),
  last_ack: attr('CTA_TIMEOUT_TCP_LAST_ACK', 6, be32),
  time_wait: attr('CTA_TIMEOUT_TCP_TIME_WAIT', 7, be32),
  close: attr('CTA_TIMEOUT_TCP_CLOSE', 8, be32),
  syn_sent2: attr('CTA_TIMEOUT_TCP_SYN_SENT2', 9, be32),
  retrans: attr('CTA_TIMEOUT_TCP_RETRANS', 10, be32),
  unack: attr('CTA_TIMEOUT_TCP_UNACK', 11, be32),
}));
/** Seconds a TCP connection is remembered in each state. */
export interface TcpTimeouts extends Infer<typeof tcp_> {}

const udp_ = attributes('CTA_TIMEOUT_UDP', () => ({
  unreplied: attr('CTA_TIMEOUT_UDP_UNREPLIED', 1, be32),
  replied: attr('CTA_TIMEOUT_UDP_REPLIED', 2, be32),
}));
/** Seconds a flow of UDP, UDP-Lite or GRE is remembered. */
export interface UdpTimeouts extends Infer<typeof udp_> {}

const sctp_ = attributes('CTA_TIMEOUT_SCTP', () => ({
  closed: attr('CTA_TIMEOUT_SCTP_CLOSED', 1, be32),
  cookie_wait: attr('CTA_TIMEOUT_SCTP_COOKIE_WAIT', 2, be32),
  cookie_echoed: attr('CTA_TIMEOUT_SCTP_COOKIE_ECHOED', 3, be32),
  established: attr('CTA_TIMEOUT_SCTP_ESTABLISHED', 4, be32),
  shutdown_sent: attr('CTA_TIMEOUT_SCTP_SHUTDOWN_SENT', 5, be32),
  shutdown_recd: attr('CTA_TIMEOUT_SCTP_SHUTDOWN_RECD', 6, be32),
  shutdown_ack_sent: attr('CTA_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT', 7, be32),
  heartbeat_sent: attr('CTA_TIMEOUT_SCTP_HEARTBEAT_SENT', 8, be32),
}));
/** Seconds an SCTP association is remembered in each state. */
export interface SctpTimeouts extends Infer<typeof sctp_> {}

const dccp_ = attributes('CTA_TIMEOUT_DCCP', () => ({
  request: attr('CTA_TIMEOUT_DCCP_REQUEST', 1, be32),
  respond: attr('CTA_TIMEOUT_DCCP_RESPOND', 2, be32),
  partopen: attr('CTA_TIMEOUT_DCCP_PARTOPEN', 3, be32),
  open: attr('CTA_TIMEOUT_DCCP_OPEN', 4, be32),
  closereq: attr('CTA_TIMEOUT_DCCP_CLOSEREQ', 5, be32),
  closing: attr('CTA_TIMEOUT_DCCP_CLOSING', 6, be32),
  timewait: attr('CTA_TIMEOUT_DCCP_TIMEWAIT', 7, be32),
}));
/** Seconds a DCCP connection is remembered in each state. */
export interface DccpTimeouts extends Infer<typeof dccp_> {}

const other_ = attributes('CTA_TIMEOUT_GENERIC', () => ({
  timeout: attr('CTA_TIMEOUT_GENERIC_TIMEOUT', 1, be32),
}));
/** Seconds anything else is remembered. */
export interface OtherTimeouts extends Infer<typeof other_> {}

/** Of whichever protocol it is. */
export type Timeouts = TcpTimeouts & UdpTimeouts & SctpTimeouts & DccpTimeouts & OtherTimeouts;

const byProtocol: Readonly<Record<string, Codec<object>>> = { tcp: tcp_, udp: udp_, udplite: udp_, gre: udp_, sctp: sctp_, dccp: dccp_ };

/** What is said for a protocol, by its name; others have a single timeout. */
export function timeoutsOf(protocol: unknown): Codec<Partial<Timeouts>> {
  const name = String(protocol);
  return (Object.hasOwn(byProtocol, name) ? byProtocol[name] : other_) as Codec<Partial<Timeouts>>;
}
