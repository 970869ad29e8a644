/** What the tunnels over IP have in common. Sources: include/uapi/linux/if_tunnel.h, include/uapi/linux/ip6_tunnel.h; ip-link(8). */
import { ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr } from '../../../netlink/attributes.ts';
import type { Codec } from '../../../netlink/codec.ts';
import { enumeration, flags } from '../../../netlink/enumeration.ts';
import { be16, be32, bool8, flag, u8, u16, u32 } from '../../../netlink/scalar.ts';
import { maxFlowInfo } from '../limits.ts';

/** enum tunnel_encap_types: what the tunnel itself is carried in. */
const encapType = enumeration(u16, { none: 0, fou: 1, gue: 2, mpls: 3 });
/** TUNNEL_ENCAP_FLAG_*. */
const encapFlags = flags(u16, { csum: 1, csum6: 2, remcsum: 4 });
/** GRE_*: what the header of a packet has. */
const greFlags = flags(be16, { csum: 0x8000, routing: 0x4000, key: 0x2000, seq: 0x1000, strict: 0x0800 });

/** IP6_TNL_F_*: of tunnels over IPv6. */
export const ip6TunnelFlags = flags(u32, {
  /** No tunnel encapsulation limit. */
  ign_encap_limit: 0x1,
  /** Traffic class of the packet inside. */
  use_orig_tclass: 0x2,
  /** Flow label of the packet inside. */
  use_orig_flowlabel: 0x4,
  mip6_dev: 0x8,
  /** DSCP of the outer packet into the one inside. */
  rcv_dscp_copy: 0x10,
  /** Mark of the packet inside. */
  use_orig_fwmark: 0x20,
  /** The other end may be on this machine. */
  allow_local_remote: 0x40,
});

/** IFLA_GRE_*, of addresses of one family. */
export function greSettings(address: Codec<string>) {
  return {
    /** Link that tunnel packets leave by. */
    link: attr('IFLA_GRE_LINK', 1, u32),
    /** What the header of a received packet must have. `ikey` brings `key` with it. */
    iflags: attr('IFLA_GRE_IFLAGS', 2, greFlags),
    /** What the header of a sent packet has. `okey` brings `key` with it. */
    oflags: attr('IFLA_GRE_OFLAGS', 3, greFlags),
    /** Key of received packets. */
    ikey: attr('IFLA_GRE_IKEY', 4, be32),
    /** Key of sent packets. */
    okey: attr('IFLA_GRE_OKEY', 5, be32),
    local: attr('IFLA_GRE_LOCAL', 6, address),
    remote: attr('IFLA_GRE_REMOTE', 7, address),
    /** Time to live (hop limit) of tunnel packets; 0: that of the packet inside. */
    ttl: attr('IFLA_GRE_TTL', 8, u8),
    /** Type of service of tunnel packets over IPv4; 1: that of the packet inside. */
    tos: attr('IFLA_GRE_TOS', 9, u8),
    /** Path MTU discovery, over IPv4. Needed when there is a `ttl`. */
    pmtudisc: attr('IFLA_GRE_PMTUDISC', 10, bool8),
    /** Tunnel encapsulation limit, over IPv6. */
    encapLimit: attr('IFLA_GRE_ENCAP_LIMIT', 11, u8),
    /** Traffic class and flow label of tunnel packets over IPv6, 28 bits. */
    flowinfo: attr('IFLA_GRE_FLOWINFO', 12, be32),
    /** Over IPv6. */
    flags: attr('IFLA_GRE_FLAGS', 13, ip6TunnelFlags),
    /** What tunnel packets are carried in. */
    encapType: attr('IFLA_GRE_ENCAP_TYPE', 14, encapType),
    encapFlags: attr('IFLA_GRE_ENCAP_FLAGS', 15, encapFlags),
    /** UDP port; 0: made of the flow. */
    encapSport: attr('IFLA_GRE_ENCAP_SPORT', 16, be16),
    /** UDP port. */
    encapDport: attr('IFLA_GRE_ENCAP_DPORT', 17, be16),
    /** What ip(8) calls `external`: each packet's metadata says where it goes. Set at creation only. */
    collectMetadata: attr('IFLA_GRE_COLLECT_METADATA', 18, flag),
    /** Fragment packets whatever their don't fragment bit says; excludes `pmtudisc`. */
    ignoreDf: attr('IFLA_GRE_IGNORE_DF', 19, bool8),
    /** Mark of tunnel packets. */
    fwmark: attr('IFLA_GRE_FWMARK', 20, u32),
    /** ERSPAN version 1: index, 20 bits. */
    erspanIndex: attr('IFLA_GRE_ERSPAN_INDEX', 21, u32),
    /** ERSPAN version, 0 to 2. */
    erspanVer: attr('IFLA_GRE_ERSPAN_VER', 22, u8),
    /** ERSPAN version 2: direction of the mirrored traffic. */
    erspanDir: attr('IFLA_GRE_ERSPAN_DIR', 23, erspanDir),
    /** ERSPAN version 2: hardware id, 6 bits. */
    erspanHwid: attr('IFLA_GRE_ERSPAN_HWID', 24, u16),
  };
}

