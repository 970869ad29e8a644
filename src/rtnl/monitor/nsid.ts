/** Ids that the namespace has for others, in a monitor: RTNLGRP_NSID. `ip monitor nsid` shows the same. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { namespaceIds, netnsIdMessage } from '../netns-id/message.ts';
import type { AssignedNetnsId } from '../netns-id/programs.ts';
import { RTNLGRP_NSID } from './groups.ts';
import type { LinkNames } from './names.ts';

const RTM_NEWNSID = 88;
const RTM_DELNSID = 89;

export const nsid: MonitorKind<AssignedNetnsId, LinkNames> = {
  groups: [RTNLGRP_NSID],
  types: { [RTM_NEWNSID]: 'new', [RTM_DELNSID]: 'delete' },
  decode({ bytes, offset, length }) {
    const { nsid: assigned } = netnsIdMessage.decode(bytes, offset, length);
    return assigned === undefined ? undefined : { nsid: assigned };
  },
  listing: {
    *list() {
      return (yield* namespaceIds()).map((assigned) => ({ nsid: assigned }));
    },
    key: (id) => String(id.nsid),
  },
};
