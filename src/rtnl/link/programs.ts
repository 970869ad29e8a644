/** What can be done with links. Source: rtnetlink(7), ip-link(8). */
import { type Listed, type Listing, type ListOptions, listMembers, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NetloomError, NotFoundError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, encodable, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, askAll, askEach, type CallOptions, holding, type Patience, type Program, scoped } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { settled, undoing } from '../undo.ts';
import { IFF_UP } from './flags.ts';
import { infoOf, kindName } from './info.ts';
import { changedData, portWithIndexes, withIndexes } from './kind-settings.ts';
import { linkKinds } from './kinds.ts';
import { type Link, referredIndexes, toLink } from './link.ts';
import { type LinkToMake, makers } from './make-tun.ts';
import { type LinkMessageInput, linkMessage } from './message.ts';
import { linkNames, rememberedLinkNames } from './names.ts';
import { deleteLink, type LinkOperation, newLink, newLinkProperties } from './operations.ts';
import {
  checkNameFree,
  describeLink,
  type Extent,
  findLink,
  identify,
  type LinkRef,
  linkNamed,
  linkRequest,
  masterError,
  notFound,
  readOperation,
  resolveLink,
  resolveLinks,
  scopeOf,
} from './reference.ts';
import { settingsFromFlags, settingsOf } from './settings.ts';
import {
  type CreateLink,
  type CreateVeth,
  checkCreate,
  checkUpdate,
  creatable,
  isListed,
  type LinkSettings,
  laterWireOf,
  type ResolvedLink,
  renameLinkPath,
  type UpdateLink,
  wireOf,
} from './spec.ts';
import type { LinkRead } from './view.ts';

/** Which links to list, and how much of them. */
export interface LinkFilter extends GetLinkOptions, ListOptions {
  /** Only links of this kind: `veth`. */
  kind?: string;
  /** Only ports of this link. */
  master?: LinkRef;
  /** Only links that are up, or only links that are down. */
  up?: boolean;
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

/** Where the link to delete is. */
export interface DeleteLinkOptions extends Pick<GetLinkOptions, 'targetNetnsid'>, CallOptions {}

const deleteMembers = memberNames<Omit<DeleteLinkOptions, keyof CallOptions>>({ targetNetnsid: true });
const getMembers = memberNames<Omit<GetLinkOptions, keyof CallOptions>>({ stats: true, families: true, vfs: true, targetNetnsid: true });
const filterMembers = memberNames<Omit<LinkFilter, keyof GetLinkOptions | keyof ListOptions>>({ kind: true, master: true, up: true });

/** The dump that `filter` describes. @throws InputError; NotFoundError when `master` does not exist */
function* selected(filter: LinkFilter): Program<Omit<Listed<LinkRead, Link>, 'convert'>> {
  checkOptions(filter, 'filter', filterMembers, getMembers, listMembers);
  checkBoolean(filter.up, 'up');
  const extent = extentOf(filter);
  const { kind, up } = filter;
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
      (up === undefined || ((link.flags & IFF_UP) !== 0) === up),
    interrupted: filter.interrupted,
  };
}

/**
 * The links of the namespace, in the kernel's order. `kind` and `master` are filtered by the kernel.
 *
 * @throws InputError for a bad filter
 * @throws NotFoundError when `master` does not exist
 */
function* list(filter: LinkFilter = {}): Program<Listing<Link>> {
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
function* listed(filter: LinkFilter = {}): Program<Listed<LinkRead, Link>> {
  const namesOf = rememberedLinkNames(filter);
  return {
    ...(yield* selected(filter)),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap(referredIndexes));
      return wires.map((wire) => toLink(wire, names));
    },
  };
}

/**
 * One link. A single request; a second one for the names of its master and of the link below or opposite, where it has any.
 *
 * @throws NotFoundError `ENODEV` when it does not exist
 */
function* get(link: LinkRef, options?: GetLinkOptions): Program<Link> {
  if (options === undefined) return yield* named(yield* findLink(link, 'link'));
  checkOptions(options, 'options', getMembers);
  const extent = extentOf(options);
  return yield* named(yield* findLink(link, 'link', extent), extent);
}

