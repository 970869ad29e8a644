/** IPv4 or MPLS in IPv4. Source: include/uapi/linux/if_tunnel.h (IFLA_IPTUN_*); ip-link(8), "GRE, IPIP, SIT Type Support". */
import { ipv4Address } from '../../../netlink/address.ts';
import { attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { u8, u16 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { iptunSettings } from './tunnel.ts';

/** Protocol numbers by the names of ip(8). */
const proto = enumeration(u8, { any: 0, ipip: 4, mplsip: 137 });

const ipip_ = attributes('IFLA_IPTUN', () => iptunSettings(ipv4Address, u16, proto));

/** IFLA_INFO_DATA of an IP in IP tunnel. It has neither `flags` nor a `sixRdPrefix`. */
export interface Ipip extends Infer<typeof ipip_> {}
/** The same as `create` and `update` take it. */
export interface IpipInput extends LinksByName<Ipip, 'link'> {}
export const ipip: Codec<Ipip> = ipip_;

export const ipipKind: LinkKind<Ipip> = { data: ipip, needs: 'CONFIG_NET_IPIP', links: { link: 'beside' }, updatedWhole: true };
