/** Routes: what `netloom/rtnl` exports of this folder. */
export type { NexthopFlag, RouteFlag, RoutePreference, RouteProtocol, RouteTable, RouteType } from './enumerations.ts';
export {
  deleteRoute,
  getRoute,
  newRoute,
  type RouteMessage,
  type RouteMessageInput,
  routeMessage,
  rtaCacheinfo,
  rtmsg,
} from './message.ts';
export { type RouteMetrics, routeMetrics } from './metrics.ts';
export { type NexthopMessage, nexthopList, rtnexthop } from './nexthop.ts';
export { type LookupOptions, type RouteFilter, routePrograms } from './programs.ts';
export type { Nexthop, Route, RouteEncap } from './route.ts';
export type { NexthopSpec, RouteSpec } from './spec.ts';
