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

/** Changes of tables. */
export interface TableChanges extends Readonly<typeof tables> {}
/** Changes of chains. */
export interface ChainChanges extends Readonly<typeof chains> {}
/** Changes of rules. */
export interface RuleChanges extends Readonly<typeof rules> {}
/** Changes of sets and maps. */
export interface SetChanges extends Readonly<typeof sets> {}
/** Changes of elements of sets and maps. */
export interface ElementChanges extends Readonly<typeof elements> {}
/** Changes of named objects. */
export interface ObjectChanges extends Readonly<typeof objects> {}
/** Changes of flowtables. */
export interface FlowtableChanges extends Readonly<typeof flowtables> {}
/** Changes of the whole ruleset. */
export interface RulesetChanges extends Readonly<typeof ruleset> {}

/** The changes there are, by what they change. */
export interface Changes {
  /** Tables. */
  readonly tables: TableChanges;
  /** Chains of rules. */
  readonly chains: ChainChanges;
  /** Rules of chains. */
  readonly rules: RuleChanges;
  /** Sets and maps. */
  readonly sets: SetChanges;
  /** Elements of sets and maps. */
  readonly elements: ElementChanges;
  /** Named counters, quotas, limits and other objects. */
  readonly objects: ObjectChanges;
  /** Flowtables. */
  readonly flowtables: FlowtableChanges;
  /** The whole ruleset. */
  readonly ruleset: RulesetChanges;
}

/** Makes changes: `change.rules.add({ … })`. They say what to do and do nothing; a transaction carries them out. */
export const change: Changes = { tables, chains, rules, sets, elements, objects, flowtables, ruleset };
