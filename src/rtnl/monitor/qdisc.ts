/** Queueing disciplines in a monitor: RTNLGRP_TC. `tc monitor` shows the same. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { deleteQdisc, newQdisc, qdiscMessage } from '../tc/message.ts';
import { type Qdisc, qdiscPrograms, toQdisc } from '../tc/qdisc.ts';
import { RTNLGRP_LINK, RTNLGRP_TC } from './groups.ts';
import type { LinkNames } from './names.ts';
import { sameUncounted, withLink } from './tc.ts';

export const qdisc: MonitorKind<Qdisc, LinkNames> = {
  groups: [RTNLGRP_TC],
  types: { [newQdisc.type]: 'new', [deleteQdisc.type]: 'delete' },
  decode: ({ bytes, offset, length, nsid }, names) => toQdisc(qdiscMessage.decode(bytes, offset, length), names.of(nsid)),
  listing: {
    list: () => qdiscPrograms.list({}),
    // a link has one at each place
    key: ({ devIndex, parent }) => `${devIndex} ${parent}`,
    same: sameUncounted,
    groups: [RTNLGRP_LINK],
    // those of a link that goes, and the one that a link has by itself when it comes up, are not told
    disturbed: withLink,
  },
};
