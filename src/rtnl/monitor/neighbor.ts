/** Neighbors in a monitor: RTNLGRP_NEIGH, which tells of the IP families and of forwarding tables. */
import { type MonitorKind, sameExcept } from '../../netlink/monitor-kind.ts';
import { AF_BRIDGE } from '../family.ts';
import { NTF_PROXY } from '../neighbor/flags.ts';
import { deleteNeighbor, ndmsg, neighborMessage, newNeighbor } from '../neighbor/message.ts';
import { type Neighbor, toNeighbor } from '../neighbor/neighbor.ts';
import { neighborPrograms } from '../neighbor/programs.ts';
import { RTNLGRP_NEIGH } from './groups.ts';
import type { LinkNames } from './names.ts';

export const neighbor: MonitorKind<Neighbor, LinkNames> = {
  groups: [RTNLGRP_NEIGH],
  types: { [newNeighbor.type]: 'new', [deleteNeighbor.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    if (length >= ndmsg.size && isForwarding(bytes, offset)) return undefined;
    const wire = neighborMessage.decode(bytes, offset, length);
    // of the addresses that are answered for, some come and go without a word
    return (wire.flags & NTF_PROXY) !== 0 ? undefined : toNeighbor(wire, names.of(nsid));
  },
  listing: {
    list: () => neighborPrograms.list({ state: 'all' }),
    key: ({ devIndex, to }) => `${devIndex ?? 0} ${to}`,
    same: sameExcept('confirmed', 'used', 'updated', 'probes', 'refcount'),
  },
};

/** Whether a message is about a forwarding table. */
export function isForwarding(bytes: Buffer, offset: number): boolean {
  return bytes[offset] === AF_BRIDGE;
}
