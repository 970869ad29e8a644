/** Protocols of flows. Source: include/uapi/linux/in.h (IPPROTO_*), in6.h; names of /etc/protocols. */
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

/** A protocol over IP by name, or the number of one without. */
export type FlowProtocol = Enumerated<typeof protocols>;
export const flowProtocol: EnumerationCodec<typeof protocols> = enumeration(u8, protocols);

/** Protocols whose flows are told apart by ports. */
export type PortProtocol = 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite';
/** Protocols whose flows are told apart by type, code and id. */
export type IcmpProtocol = 'icmp' | 'icmpv6';

const withPorts: ReadonlySet<unknown> = new Set<PortProtocol>(['tcp', 'udp', 'sctp', 'dccp', 'udplite']);

export function hasPorts(protocol: unknown): protocol is PortProtocol {
  return withPorts.has(protocol);
}

export function isIcmp(protocol: unknown): protocol is IcmpProtocol {
  return protocol === 'icmp' || protocol === 'icmpv6';
}

/** Messages that are answered, and what by. Source: net/netfilter/nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c. */
const answers: Readonly<Record<IcmpProtocol, readonly (readonly [number, number])[]>> = {
  // echo, timestamp, information, address mask
  icmp: [
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
  ],
  // echo, node information
  icmpv6: [
    [128, 129],
    [139, 140],
  ],
};

/** The type of ICMP message that goes the other way; undefined: flows of it are not tracked. */
export function inverseIcmpType(protocol: IcmpProtocol, type: number): number | undefined {
  for (const [request, reply] of answers[protocol]) {
    if (type === request) return reply;
    if (type === reply) return request;
  }
  return undefined;
}
