/** A port of an Ethernet switch. It comes with the switch, and is only listed and changed here. Source: include/uapi/linux/if_link.h (IFLA_DSA_*); ip-link(8), "DSA user port support". */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';

const dsa_ = attributes('IFLA_DSA', () => ({
  /** The link between the machine and the switch. */
  conduit: attr('IFLA_DSA_CONDUIT', 1, u32),
}));

/** IFLA_INFO_DATA of a DSA user port. */
export interface Dsa extends Infer<typeof dsa_> {}
/** The same as `update` takes it. */
export interface DsaInput extends LinksByName<Dsa, 'conduit'> {}
export const dsa: Codec<Dsa> = dsa_;

export const dsaKind: LinkKind<Dsa> = { data: dsa, needs: 'CONFIG_NET_DSA', links: { conduit: 'beside' } };
