/** Properties whose values are sets of bits: the state of a connection, flags of TCP. */

import { InputError } from '../../netlink/errors.ts';
import type { DataTypeName } from '../datatype/data-type.ts';
import type { BinaryExpression, Expr } from '../statements/expression.ts';
import { nameOf } from '../statements/name.ts';
import type { MangleStatement, MatchStatement } from '../statements/statement.ts';
import { Field, type Operand, valueExpr } from './field.ts';
import type { ValueOf } from './value.ts';

/** A field of bits. Called, it matches where any of the bits is set: `ct.state('established', 'related')`. */
export interface BitField<T extends DataTypeName> extends Field<T> {
  (...bits: readonly [ValueOf<T>, ...ValueOf<T>[]]): MatchStatement;
  /** Matches where none of the bits is set. */
  none(...bits: readonly [ValueOf<T>, ...ValueOf<T>[]]): MatchStatement;
  /** Matches where these bits are set and no others. */
  exactly(...bits: readonly [ValueOf<T>, ...ValueOf<T>[]]): MatchStatement;
  /** Matches where any other bits are set than just these. */
  otherThan(...bits: readonly [ValueOf<T>, ...ValueOf<T>[]]): MatchStatement;
  /** The field without the bits that are not among these: `tcp.flags.and('syn', 'ack').exactly('syn')`. */
  and(...bits: readonly [ValueOf<T>, ...ValueOf<T>[]]): BitField<T>;
  /** The field with these bits set. */
  or(...bits: readonly [ValueOf<T>, ...ValueOf<T>[]]): BitField<T>;
  /** The field with these bits turned around. */
  xor(...bits: readonly [ValueOf<T>, ...ValueOf<T>[]]): BitField<T>;
  /** Sets the field: to these bits and no others, or to what an operand gives. */
  set(value: ValueOf<T> | Operand, ...bits: readonly ValueOf<T>[]): MangleStatement;
}

export function bitField<T extends DataTypeName>(type: T, expr: Expr): BitField<T> {
  const field = new Field(type, expr);
  const several = (bits: readonly Expr[]): Expr => {
    if (bits.length === 0) throw new InputError(nameOf(expr), 'expected at least one value');
    return bits.length === 1 ? bits[0]! : bits;
  };
  const match =
    (op: 'in' | '!' | '==' | '!=') =>
    (...bits: readonly Expr[]): MatchStatement => ({ match: { left: expr, op, right: several(bits) } });
  const change = (of: BinaryExpression): BitField<T> => bitField(type, of);
  const own: Pick<BitField<T>, 'none' | 'exactly' | 'otherThan' | 'and' | 'or' | 'xor' | 'set'> = {
    none: match('!'),
    exactly: match('=='),
    otherThan: match('!='),
    and: (...bits) => change({ '&': [expr, several(bits)] }),
    or: (...bits) => change({ '|': [expr, several(bits)] }),
    xor: (...bits) => change({ '^': [expr, several(bits)] }),
    set: (...values) => ({ mangle: { key: expr, value: several(values.map(valueExpr)) } }),
  };
  // a function that has the members of a field
  // the compiler cannot see through the proxy
  return new Proxy(match('in'), {
    get: (_, name) => {
      if (Object.hasOwn(own, name)) return own[name as 'none'];
      const member: unknown = Reflect.get(field, name);
      return typeof member === 'function' ? member.bind(field) : member;
    },
    has: (_, name) => Object.hasOwn(own, name) || name in field,
    getPrototypeOf: () => Field.prototype,
  }) as unknown as BitField<T>;
}
