/** Changes of the ruleset as plain data: what a transaction is made of. */
import { InputError } from '../netlink/errors.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { show } from '../netlink/scalar.ts';
import { anonymousSetRequests } from './anonymous-set.ts';
import { type Chain, type ChainRef, chainKey, chainToWire, deleteChain, describeChain, newChain } from './chain.ts';
import { acceptable } from './expressions/acceptable.ts';
import type { Expression } from './expressions/expression.ts';
import {
  checkHandle,
  deleteRule,
  describeRule,
  newRule,
  type RuleInput,
  type RulePlace,
  type RuleRef,
  ruleKey,
  ruleToWire,
} from './rule.ts';
import { deleteTable, describeTable, newTable, type Table, type TableRef, tableKey, tableToWire } from './table.ts';

/** One change. Made by {@link change}; given to a transaction. */
export interface Change {
  readonly requests: readonly Request[];
}

/** Where among the rules of its chain a new one goes. At most one of the two. */
export interface RulePosition {
  /** Handle of the rule to go before. */
  readonly before?: bigint;
  /** Handle of the rule to go after. */
  readonly after?: bigint;
}

// ids are the transaction's own affair: that they differ within one is all the kernel asks for
let lastSetId = 0;

function nextSetId(): number {
  lastSetId = lastSetId === 0xffffffff ? 1 : lastSetId + 1;
  return lastSetId;
}

function checkObject(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) throw new InputError('', `expected ${what}, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
}

function newTableChange(table: Table, flags: number, expects: 'ack' | 'echo'): Change {
  checkObject(table, 'a table');
  return { requests: [{ operation: newTable, flags, value: tableToWire(table), expects, subject: describeTable(table) }] };
}

function newChainChange(chain: Chain, flags: number, expects: 'ack' | 'echo'): Change {
  checkObject(chain, 'a chain');
  return { requests: [{ operation: newChain, flags, value: chainToWire(chain), expects, subject: describeChain(chain) }] };
}

/** `place`: attributes that say where the rule goes. */
function newRuleChange(rule: RuleInput, flags: number, place: object, subject: string): Change {
  const requests: Request[] = [];
  const ids = new Map<number, number>();
  for (const set of rule.sets ?? []) {
    const id = nextSetId();
    ids.set(set.id, id);
    requests.push(...anonymousSetRequests(set, id, rule.family, rule.table, subject));
  }
  if (!Array.isArray(rule.expressions))
    throw new InputError('expressions', `expected an array, got ${show(rule.expressions)}`, 'ERR_INVALID_ARG_TYPE');
  const expressions = rule.expressions.map((given: Expression): Expression => {
    const expression = acceptable(given);
    if (expression.kind !== 'lookup' || expression.data?.setId === undefined) return expression;
    const id = ids.get(expression.data.setId);
    return id === undefined ? expression : { ...expression, data: { ...expression.data, setId: id } };
  });
  requests.push({ operation: newRule, flags, value: { ...ruleToWire(rule, expressions), ...place }, expects: 'echo', subject });
  return { requests };
}

function position({ before, after }: RulePosition): { position?: bigint } {
  if (before !== undefined && after !== undefined) throw new InputError('before', 'give this or `after`, not both');
  if (before !== undefined) return { position: checkHandle(before, 'before') };
  return after === undefined ? {} : { position: checkHandle(after, 'after') };
}

const tables = {
  /** A new table; the transaction fails with EEXIST if there is one of the name. */
  create: (table: Table): Change => newTableChange(table, NLM_F_CREATE | NLM_F_EXCL, 'echo'),
  /** A table, unless there is one: that keeps what it holds, and its comment. */
  ensure: (table: Table): Change => newTableChange(table, NLM_F_CREATE, 'ack'),
  /** Deletes a table with all it holds; ENOENT if there is none. */
  delete: (table: TableRef): Change => {
    checkObject(table, 'a table');
    return { requests: [{ operation: deleteTable, flags: 0, value: tableKey(table), expects: 'ack', subject: describeTable(table) }] };
  },
  /** Deletes a table with all it holds, if there is one. */
  ensureAbsent: (table: TableRef): Change => ({
    // works on every kernel: NFT_MSG_DESTROYTABLE is of Linux 6.3
    requests: [...tables.ensure({ family: table.family, name: table.name }).requests, ...tables.delete(table).requests],
  }),
};

const chains = {
  /** A new chain; the transaction fails with EEXIST if there is one of the name. */
  create: (chain: Chain): Change => newChainChange(chain, NLM_F_CREATE | NLM_F_EXCL, 'echo'),
  /** A chain, unless there is one: that keeps its rules and comment, and takes the policy. EEXIST if it has another type, hook or priority. */
  ensure: (chain: Chain): Change => newChainChange(chain, NLM_F_CREATE, 'ack'),
  /** Deletes a chain with its rules; ENOENT if there is none, EBUSY if a rule jumps there. */
  delete: (chain: ChainRef): Change => {
    checkObject(chain, 'a chain');
    return { requests: [{ operation: deleteChain, flags: 0, value: chainKey(chain), expects: 'ack', subject: describeChain(chain) }] };
  },
};

const rules = {
  /** A rule at the end of its chain, or behind `after`, or ahead of `before`. */
  add: (rule: RuleInput, at: RulePosition = {}): Change => {
    checkObject(rule, 'a rule');
    const flags = at.before === undefined ? NLM_F_CREATE | NLM_F_APPEND : NLM_F_CREATE;
    return newRuleChange(rule, flags, position(at), describeRule({ family: rule.family, table: rule.table, chain: rule.chain }));
  },
  /** A rule at the start of its chain, or ahead of `before`, or behind `after`. */
  insert: (rule: RuleInput, at: RulePosition = {}): Change => {
    checkObject(rule, 'a rule');
    const flags = at.after === undefined ? NLM_F_CREATE : NLM_F_CREATE | NLM_F_APPEND;
    return newRuleChange(rule, flags, position(at), describeRule({ family: rule.family, table: rule.table, chain: rule.chain }));
  },
  /** Puts a rule in the place of the one that `handle` names. The new one has another handle. */
  replace: (handle: bigint, rule: RuleInput): Change => {
    checkObject(rule, 'a rule');
    return newRuleChange(
      rule,
      NLM_F_REPLACE,
      { handle: checkHandle(handle, 'handle') },
      describeRule({ family: rule.family, table: rule.table, chain: rule.chain, handle }),
    );
  },
  /** Deletes a rule; ENOENT if there is none. */
  delete: (rule: RuleRef): Change => {
    checkObject(rule, 'a rule');
    const value = { ...ruleKey(rule), handle: checkHandle(rule.handle, 'handle') };
    return { requests: [{ operation: deleteRule, flags: 0, value, expects: 'ack', subject: describeRule(rule) }] };
  },
  /** Deletes all rules of a chain. */
  flush: (place: RulePlace): Change => {
    checkObject(place, 'a chain');
    return {
      requests: [
        {
          operation: deleteRule,
          flags: 0,
          value: ruleKey(place),
          expects: 'ack',
          subject: `rules of ${describeChain({ family: place.family, table: place.table, name: place.chain })}`,
        },
      ],
    };
  },
};

/** Makes changes: `change.rules.add({ … })`. They say what to do and do nothing; a transaction carries them out. */
export const change: { readonly tables: typeof tables; readonly chains: typeof chains; readonly rules: typeof rules } = {
  tables,
  chains,
  rules,
};
