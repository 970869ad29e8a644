/** The expressions of one rule while they are made. What the statements before have established is known to those after. */
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Expression } from '../expressions/expression.ts';
import { type Family, familyNumber } from '../nfnetlink.ts';

/** A rule in the kernel's terms: what a rule to be made takes. */
export interface LinearRule {
  readonly expressions: Expression[];
  readonly sets: AnonymousSet[];
}

/** Network protocols that nft(8) names. */
export type NetworkProtocol = 'ip' | 'ip6';

/** Statement functions (`matchAddress`, `counter` …) take one and append to it. */
export class RuleBuilder implements LinearRule {
  readonly family: Family;
  readonly expressions: Expression[] = [];
  readonly sets: AnonymousSet[] = [];
  /** The network protocol that every packet is of which gets this far; undefined: any. */
  network: NetworkProtocol | undefined;

  /** @throws InputError naming `family` */
  constructor(family: Family) {
    familyNumber(family);
    this.family = family;
    if (family === 'ip' || family === 'ip6') this.network = family;
  }

  emit(...expressions: Expression[]): void {
    this.expressions.push(...expressions);
  }

  /** Adds a set and returns the id that lookups in this rule refer to it by. */
  addSet(set: Omit<AnonymousSet, 'id'>): number {
    const id = this.sets.length + 1;
    this.sets.push({ ...set, id });
    return id;
  }
}
