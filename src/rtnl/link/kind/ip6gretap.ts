/** Ethernet in GRE over IPv6. Source: net/ipv6/ip6_gre.c; ip-link(8). */
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { type Ip6gre, ip6gre } from './ip6gre.ts';
import { creatableGre, greLimits } from './tunnel.ts';

/** IFLA_INFO_DATA of an ip6gretap: that of an ip6gre. */
export interface Ip6gretap extends Ip6gre {}
/** The same as `create` and `update` take it. */
export interface Ip6gretapInput extends LinksByName<Ip6gretap, 'link'> {}

export const ip6gretapKind: LinkKind<Ip6gretap> = {
  data: ip6gre,
  needs: 'CONFIG_IPV6_GRE',
  limits: greLimits,
  links: { link: 'beside' },
  updatedWhole: true,
  creatable: creatableGre,
};
