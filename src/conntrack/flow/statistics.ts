/** What conntrack counts of flows. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h (CTA_STATS_*); conntrack(8), --stats, --count. */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { checkCallOptions } from '../../netlink/input.ts';
import type { Message } from '../../netlink/message.ts';
import type { NfGenMsg } from '../../netlink/nfgenmsg.ts';
import type { Operation } from '../../netlink/operation.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { be32 } from '../../netlink/scalar.ts';
import { conntrackMessage, conntrackOperation, NFNL_SUBSYS_CTNETLINK, single } from '../nfnetlink.ts';

const cpu_ = attributes('CTA_STATS', () => ({
  /** No longer counted. */
  searched: attr('CTA_STATS_SEARCHED', 1, be32),
  /** Look-ups that found an entry which was being made. */
  found: attr('CTA_STATS_FOUND', 2, be32),
  /** No longer counted. */
  new: attr('CTA_STATS_NEW', 3, be32),
  /** Packets that could not be tracked. */
  invalid: attr('CTA_STATS_INVALID', 4, be32),
  /** No longer counted. */
  ignore: attr('CTA_STATS_IGNORE', 5, be32),
  /** No longer counted. */
  delete: attr('CTA_STATS_DELETE', 6, be32),
  /** No longer counted. */
  deleteList: attr('CTA_STATS_DELETE_LIST', 7, be32),
  /** Entries made beside packets: by ctnetlink. */
  insert: attr('CTA_STATS_INSERT', 8, be32),
  /** Entries that could not be made: there was one already. */
  insertFailed: attr('CTA_STATS_INSERT_FAILED', 9, be32),
  /** Packets dropped because an entry could not be made. */
  drop: attr('CTA_STATS_DROP', 10, be32),
  /** Entries given up for new ones, because the table was full. */
  earlyDrop: attr('CTA_STATS_EARLY_DROP', 11, be32),
  /** ICMP messages about an error of which no flow is known, and malformed packets. */
  error: attr('CTA_STATS_ERROR', 12, be32),
  /** Look-ups begun anew because the table was resized meanwhile. */
  searchRestart: attr('CTA_STATS_SEARCH_RESTART', 13, be32),
  /** Packets of one flow that came at once, and were made out to be one flow. */
  clashResolve: attr('CTA_STATS_CLASH_RESOLVE', 14, be32),
  /** Entries not made because too many have the same hash. */
  chainTooLong: attr('CTA_STATS_CHAIN_TOOLONG', 15, be32),
}));
interface CpuAttributes extends Infer<typeof cpu_> {}

const global_ = attributes('CTA_STATS_GLOBAL', () => ({
  entries: attr('CTA_STATS_GLOBAL_ENTRIES', 1, be32),
  maxEntries: attr('CTA_STATS_GLOBAL_MAX_ENTRIES', 2, be32),
}));
interface GlobalAttributes extends Infer<typeof global_> {}

const cpuMessage: Message<NfGenMsg & CpuAttributes, Partial<NfGenMsg> & CpuAttributes> = conntrackMessage('CTA_STATS', cpu_);
const globalMessage: Message<NfGenMsg & GlobalAttributes, Partial<NfGenMsg> & GlobalAttributes> = conntrackMessage(
  'CTA_STATS_GLOBAL',
  global_,
);

export const getCpuStatistics: Operation<Partial<NfGenMsg> & CpuAttributes, NfGenMsg & CpuAttributes> = conntrackOperation(
  'IPCTNL_MSG_CT_GET_STATS_CPU',
  (NFNL_SUBSYS_CTNETLINK << 8) | 4,
  cpuMessage,
);
export const getStatistics: Operation<Partial<NfGenMsg> & GlobalAttributes, NfGenMsg & GlobalAttributes> = conntrackOperation(
  'IPCTNL_MSG_CT_GET_STATS',
  (NFNL_SUBSYS_CTNETLINK << 8) | 5,
  globalMessage,
);

/** What one CPU has counted since the namespace was made; what this kernel does not count is absent. */
export interface FlowCpuStatistics extends Omit<CpuAttributes, 'unknown'> {
  /** Number of the CPU, from 0. */
  cpu: number;
}

/** What conntrack counts of flows. */
export interface FlowStatistics {
  /** Flows that there are. */
  entries: number;
  /** Flows that there may be in this namespace. Absent before Linux 4.18. */
  maxEntries?: number;
  /** What each CPU has counted. */
  cpus: FlowCpuStatistics[];
}

/** What conntrack counts of flows in the namespace. */
export function* statistics(options?: CallOptions): Program<FlowStatistics> {
  checkCallOptions(options);
  const { entries = 0, maxEntries } = yield* ask({ operation: getStatistics, flags: single, value: {}, expects: 'reply', subject: '' });
  const cpus = yield* ask({ operation: getCpuStatistics, flags: 0, value: {}, expects: 'dump', subject: '' });
  return {
    entries,
    ...(maxEntries === undefined ? {} : { maxEntries }),
    cpus: cpus.map(({ family: _family, version: _version, resId, unknown: _unknown, ...counts }) => ({ cpu: resId, ...counts })),
  };
}
