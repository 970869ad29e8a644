/** How a match compares. */
import type { RuleBuilder } from './rule-builder.ts';

/** `eq`: matches what is equal, or in the set. `neq`: what is not. */
export type MatchOperator = 'eq' | 'neq';

/** Compares register 1, as all matches do that nft(8) makes. */
export function compare(rule: RuleBuilder, op: MatchOperator, data: Uint8Array): void {
  rule.emit({ kind: 'cmp', data: { sreg: 1, op, data } });
}
