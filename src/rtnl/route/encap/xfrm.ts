/** Packets go through an xfrm interface in external mode. Source: include/uapi/linux/lwtunnel.h (LWT_XFRM_*); ip-route(8) "ENCAP_XFRM". */
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import type { Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';
import type { LinkRef } from '../../link/reference.ts';
import type { EncapKind } from './kind.ts';

const xfrmEncapAttributes_ = attributes('LWT_XFRM', () => ({
  /** Id of the xfrm interface that policies and states name. Not 0. */
  ifId: attr('LWT_XFRM_IF_ID', 1, u32),
  /** Underlying link. */
  link: attr('LWT_XFRM_LINK', 2, u32),
}));
export interface XfrmEncapAttributes extends Infer<typeof xfrmEncapAttributes_> {}
export const xfrmEncapAttributes: AttributeSet<XfrmEncapAttributes> = xfrmEncapAttributes_;

/** Packets go through an xfrm interface in external mode, as those of this interface id. */
export interface XfrmEncap extends Omit<XfrmEncapAttributes, 'link'> {
  /** LWTUNNEL_ENCAP_XFRM. */
  type: 'xfrm';
  /** The link below: LWT_XFRM_LINK. */
  link?: LinkRef;
}

export const xfrmEncap: EncapKind = { number: 10, needs: 'CONFIG_XFRM_INTERFACE', set: xfrmEncapAttributes_, links: ['link'] };
