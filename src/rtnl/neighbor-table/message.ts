/** Messages about neighbor tables: RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL, RTM_SETNEIGHTBL. Source: include/uapi/linux/neighbour.h. */
import { type AttributeSet, attr, attributes, nested } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { n64, u32 } from '../../netlink/scalar.ts';
import { fields, growingStructCodec, named, type Struct, struct } from '../../netlink/struct.ts';
import { bytes, string } from '../../netlink/text.ts';
import { messageFamily } from '../family.ts';

const ndtmsg_ = struct('ndtmsg', () => ({
  /** AF_INET, AF_INET6. */
  family: named(fields.u8, messageFamily),
  pad1: fields.u8,
  pad2: fields.u16,
}));

/** The header of a message about neighbor tables. */
export interface NeighborTableHeader extends Infer<typeof ndtmsg_> {}
export const ndtmsg: Struct<NeighborTableHeader> = ndtmsg_;

const ndtConfig_ = struct('ndt_config', () => ({
  /** Bytes of an address. */
  keyLength: fields.u16,
  /** Bytes of an entry. */
  entrySize: fields.u16,
  /** Entries at the moment. */
  entries: fields.u32,
  /** Milliseconds since entries were last dropped for want of room. */
  lastFlush: fields.u32,
  /** Milliseconds since the reachable time was last drawn. */
  lastRandom: fields.u32,
  hashRandom: fields.u32,
  hashMask: fields.u32,
  hashChainGc: fields.u32,
  /** Packets that wait for a delayed proxy answer. */
  proxyQueueLength: fields.u32,
}));

/** What a neighbor table is like at the moment. */
export interface NeighborTableConfig extends Infer<typeof ndtConfig_> {}
export const ndtConfig: Struct<NeighborTableConfig> = ndtConfig_;

const ndtStats_ = struct('ndt_stats', () => ({
  allocs: fields.n64,
  destroys: fields.n64,
  hashGrows: fields.n64,
  resolutionsFailed: fields.n64,
  lookups: fields.n64,
  hits: fields.n64,
  receivedMulticastProbes: fields.n64,
  receivedUnicastProbes: fields.n64,
  periodicGcRuns: fields.n64,
  forcedGcRuns: fields.n64,
  tableFulls: fields.n64,
}));

/** Counters of a neighbor table. */
export interface NeighborTableStats extends Infer<typeof ndtStats_> {}
export const ndtStats: Struct<NeighborTableStats> = ndtStats_;

const neighborParameters_ = attributes('NDTPA', () => ({
  /** Index of the link; absent: what links to come start with. */
  ifindex: attr('NDTPA_IFINDEX', 1, u32),
  /** Read only. */
  refcount: attr('NDTPA_REFCNT', 2, u32),
  /** Read only: milliseconds, drawn at random around `baseReachableTime`. */
  reachableTime: attr('NDTPA_REACHABLE_TIME', 3, n64),
  /** Milliseconds that a confirmed entry counts as reachable, about. */
  baseReachableTime: attr('NDTPA_BASE_REACHABLE_TIME', 4, n64),
  /** Milliseconds between two probes. */
  retransmitTime: attr('NDTPA_RETRANS_TIME', 5, n64),
  /** Milliseconds without use until an entry may be removed. */
  gcStaleTime: attr('NDTPA_GC_STALETIME', 6, n64),
  /** Milliseconds from the use of a stale entry to its first probe. */
  delayProbeTime: attr('NDTPA_DELAY_PROBE_TIME', 7, n64),
  /** Packets that may wait for one address to be resolved; the kernel counts bytes (`queueBytes`). */
  queueLength: attr('NDTPA_QUEUE_LEN', 8, u32),
  /** Probes left to a process. */
  appProbes: attr('NDTPA_APP_PROBES', 9, u32),
  /** Unicast probes. */
  unicastProbes: attr('NDTPA_UCAST_PROBES', 10, u32),
  /** Multicast probes. */
  multicastProbes: attr('NDTPA_MCAST_PROBES', 11, u32),
  /** Milliseconds, at most, before a solicitation of an anycast address is answered. */
  anycastDelay: attr('NDTPA_ANYCAST_DELAY', 12, n64),
  /** Milliseconds, at most, before a solicitation is answered for another. */
  proxyDelay: attr('NDTPA_PROXY_DELAY', 13, n64),
  /** Delayed answers at most. */
  proxyQueueLength: attr('NDTPA_PROXY_QLEN', 14, u32),
  /** Milliseconds that an entry is not overwritten for. */
  lockTime: attr('NDTPA_LOCKTIME', 15, n64),
  /** Bytes of packets that may wait for one address to be resolved. */
  queueBytes: attr('NDTPA_QUEUE_LENBYTES', 16, u32),
  /** Multicast probes after unicast ones have failed. */
  multicastReprobes: attr('NDTPA_MCAST_REPROBES', 17, u32),
  pad: attr('NDTPA_PAD', 18, bytes),
  /** Milliseconds between two probes of a managed entry. */
  intervalProbeTime: attr('NDTPA_INTERVAL_PROBE_TIME_MS', 19, n64),
}));

/** NDTA_PARMS: how entries on a link are resolved and kept. */
export interface NeighborParameters extends Infer<typeof neighborParameters_> {}
export const neighborParameters: Codec<NeighborParameters> = neighborParameters_;

const neighborTableAttributes_ = attributes('NDTA', () => ({
  name: attr('NDTA_NAME', 1, string()),
  /** Entries that are kept in any case. */
  thresh1: attr('NDTA_THRESH1', 2, u32),
  /** Entries above which those older than five seconds go. */
  thresh2: attr('NDTA_THRESH2', 3, u32),
  /** Entries at most. */
  thresh3: attr('NDTA_THRESH3', 4, u32),
  /** Read only. */
  config: attr('NDTA_CONFIG', 5, growingStructCodec(ndtConfig_)),
  parameters: attr('NDTA_PARMS', 6, nested(neighborParameters)),
  /** Read only. */
  stats: attr('NDTA_STATS', 7, growingStructCodec(ndtStats_)),
  /** Milliseconds. */
  gcInterval: attr('NDTA_GC_INTERVAL', 8, n64),
  pad: attr('NDTA_PAD', 9, bytes),
}));

export interface NeighborTableAttributes extends Infer<typeof neighborTableAttributes_> {}
export const neighborTableAttributes: AttributeSet<NeighborTableAttributes> = neighborTableAttributes_;

const neighborTableMessage_ = message('NDTA', ndtmsg_, neighborTableAttributes_);

/** A message about neighbor tables as it travels. */
export interface NeighborTableMessage extends Infer<typeof neighborTableMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface NeighborTableMessageInput extends Partial<NeighborTableMessage> {}
export const neighborTableMessage: Message<NeighborTableMessage, NeighborTableMessageInput> = neighborTableMessage_;

export type NeighborTableOperation = Operation<NeighborTableMessageInput, NeighborTableMessage>;

function operation(name: string, type: number): NeighborTableOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: neighborTableMessage, reply: neighborTableMessage };
}

/** The kernel answers with it. */
export const newNeighborTable: NeighborTableOperation = operation('RTM_NEWNEIGHTBL', 64);
export const getNeighborTable: NeighborTableOperation = operation('RTM_GETNEIGHTBL', 66);
export const setNeighborTable: NeighborTableOperation = operation('RTM_SETNEIGHTBL', 67);
