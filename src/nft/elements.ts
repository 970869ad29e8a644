/** What can be done with the elements of sets and maps. Every method that changes something is a transaction of its own. */
import { DumpInterruptedError } from '../netlink/errors.ts';
import { ask, askAll, type CallOptions, optionsIn, type Program } from '../netlink/program.ts';
import { change } from './change/change.ts';
import type { TypedSet } from './change/elements.ts';
import { getElements, resetElements, type SetElement } from './element.ts';
import { readElements, withBytes } from './element-list.ts';
import { merged, without } from './element-merge.ts';
import { hasTwice, mayMove } from './element-moves.ts';
import { checkCallOptions, checkOptions } from './options.ts';
import { retrying } from './retry.ts';
import { describeSet, type SetRef, setKey } from './set-definition.ts';
import { checkElements, type Element, type ElementInput, elementLayout, elementsFromWire, elementsToWire } from './set-elements.ts';
import { setPrograms } from './sets.ts';
import { transaction } from './transaction.ts';

/** A set, named: its type is looked up; or as it was listed or created, which saves that. */
export type SetOfElements = SetRef | TypedSet;

function* typed(set: SetOfElements): Program<TypedSet> {
  return 'type' in set ? set : yield* setPrograms.get(set);
}

function* dumped(set: SetOfElements, operation: typeof getElements): Program<Element[]> {
  const { family, table, name } = setKey(set);
  const layout = elementLayout(yield* typed(set));
  const value = { family: family!, table: table!, set: name! };
  const subject = `elements of ${describeSet(set)}`;
  const found = yield* ask({ operation: withBytes(operation), flags: 0, value, expects: 'dump', subject });
  return readElements(
    layout,
    found.flatMap(({ elements }) => (elements === undefined ? [] : [elements])),
  );
}

const attempts = 20;

/** {@link dumped}, again while the kernel moves the elements to a larger table, which shows some of them twice and others not at all. */
function* consistent(set: SetOfElements): Program<Element[]> {
  const of = yield* typed(set);
  let before: number | undefined;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const elements = yield* dumped(of, getElements);
    if (!mayMove(of, elements)) return elements;
    if (!hasTwice(elements)) {
      const { backend, count } = yield* setPrograms.get(set);
      // as many as the kernel counts, or where its count means something else (elements that expired) as many as a moment ago
      if ((backend !== undefined && backend !== 'rhash') || count === undefined || elements.length === count || elements.length === before)
        return elements;
      before = elements.length;
    }
  }
  throw new DumpInterruptedError(`elements of ${describeSet(set)}`, attempts);
}

function* asked(set: SetOfElements, keys: Iterable<ElementInput>, operation: typeof getElements): Program<Element[]> {
  checkElements(keys);
  const { family, table, name } = setKey(set);
  const layout = elementLayout(yield* typed(set));
  const subject = `elements of ${describeSet(set)}`;
  const wire = [...keys].map((key) => elementsToWire(layout, [key]));
  const replies = yield* askAll(
    wire.flat().map((element: SetElement) => ({
      operation,
      flags: 0,
      value: { family: family!, table: table!, set: name!, elements: [element] },
      expects: 'reply' as const,
      subject,
    })),
  );
  let at = 0;
  return wire.flatMap((bounds) => {
    const answered = replies.slice(at, at + bounds.length).flatMap(({ elements = [] }) => elements);
    at += bounds.length;
    return elementsFromWire(layout, answered);
  });
}

/** The programs of {@link NftClient.elements}. */
export const elementPrograms = {
  /**
   * All elements of a set. Those of intervals come in order of their keys, others in none.
   *
   * @throws NetlinkError `ENOENT` when there is no such set
   * @throws DumpInterruptedError when the set, or where the kernel keeps it, changed during each of many listings
   */
  *list(set: SetOfElements, options: CallOptions = {}): Program<Element[]> {
    checkOptions(options, []);
    return yield* consistent(set);
  },

  /**
   * The elements for some keys. In a set of intervals that is the interval a key is within.
   *
   * @throws NetlinkError `ENOENT` when there is none for one of them
   */
  *get(set: SetOfElements, keys: Iterable<ElementInput>, options?: CallOptions): Program<Element[]> {
    checkCallOptions(options);
    return yield* asked(set, keys, getElements);
  },

  /**
   * Adds elements, unless they are there. A set of intervals with `autoMerge` is read first: what overlaps or adjoins the new elements becomes
   * one with them, in one transaction that is made again if the ruleset changes meanwhile.
   *
   * @throws NetlinkError `EEXIST` when a map holds something else for one, or an interval overlaps another that the set holds
   */
  *add(set: SetOfElements, elements: Iterable<ElementInput>, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    checkElements(elements);
    const given = [...elements];
    const of = yield* typed(set);
    if (of.autoMerge === true) yield* rewrite(of, (present) => merged(of, present, given));
    else yield* transaction([change.elements.add(of, given)]);
  },

  /** Adds elements. @throws NetlinkError `EEXIST` when one of them is there */
  *create(set: SetOfElements, elements: Iterable<ElementInput>, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.elements.create(yield* typed(set), elements)]);
  },

  /**
   * Deletes elements. From a set of intervals with `autoMerge` also parts of them: the rest stays, in one transaction that is made again if the
   * ruleset changes meanwhile.
   *
   * @throws NetlinkError `ENOENT` when one of them is not there; NotFoundError when that was seen before the kernel was asked
   */
  *delete(set: SetOfElements, elements: Iterable<ElementInput>, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    checkElements(elements);
    const given = [...elements];
    const of = yield* typed(set);
    if (of.autoMerge === true) yield* rewrite(of, (present) => without(of, present, given));
    else yield* transaction([change.elements.delete(of, given)]);
  },

  /** Deletes those of some elements that are there; needs Linux 6.3. */
  *destroy(set: SetOfElements, elements: Iterable<ElementInput>, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.elements.destroy(yield* typed(set), elements)]);
  },

  /** Deletes all elements of a set. @throws NetlinkError `ENOENT` when there is no such set */
  *flush(set: SetRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.elements.flush(set)]);
  },

  /**
   * Sets the counters and quotas of elements back to zero, and restarts their lifetimes: of all, or of those for some keys. Needs Linux 6.5.
   * Of all of a set that grows at the moment, some may be left out, or come twice, the second time with nothing counted.
   *
   * @returns what they were
   */
  *reset(set: SetOfElements, keys?: Iterable<ElementInput>, options?: CallOptions): Program<Element[]> {
    checkCallOptions(options);
    return keys === undefined ? yield* dumped(set, resetElements) : yield* asked(set, keys, resetElements);
  },
};

// `timeout` of a set is none of the call's: see sets.ts
const { list, flush, ...withKeys } = elementPrograms;
for (const program of [list, flush]) optionsIn(1, program);
for (const program of Object.values(withKeys)) optionsIn(2, program);

/** What a set of intervals is to lose and to get. */
interface Rewriting {
  readonly remove: readonly Element[];
  readonly add: readonly Element[];
}

function* rewrite(set: TypedSet, plan: (present: readonly Element[]) => Rewriting): Program<void> {
  yield* retrying(function* (guard) {
    const { remove, add } = plan(yield* dumped(set, getElements));
    const changes = [];
    if (remove.length > 0) changes.push(change.elements.delete(set, remove));
    if (add.length > 0) changes.push(change.elements.add(set, add));
    yield* transaction(changes, { generation: guard, echo: false });
  });
}
