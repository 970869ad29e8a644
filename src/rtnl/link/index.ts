/** Links: what `netloom/rtnl` exports of this folder. */
export { type Bridge, type BridgeQuerierState, bridge } from './bridge.ts';
export { type BridgePort, bridgePort } from './bridge-port.ts';
export type { LinkFlag } from './flags.ts';
export {
  type KnownLinkInfo,
  type LinkInfo,
  linkInfo,
  linkKinds,
  type OtherLinkInfo,
  type PortInfo,
  type PortOnlyInfo,
  portKinds,
} from './info.ts';
export type { Link, LinkData, LinkPort, OperState } from './link.ts';
export { ifinfomsg, type LinkMessage, type LinkMessageInput, linkMessage } from './message.ts';
export { deleteLink, getLink, newLink } from './operations.ts';
export { type GetLinkOptions, type LinkFilter, linkPrograms } from './programs.ts';
export { type LinkRef, resolveLink } from './reference.ts';
export {
  type CreateBridge,
  type CreateLink,
  type CreateLinkSettings,
  type CreateOtherLink,
  type CreateVeth,
  type LinkSettings,
  type ResolvedLink,
  renameLinkPath,
  type UpdateLink,
  type VethPeer,
  wireOf,
} from './spec.ts';
export { type LinkStatistics, linkStatistics, rtnlLinkStats64 } from './statistics.ts';
export { type Veth, veth } from './veth.ts';
