/** The source of a multicast group: an IP address, or of a group with a hardware address, a hardware address. */
import { addressFamily, formatAddress, hardwareAddress, parseAddress } from '../../netlink/address.ts';
import { type Codec, codec } from '../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';

/** MDBE_ATTR_SOURCE, MDBA_MDB_EATTR_SOURCE: told apart by its length. */
export const groupSource: Codec<string> = codec<string>('source of a group', {
  decode(bytes, offset, length) {
    if (length === 4 || length === 16) return formatAddress(bytes, offset, length);
    if (length === 6) return hardwareAddress.decode(bytes, offset, length);
    throw new MalformedMessageError('source of a group', offset, `4, 6 or 16 bytes, found ${length}`);
  },
  encode(writer, value) {
    if (typeof value === 'string' && addressFamily(value) !== undefined) writer.append(parseAddress(value));
    else if (typeof value === 'string' && value.length === 17) hardwareAddress.encode(writer, value);
    else throw new InputError('', `${JSON.stringify(value)} is neither an IP address nor a hardware address`);
  },
});
