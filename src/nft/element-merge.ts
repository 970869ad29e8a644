/** Sets of intervals with `autoMerge`: what adding and deleting elements comes to, given what the set holds. Source: nft(8), SETS (`auto-merge`). */
import { NotFoundError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';
import { following, type Interval, mergeIntervals, sortIntervals, subtract } from './datatype/interval.ts';
import { compareBytes, keyRange, readRange } from './datatype/key.ts';
import type { SetType } from './set-definition.ts';
import { type Element, type ElementInput, type ElementLayout, elementLayout, toElement } from './set-elements.ts';

/** What a set is to lose and to get. */
export interface Merge {
  readonly remove: Element[];
  readonly add: Element[];
}

type Plain = Interval<Element | undefined>;

/** Whether an element is a key and nothing else, so that it can become one with others. */
function isPlain(element: Element): boolean {
  return Object.keys(element).every((name) => name === 'key') && element.key !== '*';
}

function toInterval({ key: layout }: ElementLayout, element: Element): Plain {
  const [from, to] = keyRange(layout, element.key);
  return { from, to, with: isPlain(element) ? undefined : element };
}

/** Adding `given` to a set that holds `present`. @throws InputError */
export function merged(set: SetType, present: readonly Element[], given: readonly ElementInput[]): Merge {
  const layout = elementLayout(set);
  const all = given.map(toElement);
  // catch-all elements, and those that come with something, are the kernel's to refuse or to take
  const apart = all.filter((element) => !isPlain(element));
  if (layout.key.concatenated) return { remove: [], add: all };
  const wanted = mergeIntervals(sortIntervals(all.filter(isPlain).map((element) => toInterval(layout, element))));
  const held = sortIntervals(present.filter(isPlain).map((element) => toInterval(layout, element)));
  const remove: Element[] = [];
  const add: Element[] = [...apart];
  let at = 0;
  for (const interval of wanted) {
    let { from, to } = interval;
    while (at < held.length && endsBefore(held[at]!, from)) at++;
    const touched: Plain[] = [];
    while (at < held.length && startsWithin(held[at]!, to)) {
      touched.push(held[at]!);
      if (compareBytes(held[at]!.from, from) < 0) from = held[at]!.from;
      if (compareBytes(held[at]!.to, to) > 0) to = held[at]!.to;
      at++;
    }
    const [only] = touched;
    if (touched.length === 1 && compareBytes(only!.from, from) === 0 && compareBytes(only!.to, to) === 0) {
      // what is held covers it; the next one may be within the same
      at--;
      continue;
    }
    remove.push(...touched.map((each) => ({ key: readRange(layout.key, each.from, each.to) })));
    add.push({ key: readRange(layout.key, from, to) });
  }
  return joined(layout, remove, add);
}

/** Intervals that are to be added may have grown into each other. */
function joined(layout: ElementLayout, remove: Element[], add: Element[]): Merge {
  const plain = add.filter(isPlain).map((element) => toInterval(layout, element));
  const rest = add.filter((element) => !isPlain(element));
  const intervals = mergeIntervals(sortIntervals(plain));
  return { remove, add: [...intervals.map(({ from, to }) => ({ key: readRange(layout.key, from, to) })), ...rest] };
}

function endsBefore({ to }: Plain, from: Uint8Array): boolean {
  const next = following(to);
  return next !== undefined && compareBytes(next, from) < 0;
}

function startsWithin({ from }: Plain, to: Uint8Array): boolean {
  const next = following(to);
  return next === undefined || compareBytes(from, next) <= 0;
}

/** Deleting `given` from a set that holds `present`. @throws NotFoundError when no element of it holds one of `given` */
export function without(set: SetType, present: readonly Element[], given: readonly ElementInput[]): Merge {
  const layout = elementLayout(set);
  if (layout.key.concatenated) return { remove: given.map(toElement), add: [] };
  const held = sortIntervals(present.filter(({ key }) => key !== '*').map((element) => toInterval(layout, element)));
  const remove: Element[] = [];
  const add: Element[] = [];
  const taken = sortIntervals(
    given
      .map(toElement)
      .filter(({ key }) => key !== '*')
      .map(({ key }) => toInterval(layout, { key })),
  );
  for (const element of given.map(toElement)) if (element.key === '*') remove.push(element);
  let at = 0;
  for (let t = 0; t < taken.length; ) {
    while (at < held.length && compareBytes(held[at]!.to, taken[t]!.from) < 0) at++;
    const within = held[at];
    if (within === undefined || compareBytes(within.from, taken[t]!.from) > 0 || compareBytes(taken[t]!.to, within.to) > 0) {
      const key = show(readRange(layout.key, taken[t]!.from, taken[t]!.to));
      throw new NotFoundError('elements', `element ${key}`, 'ENOENT');
    }
    let rest: Plain[] = [within];
    for (; t < taken.length && compareBytes(taken[t]!.from, within.to) <= 0 && compareBytes(taken[t]!.to, within.to) <= 0; t++)
      rest = rest.flatMap((each) => subtract(each, taken[t]!));
    remove.push({ key: readRange(layout.key, within.from, within.to) });
    for (const { from, to } of rest) add.push({ ...within.with, key: readRange(layout.key, from, to) });
    at++;
  }
  return { remove, add };
}
