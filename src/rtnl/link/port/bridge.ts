/** A link as the port of a bridge. Source: include/uapi/linux/if_link.h (IFLA_BRPORT_*); bridge(8), "bridge link set". */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { bool8, flag, n64, u8, u16, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { bridgeId } from '../bridge-id.ts';
import type { LinksByName } from '../input.ts';
import type { PortKind } from '../kind.ts';
import { checkMask } from '../limits.ts';

/** include/uapi/linux/if_bridge.h (BR_STATE_*). */
const state = enumeration(u8, { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 });

const bridgePort_ = attributes('IFLA_BRPORT', () => ({
  /** State in the spanning tree. */
  state: attr('IFLA_BRPORT_STATE', 1, state),
  priority: attr('IFLA_BRPORT_PRIORITY', 2, u16),
  /** Path cost in the spanning tree. */
  cost: attr('IFLA_BRPORT_COST', 3, u32),
  /** Hairpin: frames may leave by the port they came in. */
  hairpin: attr('IFLA_BRPORT_MODE', 4, bool8),
  /** BPDU guard. */
  guard: attr('IFLA_BRPORT_GUARD', 5, bool8),
  /** Root block: the port may not become the root port. */
  rootBlock: attr('IFLA_BRPORT_PROTECT', 6, bool8),
  fastLeave: attr('IFLA_BRPORT_FAST_LEAVE', 7, bool8),
  learning: attr('IFLA_BRPORT_LEARNING', 8, bool8),
  /** Unicast frames to unknown addresses leave by this port. */
  flood: attr('IFLA_BRPORT_UNICAST_FLOOD', 9, bool8),
  proxyArp: attr('IFLA_BRPORT_PROXYARP', 10, bool8),
  /** Read only. */
  learningSync: attr('IFLA_BRPORT_LEARNING_SYNC', 11, bool8),
  proxyArpWifi: attr('IFLA_BRPORT_PROXYARP_WIFI', 12, bool8),
  /** Read only. */
  rootId: attr('IFLA_BRPORT_ROOT_ID', 13, bridgeId),
  /** Read only. */
  bridgeId: attr('IFLA_BRPORT_BRIDGE_ID', 14, bridgeId),
  /** Read only. */
  designatedPort: attr('IFLA_BRPORT_DESIGNATED_PORT', 15, u16),
  /** Read only. */
  designatedCost: attr('IFLA_BRPORT_DESIGNATED_COST', 16, u16),
  /** Read only: priority and number of the port. */
  id: attr('IFLA_BRPORT_ID', 17, u16),
  /** Read only. */
  number: attr('IFLA_BRPORT_NO', 18, u16),
  /** Read only. */
  topologyChangeAck: attr('IFLA_BRPORT_TOPOLOGY_CHANGE_ACK', 19, bool8),
  /** Read only. */
  configPending: attr('IFLA_BRPORT_CONFIG_PENDING', 20, bool8),
  /** Read only; hundredths of a second. */
  messageAgeTimer: attr('IFLA_BRPORT_MESSAGE_AGE_TIMER', 21, n64),
  /** Read only; hundredths of a second. */
  forwardDelayTimer: attr('IFLA_BRPORT_FORWARD_DELAY_TIMER', 22, n64),
  /** Read only; hundredths of a second. */
  holdTimer: attr('IFLA_BRPORT_HOLD_TIMER', 23, n64),
  /** Forgets what was learned at this port. */
  flush: attr('IFLA_BRPORT_FLUSH', 24, flag),
  /** 0 off, 1 when a querier or router is heard, 2 always, 3 for a while. */
  mcastRouter: attr('IFLA_BRPORT_MULTICAST_ROUTER', 25, u8),
  pad: attr('IFLA_BRPORT_PAD', 26, bytes),
  mcastFlood: attr('IFLA_BRPORT_MCAST_FLOOD', 27, bool8),
  mcastToUnicast: attr('IFLA_BRPORT_MCAST_TO_UCAST', 28, bool8),
  vlanTunnel: attr('IFLA_BRPORT_VLAN_TUNNEL', 29, bool8),
  bcastFlood: attr('IFLA_BRPORT_BCAST_FLOOD', 30, bool8),
  groupForwardMask: attr('IFLA_BRPORT_GROUP_FWD_MASK', 31, u16),
  neighSuppress: attr('IFLA_BRPORT_NEIGH_SUPPRESS', 32, bool8),
  /** May talk to ports that are not isolated only. */
  isolated: attr('IFLA_BRPORT_ISOLATED', 33, bool8),
  /** Port that takes over when this one is down; 0: none. */
  backupPort: attr('IFLA_BRPORT_BACKUP_PORT', 34, u32),
  /** Read only: media redundancy protocol. */
  mrpRingOpen: attr('IFLA_BRPORT_MRP_RING_OPEN', 35, bool8),
  /** Read only. */
  mrpInOpen: attr('IFLA_BRPORT_MRP_IN_OPEN', 36, bool8),
  mcastEhtHostsLimit: attr('IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT', 37, u32),
  /** Read only. */
  mcastEhtHostsCount: attr('IFLA_BRPORT_MCAST_EHT_HOSTS_CNT', 38, u32),
  locked: attr('IFLA_BRPORT_LOCKED', 39, bool8),
  /** MAC authentication bypass. */
  mab: attr('IFLA_BRPORT_MAB', 40, bool8),
  /** Read only. */
  mcastGroups: attr('IFLA_BRPORT_MCAST_N_GROUPS', 41, u32),
  mcastMaxGroups: attr('IFLA_BRPORT_MCAST_MAX_GROUPS', 42, u32),
  neighVlanSuppress: attr('IFLA_BRPORT_NEIGH_VLAN_SUPPRESS', 43, bool8),
  /** Nexthop object used with `backupPort`; 0: none. */
  backupNexthopId: attr('IFLA_BRPORT_BACKUP_NHID', 44, u32),
}));

/** IFLA_INFO_SLAVE_DATA of the port of a bridge. */
export interface BridgePort extends Infer<typeof bridgePort_> {}
/** The same as `update` takes it. */
export interface BridgePortInput extends LinksByName<BridgePort, 'backupPort'> {}
export const bridgePort: Codec<BridgePort> = bridgePort_;

/** The state of a port follows from its carrier and from the spanning tree: a new one has its own, and a port that is down takes none. */
function creatable({ state: _, ...data }: BridgePort): BridgePort {
  return data;
}

/** Pause frames, which no port forwards (BR_GROUPFWD_MACPAUSE in net/bridge/br_private.h). */
const pause = 0x2;

export const bridgePortKind: PortKind<BridgePort> = {
  data: bridgePort,
  limits: { priority: [0, 63], cost: [1, 65_535], mcastRouter: [0, 3], mcastEhtHostsLimit: [1, 0xffffffff] },
  check: ({ groupForwardMask }) => checkMask(groupForwardMask, pause, 'groupForwardMask'),
  readOnly: new Set<keyof BridgePort>([
    'learningSync',
    'rootId',
    'bridgeId',
    'designatedPort',
    'designatedCost',
    'id',
    'number',
    'topologyChangeAck',
    'configPending',
    'messageAgeTimer',
    'forwardDelayTimer',
    'holdTimer',
    'pad',
    'mrpRingOpen',
    'mrpInOpen',
    'mcastEhtHostsCount',
    'mcastGroups',
  ]),
  creatable,
  links: ['backupPort'],
};
