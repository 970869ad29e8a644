/** What rules match: fields of headers, properties of packets and connections. Source: nft(8), EXPRESSIONS. */
import { addressBits, parsePrefix } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import type { DataTypeName } from '../datatype/data-type.ts';
import type { Expr, RangeExpression } from '../statements/expression.ts';
import { inField } from '../statements/name.ts';
import type { MangleStatement, MatchOp, MatchStatement, VmapStatement } from '../statements/statement.ts';
import type { VerdictStatement } from '../statements/verdict.ts';
import type { PrefixOf, SetName, ValueOf } from './value.ts';

/** All values between two, both included. */
export interface Between<V> {
  /** The first value. */
  readonly from: V;
  /** The last value, which is one of them. */
  readonly to: V;
}

/** All values between two, both included. @example tcp.dport.in(range(8000, 8080)) */
export function range<const V>(from: V, to: V): Between<V> {
  return { from, to };
}

/** What a match on a field of a type takes: a value, a prefix (`'10.0.0.0/8'`), a range. */
export type KeyOf<T extends DataTypeName> = ValueOf<T> | PrefixOf<T> | Between<ValueOf<T>>;

/** Anything that can be loaded: a field, a number that is made, a concatenation. */
export interface Operand {
  /** What it stands for in a statement. */
  readonly expr: Expr;
}

/** Something of a packet whose values are of a type. */
export class Field<T extends DataTypeName> implements Operand {
  readonly type: T;
  readonly expr: Expr;

  constructor(type: T, expr: Expr) {
    this.type = type;
    this.expr = expr;
  }

  /**
   * Matches any of the values, or those of a named set (`'@blocked'`).
   *
   * @throws InputError when there is none, or an address is of the other family
   */
  in(set: SetName): MatchStatement;
  in(...values: readonly [KeyOf<T>, ...KeyOf<T>[]]): MatchStatement;
  in(...values: readonly unknown[]): MatchStatement {
    return this.#match('==', values);
  }

  /** Matches what is none of the values, or not in a named set. @throws InputError as {@link in} */
  not(set: SetName): MatchStatement;
  not(...values: readonly [KeyOf<T>, ...KeyOf<T>[]]): MatchStatement;
  not(...values: readonly unknown[]): MatchStatement {
    return this.#match('!=', values);
  }

  /** Matches what is less than a value. */
  below(value: ValueOf<T>): MatchStatement {
    return this.#compare('<', value);
  }
  /** Matches what is more than a value. */
  above(value: ValueOf<T>): MatchStatement {
    return this.#compare('>', value);
  }
  /** Matches a value and what is less. */
  atMost(value: ValueOf<T>): MatchStatement {
    return this.#compare('<=', value);
  }
  /** Matches a value and what is more. */
  atLeast(value: ValueOf<T>): MatchStatement {
    return this.#compare('>=', value);
  }

  /** The field with the bits that `mask` has not set to zero. */
  and(mask: ValueOf<T> | number): Field<T> {
    return new Field(this.type, { '&': [this.expr, mask as Expr] });
  }
  /** The field with the bits of `bits` set. */
  or(bits: ValueOf<T> | number): Field<T> {
    return new Field(this.type, { '|': [this.expr, bits as Expr] });
  }
  /** The field with the bits of `bits` turned around. */
  xor(bits: ValueOf<T> | number): Field<T> {
    return new Field(this.type, { '^': [this.expr, bits as Expr] });
  }
  /** The field, `bits` bits further up. */
  shiftLeft(bits: number): Field<T> {
    return new Field(this.type, { '<<': [this.expr, bits] });
  }
  /** The field, `bits` bits further down. */
  shiftRight(bits: number): Field<T> {
    return new Field(this.type, { '>>': [this.expr, bits] });
  }

