/** A picture of the objects of a kind, kept up to date by messages, and the difference between two of them. */
import { isDeepStrictEqual } from 'node:util';
import type { MonitorListing } from './monitor-kind.ts';

/** A change without its surroundings. */
export type Difference<T> =
  | { readonly action: 'new'; readonly new: T }
  | { readonly action: 'change'; readonly old: T; readonly new: T }
  | { readonly action: 'delete'; readonly old: T };

const none: readonly never[] = [];

export class Picture<T> {
  private readonly listing: MonitorListing<T>;
  private readonly groups = new Map<string, readonly T[]>();

  constructor(listing: MonitorListing<T>) {
    this.listing = listing;
  }

  /** Adds an object that a listing returned. */
  add(object: T): void {
    const key = this.listing.key(object);
    const group = this.groups.get(key);
    this.groups.set(key, group === undefined ? [object] : [...group, object]);
  }

  /** Takes in a message. Never empty: what makes no difference, because the picture has it already, is told all the same. */
  apply(action: 'new' | 'delete', object: T, flags: number): readonly Difference<T>[] {
    const key = this.listing.key(object);
    const before = this.groups.get(key) ?? none;
    if (this.listing.apply === undefined || (before.length === 0 && action === 'new'))
      return this.applyToOne(key, before[0], action, object);
    const after = this.listing.apply(before, action, object, flags);
    if (after.length === 0) this.groups.delete(key);
    else this.groups.set(key, after);
    const differences = this.differences(before, after);
    if (differences.length > 0) return this.listing.last === undefined ? differences : differences.map((each) => this.final(each, object));
    if (action === 'delete') return [{ action, old: object }];
    const old = before.find((candidate) => this.same(candidate, object));
    return old === undefined ? [{ action, new: object }] : [{ action: 'change', old, new: object }];
  }

  private applyToOne(key: string, old: T | undefined, action: 'new' | 'delete', object: T): readonly Difference<T>[] {
    if (action === 'delete') {
      this.groups.delete(key);
      return [this.final({ action, old: old ?? object }, object)];
    }
    this.groups.set(key, [object]);
    return [old === undefined ? { action, new: object } : { action: 'change', old, new: object }];
  }

  private final(difference: Difference<T>, told: T): Difference<T> {
    const { last } = this.listing;
    if (difference.action !== 'delete' || last === undefined) return difference;
    return { action: 'delete', old: last.call(this.listing, difference.old, told) };
  }

  private same(a: T, b: T): boolean {
    return this.listing.same === undefined ? isDeepStrictEqual(a, b) : this.listing.same(a, b);
  }

  /** What of two groups is not in both; what remains of one is taken to have become what remains of the other. */
  private differences(before: readonly T[], after: readonly T[]): Difference<T>[] {
    const gone = [...before];
    const come = after.filter((object) => {
      const at = gone.findIndex((candidate) => this.same(candidate, object));
      if (at >= 0) gone.splice(at, 1);
      return at < 0;
    });
    const changed = Math.min(gone.length, come.length);
    return [
      ...gone.slice(changed).map((old): Difference<T> => ({ action: 'delete', old })),
      ...come.map(
        (object, i): Difference<T> => (i < changed ? { action: 'change', old: gone[i]!, new: object } : { action: 'new', new: object }),
      ),
    ];
  }

  /** What has changed since `before`. Drawn as it is wanted; undefined now and then, where nothing has. */
  *since(before: Picture<T> | undefined): Generator<Difference<T> | undefined, void, void> {
    for (const [key, group] of before?.groups ?? none) {
      if (!this.groups.has(key)) yield* this.differences(group, none);
      else yield undefined;
    }
    for (const [key, group] of this.groups) {
      const differences = this.differences(before?.groups.get(key) ?? none, group);
      if (differences.length === 0) yield undefined;
      else yield* differences;
    }
  }
}
