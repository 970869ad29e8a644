/** Rules with what they say: the sets of their tables are read beside them. */
import { DumpInterruptedError } from '../netlink/errors.ts';
import { ask, type Program } from '../netlink/program.ts';
import { chainFromWire, getChain } from './chain.ts';
import { blocksAmong, chainBroughtBy, isBroughtAlong } from './delinearize/blocks.ts';
import { type FilledSet, isAnonymous } from './delinearize/held.ts';
import { statementsIn } from './delinearize/read-statements.ts';
import { TableSets } from './delinearize/table-sets.ts';
import { getElements } from './element.ts';
import { generation } from './generation.ts';
import { isMissing } from './missing.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import { getRule, type Rule, ruleFromWire } from './rule.ts';
import { getSet } from './set.ts';
import { describeSet, type NftSet, setFromWire } from './set-definition.ts';
import { type Element, elementLayout, elementsFromWire } from './set-elements.ts';
import { listInTable } from './table-filter.ts';

/** Whose sets are to be read. */
interface InTable {
  readonly family?: Family | undefined;
  readonly table?: string | undefined;
}

/** The rules with their `statements`. `sets`: all that those of their tables are. `brought`: rules that they may have brought along. */
export function withStatements(rules: readonly Rule[], sets: readonly FilledSet[], brought: readonly Rule[] = rules): Rule[] {
  const [setsOf, blocksOf] = [byTable(sets), byTable(brought.filter(({ chain }) => isBroughtAlong(chain)))];
  const tables = new Map<string, TableSets>();
  return rules.map((rule) => {
    const key = tableOf(rule);
    const known = tables.get(key) ?? new TableSets(setsOf.get(key) ?? [], blocksAmong(blocksOf.get(key) ?? []));
    tables.set(key, known);
    return { ...rule, statements: statementsIn(rule.family, rule.expressions, known) };
  });
}

interface OfTable {
  readonly family: Family;
  readonly table: string;
}

function tableOf({ family, table }: OfTable): string {
  return `${family}\0${table}`;
}

function byTable<T extends OfTable>(all: readonly T[]): ReadonlyMap<string, T[]> {
  const found = new Map<string, T[]>();
  for (const each of all) {
    const key = tableOf(each);
    const known = found.get(key);
    if (known === undefined) found.set(key, [each]);
    else known.push(each);
  }
  return found;
}

/** Whether one of the rules brought others along. */
export function bringsAlong(rules: readonly Rule[]): boolean {
  return rules.some(({ expressions }) => expressions.some((expression) => chainBroughtBy(expression) !== undefined));
}

/** Rules of a table that others brought along; all, where they are among these. */
export function* rulesBrought(rules: readonly Rule[], { family, table }: InTable): Program<readonly Rule[]> {
  if (!bringsAlong(rules) || rules.some(({ chain }) => isBroughtAlong(chain))) return rules;
  // of a table's name alone, the kernel would tell the rules of the first that has it
  const value = family === undefined ? {} : { family: familyNumber(family), ...(table === undefined ? {} : { table }) };
  return (yield* ask({ operation: getRule, flags: 0, value, expects: 'dump', subject: 'rules' })).map(ruleFromWire);
}

/** All rules that others brought along. Those of a table that goes meanwhile are left out. */
export function* rulesOfBlocks(): Program<Rule[]> {
  const rules: Rule[] = [];
  for (const { family, table, name } of (yield* listInTable(getChain, {}, 'chains')).map(chainFromWire)) {
    if (!isBroughtAlong(name)) continue;
    const value = { family: familyNumber(family), table, chain: name };
    try {
      rules.push(...(yield* ask({ operation: getRule, flags: 0, value, expects: 'dump', subject: `rules of ${name}` })).map(ruleFromWire));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return rules;
}

/** What a set holds that never changes: one listing is whole. */
function* elementsOf(set: NftSet): Program<Element[]> {
  const value = { family: familyNumber(set.family), table: set.table, set: set.name };
  const found = yield* ask({ operation: getElements, flags: 0, value, expects: 'dump', subject: `elements of ${describeSet(set)}` });
  return elementsFromWire(
    elementLayout(set),
    found.flatMap(({ elements = [] }) => elements),
  );
}

/** Sets with what those that rules brought along hold. One that goes meanwhile is left out. */
export function* setsForReading({ family, table }: InTable): Program<FilledSet[]> {
  const filter = { ...(family === undefined ? {} : { family }), ...(table === undefined ? {} : { table }) };
  const sets: FilledSet[] = [];
  for (const set of (yield* listInTable(getSet, filter, 'sets')).map(setFromWire)) {
    try {
      sets.push(isAnonymous(set) ? { ...set, elements: yield* elementsOf(set) } : set);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return sets;
}

const attempts = 10;

/** What `list` lists, with statements; again, if the ruleset changed meanwhile. @throws DumpInterruptedError when it changed each of ten times */
export function* readRules(list: () => Program<Rule[]>, from: InTable): Program<Rule[]> {
  let before = yield* generation();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const rules = yield* list();
    const sets = yield* setsForReading(from);
    const brought = yield* rulesBrought(rules, from);
    const after = yield* generation();
    if (before === after) return withStatements(rules, sets, brought);
    before = after;
  }
  throw new DumpInterruptedError('rules', attempts);
}
