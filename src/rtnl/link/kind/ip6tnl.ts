/** IPv6 or IPv4 in IPv6. Source: include/uapi/linux/if_tunnel.h (IFLA_IPTUN_*), include/uapi/linux/ip6_tunnel.h; ip-link(8), ip-tunnel(8). */
import { ipv6Address } from '../../../netlink/address.ts';
import { attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { u8 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { maxFlowInfo } from '../limits.ts';
import { ip6TunnelFlags, iptunSettings } from './tunnel.ts';

/** Protocol numbers by the names of ip(8). */
const proto = enumeration(u8, { any: 0, ipip6: 4, ip6ip6: 41 });

const ip6tnl_ = attributes('IFLA_IPTUN', () => iptunSettings(ipv6Address, ip6TunnelFlags, proto));

/** IFLA_INFO_DATA of a tunnel over IPv6. It has neither `pmtudisc` nor a `sixRdPrefix`. */
export interface Ip6tnl extends Infer<typeof ip6tnl_> {}
/** The same as `create` and `update` take it. */
export interface Ip6tnlInput extends LinksByName<Ip6tnl, 'link'> {}
export const ip6tnl: Codec<Ip6tnl> = ip6tnl_;

export const ip6tnlKind: LinkKind<Ip6tnl> = {
  data: ip6tnl,
  needs: 'CONFIG_IPV6_TUNNEL',
  limits: { flowinfo: [0, maxFlowInfo] },
  links: { link: 'beside' },
  updatedWhole: true,
};
