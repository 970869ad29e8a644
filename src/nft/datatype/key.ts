/** Keys of sets: single values, concatenations of them, prefixes and ranges. */
import { parsePrefix } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { readString } from '../../netlink/text.ts';
import { type Layout, padded } from './layout.ts';
import { type Field, readValue, type Value, writeValue } from './value.ts';

/** All values between two, both included. */
export interface ValueRange {
  /** The first value. */
  readonly from: Value;
  /** The last value, which is one of them. */
  readonly to: Value;
}

/** What a key says of one type: a value; in sets of intervals also `'10.0.0.0/24'`, `'10.0.0.1-10.0.0.9'`, `'80-90'`, `'eth*'` or `{ from, to }`. */
export type FieldKey = Value | ValueRange;

/** A key of a set: one of its type, or for a concatenation an array. */
export type Key = FieldKey | readonly FieldKey[];

/** The bytes of a key that is a single value. @throws InputError */
export function keyBytes(layout: Layout, key: unknown): Uint8Array {
  const out = new Uint8Array(layout.length);
  if (!layout.concatenated) {
    writeValue(layout.fields[0]!, key, out, 0);
    return out;
  }
  eachField(layout, key, (field, value, at) => writeValue(field, value, out, at));
  return out;
}

/** The first and the last value that a key stands for. @throws InputError */
export function keyRange(layout: Layout, key: unknown): readonly [from: Uint8Array, to: Uint8Array] {
  const from = new Uint8Array(layout.length);
  const to = new Uint8Array(layout.length);
  if (!layout.concatenated) writeRange(layout.fields[0]!, key, from, to, 0);
  else eachField(layout, key, (field, value, at) => writeRange(field, value, from, to, at));
  return [from, to];
}

function eachField(layout: Layout, key: unknown, write: (field: Field, value: unknown, at: number) => void): void {
  const { fields } = layout;
  if (!Array.isArray(key) || key.length !== fields.length) {
    const types = fields.map(({ type }) => type.name).join(', ');
    throw new InputError('', `expected an array of ${fields.length} values (${types}), got ${show(key)}`, 'ERR_INVALID_ARG_TYPE');
  }
  let at = 0;
  for (const [i, field] of fields.entries()) {
    try {
      write(field, key[i], at);
    } catch (error) {
      throw error instanceof InputError ? error.within(`[${i}]`) : error;
    }
    at += padded(field.length);
  }
}

function writeRange(field: Field, value: unknown, from: Uint8Array, to: Uint8Array, at: number): void {
  const { length } = field;
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    const bounds = value as Partial<ValueRange>;
    writeBounds(field, bounds.from, bounds.to, from, to, at);
  } else if (typeof value === 'string') writeText(field, value, from, to, at);
  else {
    writeValue(field, value, from, at);
    to.set(from.subarray(at, at + length), at);
  }
}

function writeBounds(field: Field, first: unknown, last: unknown, from: Uint8Array, to: Uint8Array, at: number): void {
  writeValue(field, first, from, at);
  writeValue(field, last, to, at);
  if (compareBytes(from, to, at, field.length) > 0) throw new InputError('', `${show(first)} is beyond ${show(last)}`, 'ERR_OUT_OF_RANGE');
}

const numbers = /^(\d+|0x[0-9a-f]+)-(\d+|0x[0-9a-f]+)$/i;

function writeText(field: Field, value: string, from: Uint8Array, to: Uint8Array, at: number): void {
  const { form } = field.type;
  if (form === 'text' && value.length > 1 && value.endsWith('*')) {
    writeValue(field, value.slice(0, -1), from, at);
    to.set(from.subarray(at, at + field.length), at);
    to.fill(0xff, at + Buffer.byteLength(value) - 1, at + field.length);
    return;
  }
  if ((form === 'ipv4' || form === 'ipv6') && value.includes('/')) {
    writePrefix(field, value, from, to, at);
    return;
  }
  const parts =
    form === 'integer'
      ? numbers.exec(value)?.slice(1)
      : form === 'text' || form === 'bytes'
        ? undefined
        : /^(.+)-(.+)$/.exec(value)?.slice(1);
  if (parts !== undefined) {
    writeBounds(field, parts[0], parts[1], from, to, at);
    return;
  }
  writeValue(field, value, from, at);
  to.set(from.subarray(at, at + field.length), at);
}

