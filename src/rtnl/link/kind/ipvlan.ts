/** A link that shares the MAC address of `link` and has IP addresses of its own. Source: include/uapi/linux/if_link.h (IFLA_IPVLAN_*); ip-link(8), "IPVLAN Type Support". */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration, flags } from '../../../netlink/enumeration.ts';
import { u16 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

/** enum ipvlan_mode. */
const mode = enumeration(u16, { l2: 0, l3: 1, l3s: 2 });
/** IPVLAN_F_*. */
const ipvlanFlags = flags(u16, { private: 1, vepa: 2 });

const ipvlan_ = attributes('IFLA_IPVLAN', () => ({
  /** Default: `l3`. */
  mode: attr('IFLA_IPVLAN_MODE', 1, mode),
  /** `['private']` or `['vepa']`; `[]` is what ip(8) calls `bridge`, the default. */
  flags: attr('IFLA_IPVLAN_FLAGS', 2, ipvlanFlags),
}));

/** IFLA_INFO_DATA of an ipvlan, and of an ipvtap. */
export interface Ipvlan extends Infer<typeof ipvlan_> {}
export const ipvlan: Codec<Ipvlan> = ipvlan_;

export const ipvlanKind: LinkKind<Ipvlan> = { data: ipvlan, needs: 'CONFIG_IPVLAN' };
