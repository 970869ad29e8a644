/** `meta mark set 1`, `ip dscp set cs1`: the reverse of `linearize/assign.ts`. */
import type { ExpressionData } from '../expressions/expression.ts';
import type { Target } from '../linearize/constant.ts';
import { sourceOf } from '../linearize/source.ts';
import type { Expr } from '../statements/expression.ts';
import type { Statement } from '../statements/statement.ts';
import { type Context, operandExpr, type Reader } from './context.ts';
import { literal } from './literal.ts';
import { ctExpr, metaExpr, namedOption } from './load.ts';
import { namedAt, type PayloadLoad, rawAt } from './payload.ts';
import { unless } from './unless.ts';
import { extentOf } from './value.ts';

/** Sets `key` to what a register holds. */
function assigned(context: Context, key: Expr | undefined, register: number | undefined): Statement | undefined {
  const target = key === undefined ? undefined : unless(() => sourceOf(context.scope, key));
  const value = target === undefined ? undefined : operandExpr(context, register, target);
  return key === undefined || value === undefined ? undefined : { mangle: { key, value } };
}

export const readMetaSet: Reader<'meta'> = (context, { key, sreg }) => assigned(context, metaExpr(key), sreg);

export const readCtSet: Reader<'ct'> = (context, data) => assigned(context, ctExpr(data), data.sreg);

export const readOptionWrite: Reader<'exthdr'> = (context, data) =>
  data.len === undefined ? undefined : assigned(context, namedOption(data, 0, 8 * data.len), data.sreg);

export const readPayloadWrite: Reader<'payload'> = (context, data) => {
  const { base, offset, len, sreg } = data;
  if (typeof base !== 'string' || offset === undefined || len === undefined) return undefined;
  const place: PayloadLoad = { kind: 'payload', base, offset, len };
  return bitsWritten(context, place, data) ?? assigned(context, fieldAt(context.scope, place, 8 * offset, 8 * len), sreg);
};

const fieldAt = (...[scope, place, bit, bits]: Parameters<typeof namedAt>) => namedAt(scope, place, bit, bits) ?? rawAt(place, bit, bits);

/** Some of the bytes' bits are set, and the others written back as they were loaded. */
function bitsWritten(context: Context, place: PayloadLoad, { sreg }: ExpressionData<'payload'>): Statement | undefined {
  const value = context.registers.get(sreg);
  const [change] = value?.changes ?? [];
  if (value?.load.kind !== 'payload' || value.changes.length !== 1 || change?.kind !== 'bits') return undefined;
  if (value.load.base !== place.base || value.load.offset !== place.offset || value.load.len !== place.len) return undefined;
  const bits = extentOf(change.mask.map((byte) => ~byte & 0xff));
  if (bits === undefined || change.mask.some((byte, i) => (byte & change.xor[i]!) !== 0)) return undefined;
  const key = fieldAt(context.scope, place, 8 * place.offset + bits.first, bits.count);
  const target = key === undefined ? undefined : unless(() => sourceOf(context.scope, key));
  const constant = key === undefined || target === undefined ? undefined : literal(target, within(target, bits.first, change.xor));
  return key === undefined || constant === undefined ? undefined : { mangle: { key, value: constant } };
}

/** Of the bytes that are written, those that the field is loaded with. */
function within({ loaded }: Target, first: number, bytes: Uint8Array): Uint8Array {
  const from = Math.floor(first / 8);
  return bytes.subarray(from, from + loaded);
}
