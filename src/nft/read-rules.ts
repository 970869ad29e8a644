/** Rules with what they say: the sets of their tables are read beside them. */
import { DumpInterruptedError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import { type FilledSet, isAnonymous } from './delinearize/held.ts';
import { statementsIn } from './delinearize/read-statements.ts';
import { TableSets } from './delinearize/table-sets.ts';
import { elementPrograms } from './elements.ts';
import { generation } from './generation.ts';
import { isMissing } from './missing.ts';
import type { Family } from './nfnetlink.ts';
import type { Rule } from './rule.ts';
import { setPrograms } from './sets.ts';

/** Whose sets are to be read. */
interface InTable {
  readonly family?: Family | undefined;
  readonly table?: string | undefined;
}

/** The rules with their `statements`. `sets`: all that those of their tables are. */
export function withStatements(rules: readonly Rule[], sets: readonly FilledSet[]): Rule[] {
  const byTable = new Map<string, FilledSet[]>();
  for (const set of sets) {
    const key = tableOf(set);
    const known = byTable.get(key);
    if (known === undefined) byTable.set(key, [set]);
    else known.push(set);
  }
  const tables = new Map<string, TableSets>();
  return rules.map((rule) => {
    const key = tableOf(rule);
    const known = tables.get(key) ?? new TableSets(byTable.get(key) ?? []);
    tables.set(key, known);
    return { ...rule, statements: statementsIn(rule.family, rule.expressions, known) };
  });
}

function tableOf({ family, table }: { readonly family: Family; readonly table: string }): string {
  return `${family}\0${table}`;
}

/** Sets with what those that rules brought along hold. One that goes meanwhile is left out. */
export function* setsForReading({ family, table }: InTable): Program<FilledSet[]> {
  const filter = { ...(family === undefined ? {} : { family }), ...(table === undefined ? {} : { table }) };
  const sets: FilledSet[] = [];
  for (const set of yield* setPrograms.list({ ...filter, anonymous: true })) {
    try {
      sets.push(isAnonymous(set) ? { ...set, elements: yield* elementPrograms.list(set) } : set);
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
    const after = yield* generation();
    if (before === after) return withStatements(rules, sets);
    before = after;
  }
  throw new DumpInterruptedError('rules', attempts);
}
