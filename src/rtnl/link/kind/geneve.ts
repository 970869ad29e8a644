/** Ethernet or IP over UDP, with options. Source: include/uapi/linux/if_link.h (IFLA_GENEVE_*); ip-link(8), "GENEVE Type Support". */
import { ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { be16, be32, bool8, flag, u8, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import type { LinkKind } from '../kind.ts';
import { checkPortRange, maxFlowLabel, maxVni } from '../limits.ts';

const portRange = struct('ifla_geneve_port_range', () => ({ low: fields.be16, high: fields.be16 }));
/** enum ifla_geneve_df. */
const df = enumeration(u8, { unset: 0, set: 1, inherit: 2 });

const geneve_ = attributes('IFLA_GENEVE', () => ({
  /** Virtual network identifier, 24 bits. */
  id: attr('IFLA_GENEVE_ID', 1, u32),
  /** The other end, IPv4. */
  remote: attr('IFLA_GENEVE_REMOTE', 2, ipv4Address),
  /** Time to live of tunnel packets; 0: the system's. */
  ttl: attr('IFLA_GENEVE_TTL', 3, u8),
  /** Type of service of tunnel packets; 1: that of the packet inside. */
  tos: attr('IFLA_GENEVE_TOS', 4, u8),
  /** Destination port. Default: 6081. Set at creation only. */
  port: attr('IFLA_GENEVE_PORT', 5, be16),
  /** What ip(8) calls `external`: each packet's metadata says where it goes. */
  collectMetadata: attr('IFLA_GENEVE_COLLECT_METADATA', 6, flag),
  /** The other end, IPv6. */
  remote6: attr('IFLA_GENEVE_REMOTE6', 7, ipv6Address),
  /** UDP checksums over IPv4. */
  udpCsum: attr('IFLA_GENEVE_UDP_CSUM', 8, bool8),
  /** No UDP checksums over IPv6. */
  udpZeroCsum6Tx: attr('IFLA_GENEVE_UDP_ZERO_CSUM6_TX', 9, bool8),
  /** Accept IPv6 packets without UDP checksum. */
  udpZeroCsum6Rx: attr('IFLA_GENEVE_UDP_ZERO_CSUM6_RX', 10, bool8),
  /** Flow label of tunnel packets over IPv6, 20 bits. */
  label: attr('IFLA_GENEVE_LABEL', 11, be32),
  /** Time to live of the packet inside. In an update the kernel passes over a `ttl` beside it, whatever it is; a `ttl` alone ends it as well. */
  ttlInherit: attr('IFLA_GENEVE_TTL_INHERIT', 12, bool8),
  /** The don't fragment bit of tunnel packets over IPv4. */
  df: attr('IFLA_GENEVE_DF', 13, df),
  /** IP packets directly, without an Ethernet header. Set at creation only. */
  innerProtoInherit: attr('IFLA_GENEVE_INNER_PROTO_INHERIT', 14, flag),
  /** Source ports to choose from. Since Linux 6.16. */
  portRange: attr('IFLA_GENEVE_PORT_RANGE', 15, structCodec(portRange)),
}));

/** IFLA_INFO_DATA of a GENEVE tunnel. */
export interface Geneve extends Infer<typeof geneve_> {}
export const geneve: Codec<Geneve> = geneve_;

/** The mere mention of `ttlInherit` makes the kernel pass over `ttl`. It is off in a new link anyway. */
function creatable(data: Geneve): Geneve {
  const { ttlInherit, ...rest } = data;
  return ttlInherit === true ? data : rest;
}

export const geneveKind: LinkKind<Geneve> = {
  data: geneve,
  needs: 'CONFIG_GENEVE',
  limits: { id: [0, maxVni], label: [0, maxFlowLabel] },
  check: ({ portRange: ports }) => checkPortRange(ports, 'portRange'),
  creatable,
  since: { portRange: 'Linux 6.16' },
  flagsSince: { innerProtoInherit: 'Linux 5.18' },
};
