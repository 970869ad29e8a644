/** Addresses and routes of a namespace. Sources: ip-address(8), ip-route(8). */
import type { Program } from '../netlink/program.ts';
import { type AddressOptions, addressPrograms } from '../rtnl/address/programs.ts';
import { identify, type LinkRef } from '../rtnl/link/reference.ts';
import { elsewhere, type WhereOptions } from './links.ts';

/**
 * Gives a link an address: `addAddress('eth0', '10.0.0.1/24', { netns: 'red' })`.
 *
 * @throws InputError for a bad address or option, NotFoundError when the link does not exist
 * @throws NetlinkError `EEXIST` when the link has the address
 */
export function* addAddress(link: LinkRef, address: string, options: WhereOptions & AddressOptions = {}): Program<void> {
  identify(link, 'link');
  yield* elsewhere(options, (rest) => addressPrograms.create(link, address, rest));
}

/**
 * Takes an address from a link.
 *
 * @throws InputError, NotFoundError when the link does not exist
 * @throws NetlinkError `EADDRNOTAVAIL` when the link does not have the address
 */
export function* removeAddress(link: LinkRef, address: string, options: WhereOptions = {}): Program<void> {
  identify(link, 'link');
  yield* elsewhere(options, (rest) => addressPrograms.delete(link, address, rest));
}
