/** Matches of the statement tree: something of a packet, compared with constants or looked up in a set. Source: nft(8), EXPRESSIONS. */
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { checking } from '../options.ts';
import { bitTypes } from '../protocol/keys.ts';
import { type Expr, isNode, type Node } from '../statements/expression.ts';
import { inField } from '../statements/name.ts';
import type { MatchOp, MatchStatement } from '../statements/statement.ts';
import { operandOf } from './computed.ts';
import { bounds, constant, isSwapped, isWildcard, prefix } from './constant.ts';
import { matchSet, swap } from './lookup.ts';
import type { Scope } from './scope.ts';
import type { Source } from './source.ts';

const comparisons: Readonly<Record<MatchOp, NonNullable<ExpressionData<'cmp'>['op']>>> = {
  '==': 'eq',
  in: 'eq',
  '!=': 'neq',
  '!': 'neq',
  '<': 'lt',
  '>': 'gt',
  '<=': 'lte',
  '>=': 'gte',
};

/** @throws InputError */
export function match(scope: Scope, { left, op, right: given, merge, bytes }: MatchStatement['match']): void {
  if (!Object.hasOwn(comparisons, op)) throw new InputError('op', noneOf(op, Object.keys(comparisons)));
  const right = onlyOne(given);
  if ((typeof right === 'string' && right.startsWith('@')) || (isNode(right) && 'set' in right)) {
    if (op !== '==' && op !== '!=' && op !== 'in') throw new InputError('op', `${op} does not compare with a set`);
    refuseAdjusting({ merge, bytes });
    matchSet(scope, left, op === '!=', right);
    return;
  }
  if (isNode(left) && 'concat' in left) throw new InputError('right', 'a concatenation is looked up in a set');
  if (isNode(left) && 'fib' in left && typeof right === 'boolean') {
    refuseAdjusting({ merge, bytes });
    matchRoute(scope, left.fib, op, right);
    return;
  }
  const { source, flip } = operandOf(scope, left);
  inField(left, () => {
    if (bytes !== undefined) {
      refuseAdjusting({ merge });
      matchName(scope, source, op, right, bytes);
    } else if (merge !== undefined) matchMerged(scope, source, op, right, merge);
    else if (isNode(right) && 'range' in right) matchRange(scope, source, op, right);
    else if (isNode(right) && 'prefix' in right) matchPrefix(scope, source, op, right.prefix);
    else matchConstant(scope, source, op, right, flip);
  });
}

/** What a match says of the bytes that are compared. */
interface Adjusting {
  readonly merge?: boolean | undefined;
  readonly bytes?: number | undefined;
}

/** @throws InputError for what would be left unsaid */
function refuseAdjusting({ merge, bytes }: Adjusting): void {
  if (merge !== undefined) throw new InputError('merge', 'is for a field of whole bytes that is equal to a value');
  if (bytes !== undefined) throw new InputError('bytes', 'is for a name');
}

/** A name, and as many zeros as are compared with it. */
function matchName(scope: Scope, source: Source, op: MatchOp, right: Expr, bytes: number): void {
  const name = source.field.type.form === 'text' && typeof right === 'string' && !isWildcard(source, right);
  if (!name || (op !== '==' && op !== '!=' && op !== 'in')) refuseAdjusting({ bytes });
  const value = constant(source, right);
  const least = value.indexOf(0) + 1;
  checking('bytes', () => checkInteger(bytes, least === 0 ? value.length : least, value.length));
  scope.match(...source.load(0), { kind: 'cmp', data: { sreg: 1, op: comparisons[op], data: value.subarray(0, bytes) } });
}

function matchMerged(scope: Scope, source: Source, op: MatchOp, right: Expr, merge: boolean): void {
  if (typeof merge !== 'boolean') throw new InputError('merge', `expected true or false, got ${show(merge)}`, 'ERR_INVALID_ARG_TYPE');
  const several = isNode(right) && ('range' in right || 'prefix' in right);
  const equal = comparisons[op] === 'eq' && !(op === 'in' && bitTypes.has(source.field.type.name));
  if (source.payload === undefined || several || !equal) refuseAdjusting({ merge });
  matchPayload(scope, source, constant(source, right), merge);
}

function matchPayload(scope: Scope, source: Source, value: Uint8Array, merge?: boolean): void {
  const { base, offset } = source.payload!;
  scope.matchPayload(merge === undefined ? { base, offset, value } : { base, offset, value, merge });
  learn(scope, source, value);
}

/** What follows of a field or property being equal to a value. */
function learn(scope: Scope, source: Source, value: Uint8Array): void {
  if (source.names !== undefined && value.length <= 4) scope.learn(...source.names, numberOf(source, value));
}

/** nft(8) makes a comparison of a set of a single value. */
function onlyOne(of: Expr): Expr {
  if (!isNode(of) || !('set' in of)) return of;
  const elements: readonly unknown[] = Array.isArray(of.set) ? of.set : [of.set];
  const [element] = elements as readonly Expr[];
  if (elements.length !== 1 || Array.isArray(element) || element === '*') return of;
  return isNode(element!) && !('range' in element || 'prefix' in element) ? of : element!;
}

