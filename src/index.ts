/**
 * netloom: container networking in-process. Links, addresses, routes, namespaces and nf_tables over netlink, without `ip`,
 * `nft` or `iptables`.
 *
 * The builders below act on the namespace of the process unless `netns` says otherwise. For everything else there are clients:
 * `rtnl.open()`, `nft.open()`, and `netns`.
 */
import { asyncBuilders } from './builders/index.ts';

export const {
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
} = asyncBuilders;

export type { BridgeOptions } from './builders/bridge.ts';
export type { ForwardingOptions } from './builders/forwarding.ts';
export {
  addForwardAccept,
  type ForwardAccept,
  findPeer,
  type Masquerade,
  masquerade,
  type SyncForwardAccept,
  type SyncMasquerade,
  sync,
} from './builders/index.ts';
export type { MoveOptions, WhereOptions } from './builders/links.ts';
export type { FindPeerOptions, FoundPeer } from './builders/peer.ts';
export type { VethEnd, VethPair, VethPairOptions, VethPairPeer } from './builders/veth-pair.ts';
export {
  ClosedError,
  DumpInterruptedError,
  type ExtendedAck,
  InputError,
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
export type { CallOptions } from './netlink/program.ts';
export type { NamespaceRef } from './netlink/sys/namespace.ts';
export * as netns from './netns/index.ts';
export type { ForwardAcceptHandle, ForwardAcceptOptions } from './nft/forward-accept.ts';
export * as nft from './nft/index.ts';
export type { MasqueradeHandle, MasqueradeOptions } from './nft/masquerade.ts';
export type { AddressOptions } from './rtnl/address/programs.ts';
export * as rtnl from './rtnl/index.ts';
