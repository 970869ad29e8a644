/** Matches against anonymous sets: `{ tcp, udp }`, `{ 10.0.0.0/8, 192.168.0.0/16 }`. */
import { type AnonymousSet, anonymousSetName } from '../anonymous-set.ts';
import type { Expression } from '../expressions/expression.ts';
import type { MatchOperator } from './operator.ts';
import type { RuleBuilder } from './rule-builder.ts';

/**
 * Types of keys as nft(8) numbers them: it finds in the set's description how to print the elements. The kernel does not
 * look at the number.
 */
export const keyTypes = {
  address4: { keyType: 7, keyLength: 4, keyByteOrder: 'network' },
  address6: { keyType: 8, keyLength: 16, keyByteOrder: 'network' },
  l4Protocol: { keyType: 12, keyLength: 1, keyByteOrder: 'host' },
  port: { keyType: 13, keyLength: 2, keyByteOrder: 'network' },
} as const;

/** Looks register 1 up in a new set. */
export function lookUp(rule: RuleBuilder, op: MatchOperator, set: Omit<AnonymousSet, 'id'>): void {
  const data: Extract<Expression, { kind: 'lookup' }>['data'] = { sreg: 1, set: anonymousSetName, setId: rule.addSet(set) };
  if (op === 'neq') data.flags = ['inv'];
  rule.emit({ kind: 'lookup', data });
}
