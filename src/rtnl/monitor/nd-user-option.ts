/** Options of router announcements for processes, in a monitor: RTNLGRP_ND_USEROPT. They are told and not kept: there is no listing. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { ndUserOptionMessage, RTM_NEWNDUSEROPT } from '../nd-user-option/message.ts';
import { type NdOption, readOptions } from '../nd-user-option/option.ts';
import { RTNLGRP_ND_USEROPT } from './groups.ts';
import type { LinkNames } from './names.ts';

/** What a router announces to processes: name servers, domains, … (RFC 8106). */
export interface NdUserOption {
  /** Name of the link that the announcement came by. */
  dev?: string;
  /** Index of the link that it came in by. */
  devIndex: number;
  /** Who announced it: the address of the router on the link. */
  source?: string;
  /** The kernel sends a message an option. */
  options: NdOption[];
}

export const ndUserOption: MonitorKind<NdUserOption, LinkNames> = {
  groups: [RTNLGRP_ND_USEROPT],
  types: { [RTM_NEWNDUSEROPT]: 'new' },
  decode({ bytes, offset, length, nsid }, names) {
    const { index, source, options } = ndUserOptionMessage.decode(bytes, offset, length);
    const dev = names.of(nsid).get(index);
    return {
      ...(dev === undefined ? {} : { dev }),
      devIndex: index,
      ...(source === undefined ? {} : { source }),
      options: readOptions(options),
    };
  },
};
