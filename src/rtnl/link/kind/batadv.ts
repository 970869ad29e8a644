/** A mesh of links (B.A.T.M.A.N. advanced); its other settings go over generic netlink. Source: include/uapi/linux/batman_adv.h; batctl(8). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { string } from '../../../netlink/text.ts';
import type { LinkKind } from '../kind.ts';

const batadv_ = attributes('IFLA_BATADV', () => ({
  /** `BATMAN_IV` or `BATMAN_V`. Never read back. */
  algoName: attr('IFLA_BATADV_ALGO_NAME', 1, string(19)),
}));

/** IFLA_INFO_DATA of a batadv. */
export interface Batadv extends Infer<typeof batadv_> {}
export const batadv: Codec<Batadv> = batadv_;

export const batadvKind: LinkKind<Batadv> = { data: batadv, needs: 'CONFIG_BATMAN_ADV' };
