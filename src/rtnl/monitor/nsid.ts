/** Ids that the namespace has for others, in a monitor: RTNLGRP_NSID. `ip monitor nsid` shows the same. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { namespaceIds, netnsIdMessage } from '../netns-id/message.ts';
import { RTNLGRP_NSID } from './groups.ts';
import type { LinkNames } from './names.ts';

const RTM_NEWNSID = 88;
const RTM_DELNSID = 89;

/** An id that the monitor's namespace has for another one (ip-netns(8), "list-id"). */
export interface NetnsId {
  id: number;
}

export const nsid: MonitorKind<NetnsId, LinkNames> = {
  groups: [RTNLGRP_NSID],
  types: { [RTM_NEWNSID]: 'new', [RTM_DELNSID]: 'delete' },
  decode({ bytes, offset, length }) {
    const { nsid: id } = netnsIdMessage.decode(bytes, offset, length);
    return id === undefined ? undefined : { id };
  },
  listing: {
    *list() {
      return (yield* namespaceIds()).map((id) => ({ id }));
    },
    key: ({ id }) => String(id),
  },
};
