/** A bridge. Source: include/uapi/linux/if_link.h (IFLA_BR_*), include/uapi/linux/if_bridge.h; ip-link(8), "BRIDGE Type Support". */
import { ethernetAddress, ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes, nested } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bool8, flag, n64, u8, u16, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { bridgeId } from '../bridge-id.ts';
import type { LinkKind } from '../kind.ts';
import { checkMask } from '../limits.ts';
import { switches } from '../switches.ts';
import { vlanProtocol } from './vlan.ts';

/** enum br_boolopt_id (include/uapi/linux/if_bridge.h). */
const multiBoolopt = switches('br_boolopt_multi', 'bits first', {
  noLinklocalLearn: 1 << 0,
  mcastVlanSnooping: 1 << 1,
  mstEnable: 1 << 2,
  mdbOffloadFailNotification: 1 << 3,
  fdbLocalVlan0: 1 << 4,
});

const querierState_ = attributes('BRIDGE_QUERIER', () => ({
  ipAddress: attr('BRIDGE_QUERIER_IP_ADDRESS', 1, ipv4Address),
  ipPort: attr('BRIDGE_QUERIER_IP_PORT', 2, u32),
  /** Hundredths of a second. */
  ipOtherTimer: attr('BRIDGE_QUERIER_IP_OTHER_TIMER', 3, n64),
  pad: attr('BRIDGE_QUERIER_PAD', 4, bytes),
  ipv6Address: attr('BRIDGE_QUERIER_IPV6_ADDRESS', 5, ipv6Address),
  ipv6Port: attr('BRIDGE_QUERIER_IPV6_PORT', 6, u32),
  /** Hundredths of a second. */
  ipv6OtherTimer: attr('BRIDGE_QUERIER_IPV6_OTHER_TIMER', 7, n64),
}));

/** The multicast querier that a bridge has elected. */
export interface BridgeQuerierState extends Infer<typeof querierState_> {}
export const querierState: Codec<BridgeQuerierState> = querierState_;

const bridge_ = attributes('IFLA_BR', () => ({
  /** Time spent listening and learning, in hundredths of a second. Default: 1,500. */
  forwardDelay: attr('IFLA_BR_FORWARD_DELAY', 1, u32),
  /** Time between hello packets of the root, in hundredths of a second. Default: 200. */
  helloTime: attr('IFLA_BR_HELLO_TIME', 2, u32),
  /** Time without hello packets after which the root is taken for dead, in hundredths of a second. Default: 2,000. */
  maxAge: attr('IFLA_BR_MAX_AGE', 3, u32),
  /** Lifetime of a learned address in hundredths of a second; 0: addresses are not learned. Default: 30,000. */
  ageingTime: attr('IFLA_BR_AGEING_TIME', 4, u32),
  /** Spanning tree: 0 off, 1 by the kernel, 2 by a process. */
  stpState: attr('IFLA_BR_STP_STATE', 5, u32),
  /** Priority in the spanning tree: the lowest becomes the root. Default: 32,768. */
  priority: attr('IFLA_BR_PRIORITY', 6, u16),
  vlanFiltering: attr('IFLA_BR_VLAN_FILTERING', 7, bool8),
  vlanProtocol: attr('IFLA_BR_VLAN_PROTOCOL', 8, vlanProtocol),
  /** Which of the link-local groups 01-80-C2-00-00-0X are forwarded, by bit. */
  groupForwardMask: attr('IFLA_BR_GROUP_FWD_MASK', 9, u16),
  /** Read only. */
  rootId: attr('IFLA_BR_ROOT_ID', 10, bridgeId),
  /** Read only. */
  bridgeId: attr('IFLA_BR_BRIDGE_ID', 11, bridgeId),
  /** Read only. */
  rootPort: attr('IFLA_BR_ROOT_PORT', 12, u16),
  /** Read only. */
  rootPathCost: attr('IFLA_BR_ROOT_PATH_COST', 13, u32),
  /** Read only. */
  topologyChange: attr('IFLA_BR_TOPOLOGY_CHANGE', 14, bool8),
  /** Read only. */
  topologyChangeDetected: attr('IFLA_BR_TOPOLOGY_CHANGE_DETECTED', 15, bool8),
  /** Read only; hundredths of a second. */
  helloTimer: attr('IFLA_BR_HELLO_TIMER', 16, n64),
  /** Read only; hundredths of a second. */
  tcnTimer: attr('IFLA_BR_TCN_TIMER', 17, n64),
  /** Read only; hundredths of a second. */
  topologyChangeTimer: attr('IFLA_BR_TOPOLOGY_CHANGE_TIMER', 18, n64),
  /** Read only; hundredths of a second. */
  gcTimer: attr('IFLA_BR_GC_TIMER', 19, n64),
  /** Where spanning tree frames go: one of 01:80:c2:00:00:0X. */
  groupAddress: attr('IFLA_BR_GROUP_ADDR', 20, ethernetAddress),
  /** Forgets every learned address. */
  fdbFlush: attr('IFLA_BR_FDB_FLUSH', 21, flag),
  /** 0 off, 1 when a querier or router is heard, 2 always. */
  mcastRouter: attr('IFLA_BR_MCAST_ROUTER', 22, u8),
  mcastSnooping: attr('IFLA_BR_MCAST_SNOOPING', 23, bool8),
  mcastQueryUseIfaddr: attr('IFLA_BR_MCAST_QUERY_USE_IFADDR', 24, bool8),
  mcastQuerier: attr('IFLA_BR_MCAST_QUERIER', 25, bool8),
  /** Without effect since Linux 5.0. */
  mcastHashElasticity: attr('IFLA_BR_MCAST_HASH_ELASTICITY', 26, u32),
  mcastHashMax: attr('IFLA_BR_MCAST_HASH_MAX', 27, u32),
  mcastLastMemberCount: attr('IFLA_BR_MCAST_LAST_MEMBER_CNT', 28, u32),
  mcastStartupQueryCount: attr('IFLA_BR_MCAST_STARTUP_QUERY_CNT', 29, u32),
  /** Hundredths of a second. */
  mcastLastMemberInterval: attr('IFLA_BR_MCAST_LAST_MEMBER_INTVL', 30, n64),
  /** Hundredths of a second. */
  mcastMembershipInterval: attr('IFLA_BR_MCAST_MEMBERSHIP_INTVL', 31, n64),
  /** Hundredths of a second. */
  mcastQuerierInterval: attr('IFLA_BR_MCAST_QUERIER_INTVL', 32, n64),
  /** Hundredths of a second. */
  mcastQueryInterval: attr('IFLA_BR_MCAST_QUERY_INTVL', 33, n64),
  /** Hundredths of a second. */
  mcastQueryResponseInterval: attr('IFLA_BR_MCAST_QUERY_RESPONSE_INTVL', 34, n64),
  /** Hundredths of a second. */
  mcastStartupQueryInterval: attr('IFLA_BR_MCAST_STARTUP_QUERY_INTVL', 35, n64),
  nfCallIptables: attr('IFLA_BR_NF_CALL_IPTABLES', 36, bool8),
  nfCallIp6tables: attr('IFLA_BR_NF_CALL_IP6TABLES', 37, bool8),
  nfCallArptables: attr('IFLA_BR_NF_CALL_ARPTABLES', 38, bool8),
  /** VLAN of untagged frames; 0: none. Default: 1. */
  vlanDefaultPvid: attr('IFLA_BR_VLAN_DEFAULT_PVID', 39, u16),
  pad: attr('IFLA_BR_PAD', 40, bytes),
  vlanStatsEnabled: attr('IFLA_BR_VLAN_STATS_ENABLED', 41, bool8),
  mcastStatsEnabled: attr('IFLA_BR_MCAST_STATS_ENABLED', 42, bool8),
  /** 2 or 3. */
  mcastIgmpVersion: attr('IFLA_BR_MCAST_IGMP_VERSION', 43, u8),
  /** 1 or 2. */
  mcastMldVersion: attr('IFLA_BR_MCAST_MLD_VERSION', 44, u8),
  vlanStatsPerPort: attr('IFLA_BR_VLAN_STATS_PER_PORT', 45, bool8),
  /** Options that older kernels lack; `{ mcastVlanSnooping: true }` sets one and leaves the others. */
  multiBoolopt: attr('IFLA_BR_MULTI_BOOLOPT', 46, multiBoolopt),
  /** Read only. */
  mcastQuerierState: attr('IFLA_BR_MCAST_QUERIER_STATE', 47, nested(querierState)),
  /** Read only: learned addresses at the moment. */
  fdbLearned: attr('IFLA_BR_FDB_N_LEARNED', 48, u32),
  /** Learned addresses at most; 0: no limit. Default: 0. */
  fdbMaxLearned: attr('IFLA_BR_FDB_MAX_LEARNED', 49, u32),
}));

