/** Integers that take as many bytes as they need. */
import { type Codec, codec } from '../netlink/codec.ts';
import { MalformedMessageError } from '../netlink/errors.ts';
import { n64, u32 } from '../netlink/scalar.ts';

/** NLA_UINT: 4 bytes, or 8 when the value needs them, in host order. Exact to 2^53. */
export const uint: Codec<number> = codec<number>('uint', {
  decode(bytes, offset, length) {
    if (length === 8) return n64.decode(bytes, offset, length);
    if (length === 4) return u32.decode(bytes, offset, length);
    throw new MalformedMessageError('uint', offset, `4 or 8 bytes, found ${length}`);
  },
  encode: (writer, value) => (value > 0xffffffff ? n64 : u32).encode(writer, value),
});
