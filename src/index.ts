/**
 * netloom: container networking in-process. Links, addresses, routes, namespaces and nf_tables over netlink, without `ip`,
 * `nft` or `iptables`.
 *
 * The builders below act on the namespace of the process unless `netns` says otherwise. For everything else there are clients:
 * `rtnl.open()`, `nft.open()`, `conntrack.open()`, and `netns`. Container networks are made by `network`.
 */
import { asyncBuilders, type Builders } from './builders/index.ts';

/**
 * Creates a veth pair with each end where it belongs: named, enslaved, up. If anything fails, the pair is gone again.
 *
 * @example await createVethPair({ name: 'v0', master: 'br0', up: true, peer: { name: 'eth0', netns: 'red', up: true } })
 * @throws InputError naming the argument (`peer.name`), before anything is sent
 * @throws NotFoundError when a namespace or a master does not exist
 * @throws NetlinkError `EEXIST` when a name or the index of the near end is taken, `EBUSY` when that of the peer is
 * @throws PermissionError without CAP_NET_ADMIN over both namespaces
 */
export const createVethPair: Builders['createVethPair'] = asyncBuilders.createVethPair;

/**
 * Moves a link to another namespace, and renames it on the way if asked to. It loses its addresses, routes, master and up state.
 *
 * @example await moveToNs('v1', 'red', { name: 'eth0' })
 * @returns the link as it is in its new namespace
 * @throws InputError, NotFoundError naming `link`, `target` or `netns`
 * @throws NetlinkError `EEXIST` when the name is taken there, `EINVAL` for links that cannot be moved
 */
export const moveToNs: Builders['moveToNs'] = asyncBuilders.moveToNs;

/**
 * Makes a link a port of a bridge, bond or VRF.
 *
 * @example await enslave('v0', 'br0')
 * @throws InputError, NotFoundError naming `link` or `master`, NetlinkError
 */
export const enslave: Builders['enslave'] = asyncBuilders.enslave;

/** Releases a link from its master; one that has none stays as it is. @throws InputError, NotFoundError, NetlinkError */
export const release: Builders['release'] = asyncBuilders.release;

/**
 * Adds a route.
 *
 * @example await addRoute({ to: 'default', via: '10.0.0.254', netns: 'red' })
 * @throws InputError naming the member that is wrong, NotFoundError when `dev` does not exist
 * @throws NetlinkError `EEXIST` when there is such a route, `ENETUNREACH` when `via` cannot be reached
 */
export const addRoute: Builders['addRoute'] = asyncBuilders.addRoute;

/** Removes a route. @throws InputError, NotFoundError; NetlinkError `ESRCH` when there is no such route */
export const removeRoute: Builders['removeRoute'] = asyncBuilders.removeRoute;

/**
 * Creates a bridge, and gives it addresses. If one is refused the bridge is gone again.
 *
 * @example await createBridge({ name: 'br0', up: true, addresses: ['10.0.0.254/24'] })
 * @throws InputError naming the argument (`addresses[0]`), before anything is sent
 * @throws NotFoundError, NetlinkError (`EEXIST`)
 */
export const createBridge: Builders['createBridge'] = asyncBuilders.createBridge;

/**
 * Creates a link of any kind; what a list returned is accepted.
 *
 * @throws InputError, NotFoundError, NetlinkError (`EEXIST`), UnsupportedError when this kernel lacks the kind
 */
export const createLink: Builders['createLink'] = asyncBuilders.createLink;

/** Reads a link, named by its name, its index or an object with its index. @throws NotFoundError `ENODEV` when it does not exist */
export const getLink: Builders['getLink'] = asyncBuilders.getLink;

/**
 * Changes a link: what `changes` holds and nothing else.
 *
 * @example await setLink('eth0', { mtu: 1400, up: true })
 * @throws InputError, NotFoundError, NetlinkError
 */
export const setLink: Builders['setLink'] = asyncBuilders.setLink;

