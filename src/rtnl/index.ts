/** `netloom/rtnl`: links, addresses and routes through rtnetlink. */
export type { Address, AddressProtocol } from './address/address.ts';
export type { AddressFlag } from './address/flags.ts';
export {
  type AddressMessage,
  type AddressMessageInput,
  addressMessage,
  deleteAddress,
  getAddress,
  ifaCacheinfo,
  ifaddrmsg,
  newAddress,
} from './address/message.ts';
export { type AddressFilter, type AddressSelector, addressPrograms } from './address/programs.ts';
export type { AddressOptions } from './address/spec.ts';
export {
  type AddressMethods,
  type AddressMethodsSync,
  type LinkMethods,
  type LinkMethodsSync,
  open,
  openSync,
  type RouteMethods,
  type RouteMethodsSync,
  type RtnlClient,
  type RtnlClientSync,
  type RtnlOptions,
} from './client.ts';
export { type Bridge, type BridgeQuerierState, bridge } from './link/bridge.ts';
export { type BridgePort, bridgePort } from './link/bridge-port.ts';
export type { LinkFlag } from './link/flags.ts';
export {
  type KnownLinkInfo,
  type LinkInfo,
  linkInfo,
  linkKinds,
  type OtherLinkInfo,
  type PortInfo,
  type PortOnlyInfo,
  portKinds,
} from './link/info.ts';
export type { Link, LinkData, LinkPort, OperState } from './link/link.ts';
export { ifinfomsg, type LinkMessage, type LinkMessageInput, linkMessage } from './link/message.ts';
export { deleteLink, getLink, newLink } from './link/operations.ts';
export { type GetLinkOptions, type LinkFilter, linkPrograms } from './link/programs.ts';
export { type LinkRef, resolveLink } from './link/reference.ts';
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
} from './link/spec.ts';
export { type LinkStatistics, linkStatistics, rtnlLinkStats64 } from './link/statistics.ts';
export { type Veth, veth } from './link/veth.ts';
export type { NexthopFlag, RouteFlag, RoutePreference, RouteProtocol, RouteTable, RouteType } from './route/enumerations.ts';
export {
  deleteRoute,
  getRoute,
  newRoute,
  type RouteMessage,
  type RouteMessageInput,
  routeMessage,
  rtaCacheinfo,
  rtmsg,
} from './route/message.ts';
export { type RouteMetrics, routeMetrics } from './route/metrics.ts';
export { type NexthopMessage, nexthopList, rtnexthop } from './route/nexthop.ts';
export { type LookupOptions, type RouteFilter, routePrograms } from './route/programs.ts';
export type { Nexthop, Route, RouteEncap } from './route/route.ts';
export type { NexthopSpec, RouteSpec } from './route/spec.ts';
export type { Scope } from './scope.ts';
