/** A nexthop object as callers see it. */
import type { IpFamily } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { familyName } from '../family.ts';
import { encapIndexes, type RouteEncap, readEncap } from '../route/encap/encap.ts';
import { type RouteFlag, type RouteProtocol, routeFlags, routeProtocol } from '../route/enumerations.ts';
import { type Scope, scope } from '../scope.ts';
import type { GroupMember, GroupStatisticsEntry, NexthopObjectMessage } from './message.ts';

/** A group whose flows keep to their members when others come or go. */
export interface ResilientGroup {
  /** Number of buckets that flows are hashed into. Needed to make one. */
  buckets?: number;
  /** Seconds without traffic after which a bucket may go to another member. Default: 120. */
  idleTimer?: number;
  /** Seconds after which buckets go to other members although they are busy. 0: never. Default: 0. */
  unbalancedTimer?: number;
  /** Seconds for which the buckets have not been as the weights say. Read only. */
  unbalancedTime?: number;
}

/**
 * A nexthop object, as `ip -d nexthop` shows it: where packets go next, for any number of routes (`nexthopId` of a route). It is one path, or
 * a group of others. What has no value for an object is left out.
 */
export interface NexthopObject {
  /** What routes refer to it by. */
  id: number;
  /** Family of the routes that may use it; a group has none. */
  family?: IpFamily;
  /** Gateway. */
  via?: string;
  /** Name of the link. */
  dev?: string;
  /** Index of the link. */
  devIndex?: number;
  /** Packets are dropped. */
  blackhole?: true;
  /** A tunnel that packets go through. */
  encap?: RouteEncap;
  /** For the forwarding table of a vxlan device: `via` is another tunnel end. */
  fdb?: true;
  /** The members of a group. */
  group?: GroupMember[];
  /** How a group chooses: `mpath` by hash, `resilient` by buckets. */
  groupType?: 'mpath' | 'resilient' | number;
  /** Of a resilient group. */
  resilient?: ResilientGroup;
  /** Whether hardware counts the packets of a group. Linux 6.9. */
  hwStats?: boolean;
  /** Whether it does. Read only. */
  hwStatsUsed?: boolean;
  /** Packets by member, where asked for. Read only. */
  stats?: GroupStatisticsEntry[];
  /** Read only. */
  scope: Scope;
  /** Who made it. */
  protocol: RouteProtocol;
  /** `onlink`, `dead`, `linkdown`, … */
  flags: RouteFlag[];
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** One bucket of a resilient group. */
export interface NexthopBucket {
  /** Id of the group. */
  id: number;
  /** Place in the group's table, from 0. */
  index: number;
  /** Id of the member that the bucket's flows go to. */
  nexthopId: number;
  /** Seconds without traffic. */
  idleTime: number;
  /** State of the nexthop: `dead`, `linkdown`, … */
  flags: RouteFlag[];
}

/** Adds the indexes of the links that the object refers to. */
export function addNexthopIndexes(indexes: Set<number>, wire: NexthopObjectMessage): void {
  if (wire.oif !== undefined) indexes.add(wire.oif);
  for (const index of encapIndexes(wire.encapType, wire.encap)) indexes.add(index);
}

/** The object that `wire` describes. */
export function toNexthop(wire: NexthopObjectMessage, names: ReadonlyMap<number, string>): NexthopObject {
  const nexthop: NexthopObject = {
    id: wire.id ?? 0,
    scope: scope.nameOf(wire.scope),
    protocol: routeProtocol.nameOf(wire.protocol),
    flags: routeFlags.namesOf(wire.flags),
  };
  const family = familyName(wire.family);
  if (family !== undefined) nexthop.family = family;
  if (wire.gateway !== undefined) nexthop.via = wire.gateway;
  if (wire.oif !== undefined) {
    const dev = names.get(wire.oif);
    if (dev !== undefined) nexthop.dev = dev;
    nexthop.devIndex = wire.oif;
  }
  if (wire.blackhole) nexthop.blackhole = true;
  if (wire.encap !== undefined && wire.encapType !== undefined) nexthop.encap = readEncap(wire.encapType, wire.encap, names);
  if (wire.fdb) nexthop.fdb = true;
  if (wire.group !== undefined) nexthop.group = wire.group;
  if (wire.groupType !== undefined) nexthop.groupType = wire.groupType;
  if (wire.resilient !== undefined) nexthop.resilient = wire.resilient;
  if (wire.hwStatsEnable !== undefined) nexthop.hwStats = wire.hwStatsEnable;
  if (wire.hwStatsUsed !== undefined) nexthop.hwStatsUsed = wire.hwStatsUsed;
  if (wire.groupStats !== undefined) nexthop.stats = wire.groupStats;
  if (wire.unknown !== undefined) nexthop.unknown = wire.unknown;
  return nexthop;
}

/** The bucket that `wire` describes. */
export function toBucket(wire: NexthopObjectMessage): NexthopBucket {
  const { index = 0, idleTime = 0, nexthopId = 0 } = wire.bucket ?? {};
  return { id: wire.id ?? 0, index, nexthopId, idleTime, flags: routeFlags.namesOf(wire.flags) };
}
