/** The builders: each program as a function that returns a promise and, in `sync`, as a plain one. */
import { asyncMethods, Host } from '../netlink/host.ts';
import { SyncHost, syncMethods } from '../netlink/host-sync.ts';
import type { AsyncMethods, CallOptions, Program, SyncMethods } from '../netlink/program.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { perTransport } from '../netlink/transport/default.ts';
import { listSync } from '../netns/index.ts';
import { type ForwardAcceptHandle, type ForwardAcceptOptions, forwardAccept } from '../nft/forward-accept.ts';
import { type MasqueradeHandle, type MasqueradeOptions, masquerade as masqueradeProgram } from '../nft/masquerade.ts';
import { registerNftMessages } from '../nft/messages.ts';
import type { Link } from '../rtnl/link/link.ts';
import type { LinkRef } from '../rtnl/link/reference.ts';
import type { CreateLinkOf, UpdateLinkOf } from '../rtnl/link/spec.ts';
import { registerRtnlMessages } from '../rtnl/messages.ts';
import { addAddress, removeAddress } from './addresses.ts';
import {
  type BandwidthHandle,
  type BandwidthOptions,
  checkBandwidthOptions,
  limitBandwidth as limitBandwidthProgram,
  removeBandwidthLimit,
} from './bandwidth.ts';
import { createBridge } from './bridge.ts';
import { enableForwarding } from './forwarding.ts';
import { createLink, deleteLink, enslave, getLink, moveToNs, release, setLink, type WhereOptions } from './links.ts';
import { type FindPeerOptions, type FoundPeer, findPeer as findPeerProgram } from './peer.ts';
import { removeForwardAccept, removeMasquerade } from './removal.ts';
import { addRoute, removeRoute } from './routes.ts';
import { createVethPair } from './veth-pair.ts';

registerRtnlMessages();
registerNftMessages();

// what each throws is said where the package exports it: src/index.ts
const programs = {
  /** Creates a veth pair with each end where it belongs: named, enslaved, up. If anything fails, the pair is gone again. */
  createVethPair,
  /** Moves a link to another namespace, and renames it on the way if asked to. It loses its addresses, routes, master and up state. */
  moveToNs,
  /** Makes a link a port of a bridge, bond or VRF. */
  enslave,
  /** Releases a link from its master; one that has none stays as it is. */
  release,
  /** Adds a route. */
  addRoute,
  /** Removes a route. */
  removeRoute,
  /** Creates a bridge, and gives it addresses. If one is refused the bridge is gone again. */
  createBridge,
  /** Creates a link of any kind; what a list returned is accepted. */
  createLink,
  /** Reads a link, named by its name, its index or an object with its index. */
  getLink,
  /** Changes a link: what `changes` holds and nothing else. */
  setLink,
  /** Deletes a link; the other end of a veth goes with it. */
  deleteLink,
  /** Gives a link an address. */
  addAddress,
  /** Takes an address from a link. */
  removeAddress,
  /** Makes the namespace forward packets between its links. */
  enableForwarding,
  /** Removes the rule that `masquerade` made, by its handle; one that is gone already is no error. */
  removeMasquerade,
  /** Removes the rules that `addForwardAccept` made, by their handle; ones that are gone already are no error. */
  removeForwardAccept,
} as const;

const host = perTransport((openTransport) => new Host({ openTransport }));
const syncHost = perTransport((openTransport) => new SyncHost({ openTransport }));

/** The builders whose results are plain; a named type, so that editors show the names of what they take. What depends on a kind is said anew: mapped types lose type parameters. */
export interface Builders extends AsyncMethods<typeof programs> {
  createLink<K extends string>(spec: CreateLinkOf<K>): Promise<Link>;
  setLink<K extends string>(link: LinkRef, changes: UpdateLinkOf<K>, options?: WhereOptions): Promise<void>;
}

// the compiler does not see that settings of the kind that is named are settings of one of the kinds
export const asyncBuilders = asyncMethods(programs, host) as Builders;

