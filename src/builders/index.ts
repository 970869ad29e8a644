/** The builders: each program as a function that returns a promise and, in `sync`, as a plain one. */
import { asyncMethods, Host } from '../netlink/host.ts';
import { SyncHost, syncMethods } from '../netlink/host-sync.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { openDefaultTransport } from '../netlink/transport/default.ts';
import { listSync } from '../netns/index.ts';
import { type ForwardAcceptHandle, type ForwardAcceptOptions, forwardAccept } from '../nft/forward-accept.ts';
import { type MasqueradeHandle, type MasqueradeOptions, masquerade as masqueradeProgram } from '../nft/masquerade.ts';
import { registerNftMessages } from '../nft/messages.ts';
import type { LinkRef } from '../rtnl/link/reference.ts';
import { registerRtnlMessages } from '../rtnl/messages.ts';
import { addAddress, removeAddress } from './addresses.ts';
import { createBridge } from './bridge.ts';
import { enableForwarding } from './forwarding.ts';
import { createLink, deleteLink, enslave, getLink, moveToNs, release, setLink } from './links.ts';
import { type FindPeerOptions, type FoundPeer, findPeer as findPeerProgram } from './peer.ts';
import { removeForwardAccept, removeMasquerade } from './removal.ts';
import { addRoute, removeRoute } from './routes.ts';
import { createVethPair } from './veth-pair.ts';

registerRtnlMessages();
registerNftMessages();

const programs = {
  createVethPair,
  moveToNs,
  enslave,
  release,
  addRoute,
  removeRoute,
  createBridge,
  createLink,
  getLink,
  setLink,
  deleteLink,
  addAddress,
  removeAddress,
  enableForwarding,
  removeMasquerade,
  removeForwardAccept,
} as const;

const host = new Host({ openTransport: openDefaultTransport });
const syncHost = new SyncHost({ openTransport: openDefaultTransport });

/** The builders whose results are plain. */
export const asyncBuilders = asyncMethods(programs, () => host);

/** Something that was set up and can be taken down again. */
export interface Masquerade extends MasqueradeHandle {
  /** Removes the rule; with the last one go the chain and the table. One that is gone already, alone or with its namespace, is no error. */
  remove(options?: CallOptions): Promise<void>;
}
export interface ForwardAccept extends ForwardAcceptHandle {
  /** Removes both rules; with the last ones go the chain and the table. Ones that are gone already, alone or with their namespace, are no error. */
  remove(options?: CallOptions): Promise<void>;
}
export interface SyncMasquerade extends MasqueradeHandle {
  remove(options?: CallOptions): void;
}
export interface SyncForwardAccept extends ForwardAcceptHandle {
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
      const handle = await host.run(make(options), options);
      return withRemove(handle, async (call: CallOptions = {}) => await host.run(remove(handle, removalOptions(options, call)), call));
    },
    sync: (options: O) => {
      const handle = syncHost.run(make(options), options);
      return withRemove(handle, (call: CallOptions = {}) => syncHost.run(remove(handle, removalOptions(options, call)), call));
    },
  };
}

const masquerades = removable(masqueradeProgram, removeMasquerade);
const forwardAccepts = removable(forwardAccept, removeForwardAccept);

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

/** The namespaces with a name, unless others are given. Names that no namespace is behind, or that may not be opened, are no candidates. */
function withCandidates<N extends NamespaceRef>(options: FindPeerOptions<N>): FindPeerOptions<N> & { candidates: readonly N[] } {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || options.candidates !== undefined)
    return options as FindPeerOptions<N> & { candidates: readonly N[] };
  const named: readonly NamespaceRef[] = listSync().flatMap(({ path, problem }) => (problem === undefined ? [path] : []));
  return { ...options, candidates: named as readonly N[] };
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
  return await host.run(findPeerProgram(link, withCandidates(options)), options);
}

/** The builders as plain functions that wait in place: for scripts, and for code within `Netns.run`. */
export const sync = {
  ...syncMethods(programs, () => syncHost),
  masquerade: masquerades.sync as (options: MasqueradeOptions) => SyncMasquerade,
  addForwardAccept: forwardAccepts.sync as (options: ForwardAcceptOptions) => SyncForwardAccept,
  findPeer<N extends NamespaceRef = string>(link: LinkRef, options: FindPeerOptions<N> = {}): FoundPeer<N> | undefined {
    return syncHost.run(findPeerProgram(link, withCandidates(options)), options);
  },
} as const;