/** Whether there is a route: the kernel stores that in as many bytes as what it would find. */
function matchRoute(scope: Scope, { result, flags }: Extract<Node, { fib: unknown }>['fib'], op: MatchOp, exists: boolean): void {
  if (op !== '==' && op !== '!=' && op !== 'in') throw new InputError('op', `${op} does not compare with true or false`);
  const data = new Uint8Array(result === 'oifname' ? 16 : 4);
  data[0] = Number(exists);
  scope.match(
    { kind: 'fib', data: { dreg: 1, result, flags: [...flags, 'present'] } },
    { kind: 'cmp', data: { sreg: 1, op: comparisons[op], data } },
  );
}

function loadOrdered(source: Source): Expression[] {
  return isSwapped(source) ? [...source.load(0), swap(0, source.loaded)] : source.load(0);
}

function matchConstant(scope: Scope, source: Source, op: MatchOp, right: Expr, flip?: Uint8Array): void {
  if (isWildcard(source, right)) {
    if (op !== '==' && op !== '!=' && op !== 'in') throw new InputError('op', `${op} does not compare with a pattern`);
    scope.match(...source.load(0), {
      kind: 'cmp',
      data: { sreg: 1, op: comparisons[op], data: Uint8Array.from(Buffer.from(right.slice(0, -1))) },
    });
    return;
  }
  const value = constant(source, right);
  if (flip !== undefined) for (let i = 0; i < value.length; i++) value[i]! ^= flip[i] ?? 0;
  if (op === '!' || (op === 'in' && bitTypes.has(source.field.type.name))) {
    const zero = new Uint8Array(value.length);
    scope.match(
      ...source.load(0),
      { kind: 'bitwise', data: { sreg: 1, dreg: 1, len: value.length, mask: value, xor: zero } },
      { kind: 'cmp', data: { sreg: 1, op: op === '!' ? 'eq' : 'neq', data: zero } },
    );
    return;
  }
  const cmp = comparisons[op];
  const equal = cmp === 'eq' || cmp === 'neq';
  if (cmp === 'eq' && source.payload !== undefined && flip === undefined) {
    matchPayload(scope, source, value);
    return;
  }
  if (equal) scope.match(...source.load(0), { kind: 'cmp', data: { sreg: 1, op: cmp, data: value } });
  else
    scope.match(...loadOrdered(source), { kind: 'cmp', data: { sreg: 1, op: cmp, data: isSwapped(source) ? value.toReversed() : value } });
  if (cmp === 'eq') learn(scope, source, value);
}

function numberOf({ field }: Source, value: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < value.length; i++) sum = sum * 256 + value[field.order === 'host' ? value.length - 1 - i : i]!;
  return sum;
}

/** Hours from late to early are those that are not between the two, as nft(8) has it. */
function pastMidnight(source: Source, op: MatchOp, of: Expr): readonly [MatchOp, Expr] {
  if (source.field.type.name !== 'hour' || !isNode(of) || !('range' in of) || (op !== '==' && op !== 'in' && op !== '!=')) return [op, of];
  const [from, to] = of.range;
  const [first, last] = [from, to].map((each) => numberOf(source, constant(source, each))) as [number, number];
  return first <= last ? [op, of] : [op === '!=' ? '==' : '!=', { range: [to, from] }];
}

function matchRange(scope: Scope, source: Source, given: MatchOp, of: Expr): void {
  const [op, range] = pastMidnight(source, given, of);
  const [from, to] = bounds(source, range);
  const load = loadOrdered(source);
  if (op === '!=') scope.match(...load, { kind: 'range', data: { sreg: 1, op: 'neq', fromData: from, toData: to } });
  else if (op === '==' || op === 'in')
    scope.match(
      ...load,
      { kind: 'cmp', data: { sreg: 1, op: 'gte', data: from } },
      { kind: 'cmp', data: { sreg: 1, op: 'lte', data: to } },
    );
  else throw new InputError('op', `${op} does not compare with a range`);
}

function matchPrefix(scope: Scope, source: Source, op: MatchOp, of: { readonly addr: Expr; readonly len: number }): void {
  if (op !== '==' && op !== '!=' && op !== 'in') throw new InputError('op', `${op} does not compare with a prefix`);
  const { bytes, mask } = prefix(source, of);
  const network = bytes.map((byte, i) => byte & mask[i]!);
  const cmp = comparisons[op];
  if (of.len > 0 && of.len % 8 === 0) {
    // a prefix that ends with a byte is so many bytes to compare
    const length = of.len / 8;
    const load = source.loadFirst === undefined ? source.load(0) : source.loadFirst(0, length);
    scope.match(...load, { kind: 'cmp', data: { sreg: 1, op: cmp, data: network.subarray(0, length) } });
    return;
  }
  const xor = new Uint8Array(mask.length);
  scope.match(
    ...source.load(0),
    { kind: 'bitwise', data: { sreg: 1, dreg: 1, len: mask.length, mask, xor } },
    { kind: 'cmp', data: { sreg: 1, op: cmp, data: network } },
  );
}
