/** Elements of sets and maps as objects. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_SET_ELEM_*), nft(8), SETS and MAPS. */

import type { RawAttribute } from '../netlink/attributes.ts';
import { withChoices } from '../netlink/choices.ts';
import { InputError, MalformedMessageError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';
import { type Data, isVerdict, type Verdict } from './data.ts';
import { type Bound, following, fromBounds, type Interval, mergeIntervals, overlapping, sortIntervals } from './datatype/interval.ts';
import { type Key, keyBytes, keyRange, readKey, readRange } from './datatype/key.ts';
import type { Layout } from './datatype/layout.ts';
import type { SetElement } from './element.ts';
import type { Expression } from './expressions/expression.ts';
import { isInterval, isObjectMap, keyLayout, mapLayout, type SetType } from './set-definition.ts';
import { type Annotated, annotations, numberEntry, userDataOf } from './userdata.ts';

/** One element. What a list returns, `add` accepts. */
export interface Element extends Annotated {
  /** A value, a prefix or range, or for a concatenation an array of them. `'*'`: any key that no other element is for. */
  key: Key;
  /** What a map holds for the key: a value, or a verdict (`'accept'`, `{ code: 'jump', chain: 'web' }`). */
  data?: Key | Verdict;
  /** Name of the object that a map of objects holds for the key. */
  object?: string;
  /** Milliseconds it lives. Default: what the set says. */
  timeout?: number;
  /** Milliseconds it has left. */
  expires?: number;
  /** Counters, limits, quotas of its own. */
  expressions?: Expression[];
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** An element, or its key where that is all. */
export type ElementInput = Element | Key;

/** NFTNL_SET_ELEM_F_INTERVAL_OPEN, in an entry of type 1: the interval has no end, and nft prints it so. */
const flagsEntry = 1;
const openInterval = 1;

/** How the elements of a set are written. */
export interface ElementLayout {
  readonly set: SetType;
  readonly key: Layout;
  readonly data: Layout | undefined;
  readonly interval: boolean;
}

/** @throws InputError naming `type` or `map` */
export function elementLayout(set: SetType): ElementLayout {
  return { set, key: keyLayout(set), data: mapLayout(set), interval: isInterval(set) };
}

/** An element without its key, as a set of intervals keeps it with one. */
type Rest = Omit<SetElement, 'key' | 'keyEnd'>;

/** Text is a list of letters to JavaScript, and no elements. @throws InputError */
export function checkElements(given: unknown): asserts given is Iterable<ElementInput> {
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given))
    throw new InputError('elements', `expected an array or another iterable, got ${show(given)}`, 'ERR_INVALID_ARG_TYPE');
}

/** @throws InputError naming the element */
export function elementsToWire(layout: ElementLayout, elements: Iterable<ElementInput>): SetElement[] {
  checkElements(elements);
  if (layout.interval && !layout.key.concatenated) return intervalsToWire(layout, elements);
  const wire: SetElement[] = [];
  let i = 0;
  for (const given of elements) {
    wire.push(within(i, () => elementToWire(layout, toElement(given))));
    i++;
  }
  return wire;
}

function within<T>(index: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof InputError ? error.within(`elements[${index}]`) : error;
  }
}

/** An element that was given as its key, or as it is. */
export function toElement(given: ElementInput): Element {
  if (typeof given === 'object' && given !== null && !Array.isArray(given) && !(given instanceof Uint8Array) && 'key' in given)
    return given;
  return { key: given as Key };
}

function elementToWire(layout: ElementLayout, element: Element): SetElement {
  const rest = restToWire(layout, element);
  if (element.key === '*') return { ...rest, flags: ['catchall'] };
  return inArgument('key', () => {
    if (!layout.interval) return { key: keyBytes(layout.key, element.key), ...rest };
    const [from, to] = keyRange(layout.key, element.key);
    return { key: from, keyEnd: to, ...rest };
  });
}

function inArgument<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof InputError ? error.within(name) : error;
  }
}

const members: ReadonlySet<string> = new Set([
  'key',
  'data',
  'object',
  'timeout',
  'expires',
  'expressions',
  'comment',
  'userdata',
  'unknown',
]);

