/** Reading the settings of IP, of each link and for all; they are changed by sysctl. Source: rtnetlink(7), ip-netconf(8), Documentation/networking/ip-sysctl.rst. */

import type { RawAttribute } from '../../netlink/attributes.ts';
import { noneOf } from '../../netlink/choices.ts';
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { type Enumerated, type EnumerationCodec, enumeration } from '../../netlink/enumeration.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkOptions, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { s32 } from '../../netlink/scalar.ts';
import { AF_INET, AF_INET6, AF_MPLS, AF_UNSPEC } from '../family.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, notFound, resolveLink } from '../link/reference.ts';
import { getNetconf, type NetconfMessage, type NetconfMessageInput } from './message.ts';

const families = { inet: AF_INET, inet6: AF_INET6, mpls: AF_MPLS } as const;

/** A family that has settings: `mpls` with the module mpls_router. */
export type NetconfFamily = keyof typeof families;

const rpFilters = { off: 0, strict: 1, loose: 2 } as const;
const rpFilter: EnumerationCodec<typeof rpFilters> = enumeration(s32, rpFilters);

/** The settings of IP of a link, as `ip -j netconf` shows them. What a family has no setting for is left out. */
export interface Netconf {
  /** `inet`, `inet6` or `mpls`. */
  family: NetconfFamily;
  /** Name of the link; `all`: what holds for all of them; `default`: what links to come start with. */
  dev?: string;
  /** Index of the link; left out for `all` and `default`. */
  devIndex?: number;
  /** Packets are forwarded. */
  forwarding?: boolean;
  /** IPv4: packets whose source is not reached by this link (`strict`) or by any (`loose`) are dropped. */
  rpFilter?: Enumerated<typeof rpFilters>;
  /** A multicast routing process is at work. */
  mcForwarding?: boolean;
  /** IPv4: proxy_arp; IPv6: proxy_ndp. */
  proxyNeigh?: boolean;
  /** Whether routes by links without a carrier are passed over. */
  ignoreRoutesWithLinkdown?: boolean;
  /** MPLS: labelled packets are taken in. */
  input?: boolean;
  /** IPv4: packets to broadcast addresses are forwarded. */
  bcForwarding?: boolean;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

export interface NetconfFilter extends ListOptions {
  /** Default: those that the kernel has: IPv4, IPv6, MPLS. */
  family?: NetconfFamily;
  /** Only this link. `all` and `default` stand for what they do in {@link Netconf}. */
  dev?: LinkRef;
}

export interface GetNetconf extends CallOptions {
  /** Default: `inet`. */
  family?: NetconfFamily;
}

const filterMembers = memberNames<Omit<NetconfFilter, keyof ListOptions>>({ family: true, dev: true });
const members = memberNames<Omit<GetNetconf, keyof CallOptions>>({ family: true });

/** NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT. */
const special: Readonly<Record<string, number>> = { all: -1, default: -2 };

function familyNumber(family: NetconfFamily): number {
  if (typeof family !== 'string' || !Object.hasOwn(families, family)) throw new InputError('family', noneOf(family, Object.keys(families)));
  return families[family];
}

/** Index of a link, or the number that stands for all of them or those to come. */
function* indexOf(dev: LinkRef, argument: string): Program<number> {
  return typeof dev === 'string' && Object.hasOwn(special, dev) ? special[dev]! : yield* resolveLink(dev, argument);
}

function linkOf({ ifindex }: NetconfMessage): number[] {
  return ifindex === undefined || ifindex < 0 ? [] : [ifindex];
}

/** The settings that `wire` describes; undefined when they are of a family that netloom does not know. */
export function toNetconf(wire: NetconfMessage, names: ReadonlyMap<number, string>): Netconf | undefined {
  const family = (Object.keys(families) as NetconfFamily[]).find((name) => families[name] === wire.family);
  if (family === undefined || wire.ifindex === undefined) return undefined;
  const netconf: Netconf = { family };
  const dev = wire.ifindex < 0 ? Object.keys(special).find((name) => special[name] === wire.ifindex) : names.get(wire.ifindex);
  if (dev !== undefined) netconf.dev = dev;
  if (wire.ifindex >= 0) netconf.devIndex = wire.ifindex;
  if (wire.rpFilter !== undefined) netconf.rpFilter = rpFilter.nameOf(wire.rpFilter);
  for (const member of ['forwarding', 'mcForwarding', 'proxyNeigh', 'ignoreRoutesWithLinkdown', 'input', 'bcForwarding'] as const) {
    const value = wire[member];
    if (value !== undefined) netconf[member] = value !== 0;
  }
  if (wire.unknown !== undefined) netconf.unknown = wire.unknown;
  return netconf;
}

function* listed(filter: NetconfFilter = {}): Program<Listed<NetconfMessage, Netconf>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const family = filter.family === undefined ? AF_UNSPEC : familyNumber(filter.family);
  const index = filter.dev === undefined ? undefined : yield* indexOf(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getNetconf, flags: 0, value: { family }, expects: 'dump', subject: 'settings of IP' },
    keep: (wire) => (family === AF_UNSPEC || wire.family === family) && (index === undefined || wire.ifindex === index),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap(linkOf));
      return wires.flatMap((wire) => toNetconf(wire, names) ?? []);
    },
    interrupted: filter.interrupted,
  };
}

function* get(dev: LinkRef, options: GetNetconf = {}): Program<Netconf> {
  checkOptions(options, 'options', members);
  const family = familyNumber(options.family ?? 'inet');
  const value: NetconfMessageInput = { family, ifindex: yield* indexOf(dev, 'dev') };
  try {
    const wire = yield* ask({ operation: getNetconf, flags: 0, value, expects: 'reply' as const, subject: describeLink(dev) });
    return toNetconf(wire, yield* linkNames(linkOf(wire)))!;
  } catch (error) {
    throw notFound(error, dev, 'dev');
  }
}

/** The programs of {@link RtnlClient.netconf}. */
export const netconfPrograms = {
  /**
   * The settings of every link, and those for all and for links to come, or those that `filter` describes.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` does not exist
   */
  list: listing(listed),
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /**
   * The settings of one link.
   *
   * `dev` is a link; `all` or `default` as in {@link Netconf}.
   *
   * @throws NotFoundError when it does not exist
   */
  get,
} as const;
