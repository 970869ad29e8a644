/** How callers name a link, and how it is found. */
import { InputError, NetlinkError, NetloomError, NotFoundError } from '../../netlink/errors.ts';
import { extended } from '../../netlink/extended.ts';
import { inArgument } from '../../netlink/input.ts';
import type { Operation, Request } from '../../netlink/operation.ts';
import { askEach, type Program, scoped } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import type { OpenNamespace } from '../../netlink/sys/namespace.ts';
import { checkInterfaceName, isInterfaceName, maxInterfaceNameLength } from '../../netlink/text.ts';
import { type LinkMessageInput, RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF } from './message.ts';
import { newLink, readLink, readLinkWithAll, readLinkWithStats } from './operations.ts';
import type { LinkRead } from './view.ts';

/**
 * Names a link: its name (or an alternative name), its index, or an object with its index, such as a {@link Link}. An
 * object read in another namespace is taken by its index all the same.
 */
export type LinkRef = string | number | { readonly index: number };

/** The largest ifindex. */
const maxIndex = 0x7fffffff;

/** ALTIFNAMSIZ - 1 (include/uapi/linux/if.h): the longest alternative name, in bytes. */
const maxAltNameLength = 127;

/** @throws InputError unless `index` can be the index of a link */
export function checkIndex(index: unknown, argument: string): asserts index is number {
  if (typeof index !== 'number') throw new InputError(argument, `expected the index of a link, got ${show(index)}`, 'ERR_INVALID_ARG_TYPE');
  if (!Number.isInteger(index) || index < 1 || index > maxIndex) {
    throw new InputError(argument, `expected the index of a link, an integer from 1 to ${maxIndex}, got ${index}`, 'ERR_OUT_OF_RANGE');
  }
}

/** @throws InputError unless `name` can be the name or an alternative name of a link */
export function checkLinkName(name: unknown, argument: string): asserts name is string {
  if (typeof name !== 'string') throw new InputError(argument, `expected the name of a link, got ${show(name)}`, 'ERR_INVALID_ARG_TYPE');
  if (Buffer.byteLength(name) <= maxInterfaceNameLength) inArgument(argument, () => checkInterfaceName(name));
  else if (Buffer.byteLength(name) > maxAltNameLength) {
    throw new InputError(argument, `${show(name)} is longer than the ${maxAltNameLength} bytes of an alternative name`, 'ERR_OUT_OF_RANGE');
  } else if (/[/:\s\0]/.test(name)) throw new InputError(argument, `${show(name)} is not the name of a link`);
}

/**
 * The members of a link message that say which link is meant.
 *
 * @throws InputError naming `argument`
 */
export function identify(ref: LinkRef, argument: string): LinkMessageInput {
  if (typeof ref === 'number') {
    checkIndex(ref, argument);
    return { index: ref };
  }
  if (typeof ref === 'object' && ref !== null && 'index' in ref) {
    checkIndex(ref.index, `${argument}.index`);
    return { index: ref.index };
  }
  if (typeof ref !== 'string')
    throw new InputError(argument, `expected a link by name, index or object, got ${show(ref)}`, 'ERR_INVALID_ARG_TYPE');
  if (isInterfaceName(ref)) return { name: ref };
  checkLinkName(ref, argument);
  return Buffer.byteLength(ref) <= maxInterfaceNameLength ? { name: ref } : { altName: ref };
}

/** A link as errors name it. */
export function describeLink(ref: LinkRef): string {
  if (typeof ref === 'string') return `link "${ref}"`;
  if (typeof ref === 'number') return `link ${ref}`;
  const { name } = ref as { name?: unknown };
  return typeof name === 'string' ? `link ${JSON.stringify(name)}` : `link ${ref.index}`;
}

/** How much of a link is read, and where. */
export interface Extent {
  /** With the counters. */
  readonly stats?: boolean;
  /** With what the protocol families make of it (`inet`, `inet6`). */
  readonly families?: boolean;
  /** With the virtual functions. */
  readonly vfs?: boolean;
  /** Id of the namespace to read it in. Default: the client's own. */
  readonly targetNetnsid?: number;
}

/** What reads as much. */
export function readOperation({ stats, families, vfs }: Extent): Operation<LinkMessageInput, LinkRead> {
  if (families === true || vfs === true) return readLinkWithAll;
  return stats === true ? readLinkWithStats : readLink;
}

/** The members of a link message that say so. */
export function scopeOf({ stats, vfs, targetNetnsid }: Extent): LinkMessageInput {
  const scope: LinkMessageInput = {};
  const mask = (stats === true ? 0 : RTEXT_FILTER_SKIP_STATS) | (vfs === true ? RTEXT_FILTER_VF : 0);
  if (mask !== 0) scope.extMask = mask;
  if (targetNetnsid !== undefined) scope.targetNetnsid = targetNetnsid;
  return scope;
}

