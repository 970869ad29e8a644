/** An open network, and its endpoints. */
import type { CallOptions, Program } from '../netlink/program.ts';
import type { AddressStore } from './address-store.ts';
import type { EndpointRecord } from './attach.ts';
import type { AttachOptions } from './attach-options.ts';
import type { Problems } from './check.ts';
import type { Connection } from './connection.ts';
import type { EndpointRef } from './detach.ts';
import type { FoundNetwork } from './find.ts';
import type { Collected } from './gc.ts';
import type { NetworkDetails, NetworkInfo } from './inspect.ts';
import { type DeleteNetworkOptions, NetworkOperations, withMethods } from './operations.ts';
import type { PlannedStep } from './plan.ts';
import type { PortRef } from './ports/manage.ts';
import type { PortOptions, PublishedPort } from './ports/options.ts';

/** An endpoint, as its network made it. The methods are no part of what is printed, compared or written as JSON. */
export interface Endpoint extends EndpointRecord {
  /** What is wrong with it. @returns nothing: an empty list */
  check(options?: CallOptions): Promise<Problems>;
  /** Detaches it. @returns whether it was still there */
  detach(options?: CallOptions): Promise<boolean>;
  /** Publishes further ports of it. @returns them, with the host ports that they have got */
  publish(ports: readonly PortOptions[], options?: CallOptions): Promise<PublishedPort[]>;
  /** Ends the publishing of some of its ports, or of all. @returns those that were published */
  unpublish(ports?: readonly PortRef[], options?: CallOptions): Promise<PublishedPort[]>;
}

/**
 * A network, open: it holds sockets, and a picture of which addresses are taken, until it is closed. The network itself stays until {@link Network.delete}. Made by
 * `create` and `open`.
 */
export class Network implements AsyncDisposable, Disposable {
  /** What it is. */
  readonly info: NetworkInfo;
  readonly #connection: Connection;
  readonly #operations: NetworkOperations;

  /** Takes over `connection`. @internal */
  constructor(connection: Connection, found: FoundNetwork, store?: AddressStore) {
    this.#connection = connection;
    this.#operations = new NetworkOperations(found, store);
    this.info = this.#operations.info;
  }

  get name(): string {
    return this.info.name;
  }

  /**
   * Attaches a namespace: a link in it that is a port of the network, with addresses, routes and all. It is there completely, or nothing of it is: whatever fails, what
   * was done is undone, and if the process dies meanwhile, the next `attach` of the same endpoint and `gc` clear away what there is.
   *
   *     const endpoint = await net.attach({ netns: 'red', owner: 'container-1' });
   *
   * @throws InputError naming the option that is wrong, before anything is changed
   * @throws NotFoundError naming `netns`, or when the network is gone
   * @throws NetloomError `EEXIST` when the owner has such an endpoint, or the namespace such a link; `EADDRINUSE` for an address that is taken; `ENOSPC` when there is none
   * left; `EBUSY` when somebody else is making or removing this endpoint
   * @throws NetlinkError what the kernel refused, `EXFULL` for the 1,024th port of a bridge
   */
  async attach(options: AttachOptions): Promise<Endpoint> {
    const { record, operational } = await this.#run(this.#operations.attach(options), options);
    if (!operational) await this.#operational(record, options);
    return this.#endpoint(record);
  }

