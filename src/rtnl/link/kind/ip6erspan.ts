/** Mirrored Ethernet in GRE over IPv6 (ERSPAN). Source: net/ipv6/ip6_gre.c; ip-link(8), "ERSPAN/IP6ERSPAN Type Support". */
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { type Ip6gre, ip6gre } from './ip6gre.ts';
import { creatableGre, greLimits } from './tunnel.ts';

/** IFLA_INFO_DATA of an ip6erspan: that of an ip6gre. */
export interface Ip6erspan extends Ip6gre {}
/** The same as `create` and `update` take it. */
export interface Ip6erspanInput extends LinksByName<Ip6erspan, 'link'> {}

export const ip6erspanKind: LinkKind<Ip6erspan> = {
  data: ip6gre,
  needs: 'CONFIG_IPV6_GRE',
  limits: greLimits,
  links: { link: 'beside' },
  updatedWhole: true,
  creatable: creatableGre,
};
