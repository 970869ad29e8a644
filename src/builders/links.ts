/** Links by themselves: create, read, change, delete, enslave, release, move. Source: ip-link(8). */
import { InputError } from '../netlink/errors.ts';
import { alsoKnowing, checkOptions, inArgument, memberNames } from '../netlink/input.ts';
import { ask, type CallOptions, holding, type Program, scoped, within } from '../netlink/program.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { checkInterfaceName } from '../netlink/text.ts';
import type { Link } from '../rtnl/link/link.ts';
import { newLink } from '../rtnl/link/operations.ts';
import { type GetLinkOptions, linkPrograms } from '../rtnl/link/programs.ts';
import { checkNameFree, findLink, identify, type LinkRef } from '../rtnl/link/reference.ts';
import type { CreateLink, UpdateLink } from '../rtnl/link/spec.ts';
import { renameLinkPath, wireOf } from '../rtnl/link/wire.ts';

/** Where a call acts. */
export interface WhereOptions extends CallOptions {
  /** Namespace to act in. Default: that of the process. */
  netns?: NamespaceRef;
}

export interface MoveOptions extends WhereOptions {
  /** Name to take in the target namespace. Default: the one it has. */
  name?: string;
}

const where = memberNames<Omit<WhereOptions, keyof CallOptions>>({ netns: true });
const moveMembers = memberNames<Omit<MoveOptions, keyof WhereOptions>>({ name: true });

/** Checks options that say where to act, and nothing else. */
export function checkWhere(options: WhereOptions): void {
  checkOptions(options, 'options', where);
}

/** Runs the method of a client that `make` calls with all options but `netns`, in the namespace that this says. */
export function* elsewhere<O extends WhereOptions, T>(options: O, make: (rest: Omit<O, 'netns'>) => Program<T>): Program<T> {
  const [netns, rest] = splitWhere(options);
  try {
    return yield* within(netns, 'netns', () => make(rest));
  } catch (error) {
    throw alsoKnowing(error, 'netns');
  }
}

/** Splits `netns` off the options of a program. */
export function splitWhere<T extends WhereOptions>(options: T): [netns: NamespaceRef | undefined, rest: Omit<T, 'netns'>] {
  // what is no object of options is left for its check to refuse
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return [undefined, options];
  const { netns, ...rest } = options;
  return [netns, rest];
}

/**
 * Creates a link of any kind: one message, whatever is set. What a list returned is accepted.
 *
 * @throws InputError, NotFoundError, NetlinkError (`EEXIST`), UnsupportedError when this kernel lacks the kind
 */
export function* createLink(spec: CreateLink | (Link & WhereOptions)): Program<Link> {
  return yield* elsewhere(spec, (rest) => linkPrograms.create(rest as CreateLink));
}

/** Reads a link. @throws NotFoundError `ENODEV` when it does not exist */
export function* getLink(link: LinkRef, options: WhereOptions & GetLinkOptions = {}): Program<Link> {
  identify(link, 'link');
  return yield* elsewhere(options, (rest) => linkPrograms.get(link, rest));
}

/**
 * Changes a link: what `changes` holds and nothing else, in one message.
 *
 * @throws InputError, NotFoundError, NetlinkError
 */
export function* setLink(link: LinkRef, changes: UpdateLink, options: WhereOptions = {}): Program<void> {
  identify(link, 'link');
  checkWhere(options);
  yield* within(options.netns, 'netns', () => linkPrograms.update(link, changes));
}

/** Deletes a link; the other end of a veth goes with it. @throws NotFoundError `ENODEV` when it does not exist */
export function* deleteLink(link: LinkRef, options: WhereOptions = {}): Program<void> {
  identify(link, 'link');
  checkWhere(options);
  yield* within(options.netns, 'netns', () => linkPrograms.delete(link));
}

/**
 * Makes a link a port of a bridge, bond or VRF.
 *
 * @throws InputError, NotFoundError naming `link` or `master`, NetlinkError
 */
export function* enslave(link: LinkRef, master: LinkRef, options: WhereOptions = {}): Program<void> {
  identify(link, 'link');
  identify(master, 'master');
  checkWhere(options);
  yield* within(options.netns, 'netns', () => linkPrograms.update(link, { master }));
}

/** Releases a link from its master; one that has none stays as it is. @throws InputError, NotFoundError, NetlinkError */
export function* release(link: LinkRef, options: WhereOptions = {}): Program<void> {
  identify(link, 'link');
  checkWhere(options);
  yield* within(options.netns, 'netns', () => linkPrograms.update(link, { master: null }));
}

/**
 * Moves a link to another namespace, and renames it on the way if asked to: one message. The link loses its addresses, routes,
 * master and up state, and may get another index. The move costs the kernel 15 to 20 ms; a veth is better created where it
 * belongs (createVethPair).
 *
 * @param target a name, an absolute path, a process id (`ip link set … netns PID`) or a `Netns`
 * @returns the link as it is in its new namespace
 * @throws InputError, NotFoundError naming `link`, `target` or `netns`
 * @throws NetlinkError `EEXIST` when the name is taken there; `EINVAL` for links that cannot be moved
 * @throws SystemError `EPERM` without the privilege to look there, before the link is moved
 */
export function* moveToNs(link: LinkRef, target: NamespaceRef, options: MoveOptions = {}): Program<Link> {
  identify(link, 'link');
  if (target === undefined) throw new InputError('target', 'is needed: the namespace to move the link to', 'ERR_INVALID_ARG_TYPE');
  checkOptions(options, 'options', where, moveMembers);
  if (options.name !== undefined) inArgument('name', () => checkInterfaceName(options.name));
  if (options.name?.includes('%')) throw new InputError('name', 'the new name must be known beforehand, without "%"');
  return yield* within(options.netns, 'netns', () =>
    holding(target, 'target', function* (there): Program<Link> {
      const before = yield* findLink(link, 'link');
      const name = options.name ?? before.name!;
      const subject = `link ${JSON.stringify(before.name)} to ${there!.describe}`;
      // also without a new name: who may not look there must not learn it when the link is gone
      yield* checkNameFree(name, before.name, there!, subject);
      const value = wireOf({ index: before.index, netnsFd: there!.fd, ...(options.name === undefined ? {} : { name }) });
      const rename = (path: string): string => (path === 'netnsFd' ? 'target' : renameLinkPath(path));
      yield* ask({ operation: newLink, flags: 0, value, expects: 'ack', subject, rename });
      return yield* scoped(there, linkPrograms.get(name));
    }),
  );
}
