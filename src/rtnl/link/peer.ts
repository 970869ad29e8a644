/**
 * The link message inside a link message (VETH_INFO_PEER). message.ts puts its codec in here, so that the files of the
 * kinds need not import the file that imports them.
 */
import { type Codec, lazy } from '../../netlink/codec.ts';
import type { LinkMessageInput } from './message.ts';

let codec: Codec<LinkMessageInput> | undefined;

export function setPeerCodec(message: Codec<LinkMessageInput>): void {
  codec = message;
}

/** A whole link message as an attribute; the kernel wants no NLA_F_NESTED on it. */
export const peerMessage: Codec<LinkMessageInput> = lazy<LinkMessageInput>('ifinfomsg', () => {
  if (codec === undefined) throw new TypeError('link/message.ts has not been loaded');
  return codec;
});
