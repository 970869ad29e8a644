/**
 * Who has the link `lo` of a namespace up. It is there before any endpoint, several endpoints may share it, also of networks of different hosts, and it may be up already; so an alternative
 * name of its own says that it was netloom that set it up, and those of the endpoints who needs it still. No lock is common to all of them: each says that it is there before it looks whether `lo` is up,
 * and looks whether others are there after it has set it down.
 */
import { ask, type Program } from '../../netlink/program.ts';
import { IFF_UP } from '../../rtnl/link/flags.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import { isInnerLinkName } from '../name.ts';
import { naming, setting, unnaming } from '../requests.ts';

/** LOOPBACK_IFINDEX (include/net/flow.h): the kernel gives it in each namespace. */
export const loopbackIndex = 1;

/** Not to be mistaken for a claim of an address, nor for the name of a network. */
const upByNetloom = 'netloom=up';

const which = { index: loopbackIndex };

function* loopback(subject: string): Program<LinkRead> {
  return yield* ask(linkRequest(which, subject));
}

/** Sets `lo` up, for an endpoint that it has the name of already. It runs in the namespace. */
export function* raiseLoopback(subject: string): Program<void> {
  if (((yield* loopback(subject)).flags & IFF_UP) === 0) yield* claimedUp(subject);
}

function* claimedUp(subject: string): Program<void> {
  yield* minding('EEXIST', ask(naming(which, upByNetloom, subject)));
  yield* ask(setting({ ...which, up: true }, subject));
}

/** Gives `lo` back: down, if netloom has set it up and no other endpoint needs it. It runs in the namespace. @param altName the name that the endpoint gave it */
export function* releaseLoopback(altName: string, subject: string): Program<void> {
  const { altNames = [] } = yield* loopback(subject);
  if (altNames.includes(upByNetloom) && !isShared(altNames, altName)) {
    yield* ask(setting({ ...which, up: false }, subject));
    yield* minding('ENOENT', ask(unnaming(which, upByNetloom, subject)));
    // one that came meanwhile may have found it up
    if (isShared((yield* loopback(subject)).altNames, altName)) yield* claimedUp(subject);
  }
  if (altNames.includes(altName)) yield* minding('ENOENT', ask(unnaming(which, altName, subject)));
}

function isShared(altNames: readonly string[] = [], own: string): boolean {
  return altNames.some((name) => name !== own && isInnerLinkName(name));
}

/** @param code of a refusal that says that somebody else has done it */
function* minding(code: string, program: Program<unknown>): Program<void> {
  try {
    yield* program;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}
