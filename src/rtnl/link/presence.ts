/** An attribute that means true by being there when it is sent, and says 0 or 1 when it is read. */
import { type Codec, codec } from '../../netlink/codec.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

/** IFLA_VXLAN_TTL_INHERIT: a u8 in listings, an empty attribute in requests. `false` cannot be said: leave it out. */
export const presence: Codec<boolean> = codec<boolean>('presence', {
  decode: (bytes, offset, length) => length === 0 || bytes[offset] !== 0,
  encode(_writer, value) {
    if (value !== true) throw new InputError('', `expected true, got ${show(value)}; leave it out to unset it`, 'ERR_INVALID_ARG_TYPE');
  },
});
