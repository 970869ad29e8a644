/**
 * Rules that netloom makes on somebody's behalf and finds again by a key they carry. They are made once, however often
 * they are asked for; when the last one goes, so do the chain and the table that were made for them.
 */
import { InputError } from '../netlink/errors.ts';
import { askEach, type Outcome, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { type Chain, chainFromWire, chainKey, describeChain, getChain } from './chain.ts';
import { type Change, change } from './change/change.ts';
import { generation } from './generation.ts';
import type { LinearRule } from './linearize/linear-rule.ts';
import { isMissing } from './missing.ts';
import type { Family } from './nfnetlink.ts';
import { ownerEntry, ownerKey } from './owner.ts';
import { isOvertaken } from './retry.ts';
import type { Rule, RulePlace } from './rule.ts';
import { rulePrograms } from './rules.ts';
import { getSet } from './set.ts';
import { describeTable, getTable, tableFromWire, tableKey } from './table.ts';
import { listInTable } from './table-filter.ts';
import { transaction } from './transaction.ts';

/** Names rules that were made: plain data, to be kept in a file or handed to another process, and given back to remove them. */
export interface OwnedRules {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the chain. */
  readonly chain: string;
  /** Handles of the rules, in decimal (JSON has no bigint). */
  readonly handles: readonly string[];
  /** What the rules carry in their user data. */
  readonly key: string;
}

/** Rules that are wanted. */
export interface WantedRules {
  /** A base chain; made, with its table, if it is not there. */
  readonly chain: Chain;
  readonly key: string;
  readonly rules: readonly (LinearRule & { readonly comment?: string })[];
}

/** The mark of tables and chains. */
const containerKey = 'container';

/**
 * Readings of the ruleset that may be overtaken by other changes. After that the work is done in a way that does not
 * depend on the ruleset standing still: a machine that changes it all the time must not starve us.
 */
const guardedAttempts = 4;
const sweepAttempts = 64;

/** Makes the rules unless they are there. @throws NetlinkError */
export function* ensureOwned(want: WantedRules): Program<OwnedRules> {
  const place: RulePlace = { family: want.chain.family, table: want.chain.table, chain: want.chain.name };
  for (let attempt = 1; attempt <= guardedAttempts; attempt++) {
    const guard = yield* generation();
    const found = yield* owned(place, want.key);
    if (found.length === want.rules.length) return record(place, want.key, found);
    // some of them were deleted by somebody: what is left makes way for the whole
    const changes = [...deletions(found), ...additions(want, place)];
    try {
      const made = yield* transaction(changes, { generation: guard });
      return record(place, want.key, made.rules);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
  }
  return yield* ensureUnguarded(want, place);
}

/**
 * Adds first and looks then. Whoever did the same at the same time sees both sets of rules too, and all keep the one with
 * the lowest handles, which the kernel gives out in order.
 */
function* ensureUnguarded(want: WantedRules, place: RulePlace): Program<OwnedRules> {
  const found = yield* owned(place, want.key);
  if (found.length === want.rules.length) return record(place, want.key, found);
  const made = yield* transaction(additions(want, place));
  const all = (yield* owned(place, want.key)).sort((a, b) => (a.handle < b.handle ? -1 : 1));
  const first = all.slice(0, want.rules.length);
  if (first.length < want.rules.length || first.every(({ handle }) => made.rules.some((rule) => rule.handle === handle)))
    return record(place, want.key, made.rules);
  try {
    yield* transaction(deletions(made.rules));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return record(place, want.key, first);
}

function additions(want: WantedRules, place: RulePlace): Change[] {
  const mark = [ownerEntry(containerKey)];
  return [
    change.tables.ensure({ family: place.family, name: place.table, userdata: mark }),
    // without a policy: a chain that is there keeps its own, and the default is accept
    change.chains.ensure({ ...want.chain, userdata: mark }),
    ...want.rules.map(({ expressions, sets, comment }) =>
      change.rules.add({ ...place, expressions, sets, userdata: [ownerEntry(want.key)], ...(comment === undefined ? {} : { comment }) }),
    ),
  ];
}

function* owned(place: RulePlace, key: string): Program<Rule[]> {
  return (yield* rulePrograms.list({ ...place })).filter((rule) => ownerKey(rule.userdata) === key);
}

function record(place: RulePlace, key: string, rules: readonly Rule[]): OwnedRules {
  return { ...place, handles: rules.map((rule) => String(rule.handle)), key };
}

/**
 * Removes rules that {@link ensureOwned} made. Those that are gone, or whose handle is another rule's by now, are passed
 * over. The chain goes with its last rule and the table with its last chain, if they were made for such rules.
 *
 * @throws InputError naming `handle` when it is no such record
 * @throws NetlinkError
 */
export function* removeOwned(handle: OwnedRules): Program<void> {
  checkRecord(handle);
  const place: RulePlace = { family: handle.family, table: handle.table, chain: handle.chain };
  for (let attempt = 1; attempt <= guardedAttempts; attempt++) {
    const guard = yield* generation();
    const present = yield* rulePrograms.list({ ...place });
    const mine = present.filter((rule) => isNamed(rule, handle));
    if (mine.length === 0) return;
    const emptied = mine.length === present.length ? yield* emptyContainers(place) : [];
    if (yield* unlessOvertaken([...deletions(mine), ...emptied], guard)) return;
  }
  yield* removeUnguarded(handle, place);
  yield* sweep(place);
}

function isNamed(rule: Rule, { handles, key }: OwnedRules): boolean {
  return handles.includes(String(rule.handle)) && ownerKey(rule.userdata) === key;
}

function deletions(rules: readonly Rule[]): Change[] {
  return rules.map((rule) => change.rules.delete(rule));
}

/** @returns false when the ruleset is not of the generation `guard` any more */
function* unlessOvertaken(changes: readonly Change[], guard: number): Program<boolean> {
  try {
    yield* transaction(changes, { generation: guard });
    return true;
  } catch (error) {
    if (isOvertaken(error)) return false;
    throw error;
  }
}

function* removeUnguarded(handle: OwnedRules, place: RulePlace): Program<void> {
  for (;;) {
    const mine = (yield* rulePrograms.list({ ...place })).filter((rule) => isNamed(rule, handle));
    try {
      yield* transaction(deletions(mine));
      return;
    } catch (error) {
      // somebody else deleted one of them in between: look again what is left
      if (!isMissing(error)) throw error;
    }
  }
}

/** Deletes the chain, and the table, if they are empty. Gives up on a ruleset that never stands still: an empty chain does no harm. */
function* sweep(place: RulePlace): Program<void> {
  for (let attempt = 1; attempt <= sweepAttempts; attempt++) {
    const guard = yield* generation();
    if ((yield* rulePrograms.list({ ...place })).length > 0) return;
    if (yield* unlessOvertaken(yield* emptyContainers(place), guard)) return;
  }
}

/** What deletes the chain, and the table, that hold nothing but the rules that are about to go. */
function* emptyContainers(place: RulePlace): Program<Change[]> {
  const { family } = place;
  const chainRef = { family, table: place.table, name: place.chain };
  const tableRef = { family, name: place.table };
  const [chainAnswer, tableAnswer] = yield* askEach([
    { operation: getChain, flags: 0, value: chainKey(chainRef), expects: 'reply', subject: describeChain(chainRef) },
    { operation: getTable, flags: 0, value: tableKey(tableRef), expects: 'reply', subject: describeTable(tableRef) },
  ]);
  if (!chainAnswer.ok || !tableAnswer.ok) return nothingUnless(chainAnswer, tableAnswer);
  const chain = chainFromWire(chainAnswer.value);
  const table = tableFromWire(tableAnswer.value);
  if (ownerKey(chain.userdata) !== containerKey) return [];
  const changes = [change.chains.delete(chainRef)];
  if (ownerKey(table.userdata) !== containerKey) return changes;
  // the table counts what it holds; anonymous sets among that go with their rules, and all rules are ours
  const sets = yield* listInTable(getSet, { family, table: place.table }, `sets of ${describeTable(tableRef)}`);
  const anonymous = sets.filter((set) => set.flags?.includes('anonymous') === true);
  if (table.use !== undefined && table.use <= 1 + anonymous.length) changes.push(change.tables.delete(tableRef));
  return changes;
}

/** What is missing went in between: the generation tells when the transaction is sent. */
function nothingUnless(...answers: Outcome<unknown>[]): Change[] {
  for (const answer of answers) if (!answer.ok && !isMissing(answer.error)) throw answer.error;
  return [];
}

function checkRecord(handle: unknown): asserts handle is OwnedRules {
  const { family, table, chain, handles, key } = (typeof handle === 'object' && handle !== null ? handle : {}) as Partial<
    Record<keyof OwnedRules, unknown>
  >;
  const texts = [family, table, chain, key].every((member) => typeof member === 'string');
  if (!texts || !Array.isArray(handles) || !handles.every((member) => typeof member === 'string')) {
    throw new InputError('handle', `expected what masquerade or forwardAccept returned, got ${show(handle)}`, 'ERR_INVALID_ARG_TYPE');
  }
}
