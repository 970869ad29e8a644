/** A prefix that a router announces, as callers see it. Source: RFC 4861, 4.6.2; `ip monitor prefix`. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import { forever } from '../address/address.ts';
import type { PrefixMessage } from './message.ts';

/** A prefix of a router's announcement. */
export interface AnnouncedPrefix {
  /** `2001:db8::/64`. */
  prefix: string;
  /** Name of the link that the announcement came by. */
  dev?: string;
  /** Index of the link that it was announced on. */
  devIndex: number;
  /** The addresses of the prefix are on this link. */
  onLink: boolean;
  /** Addresses may be made of the prefix. */
  autoconf: boolean;
  /**
   * The flags as the kernel tells them. Since Linux 6.7 they are those of the announcement, `onLink` being 0x80 and `autoconf` 0x40; before, 0x01
   * and 0x02, and nothing else is told.
   */
  flags: number;
  /** Seconds that addresses of the prefix are valid; Infinity: forever. */
  validLifetime?: number;
  /** Seconds until they are no longer used for new connections; Infinity: never. */
  preferredLifetime?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** IF_PREFIX_* of include/net/if_inet6.h, and the bits of an announcement (RFC 4861, 4.6.2): no byte of one is taken for the other. */
const onLinkBits = 0x01 | 0x80;
const autoconfBits = 0x02 | 0x40;

function seconds(lifetime: number): number {
  return lifetime === forever ? Number.POSITIVE_INFINITY : lifetime;
}

/** The prefix that `wire` describes; undefined when it has none. `dev`: name of its link. */
export function toPrefix(wire: PrefixMessage, dev?: string): AnnouncedPrefix | undefined {
  if (wire.address === undefined) return undefined;
  const prefix: AnnouncedPrefix = {
    prefix: `${wire.address}/${wire.prefixLength}`,
    devIndex: wire.index,
    onLink: (wire.flags & onLinkBits) !== 0,
    autoconf: (wire.flags & autoconfBits) !== 0,
    flags: wire.flags,
  };
  if (dev !== undefined) prefix.dev = dev;
  if (wire.cacheinfo !== undefined) {
    prefix.validLifetime = seconds(wire.cacheinfo.valid);
    prefix.preferredLifetime = seconds(wire.cacheinfo.preferred);
  }
  if (wire.unknown !== undefined) prefix.unknown = wire.unknown;
  return prefix;
}
