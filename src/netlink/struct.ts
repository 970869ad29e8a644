/**
 * Fixed C structs: declared with buffer-layout, typed by inference, read and written by compiled accessors.
 *
 * buffer-layout interprets its declaration on every decode; at the rate of a route dump that is half the cost, so a
 * declaration is compiled once into direct reads. The tests hold buffer-layout itself against the compiled readers.
 */

import type * as BufferLayout from 'buffer-layout';
import { withChoices } from './choices.ts';
import { type Codec, codec, copyBytes, tooShort } from './codec.ts';
import { mayCompile } from './compile.ts';
import { dependency } from './dependency.ts';
import { InputError } from './errors.ts';
import { checkInteger, show } from './scalar.ts';
import { bitNames, type Detail, inline, shown } from './shown.ts';

let loaded: typeof BufferLayout | undefined;

/** buffer-layout, loaded with the first struct that is used. */
function layouts(): typeof BufferLayout {
  loaded ??= dependency('buffer-layout') as typeof BufferLayout;
  return loaded;
}

/** One field of a struct: a C type, its natural alignment and the TypeScript type it reads to. */
export interface Field<T> {
  /** Carries the type; there is no such member at run time. */
  readonly '~t': T;
  /** Bytes that its offset is a multiple of. */
  readonly alignment: number;
  /** Makes the buffer-layout field; typed as `object` so that no public declaration names that package. */
  readonly make: (property: string) => object;
  /** Sub-fields of one bitfield etc. are not supported by buffer-layout's compiled form. */
  readonly order: 'host' | 'network';
  /** What the number is called, for descriptions. */
  readonly nameOf?: (value: number) => string;
}

function field<T>(alignment: number, make: (property: string) => BufferLayout.Layout, order: 'host' | 'network' = 'host'): Field<T> {
  return { alignment, make, order, '~t': undefined as never };
}

/** Field types of a {@link struct}. Byte order is in the name, as in scalar.ts. */
export const fields = {
  u8: field<number>(1, (property) => layouts().u8(property)),
  s8: field<number>(1, (property) => layouts().s8(property)),
  u16: field<number>(2, (property) => layouts().u16(property)),
  u32: field<number>(4, (property) => layouts().u32(property)),
  s32: field<number>(4, (property) => layouts().s32(property)),
  be16: field<number>(2, (property) => layouts().u16be(property), 'network'),
  be32: field<number>(4, (property) => layouts().u32be(property), 'network'),
  /** A 64-bit counter as a number, exact to 2^53. */
  n64: field<number>(8, (property) => layouts().nu64(property)),
  /** Bytes as they are. */
  blob: (length: number): Field<Uint8Array> => field<Uint8Array>(1, (property) => layouts().blob(length, property)),
} as const;

/**
 * A field whose numbers have names: `named(fields.u8, routeType)`. It reads to the number all the same; the names are what descriptions and
 * traces show.
 */
export function named(of: Field<number>, names: EnumerationNames | FlagsNames): Field<number> {
  const nameOf = (value: number): string => ('namesOf' in names ? bitNames(names.namesOf(value)) : String(names.nameOf(value)));
  return { ...of, nameOf };
}

/** Names of a field that is one of several numbers. */
export interface EnumerationNames {
  /** Name of a number; the number itself when it has none. */
  nameOf(value: number): string | number;
}

/** Names of the bits of a field. */
export interface FlagsNames {
  /** Names of the bits that are set; bits without one as numbers. */
  namesOf(value: number): (string | number)[];
}

// biome-ignore lint/suspicious/noExplicitAny: a record of fields of any type; the types are kept by inference
type Declaration = Readonly<Record<string, Field<any>>>;

/** The object a struct reads to. Homomorphic over the declaration, so docstrings and go-to-definition survive. */
export type StructValue<F> = { -readonly [K in keyof F]: F[K] extends { readonly '~t': infer T } ? T : never } & {};

