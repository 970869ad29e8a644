/** Changes of rules. */
import { InputError } from '../../netlink/errors.ts';
import { checked } from '../../netlink/input.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { show } from '../../netlink/scalar.ts';
import { anonymousSetRequests } from '../anonymous-set.ts';
import { describeChain } from '../chain.ts';
import { acceptable } from '../expressions/acceptable.ts';
import type { Expression } from '../expressions/expression.ts';
import type { LinearRule } from '../linearize/linear-rule.ts';
import { linearize } from '../linearize/linearize.ts';
import { checking } from '../options.ts';
import {
  checkHandle,
  deleteRule,
  describeRule,
  destroyRule,
  newPackedRule,
  type PackedRuleRequest,
  pack,
  type RuleInput,
  type RuleOfExpressions,
  type RulePlace,
  type RuleRef,
  ruleKey,
  ruleToWire,
} from '../rule.ts';
import { blockChains, blockRules, withChainId } from './blocks.ts';
import { type Change, checkObject, nextId, type PendingChange } from './shared.ts';

/** A rule that is made, which others of the same transaction can be put beside. */
export interface RuleChange extends Change {
  /** The rule's number within its transaction (NFTA_RULE_ID). */
  readonly identify: () => number;
}

/** Where among the rules of its chain a new one goes: beside the one of a handle, or one made before in the same transaction. At most one of the two. */
export interface RulePosition {
  /** The rule to go before. */
  readonly before?: bigint | RuleChange;
  /** The rule to go after. */
  readonly after?: bigint | RuleChange;
}

/** Closures would keep the rule's own objects, which are as large as the rest: a class does not. */
class NewRule implements RuleChange {
  readonly requests: readonly Request[];
  readonly pending?: PendingChange;
  /** Shared by the requests that make the rule, before and after sets are known. */
  readonly #value: { id?: number };

  constructor(requests: readonly Request[], value: { id?: number }, pending?: PendingChange) {
    this.requests = requests;
    this.#value = value;
    if (pending !== undefined) this.pending = pending;
  }

  identify(): number {
    this.#value.id ??= nextId();
    return this.#value.id;
  }
}

/** `place`: attributes that say where the rule goes. */
function newRuleChange(rule: RuleInput, flags: number, place: RuleAttributesOfPlace, subject: string): RuleChange {
  const value: PackedRuleRequest = Object.assign(ruleToWire(rule), place);
  const { family, table, statements } = rule;
  if (statements === undefined) return new NewRule(requestsFor(rule, rule as RuleOfExpressions, flags, value, subject), value);
  for (const other of ['expressions', 'sets', 'blocks'] as const)
    if (rule[other] !== undefined && (other !== 'expressions' || rule.handle === undefined))
      throw new InputError(other, 'give this or `statements`, not both');
  const linear = checked('statements', linearized, rule);
  const requests = requestsFor(rule, linear, flags, value, subject);
  if (linear.unknownSets === undefined) return new NewRule(requests, value);
  return new NewRule(requests, value, {
    sets: linear.unknownSets.map((name) => ({ family, table, name })),
    settle: (sets) => {
      const settled = checking('statements', () => linearize(family, statements, { sets }));
      return requestsFor(rule, settled, flags, value, subject);
    },
  });
}

function linearized({ family, statements }: RuleInput): LinearRule {
  return linearize(family, statements!);
}

type RuleAttributesOfPlace = Pick<PackedRuleRequest, 'handle' | 'position' | 'positionId'>;
type Linear = Pick<RuleOfExpressions, 'expressions' | 'sets' | 'blocks'>;

