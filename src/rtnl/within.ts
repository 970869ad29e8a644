/** Whether addresses lie in a network. */
import { maskByte, type Prefix, parseAddress } from '../netlink/address.ts';

/** A test of addresses, given as text, against a network. One of the other family lies outside. */
export function within(network: Prefix): (address: string) => boolean {
  const { bytes, length } = network;
  return (address) => {
    const other = parseAddress(address);
    return other.length === bytes.length && bytes.every((byte, i) => ((byte ^ other[i]!) & maskByte(length, i)) === 0);
  };
}
