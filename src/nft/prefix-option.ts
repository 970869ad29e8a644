/** Options that hold networks. */
import { formatAddress, isNetwork, networkOf, type Prefix, parsePrefix } from '../netlink/address.ts';
import { InputError } from '../netlink/errors.ts';
import { checking } from './options.ts';

/** A network or an address. @throws InputError naming `argument` when it is neither, or has host bits set */
export function networkOption(text: unknown, argument: string): Prefix {
  return checking(argument, () => {
    const prefix = parsePrefix(text);
    if (!isNetwork(prefix))
      throw new InputError('', `${JSON.stringify(text)} has host bits set; the network is ${formatNetwork(networkOf(prefix))}`);
    return prefix;
  });
}

/** `10.0.0.0/24`, in the one spelling that is the same for the same network. */
export function formatNetwork(prefix: Prefix): string {
  return `${formatAddress(prefix.bytes)}/${prefix.length}`;
}
