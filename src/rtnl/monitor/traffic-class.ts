/** Traffic classes in a monitor: RTNLGRP_TC. `tc monitor` shows the same. They are listed by link, and so no picture is kept of them. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { type TrafficClass, toClass } from '../tc/class.ts';
import { classMessage, deleteTclass, newTclass } from '../tc/message.ts';
import { RTNLGRP_TC } from './groups.ts';
import type { LinkNames } from './names.ts';

export const trafficClass: MonitorKind<TrafficClass, LinkNames> = {
  groups: [RTNLGRP_TC],
  types: { [newTclass.type]: 'new', [deleteTclass.type]: 'delete' },
  decode: ({ bytes, offset, length, nsid }, names) => toClass(classMessage.decode(bytes, offset, length), names.of(nsid)),
};
