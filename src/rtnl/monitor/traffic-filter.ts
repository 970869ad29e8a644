/** Filters in a monitor: RTNLGRP_TC. `tc monitor` shows the same. They are listed by place, and so no picture is kept of them. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { type TrafficFilter, toFilter } from '../tc/filter.ts';
import { deleteTfilter, filterMessage, newTfilter } from '../tc/message.ts';
import { RTNLGRP_TC } from './groups.ts';
import type { LinkNames } from './names.ts';

export const trafficFilter: MonitorKind<TrafficFilter, LinkNames> = {
  groups: [RTNLGRP_TC],
  types: { [newTfilter.type]: 'new', [deleteTfilter.type]: 'delete' },
  decode: ({ bytes, offset, length, nsid }, names) => toFilter(filterMessage.decode(bytes, offset, length), names.of(nsid)),
};
