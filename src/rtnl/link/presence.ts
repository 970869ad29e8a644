/** An attribute that means true by being there when it is sent, and says 0 or 1 when it is read. */
import { type Codec, codec } from '../../netlink/codec.ts';
import { InputError } from '../../netlink/errors.ts';
import { show, u8 } from '../../netlink/scalar.ts';

/** IFLA_VXLAN_TTL_INHERIT: a u8 in listings, an empty attribute in requests. The kernel refuses `false` in a request: leave it out. */
export const presence: Codec<boolean> = codec<boolean>('flag', {
  decode: (bytes, offset, length) => length === 0 || bytes[offset] !== 0,
  encode(writer, value) {
    if (typeof value !== 'boolean') throw new InputError('', `expected true, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    if (!value) u8.encode(writer, 0);
  },
});
