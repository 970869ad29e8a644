/** Forwarding tables in a monitor: RTNLGRP_NEIGH, where they are a family of neighbors. `bridge monitor fdb` shows the same. */
import { type MonitorKind, sameExcept } from '../../netlink/monitor-kind.ts';
import { type FdbEntry, toFdbEntry } from '../fdb/entry.ts';
import { fdbPrograms } from '../fdb/programs.ts';
import { deleteNeighbor, ndmsg, neighborMessage, newNeighbor } from '../neighbor/message.ts';
import { RTNLGRP_NEIGH } from './groups.ts';
import type { LinkNames } from './names.ts';
import { isForwarding } from './neighbor.ts';

export const fdb: MonitorKind<FdbEntry, LinkNames> = {
  groups: [RTNLGRP_NEIGH],
  types: { [newNeighbor.type]: 'new', [deleteNeighbor.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    if (length >= ndmsg.size && !isForwarding(bytes, offset)) return undefined;
    return toFdbEntry(neighborMessage.decode(bytes, offset, length), names.of(nsid));
  },
  listing: {
    list: () => fdbPrograms.list({}),
    key: ({ devIndex, lladdr, vlan, dst, port, vni, srcVni, nexthopId, masterIndex }) =>
      [devIndex, lladdr, vlan, dst, port, vni, srcVni, nexthopId, masterIndex].join(' '),
    same: sameExcept('used', 'updated', 'inactive'),
  },
};
