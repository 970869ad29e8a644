/** Address families as rtnetlink numbers them. Source: include/linux/socket.h (AF_*). */
import type { IpFamily } from '../netlink/address.ts';
import { enumeration } from '../netlink/enumeration.ts';
import { InputError } from '../netlink/errors.ts';
import { show, u8 } from '../netlink/scalar.ts';

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;
export const AF_MPLS = 28;

/** The families of rtnetlink messages as ip(8) names them, for descriptions of headers. */
export const messageFamily = enumeration(u8, { unspec: 0, inet: 2, bridge: 7, inet6: 10, packet: 17, mpls: 28, ipmr: 128, ip6mr: 129 });

/** Number of a family; of none: AF_UNSPEC. @throws InputError naming `argument` */
export function familyNumber(family: IpFamily | undefined, argument = 'family'): number {
  if (family === undefined) return AF_UNSPEC;
  if (family === 'inet') return AF_INET;
  if (family === 'inet6') return AF_INET6;
  throw new InputError(argument, `${show(family)} is none of inet, inet6`);
}

/** Name of a family that has IP addresses, undefined for any other. */
export function familyName(family: number): IpFamily | undefined {
  return family === AF_INET ? 'inet' : family === AF_INET6 ? 'inet6' : undefined;
}

/** Why an address or a route is forbidden on a link. Source: ipv6_add_addr() in net/ipv6/addrconf.c, fib6_nh_init() in net/ipv6/route.c. */
export const withoutIpv6 = { EACCES: 'the sysctl net.ipv6.conf.LINK.disable_ipv6 is 1' } as const;