  /** Does what a verdict map has for the value: pairs of a key and a verdict, or `'@name'`. The key `'*'` is for all values that no other is for. */
  vmap(data: SetName | readonly (readonly [KeyOf<T> | '*', VerdictStatement])[]): VmapStatement {
    return inField(this.expr, () => ({ vmap: { key: this.expr, data: pairs(data, (key) => keyExpr(this.type, key)) } }));
  }

  /** Sets the field: to a value, or to what an operand gives. */
  set(value: ValueOf<T> | Operand): MangleStatement {
    return { mangle: { key: this.expr, value: valueExpr(value) } };
  }

  #match(op: MatchOp, values: readonly unknown[]): MatchStatement {
    return inField(this.expr, () => ({ match: { left: this.expr, op, right: right(values, (value) => keyExpr(this.type, value)) } }));
  }

  #compare(op: MatchOp, value: unknown): MatchStatement {
    return inField(this.expr, () => ({ match: { left: this.expr, op, right: keyExpr(this.type, value) } }));
  }
}

/** Several fields one after another, that are looked up together. */
export class Concat<T extends readonly DataTypeName[]> implements Operand {
  readonly types: T;
  readonly expr: Expr;

  constructor(types: T, expr: Expr) {
    this.types = types;
    this.expr = expr;
  }

