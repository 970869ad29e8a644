/** A route as callers see it. */
import { addressBits, type IpFamily, parseAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { AF_MPLS, familyName } from '../family.ts';
import { type Scope, scope } from '../scope.ts';
import { encapIndexes, type RouteEncap, readEncap } from './encap/encap.ts';
import {
  type NexthopFlag,
  nexthopFlags,
  type RouteFlag,
  type RoutePreference,
  type RouteProtocol,
  type RouteTable,
  type RouteType,
  routeFlags,
  routeProtocol,
  routeTable,
  routeType,
} from './enumerations.ts';
import type { RouteMessage } from './message.ts';
import type { RouteMetrics } from './metrics.ts';
import type { NexthopMessage } from './nexthop.ts';

/** A family that has routes. */
export type RouteFamily = IpFamily | 'mpls';

/** One path of a multipath route. */
export interface Nexthop {
  /** Gateway. */
  via?: string;
  /** Name of the link. */
  dev?: string;
  /** Index of the link. */
  devIndex?: number;
  /** MPLS: the labels that take the place of the one that is routed, the outermost first. */
  as?: number[];
  /** Share of the traffic, 1 to 256. */
  weight: number;
  /** State: `onlink`, `dead`, `linkdown`, … */
  flags: NexthopFlag[];
  /** Realms, as one number: from in the upper 16 bits, to in the lower. */
  realms?: number;
  /** What the packets are put into. */
  encap?: RouteEncap;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** A route, as `ip -d route` shows it. What has no value for a route is left out. */
export interface Route {
  /** `'default'`, or the network: `10.0.0.0/24`; MPLS: the label: `'100'`. */
  to: string;
  /** `inet`, `inet6` or `mpls`. */
  family: RouteFamily;
  /** What becomes of packets: `unicast`, `local`, `blackhole`, … */
  type: RouteType;
  /** Gateway; of an IPv4 route it may be an IPv6 address, of an MPLS route it is of either family. */
  via?: string;
  /** MPLS: the labels that take the place of the one that is routed, the outermost first. Absent: it is taken off. */
  as?: number[];
  /** Name of the link. */
  dev?: string;
  /** Index of the link. */
  devIndex?: number;
  /** Table that it is in: `main`, `local`, `default`, or a number. */
  table: RouteTable;
  /** RTA_PRIORITY: the lower, the better. */
  metric?: number;
  /** How far its destinations are: `global` (behind a gateway), `link`, `host`, … */
  scope: Scope;
  /** Who made it: `kernel`, `boot`, `static`, `ra`, `bird`, … Source: rtnetlink.h (RTPROT_*). */
  protocol: RouteProtocol;
  /** Address that packets leave with unless they have one: RTA_PREFSRC. */
  source?: string;
  /** IPv6: only packets from this network. */
  from?: string;
  /** IPv4: only packets of this type of service; its DSCP is the upper six bits. */
  tos?: number;
  /** The paths of a multipath route. */
  nexthops?: Nexthop[];
  /** Id of a nexthop object; `via`, `dev` and `nexthops` are what it stands for then. */
  nexthopId?: number;
  /** What is known of the way: `mtu`, `advmss`, `initcwnd`, … Source: rtnetlink.h (RTAX_*). */
  metrics?: RouteMetrics;
  /** State: `onlink`, `dead`, `linkdown`, `cache`, … */
  flags: readonly RouteFlag[];
  /** IPv6: seconds until the route is removed. */
  expires?: number;
  /** IPv6: preference of the router, RFC 4191. */
  pref?: RoutePreference;
  /** Realms, as one number: from in the upper 16 bits, to in the lower. */
  realms?: number;
  /** A tunnel that is part of the route. */
  encap?: RouteEncap;
  /** MPLS: whether the time to live goes over between label and packet. */
  ttlPropagate?: boolean;
  /** Answer to a lookup: name of the link the packet would come from. */
  iif?: string;
  /** Answer to a lookup. */
  mark?: number;
  /** Answer to a lookup: whose packet. */
  uid?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** USER_HZ: cacheinfo counts in hundredths of a second. */
const ticksPerSecond = 100;

/** Adds the indexes of the links that the route refers to. */
export function addRouteIndexes(indexes: Set<number>, wire: RouteMessage): void {
  if (wire.oif !== undefined) indexes.add(wire.oif);
  if (wire.iif !== undefined) indexes.add(wire.iif);
  if (wire.encap !== undefined) for (const index of encapIndexes(wire.encapType, wire.encap)) indexes.add(index);
  if (wire.multipath === undefined) return;
  for (const path of wire.multipath) {
    if (path.oif !== undefined && path.oif !== 0) indexes.add(path.oif);
    if (path.encap !== undefined) for (const index of encapIndexes(path.encapType, path.encap)) indexes.add(index);
  }
}

/** Number of the table a route is in. */
export function tableOf(wire: RouteMessage): number {
  return wire.table ?? wire.headerTable;
}

/** Of most routes, by the hundred thousand. */
const noFlags: readonly RouteFlag[] = Object.freeze([]);

/** The route that `wire` describes; undefined when it is none of IPv4, IPv6 or MPLS. */
export function toRoute(wire: RouteMessage, names: ReadonlyMap<number, string>): Route | undefined {
  const family = wire.family === AF_MPLS ? 'mpls' : familyName(wire.family);
  if (family === undefined) return undefined;
  const to = family === 'mpls' ? String(labelOf(wire.dst)) : destination(wire, family);
  const type = routeType.nameOf(wire.type);
  const table = routeTable.nameOf(tableOf(wire));
  const protocol = routeProtocol.nameOf(wire.protocol);
  const flags = wire.flags === 0 ? noFlags : routeFlags.namesOf(wire.flags);
  const devIndex = wire.oif;
  const dev = devIndex === undefined ? undefined : names.get(devIndex);
  // most routes have a link: made in one go, one is half the size of one that grows
  const route: Route =
    dev !== undefined && devIndex !== undefined
      ? { to, family, type, table, scope: scope.nameOf(wire.scope), protocol, flags, dev, devIndex }
      : { to, family, type, table, scope: scope.nameOf(wire.scope), protocol, flags };
  if (devIndex !== undefined) route.devIndex = devIndex;
  const via = wire.gateway ?? wire.via;
  if (via !== undefined) route.via = via;
  if (wire.priority !== undefined) route.metric = wire.priority;
  if (wire.prefsrc !== undefined) route.source = wire.prefsrc;
  if (wire.src !== undefined) route.from = `${wire.src}/${wire.srcLength}`;
  if (wire.tos !== 0) route.tos = wire.tos;
  if (wire.multipath !== undefined) route.nexthops = wire.multipath.map((path) => toNexthop(path, names));
  if (wire.nexthopId !== undefined) route.nexthopId = wire.nexthopId;
  if (wire.metrics !== undefined) route.metrics = wire.metrics;
  if (wire.cacheinfo !== undefined && wire.cacheinfo.expires > 0) route.expires = wire.cacheinfo.expires / ticksPerSecond;
  if (wire.pref !== undefined) route.pref = wire.pref;
  if (wire.flow !== undefined) route.realms = wire.flow;
  if (wire.newdst !== undefined) route.as = wire.newdst;
  if (wire.encap !== undefined && wire.encapType !== undefined) route.encap = readEncap(wire.encapType, wire.encap, names);
  if (wire.ttlPropagate !== undefined) route.ttlPropagate = wire.ttlPropagate;
  if (wire.iif !== undefined) {
    const iif = names.get(wire.iif);
    if (iif !== undefined) route.iif = iif;
  }
  if (wire.mark !== undefined) route.mark = wire.mark;
  if (wire.uid !== undefined) route.uid = wire.uid;
  if (wire.unknown !== undefined) route.unknown = wire.unknown;
  return route;
}

function destination({ dst, dstLength }: RouteMessage, family: IpFamily): string {
  // joined, and not concatenated: one string in memory, where a template keeps the pieces as well
  if (dst !== undefined) return [dst, dstLength].join('/');
  return dstLength === 0 ? 'default' : `${zero(family)}/${dstLength}`;
}

/** An entry of a label stack, which the message reads as an address, as all four bytes are. */
function labelOf(dst: string | undefined): number {
  const bytes = parseAddress(dst ?? '0.0.0.0');
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8)) >>> 12;
}

/** The reverse of {@link labelOf}: the label with the bit for the bottom of the stack. */
export function labelAddress(label: number): string {
  return `${label >>> 12}.${(label >>> 4) & 0xff}.${((label & 0xf) << 4) | 1}.0`;
}

function zero(family: IpFamily): string {
  return addressBits(family) === 32 ? '0.0.0.0' : '::';
}

function toNexthop(path: NexthopMessage, names: ReadonlyMap<number, string>): Nexthop {
  const nexthop: Nexthop = { weight: (path.hops ?? 0) + 1, flags: nexthopFlags.namesOf(path.flags ?? 0) };
  const via = path.gateway ?? path.via;
  if (via !== undefined) nexthop.via = via;
  if (path.oif !== undefined && path.oif !== 0) {
    const dev = names.get(path.oif);
    if (dev !== undefined) nexthop.dev = dev;
    nexthop.devIndex = path.oif;
  }
  if (path.flow !== undefined) nexthop.realms = path.flow;
  if (path.newdst !== undefined) nexthop.as = path.newdst;
  if (path.encap !== undefined && path.encapType !== undefined) nexthop.encap = readEncap(path.encapType, path.encap, names);
  if (path.unknown !== undefined) nexthop.unknown = path.unknown;
  return nexthop;
}
