/** Routes in a monitor: RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE. */
import { isDeepStrictEqual } from 'node:util';
import { NLM_F_APPEND, NLM_F_REPLACE } from '../../netlink/message.ts';
import { type MonitorKind, sameExcept } from '../../netlink/monitor-kind.ts';
import type { Notification } from '../../netlink/monitor-socket.ts';
import { askEach, type Program } from '../../netlink/program.ts';
import { deleteAddress, ifaddrmsg } from '../address/message.ts';
import { AF_INET, AF_UNSPEC } from '../family.ts';
import { IFF_UP } from '../link/flags.ts';
import { ifinfomsg } from '../link/message.ts';
import { deleteLink, newLink } from '../link/operations.ts';
import { linkRequest } from '../link/reference.ts';
import { deleteRoute, newRoute, routeMessage } from '../route/message.ts';
import { routePrograms } from '../route/programs.ts';
import { type Nexthop, type Route, toRoute } from '../route/route.ts';
import { RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_LINK } from './groups.ts';
import type { LinkNames } from './names.ts';

/** RTM_F_CLONED: an exception to a route (a cached path MTU, a redirect), and no route of a table. Source: include/uapi/linux/rtnetlink.h. */
const RTM_F_CLONED = 0x200;

export const route: MonitorKind<Route, LinkNames> = {
  groups: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
  types: { [newRoute.type]: 'new', [deleteRoute.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    const wire = routeMessage.decode(bytes, offset, length);
    return (wire.flags & RTM_F_CLONED) !== 0 ? undefined : toRoute(wire, names.of(nsid));
  },
  changes: ({ flags }) => (flags & NLM_F_REPLACE) !== 0,
  listing: {
    list,
    key: ({ family, table, to, from, tos, metric }) => `${family} ${table} ${to} ${from ?? ''} ${tos ?? 0} ${metric ?? 0}`,
    same: sameExcept('expires'),
    apply: (group, action, object, flags) => (object.family === 'inet' ? apply4 : apply6)(group, action, object, flags),
    groups: [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR],
    disturbed,
  },
};

/**
 * The routes of all tables. The kernel says that a link goes down before it removes the routes, and no longer makes a listing wait for
 * that; a question about a link waits.
 */
function* list(): Program<Route[]> {
  yield* askEach([linkRequest({ index: 1 }, 'link 1')]);
  return yield* routePrograms.list({ table: 'all' });
}

/** IPv4 routes go without a word with the link or the address that they depend on; IPv6 ones if net.ipv6.route.skip_notify_on_dev_down says so. */
function disturbed(notification: Notification): boolean {
  const { type, bytes, offset } = notification;
  return type === deleteAddress.type ? ifaddrmsg.read(bytes, offset).family === AF_INET : linkGoes(notification);
}

/** Whether a message says that a link goes down, or goes. */
export function linkGoes({ type, bytes, offset }: Notification): boolean {
  if (type !== newLink.type && type !== deleteLink.type) return false;
  const { family, flags, change } = ifinfomsg.read(bytes, offset);
  return family === AF_UNSPEC && (type === deleteLink.type || ((change & IFF_UP) !== 0 && (flags & IFF_UP) === 0));
}

/** What the state of links makes of a route, and no more than that. */
const sameButState = (a: Route, b: Route): boolean => sameExcept<Route>('flags', 'expires', 'dev')(a, b);

/** IPv4: routes of one key stand in an order, and differ in where they lead to. Source: fib_table_insert in the kernel. */
function apply4(group: readonly Route[], action: 'new' | 'delete', route: Route, flags: number): readonly Route[] {
  const known = group.findIndex((candidate) => sameButState(candidate, route));
  if (action === 'delete') {
    const gone = known >= 0 ? known : group.findIndex((candidate) => isDeepStrictEqual(pathsOf(candidate), pathsOf(route)));
    return gone < 0 ? group : group.toSpliced(gone, 1);
  }
  if (known >= 0) return group.with(known, route);
  if ((flags & NLM_F_REPLACE) !== 0) return [route, ...group.slice(1)];
  return (flags & NLM_F_APPEND) !== 0 ? [...group, route] : [route, ...group];
}

/** IPv6: routes of one key with gateways are the paths of one route. A message of a new path has all of them, one of a path that goes only that. */
function apply6(group: readonly Route[], action: 'new' | 'delete', route: Route, flags: number): readonly Route[] {
  const paths = pathsOf(route);
  if (action === 'new') {
    // what is part of the route now, or was
    const others = group.filter((candidate) => !pathsOf(candidate).some((path) => has(paths, path)));
    return [...((flags & NLM_F_REPLACE) !== 0 && others.length === group.length ? others.slice(1) : others), route];
  }
  const at = group.findIndex((candidate) => paths.every((path) => has(pathsOf(candidate), path)));
  if (at < 0) return group;
  const left = group[at]!.nexthops?.filter((nexthop) => !has(paths, pathOf(nexthop))) ?? [];
  return left.length === 0 ? group.toSpliced(at, 1) : group.with(at, withPaths(group[at]!, left));
}

interface Path {
  readonly via: string | undefined;
  readonly devIndex: number | undefined;
}

function pathOf({ via, devIndex }: Route | Nexthop): Path {
  return { via, devIndex };
}

function pathsOf(route: Route): Path[] {
  return route.nexthops === undefined ? [pathOf(route)] : route.nexthops.map(pathOf);
}

function has(paths: readonly Path[], { via, devIndex }: Path): boolean {
  return paths.some((path) => path.via === via && path.devIndex === devIndex);
}

/** The route with these of its paths left; a single one is the route's own. */
function withPaths(route: Route, nexthops: Nexthop[]): Route {
  const [only] = nexthops;
  if (nexthops.length > 1 || only === undefined) return { ...route, nexthops };
  const { nexthops: _, ...rest } = route;
  const { weight: _weight, flags: _flags, ...path } = only;
  return { ...rest, ...path };
}