  /** Matches any of the combinations, or those of a named set. @throws InputError */
  in(set: SetName): MatchStatement;
  in(...keys: readonly [KeysOf<T>, ...KeysOf<T>[]]): MatchStatement;
  in(...keys: readonly unknown[]): MatchStatement {
    return inField(this.expr, () => ({ match: { left: this.expr, op: '==', right: lookedUp(keys, (key) => this.#key(key)) } }));
  }

  /** Matches what is none of the combinations, or not in a named set. @throws InputError */
  not(set: SetName): MatchStatement;
  not(...keys: readonly [KeysOf<T>, ...KeysOf<T>[]]): MatchStatement;
  not(...keys: readonly unknown[]): MatchStatement {
    return inField(this.expr, () => ({ match: { left: this.expr, op: '!=', right: lookedUp(keys, (key) => this.#key(key)) } }));
  }

  /** Does what a verdict map has for the combination; `'*'` as with a field. */
  vmap(data: SetName | readonly (readonly [KeysOf<T> | '*', VerdictStatement])[]): VmapStatement {
    return inField(this.expr, () => ({ vmap: { key: this.expr, data: pairs(data, (key) => this.#key(key)) } }));
  }

  #key(key: unknown): Expr {
    if (!Array.isArray(key) || key.length !== this.types.length)
      throw new InputError('', `expected ${this.types.length} values, got ${show(key)}`, 'ERR_INVALID_ARG_TYPE');
    return { concat: key.map((each, i) => keyExpr(this.types[i]!, each)) };
  }
}

/** A key of a concatenation: one for each field. */
export type KeysOf<T extends readonly DataTypeName[]> = { readonly [I in keyof T]: KeyOf<T[I]> };

type TypesOf<F extends readonly Field<DataTypeName>[]> = { readonly [I in keyof F]: F[I] extends Field<infer T> ? T : never };

/** @example concat(ip.saddr, tcp.dport).in(['10.0.0.1', 80]) */
export function concat<const F extends readonly [Field<DataTypeName>, Field<DataTypeName>, ...Field<DataTypeName>[]]>(
  ...fields: F
): Concat<TypesOf<F>> {
  return new Concat(fields.map(({ type }) => type) as TypesOf<F>, { concat: fields.map(({ expr }) => expr) });
}

/**
 * What a map has for the value of a field: in place of an address or a port of a NAT, or of a value that is set. The key `'*'` is for all values that
 * no other is for.
 *
 * @example dnat({ addr: map(tcp.dport, [[80, '10.0.0.1'], [443, '10.0.0.2']]) })
 */
export function map<T extends DataTypeName>(key: Field<T>, data: SetName | readonly (readonly [KeyOf<T> | '*', MapValue])[]): Operand;
export function map<const T extends readonly DataTypeName[]>(
  key: Concat<T>,
  data: SetName | readonly (readonly [KeysOf<T> | '*', MapValue])[],
): Operand;
export function map(key: Operand, data: SetName | readonly (readonly [number, MapValue])[]): Operand;
export function map(key: Operand, data: SetName | readonly (readonly [unknown, MapValue])[]): Operand {
  const keyOf = (of: unknown): Expr =>
    key instanceof Field
      ? keyExpr(key.type, of)
      : key instanceof Concat
        ? { concat: (of as readonly unknown[]).map((each, i) => keyExpr(key.types[i], each)) }
        : (of as Expr);
  return { expr: { map: { key: key.expr, data: pairs(data, keyOf, given) } } };
}

/** What a map holds: a value, or an address with a port. */
export type MapValue = string | number | Between<string | number> | readonly (string | number | Between<string | number>)[];

function given(value: unknown): Expr {
  return Array.isArray(value) ? { concat: value.map(anyExpr) } : anyExpr(value);
}

/** A value whose type is not known: text with a slash is a prefix. */
export function anyExpr(value: unknown): Expr {
  if (isRange(value)) return { range: [value.from as Expr, value.to as Expr] };
  return typeof value === 'string' && value.includes('/') ? prefixExpr(value) : (value as Expr);
}

/** A value to set something to. */
export function valueExpr(value: unknown): Expr {
  return isOperand(value) ? value.expr : (value as Expr);
}

export function isOperand(value: unknown): value is Operand {
  return typeof value === 'object' && value !== null && 'expr' in value;
}

function isRange(value: unknown): value is Between<unknown> {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value;
}

function prefixExpr(text: string): Expr {
  const { address, length } = parsePrefix(text);
  return { prefix: { addr: address, len: length } };
}

/** @throws InputError when the address is of another family than the type */
export function keyExpr(type: DataTypeName | undefined, value: unknown): Expr {
  if (isRange(value)) return { range: [keyExpr(type, value.from), keyExpr(type, value.to)] } satisfies RangeExpression;
  if (type !== 'ipv4_addr' && type !== 'ipv6_addr') return value as Expr;
  if (typeof value === 'number') return value;
  const prefix = parsePrefix(value);
  if ((prefix.family === 'inet') !== (type === 'ipv4_addr'))
    throw new InputError('', `${show(value)} is no ${type === 'ipv4_addr' ? 'IPv4' : 'IPv6'} address`);
  return prefix.length === addressBits(prefix.family) ? prefix.address : { prefix: { addr: prefix.address, len: prefix.length } };
}

function isSetName(value: unknown): value is SetName {
  return typeof value === 'string' && value.startsWith('@');
}

function right(values: readonly unknown[], key: (value: unknown) => Expr): Expr {
  const [first] = values;
  if (values.length === 1) return isSetName(first) ? first : key(first);
  return lookedUp(values, key);
}

function lookedUp(values: readonly unknown[], key: (value: unknown) => Expr): Expr {
  if (values.length === 0) throw new InputError('', 'expected at least one value');
  const [first] = values;
  return values.length === 1 && isSetName(first) ? first : { set: values.map(key) };
}

function pairs(data: unknown, key: (of: unknown) => Expr, value: (of: unknown) => Expr = (of) => of as Expr): Expr {
  if (isSetName(data)) return data;
  if (!Array.isArray(data)) throw new InputError('', `expected pairs or the name of a map, got ${show(data)}`, 'ERR_INVALID_ARG_TYPE');
  return {
    set: data.map((pair: unknown) => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new InputError('', `expected a key and what it gives, got ${show(pair)}`, 'ERR_INVALID_ARG_TYPE');
      return [pair[0] === '*' ? '*' : key(pair[0]), value(pair[1])] as const;
    }),
  };
}
