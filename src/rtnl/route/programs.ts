/** What can be done with routes. Source: rtnetlink(7), ip-route(8). */
import { addressBits, formatAddress, type IpFamily, parseAddress, parsePrefix } from '../../netlink/address.ts';
import { type Listed, type ListOptions, listing, listMembers, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program, type RequestStep } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { AF_INET, AF_INET6, familyNumber } from '../family.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { type LinkRef, type Named, resolveLinks } from '../link/reference.ts';
import { type Scope, scope } from '../scope.ts';
import {
  type RouteProtocol,
  type RouteTable,
  type RouteType,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  routeProtocol,
  routeTable,
  routeType,
} from './enumerations.ts';
import { deleteRoute, getRoute, newRoute, type RouteMessage, type RouteMessageInput, type RouteOperation } from './message.ts';
import { addRouteIndexes, type Route, tableOf, toRoute } from './route.ts';
import { sameRoute } from './same.ts';
import { addressOf, network, planRoute, type RouteSpec, renameRoutePath, routeWire } from './spec.ts';

export type { RouteSpec } from './spec.ts';

/** Which routes to list. */
export interface RouteFilter extends ListOptions {
  /** Default: both. */
  family?: IpFamily;
  /** Default: `main`. */
  table?: RouteTable | 'all';
  /** Only routes that leave by this link. */
  dev?: LinkRef;
  protocol?: RouteProtocol;
  type?: RouteType;
  scope?: Scope;
  /** Only routes to exactly this network. */
  to?: string;
  /** Only routes with this gateway. */
  via?: string;
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
});

/** What may decide where a packet goes, besides its destination. */
export interface LookupOptions extends CallOptions {
  /** Source address of the packet. */
  from?: string;
  /** Link that the packet came in by. */
  iif?: LinkRef;
  /** Link that the packet is to leave by. */
  oif?: LinkRef;
  mark?: number;
  uid?: number;
  tos?: number;
  /** IPPROTO_*. */
  ipProto?: number;
  /** Source port. */
  sport?: number;
  /** Destination port. */
  dport?: number;
  /** Answer with the route that matches as it is in its table. Default: with what applies to this packet. */
  fibMatch?: boolean;
}

const lookupMembers = memberNames<Omit<LookupOptions, keyof CallOptions>>({
  from: true,
  iif: true,
  oif: true,
  mark: true,
  uid: true,
  tos: true,
  ipProto: true,
  sport: true,
  dport: true,
  fibMatch: true,
});

/**
 * The routes of the table `main`, IPv4 before IPv6, or those that `filter` describes. `family`, `table`, `dev`, `protocol`
 * and `type` are filtered by the kernel.
 *
 * @throws InputError for a bad filter
 * @throws NotFoundError when `dev` does not exist
 */
function* listed(filter: RouteFilter = {}): Program<Listed<RouteMessage, Route>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const { table = 'main' } = filter;
  const number = table === 'all' ? undefined : inArgument('table', () => routeTable.valueOf(table));
  if (number !== undefined) inArgument('table', () => checkInteger(number, 1, 0xffffffff));
  const matches = predicate(filter);
  const selection: Selection = { family: familyNumber(filter.family) };
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

