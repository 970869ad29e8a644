/**
 * Tables whose rules are made once and look links, addresses and ports up in sets: there are as many rules for a thousand endpoints as for one. A table is made by the
 * transaction that first puts something in its sets, whole, and goes with the last.
 */

import type { Request } from '../netlink/operation.ts';
import type { Program } from '../netlink/program.ts';
import { ask } from '../netlink/program.ts';
import type { Chain } from '../nft/chain.ts';
import { type Change, change } from '../nft/change/change.ts';
import type { SetInput } from '../nft/change/sets.ts';
import { type ElementMessage, getElements } from '../nft/element.ts';
import { elementPrograms } from '../nft/elements.ts';
import { generation } from '../nft/generation.ts';
import { isMissing } from '../nft/missing.ts';
import { ownerEntry } from '../nft/owner.ts';
import { isOvertaken } from '../nft/retry.ts';
import { describeSet, type NftSet, setKey } from '../nft/set-definition.ts';
import { type Element, elementLayout, elementsToWire } from '../nft/set-elements.ts';
import type { Statement } from '../nft/statements/statement.ts';
import { describeTable, getTable, type TableMessage, type TableRef, tableKey } from '../nft/table.ts';
import { transaction } from '../nft/transaction.ts';
import { insistent } from '../rtnl/undo.ts';

/** A chain and its rules. */
export interface RuleChain {
  readonly chain: Omit<Chain, 'family' | 'table'>;
  readonly rules: readonly Statement[][];
}

export interface RuleTable {
  readonly table: TableRef;
  /** The set of the links that the others have something about, by the name of the host's end. */
  readonly links: NftSet;
  readonly sets: readonly SetInput[];
  /** What the sets hold from the beginning. */
  readonly initially?: readonly { readonly set: NftSet; readonly keys: readonly Element['key'][] }[];
  /** Those that others jump to come first. */
  readonly chains: readonly RuleChain[];
}

/** A set of a table, named. */
export function setOf(table: TableRef, name: string, more: Omit<NftSet, 'family' | 'table' | 'name'>): NftSet {
  return { family: table.family, table: table.name, name, ...more };
}

/** What makes the table, and fails when it is there. */
function making({ table, links, sets, initially = [], chains }: RuleTable): Change[] {
  const place = { family: table.family, table: table.name };
  return [
    change.tables.create({ ...table, userdata: [ownerEntry('container')] }),
    ...[links, ...sets].map((set) => change.sets.create(set)),
    ...initially.map(({ set, keys }) => change.elements.create(set, keys)),
    ...chains.map(({ chain }) => change.chains.create({ ...place, ...chain })),
    ...chains.flatMap(({ chain, rules }) => rules.map((statements) => change.rules.add({ ...place, chain: chain.name, statements }))),
  ];
}

/** Tables come and go with what they hold: after so many times that one was there and then not, or the other way round, somebody else is at work on it. */
const attempts = 64;

/** Carries out changes of what a table's sets hold, in one transaction with its making if it is not there. @throws NetlinkError `EEXIST`, as the changes have it */
export function* changeTable(of: RuleTable, changes: readonly Change[]): Program<void> {
  let wasThere = false;
  for (let attempt = 1; ; attempt++) {
    try {
      yield* transaction(changes, { echo: false });
      return;
    } catch (error) {
      if (!isMissing(error) || attempt >= attempts) throw error;
      const isThereNow = yield* isThere(of.table);
      // an element that is to be deleted is missing, and not the table; which may have been missed and made by somebody else before this looked
      if (isThereNow && wasThere) throw error;
      wasThere = isThereNow;
      if (isThereNow) continue;
    }
    try {
      yield* makeTable(of, changes);
      return;
    } catch (error) {
      // somebody else has made it meanwhile, and may have deleted it again
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= attempts) throw error;
    }
  }
}

/** Makes the table, and changes what its sets hold, in one transaction. @throws NetlinkError `EEXIST` when it is there */
export function* makeTable(of: RuleTable, changes: readonly Change[]): Program<void> {
  yield* transaction([...making(of), ...changes], { echo: false });
}

/** Asks for the table itself. */
export function tableRequest({ table }: Pick<RuleTable, 'table'>): Request<TableMessage, 'reply'> {
  return { operation: getTable, flags: 0, value: tableKey(table), expects: 'reply', subject: describeTable(table) };
}

function* isThere(table: TableRef): Program<boolean> {
  try {
    yield* ask(tableRequest({ table }));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Asks for one element of a set, which is no set of intervals. */
export function elementRequest(set: NftSet, key: Element['key']): Request<ElementMessage, 'reply'> {
  const { family, table, name } = setKey(set);
  return {
    operation: getElements,
    flags: 0,
    value: { family: family!, table: table!, set: name!, elements: elementsToWire(elementLayout(set), [key]) },
    expects: 'reply',
    subject: `elements of ${describeSet(set)}`,
  };
}

/** Whether a table has something about a link. */
export function* isAbout({ links }: RuleTable, link: string): Program<boolean> {
  return (yield* unlessMissing(elementPrograms.get(links, [link]), [])).length > 0;
}

/** The links that a table has something about. */
export function* linksOf({ links }: RuleTable): Program<string[]> {
  return (yield* unlessMissing(elementPrograms.list(links), [])).map(({ key }) => key as string);
}

/** What a program gives, or something else where there is no such thing. */
export function* unlessMissing<T>(program: Program<T>, otherwise: T): Program<T> {
  try {
    return yield* program;
  } catch (error) {
    if (isMissing(error)) return otherwise;
    throw error;
  }
}

/** Deletes a table that has nothing about any link. Gives up on a ruleset that never stands still: an empty table does no harm. */
export function* sweepTable(of: RuleTable): Program<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const guard = yield* generation();
    if (!(yield* isThere(of.table)) || (yield* linksOf(of)).length > 0) return;
    try {
      yield* transaction([change.tables.delete(of.table)], { generation: guard });
      return;
    } catch (error) {
      if (isMissing(error)) return;
      if (!isOvertaken(error)) throw error;
    }
  }
}

/** Runs a program to its end whether or not the call is given up: for undoing. */
export function* always<T>(program: Program<T>): Program<T> {
  let next = program.next();
  while (!next.done) {
    let result: unknown;
    try {
      result = yield insistent(next.value);
    } catch (error) {
      next = program.throw(error);
      continue;
    }
    next = program.next(result);
  }
  return next.value;
}
