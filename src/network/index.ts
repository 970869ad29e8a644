/** Container networks: made of links, addresses, routes and nf_tables, with the kernel's own objects as the only record of them. */
export { type DrawOptions, draw } from '../draw/draw.ts';
export type {
  GraphLink,
  GraphNamespace,
  GraphNat,
  GraphNetwork,
  GraphPort,
  GraphRoute,
  HostGraph,
  LinkPlace,
} from '../draw/graph.ts';
export type { RateLimits } from '../rtnl/tc/bandwidth.ts';
export type { AddressRequest, AddressStore, StoreOptions, SyncAddressStore, SyncStoreOptions } from './address-store.ts';
export type { EndpointRecord } from './attach.ts';
export type { AttachOptions, EndpointRoute } from './attach-options.ts';
export type { Problems } from './check.ts';
export type { ConnectionOptions } from './connection.ts';
export type { EndpointRef } from './detach.ts';
export type { Dns } from './dns/options.ts';
export { resolvConf } from './dns/resolv-conf.ts';
export type { DriverOptions } from './driver/options.ts';
export type { Driver } from './driver/traits.ts';
export type { Collected } from './gc.ts';
export type { EndpointInfo, NetworkDetails, NetworkInfo, SubnetInfo, SubnetUsage } from './inspect.ts';
export {
  create,
  deleteNetwork as delete,
  gc,
  inspect,
  inspectHost,
  list,
  open,
} from './manage.ts';
export { createSync, deleteSync, gcSync, inspectHostSync, inspectSync, listSync, openSync } from './manage-sync.ts';
export type { CreateNetworkOptions, NetworkCallOptions, SyncCreateNetworkOptions } from './management.ts';
export { type Endpoint, Network } from './network.ts';
export { type SyncEndpoint, SyncNetwork } from './network-sync.ts';
export type { DeleteNetworkOptions } from './operations.ts';
export type { NetworkOptions } from './options.ts';
export type { PlannedStep } from './plan.ts';
export type { ForeignChain } from './policy/accept-in.ts';
export type { PortRef } from './ports/manage.ts';
export type { PortOptions, PublishedPort, PublishedProtocol } from './ports/options.ts';
export type { EndpointKey } from './record.ts';
export type { SubnetOptions } from './subnet.ts';
