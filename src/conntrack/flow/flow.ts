/** Flow entries as callers see them. Sources: include/uapi/linux/netfilter/nfnetlink_conntrack.h, conntrack(8). */
import type { IpFamily } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import type { Enumerated } from '../../netlink/enumeration.ts';
import { MalformedMessageError } from '../../netlink/errors.ts';
import { familyName } from '../nfnetlink.ts';
import { type DccpInfo, type SctpInfo, tcpFlag, type tcpState, type WireTcp } from '../protoinfo.ts';
import type { FlowStatus } from '../status.ts';
import { type Tuple, tupleFromWire } from '../tuple.ts';
import type { FlowMessage, SeqAdjust, SynproxyInfo } from './message.ts';

/** What has gone through in one direction. */
export interface FlowCounter {
  /** Number of packets. */
  packets: number;
  /** Headers of the network layer count, those of the link do not. */
  bytes: number;
}

/** What conntrack knows of one end of a TCP connection. */
export interface TcpEnd {
  /** Shift of the window, 0 to 14. */
  windowScale?: number;
  /** What the end can do, or has done. */
  flags?: TcpFlag[];
}

/** What an end of a TCP connection can do, or has done. Source: nf_conntrack_tcp.h (IP_CT_TCP_FLAG_*). */
export type TcpFlag = Enumerated<(typeof tcpFlag)['values']>;
/** The state of a TCP connection as conntrack sees it, between both ends. Source: nf_conntrack_tcp.h (enum tcp_conntrack). */
export type TcpState = Enumerated<(typeof tcpState)['values']>;

/** State of a TCP connection. */
export interface TcpInfo {
  /** How far the connection is. */
  state?: TcpState;
  /** The end that began the connection. */
  original?: TcpEnd;
  /** The end that answers. */
  reply?: TcpEnd;
}

/**
 * A flow entry: the kernel's memory of a connection. What a list returns, a create accepts: what the kernel assigns (`id`, `use`, `counters`,
 * `timestamp`, `eventTime`, `secctx`, `secmark`) is left out then.
 */
