/** Multicast databases in a monitor: RTNLGRP_MDB. `bridge monitor mdb` shows the same. */
import { isDeepStrictEqual } from 'node:util';
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { infosOf, type MdbEntry, toMdbEntry } from '../mdb/entry.ts';
import { deleteMdb, mdbMessage, newMdb } from '../mdb/message.ts';
import { mdbPrograms } from '../mdb/programs.ts';
import { RTNLGRP_MDB } from './groups.ts';
import type { LinkNames } from './names.ts';

export const mdb: MonitorKind<MdbEntry, LinkNames> = {
  groups: [RTNLGRP_MDB],
  types: { [newMdb.type]: 'new', [deleteMdb.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    const wire = mdbMessage.decode(bytes, offset, length);
    return infosOf(wire).map((info) => toMdbEntry(info, wire.index, names.of(nsid)));
  },
  listing: {
    list: () => mdbPrograms.list({}),
    key: ({ devIndex, portIndex, group, source, vlan, dst, dstPort, vni, srcVni, viaIndex }) =>
      [devIndex, portIndex, group, source, vlan, dst, dstPort, vni, srcVni, viaIndex].join(' '),
    same: (a, b) => isDeepStrictEqual(steady(a), steady(b)),
  },
};

/** An entry without the timers. */
function steady({ timer: _, sources, ...rest }: MdbEntry): object {
  return { ...rest, sources: sources?.map(({ address }) => address) };
}
