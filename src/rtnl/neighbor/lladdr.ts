/** Link-layer addresses of neighbors: of tunnels they are IP addresses. Source: ip-neighbour(8); net/ipv4/ip_gre.c (ipgre_header). */
import { addressFamily, formatAddress, hardwareAddress, parseAddress, parseHardwareAddress } from '../../netlink/address.ts';
import { type Codec, codec } from '../../netlink/codec.ts';

/**
 * NDA_LLADDR. Four and sixteen bytes read as an IPv4 or IPv6 address, for that is what neighbors on tunnels (NHRP, 6to4) have; any other
 * number of bytes as a hardware address. Either form is accepted.
 */
export const linkLayerAddress: Codec<string> = codec<string>('link-layer address', {
  decode: (bytes, offset, length) =>
    length === 4 || length === 16 ? formatAddress(bytes, offset, length) : hardwareAddress.decode(bytes, offset, length),
  encode(writer, value) {
    if (typeof value === 'string' && addressFamily(value) !== undefined) writer.append(parseAddress(value));
    else hardwareAddress.encode(writer, value);
  },
});

/** An address in the spelling that it is read in. @throws InputError when it is none */
export function canonicalLinkLayerAddress(text: string): string {
  if (typeof text === 'string' && addressFamily(text) !== undefined) return formatAddress(parseAddress(text));
  const bytes = parseHardwareAddress(text);
  return linkLayerAddress.decode(bytes, 0, bytes.length);
}