function writePrefix(field: Field, value: string, from: Uint8Array, to: Uint8Array, at: number): void {
  const { bytes, length } = parsePrefix(value);
  if (bytes.length !== field.length) throw new InputError('', `${show(value)} is no prefix of ${field.type.name}`);
  for (let i = 0; i < field.length; i++) {
    const bits = Math.max(0, Math.min(8, length - 8 * i));
    const mask = (0xff00 >>> bits) & 0xff;
    from[at + i] = bytes[i]! & mask;
    to[at + i] = bytes[i]! | (~mask & 0xff);
  }
}

/** Negative, zero or positive, as memcmp(3). */
export function compareBytes(a: Uint8Array, b: Uint8Array, at = 0, length = a.length): number {
  for (let i = at; i < at + length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** The key that the bytes from `start` on stand for. */
export function readKey(layout: Layout, bytes: Uint8Array, start = 0): Key {
  if (!layout.concatenated) return readValue(layout.fields[0]!, bytes, start);
  return readFields(layout, (field, at) => readValue(field, bytes, start + at));
}

/** The key that stands for all from `from` to `to`: a single value, a prefix where it is one, otherwise a range. */
export function readRange(layout: Layout, from: Uint8Array, to: Uint8Array): Key {
  return readFields(layout, (field, at) => readFieldRange(field, from, to, at));
}

function readFields(layout: Layout, read: (field: Field, at: number) => FieldKey): Key {
  if (!layout.concatenated) return read(layout.fields[0]!, 0);
  let at = 0;
  return layout.fields.map((field) => {
    const value = read(field, at);
    at += padded(field.length);
    return value;
  });
}

function readFieldRange(field: Field, from: Uint8Array, to: Uint8Array, at: number): FieldKey {
  const { length, type } = field;
  if (compareBytes(from, to, at, length) === 0) return readValue(field, from, at);
  if (type.form === 'text') {
    const text = readString(from, at, length);
    const used = Buffer.byteLength(text);
    if (to.subarray(at + used, at + length).every((byte) => byte === 0xff) && compareBytes(from, to, at, used) === 0) return `${text}*`;
    return { from: from.slice(at, at + length), to: to.slice(at, at + length) };
  }
  const first = readValue(field, from, at);
  const last = readValue(field, to, at);
  if (type.form === 'ipv4' || type.form === 'ipv6') {
    const prefix = prefixLength(from, to, at, length);
    return prefix === undefined ? `${String(first)}-${String(last)}` : `${String(first)}/${prefix}`;
  }
  if (type.form === 'hardware') return `${String(first)}-${String(last)}`;
  if (type.form === 'integer') return `${plain(field, from, at)}-${plain(field, to, at)}`;
  return { from: first, to: last };
}

/** A number without its name: names hold hyphens. */
function plain({ type, length, order }: Field, bytes: Uint8Array, at: number): string {
  const { values: _names, ...nameless } = type;
  return String(readValue({ type: nameless, length, order }, bytes, at));
}

/** Length of the prefix that the range is; undefined: it is none. */
function prefixLength(from: Uint8Array, to: Uint8Array, at: number, length: number): number | undefined {
  let bits = 0;
  let ended = false;
  for (let i = at; i < at + length; i++) {
    const differing = from[i]! ^ to[i]!;
    if (ended) {
      if (from[i] !== 0 || to[i] !== 0xff) return undefined;
      continue;
    }
    if (differing === 0) {
      bits += 8;
      continue;
    }
    // ones at the low end only, which are zeros in `from`
    if ((differing & (differing + 1)) !== 0 || (from[i]! & differing) !== 0) return undefined;
    bits += Math.clz32(differing) - 24;
    ended = true;
  }
  return bits;
}
