/** A gateway of another family than the route's. Source: include/uapi/linux/rtnetlink.h (struct rtvia). */
import { formatAddress, parseAddress } from '../../netlink/address.ts';
import { type Codec, codec } from '../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { AF_INET, AF_INET6 } from '../family.ts';

/** RTA_VIA: a family in host order and an address. */
export const via: Codec<string> = codec<string>('rtvia', {
  decode(bytes, offset, length) {
    const family = length < 2 ? 0 : bytes[offset]! | (bytes[offset + 1]! << 8);
    const size = family === AF_INET ? 4 : family === AF_INET6 ? 16 : -1;
    if (length !== 2 + size)
      throw new MalformedMessageError('struct rtvia', offset, `an IPv4 or IPv6 address, found family ${family} and ${length - 2} bytes`);
    return formatAddress(bytes, offset + 2, size);
  },
  encode(writer, value) {
    const address = parseAddress(value);
    if (address.length !== 4 && address.length !== 16) throw new InputError('', `${value} is not an IP address`);
    writer.append(Uint8Array.of(address.length === 4 ? AF_INET : AF_INET6, 0));
    writer.append(address);
  },
});
