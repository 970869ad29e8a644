/** Sets and maps that a rule brings along: `{ 22, 80-90 }`, `{ 22 : accept }`. Source: nft(8), SETS and MAPS. */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Data } from '../data.ts';
import { following, type Interval, mergeIntervals, overlapping, sortIntervals } from '../datatype/interval.ts';
import type { SetElement } from '../element.ts';
import type { ObjectType } from '../object-type.ts';
import type { Expr } from '../statements/expression.ts';
import { isNode } from '../statements/expression.ts';
import { numberEntry, type UserDataEntry } from '../userdata.ts';
import { bounds, isInterval, type Target } from './constant.ts';
import { verdictOf } from './verdict-statement.ts';

/** What a map holds. */
export type Held = 'verdict' | { readonly object: ObjectType } | readonly Target[];

type Holding = Pick<SetElement, 'data' | 'object'>;

/** What nft(8) reads in the user data of an interval that reaches the last key. */
const openInterval: UserDataEntry[] = [numberEntry(1, 1)];

/** The set of elements that an expression lists. @throws InputError */
export function anonymousSet(keys: readonly Target[], elements: readonly unknown[], held?: Held): Omit<AnonymousSet, 'id'> {
  if (elements.length === 0) throw new InputError('set', 'expected at least one element');
  const pairs = elements.map((element) => (held === undefined ? ([element as Expr, undefined] as const) : pairOf(element)));
  const parts = pairs.map(([key]) => partsOf(keys, key));
  const interval = parts.some((part) => part.some((each, i) => isInterval(keys[i]!, each)));
  const dataInterval = Array.isArray(held) && pairs.some(([, data]) => partsOf(held, data!).some((each, i) => isInterval(held[i]!, each)));
  const concatenated = keys.length > 1;
  const ranges = pairs.map(([, data], i): Interval<Holding | undefined> => {
    const [from, to] = joined(keys, parts[i]!, interval);
    return { from, to, with: held === undefined ? undefined : holding(held, data, dataInterval) };
  });
  const type = {
    keyType: keys.reduce((id, { field }) => id * 64 + field.type.id, 0) >>> 0,
    keyLength: concatenated ? keys.reduce((sum, { loaded }) => sum + ((loaded + 3) & ~3), 0) : keys[0]!.loaded,
    keyByteOrder: concatenated ? ('network' as const) : keys[0]!.field.order,
    ...(held === undefined ? {} : { map: mapOf(held, dataInterval) }),
    ...(interval ? { interval } : {}),
    ...(interval && concatenated ? { fieldLengths: keys.map(({ loaded }) => loaded) } : {}),
  };
  if (!interval) return { ...type, elements: distinct(ranges).map(({ from, with: given }) => ({ key: from, ...given })) };
  if (concatenated) return { ...type, elements: ranges.map(({ from, to, with: given }) => ({ key: from, keyEnd: to, ...given })) };
  return { ...type, elements: intervalElements(ranges, held !== undefined) };
}

function pairOf(element: unknown): readonly [Expr, unknown] {
  if (!Array.isArray(element) || element.length !== 2)
    throw new InputError('set', `expected pairs of a key and what it gives, got ${show(element)}`, 'ERR_INVALID_ARG_TYPE');
  return element as unknown as readonly [Expr, unknown];
}

function partsOf(keys: readonly Target[], given: unknown): readonly Expr[] {
  const key = given as Expr;
  const plain = isNode(key) && 'elem' in key ? key.elem.val : key;
  const parts = isNode(plain) && 'concat' in plain ? plain.concat : [plain];
  if (parts.length !== keys.length) throw new InputError('set', `expected ${keys.length} values, got ${show(parts.length)}`);
  return parts;
}

/** Bytes of a key: those of its parts, each in whole words. */
function joined(keys: readonly Target[], parts: readonly Expr[], interval: boolean): readonly [Uint8Array, Uint8Array] {
  const [from, to]: [number[], number[]] = [[], []];
  parts.forEach((part, i) => {
    const key = keys[i]!;
    const pad = keys.length > 1 ? -key.loaded & 3 : 0;
    const ends = interval ? bounds(key, part) : exact(key, part);
    from.push(...ends[0], ...new Uint8Array(pad));
    to.push(...ends[1], ...new Uint8Array(pad));
  });
  return [Uint8Array.from(from), Uint8Array.from(to)];
}

/** A single value in the order in which it is loaded. */
function exact(key: Target, part: Expr): readonly [Uint8Array, Uint8Array] {
  const [from, to] = bounds(key, part);
  const host = key.field.order === 'host' && key.field.type.form === 'integer' && key.loaded > 1;
  return host ? [from.toReversed(), to.toReversed()] : [from, to];
}

function holding(held: Held, data: unknown, dataInterval: boolean): Holding {
  if (held === 'verdict') return { data: verdictOf(data) };
  if ('object' in held) {
    if (typeof data !== 'string') throw new InputError('set', `expected the name of an object, got ${show(data)}`, 'ERR_INVALID_ARG_TYPE');
    return { object: data };
  }
  const parts = partsOf(held, data);
  if (!dataInterval) return { data: joined(held, parts, false)[0] as Data };
  const [from, to] = joined(held, parts, true);
  return { data: Uint8Array.from([...from, ...to]) };
}

function mapOf(held: Held, interval: boolean): NonNullable<AnonymousSet['map']> {
  if (held === 'verdict') return 'verdict';
  if ('object' in held) return { objectType: held.object };
  const length = held.length > 1 ? held.reduce((sum, { loaded }) => sum + ((loaded + 3) & ~3), 0) : held[0]!.loaded;
  return {
    dataType: held.reduce((id, { field }) => id * 64 + field.type.id, 0) >>> 0,
    dataLength: interval ? 2 * length : length,
    ...(held.length > 1 ? {} : { dataByteOrder: held[0]!.field.order }),
    ...(interval ? { interval } : {}),
  };
}

function distinct<T>(ranges: readonly Interval<T>[]): Interval<T>[] {
  return [...new Map(ranges.map((range) => [Buffer.from(range.from).toString('hex'), range])).values()];
}

/** The first key of each interval, and the first key after it, marked as an end. */
function intervalElements(ranges: readonly Interval<Holding | undefined>[], map: boolean): SetElement[] {
  const sorted = sortIntervals(ranges);
  if (map) {
    const clash = overlapping(distinct(sorted));
    if (clash !== undefined) throw new InputError('set', 'intervals of a map overlap');
  }
  const elements: SetElement[] = [];
  let next: Uint8Array | undefined = new Uint8Array(sorted[0]!.from.length);
  for (const { from, to, with: given } of map ? distinct(sorted) : mergeIntervals(sorted)) {
    if (next !== undefined && Buffer.compare(next, from) !== 0) elements.push({ key: next, flags: ['interval-end'] });
    next = following(to);
    elements.push({ key: from, ...given, ...(next === undefined ? { userdata: openInterval } : {}) });
  }
  if (next !== undefined) elements.push({ key: next, flags: ['interval-end'] });
  return elements;
}