/** The schema of a fixed C structure. */
export interface Struct<T> {
  /** The struct's name in C. */
  readonly name: string;
  /** sizeof, padding included. */
  readonly size: number;
  /** Names of the fields, in the order of the struct. */
  readonly keys: readonly string[];
  /** Where each of `keys` ends. */
  readonly ends: readonly number[];
  /** Carries the type; there is no such member at run time. */
  readonly '~t': T;
  /** Reads without a bounds check: the caller has made sure of `size` bytes. */
  read(bytes: Uint8Array, offset: number): T;
  /** Missing fields are written as zero. @throws InputError when a value is out of range. */
  write(bytes: Uint8Array, offset: number, value: Partial<T>): void;
  /** A JavaScript expression for each field, over variables for the bytes and the offset: for compilers that read more than the struct. */
  expressions(bytes: string, offset: string): [key: string, expression: string][];
  /** buffer-layout's own reading: slow; what the tests compare with. */
  reference(bytes: Uint8Array, offset: number): T;
  /** The fields as text: `family=inet prefixLength=24`. Of a struct of many fields those that are 0 are left out. */
  describe(bytes: Uint8Array, offset: number, detail: Detail): string;
}

interface Slot {
  readonly property: string | undefined;
  readonly offset: number;
  readonly span: number;
  readonly kind: 'unsigned' | 'unsigned-be' | 'signed' | 'counter' | 'blob';
}

/** buffer-layout does not export the class of nu64. */
let nearUInt64: unknown;

function kindOf(layout: BufferLayout.Layout): Slot['kind'] {
  const { Blob, UIntBE, UInt, Int } = layouts();
  if (layout instanceof Blob) return 'blob';
  nearUInt64 ??= layouts().nu64().constructor;
  if (layout.constructor === nearUInt64) return 'counter';
  if (layout instanceof UIntBE) return 'unsigned-be';
  if (layout instanceof UInt) return 'unsigned';
  if (layout instanceof Int) return 'signed';
  throw new TypeError(`struct: no reader for ${layout.constructor.name}`);
}

/** What a declaration comes to, once it is needed. */
interface Shape {
  readonly layout: BufferLayout.Structure;
  readonly slots: readonly Slot[];
  readonly keys: readonly string[];
  readonly ends: readonly number[];
  readonly fieldNames: ReadonlyMap<string, (value: number) => string>;
}

/** Fields take C's natural alignment; the gaps become unnamed blobs: absent from the type, zero on the wire. */
function shapeOf(declaration: Declaration): Shape {
  const list: BufferLayout.Layout[] = [];
  let end = 0;
  let widest = 1;
  const gap = (alignment: number): void => {
    const padding = -end & (alignment - 1);
    if (padding !== 0) list.push(layouts().blob(padding));
    end += padding;
  };
  for (const [key, member] of Object.entries(declaration)) {
    const layout = member.make(key) as BufferLayout.Layout;
    gap(member.alignment);
    list.push(layout);
    end += layout.span;
    widest = Math.max(widest, member.alignment);
  }
  gap(widest);
  const layout = layouts().struct(list);
  let offset = 0;
  const slots: Slot[] = layout.fields.map((member) => {
    const slot: Slot = { property: member.property, offset, span: member.span, kind: kindOf(member) };
    offset += member.span;
    return slot;
  });
  const ends = slots.filter((slot) => slot.property !== undefined).map((slot) => slot.offset + slot.span);
  const fieldNames = new Map<string, (value: number) => string>();
  for (const [key, { nameOf }] of Object.entries(declaration)) if (nameOf !== undefined) fieldNames.set(key, nameOf);
  return { layout, slots, keys: Object.keys(declaration), ends, fieldNames };
}

/** Declares a struct by its name in C. `declare` returns its fields in order, and is called when the struct is first used. */
export function struct<const F extends Declaration>(name: string, declare: () => F): Struct<StructValue<F>> {
  type Value = StructValue<F>;
  let known: Shape | undefined;
  const shape = (): Shape => {
    known ??= shapeOf(declare());
    return known;
  };
  let read: Struct<Value>['read'] = (bytes, at) => {
    const { slots } = shape();
    read = mayCompile() ? (compileRead(slots) as Struct<Value>['read']) : (b, o) => interpretRead(slots, b, o) as Value;
    return read(bytes, at);
  };
  let write: Struct<Value>['write'] = (bytes, at, value) => {
    const { slots } = shape();
    write = mayCompile() ? compileWrite(slots) : (b, o, v) => writeSlots(slots, b, o, v as Record<string, unknown>);
    write(bytes, at, value);
  };
  return {
    name,
    get size() {
      return shape().layout.span;
    },
    get keys() {
      return shape().keys;
    },
    get ends() {
      return shape().ends;
    },
    '~t': undefined as never,
    read: (bytes, at) => read(bytes, at),
    write: (bytes, at, value) => write(bytes, at, value),
    expressions: (bytes, at) =>
      shape().slots.flatMap((slot): [string, string][] =>
        slot.property === undefined ? [] : [[slot.property, readExpression(slot, bytes, at)]],
      ),
    reference: (bytes, at) => {
      const decoded = shape().layout.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), at) as Value;
      return { ...decoded };
    },
    describe(bytes, at, detail) {
      const { fieldNames, keys } = shape();
      return describeFields(keys, fieldNames, read(bytes, at) as Record<string, unknown>, detail);
    },
  };
}

