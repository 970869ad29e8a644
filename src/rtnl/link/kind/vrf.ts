/** A routing domain: its ports route by its table. Source: include/uapi/linux/if_link.h (IFLA_VRF_*); ip-vrf(8), ip-link(8). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

const vrf_ = attributes('IFLA_VRF', () => ({
  /** Routing table. The kernel wants one at creation, and it stays. */
  table: attr('IFLA_VRF_TABLE', 1, u32),
}));

/** IFLA_INFO_DATA of a VRF. */
export interface Vrf extends Infer<typeof vrf_> {}
export const vrf: Codec<Vrf> = vrf_;

export const vrfKind: LinkKind<Vrf> = { data: vrf, needs: 'CONFIG_NET_VRF', limits: { table: [1, 0xffffffff] } };
