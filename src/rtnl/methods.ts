/**
 * The methods of clients, by object: an interface each, so that editors show `RouteMethods` and not what it is made of. Methods that take what depends on a kind are said anew, as mapped
 * types lose type parameters; their docstrings are those of the programs.
 */
import type { AsyncMethods, CallOptions, SyncMethods } from '../netlink/program.ts';
import type { addressPrograms } from './address/programs.ts';
import type { addressLabelPrograms } from './address-label/programs.ts';
import type { bridgeCfmPrograms, bridgeMrpPrograms, bridgeMstPrograms } from './bridge-link/programs.ts';
import type { bridgeVlanGlobalPrograms } from './bridge-vlan/globals.ts';
import type { bridgeVlanPrograms } from './bridge-vlan/programs.ts';
import type { bridgeVlanTunnelPrograms } from './bridge-vlan/tunnels.ts';
import type { fdbPrograms } from './fdb/programs.ts';
import type { Link } from './link/link.ts';
import type { linkPrograms } from './link/programs.ts';
import type { LinkRef } from './link/reference.ts';
import type { CreateLinkOf, UpdateLinkOf } from './link/spec.ts';
import type { LinkCondition } from './link/wait.ts';
import type { mdbPrograms } from './mdb/programs.ts';
import type { neighborPrograms } from './neighbor/programs.ts';
import type { neighborTablePrograms } from './neighbor-table/programs.ts';
import type { netconfPrograms } from './netconf/programs.ts';
import type { netnsIdPrograms } from './netns-id/programs.ts';
import type { nexthopPrograms } from './nexthop/programs.ts';
import type { routePrograms } from './route/programs.ts';
import type { rulePrograms } from './rule/programs.ts';
import type { statsPrograms } from './stats/programs.ts';
import type { TrafficAction, trafficActionPrograms } from './tc/action/programs.ts';
import type { trafficClassPrograms } from './tc/class.ts';
import type { trafficFilterPrograms } from './tc/filter.ts';
import type { qdiscPrograms } from './tc/qdisc.ts';
import type { QdiscSpecOf, TrafficActionSpecOf, TrafficClassSpecOf, TrafficFilterSpecOf } from './tc/spec.ts';
import type { vniPrograms } from './vni/programs.ts';

/** Addresses of links: ip-address(8). */
export interface AddressMethods extends AsyncMethods<typeof addressPrograms> {}
/** The same, in place. */
export interface AddressMethodsSync extends SyncMethods<typeof addressPrograms> {}

/** Labels of IPv6 prefixes, by which source addresses are chosen: ip-addrlabel(8). */
export interface AddressLabelMethods extends AsyncMethods<typeof addressLabelPrograms> {}
/** The same, in place. */
export interface AddressLabelMethodsSync extends SyncMethods<typeof addressLabelPrograms> {}

/** Connectivity fault management of bridges (IEEE 802.1Q, CFM). */
export interface BridgeCfmMethods extends AsyncMethods<typeof bridgeCfmPrograms> {}
/** The same, in place. */
export interface BridgeCfmMethodsSync extends SyncMethods<typeof bridgeCfmPrograms> {}

/** Rings of the media redundancy protocol that bridges take part in. */
export interface BridgeMrpMethods extends AsyncMethods<typeof bridgeMrpPrograms> {}
/** The same, in place. */
export interface BridgeMrpMethodsSync extends SyncMethods<typeof bridgeMrpPrograms> {}

/** States of bridge ports in the instances of multiple spanning trees: bridge(8), "mst". */
export interface BridgeMstMethods extends AsyncMethods<typeof bridgeMstPrograms> {}
/** The same, in place. */
export interface BridgeMstMethodsSync extends SyncMethods<typeof bridgeMstPrograms> {}

/** Settings of whole VLANs of bridges: bridge(8), "vlan global". */
export interface BridgeVlanGlobalMethods extends AsyncMethods<typeof bridgeVlanGlobalPrograms> {}
/** The same, in place. */
export interface BridgeVlanGlobalMethodsSync extends SyncMethods<typeof bridgeVlanGlobalPrograms> {}

/** VLANs of bridge ports that are mapped to tunnel ids: bridge(8), "vlan tunnelshow". */
export interface BridgeVlanTunnelMethods extends AsyncMethods<typeof bridgeVlanTunnelPrograms> {}
/** The same, in place. */
export interface BridgeVlanTunnelMethodsSync extends SyncMethods<typeof bridgeVlanTunnelPrograms> {}

/** VLANs of bridges and their ports: bridge(8), "vlan". */
export interface BridgeVlanMethods extends AsyncMethods<typeof bridgeVlanPrograms> {}
/** The same, in place. */
export interface BridgeVlanMethodsSync extends SyncMethods<typeof bridgeVlanPrograms> {}

