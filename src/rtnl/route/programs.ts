/** What can be done with routes. Source: rtnetlink(7), ip-route(8). */
import { listing, streaming } from '../../netlink/dump.ts';
import { NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { askEach, once, type Program, type RequestStep } from '../../netlink/program.ts';
import { resolveLinks } from '../link/reference.ts';
import { lookup } from './lookup.ts';
import { deleteRoute, newRoute, type RouteMessage, type RouteMessageInput, type RouteOperation } from './message.ts';
import { multicast } from './multicast.ts';
import { listed, namedRoute, type RouteFilter, stored } from './read.ts';
import type { Route } from './route.ts';
import { planRoute, type RoutePlan, type RouteSpec, renameRoutePath, routeWire } from './spec.ts';
import { restore, save, saveBytes } from './transfer.ts';

export type { LookupOptions } from './lookup.ts';
export type { RouteFilter } from './read.ts';
export type { RouteSpec } from './spec.ts';

/** Looks up the links of `spec` and makes its message. */
function* prepared(spec: RouteSpec, deleting = false): Program<RouteMessageInput> {
  const plan = planRoute(spec, deleting);
  return plan.links.length === 0 ? plan.wire : routeWire(plan, yield* resolveLinks(plan.links));
}

/** To be yielded as it is: a program within a program is one more thing to keep for each route. */
function change(operation: RouteOperation, flags: number, spec: RouteSpec, value: RouteMessageInput): RequestStep {
  return { op: 'request', request: changeRequest(operation, flags, spec, value) };
}

function changeRequest(operation: RouteOperation, flags: number, spec: RouteSpec, value: RouteMessageInput): Request<RouteMessage, 'ack'> {
  return { operation, flags, value, expects: 'ack', subject: describeRoute(spec), rename: renameRoutePath };
}

/** Makes a change of one message. Where no link is to be looked up first, that is all there is to it: routes come by the hundred thousand. */
function changing(operation: RouteOperation, flags: number, spec: RouteSpec, deleting = false): Program<void> {
  const plan = planRoute(spec, deleting);
  return plan.links.length === 0 ? once(changeRequest(operation, flags, spec, plan.wire)) : changingResolved(operation, flags, spec, plan);
}

function* changingResolved(operation: RouteOperation, flags: number, spec: RouteSpec, plan: RoutePlan): Program<void> {
  yield change(operation, flags, spec, routeWire(plan, yield* resolveLinks(plan.links)));
}

/** A route as errors name it: `10.0.0.0/24 via 10.0.0.1`. */
function describeRoute(spec: RouteSpec): string {
  return spec.via === undefined ? spec.to : `${spec.to} via ${spec.via}`;
}

function create(spec: RouteSpec): Program<void> {
  return changing(newRoute, NLM_F_CREATE | NLM_F_EXCL, spec);
}

function append(spec: RouteSpec): Program<void> {
  return changing(newRoute, NLM_F_CREATE | NLM_F_APPEND, spec);
}

function prepend(spec: RouteSpec): Program<void> {
  return changing(newRoute, NLM_F_CREATE, spec);
}

function replaceExisting(spec: RouteSpec): Program<void> {
  return changing(newRoute, NLM_F_REPLACE, spec);
}

function replace(spec: RouteSpec): Program<void> {
  return changing(newRoute, NLM_F_CREATE | NLM_F_REPLACE, spec);
}

function remove(spec: RouteSpec): Program<void> {
  return changing(deleteRoute, 0, spec, true);
}

function* ensureAbsent(spec: RouteSpec): Program<void> {
  try {
    yield* remove(spec);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    // IPv6 says ENODEV or ENOENT in some cases where IPv4 says ESRCH
    if (!(error instanceof NetlinkError) || (error.code !== 'ESRCH' && error.code !== 'ENOENT')) throw error;
  }
}

function* ensure(spec: RouteSpec): Program<void> {
  const value = yield* prepared(spec);
  try {
    yield change(newRoute, NLM_F_CREATE | NLM_F_EXCL, spec, value);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    if ((yield* stored(value)) === undefined) yield change(newRoute, NLM_F_CREATE | NLM_F_REPLACE, spec, value);
  }
}

function* get(spec: RouteSpec): Program<Route> {
  const found = yield* stored(yield* prepared(spec, true));
  if (found === undefined) throw new NotFoundError('to', `route ${describeRoute(spec)}`, 'ESRCH');
  return yield* namedRoute(found);
}

const list = listing(listed);

function* flush(filter: RouteFilter = {}): Program<number> {
  const routes = (yield* list(filter)).filter((route) => route.protocol !== 'kernel' || filter.protocol === 'kernel');
  const requests = routes.map((route) => ({
    operation: deleteRoute,
    flags: 0,
    value: deletion(route),
    expects: 'ack' as const,
    subject: describeRoute(route),
  }));
  let deleted = 0;
  for (const outcome of requests.length === 0 ? [] : yield* askEach(requests)) {
    if (outcome.ok) deleted++;
    // gone already: somebody else was faster, or another route took it along
    else if (!['ESRCH', 'ENOENT'].includes((outcome.error as NodeJS.ErrnoException).code ?? '')) throw outcome.error;
  }
  return deleted;
}

/** The message that deletes a listed route: by index, as a name may be given to another link meanwhile. */
function deletion(route: Route): RouteMessageInput {
  const { dev: _dev, encap: _encap, ...rest } = route;
  const nexthops = rest.nexthops?.map(({ dev: _pathDev, encap: _pathEncap, ...path }) => path);
  return planRoute(nexthops === undefined ? rest : { ...rest, nexthops }, true).wire;
}

/** The programs of {@link RtnlClient.routes}. */
export const routePrograms = {
  /**
   * The routes of the table `main`, IPv4 before IPv6, or those that `filter` describes. `family`, `table`, `dev`, `protocol`
   * and `type` are filtered by the kernel.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` does not exist
   */
  list,

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * The first route of a table that has what `spec` says; what it does not say may be anything. Reads the routes of the table: for where a
   * packet goes, ask `lookup`.
   *
   * @throws NotFoundError `ESRCH` when there is none
   */
  get,

  /**
   * Where a packet to `address` goes: what `ip route get` answers.
   *
   * @throws NetlinkError `ENETUNREACH`, `EHOSTUNREACH`, `EACCES` or `EINVAL` when it goes nowhere, by the type of the route
   * @throws NotFoundError when `iif` or `oif` does not exist
   */
  lookup,

  /** The routes of multicast routing, IPv4 before IPv6. A kernel without multicast routing has none. @throws InputError for a bad filter */
  multicast,

  /**
   * Adds a route.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when `dev` does not exist
   * @throws NetlinkError `EEXIST` when the table has a route to `to` with this metric and tos
   */
  create,

  /** Adds a route after those to the same network with the same metric. IPv6: makes a multipath route of them. */
  append,

  /** Adds a route before those to the same network with the same metric. IPv6: as `append`. */
  prepend,

  /** Adds a route, or puts it in the place of the first one to the same network with the same metric and tos. */
  replace,

  /**
   * Puts a route in the place of the first one to the same network with the same metric and tos.
   *
   * @throws NetlinkError `ENOENT` when there is none
   */
  change: replaceExisting,

  /**
   * Deletes the first route that has what `spec` says; what it does not say may be anything.
   *
   * @throws NetlinkError `ESRCH` when there is none
   */
  delete: remove,

  /**
   * Adds a route. If its table has one to the same network with the same metric, that must have what `spec` says, or is
   * replaced; nothing is changed when it has.
   */
  ensure,

  /** Deletes the first route that has what `spec` says, if there is one. A link that does not exist has no routes. */
  ensureAbsent,

  /**
   * Deletes the routes that `filter` describes: by default those of the table `main`, but for the kernel's own (`protocol` `kernel`), which go
   * only when the filter asks for them.
   *
   * @returns how many
   */
  flush,

  /**
   * The routes that `filter` describes, by default those of the table `main`, as plain data: `JSON.stringify` and `JSON.parse` give it back.
   *
   * @throws InputError for a bad filter, NotFoundError when `dev` does not exist
   */
  save,

  /**
   * The same as the bytes that `ip route save` writes and `ip route restore` reads. Links are in them by index.
   *
   * @throws InputError for a bad filter, NotFoundError when `dev` does not exist
   */
  saveBytes,

  /**
   * Adds saved routes, those on links before those by gateways; a route that is there already is passed over. If one is refused, those that
   * were added are deleted again.
   *
   * `saved` is what `save` or `list` returned, or the bytes of `saveBytes` or of `ip route save`.
   *
   * @returns how many were added
   * @throws InputError naming the route (`saved[3].via`), before anything is sent
   * @throws NotFoundError, NetlinkError for the first route that is refused
   */
  restore,
} as const;
