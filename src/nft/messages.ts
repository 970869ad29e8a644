/**
 * The message types of nf_tables, for `describe` and traces: those that netloom has a schema for, one line an object, and the names of the
 * others. Source of the names: include/uapi/linux/netfilter/nf_tables.h (enum nf_tables_msg_types).
 */
import { NETLINK_NETFILTER } from '../netlink/message.ts';
import { type MessageType, registerMessages } from '../netlink/message-types.ts';
import { batchBegin, batchEnd } from './batch.ts';
import { deleteChain, getChain, newChain } from './chain.ts';
import { getElements, newElements } from './element.ts';
import { getGeneration } from './generation.ts';
import { NFNL_SUBSYS_NFTABLES } from './nfnetlink.ts';
import { deleteRule, getRule, newRule } from './rule.ts';
import { getSet, newSet } from './set.ts';
import { deleteTable, getTable, newTable } from './table.ts';

const subsystem = NFNL_SUBSYS_NFTABLES << 8;

/** One line an object. A notification or answer whose type no operation has is `{ name, type, body }`. */
const withSchema = (): readonly MessageType[] => [
  ...[batchBegin, batchEnd],
  ...[newChain, getChain, deleteChain],
  ...[newElements, getElements, { name: 'NFT_MSG_DELSETELEM', type: subsystem | 14, body: newElements.body }],
  ...[getGeneration, { name: 'NFT_MSG_NEWGEN', type: subsystem | 15, body: getGeneration.body }],
  ...[newRule, getRule, deleteRule],
  ...[newSet, getSet, { name: 'NFT_MSG_DELSET', type: subsystem | 11, body: newSet.body }],
  ...[newTable, getTable, deleteTable],
];

/** In the order of their numbers, from 0. */
// biome-ignore format: a list of short entries
const names = [
  'NEWTABLE', 'GETTABLE', 'DELTABLE', 'NEWCHAIN', 'GETCHAIN', 'DELCHAIN', 'NEWRULE', 'GETRULE', 'DELRULE', 'NEWSET', 'GETSET', 'DELSET',
  'NEWSETELEM', 'GETSETELEM', 'DELSETELEM', 'NEWGEN', 'GETGEN', 'TRACE', 'NEWOBJ', 'GETOBJ', 'DELOBJ', 'GETOBJ_RESET', 'NEWFLOWTABLE',
  'GETFLOWTABLE', 'DELFLOWTABLE', 'GETRULE_RESET', 'DESTROYTABLE', 'DESTROYCHAIN', 'DESTROYRULE', 'DESTROYSET', 'DESTROYSETELEM', 'DESTROYOBJ',
  'DESTROYFLOWTABLE', 'GETSETELEM_RESET',
] as const;

function load(): MessageType[] {
  return [...names.map((name, number) => ({ name: `NFT_MSG_${name}`, type: subsystem | number })), ...withSchema()];
}

/** Called by what sends these messages, and not from here: a bundler drops a module that nothing is imported from. */
export function registerNftMessages(): void {
  registerMessages(NETLINK_NETFILTER, load);
}
