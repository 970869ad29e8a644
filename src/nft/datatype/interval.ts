/**
 * Intervals in sets. The kernel stores the first key of an interval as one element, and the key after the last as another, marked as an
 * end; user space puts the two together, and merges what overlaps. Source: nft(8), SETS (`flags interval`, `auto-merge`).
 */
import { compareBytes } from './key.ts';

export interface Interval<T> {
  readonly from: Uint8Array;
  /** The last key that is within. */
  readonly to: Uint8Array;
  /** What the interval comes with. */
  readonly with: T;
}

/** In order of their first keys; of those that start together, the longer one first. */
export function sortIntervals<T>(intervals: readonly Interval<T>[]): Interval<T>[] {
  return [...intervals].sort((a, b) => compareBytes(a.from, b.from) || compareBytes(b.to, a.to));
}

/**
 * Puts together what overlaps or adjoins, of intervals that come with nothing. `sorted` is in order.
 *
 * @returns intervals in order; those that come with something stay as they are
 */
export function mergeIntervals<T>(sorted: readonly Interval<T | undefined>[]): Interval<T | undefined>[] {
  const merged: Interval<T | undefined>[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.with !== undefined || next.with !== undefined || !touches(last.to, next.from)) merged.push(next);
    else if (compareBytes(next.to, last.to) > 0) merged[merged.length - 1] = { from: last.from, to: next.to, with: undefined };
  }
  return merged;
}

function touches(end: Uint8Array, start: Uint8Array): boolean {
  if (compareBytes(start, end) <= 0) return true;
  const next = following(end);
  return next !== undefined && compareBytes(start, next) === 0;
}

/** The first two of `sorted` that overlap and are not the same; undefined: none do. */
export function overlapping<T>(sorted: readonly Interval<T>[]): readonly [Interval<T>, Interval<T>] | undefined {
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1]!, sorted[i]!];
    if (compareBytes(b.from, a.to) <= 0 && !(compareBytes(a.from, b.from) === 0 && compareBytes(a.to, b.to) === 0)) return [a, b];
  }
  return undefined;
}

/** What is left of `of` without `taken`: none, one or two intervals. */
export function subtract<T>(of: Interval<T>, taken: Interval<unknown>): Interval<T>[] {
  if (compareBytes(taken.to, of.from) < 0 || compareBytes(taken.from, of.to) > 0) return [of];
  const rest: Interval<T>[] = [];
  if (compareBytes(taken.from, of.from) > 0) rest.push({ ...of, to: preceding(taken.from)! });
  if (compareBytes(taken.to, of.to) < 0) rest.push({ ...of, from: following(taken.to)! });
  return rest;
}

/** The next key; undefined after the greatest. */
export function following(key: Uint8Array): Uint8Array | undefined {
  const next = key.slice();
  for (let i = next.length - 1; i >= 0; i--) {
    if (next[i] !== 0xff) {
      next[i]!++;
      return next;
    }
    next[i] = 0;
  }
  return undefined;
}

/** The key before; undefined before the least. */
export function preceding(key: Uint8Array): Uint8Array | undefined {
  const previous = key.slice();
  for (let i = previous.length - 1; i >= 0; i--) {
    if (previous[i] !== 0) {
      previous[i]!--;
      return previous;
    }
    previous[i] = 0xff;
  }
  return undefined;
}

/** An element as the kernel has it: a key, which may be the end of an interval. */
export interface Bound<T> {
  readonly key: Uint8Array;
  readonly end: boolean;
  readonly with: T;
}

/** The intervals that elements of the kernel stand for, in order. */
export function fromBounds<T>(bounds: readonly Bound<T>[], length: number): Interval<T>[] {
  const sorted = inOrder(bounds);
  const intervals: Interval<T>[] = [];
  let open: Bound<T> | undefined;
  for (const bound of sorted) {
    if (open !== undefined) {
      // a start while another is open: the one ends where the other starts
      const to = preceding(bound.key);
      if (to !== undefined) intervals.push({ from: open.key, to, with: open.with });
    }
    open = bound.end ? undefined : bound;
  }
  if (open !== undefined) intervals.push({ from: open.key, to: new Uint8Array(length).fill(0xff), with: open.with });
  return intervals;
}

/** By key, and of one key the end first. The kernel lists its trees backwards: that is seen before anything is sorted. */
function inOrder<T>(bounds: readonly Bound<T>[]): readonly Bound<T>[] {
  const compare = (a: Bound<T>, b: Bound<T>): number => compareBytes(a.key, b.key) || Number(b.end) - Number(a.end);
  const backwards = [...bounds].reverse();
  for (let i = 1; i < backwards.length; i++) if (compare(backwards[i - 1]!, backwards[i]!) > 0) return backwards.sort(compare);
  return backwards;
}
