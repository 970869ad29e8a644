/** What callers say about nexthop objects that shall be, its checks, and the message that says it to the kernel. */
import { addressFamily, type IpFamily, parseAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkMembers, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { familyNumber } from '../family.ts';
import type { LinkRef } from '../link/reference.ts';
import type { RouteEncap } from '../route/encap/encap.ts';
import { type RouteFlag, type RouteProtocol, routeFlags, routeProtocol, settableRouteFlags } from '../route/enumerations.ts';
import { type PlannedLink, setEncap, setLink } from '../route/path.ts';
import type { NexthopObjectMessageInput } from './message.ts';
import type { NexthopObject, ResilientGroup } from './nexthop.ts';

/**
 * A nexthop object that shall be: one path (`dev`, `via`), a `blackhole`, or a `group` of others. A member that is `undefined` is not sent. What
 * a list returns is accepted.
 */
export interface NexthopObjectSpec extends CallOptions {
  /** 1 to 4,294,967,295. Default: the kernel chooses one. */
  id?: number;
  /** Default: that of `via`, else `inet`. A group has none. */
  family?: IpFamily;
  /** Gateway. */
  via?: string;
  /** Link. A gateway needs one, unless it is for `fdb`. */
  dev?: LinkRef;
  /** Index of that link, where `dev` is not given. */
  devIndex?: number;
  /** Drop packets. */
  blackhole?: boolean;
  /** What the packets are put into. */
  encap?: RouteEncap;
  /** For the forwarding table of a vxlan device: `via` is another tunnel end. */
  fdb?: boolean;
  /** The members of a group: ids, or ids with weights. */
  group?: readonly (number | { readonly id: number; readonly weight?: number })[];
  /** Default: `resilient` where that member is given, else `mpath`. */
  groupType?: 'mpath' | 'resilient' | number;
  /** Of a group of the type `resilient`. */
  resilient?: ResilientGroup;
  /** Whether hardware shall count the packets of the group. Linux 6.9. */
  hwStats?: boolean;
  /** Default: none (`unspec`), as ip-nexthop(8). */
  protocol?: RouteProtocol;
  /** `onlink`. The others are the kernel's and are ignored. */
  flags?: readonly RouteFlag[];
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const members = memberNames<Omit<NexthopObjectSpec, keyof CallOptions>>({
  id: true,
  family: true,
  via: true,
  dev: true,
  devIndex: true,
  blackhole: true,
  encap: true,
  fdb: true,
  group: true,
  groupType: true,
  resilient: true,
  hwStats: true,
  protocol: true,
  flags: true,
  unknown: true,
});

/** Members of a {@link NexthopObject} that are read only. */
const readOnly = memberNames<Omit<NexthopObject, keyof NexthopObjectSpec>>({ scope: true, stats: true, hwStatsUsed: true });

const resilientMembers = memberNames<ResilientGroup>({ buckets: true, idleTimer: true, unbalancedTimer: true, unbalancedTime: true });
const memberMembers: ReadonlySet<string> = new Set(['id', 'weight']);

/** A checked nexthop object and the links that its message needs the indexes of. */
export interface NexthopPlan {
  readonly wire: NexthopObjectMessageInput;
  readonly links: readonly PlannedLink[];
  readonly subject: string;
}

/** @throws InputError unless `id` can be the id of a nexthop object */
export function checkId(id: unknown, argument: string): asserts id is number {
  inArgument(argument, () => checkInteger(id, 1, 0xffffffff));
}

/** @throws InputError naming the member that is wrong */
export function planNexthop(spec: NexthopObjectSpec): NexthopPlan {
  checkOptions(spec, 'spec', members, readOnly);
  const wire: NexthopObjectMessageInput = {};
  if (spec.id !== undefined) {
    checkId(spec.id, 'id');
    wire.id = spec.id;
  }
  for (const member of ['blackhole', 'fdb', 'hwStats'] as const) checkBoolean(spec[member], member);
  if (spec.protocol !== undefined) {
    wire.protocol = inArgument('protocol', () => routeProtocol.valueOf(spec.protocol!));
    inArgument('protocol', () => checkInteger(wire.protocol, 0, 255));
  }
  if (spec.flags !== undefined) {
    const bits = inArgument('flags', () => routeFlags.valueOf(spec.flags!)) & settableRouteFlags;
    if (bits !== 0) wire.flags = bits;
  }
  if (spec.fdb === true) wire.fdb = true;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  const links = spec.group === undefined ? setPath(wire, spec) : setGroup(wire, spec);
  return { wire, links, subject: spec.id === undefined ? 'nexthop' : `nexthop ${spec.id}` };
}

function setPath(wire: NexthopObjectMessageInput, spec: NexthopObjectSpec): PlannedLink[] {
  for (const member of ['resilient', 'hwStats'] as const)
    if (spec[member] !== undefined) throw new InputError(member, 'belongs to a group');
  if (spec.groupType !== undefined) throw new InputError('groupType', 'belongs to a group');
  wire.family = familyNumber(spec.family ?? familyOf(spec.via) ?? 'inet');
  if (spec.via !== undefined) {
    inArgument('via', () => parseAddress(spec.via));
    if (familyNumber(addressFamily(spec.via)) !== wire.family)
      throw new InputError('via', `${show(spec.via)} is not an ${spec.family} address`);
    wire.gateway = spec.via;
  }
  if (spec.blackhole === true) {
    for (const member of ['via', 'dev', 'devIndex', 'encap', 'fdb'] as const)
      if (spec[member] !== undefined && spec[member] !== false) throw new InputError(member, 'leads nowhere in a blackhole');
    wire.blackhole = true;
    return [];
  }
  const links = [...setLink(wire, spec, '')];
  if (spec.encap !== undefined) links.push(...setEncap(wire, spec.encap, 'encap'));
  if (spec.fdb === true && spec.via === undefined) throw new InputError('via', 'is needed with `fdb`: the other end of the tunnel');
  if (spec.fdb !== true && links.length === 0 && wire.oif === undefined)
    throw new InputError('dev', 'is needed, or `blackhole` or `group`: where packets go next');
  return links;
}

function familyOf(via: unknown): IpFamily | undefined {
  return typeof via === 'string' ? addressFamily(via) : undefined;
}

function setGroup(wire: NexthopObjectMessageInput, spec: NexthopObjectSpec): PlannedLink[] {
  for (const member of ['via', 'dev', 'devIndex', 'encap', 'family'] as const)
    if (spec[member] !== undefined) throw new InputError(member, 'a group has it in its members');
  if (spec.blackhole === true) throw new InputError('blackhole', 'a group has it in its members');
  if (!Array.isArray(spec.group) || spec.group.length === 0)
    throw new InputError('group', `expected an array of ids, got ${show(spec.group)}`, 'ERR_INVALID_ARG_TYPE');
  wire.group = (spec.group as unknown[]).map((member, i) => {
    const argument = `group[${i}]`;
    if (typeof member === 'number') {
      checkId(member, argument);
      return { id: member, weight: 1 };
    }
    inArgument(argument, () => checkMembers(member, '', memberMembers));
    const { id, weight = 1 } = member as { id: number; weight?: number };
    checkId(id, `${argument}.id`);
    inArgument(`${argument}.weight`, () => checkInteger(weight, 1, 65_535));
    return { id, weight };
  });
  if (spec.resilient !== undefined) setResilient(wire, spec.resilient);
  const type = spec.groupType ?? (spec.resilient === undefined ? undefined : 'resilient');
  if (type !== undefined && type !== 'mpath' && type !== 'resilient')
    inArgument('groupType', () => {
      if (typeof type !== 'number') throw new InputError('', `${show(type)} is none of mpath, resilient`);
      checkInteger(type, 0, 0xffff);
    });
  if (spec.resilient !== undefined && type !== 'resilient' && type !== 1)
    throw new InputError('resilient', 'belongs to the group type "resilient"');
  if (type !== undefined) wire.groupType = type as 'mpath' | 'resilient';
  if (spec.hwStats !== undefined) wire.hwStatsEnable = spec.hwStats;
  return [];
}

function setResilient(wire: NexthopObjectMessageInput, resilient: ResilientGroup): void {
  checkMembers(resilient, 'resilient', resilientMembers);
  const { buckets, idleTimer, unbalancedTimer } = resilient;
  wire.resilient = {};
  if (buckets !== undefined) {
    inArgument('resilient.buckets', () => checkInteger(buckets, 1, 0xffff));
    wire.resilient.buckets = buckets;
  }
  for (const [member, value] of [
    ['idleTimer', idleTimer],
    ['unbalancedTimer', unbalancedTimer],
  ] as const) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value >= 0) || value > 0xffffffff / 100)
      throw new InputError(
        `resilient.${member}`,
        `expected seconds, got ${show(value)}`,
        typeof value === 'number' ? 'ERR_OUT_OF_RANGE' : 'ERR_INVALID_ARG_TYPE',
      );
    wire.resilient[member] = value;
  }
}

const renames: Readonly<Record<string, string>> = { gateway: 'via', oif: 'dev', encapType: 'encap', hwStatsEnable: 'hwStats' };

/** From the path of an attribute in the message to what callers call it. */
export function renameNexthopPath(path: string): string {
  return path.replace(/^[a-z]+/i, (word) => (Object.hasOwn(renames, word) ? renames[word]! : word));
}
