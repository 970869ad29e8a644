/** Elements that rules add to sets and maps. Source: nft(8), SET STATEMENT. */
import type { Expression } from '../expressions/expression.ts';
import { targetOf } from '../linearize/constant.ts';
import type { Expr } from '../statements/expression.ts';
import type { Statement } from '../statements/statement.ts';
import { keyExpr, operandExpr, type Reader } from './context.ts';
import { wordOf } from './registers.ts';
import { readValue } from './value.ts';

/** `readEach`: what the expressions that a new element comes with are read by. */
export function readUpdate(readEach: (expression: Expression) => Statement | undefined): Reader<'dynset'> {
  return (context, data) => {
    const { set, op = 'add', sregKey, sregData, flags, timeout } = data;
    if (set === undefined || typeof op !== 'string' || flags?.includes('inv') === true) return undefined;
    const parts = context.registers.concatenated(context.scope, sregKey, sregData === undefined ? undefined : wordOf(sregData));
    if (parts === undefined) return undefined;
    const val = keyExpr(parts);
    const elem: Expr = timeout === undefined ? val : { elem: { val, timeout: timeout / 1000 } };
    const stmt = (data.expressions ?? (data.expression === undefined ? [] : [data.expression])).map(readEach);
    if (stmt.includes(undefined)) return undefined;
    if (sregData === undefined) return { set: { op, elem, set: `@${set}`, ...(stmt.length === 0 ? {} : { stmt: stmt as Statement[] }) } };
    const held = context.registers.get(sregData);
    const source = held === undefined ? undefined : readValue(context.scope, held)?.source;
    const value = source === undefined ? undefined : operandExpr(context, sregData, targetOf(source.field));
    return value === undefined || stmt.length > 0 ? undefined : { map: { op, elem, data: value, map: `@${set}` } };
  };
}
