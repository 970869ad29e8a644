/** What is done with networks as a whole, written once for both forms. Each checks what it is given, and throws InputError before there is a program. */
import type { HostGraph } from '../draw/graph.ts';
import { checkOptions } from '../netlink/input.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import { listNames } from '../netns/name.ts';
import { checkStore, type StoreOptions, type SyncStoreOptions, storeMembers } from './address-store.ts';
import { type ConnectionOptions, connectionMembers } from './connection.ts';
import { createNetwork } from './create.ts';
import { allNetworks, type FoundNetwork, findNetwork } from './find.ts';
import { type Collected, checkOwners, collect } from './gc.ts';
import { hostGraph } from './host-graph.ts';
import { infoOf, inspectNetwork, type NetworkDetails, type NetworkInfo } from './inspect.ts';
import { checkNetworkName } from './name.ts';
import { type DeleteNetworkOptions, removal } from './operations.ts';
import { checkNetwork, type NetworkOptions } from './options.ts';

export interface CreateNetworkOptions extends NetworkOptions, ConnectionOptions, StoreOptions {
  /** Milliseconds to wait for the kernel's answers, and while others make networks. Default: 30,000. */
  timeout?: number;
}

/** {@link CreateNetworkOptions} for a synchronous network. */
export interface SyncCreateNetworkOptions extends NetworkOptions, ConnectionOptions, SyncStoreOptions {
  /** Milliseconds to wait for the kernel's answers, and while others make networks. Default: 30,000. */
  timeout?: number;
}

export interface NetworkCallOptions extends CallOptions, ConnectionOptions {
  /** Milliseconds to wait for the kernel's answers. Default: 30,000. */
  timeout?: number;
}

export function creating(options: CreateNetworkOptions): Program<FoundNetwork> {
  const plan = checkNetwork(options, connectionMembers, storeMembers);
  checkStore(options.store);
  return createNetwork(plan, options.timeout);
}

export function opening(name: string, options: NetworkCallOptions & StoreOptions): Program<FoundNetwork> {
  checkNetworkName(name, 'name');
  checkOptions(options, 'options', connectionMembers, storeMembers);
  checkStore(options.store);
  return findNetwork(name, 'name');
}

export function listing(options: NetworkCallOptions): Program<NetworkInfo[]> {
  checkOptions(options, 'options', connectionMembers);
  return infos();
}

function* infos(): Program<NetworkInfo[]> {
  return (yield* allNetworks()).map(infoOf);
}

export function inspecting(name: string, options: NetworkCallOptions): Program<NetworkDetails> {
  checkNetworkName(name, 'name');
  checkOptions(options, 'options', connectionMembers);
  return inspectNetwork(name);
}

export function inspectingHost(options: NetworkCallOptions): Program<HostGraph> {
  checkOptions(options, 'options', connectionMembers);
  const names = listNames().flatMap(({ name, problem }) => (problem === undefined ? [name] : []));
  return hostGraph(options.netns ?? '/proc/thread-self/ns/net', names);
}

export function deleting(name: string, options: NetworkCallOptions & StoreOptions & DeleteNetworkOptions): Program<void> {
  checkNetworkName(name, 'name');
  checkStore(options?.store);
  return removal(name, options, options.store, connectionMembers, storeMembers);
}

export function collecting(validOwners: Iterable<string>, options: NetworkCallOptions & StoreOptions): Program<Collected> {
  const owners = checkOwners(validOwners);
  checkOptions(options, 'options', connectionMembers, storeMembers);
  checkStore(options.store);
  return collect(owners, undefined, options.store);
}
