/** Settings of IP in a monitor: RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, RTNLGRP_MPLS_NETCONF. `ip monitor netconf` shows the same. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { deleteNetconf, netconfMessage, newNetconf } from '../netconf/message.ts';
import { type Netconf, netconfPrograms, toNetconf } from '../netconf/programs.ts';
import { RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, RTNLGRP_MPLS_NETCONF } from './groups.ts';
import type { LinkNames } from './names.ts';

export const netconf: MonitorKind<Netconf, LinkNames> = {
  groups: [RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, RTNLGRP_MPLS_NETCONF],
  types: { [newNetconf.type]: 'new', [deleteNetconf.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    return toNetconf(netconfMessage.decode(bytes, offset, length), names.of(nsid));
  },
  listing: {
    list: () => netconfPrograms.list({}),
    key: ({ family, dev, devIndex }) => `${family} ${devIndex ?? dev}`,
    // a message has the setting that changed, and no other
    apply: (group, action, object) => (action === 'delete' ? [] : [{ ...group[0], ...object }]),
  },
};
