/** Networks and their endpoints as they are, from the kernel alone. */

import type { IpFamily } from '../netlink/address.ts';
import type { Request } from '../netlink/operation.ts';
import { askEach, type Program } from '../netlink/program.ts';
import { IFF_UP } from '../rtnl/link/flags.ts';
import { linkRequest } from '../rtnl/link/reference.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import type { RateLimits } from '../rtnl/tc/bandwidth.ts';
import { addressNumber } from './attach-options.ts';
import { limitsOf } from './bandwidth/limits.ts';
import { pathOf } from './dns/file.ts';
import { innerLink } from './driver/inner-link.ts';
import type { DriverOptions } from './driver/options.ts';
import { type Driver, traitsOf } from './driver/traits.ts';
import { claimsOf, endpointsOf, type FoundEndpoint, type FoundNetwork, findNetwork } from './find.ts';
import { grouped } from './grouped.ts';
import { innerLinkName, placeOf, resolvConfOf } from './name.ts';
import { freeOf } from './pool.ts';
import { familiesOf, gathered, type OwnedPort } from './ports/element.ts';
import type { PublishedPort } from './ports/options.ts';
import { publishedPorts } from './ports/published.ts';
import { contains, type Subnet } from './subnet.ts';

/** A subnet of a network. */
export interface SubnetInfo {
  /** The network: `10.20.0.0/16`. */
  readonly subnet: string;
  /** Address of the host in it; left out where the network has none. */
  readonly gateway?: string;
  /** The part that addresses are given out of; left out when it is all. */
  readonly range?: string;
}

/** A subnet of a network, and how much of it is taken. */
export interface SubnetUsage extends SubnetInfo {
  /** How many of its addresses are taken: by the gateway, by endpoints, half made ones among them, and by reservation. */
  readonly taken: number;
  /** How many `attach` can still give out without being asked for one: of the `range`, and of its first 65,536. */
  readonly free: number;
}

/** A network, as {@link list} has it. */
export interface NetworkInfo extends Readonly<DriverOptions> {
  /** Name of the network. */
  readonly name: string;
  /** How endpoints are joined: `bridge`, `ptp`, `macvlan`, … */
  readonly driver: Driver;
  /** Name and index of the network's link. */
  readonly link: string;
  /** Index of the network's link. */
  readonly index: number;
  /** What its addresses are of. */
  readonly subnets: readonly SubnetInfo[];
  /** Largest packet of its links, in bytes; left out when it was not asked for. */
  readonly mtu?: number;
  /** Whether what goes to the world leaves with an address of the host. */
  readonly masquerade: boolean;
  /** Whether other networks are kept from it. */
  readonly isolate: boolean;
  /** Whether it has no way to the world. */
  readonly internal: boolean;
  /** Whether its endpoints are kept from each other. */
  readonly isolatePorts: boolean;
  /** Whether others than the host reach published ports of its endpoints alone. */
  readonly publishedOnly: boolean;
  /** Whether endpoints may send with their own addresses alone. */
  readonly spoofCheck: boolean;
}

/** An endpoint as it is. */
export interface EndpointInfo {
  /** Whom the endpoint is for, as `attach` was told. */
  readonly owner: string;
  /** Name of the link in its namespace. */
  readonly ifname: string;
  /** Index of the link in its namespace. */
  readonly index: number;
  /** Device and inode of the namespace it was attached in. */
  readonly netns: string;
  /** Id of that namespace in the network's own (ip-netns(8), "list-id"); left out when it is the same one. */
  readonly netnsid?: number;
  /** Name of the host's end. */
  readonly hostLink: string;
  /** Index of the host's end. */
  readonly hostIndex: number;
  /** With the lengths of their networks: `10.20.0.2/16`. */
  readonly addresses: readonly string[];
  /** Left out when the other end could not be read. */
  readonly mac?: string;
  /** Whether the link in the namespace is up. */
  readonly up?: boolean;
  /** The ports that are published; left out when there are none. */
  readonly ports?: readonly PublishedPort[];
  /** The file that its `dns` was written to; left out when none was. */
  readonly resolvConf?: string;
  /** The limits of its bandwidth, as the kernel has them: those that were asked for, bursts included that were not. Left out when there are none. */
  readonly rateLimits?: RateLimits;
  /** Whether the port carries packets. */
  readonly operational: boolean;
}

/** A network with what is attached to it. */
export interface NetworkDetails extends NetworkInfo {
  readonly subnets: readonly SubnetUsage[];
  /** Hardware address of the network's link; left out where the host has no part in what the network carries, as with macvlan. */
  readonly mac?: string;
  /** Whether the network's link is up; left out likewise. */
  readonly up?: boolean;
  /** Addresses that nobody gets, besides the gateways. */
  readonly reserved: readonly string[];
  /** In the order they were attached in. */
  readonly endpoints: readonly EndpointInfo[];
  /** How many endpoints are half made at the moment, or were left so by processes that died. */
  readonly incomplete: number;
}

export function infoOf({ definition, wire }: FoundNetwork): NetworkInfo {
  const { subnets, parentIndex, ...rest } = definition;
  return {
    ...rest,
    index: wire.index,
    subnets: subnets.map(subnetInfo),
  };
}

