/** Ethernet in GRE over IPv4. Source: net/ipv4/ip_gre.c; ip-link(8). */
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { type Gre, gre } from './gre.ts';
import { creatableGre, greLimits } from './tunnel.ts';

/** IFLA_INFO_DATA of a gretap: that of a gre. */
export interface Gretap extends Gre {}
/** The same as `create` and `update` take it. */
export interface GretapInput extends LinksByName<Gretap, 'link'> {}

export const gretapKind: LinkKind<Gretap> = {
  data: gre,
  needs: 'CONFIG_NET_IPGRE',
  limits: greLimits,
  links: { link: 'beside' },
  updatedWhole: true,
  creatable: creatableGre,
};
