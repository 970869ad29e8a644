/** Makes, opens, lists, deletes and cleans networks. */
import type { HostGraph } from '../draw/graph.ts';
import { NetloomError } from '../netlink/errors.ts';
import { checkOptions } from '../netlink/input.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { listNames } from '../netns/name.ts';
import { checkStore, type StoreOptions, storeMembers } from './address-store.ts';
import { Connection, type ConnectionOptions, connectionMembers } from './connection.ts';
import { createNetwork } from './create.ts';
import { allNetworks, type FoundNetwork, findNetwork } from './find.ts';
import { type Collected, checkOwners, collect } from './gc.ts';
import { hostGraph } from './host-graph.ts';
import { infoOf, inspectNetwork, type NetworkDetails, type NetworkInfo } from './inspect.ts';
import { checkNetworkName } from './name.ts';
import { type DeleteNetworkOptions, Network, removal } from './network.ts';
import { checkNetwork, type NetworkOptions } from './options.ts';

/** Milliseconds to wait while others make networks. */
const defaultPatience = 30_000;
const longestPause = 20;

export interface CreateNetworkOptions extends NetworkOptions, ConnectionOptions, StoreOptions {
  timeout?: number;
}

export interface NetworkCallOptions extends CallOptions, ConnectionOptions {
  timeout?: number;
}

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
  const plan = checkNetwork(options, connectionMembers, storeMembers);
  checkStore(options.store);
  return await opened(options, async (connection) => {
    const deadline = performance.now() + (options.timeout ?? defaultPatience);
    // it takes milliseconds, and its end is not announced
    for (let pause = 1; ; pause = Math.min(2 * pause, longestPause)) {
      const found = await connection.run(createNetwork(plan), options);
      if (found !== undefined) return found;
      if (performance.now() > deadline)
        throw new NetloomError(`network ${show(options.name)}: another one is being made by somebody else all the time`, 'EBUSY', {
          errno: 16,
        });
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  });
}

/** Opens a network that is there. @throws InputError; NotFoundError naming `name` or `netns` */
export async function open(name: string, options: NetworkCallOptions & StoreOptions = {}): Promise<Network> {
  checkNetworkName(name, 'name');
  checkOptions(options, 'options', connectionMembers, storeMembers);
  checkStore(options.store);
  return await opened(options, (connection) => connection.run(findNetwork(name, 'name'), options));
}

async function opened(
  options: NetworkCallOptions & StoreOptions,
  find: (connection: Connection) => Promise<FoundNetwork>,
): Promise<Network> {
  const connection = new Connection(options);
  try {
    return new Network(connection, await find(connection), options.store);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The networks of a namespace, in the order they were made in. @throws InputError; NotFoundError for `netns` */
export async function list(options: NetworkCallOptions = {}): Promise<NetworkInfo[]> {
  checkOptions(options, 'options', connectionMembers);
  return (await once(options, allNetworks())).map(infoOf);
}

/** A network and what is attached to it. @throws InputError; NotFoundError naming `name` or `netns` */
export async function inspect(name: string, options: NetworkCallOptions = {}): Promise<NetworkDetails> {
  checkNetworkName(name, 'name');
  checkOptions(options, 'options', connectionMembers);
  return await once(options, inspectNetwork(name));
}

/**
 * What the host is like: its namespaces, links and where they lead, addresses, routes through gateways, NAT and published ports, from the kernel's state alone. Namespaces are
 * those with a name (`ip netns`) and those that links of the host lead to; what is closed to this process is left out.
 *
 * @throws InputError; NotFoundError for `netns`
 */
export async function inspectHost(options: NetworkCallOptions = {}): Promise<HostGraph> {
  checkOptions(options, 'options', connectionMembers);
  const names = listNames().flatMap(({ name, problem }) => (problem === undefined ? [name] : []));
  return await once(options, hostGraph(options.netns ?? '/proc/thread-self/ns/net', names));
}

/** Deletes a network. @throws as {@link Network.delete} */
export async function deleteNetwork(name: string, options: NetworkCallOptions & StoreOptions & DeleteNetworkOptions = {}): Promise<void> {
  checkNetworkName(name, 'name');
  checkStore(options?.store);
  await once(options, removal(name, options, options.store, connectionMembers, storeMembers));
}

/**
 * Clears away, in all networks of a namespace, endpoints of owners that are not among these, what processes that died have left half made, endpoints whose network is
 * gone, and rules of networks that are gone. What somebody is at work on is left alone.
 *
 * @throws InputError naming `validOwners`; what cannot be removed, once all else is: an AggregateError when it is several
 */
export async function gc(validOwners: Iterable<string>, options: NetworkCallOptions & StoreOptions = {}): Promise<Collected> {
  const owners = checkOwners(validOwners);
  checkOptions(options, 'options', connectionMembers, storeMembers);
  checkStore(options.store);
  return await once(options, collect(owners, undefined, options.store));
}

async function once<T>(options: NetworkCallOptions, program: Program<T>): Promise<T> {
  const connection = new Connection(options);
  try {
    return await connection.run(program, options);
  } finally {
    connection.close();
  }
}
