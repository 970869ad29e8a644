/**
 * The message types of nf_tables, for `describe` and traces: those that netloom has a schema for, one line an object, and the names of the
 * others. Source of the names: include/uapi/linux/netfilter/nf_tables.h (enum nf_tables_msg_types).
 */
import { NETLINK_NETFILTER } from '../netlink/message.ts';
import { type MessageType, registerMessages } from '../netlink/message-types.ts';
import { batchBegin, batchEnd } from './batch.ts';
import { deleteChain, destroyChain, getChain, newChain } from './chain.ts';
import { deleteElements, destroyElements, getElements, newElements, resetElements } from './element.ts';
import { deleteFlowtable, destroyFlowtable, getFlowtable, newFlowtable } from './flowtable.ts';
import { getGeneration } from './generation.ts';
import { getHook } from './hook.ts';
import { NFNL_SUBSYS_NFTABLES } from './nfnetlink.ts';
import { deleteObject, destroyObject, getObject, newObject, resetObject } from './object.ts';
import { deleteRule, destroyRule, getRule, newRule, resetRules } from './rule.ts';
import { deleteSet, destroySet, getSet, newSet } from './set.ts';
import { deleteTable, destroyTable, getTable, newTable } from './table.ts';
import { traceMessage } from './trace.ts';

const subsystem = NFNL_SUBSYS_NFTABLES << 8;

/** One line an object. A notification or answer whose type no operation has is `{ name, type, body }`. */
const withSchema = (): readonly MessageType[] => [
  ...[batchBegin, batchEnd],
  ...[newChain, getChain, deleteChain, destroyChain],
  ...[newElements, getElements, deleteElements, destroyElements, resetElements],
  ...[newFlowtable, getFlowtable, deleteFlowtable, destroyFlowtable],
  ...[getGeneration, { name: 'NFT_MSG_NEWGEN', type: subsystem | 15, body: getGeneration.body }],
  ...[newObject, getObject, deleteObject, resetObject, destroyObject],
  ...[newRule, getRule, deleteRule, destroyRule, resetRules],
  ...[newSet, getSet, deleteSet, destroySet],
  ...[newTable, getTable, deleteTable, destroyTable],
  traceMessage,
  getHook,
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
