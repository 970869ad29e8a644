/** The numbers of routes that have names. Source: include/uapi/linux/rtnetlink.h; names of ip-route(8). */
import { type Enumerated, type EnumerationCodec, enumeration, type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import { u8, u32 } from '../../netlink/scalar.ts';
import { byNumber } from '../by-number.ts';

const types = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
} as const;

/** What becomes of packets: RTN_*. */
export type RouteType = Enumerated<typeof types>;
export const routeType: EnumerationCodec<typeof types> = enumeration(u8, types);

const protocols = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  mrouted: 17,
  keepalived: 18,
  babel: 42,
  ovn: 84,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
} as const;

/** Who made a route: RTPROT_*, by the names of ip(8); others by number, names of /etc/iproute2/rt_protos too. */
export type RouteProtocol = Enumerated<typeof protocols>;
export const routeProtocol: EnumerationCodec<typeof protocols> = enumeration(u8, protocols, byNumber('rt_protos'));

const tables = { default: 253, main: 254, local: 255 } as const;

/** A routing table: `main`, `local`, `default`, or its number from 1 to 4,294,967,295. Names of /etc/iproute2/rt_tables are not read. */
export type RouteTable = Enumerated<typeof tables>;
export const routeTable: EnumerationCodec<typeof tables> = enumeration(u32, tables, byNumber('rt_tables'));

const preferences = { medium: 0, high: 1, low: 3 } as const;

/** Preference of an IPv6 router (RFC 4191): ICMPV6_ROUTER_PREF_* in include/uapi/linux/icmpv6.h. */
export type RoutePreference = Enumerated<typeof preferences>;
export const routePreference: EnumerationCodec<typeof preferences> = enumeration(u8, preferences);

const routeBits = {
  dead: 0x1,
  pervasive: 0x2,
  onlink: 0x4,
  offload: 0x8,
  linkdown: 0x10,
  unresolved: 0x20,
  trap: 0x40,
  notify: 0x100,
  cache: 0x200,
  equalize: 0x400,
  prefix: 0x800,
  lookup_table: 0x1000,
  fib_match: 0x2000,
  rt_offload: 0x4000,
  rt_trap: 0x8000,
  rt_offload_failed: 0x20000000,
} as const;

/** Say in which table the answer was found, instead of `main`. */
export const RTM_F_LOOKUP_TABLE = routeBits.lookup_table;
/** Answer a lookup with the route that matches, as it is in its table. */
export const RTM_F_FIB_MATCH = routeBits.fib_match;

/** State of a route (RTM_F_*) and of its next hop (RTNH_F_*) as ip(8) names them; bits without a name as numbers. */
export type RouteFlag = Enumerated<typeof routeBits>;
export const routeFlags: FlagsCodec<typeof routeBits> = flags(u32, routeBits);

const nexthopBits = { dead: 0x1, pervasive: 0x2, onlink: 0x4, offload: 0x8, linkdown: 0x10, unresolved: 0x20, trap: 0x40 } as const;

/** State of a next hop: RTNH_F_*. */
export type NexthopFlag = Enumerated<typeof nexthopBits>;
export const nexthopFlags: FlagsCodec<typeof nexthopBits> = flags(u8, nexthopBits);

/** The flags that a request may set; the others are the kernel's to report. */
export const settableRouteFlags: number = nexthopBits.onlink | nexthopBits.pervasive;
