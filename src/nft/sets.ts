/** What can be done with sets and maps. Every method that changes something is a transaction of its own. */
import { ask, type CallOptions, optionsIn, type Program } from '../netlink/program.ts';
import { ensureAbsent } from './absent.ts';
import { change } from './change/change.ts';
import type { SetInput } from './change/sets.ts';
import type { Family } from './nfnetlink.ts';
import { checkBoolean, checkCallOptions, checkOptions } from './options.ts';
import { getSet } from './set.ts';
import { describeSet, type NftSet, type SetRef, setFromWire, setKey } from './set-definition.ts';
import { listInTable } from './table-filter.ts';
import { transaction } from './transaction.ts';

export interface SetFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
  /** Name of the table. Default: all. */
  table?: string;
  /** Whether sets that rules brought along are listed too. Default: false. */
  anonymous?: boolean;
}

function* ensure(set: SetInput, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* transaction([change.sets.ensure(set)]);
}

/** The programs of {@link NftClient.sets}. */
export const setPrograms = {
  /** All sets and maps with a name, or those of a family or table, without their elements. A table that does not exist has none. */
  *list(filter: SetFilter = {}): Program<NftSet[]> {
    checkOptions(filter, ['family', 'table', 'anonymous']);
    checkBoolean(filter.anonymous, 'anonymous');
    const found = (yield* listInTable(getSet, filter, 'sets')).map(setFromWire);
    return filter.anonymous === true ? found : found.filter(({ flags }) => flags?.includes('anonymous') !== true);
  },

  /** One set, without its elements. @throws NetlinkError `ENOENT` when there is none */
  *get(set: SetRef, options?: CallOptions): Program<NftSet> {
    checkCallOptions(options);
    return setFromWire(yield* ask({ operation: getSet, flags: 0, value: setKey(set), expects: 'reply', subject: describeSet(set) }));
  },

  /** Creates a set or map, with the elements it is to hold. @throws NetlinkError `EEXIST` when there is one of the name */
  *create(set: SetInput, options?: CallOptions): Program<NftSet> {
    checkCallOptions(options);
    const { sets } = yield* transaction([change.sets.create(set)]);
    return sets[0] ?? set;
  },

  /** Creates a set or map unless there is one of the name; adds the elements either way. @throws NetlinkError `EEXIST` when that has another type */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,

  /** Deletes a set with its elements. @throws NetlinkError `ENOENT` when there is none, `EBUSY` when a rule looks into it */
  *delete(set: SetRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.sets.delete(set)]);
  },

  /** Deletes a set with its elements, if there is one. @throws NetlinkError `EBUSY` when a rule looks into it */
  *ensureAbsent(set: SetRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.sets.delete(set));
  },

  /** The same, by the name it has in nft(8). */
  *destroy(set: SetRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.sets.delete(set));
  },

  /** Deletes all elements of a set. @throws NetlinkError `ENOENT` when there is no such set */
  *flush(set: SetRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.sets.flush(set)]);
  },
};

// `timeout` of a set, which may be given as it was listed, is how long its elements live, and none of the call's
const { list: _, ...ofOneSet } = setPrograms;
for (const program of Object.values(ofOneSet)) optionsIn(1, program);
