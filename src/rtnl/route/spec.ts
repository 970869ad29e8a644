/** What callers say about routes that shall be, its checks, and the message that says it to the kernel. */
import {
  addressBits,
  addressFamily,
  canonicalAddress,
  formatAddress,
  type IpFamily,
  isNetwork,
  networkOf,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checked, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { AF_MPLS, familyNumber } from '../family.ts';
import type { LinkRef } from '../link/reference.ts';
import { type Scope, scope } from '../scope.ts';
import type { RouteEncap } from './encap/encap.ts';
import {
  type RouteFlag,
  type RoutePreference,
  type RouteProtocol,
  type RouteTable,
  type RouteType,
  routeFlags,
  routeProtocol,
  routeTable,
  routeType,
  settableRouteFlags,
} from './enumerations.ts';
import { maxLabel } from './labels.ts';
import type { RouteMessageInput } from './message.ts';
import type { RouteMetrics } from './metrics.ts';
import { type NexthopSpec, type PlannedLink, setPath } from './path.ts';
import { labelAddress, type Route, type RouteFamily } from './route.ts';

export type { NexthopSpec } from './path.ts';

/** A route that shall be. A member that is `undefined` is not sent. What a list returns is accepted. */
export interface RouteSpec extends CallOptions {
  /** `'default'`, or a network: `10.0.0.0/24`; without a length, the one address. MPLS: the label: `'100'`. */
  to: string;
  /** Default: that of the addresses given; IPv4 for `'default'` without any. MPLS must be said. */
  family?: RouteFamily;
  /** Default: `unicast`. */
  type?: RouteType;
  /** Gateway. An IPv4 route may have an IPv6 gateway, an MPLS route one of either family. */
  via?: string;
  /** MPLS: the labels that take the place of the one that is routed, the outermost first. Default: it is taken off. */
  as?: readonly number[];
  /** Link that packets leave by. */
  dev?: LinkRef;
  /** Index of that link, where `dev` is not given. */
  devIndex?: number;
  /** Default: `main`; `local` for the types `local`, `broadcast`, `anycast` and `nat`. */
  table?: RouteTable;
  /** The lower, the better. The kernel makes it 1024 for IPv6 when it is left out or 0. */
  metric?: number;
  /**
   * IPv4. Default: as ip-route(8): `host` for the types `local` and `nat`, `link` for `broadcast`, `multicast` and
   * `anycast` and for `unicast` without a gateway, else `global`. An IPv6 route has none.
   */
  scope?: Scope;
  /** Default: `boot`, as ip-route(8). */
  protocol?: RouteProtocol;
  /** Address that packets leave with unless they have one. */
  source?: string;
  /** IPv6: only packets from this network. */
  from?: string;
  /** IPv4: only packets of this type of service; its DSCP is the upper six bits. Default: all that no other route is for. */
  tos?: number;
  /** The paths of a multipath route, instead of `via` and `dev`. */
  nexthops?: readonly NexthopSpec[];
  /** Id of a nexthop object; `via`, `dev` and `nexthops` are then not sent. */
  nexthopId?: number;
  /** What is known of the way: `mtu`, `advmss`, `initcwnd`, … Source: ip-route(8). */
  metrics?: RouteMetrics;
  /** `onlink`, `pervasive`. The others are the kernel's and are ignored. */
  flags?: readonly RouteFlag[];
  /** IPv6: seconds until the route is removed. */
  expires?: number;
  /** IPv6: preference of the router, RFC 4191. */
  pref?: RoutePreference;
  /** Realms, as one number: from in the upper 16 bits, to in the lower. */
  realms?: number;
  /** A tunnel that packets go through. */
  encap?: RouteEncap;
  /** MPLS: whether the time to live goes over between label and packet. Default: the sysctl net.mpls.ip_ttl_propagate. */
  ttlPropagate?: boolean;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const members = memberNames<Omit<RouteSpec, keyof CallOptions>>({
  to: true,
  family: true,
  type: true,
  via: true,
  as: true,
  dev: true,
  devIndex: true,
  table: true,
  metric: true,
  scope: true,
  protocol: true,
  source: true,
  from: true,
  tos: true,
  nexthops: true,
  nexthopId: true,
  metrics: true,
  flags: true,
  expires: true,
  pref: true,
  realms: true,
  encap: true,
  ttlPropagate: true,
  unknown: true,
});

/** Members of a {@link Route} that are read only. */
const readOnly = memberNames<Omit<Route, keyof RouteSpec>>({ iif: true, mark: true, uid: true });

/** rtm_dst_len of a label. */
const labelBits = 20;

/** A checked route and the links that its message needs the indexes of, in the order in which {@link routeWire} takes them. */
export interface RoutePlan {
  readonly family: RouteFamily;
  readonly wire: RouteMessageInput;
  readonly links: readonly PlannedLink[];
  readonly subject: string;
}

/**
 * Checks `spec` and makes the message of it, but for indexes of links.
 *
 * @param deleting says only what is given: a route is deleted by what it matches
 * @throws InputError naming the member that is wrong
 */
export function planRoute(spec: RouteSpec, deleting = false): RoutePlan {
  checkOptions(spec, 'spec', members, readOnly);
  if (spec.family === 'mpls') return planMplsRoute(spec, deleting);
  if (spec.family !== undefined) familyNumber(spec.family);
  const prefix = spec.to === 'default' ? undefined : network(spec.to, 'to', spec.family);
  const family = prefix?.family ?? spec.family ?? familyOfOthers(spec) ?? 'inet';
  const from = spec.from === undefined ? undefined : sourceNetwork(spec.from, family);
  const type = spec.type === undefined ? undefined : checked('type', routeType.valueOf, spec.type);
  const protocol = spec.protocol === undefined ? undefined : checked('protocol', routeProtocol.valueOf, spec.protocol);
  const table = spec.table === undefined ? defaultTable(type) : checked('table', routeTable.valueOf, spec.table);
  const all = prefix === undefined || prefix.length === 0;
  // made in one go: objects that grow take twice the memory, and routes are made by the hundred thousand
  const wire = header({
    family: familyNumber(family),
    dst: all ? undefined : canonicalAddress(prefix),
    dstLength: all ? undefined : prefix.length,
    type: type ?? (deleting ? undefined : routeType.values.unicast),
    protocol: protocol ?? (deleting ? undefined : routeProtocol.values.boot),
    headerTable: undefined,
    scope: spec.scope === undefined ? defaultScope(spec, family, type, deleting) : checked('scope', scope.valueOf, spec.scope),
    oif: undefined,
  });
  setTable(wire, table);
  if (from !== undefined) {
    wire.src = formatAddress(from.bytes);
    wire.srcLength = from.length;
  }
  if (spec.tos !== undefined) {
    checkRange(spec.tos, 'tos', 0, 0xff);
    wire.tos = spec.tos;
  }
  if (spec.metric !== undefined) wire.priority = spec.metric;
  if (spec.source !== undefined) wire.prefsrc = addressOf(spec.source, 'source', family);
  if (spec.metrics !== undefined) wire.metrics = spec.metrics;
  if (spec.flags !== undefined) {
    const bits = checked('flags', routeFlags.valueOf, spec.flags) & settableRouteFlags;
    if (bits !== 0) wire.flags = bits;
  }
  if (spec.expires !== undefined && !deleting) wire.expires = seconds(spec.expires);
  if (spec.pref !== undefined && !deleting) wire.pref = spec.pref;
  if (spec.realms !== undefined) wire.flow = spec.realms;
  if (spec.ttlPropagate !== undefined) wire.ttlPropagate = spec.ttlPropagate;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  const links = spec.nexthopId === undefined ? setPath(wire, spec, family) : noLinks;
  if (spec.nexthopId !== undefined) wire.nexthopId = spec.nexthopId;
  if (!deleting && wire.type === routeType.values.unicast && goesNowhere(spec))
    throw new InputError('dev', 'is needed, or `via`, `nexthops` or `nexthopId`: where packets go next');
  return { family, wire, links, subject: spec.to };
}

type HeaderMember = 'family' | 'dst' | 'dstLength' | 'type' | 'protocol' | 'headerTable' | 'scope' | 'oif';

/** Members that are `undefined` are as good as absent, to the encoder and to comparisons. */
function header(members: { [K in HeaderMember]: RouteMessageInput[K] | undefined }): RouteMessageInput {
  return members as RouteMessageInput;
}

const noLinks: readonly PlannedLink[] = [];

function sourceNetwork(text: string, family: IpFamily): Prefix {
  if (family === 'inet') throw new InputError('from', 'only IPv6 routes have a source network; an IPv4 one takes a rule');
  return network(text, 'from', family);
}

/** What an IP route has and an MPLS route has not. */
const ipOnly = ['from', 'source', 'tos', 'metric', 'metrics', 'pref', 'expires', 'realms', 'nexthopId', 'encap'] as const;

/** A route of labels: a header that is always the same, and paths. */
function planMplsRoute(spec: RouteSpec, deleting: boolean): RoutePlan {
  const label = typeof spec.to === 'string' && /^\d{1,7}$/.test(spec.to) ? Number(spec.to) : undefined;
  if (label === undefined) throw new InputError('to', `expected a label such as "100", got ${show(spec.to)}`);
  inArgument('to', () => checkInteger(label, 0, maxLabel));
  for (const member of ipOnly) if (spec[member] !== undefined) throw new InputError(member, 'is nothing that an MPLS route has');
  const table = spec.table === undefined ? routeTable.values.main : checked('table', routeTable.valueOf, spec.table);
  const type = spec.type === undefined ? routeType.values.unicast : checked('type', routeType.valueOf, spec.type);
  if (table !== routeTable.values.main) throw new InputError('table', 'MPLS has one table, main');
  if (type !== routeType.values.unicast) throw new InputError('type', 'an MPLS route is unicast');
  const wire: RouteMessageInput = { family: AF_MPLS, dst: labelAddress(label), dstLength: labelBits, headerTable: table, type };
  if (spec.protocol !== undefined) wire.protocol = checked('protocol', routeProtocol.valueOf, spec.protocol);
  else if (!deleting) wire.protocol = routeProtocol.values.boot;
  if (spec.flags !== undefined) checked('flags', routeFlags.valueOf, spec.flags);
  if (spec.ttlPropagate !== undefined) wire.ttlPropagate = spec.ttlPropagate;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  const links = setPath(wire, spec, 'mpls');
  if (!deleting && goesNowhere(spec)) throw new InputError('dev', 'is needed, or `via` or `nexthops`: where packets go next');
  return { family: 'mpls', wire, links, subject: `label ${spec.to}` };
}

/** The kernel says ENODEV, and no more. What is unknown here may be such a path. */
function goesNowhere({ via, dev, devIndex, nexthops, nexthopId, unknown }: RouteSpec): boolean {
  return (via ?? dev ?? devIndex ?? nexthops ?? nexthopId ?? unknown) === undefined;
}

/** The message of a plan. `indexes` belong to `plan.links`. */
export function routeWire(plan: RoutePlan, indexes: readonly number[]): RouteMessageInput {
  plan.links.forEach(({ set }, i) => {
    set(indexes[i]!);
  });
  return plan.wire;
}

/** For `'default'`, which is of either family. An IPv6 gateway speaks for IPv6 only when nothing says IPv4. */
function familyOfOthers(spec: RouteSpec): IpFamily | undefined {
  const texts: unknown[] = [spec.source, typeof spec.from === 'string' ? spec.from.replace(/\/.*$/, '') : undefined, spec.via];
  if (Array.isArray(spec.nexthops)) for (const path of spec.nexthops as readonly NexthopSpec[]) texts.push(path?.via);
  for (const text of texts) {
    const family = typeof text === 'string' ? addressFamily(text) : undefined;
    if (family !== undefined) return family;
  }
  return undefined;
}

/** A network of a family. @throws InputError naming `argument`, also when host bits are set */
export function network(text: string, argument: string, family: IpFamily | undefined): Prefix {
  const prefix = checked(argument, parsePrefix, text);
  if (family !== undefined && prefix.family !== family)
    throw new InputError(argument, `${show(text)} is an ${prefix.family} address, the route is ${family}`);
  if (!isNetwork(prefix)) {
    throw new InputError(
      argument,
      `${show(text)} has bits set beyond its length; the network is ${show(`${networkOf(prefix).address}/${prefix.length}`)}`,
    );
  }
  return prefix;
}

/** An address of a family in the kernel's spelling. @throws InputError naming `argument` */
export function addressOf(text: string, argument: string, family: IpFamily): string {
  const bytes = checked(argument, parseAddress, text);
  if (bytes.length * 8 !== addressBits(family)) throw new InputError(argument, `${show(text)} is not an ${family} address as the route is`);
  return formatAddress(bytes);
}

function defaultTable(type: number | undefined): number {
  const { local, broadcast, anycast, nat } = routeType.values;
  return type === local || type === broadcast || type === anycast || type === nat ? routeTable.values.local : routeTable.values.main;
}

/** Tables above 255 need an attribute; where the header will do, ip(8) uses that. */
export function setTable(wire: RouteMessageInput, table: number): void {
  checkRange(table, 'table', 1, 0xffffffff);
  if (table < 256) wire.headerTable = table;
  else wire.table = table;
}

/** As iproute_modify() in ip/iproute.c of iproute2. */
function defaultScope(spec: RouteSpec, family: IpFamily, type: number | undefined, deleting: boolean): number {
  const { local, nat, broadcast, multicast, anycast, unicast, unspec } = routeType.values;
  if (family === 'inet6') return scope.values.global;
  if (type === local || type === nat) return scope.values.host;
  if (type === broadcast || type === multicast || type === anycast) return scope.values.link;
  if (type === undefined || type === unicast || type === unspec) {
    if (deleting) return scope.values.nowhere;
    if (spec.via === undefined && spec.nexthops === undefined && spec.nexthopId === undefined) return scope.values.link;
  }
  return scope.values.global;
}

/** Apart from its callers: a closure makes every call of theirs allocate what it captures. */
function checkRange(value: number, argument: string, minimum: number, maximum: number): void {
  inArgument(argument, () => checkInteger(value, minimum, maximum));
}

function seconds(value: number): number {
  if (typeof value !== 'number' || !(value >= 0) || value > 0xffffffff)
    throw new InputError('expires', `expected seconds, got ${show(value)}`, 'ERR_OUT_OF_RANGE');
  // what a list returns has fractions, what the kernel takes has not
  return Math.ceil(value);
}

const renames: Readonly<Record<string, string>> = {
  dst: 'to',
  src: 'from',
  gateway: 'via',
  oif: 'dev',
  prefsrc: 'source',
  priority: 'metric',
  multipath: 'nexthops',
  headerTable: 'table',
  flow: 'realms',
  encapType: 'encap',
  newdst: 'as',
};

/** From the path of an attribute in a route message to what callers call it. */
export function renameRoutePath(path: string): string {
  return path.replace(/[a-z]+/gi, (word) => (Object.hasOwn(renames, word) ? renames[word]! : word)).replace('nexthops.[', 'nexthops[');
}