/** The rule that `masquerade` made or found: plain data, and how to take it down again. */
export interface Masquerade extends MasqueradeHandle {
  /** Removes the rule; with the last one go the chain and the table. One that is gone already, alone or with its namespace, is no error. */
  remove(options?: CallOptions): Promise<void>;
}
/** The rules that `addForwardAccept` made or found: plain data, and how to take them down again. */
export interface ForwardAccept extends ForwardAcceptHandle {
  /** Removes both rules; with the last ones go the chain and the table. Ones that are gone already, alone or with their namespace, are no error. */
  remove(options?: CallOptions): Promise<void>;
}
/** The limits that `limitBandwidth` set: plain data, and how to take them away again. */
export interface BandwidthLimit extends BandwidthHandle {
  /** Takes the limits away. What is gone already, the link or its namespace too, is no error. */
  remove(options?: CallOptions): Promise<void>;
}
/** What `sync.limitBandwidth` returns: {@link BandwidthLimit} whose `remove` waits in place. */
export interface SyncBandwidthLimit extends BandwidthHandle {
  /** Takes the limits away. What is gone already, the link or its namespace too, is no error. */
  remove(options?: CallOptions): void;
}
/** What `sync.masquerade` returns: {@link Masquerade} whose `remove` waits in place. */
export interface SyncMasquerade extends MasqueradeHandle {
  /** Removes the rule; with the last one go the chain and the table. One that is gone already, alone or with its namespace, is no error. */
  remove(options?: CallOptions): void;
}
/** What `sync.addForwardAccept` returns: {@link ForwardAccept} whose `remove` waits in place. */
export interface SyncForwardAccept extends ForwardAcceptHandle {
  /** Removes both rules; with the last ones go the chain and the table. Ones that are gone already, alone or with their namespace, are no error. */
  remove(options?: CallOptions): void;
}

type Removal<H> = (handle: H, options: CallOptions & { netns?: NamespaceRef }) => Program<void>;

/** A method that is not part of what is printed, compared or written as JSON. */
function withRemove<H extends object, R>(handle: H, remove: (options?: CallOptions) => R): H & { remove(options?: CallOptions): R } {
  return Object.defineProperty({ ...handle }, 'remove', { value: remove, enumerable: false }) as H & { remove(options?: CallOptions): R };
}

function removable<O extends CallOptions & { netns?: NamespaceRef }, H extends object>(
  make: (options: O) => Program<H>,
  remove: Removal<H>,
) {
  const removalOptions = (options: O, call: CallOptions): CallOptions & { netns?: NamespaceRef } =>
    options.netns === undefined ? call : { ...call, netns: options.netns };
  return {
    async: async (options: O) => {
      const handle = await host().run(make(options), options);
      return withRemove(handle, async (call: CallOptions = {}) => await host().run(remove(handle, removalOptions(options, call)), call));
    },
    sync: (options: O) => {
      const handle = syncHost().run(make(options), options);
      return withRemove(handle, (call: CallOptions = {}) => syncHost().run(remove(handle, removalOptions(options, call)), call));
    },
  };
}

const masquerades = removable(masqueradeProgram, removeMasquerade);
const forwardAccepts = removable(forwardAccept, removeForwardAccept);
const bandwidthLimits = removable(
  ({ link, ...options }: BandwidthOptions & { link: LinkRef }) => limitBandwidthProgram(link, options),
  removeBandwidthLimit,
);

/**
 * Gives what comes from a network and leaves this machine the address of the interface it leaves by. One transaction; asked for
 * twice with the same options it is one rule.
 *
 * @throws InputError naming the option that is wrong, before anything is sent
 * @throws NetlinkError what the kernel refused
 */
export const masquerade: (options: MasqueradeOptions) => Promise<Masquerade> = masquerades.async;

/**
 * Accepts what is forwarded from and to an interface, IPv4 and IPv6. One transaction; asked for twice it is the same two rules.
 *
 * An accept is the last word in its own chain alone: a packet that another base chain of the hook drops is dropped. On a machine
 * with Docker the policy of `ip filter FORWARD` is drop, and its packets have to be accepted there too.
 *
 * @throws InputError, NetlinkError
 */
