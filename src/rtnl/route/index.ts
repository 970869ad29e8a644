/** Routes: what `netloom/rtnl` exports of this folder. */
export * from './encap/index.ts';
export type { NexthopFlag, RouteFlag, RoutePreference, RouteProtocol, RouteTable, RouteType } from './enumerations.ts';
export {
  deleteRoute,
  getRoute,
  type MulticastStatistics,
  newRoute,
  type RouteAttributes,
  type RouteCacheInfo,
  type RouteHeader,
  type RouteMessage,
  type RouteMessageInput,
  type RouteOperation,
  routeAttributes,
  routeMessage,
  rtaCacheinfo,
  rtaMfcStats,
  rtmsg,
} from './message.ts';
export { type RouteMetrics, routeMetrics } from './metrics.ts';
export type { MulticastFilter, MulticastRoute } from './multicast.ts';
export { type NexthopAttributes, type NexthopHeader, type NexthopMessage, nexthopAttributes, nexthopList, rtnexthop } from './nexthop.ts';
export type { NexthopSpec } from './path.ts';
export { type LookupOptions, type RouteFilter, routePrograms } from './programs.ts';
export type { Nexthop, Route, RouteFamily } from './route.ts';
export type { RouteSpec } from './spec.ts';
export { readSavedRoutes, type SavedRoute } from './transfer.ts';
