/** Protocols over IP. Source: include/uapi/linux/in.h (IPPROTO_*), in6.h; names of /etc/protocols. */
import { type Enumerated, type EnumerationCodec, enumeration } from '../netlink/enumeration.ts';
import { u8 } from '../netlink/scalar.ts';

const protocols = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  ospf: 89,
  pim: 103,
  sctp: 132,
  udplite: 136,
} as const;

/** A protocol over IP by name, or the number of one without: `tcp`, `udp`, `icmp`, `icmpv6`, `sctp`, … */
export type IpProtocol = Enumerated<typeof protocols>;
export const ipProtocol: EnumerationCodec<typeof protocols> = enumeration(u8, protocols);