/** Forwarding tables of bridges and VXLANs: bridge(8), "fdb". */
export interface FdbMethods extends AsyncMethods<typeof fdbPrograms> {}
/** The same, in place. */
export interface FdbMethodsSync extends SyncMethods<typeof fdbPrograms> {}

/** Multicast groups of bridges and VXLANs: bridge(8), "mdb". */
export interface MdbMethods extends AsyncMethods<typeof mdbPrograms> {}
/** The same, in place. */
export interface MdbMethodsSync extends SyncMethods<typeof mdbPrograms> {}

/** Settings of the neighbor tables: ip-ntable(8). */
export interface NeighborTableMethods extends AsyncMethods<typeof neighborTablePrograms> {}
/** The same, in place. */
export interface NeighborTableMethodsSync extends SyncMethods<typeof neighborTablePrograms> {}

/** Neighbors, ARP and NDP: ip-neighbour(8). */
export interface NeighborMethods extends AsyncMethods<typeof neighborPrograms> {}
/** The same, in place. */
export interface NeighborMethodsSync extends SyncMethods<typeof neighborPrograms> {}

/** Settings of links for a family, as sysctl has them: ip-netconf(8). */
export interface NetconfMethods extends AsyncMethods<typeof netconfPrograms> {}
/** The same, in place. */
export interface NetconfMethodsSync extends SyncMethods<typeof netconfPrograms> {}

/** Ids by which the namespace knows others: ip-netns(8), "list-id". */
export interface NetnsIdMethods extends AsyncMethods<typeof netnsIdPrograms> {}
/** The same, in place. */
export interface NetnsIdMethodsSync extends SyncMethods<typeof netnsIdPrograms> {}

/** Nexthop objects, and groups of them: ip-nexthop(8). */
export interface NexthopMethods extends AsyncMethods<typeof nexthopPrograms> {}
/** The same, in place. */
export interface NexthopMethodsSync extends SyncMethods<typeof nexthopPrograms> {}

/** Queueing disciplines: tc(8), "qdisc". */
export interface QdiscMethods extends AsyncMethods<typeof qdiscPrograms> {
  create<K extends string>(spec: QdiscSpecOf<K>): Promise<void>;
  replace<K extends string>(spec: QdiscSpecOf<K>): Promise<void>;
  update<K extends string>(spec: QdiscSpecOf<K>): Promise<void>;
}
/** The same, in place. */
export interface QdiscMethodsSync extends SyncMethods<typeof qdiscPrograms> {
  create<K extends string>(spec: QdiscSpecOf<K>): void;
  replace<K extends string>(spec: QdiscSpecOf<K>): void;
  update<K extends string>(spec: QdiscSpecOf<K>): void;
}

/** Routes: ip-route(8). */
export interface RouteMethods extends AsyncMethods<typeof routePrograms> {}
/** The same, in place. */
export interface RouteMethodsSync extends SyncMethods<typeof routePrograms> {}

/** Rules that choose the routing table: ip-rule(8). */
export interface RuleMethods extends AsyncMethods<typeof rulePrograms> {}
/** The same, in place. */
export interface RuleMethodsSync extends SyncMethods<typeof rulePrograms> {}

/** Counters of links that `links.list` does not have: ip-stats(8). */
export interface StatsMethods extends AsyncMethods<typeof statsPrograms> {}
/** The same, in place. */
export interface StatsMethodsSync extends SyncMethods<typeof statsPrograms> {}

/** Actions that filters share: tc-actions(8). */
export interface TrafficActionMethods extends AsyncMethods<typeof trafficActionPrograms> {
  create<K extends string>(spec: TrafficActionSpecOf<K>): Promise<TrafficAction>;
  replace<K extends string>(spec: TrafficActionSpecOf<K>): Promise<TrafficAction>;
  update<K extends string>(spec: TrafficActionSpecOf<K>): Promise<TrafficAction>;
}
/** The same, in place. */
export interface TrafficActionMethodsSync extends SyncMethods<typeof trafficActionPrograms> {
  create<K extends string>(spec: TrafficActionSpecOf<K>): TrafficAction;
  replace<K extends string>(spec: TrafficActionSpecOf<K>): TrafficAction;
  update<K extends string>(spec: TrafficActionSpecOf<K>): TrafficAction;
}

