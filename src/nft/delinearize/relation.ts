/** Comparisons as matches: the reverse of `linearize/match-statement.ts`. */
import { compareBytes } from '../datatype/key.ts';
import type { ExpressionData } from '../expressions/expression.ts';
import { isSwapped } from '../linearize/constant.ts';
import type { Scope } from '../linearize/scope.ts';
import { sourceOf } from '../linearize/source.ts';
import { bitTypes } from '../protocol/keys.ts';
import { type Expr, isNode } from '../statements/expression.ts';
import type { MatchOp, MatchStatement } from '../statements/statement.ts';
import { isAddress, literal, maskLength, rangeOf } from './literal.ts';
import { fieldFrom, fieldsIn } from './payload.ts';
import { unless } from './unless.ts';
import { computedFrom, type Read, readField, type Value } from './value.ts';

type CmpOp = NonNullable<ExpressionData<'cmp'>['op']>;
const operators: Readonly<Record<string, MatchOp>> = { eq: '==', neq: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' };

function matching(left: Expr, op: MatchOp, right: Expr | undefined): MatchStatement | undefined {
  return right === undefined ? undefined : { match: { left, op, right } };
}

/** The matches that a comparison stands for; undefined: it cannot be told. */
export function readComparison(scope: Scope, value: Value, op: CmpOp, data: Uint8Array): MatchStatement[] | undefined {
  const operator = operators[op];
  if (operator === undefined) return undefined;
  const equality = operator === '==' || operator === '!=';
  const { load, changes } = value;
  if (load.kind === 'payload' && changes.length === 0 && equality && data.length === load.len) {
    const partial = prefixOfBytes(scope, value, operator, data) ?? (operator === '==' ? neighbors(scope, value, data) : undefined);
    if (partial !== undefined) return partial;
  }
  const read = readField(scope, value);
  if (read === undefined) return undefined;
  const single =
    load.kind === 'expr' && load.present === true
      ? existence(read, operator, data)
      : ((equality ? (ofBits(read, operator, data) ?? ofMask(read, operator, data)) : undefined) ?? plain(read, operator, data));
  return single === undefined ? undefined : [single];
}

/** Fewer bytes than the field has: a prefix of them. */
function prefixOfBytes(scope: Scope, { load }: Value, op: MatchOp, data: Uint8Array): MatchStatement[] | undefined {
  if (load.kind !== 'payload') return undefined;
  const expr = fieldFrom(scope, load);
  const source = expr === undefined ? undefined : unless(() => sourceOf(scope, expr));
  if (expr === undefined || source === undefined) return undefined;
  const found = prefixed(expr, source.loaded, op, data, (bytes) => literal(source, bytes));
  return found === undefined ? undefined : [found];
}

function prefixed(
  expr: Expr,
  length: number,
  op: MatchOp,
  data: Uint8Array,
  address: (bytes: Uint8Array) => Expr | undefined,
): MatchStatement | undefined {
  const whole = new Uint8Array(length);
  whole.set(data);
  const addr = address(whole);
  return addr === undefined ? undefined : matching(expr, op, { prefix: { addr, len: 8 * data.length } });
}

/** Several fields that are compared at once. */
function neighbors(scope: Scope, { load }: Value, data: Uint8Array): MatchStatement[] | undefined {
  const fields = load.kind === 'payload' ? fieldsIn(scope, load) : undefined;
  if (fields === undefined) return undefined;
  const found: MatchStatement[] = [];
  let at = 0;
  for (const { expr, length } of fields) {
    const source = unless(() => sourceOf(scope, expr));
    const statement = source === undefined ? undefined : matching(expr, '==', literal(source, data.subarray(at, at + length)));
    if (statement === undefined) return undefined;
    found.push(statement);
    at += length;
  }
  return found;
}

/** Whether there is a route. */
function existence({ expr }: Read, op: MatchOp, data: Uint8Array): MatchStatement | undefined {
  const exists = data[0] === 1 ? true : data[0] === 0 ? false : undefined;
  return data.subarray(1).every((byte) => byte === 0) ? matching(expr, op, exists) : undefined;
}

/** Any of some bits, or none of them. */
function ofBits({ expr, source, changes }: Read, op: MatchOp, data: Uint8Array): MatchStatement | undefined {
  const change = changes.at(-1);
  if (change?.kind !== 'bits' || !bitTypes.has(source.field.type.name) || data.some((byte) => byte !== 0)) return undefined;
  if (changes.length > 1 || change.xor.some((byte) => byte !== 0)) return undefined;
  return matching(expr, op === '!=' ? 'in' : '!', literal(source, change.mask));
}

/** An address under a mask that ends within a byte. */
function ofMask({ expr, source, changes }: Read, op: MatchOp, data: Uint8Array): MatchStatement | undefined {
  const [change] = changes;
  if (change?.kind !== 'bits' || changes.length > 1 || !isAddress(source) || change.xor.some((byte) => byte !== 0)) return undefined;
  const len = maskLength(change.mask);
  if (len === undefined || (len > 0 && len % 8 === 0) || data.some((byte, i) => (byte & ~change.mask[i]!) !== 0)) return undefined;
  const addr = literal(source, data);
  return addr === undefined ? undefined : matching(expr, op, { prefix: { addr, len } });
}

function plain(read: Read, op: MatchOp, data: Uint8Array): MatchStatement | undefined {
  const computed = computedFrom(read);
  if (computed === undefined) return undefined;
  const { expr, source, swapped } = computed;
  if (data.length < source.loaded && !swapped && (op === '==' || op === '!=')) {
    if (source.field.type.name === 'ifname') return ofName(read, op, data);
    if (isAddress(source)) return prefixed(expr, source.loaded, op, data, (bytes) => literal(source, bytes));
  }
  return matching(expr, op, literal(source, swapped ? data.toReversed() : data));
}

/** The start of a name, or a name with fewer zeros after it than there may be. */
function ofName({ expr, source }: Read, op: MatchOp, data: Uint8Array): MatchStatement | undefined {
  if (!data.includes(0)) return matching(expr, op, `${Buffer.from(data).toString()}*`);
  const whole = new Uint8Array(source.loaded);
  whole.set(data);
  const found = matching(expr, op, literal(source, whole));
  return found === undefined ? undefined : { match: { ...found.match, bytes: data.length } };
}

/**
 * The matches that a comparison stands for, with what keeps them from becoming one with others: where nft(8) would compare other fields at once than
 * whoever wrote the rule.
 */
export function apart(value: Value, statements: readonly MatchStatement[]): MatchStatement[] {
  const { load, changes } = value;
  const whole = load.kind === 'payload' && load.tunnel === undefined && changes.length === 0;
  return statements.map((statement, i) => {
    const { op, right } = statement.match;
    if (!whole || op !== '==' || (isNode(right) && ('prefix' in right || 'range' in right))) return statement;
    return { match: { ...statement.match, merge: i > 0 } };
  });
}

/** All from one value to another, or what is none of them. */
export function readRange(scope: Scope, value: Value, not: boolean, from: Uint8Array, to: Uint8Array): MatchStatement | undefined {
  const read = readField(scope, value);
  const computed = read === undefined ? undefined : computedFrom(read);
  if (computed === undefined || compareBytes(from, to) > 0) return undefined;
  const { expr, source } = computed;
  const [first, last] = [from, to].map((bytes) => (isSwapped(source) ? bytes.toReversed() : bytes)) as [Uint8Array, Uint8Array];
  return matching(expr, not ? '!=' : '==', rangeOf(source, first, last));
}
