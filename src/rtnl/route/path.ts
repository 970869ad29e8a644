/** Where packets of a route go next: what callers say, its checks, and the attributes that say it to the kernel. */
import { addressBits, formatAddress, parseAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checked, checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { checkIndex, identify, type LinkRef, type Named } from '../link/reference.ts';
import { planEncap, type RouteEncap } from './encap/encap.ts';
import { type NexthopFlag, nexthopFlags, settableRouteFlags } from './enumerations.ts';
import { maxLabel } from './labels.ts';
import type { RouteMessageInput } from './message.ts';
import type { NexthopMessage } from './nexthop.ts';
import type { RouteFamily } from './route.ts';

/** One path of a multipath route that shall be. */
export interface NexthopSpec {
  /** Gateway. */
  via?: string;
  /** Link. Default: `devIndex`, else the one that reaches the gateway. */
  dev?: LinkRef;
  /** Index of the link, where `dev` is not given. */
  devIndex?: number;
  /** MPLS: the labels that take the place of the one that is routed, the outermost first. */
  as?: readonly number[];
  /** Share of the traffic, 1 to 256. Default: 1. */
  weight?: number;
  /** `onlink`, `pervasive`. The others are the kernel's and are ignored. */
  flags?: readonly NexthopFlag[];
  /** Realms, as one number: from in the upper 16 bits, to in the lower. */
  realms?: number;
  /** A tunnel that packets on this path go through. */
  encap?: RouteEncap;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** What a route has of a path: all of it, or instead of that several paths. */
export interface PathSpec extends Pick<NexthopSpec, 'via' | 'dev' | 'devIndex' | 'as' | 'encap'> {
  nexthops?: readonly NexthopSpec[];
}

const nexthopMembers = memberNames<NexthopSpec>({
  via: true,
  dev: true,
  devIndex: true,
  as: true,
  weight: true,
  flags: true,
  realms: true,
  encap: true,
  unknown: true,
});

/** A link that the message needs the index of, and where it goes. */
export interface PlannedLink extends Named {
  readonly set: (index: number) => void;
}

/** The attributes of one path that routes, paths of multipath routes and nexthop objects have. */
export interface PathAttributes {
  gateway?: string;
  via?: string;
  oif?: number;
  newdst?: number[];
  encapType?: number;
  encap?: Uint8Array;
}

/**
 * Fills in where packets go next.
 *
 * @returns the links to look up
 * @throws InputError naming the member that is wrong
 */
export function setPath(wire: RouteMessageInput, spec: PathSpec, family: RouteFamily): readonly PlannedLink[] {
  if (spec.nexthops === undefined) return setOnePath(wire, spec, '', family);
  if (!Array.isArray(spec.nexthops) || spec.nexthops.length === 0)
    throw new InputError('nexthops', `expected an array of paths, got ${show(spec.nexthops)}`, 'ERR_INVALID_ARG_TYPE');
  for (const member of ['via', 'dev', 'devIndex', 'as', 'encap'] as const) {
    if (spec[member] !== undefined) throw new InputError(member, 'a route with nexthops has it in each of them');
  }
  const links: PlannedLink[] = [];
  wire.multipath = (spec.nexthops as readonly NexthopSpec[]).map((path, i) => {
    const argument = `nexthops[${i}]`;
    inArgument(argument, () => checkMembers(path, '', nexthopMembers));
    const message: NexthopMessage = {};
    if (path.weight !== undefined) {
      inArgument(`${argument}.weight`, () => checkInteger(path.weight, 1, 256));
      message.hops = path.weight - 1;
    }
    if (path.flags !== undefined)
      message.flags = inArgument(`${argument}.flags`, () => nexthopFlags.valueOf(path.flags!)) & settableRouteFlags;
    if (path.realms !== undefined) message.flow = path.realms;
    if (path.unknown !== undefined) message.unknown = path.unknown;
    links.push(...setOnePath(message, path, `${argument}.`, family));
    return message;
  });
  return links;
}

function setOnePath(wire: PathAttributes, path: Omit<NexthopSpec, 'weight'>, prefix: string, family: RouteFamily): readonly PlannedLink[] {
  if (path.via !== undefined) setGateway(wire, path.via, `${prefix}via`, family);
  if (path.as !== undefined) wire.newdst = labels(path.as, `${prefix}as`, family);
  const links = setLink(wire, path, prefix);
  return path.encap === undefined ? links : [...links, ...setEncap(wire, path.encap, `${prefix}encap`)];
}

const noLinks: readonly PlannedLink[] = [];

/** Fills in the link to leave by, or returns it to be looked up. @throws InputError */
export function setLink(wire: { oif?: number }, path: Pick<NexthopSpec, 'dev' | 'devIndex'>, prefix: string): readonly PlannedLink[] {
  const { dev, devIndex } = path;
  if (typeof dev === 'number') {
    checkIndex(dev, `${prefix}dev`);
    setIndex(wire, dev);
  } else if (dev !== undefined) {
    const { index } = identify(dev, `${prefix}dev`);
    if (index === undefined) return [{ ref: dev, argument: `${prefix}dev`, set: (found) => setIndex(wire, found) }];
    setIndex(wire, index);
  } else if (devIndex !== undefined) {
    checkIndex(devIndex, `${prefix}devIndex`);
    setIndex(wire, devIndex);
  }
  return noLinks;
}

function setIndex(wire: { oif?: number }, index: number): void {
  wire.oif = index;
}

function setGateway(wire: PathAttributes, text: string, argument: string, family: RouteFamily): void {
  const bytes = checked(argument, parseAddress, text);
  const address = formatAddress(bytes);
  if (family === 'mpls') wire.via = address;
  else if (bytes.length * 8 === addressBits(family)) wire.gateway = address;
  else if (family === 'inet') wire.via = address;
  else throw new InputError(argument, `${show(text)} is an IPv4 address; an IPv6 route has an IPv6 gateway`);
}

function labels(value: readonly number[], argument: string, family: RouteFamily): number[] {
  if (family !== 'mpls')
    throw new InputError(argument, `only MPLS routes change labels; an ${family} route sets them with encap: { type: "mpls" }`);
  if (!Array.isArray(value) || value.length === 0)
    throw new InputError(argument, `expected an array of labels, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  for (const [i, label] of (value as unknown[]).entries()) inArgument(`${argument}[${i}]`, () => checkInteger(label, 0, maxLabel));
  return [...(value as number[])];
}

/** Fills in a tunnel, or returns the links of it to be looked up. @throws InputError */
export function setEncap(wire: PathAttributes, value: RouteEncap, argument: string): PlannedLink[] {
  const plan = planEncap(value, argument);
  wire.encapType = plan.number;
  const indexes: number[] = [];
  const encode = (): void => {
    if (Object.keys(indexes).length === plan.links.length) wire.encap = plan.encode(indexes);
  };
  encode();
  return plan.links.map((link, i) => ({
    ...link,
    set: (index) => {
      indexes[i] = index;
      encode();
    },
  }));
}