/** What a message cannot be held against. */
function predicate(filter: RouteFilter): ((route: Route) => boolean) | undefined {
  if (filter.scope === undefined && filter.via === undefined && filter.to === undefined) return undefined;
  const wantedScope = filter.scope === undefined ? undefined : inArgument('scope', () => scope.nameOf(scope.valueOf(filter.scope!)));
  const via = filter.via === undefined ? undefined : inArgument('via', () => formatAddress(parseAddress(filter.via)));
  let to: string | undefined;
  if (filter.to !== undefined && filter.to !== 'default') {
    const prefix = network(filter.to, 'to', filter.family);
    to = `${formatAddress(prefix.bytes)}/${prefix.length}`;
    if (prefix.length === 0) to = 'default';
  } else to = filter.to;
  return (route) =>
    (wantedScope === undefined || route.scope === wantedScope) &&
    (via === undefined || route.via === via || route.nexthops?.some((path) => path.via === via) === true) &&
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
      (family === 0 ? wire.family === AF_INET || wire.family === AF_INET6 : wire.family === family) &&
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

function* namedRoute(wire: RouteMessage): Program<Route> {
  return toRoutes([wire], yield* linkNames(indexesOf([wire])))[0]!;
}

/** Looks up the links of `spec` and makes its message. */
function* prepared(spec: RouteSpec, deleting = false): Program<RouteMessageInput> {
  const plan = planRoute(spec, deleting);
  return routeWire(plan, yield* resolveLinks(plan.links));
}

/** To be yielded as it is: routes are created by the hundred thousand, and a program within a program is one more thing to keep for each. */
function change(operation: RouteOperation, flags: number, spec: RouteSpec, value: RouteMessageInput): RequestStep {
  return { op: 'request', request: { operation, flags, value, expects: 'ack', subject: describeRoute(spec), rename: renameRoutePath } };
}

/** A route as errors name it: `10.0.0.0/24 via 10.0.0.1`. */
function describeRoute(spec: RouteSpec): string {
  return spec.via === undefined ? spec.to : `${spec.to} via ${spec.via}`;
}

/**
 * Adds a route.
 *
 * @throws InputError for a bad member, before anything is sent
 * @throws NotFoundError when `dev` does not exist
 * @throws NetlinkError `EEXIST` when the table has a route to `to` with this metric and tos
 */
function* create(spec: RouteSpec): Program<void> {
  yield change(newRoute, NLM_F_CREATE | NLM_F_EXCL, spec, yield* prepared(spec));
}

/** Adds a route after those to the same network with the same metric. IPv6: makes a multipath route of them. */
function* append(spec: RouteSpec): Program<void> {
  yield change(newRoute, NLM_F_CREATE | NLM_F_APPEND, spec, yield* prepared(spec));
}

/** Adds a route, or puts it in the place of the first one to the same network with the same metric and tos. */
function* replace(spec: RouteSpec): Program<void> {
  yield change(newRoute, NLM_F_CREATE | NLM_F_REPLACE, spec, yield* prepared(spec));
}

/**
 * Deletes the first route that has what `spec` says; what it does not say may be anything.
 *
 * @throws NetlinkError `ESRCH` when there is none
 */
function* remove(spec: RouteSpec): Program<void> {
  yield change(deleteRoute, 0, spec, yield* prepared(spec, true));
}

/** Deletes the first route that has what `spec` says, if there is one. A link that does not exist has no routes. */
function* ensureAbsent(spec: RouteSpec): Program<void> {
  try {
    yield* remove(spec);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    // IPv6 says ENODEV or ENOENT in some cases where IPv4 says ESRCH
    if (!(error instanceof NetlinkError) || (error.code !== 'ESRCH' && error.code !== 'ENOENT')) throw error;
  }
}

/**
 * Adds a route. If its table has one to the same network with the same metric, that must have what `spec` says, or is
 * replaced; nothing is changed when it has.
 */
function* ensure(spec: RouteSpec): Program<void> {
  const value = yield* prepared(spec);
  try {
    yield change(newRoute, NLM_F_CREATE | NLM_F_EXCL, spec, value);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    if ((yield* stored(value)) === undefined) yield change(newRoute, NLM_F_CREATE | NLM_F_REPLACE, spec, value);
  }
}

/**
 * The first route of a table that has what `spec` says; what it does not say may be anything. Reads the routes of the table: for where a
 * packet goes, ask `lookup`.
 *
 * @throws NotFoundError `ESRCH` when there is none
 */
function* get(spec: RouteSpec): Program<Route> {
  const found = yield* stored(yield* prepared(spec, true));
  if (found === undefined) throw new NotFoundError('to', `route ${describeRoute(spec)}`, 'ESRCH');
  return yield* namedRoute(found);
}

/** The stored route that has what `wanted` says. */
function* stored(wanted: RouteMessageInput): Program<RouteMessage | undefined> {
  const selection: Selection = { family: wanted.family!, table: wanted.table ?? wanted.headerTable! };
  if (wanted.type !== undefined) selection.type = wanted.type;
  if (wanted.protocol !== undefined) selection.protocol = wanted.protocol;
  if (wanted.oif !== undefined) selection.oif = wanted.oif;
  for (const wire of yield* messages(selected(selection))) if (sameRoute(wanted, wire)) return wire;
  return undefined;
}

/**
 * Where a packet to `address` goes: what `ip route get` answers.
 *
 * @throws NetlinkError `ENETUNREACH`, `EHOSTUNREACH`, `EACCES` or `EINVAL` when it goes nowhere, by the type of the route
 * @throws NotFoundError when `iif` or `oif` does not exist
 */
function* lookup(address: string, options: LookupOptions = {}): Program<Route> {
  checkOptions(options, 'options', lookupMembers);
  checkBoolean(options.fibMatch, 'fibMatch');
  const { family, bytes, length } = inArgument('address', () => parsePrefix(address));
  if (length !== addressBits(family)) throw new InputError('address', `expected an address without a length, got ${show(address)}`);
  const value: RouteMessageInput = { family: familyNumber(family), dst: formatAddress(bytes), dstLength: length };
  // IPv6 always says the table, and refuses the flag
  value.flags = (family === 'inet' ? RTM_F_LOOKUP_TABLE : 0) | (options.fibMatch === true ? RTM_F_FIB_MATCH : 0);
  if (options.from !== undefined) {
    value.src = addressOf(options.from, 'from', family);
    value.srcLength = length;
  }
  if (options.tos !== undefined) {
    inArgument('tos', () => checkInteger(options.tos, 0, 0xff));
    value.tos = options.tos;
  }
  for (const member of ['mark', 'uid', 'ipProto', 'sport', 'dport'] as const) {
    const given = options[member];
    if (given !== undefined) value[member] = given;
  }
  const links: (Named & { member: 'iif' | 'oif' })[] = [];
  for (const member of ['iif', 'oif'] as const) {
    const ref = options[member];
    if (ref !== undefined) links.push({ ref, argument: member, member });
  }
  const indexes = yield* resolveLinks(links);
  links.forEach(({ member }, i) => {
    value[member] = indexes[i]!;
  });
  const wire = yield* ask({
    operation: getRoute,
    flags: 0,
    value,
    expects: 'reply' as const,
    subject: `lookup of ${address}`,
    rename: renameLookupPath,
  });
  return yield* namedRoute(wire);
}

function renameLookupPath(path: string): string {
  return path === 'dst' ? 'address' : path === 'src' ? 'from' : path;
}

/** The programs of {@link RtnlClient.routes}. */
export const routePrograms = {
  list: listing(listed),
  stream: streaming(listed),
  get,
  lookup,
  create,
  append,
  replace,
  delete: remove,
  ensure,
  ensureAbsent,
} as const;