/** Deletes a link; the other end of a veth goes with it. @throws NotFoundError `ENODEV` when it does not exist */
export const deleteLink: Builders['deleteLink'] = asyncBuilders.deleteLink;

/**
 * Gives a link an address.
 *
 * @example await addAddress('eth0', '10.0.0.1/24', { netns: 'red' })
 * @throws InputError for a bad address or option, NotFoundError when the link does not exist
 * @throws NetlinkError `EEXIST` when the link has the address
 */
export const addAddress: Builders['addAddress'] = asyncBuilders.addAddress;

/**
 * Takes an address from a link.
 *
 * @throws InputError, NotFoundError when the link does not exist
 * @throws NetlinkError `EADDRNOTAVAIL` when the link does not have the address
 */
export const removeAddress: Builders['removeAddress'] = asyncBuilders.removeAddress;

/**
 * Makes the namespace forward packets between its links: `net.ipv4.ip_forward`, or for `inet6` `net.ipv6.conf.all.forwarding`, becomes 1.
 *
 * @throws InputError, NotFoundError, SystemError `EACCES` without the privilege
 */
export const enableForwarding: Builders['enableForwarding'] = asyncBuilders.enableForwarding;

/**
 * Removes the rule that `masquerade` made, by its handle: plain data, which may come from a file or another process. A rule that is gone
 * already, alone or with its namespace, is no error.
 *
 * @example await removeMasquerade(JSON.parse(text), { netns: 'red' })
 * @throws InputError, NetlinkError; ClosedError when `netns` is a closed handle
 */
export const removeMasquerade: Builders['removeMasquerade'] = asyncBuilders.removeMasquerade;

/**
 * Removes the rules that `addForwardAccept` made, by their handle, as {@link removeMasquerade} does.
 *
 * @throws InputError, NetlinkError; ClosedError when `netns` is a closed handle
 */
export const removeForwardAccept: Builders['removeForwardAccept'] = asyncBuilders.removeForwardAccept;

export type { BandwidthHandle, BandwidthOptions } from './builders/bandwidth.ts';
export type { BridgeOptions } from './builders/bridge.ts';
export type { ForwardingOptions } from './builders/forwarding.ts';
export {
  addForwardAccept,
  type BandwidthLimit,
  type Builders,
  type ForwardAccept,
  findPeer,
  limitBandwidth,
  type Masquerade,
  masquerade,
  type SyncBandwidthLimit,
  type SyncBuilders,
  type SyncForwardAccept,
  type SyncMasquerade,
  sync,
} from './builders/index.ts';
export type { MoveOptions, WhereOptions } from './builders/links.ts';
export type { FindPeerOptions, FoundPeer } from './builders/peer.ts';
export type { VethEnd, VethPair, VethPairOptions, VethPairPeer } from './builders/veth-pair.ts';
export * as conntrack from './conntrack/index.ts';
export type { Listing, ListOptions } from './netlink/dump.ts';
export {
  ClosedError,
  DumpInterruptedError,
  type ExtendedAck,
  InputError,
  type InputErrorCode,
  MalformedMessageError,
  NetlinkError,
  NetloomError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionError,
  SystemError,
  TimeoutError,
  UnsupportedError,
} from './netlink/errors.ts';
export * as netlink from './netlink/index.ts';
export type { CallOptions, Stream, SyncStream } from './netlink/program.ts';
export type { NamespaceRef } from './netlink/sys/namespace.ts';
export * as netns from './netns/index.ts';
export * as network from './network/index.ts';
export type { ForwardAcceptHandle, ForwardAcceptOptions } from './nft/forward-accept.ts';
export * as nft from './nft/index.ts';
export type { MasqueradeHandle, MasqueradeOptions } from './nft/masquerade.ts';
export type { AddressOptions } from './rtnl/address/programs.ts';
export * as rtnl from './rtnl/index.ts';
export type { RateLimits } from './rtnl/tc/bandwidth.ts';
