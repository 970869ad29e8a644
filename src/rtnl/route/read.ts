/** Reading routes. Source: rtnetlink(7), ip-route(8). */
import { formatAddress, parseAddress } from '../../netlink/address.ts';
import { type Codec, codec, copyBytes } from '../../netlink/codec.ts';
import { type Listed, type ListOptions, listMembers, messages } from '../../netlink/dump.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { AF_INET, AF_INET6, AF_MPLS, AF_UNSPEC, familyNumber } from '../family.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { type LinkRef, resolveLinks } from '../link/reference.ts';
import { type Scope, scope } from '../scope.ts';
import { type RouteProtocol, type RouteTable, type RouteType, routeProtocol, routeTable, routeType } from './enumerations.ts';
import { getRoute, type RouteMessage, type RouteMessageInput, routeMessage } from './message.ts';
import { addRouteIndexes, type Route, type RouteFamily, tableOf, toRoute } from './route.ts';
import { sameRoute } from './same.ts';
import { network, renameRoutePath } from './spec.ts';

/** Which routes to list. */
export interface RouteFilter extends ListOptions {
  /** Default: `inet` and `inet6`. */
  family?: RouteFamily;
  /** Default: `main`. */
  table?: RouteTable | 'all';
  /** Only routes that leave by this link. */
  dev?: LinkRef;
  /** Only routes that this one made: `kernel`, `static`, `bird`, … */
  protocol?: RouteProtocol;
  /** Only routes of this type: `unicast`, `blackhole`, … */
  type?: RouteType;
  /** Only routes of this scope. */
  scope?: Scope;
  /** Only routes to exactly this network. */
  to?: string;
  /** Only routes with this gateway. */
  via?: string;
  /** Only routes with this metric. */
  metric?: number;
  /** Only routes whose packets leave with this address. */
  source?: string;
  /** Only routes by this nexthop object. */
  nexthopId?: number;
}

const filterMembers = memberNames<Omit<RouteFilter, keyof ListOptions>>({
  family: true,
  table: true,
  dev: true,
  protocol: true,
  type: true,
  scope: true,
  to: true,
  via: true,
  metric: true,
  source: true,
  nexthopId: true,
});

/**
 * The routes of the table `main`, IPv4 before IPv6, or those that `filter` describes. `family`, `table`, `dev`, `protocol`
 * and `type` are filtered by the kernel.
 */
export function* listed(filter: RouteFilter = {}): Program<Listed<RouteMessage, Route>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const { table = 'main' } = filter;
  const number = table === 'all' ? undefined : inArgument('table', () => routeTable.valueOf(table));
  if (number !== undefined) inArgument('table', () => checkInteger(number, 1, 0xffffffff));
  const matches = predicate(filter);
  const selection: Selection = { family: routeFamilyNumber(filter.family) };
  if (number !== undefined) selection.table = number;
  if (filter.protocol !== undefined) selection.protocol = inArgument('protocol', () => routeProtocol.valueOf(filter.protocol!));
  if (filter.type !== undefined) selection.type = inArgument('type', () => routeType.valueOf(filter.type!));
  if (filter.dev !== undefined) selection.oif = (yield* resolveLinks([{ ref: filter.dev, argument: 'dev' }]))[0]!;
  const namesOf = rememberedLinkNames();
  return {
    ...selected(selection),
    *convert(wires) {
      return toRoutes(wires, yield* namesOf(indexesOf(wires)), matches);
    },
    interrupted: filter.interrupted,
  };
}

/** Number of a family; of none: AF_UNSPEC. @throws InputError */
export function routeFamilyNumber(family: RouteFamily | undefined): number {
  return family === 'mpls' ? AF_MPLS : familyNumber(family);
}

const matched = ['scope', 'via', 'to', 'metric', 'source', 'nexthopId'] as const;

/** What a message cannot be held against. */
function predicate(filter: RouteFilter): ((route: Route) => boolean) | undefined {
  if (matched.every((member) => filter[member] === undefined)) return undefined;
  const wantedScope = filter.scope === undefined ? undefined : inArgument('scope', () => scope.nameOf(scope.valueOf(filter.scope!)));
  const via = filter.via === undefined ? undefined : inArgument('via', () => formatAddress(parseAddress(filter.via)));
  const source = filter.source === undefined ? undefined : inArgument('source', () => formatAddress(parseAddress(filter.source)));
  const { metric, nexthopId } = filter;
  if (metric !== undefined) inArgument('metric', () => checkInteger(metric, 0, 0xffffffff));
  if (nexthopId !== undefined) inArgument('nexthopId', () => checkInteger(nexthopId, 1, 0xffffffff));
  let to: string | undefined;
  if (filter.to !== undefined && filter.to !== 'default' && filter.family !== 'mpls') {
    const prefix = network(filter.to, 'to', filter.family);
    to = `${formatAddress(prefix.bytes)}/${prefix.length}`;
    if (prefix.length === 0) to = 'default';
  } else to = filter.to;
  return (route) =>
    (wantedScope === undefined || route.scope === wantedScope) &&
    (via === undefined || route.via === via || route.nexthops?.some((path) => path.via === via) === true) &&
    (metric === undefined || route.metric === metric) &&
    (source === undefined || route.source === source) &&
    (nexthopId === undefined || route.nexthopId === nexthopId) &&
    (to === undefined || route.to === to);
}

