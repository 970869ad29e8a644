/** Whether two rules are the same. */
import type { Rule } from './rule.ts';

/** Members that are not compared as they are. */
const apart: ReadonlySet<string> = new Set(['priority', 'flags', 'protocol', 'unknown']);

/**
 * Whether `found` says what `wanted` says, no more and no less. The kernel takes a rule for another one that says more: it compares only what
 * is said.
 */
export function sameRule(wanted: Rule, found: Rule): boolean {
  if (wanted.priority !== found.priority) return false;
  if ((wanted.protocol ?? 'unspec') !== (found.protocol ?? 'unspec')) return false;
  return covers(wanted, found) && Object.keys(found).every((key) => apart.has(key) || key in wanted);
}

/** Whether `found` has everything that `wanted` says: what the kernel deletes by. */
export function covers(wanted: Partial<Rule>, found: Rule): boolean {
  return Object.entries(wanted).every(([key, value]) => apart.has(key) || value === (found as unknown as Record<string, unknown>)[key]);
}
