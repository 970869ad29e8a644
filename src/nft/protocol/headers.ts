/**
 * Headers and their fields, as nft(8) names them (PAYLOAD EXPRESSIONS). A field is its first bit, its bits, and the type of its values; without a type it
 * is a number in network order.
 */
import type { DataTypeName } from '../datatype/data-type.ts';

/** `tunnel`: after the transport header, within a tunnel's own. */
export type HeaderBase = 'link' | 'network' | 'transport' | 'tunnel';
export type HeaderField = readonly [bit: number, bits: number, type?: DataTypeName | undefined];

interface HeaderShape {
  readonly base: HeaderBase;
  /** How the layer below numbers it: ETH_P_* of a network protocol, IPPROTO_* of a transport protocol. */
  readonly number?: number;
  /** The field that names the protocol above. */
  readonly upper?: string;
  readonly fields: Readonly<Record<string, HeaderField>>;
}

const ports = { sport: [0, 16, 'inet_service'], dport: [16, 16, 'inet_service'] } as const;
const icmpCommon = { checksum: [16, 16], id: [32, 16], sequence: [48, 16] } as const;

export const headers = {
  ether: {
    base: 'link',
    upper: 'type',
    fields: { daddr: [0, 48, 'ether_addr'], saddr: [48, 48, 'ether_addr'], type: [96, 16, 'ether_type'] },
  },
  /** Bits are counted from the end of the Ethernet header's addresses and type. */
  vlan: {
    base: 'link',
    number: 0x8100,
    upper: 'type',
    fields: { pcp: [0, 3], dei: [3, 1], cfi: [3, 1], id: [4, 12], type: [16, 16, 'ether_type'] },
  },
  arp: {
    base: 'network',
    number: 0x0806,
    fields: {
      htype: [0, 16],
      ptype: [16, 16, 'ether_type'],
      hlen: [32, 8],
      plen: [40, 8],
      operation: [48, 16, 'arp_op'],
      'saddr ether': [64, 48, 'ether_addr'],
      'saddr ip': [112, 32, 'ipv4_addr'],
      'daddr ether': [144, 48, 'ether_addr'],
      'daddr ip': [192, 32, 'ipv4_addr'],
    },
  },
  ip: {
    base: 'network',
    number: 0x0800,
    upper: 'protocol',
    fields: {
      version: [0, 4],
      hdrlength: [4, 4],
      dscp: [8, 6, 'dscp'],
      ecn: [14, 2, 'ecn'],
      length: [16, 16],
      id: [32, 16],
      'frag-off': [48, 16],
      ttl: [64, 8],
      protocol: [72, 8, 'inet_proto'],
      checksum: [80, 16],
      saddr: [96, 32, 'ipv4_addr'],
      daddr: [128, 32, 'ipv4_addr'],
    },
  },
  ip6: {
    base: 'network',
    number: 0x86dd,
    upper: 'nexthdr',
    fields: {
      version: [0, 4],
      dscp: [4, 6, 'dscp'],
      ecn: [10, 2, 'ecn'],
      flowlabel: [12, 20],
      length: [32, 16],
      nexthdr: [48, 8, 'inet_proto'],
      hoplimit: [56, 8],
      saddr: [64, 128, 'ipv6_addr'],
      daddr: [192, 128, 'ipv6_addr'],
    },
  },
  icmp: {
    base: 'transport',
    number: 1,
    fields: { type: [0, 8, 'icmp_type'], code: [8, 8, 'icmp_code'], ...icmpCommon, mtu: [48, 16], gateway: [32, 32] },
  },
  igmp: {
    base: 'transport',
    number: 2,
    fields: { type: [0, 8, 'igmp_type'], mrt: [8, 8], checksum: [16, 16], group: [32, 32, 'ipv4_addr'] },
  },
  tcp: {
    base: 'transport',
    number: 6,
    fields: {
      ...ports,
      sequence: [32, 32],
      ackseq: [64, 32],
      doff: [96, 4],
      reserved: [100, 4],
      flags: [104, 8, 'tcp_flag'],
      window: [112, 16],
      checksum: [128, 16],
      urgptr: [144, 16],
    },
  },
  udp: { base: 'transport', number: 17, fields: { ...ports, length: [32, 16], checksum: [48, 16] } },
  dccp: { base: 'transport', number: 33, fields: { ...ports, type: [67, 4, 'dccp_pkttype'] } },
  gre: {
    base: 'transport',
    number: 47,
    fields: { flags: [0, 5], version: [13, 3], protocol: [16, 16, 'ether_type'] },
  },
  esp: { base: 'transport', number: 50, fields: { spi: [0, 32], sequence: [32, 32] } },
  ah: {
    base: 'transport',
    number: 51,
    fields: { nexthdr: [0, 8, 'inet_proto'], hdrlength: [8, 8], reserved: [16, 16], spi: [32, 32], sequence: [64, 32] },
  },
  icmpv6: {
    base: 'transport',
    number: 58,
    fields: {
      type: [0, 8, 'icmpv6_type'],
      code: [8, 8, 'icmpv6_code'],
      ...icmpCommon,
      'parameter-problem': [32, 32],
      mtu: [32, 32],
      'max-delay': [32, 16],
    },
  },
  comp: { base: 'transport', number: 108, fields: { nexthdr: [0, 8, 'inet_proto'], flags: [8, 8, 'bitmask'], cpi: [16, 16] } },
  sctp: { base: 'transport', number: 132, fields: { ...ports, vtag: [32, 32], checksum: [64, 32] } },
  udplite: { base: 'transport', number: 136, fields: { ...ports, csumcov: [32, 16], checksum: [48, 16] } },
  /** Whichever transport protocol it is that has ports. */
  th: { base: 'transport', fields: ports },
} as const satisfies Readonly<Record<string, HeaderShape>>;

export type HeaderName = keyof typeof headers;
export type Header = HeaderShape & { readonly name: HeaderName };

/** undefined: no such header. */
export function headerOf(name: string): Header | undefined {
  const made = named.get(name);
  if (made !== undefined || !Object.hasOwn(headers, name)) return made;
  const header: Header = { name: name as HeaderName, ...(headers[name as HeaderName] as HeaderShape) };
  named.set(name, header);
  return header;
}

const named = new Map<string, Header>();
