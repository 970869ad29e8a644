/** Deletes links. Source: ip-link(8), "ip link delete". */
import { NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { deleteLink } from './operations.ts';
import type { GetLinkOptions } from './read.ts';
import { describeLink, identify, type LinkRef, notFound } from './reference.ts';

/** Where the link to delete is. */
export interface DeleteLinkOptions extends Pick<GetLinkOptions, 'targetNetnsid'>, CallOptions {}

const deleteMembers = memberNames<Omit<DeleteLinkOptions, keyof CallOptions>>({ targetNetnsid: true });

/** Deletes a link. The other end of a veth goes with it. */
export function* remove(link: LinkRef, options?: DeleteLinkOptions): Program<void> {
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
export function* ensureAbsent(link: LinkRef, options?: DeleteLinkOptions): Program<void> {
  try {
    yield* remove(link, options);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