/** Looks up the names that `wire` refers to. */
function* named(wire: LinkRead, extent?: Extent): Program<Link> {
  const indexes = referredIndexes(wire);
  return toLink(wire, indexes.length === 0 ? undefined : yield* linkNames(indexes, extent));
}

/** @throws InputError naming the option that is wrong */
function extentOf(options: GetLinkOptions): Extent {
  for (const member of ['stats', 'families', 'vfs'] as const) checkBoolean(options[member], member);
  if (options.targetNetnsid !== undefined) inArgument('targetNetnsid', () => checkInteger(options.targetNetnsid, 0, 0x7fffffff));
  return options;
}

/**
 * Creates a link: one RTM_NEWLINK, and where there is an `alias` or `altNames`, which the kernel does not take with it, a
 * second message; if that is refused the link is deleted again. Returns the link as the kernel made it.
 *
 * @throws InputError for a bad or unknown member, before anything is sent
 * @throws NotFoundError when `master`, `link` or a namespace does not exist
 * @throws NetlinkError `EEXIST` when the name or the index is taken
 * @throws UnsupportedError when this kernel lacks the kind
 */
function* create(spec: CreateLink | Link): Program<Link> {
  checkCreate(spec);
  const { peer } = spec as CreateVeth;
  const peerNetns = typeof peer === 'object' ? peer.netns : undefined;
  return yield* holding(spec.netns, 'netns', (target) =>
    holding(peerNetns, 'peer.netns', function* (peerTarget): Program<Link> {
      const below = belowOf(spec);
      const [link] = yield* resolveLinks(
        below.link === undefined ? [] : [{ ref: below.link, argument: 'link' }],
        below.linkNetnsid === undefined ? undefined : { targetNetnsid: below.linkNetnsid },
      );
      const settings = newSettings(spec);
      // ports and their master are in one namespace: that of the new link
      const [master] = yield* scoped(target, resolveLinks(spec.master === undefined ? [] : [{ ref: spec.master, argument: 'master' }]));
      const resolved: ResolvedLink = {
        ...settings,
        kind: spec.kind,
        index: spec.index,
        data: creatable(spec.kind, yield* withIndexes(spec.kind, spec.data, target)),
        unknown: spec.unknown,
      };
      const { numTxQueues, numRxQueues, targetNetnsid } = spec;
      const { linkNetnsid } = below;
      Object.assign(resolved, { link, linkNetnsid, master, numTxQueues, numRxQueues, netnsFd: target?.fd, targetNetnsid });
      if (spec.up === true) resolved.up = true;
      if (peer !== undefined) resolved.peer = typeof peer === 'string' ? { name: peer } : peerOf(peer, peerTarget?.fd);
      const there: Scoped = (program) => scoped(target, program);
      const later: Later = { completions: completions(settings, spec.altNames ?? []) };
      if (targetNetnsid !== undefined && later.completions.length > 0)
        throw new InputError(
          'targetNetnsid',
          'what follows a creation (alias, altNames, inet, …) needs the namespace itself: give `netns`',
        );
      const peerLater = typeof peer === 'object' ? checkedLater(peer, (path) => `peer.${renameLinkPath(path)}`) : undefined;
      if (peerLater !== undefined) later.finish = (made) => scoped(peerTarget ?? target, completedPeer(made, peerLater));
      const body = function* (): Program<Link> {
        let made: LinkRead;
        try {
          const make = makers[spec.kind];
          made = make === undefined ? yield* createFrom(resolved, later, there) : yield* there(createBy(make, resolved, later));
        } catch (error) {
          throw yield* there(masterError(error, spec.master, 'master'));
        }
        return yield* there(named(made, targetNetnsid === undefined ? undefined : { targetNetnsid }));
      };
      // a call that is given up while the names of a link that is there by now are looked up would leave it behind unannounced
      return yield* settled(body());
    }),
  );
}

/** Runs a program where the new link is. */
type Scoped = <T>(program: Program<T>) => Program<T>;

