/** Links: what `netloom/rtnl` exports of this folder. */

export { type AfSpec, afSpec, type Inet6Spec, type InetSpec, type MctpSpec } from './af-spec.ts';
export type { LinkFlag } from './flags.ts';
export {
  type KnownLinkInfo,
  type LinkInfo,
  linkInfo,
  type OtherLinkInfo,
  type PortOnlyInfo,
} from './info.ts';
export { type Bridge, type BridgeQuerierState, bridge } from './kind/bridge.ts';
export type { Dummy } from './kind/dummy.ts';
export { type Veth, veth } from './kind/veth.ts';
export { type LinkKind, type NoSettings, noSettings, type PortKind } from './kind.ts';
export {
  type LinkKindInputs,
  type LinkKinds,
  linkKinds,
  type PairedKinds,
  type PortInfo,
  type PortKinds,
  portKinds,
  registerLinkKind,
  registerPortKind,
} from './kinds.ts';
export { isLinkOfKind, type Link, type LinkData, type LinkOfKind, type LinkPort, type OperState } from './link.ts';
export { ifinfomsg, type LinkMessage, type LinkMessageInput, linkMessage } from './message.ts';
export { deleteLink, getLink, newLink } from './operations.ts';
export { type BridgePort, bridgePort } from './port/bridge.ts';
export { type PortProfile, portProfile } from './port-profile.ts';
export { type DeleteLinkOptions, type GetLinkOptions, type LinkFilter, linkPrograms } from './programs.ts';
export { type LinkRef, resolveLink } from './reference.ts';
export {
  type CreateBridge,
  type CreateLink,
  type CreateLinkOfKind,
  type CreateLinkSettings,
  type CreateOtherLink,
  type CreatePairedLink,
  type CreateVeth,
  type ExistingLinkSettings,
  type LinkInput,
  type LinkSettings,
  type ResolvedLink,
  renameLinkPath,
  type UpdateLink,
  type VethPeer,
  wireOf,
} from './spec.ts';
export { type LinkStatistics, linkStatistics, rtnlLinkStats64 } from './statistics.ts';
export type { VfInfo, VfStatistics, VirtualFunction } from './vf.ts';
export type { LinkCondition } from './wait.ts';
export { type Xdp, type XdpInput, xdp } from './xdp.ts';
