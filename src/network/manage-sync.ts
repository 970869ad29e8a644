/** The same as in `manage.ts`, in place. */
import type { HostGraph } from '../draw/graph.ts';
import type { Program } from '../netlink/program.ts';
import type { SyncStoreOptions } from './address-store.ts';
import { SyncConnection } from './connection-sync.ts';
import type { FoundNetwork } from './find.ts';
import type { Collected } from './gc.ts';
import type { NetworkDetails, NetworkInfo } from './inspect.ts';
import {
  collecting,
  creating,
  deleting,
  inspecting,
  inspectingHost,
  listing,
  type NetworkCallOptions,
  opening,
  type SyncCreateNetworkOptions,
} from './management.ts';
import { SyncNetwork } from './network-sync.ts';
import type { DeleteNetworkOptions } from './operations.ts';

/**
 * Makes a network, and opens it so that what is done with it is done before its methods return.
 *
 *     using net = network.createSync({ name: 'web', subnets: ['10.20.0.0/16'] });
 *
 * @throws as {@link create}; InputError naming `store` for one that answers with a promise
 */
export function createSync(options: SyncCreateNetworkOptions): SyncNetwork {
  return opened(options, creating(options));
}

/** Opens a network that is there. @throws as {@link open} */
export function openSync(name: string, options: NetworkCallOptions & SyncStoreOptions = {}): SyncNetwork {
  return opened(options, opening(name, options));
}

function opened(options: NetworkCallOptions & SyncStoreOptions, program: Program<FoundNetwork>): SyncNetwork {
  const connection = new SyncConnection(options);
  try {
    return new SyncNetwork(connection, connection.run(program, options), options.store);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The networks of a namespace, in the order they were made in. @throws as {@link list} */
export function listSync(options: NetworkCallOptions = {}): NetworkInfo[] {
  return once(options, listing(options));
}

/** A network and what is attached to it. @throws as {@link inspect} */
export function inspectSync(name: string, options: NetworkCallOptions = {}): NetworkDetails {
  return once(options, inspecting(name, options));
}

/** What the host is like. @throws as {@link inspectHost} */
export function inspectHostSync(options: NetworkCallOptions = {}): HostGraph {
  return once(options, inspectingHost(options));
}

/** Deletes a network. @throws as {@link SyncNetwork.delete} */
export function deleteSync(name: string, options: NetworkCallOptions & SyncStoreOptions & DeleteNetworkOptions = {}): void {
  once(options, deleting(name, options));
}

/** Clears away, in all networks of a namespace, what has no owner, no network or no end. @throws as {@link gc}; InputError naming `store` for one that answers with a promise */
export function gcSync(validOwners: Iterable<string>, options: NetworkCallOptions & SyncStoreOptions = {}): Collected {
  return once(options, collecting(validOwners, options));
}

function once<T>(options: NetworkCallOptions, program: Program<T>): T {
  const connection = new SyncConnection(options);
  try {
    return connection.run(program, options);
  } finally {
    connection.close();
  }
}
