/** A neighbor as callers see it. */
import type { IpFamily } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { familyName } from '../family.ts';
import { type RouteProtocol, type RouteType, routeType } from '../route/enumerations.ts';
import { joinFlags, type NeighborFlag, type NeighborState, NTF_PROXY, neighborState } from './flags.ts';
import type { NeighborMessage } from './message.ts';

/** A neighbor (an ARP or NDP entry, or an address answered for), as `ip -s neigh` shows it. What has no value for one is left out. */
export interface Neighbor {
  /** IP address. */
  to: string;
  /** `inet` or `inet6`. */
  family: IpFamily;
  /** Name of the link. */
  dev?: string;
  /** Index of the link. A proxy entry may be for all links, and has none. */
  devIndex?: number;
  /** Hardware address; on a tunnel, the IP address of the tunnel's other end. */
  lladdr?: string;
  /** What is known of it: `reachable`, `stale`, `permanent`, …; a proxy entry has none. */
  state?: NeighborState;
  /** `router`, `proxy`, `extern_learn`, … Source: neighbour.h (NTF_*). */
  flags: NeighborFlag[];
  /** Who made the entry. */
  protocol?: RouteProtocol;
  /** `unicast`, `multicast`, `local`, `broadcast`, `anycast`; left out for a proxy entry. */
  type?: RouteType;
  /** Probes sent so far. */
  probes?: number;
  /** Seconds since reachability was last confirmed. */
  confirmed?: number;
  /** Seconds since the entry was last used. */
  used?: number;
  /** Seconds since the entry last changed. */
  updated?: number;
  /** Users of the entry within the kernel. */
  refcount?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** USER_HZ: ages are counted in hundredths of a second. */
const ticksPerSecond = 100;

/** The neighbor that `wire` describes; undefined when it is none of IPv4 or IPv6. */
export function toNeighbor(wire: NeighborMessage, names: ReadonlyMap<number, string>): Neighbor | undefined {
  const family = familyName(wire.family);
  if (family === undefined || wire.dst === undefined) return undefined;
  const neighbor: Neighbor = { to: wire.dst, family, flags: joinFlags(wire.flags, wire.flagsExtended) };
  if (wire.index !== 0) {
    const dev = names.get(wire.index);
    if (dev !== undefined) neighbor.dev = dev;
    neighbor.devIndex = wire.index;
  }
  if (wire.lladdr !== undefined) neighbor.lladdr = wire.lladdr;
  if ((wire.flags & NTF_PROXY) === 0) {
    neighbor.state = neighborState.nameOf(wire.state);
    neighbor.type = routeType.nameOf(wire.type);
  }
  if (wire.protocol !== undefined) neighbor.protocol = wire.protocol;
  if (wire.probes !== undefined) neighbor.probes = wire.probes;
  if (wire.cacheinfo !== undefined) {
    neighbor.confirmed = wire.cacheinfo.confirmed / ticksPerSecond;
    neighbor.used = wire.cacheinfo.used / ticksPerSecond;
    neighbor.updated = wire.cacheinfo.updated / ticksPerSecond;
    neighbor.refcount = wire.cacheinfo.refcount;
  }
  if (wire.unknown !== undefined) neighbor.unknown = wire.unknown;
  return neighbor;
}