export interface Flow {
  /** Family of the addresses. */
  family: IpFamily;
  /** Packets from who began it. */
  original: Tuple;
  /** Packets that answer: the original the other way round, after translation. */
  reply: Tuple;
  /** Zone that the flow belongs to, 1 to 65535; absent: the default zone, 0. A zone of one direction alone is in its tuple. */
  zone?: number;
  /** Default of events that do not say: none. */
  status: FlowStatus[];
  /** Seconds until it is forgotten, unless packets come. Absent in the events of those that are gone. */
  timeout?: number;
  /** Set and matched by rules. */
  mark?: number;
  /** Numbers of the labels that it has, 0 to 127. Absent: it has none. */
  labels?: number[];
  /** Name of the helper that looks into it: `ftp`, `sip`, … */
  helper?: string;
  /** What the helper keeps about it. */
  helperInfo?: Uint8Array;
  /** Of TCP alone. */
  tcp?: TcpInfo;
  /** Of SCTP alone. */
  sctp?: SctpInfo;
  /** Of DCCP alone. */
  dccp?: DccpInfo;
  /** What has gone through, where net.netfilter.nf_conntrack_acct is on. */
  counters?: { original: FlowCounter; reply: FlowCounter };
  /** Nanoseconds since 1970 when it began and when it ended, where net.netfilter.nf_conntrack_timestamp is on. */
  timestamp?: { start?: bigint; stop?: bigint };
  /** Of an event: nanoseconds since 1970 when it happened, where net.netfilter.nf_conntrack_timestamp is on. Since Linux 6.14. */
  eventTime?: bigint;
  /** How sequence numbers of TCP are shifted in each direction. */
  seqAdjust?: { original?: SeqAdjust; reply?: SeqAdjust };
  /** Where a rule with `synproxy` answered in the place of the server. */
  synproxy?: SynproxyInfo;
  /** The original tuple of the flow that let it be expected. */
  master?: Tuple;
  /** Security context. */
  secctx?: string;
  /** The same as a number, from kernels before 2.6.37. */
  secmark?: number;
  /** Who holds it: rules, packets under way, and the table itself. */
  use?: number;
  /** Tells it from an earlier or a later one with the same tuples. */
  id?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** A flow as the kernel told it. @throws MalformedMessageError when it lacks a tuple, or is of another family than IP */
export function flowFromWire(wire: FlowMessage): Flow {
  if (wire.original === undefined || wire.reply === undefined)
    throw new MalformedMessageError('CTA', 0, 'CTA_TUPLE_ORIG and CTA_TUPLE_REPLY');
  const flow: Flow = {
    family: familyName(wire.family),
    original: tupleFromWire(wire.original),
    reply: tupleFromWire(wire.reply),
    status: wire.status ?? [],
  };
  if (wire.zone !== undefined && wire.zone !== 0) flow.zone = wire.zone;
  if (wire.timeout !== undefined) flow.timeout = wire.timeout;
  if (wire.mark !== undefined) flow.mark = wire.mark;
  if (wire.labels !== undefined && wire.labels.length > 0) flow.labels = wire.labels;
  if (wire.help?.name !== undefined) flow.helper = wire.help.name;
  if (wire.help?.info !== undefined) flow.helperInfo = wire.help.info;
  if (wire.protoinfo !== undefined) readProtoinfo(flow, wire.protoinfo);
  readStatistics(flow, wire);
  readAdjustments(flow, wire);
  if (wire.master !== undefined) flow.master = tupleFromWire(wire.master);
  if (wire.secctx?.name !== undefined) flow.secctx = wire.secctx.name;
  if (wire.secmark !== undefined) flow.secmark = wire.secmark;
  if (wire.use !== undefined) flow.use = wire.use;
  if (wire.id !== undefined) flow.id = wire.id;
  if (wire.unknown !== undefined) flow.unknown = wire.unknown;
  return flow;
}

function readProtoinfo(flow: Flow, { tcp, sctp, dccp }: NonNullable<FlowMessage['protoinfo']>): void {
  if (tcp !== undefined) flow.tcp = tcpFromWire(tcp);
  if (sctp !== undefined) flow.sctp = sctp;
  if (dccp !== undefined) flow.dccp = dccp;
}

function tcpFromWire(wire: WireTcp): TcpInfo {
  const info: TcpInfo = {};
  if (wire.state !== undefined) info.state = wire.state;
  const original = tcpEnd(wire.windowScaleOriginal, wire.flagsOriginal);
  if (original !== undefined) info.original = original;
  const reply = tcpEnd(wire.windowScaleReply, wire.flagsReply);
  if (reply !== undefined) info.reply = reply;
  return info;
}

function tcpEnd(windowScale: number | undefined, flags: { flags: number } | undefined): TcpEnd | undefined {
  if (windowScale === undefined && flags === undefined) return undefined;
  return { ...(windowScale === undefined ? {} : { windowScale }), ...(flags === undefined ? {} : { flags: tcpFlag.namesOf(flags.flags) }) };
}

function readStatistics(flow: Flow, { countersOriginal, countersReply, timestamp, eventTime }: FlowMessage): void {
  if (countersOriginal !== undefined || countersReply !== undefined)
    flow.counters = { original: counter(countersOriginal), reply: counter(countersReply) };
  if (timestamp !== undefined) {
    const { start, stop } = timestamp;
    flow.timestamp = { ...(start === undefined ? {} : { start }), ...(stop === undefined ? {} : { stop }) };
  }
  if (eventTime !== undefined) flow.eventTime = eventTime;
}

function counter(wire: FlowMessage['countersOriginal']): FlowCounter {
  return { packets: wire?.packets ?? wire?.packets32 ?? 0, bytes: wire?.bytes ?? wire?.bytes32 ?? 0 };
}

function readAdjustments(flow: Flow, { seqAdjustOriginal, seqAdjustReply, synproxy }: FlowMessage): void {
  if (seqAdjustOriginal !== undefined || seqAdjustReply !== undefined)
    flow.seqAdjust = {
      ...(seqAdjustOriginal === undefined ? {} : { original: seqAdjustOriginal }),
      ...(seqAdjustReply === undefined ? {} : { reply: seqAdjustReply }),
    };
  if (synproxy !== undefined) flow.synproxy = synproxy;
}
