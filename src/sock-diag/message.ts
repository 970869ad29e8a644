/**
 * Sockets of IP, as the kernel lists them: SOCK_DIAG_BY_FAMILY. Sources: include/uapi/linux/sock_diag.h, include/uapi/linux/inet_diag.h, sock_diag(7). Each `struct inet_diag_sockid` is
 * spread out into the struct around it.
 */
import { attr, attributes } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { flags } from '../netlink/enumeration.ts';
import { type Message, message, NETLINK_SOCK_DIAG } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { bool8, u32 } from '../netlink/scalar.ts';
import { fields, named, type Struct, struct } from '../netlink/struct.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;

/** States as bits, which is how they are asked for: those of include/net/tcp_states.h, that other protocols have two or three of. */
export const socketStates = flags(u32, {
  established: 1 << 1,
  'syn-sent': 1 << 2,
  'syn-recv': 1 << 3,
  'fin-wait-1': 1 << 4,
  'fin-wait-2': 1 << 5,
  'time-wait': 1 << 6,
  close: 1 << 7,
  'close-wait': 1 << 8,
  'last-ack': 1 << 9,
  listen: 1 << 10,
  closing: 1 << 11,
  'new-syn-recv': 1 << 12,
});

const socketId = {
  sourcePort: fields.be16,
  destinationPort: fields.be16,
  /** IPv4: in the first four bytes. */
  source: fields.blob(16),
  destination: fields.blob(16),
  /** Index of the link that it is bound to; 0: none. */
  link: fields.u32,
  cookieLow: fields.u32,
  cookieHigh: fields.u32,
} as const;

const request_ = struct('inet_diag_req_v2', () => ({
  /** AF_INET or AF_INET6. */
  family: fields.u8,
  /** IPPROTO_*. */
  protocol: fields.u8,
  /** INET_DIAG_* that are wanted besides, as bits. */
  extensions: fields.u8,
  padding: fields.u8,
  /** Those of {@link socketStates} that are wanted. */
  states: named(fields.u32, socketStates),
  ...socketId,
}));
export interface InetDiagRequestHeader extends Infer<typeof request_> {}
export const inetDiagRequestHeader: Struct<InetDiagRequestHeader> = request_;

const header_ = struct('inet_diag_msg', () => ({
  family: fields.u8,
  /** Number of the state. */
  state: fields.u8,
  timer: fields.u8,
  retransmits: fields.u8,
  ...socketId,
  expires: fields.u32,
  receiveQueue: fields.u32,
  sendQueue: fields.u32,
  /** User who made it. */
  uid: fields.u32,
  inode: fields.u32,
}));
export interface InetDiagHeader extends Infer<typeof header_> {}
export const inetDiagHeader: Struct<InetDiagHeader> = header_;

const requestAttributes_ = attributes('INET_DIAG_REQ', () => ({}));
const attributes_ = attributes('INET_DIAG', () => ({
  /** IPV6_V6ONLY; told of sockets of IPv6 that listen, or are not connected. */
  v6only: attr('INET_DIAG_SKV6ONLY', 11, bool8),
}));

export interface InetDiagRequest extends Partial<InetDiagRequestHeader> {}
const request: Message<InetDiagRequestHeader, InetDiagRequest> = message('INET_DIAG_REQ', request_, requestAttributes_);
const reply_ = message('INET_DIAG', header_, attributes_);
export interface InetDiagMessage extends Infer<typeof reply_> {}
const reply: Message<InetDiagMessage> = reply_;

/** SOCK_DIAG_BY_FAMILY. The kernel answers by the same type. */
export const sockDiagByFamily: Operation<InetDiagRequest, InetDiagMessage> = {
  name: 'SOCK_DIAG_BY_FAMILY',
  protocol: NETLINK_SOCK_DIAG,
  type: 20,
  body: request,
  reply,
  needs: () => 'CONFIG_INET_DIAG',
};
