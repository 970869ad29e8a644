/** A data channel of a modem of the WWAN framework; `parentDevName` says which modem. Source: include/uapi/linux/wwan.h; ip-link(8). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

const wwan_ = attributes('IFLA_WWAN', () => ({
  /** Channel; needed. */
  linkId: attr('IFLA_WWAN_LINK_ID', 1, u32),
}));

/** IFLA_INFO_DATA of a wwan. */
export interface Wwan extends Infer<typeof wwan_> {}
export const wwan: Codec<Wwan> = wwan_;

export const wwanKind: LinkKind<Wwan> = { data: wwan, needs: 'CONFIG_WWAN', ofDevice: true };