function subnetInfo({ subnet, gateway, range }: Subnet): SubnetInfo {
  return { subnet, ...(gateway === undefined ? {} : { gateway }), ...(range === undefined ? {} : { range }) };
}

/** @throws NotFoundError naming `name` */
export function* inspectNetwork(name: string): Program<NetworkDetails> {
  const found = yield* findNetwork(name, 'name');
  const endpoints = yield* endpointsOf(name, found.wire.index);
  const complete = endpoints.filter(({ mark }) => mark !== undefined);
  const gateways = new Set(found.definition.subnets.map(({ gateway }) => gateway));
  const others = yield* otherEnds(complete);
  const published = grouped(yield* publishedPorts(), ({ link }) => link);
  const limits = yield* limitsOf(complete.map(({ link, wire: { index } }) => ({ link, index })));
  return {
    ...infoOf(found),
    subnets: usageOf(found, endpoints),
    ...linkState(found),
    reserved: claimsOf(name, found.wire).filter((address) => !gateways.has(address)),
    endpoints: complete.map((endpoint, i) => ({
      ...endpointInfo(endpoint),
      ...others[i]!,
      ...portsIn(published, endpoint),
      ...limitsIn(limits, endpoint.link),
    })),
    incomplete: endpoints.length - complete.length,
  };
}

function usageOf({ definition, wire }: FoundNetwork, endpoints: readonly FoundEndpoint[]): SubnetUsage[] {
  const claims = [wire, ...endpoints.map((endpoint) => endpoint.wire)].flatMap((each) => claimsOf(definition.name, each));
  const taken: Readonly<Record<IpFamily, bigint[]>> = { inet: [], inet6: [] };
  for (const address of claims) taken[address.includes(':') ? 'inet6' : 'inet'].push(addressNumber(address));
  return definition.subnets.map((subnet) => {
    const own = new Set(taken[subnet.family].filter((value) => contains(subnet, subnet.family, value)));
    return { ...subnetInfo(subnet), taken: own.size, free: freeOf(subnet, own) };
  });
}

function linkState({ definition, wire: { address, flags } }: FoundNetwork): Pick<NetworkDetails, 'mac' | 'up'> {
  if (traitsOf(definition).host !== 'port') return {};
  return { ...(address === undefined ? {} : { mac: address }), up: (flags & IFF_UP) !== 0 };
}

function portsIn(published: ReadonlyMap<string, readonly OwnedPort[]>, { link, wire, mark }: FoundEndpoint): Pick<EndpointInfo, 'ports'> {
  const own = published.get(link);
  return own === undefined ? {} : { ports: gathered(own, familiesOf(claimsOf(mark!.network, wire))) };
}

function limitsIn(limits: ReadonlyMap<string, RateLimits>, link: string): Pick<EndpointInfo, 'rateLimits'> {
  const rateLimits = limits.get(link);
  return rateLimits === undefined ? {} : { rateLimits };
}

function endpointInfo({ link, wire, mark }: FoundEndpoint): Omit<EndpointInfo, 'index'> {
  const { network, owner, ifname, netns } = mark!;
  const nsid = placeOf(link, wire.altNames)?.nsid ?? wire.linkNetnsid;
  const namespace = resolvConfOf(link, wire.altNames);
  return {
    owner,
    ifname,
    netns,
    ...(nsid === undefined ? {} : { netnsid: nsid }),
    hostLink: wire.name ?? link,
    hostIndex: wire.index,
    addresses: claimsOf(network, wire),
    ...(namespace === undefined ? {} : { resolvConf: pathOf(namespace) }),
    operational: wire.operState === 'up',
  };
}

/** What the other ends say. One whose namespace is going, or closed to us, says nothing. */
function* otherEnds(endpoints: readonly FoundEndpoint[]): Program<Pick<EndpointInfo, 'index' | 'mac' | 'up' | 'operational'>[]> {
  if (endpoints.length === 0) return [];
  const outcomes = yield* askEach(endpoints.map(otherEnd));
  const ends: (LinkRead | undefined)[] = [];
  // where somebody in the namespace has taken the link's name away, its index tells it
  for (const [i, outcome] of outcomes.entries()) ends.push(outcome.ok ? outcome.value : yield* innerLink(endpoints[i]!));
  return ends.map((end, i) => {
    const { link, wire } = endpoints[i]!;
    const operational = wire.operState === 'up';
    if (end === undefined) return { index: wire.link ?? 0, operational };
    const { index, address, flags, operState } = end;
    const carries = placeOf(link, wire.altNames) === undefined ? operational : operState === 'up' || operState === 'unknown';
    return { index, ...(address === undefined ? {} : { mac: address }), up: (flags & IFF_UP) !== 0, operational: carries };
  });
}

/** Asks for the link in the namespace: the peer of the one on the host, or the one that a record says. */
export function otherEnd({ link, wire }: FoundEndpoint): Request<LinkRead, 'reply'> {
  const { link: index = 0, linkNetnsid } = wire;
  const place = placeOf(link, wire.altNames);
  if (place !== undefined) return linkRequest({ name: innerLinkName(link) }, `link of ${link}`, { targetNetnsid: place.nsid });
  return linkRequest({ index }, `peer of ${link}`, linkNetnsid === undefined ? {} : { targetNetnsid: linkNetnsid });
}
