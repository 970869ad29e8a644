/** What networks ask of links: requests as plain data. */
import { NotFoundError } from '../netlink/errors.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { ask, type Program } from '../netlink/program.ts';
import { deleteLink, newLink, newLinkProperties, readLink } from '../rtnl/link/operations.ts';
import { findLink, linkRequest } from '../rtnl/link/reference.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { laterWireOf, type ResolvedLink, renameLinkPath, wireOf } from '../rtnl/link/wire.ts';
import { linkGroup } from './name.ts';

/** RTM_NEWLINK, its announcement read for what tells the new link. */
const createOperation = { ...newLink, reply: readLink.reply };

/** Creates a link of netloom's; what is settled by then is told by the kernel, since Linux 6.2. */
export function creation(link: ResolvedLink, subject: string): Request<LinkRead, 'echo'> {
  return {
    operation: createOperation,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: wireOf({ ...link, group: linkGroup }),
    expects: 'echo',
    subject,
    rename: renameLinkPath,
  };
}

/** Creates a link, and reads it where the kernel does not tell. Its outcome must be known, or nobody knows what there is to undo. */
export function* created(link: ResolvedLink & { name: string }, subject: string): Program<LinkRead> {
  const made = (yield* ask(creation(link, subject), 'outcome')).find(({ name }) => name === link.name);
  return made ?? (yield* ask(linkRequest({ name: link.name }, subject), 'always'));
}

/** Gives a link an alternative name; refused with EEXIST when any link of the namespace has it. */
export function naming(index: number, altName: string, subject: string): Request<unknown, 'ack'> {
  return { operation: newLinkProperties, flags: NLM_F_CREATE | NLM_F_EXCL, value: { index, altNames: [altName] }, expects: 'ack', subject };
}

/** Changes a link that is there. */
export function setting(link: ResolvedLink & { index: number }, subject: string): Request<unknown, 'ack'> {
  return {
    operation: newLink,
    flags: 0,
    value: { ...wireOf(link), ...laterWireOf(link) },
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
