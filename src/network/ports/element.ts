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

/** The address that stands for any of one family alone. */
const anyOf: Readonly<Record<IpFamily, string>> = { inet: '0.0.0.0', inet6: '::' };

/** The families that addresses are of. */
export function familiesOf(addresses: readonly string[]): ReadonlySet<IpFamily> {
  return new Set(addresses.map((address) => (address.includes(':') ? 'inet6' : 'inet')));
}

/**
 * Ports of one endpoint, put together again: families to one, and neighbors to ranges. In the order of their host ports.
 *
 * @param families those that the endpoint has addresses of: a port that is published in one of two says in which. Default: those of the ports
 */
export function gathered(
  ports: readonly PortElement[],
  families: ReadonlySet<IpFamily> = new Set(ports.map(({ family }) => family)),
): PublishedPort[] {
  const merged = new Map<string, { readonly port: PortElement; both: boolean }>();
  for (const port of ports) {
    const key = `${port.protocol} ${port.hostAddress ?? ''} ${port.hostPort} ${port.port}`;
    const other = merged.get(key);
    if (other === undefined) merged.set(key, { port, both: families.size < 2 });
    else other.both = true;
  }
  const all = [...merged.values()].map(({ port, both }) => {
    const hostAddress = port.hostAddress ?? (both ? undefined : anyOf[port.family]);
    return { port, hostAddress, group: `${port.protocol} ${hostAddress ?? ''}` };
  });
  all.sort((a, b) => a.port.hostPort - b.port.hostPort || (a.group < b.group ? -1 : 1));
  const ranges: { first: (typeof all)[number]; count: number }[] = [];
  const latest = new Map<string, (typeof ranges)[number]>();
  for (const each of all) {
    const before = latest.get(each.group);
    const continues =
      before !== undefined &&
      before.first.port.hostPort + before.count === each.port.hostPort &&
      before.first.port.port + before.count === each.port.port;
    if (continues) {
      before.count++;
      continue;
    }
    const range = { first: each, count: 1 };
    ranges.push(range);
    latest.set(each.group, range);
  }
  return ranges.map(({ first: { port, hostAddress }, count }) => ({
    protocol: port.protocol,
    ...(hostAddress === undefined ? {} : { hostAddress }),
    hostPort: port.hostPort,
    ...(count === 1 ? {} : { hostPortEnd: port.hostPort + count - 1 }),
    containerPort: port.port,
  }));
}
