/** Constants as the bytes that a loaded value is compared with. */
import { parseAddress } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { type Field, writeValue } from '../datatype/value.ts';
import type { Expr } from '../statements/expression.ts';
import { isNode } from '../statements/expression.ts';
import { type Source, toBytes } from './source.ts';

/** What constants are written for: a value, and where it lies among the bytes. */
export type Target = Pick<Source, 'field' | 'bits' | 'shift' | 'loaded'>;

/** A value of a type that fills its bytes. */
export function targetOf(field: Field): Target {
  return { field, bits: 8 * field.length, shift: 0, loaded: field.length };
}

/** Bytes of a constant: a value, names of bits, or constants joined by `|`, `&` and `^`. @throws InputError */
export function constant(target: Target, of: Expr): Uint8Array {
  if (Array.isArray(of)) return fold(of as readonly Expr[], target, (a, b) => a | b);
  if (isNode(of)) {
    if ('|' in of) return fold(of['|'], target, (a, b) => a | b);
    if ('&' in of) return fold(of['&'], target, (a, b) => a & b);
    if ('^' in of) return fold(of['^'], target, (a, b) => a ^ b);
    throw new InputError('', `${Object.keys(of)[0]} is no constant`);
  }
  return scalar(target, of as Exclude<typeof of, readonly Expr[]>);
}

/** Whether it is known before any packet comes. */
export function isConstant(of: Expr): boolean {
  if (Array.isArray(of)) return (of as readonly Expr[]).every(isConstant);
  if (!isNode(of)) return typeof of !== 'string' || !of.startsWith('@');
  const operands = '|' in of ? of['|'] : '&' in of ? of['&'] : '^' in of ? of['^'] : undefined;
  return operands?.every(isConstant) === true;
}

function fold(operands: readonly Expr[], target: Target, combine: (a: number, b: number) => number): Uint8Array {
  const [first, ...rest] = operands.map((operand) => constant(target, operand));
  if (first === undefined) throw new InputError('', 'expected at least one value');
  return rest.reduce((sum, bytes) => sum.map((byte, i) => combine(byte, bytes[i]!)), first);
}

function scalar(target: Target, value: string | number | bigint | boolean | Uint8Array): Uint8Array {
  const { field, bits, shift, loaded } = target;
  const bytes = new Uint8Array(field.length);
  writeValue(field, written(field, value), bytes, 0);
  if (bits === 8 * loaded) return bytes;
  const number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (number >= 1n << BigInt(bits))
    throw new InputError('', `expected an integer from 0 to ${(1n << BigInt(bits)) - 1n}, got ${show(value)}`, 'ERR_OUT_OF_RANGE');
  return toBytes(number << BigInt(shift), loaded);
}

/** What nft(8) takes for values of a type beside what elements of sets are written as. */
function written({ type, length }: Field, value: string | number | bigint | boolean | Uint8Array): unknown {
  if (value instanceof Uint8Array) return value;
  switch (type.name) {
    case 'ipv4_addr':
      return typeof value === 'number' || (typeof value === 'string' && /^(?:0x[0-9a-f]+|\d+)$/i.test(value)) ? number(value, 4) : value;
    case 'classid':
      return typeof value === 'string' && value.includes(':') ? classid(value) : value;
    case 'time':
      // connections expire after seconds for nft(8), milliseconds for the kernel
      return typeof value === 'number' ? 1000 * value : value;
    case 'iface_index':
      // the one interface whose index is the same everywhere
      return value === 'lo' ? 1 : value;
    case 'devgroup':
      return value === 'default' ? 0 : value;
    case 'ct_label':
      return typeof value === 'number' ? label(value, length) : value;
    default:
      return value;
  }
}

function number(value: string | number, length: number): Uint8Array {
  const of = BigInt(value);
  if (of < 0n || of >= 1n << BigInt(8 * length)) throw new InputError('', `${value} does not fit into ${length} bytes`, 'ERR_OUT_OF_RANGE');
  return toBytes(of, length);
}

function classid(text: string): number {
  const match = /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(text);
  if (match === null) throw new InputError('', `${show(text)} is no class such as "1:10"`);
  return Number.parseInt(match[1] || '0', 16) * 0x10000 + Number.parseInt(match[2] || '0', 16);
}

function label(bit: number, length: number): Uint8Array {
  if (!Number.isInteger(bit) || bit < 0 || bit >= 8 * length)
    throw new InputError('', `expected a label from 0 to ${8 * length - 1}, got ${bit}`, 'ERR_OUT_OF_RANGE');
  const bytes = new Uint8Array(length);
  bytes[bit >>> 3] = 1 << (bit & 7);
  return bytes;
}

/** Integers of the machine are compared as more or less in network order. */
export function isSwapped({ field, loaded }: Target): boolean {
  return field.order === 'host' && field.type.form === 'integer' && loaded > 1;
}

/** First and last value of a constant, a range or a prefix, in an order in which memcmp(3) compares. @throws InputError */
export function bounds(target: Target, of: Expr): readonly [from: Uint8Array, to: Uint8Array] {
  const order = (bytes: Uint8Array): Uint8Array => (isSwapped(target) ? bytes.toReversed() : bytes);
  if (isNode(of) && 'range' in of) {
    const [from, to] = of.range.map((each) => order(constant(target, each))) as [Uint8Array, Uint8Array];
    if (Buffer.compare(from, to) > 0) throw new InputError('', `${show(of.range[0])} is beyond ${show(of.range[1])}`, 'ERR_OUT_OF_RANGE');
    return [from, to];
  }
  if (isNode(of) && 'prefix' in of) {
    const { bytes, mask } = prefix(target, of.prefix);
    const from = bytes.map((byte, i) => byte & mask[i]!);
    return [from, from.map((byte, i) => byte | (~mask[i]! & 0xff))];
  }
  if (isWildcard(target, of)) {
    const known = Buffer.from(of.slice(0, -1));
    const from = new Uint8Array(target.loaded);
    from.set(known);
    const to = from.slice();
    to.fill(0xff, known.length);
    return [from, to];
  }
  const bytes = order(constant(target, of));
  return [bytes, bytes];
}

/** Whether it stands for several values. */
export function isInterval(target: Target, of: Expr): boolean {
  if (isNode(of) && 'prefix' in of) return of.prefix.len < target.bits;
  return (isNode(of) && 'range' in of) || isWildcard(target, of);
}

/** `eth*` */
export function isWildcard({ field }: Target, of: Expr): of is string {
  return typeof of === 'string' && field.type.name === 'ifname' && of.length > 1 && of.endsWith('*');
}

/** Address and mask of a prefix. @throws InputError */
export function prefix(
  target: Target,
  { addr, len }: { readonly addr: Expr; readonly len: number },
): { bytes: Uint8Array; mask: Uint8Array } {
  const bytes = target.field.type.form === 'integer' ? constant(target, addr) : addressOf(target, addr);
  if (!Number.isInteger(len) || len < 0 || len > target.bits)
    throw new InputError('len', `expected a length from 0 to ${target.bits}, got ${show(len)}`, 'ERR_OUT_OF_RANGE');
  return { bytes, mask: Uint8Array.from({ length: target.loaded }, (_, i) => (0xff00 >> Math.max(0, Math.min(8, len - 8 * i))) & 0xff) };
}

function addressOf({ loaded, field }: Target, addr: Expr): Uint8Array {
  const bytes = parseAddress(addr);
  if (bytes.length !== loaded) throw new InputError('addr', `${show(addr)} is no ${field.type.name}`);
  return bytes;
}
