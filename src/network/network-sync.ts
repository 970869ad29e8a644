/** An open network whose methods wait in place, and its endpoints. */
import type { CallOptions, Program } from '../netlink/program.ts';
import type { SyncAddressStore } from './address-store.ts';
import type { EndpointRecord } from './attach.ts';
import type { AttachOptions } from './attach-options.ts';
import type { Problems } from './check.ts';
import type { SyncConnection } from './connection-sync.ts';
import type { EndpointRef } from './detach.ts';
import type { FoundNetwork } from './find.ts';
import type { Collected } from './gc.ts';
import type { NetworkDetails, NetworkInfo } from './inspect.ts';
import { type DeleteNetworkOptions, NetworkOperations, withMethods } from './operations.ts';
import type { PlannedStep } from './plan.ts';
import type { PortRef } from './ports/manage.ts';
import type { PortOptions, PublishedPort } from './ports/options.ts';

/** An endpoint, as its synchronous network made it. The methods are no part of what is printed, compared or written as JSON. */
export interface SyncEndpoint extends EndpointRecord {
  /** What is wrong with it. @returns nothing: an empty list */
  check(options?: CallOptions): Problems;
  /** Detaches it. @returns whether it was still there */
  detach(options?: CallOptions): boolean;
  /** Publishes further ports of it. @returns them, with the host ports that they have got */
  publish(ports: readonly PortOptions[], options?: CallOptions): PublishedPort[];
  /** Ends the publishing of some of its ports, or of all. @returns those that were published */
  unpublish(ports?: readonly PortRef[], options?: CallOptions): PublishedPort[];
}

/**
 * A {@link Network} whose methods do all of it before they return: for scripts, for code within `Netns.run`, and for a process that does nothing else meanwhile. An attach takes less time than there, since
 * nothing has to be handed to other threads; but while it waits for the kernel, which can be tens of milliseconds where others remove links, the event loop stands still. A signal is looked at between the messages.
 */
export class SyncNetwork implements Disposable {
  /** What it is. */
  readonly info: NetworkInfo;
  readonly #connection: SyncConnection;
  readonly #operations: NetworkOperations;

  /** Takes over `connection`. @internal */
  constructor(connection: SyncConnection, found: FoundNetwork, store?: SyncAddressStore) {
    this.#connection = connection;
    this.#operations = new NetworkOperations(found, store);
    this.info = this.#operations.info;
  }

  get name(): string {
    return this.info.name;
  }

  /** Attaches a namespace, completely or not at all. @example net.attach({ netns: 'red', owner: 'container-1' }) @throws as {@link Network.attach} */
  attach(options: AttachOptions): SyncEndpoint {
    const { record, operational } = this.#run(this.#operations.attach(options), options);
    if (!operational) this.#operational(record, options);
    return this.#endpoint(record);
  }

  /** Kernels before 6.9 settle the carrier of a link in their own time. */
  #operational(record: EndpointRecord, options: AttachOptions): void {
    let reason: unknown;
    try {
      if (this.#connection.waitUntilOperational(record.hostIndex, options) !== undefined) return;
    } catch (error) {
      reason = error;
    }
    this.#run(this.#operations.givenUp(record, reason), {});
  }

  /** What {@link SyncNetwork.attach} would do: it reads what there is, and changes nothing. @throws as that */
  plan(options: AttachOptions): PlannedStep[] {
    return this.#run(this.#operations.plan(options), options);
  }

  /** Detaches an endpoint; one that is gone is no error. @returns whether it was there @throws as {@link Network.detach} */
  detach(endpoint: EndpointRef, options: CallOptions = {}): boolean {
    return this.#run(this.#operations.detach(endpoint, options), options);
  }

  /** What is wrong with an endpoint, in words; nothing: an empty list. @throws InputError, PermissionError */
  check(endpoint: EndpointRef, options: CallOptions = {}): Problems {
    return this.#run(this.#operations.check(endpoint, options), options);
  }

  /** Publishes ports of an endpoint that is there: all of them, or none. @returns them, with the host ports that they have got @throws as {@link Network.publish} */
  publish(endpoint: EndpointRef, ports: readonly PortOptions[], options: CallOptions = {}): PublishedPort[] {
    return this.#run(this.#operations.publish(endpoint, ports, options), options);
  }

  /** Ends the publishing of ports of an endpoint, by default of all. @returns those that were published @throws as {@link Network.unpublish} */
  unpublish(endpoint: EndpointRef, ports?: readonly PortRef[], options: CallOptions = {}): PublishedPort[] {
    return this.#run(this.#operations.unpublish(endpoint, ports, options), options);
  }

  /** Takes an address of the network for something that is no endpoint. @throws as {@link Network.reserve} */
  reserve(address: string, options: CallOptions = {}): void {
    this.#run(this.#operations.reserve(address, options), options);
  }

  /** Gives back an address that was reserved. @returns whether it was @throws as {@link Network.release} */
  release(address: string, options: CallOptions = {}): boolean {
    return this.#run(this.#operations.release(address, options), options);
  }

  /** The network and what is attached to it. @throws NotFoundError when it is gone */
  inspect(options: CallOptions = {}): NetworkDetails {
    return this.#run(this.#operations.inspect(options), options);
  }

  /** Detaches the endpoints of owners that are not among these, and clears away what processes that died have left half made; brings back what is missing of the network's rules. @throws as {@link Network.gc} */
  gc(validOwners: Iterable<string>, options: CallOptions = {}): Collected {
    return this.#run(this.#operations.gc(validOwners, options), options);
  }

  /** Deletes the network, and closes this. @throws as {@link Network.delete} */
  delete(options: DeleteNetworkOptions = {}): void {
    this.#run(this.#operations.delete(options), options);
    this.close();
  }

  /** Closes it. The network stays. May be repeated. */
  close(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #run<T>(program: Program<T>, options: CallOptions): T {
    return this.#connection.run(program, options ?? {});
  }

  #endpoint(record: EndpointRecord): SyncEndpoint {
    return withMethods(record, {
      check: (options?: CallOptions) => this.check(record, options),
      detach: (options?: CallOptions) => this.detach(record, options),
      publish: (ports: readonly PortOptions[], options?: CallOptions) => this.publish(record, ports, options),
      unpublish: (ports?: readonly PortRef[], options?: CallOptions) => this.unpublish(record, ports, options),
    });
  }
}
