/** Reads links: one, or those that a filter describes. Source: rtnetlink(7), RTM_GETLINK. */
import { type Listed, type Listing, type ListOptions, listMembers, messages } from '../../netlink/dump.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { type CallOptions, type Program, type Reading, reading } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { IFF_UP } from './flags.ts';
import { infoOf, kindName } from './info.ts';
import { linkKinds } from './kinds.ts';
import { type Link, referredIndexes, refersToLinks, toLink } from './link.ts';
import type { LinkMessageInput } from './message.ts';
import { linkNames, rememberedLinkNames } from './names.ts';
import {
  describeLink,
  type Extent,
  findLink,
  identify,
  type LinkRef,
  linkRequest,
  notFound,
  readOperation,
  resolveLink,
  scopeOf,
} from './reference.ts';
import type { LinkRead } from './view.ts';

/** Which links to list, and how much of them. */
export interface LinkFilter extends GetLinkOptions, ListOptions {
  /** Only links of this kind: `veth`. */
  kind?: string;
  /** Only ports of this link. */
  master?: LinkRef;
  /** Only links that are up, or only links that are down. */
  up?: boolean;
  /** Only links with this alias, whole. */
  alias?: string;
}

/** How much of a link to read. */
export interface GetLinkOptions extends CallOptions {
  /** Read the counters too. Default: false. */
  stats?: boolean;
  /** Read all that the protocol families make of the link: `inet` and `inet6`. Default: only what can be set of IPv6. */
  families?: boolean;
  /** Read the virtual functions of SR-IOV cards too. Default: false. */
  vfs?: boolean;
  /** Look in the namespace with this id (ip-netns(8), "list-id"). Default: the namespace of the client. */
  targetNetnsid?: number;
}

const getMembers = memberNames<Omit<GetLinkOptions, keyof CallOptions>>({ stats: true, families: true, vfs: true, targetNetnsid: true });
const filterMembers = memberNames<Omit<LinkFilter, keyof GetLinkOptions | keyof ListOptions>>({
  kind: true,
  master: true,
  up: true,
  alias: true,
});

/** The dump that `filter` describes. @throws InputError; NotFoundError when `master` does not exist */
function* selected(filter: LinkFilter): Program<Omit<Listed<LinkRead, Link>, 'convert'>> {
  checkOptions(filter, 'filter', filterMembers, getMembers, listMembers);
  checkBoolean(filter.up, 'up');
  const extent = extentOf(filter);
  const { kind, up, alias } = filter;
  if (alias !== undefined && typeof alias !== 'string')
    throw new InputError('alias', `expected a string, got ${show(alias)}`, 'ERR_INVALID_ARG_TYPE');
  if (kind !== undefined && (typeof kind !== 'string' || kind === ''))
    throw new InputError('kind', `expected the name of a kind, got ${show(kind)}`);
  const master = filter.master === undefined ? undefined : yield* resolveLink(filter.master, 'master', extent);
  const value: LinkMessageInput = scopeOf(extent);
  if (kind !== undefined) value.info = infoOf(linkKinds, kind);
  if (master !== undefined) value.master = master;
  return {
    request: { operation: readOperation(extent), flags: 0, value, expects: 'dump', subject: 'links' },
    // a kernel without strict checking ignores filters, and one without the kind's module that one
    keep: (link) =>
      (kind === undefined || kindName(link.info) === kind) &&
      (master === undefined || link.master === master) &&
      (up === undefined || ((link.flags & IFF_UP) !== 0) === up) &&
      (alias === undefined || link.alias === alias),
    interrupted: filter.interrupted,
  };
}

/** The links of the namespace, in the kernel's order. `kind` and `master` are filtered by the kernel. */
export function* list(filter: LinkFilter = {}): Program<Listing<Link>> {
  const found = yield* messages(yield* selected(filter));
  const names = new Map<number, string>();
  for (const link of found) if (link.name !== undefined) names.set(link.index, link.name);
  const missing = new Set<number>();
  for (const link of found) for (const index of referredIndexes(link)) if (!names.has(index)) missing.add(index);
  if (missing.size > 0) for (const [index, name] of yield* linkNames(missing, filter)) names.set(index, name);
  const links = found.map((link) => toLink(link, names));
  return found.interrupted === true ? Object.defineProperty(links, 'interrupted', { value: true }) : links;
}

/** The links of the namespace one by one, as {@link list} gives them. */
export function* listed(filter: LinkFilter = {}): Program<Listed<LinkRead, Link>> {
  const namesOf = rememberedLinkNames(filter);
  return {
    ...(yield* selected(filter)),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap(referredIndexes));
      return wires.map((wire) => toLink(wire, names));
    },
  };
}

/** One link. A single request; a second one for the names of its master and of the link below or opposite, where it has any. */
export function get(link: LinkRef, options?: GetLinkOptions): Program<Link> {
  if (options !== undefined) return getMore(link, options);
  const request = linkRequest(identify(link, 'link'), describeLink(link));
  return reading({ op: 'request', request }, linkReading, link);
}

const linkReading: Reading<LinkRead, Link, LinkRef> = {
  rest: (wire) => (refersToLinks(wire) ? named(wire) : undefined),
  result: toLink,
  refused: (error, link) => notFound(error, link, 'link'),
};

function* getMore(link: LinkRef, options: GetLinkOptions): Program<Link> {
  checkOptions(options, 'options', getMembers);
  const extent = extentOf(options);
  return yield* named(yield* findLink(link, 'link', extent), extent);
}

/** Looks up the names that `wire` refers to. */
export function* named(wire: LinkRead, extent?: Extent): Program<Link> {
  const indexes = referredIndexes(wire);
  return toLink(wire, indexes.length === 0 ? undefined : yield* linkNames(indexes, extent));
}

/** @throws InputError naming the option that is wrong */
function extentOf(options: GetLinkOptions): Extent {
  for (const member of ['stats', 'families', 'vfs'] as const) checkBoolean(options[member], member);
  if (options.targetNetnsid !== undefined) inArgument('targetNetnsid', () => checkInteger(options.targetNetnsid, 0, 0x7fffffff));
  return options;
}
