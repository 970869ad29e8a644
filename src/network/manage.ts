/** Makes, opens, lists, deletes and cleans networks. */
import type { HostGraph } from '../draw/graph.ts';
import type { Program } from '../netlink/program.ts';
import type { StoreOptions } from './address-store.ts';
import { Connection } from './connection.ts';
import type { FoundNetwork } from './find.ts';
import type { Collected } from './gc.ts';
import type { NetworkDetails, NetworkInfo } from './inspect.ts';
import {
  type CreateNetworkOptions,
  collecting,
  creating,
  deleting,
  inspecting,
  inspectingHost,
  listing,
  type NetworkCallOptions,
  opening,
} from './management.ts';
import { Network } from './network.ts';
import type { DeleteNetworkOptions } from './operations.ts';

/**
 * Makes a network, and opens it.
 *
 *     await using net = await network.create({ name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'], masquerade: true });
 *
 * @throws InputError naming the option that is wrong, before anything is changed; NotFoundError for `netns`
 * @throws NetloomError `EEXIST` when there is a network or a link of this name, `EADDRINUSE` when a subnet overlaps another network's, `EBUSY` when somebody else is
 * making or removing it
 * @throws NetlinkError what the kernel refused; nothing is left behind then
 */
export async function create(options: CreateNetworkOptions): Promise<Network> {
  return await opened(options, creating(options));
}

/** Opens a network that is there. @throws InputError; NotFoundError naming `name` or `netns` */
export async function open(name: string, options: NetworkCallOptions & StoreOptions = {}): Promise<Network> {
  return await opened(options, opening(name, options));
}

async function opened(options: NetworkCallOptions & StoreOptions, program: Program<FoundNetwork>): Promise<Network> {
  const connection = new Connection(options);
  try {
    return new Network(connection, await connection.run(program, options), options.store);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The networks of a namespace, in the order they were made in. @throws InputError; NotFoundError for `netns` */
export async function list(options: NetworkCallOptions = {}): Promise<NetworkInfo[]> {
  return await once(options, listing(options));
}

/** A network and what is attached to it. @throws InputError; NotFoundError naming `name` or `netns` */
export async function inspect(name: string, options: NetworkCallOptions = {}): Promise<NetworkDetails> {
  return await once(options, inspecting(name, options));
}

/**
 * What the host is like: its namespaces, links and where they lead, addresses, routes through gateways, NAT and published ports, from the kernel's state alone. Namespaces are
 * those with a name (`ip netns`) and those that links of the host lead to; what is closed to this process is left out.
 *
 * @throws InputError; NotFoundError for `netns`
 */
export async function inspectHost(options: NetworkCallOptions = {}): Promise<HostGraph> {
  return await once(options, inspectingHost(options));
}

/** Deletes a network. @throws as {@link Network.delete} */
export async function deleteNetwork(name: string, options: NetworkCallOptions & StoreOptions & DeleteNetworkOptions = {}): Promise<void> {
  await once(options, deleting(name, options));
}

/**
 * Clears away, in all networks of a namespace, endpoints of owners that are not among these, what processes that died have left half made, endpoints whose network is
 * gone, and rules of networks that are gone. What somebody has taken away of the rules of those that are there is brought back. What somebody is at work on is left alone.
 *
 * @throws InputError naming `validOwners`; what cannot be removed, once all else is: an AggregateError when it is several
 */
export async function gc(validOwners: Iterable<string>, options: NetworkCallOptions & StoreOptions = {}): Promise<Collected> {
  return await once(options, collecting(validOwners, options));
}

async function once<T>(options: NetworkCallOptions, program: Program<T>): Promise<T> {
  const connection = new Connection(options);
  try {
    return await connection.run(program, options);
  } finally {
    connection.close();
  }
}
