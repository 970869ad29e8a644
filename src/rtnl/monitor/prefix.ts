/** Prefixes that routers announce, in a monitor: RTNLGRP_IPV6_PREFIX. They are told and not kept: there is no listing. `ip monitor prefix` shows the same. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { prefixMessage, RTM_NEWPREFIX } from '../prefix/message.ts';
import { type AnnouncedPrefix, toPrefix } from '../prefix/prefix.ts';
import { RTNLGRP_IPV6_PREFIX } from './groups.ts';
import type { LinkNames } from './names.ts';

export const prefix: MonitorKind<AnnouncedPrefix, LinkNames> = {
  groups: [RTNLGRP_IPV6_PREFIX],
  types: { [RTM_NEWPREFIX]: 'new' },
  decode({ bytes, offset, length, nsid }, names) {
    const wire = prefixMessage.decode(bytes, offset, length);
    return toPrefix(wire, names.of(nsid).get(wire.index));
  },
};
