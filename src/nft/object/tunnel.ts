/** `tunnel`: the metadata of a tunnel to send packets by. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_TUNNEL_KEY_*). */
import { ipv4Address, ipv6Address } from '../../netlink/address.ts';
import { attr, attributes, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be16, be32, u8 } from '../../netlink/scalar.ts';
import { bytes } from '../../netlink/text.ts';

/** NFT_TUNNEL_F_*. */
export const tunnelFlags = flags(be32, { 'zero-csum-tx': 1, 'dont-fragment': 2, 'seq-number': 4 });

const ip_ = attributes('NFTA_TUNNEL_KEY_IP', () => ({
  src: attr('NFTA_TUNNEL_KEY_IP_SRC', 1, ipv4Address),
  dst: attr('NFTA_TUNNEL_KEY_IP_DST', 2, ipv4Address),
}));
/** Ends of a tunnel over IPv4. */
export interface TunnelIp extends Infer<typeof ip_> {}

const ip6_ = attributes('NFTA_TUNNEL_KEY_IP6', () => ({
  src: attr('NFTA_TUNNEL_KEY_IP6_SRC', 1, ipv6Address),
  dst: attr('NFTA_TUNNEL_KEY_IP6_DST', 2, ipv6Address),
  flowlabel: attr('NFTA_TUNNEL_KEY_IP6_FLOWLABEL', 3, be32),
}));
/** Ends of a tunnel over IPv6. */
export interface TunnelIp6 extends Infer<typeof ip6_> {}

const vxlan_ = attributes('NFTA_TUNNEL_KEY_VXLAN', () => ({
  gbp: attr('NFTA_TUNNEL_KEY_VXLAN_GBP', 1, be32),
}));
/** What the header of VXLAN has besides. */
export interface TunnelVxlan extends Infer<typeof vxlan_> {}

const erspan_ = attributes('NFTA_TUNNEL_KEY_ERSPAN', () => ({
  version: attr('NFTA_TUNNEL_KEY_ERSPAN_VERSION', 1, be32),
  index: attr('NFTA_TUNNEL_KEY_ERSPAN_V1_INDEX', 2, be32),
  hwid: attr('NFTA_TUNNEL_KEY_ERSPAN_V2_HWID', 3, u8),
  dir: attr('NFTA_TUNNEL_KEY_ERSPAN_V2_DIR', 4, u8),
}));
/** What the header of ERSPAN has besides. */
export interface TunnelErspan extends Infer<typeof erspan_> {}

const geneve_ = attributes('NFTA_TUNNEL_KEY_GENEVE', () => ({
  class: attr('NFTA_TUNNEL_KEY_GENEVE_CLASS', 1, be16),
  type: attr('NFTA_TUNNEL_KEY_GENEVE_TYPE', 2, u8),
  data: attr('NFTA_TUNNEL_KEY_GENEVE_DATA', 3, bytes),
}));
/** An option of Geneve. */
export interface TunnelGeneve extends Infer<typeof geneve_> {}

const options_ = attributes('NFTA_TUNNEL_KEY_OPTS', () => ({
  vxlan: attr<TunnelVxlan>('NFTA_TUNNEL_KEY_OPTS_VXLAN', 1, vxlan_),
  erspan: attr<TunnelErspan>('NFTA_TUNNEL_KEY_OPTS_ERSPAN', 2, erspan_),
  geneve: repeated<TunnelGeneve>('NFTA_TUNNEL_KEY_OPTS_GENEVE', 3, geneve_),
}));
/** What the header of the tunnel has besides. */
export interface TunnelOptions extends Infer<typeof options_> {}

const tunnelKey_ = attributes('NFTA_TUNNEL_KEY', () => ({
  /** Number of the tunnel: a VNI, a key. */
  id: attr('NFTA_TUNNEL_KEY_ID', 1, be32),
  ip: attr<TunnelIp>('NFTA_TUNNEL_KEY_IP', 2, ip_),
  ip6: attr<TunnelIp6>('NFTA_TUNNEL_KEY_IP6', 3, ip6_),
  flags: attr('NFTA_TUNNEL_KEY_FLAGS', 4, tunnelFlags),
  tos: attr('NFTA_TUNNEL_KEY_TOS', 5, u8),
  ttl: attr('NFTA_TUNNEL_KEY_TTL', 6, u8),
  sport: attr('NFTA_TUNNEL_KEY_SPORT', 7, be16),
  dport: attr('NFTA_TUNNEL_KEY_DPORT', 8, be16),
  options: attr<TunnelOptions>('NFTA_TUNNEL_KEY_OPTS', 9, options_),
}));
export interface TunnelKey extends Infer<typeof tunnelKey_> {}
export const tunnelKey: Codec<TunnelKey> = tunnelKey_;
