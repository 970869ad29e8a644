/** A pair of virtual Ethernet links. Source: include/uapi/linux/veth.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import type { LinkKind } from '../kind.ts';
import { peerMessage } from '../peer.ts';

const veth_ = attributes('VETH_INFO', () => ({
  /** The other end, as it shall be: a link message of its own. The kernel takes it and never gives it back. */
  peer: attr('VETH_INFO_PEER', 1, peerMessage),
}));

/** IFLA_INFO_DATA of a veth. */
export interface Veth extends Infer<typeof veth_> {}
export const veth: Codec<Veth> = veth_;

export const vethKind: LinkKind<Veth> = { data: veth, needs: 'CONFIG_VETH', paired: true };
