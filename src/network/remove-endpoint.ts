/** Removes endpoints, complete ones and what processes that died have left of them. */
import type { Program } from '../netlink/program.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { settled } from '../rtnl/undo.ts';
import { removeLinks } from './driver/remove.ts';
import { detachSteps } from './endpoint-steps.ts';
import { endpointOf, type FoundEndpoint } from './find.ts';
import { ifUnlocked } from './lock.ts';
import { lockName, resolvConfOf } from './name.ts';
import { linkOf } from './requests.ts';

export interface Removal {
  /** Whether what is found once nobody else can change it is what is to be removed. */
  readonly isMeant?: (endpoint: FoundEndpoint) => boolean;
  /** What is done when it is gone, or was already, before others can make it anew. */
  readonly afterwards?: () => Program<void>;
  /** The network that it is, or was, of, where that is known: what the link says nobody can read any more once it is gone. */
  readonly network?: string;
  /** How the link is found; default: by its name. */
  readonly find?: (link: string) => Program<LinkRead | undefined>;
}

/**
 * Removes the endpoint whose link on the host was made as `link`, if it is the one that is meant. The end in the other namespace goes with it, and with the links go addresses, routes and
 * claims. No namespace is needed for it.
 *
 * @returns `busy` when somebody else is making or removing it
 */
export function* removeEndpoint(
  link: string,
  { isMeant = () => true, afterwards, network, find = linkOf }: Removal = {},
): Program<'removed' | 'absent' | 'busy'> {
  const outcome = yield* ifUnlocked(lockName(link), function* (): Program<'removed' | 'absent'> {
    const wire = yield* find(link);
    // what the steps left may be there without the link, when the kernel removed that with its namespace
    if (wire === undefined) yield* detachSteps({ link, ...(network === undefined ? {} : { network }) });
    const endpoint = wire === undefined ? undefined : endpointOf(wire);
    if (wire === undefined && afterwards !== undefined) yield* afterwards();
    if (endpoint === undefined || !isMeant(endpoint)) return 'absent';
    yield* settled(removed(endpoint));
    if (afterwards !== undefined) yield* afterwards();
    return 'removed';
  });
  return outcome?.value ?? 'busy';
}

/** What its steps left goes first, by which nothing is sent to it any more; then the links. */
function* removed(endpoint: FoundEndpoint): Program<void> {
  const { link, wire, mark } = endpoint;
  yield* detachSteps({
    link,
    resolvConf: resolvConfOf(link, wire.altNames) ?? false,
    ...(mark === undefined ? {} : { network: mark.network }),
    // a port of a bridge is of no other driver
    ...((wire.master ?? 0) === 0 ? {} : { guarded: 'port' }),
  });
  yield* removeLinks(endpoint);
}
