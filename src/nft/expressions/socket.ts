/** `socket`: properties of the socket a packet is for. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_SOCKET_*, enum nft_socket_keys). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_SOCKET_*. */
export const socketKey = enumeration(be32, { transparent: 0, mark: 1, wildcard: 2, cgroupv2: 3 });

const socket_ = attributes('NFTA_SOCKET', () => ({
  key: attr('NFTA_SOCKET_KEY', 1, socketKey),
  dreg: attr('NFTA_SOCKET_DREG', 2, be32),
  /** Which ancestor of the control group, counted from the root (cgroupv2). */
  level: attr('NFTA_SOCKET_LEVEL', 3, be32),
}));
export interface Socket extends Infer<typeof socket_> {}
export const socket: Codec<Socket> = socket_;

export function explainSocket(of: Socket): string {
  return line('load', of.key, '=> reg', of.dreg);
}
