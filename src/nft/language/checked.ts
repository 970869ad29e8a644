/** Text that comes from elsewhere, checked, as what the language takes: `ip.saddr.in(ipv4(config.network))`. */
import { parsePrefix } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import type { PrefixOf, ValueOf } from './value.ts';

/** An IPv4 address or prefix. @throws InputError when it is none */
export function ipv4(text: string): ValueOf<'ipv4_addr'> | PrefixOf<'ipv4_addr'> {
  if (parsePrefix(text).family !== 'inet') throw new InputError('', `${show(text)} is no IPv4 address`);
  return text as ValueOf<'ipv4_addr'>;
}

/** An IPv6 address or prefix. @throws InputError when it is none */
export function ipv6(text: string): ValueOf<'ipv6_addr'> | PrefixOf<'ipv6_addr'> {
  if (parsePrefix(text).family !== 'inet6') throw new InputError('', `${show(text)} is no IPv6 address`);
  return text as ValueOf<'ipv6_addr'>;
}

/** A hardware address of Ethernet. @throws InputError when it is none */
export function mac(text: string): ValueOf<'ether_addr'> {
  if (typeof text !== 'string' || !/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text))
    throw new InputError('', `${show(text)} is no address such as "02:00:00:00:00:01"`);
  return text as ValueOf<'ether_addr'>;
}
