/** What readers of statements share. */
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Expression } from '../expressions/expression.ts';
import { isSwapped, type Target } from '../linearize/constant.ts';
import type { Scope } from '../linearize/scope.ts';
import type { Family } from '../nfnetlink.ts';
import type { Expr } from '../statements/expression.ts';
import type { Statement } from '../statements/statement.ts';
import { literal } from './literal.ts';
import type { Registers } from './registers.ts';
import { setLiteral } from './set-literal.ts';
import type { TableSets } from './table-sets.ts';
import { type Computed, readValue } from './value.ts';

export interface Context {
  readonly scope: Scope;
  readonly registers: Registers;
  readonly sets: TableSets;
  /** Reads a rule that this one brought along. */
  readonly readRule: ReadRule;
}

export type ReadRule = (family: Family, expressions: readonly Expression[], sets: TableSets) => Statement[];

/** Reads what an expression does with registers; undefined: the tree has no statement for it. */
export type Reader<K extends Expression['kind']> = (context: Context, data: DataOf<K>) => Statement | undefined;
type DataOf<K extends Expression['kind']> = NonNullable<Extract<Expression, { kind: K }>['data']>;

/** The key of a lookup: a value, or a concatenation. */
export function keyExpr(parts: readonly Computed[]): Expr {
  return parts.length === 1 ? parts[0]!.expr : { concat: parts.map(({ expr }) => expr) };
}

/** A set that is looked into: `'@name'`, or what it holds. `held`: what the values of a map are for. */
export function setExpr({ sets }: Context, name: string, keys: readonly Target[], held?: readonly Target[]): Expr | undefined {
  const anonymous: AnonymousSet | undefined = sets.anonymous(name);
  if (anonymous !== undefined) return setLiteral(anonymous, keys, held);
  return sets.isAnonymous(name) ? undefined : `@${name}`;
}

/** What a register holds as the value of a statement: a constant, something of the packet, or what a map gives. */
export function operandExpr(context: Context, register: number | undefined, target: Target): Expr | undefined {
  const value = context.registers.get(register);
  if (value === undefined) return undefined;
  const { load } = value;
  if (load.kind === 'data') return value.changes.length === 0 ? literal(target, load.data) : undefined;
  if (load.kind === 'map') return value.changes.length === 0 ? mapExpr(context, register, [target]) : undefined;
  const computed = readValue(context.scope, value);
  if (computed === undefined || (computed.swapped && !isSwapped(computed.source) && !isSwapped(target))) return undefined;
  return computed.expr;
}

/** What a map gives for the targets, one after another from a register on. */
export function mapExpr(context: Context, register: number | undefined, targets: readonly Target[]): Expr | undefined {
  const value = context.registers.get(register);
  if (value?.load.kind !== 'map') return undefined;
  const { key, keys, set } = value.load;
  const data = setExpr(context, set, keys, targets);
  return data === undefined ? undefined : { map: { key, data } };
}