/** The settings of a link that is to be created. A listing has some of them as flags. */
function newSettings(spec: CreateLink | Link): LinkSettings {
  const settings = isListed(spec) ? { ...settingsFromFlags(spec.flags), ...settingsOf(spec) } : settingsOf(spec);
  // what a link without an address has, and a new one may not be given
  if (isListed(spec) && /^00(:00)*$/.test(settings.address ?? '')) delete settings.address;
  // a new link has no token, and one without neighbour discovery refuses even that
  if (settings.inet6?.token === '::') {
    const { token: _, ...inet6 } = settings.inet6;
    settings.inet6 = inet6;
  }
  return settings;
}

/** The link below: a listing names one in another namespace by its index there. */
function belowOf(spec: CreateLink | Link): { link?: LinkRef | undefined; linkNetnsid?: number | undefined } {
  if (!isListed(spec)) return { link: spec.link, linkNetnsid: spec.linkNetnsid };
  // of a veth that is the other end
  if (spec.linkIndex === undefined) return {};
  return { link: spec.link ?? spec.linkIndex, linkNetnsid: spec.linkNetnsid };
}

function peerOf(peer: Exclude<CreateVeth['peer'], string | undefined>, netnsFd: number | undefined): ResolvedLink {
  return {
    ...(settingsOf(peer) as ResolvedLink),
    index: peer.index,
    numTxQueues: peer.numTxQueues,
    numRxQueues: peer.numRxQueues,
    netnsFd,
  };
}

/** Tells the other end of a new link what it is not told with its creation, where it is. */
function* completedPeer(made: LinkRead, wire: LinkMessageInput): Program<void> {
  const subject = `peer of ${describeLink(made.index)}`;
  const rename = (path: string): string => `peer.${renameLinkPath(path)}`;
  yield* ask({ operation: newLink, flags: 0, value: { index: made.link!, ...wire }, expects: 'ack' as const, subject, rename });
}

/** What follows the creation of a link before it is what was asked for. */
interface Later {
  readonly completions: readonly Completion[];
  finish?: (made: LinkRead) => Program<void>;
}

/** Creates the link and reads it back where it is; in the same datagram when that is possible. */
function* createFrom(resolved: ResolvedLink, later: Later, there: Scoped): Program<LinkRead> {
  const subject = `${resolved.kind} ${JSON.stringify(resolved.name ?? '')}`;
  const creation = { operation: newLink, flags: NLM_F_CREATE | NLM_F_EXCL, value: wireOf(resolved), subject, rename: renameLinkPath };
  const isWhole = later.completions.length === 0 && later.finish === undefined;
  // what may have to be undone must be known
  const patience: Patience | undefined = isWhole ? undefined : 'outcome';
  const { targetNetnsid } = resolved;
  let which: LinkMessageInput;
  if (resolved.index !== undefined) which = { index: resolved.index };
  else if (resolved.name !== undefined && !resolved.name.includes('%')) which = { name: resolved.name };
  else {
    if (resolved.netnsFd !== undefined || targetNetnsid !== undefined)
      throw new InputError('name', 'is needed, or an index, for a link that is created in another namespace');
    // the kernel chooses the name: its own notification says which
    const [made] = yield* ask({ ...creation, expects: 'echo' as const }, patience);
    if (made === undefined)
      throw new NetloomError(`RTM_NEWLINK ${subject}: this kernel does not say what it created; give a name`, 'ENOTSUP');
    return yield* completed({ index: made.index }, later, subject);
  }
  if (resolved.netnsFd !== undefined || !isWhole) {
    yield* ask({ ...creation, expects: 'ack' as const }, patience);
    return yield* there(completed(which, later, subject));
  }
  const [created, read] = yield* askEach([
    { ...creation, expects: 'ack' as const },
    linkRequest(which, subject, targetNetnsid === undefined ? undefined : { targetNetnsid }),
  ]);
  if (!created.ok) throw created.error;
  if (!read.ok) throw read.error;
  return read.value;
}