/** A struct of more fields than this is a table of counters, mostly 0. */
const fewFields = 12;

function describeFields(
  keys: readonly string[],
  names: ReadonlyMap<string, (value: number) => string>,
  value: Record<string, unknown>,
  detail: Detail,
): string {
  const fieldsShown = keys.flatMap((key): [string, string][] => {
    const field = value[key];
    if (field === undefined || (field === 0 && keys.length > fewFields)) return [];
    return [[key, typeof field === 'number' ? (names.get(key)?.(field) ?? String(field)) : shown(field, detail)]];
  });
  return fieldsShown.length === 0 ? '(all 0)' : inline(fieldsShown);
}

/** One expression per primitive: the whole instruction set of the compiler. */
function readExpression(slot: Slot, bytes = 'b', offset = 'o'): string {
  const byte = (i: number): string => `${bytes}[${offset}+${slot.offset + i}]`;
  const word = (from: number): string => `((${byte(from)}|${byte(from + 1)}<<8|${byte(from + 2)}<<16|${byte(from + 3)}<<24)>>>0)`;
  if (slot.kind === 'blob') return `copy(${bytes},${offset}+${slot.offset},${slot.span})`;
  if (slot.kind === 'counter') return `(${word(0)}+${word(4)}*4294967296)`;
  const terms = Array.from(
    { length: slot.span },
    (_, i) => `${byte(i)}<<${8 * (slot.kind === 'unsigned-be' ? slot.span - 1 - i : i)}`,
  ).join('|');
  const unused = 32 - 8 * slot.span;
  return slot.kind === 'signed' ? `((${terms})<<${unused}>>${unused})` : `((${terms})>>>0)`;
}

function compileRead(slots: readonly Slot[]): (bytes: Uint8Array, offset: number) => object {
  // names come from declarations in source, never from input; JSON.stringify keeps them inert all the same
  const members = slots
    .filter((slot) => slot.property !== undefined)
    .map((slot) => `${JSON.stringify(slot.property)}:${readExpression(slot)}`);
  const make = new Function('copy', `return function(b,o){return {${members.join(',')}}}`) as (
    copy: typeof copyBytes,
  ) => (bytes: Uint8Array, offset: number) => object;
  return make(copyBytes);
}

function interpretRead(slots: readonly Slot[], bytes: Uint8Array, offset: number): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const slot of slots) {
    if (slot.property === undefined) continue;
    const at = offset + slot.offset;
    if (slot.kind === 'blob') value[slot.property] = copyBytes(bytes, at, slot.span);
    else if (slot.kind === 'counter') value[slot.property] = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    else {
      const littleEndian = slot.kind !== 'unsigned-be';
      if (slot.span === 1) value[slot.property] = slot.kind === 'signed' ? view.getInt8(at) : view.getUint8(at);
      else if (slot.span === 2) value[slot.property] = view.getUint16(at, littleEndian);
      else value[slot.property] = slot.kind === 'signed' ? view.getInt32(at, littleEndian) : view.getUint32(at, littleEndian);
    }
  }
  return value;
}

/** Integers of up to four bytes are stored in place; the rest goes the interpreted way. */
function compileWrite(slots: readonly Slot[]): (bytes: Uint8Array, offset: number, value: object) => void {
  const statements = slots.map((slot, i) => {
    const zero = Array.from({ length: slot.span }, (_, byte) => `b[o+${slot.offset + byte}]=`).join('');
    if (slot.property === undefined) return `${zero}0;`;
    const key = JSON.stringify(slot.property);
    if (slot.kind === 'blob' || slot.kind === 'counter') return `x=v[${key}];if(x===undefined){${zero}0}else put(${i},b,o,x);`;
    const range = 2 ** (8 * slot.span);
    const [minimum, maximum] = slot.kind === 'signed' ? [-range / 2, range / 2 - 1] : [0, range - 1];
    const store = Array.from(
      { length: slot.span },
      (_, byte) => `b[o+${slot.offset + byte}]=x>>>${8 * (slot.kind === 'unsigned-be' ? slot.span - 1 - byte : byte)}`,
    ).join(';');
    return `x=v[${key}];if(x===undefined){${zero}0}else if(typeof x==='number'&&x>=${minimum}&&x<=${maximum}&&Math.floor(x)===x){${store}}else put(${i},b,o,x);`;
  });
  const put = (index: number, bytes: Uint8Array, offset: number, given: unknown): void => putSlot(slots[index]!, bytes, offset, given);
  return (
    new Function('put', `return function(b,o,v){let x;${statements.join('')}}`) as (
      p: typeof put,
    ) => (bytes: Uint8Array, offset: number, value: object) => void
  )(put);
}

