/**
 * Addresses that something else than the kernel gives out: a table that several hosts share, a file of an orchestrator's.
 *
 * The kernel stays the record of what endpoints there are, and a store only says which addresses one may have. It is asked before anything of the endpoint is made, and told after all of it is gone, both under the lock
 * of the endpoint. So a process that dies leaves at most addresses that no endpoint has, never an endpoint whose addresses are not its own; the next `attach` of the same endpoint gets the same ones, and `gc` gives them back.
 */
import { InputError } from '../netlink/errors.ts';
import type { Program, WaitStep } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { AttachPlan } from './attach-options.ts';
import { readPools } from './claim.ts';
import { refusePresent } from './driver/room.ts';
import { hostEnd, renamedEnds } from './find.ts';
import { ifUnlocked } from './lock.ts';
import { endpointLinkName, isNetworkName, lockName } from './name.ts';
import type { EndpointKey } from './record.ts';
import { linkOf } from './requests.ts';
import { always } from './rule-table.ts';
import type { NetworkState } from './state.ts';
import { checkedHost } from './subnet.ts';

/** What an endpoint needs of a store. */
export interface AddressRequest extends EndpointKey {
  /** An address of each of them. */
  readonly subnets: readonly {
    readonly subnet: string;
    /** Not to be given out. */
    readonly gateway?: string;
    /** What to give out of when none is asked for, as the network was made with. Absent: all of it. */
    readonly range?: string;
    /** The one that is asked for. */
    readonly address?: string;
  }[];
  /** Those that are taken on this host, by endpoints or for good: not to be given out either. */
  readonly taken: readonly string[];
}

/** Gives out addresses in place of netloom. All processes that attach to a network have to be given the same store. What it throws, the call that needed it throws. */
export interface AddressStore {
  /**
   * Takes an address of each subnet, all of them or none, and keeps them for the endpoint until {@link AddressStore.release}. Called again for an endpoint that has addresses, it gives the same, unless others are asked for.
   *
   * @returns the addresses without lengths, in the order of the subnets
   */
  allocate(request: AddressRequest): readonly string[] | Promise<readonly string[]>;
  /** Gives back what an endpoint has; one that has nothing is no error. It may be called more often than `allocate`. */
  release(endpoint: EndpointKey): void | Promise<void>;
  /** The endpoints of this host that have addresses of a network, for `gc` and `delete` to find those that are gone. */
  list(network: string): Iterable<EndpointKey> | Promise<Iterable<EndpointKey>>;
  /**
   * The networks of this host that endpoints have addresses of, for `gc` of all networks to find those that are gone: somebody has deleted the link, or the host was started anew. Without this
   * method what endpoints of such networks have is kept until there is a network of the name again. A store that networks of several namespaces share tells those of one alone: the others would be
   * taken for gone.
   */
  networks?(): Iterable<string> | Promise<Iterable<string>>;
}

/** An {@link AddressStore} that answers at once: what synchronous networks can have. */
export interface SyncAddressStore extends AddressStore {
  allocate(request: AddressRequest): readonly string[];
  release(endpoint: EndpointKey): void;
  list(network: string): Iterable<EndpointKey>;
  networks?(): Iterable<string>;
}

/** Who gives out the addresses of a network's endpoints. */
export interface StoreOptions {
  /** Gives out the addresses of endpoints. Default: netloom does, with the kernel as its only record. */
  store?: AddressStore;
}

/** The same, for synchronous networks. */
export interface SyncStoreOptions {
  /** Gives out the addresses of endpoints. Default: netloom does, with the kernel as its only record. */
  store?: SyncAddressStore;
}

export const storeMembers: ReadonlySet<string> = new Set<keyof StoreOptions>(['store']);

/** @throws InputError naming `store` */
export function checkStore(store: unknown): asserts store is AddressStore | undefined {
  if (store === undefined) return;
  for (const method of ['allocate', 'release', 'list'] as const) {
    if (typeof store === 'object' && store !== null && typeof (store as Partial<AddressStore>)[method] === 'function') continue;
    throw new InputError(
      'store',
      `expected an object with the methods allocate, release and list, got ${show(store)}`,
      'ERR_INVALID_ARG_TYPE',
    );
  }
  const { networks } = (store ?? {}) as Partial<AddressStore>;
  if (networks !== undefined && typeof networks !== 'function')
    throw new InputError('store', `expected its \`networks\` to be a method, got ${show(networks)}`, 'ERR_INVALID_ARG_TYPE');
}