function requestsFor(
  { family, table, chain }: RulePlace,
  { expressions, sets, blocks }: Linear,
  flags: number,
  value: PackedRuleRequest,
  subject: string,
): Request[] {
  if (!Array.isArray(expressions))
    throw new InputError('expressions', `expected an array, got ${show(expressions)}`, 'ERR_INVALID_ARG_TYPE');
  const made: Request = { operation: newPackedRule, flags, value, expects: 'echo', subject };
  if ((sets === undefined || sets.length === 0) && blocks === undefined) {
    value.expressions = pack(expressions.map(acceptable));
    return [made];
  }
  const requests: Request[] = [];
  const ids = new Map<number, number>();
  for (const set of sets ?? []) {
    const id = nextId();
    ids.set(set.id, id);
    requests.push(...anonymousSetRequests(set, id, family, table, subject));
  }
  const chainIds = new Map<number, number>();
  const place = { family, table, chain, ...(blocks === undefined ? {} : { blocks }) };
  requests.push(...blockChains(place, chainIds, subject));
  value.expressions = pack(expressions.map((given: Expression) => withChainId(withSetId(acceptable(given), ids), chainIds)));
  // ahead of the rule: a chain that a rule leads to already takes no more (EOPNOTSUPP)
  requests.push(...blockRules(place, chainIds, subject, (of) => withSetId(of, ids)), made);
  return requests;
}

/** The expression with the id that the set it looks into has in the transaction. */
function withSetId(expression: Expression, ids: ReadonlyMap<number, number>): Expression {
  if (expression.kind !== 'lookup' && expression.kind !== 'dynset' && expression.kind !== 'objref') return expression;
  const id = expression.data?.setId === undefined ? undefined : ids.get(expression.data.setId);
  return id === undefined ? expression : ({ ...expression, data: { ...expression.data, setId: id } } as Expression);
}

function position({ before, after }: RulePosition): { position?: bigint; positionId?: number } {
  if (before !== undefined && after !== undefined) throw new InputError('before', 'give this or `after`, not both');
  if (before !== undefined) return beside(before, 'before');
  return after === undefined ? {} : beside(after, 'after');
}

function beside(rule: bigint | RuleChange, argument: string): { position?: bigint; positionId?: number } {
  if (typeof rule === 'object' && rule !== null && typeof rule.identify === 'function') return { positionId: rule.identify() };
  return { position: checkHandle(rule, argument) };
}

function placeOf({ family, table, chain }: RulePlace): RulePlace {
  return { family, table, chain };
}

export const rules = {
  /** A rule at the end of its chain, or behind `after`, or ahead of `before`. */
  add: (rule: RuleInput, at: RulePosition = {}): RuleChange => {
    checkObject(rule, 'a rule');
    const flags = at.before === undefined ? NLM_F_CREATE | NLM_F_APPEND : NLM_F_CREATE;
    return newRuleChange(rule, flags, position(at), describeRule(placeOf(rule)));
  },
  /** A rule at the start of its chain, or ahead of `before`, or behind `after`. */
  insert: (rule: RuleInput, at: RulePosition = {}): RuleChange => {
    checkObject(rule, 'a rule');
    const flags = at.after === undefined ? NLM_F_CREATE : NLM_F_CREATE | NLM_F_APPEND;
    return newRuleChange(rule, flags, position(at), describeRule(placeOf(rule)));
  },
  /** Puts a rule in the place of the one that `handle` names. The new one has another handle. */
  replace: (handle: bigint, rule: RuleInput): RuleChange => {
    checkObject(rule, 'a rule');
    const place = { handle: checkHandle(handle, 'handle') };
    return newRuleChange(rule, NLM_F_REPLACE, place, describeRule({ ...placeOf(rule), handle }));
  },
  /** Deletes a rule; ENOENT if there is none. */
  delete: (rule: RuleRef): Change => ruleDeletion(rule, deleteRule),
  /** Deletes a rule, if there is one in the chain, which must exist; needs Linux 6.3. */
  destroy: (rule: RuleRef): Change => ruleDeletion(rule, destroyRule),
  /** Deletes all rules of a chain. */
  flush: (place: RulePlace): Change => {
    checkObject(place, 'a chain');
    const subject = `rules of ${describeChain({ family: place.family, table: place.table, name: place.chain })}`;
    return { requests: [{ operation: deleteRule, flags: 0, value: ruleKey(place), expects: 'ack', subject }] };
  },
};

function ruleDeletion(rule: RuleRef, operation: typeof deleteRule): Change {
  checkObject(rule, 'a rule');
  const value = { ...ruleKey(rule), handle: checkHandle(rule.handle, 'handle') };
  return { requests: [{ operation, flags: 0, value, expects: 'ack', subject: describeRule(rule) }] };
}
