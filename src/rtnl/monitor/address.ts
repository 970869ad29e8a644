/** Addresses in a monitor: RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR. */
import { isDeepStrictEqual } from 'node:util';
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { type Address, toAddress } from '../address/address.ts';
import { addressMessage, deleteAddress, newAddress } from '../address/message.ts';
import { addressPrograms } from '../address/programs.ts';
import { RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR } from './groups.ts';
import type { LinkNames } from './names.ts';

export const address: MonitorKind<Address, LinkNames> = {
  groups: [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
  types: { [newAddress.type]: 'new', [deleteAddress.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    const wire = addressMessage.decode(bytes, offset, length);
    return toAddress(wire, names.of(nsid).get(wire.index));
  },
  listing: {
    list: () => addressPrograms.list({}),
    key: ({ index, address, peer }) => `${index} ${address} ${peer ?? ''}`,
    same: (a, b) => isDeepStrictEqual(steady(a), steady(b)),
  },
};

/** An address without what runs by itself: how long it still lives, if that has an end. */
function steady(address: Address): object {
  const { validLifetime, preferredLifetime, ...rest } = address;
  return { ...rest, forever: validLifetime === Number.POSITIVE_INFINITY, preferred: preferredLifetime === Number.POSITIVE_INFINITY };
}
