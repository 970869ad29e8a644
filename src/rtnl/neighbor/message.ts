/**
 * Neighbor messages: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH. They carry neighbors (ARP, NDP), and the entries of forwarding tables where
 * the family is AF_BRIDGE. Source: include/uapi/linux/neighbour.h.
 */
import { ipAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes, nested } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { be16, flag, s32, u8, u16, u32 } from '../../netlink/scalar.ts';
import { fields, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { routeProtocol } from '../route/enumerations.ts';
import { linkLayerAddress } from './lladdr.ts';

const ndmsg_ = struct('ndmsg', () => ({
  /** AF_INET, AF_INET6; AF_BRIDGE: an entry of a forwarding table. */
  family: fields.u8,
  pad1: fields.u8,
  pad2: fields.u16,
  /** Index of the link. */
  index: fields.s32,
  /** NUD_*. */
  state: fields.u16,
  /** NTF_*. */
  flags: fields.u8,
  /** RTN_*. */
  type: fields.u8,
}));

/** The header of a neighbor message. */
export interface NeighborHeader extends Infer<typeof ndmsg_> {}
export const ndmsg: Struct<NeighborHeader> = ndmsg_;

const ndaCacheinfo_ = struct('nda_cacheinfo', () => ({
  /** Hundredths of a second since reachability was last confirmed. */
  confirmed: fields.u32,
  /** Hundredths of a second since the entry was last used. */
  used: fields.u32,
  /** Hundredths of a second since the entry last changed. */
  updated: fields.u32,
  /** Users of the entry. */
  refcount: fields.u32,
}));

/** Ages of a neighbor. */
export interface NeighborCacheInfo extends Infer<typeof ndaCacheinfo_> {}
export const ndaCacheinfo: Struct<NeighborCacheInfo> = ndaCacheinfo_;

const fdbExtended_ = attributes('NFEA', () => ({
  /** Bits: 1 notify when the entry ages or is active again, 2 count it as inactive. */
  activityNotify: attr('NFEA_ACTIVITY_NOTIFY', 1, u8),
  /** A replacement does not make the entry look used. */
  dontRefresh: attr('NFEA_DONT_REFRESH', 2, flag),
}));

/** NDA_FDB_EXT_ATTRS: notifications about the activity of a forwarding entry. */
export interface FdbExtended extends Infer<typeof fdbExtended_> {}
export const fdbExtended: Codec<FdbExtended> = fdbExtended_;

const neighborAttributes_ = attributes('NDA', () => ({
  /** IP address: of the neighbor; of a vxlan's forwarding entry, where frames are sent to. */
  dst: attr('NDA_DST', 1, ipAddress),
  lladdr: attr('NDA_LLADDR', 2, linkLayerAddress),
  cacheinfo: attr('NDA_CACHEINFO', 3, structCodec(ndaCacheinfo_)),
  /** Probes sent so far. */
  probes: attr('NDA_PROBES', 4, u32),
  vlan: attr('NDA_VLAN', 5, u16),
  /** UDP port. */
  port: attr('NDA_PORT', 6, be16),
  vni: attr('NDA_VNI', 7, u32),
  /** Index of the link that frames leave by; in a listing request, of the link to list. */
  ifindex: attr('NDA_IFINDEX', 8, u32),
  /** Index of the bridge, or of the VRF. */
  master: attr('NDA_MASTER', 9, u32),
  linkNetnsid: attr('NDA_LINK_NETNSID', 10, s32),
  srcVni: attr('NDA_SRC_VNI', 11, u32),
  /** Who made the entry: RTPROT_*. */
  protocol: attr('NDA_PROTOCOL', 12, routeProtocol),
  /** Id of a nexthop object. */
  nexthopId: attr('NDA_NH_ID', 13, u32),
  fdbExtended: attr('NDA_FDB_EXT_ATTRS', 14, nested(fdbExtended)),
  /** NTF_EXT_*. */
  flagsExtended: attr('NDA_FLAGS_EXT', 15, u32),
  /** Of a bulk deletion: which bits of the state count. */
  stateMask: attr('NDA_NDM_STATE_MASK', 16, u16),
  /** Of a bulk deletion: which of the flags count. */
  flagsMask: attr('NDA_NDM_FLAGS_MASK', 17, u8),
}));

/** The attributes of a neighbor message. */
export interface NeighborAttributes extends Infer<typeof neighborAttributes_> {}
export const neighborAttributes: AttributeSet<NeighborAttributes> = neighborAttributes_;

const neighborMessage_ = message('NDA', ndmsg_, neighborAttributes_);

/** A neighbor message as it travels: the fields of struct ndmsg and the NDA_ attributes. */
export interface NeighborMessage extends Infer<typeof neighborMessage_> {}
/** What goes into a neighbor message; header fields left out are zero. */
export interface NeighborMessageInput extends Partial<NeighborMessage> {}
export const neighborMessage: Message<NeighborMessage, NeighborMessageInput> = neighborMessage_;

/** RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH, as `ask` takes them. */
export type NeighborOperation = Operation<NeighborMessageInput, NeighborMessage>;

function operation(name: string, type: number): NeighborOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: neighborMessage, reply: neighborMessage, needs };
}

function needs(value: NeighborMessageInput): string | undefined {
  if (value.stateMask !== undefined || value.flagsMask !== undefined) return 'flushing by masks (Linux 5.19 for bridges, 6.7 for vxlan)';
  if (value.nexthopId !== undefined) return 'nexthop objects in forwarding tables (Linux 5.8)';
  return value.flagsExtended === undefined ? undefined : 'managed neighbors (Linux 5.16)';
}

export const newNeighbor: NeighborOperation = operation('RTM_NEWNEIGH', 28);
export const deleteNeighbor: NeighborOperation = operation('RTM_DELNEIGH', 29);
export const getNeighbor: NeighborOperation = operation('RTM_GETNEIGH', 30);
