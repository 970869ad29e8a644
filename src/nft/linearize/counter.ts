/** `counter`. Source: nft(8), COUNTER STATEMENT. */
import type { RuleBuilder } from './rule-builder.ts';

/** Counts the packets that get this far. */
export function counter(rule: RuleBuilder): void {
  rule.emit({ kind: 'counter', data: { bytes: 0, packets: 0 } });
}
