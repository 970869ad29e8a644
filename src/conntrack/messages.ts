/**
 * The message types of conntrack, for `describe` and traces. Source of the names: include/uapi/linux/netfilter/nfnetlink_conntrack.h (enum
 * cntl_msg_types, enum ctnl_exp_msg_types), nfnetlink_cttimeout.h (enum ctnl_timeout_msg_types).
 */
import { NETLINK_NETFILTER } from '../netlink/message.ts';
import { type MessageType, registerMessages } from '../netlink/message-types.ts';
import { deleteExpectation, getExpectation, getExpectationStatistics, newExpectation } from './expectation/message.ts';
import { deleteFlow, getDying, getFlow, getUnconfirmed, newFlow, resetFlow } from './flow/message.ts';
import { getCpuStatistics, getStatistics } from './flow/statistics.ts';
import { deleteTimeout, getDefaultTimeout, getTimeout, newTimeout, setDefaultTimeout } from './timeout/message.ts';

/** One line an object. */
function load(): MessageType[] {
  return [
    ...[newFlow, getFlow, deleteFlow, resetFlow, getDying, getUnconfirmed, getCpuStatistics, getStatistics],
    ...[newExpectation, getExpectation, deleteExpectation, getExpectationStatistics],
    ...[newTimeout, getTimeout, deleteTimeout, setDefaultTimeout, getDefaultTimeout],
  ];
}

/** Called by what sends these messages, and not from here: a bundler drops a module that nothing is imported from. */
export function registerConntrackMessages(): void {
  registerMessages(NETLINK_NETFILTER, load);
}