/** Creates a link of a kind that has its own way of being made, and sets what else is asked for. Runs where the link is. */
function* createBy(make: (link: LinkToMake) => Program<string>, resolved: ResolvedLink, later: Later): Program<LinkRead> {
  const { kind, index, data, link, numTxQueues: _tx, numRxQueues: _rx, netnsFd: _netns, name: wanted, ...settings } = resolved;
  if (link !== undefined) throw new InputError('link', `a ${kind} has no link below`);
  if (settings.targetNetnsid !== undefined) throw new InputError('targetNetnsid', `a ${kind} needs the namespace itself: give \`netns\``);
  const name = yield* make({ name: wanted, index, data });
  const value = wireOf(settings);
  const first: Completion[] = Object.keys(value).length === 0 ? [] : [{ operation: newLink, flags: 0, value }];
  const subject = `${kind} ${JSON.stringify(name)}`;
  const body = completed({ name }, { ...later, completions: [...first, ...later.completions] }, subject);
  const undo = { operation: deleteLink, flags: 0, value: { name }, expects: 'ack' as const, subject };
  return yield* undoing(body, () => ask(undo, 'always'));
}

interface Completion {
  readonly operation: LinkOperation;
  readonly flags: number;
  readonly value: LinkMessageInput;
}

/** What must follow a creation is encoded before it, too: bad input is told before anything is sent. @throws InputError */
function checkedLater(settings: LinkSettings, rename: (path: string) => string): LinkMessageInput | undefined {
  const wire = laterWireOf(settings);
  if (wire !== undefined) encodable(linkMessage, wire, rename);
  return wire;
}

/** What the kernel does not take, or ignores, while it creates a link. */
function completions(settings: LinkSettings, altNames: readonly string[]): Completion[] {
  const list: Completion[] = [];
  const later = checkedLater(settings, (path) => renameLinkPath(path));
  if (later !== undefined) list.push({ operation: newLink, flags: 0, value: later });
  if (altNames.length > 0)
    list.push({ operation: newLinkProperties, flags: NLM_F_CREATE | NLM_F_EXCL, value: { altNames: [...altNames] } });
  return list;
}

/** Reads the new link when it is what was asked for. All or nothing: what must follow a creation undoes it when it fails. */
function* completed(which: LinkMessageInput, later: Later, subject: string): Program<LinkRead> {
  const { completions, finish } = later;
  const reading = ask(linkRequest(which, subject));
  if (completions.length === 0 && finish === undefined) return yield* reading;
  const changes = completions.map(({ operation, flags, value }) => ({
    operation,
    flags,
    value: { ...which, ...value },
    expects: 'ack' as const,
    subject,
    rename: renameLinkPath,
  }));
  const body = function* (): Program<LinkRead> {
    yield* askAll(changes);
    const made = yield* reading;
    if (finish !== undefined) yield* finish(made);
    return made;
  };
  return yield* undoing(body(), () => ask({ operation: deleteLink, flags: 0, value: which, expects: 'ack' as const, subject }, 'always'));
}

/**
 * Changes what `changes` holds and nothing else, in one message. The kernel applies the parts in order and stops at the
 * first it refuses; what came before stays changed.
 *
 * @throws InputError for a bad or unknown member, before anything is sent
 * @throws NotFoundError when the link, `master` or `netns` does not exist
 * @throws NetlinkError `EEXIST` when `name` is taken in `netns`, before the link is moved
 */
function* update(link: LinkRef, changes: UpdateLink): Program<void> {
  checkUpdate(changes);
  yield* holding(changes.netns, 'netns', function* (target): Program<void> {
    const refs = [{ ref: link, argument: 'link' }];
    const { master, name } = changes;
    if (master !== undefined && master !== null) refs.push({ ref: master, argument: 'master' });
    const [index, masterIndex] = yield* resolveLinks(refs);
    if (target !== undefined && name !== undefined && !name.includes('%')) {
      const before = yield* findLink(link, 'link');
      yield* checkNameFree(name, before.name, target, `link ${show(before.name)} to ${target.describe}`);
    }
    const { kind, data } = yield* changedData(index!, changes);
    const resolved: ResolvedLink = {
      ...settingsOf(changes),
      index,
      up: changes.up,
      data,
      port: yield* portWithIndexes(changes.port),
      netnsFd: target?.fd,
      targetNetnsid: changes.targetNetnsid,
      newIndex: changes.newIndex,
      unknown: changes.unknown,
    };
    if (changes.data !== undefined) resolved.kind = kind;
    if (master !== undefined) resolved.master = master === null ? 0 : masterIndex;
    try {
      yield* ask({
        operation: newLink,
        flags: 0,
        value: { ...wireOf(resolved), ...laterWireOf(changes) },
        expects: 'ack' as const,
        subject: describeLink(link),
        rename: renameLinkPath,
      });
    } catch (error) {
      throw notFound(yield* masterError(error, master, 'master'), link, 'link');
    }
  });
}

