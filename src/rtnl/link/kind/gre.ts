/** IP in GRE over IPv4. Source: include/uapi/linux/if_tunnel.h (IFLA_GRE_*); ip-link(8), "GRE, IPIP, SIT Type Support". */
import { ipv4Address } from '../../../netlink/address.ts';
import { attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { creatableGre, greLimits, greSettings } from './tunnel.ts';

const gre_ = attributes('IFLA_GRE', () => greSettings(ipv4Address));

/** IFLA_INFO_DATA of a GRE tunnel over IPv4, and of gretap and erspan. */
export interface Gre extends Infer<typeof gre_> {}
/** The same as `create` and `update` take it. */
export interface GreInput extends LinksByName<Gre, 'link'> {}
export const gre: Codec<Gre> = gre_;

export const greKind: LinkKind<Gre> = {
  data: gre,
  needs: 'CONFIG_NET_IPGRE',
  limits: greLimits,
  links: { link: 'beside' },
  updatedWhole: true,
  creatable: creatableGre,
};
