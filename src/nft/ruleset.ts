/** The whole ruleset at one moment. */
import { DumpInterruptedError } from '../netlink/errors.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import type { Chain } from './chain.ts';
import { chainPrograms } from './chains.ts';
import { generation } from './generation.ts';
import type { Family } from './nfnetlink.ts';
import { checkOptions } from './options.ts';
import type { Rule } from './rule.ts';
import { rulePrograms } from './rules.ts';
import type { Table } from './table.ts';
import { tablePrograms } from './tables.ts';

export interface RulesetOptions extends CallOptions {
  /** Default: all. */
  family?: Family;
}

export interface Ruleset {
  /** What to give a transaction as `generation` so that it fails if the ruleset has changed since. */
  generation: number;
  tables: Table[];
  chains: Chain[];
  rules: Rule[];
}

const attempts = 10;

/** Tables, chains and rules, all of one generation. @throws DumpInterruptedError when it changed during each of ten readings */
export function* ruleset(options: RulesetOptions = {}): Program<Ruleset> {
  checkOptions(options, ['family']);
  const filter = options.family === undefined ? {} : { family: options.family };
  let before = yield* generation();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const tables = yield* tablePrograms.list(filter);
    const chains = yield* chainPrograms.list(filter);
    const rules = yield* rulePrograms.list(filter);
    const after = yield* generation();
    if (before === after) return { generation: after, tables, chains, rules };
    before = after;
  }
  throw new DumpInterruptedError('ruleset', attempts);
}
