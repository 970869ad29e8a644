/**
 * Statistics of links, by group: RTM_NEWSTATS, RTM_GETSTATS, RTM_SETSTATS. Sources: include/uapi/linux/if_link.h (struct if_stats_msg,
 * IFLA_STATS_*, IFLA_OFFLOAD_XSTATS_*), if_bridge.h (BRIDGE_XSTATS_*), if_bonding.h (BOND_XSTATS_*), mpls.h (MPLS_STATS_*); ip-stats(8).
 */
import { attr, attributes, nested, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { bool8, n64, u32 } from '../../netlink/scalar.ts';
import { fields, growingStructCodec, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { bytes } from '../../netlink/text.ts';
import { linkStatistics } from '../link/statistics.ts';

const { n64: counter, u16, u32: word, u8 } = fields;

const ifStatsMsg_ = struct('if_stats_msg', () => ({
  family: u8,
  pad1: u8,
  pad2: u16,
  index: word,
  /** Which groups: bit N-1 is the attribute N. */
  filterMask: word,
}));

/** The header of a statistics message. */
export interface StatsHeader extends Infer<typeof ifStatsMsg_> {}
export const ifStatsMsg: Struct<StatsHeader> = ifStatsMsg_;

const bridgeVlan = struct('bridge_vlan_xstats', () => ({
  rxBytes: counter,
  rxPackets: counter,
  txBytes: counter,
  txPackets: counter,
  vid: u16,
  /** BRIDGE_VLAN_INFO_*. */
  flags: u16,
  pad: word,
}));

/** [received, sent] a kind of message. */
const bridgeMcast = struct('br_mcast_stats', () => ({
  rxIgmpV1Queries: counter,
  txIgmpV1Queries: counter,
  rxIgmpV2Queries: counter,
  txIgmpV2Queries: counter,
  rxIgmpV3Queries: counter,
  txIgmpV3Queries: counter,
  rxIgmpLeaves: counter,
  txIgmpLeaves: counter,
  rxIgmpV1Reports: counter,
  txIgmpV1Reports: counter,
  rxIgmpV2Reports: counter,
  txIgmpV2Reports: counter,
  rxIgmpV3Reports: counter,
  txIgmpV3Reports: counter,
  igmpParseErrors: counter,
  rxMldV1Queries: counter,
  txMldV1Queries: counter,
  rxMldV2Queries: counter,
  txMldV2Queries: counter,
  rxMldLeaves: counter,
  txMldLeaves: counter,
  rxMldV1Reports: counter,
  txMldV1Reports: counter,
  rxMldV2Reports: counter,
  txMldV2Reports: counter,
  mldParseErrors: counter,
  rxBytes: counter,
  txBytes: counter,
  rxPackets: counter,
  txPackets: counter,
}));

const bridgeStp = struct('bridge_stp_xstats', () => ({
  transitionsToBlocking: counter,
  transitionsToForwarding: counter,
  rxBpdu: counter,
  txBpdu: counter,
  rxTcn: counter,
  txTcn: counter,
}));

const bridgeXstats_ = attributes('BRIDGE_XSTATS', () => ({
  /** A VLAN each. */
  vlans: repeated('BRIDGE_XSTATS_VLAN', 1, structCodec(bridgeVlan)),
  mcast: attr('BRIDGE_XSTATS_MCAST', 2, growingStructCodec(bridgeMcast)),
  pad: attr('BRIDGE_XSTATS_PAD', 3, bytes),
  stp: attr('BRIDGE_XSTATS_STP', 4, growingStructCodec(bridgeStp)),
}));

/** What a bridge, or a port of one, counts beyond packets. */
export interface BridgeXstats extends Infer<typeof bridgeXstats_> {}

const bond3ad_ = attributes('BOND_3AD_STAT', () => ({
  rxLacpdu: attr('BOND_3AD_STAT_LACPDU_RX', 0, n64),
  txLacpdu: attr('BOND_3AD_STAT_LACPDU_TX', 1, n64),
  rxUnknownLacpdu: attr('BOND_3AD_STAT_LACPDU_UNKNOWN_RX', 2, n64),
  rxIllegalLacpdu: attr('BOND_3AD_STAT_LACPDU_ILLEGAL_RX', 3, n64),
  rxMarker: attr('BOND_3AD_STAT_MARKER_RX', 4, n64),
  txMarker: attr('BOND_3AD_STAT_MARKER_TX', 5, n64),
  rxMarkerResponse: attr('BOND_3AD_STAT_MARKER_RESP_RX', 6, n64),
  txMarkerResponse: attr('BOND_3AD_STAT_MARKER_RESP_TX', 7, n64),
  rxUnknownMarker: attr('BOND_3AD_STAT_MARKER_UNKNOWN_RX', 8, n64),
  pad: attr('BOND_3AD_STAT_PAD', 9, bytes),
}));

/** LACP counters of a bond or of a port of one. */
export interface Bond3adStats extends Infer<typeof bond3ad_> {}

const bondXstats_ = attributes('BOND_XSTATS', () => ({
  lacp: attr('BOND_XSTATS_3AD', 1, nested<Bond3adStats>(bond3ad_)),
}));

/** What a bond, or a port of one, counts beyond packets. */
export interface BondXstats extends Infer<typeof bondXstats_> {}

const xstats_ = attributes('LINK_XSTATS_TYPE', () => ({
  bridge: attr('LINK_XSTATS_TYPE_BRIDGE', 1, nested<BridgeXstats>(bridgeXstats_)),
  bond: attr('LINK_XSTATS_TYPE_BOND', 2, nested<BondXstats>(bondXstats_)),
}));

/** What a kind of link counts beyond packets. */
export interface Xstats extends Infer<typeof xstats_> {}
const xstats: Codec<Xstats> = xstats_;

const hwStats = struct('rtnl_hw_stats64', () => ({
  rxPackets: counter,
  txPackets: counter,
  rxBytes: counter,
  txBytes: counter,
  rxErrors: counter,
  txErrors: counter,
  rxDropped: counter,
  txDropped: counter,
  multicast: counter,
}));

const hwInfo_ = attributes('IFLA_OFFLOAD_XSTATS_HW_S_INFO', () => ({
  /** Hardware counters were asked for. */
  request: attr('IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST', 1, bool8),
  /** The hardware has them. */
  used: attr('IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED', 2, bool8),
}));

/** Whether hardware counts. */
export interface HardwareStatsInfo extends Infer<typeof hwInfo_> {}

const hwGroups_ = attributes('IFLA_OFFLOAD_XSTATS', () => ({
  l3: attr('IFLA_OFFLOAD_XSTATS_L3_STATS', 3, nested<HardwareStatsInfo>(hwInfo_)),
}));

/** Whether hardware counts, by group of counters. */
export interface HardwareStatsGroups extends Infer<typeof hwGroups_> {}

const offload_ = attributes('IFLA_OFFLOAD_XSTATS', () => ({
  /** What offloading hardware has passed to the processor. */
  cpuHit: attr('IFLA_OFFLOAD_XSTATS_CPU_HIT', 1, linkStatistics),
  hardware: attr('IFLA_OFFLOAD_XSTATS_HW_S_INFO', 2, nested<HardwareStatsGroups>(hwGroups_)),
  /** What hardware has forwarded by itself. */
  l3: attr('IFLA_OFFLOAD_XSTATS_L3_STATS', 3, growingStructCodec(hwStats)),
}));

/** Counters of links that hardware helps. */
export interface OffloadStats extends Infer<typeof offload_> {}

const mplsLink = struct('mpls_link_stats', () => ({
  rxPackets: counter,
  txPackets: counter,
  rxBytes: counter,
  txBytes: counter,
  rxErrors: counter,
  txErrors: counter,
  rxDropped: counter,
  txDropped: counter,
  rxNoRoute: counter,
}));

const mpls_ = attributes('MPLS_STATS', () => ({ link: attr('MPLS_STATS_LINK', 1, growingStructCodec(mplsLink)) }));

/** What MPLS counts on a link. */
export interface MplsStats extends Infer<typeof mpls_> {}

const families_ = attributes('IFLA_STATS_AF_SPEC', () => ({ mpls: attr('AF_MPLS', 28, nested<MplsStats>(mpls_)) }));

/** What the protocol families count on a link. */
export interface FamilyStats extends Infer<typeof families_> {}

const stats_ = attributes('IFLA_STATS', () => ({
  link: attr('IFLA_STATS_LINK_64', 1, linkStatistics),
  xstats: attr('IFLA_STATS_LINK_XSTATS', 2, nested(xstats)),
  portXstats: attr('IFLA_STATS_LINK_XSTATS_SLAVE', 3, nested(xstats)),
  offload: attr('IFLA_STATS_LINK_OFFLOAD_XSTATS', 4, nested<OffloadStats>(offload_)),
  families: attr('IFLA_STATS_AF_SPEC', 5, nested<FamilyStats>(families_)),
}));

/** The groups of statistics of a link. */
export interface StatsAttributes extends Infer<typeof stats_> {}

const request_ = attributes('IFLA_STATS', () => ({
  /** Which members of a group to report, a mask for each group. */
  filters: attr(
    'IFLA_STATS_GET_FILTERS',
    1,
    attributes('IFLA_STATS', () => ({ offload: attr('IFLA_STATS_LINK_OFFLOAD_XSTATS', 4, u32) })),
  ),
  /** Whether hardware is to count what it forwards. */
  setL3: attr('IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS', 2, bool8),
}));

const statsMessage_ = message('IFLA_STATS', ifStatsMsg_, stats_);
const statsRequest_ = message('IFLA_STATS', ifStatsMsg_, request_);

/** The statistics of a link as they travel. */
export interface StatsMessage extends Infer<typeof statsMessage_> {}
export const statsMessage: Message<StatsMessage> = statsMessage_;

/** What asks for statistics, or sets what is counted. */
export interface StatsRequest extends Partial<Infer<typeof statsRequest_>> {}
export const statsRequest: Message<object, StatsRequest> = statsRequest_;

export type StatsOperation = Operation<StatsRequest, StatsMessage>;

const operation = (name: string, type: number): StatsOperation => ({
  name,
  protocol: NETLINK_ROUTE,
  type,
  body: statsRequest,
  reply: statsMessage,
});

export const getStats: StatsOperation = operation('RTM_GETSTATS', 94);
export const setStats: StatsOperation = operation('RTM_SETSTATS', 95);