/** What the kernel takes of the settings of the GRE kinds: an index of 20 bits, a hardware id of 6 (include/net/erspan.h). */
export const greLimits = {
  flowinfo: [0, maxFlowInfo],
  erspanIndex: [0, 0xfffff],
  erspanVer: [0, 2],
  erspanHwid: [0, 63],
} as const;

const erspanDir = enumeration(u8, { ingress: 0, egress: 1 });

interface GreLike {
  remote?: string;
  ikey?: number;
  okey?: number;
  iflags?: ReturnType<typeof greFlags.namesOf>;
  oflags?: ReturnType<typeof greFlags.namesOf>;
}

/**
 * The kernel passes over a key whose flag is not set, and gretap and ip6gretap refuse to be told of a `remote` that there is none: no address
 * is what they have without.
 */
export function creatableGre<T extends GreLike>(data: T): T {
  const result = { ...data };
  if (data.ikey !== undefined && data.ikey !== 0 && !data.iflags?.includes('key')) result.iflags = [...(data.iflags ?? []), 'key'];
  if (data.okey !== undefined && data.okey !== 0 && !data.oflags?.includes('key')) result.oflags = [...(data.oflags ?? []), 'key'];
  if (data.remote === '0.0.0.0' || data.remote === '::') delete result.remote;
  return result;
}

/** IFLA_IPTUN_*, of addresses of one family. `proto`: the protocols that such a tunnel carries. */
export function iptunSettings<F, P>(address: Codec<string>, tunnelFlags: Codec<F>, proto: Codec<P>) {
  return {
    /** Link that tunnel packets leave by. */
    link: attr('IFLA_IPTUN_LINK', 1, u32),
    local: attr('IFLA_IPTUN_LOCAL', 2, address),
    remote: attr('IFLA_IPTUN_REMOTE', 3, address),
    /** Time to live (hop limit) of tunnel packets; 0: that of the packet inside. */
    ttl: attr('IFLA_IPTUN_TTL', 4, u8),
    /** Type of service of tunnel packets over IPv4; 1: that of the packet inside. */
    tos: attr('IFLA_IPTUN_TOS', 5, u8),
    /** Tunnel encapsulation limit, over IPv6. */
    encapLimit: attr('IFLA_IPTUN_ENCAP_LIMIT', 6, u8),
    /** Traffic class and flow label of tunnel packets over IPv6, 28 bits. */
    flowinfo: attr('IFLA_IPTUN_FLOWINFO', 7, be32),
    flags: attr('IFLA_IPTUN_FLAGS', 8, tunnelFlags),
    /** What is carried. */
    proto: attr('IFLA_IPTUN_PROTO', 9, proto),
    /** Path MTU discovery, over IPv4. Needed when there is a `ttl`. */
    pmtudisc: attr('IFLA_IPTUN_PMTUDISC', 10, bool8),
    /** 6rd: the provider's IPv6 prefix (sit). */
    sixRdPrefix: attr('IFLA_IPTUN_6RD_PREFIX', 11, ipv6Address),
    /** 6rd: the IPv4 prefix that is left out of addresses. */
    sixRdRelayPrefix: attr('IFLA_IPTUN_6RD_RELAY_PREFIX', 12, ipv4Address),
    /** Bits of `sixRdPrefix`. */
    sixRdPrefixLength: attr('IFLA_IPTUN_6RD_PREFIXLEN', 13, u16),
    /** Bits of `sixRdRelayPrefix`. */
    sixRdRelayPrefixLength: attr('IFLA_IPTUN_6RD_RELAY_PREFIXLEN', 14, u16),
    /** What tunnel packets are carried in. */
    encapType: attr('IFLA_IPTUN_ENCAP_TYPE', 15, encapType),
    encapFlags: attr('IFLA_IPTUN_ENCAP_FLAGS', 16, encapFlags),
    /** UDP port; 0: made of the flow. */
    encapSport: attr('IFLA_IPTUN_ENCAP_SPORT', 17, be16),
    /** UDP port. */
    encapDport: attr('IFLA_IPTUN_ENCAP_DPORT', 18, be16),
    /** What ip(8) calls `external`: each packet's metadata says where it goes. Set at creation only. */
    collectMetadata: attr('IFLA_IPTUN_COLLECT_METADATA', 19, flag),
    /** Mark of tunnel packets. */
    fwmark: attr('IFLA_IPTUN_FWMARK', 20, u32),
  };
}

/** IFLA_VTI_*, of addresses of one family. */
export function vtiSettings(address: Codec<string>) {
  return {
    /** Link that tunnel packets leave by. */
    link: attr('IFLA_VTI_LINK', 1, u32),
    /** Mark that the IPsec policies of received packets have. */
    ikey: attr('IFLA_VTI_IKEY', 2, be32),
    /** Mark that the IPsec policies of sent packets have. */
    okey: attr('IFLA_VTI_OKEY', 3, be32),
    local: attr('IFLA_VTI_LOCAL', 4, address),
    remote: attr('IFLA_VTI_REMOTE', 5, address),
    /** Mark of tunnel packets. */
    fwmark: attr('IFLA_VTI_FWMARK', 6, u32),
  };
}