function putSlot(slot: Slot, bytes: Uint8Array, offset: number, given: unknown): void {
  try {
    writeSlot(slot, bytes, offset + slot.offset, given);
  } catch (error) {
    throw error instanceof InputError ? error.within(slot.property ?? '') : error;
  }
}

function writeSlots(slots: readonly Slot[], bytes: Uint8Array, offset: number, value: Record<string, unknown>): void {
  for (const slot of slots) {
    const at = offset + slot.offset;
    const given = slot.property === undefined ? undefined : value[slot.property];
    if (given === undefined) {
      for (let i = 0; i < slot.span; i++) bytes[at + i] = 0;
      continue;
    }
    putSlot(slot, bytes, offset, given);
  }
}

function writeSlot(slot: Slot, bytes: Uint8Array, at: number, given: unknown): void {
  if (slot.kind === 'blob') {
    if (!(given instanceof Uint8Array) || given.length !== slot.span)
      throw new InputError('', `expected ${slot.span} bytes`, 'ERR_INVALID_ARG_TYPE');
    bytes.set(given, at);
    return;
  }
  if (slot.kind === 'counter') {
    checkInteger(given, 0, Number.MAX_SAFE_INTEGER);
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setBigUint64(at, BigInt(given), true);
    return;
  }
  const range = 2 ** (8 * slot.span);
  if (slot.kind === 'signed') checkInteger(given, -range / 2, range / 2 - 1);
  else checkInteger(given, 0, range - 1);
  for (let i = 0; i < slot.span; i++) bytes[at + i] = given >>> (8 * (slot.kind === 'unsigned-be' ? slot.span - 1 - i : i));
}

/** A struct as the payload of an attribute. Longer payloads (newer kernels) are read as far as declared. */
export function structCodec<T extends object>(of: Struct<T>): Codec<T> {
  return codec<T>(of.name, {
    decode(bytes, offset, length) {
      if (length < of.size) throw tooShort(`struct ${of.name}`, offset, of.size, length);
      return of.read(bytes, offset);
    },
    encode(writer, value) {
      if (typeof value !== 'object' || value === null)
        throw new InputError('', `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      for (const key of Object.keys(value))
        if (!of.keys.includes(key))
          throw new InputError(key, withChoices(`struct ${of.name} has no such field`, key, of.keys), 'ERR_UNKNOWN_OPTION');
      const at = writer.reserve(of.size);
      of.write(writer.bytes, at, value);
    },
    describe(bytes, offset, length, detail) {
      if (length < of.size) throw tooShort(`struct ${of.name}`, offset, of.size, length);
      return of.describe(bytes, offset, detail);
    },
  });
}

/**
 * A struct that grew over time (rtnl_link_stats64): older kernels send less of it. Fields that are not all there are left out.
 */
export function growingStructCodec<T extends object>(of: Struct<T>): Codec<Partial<T>> {
  let padded: Buffer | undefined;
  const whole = structCodec(of);
  return codec<Partial<T>>(of.name, {
    decode(bytes, offset, length) {
      if (length >= of.size) return of.read(bytes, offset);
      padded ??= Buffer.alloc(of.size);
      padded.fill(0);
      padded.set(bytes.subarray(offset, offset + length));
      const value = of.read(padded, 0) as Record<string, unknown>;
      of.keys.forEach((key, i) => {
        if (of.ends[i]! > length) delete value[key];
      });
      return value as Partial<T>;
    },
    encode: (writer, value) => whole.encode(writer, value as T),
    describe(bytes, offset, length, detail) {
      if (length >= of.size) return of.describe(bytes, offset, detail);
      const grown = Buffer.alloc(of.size);
      grown.set(bytes.subarray(offset, offset + length));
      return of.describe(grown, 0, detail);
    },
  });
}
