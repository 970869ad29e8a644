/** The data channel of OpenVPN in the kernel; peers and keys go over generic netlink. Source: include/uapi/linux/if_link.h (IFLA_OVPN_*), since Linux 6.16. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { u8 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

/** enum ovpn_mode. */
const mode = enumeration(u8, { p2p: 0, mp: 1 });

const ovpn_ = attributes('IFLA_OVPN', () => ({
  /** One peer, or many. Default: `p2p`. Set at creation only. */
  mode: attr('IFLA_OVPN_MODE', 1, mode),
}));

/** IFLA_INFO_DATA of an ovpn. */
export interface Ovpn extends Infer<typeof ovpn_> {}
export const ovpn: Codec<Ovpn> = ovpn_;

export const ovpnKind: LinkKind<Ovpn> = { data: ovpn, needs: 'CONFIG_OVPN' };