/** Classes of queueing disciplines: tc(8), "class". */
export interface TrafficClassMethods extends AsyncMethods<typeof trafficClassPrograms> {
  create<K extends string>(spec: TrafficClassSpecOf<K>): Promise<void>;
  replace<K extends string>(spec: TrafficClassSpecOf<K>): Promise<void>;
  update<K extends string>(spec: TrafficClassSpecOf<K>): Promise<void>;
}
/** The same, in place. */
export interface TrafficClassMethodsSync extends SyncMethods<typeof trafficClassPrograms> {
  create<K extends string>(spec: TrafficClassSpecOf<K>): void;
  replace<K extends string>(spec: TrafficClassSpecOf<K>): void;
  update<K extends string>(spec: TrafficClassSpecOf<K>): void;
}

/** Filters that sort packets into classes, and act on them: tc(8), "filter". */
export interface TrafficFilterMethods extends AsyncMethods<typeof trafficFilterPrograms> {
  create<K extends string>(spec: TrafficFilterSpecOf<K>): Promise<void>;
  replace<K extends string>(spec: TrafficFilterSpecOf<K>): Promise<void>;
  update<K extends string>(spec: TrafficFilterSpecOf<K>): Promise<void>;
}
/** The same, in place. */
export interface TrafficFilterMethodsSync extends SyncMethods<typeof trafficFilterPrograms> {
  create<K extends string>(spec: TrafficFilterSpecOf<K>): void;
  replace<K extends string>(spec: TrafficFilterSpecOf<K>): void;
  update<K extends string>(spec: TrafficFilterSpecOf<K>): void;
}

/** Network ids of VXLANs that collect metadata: bridge(8), "vni". */
export interface VniMethods extends AsyncMethods<typeof vniPrograms> {}
/** The same, in place. */
export interface VniMethodsSync extends SyncMethods<typeof vniPrograms> {}

/** Links: ip-link(8). */
export interface LinkMethods extends AsyncMethods<typeof linkPrograms> {
  create<K extends string>(spec: CreateLinkOf<K>): Promise<Link>;
  ensure<K extends string>(spec: CreateLinkOf<K>): Promise<Link>;
  update<K extends string>(link: LinkRef, changes: UpdateLinkOf<K>): Promise<void>;

  /**
   * Waits until a link is as it shall be, by the kernel's announcements, however it becomes so.
   *
   *     await rt.links.waitUntil('eth0', 'operational', { timeout: 5_000 });
   *
   * @param condition `operational` (up, and carrying packets), `present`, `absent`, or a function of the link
   * @returns the link; undefined where it does not exist
   * @throws InputError for a bad argument, TimeoutError when it is not so in time (`timeout`: milliseconds, default 30,000), the reason of `signal`
   */
  waitUntil(link: LinkRef, condition: LinkCondition, options?: CallOptions): Promise<Link | undefined>;
}
/** The same, in place; without `waitUntil`, which would hold up everything else. */
export interface LinkMethodsSync extends SyncMethods<typeof linkPrograms> {
  create<K extends string>(spec: CreateLinkOf<K>): Link;
  ensure<K extends string>(spec: CreateLinkOf<K>): Link;
  update<K extends string>(link: LinkRef, changes: UpdateLinkOf<K>): void;
}

/** The objects of a client by name, each with its methods; asynchronous. */
export interface RtnlMethods {
  /** Labels of IPv6 prefixes, by which source addresses are chosen: ip-addrlabel(8). */
  readonly addressLabels: AddressLabelMethods;
  /** Addresses of links: ip-address(8). */
  readonly addresses: AddressMethods;
  /** Connectivity fault management of bridges (IEEE 802.1Q, CFM). */
  readonly bridgeCfm: BridgeCfmMethods;
  /** Rings of the media redundancy protocol that bridges take part in. */
  readonly bridgeMrp: BridgeMrpMethods;
  /** States of bridge ports in the instances of multiple spanning trees: bridge(8), "mst". */
  readonly bridgeMst: BridgeMstMethods;
  /** Settings of whole VLANs of bridges: bridge(8), "vlan global". */
  readonly bridgeVlanGlobals: BridgeVlanGlobalMethods;
  /** VLANs of bridge ports that are mapped to tunnel ids: bridge(8), "vlan tunnelshow". */
  readonly bridgeVlanTunnels: BridgeVlanTunnelMethods;
  /** VLANs of bridges and their ports: bridge(8), "vlan". */
  readonly bridgeVlans: BridgeVlanMethods;
  /** Forwarding tables of bridges and VXLANs: bridge(8), "fdb". */
  readonly fdb: FdbMethods;
  /** Links: ip-link(8). */
  readonly links: LinkMethods;
  /** Multicast groups of bridges and VXLANs: bridge(8), "mdb". */
  readonly mdb: MdbMethods;
  /** Settings of the neighbor tables: ip-ntable(8). */
  readonly neighborTables: NeighborTableMethods;
  /** Neighbors, ARP and NDP: ip-neighbour(8). */
  readonly neighbors: NeighborMethods;
  /** Settings of links for a family, as sysctl has them: ip-netconf(8). */
  readonly netconf: NetconfMethods;
  /** Ids by which the namespace knows others: ip-netns(8), "list-id". */
  readonly netnsIds: NetnsIdMethods;
  /** Nexthop objects, and groups of them: ip-nexthop(8). */
  readonly nexthops: NexthopMethods;
  /** Queueing disciplines: tc(8), "qdisc". */
  readonly qdiscs: QdiscMethods;
  /** Routes: ip-route(8). */
  readonly routes: RouteMethods;
  /** Rules that choose the routing table: ip-rule(8). */
  readonly rules: RuleMethods;
  /** Counters of links that `links.list` does not have: ip-stats(8). */
  readonly stats: StatsMethods;
  /** Actions that stand by themselves, for filters to share: tc-actions(8). */
  readonly trafficActions: TrafficActionMethods;
  /** Classes of queueing disciplines: tc(8), "class". */
  readonly trafficClasses: TrafficClassMethods;
  /** Filters that sort packets into classes, and act on them: tc(8), "filter". */
  readonly trafficFilters: TrafficFilterMethods;
  /** Network ids of VXLANs that collect metadata: bridge(8), "vni". */
  readonly vnis: VniMethods;
}

