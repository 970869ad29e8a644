/** What IPsec policies and states with an `ifId` see as their interface. Source: include/uapi/linux/if_link.h (IFLA_XFRM_*); ip-link(8), "XFRM Type Support". */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { flag, u32 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';

const xfrm_ = attributes('IFLA_XFRM', () => ({
  /** Link that IPsec packets leave by. */
  link: attr('IFLA_XFRM_LINK', 1, u32),
  /** Needed, and not 0, but with `collectMetadata`. */
  ifId: attr('IFLA_XFRM_IF_ID', 2, u32),
  /** What ip(8) calls `external`: each packet's metadata has the `ifId`. Set at creation only. Since Linux 6.1. */
  collectMetadata: attr('IFLA_XFRM_COLLECT_METADATA', 3, flag),
}));

/** IFLA_INFO_DATA of an XFRM interface. */
export interface Xfrm extends Infer<typeof xfrm_> {}
/** The same as `create` and `update` take it. */
export interface XfrmInput extends LinksByName<Xfrm, 'link'> {}
export const xfrm: Codec<Xfrm> = xfrm_;

export const xfrmKind: LinkKind<Xfrm> = { data: xfrm, needs: 'CONFIG_XFRM_INTERFACE', links: { link: 'beside' }, updatedWhole: true };