  /** Kernels before 6.9 settle the carrier of a link in their own time. */
  async #operational(record: EndpointRecord, options: AttachOptions): Promise<void> {
    let reason: unknown;
    try {
      if ((await this.#connection.waitUntilOperational(record.hostIndex, options)) !== undefined) return;
    } catch (error) {
      reason = error;
    }
    await this.#run(this.#operations.givenUp(record, reason), {});
  }

  /** What {@link Network.attach} would do: it reads what there is, and changes nothing. @throws as that */
  async plan(options: AttachOptions): Promise<PlannedStep[]> {
    return await this.#run(this.#operations.plan(options), options);
  }

  /**
   * Detaches an endpoint. One that is gone already, alone or with its namespace, is no error.
   *
   * @param endpoint its owner and the name of its link (default `eth0`); or its record
   * @returns whether it was there
   * @throws InputError; NetloomError `EBUSY` when somebody else is making or removing it
   */
  async detach(endpoint: EndpointRef, options: CallOptions = {}): Promise<boolean> {
    return await this.#run(this.#operations.detach(endpoint, options), options);
  }

  /**
   * What is wrong with an endpoint, in words; nothing: an empty list. Of an endpoint that is told by its owner alone, its links and addresses are looked at, whether it is guarded (`spoofCheck`), and the rules of its network; with its record
   * its hardware address and MTU as well, its routes, sysctls, rate limits and ports. Routes and sysctls are left out when nothing leads to the namespace: no name, mount, process or open handle of this process.
   *
   * @throws InputError, PermissionError
   */
  async check(endpoint: EndpointRef, options: CallOptions = {}): Promise<Problems> {
    return await this.#run(this.#operations.check(endpoint, options), options);
  }

  /**
   * Publishes ports of an endpoint that is there, besides those that it has: all of them, or none.
   *
   *     await net.publish({ owner: 'container-1' }, [{ hostPort: 8080, containerPort: 80 }]);
   *
   * @returns them, with the host ports that they have got
   * @throws InputError naming the member that is wrong; NotFoundError when the endpoint is gone
   * @throws NetloomError `EADDRINUSE` when a host port is taken, naming whose it is; `EBUSY` when somebody else is making or removing the endpoint
   */
  async publish(endpoint: EndpointRef, ports: readonly PortOptions[], options: CallOptions = {}): Promise<PublishedPort[]> {
    return await this.#run(this.#operations.publish(endpoint, ports, options), options);
  }

  /**
   * Ends the publishing of ports of an endpoint, and cuts off the connections that came by them. Those that are not published are passed over; the endpoint may be gone.
   *
   * @param ports which; default: all
   * @returns those that were published
   * @throws InputError naming the member that is wrong; NetloomError `EBUSY` when somebody else is making or removing the endpoint
   */
  async unpublish(endpoint: EndpointRef, ports?: readonly PortRef[], options: CallOptions = {}): Promise<PublishedPort[]> {
    return await this.#run(this.#operations.unpublish(endpoint, ports, options), options);
  }

  /**
   * Takes an address of the network for something that is no endpoint: a virtual machine, a service. Nobody gets it until {@link Network.release}, whichever process asks; it goes with the network.
   *
   * @throws InputError naming `address`; NotFoundError when the network is gone
   * @throws NetloomError `EADDRINUSE` when it is taken; `ENOSPC` when the network's link has no room for another: it has for about 490
   */
  async reserve(address: string, options: CallOptions = {}): Promise<void> {
    await this.#run(this.#operations.reserve(address, options), options);
  }

  /**
   * Gives back an address that was reserved, by {@link Network.reserve} or with the network.
   *
   * @returns whether it was reserved
   * @throws InputError naming `address`; NotFoundError when the network is gone; NetloomError `EBUSY` when it is an endpoint's
   */
  async release(address: string, options: CallOptions = {}): Promise<boolean> {
    return await this.#run(this.#operations.release(address, options), options);
  }

  /** The network and what is attached to it. @throws NotFoundError when it is gone */
  async inspect(options: CallOptions = {}): Promise<NetworkDetails> {
    return await this.#run(this.#operations.inspect(options), options);
  }

  /**
   * Detaches the endpoints of owners that are not among these, and clears away what processes that died have left half made. What somebody has taken away of the network's rules is brought back.
   *
   * @throws InputError naming `validOwners`
   */
  async gc(validOwners: Iterable<string>, options: CallOptions = {}): Promise<Collected> {
    return await this.#run(this.#operations.gc(validOwners, options), options);
  }

  /**
   * Deletes the network, and closes this.
   *
   * @throws NotFoundError when it is gone; NetloomError `EBUSY` when it has endpoints, without `force`, or somebody else is at work on them
   */
  async delete(options: DeleteNetworkOptions = {}): Promise<void> {
    await this.#run(this.#operations.delete(options), options);
    this.close();
  }

  /** Closes it; what is pending fails with ClosedError. The network stays. May be repeated. */
  close(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** async: an error thrown after an await has the caller's line in its stack */
  async #run<T>(program: Program<T>, options: CallOptions): Promise<T> {
    return await this.#connection.run(program, options ?? {});
  }

  #endpoint(record: EndpointRecord): Endpoint {
    return withMethods(record, {
      check: (options?: CallOptions) => this.check(record, options),
      detach: (options?: CallOptions) => this.detach(record, options),
      publish: (ports: readonly PortOptions[], options?: CallOptions) => this.publish(record, ports, options),
      unpublish: (ports?: readonly PortRef[], options?: CallOptions) => this.unpublish(record, ports, options),
    });
  }
}
