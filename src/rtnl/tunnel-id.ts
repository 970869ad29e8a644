/** Ids of tunnels: GRE keys, VXLAN network identifiers. */
import { type Codec, codec } from '../netlink/codec.ts';
import { MalformedMessageError } from '../netlink/errors.ts';
import { be64n } from '../netlink/scalar.ts';

/** 64 bits in network order. No tunnel has an id of more than 32; one that a number cannot hold is kept as an unknown attribute. */
export const tunnelId: Codec<number> = codec<number>('tunnel id', {
  decode(bytes, offset, length) {
    const value = be64n.decode(bytes, offset, length);
    if (!Number.isSafeInteger(value)) throw new MalformedMessageError('tunnel id', offset, 'at most 53 bits');
    return value;
  },
  encode: be64n.encode,
});
