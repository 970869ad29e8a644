/**
 * Saving routes and restoring them: as plain data that survives JSON, and as the bytes of `ip route save`: a magic number, then the kernel's
 * messages one after another. Source: iproute2, ip/iproute.c; ip-route(8) "save", "restore".
 */
import { listing } from '../../netlink/dump.ts';
import { InputError, MalformedMessageError, NetlinkError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_MULTI, NLMSG_DONE, NLMSG_HDRLEN, readU16, readU32, writeHeader } from '../../netlink/message.ts';
import type { Outcome, Program } from '../../netlink/program.ts';
import { askEach } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { resolveLinks } from '../link/reference.ts';
import { undoing } from '../undo.ts';
import { deleteRoute, newRoute, type RouteMessage, type RouteMessageInput, routeMessage } from './message.ts';
import { bodies, listed, type RouteFilter } from './read.ts';
import { type Route, toRoute } from './route.ts';
import { planRoute, renameRoutePath, routeWire } from './spec.ts';

/** What a saved file starts with. */
const magic = 0x45311224;

/** Bytes in plain data. */
interface Hex {
  hex: string;
}

/** A route as JSON can hold it: bytes are `{ hex: '0a0b' }`. */
export type SavedRoute = { [K in keyof Route]: Plain<Route[K]> };
type Plain<T> = T extends Uint8Array
  ? Hex
  : T extends readonly (infer E)[]
    ? Plain<E>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;

/** The routes that `filter` describes, by default those of the table `main`, as plain data: `JSON.stringify` and `JSON.parse` give it back. */
export function* save(filter?: RouteFilter): Program<SavedRoute[]> {
  return (yield* listing(listed)(filter)).map((route) => plain(route) as SavedRoute);
}

/** The same as the bytes that `ip route save` writes and `ip route restore` reads. Links are in them by index. */
export function* saveBytes(filter?: RouteFilter): Program<Uint8Array> {
  // the kernel's own bytes: what netloom has no declaration for is in them as well
  const found = yield* bodies(filter);
  const size = found.reduce((sum, body) => sum + NLMSG_HDRLEN + align(body.length), 4);
  const saved = Buffer.alloc(size);
  saved.writeUInt32LE(magic, 0);
  let at = 4;
  for (const body of found) {
    writeHeader(saved, at, NLMSG_HDRLEN + body.length, newRoute.type, NLM_F_MULTI, 0);
    saved.set(body, at + NLMSG_HDRLEN);
    at += NLMSG_HDRLEN + align(body.length);
  }
  return new Uint8Array(saved);
}

/**
 * The routes in a file that `ip route save` or `saveBytes` wrote; links by their index, as there.
 *
 * @throws InputError `ERR_INVALID_ARG_VALUE` naming `saved` when it is no such file
 */
export function readSavedRoutes(saved: Uint8Array): Route[] {
  return readMessages(saved).flatMap((wire) => toRoute(wire, new Map()) ?? []);
}

/**
 * Adds saved routes, those on links before those by gateways; a route that is there already is passed over. If one is refused, those that
 * were added are deleted again.
 */
export function* restore(saved: Uint8Array | readonly (Route | SavedRoute)[]): Program<number> {
  if (!(saved instanceof Uint8Array) && !Array.isArray(saved))
    throw new InputError('saved', `expected saved routes or their bytes, got ${show(saved)}`, 'ERR_INVALID_ARG_TYPE');
  const routes = saved instanceof Uint8Array ? readSavedRoutes(saved) : saved.map((route) => revived(route) as Route);
  const plans = routes.map((route, i) => inArgument(`saved[${i}]`, () => planRoute(route)));
  const links = plans.flatMap((plan, i) => plan.links.map((link) => ({ ...link, argument: `saved[${i}].${link.argument}` })));
  const indexes = yield* resolveLinks(links);
  let at = 0;
  const values = plans.map((plan, i) => {
    const wire = routeWire(plan, indexes.slice(at, at + plan.links.length));
    at += plan.links.length;
    return { value: wire, subject: plan.subject, pass: passOf(routes[i]!) };
  });
  const added: RouteMessageInput[] = [];
  return yield* undoing(addAll(values, added), function* () {
    yield* askEach(
      added.reverse().map((value) => ({ operation: deleteRoute, flags: 0, value, expects: 'ack' as const, subject: 'restored route' })),
      'always',
    );
  });
}

interface Addition {
  readonly value: RouteMessageInput;
  readonly subject: string;
  readonly pass: number;
}

/** A gateway must be reachable by a route that is there: links first, then what is by gateways. */
function passOf(route: Route): number {
  if (route.nexthopId !== undefined) return 1;
  return route.via === undefined && route.nexthops?.some((path) => path.via !== undefined) !== true ? 0 : 1;
}

function* addAll(additions: readonly Addition[], added: RouteMessageInput[]): Program<number> {
  for (const pass of [0, 1]) {
    const now = additions.filter((addition) => addition.pass === pass);
    if (now.length === 0) continue;
    const outcomes = (yield* askEach(
      now.map(({ value, subject }) => ({
        operation: newRoute,
        flags: NLM_F_CREATE | NLM_F_EXCL,
        value,
        expects: 'ack' as const,
        subject,
        rename: renameRoutePath,
      })),
      'outcome',
    )) as Outcome<undefined>[];
    outcomes.forEach((outcome, i) => {
      if (outcome.ok) added.push(now[i]!.value);
    });
    for (const outcome of outcomes)
      if (!outcome.ok && !(outcome.error instanceof NetlinkError && outcome.error.code === 'EEXIST')) throw outcome.error;
  }
  return added.length;
}

function readMessages(saved: Uint8Array): RouteMessage[] {
  if (saved.length < 4 || readU32(saved, 0) !== magic) throw new InputError('saved', 'is no file of saved routes: it starts differently');
  const list: RouteMessage[] = [];
  for (let at = 4; at < saved.length; ) {
    const size = saved.length - at < NLMSG_HDRLEN ? 0 : readU32(saved, at);
    if (size < NLMSG_HDRLEN || at + size > saved.length) throw new InputError('saved', `breaks off at byte ${at}`);
    const type = readU16(saved, at + 4);
    if (type === newRoute.type) list.push(parsed(saved.subarray(at + NLMSG_HDRLEN, at + size), at));
    else if (type !== NLMSG_DONE) throw new InputError('saved', `has a message of type ${type} at byte ${at}; routes are ${newRoute.type}`);
    at += align(size);
  }
  return list;
}

function parsed(body: Uint8Array, at: number): RouteMessage {
  try {
    return routeMessage.parse(body);
  } catch (error) {
    if (error instanceof MalformedMessageError) throw new InputError('saved', `cannot be read at byte ${at}: ${error.message}`);
    throw error;
  }
}

function align(size: number): number {
  return (size + 3) & ~3;
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function revived(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revived);
  const { hex } = value as Partial<Hex>;
  if (typeof hex === 'string' && Object.keys(value).length === 1) return new Uint8Array(Buffer.from(hex, 'hex'));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revived(member)]));
}