/** Asks for one link. */
export function linkRequest(which: LinkMessageInput, subject: string, extent?: Extent): Request<LinkRead, 'reply'> {
  const { name } = which;
  if (extent !== undefined)
    return { operation: readOperation(extent), flags: 0, value: extended(which, scopeOf(extent)), expects: 'reply', subject };
  // a literal for the common case, which is faster still
  const value = name !== undefined ? { name, extMask: RTEXT_FILTER_SKIP_STATS } : extended(which, { extMask: RTEXT_FILTER_SKIP_STATS });
  return { operation: readLink, flags: 0, value, expects: 'reply', subject };
}

/** The kernel's ENODEV as the error for a link that an argument names; any other error as it is. */
export function notFound(error: unknown, ref: LinkRef, argument: string): unknown {
  if (!(error instanceof NetloomError) || error.code !== 'ENODEV' || error instanceof NotFoundError) return error;
  return new NotFoundError(argument, describeLink(ref), 'ENODEV', { cause: error });
}

/** Reads one link. @throws InputError, NotFoundError naming `argument` */
export function* findLink(ref: LinkRef, argument: string, extent?: Extent): Program<LinkRead> {
  const request = linkRequest(identify(ref, argument), describeLink(ref), extent);
  try {
    // not by `ask`: this is what tight loops of reads do, and a generator less is a tenth of its time
    return (yield { op: 'request', request }) as LinkRead;
  } catch (error) {
    throw notFound(error, ref, argument);
  }
}

/**
 * Index of a link. One that is given by index is taken at its word: nothing is asked.
 *
 * @throws InputError, NotFoundError naming `argument`
 */
export function* resolveLink(ref: LinkRef, argument: string, extent?: Extent): Program<number> {
  const { index } = identify(ref, argument);
  return index ?? (yield* findLink(ref, argument, extent && whereOf(extent))).index;
}

/** Of an extent only where to look. */
export function whereOf({ targetNetnsid }: Extent): Extent | undefined {
  return targetNetnsid === undefined ? undefined : { targetNetnsid };
}

/** A link named by an argument. */
export interface Named {
  readonly ref: LinkRef;
  readonly argument: string;
}

/** Indexes of several links, asked for in one datagram. @throws InputError, NotFoundError naming the argument */
export function* resolveLinks(list: readonly Named[], extent?: Extent): Program<number[]> {
  const indexes = list.map(({ ref, argument }) => identify(ref, argument).index);
  const open = list.flatMap((named, i) => (indexes[i] === undefined ? [{ ...named, i }] : []));
  if (open.length > 0) {
    const outcomes = yield* askEach(open.map(({ ref, argument }) => linkRequest(identify(ref, argument), describeLink(ref), extent)));
    outcomes.forEach((outcome, at) => {
      const { ref, argument, i } = open[at]!;
      if (!outcome.ok) throw notFound(outcome.error, ref, argument);
      indexes[i] = outcome.value.index;
    });
  }
  return indexes as number[];
}

/**
 * The kernel says EINVAL or ENODEV, and no more, of a master that is given by index and does not exist.
 *
 * @returns the error to throw instead: NotFoundError naming `argument` when `master` does not exist, else `error`
 */
export function* masterError(error: unknown, master: LinkRef | null | undefined, argument: string): Program<unknown> {
  if (master === undefined || master === null) return error;
  if (!(error instanceof NetlinkError) || (error.code !== 'EINVAL' && error.code !== 'ENODEV')) return error;
  try {
    yield* findLink(master, argument);
  } catch (missing) {
    if (missing instanceof NotFoundError) return missing;
  }
  return error;
}

/** The link of a name. */
export function* linkNamed(name: string): Program<LinkRead | undefined> {
  try {
    return yield* findLink(name, 'name');
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

const EEXIST = 17;

/**
 * Checks that a link can have `name` in the namespace it is to move to. The kernel moves first and renames then: a name that is
 * taken would leave the link there, under its old one. It refuses by itself only the name that the link has.
 *
 * @param before the name it has
 * @throws NetlinkError `EEXIST` when another link there has the name
 * @throws SystemError `EPERM` without the privilege to look there
 */
export function* checkNameFree(name: string, before: string | undefined, target: OpenNamespace, subject: string): Program<void> {
  const taken = yield* scoped(target, linkNamed(name));
  if (taken !== undefined && name !== before) throw new NetlinkError({ syscall: newLink.name, subject, errno: EEXIST, attribute: 'name' });
}
