/** From the expressions that the kernel lists to the statements that make them. */
import type { Expression } from '../expressions/expression.ts';
import { linearize } from '../linearize/linearize.ts';
import type { Family } from '../nfnetlink.ts';
import type { MatchStatement, Statement } from '../statements/statement.ts';
import { blocksAmong, type ChainRule } from './blocks.ts';
import { firstDifference, type Made } from './difference.ts';
import type { FilledSet } from './held.ts';
import { opaque } from './opaque.ts';
import { type Item, RuleReader } from './reader.ts';
import { TableSets } from './table-sets.ts';
import { unless } from './unless.ts';

/** A rule to read: what a listed one has. */
export interface ReadableRule {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table, to find sets by. */
  readonly table?: string;
  /** The kernel's instructions, in order. */
  readonly expressions: readonly Expression[];
}

/**
 * What a rule says, as the typed language would: `linearize(rule.family, readStatements(rule, sets))` makes the same expressions again. What a
 * match depends on is left out, as nft(8) leaves it out. What netloom cannot make out comes as `{ kernel }`, byte for byte: nothing is lost.
 *
 * `sets`: those of the rule's table, as `ruleset().sets` has them. Without those that the rule brought along, with their elements, its
 * lookups in them are `{ kernel }`. Named ones are needed, without elements, where maps give addresses with ports, and for lookups in sets of
 * intervals of integers of the machine's (`meta mark`).
 *
 * `rules`: those of the table, as `ruleset().rules` has them, of which those that the rule brought along (`jump { … }`) become part of it. Without
 * them it jumps to a chain with the name that the kernel gave.
 */
export function readStatements(rule: ReadableRule, sets: Iterable<FilledSet> = [], rules: Iterable<ChainRule> = []): Statement[] {
  const { family, table } = rule;
  const own = (of: { readonly family: Family; readonly table: string }): boolean =>
    of.family === family && (table === undefined || of.table === table);
  return statementsIn(family, rule.expressions, new TableSets([...sets].filter(own), blocksAmong([...rules].filter(own))));
}

/** The same, of a table whose sets were looked through before. */
export function statementsIn(family: Family, listed: readonly Expression[], sets: TableSets): Statement[] {
  const expressions = listed.map((expression) => withoutDefaults(expression, sets));
  const items = explicit(family, expressions, sets);
  if (items === undefined) return [opaque(listed, sets)];
  return implicit(family, expressions, items, sets) ?? statementsOf(items);
}

/** The time that elements of the set live anyway. */
function withoutDefaults(expression: Expression, sets: TableSets): Expression {
  if (expression.kind !== 'dynset' || expression.data?.set === undefined) return expression;
  const { timeout, ...data } = expression.data;
  if (timeout === undefined || (timeout !== 0 && timeout !== sets.timeoutOf(expression.data.set))) return expression;
  return { ...expression, data };
}

function statementsOf(items: readonly Item[]): Statement[] {
  return items.flatMap(({ statement }) => (statement === undefined ? [] : [statement]));
}

function remade(family: Family, statements: readonly Statement[], sets: TableSets): Made | undefined {
  return unless(() => linearize(family, statements, { sets: sets.known }));
}

/** Every statement said, those too that others depend on. Where they do not make what the kernel has, expressions are left as they are. */
function explicit(family: Family, expressions: readonly Expression[], sets: TableSets): Item[] | undefined {
  const closed = new Set<number>();
  // other programs than nft(8) compare other fields at once
  let apart = false;
  for (let attempt = 0; attempt <= expressions.length + 1; attempt++) {
    const reader = new RuleReader(family, sets, statementsIn, apart);
    const items = reader.read(expressions, closed);
    const done = (): Item[] => (apart ? joining(family, expressions, items, sets) : items);
    // what was read was said to the linearizer one by one: nearly always that is it
    if (firstDifference(expressions, reader.scope.finish(), sets) === undefined) return done();
    const made = remade(family, statementsOf(items), sets);
    const difference = made === undefined ? undefined : firstDifference(expressions, made, sets);
    if (made !== undefined && difference === undefined) return done();
    if (!apart) {
      apart = true;
      continue;
    }
    if (difference === undefined) return undefined;
    const wrong = items.find(({ from, to }) => from <= difference && difference < to);
    // what differs is as it was: something around it is wrong
    const culprit = wrong?.opaque === true ? items.findLast(({ opaque: kept, from }) => !kept && from < wrong.from) : wrong;
    if (culprit === undefined || closed.has(culprit.from)) return undefined;
    closed.add(culprit.from);
  }
  return undefined;
}

/** The items without saying of matches what they are compared with, wherever that comes about by itself. */
function joining(family: Family, expressions: readonly Expression[], items: readonly Item[], sets: TableSets): Item[] {
  const marked = items.flatMap(({ statement }, i) => (mergeOf(statement) === undefined ? [] : [i]));
  const without = (of: readonly Item[], unmarked: readonly number[]): Item[] | undefined => {
    const result = [...of];
    for (const i of unmarked) result[i] = { ...of[i]!, statement: unmerged(of[i]!.statement as MatchStatement) };
    const made = remade(family, statementsOf(result), sets);
    return made !== undefined && firstDifference(expressions, made, sets) === undefined ? result : undefined;
  };
  return without(items, marked) ?? marked.reduce((sum, i) => without(sum, [i]) ?? sum, [...items]);
}

function mergeOf(statement: Statement | undefined): boolean | undefined {
  return statement !== undefined && 'match' in statement ? statement.match.merge : undefined;
}

function unmerged({ match: { merge: _, ...match } }: MatchStatement): MatchStatement {
  return { match };
}

/** The statements without those that others bring along; undefined: none of them can be left out. */
function implicit(family: Family, expressions: readonly Expression[], items: readonly Item[], sets: TableSets): Statement[] | undefined {
  const needed = items.findLastIndex(({ needing }) => needing);
  const candidates = items.filter(({ dependency, statement }, i) => dependency && statement !== undefined && i < needed);
  if (candidates.length === 0) return undefined;
  const without = (left: ReadonlySet<Item>): Statement[] | undefined => {
    const statements = statementsOf(items.filter((item) => !left.has(item)));
    const made = remade(family, statements, sets);
    return made !== undefined && firstDifference(expressions, made, sets) === undefined ? statements : undefined;
  };
  const all = without(new Set(candidates));
  if (all !== undefined || candidates.length === 1) return all;
  // one after another, those first that need others themselves
  const left = new Set<Item>();
  let result: Statement[] | undefined;
  for (const candidate of candidates.reverse()) {
    const statements = without(new Set([...left, candidate]));
    if (statements === undefined) continue;
    left.add(candidate);
    result = statements;
  }
  return result;
}
