/** What a client has: one table of programs an object, under the object's name. Both clients are made from it. */
import { addressPrograms } from './address/programs.ts';
import { addressLabelPrograms } from './address-label/programs.ts';
import { bridgeCfmPrograms, bridgeMrpPrograms, bridgeMstPrograms } from './bridge-link/programs.ts';
import { bridgeVlanGlobalPrograms } from './bridge-vlan/globals.ts';
import { bridgeVlanPrograms } from './bridge-vlan/programs.ts';
import { bridgeVlanTunnelPrograms } from './bridge-vlan/tunnels.ts';
import { fdbPrograms } from './fdb/programs.ts';
import { linkPrograms } from './link/programs.ts';
import { mdbPrograms } from './mdb/programs.ts';
import { neighborPrograms } from './neighbor/programs.ts';
import { neighborTablePrograms } from './neighbor-table/programs.ts';
import { netconfPrograms } from './netconf/programs.ts';
import { netnsIdPrograms } from './netns-id/programs.ts';
import { nexthopPrograms } from './nexthop/programs.ts';
import { routePrograms } from './route/programs.ts';
import { rulePrograms } from './rule/programs.ts';
import { statsPrograms } from './stats/programs.ts';
import { trafficActionPrograms } from './tc/action/programs.ts';
import { trafficClassPrograms } from './tc/class.ts';
import { trafficFilterPrograms } from './tc/filter.ts';
import { qdiscPrograms } from './tc/qdisc.ts';
import { vniPrograms } from './vni/programs.ts';

export const rtnlPrograms = {
  addresses: addressPrograms,
  addressLabels: addressLabelPrograms,
  bridgeCfm: bridgeCfmPrograms,
  bridgeMrp: bridgeMrpPrograms,
  bridgeMst: bridgeMstPrograms,
  bridgeVlanGlobals: bridgeVlanGlobalPrograms,
  bridgeVlanTunnels: bridgeVlanTunnelPrograms,
  bridgeVlans: bridgeVlanPrograms,
  fdb: fdbPrograms,
  links: linkPrograms,
  mdb: mdbPrograms,
  neighborTables: neighborTablePrograms,
  neighbors: neighborPrograms,
  netconf: netconfPrograms,
  netnsIds: netnsIdPrograms,
  nexthops: nexthopPrograms,
  qdiscs: qdiscPrograms,
  routes: routePrograms,
  rules: rulePrograms,
  stats: statsPrograms,
  trafficActions: trafficActionPrograms,
  trafficClasses: trafficClassPrograms,
  trafficFilters: trafficFilterPrograms,
  vnis: vniPrograms,
} as const;
