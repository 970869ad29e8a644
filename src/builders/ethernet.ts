/** Hardware addresses of links that are known to be Ethernet. Source: include/uapi/linux/if_ether.h. */
import { parseHardwareAddress } from '../netlink/address.ts';
import { InputError } from '../netlink/errors.ts';
import { inArgument } from '../netlink/input.ts';
import { show } from '../netlink/scalar.ts';

/** ETH_ALEN */
const length = 6;

/** @throws InputError naming `argument` unless `address` is undefined or one of six bytes; for fewer the kernel says EINVAL and no more */
export function checkEthernetAddress(address: unknown, argument: string): void {
  if (address === undefined) return;
  const bytes = inArgument(argument, () => parseHardwareAddress(address as string));
  if (bytes.length !== length)
    throw new InputError(argument, `${show(address)} is not an Ethernet address: expected ${length} bytes, such as "02:00:00:00:00:01"`);
}
