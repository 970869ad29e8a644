/** Changes of the ruleset as plain data: what a transaction is made of. */

import { type Family, familyNumber } from '../nfnetlink.ts';
import { deleteTable } from '../table.ts';
import { chains } from './chains.ts';
import { elements } from './elements.ts';
import { flowtables } from './flowtables.ts';
import { objects } from './objects.ts';
import { rules } from './rules.ts';
import { sets } from './sets.ts';
import { type Change, plain } from './shared.ts';
import { tables } from './tables.ts';

export type { RuleChange, RulePosition } from './rules.ts';
export type { Change } from './shared.ts';

const ruleset = {
  /** Deletes all tables with all they hold, or those of one family. Tables of other owners stay. */
  flush: (family?: Family): Change => plain(deleteTable, family === undefined ? {} : { family: familyNumber(family) }, 'ruleset'),
};

/** Makes changes: `change.rules.add({ … })`. They say what to do and do nothing; a transaction carries them out. */
export const change: {
  readonly tables: typeof tables;
  readonly chains: typeof chains;
  readonly rules: typeof rules;
  readonly sets: typeof sets;
  readonly elements: typeof elements;
  readonly objects: typeof objects;
  readonly flowtables: typeof flowtables;
  readonly ruleset: typeof ruleset;
} = { tables, chains, rules, sets, elements, objects, flowtables, ruleset };
