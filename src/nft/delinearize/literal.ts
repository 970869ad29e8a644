/** Constants of the statement tree from the bytes that a loaded value is compared with, or set to: what `linearize/constant.ts` writes, read. */
import { readString } from '../../netlink/text.ts';
import { compareBytes } from '../datatype/key.ts';
import { readValue } from '../datatype/value.ts';
import { isSwapped, type Target } from '../linearize/constant.ts';
import { toBytes } from '../linearize/source.ts';
import { bitTypes } from '../protocol/keys.ts';
import type { Expr, Literal } from '../statements/expression.ts';

/** What a person writes for bytes; undefined: they are no value of the type. */
export function literal(target: Target, bytes: Uint8Array): Expr | undefined {
  const { field, bits, shift, loaded } = target;
  if (bytes.length !== loaded) return undefined;
  if (bits === 8 * loaded) return written(target, bytes);
  const number = toNumber(bytes);
  const value = number >> BigInt(shift);
  if (value << BigInt(shift) !== number || value >= 1n << BigInt(bits)) return undefined;
  return written(target, toBytes(value, field.length));
}

function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function written({ field }: Target, bytes: Uint8Array): Expr | undefined {
  const { type, length } = field;
  if (type.name === 'ct_label') return labels(bytes);
  if (type.form === 'text') return text(bytes);
  const value: Literal = readValue(field, bytes, 0);
  if (typeof value !== 'number') return bitTypes.has(type.name) && typeof value === 'bigint' ? Number(value) : value;
  switch (type.name) {
    case 'classid':
      return `${Math.floor(value / 0x10000).toString(16)}:${(value % 0x10000).toString(16)}`;
    case 'time':
      return value / 1000;
    case 'iface_index':
      return value === 1 ? 'lo' : value;
    case 'devgroup':
      return value === 0 ? 'default' : value;
    default:
      return bitTypes.has(type.name) && length <= 4 ? bitNames(type.values ?? {}, value) : value;
  }
}

function text(bytes: Uint8Array): string | undefined {
  const value = readString(bytes, 0, bytes.length);
  const length = Buffer.byteLength(value);
  // what follows the end must be nothing, and what is no UTF-8 is no text
  return value !== '' && bytes.subarray(length).every((byte) => byte === 0) ? value : undefined;
}

/** Names of the bits; the number where one of them has none. */
function bitNames(values: Readonly<Record<string, number>>, value: number): Expr {
  const names = Object.entries(values).filter(([, bit]) => (value & bit) === bit);
  const named = names.reduce((sum, [, bit]) => sum | bit, 0);
  if (names.length === 0 || named !== value) return value;
  return names.length === 1 ? names[0]![0] : names.map(([name]) => name);
}

function labels(bytes: Uint8Array): Expr {
  const bits: number[] = [];
  for (let bit = 0; bit < 8 * bytes.length; bit++) if ((bytes[bit >>> 3]! & (1 << (bit & 7))) !== 0) bits.push(bit);
  return bits.length === 0 ? bytes.slice() : bits.length === 1 ? bits[0]! : bits;
}

/** What a person writes for all from `from` to `to`, which are in an order in which memcmp(3) compares. */
export function between(target: Target, from: Uint8Array, to: Uint8Array): Expr | undefined {
  const order = (bytes: Uint8Array): Uint8Array => (isSwapped(target) ? bytes.toReversed() : bytes);
  if (from.length !== target.loaded || to.length !== target.loaded) return undefined;
  const first = literal(target, order(from));
  if (compareBytes(from, to) === 0) return first;
  const { type } = target.field;
  if (type.name === 'ifname') return wildcard(from, to);
  if (isAddress(target)) {
    const len = prefixLength(from, to);
    if (len !== undefined) return first === undefined ? undefined : { prefix: { addr: first, len } };
  }
  return rangeOf(target, order(from), order(to));
}

/** A range; of numbers without their names, which stand in no order. */
export function rangeOf(target: Target, from: Uint8Array, to: Uint8Array): Expr | undefined {
  const { values: _names, ...nameless } = target.field.type;
  const plain = { ...target, field: { ...target.field, type: nameless } };
  const [first, last] = [literal(plain, from), literal(plain, to)];
  return first === undefined || last === undefined ? undefined : { range: [first, last] };
}

export function isAddress({ field }: Target): boolean {
  return field.type.form === 'ipv4' || field.type.form === 'ipv6';
}

/** `eth*` */
function wildcard(from: Uint8Array, to: Uint8Array): string | undefined {
  const known = readString(from, 0, from.length);
  const length = Buffer.byteLength(known);
  const rest = from.subarray(length).every((byte) => byte === 0) && to.subarray(length).every((byte) => byte === 0xff);
  return known !== '' && rest && compareBytes(from.subarray(0, length), to.subarray(0, length)) === 0 ? `${known}*` : undefined;
}

/** Bits that both begin with, where `from` goes on with zeros and `to` with ones; undefined: they do not. */
export function prefixLength(from: Uint8Array, to: Uint8Array): number | undefined {
  const [first, last] = [toNumber(from), toNumber(to)];
  const differing = first ^ last;
  if ((differing & (differing + 1n)) !== 0n || (first & differing) !== 0n) return undefined;
  return 8 * from.length - (differing === 0n ? 0 : differing.toString(2).length);
}

/** The length of the prefix that a mask keeps; undefined: it keeps other bits. */
export function maskLength(mask: Uint8Array): number | undefined {
  return prefixLength(
    new Uint8Array(mask.length),
    mask.map((byte) => ~byte & 0xff),
  );
}
