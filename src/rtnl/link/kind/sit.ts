/** IPv6, IPv4 or MPLS in IPv4; ISATAP and 6rd. Source: include/uapi/linux/if_tunnel.h (IFLA_IPTUN_*, SIT_ISATAP); ip-link(8), "GRE, IPIP, SIT Type Support", ip-tunnel(8). */
import { ipv4Address } from '../../../netlink/address.ts';
import { attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration, flags } from '../../../netlink/enumeration.ts';
import { u8, u16 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { iptunSettings } from './tunnel.ts';

/** Protocol numbers by the names of ip(8). */
const proto = enumeration(u8, { any: 0, ipip: 4, ip6ip: 41, mplsip: 137 });

const sit_ = attributes('IFLA_IPTUN', () => iptunSettings(ipv4Address, flags(u16, { isatap: 1 }), proto));

/** IFLA_INFO_DATA of a sit tunnel. */
export interface Sit extends Infer<typeof sit_> {}
/** The same as `create` and `update` take it. */
export interface SitInput extends LinksByName<Sit, 'link'> {}
export const sit: Codec<Sit> = sit_;

export const sitKind: LinkKind<Sit> = {
  data: sit,
  needs: 'CONFIG_IPV6_SIT',
  limits: { sixRdPrefixLength: [0, 64], sixRdRelayPrefixLength: [0, 32] },
  links: { link: 'beside' },
  updatedWhole: true,
};
