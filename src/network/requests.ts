/** What networks ask of links: requests as plain data. */
import { NotFoundError } from '../netlink/errors.ts';
import { extended } from '../netlink/extended.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { ask, askEach, type Outcome, type Program } from '../netlink/program.ts';
import type { LinkMessageInput } from '../rtnl/link/message.ts';
import { deleteLink, deleteLinkProperties, newLink, newLinkProperties, readLink } from '../rtnl/link/operations.ts';
import { findLink, linkRequest } from '../rtnl/link/reference.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { laterWireOf, type ResolvedLink, renameLinkPath, wireOf } from '../rtnl/link/wire.ts';
import { undoing } from '../rtnl/undo.ts';
import { linkGroup } from './name.ts';

/** RTM_NEWLINK, its announcement read for what tells the new link. */
const createOperation = { ...newLink, reply: readLink.reply };

/** Creates a link of netloom's; what is settled by then is told by the kernel, since Linux 6.2. */
export function creation(link: ResolvedLink, subject: string): Request<LinkRead, 'echo'> {
  return {
    operation: createOperation,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: wireOf(extended(link, { group: linkGroup })),
    expects: 'echo',
    subject,
    rename: renameLinkPath,
  };
}

/** Creates a link, and reads it where the kernel does not tell. Its outcome must be known, or nobody knows what there is to undo. */
export function* created(link: ResolvedLink & { name: string }, subject: string): Program<LinkRead> {
  const [made] = yield* createdWith(link, [], subject);
  if (!made.ok) throw made.error;
  return made.value;
}

/** Creates a link, and asks for more in the same datagram, of which the link is told by its name. @returns what became of the link, and of the rest */
export function* createdWith(
  link: ResolvedLink & { name: string },
  rest: readonly Request<unknown, 'ack'>[],
  subject: string,
): Program<[Outcome<LinkRead>, ...Outcome<unknown>[]]> {
  const [made, ...others] = (yield* askEach([creation(link, subject), ...rest], 'outcome')) as [Outcome<LinkRead[]>, ...Outcome<unknown>[]];
  if (!made.ok) return [made, ...others];
  const told = made.value.find(({ name }) => name === link.name);
  return [{ ok: true, value: told ?? (yield* undoing(ask(linkRequest({ name: link.name }, subject), 'always'), unmade)) }, ...others];

  // it is there, though nobody could say what it is
  function* unmade(): Program<void> {
    yield* ask({ operation: deleteLink, flags: 0, value: { name: link.name }, expects: 'ack', subject }, 'always');
  }
}

/** Gives a link an alternative name, or several; refused with EEXIST when any link of the namespace has it. */
export function naming(which: LinkMessageInput, altName: string | string[], subject: string): Request<unknown, 'ack'> {
  return {
    operation: newLinkProperties,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: extended(which, { altNames: typeof altName === 'string' ? [altName] : altName }),
    expects: 'ack',
    subject,
  };
}

/** Takes an alternative name of a link's away. */
export function unnaming(which: LinkMessageInput, altName: string, subject: string): Request<unknown, 'ack'> {
  return { operation: deleteLinkProperties, flags: 0, value: { ...which, altNames: [altName] }, expects: 'ack', subject };
}

/** Changes a link that is there. */
export function setting(link: ResolvedLink & ({ index: number } | { name: string }), subject: string): Request<unknown, 'ack'> {
  return {
    operation: newLink,
    flags: 0,
    value: Object.assign(wireOf(link), laterWireOf(link)),
    expects: 'ack',
    subject,
    rename: renameLinkPath,
  };
}

export function deletion(index: number, subject: string): Request<unknown, 'ack'> {
  return { operation: deleteLink, flags: 0, value: { index }, expects: 'ack', subject };
}

/** Deletes a link that was made here; it may be gone already. */
export function* deleted(index: number, subject: string): Program<void> {
  try {
    yield* ask(deletion(index, subject), 'always');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENODEV') throw error;
  }
}

/** The link of a name; undefined: there is none. */
export function* linkOf(name: string): Program<LinkRead | undefined> {
  try {
    return yield* findLink(name, 'name');
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** The link of an alternative name; undefined: there is none. */
export function* linkOfAltName(altName: string): Program<LinkRead | undefined> {
  try {
    return yield* ask(linkRequest({ altName }, `link ${JSON.stringify(altName)}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENODEV') return undefined;
    throw error;
  }
}
