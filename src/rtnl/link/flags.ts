/** What a link is and does at the moment, as bits. Source: include/uapi/linux/if.h (enum net_device_flags). */
import { type Enumerated, type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import { u32 } from '../../netlink/scalar.ts';

const bits = {
  up: 1 << 0,
  broadcast: 1 << 1,
  debug: 1 << 2,
  loopback: 1 << 3,
  pointopoint: 1 << 4,
  notrailers: 1 << 5,
  running: 1 << 6,
  noarp: 1 << 7,
  promisc: 1 << 8,
  allmulti: 1 << 9,
  master: 1 << 10,
  slave: 1 << 11,
  multicast: 1 << 12,
  portsel: 1 << 13,
  automedia: 1 << 14,
  dynamic: 1 << 15,
  lower_up: 1 << 16,
  dormant: 1 << 17,
  echo: 1 << 18,
} as const;

/** Administratively up. */
export const IFF_UP = bits.up;

/** A flag of a link: the name of the `IFF_` constant in lower case, as ip(8) prints it; bits without a name as numbers. */
export type LinkFlag = Enumerated<typeof bits>;

/** IFF_*. */
export const linkFlagBits: FlagsCodec<typeof bits> = flags(u32, bits);

/** A machine has few combinations of flags and many links: each is spelled out once. */
const spelled = new Map<number, readonly LinkFlag[]>();

/** Names of the flags that are set in `value`. */
export function linkFlags(value: number): LinkFlag[] {
  let names = spelled.get(value);
  if (names === undefined) {
    names = linkFlagBits.namesOf(value);
    spelled.set(value, names);
  }
  return names.slice();
}
