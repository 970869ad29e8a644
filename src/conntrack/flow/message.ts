/** Messages of flow entries. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h (enum cntl_msg_types, CTA_*). */
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import type { Message } from '../../netlink/message.ts';
import type { NfGenMsg } from '../../netlink/nfgenmsg.ts';
import type { Operation } from '../../netlink/operation.ts';
import { be16, be32, be64, be64n, sbe32, u32 } from '../../netlink/scalar.ts';
import { bytes, string } from '../../netlink/text.ts';
import { labels } from '../labels.ts';
import { wireNat } from '../nat.ts';
import { conntrackMessage, conntrackOperation, NFNL_SUBSYS_CTNETLINK } from '../nfnetlink.ts';
import { protoinfo } from '../protoinfo.ts';
import { flowStatus } from '../status.ts';
import { wireTuple } from '../tuple.ts';

const counters_ = attributes('CTA_COUNTERS', () => ({
  packets: attr('CTA_COUNTERS_PACKETS', 1, be64n),
  bytes: attr('CTA_COUNTERS_BYTES', 2, be64n),
  packets32: attr('CTA_COUNTERS32_PACKETS', 3, be32),
  bytes32: attr('CTA_COUNTERS32_BYTES', 4, be32),
}));
const counters: Codec<Infer<typeof counters_>> = counters_;

const timestamp_ = attributes('CTA_TIMESTAMP', () => ({
  start: attr('CTA_TIMESTAMP_START', 1, be64),
  stop: attr('CTA_TIMESTAMP_STOP', 2, be64),
}));
const timestamp: Codec<Infer<typeof timestamp_>> = timestamp_;

const seqAdjust_ = attributes('CTA_SEQADJ', () => ({
  position: attr('CTA_SEQADJ_CORRECTION_POS', 1, be32),
  before: attr('CTA_SEQADJ_OFFSET_BEFORE', 2, sbe32),
  after: attr('CTA_SEQADJ_OFFSET_AFTER', 3, sbe32),
}));
/** How sequence numbers of TCP are shifted, because a helper has changed the length of what was sent. */
export interface SeqAdjust extends Infer<typeof seqAdjust_> {}
export const seqAdjust: Codec<SeqAdjust> = seqAdjust_;

const synproxy_ = attributes('CTA_SYNPROXY', () => ({
  /** Initial sequence number of the server, less that of the proxy. */
  isn: attr('CTA_SYNPROXY_ISN', 1, be32),
  /** Initial timestamp. */
  its: attr('CTA_SYNPROXY_ITS', 2, be32),
  /** Offset between timestamps of the server and the proxy. */
  tsoff: attr('CTA_SYNPROXY_TSOFF', 3, be32),
}));
/** What synproxy shifts in a connection. */
export interface SynproxyInfo extends Infer<typeof synproxy_> {}
const synproxy: Codec<SynproxyInfo> = synproxy_;

const help_ = attributes('CTA_HELP', () => ({
  name: attr('CTA_HELP_NAME', 1, string(15)),
  info: attr('CTA_HELP_INFO', 2, bytes),
}));
const help: Codec<Infer<typeof help_>> = help_;

const secctx_ = attributes('CTA_SECCTX', () => ({ name: attr('CTA_SECCTX_NAME', 1, string()) }));
const secctx: Codec<Infer<typeof secctx_>> = secctx_;

/** Members of a tuple that a dump compares. Source: net/netfilter/nf_internals.h (CTA_FILTER_F_*). */
export const filterFlags = flags(u32, {
  src: 0x1,
  dst: 0x2,
  zone: 0x4,
  protocol: 0x8,
  srcPort: 0x10,
  dstPort: 0x20,
  icmpType: 0x40,
  icmpCode: 0x80,
  icmpId: 0x100,
  icmpv6Type: 0x200,
  icmpv6Code: 0x400,
  icmpv6Id: 0x800,
});

const filter_ = attributes('CTA_FILTER', () => ({
  original: attr('CTA_FILTER_ORIG_FLAGS', 1, filterFlags),
  reply: attr('CTA_FILTER_REPLY_FLAGS', 2, filterFlags),
}));
const filter: Codec<Infer<typeof filter_>> = filter_;

const flow_ = attributes('CTA', () => ({
  original: attr('CTA_TUPLE_ORIG', 1, wireTuple),
  reply: attr('CTA_TUPLE_REPLY', 2, wireTuple),
  status: attr('CTA_STATUS', 3, flowStatus),
  protoinfo: attr('CTA_PROTOINFO', 4, protoinfo),
  help: attr('CTA_HELP', 5, help),
  natSrc: attr('CTA_NAT_SRC', 6, wireNat),
  timeout: attr('CTA_TIMEOUT', 7, be32),
  mark: attr('CTA_MARK', 8, be32),
  countersOriginal: attr('CTA_COUNTERS_ORIG', 9, counters),
  countersReply: attr('CTA_COUNTERS_REPLY', 10, counters),
  use: attr('CTA_USE', 11, be32),
  id: attr('CTA_ID', 12, be32),
  natDst: attr('CTA_NAT_DST', 13, wireNat),
  master: attr('CTA_TUPLE_MASTER', 14, wireTuple),
  seqAdjustOriginal: attr('CTA_SEQ_ADJ_ORIG', 15, seqAdjust),
  seqAdjustReply: attr('CTA_SEQ_ADJ_REPLY', 16, seqAdjust),
  secmark: attr('CTA_SECMARK', 17, be32),
  zone: attr('CTA_ZONE', 18, be16),
  secctx: attr('CTA_SECCTX', 19, secctx),
  timestamp: attr('CTA_TIMESTAMP', 20, timestamp),
  markMask: attr('CTA_MARK_MASK', 21, be32),
  labels: attr('CTA_LABELS', 22, labels),
  labelsMask: attr('CTA_LABELS_MASK', 23, labels),
  synproxy: attr('CTA_SYNPROXY', 24, synproxy),
  filter: attr('CTA_FILTER', 25, filter),
  statusMask: attr('CTA_STATUS_MASK', 26, flowStatus),
  eventTime: attr('CTA_TIMESTAMP_EVENT', 27, be64),
}));
/** Attributes of a flow entry. */
export interface FlowAttributes extends Infer<typeof flow_> {}
export const flowAttributes: AttributeSet<FlowAttributes> = flow_;
/** A flow entry on the wire. */
export type FlowMessage = NfGenMsg & FlowAttributes;
export type FlowRequest = Partial<NfGenMsg> & FlowAttributes;
export const flowMessage: Message<FlowMessage, FlowRequest> = conntrackMessage('CTA', flow_);

type FlowOperation = Operation<FlowRequest, FlowMessage>;

function operation(name: string, type: number): FlowOperation {
  return conntrackOperation(name, (NFNL_SUBSYS_CTNETLINK << 8) | type, flowMessage);
}

export const newFlow: FlowOperation = operation('IPCTNL_MSG_CT_NEW', 0);
export const getFlow: FlowOperation = operation('IPCTNL_MSG_CT_GET', 1);
export const deleteFlow: FlowOperation = operation('IPCTNL_MSG_CT_DELETE', 2);
export const resetFlow: FlowOperation = operation('IPCTNL_MSG_CT_GET_CTRZERO', 3);
export const getDying: FlowOperation = operation('IPCTNL_MSG_CT_GET_DYING', 6);
export const getUnconfirmed: FlowOperation = operation('IPCTNL_MSG_CT_GET_UNCONFIRMED', 7);
