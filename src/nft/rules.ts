/** What can be done with rules. Every method that changes something is a transaction of its own. */
import { MalformedMessageError } from '../netlink/errors.ts';
import { ask, type CallOptions, type Program } from '../netlink/program.ts';
import { ensureAbsent } from './absent.ts';
import { change } from './change/change.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import { checkOptions } from './options.ts';
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
import { type TransactionResult, transaction } from './transaction.ts';

export interface RuleFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
  /** Name of the table. Default: all. */
  table?: string;
  /** Name of the chain. Default: all. */
  chain?: string;
}

/** Options of {@link rulePrograms.add} and {@link rulePrograms.insert}. */
export interface AddRuleOptions extends CallOptions {
  /** Handle of the rule to go before. Not with `after`. */
  before?: bigint;
  /** Handle of the rule to go after. Not with `before`. */
  after?: bigint;
}

function* listed(operation: typeof getRule, filter: RuleFilter): Program<Rule[]> {
  checkOptions(filter, ['family', 'table', 'chain']);
  const value: { family?: number; table?: string; chain?: string } = {};
  if (filter.family !== undefined) value.family = familyNumber(filter.family);
  if (filter.table !== undefined) value.table = filter.table;
  if (filter.chain !== undefined) value.chain = filter.chain;
  const found = yield* ask({ operation, flags: 0, value, expects: 'dump', subject: 'rules' });
  // the kernel filters by chain only together with a table
  return found.filter((wire) => filter.chain === undefined || wire.chain === filter.chain).map(ruleFromWire);
}

export const rulePrograms = {
  /** All rules, or those of a family, table or chain, in the order the kernel runs them. A table or chain that does not exist has none. */
  *list(filter: RuleFilter = {}): Program<Rule[]> {
    return yield* listed(getRule, filter);
  },

  /** Sets the counters and quotas of rules back to zero: of all, or of those of a family, table or chain. Needs Linux 6.2. @returns the rules as they were */
  *reset(filter: RuleFilter = {}): Program<Rule[]> {
    return yield* listed(resetRules, filter);
  },

  /** One rule. @throws NetlinkError `ENOENT` when there is none */
  *get(rule: RuleRef, _options?: CallOptions): Program<Rule> {
    const value = { ...ruleKey(rule), handle: checkHandle(rule.handle, 'handle') };
    return ruleFromWire(yield* ask({ operation: getRule, flags: 0, value, expects: 'reply', subject: describeRule(rule) }));
  },

  /** Appends a rule to its chain, or puts it behind or ahead of another. @throws NetlinkError */
  *add(rule: RuleInput, options: AddRuleOptions = {}): Program<Rule> {
    checkOptions(options, ['before', 'after']);
    return created(yield* transaction([change.rules.add(rule, options)]));
  },

  /** Puts a rule at the start of its chain, or ahead of or behind another. @throws NetlinkError */
  *insert(rule: RuleInput, options: AddRuleOptions = {}): Program<Rule> {
    checkOptions(options, ['before', 'after']);
    return created(yield* transaction([change.rules.insert(rule, options)]));
  },

  /** Puts a rule in the place of the one with this handle. The new one has another. @throws NetlinkError `ENOENT` when there is none */
  *replace(handle: bigint, rule: RuleInput, _options?: CallOptions): Program<Rule> {
    return created(yield* transaction([change.rules.replace(handle, rule)]));
  },

  /** Deletes a rule. @throws NetlinkError `ENOENT` when there is none */
  *delete(rule: RuleRef, _options?: CallOptions): Program<void> {
    yield* transaction([change.rules.delete(rule)]);
  },

  /** Deletes a rule, if it is there. */
  *ensureAbsent(rule: RuleRef, _options?: CallOptions): Program<void> {
    yield* ensureAbsent(change.rules.delete(rule));
  },

  /** The same, by the name it has in nft(8). */
  *destroy(rule: RuleRef, _options?: CallOptions): Program<void> {
    yield* ensureAbsent(change.rules.delete(rule));
  },

  /** Deletes all rules of a chain. @throws NetlinkError `ENOENT` when there is no such chain */
  *flush(place: RulePlace, _options?: CallOptions): Program<void> {
    yield* transaction([change.rules.flush(place)]);
  },
};

function created({ rules }: TransactionResult): Rule {
  const rule = rules[0];
  if (rule === undefined) throw new MalformedMessageError('NFT_MSG_NEWRULE', 0, 'the rule that was made (NLM_F_ECHO)');
  return rule;
}
