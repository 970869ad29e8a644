/**
 * nf_tables: tables, chains, rules and transactions, straight to the kernel.
 *
 *     await using nf = await open({ netns: 'red' });
 *     await nf.transaction((tx) => {
 *       tx.tables.create({ family: 'ip', name: 'nat' });
 *       tx.chains.create({ family: 'ip', table: 'nat', name: 'postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat' });
 *     });
 */
export { type AnonymousSet, anonymousSetName } from './anonymous-set.ts';
export type { Chain, ChainRef, Hook } from './chain.ts';
export type { ChainFilter } from './chains.ts';
export { chainPrograms } from './chains.ts';
export { type Change, change, type RulePosition } from './change.ts';
export { type NftClient, type NftClientSync, type OpenOptions, open, openSync } from './client.ts';
export { type Data, isVerdict, type Verdict } from './data.ts';
export type { SetElement } from './element.ts';
export type { Bitwise } from './expressions/bitwise.ts';
export type { Byteorder } from './expressions/byteorder.ts';
export type { Cmp } from './expressions/cmp.ts';
export type { Counter } from './expressions/counter.ts';
export type { Ct } from './expressions/ct.ts';
export { explain } from './expressions/explain.ts';
export { type Expression, expression } from './expressions/expression.ts';
export type { Immediate } from './expressions/immediate.ts';
export type { Limit } from './expressions/limit.ts';
export type { Log } from './expressions/log.ts';
export type { Lookup } from './expressions/lookup.ts';
export type { Masq } from './expressions/masq.ts';
export type { Meta } from './expressions/meta.ts';
export type { Nat } from './expressions/nat.ts';
export type { Notrack } from './expressions/notrack.ts';
export type { Payload } from './expressions/payload.ts';
export type { Range } from './expressions/range.ts';
export type { Redir } from './expressions/redir.ts';
export type { Reject } from './expressions/reject.ts';
export { type ForwardAcceptHandle, type ForwardAcceptOptions, forwardAccept, removeForwardAccept } from './forward-accept.ts';
export { generation } from './generation.ts';
export { matchAddress } from './linearize/address.ts';
export { counter } from './linearize/counter.ts';
export { type CtState, matchCtState } from './linearize/ct-state.ts';
export { matchInterface } from './linearize/interface.ts';
export { type L4Protocol, matchL4Protocol } from './linearize/l4-protocol.ts';
export { type MasqueradeStatement, masquerade as masqueradeStatement } from './linearize/masquerade.ts';
export type { MatchOperator } from './linearize/operator.ts';
export { type LinearRule, type NetworkProtocol, RuleBuilder } from './linearize/rule-builder.ts';
export { verdict } from './linearize/verdict.ts';
export { type MasqueradeHandle, type MasqueradeOptions, masquerade, type PortRange, removeMasquerade } from './masquerade.ts';
export type { Family } from './nfnetlink.ts';
export type { OwnedRules } from './owned-rules.ts';
export type { PriorityName } from './priority.ts';
export type { Rule, RuleCompat, RuleInput, RulePlace, RuleRef } from './rule.ts';
export { type AddRuleOptions, type RuleFilter, rulePrograms } from './rules.ts';
export { type Ruleset, type RulesetOptions, ruleset } from './ruleset.ts';
export type { Table, TableRef } from './table.ts';
export { type TableFilter, tablePrograms } from './tables.ts';
export { type Transaction, type TransactionInput, type TransactionOptions, type TransactionResult, transaction } from './transaction.ts';
export type { Annotated, UserDataEntry } from './userdata.ts';