interface Selection {
  family: number;
  table?: number;
  protocol?: number;
  type?: number;
  oif?: number;
}

/** The dump of what `selection` describes. */
function selected(selection: Selection): Omit<Listed<RouteMessage, Route>, 'convert'> {
  const { family, table, protocol, type, oif } = selection;
  const value: RouteMessageInput = { family };
  if (table !== undefined) value.table = table;
  if (protocol !== undefined) value.protocol = protocol;
  if (type !== undefined) value.type = type;
  if (oif !== undefined) value.oif = oif;
  return {
    request: { operation: getRoute, flags: 0, value, expects: 'dump', subject: 'routes', rename: renameRoutePath },
    // a table comes into being with its first route: to the kernel one without routes does not exist
    refused: (error) => (error instanceof NetlinkError && error.code === 'ENOENT' && table !== undefined ? undefined : error),
    // multicast routing answers to AF_UNSPEC too, and a kernel without strict checking ignores filters
    keep: (wire) =>
      (family === AF_UNSPEC ? wire.family === AF_INET || wire.family === AF_INET6 : wire.family === family) &&
      (table === undefined || tableOf(wire) === table) &&
      (protocol === undefined || wire.protocol === protocol) &&
      (type === undefined || wire.type === type) &&
      (oif === undefined || wire.oif === oif || wire.multipath?.some((path) => path.oif === oif) === true),
  };
}

function indexesOf(wires: readonly RouteMessage[]): Set<number> {
  const indexes = new Set<number>();
  for (const wire of wires) addRouteIndexes(indexes, wire);
  return indexes;
}

function toRoutes(wires: readonly RouteMessage[], names: ReadonlyMap<number, string>, matches?: (route: Route) => boolean): Route[] {
  const routes: Route[] = [];
  for (const wire of wires) {
    const route = toRoute(wire, names);
    if (route !== undefined && (matches === undefined || matches(route))) routes.push(route);
  }
  return routes;
}

export function* namedRoute(wire: RouteMessage): Program<Route> {
  return toRoutes([wire], yield* linkNames(indexesOf([wire])))[0]!;
}

/** The stored route that has what `wanted` says. */
export function* stored(wanted: RouteMessageInput): Program<RouteMessage | undefined> {
  const selection: Selection = { family: wanted.family!, table: wanted.table ?? wanted.headerTable! };
  if (wanted.type !== undefined) selection.type = wanted.type;
  if (wanted.protocol !== undefined) selection.protocol = wanted.protocol;
  if (wanted.oif !== undefined) selection.oif = wanted.oif;
  for (const wire of yield* messages(selected(selection))) if (sameRoute(wanted, wire)) return wire;
  return undefined;
}

/** A route message with its bytes, which have what netloom has no declaration for, in the kernel's own order. */
export interface MessageWithBytes {
  readonly wire: RouteMessage;
  readonly body: Uint8Array;
}

const withBytes: Codec<MessageWithBytes> = codec<MessageWithBytes>('route message', {
  decode: (bytes, offset, length) => ({ wire: routeMessage.decode(bytes, offset, length), body: copyBytes(bytes, offset, length) }),
  encode() {
    throw new TypeError('for reading');
  },
});

/** The messages of the routes that `filter` describes, byte for byte. */
export function* bodies(filter?: RouteFilter): Program<Uint8Array[]> {
  const { request, keep, refused, convert, interrupted } = yield* listed(filter);
  const found = yield* messages<MessageWithBytes>({
    request: { ...request, operation: { ...getRoute, reply: withBytes } },
    keep: ({ wire }) => keep?.(wire) !== false,
    ...(refused === undefined ? {} : { refused }),
    interrupted,
  });
  const wanted: Uint8Array[] = [];
  // one by one, as an unwanted route leaves no trace
  for (const { wire, body } of found) if ((yield* convert([wire])).length > 0) wanted.push(body);
  return wanted;
}
