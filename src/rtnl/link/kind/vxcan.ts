/** A pair of virtual CAN links. Source: include/uapi/linux/can/vxcan.h; ip-link(8). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import type { LinkKind } from '../kind.ts';
import { peerMessage } from '../peer.ts';

const vxcan_ = attributes('VXCAN_INFO', () => ({
  /** The other end, as it shall be: a link message of its own. The kernel takes it and never gives it back. */
  peer: attr('VXCAN_INFO_PEER', 1, peerMessage),
}));

/** IFLA_INFO_DATA of a vxcan. */
export interface Vxcan extends Infer<typeof vxcan_> {}
export const vxcan: Codec<Vxcan> = vxcan_;

export const vxcanKind: LinkKind<Vxcan> = { data: vxcan, needs: 'CONFIG_CAN_VXCAN', paired: true };
