/** The whole ruleset at one moment. */
import { DumpInterruptedError } from '../netlink/errors.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import type { Chain } from './chain.ts';
import { chainPrograms } from './chains.ts';
import { change } from './change/change.ts';
import { elementPrograms } from './elements.ts';
import type { Flowtable } from './flowtable.ts';
import { flowtablePrograms } from './flowtables.ts';
import { generation } from './generation.ts';
import { isMissing } from './missing.ts';
import type { Family } from './nfnetlink.ts';
import type { NftObject } from './object.ts';
import { objectPrograms } from './objects.ts';
import { checkBoolean, checkOptions } from './options.ts';
import { withStatements } from './read-rules.ts';
import type { Rule } from './rule.ts';
import { rulePrograms } from './rules.ts';
import type { NftSet } from './set-definition.ts';
import type { Element } from './set-elements.ts';
import { setPrograms } from './sets.ts';
import type { Table } from './table.ts';
import { tablePrograms } from './tables.ts';
import { transaction } from './transaction.ts';

export interface RulesetOptions extends CallOptions {
  /** Default: all. */
  family?: Family;
}

/** Options of {@link ruleset}. */
export interface ReadRulesetOptions extends RulesetOptions {
  /** Whether rules have `statements` too: what they say. Default: false. */
  statements?: boolean;
}

/** Everything that nf_tables has in a namespace, all of one generation. */
export interface Ruleset {
  /** What to give a transaction as `generation` so that it fails if the ruleset has changed since. */
  generation: number;
  /** All tables. */
  tables: Table[];
  /** All chains. */
  chains: Chain[];
  /** All rules, in the order of their chains. */
  rules: Rule[];
  /** Sets and maps with a name, and those that rules brought along, with their elements. */
  sets: (NftSet & { elements: Element[] })[];
  /** All named objects. */
  objects: NftObject[];
  /** All flowtables. */
  flowtables: Flowtable[];
}

const attempts = 10;

/** Everything there is, all of one generation. @throws DumpInterruptedError when it changed during each of ten readings */
export function* ruleset(options: ReadRulesetOptions = {}): Program<Ruleset> {
  checkOptions(options, ['family', 'statements']);
  checkBoolean(options.statements, 'statements');
  const filter = options.family === undefined ? {} : { family: options.family };
  let before = yield* generation();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const tables = yield* tablePrograms.list(filter);
    const chains = yield* chainPrograms.list(filter);
    const rules = yield* rulePrograms.list(filter);
    const objects = yield* objectPrograms.list(filter);
    const flowtables = yield* flowtablePrograms.list(filter);
    const sets = yield* filledSets(filter);
    const after = yield* generation();
    if (before === after && sets !== undefined) {
      const read = options.statements === true ? withStatements(rules, sets) : rules;
      return { generation: after, tables, chains, rules: read, sets, objects, flowtables };
    }
    before = after;
  }
  throw new DumpInterruptedError('ruleset', attempts);
}

/** Deletes all tables with all they hold, or those of one family. Tables of other owners stay. */
export function* flush(options: RulesetOptions = {}): Program<void> {
  checkOptions(options, ['family']);
  yield* transaction([change.ruleset.flush(options.family)]);
}

/** Sets with their elements; undefined when one of them went meanwhile. */
function* filledSets(filter: { family?: Family }): Program<Ruleset['sets'] | undefined> {
  const filled: Ruleset['sets'] = [];
  try {
    for (const set of yield* setPrograms.list({ ...filter, anonymous: true }))
      filled.push({ ...set, elements: yield* elementPrograms.list(set) });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return filled;
}
