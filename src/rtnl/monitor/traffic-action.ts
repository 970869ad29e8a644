/** Actions by themselves in a monitor: RTNLGRP_TC. `tc monitor` shows the same. Those that come and go with a filter are not told, and so no picture is kept of them. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { actionMessage, deleteAction, newAction } from '../tc/action/message.ts';
import { type TrafficAction, toTrafficAction } from '../tc/action/programs.ts';
import { RTNLGRP_TC } from './groups.ts';
import type { LinkNames } from './names.ts';

export const trafficAction: MonitorKind<TrafficAction, LinkNames> = {
  groups: [RTNLGRP_TC],
  types: { [newAction.type]: 'new', [deleteAction.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    const { actions = [] } = actionMessage.decode(bytes, offset, length);
    return actions.map((wire) => toTrafficAction(wire, names.of(nsid)));
  },
};