/** The objects of a client by name, each with its methods; synchronous. */
export interface RtnlMethodsSync {
  /** Labels of IPv6 prefixes, by which source addresses are chosen: ip-addrlabel(8). */
  readonly addressLabels: AddressLabelMethodsSync;
  /** Addresses of links: ip-address(8). */
  readonly addresses: AddressMethodsSync;
  /** Connectivity fault management of bridges (IEEE 802.1Q, CFM). */
  readonly bridgeCfm: BridgeCfmMethodsSync;
  /** Rings of the media redundancy protocol that bridges take part in. */
  readonly bridgeMrp: BridgeMrpMethodsSync;
  /** States of bridge ports in the instances of multiple spanning trees: bridge(8), "mst". */
  readonly bridgeMst: BridgeMstMethodsSync;
  /** Settings of whole VLANs of bridges: bridge(8), "vlan global". */
  readonly bridgeVlanGlobals: BridgeVlanGlobalMethodsSync;
  /** VLANs of bridge ports that are mapped to tunnel ids: bridge(8), "vlan tunnelshow". */
  readonly bridgeVlanTunnels: BridgeVlanTunnelMethodsSync;
  /** VLANs of bridges and their ports: bridge(8), "vlan". */
  readonly bridgeVlans: BridgeVlanMethodsSync;
  /** Forwarding tables of bridges and VXLANs: bridge(8), "fdb". */
  readonly fdb: FdbMethodsSync;
  /** Links: ip-link(8). */
  readonly links: LinkMethodsSync;
  /** Multicast groups of bridges and VXLANs: bridge(8), "mdb". */
  readonly mdb: MdbMethodsSync;
  /** Settings of the neighbor tables: ip-ntable(8). */
  readonly neighborTables: NeighborTableMethodsSync;
  /** Neighbors, ARP and NDP: ip-neighbour(8). */
  readonly neighbors: NeighborMethodsSync;
  /** Settings of links for a family, as sysctl has them: ip-netconf(8). */
  readonly netconf: NetconfMethodsSync;
  /** Ids by which the namespace knows others: ip-netns(8), "list-id". */
  readonly netnsIds: NetnsIdMethodsSync;
  /** Nexthop objects, and groups of them: ip-nexthop(8). */
  readonly nexthops: NexthopMethodsSync;
  /** Queueing disciplines: tc(8), "qdisc". */
  readonly qdiscs: QdiscMethodsSync;
  /** Routes: ip-route(8). */
  readonly routes: RouteMethodsSync;
  /** Rules that choose the routing table: ip-rule(8). */
  readonly rules: RuleMethodsSync;
  /** Counters of links that `links.list` does not have: ip-stats(8). */
  readonly stats: StatsMethodsSync;
  /** Actions that stand by themselves, for filters to share: tc-actions(8). */
  readonly trafficActions: TrafficActionMethodsSync;
  /** Classes of queueing disciplines: tc(8), "class". */
  readonly trafficClasses: TrafficClassMethodsSync;
  /** Filters that sort packets into classes, and act on them: tc(8), "filter". */
  readonly trafficFilters: TrafficFilterMethodsSync;
  /** Network ids of VXLANs that collect metadata: bridge(8), "vni". */
  readonly vnis: VniMethodsSync;
}
