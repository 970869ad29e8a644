/** What registers hold while a rule is read: what was loaded, and how it was changed since. */
import { sameBytes } from '../datatype/key.ts';
import type { ExpressionData } from '../expressions/expression.ts';
import { isSwapped, type Target } from '../linearize/constant.ts';
import { wordsOf } from '../linearize/registers.ts';
import type { Scope } from '../linearize/scope.ts';
import { type Source, sourceOf } from '../linearize/source.ts';
import type { TunnelName } from '../protocol/tunnels.ts';
import type { BinaryOperator, Expr } from '../statements/expression.ts';
import { literal } from './literal.ts';
import { namedOption, rawOption } from './load.ts';
import { namedAt, type PayloadLoad, rawAt } from './payload.ts';
import { unless } from './unless.ts';

/** What a map gives, which is written as what it is used for. */
export interface MapLoad {
  readonly kind: 'map';
  readonly key: Expr;
  readonly keys: readonly Target[];
  readonly set: string;
}

export type Load =
  | PayloadLoad
  | MapLoad
  | { readonly kind: 'option'; readonly data: ExpressionData<'exthdr'>; readonly len: number }
  | { readonly kind: 'expr'; readonly expr: Expr; readonly tunnel?: TunnelName; readonly present?: boolean }
  | { readonly kind: 'data'; readonly data: Uint8Array };

export type Change =
  | { readonly kind: 'bits'; readonly mask: Uint8Array; readonly xor: Uint8Array }
  | { readonly kind: 'shift'; readonly op: '<<' | '>>'; readonly by: number }
  | { readonly kind: 'swap'; readonly size: number };

export interface Value {
  readonly load: Load;
  readonly changes: readonly Change[];
}

/** What a value is: a field, and what was changed of it since. */
export interface Read {
  readonly expr: Expr;
  readonly source: Source;
  readonly changes: readonly Change[];
}

/** The field that a value is of. */
export function readField(scope: Scope, { load, changes }: Value): Read | undefined {
  if (load.kind === 'data' || load.kind === 'map') return undefined;
  if (load.kind === 'expr') return withSource(scope, load.expr, changes);
  const named = (bit: number, bits: number): Expr | undefined =>
    load.kind === 'option' ? namedOption(load.data, bit, bits) : namedAt(scope, load, 8 * load.offset + bit, bits);
  const raw = (bit: number, bits: number): Expr | undefined =>
    load.kind === 'option' ? rawOption(load.data, bit, bits) : rawAt(load, 8 * load.offset + bit, bits);
  const [first] = changes;
  const bits = first?.kind === 'bits' && first.xor.every((byte) => byte === 0) ? extentOf(first.mask) : undefined;
  const part = (expr: Expr | undefined): Read | undefined => {
    const read = expr === undefined ? undefined : withSource(scope, expr, changes.slice(1));
    // the field is loaded with as many bytes
    return read?.source.loaded === load.len ? read : undefined;
  };
  const within = bits === undefined || bits.count === 8 * load.len ? undefined : part(named(bits.first, bits.count));
  if (within !== undefined) return within;
  const whole = named(0, 8 * load.len);
  if (whole !== undefined) return withSource(scope, whole, changes);
  const unnamed = bits === undefined ? undefined : part(raw(bits.first, bits.count));
  if (unnamed !== undefined) return unnamed;
  const bytes = raw(0, 8 * load.len);
  return bytes === undefined ? undefined : withSource(scope, bytes, changes);
}

function withSource(scope: Scope, expr: Expr, changes: readonly Change[]): Read | undefined {
  const source = unless(() => sourceOf(scope, expr));
  return source === undefined ? undefined : { expr, source, changes };
}

/** The bits that are set, where they are in a row. */
export function extentOf(mask: Uint8Array): { readonly first: number; readonly count: number } | undefined {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const match = /^(0*)(1+)0*$/.exec(bits);
  return match === null ? undefined : { first: match[1]!.length, count: match[2]!.length };
}

/** A value as an expression of the tree. */
export interface Computed {
  readonly expr: Expr;
  readonly source: Source;
  /** In network order, where it has another by itself. */
  readonly swapped: boolean;
}

/** The value with all that was changed of it. */
export function computedFrom({ expr, source, changes }: Read): Computed | undefined {
  let result: Expr | undefined = expr;
  let swapped = false;
  for (const change of changes) {
    // bytes are turned around last
    if (swapped || result === undefined) return undefined;
    if (change.kind === 'swap') swapped = true;
    else if (change.kind === 'shift') result = { [change.op]: [result, change.by] } as unknown as Expr;
    else result = changed(result, source, change.mask, change.xor);
  }
  return result === undefined ? undefined : { expr: result, source, swapped };
}

/** `(x & mask) ^ xor` as what nft(8) calls `&`, `^` and `|`. */
function changed(expr: Expr, source: Source, mask: Uint8Array, xor: Uint8Array): Expr | undefined {
  const ones = mask.map(() => 0xff);
  const zeros = mask.map(() => 0);
  const set = mask.map((byte, i) => ~byte & xor[i]!);
  const steps: [BinaryOperator, Uint8Array, Uint8Array][] = [
    ['&', mask.map((byte, i) => byte | set[i]!), ones],
    ['^', mask.map((byte, i) => byte & xor[i]!), zeros],
    ['|', set, zeros],
  ];
  let result: Expr | undefined = expr;
  for (const [op, bits, idle] of steps) {
    if (sameBytes(bits, idle) || result === undefined) continue;
    const constant = literal(source, bits);
    result = constant === undefined ? undefined : ({ [op]: [result, constant] } as unknown as Expr);
  }
  return result === expr ? undefined : result;
}

export function readValue(scope: Scope, value: Value): Computed | undefined {
  const read = readField(scope, value);
  return read === undefined ? undefined : computedFrom(read);
}

/** Bytes of a header, counted. */
export function readUnnamed(scope: Scope, load: PayloadLoad): Computed | undefined {
  const bytes = rawAt(load, 8 * load.offset, 8 * load.len);
  const read = bytes === undefined ? undefined : withSource(scope, bytes, []);
  return read === undefined ? undefined : computedFrom(read);
}

/** Whether the byte order is that in which a set of intervals, or a field in network order, takes it. */
export function isOrdered({ source, swapped }: Computed): boolean {
  return swapped || !isSwapped(source);
}

/** The word that the next value of a concatenation starts with. */
export function wordAfter(word: number, { source }: Computed): number {
  return word + wordsOf(source.loaded);
}
