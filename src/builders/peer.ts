/** The other end of a veth, wherever it is. Source: include/uapi/linux/net_namespace.h, ip-netns(8). */
import { InputError, NotFoundError } from '../netlink/errors.ts';
import { checkOptions } from '../netlink/input.ts';
import { ask, holding, type Program, scoped, within } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import type { Link } from '../rtnl/link/link.ts';
import { linkPrograms } from '../rtnl/link/programs.ts';
import { identify, type LinkRef } from '../rtnl/link/reference.ts';
import { namespaceIdRequest, notAssigned } from '../rtnl/netns-id/message.ts';
import type { WhereOptions } from './links.ts';

export interface FindPeerOptions<N extends NamespaceRef = NamespaceRef> extends WhereOptions {
  /** Namespaces to look in. Default: those with a name in `/run/netns`. */
  candidates?: readonly N[];
}

/** Where the other end is. */
export interface FoundPeer<N extends NamespaceRef = NamespaceRef> {
  /** The link as its namespace has it. */
  link: Link;
  /** The candidate it was found in; undefined: the namespace of the link itself. */
  netns: N | undefined;
}

const members: ReadonlySet<string> = new Set(['netns', 'candidates']);

/**
 * Finds the other end of a veth. The kernel tells its index and an id of its namespace that means something only in the
 * namespace of the link; the candidates are compared with that id.
 *
 * @param areListed whether the candidates are names that were there a moment ago: what leads to no namespace any more is passed over
 * @returns undefined when it is in none of the candidates
 * @throws InputError when the link is no veth; NotFoundError when it does not exist
 */
export function* findPeer<N extends NamespaceRef>(
  ref: LinkRef,
  options: FindPeerOptions<N> & { candidates: readonly N[] },
  areListed = false,
): Program<FoundPeer<N> | undefined> {
  identify(ref, 'link');
  checkOptions(options, 'options', members);
  if (!Array.isArray(options.candidates))
    throw new InputError('candidates', `expected an array of namespaces, got ${show(options.candidates)}`, 'ERR_INVALID_ARG_TYPE');
  return yield* within(options.netns, 'netns', function* (): Program<FoundPeer<N> | undefined> {
    const link = yield* linkPrograms.get(ref);
    if (link.kind !== 'veth' || link.peerIndex === undefined) throw new InputError('link', `"${link.name}" is not a veth`);
    const { peerIndex, linkNetnsid } = link;
    if (linkNetnsid === undefined) return { link: yield* linkPrograms.get(peerIndex), netns: undefined };
    // its namespace is going; candidates without an id have this one, too
    if (linkNetnsid === notAssigned) return undefined;
    for (const [i, candidate] of options.candidates.entries()) {
      const peer = yield* peerIn(candidate, `candidates[${i}]`, areListed, linkNetnsid, peerIndex);
      if (peer !== undefined) return { link: peer, netns: candidate };
    }
    return undefined;
  });
}

function* peerIn(candidate: NamespaceRef, argument: string, isListed: boolean, id: number, index: number): Program<Link | undefined> {
  try {
    return yield* holding(candidate, argument, function* (there): Program<Link | undefined> {
      const { nsid } = yield* ask(namespaceIdRequest(there!.fd, there!.describe));
      return nsid === id ? yield* scoped(there, linkPrograms.get(index)) : undefined;
    });
  } catch (error) {
    // a candidate may have gone since it was listed, and so may the peer
    if (error instanceof NotFoundError) return undefined;
    // of a name that is being deleted there is a file for a moment, and nothing mounted on it
    if (isListed && error instanceof InputError) return undefined;
    throw error;
  }
}
