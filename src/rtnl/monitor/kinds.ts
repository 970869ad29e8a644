/** The kinds of objects that a monitor can tell of: one line each. */
import { address } from './address.ts';
import { bridgeVlan } from './bridge-vlan.ts';
import { fdb } from './fdb.ts';
import { link } from './link.ts';
import { mdb } from './mdb.ts';
import { ndUserOption } from './nd-user-option.ts';
import { neighbor } from './neighbor.ts';
import { netconf } from './netconf.ts';
import { nexthop } from './nexthop.ts';
import { nsid } from './nsid.ts';
import { prefix } from './prefix.ts';
import { qdisc } from './qdisc.ts';
import { route } from './route.ts';
import { rule } from './rule.ts';
import { trafficAction } from './traffic-action.ts';
import { trafficClass } from './traffic-class.ts';
import { trafficFilter } from './traffic-filter.ts';

export const rtnlKinds = {
  link,
  address,
  route,
  rule,
  nexthop,
  neighbor,
  fdb,
  mdb,
  bridgeVlan,
  netconf,
  nsid,
  prefix,
  ndUserOption,
  qdisc,
  trafficAction,
  trafficClass,
  trafficFilter,
} as const;
