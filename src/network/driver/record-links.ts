/**
 * Links of endpoints that have nothing on the host: their record stands on a bridge that is down and has no ports, and says where the link is. It is made before the link, so
 * that whatever becomes of the process, what it has made is found from the host.
 */

import { InputError, NetloomError, NotFoundError } from '../../netlink/errors.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, askEach, type Program, scoped } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { newLink } from '../../rtnl/link/operations.ts';
import { findLink, linkRequest } from '../../rtnl/link/reference.ts';
import { type ResolvedLink, renameLinkPath, wireOf } from '../../rtnl/link/wire.ts';
import { namespaceIdRequest, newNetnsId, notAssigned } from '../../rtnl/netns-id/message.ts';
import { undoing } from '../../rtnl/undo.ts';
import { endpointOf } from '../find.ts';
import { derivedHardwareAddress, endpointsAddress, innerLinkName, placeAltName, unfinishedLinkName } from '../name.ts';
import type { NetworkDefinition } from '../record.ts';
import { createdWith, linkOf, naming, setting } from '../requests.ts';
import type { EndpointLinks, EndpointPlace, NetworkDriver } from './driver.ts';
import { removeLinks } from './remove.ts';
import { madeRoom } from './room.ts';

/** include/uapi/linux/if_arp.h */
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/** The link of an endpoint, which is to be made, or to be found, in its namespace. */
export interface InnerLink {
  /** The name it had before, where it is given back. */
  readonly was?: string;
  /** What its record says of it besides, in alternative names: how it was before. */
  readonly also?: readonly string[];
  /** Whether it keeps its name. */
  readonly keepsName?: boolean;
  /** Makes it, under the name `name`. @returns its index there */
  make(name: string, nsid: number): Program<number>;
  /** What it needs once it can be found by its alternative name. It runs in the namespace. */
  found?(): Program<void>;
}

/** What the network's own link is, for all of these drivers: nothing but a place for its record. */
export function recordOfNetwork({ name }: NetworkDefinition): ResolvedLink {
  return { kind: 'bridge', address: derivedHardwareAddress('network', name) };
}

/** A driver whose endpoints are recorded in this manner. */
export function recordDriver(
  inner: (place: EndpointPlace) => Program<InnerLink>,
  checkNetwork?: NetworkDriver['checkNetwork'],
): NetworkDriver {
  return {
    networkLink: recordOfNetwork,
    *makeLinks(place) {
      return yield* recordLinks(place, inner);
    },
    ...(checkNetwork === undefined ? {} : { checkNetwork }),
  };
}

function* recordLinks(place: EndpointPlace, find: (place: EndpointPlace) => Program<InnerLink>): Program<EndpointLinks> {
  const { state, plan, link, target, subject } = place;
  const [made] = yield* createdWith({ name: link, kind: 'bridge', address: endpointsAddress(state.definition.name) }, [], subject);
  if (!made.ok) {
    yield* madeRoom(place, made.error);
    return yield* recordLinks(place, find);
  }
  const host = made.value;
  return yield* undoing(located(), function* () {
    const present = yield* linkOf(link);
    const endpoint = present === undefined ? undefined : endpointOf(present);
    if (endpoint !== undefined) yield* removeLinks(endpoint);
  });

  function* located(): Program<EndpointLinks> {
    // only now: what an endpoint of before had taken is back
    const inner = yield* find(place);
    const netnsid = yield* idOf(target.fd, target.describe);
    // in one message: as soon as it says that something is to be given back, it says all about it
    yield* ask(naming({ index: host.index }, [placeAltName(link, netnsid, inner.was), ...(inner.also ?? [])], subject));
    const index = yield* inner.make(unfinishedLinkName(link), netnsid);
    try {
      // from the host it is found by the one name or the other at any time: it keeps the first until it has the second
      yield* scoped(target, ask(naming({ index }, innerLinkName(link), subject)));
      if (inner.found !== undefined) yield* scoped(target, inner.found());
      if (inner.keepsName !== true) yield* scoped(target, ask(setting({ index, name: plan.ifname }, subject)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new NetloomError(`ifname: link ${show(plan.ifname)} already exists in the ${target.describe}`, 'EEXIST', {
        errno: 17,
        cause: error,
      });
    }
    return { host, index, netnsid };
  }
}

/** Makes a link in the namespace, from the host: on top of a link of the host's, or by itself. @returns its index there */
export function* madeInside(link: ResolvedLink & { name: string }, { target, subject }: EndpointPlace, nsid: number): Program<number> {
  yield* ask(
    {
      operation: newLink,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      value: wireOf({ ...link, netnsFd: target.fd }),
      expects: 'ack' as const,
      subject,
      rename: renameLinkPath,
    },
    'outcome',
  );
  return (yield* ask(linkRequest({ name: link.name }, subject, { targetNetnsid: nsid }), 'always')).index;
}

/** Index of the link that endpoints are on top of; where somebody has given it another name, the one that was called so when the network was made. @throws NotFoundError naming `parent` */
export function* parentIndex({ parent, parentIndex: recorded }: NetworkDefinition): Program<number> {
  try {
    return (yield* findLink(parent!, 'parent')).index;
  } catch (error) {
    if (!(error instanceof NotFoundError) || recorded === undefined) throw error;
    const [renamed] = yield* askEach([linkRequest({ index: recorded }, `link ${show(parent)}`)]);
    if (renamed.ok) return recorded;
    throw (renamed.error as NodeJS.ErrnoException).code === 'ENODEV' ? error : renamed.error;
  }
}

/**
 * Whether links can be on top of the parent, before a network is made of which no endpoint could be.
 *
 * @returns the network, with the index of the parent
 * @throws InputError naming `parent` or `mtu`; NotFoundError naming `parent`
 */
export function* checkParent(definition: NetworkDefinition): Program<NetworkDefinition> {
  const { driver, parent, mtu } = definition;
  const { index, type, mtu: mtuOfParent = 0 } = yield* findLink(parent!, 'parent');
  if (type === ARPHRD_LOOPBACK) throw new InputError('parent', `${show(parent)} leads nowhere: it is the loopback link`);
  if (driver === 'macvlan' && type !== ARPHRD_ETHER)
    throw new InputError('parent', `${show(parent)} is no Ethernet link, and the driver ${driver} takes no other`);
  if (mtu !== undefined && mtuOfParent > 0 && mtu > mtuOfParent)
    throw new InputError('mtu', `${mtu} is more than the parent ${show(parent)} has, ${mtuOfParent}`, 'ERR_OUT_OF_RANGE');
  return { ...definition, parentIndex: index };
}

/** The id that the host has for a namespace; it gets one if it has none. */
function* idOf(fd: number, subject: string): Program<number> {
  const { nsid = notAssigned } = yield* ask(namespaceIdRequest(fd, subject));
  if (nsid !== notAssigned) return nsid;
  try {
    yield* ask({ operation: newNetnsId, flags: 0, value: { fd, nsid: notAssigned }, expects: 'ack' as const, subject });
  } catch (error) {
    // somebody else was faster
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (yield* ask(namespaceIdRequest(fd, subject))).nsid ?? notAssigned;
}
