/** How the keys of a set, and what a map holds, lie in memory: one value, or several in a row (a concatenation). */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { type ByteOrder, type DataType, type DataTypeName, dataType, dataTypeOf } from './data-type.ts';
import type { Field } from './value.ts';

/** One type: its name, or for those whose length the set decides (`integer`, `string`) an object; or the number of a type that netloom does not know. */
export type FieldType =
  | DataTypeName
  | {
      /** Name of the type, as nft(8) has it in "DATA TYPES". */
      readonly type: DataTypeName;
      /** Bytes. Default: those of the type. */
      readonly length?: number;
      /** Default: that of the type. */
      readonly order?: ByteOrder;
    }
  | {
      /** nft's number of the type. Its values are bytes. */
      readonly id: number;
      /** Bytes. */
      readonly length: number;
    };

/** A type, or several one after another: `['ipv4_addr', 'inet_service']` is what nft writes `ipv4_addr . inet_service`. */
export type KeyType = FieldType | readonly FieldType[];

export interface Layout {
  readonly fields: readonly Field[];
  /** Whether it is a concatenation: each field then starts at a multiple of four bytes. */
  readonly concatenated: boolean;
  /** Bytes in all. */
  readonly length: number;
}

/** Bits of a type's number within that of a concatenation (nft: TYPE_BITS). */
const idBits = 6;
/** Of 32 bits. */
const mostTypes = 5;
/** NFT_REG32_COUNT words: what the registers hold. */
const maxLength = 64;

/**
 * The layout of a type. Integers are in network order where keys are compared as more or less: in sets of intervals.
 *
 * @throws InputError
 */
export function layoutOf(type: KeyType, interval: boolean): Layout {
  const concatenated = Array.isArray(type);
  const given = (concatenated ? type : [type]) as readonly FieldType[];
  if (given.length === 0) throw new InputError('', 'a concatenation needs types');
  const fields = given.map((each, i) => within(concatenated ? `[${i}]` : '', () => fieldOf(each, interval)));
  const layout = arrange(fields, concatenated);
  if (layout.length > maxLength)
    throw new InputError('', `takes ${layout.length} bytes; at most ${maxLength} fit into registers`, 'ERR_OUT_OF_RANGE');
  return layout;
}

function within<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof InputError && path !== '' ? error.within(path) : error;
  }
}

function arrange(fields: readonly Field[], concatenated: boolean): Layout {
  const length = fields.reduce((sum, field) => sum + (concatenated ? padded(field.length) : field.length), 0);
  return { fields, concatenated, length };
}

/** A field of a concatenation takes whole words. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

function fieldOf(given: FieldType, interval: boolean): Field {
  if (typeof given !== 'object' || given === null) return sized(dataType(given), undefined, undefined, interval);
  if ('id' in given) return sized(opaque(given.id), given.length, undefined, interval);
  return sized(dataType(given.type), given.length, given.order, interval);
}

function opaque(id: number): DataType {
  return { name: `type ${id}`, id, bits: 0, order: 'network', form: 'bytes' };
}

function sized(type: DataType, length: number | undefined, order: ByteOrder | undefined, interval: boolean): Field {
  const bytes = length ?? Math.ceil(type.bits / 8);
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > maxLength)
    throw new InputError('length', `${type.name} needs a length from 1 to ${maxLength} bytes, got ${show(length)}`);
  const own = order ?? type.order;
  return { type, length: bytes, order: interval && type.form === 'integer' ? 'network' : own, noted: own };
}

/** The number nft knows the type by: NFTA_SET_KEY_TYPE, NFTA_SET_DATA_TYPE. */
export function layoutId({ fields }: Layout): number {
  return fields.reduce((id, { type }) => id * 2 ** idBits + type.id, 0) >>> 0;
}

/** The order that nft notes in a set's user data: that of the type, of a set of intervals too. */
export function notedOrder({ fields, concatenated }: Layout): ByteOrder | undefined {
  if (concatenated) return undefined;
  const { type, noted } = fields[0]!;
  return noted ?? type.order;
}

/** What a listed set says about its type. */
export interface ListedType {
  readonly id: number;
  readonly length: number;
  /** The order in the user data. */
  readonly order?: ByteOrder | undefined;
  /** Bytes of each field (NFTA_SET_FIELD_LEN), where the set has them. */
  readonly fieldLengths?: readonly number[] | undefined;
}

/** The type of a set as it was listed; as bytes where it says too little. */
export function typeFromWire({ id, length, order, fieldLengths }: ListedType): KeyType {
  if (id < 2 ** idBits) return fieldFromWire(id, length, order);
  const ids: number[] = [];
  for (let rest = id; rest > 0; rest = Math.floor(rest / 2 ** idBits)) ids.unshift(rest % 2 ** idBits);
  // of more types than fit the number of nft's, it holds the last ones and a part of another: of those before, only the lengths are known
  if (ids.length > mostTypes) return fieldLengths === undefined ? { id, length } : longFromWire(ids, fieldLengths);
  const lengths = fieldLengths?.length === ids.length ? fieldLengths : lengthsOf(ids, length);
  if (lengths === undefined) return { id, length };
  return ids.map((each, i) => fieldFromWire(each, lengths[i]!, undefined));
}

function longFromWire(ids: readonly number[], lengths: readonly number[]): KeyType {
  return lengths.map((length, i) => {
    const last = lengths.length - i;
    const id = ids.at(-last) ?? 0;
    return last > mostTypes ? { id, length } : fieldFromWire(id, length, undefined);
  });
}

function fieldFromWire(id: number, length: number, order: ByteOrder | undefined): FieldType {
  const type = dataTypeOf(id);
  if (type === undefined) return { id, length };
  const name = type.name as DataTypeName;
  const ordered = order !== undefined && length > 1 && order !== type.order ? { order } : {};
  const sized = Math.ceil(type.bits / 8) === length ? {} : { length };
  return 'order' in ordered || 'length' in sized ? { type: name, ...sized, ...ordered } : name;
}

/** Bytes of each field when at most one has a type without a length of its own. */
function lengthsOf(ids: readonly number[], total: number): number[] | undefined {
  const known = ids.map((id) => Math.ceil((dataTypeOf(id)?.bits ?? 0) / 8));
  const left = total - known.reduce((sum, length) => sum + padded(length), 0);
  const open = known.filter((length) => length === 0).length;
  if (open === 0) return left === 0 ? known : undefined;
  return open === 1 && left > 0 ? known.map((length) => (length === 0 ? left : length)) : undefined;
}
