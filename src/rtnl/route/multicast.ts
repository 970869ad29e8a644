/** Routes of multicast routing, which a daemon makes through its own socket (ip_mroute). Source: include/uapi/linux/mroute.h, ip-mroute(8). */
import type { IpFamily } from '../../netlink/address.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import { checkOptions, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { familyNumber } from '../family.ts';
import { linkNames } from '../link/names.ts';
import { type RouteTable, routeTable } from './enumerations.ts';
import { getRoute, type MulticastStatistics, type RouteMessage } from './message.ts';
import { tableOf } from './route.ts';

/** RTNL_FAMILY_IPMR, RTNL_FAMILY_IP6MR in include/uapi/linux/rtnetlink.h. */
const families = { inet: 128, inet6: 129 } as const;

/** RTNH_F_UNRESOLVED: nobody has said yet where packets go. */
const unresolved = 0x20;

/** A route of multicast routing, as `ip mroute` shows it. Read only. */
export interface MulticastRoute {
  /** `inet` or `inet6`. */
  family: IpFamily;
  /** The group: an address; `'0.0.0.0'` or `'::'`: any. */
  group: string;
  /** Who sends to it; `'0.0.0.0'` or `'::'`: anybody. */
  source: string;
  /** Name of the link by which packets must come in. */
  iif?: string;
  /** Index of the link by which packets must come in. */
  iifIndex?: number;
  /** The links by which they leave, and the time to live that a packet must have for it. */
  oifs: { dev?: string; devIndex: number; ttl: number }[];
  /** Table of multicast routing that it is in. */
  table: RouteTable;
  /** Nobody has said yet where packets go. */
  unresolved?: true;
  /** What has been routed; absent where nothing is known of it. */
  statistics?: MulticastStatistics;
}

/** Which multicast routes to list. */
export interface MulticastFilter extends CallOptions {
  /** Default: both. */
  family?: IpFamily;
}

const filterMembers = memberNames<Omit<MulticastFilter, keyof CallOptions>>({ family: true });

/** The routes of multicast routing, IPv4 before IPv6. A kernel without multicast routing has none. */
export function* multicast(filter: MulticastFilter = {}): Program<MulticastRoute[]> {
  checkOptions(filter, 'filter', filterMembers);
  familyNumber(filter.family);
  const wires: RouteMessage[] = [];
  for (const family of filter.family === undefined ? (['inet', 'inet6'] as const) : [filter.family]) {
    const value = { family: families[family] };
    try {
      const all = yield* ask({ operation: getRoute, flags: 0, value, expects: 'dump' as const, subject: 'multicast routes' });
      wires.push(...all.filter((wire) => wire.family === families[family]));
    } catch (error) {
      if (!(error instanceof NetlinkError) || !['EOPNOTSUPP', 'EAFNOSUPPORT', 'ENOENT'].includes(error.code)) throw error;
    }
  }
  const indexes = wires.flatMap((wire) => [wire.iif ?? 0, ...(wire.multipath ?? []).map((path) => path.oif ?? 0)]);
  const names = yield* linkNames(indexes.filter((index) => index > 0));
  return wires.map((wire) => toMulticastRoute(wire, names));
}

function toMulticastRoute(wire: RouteMessage, names: ReadonlyMap<number, string>): MulticastRoute {
  const family = wire.family === families.inet ? 'inet' : 'inet6';
  const any = family === 'inet' ? '0.0.0.0' : '::';
  const route: MulticastRoute = {
    family,
    group: wire.dst ?? any,
    source: wire.src ?? any,
    oifs: (wire.multipath ?? []).map(({ oif = 0, hops = 0 }) => {
      const dev = names.get(oif);
      return { ...(dev === undefined ? {} : { dev }), devIndex: oif, ttl: hops };
    }),
    table: routeTable.nameOf(tableOf(wire)),
  };
  if (wire.iif !== undefined) {
    const iif = names.get(wire.iif);
    if (iif !== undefined) route.iif = iif;
    route.iifIndex = wire.iif;
  }
  if ((wire.flags & unresolved) !== 0) route.unresolved = true;
  if (wire.mfcStats !== undefined) route.statistics = wire.mfcStats;
  return route;
}
