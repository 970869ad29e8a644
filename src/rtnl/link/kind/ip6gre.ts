/** IP in GRE over IPv6. Source: include/uapi/linux/if_tunnel.h (IFLA_GRE_*); ip-link(8), "IP6GRE/IP6GRETAP Type Support". */
import { ipv6Address } from '../../../netlink/address.ts';
import { attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { creatableGre, greLimits, greSettings } from './tunnel.ts';

const ip6gre_ = attributes('IFLA_GRE', () => greSettings(ipv6Address));

/** IFLA_INFO_DATA of a GRE tunnel over IPv6, and of ip6gretap and ip6erspan. */
export interface Ip6gre extends Infer<typeof ip6gre_> {}
/** The same as `create` and `update` take it. */
export interface Ip6greInput extends LinksByName<Ip6gre, 'link'> {}
export const ip6gre: Codec<Ip6gre> = ip6gre_;

export const ip6greKind: LinkKind<Ip6gre> = {
  data: ip6gre,
  needs: 'CONFIG_IPV6_GRE',
  limits: greLimits,
  links: { link: 'beside' },
  updatedWhole: true,
  creatable: creatableGre,
};
