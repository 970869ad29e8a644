/** An address as callers see it. */
import { addressBits, type IpFamily } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { familyName } from '../family.ts';
import { type Scope, scope } from '../scope.ts';
import { type AddressFlag, addressFlags } from './flags.ts';
import type { AddressMessage } from './message.ts';

/** Who made an address; a protocol without a name as its number. */
export type AddressProtocol = NonNullable<AddressMessage['protocol']>;

/** An IP address of a link, as `ip -d address` shows it. What has no value for an address is left out. */
export interface Address {
  /** `10.0.0.1/24`: the address and the length of its network. With a `peer`, which has the network's length then, `/32` or `/128`. */
  address: string;
  /** `inet` or `inet6`. */
  family: IpFamily;
  /** Name of the link. */
  dev?: string;
  /** Index of the link. */
  index: number;
  /** The other end of a point-to-point link, with the length of its network. */
  peer?: string;
  /** IPv4: the address that all in the network listen to. */
  broadcast?: string;
  /** IPv6: read only. */
  anycast?: string;
  /** `global`, `link`, `host`, … */
  scope: Scope;
  /** IPv4: the name of the link, or that name with `:` and a suffix. */
  label?: string;
  /** Flags as ip(8) names them: `permanent`, `secondary`, `tentative`, `noprefixroute`, … */
  flags: AddressFlag[];
  /** Seconds until the address is removed; Infinity: never. */
  validLifetime: number;
  /** Seconds until the address is no longer used for new connections; Infinity: never. */
  preferredLifetime: number;
  /** Metric of the route to the address's network. */
  metric?: number;
  /** Who made the address: `kernel_ll`, `kernel_lo`, `kernel_ra`, or a number. */
  protocol?: AddressProtocol;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** INFINITY_LIFE_TIME in the kernel. */
export const forever = 0xffffffff;

function seconds(lifetime: number | undefined): number {
  return lifetime === undefined || lifetime === forever ? Number.POSITIVE_INFINITY : lifetime;
}

/** The address that `wire` describes; undefined when it is none of IPv4 or IPv6. `dev`: name of its link. */
export function toAddress(wire: AddressMessage, dev?: string): Address | undefined {
  const family = familyName(wire.family);
  const own = wire.local ?? wire.address ?? wire.anycast ?? wire.multicast;
  if (family === undefined || own === undefined) return undefined;
  const peer = wire.local !== undefined && wire.address !== undefined && wire.local !== wire.address ? wire.address : undefined;
  const address: Address = {
    address: `${own}/${peer === undefined ? wire.prefixLength : addressBits(family)}`,
    family,
    index: wire.index,
    scope: scope.nameOf(wire.scope),
    flags: wire.flags ?? addressFlags.namesOf(wire.headerFlags),
    validLifetime: seconds(wire.cacheinfo?.valid),
    preferredLifetime: seconds(wire.cacheinfo?.preferred),
  };
  if (dev !== undefined) address.dev = dev;
  if (peer !== undefined) address.peer = `${peer}/${wire.prefixLength}`;
  if (wire.broadcast !== undefined) address.broadcast = wire.broadcast;
  if (wire.anycast !== undefined) address.anycast = wire.anycast;
  if (wire.label !== undefined) address.label = wire.label;
  if (wire.metric !== undefined) address.metric = wire.metric;
  if (wire.protocol !== undefined) address.protocol = wire.protocol;
  if (wire.unknown !== undefined) address.unknown = wire.unknown;
  return address;
}
