/** Messages about the VLANs of bridges: RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN. Source: include/uapi/linux/if_bridge.h. */
import { type AttributeSet, attr, attributes, nested, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../netlink/enumeration.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { bool8, n64, u8, u16, u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { bytes } from '../../netlink/text.ts';
import { bridgePortState, bridgeVlanInfo } from '../bridge-link/message.ts';
import { messageFamily } from '../family.ts';
import { querierState } from '../link/kind/bridge.ts';
import { type RouterPorts, routerPorts } from '../mdb/router.ts';

const brVlanMsg_ = struct('br_vlan_msg', () => ({
  /** AF_BRIDGE. */
  family: named(fields.u8, messageFamily),
  reserved1: fields.u8,
  reserved2: fields.u16,
  /** Index of the port, or of the bridge; 0 in a listing request: all. */
  index: fields.u32,
}));

/** The header of a message about VLANs. */
export interface VlanHeader extends Infer<typeof brVlanMsg_> {}
export const brVlanMsg: Struct<VlanHeader> = brVlanMsg_;

const mcastRouters = { disabled: 0, temp_query: 1, permanent: 2, temp: 3 } as const;

/** MDB_RTR_TYPE_*: not a port of multicast routers, one when a query is heard, always one, one for a while. */
export type McastRouter = Enumerated<typeof mcastRouters>;
export const mcastRouter = enumeration(u8, mcastRouters);

const vlanStats_ = attributes('BRIDGE_VLANDB_STATS', () => ({
  rxBytes: attr('BRIDGE_VLANDB_STATS_RX_BYTES', 1, n64),
  rxPackets: attr('BRIDGE_VLANDB_STATS_RX_PACKETS', 2, n64),
  txBytes: attr('BRIDGE_VLANDB_STATS_TX_BYTES', 3, n64),
  txPackets: attr('BRIDGE_VLANDB_STATS_TX_PACKETS', 4, n64),
  pad: attr('BRIDGE_VLANDB_STATS_PAD', 5, bytes),
}));

/** Counters of a VLAN. */
export interface VlanStats extends Infer<typeof vlanStats_> {}
const vlanStats: Codec<VlanStats> = vlanStats_;

const tunnelInfo_ = attributes('BRIDGE_VLANDB_TINFO', () => ({
  /** The VNI of the VLAN; of a range, of its first one. */
  id: attr('BRIDGE_VLANDB_TINFO_ID', 1, u32),
  /** RTM_SETLINK or RTM_DELLINK. */
  command: attr('BRIDGE_VLANDB_TINFO_CMD', 2, u32),
}));

const vlanEntry_ = attributes('BRIDGE_VLANDB_ENTRY', () => ({
  info: attr('BRIDGE_VLANDB_ENTRY_INFO', 1, structCodec(bridgeVlanInfo)),
  /** The last VLAN of a range. */
  range: attr('BRIDGE_VLANDB_ENTRY_RANGE', 2, u16),
  state: attr('BRIDGE_VLANDB_ENTRY_STATE', 3, bridgePortState),
  tunnelInfo: attr('BRIDGE_VLANDB_ENTRY_TUNNEL_INFO', 4, nested(tunnelInfo_)),
  /** Read only. */
  stats: attr('BRIDGE_VLANDB_ENTRY_STATS', 5, nested(vlanStats)),
  mcastRouter: attr('BRIDGE_VLANDB_ENTRY_MCAST_ROUTER', 6, mcastRouter),
  /** Read only. */
  mcastGroups: attr('BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS', 7, u32),
  mcastMaxGroups: attr('BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS', 8, u32),
  neighSuppress: attr('BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS', 9, bool8),
}));

/** A VLAN, or a range of them, of a port or bridge. */
export interface VlanEntry extends Infer<typeof vlanEntry_> {}
export const vlanEntry: AttributeSet<VlanEntry> = vlanEntry_;

const vlanGlobal_ = attributes('BRIDGE_VLANDB_GOPTS', () => ({
  vlan: attr('BRIDGE_VLANDB_GOPTS_ID', 1, u16),
  /** The last VLAN of a range. */
  end: attr('BRIDGE_VLANDB_GOPTS_RANGE', 2, u16),
  mcastSnooping: attr('BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING', 3, bool8),
  /** 2 or 3. */
  mcastIgmpVersion: attr('BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION', 4, u8),
  /** 1 or 2. */
  mcastMldVersion: attr('BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION', 5, u8),
  mcastLastMemberCount: attr('BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT', 6, u32),
  mcastStartupQueryCount: attr('BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT', 7, u32),
  /** Hundredths of a second. */
  mcastLastMemberInterval: attr('BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL', 8, n64),
  pad: attr('BRIDGE_VLANDB_GOPTS_PAD', 9, bytes),
  /** Hundredths of a second. */
  mcastMembershipInterval: attr('BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL', 10, n64),
  /** Hundredths of a second. */
  mcastQuerierInterval: attr('BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL', 11, n64),
  /** Hundredths of a second. */
  mcastQueryInterval: attr('BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL', 12, n64),
  /** Hundredths of a second. */
  mcastQueryResponseInterval: attr('BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL', 13, n64),
  /** Hundredths of a second. */
  mcastStartupQueryInterval: attr('BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL', 14, n64),
  mcastQuerier: attr('BRIDGE_VLANDB_GOPTS_MCAST_QUERIER', 15, bool8),
  /** Read only. */
  mcastRouterPorts: attr('BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS', 16, nested(routerPorts)),
  /** Read only. */
  mcastQuerierState: attr('BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE', 17, nested(querierState)),
  /** Spanning tree that the VLAN belongs to. */
  msti: attr('BRIDGE_VLANDB_GOPTS_MSTI', 18, u16),
}));

/** What holds for a VLAN, or a range of them, on a whole bridge. */
export interface VlanGlobal extends Infer<typeof vlanGlobal_> {}
export const vlanGlobal: AttributeSet<VlanGlobal> = vlanGlobal_;
export type { RouterPorts };

const vlanAttributes_ = attributes('BRIDGE_VLANDB', () => ({
  entries: repeated('BRIDGE_VLANDB_ENTRY', 1, nested(vlanEntry)),
  globals: repeated('BRIDGE_VLANDB_GLOBAL_OPTIONS', 2, nested(vlanGlobal)),
}));

export interface VlanAttributes extends Infer<typeof vlanAttributes_> {}
export const vlanAttributes: AttributeSet<VlanAttributes> = vlanAttributes_;

const vlanMessage_ = message('BRIDGE_VLANDB', brVlanMsg_, vlanAttributes_);

/** A message about the VLANs of a port or bridge as it travels. */
export interface VlanMessage extends Infer<typeof vlanMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface VlanMessageInput extends Partial<VlanMessage> {}
export const vlanMessage: Message<VlanMessage, VlanMessageInput> = vlanMessage_;

/** BRIDGE_VLANDB_DUMPF_*. */
export const dumpStats = 0x1;
export const dumpGlobal = 0x2;

const vlanDump_ = message(
  'BRIDGE_VLANDB_DUMP',
  brVlanMsg_,
  attributes('BRIDGE_VLANDB_DUMP', () => ({ dumpFlags: attr('BRIDGE_VLANDB_DUMP_FLAGS', 1, u32) })),
);

/** A request to list VLANs as it travels. */
export interface VlanDumpMessage extends Infer<typeof vlanDump_> {}
/** What a request for the VLANs of bridges has. */
export interface VlanDumpInput extends Partial<VlanDumpMessage> {}
export const vlanDumpMessage: Message<VlanDumpMessage, VlanDumpInput> = vlanDump_;

const needs = (): string => 'CONFIG_BRIDGE_VLAN_FILTERING (and Linux 5.6)';

/** RTM_NEWVLAN and RTM_DELVLAN, as `ask` takes them. */
export type VlanOperation = Operation<VlanMessageInput, VlanMessage>;

function operation(name: string, type: number): VlanOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: vlanMessage, reply: vlanMessage, needs };
}

export const newVlan: VlanOperation = operation('RTM_NEWVLAN', 112);
export const deleteVlan: VlanOperation = operation('RTM_DELVLAN', 113);
export const getVlan: Operation<VlanDumpInput, VlanMessage> = {
  name: 'RTM_GETVLAN',
  protocol: NETLINK_ROUTE,
  type: 114,
  body: vlanDumpMessage,
  reply: vlanMessage,
  needs,
};