function restToWire(layout: ElementLayout, element: Element): Rest {
  for (const name in element)
    if (!members.has(name)) throw new InputError(name, withChoices('is no member of an element', name, members), 'ERR_UNKNOWN_OPTION');
  const rest: Rest = {};
  if (element.data !== undefined) rest.data = inArgument('data', () => dataToWire(layout, element.data!));
  if (element.object !== undefined) {
    if (!isObjectMap(layout.set.map)) throw new InputError('object', 'is for a map of objects');
    rest.object = element.object;
  }
  if (element.timeout !== undefined) rest.timeout = element.timeout;
  if (element.expires !== undefined) rest.expiration = element.expires;
  if (element.expressions !== undefined) {
    if (!Array.isArray(element.expressions))
      throw new InputError('expressions', `expected an array, got ${show(element.expressions)}`, 'ERR_INVALID_ARG_TYPE');
    if (element.expressions.length === 1) rest.expression = element.expressions[0]!;
    else if (element.expressions.length > 1) rest.expressions = element.expressions;
  }
  const entries = userDataOf(element);
  if (entries !== undefined) rest.userdata = entries;
  if (element.unknown !== undefined) rest.unknown = element.unknown;
  return rest;
}

function dataToWire({ set, data: layout }: ElementLayout, data: Key | Verdict): Data {
  if (set.map === 'verdict') {
    if (typeof data === 'string') return { code: data as NonNullable<Verdict['code']> };
    if (typeof data === 'object' && data !== null && 'code' in data) return data;
    throw new InputError('', `expected a verdict, got ${show(data)}`, 'ERR_INVALID_ARG_TYPE');
  }
  if (layout === undefined) throw new InputError('', 'is for a map of values or verdicts');
  if (set.mapInterval !== true) return keyBytes(layout, data);
  const [from, to] = keyRange(layout, data);
  const both = new Uint8Array(from.length + to.length);
  both.set(from);
  both.set(to, from.length);
  return both;
}

/** Intervals that come with nothing are merged if the set says so; what else overlaps is refused before the kernel would. */
function intervalsToWire(layout: ElementLayout, elements: Iterable<ElementInput>): SetElement[] {
  const { intervals, catchAll } = toIntervals(layout, elements);
  return [...boundsOf(layout.set.autoMerge === true ? mergeIntervals(intervals) : intervals), ...catchAll];
}

/** The elements of a set of intervals, in order of their keys. */
export function toIntervals(
  layout: ElementLayout,
  elements: Iterable<ElementInput>,
): { intervals: Interval<Rest | undefined>[]; catchAll: SetElement[] } {
  const intervals: Interval<Rest | undefined>[] = [];
  const catchAll: SetElement[] = [];
  let i = 0;
  for (const given of elements) {
    within(i, () => {
      const element = toElement(given);
      const rest = restToWire(layout, element);
      if (element.key === '*') catchAll.push({ ...rest, flags: ['catchall'] });
      else {
        const [from, to] = inArgument('key', () => keyRange(layout.key, element.key));
        intervals.push({ from, to, with: Object.keys(rest).length === 0 ? undefined : rest });
      }
    });
    i++;
  }
  return { intervals: checkOverlaps(layout, intervals), catchAll };
}

function checkOverlaps(layout: ElementLayout, intervals: readonly Interval<Rest | undefined>[]): Interval<Rest | undefined>[] {
  const sorted = sortIntervals(intervals);
  const merged = layout.set.autoMerge === true ? mergeIntervals(sorted) : sorted;
  const pair = overlapping(merged);
  if (pair === undefined) return sorted;
  const [a, b] = pair.map(({ from, to }) => show(readRange(layout.key, from, to)));
  throw new InputError('elements', `${a} and ${b} overlap; a set with autoMerge puts them together`);
}

