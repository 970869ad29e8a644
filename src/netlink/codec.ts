/**
 * What every element of the schema language is: one value that decodes, encodes, and carries the TypeScript type.
 *
 * A codec sees the payload of an attribute only; headers, padding and nesting are the business of attributes.ts.
 */

import { InputError, MalformedMessageError } from './errors.ts';
import { type Described, type Detail, shown } from './shown.ts';
import type { Writer } from './writer.ts';

/** The payload holds attributes (include/uapi/linux/netlink.h). */
export const NLA_F_NESTED = 0x8000;
/** The payload is in network byte order. */
export const NLA_F_NET_BYTEORDER = 0x4000;
/** The bits of nla_type that are the type. */
export const NLA_TYPE_MASK = 0x3fff;

/** How the attribute compiler may read a value without a call. */
export interface Inline {
  /** Shorter payloads are kept as unknown attributes instead. */
  readonly minimum: number;
  /** A JavaScript expression over `b` (the bytes), `d` (a DataView of them), `v` (offset of the payload) and `m` (its length). */
  readonly expression: string;
}

/** How values of a type are written to messages and read from them. */
export interface Codec<T> {
  /** Short name for errors and traces: `u32`, `hardware address`, `IFLA_INFO`. */
  readonly label: string;
  /** Bits to set in nla_type when encoding. */
  readonly typeFlags: number;
  /** Phantom: holds the type, never a value. */
  readonly '~t': T;
  /** How a generated decoder reads it in place, where that is possible. */
  readonly inline?: Inline;
  /** @throws MalformedMessageError when the payload does not have the promised shape. */
  decode(bytes: Uint8Array, offset: number, length: number): T;
  /** @throws InputError when the value cannot be said in this type. */
  encode(writer: Writer, value: T): void;
  /** Names of the attributes on the way to the byte `target`, for extended acks; undefined when it is in none. */
  locate?(bytes: Uint8Array, offset: number, length: number, target: number): string | undefined;
  /** What the payload says, for `describePayload`; absent: the decoded value says it all. @throws MalformedMessageError */
  describe?(bytes: Uint8Array, offset: number, length: number, detail: Detail): Described;
}

/** The type a codec decodes to. */
export type Infer<C extends { readonly '~t': unknown }> = C['~t'];

/** What a codec is made of. */
export interface CodecParts<T> {
  decode: Codec<T>['decode'];
  encode: Codec<T>['encode'];
  /** Flag bits of nla_type: NLA_F_NESTED, NLA_F_NET_BYTEORDER. Default: none. */
  typeFlags?: number;
  /** How a generated decoder reads it in place. Default: it calls `decode`. */
  inline?: Inline;
  locate?: Codec<T>['locate'];
  describe?: Codec<T>['describe'];
}

/** Builds a codec from its two directions. */
export function codec<T>(label: string, parts: CodecParts<T>): Codec<T> {
  return { label, typeFlags: 0, '~t': undefined as never, ...parts } as Codec<T>;
}

/**
 * How deep attributes may be nested: a type that contains itself must end. The kernel's own parser stops at 10 (lib/nlattr.c,
 * MAX_POLICY_RECURSION_DEPTH); no message is anywhere near this.
 */
const maxDepth = 32;
let depth = 0;

/** Goes one level deeper; to be followed by {@link leave}, whatever happens. @throws MalformedMessageError beyond the last level */
export function enter(label: string, offset: number): void {
  if (depth >= maxDepth) throw new MalformedMessageError(label, offset, `at most ${maxDepth} levels of nesting`);
  depth++;
}

export function leave(): void {
  depth--;
}

/** {@link enter}, while encoding. @throws InputError */
export function enterEncoding(label: string): void {
  if (depth >= maxDepth) throw new InputError('', `${label}: nested more than ${maxDepth} levels deep`);
  depth++;
}

/** A codec that is looked up on each use: for types that contain themselves. */
export function lazy<T>(label: string, get: () => Codec<T>, typeFlags = 0): Codec<T> {
  return codec<T>(label, {
    typeFlags,
    decode(bytes, offset, length) {
      enter(label, offset);
      try {
        return get().decode(bytes, offset, length);
      } finally {
        leave();
      }
    },
    encode(writer, value) {
      enterEncoding(label);
      try {
        get().encode(writer, value);
      } finally {
        leave();
      }
    },
    locate(bytes, offset, length, target) {
      enter(label, offset);
      try {
        return get().locate?.(bytes, offset, length, target);
      } finally {
        leave();
      }
    },
    describe: (bytes, offset, length, detail) => {
      const of = get();
      return of.describe === undefined ? shown(of.decode(bytes, offset, length), detail) : of.describe(bytes, offset, length, detail);
    },
  });
}

/** Decoded and encoded through another codec: `mapped(u32, fromWire, toWire)`. */
export function mapped<W, T>(base: Codec<W>, label: string, fromWire: (wire: W) => T, toWire: (value: T) => W): Codec<T> {
  return codec<T>(label, {
    typeFlags: base.typeFlags,
    decode: (bytes, offset, length) => fromWire(base.decode(bytes, offset, length)),
    encode: (writer, value) => base.encode(writer, toWire(value)),
  });
}

export function tooShort(label: string, offset: number, needed: number, length: number): MalformedMessageError {
  return new MalformedMessageError(label, offset, `${needed} bytes, found ${length}`);
}

let viewed: Uint8Array = new Uint8Array(0);
let latestView = new DataView(viewed.buffer);

/** The bytes as a DataView. Decoders read many values of one buffer, one after another: the view of the latest is kept. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    latestView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    viewed = bytes;
  }
  return latestView;
}

/** A copy of `length` bytes: a plain Uint8Array, whatever the source is. */
export function copyBytes(source: Uint8Array, offset: number, length: number): Uint8Array {
  // V8 keeps short arrays in its own heap: an ArrayBuffer for each would cost twenty times as much
  if (length > 32) return new Uint8Array(source.subarray(offset, offset + length));
  const copied = new Uint8Array(length);
  for (let i = 0; i < length; i++) copied[i] = source[offset + i]!;
  return copied;
}

/** `a` and `b` give `a.b`; an index keeps its brackets: `a` and `[1]` give `a[1]`. */
export function joinPath(outer: string, inner: string | undefined): string {
  if (inner === undefined || inner === '') return outer;
  return inner.startsWith('[') ? `${outer}${inner}` : `${outer}.${inner}`;
}
