/** The multicast and anycast addresses that links listen to. Source: rtnetlink(7), include/uapi/linux/rtnetlink.h (RTM_GETMULTICAST, RTM_GETANYCAST). */
import type { IpFamily } from '../../netlink/address.ts';
import { type ListOptions, listMembers, messages } from '../../netlink/dump.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import { checkOptions, memberNames } from '../../netlink/input.ts';
import type { Program } from '../../netlink/program.ts';
import { AF_UNSPEC, familyName, familyNumber } from '../family.ts';
import { linkNames } from '../link/names.ts';
import { type LinkRef, resolveLink } from '../link/reference.ts';
import { type Scope, scope } from '../scope.ts';
import { type AddressMessage, type AddressOperation, getAnycast, getMulticast } from './message.ts';

/** An address that a link listens to besides its own. Read only: sockets and the kernel join and leave. */
export interface GroupAddress {
  /** Without a length. */
  address: string;
  /** `inet` or `inet6`. */
  family: IpFamily;
  /** Name of the link. */
  dev?: string;
  /** Index of the link. */
  index: number;
  /** How far it reaches: `global`, `link`, … */
  scope: Scope;
}

/** Which of them to list. */
export interface GroupFilter extends ListOptions {
  /** Only those of this link. */
  dev?: LinkRef;
  /** Default: both, as far as the kernel tells. */
  family?: IpFamily;
}

const filterMembers = memberNames<Omit<GroupFilter, keyof ListOptions>>({ dev: true, family: true });

function lister(operation: AddressOperation, member: 'multicast' | 'anycast', subject: string, families: readonly IpFamily[]) {
  return function* groups(filter: GroupFilter = {}): Program<GroupAddress[]> {
    checkOptions(filter, 'filter', filterMembers, listMembers);
    const only = familyNumber(filter.family);
    const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
    const wires: AddressMessage[] = [];
    for (const each of families) {
      const family = familyNumber(each);
      if (only !== AF_UNSPEC && only !== family) continue;
      const value = index === undefined ? { family } : { family, index };
      wires.push(
        ...(yield* messages({
          request: { operation, flags: 0, value, expects: 'dump', subject },
          keep: (wire: AddressMessage) =>
            wire.family === family && wire[member] !== undefined && (index === undefined || wire.index === index),
          // only the family that was asked for may say that it cannot; ENODEV is a link without addresses of this family
          refused: (error) => (unable(error) && (only === AF_UNSPEC || (error as NetlinkError).code === 'ENODEV') ? undefined : error),
          interrupted: filter.interrupted,
        })),
      );
    }
    const names = yield* linkNames(wires.map((wire) => wire.index));
    return wires.map((wire) => {
      const found: GroupAddress = {
        address: wire[member]!,
        family: familyName(wire.family)!,
        index: wire.index,
        scope: scope.nameOf(wire.scope),
      };
      const dev = names.get(wire.index);
      if (dev !== undefined) found.dev = dev;
      return found;
    });
  };
}

function unable(error: unknown): boolean {
  return error instanceof NetlinkError && ['EOPNOTSUPP', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENODEV'].includes(error.code);
}

/** The multicast addresses that links listen to: IPv4 from Linux 6.15 on, and IPv6. */
export const multicast: (filter?: GroupFilter) => Program<GroupAddress[]> = lister(getMulticast, 'multicast', 'multicast addresses', [
  'inet',
  'inet6',
]);

/** The anycast addresses that links listen to: IPv6. */
export const anycast: (filter?: GroupFilter) => Program<GroupAddress[]> = lister(getAnycast, 'anycast', 'anycast addresses', ['inet6']);
