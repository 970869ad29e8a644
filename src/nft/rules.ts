/** What can be done with rules. Every method that changes something is a transaction of its own. */
import { InputError, MalformedMessageError, NotFoundError } from '../netlink/errors.ts';
import { ask, type CallOptions, type Program } from '../netlink/program.ts';
import { checkInteger } from '../netlink/scalar.ts';
import { ensureAbsent } from './absent.ts';
import { chainFromWire, getChain } from './chain.ts';
import { change } from './change/change.ts';
import { checkName } from './name.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import { checkBoolean, checkCallOptions, checking, checkOptions } from './options.ts';
import { readRules, rulesBrought, setsForReading, withStatements } from './read-rules.ts';
import { retrying } from './retry.ts';
import {
  checkHandle,
  describeRule,
  getRule,
  type Rule,
  type RuleInput,
  type RulePlace,
  type RuleRef,
  resetRules,
  ruleFromWire,
  ruleKey,
} from './rule.ts';
import { listInTable } from './table-filter.ts';
import { transaction } from './transaction.ts';

export interface RuleFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
  /** Name of the table. Default: all. */
  table?: string;
  /** Name of the chain. Default: all. */
  chain?: string;
  /** Whether to tell what each rule says too, as `statements`. The sets of the tables are read for that. Default: false. */
  statements?: boolean;
}

/** Options of {@link rulePrograms.get}. */
export interface GetRuleOptions extends CallOptions {
  /** Whether to tell what the rule says too, as `statements`. Default: false. */
  statements?: boolean;
}

/** Options of {@link rulePrograms.replace}. */
export interface ReplaceRuleOptions extends CallOptions {
  /** Whether the rule that is returned has `statements`, as it is listed. Default: false. */
  statements?: boolean;
}

/** Options of {@link rulePrograms.add} and {@link rulePrograms.insert}. */
export interface AddRuleOptions extends CallOptions {
  /** Handle of the rule to go before. Not with `after` or `index`. */
  before?: bigint;
  /** Handle of the rule to go after. Not with `before` or `index`. */
  after?: bigint;
  /**
   * Place in its chain of the rule to go behind (`add`) or ahead of (`insert`), counted from 0, as nft(8) has it. The chain is read for that, and the rule made
   * provided that nobody has changed the ruleset since; otherwise it begins anew.
   */
  index?: number;
  /** Whether the rule that is returned has `statements`, as it is listed. Default: false. */
  statements?: boolean;
}

type RulesFilter = Pick<RuleFilter, 'family' | 'table' | 'chain'>;

function* listed(operation: typeof getRule, { family, table, chain }: RulesFilter): Program<Rule[]> {
  const value: { family?: number; table?: string; chain?: string } = {};
  if (family !== undefined) value.family = familyNumber(family);
  if (table !== undefined) checkName(table, 'table');
  if (chain !== undefined) checkName(chain, 'chain');
  // the kernel stops at the first table of a name, and looks for a chain only within a table
  if (family !== undefined && table !== undefined) Object.assign(value, { table, ...(chain === undefined ? {} : { chain }) });
  const found = yield* ask({ operation, flags: 0, value, expects: 'dump', subject: 'rules' });
  return found
    .filter((wire) => (table === undefined || wire.table === table) && (chain === undefined || wire.chain === chain))
    .map(ruleFromWire);
}

/** Rules as they were before they were reset. What the kernel would not tell apart is reset chain by chain, lest others be reset too. */
function* reset(filter: RulesFilter): Program<Rule[]> {
  const { family, table, chain } = filter;
  if ((table === undefined && chain === undefined) || (family !== undefined && table !== undefined))
    return yield* listed(resetRules, filter);
  if (chain !== undefined) checkName(chain, 'chain');
  const within = { ...(family === undefined ? {} : { family }), ...(table === undefined ? {} : { table }) };
  const rules: Rule[] = [];
  for (const of of (yield* listInTable(getChain, within, 'chains')).map(chainFromWire))
    if (chain === undefined || of.name === chain)
      rules.push(...(yield* listed(resetRules, { family: of.family, table: of.table, chain: of.name })));
  return rules;
}

