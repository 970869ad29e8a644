/** What a driver is: it makes the links of networks and of their endpoints. What all networks have in common is not its business. */
import type { Program } from '../../netlink/program.ts';
import type { OpenNamespace } from '../../netlink/sys/namespace.ts';
import type { AddressFlag } from '../../rtnl/address/flags.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import type { ResolvedLink } from '../../rtnl/link/wire.ts';
import type { RouteMessageInput } from '../../rtnl/route/message.ts';
import type { AttachPlan } from '../attach-options.ts';
import type { Claim } from '../claim.ts';
import type { PublishedPort } from '../ports/options.ts';
import type { EndpointKey, NetworkDefinition } from '../record.ts';
import type { NetworkState } from '../state.ts';

/** Where an endpoint is to be made. */
export interface EndpointPlace {
  readonly state: NetworkState;
  readonly plan: AttachPlan;
  readonly key: EndpointKey;
  /** Name of the link on the host that the endpoint is recorded on. It follows from the key, and is locked. */
  readonly link: string;
  /** What it is, for errors: `endpoint "eth0" of "c1"`. */
  readonly subject: string;
  /** The namespace to attach. */
  readonly target: OpenNamespace;
  /** Hardware address of the link in the namespace. */
  readonly mac: string;
  /** The addresses that it is to have, as far as they are claimed. */
  readonly claim: Claim;
}

/** The links of an endpoint. */
export interface EndpointLinks {
  /** The one on the host that the endpoint is recorded on, as it was made. */
  readonly host: LinkRead;
  /** Index of the one in the namespace. */
  readonly index: number;
  /** The id that the host has for the namespace, where the one on the host is but a record. */
  readonly netnsid?: number;
}

/** An endpoint that is being made: its links are there. */
export interface Attaching extends EndpointPlace, EndpointLinks {
  /** Its addresses, in the order of the network's subnets: all of them, once they are claimed. */
  readonly addresses: string[];
  /** What default routes lead to, once they are made. */
  readonly gateways: string[];
  /** Its ports, as far as they are published. */
  readonly published: PublishedPort[];
}

export interface NetworkDriver {
  /** What the network's own link is made as, besides its name. */
  networkLink(definition: NetworkDefinition): ResolvedLink;
  /** Looks whether the network can be, before anything is done. @returns what it is, with what was found out about it */
  checkNetwork?(definition: NetworkDefinition): Program<NetworkDefinition>;
  /** What the network's own link needs before it is recorded as one: its names are given already. */
  completeNetwork?(definition: NetworkDefinition, index: number, subject: string): Program<void>;
  /**
   * Makes the links of an endpoint: with the group of netloom's links, and without an alias. What a process that died has left in their place is cleared away. Addresses may be
   * claimed in the same datagram; what is not claimed then is claimed by a step of its own.
   *
   * @throws NetloomError `EEXIST` when there is such an endpoint, or the namespace has a link of that name
   */
  makeLinks(place: EndpointPlace): Program<EndpointLinks>;
  /** Flags that the addresses in the namespace have besides. */
  readonly addressFlags?: readonly AddressFlag[];
  /** Routes in the namespace that come before those that were asked for. */
  routes?(state: NetworkState, addresses: readonly string[], index: number): RouteMessageInput[];
  /** What the link on the host needs once addresses and routes in the namespace are there. */
  completeEndpoint?(endpoint: Attaching): Program<void>;
}
