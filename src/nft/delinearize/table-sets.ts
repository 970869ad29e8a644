/** The sets of a rule's table, and the rules that others brought along: what lookups and verdicts are read with. */
import type { AnonymousSet } from '../anonymous-set.ts';
import type { KnownSets } from '../linearize/scope.ts';
import type { ObjectType } from '../object-type.ts';
import { isObjectMap } from '../set-definition.ts';
import type { ChainRule } from './blocks.ts';
import { anonymousFrom, type FilledSet, isAnonymous } from './held.ts';
import { unless } from './unless.ts';

export class TableSets {
  readonly known: KnownSets;
  readonly #byName: ReadonlyMap<string, FilledSet>;
  readonly #anonymous = new Map<string, AnonymousSet | undefined>();

  readonly #sets: readonly FilledSet[];
  readonly #blocks: ReadonlyMap<string, readonly ChainRule[]>;

  constructor(sets: readonly FilledSet[], blocks: ReadonlyMap<string, readonly ChainRule[]> = new Map()) {
    this.#sets = sets;
    this.#blocks = blocks;
    this.#byName = new Map(sets.map((set) => [set.name, set]));
    this.known = Object.fromEntries(this.#byName);
  }

  /** Whether it is a set that a rule brought along. */
  isAnonymous(name: string): boolean {
    const set = this.#byName.get(name);
    return set === undefined ? /^__(?:set|map|objmap)(?:%d|\d+)$/.test(name) : isAnonymous(set);
  }

  /** A set without a name of its own, with what it holds; undefined: its elements were not given, or it is another set. */
  anonymous(name: string): AnonymousSet | undefined {
    if (!this.#anonymous.has(name)) {
      const set = this.#byName.get(name);
      const filled = set !== undefined && isAnonymous(set) && set.elements !== undefined;
      this.#anonymous.set(name, filled ? unless(() => anonymousFrom(set, 0)) : undefined);
    }
    return this.#anonymous.get(name);
  }

  /** The rules of a chain that one brought along; undefined: they are not known, or one of them comes with more than the tree can hold. */
  block(chain: string | undefined): readonly ChainRule[] | undefined {
    const rules = chain === undefined ? undefined : this.#blocks.get(chain);
    return rules?.every(({ comment, userdata }) => comment === undefined && userdata === undefined) === true ? rules : undefined;
  }

  /** For reading such rules: they bring no others along. */
  withoutBlocks(): TableSets {
    return new TableSets(this.#sets);
  }

  /** Type of the objects that a map holds; undefined: it holds none, or nothing is known of it. */
  objectsOf(name: string): ObjectType | undefined {
    const map = this.#byName.get(name)?.map;
    return isObjectMap(map) ? map.object : undefined;
  }

  /** Milliseconds that elements of a set live by default. */
  timeoutOf(name: string): number | undefined {
    return this.#byName.get(name)?.timeout;
  }
}
