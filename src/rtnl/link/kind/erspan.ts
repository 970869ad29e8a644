/** Mirrored Ethernet in GRE over IPv4 (ERSPAN). Source: net/ipv4/ip_gre.c; ip-link(8), "ERSPAN/IP6ERSPAN Type Support". */
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { type Gre, gre } from './gre.ts';
import { creatableGre, greLimits } from './tunnel.ts';

/** IFLA_INFO_DATA of an erspan: that of a gre. */
export interface Erspan extends Gre {}
/** The same as `create` and `update` take it. */
export interface ErspanInput extends LinksByName<Erspan, 'link'> {}

export const erspanKind: LinkKind<Erspan> = {
  data: gre,
  needs: 'CONFIG_NET_IPGRE',
  limits: greLimits,
  links: { link: 'beside' },
  updatedWhole: true,
  creatable: creatableGre,
};
