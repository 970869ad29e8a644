/** Nexthop objects in a monitor: RTNLGRP_NEXTHOP. `ip monitor nexthop` shows the same. */
import { type MonitorKind, sameExcept } from '../../netlink/monitor-kind.ts';
import { deleteNexthop, newNexthop, nexthopObjectMessage } from '../nexthop/message.ts';
import { type NexthopObject, toNexthop } from '../nexthop/nexthop.ts';
import { nexthopPrograms } from '../nexthop/programs.ts';
import { RTNLGRP_LINK, RTNLGRP_NEXTHOP } from './groups.ts';
import type { LinkNames } from './names.ts';
import { linkGoes } from './route.ts';

export const nexthop: MonitorKind<NexthopObject, LinkNames> = {
  groups: [RTNLGRP_NEXTHOP],
  types: { [newNexthop.type]: 'new', [deleteNexthop.type]: 'delete' },
  decode: ({ bytes, offset, length, nsid }, names) => toNexthop(nexthopObjectMessage.decode(bytes, offset, length), names.of(nsid)),
  listing: {
    list: () => nexthopPrograms.list({}),
    key: ({ id }) => String(id),
    same: sameExcept('flags'),
    groups: [RTNLGRP_LINK],
    // the kernel removes those of a link that goes down without a word
    disturbed: linkGoes,
  },
};
