/** Rules of policy routing in a monitor: RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE. `ip monitor rule` shows the same. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { deleteRule, newRule, ruleMessage } from '../rule/message.ts';
import { rulePrograms } from '../rule/programs.ts';
import { type Rule, toRule } from '../rule/rule.ts';
import { RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE } from './groups.ts';
import type { LinkNames } from './names.ts';

export const rule: MonitorKind<Rule, LinkNames> = {
  groups: [RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE],
  types: { [newRule.type]: 'new', [deleteRule.type]: 'delete' },
  decode: ({ bytes, offset, length }) => toRule(ruleMessage.decode(bytes, offset, length)),
  listing: {
    list: () => rulePrograms.list({}),
    // all that a rule says identifies it; its flags are the kernel's
    key: ({ flags: _, unknown: _unknown, ...rest }) => JSON.stringify(Object.entries(rest).sort()),
  },
};