/** The two elements that stand for each interval; one, where it reaches to the greatest key. */
export function boundsOf(intervals: Iterable<Interval<Rest | undefined>>): SetElement[] {
  const wire: SetElement[] = [];
  for (const { from, to, with: rest } of intervals) {
    const end = following(to);
    if (end !== undefined) wire.push({ key: from, ...rest }, { key: end, flags: ['interval-end'] });
    else wire.push({ key: from, ...rest, userdata: [...(rest?.userdata ?? []), numberEntry(flagsEntry, openInterval)] });
  }
  return wire;
}

/** The elements that a set holds, from those that the kernel told. @throws MalformedMessageError */
export function elementsFromWire(layout: ElementLayout, wire: readonly SetElement[]): Element[] {
  if (!layout.interval || layout.key.concatenated) return wire.map((element) => elementFromWire(layout, element));
  const catchAll: Element[] = [];
  const bounds: Bound<SetElement>[] = [];
  for (const element of wire) {
    if (element.flags?.includes('catchall') === true) catchAll.push(elementFromWire(layout, element));
    else bounds.push({ key: bytesOf(element.key), end: element.flags?.includes('interval-end') === true, with: element });
  }
  const intervals = fromBounds(bounds, layout.key.length);
  return [
    ...intervals.map(({ from, to, with: element }) => ({ key: readRange(layout.key, from, to), ...restFromWire(layout, element) })),
    ...catchAll,
  ];
}

function bytesOf(data: Data | undefined): Uint8Array {
  if (data instanceof Uint8Array) return data;
  throw new MalformedMessageError('key of a set element', 0, 'a value');
}

/** One element that is no bound of an interval. @throws MalformedMessageError */
export function elementFromWire(layout: ElementLayout, wire: SetElement): Element {
  const rest = restFromWire(layout, wire);
  if (wire.flags?.includes('catchall') === true) return { key: '*', ...rest };
  const from = bytesOf(wire.key);
  if (from.length !== layout.key.length)
    throw new MalformedMessageError('key of a set element', 0, `${layout.key.length} bytes, found ${from.length}`);
  const key = wire.keyEnd === undefined ? readKey(layout.key, from) : readRange(layout.key, from, bytesOf(wire.keyEnd));
  return { key, ...rest };
}

/** What an element comes with. */
export function restFromWire(layout: ElementLayout, wire: SetElement): Omit<Element, 'key'> {
  const rest: Omit<Element, 'key'> = {};
  if (wire.data !== undefined) rest.data = dataFromWire(layout, wire.data);
  if (wire.object !== undefined) rest.object = wire.object;
  if (wire.timeout !== undefined) rest.timeout = wire.timeout;
  if (wire.expiration !== undefined) rest.expires = wire.expiration;
  const expressions = wire.expressions ?? (wire.expression === undefined ? undefined : [wire.expression]);
  if (expressions !== undefined) rest.expressions = expressions;
  if (wire.userdata !== undefined) {
    const { comment, userdata = [] } = annotations(wire.userdata);
    if (comment !== undefined) rest.comment = comment;
    const kept = userdata.filter(({ type }) => type !== flagsEntry);
    if (kept.length > 0) rest.userdata = kept;
  }
  if (wire.unknown !== undefined) rest.unknown = wire.unknown;
  return rest;
}

function dataFromWire({ data: layout, set }: ElementLayout, data: Data): Key | Verdict {
  if (isVerdict(data)) return data.chain === undefined && typeof data.code === 'string' ? data.code : data;
  if (layout === undefined) return data;
  return readData({ data: layout, set }, data);
}

/** The value that a map holds. */
export function readData({ data: layout, set }: Pick<ElementLayout, 'data' | 'set'>, data: Uint8Array): Key {
  if (set.mapInterval === true) return readRange(layout!, data.subarray(0, layout!.length), data.subarray(layout!.length));
  return readKey(layout!, data);
}

/** What an element of the kernel's is called in errors: its key. */
export function elementName(layout: ElementLayout, { key, keyEnd, flags }: SetElement): string {
  if (flags?.includes('catchall') === true) return 'element *';
  const from = bytesOf(key);
  const text = show(keyEnd === undefined ? readKey(layout.key, from) : readRange(layout.key, from, bytesOf(keyEnd)));
  return flags?.includes('interval-end') === true ? `end of the element before ${text}` : `element ${text}`;
}
