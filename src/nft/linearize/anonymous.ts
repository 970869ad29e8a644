/** Sets and maps that a rule brings along: `{ 22, 80-90 }`, `{ 22 : accept }`. Source: nft(8), SETS and MAPS. */
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Data } from '../data.ts';
import { following, type Interval, mergeIntervals, overlapping, sortIntervals } from '../datatype/interval.ts';
import type { SetElement } from '../element.ts';
import type { ObjectType } from '../object-type.ts';
import { checking } from '../options.ts';
import type { Expr } from '../statements/expression.ts';
import { isNode } from '../statements/expression.ts';
import type { Stateful } from '../statements/stateful.ts';
import { numberEntry, type UserDataEntry, userDataOf } from '../userdata.ts';
import { bounds, isInterval, type Target } from './constant.ts';
import { statefulExpressions } from './stateful.ts';
import { verdictOf } from './verdict-statement.ts';

/** What a map holds. */
export type Held = 'verdict' | { readonly object: ObjectType } | readonly Target[];

/** What an element has beside its key. */
type Rest = Pick<SetElement, 'data' | 'object' | 'expression' | 'expressions' | 'userdata'>;

/** What nft(8) reads in the user data of an interval that reaches the last key. */
const openInterval: UserDataEntry = numberEntry(1, 1);

/** The set of elements that an expression lists. @throws InputError */
export function anonymousSet(keys: readonly Target[], elements: readonly unknown[], held?: Held): Omit<AnonymousSet, 'id'> {
  if (elements.length === 0) throw new InputError('set', 'expected at least one element');
  const given = elements.map((element) => toElement(element, held !== undefined));
  const [all, single] = [given.filter(({ val }) => val === '*'), given.filter(({ val }) => val !== '*')];
  const parts = single.map(({ val }) => partsOf(keys, val));
  const interval = parts.some((part) => part.some((each, i) => isInterval(keys[i]!, each)));
  const dataInterval = Array.isArray(held) && given.some(({ data }) => partsOf(held, data).some((each, i) => isInterval(held[i]!, each)));
  const ranges = single.map((element, i): Interval<Rest | undefined> => {
    const [from, to] = joined(keys, parts[i]!, interval);
    return { from, to, with: restOf(element, held, dataInterval) };
  });
  const concatenated = keys.length > 1;
  const type = {
    keyType: keys.reduce((id, { field }) => id * 64 + field.type.id, 0) >>> 0,
    keyLength: concatenated ? keys.reduce((sum, { loaded }) => sum + ((loaded + 3) & ~3), 0) : keys[0]!.loaded,
    keyByteOrder: concatenated ? ('network' as const) : keys[0]!.field.order,
    ...(held === undefined ? {} : { map: mapOf(held, dataInterval) }),
    ...(interval ? { interval } : {}),
    ...(interval && concatenated ? { fieldLengths: keys.map(({ loaded }) => loaded) } : {}),
  };
  const catchAll = oneOf(all.map((element) => restOf(element, held, dataInterval))).map(
    (rest): SetElement => ({ flags: ['catchall'], ...rest }),
  );
  return { ...type, elements: [...toElements(ranges, interval, concatenated, held !== undefined), ...catchAll] };
}

function toElements(ranges: readonly Interval<Rest | undefined>[], interval: boolean, concatenated: boolean, map: boolean): SetElement[] {
  if (!interval) return distinct(ranges).map(({ from, with: rest }) => ({ key: from, ...rest }));
  if (concatenated) return ranges.map(({ from, to, with: rest }) => ({ key: from, keyEnd: to, ...rest }));
  return intervalElements(ranges, map);
}

/** An element as it is listed, and what a map gives for it. */
interface Given {
  readonly val: Expr;
  readonly comment?: string | undefined;
  readonly state: Stateful;
  readonly data?: unknown;
}

function toElement(of: unknown, pair: boolean): Given {
  const [key, data] = pair ? pairOf(of) : [of as Expr, undefined];
  if (!isNode(key) || !('elem' in key)) return { val: key, state: {}, data };
  const { val, comment, timeout, expires, ...state } = key.elem;
  if (timeout !== undefined || expires !== undefined) throw new InputError('elem.timeout', 'elements of a set without a name stay');
  return { val, comment, state, data };
}

/** undefined: nothing. */
function restOf({ comment, state, data }: Given, held: Held | undefined, dataInterval: boolean): Rest | undefined {
  const rest: Rest = held === undefined ? {} : holding(held, data, dataInterval);
  const expressions = checking('elem', () => statefulExpressions(state));
  if (expressions.length === 1) rest.expression = expressions[0]!;
  else if (expressions.length > 1) rest.expressions = expressions;
  const userdata = checking('elem', () => userDataOf(comment === undefined ? {} : { comment }));
  if (userdata !== undefined) rest.userdata = userdata;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** What is listed for a key, once. @throws InputError when it is listed twice, as different things */
function oneOf<T>(listed: readonly T[]): T[] {
  for (const each of listed.slice(1))
    if (!isDeepStrictEqual(each, listed[0])) throw new InputError('set', 'one key is listed twice, with different things');
  return listed.slice(0, 1);
}

function pairOf(element: unknown): readonly [Expr, unknown] {
  if (!Array.isArray(element) || element.length !== 2)
    throw new InputError('set', `expected pairs of a key and what it gives, got ${show(element)}`, 'ERR_INVALID_ARG_TYPE');
  return element as unknown as readonly [Expr, unknown];
}

function partsOf(keys: readonly Target[], given: unknown): readonly Expr[] {
  const key = given as Expr;
  const parts = isNode(key) && 'concat' in key ? key.concat : [key];
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

function holding(held: Held, data: unknown, dataInterval: boolean): Rest {
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
  const byKey = new Map<string, Interval<T>>();
  for (const range of ranges) {
    const key = Buffer.from(range.from).toString('latin1') + Buffer.from(range.to).toString('latin1');
    const before = byKey.get(key);
    if (before !== undefined) oneOf([before.with, range.with]);
    byKey.set(key, range);
  }
  return [...byKey.values()];
}

/** The first key of each interval, and the first key after it, marked as an end. */
function intervalElements(ranges: readonly Interval<Rest | undefined>[], map: boolean): SetElement[] {
  const sorted = sortIntervals(distinct(ranges));
  const merged = map ? sorted : mergeIntervals(sorted);
  if (overlapping(merged) !== undefined)
    throw new InputError('set', map ? 'intervals of a map overlap' : 'intervals that come with something overlap');
  const elements: SetElement[] = [];
  let next: Uint8Array | undefined = new Uint8Array(sorted[0]!.from.length);
  for (const { from, to, with: rest } of merged) {
    if (next !== undefined && Buffer.compare(next, from) !== 0) elements.push({ key: next, flags: ['interval-end'] });
    next = following(to);
    const open = next === undefined ? { userdata: [...(rest?.userdata ?? []), openInterval] } : {};
    elements.push({ key: from, ...rest, ...open });
  }
  if (next !== undefined) elements.push({ key: next, flags: ['interval-end'] });
  return elements;
}