function* waited<T>(run: () => T | Promise<T>): Program<T> {
  const step: WaitStep = { op: 'wait', argument: 'store', run };
  return (yield step) as T;
}

/**
 * Runs `body` with the addresses that the store gives, where there is one. What it gave is given back if that fails, unless the endpoint is there.
 *
 * @throws InputError naming `store` for what is no answer
 */
export function* withAddresses<T>(
  state: NetworkState,
  plan: AttachPlan,
  key: EndpointKey,
  body: (plan: AttachPlan) => Program<T>,
): Program<T> {
  const { store } = state;
  if (store === undefined || plan.addresses.length === 0) return yield* body(plan);
  const link = endpointLinkName(key.network, key.owner, key.ifname);
  const taken = yield* readPools(state, link);
  // the store could give other addresses to an endpoint that has some, and nobody would take that back
  if (state.present.has(link)) yield* refusePresent(link, `endpoint ${show(key.ifname)} of ${show(key.owner)}`, state.definition);
  const subnets = plan.addresses.map(({ subnet: { subnet, gateway, range }, address }) => ({
    subnet,
    ...(gateway === undefined ? {} : { gateway }),
    ...(range === undefined ? {} : { range }),
    ...(address === undefined ? {} : { address }),
  }));
  try {
    const given = yield* waited(() => store.allocate({ ...key, subnets, taken }));
    return yield* body({ ...plan, addresses: checkedAnswer(given, plan.addresses) });
  } catch (error) {
    try {
      if ((yield* always(hostEnd(link, state.definition.driver))) === undefined) yield* releaseStored(store, key);
    } catch (second) {
      throw new AggregateError([error, second], [error, second].map((each) => (each as Error).message).join('; and '));
    }
    throw error;
  }
}

function checkedAnswer(given: unknown, wanted: AttachPlan['addresses']): AttachPlan['addresses'] {
  if (!Array.isArray(given) || given.length !== wanted.length)
    throw new InputError('store', `gave ${show(given)}, not ${wanted.length} addresses`, 'ERR_INVALID_ARG_TYPE');
  return wanted.map(({ subnet, address: asked }, i) => {
    const address = checkedHost(given[i], 'store', subnet);
    if (address === subnet.gateway) throw new InputError('store', `gave ${address}, the gateway of ${subnet.subnet}`);
    if (asked !== undefined && address !== asked) throw new InputError('store', `gave ${address} where ${asked} was asked for`);
    return { subnet, address, argument: 'store' };
  });
}

/** Gives back what the store has for an endpoint. */
export function* releaseStored(store: AddressStore | undefined, { network, owner, ifname }: EndpointKey): Program<void> {
  if (store !== undefined) yield* waited(() => store.release({ network, owner, ifname }));
}

/** The networks that the store has something of. @throws InputError naming `store` for what is no answer */
export function* storedNetworks(store: AddressStore | undefined): Program<ReadonlySet<string>> {
  if (store?.networks === undefined) return new Set();
  const given: unknown = yield* waited<unknown>(() => store.networks!());
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given))
    throw new InputError('store', `gave ${show(given)}, and not the names of its networks`, 'ERR_INVALID_ARG_TYPE');
  const names = [...(given as Iterable<unknown>)];
  for (const name of names)
    if (typeof name !== 'string' || !isNetworkName(name))
      throw new InputError('store', `gave ${show(name)}, which is not the name of a network`);
  return new Set(names as string[]);
}

/** Gives back what the store has for endpoints of a network that are not there. @returns the links of those that somebody is at work on */
export function* sweepStore(store: AddressStore | undefined, network: string): Program<string[]> {
  if (store === undefined) return [];
  const busy: string[] = [];
  // a store may name an endpoint once for each of its addresses
  const endpoints = new Map(
    [...(yield* waited(() => store.list(network)))].map((key) => [endpointLinkName(network, key.owner, key.ifname), key]),
  );
  const renamed = endpoints.size === 0 ? new Set<string>() : yield* renamedEnds();
  for (const [link, { owner, ifname }] of endpoints) {
    const outcome = yield* ifUnlocked(lockName(link), function* (): Program<void> {
      if (!renamed.has(link) && (yield* linkOf(link)) === undefined) yield* releaseStored(store, { network, owner, ifname });
    });
    if (outcome === undefined) busy.push(link);
  }
  return busy;
}
