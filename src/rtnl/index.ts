/** `netloom/rtnl`: links, addresses, routes and the other objects of rtnetlink. One folder an object; its index.ts says what is public. */
export * from './address/index.ts';
export * from './address-label/index.ts';
export * from './bridge-link/index.ts';
export * from './bridge-vlan/index.ts';
export {
  type LinkMethods,
  open,
  openSync,
  type RtnlClient,
  type RtnlClientSync,
  type RtnlMethods,
  type RtnlMethodsSync,
  type RtnlOptions,
} from './client.ts';
export * from './fdb/index.ts';
export type { IpProtocol } from './ip-protocol.ts';
export * from './link/index.ts';
export * from './mdb/index.ts';
export * from './monitor/index.ts';
export * from './nd-user-option/index.ts';
export * from './neighbor/index.ts';
export * from './neighbor-table/index.ts';
export * from './netconf/index.ts';
export * from './netns-id/index.ts';
export * from './nexthop/index.ts';
export * from './prefix/index.ts';
export type { Range } from './range.ts';
export * from './route/index.ts';
export * from './rule/index.ts';
export type { Scope } from './scope.ts';
export * from './stats/index.ts';
export * from './tc/index.ts';
export * from './vni/index.ts';