export const addForwardAccept: (options: ForwardAcceptOptions) => Promise<ForwardAccept> = forwardAccepts.async;

/**
 * Limits how much may pass to and from what is at the other end of a link, such as the container behind the host's end of a veth: as the bandwidth plugin of CNI
 * does. What comes to it is held up by a tbf at the root of the link; what it sends goes through a link of the kind ifb, where another does. What waits
 * longer than 25 ms is dropped. Called again it puts the new limits in the place of the old ones; for a moment there are none.
 *
 * @throws InputError naming the option that is wrong, before anything is changed; NotFoundError for `link` and `netns`
 * @throws NetlinkError `EEXIST` when the link has a root or ingress qdisc of somebody else's, which stays, `ENOENT` when the kernel lacks tbf, u32 and matchall, or mirred
 */
export async function limitBandwidth(link: LinkRef, options: BandwidthOptions): Promise<BandwidthLimit> {
  checkBandwidthOptions(options);
  return await bandwidthLimits.async({ ...options, link });
}

/** Among the namespaces with a name, unless others are given. Names that no namespace is behind, or that may not be opened, are no candidates. */
function findingPeer<N extends NamespaceRef>(link: LinkRef, options: FindPeerOptions<N>): Program<FoundPeer<N> | undefined> {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || options.candidates !== undefined)
    return findPeerProgram(link, options as FindPeerOptions<N> & { candidates: readonly N[] });
  const named: readonly NamespaceRef[] = listSync().flatMap(({ path, problem }) => (problem === undefined ? [path] : []));
  return findPeerProgram(link, { ...options, candidates: named as readonly N[] }, true);
}

/**
 * Finds the other end of a veth, in its own namespace or in one of the candidates (default: the namespaces with a name).
 *
 * @returns undefined when it is in none of them
 * @throws InputError when the link is no veth; NotFoundError when it does not exist
 */
export async function findPeer<N extends NamespaceRef = string>(
  link: LinkRef,
  options: FindPeerOptions<N> = {},
): Promise<FoundPeer<N> | undefined> {
  return await host().run(findingPeer(link, options), options);
}

/** The builders of {@link sync}. They throw what the others reject with. */
export interface SyncBuilders extends SyncMethods<typeof programs> {
  createLink<K extends string>(spec: CreateLinkOf<K>): Link;
  setLink<K extends string>(link: LinkRef, changes: UpdateLinkOf<K>, options?: WhereOptions): void;
  /** Gives what comes from a network and leaves this machine the address of the interface it leaves by; asked for twice it is one rule. */
  masquerade(options: MasqueradeOptions): SyncMasquerade;
  /** Limits how much may pass to and from what is at the other end of a link. */
  limitBandwidth(link: LinkRef, options: BandwidthOptions): SyncBandwidthLimit;
  /** Accepts what is forwarded from and to an interface; asked for twice it is the same two rules. */
  addForwardAccept(options: ForwardAcceptOptions): SyncForwardAccept;
  /** Finds the other end of a veth, in its own namespace or in one of the candidates (default: the namespaces with a name). */
  findPeer<N extends NamespaceRef = string>(link: LinkRef, options?: FindPeerOptions<N>): FoundPeer<N> | undefined;
}

/** The builders as plain functions that wait in place: for scripts, and for code within `Netns.run`. @example sync.createBridge({ name: 'br0', up: true }) */
export const sync: SyncBuilders = {
  // as above
  ...(syncMethods(programs, syncHost) as Pick<SyncBuilders, keyof typeof programs>),
  masquerade: masquerades.sync,
  limitBandwidth(link, options) {
    checkBandwidthOptions(options);
    return bandwidthLimits.sync({ ...options, link });
  },
  addForwardAccept: forwardAccepts.sync,
  findPeer<N extends NamespaceRef = string>(link: LinkRef, options: FindPeerOptions<N> = {}) {
    return syncHost().run(findingPeer(link, options), options);
  },
};
