/** Values of the types, from what a person writes to the bytes of a register and back. */

import { formatAddress, parseAddress } from '../../netlink/address.ts';
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { readString } from '../../netlink/text.ts';
import { accountNumber } from './accounts.ts';
import { hourNumber, timeNumber } from './clock.ts';
import type { ByteOrder, DataType } from './data-type.ts';

/**
 * A value of a type: an address as text (`'10.0.0.1'`, `'02:00:00:00:00:01'`), a number or its name (`80`, `'echo-request'`), a bigint where a
 * number is not exact, text (`'eth0'`), true or false; and for types that have no such form, or on request, bytes.
 */
export type Value = string | number | bigint | boolean | Uint8Array;

/** A type as a set has it: with its length and order. */
export interface Field {
  readonly type: DataType;
  /** Bytes of a value. */
  readonly length: number;
  readonly order: ByteOrder;
  /** The order it has outside of sets of intervals, where that is another. */
  readonly noted?: ByteOrder;
}

/** The bytes of a value. @throws InputError */
export function valueBytes(field: Field, value: Value): Uint8Array {
  const out = new Uint8Array(field.length);
  writeValue(field, value, out, 0);
  return out;
}

/** Writes the bytes of a value into `out`, which holds zeros there. @throws InputError */
export function writeValue(field: Field, value: unknown, out: Uint8Array, at: number): void {
  if (value instanceof Uint8Array) {
    if (value.length !== field.length)
      throw new InputError('', `is ${value.length} bytes long; ${field.type.name} has ${field.length}`, 'ERR_OUT_OF_RANGE');
    out.set(value, at);
    return;
  }
  switch (field.type.form) {
    case 'ipv4':
    case 'ipv6':
      writeAddress(field, value, out, at);
      return;
    case 'hardware':
      writeHardware(field, value, out, at);
      return;
    case 'text':
      writeText(field, value, out, at);
      return;
    case 'boolean':
      if (typeof value !== 'boolean' && value !== 0 && value !== 1)
        throw new InputError('', `expected true or false, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      out[at] = Number(value);
      return;
    case 'integer':
      writeInteger(field, integerOf(field.type, value), out, at);
      return;
    case 'bytes':
      throw new InputError('', `expected ${field.length} bytes (Uint8Array), got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  }
}

function writeAddress({ type, length }: Field, value: unknown, out: Uint8Array, at: number): void {
  const bytes = parseAddress(value);
  if (bytes.length !== length) throw new InputError('', `${show(value)} is no ${type.form === 'ipv4' ? 'IPv4' : 'IPv6'} address`);
  out.set(bytes, at);
}

function writeHardware({ length }: Field, value: unknown, out: Uint8Array, at: number): void {
  const parts = typeof value === 'string' ? value.split(':') : [];
  if (parts.length !== length || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part)))
    throw new InputError('', `${show(value)} is no hardware address of ${length} bytes`);
  for (let i = 0; i < length; i++) out[at + i] = Number.parseInt(parts[i]!, 16);
}

function writeText({ length, type }: Field, value: unknown, out: Uint8Array, at: number): void {
  if (typeof value !== 'string') throw new InputError('', `expected a string, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  if (value === '' || value.includes('\0')) throw new InputError('', `${show(value)} is no ${type.name}`);
  const text = Buffer.from(value);
  if (text.length >= length)
    throw new InputError('', `${show(value)} is ${text.length} bytes long; at most ${length - 1} fit`, 'ERR_OUT_OF_RANGE');
  out.set(text, at);
}

function integerOf(type: DataType, value: unknown): bigint | number {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'string') {
    if (type.values !== undefined && Object.hasOwn(type.values, value)) return type.values[value]!;
    if (type.name === 'hour' && value.includes(':')) return hourNumber(value);
    if (type.name === 'time_date' && value.includes('-')) return timeNumber(value);
    if (/^(?:\d{1,20}|0x[0-9a-f]{1,32})$/i.test(value)) return BigInt(value);
    if (type.name === 'uid' || type.name === 'gid') return accountNumber(type.name, value);
    throw new InputError(
      '',
      type.values === undefined ? `${show(value)} is no number` : `${noneOf(value, Object.keys(type.values))} and no number`,
    );
  }
  throw new InputError('', `expected a number, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
}

function writeInteger({ type, length, order }: Field, value: bigint | number, out: Uint8Array, at: number): void {
  const bits = type.bits === 0 ? 8 * length : Math.min(type.bits, 8 * length);
  const big = order === 'network';
  if (typeof value === 'number' && length <= 4) {
    checkInteger(value, 0, 2 ** bits - 1);
    for (let i = 0; i < length; i++) out[at + i] = value >>> (8 * (big ? length - 1 - i : i));
    return;
  }
  if (typeof value === 'number') checkInteger(value, 0, Number.MAX_SAFE_INTEGER);
  let rest = BigInt(value);
  if (rest < 0n || rest >= 1n << BigInt(bits))
    throw new InputError('', `expected an integer from 0 to ${(1n << BigInt(bits)) - 1n}, got ${value}`, 'ERR_OUT_OF_RANGE');
  for (let i = 0; i < length; i++) {
    out[at + (big ? length - 1 - i : i)] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** The value that bytes stand for: what {@link writeValue} takes. */
export function readValue({ type, length, order }: Field, bytes: Uint8Array, at: number): Value {
  switch (type.form) {
    case 'ipv4':
    case 'ipv6':
      return formatAddress(bytes, at, length);
    case 'hardware':
      return Array.from(bytes.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, '0')).join(':');
    case 'text':
      return readString(bytes, at, length);
    case 'boolean':
      return bytes[at] !== 0;
    case 'integer':
      return readInteger(type, bytes, at, length, order === 'network');
    case 'bytes':
      return bytes.slice(at, at + length);
  }
}

function readInteger(type: DataType, bytes: Uint8Array, at: number, length: number, big: boolean): string | number | bigint {
  if (length > 6) {
    let wide = 0n;
    for (let i = 0; i < length; i++) wide = (wide << 8n) | BigInt(bytes[at + (big ? i : length - 1 - i)]!);
    return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
  }
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + bytes[at + (big ? i : length - 1 - i)]!;
  return type.values === undefined ? value : (nameOf(type.values, value) ?? value);
}

const reversed = new WeakMap<object, ReadonlyMap<number, string>>();

function nameOf(values: Readonly<Record<string, number>>, value: number): string | undefined {
  let names = reversed.get(values);
  if (names === undefined) {
    const made = new Map<number, string>();
    for (const [name, number] of Object.entries(values)) if (!made.has(number)) made.set(number, name);
    reversed.set(values, made);
    names = made;
  }
  return names.get(value);
}
