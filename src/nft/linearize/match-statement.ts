/** Matches of the statement tree: something of a packet, compared with constants or looked up in a set. Source: nft(8), EXPRESSIONS. */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { anonymousMapName, anonymousSetName } from '../anonymous-set.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { checkName } from '../name.ts';
import { bitTypes } from '../protocol/keys.ts';
import { type Expr, isNode, type Node } from '../statements/expression.ts';
import { inField } from '../statements/name.ts';
import type { MatchOp, MatchStatement } from '../statements/statement.ts';
import { anonymousSet, type Held } from './anonymous.ts';
import { bounds, constant, isConstant, isInterval, isSwapped, isWildcard, prefix } from './constant.ts';
import { registerAt } from './registers.ts';
import type { Scope } from './scope.ts';
import { type Source, sourceOf, sourcesOf } from './source.ts';

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
export function match(scope: Scope, { left, op, right: given }: MatchStatement['match']): void {
  if (!Object.hasOwn(comparisons, op)) throw new InputError('op', `${show(op)} is none of ${Object.keys(comparisons).join(', ')}`);
  const right = onlyOne(given);
  if ((typeof right === 'string' && right.startsWith('@')) || (isNode(right) && 'set' in right)) {
    if (op !== '==' && op !== '!=' && op !== 'in') throw new InputError('op', `${op} does not compare with a set`);
    matchSet(scope, left, op === '!=', right);
    return;
  }
  if (isNode(left) && 'concat' in left) throw new InputError('right', 'a concatenation is looked up in a set');
  if (isNode(left) && 'fib' in left && typeof right === 'boolean') {
    matchRoute(scope, left.fib, op, right);
    return;
  }
  const { source, flip } = operandOf(scope, left);
  inField(left, () => {
    if (isNode(right) && 'range' in right) matchRange(scope, source, op, right);
    else if (isNode(right) && 'prefix' in right) matchPrefix(scope, source, op, right.prefix);
    else matchConstant(scope, source, op, right, flip);
  });
}

