/** Integers, with their byte order in their name: `u32` is in host order, `be32` in network order. */
import { type Codec, codec, tooShort, viewOf } from './codec.ts';
import { InputError, NetloomError } from './errors.ts';
import type { Writer } from './writer.ts';

if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1)
  throw new NetloomError('netloom supports little-endian machines only', 'ERR_FFI_UNAVAILABLE');

/** @throws InputError unless `value` is an integer within [minimum, maximum]. */
export function checkInteger(value: unknown, minimum: number, maximum: number): asserts value is number {
  if (typeof value !== 'number') throw new InputError('', `expected a number, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new InputError('', `expected an integer from ${minimum} to ${maximum}, got ${value}`, 'ERR_OUT_OF_RANGE');
  }
}

/** @throws InputError unless `value` is a bigint within [minimum, maximum]. */
export function checkBigInt(value: unknown, minimum: bigint, maximum: bigint): asserts value is bigint {
  if (typeof value !== 'bigint') throw new InputError('', `expected a bigint, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  if (value < minimum || value > maximum)
    throw new InputError('', `expected from ${minimum} to ${maximum}, got ${value}`, 'ERR_OUT_OF_RANGE');
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

type ByteOrder = 'little' | 'big';

/** One load, whatever the order: by bytes, a message of fifty attributes takes twice as long. */
function readExpression(size: 1 | 2 | 4, order: ByteOrder, signed: boolean): string {
  const bits = `${signed ? 'Int' : 'Uint'}${8 * size}`;
  if (size === 1) return signed ? 'd.getInt8(v)' : 'b[v]';
  return `d.get${bits}(v,${order === 'little'})`;
}

function integer(label: string, size: 1 | 2 | 4, order: ByteOrder, signed: boolean): Codec<number> {
  const bits = 8 * size;
  const minimum = signed ? -(2 ** (bits - 1)) : 0;
  const maximum = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const signShift = 32 - bits;
  // shifts by byte position: a loop over a constant table is as fast as unrolled code, and is one body for all six types
  const shifts = Array.from({ length: size }, (_, i) => 8 * (order === 'little' ? i : size - 1 - i));
  return codec<number>(label, {
    inline: {
      minimum: size,
      expression: readExpression(size, order, signed),
    },
    decode(bytes, offset, length) {
      if (length < size) throw tooShort(label, offset, size, length);
      let value = 0;
      for (let i = 0; i < size; i++) value |= bytes[offset + i]! << shifts[i]!;
      return signed ? (value << signShift) >> signShift : value >>> 0;
    },
    encode(writer: Writer, value) {
      checkInteger(value, minimum, maximum);
      const at = writer.reserve(size);
      const { bytes } = writer;
      for (let i = 0; i < size; i++) bytes[at + i] = value >>> shifts[i]!;
    },
  });
}

/** One byte, 0 to 255. */
export const u8: Codec<number> = integer('u8', 1, 'little', false);
/** 16 bits in host order. */
export const u16: Codec<number> = integer('u16', 2, 'little', false);
/** 32 bits in host order. */
export const u32: Codec<number> = integer('u32', 4, 'little', false);
/** 8 bits, signed. */
export const s8: Codec<number> = integer('s8', 1, 'little', true);
/** 32 bits in host order, signed. */
export const s32: Codec<number> = integer('s32', 4, 'little', true);
/** 16 bits in network order. */
export const be16: Codec<number> = integer('be16', 2, 'big', false);
/** 32 bits in network order. */
export const be32: Codec<number> = integer('be32', 4, 'big', false);
/** 32 bits in network order, signed: priorities and verdicts of nf_tables. */
export const sbe32: Codec<number> = integer('sbe32', 4, 'big', true);

const maxU64 = 2n ** 64n - 1n;

function wide(label: string, littleEndian: boolean): Codec<bigint> {
  return codec<bigint>(label, {
    decode(bytes, offset, length) {
      if (length < 8) throw tooShort(label, offset, 8, length);
      return viewOf(bytes).getBigUint64(offset, littleEndian);
    },
    encode(writer, value) {
      checkBigInt(value, 0n, maxU64);
      const at = writer.reserve(8);
      viewOf(writer.bytes).setBigUint64(at, value, littleEndian);
    },
  });
}

/** 64 bits in host order: handles, cookies, masks. */
export const u64: Codec<bigint> = wide('u64', true);
/** 64 bits in network order. */
export const be64: Codec<bigint> = wide('be64', false);

function counter(label: string, littleEndian: boolean): Codec<number> {
  const [low, high] = littleEndian ? [0, 4] : [4, 0];
  return codec<number>(label, {
    decode(bytes, offset, length) {
      if (length < 8) throw tooShort(label, offset, 8, length);
      const v = viewOf(bytes);
      return v.getUint32(offset + low, littleEndian) + v.getUint32(offset + high, littleEndian) * 2 ** 32;
    },
    encode(writer, value) {
      checkInteger(value, 0, Number.MAX_SAFE_INTEGER);
      const at = writer.reserve(8);
      const v = viewOf(writer.bytes);
      v.setUint32(at + low, value, littleEndian);
      v.setUint32(at + high, value / 2 ** 32, littleEndian);
    },
  });
}

/** A 64-bit counter in host order, as a number: exact to 2^53. */
export const n64: Codec<number> = counter('n64', true);
/** A 64-bit counter in network order, as a number: exact to 2^53. */
export const be64n: Codec<number> = counter('be64n', false);

/** There or not: an attribute without payload. */
export const flag: Codec<true> = codec<true>('flag', {
  inline: { minimum: 0, expression: 'true' },
  decode: () => true,
  encode(_writer, value: unknown) {
    if (value !== true) throw new InputError('', `expected true, got ${show(value)}; leave a flag out to unset it`, 'ERR_INVALID_ARG_TYPE');
  },
});

/** 0 or 1 in a u8. */
export const bool8: Codec<boolean> = boolean('bool8', u8);
/** 0 or 1 in a u32. */
export const bool32: Codec<boolean> = boolean('bool32', u32);

function boolean(label: string, base: Codec<number>): Codec<boolean> {
  return codec<boolean>(label, {
    ...(base.inline === undefined ? {} : { inline: { minimum: base.inline.minimum, expression: `(${base.inline.expression}!==0)` } }),
    decode: (bytes, offset, length) => base.decode(bytes, offset, length) !== 0,
    encode(writer, value) {
      if (typeof value !== 'boolean') throw new InputError('', `expected true or false, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      base.encode(writer, value ? 1 : 0);
    },
  });
}
