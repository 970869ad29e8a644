/** What a person writes for values of the types that nft(8) has: what compiles is of the right kind, down to the family of an address. */
import type { DataTypeName } from '../datatype/data-type.ts';
import type * as names from '../datatype/names.ts';

/** An address of IPv4: `10.0.0.1`. */
export type Ipv4 = `${number}.${number}.${number}.${number}`;
/** An address of IPv6: `fd00::1`. */
export type Ipv6 = `${string}:${string}`;

/** The names that values of a type have in nft(8), by the type. */
export interface ValueNames {
  /** Families of protocols: `ipv4`, `ipv6`. */
  nf_proto: keyof typeof names.netfilterProtocols;
  /** Types of Ethernet frames. */
  ether_type: keyof typeof names.etherTypes;
  /** Operations of ARP. */
  arp_op: keyof typeof names.arpOperations;
  /** Protocols over IP. */
  inet_proto: keyof typeof names.internetProtocols;
  /** Types of ICMP messages. */
  icmp_type: keyof typeof names.icmpTypes;
  /** Codes of ICMP's "destination unreachable". */
  icmp_code: keyof typeof names.icmpCodes;
  /** Types of ICMPv6 messages. */
  icmpv6_type: keyof typeof names.icmpv6Types;
  /** Codes of ICMPv6's "destination unreachable". */
  icmpv6_code: keyof typeof names.icmpv6Codes;
  /** Types of IGMP messages. */
  igmp_type: keyof typeof names.igmpTypes;
  /** Flags of TCP headers. */
  tcp_flag: keyof typeof names.tcpFlags;
  /** Types of DCCP packets. */
  dccp_pkttype: keyof typeof names.dccpPacketTypes;
  /** Types of mobility headers. */
  mh_type: keyof typeof names.mobilityTypes;
  /** Types of links: `ether`, `loopback`, … */
  iface_type: keyof typeof names.interfaceTypes;
  /** States of connections. */
  ct_state: keyof typeof names.ctStates;
  /** Directions of connections. */
  ct_dir: keyof typeof names.ctDirections;
  /** Bits of the status of connections. */
  ct_status: keyof typeof names.ctStatuses;
  /** Events of connections. */
  ct_event: keyof typeof names.ctEvents;
  /** Whom the link layer says a packet is for. */
  pkt_type: keyof typeof names.packetTypes;
  /** Code points of differentiated services. */
  dscp: keyof typeof names.dscps;
  /** Explicit congestion notification. */
  ecn: keyof typeof names.ecns;
  /** Types of addresses, as routes have them. */
  fib_addrtype: keyof typeof names.fibAddressTypes;
  /** Days of the week. */
  day: keyof typeof names.days;
  /** `lo` is 1 everywhere; other interfaces by their index. */
  iface_index: 'lo';
  /** Groups of links; others than 0 are numbers. */
  devgroup: 'default';
  /** The name of a user of this machine. */
  uid: string;
  /** The name of a group of this machine. */
  gid: string;
  /** Time of day in the machine's zone: `'17:30'`. As a number: seconds since midnight of UTC. */
  hour: `${number}:${number}`;
  /** In the machine's zone, unless it says another: `'2026-05-01 12:00:00'`. As a number: nanoseconds since 1970. */
  time_date: `${number}-${number}-${number}${string}` | bigint;
  /** A class of traffic control, in hexadecimal: `'1:10'`. */
  classid: `${string}:${string}`;
}

/** A value of a type. Integers are numbers, or bigints where those are not exact. */
export type ValueOf<T extends DataTypeName> = T extends 'ipv4_addr'
  ? Ipv4
  : T extends 'ipv6_addr'
    ? Ipv6
    : T extends 'ether_addr'
      ? `${string}:${string}:${string}:${string}:${string}:${string}`
      : T extends 'ifname' | 'string'
        ? string
        : T extends 'boolean'
          ? boolean
          : T extends keyof ValueNames
            ? ValueNames[T] | number
            : number | bigint;

/** Several values at once, as text: the prefixes of an address. */
export type PrefixOf<T extends DataTypeName> = T extends 'ipv4_addr'
  ? `${Ipv4}/${number}`
  : T extends 'ipv6_addr'
    ? `${Ipv6}/${number}`
    : never;

/** A named set or map of the table. */
export type SetName = `@${string}`;

/** `fragOff` for what nft(8) calls `frag-off`, `saddrIp` for `saddr ip`. */
export type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` | `${infer Head} ${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

/** {@link Camel} of a name. */
export function camel(name: string): string {
  return name.replace(/[- ]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The name in a table of nft's names that a camelCase one stands for; undefined: there is none. */
export function uncamel(table: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return Object.keys(table).find((key) => camel(key) === name);
}