/** nft(8) makes a comparison of a set of a single value. */
function onlyOne(of: Expr): Expr {
  if (!isNode(of) || !('set' in of)) return of;
  const elements: readonly unknown[] = Array.isArray(of.set) ? of.set : [of.set];
  const [element] = elements as readonly Expr[];
  if (elements.length !== 1 || Array.isArray(element)) return of;
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

/** What is compared, and what the constant is to be changed by (exclusive or) before. */
export function operandOf(scope: Scope, of: Expr): { source: Source; flip?: Uint8Array } {
  if (isNode(of) && '^' in of && of['^'].length === 2 && !isConstant(of['^'][0])) {
    const [of0, bits] = of['^'];
    const source = operandOf(scope, of0).source;
    return { source, flip: constant(source, bits) };
  }
  return { source: computed(scope, of) };
}

/** A source, or one whose bits are changed by constants. */
export function computed(scope: Scope, of: Expr): Source {
  if (!isNode(of) || !('&' in of || '|' in of || '^' in of || '<<' in of || '>>' in of)) return sourceOf(scope, of);
  const [op, operands] = Object.entries(of)[0] as [string, readonly [Expr, ...Expr[]]];
  const [first, ...rest] = operands;
  const source = computed(scope, first);
  if (op === '<<' || op === '>>') return shifted(source, op, rest);
  const length = source.loaded;
  const mask = new Uint8Array(length).fill(0xff);
  const xor = new Uint8Array(length);
  const changes = changesOf(source);
  for (const [name, bits] of [...changes.list, ...rest.map((each) => [op, constant(source, each)] as const)]) {
    for (let i = 0; i < length; i++) {
      const bit = bits[i]!;
      if (name === '&') {
        mask[i]! &= bit;
        xor[i]! &= bit;
      } else if (name === '|') {
        mask[i]! &= ~bit;
        xor[i] = (xor[i]! & ~bit) | bit;
      } else xor[i]! ^= bit;
    }
  }
  const { load } = changes.plain;
  const result: Source = {
    field: source.field,
    bits: source.bits,
    shift: source.shift,
    loaded: length,
    load: (word) => {
      const register = registerAt(word);
      return [...load(word), { kind: 'bitwise', data: { sreg: register, dreg: register, len: length, mask, xor } }];
    },
  };
  changed.set(result, { plain: changes.plain, list: [...changes.list, ...rest.map((each) => [op, constant(source, each)] as const)] });
  return result;
}

interface Changes {
  readonly plain: Source;
  readonly list: readonly (readonly [op: string, bits: Uint8Array])[];
}
/** Several changes of one value are one expression. */
const changed = new WeakMap<Source, Changes>();

function changesOf(source: Source): Changes {
  return changed.get(source) ?? { plain: source, list: [] };
}

function shifted(source: Source, op: '<<' | '>>', [by, more]: readonly Expr[]): Source {
  if (typeof by !== 'number' || !Number.isInteger(by) || by < 0 || by > 31 || more !== undefined)
    throw new InputError(op, `expected a number of bits from 0 to 31, got ${show(by)}`, 'ERR_OUT_OF_RANGE');
  if (source.shift !== 0 || source.bits !== 8 * source.loaded) throw new InputError(op, 'only whole bytes can be shifted');
  const { payload: _payload, names: _names, loadFirst: _first, ...rest } = source;
  return {
    ...rest,
    load: (word) => {
      const register = registerAt(word);
      const data = Uint8Array.of(by, 0, 0, 0);
      return [
        ...source.load(word),
        { kind: 'bitwise', data: { sreg: register, dreg: register, len: source.loaded, op: op === '<<' ? 'lshift' : 'rshift', data } },
      ];
    },
  };
}

function swap(word: number, length: number): Expression {
  const register = registerAt(word);
  return { kind: 'byteorder', data: { sreg: register, dreg: register, op: 'hton', len: length, size: length } };
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
  if (cmp === 'eq' && source.payload !== undefined && flip === undefined) scope.matchPayload({ ...source.payload, value });
  else if (equal) scope.match(...source.load(0), { kind: 'cmp', data: { sreg: 1, op: cmp, data: value } });
  else
    scope.match(...loadOrdered(source), { kind: 'cmp', data: { sreg: 1, op: cmp, data: isSwapped(source) ? value.toReversed() : value } });
  if (cmp === 'eq' && source.names !== undefined && value.length <= 4) scope.learn(...source.names, numberOf(source, value));
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

/** Elements of a literal set. */
export function elementsOf(of: Expr): readonly unknown[] {
  if (isNode(of) && 'set' in of) return Array.isArray(of.set) ? of.set : [of.set];
  throw new InputError('', `expected a set, got ${show(of)}`);
}

/** Loads what is looked up; in sets of intervals integers are in network order. */
function loadKeys(sources: readonly Source[], interval: boolean): Expression[] {
  let word = 0;
  return sources.flatMap((source) => {
    const at = word;
    word += (source.loaded + 3) >>> 2;
    return interval && isSwapped(source) ? [...source.load(at), swap(at, source.loaded)] : source.load(at);
  });
}

function keysOf(scope: Scope, left: Expr): Source[] {
  if (isNode(left) && 'concat' in left) return sourcesOf(scope, left);
  return [computed(scope, left)];
}

function isIcmpType({ names }: Source): boolean {
  return names !== undefined && (names[0] === 'icmp' || names[0] === 'icmpv6') && names[1] === 'type';
}

/** Whether a set of the table is one of intervals, where that matters. */
function isNamedInterval(scope: Scope, name: string, keys: readonly Source[]): boolean {
  return keys.some(isSwapped) && scope.knownSet(name)?.flags?.includes('interval') === true;
}

function matchSet(scope: Scope, left: Expr, not: boolean, right: Expr): void {
  const keys = keysOf(scope, left);
  const flags: Pick<ExpressionData<'lookup'>, 'flags'> = not ? { flags: ['inv'] } : {};
  if (typeof right === 'string') {
    const set = checkName(right.slice(1), 'right');
    scope.match(...loadKeys(keys, isNamedInterval(scope, set, keys)), { kind: 'lookup', data: { sreg: 1, set, ...flags } });
    return;
  }
  const set = inField(left, () => anonymousSet(keys, elementsOf(right)));
  const setId = scope.addSet(set);
  const [key] = keys;
  if (!not && set.interval !== true && keys.length === 1 && isIcmpType(key!))
    scope.learnIcmpTypes(set.elements.map((element) => (element.key as Uint8Array)[0]!));
  scope.match(...loadKeys(keys, set.interval === true), { kind: 'lookup', data: { sreg: 1, set: anonymousSetName, setId, ...flags } });
}

/** Looks a value up in a map, into the register that starts the memory (or the verdict). @returns whether the values are intervals */
export function lookUpIn(
  scope: Scope,
  key: Expr,
  data: Expr,
  held: Exclude<Held, { object: unknown }>,
): { load: Expression[]; interval: boolean } {
  const keys = keysOf(scope, key);
  const dreg = held === 'verdict' ? 0 : 1;
  if (typeof data === 'string' && data.startsWith('@')) {
    const set = checkName(data.slice(1), 'data');
    return {
      load: [...loadKeys(keys, isNamedInterval(scope, set, keys)), { kind: 'lookup', data: { sreg: 1, set, dreg } }],
      interval: false,
    };
  }
  const elements = inField(key, () => elementsOf(data));
  const set = inField(key, () => anonymousSet(keys, elements, held));
  const setId = scope.addSet(set);
  const interval =
    held !== 'verdict' &&
    elements.some((pair) => {
      const value = (pair as readonly [Expr, Expr])[1];
      const parts = isNode(value) && 'concat' in value ? value.concat : [value];
      return parts.some((part, i) => isInterval(held[i]!, part));
    });
  return {
    load: [...loadKeys(keys, set.interval === true), { kind: 'lookup', data: { sreg: 1, set: anonymousMapName, setId, dreg } }],
    interval,
  };
}

/** The same for a map of objects. */
export function lookUpObject(scope: Scope, key: Expr, data: Expr, object: Extract<Held, { object: unknown }>): Expression[] {
  const keys = keysOf(scope, key);
  if (typeof data === 'string' && data.startsWith('@')) {
    const set = checkName(data.slice(1), 'data');
    return [...loadKeys(keys, isNamedInterval(scope, set, keys)), { kind: 'objref', data: { sreg: 1, set } }];
  }
  const set = inField(key, () => anonymousSet(keys, elementsOf(data), object));
  const setId = scope.addSet(set);
  return [...loadKeys(keys, set.interval === true), { kind: 'objref', data: { sreg: 1, set: '__objmap%d', setId } }];
}
