/** A bridge's identity in the spanning tree: priority and address. Source: include/uapi/linux/if_link.h (struct ifla_bridge_id). */
import { hardwareAddress, parseHardwareAddress } from '../../netlink/address.ts';
import { type Codec, codec, tooShort } from '../../netlink/codec.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

/** `8000.02:00:00:00:00:01`: the priority in four hexadecimal digits, then the address. */
export const bridgeId: Codec<string> = codec<string>('ifla_bridge_id', {
  decode(bytes, offset, length) {
    if (length < 8) throw tooShort('struct ifla_bridge_id', offset, 8, length);
    const priority = (bytes[offset]! << 8) | bytes[offset + 1]!;
    return `${priority.toString(16).padStart(4, '0')}.${hardwareAddress.decode(bytes, offset + 2, 6)}`;
  },
  encode(writer, value) {
    if (typeof value !== 'string' || !/^[0-9a-f]{4}\.[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)) {
      throw new InputError('', `${show(value)} is not a bridge id such as "8000.02:00:00:00:00:01"`);
    }
    const priority = Number.parseInt(value.slice(0, 4), 16);
    writer.append(Uint8Array.of(priority >>> 8, priority));
    writer.append(parseHardwareAddress(value.slice(5)));
  },
});