/** The programs of {@link NftClient.rules}. */
export const rulePrograms = {
  /** All rules, or those of a family, table or chain, in the order the kernel runs them. A table or chain that does not exist has none. */
  *list(filter: RuleFilter = {}): Program<Rule[]> {
    checkFilter(filter);
    if (filter.statements !== true) return yield* listed(getRule, filter);
    return yield* readRules(() => listed(getRule, filter), filter);
  },

  /** Sets the counters and quotas of rules back to zero: of all, or of those of a family, table or chain. Needs Linux 6.2. @returns the rules as they were */
  *reset(filter: RuleFilter = {}): Program<Rule[]> {
    checkFilter(filter);
    const rules = yield* reset(filter);
    // they cannot be listed again: what is in a set that went meanwhile stays `{ kernel }`
    return filter.statements === true ? withStatements(rules, yield* setsForReading(filter), yield* rulesBrought(rules, filter)) : rules;
  },

  /** One rule. @throws NetlinkError `ENOENT` when there is none */
  *get(rule: RuleRef, options: GetRuleOptions = {}): Program<Rule> {
    checkOptions(options, ['statements']);
    checkBoolean(options.statements, 'statements');
    const value = { ...ruleKey(rule), handle: checkHandle(rule.handle, 'handle') };
    function* one(): Program<Rule[]> {
      return [ruleFromWire(yield* ask({ operation: getRule, flags: 0, value, expects: 'reply', subject: describeRule(rule) }))];
    }
    return first(options.statements === true ? yield* readRules(one, rule) : yield* one());
  },

  /** Appends a rule to its chain, or puts it behind or ahead of another. @throws NetlinkError; NotFoundError when there is none at `index` */
  *add(rule: RuleInput, options: AddRuleOptions = {}): Program<Rule> {
    return yield* make(change.rules.add, rule, options);
  },

  /** Puts a rule at the start of its chain, or ahead of or behind another. @throws as {@link add} */
  *insert(rule: RuleInput, options: AddRuleOptions = {}): Program<Rule> {
    return yield* make(change.rules.insert, rule, options);
  },

  /** Puts a rule in the place of the one with this handle. The new one has another. @throws NetlinkError `ENOENT` when there is none */
  *replace(handle: bigint, rule: RuleInput, options: ReplaceRuleOptions = {}): Program<Rule> {
    checkOptions(options, ['statements']);
    return first((yield* transaction([change.rules.replace(handle, rule)], reading(options))).rules);
  },

  /** Deletes a rule. @throws NetlinkError `ENOENT` when there is none */
  *delete(rule: RuleRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.rules.delete(rule)]);
  },

  /** Deletes a rule, if it is there. */
  *ensureAbsent(rule: RuleRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.rules.delete(rule));
  },

  /** The same, by the name it has in nft(8). */
  *destroy(rule: RuleRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.rules.delete(rule));
  },

  /** Deletes all rules of a chain. @throws NetlinkError `ENOENT` when there is no such chain */
  *flush(place: RulePlace, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.rules.flush(place)]);
  },
};

function checkFilter(filter: RuleFilter): void {
  checkOptions(filter, ['family', 'table', 'chain', 'statements']);
  checkBoolean(filter.statements, 'statements');
}

function reading({ statements }: { readonly statements?: boolean }): { statements?: boolean } {
  return statements === undefined ? {} : { statements };
}

function* make(maker: typeof change.rules.add, rule: RuleInput, options: AddRuleOptions): Program<Rule> {
  checkOptions(options, ['before', 'after', 'index', 'statements']);
  const { index, ...position } = options;
  if (index === undefined) return first((yield* transaction([maker(rule, position)], reading(options))).rules);
  checking('index', () => checkInteger(index, 0, 0xffffffff));
  if (position.before !== undefined || position.after !== undefined)
    throw new InputError('index', 'give this, or `before`, or `after`: one of them');
  // what is wrong with the rule is said before anything is read
  maker(rule);
  return yield* retrying(function* (generation) {
    const { handle } = yield* ruleAt(rule, index);
    const made = maker(rule, maker === change.rules.add ? { after: handle } : { before: handle });
    return first((yield* transaction([made], { ...reading(options), generation })).rules);
  });
}

/** The rule at a place of a chain. @throws NotFoundError */
function* ruleAt({ family, table, chain }: RulePlace, index: number): Program<Rule> {
  const rule = (yield* listed(getRule, { family, table, chain }))[index];
  if (rule === undefined) throw new NotFoundError('index', `rule ${index} of chain ${family} ${table} ${chain}`, 'ENOENT');
  return rule;
}

function first(rules: readonly Rule[]): Rule {
  const [rule] = rules;
  if (rule === undefined) throw new MalformedMessageError('NFT_MSG_NEWRULE', 0, 'the rule that was made (NLM_F_ECHO)');
  return rule;
}
