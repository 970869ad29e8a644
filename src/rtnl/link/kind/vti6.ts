/** An interface of IPsec tunnels over IPv6. Source: include/uapi/linux/if_tunnel.h (IFLA_VTI_*); ip-link(8), ip-tunnel(8). */
import { ipv6Address } from '../../../netlink/address.ts';
import { attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { vtiSettings } from './tunnel.ts';

const vti6_ = attributes('IFLA_VTI', () => vtiSettings(ipv6Address));

/** IFLA_INFO_DATA of a VTI over IPv6. */
export interface Vti6 extends Infer<typeof vti6_> {}
/** The same as `create` and `update` take it. */
export interface Vti6Input extends LinksByName<Vti6, 'link'> {}
export const vti6: Codec<Vti6> = vti6_;

export const vti6Kind: LinkKind<Vti6> = { data: vti6, needs: 'CONFIG_IPV6_VTI', links: { link: 'beside' }, updatedWhole: true };
