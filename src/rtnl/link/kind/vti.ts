/** An interface of IPsec tunnels over IPv4. Source: include/uapi/linux/if_tunnel.h (IFLA_VTI_*); ip-link(8), ip-tunnel(8). */
import { ipv4Address } from '../../../netlink/address.ts';
import { attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { vtiSettings } from './tunnel.ts';

const vti_ = attributes('IFLA_VTI', () => vtiSettings(ipv4Address));

/** IFLA_INFO_DATA of a VTI over IPv4. */
export interface Vti extends Infer<typeof vti_> {}
/** The same as `create` and `update` take it. */
export interface VtiInput extends LinksByName<Vti, 'link'> {}
export const vti: Codec<Vti> = vti_;

export const vtiKind: LinkKind<Vti> = { data: vti, needs: 'CONFIG_NET_IPVTI', links: { link: 'beside' }, updatedWhole: true };