/** IFLA_INFO_DATA of a bridge. */
export interface Bridge extends Infer<typeof bridge_> {}
export const bridge: Codec<Bridge> = bridge_;

const readOnly: ReadonlySet<string> = new Set<keyof Bridge>([
  'rootId',
  'bridgeId',
  'rootPort',
  'rootPathCost',
  'topologyChange',
  'topologyChangeDetected',
  'helloTimer',
  'tcnTimer',
  'topologyChangeTimer',
  'gcTimer',
  'mcastQuerierState',
  'fdbLearned',
  'pad',
]);

/** A bridge also reports options that its kernel is built without, as off, and refuses their mere mention: they are off in a new bridge anyway. */
function creatable(data: Bridge): Bridge {
  const settable = { ...data };
  if (settable.vlanFiltering === false) delete settable.vlanFiltering;
  if (settable.multiBoolopt !== undefined) {
    const on = Object.entries(settable.multiBoolopt).filter(([, isOn]) => isOn !== false);
    if (on.length === 0) delete settable.multiBoolopt;
    else settable.multiBoolopt = Object.fromEntries(on) as NonNullable<Bridge['multiBoolopt']>;
  }
  return settable;
}

/** Groups that no bridge forwards: those of spanning trees, of pause frames and of LACP (BR_GROUPFWD_RESTRICTED in net/bridge/br_private.h). */
const restricted = 0x7;

export const bridgeKind: LinkKind<Bridge> = {
  data: bridge,
  needs: 'CONFIG_BRIDGE',
  limits: {
    helloTime: [100, 1000],
    maxAge: [600, 4000],
    vlanDefaultPvid: [0, 4094],
    mcastRouter: [0, 2],
    mcastIgmpVersion: [2, 3],
    mcastMldVersion: [1, 2],
  },
  check: ({ groupForwardMask }) => checkMask(groupForwardMask, restricted, 'groupForwardMask'),
  readOnly,
  creatable,
  since: {
    fdbMaxLearned: 'Linux 6.7',
    'multiBoolopt.noLinklocalLearn': 'Linux 5.0',
    'multiBoolopt.mcastVlanSnooping': 'Linux 5.15',
    'multiBoolopt.mstEnable': 'Linux 5.18',
    'multiBoolopt.mdbOffloadFailNotification': 'Linux 6.16',
    'multiBoolopt.fdbLocalVlan0': 'Linux 6.18',
  },
};
