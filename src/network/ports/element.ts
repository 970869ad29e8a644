/** Published ports as elements of the maps: each port one element, which says whose it is in its user data. */
import type { IpFamily } from '../../netlink/address.ts';
import { ownerEntry, ownerKey } from '../../nft/owner.ts';
import type { NftSet } from '../../nft/set-definition.ts';
import type { Element } from '../../nft/set-elements.ts';
import { maxCommentLength, maxUserDataLength } from '../../nft/userdata.ts';
import { endpointLinkName } from '../name.ts';
import type { EndpointKey } from '../record.ts';
import { isAny, type PortPlan, type PublishedPort, type PublishedProtocol, type Targets } from './options.ts';
import { addressMap, anyMap, selfSet } from './table.ts';

/** One port, of one family. */
export interface PortElement {
  readonly family: IpFamily;
  readonly protocol: PublishedProtocol;
  /** Absent: any. */
  readonly hostAddress?: string;
  readonly hostPort: number;
  /** The endpoint's. */
  readonly address: string;
  readonly port: number;
}

/** A port that is published, and whose it is. */
export interface OwnedPort extends PortElement, EndpointKey {
  /** What the endpoint's link on the host is called. */
  readonly link: string;
}

/** The elements of a port, or range, that shall be published from `hostPort` on. */
export function elementsOf(plan: PortPlan, targets: Targets, hostPort = plan.hostPort): PortElement[] {
  return plan.families.flatMap((family) =>
    Array.from({ length: plan.count }, (_, i) => ({
      family,
      protocol: plan.protocol,
      ...(isAny(plan.hostAddress) ? {} : { hostAddress: plan.hostAddress! }),
      hostPort: hostPort + i,
      address: targets[family]!,
      port: plan.containerPort + i,
    })),
  );
}

/** The map that a port is in. */
export function mapOf({ family, hostAddress }: Pick<PortElement, 'family' | 'hostAddress'>): NftSet {
  return hostAddress === undefined ? anyMap(family) : addressMap(family);
}

/** All maps. */
export function allMaps(): { readonly family: IpFamily; readonly any: boolean; readonly map: NftSet }[] {
  return (['inet', 'inet6'] as const).flatMap((family) => [
    { family, any: false, map: addressMap(family) },
    { family, any: true, map: anyMap(family) },
  ]);
}

export function keyOf({ hostAddress, protocol, hostPort }: PortElement): Element['key'] {
  return hostAddress === undefined ? [protocol, hostPort] : [hostAddress, protocol, hostPort];
}

/** The sets that hold what these ports lead to, each with its addresses. */
export function selvesOf(ports: readonly PortElement[]): { readonly set: NftSet; readonly keys: Element['key'][] }[] {
  return (['inet', 'inet6'] as const).flatMap((family) => {
    const addresses = new Set(ports.filter((port) => port.family === family).map(({ address }) => address));
    return addresses.size === 0 ? [] : [{ set: selfSet(family), keys: [...addresses].map((address) => [address, address]) }];
  });
}

const keyPrefix = 'port:';

/** What the elements of an endpoint's ports say of it, besides the port. */
function ownerOf({ network, owner, ifname }: EndpointKey): Pick<Element, 'userdata' | 'comment'> {
  const entry = ownerEntry(`${keyPrefix}${endpointLinkName(network, owner, ifname)} ${network} ${ifname} ${owner}`);
  const comment = `${network} ${ifname} ${owner}`;
  const length = Buffer.byteLength(comment);
  // two bytes before each entry, and a NUL after the comment
  const fits = length <= maxCommentLength && 2 + entry.data.length + 2 + length + 1 <= maxUserDataLength;
  return { userdata: [entry], ...(fits ? { comment } : {}) };
}

/** What the elements of these ports are in their maps. */
export function portElements(ports: readonly PortElement[], key: EndpointKey): Element[] {
  const owner = ownerOf(key);
  return ports.map((port) => ({ key: keyOf(port), data: [port.address, port.port], ...owner }));
}

/** The port that an element stands for; undefined: it is somebody else's. */
export function portOf(family: IpFamily, { key, data, userdata }: Element): OwnedPort | undefined {
  const match = /^port:(\S+) (\S+) (\S+) (.+)$/s.exec(ownerKey(userdata) ?? '');
  if (match === null || !Array.isArray(key) || !Array.isArray(data)) return undefined;
  const [, link, network, ifname, owner] = match as unknown as [string, string, string, string, string];
  const [hostPort, protocol, hostAddress] = [...key].reverse() as [number, PublishedProtocol, string?];
  const [address, port] = data as [string, number];
  return {
    family,
    protocol,
    ...(hostAddress === undefined ? {} : { hostAddress }),
    hostPort,
    address,
    port,
    link,
    network,
    ifname,
    owner,
  };
}

/** Ports of one endpoint, put together again: families to one, and neighbors to ranges. In the order of their host ports. */
export function gathered(ports: readonly PortElement[]): PublishedPort[] {
  const bothFamilies = new Map<string, PortElement & { readonly families: Set<IpFamily> }>();
  for (const port of ports) {
    const key = `${port.protocol} ${port.hostAddress ?? ''} ${port.hostPort} ${port.port}`;
    const other = bothFamilies.get(key);
    if (other === undefined) bothFamilies.set(key, { ...port, families: new Set([port.family]) });
    else other.families.add(port.family);
  }
  const of = (a: PortElement): string => `${a.protocol} ${a.hostAddress ?? ''}`;
  const sorted = [...bothFamilies.values()].sort((a, b) => a.hostPort - b.hostPort || (of(a) < of(b) ? -1 : 1));
  const ranges: { first: (typeof sorted)[number]; count: number }[] = [];
  for (const port of sorted) {
    const before = ranges.findLast(({ first }) => of(first) === of(port));
    const continues =
      before !== undefined &&
      before.first.hostPort + before.count === port.hostPort &&
      before.first.port + before.count === port.port &&
      before.first.families.size === port.families.size;
    if (continues) before.count++;
    else ranges.push({ first: port, count: 1 });
  }
  return ranges.map(({ first, count }) => ({
    protocol: first.protocol,
    ...(first.hostAddress === undefined ? {} : { hostAddress: first.hostAddress }),
    hostPort: first.hostPort,
    ...(count === 1 ? {} : { hostPortEnd: first.hostPort + count - 1 }),
    containerPort: first.port,
  }));
}
