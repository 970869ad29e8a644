/** Ethernet over UDP. Source: include/uapi/linux/if_link.h (IFLA_VXLAN_*); ip-link(8), "VXLAN Type Support". */
import { ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { be16, be32, bool8, flag, u8, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { checkPortRange, maxFlowLabel, maxVni } from '../limits.ts';
import { presence } from '../presence.ts';

const portRange = struct('ifla_vxlan_port_range', () => ({ low: fields.be16, high: fields.be16 }));
/** Both words of the header, in network order. */
const header = struct('vxlanhdr', () => ({ flags: fields.be32, vni: fields.be32 }));
/** enum ifla_vxlan_df. */
const df = enumeration(u8, { unset: 0, set: 1, inherit: 2 });
/** enum ifla_vxlan_label_policy. */
const labelPolicy = enumeration(u32, { fixed: 0, inherit: 1 });

const vxlan_ = attributes('IFLA_VXLAN', () => ({
  /** VXLAN network identifier (VNI), 24 bits. Set at creation only. */
  id: attr('IFLA_VXLAN_ID', 1, u32),
  /** Where frames to unknown destinations go: an IPv4 address or multicast group. */
  remote: attr('IFLA_VXLAN_GROUP', 2, ipv4Address),
  /** Link that tunnel packets leave by. */
  link: attr('IFLA_VXLAN_LINK', 3, u32),
  /** Source address of tunnel packets, IPv4. */
  local: attr('IFLA_VXLAN_LOCAL', 4, ipv4Address),
  /** Time to live of tunnel packets; 0: 1 for multicast, the system's for others. */
  ttl: attr('IFLA_VXLAN_TTL', 5, u8),
  /** Type of service of tunnel packets; 1: that of the packet inside. */
  tos: attr('IFLA_VXLAN_TOS', 6, u8),
  /** Learn where addresses are. Default: true. */
  learning: attr('IFLA_VXLAN_LEARNING', 7, bool8),
  /** Lifetime of a learned address in seconds. Default: 300. */
  ageing: attr('IFLA_VXLAN_AGEING', 8, u32),
  /** Learned addresses at most; 0: no limit. */
  limit: attr('IFLA_VXLAN_LIMIT', 9, u32),
  /** Source ports to choose from; both 0: the local port range. Set at creation only. */
  portRange: attr('IFLA_VXLAN_PORT_RANGE', 10, structCodec(portRange)),
  /** Answer ARP and NDP requests for known neighbors. */
  proxy: attr('IFLA_VXLAN_PROXY', 11, bool8),
  /** Route short circuit. */
  rsc: attr('IFLA_VXLAN_RSC', 12, bool8),
  /** Notify of unknown link layer addresses. */
  l2miss: attr('IFLA_VXLAN_L2MISS', 13, bool8),
  /** Notify of unknown network layer addresses. */
  l3miss: attr('IFLA_VXLAN_L3MISS', 14, bool8),
  /** Destination port. Default: 8472, which is not the registered 4789. Set at creation only. */
  port: attr('IFLA_VXLAN_PORT', 15, be16),
  /** Like `remote`, IPv6. */
  remote6: attr('IFLA_VXLAN_GROUP6', 16, ipv6Address),
  /** Like `local`, IPv6. */
  local6: attr('IFLA_VXLAN_LOCAL6', 17, ipv6Address),
  /** UDP checksums over IPv4. Default: true. */
  udpCsum: attr('IFLA_VXLAN_UDP_CSUM', 18, bool8),
  /** No UDP checksums over IPv6. Default: false. */
  udpZeroCsum6Tx: attr('IFLA_VXLAN_UDP_ZERO_CSUM6_TX', 19, bool8),
  /** Accept IPv6 packets without UDP checksum. Default: false. */
  udpZeroCsum6Rx: attr('IFLA_VXLAN_UDP_ZERO_CSUM6_RX', 20, bool8),
  /** Remote checksum offload. */
  remcsumTx: attr('IFLA_VXLAN_REMCSUM_TX', 21, bool8),
  remcsumRx: attr('IFLA_VXLAN_REMCSUM_RX', 22, bool8),
  /** Group policy extension. Set at creation only. */
  gbp: attr('IFLA_VXLAN_GBP', 23, flag),
  remcsumNopartial: attr('IFLA_VXLAN_REMCSUM_NOPARTIAL', 24, flag),
  /** What ip(8) calls `external`: each packet's metadata says where it goes. Set at creation only. */
  collectMetadata: attr('IFLA_VXLAN_COLLECT_METADATA', 25, bool8),
  /** Flow label of tunnel packets over IPv6, 20 bits. */
  label: attr('IFLA_VXLAN_LABEL', 26, be32),
  /** Generic protocol extension: IP packets directly; wants `collectMetadata`. Set at creation only. */
  gpe: attr('IFLA_VXLAN_GPE', 27, flag),
  /** Time to live of the packet inside. False is said by leaving it out. */
  ttlInherit: attr('IFLA_VXLAN_TTL_INHERIT', 28, presence),
  /** The don't fragment bit of tunnel packets over IPv4. */
  df: attr('IFLA_VXLAN_DF', 29, df),
  /** Only VNIs in the filter are taken; wants `collectMetadata`. Set at creation only. */
  vnifilter: attr('IFLA_VXLAN_VNIFILTER', 30, bool8),
  /** Packets to a local address go to the local VXLAN directly. Default: true. */
  localbypass: attr('IFLA_VXLAN_LOCALBYPASS', 31, bool8),
  labelPolicy: attr('IFLA_VXLAN_LABEL_POLICY', 32, labelPolicy),
  /** Bits of the header that a packet may not have set. Set at creation only. Since Linux 6.14. */
  reservedBits: attr('IFLA_VXLAN_RESERVED_BITS', 33, structCodec(header)),
  /** Multicast routing of tunnel packets. Since Linux 6.17. The kernel takes it, and does not report it. */
  mcRoute: attr('IFLA_VXLAN_MC_ROUTE', 34, bool8),
}));

/** IFLA_INFO_DATA of a VXLAN. */
export interface Vxlan extends Infer<typeof vxlan_> {}
/** The same as `create` and `update` take it. */
export interface VxlanInput extends LinksByName<Vxlan, 'link'> {}
export const vxlan: Codec<Vxlan> = vxlan_;

/**
 * False cannot be said of `ttlInherit`, and the mere mention of remote checksum offload claims bits of the header, which may be among the
 * reserved ones. They are off in a new link anyway.
 */
function creatable(data: Vxlan): Vxlan {
  const settable = { ...data };
  for (const member of ['ttlInherit', 'remcsumTx', 'remcsumRx'] as const) if (settable[member] === false) delete settable[member];
  return settable;
}

export const vxlanKind: LinkKind<Vxlan> = {
  data: vxlan,
  needs: 'CONFIG_VXLAN',
  limits: { id: [0, maxVni], label: [0, maxFlowLabel] },
  check: ({ portRange: ports }) => checkPortRange(ports, 'portRange'),
  creatable,
  since: { df: 'Linux 4.20', localbypass: 'Linux 6.5', labelPolicy: 'Linux 6.7', reservedBits: 'Linux 6.14' },
  flagsSince: { vnifilter: 'Linux 5.18' },
  links: { link: 'below' },
};
