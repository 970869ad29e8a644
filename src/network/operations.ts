/** What an open network does, written once for both of its forms: {@link Network} and {@link SyncNetwork}. */
import { NotFoundError } from '../netlink/errors.ts';
import { checkBoolean, checkCallOptions, checkOptions, inArgument, memberNames } from '../netlink/input.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { undoing } from '../rtnl/undo.ts';
import type { AddressStore } from './address-store.ts';
import { type Attached, attach, type EndpointRecord } from './attach.ts';
import { type AttachOptions, withoutLength } from './attach-options.ts';
import { checkEndpoint, type Problems } from './check.ts';
import { releaseAddresses } from './claim.ts';
import { removeNetwork } from './create.ts';
import { checkEndpointRef, detach, type EndpointRef } from './detach.ts';
import { traitsOf } from './driver/traits.ts';
import type { FoundNetwork } from './find.ts';
import { type Collected, checkOwners, collect } from './gc.ts';
import { infoOf, inspectNetwork, type NetworkDetails, type NetworkInfo } from './inspect.ts';
import { endpointLinkName } from './name.ts';
import { type PlannedStep, planning } from './plan.ts';
import { missingPorts, type PortRef, publishPorts, unpublishPorts } from './ports/manage.ts';
import type { PortOptions, PublishedPort } from './ports/options.ts';
import { type EndpointKey, formatNetwork } from './record.ts';
import { release, reserve } from './reservation.ts';
import { type NetworkState, stateOf } from './state.ts';
import { refuseTaken } from './taken.ts';

export interface DeleteNetworkOptions extends CallOptions {
  /** Detach its endpoints. Default: false, and a network that has any is not deleted. */
  force?: boolean;
}

const deleteMembers = memberNames<Omit<DeleteNetworkOptions, keyof CallOptions>>({ force: true });

/** Each returns a program, or throws InputError before there is one. */
export class NetworkOperations {
  readonly info: NetworkInfo;
  readonly #state: NetworkState;

  constructor(found: FoundNetwork, store?: AddressStore) {
    this.#state = stateOf(found, store);
    this.info = infoOf(found);
  }

  attach(options: AttachOptions): Program<Attached> {
    return attach(this.#state, options);
  }

  /**
   * Undoes an attach whose link does not carry packets.
   *
   * @throws `reason`; NotFoundError where there is none, because the link is gone; an AggregateError when undoing fails too
   */
  *givenUp({ network, owner, ifname }: EndpointRecord, reason?: unknown): Program<never> {
    const state = this.#state;
    // biome-ignore lint/correctness/useYield: the program that failed
    const failed = function* (): Program<never> {
      throw reason ?? new NotFoundError('', `endpoint ${show(ifname)} of ${show(owner)}`, 'ENODEV');
    };
    return yield* undoing(failed(), function* () {
      yield* detach({ network, owner, ifname }, state);
    });
  }

  *plan(options: AttachOptions): Program<PlannedStep[]> {
    const steps: PlannedStep[] = [];
    const { definition, index } = this.#state;
    const wire = { index, flags: 0, type: 1, alias: formatNetwork(definition) } as FoundNetwork['wire'];
    yield* refuseTaken(definition, options);
    yield* planning(attach(stateOf({ definition, wire }), options), steps, wire);
    return steps;
  }

  detach(endpoint: EndpointRef, options: CallOptions): Program<boolean> {
    const key = this.#key(endpoint, options);
    const { addresses } = endpoint as Partial<EndpointRecord>;
    const freed = Array.isArray(addresses)
      ? addresses.map((address, i) => inArgument(`addresses[${i}]`, () => withoutLength(address)))
      : [];
    return this.#detached(key, freed);
  }

  *#detached(key: EndpointKey, freed: readonly string[]): Program<boolean> {
    const state = this.#state;
    const removed = yield* detach(key, state);
    state.present.delete(endpointLinkName(key.network, key.owner, key.ifname));
    if (removed) releaseAddresses(state, freed);
    return removed;
  }

  check(endpoint: EndpointRef, options: CallOptions): Program<Problems> {
    return this.#checked(this.#key(endpoint, options), endpoint as Partial<EndpointRecord>);
  }

  *#checked(key: EndpointKey, record: Partial<EndpointRecord>): Program<Problems> {
    const { ports } = record;
    const problems = yield* checkEndpoint(this.#state, key, record);
    return Array.isArray(ports) ? [...problems, ...(yield* missingPorts(key, ports))] : problems;
  }

  publish(endpoint: EndpointRef, ports: readonly PortOptions[], options: CallOptions): Program<PublishedPort[]> {
    return publishPorts(this.#state, this.#key(endpoint, options), ports);
  }

  unpublish(endpoint: EndpointRef, ports: readonly PortRef[] | undefined, options: CallOptions): Program<PublishedPort[]> {
    return unpublishPorts(this.#state, this.#key(endpoint, options), ports);
  }

  reserve(address: string, options: CallOptions): Program<void> {
    checkCallOptions(options);
    return reserve(this.#state, address);
  }

  release(address: string, options: CallOptions): Program<boolean> {
    checkCallOptions(options);
    return release(this.#state, address);
  }

  inspect(options: CallOptions): Program<NetworkDetails> {
    checkCallOptions(options);
    return inspectNetwork(this.info.name);
  }

  gc(validOwners: Iterable<string>, options: CallOptions): Program<Collected> {
    const owners = checkOwners(validOwners);
    checkCallOptions(options);
    return collect(owners, this.info.name, this.#state.store);
  }

  delete(options: DeleteNetworkOptions): Program<void> {
    return removal(this.info.name, options, this.#state.store);
  }

  #key(endpoint: EndpointRef, options: CallOptions): EndpointKey {
    const key = checkEndpointRef(endpoint, this.info.name, traitsOf(this.info).ifname);
    checkCallOptions(options);
    return key;
  }
}

/** @param also members of `options` that are not for it @throws InputError, and what {@link removeNetwork} throws */
export function removal(
  name: string,
  options: DeleteNetworkOptions,
  store: AddressStore | undefined,
  ...also: readonly ReadonlySet<string>[]
): Program<void> {
  checkOptions(options, 'options', deleteMembers, ...also);
  checkBoolean(options.force, 'force');
  return removeNetwork(name, options.force === true, store);
}

/** `record` with methods that are no part of what is printed, compared or written as JSON. It is changed. */
export function withMethods<T extends object>(record: EndpointRecord, methods: T): EndpointRecord & T {
  for (const name in methods) Object.defineProperty(record, name, { value: methods[name], enumerable: false });
  return record as EndpointRecord & T;
}
