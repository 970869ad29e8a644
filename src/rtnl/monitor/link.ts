/** Links in a monitor: RTNLGRP_LINK. */
import { isDeepStrictEqual } from 'node:util';
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import type { Notification } from '../../netlink/monitor-socket.ts';
import { AF_UNSPEC } from '../family.ts';
import { type Link, toLink } from '../link/link.ts';
import { ifinfomsg } from '../link/message.ts';
import { deleteLink, newLink } from '../link/operations.ts';
import { linkPrograms } from '../link/programs.ts';
import { linkView } from '../link/view.ts';
import { RTNLGRP_LINK } from './groups.ts';
import type { LinkNames } from './names.ts';

/** ifi_change of the message about a link that has just come into being, or into the namespace. */
const allFlags = 0xffffffff;

export const link: MonitorKind<Link, LinkNames> = {
  groups: [RTNLGRP_LINK],
  types: { [newLink.type]: 'new', [deleteLink.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    // bridges (AF_BRIDGE) and IPv6 (AF_INET6) tell the same groups of ports and of settings
    if (length > 0 && bytes[offset] !== AF_UNSPEC) return undefined;
    const wire = linkView.decode(bytes, offset, length);
    // a wireless event has a name and nothing else of the link
    return wire.mtu === undefined ? undefined : toLink(wire, names.of(nsid));
  },
  changes: ({ bytes, offset }: Notification) => ifinfomsg.read(bytes, offset).change !== allFlags,
  listing: {
    list: () => linkPrograms.list({}),
    key: ({ index }) => String(index),
    same: (a, b) => isDeepStrictEqual(steady(a), steady(b)),
  },
};

/** A link without what runs by itself: the timers of bridges and their ports, and what they have learned. */
function steady({ data, port, ...rest }: Link): object {
  return { ...rest, data: still(data), port: { kind: port?.kind, data: still(port?.data) } };
}

function still(data: object | undefined): unknown {
  if (data === undefined || data instanceof Uint8Array) return data;
  return Object.fromEntries(
    Object.entries(data).filter(([key]) => !key.endsWith('Timer') && key !== 'fdbLearned' && key !== 'mcastQuerierState'),
  );
}
