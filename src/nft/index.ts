/**
 * nf_tables: tables, chains, rules, sets, objects, flowtables and transactions, straight to the kernel.
 *
 *     await using nf = await open({ netns: 'red' });
 *     await nf.transaction((tx) => {
 *       tx.tables.create({ family: 'ip', name: 'nat' });
 *       tx.chains.create({ family: 'ip', table: 'nat', name: 'postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat' });
 *     });
 */

export type { ListenOptions } from '../netlink/listen.ts';
export { type AnonymousSet, anonymousMapName, anonymousSetName, type MapData } from './anonymous-set.ts';
export type { Chain, ChainRef, Hook } from './chain.ts';
export type { ChainFilter } from './chains.ts';
export { chainPrograms } from './chains.ts';
export {
  type ChainChanges,
  type Change,
  type Changes,
  change,
  type ElementChanges,
  type FlowtableChanges,
  type ObjectChanges,
  type RuleChange,
  type RuleChanges,
  type RulePosition,
  type RulesetChanges,
  type SetChanges,
  type TableChanges,
} from './change/change.ts';
export type { TypedSet } from './change/elements.ts';
export type { SetInput } from './change/sets.ts';
export {
  type ChainMethods,
  type ChainMethodsSync,
  type ElementMethods,
  type ElementMethodsSync,
  type FlowtableMethods,
  type FlowtableMethodsSync,
  type HookMethods,
  type HookMethodsSync,
  type NftClient,
  type NftClientSync,
  type OpenOptions,
  open,
  openSync,
  type RuleMethods,
  type RuleMethodsSync,
  type SetMethods,
  type SetMethodsSync,
  type TableMethods,
  type TableMethodsSync,
} from './client.ts';
export { type Data, isVerdict, type Verdict } from './data.ts';
export { type ByteOrder, type DataType, type DataTypeName, dataType, type Form } from './datatype/data-type.ts';
export type { FieldKey, Key, ValueRange } from './datatype/key.ts';
export type { FieldType, KeyType } from './datatype/layout.ts';
export type { Value } from './datatype/value.ts';
export type { ChainRule } from './delinearize/blocks.ts';
export type { FilledSet } from './delinearize/held.ts';
export { type ReadableRule, readStatements } from './delinearize/read-statements.ts';
export type { SetElement } from './element.ts';
export { elementPrograms, type SetOfElements } from './elements.ts';
export type { Bitwise } from './expressions/bitwise.ts';
export type { Byteorder } from './expressions/byteorder.ts';
export type { Cmp } from './expressions/cmp.ts';
export type { Connlimit } from './expressions/connlimit.ts';
export type { Counter } from './expressions/counter.ts';
export type { Ct } from './expressions/ct.ts';
export type { Dup } from './expressions/dup.ts';
export type { Dynset } from './expressions/dynset.ts';
export { explain } from './expressions/explain.ts';
export { type Expression, type ExpressionData, expr, expression, type KnownExpression } from './expressions/expression.ts';
export type { Exthdr } from './expressions/exthdr.ts';
export type { Fib } from './expressions/fib.ts';
export type { FlowOffload } from './expressions/flow-offload.ts';
export type { Fwd } from './expressions/fwd.ts';
export type { Hash } from './expressions/hash.ts';
export type { Immediate } from './expressions/immediate.ts';
export type { Inner } from './expressions/inner.ts';
export type { Last } from './expressions/last.ts';
export type { Limit } from './expressions/limit.ts';
export type { Log } from './expressions/log.ts';
export type { Lookup } from './expressions/lookup.ts';
export type { Masq } from './expressions/masq.ts';
export type { Match } from './expressions/match.ts';
export type { Meta } from './expressions/meta.ts';
export type { Nat } from './expressions/nat.ts';
export type { Notrack } from './expressions/notrack.ts';
export type { Numgen } from './expressions/numgen.ts';
export type { Objref } from './expressions/objref.ts';
export type { Osf } from './expressions/osf.ts';
export type { Payload } from './expressions/payload.ts';
export type { Queue } from './expressions/queue.ts';
export type { Quota } from './expressions/quota.ts';
export type { Range } from './expressions/range.ts';
export type { Redir } from './expressions/redir.ts';
export type { Reject } from './expressions/reject.ts';
export type { Rt } from './expressions/rt.ts';
export type { Socket } from './expressions/socket.ts';
export type { Synproxy } from './expressions/synproxy.ts';
export type { Target } from './expressions/target.ts';
export type { Tproxy } from './expressions/tproxy.ts';
export type { Tunnel } from './expressions/tunnel.ts';
export type { Xfrm } from './expressions/xfrm.ts';
export type { Flowtable, FlowtableRef } from './flowtable.ts';
export { type FlowtableFilter, flowtablePrograms } from './flowtables.ts';
export { type ForwardAcceptHandle, type ForwardAcceptOptions, forwardAccept, removeForwardAccept } from './forward-accept.ts';
export { generation } from './generation.ts';
export type { HookEntry, HookedObject, HookMessage } from './hook.ts';
export { type HookFilter, hookPrograms } from './hooks.ts';
export * from './language/index.ts';
export type { LinearRule } from './linearize/linear-rule.ts';
export { TransactionOutcomeError } from './lost-answer.ts';
export {
  type MasqueradeHandle,
  type MasqueradeOptions,
  masquerade as masqueradeProgram,
  type PortRange,
  removeMasquerade,
} from './masquerade.ts';
export type { ElementOfSet, NftChange } from './monitor/changes.ts';
export type { NftEvent, RulesetEvent, TransactionEvent } from './monitor/feed.ts';
export type { NftMonitor, NftMonitorOptions } from './monitor/monitor.ts';
export type { NftTrace, NftTraceOptions } from './monitor/trace.ts';
export type { Family } from './nfnetlink.ts';
export type { CtExpectation } from './object/ct-expectation.ts';
export type { CtHelper } from './object/ct-helper.ts';
export type { CtTimeout } from './object/ct-timeout.ts';
export type { Secmark } from './object/secmark.ts';
export type { TunnelErspan, TunnelGeneve, TunnelIp, TunnelIp6, TunnelKey, TunnelOptions, TunnelVxlan } from './object/tunnel.ts';
export type { NftObject, ObjectBase, ObjectData, ObjectOf, ObjectRef } from './object.ts';
export type { ObjectType } from './object-type.ts';
export { type NftObjectOf, type ObjectFilter, type ObjectMethods, type ObjectMethodsSync, objectPrograms } from './objects.ts';
export type { OwnedRules } from './owned-rules.ts';
export type { PriorityName } from './priority.ts';
export { retrying } from './retry.ts';
export type { Rule, RuleBlock, RuleCompat, RuleInput, RuleOfExpressions, RuleOfStatements, RulePlace, RuleRead, RuleRef } from './rule.ts';
export { type AddRuleOptions, type GetRuleOptions, type ReplaceRuleOptions, type RuleFilter, rulePrograms } from './rules.ts';
export { flush, type ReadRulesetOptions, type Ruleset, type RulesetOptions, ruleset } from './ruleset.ts';
export type { MapType, NftSet, SetRef, SetType } from './set-definition.ts';
export type { Element, ElementInput } from './set-elements.ts';
export { type SetFilter, setPrograms } from './sets.ts';
export type { Table, TableRef } from './table.ts';
export { type TableFilter, tablePrograms } from './tables.ts';
export { TransactionTooLargeError } from './too-large.ts';
export type { TraceAttributes, TracedPacket, TraceEvent } from './trace.ts';
export { type Transaction, type TransactionInput, type TransactionOptions, type TransactionResult, transaction } from './transaction.ts';
export { type UpdateOptions, update } from './update.ts';
export type { Annotated, UserDataEntry } from './userdata.ts';
