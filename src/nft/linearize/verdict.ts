/** `accept`, `drop`, `jump web`. Source: nft(8), VERDICT STATEMENT. */
import type { Verdict } from '../data.ts';
import type { RuleBuilder } from './rule-builder.ts';

/** Ends the rule with a verdict. */
export function verdict(rule: RuleBuilder, code: NonNullable<Verdict['code']>, chain?: string): void {
  rule.emit({ kind: 'immediate', data: { dreg: 0, data: chain === undefined ? { code } : { code, chain } } });
}
