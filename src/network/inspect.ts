/** Networks and their endpoints as they are, from the kernel alone. */
import { askEach, type Program } from '../netlink/program.ts';
import { IFF_UP } from '../rtnl/link/flags.ts';
import { linkRequest } from '../rtnl/link/reference.ts';
import { allEndpoints, claimsOf, type FoundEndpoint, type FoundNetwork, findNetwork } from './find.ts';
import { gathered, type OwnedPort } from './ports/element.ts';
import type { PublishedPort } from './ports/options.ts';
import { publishedPorts } from './ports/published.ts';
import type { Driver } from './record.ts';

export interface SubnetInfo {
  readonly subnet: string;
  readonly gateway?: string;
  readonly range?: string;
}

/** A network, as {@link list} has it. */
export interface NetworkInfo {
  readonly name: string;
  readonly driver: Driver;
  /** Name and index of the network's link. */
  readonly link: string;
  readonly index: number;
  readonly subnets: readonly SubnetInfo[];
  readonly mtu?: number;
  readonly masquerade: boolean;
  readonly isolate: boolean;
  readonly internal: boolean;
  readonly isolatePorts: boolean;
  readonly spoofCheck: boolean;
}

/** An endpoint as it is. */
export interface EndpointInfo {
  readonly owner: string;
  readonly ifname: string;
  /** Index of the link in its namespace. */
  readonly index: number;
  /** Device and inode of the namespace it was attached in. */
  readonly netns: string;
  /** Id of that namespace in the network's own (ip-netns(8), "list-id"); left out when it is the same one. */
  readonly netnsid?: number;
  readonly hostLink: string;
  readonly hostIndex: number;
  readonly addresses: readonly string[];
  /** Left out when the other end could not be read. */
  readonly mac?: string;
  /** Whether the link in the namespace is up. */
  readonly up?: boolean;
  /** The ports that are published; left out when there are none. */
  readonly ports?: readonly PublishedPort[];
  /** Whether the port carries packets. */
  readonly operational: boolean;
}

/** A network with what is attached to it. */
export interface NetworkDetails extends NetworkInfo {
  /** Addresses that nobody gets, besides the gateways. */
  readonly reserved: readonly string[];
  /** In the order they were attached in. */
  readonly endpoints: readonly EndpointInfo[];
  /** How many endpoints are half made at the moment, or were left so by processes that died. */
  readonly incomplete: number;
}

export function infoOf({ definition, wire }: FoundNetwork): NetworkInfo {
  const { subnets, ...rest } = definition;
  return {
    ...rest,
    index: wire.index,
    subnets: subnets.map(({ subnet, gateway, range }) => ({
      subnet,
      ...(gateway === undefined ? {} : { gateway }),
      ...(range === undefined ? {} : { range }),
    })),
  };
}

/** @throws NotFoundError naming `name` */
export function* inspectNetwork(name: string): Program<NetworkDetails> {
  const found = yield* findNetwork(name, 'name');
  const endpoints = yield* allEndpoints(found.wire.index);
  const complete = endpoints.filter(({ mark }) => mark !== undefined);
  const gateways = new Set(found.definition.subnets.map(({ gateway }) => gateway));
  const others = yield* otherEnds(complete);
  const published = yield* publishedPorts();
  return {
    ...infoOf(found),
    reserved: claimsOf(name, found.wire).filter((address) => !gateways.has(address)),
    endpoints: complete.map((endpoint, i) => ({ ...endpointInfo(endpoint), ...others[i], ...portsIn(published, endpoint.link) })),
    incomplete: endpoints.length - complete.length,
  };
}

function portsIn(published: readonly OwnedPort[], link: string): Pick<EndpointInfo, 'ports'> {
  const own = published.filter((port) => port.link === link);
  return own.length === 0 ? {} : { ports: gathered(own) };
}

function endpointInfo({ link, wire, mark }: FoundEndpoint): EndpointInfo {
  const { network, owner, ifname, netns } = mark!;
  return {
    owner,
    ifname,
    index: wire.link ?? 0,
    netns,
    ...(wire.linkNetnsid === undefined ? {} : { netnsid: wire.linkNetnsid }),
    hostLink: link,
    hostIndex: wire.index,
    addresses: claimsOf(network, wire),
    operational: wire.operState === 'up',
  };
}

/** What the other ends say. One whose namespace is going, or closed to us, says nothing. */
function* otherEnds(endpoints: readonly FoundEndpoint[]): Program<Pick<EndpointInfo, 'mac' | 'up'>[]> {
  if (endpoints.length === 0) return [];
  const outcomes = yield* askEach(
    endpoints.map(({ link, wire: { link: index, linkNetnsid } }) =>
      linkRequest({ index: index ?? 0 }, `peer of ${link}`, linkNetnsid === undefined ? {} : { targetNetnsid: linkNetnsid }),
    ),
  );
  return outcomes.map((outcome) => {
    if (!outcome.ok) return {};
    const { address, flags } = outcome.value;
    return { ...(address === undefined ? {} : { mac: address }), up: (flags & IFF_UP) !== 0 };
  });
}
