/** A rule in the kernel's terms: what a rule to be made takes. */
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Expression } from '../expressions/expression.ts';
import type { RuleBlock } from '../rule.ts';

/** A rule as the expressions that the kernel runs, and the sets that it brings along. */
export interface LinearRule {
  /** The kernel's instructions, in order. */
  readonly expressions: Expression[];
  /** Sets that the rule brings along. */
  readonly sets: AnonymousSet[];
  /** Rules that its verdicts lead to. Absent: none. */
  readonly blocks?: RuleBlock[];
  /** Sets of the table that the expressions would depend on if more were known of them: their names. Absent: none. */
  readonly unknownSets?: readonly string[];
}
