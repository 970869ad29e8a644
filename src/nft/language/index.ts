/**
 * The typed rule language: what nft(8) says in text, as values that the compiler checks.
 *
 *     const web = rule(ip.saddr.in('10.0.0.0/24'), tcp.dport.in(80, 443), ct.state('new'), counter(), accept());
 *     await nf.rules.add({ family: 'inet', table: 'filter', chain: 'input', statements: web });
 */
import type { Statement } from '../statements/statement.ts';

export { type LinearizeOptions, linearize } from '../linearize/linearize.ts';
export type * from '../statements/expression.ts';
export type * from '../statements/stateful.ts';
export type * from '../statements/statement.ts';
export type { VerdictStatement } from '../statements/verdict.ts';
export type { BitField } from './bits.ts';
export { ipv4, ipv6, mac } from './checked.ts';
export { type Between, Concat, concat, Field, type KeyOf, type KeysOf, type MapValue, map, type Operand, range } from './field.ts';
export * from './headers.ts';
export * from './properties.ts';
export * from './statements.ts';
export type { Ipv4, Ipv6, PrefixOf, SetName, ValueNames, ValueOf } from './value.ts';

/** A rule: its statements in order. Nested lists are laid out flat, `undefined` is left out. */
export function rule(...statements: readonly (Statement | readonly Statement[] | undefined)[]): Statement[] {
  const laid: Statement[] = [];
  for (const part of statements) {
    if (part === undefined) continue;
    if (!Array.isArray(part)) laid.push(part as Statement);
    else for (const statement of part as readonly (Statement | undefined)[]) if (statement !== undefined) laid.push(statement);
  }
  return laid;
}