/**
 * Deletes a link. The other end of a veth goes with it.
 *
 * @throws NotFoundError `ENODEV` when it does not exist
 */
function* remove(link: LinkRef, options?: DeleteLinkOptions): Program<void> {
  if (options !== undefined) checkOptions(options, 'options', deleteMembers);
  const value = identify(link, 'link');
  if (options?.targetNetnsid !== undefined) {
    inArgument('targetNetnsid', () => checkInteger(options.targetNetnsid, 0, 0x7fffffff));
    value.targetNetnsid = options.targetNetnsid;
  }
  try {
    yield* ask({ operation: deleteLink, flags: 0, value, expects: 'ack' as const, subject: describeLink(link) });
  } catch (error) {
    throw notFound(error, link, 'link');
  }
}

/** Deletes a link if it exists. */
function* ensureAbsent(link: LinkRef, options?: DeleteLinkOptions): Program<void> {
  try {
    yield* remove(link, options);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/** The settings that `ensure` brings into line. */
const ensured = ['mtu', 'address', 'txQueueLength', 'group', 'alias', 'up'] as const;

/**
 * Creates the link if its name is free. If it exists, its kind must be that of `spec`, and of `mtu`, `address`, `up`,
 * `master`, `txQueueLength`, `group` and `alias` those that are given and differ are set; nothing is sent when none does.
 * The settings of its kind (`data`) and its other end (`peer`) are not compared. There is no `replace` for links: a link
 * that is deleted takes its addresses and routes with it.
 *
 * @throws InputError when `name` is missing
 * @throws NetloomError `EEXIST` when the link exists and is of another kind
 */
function* ensure(spec: CreateLink | Link): Program<Link> {
  checkCreate(spec);
  const { name } = spec;
  if (name === undefined || name.includes('%')) throw new InputError('name', 'is needed to tell whether the link exists');
  return yield* holding(spec.netns, 'netns', function* (target): Program<Link> {
    const found = yield* scoped(target, linkNamed(name));
    if (found === undefined) {
      try {
        return yield* create(spec);
      } catch (error) {
        // somebody else may have created it since
        if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
        const raced = yield* scoped(target, linkNamed(name));
        if (raced === undefined) throw error;
        return yield* scoped(target, adjusted(raced, spec));
      }
    }
    return yield* scoped(target, adjusted(found, spec));
  });
}

/** Brings an existing link into line with `spec`. Runs where the link is. */
function* adjusted(wire: LinkRead, spec: CreateLink): Program<Link> {
  const link = yield* named(wire);
  if (link.kind !== spec.kind) {
    throw new NetloomError(
      `link ${show(link.name)} exists, and is ${link.kind === undefined ? 'of no kind' : `a ${link.kind}`}, not a ${spec.kind}`,
      'EEXIST',
    );
  }
  const changes: UpdateLink = {};
  for (const member of ensured) {
    const wanted = spec[member];
    const same =
      member === 'address'
        ? String(wanted).toLowerCase().replaceAll('-', ':') === link.address
        : wanted === (member === 'alias' ? (link.alias ?? '') : link[member]);
    if (wanted !== undefined && !same) Object.assign(changes, { [member]: wanted });
  }
  if (spec.master !== undefined) {
    const master = yield* resolveLink(spec.master, 'master');
    if (master !== link.masterIndex) changes.master = master;
  }
  if (Object.keys(changes).length === 0) return link;
  yield* update(link, changes);
  return yield* get(link);
}

/** The programs of {@link RtnlClient.links}. */
export const linkPrograms = { list, stream: streaming(listed), get, create, update, delete: remove, ensure, ensureAbsent } as const;
