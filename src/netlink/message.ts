/** The netlink message: its header, its flags, and messages made of a struct and attributes. Source: include/uapi/linux/netlink.h. */
import type { AttributeSet, WithUnknown } from './attributes.ts';
import { type Codec, codec, tooShort } from './codec.ts';
import { InputError } from './errors.ts';
import { show } from './scalar.ts';
import type { Part } from './shown.ts';
import type { Struct } from './struct.ts';
import { Writer } from './writer.ts';

/** sizeof(struct nlmsghdr). */
export const NLMSG_HDRLEN = 16;

export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;

/** Every request carries it. */
export const NLM_F_REQUEST = 0x1;
/** One part of several; the last is NLMSG_DONE. */
export const NLM_F_MULTI = 0x2;
/** Answer with NLMSG_ERROR even on success. */
export const NLM_F_ACK = 0x4;
/** Send the notification of this change to the requester too. */
export const NLM_F_ECHO = 0x8;
/** The dump was inconsistent: something changed meanwhile. */
export const NLM_F_DUMP_INTR = 0x10;
/** The kernel applied the filter of this dump. */
export const NLM_F_DUMP_FILTERED = 0x20;
export const NLM_F_ROOT = 0x100;
export const NLM_F_MATCH = 0x200;
export const NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;
/** Overwrite what exists. */
export const NLM_F_REPLACE = 0x100;
/** Fail if it exists. */
export const NLM_F_EXCL = 0x200;
/** Of a deletion: everything that the request describes, not one object. */
export const NLM_F_BULK = 0x200;
/** Create if it does not exist. */
export const NLM_F_CREATE = 0x400;
/** Add at the end of the list. */
export const NLM_F_APPEND = 0x800;
/** In NLMSG_ERROR: the request is not copied back. */
export const NLM_F_CAPPED = 0x100;
/** In NLMSG_ERROR and NLMSG_DONE: extended ack attributes follow. */
export const NLM_F_ACK_TLVS = 0x200;

export const NETLINK_ROUTE = 0;
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_NETFILTER = 12;

/** A message body: the fixed header of its family, then attributes. */
export interface Message<T, I = Partial<T>> extends Codec<T> {
  /** Bytes of the body. @throws InputError when a value cannot be said. */
  bytes(value: I): Buffer;
  /** Reads a body. @throws MalformedMessageError */
  parse(bytes: Uint8Array): T;
}

/**
 * Declares a message body: `message('RTM_LINK', ifinfomsg, linkAttributes)`. Header fields and attributes share one
 * object; header fields left out are written as zero.
 */
export function message<H extends object, A extends WithUnknown>(
  label: string,
  header: Struct<H>,
  set: AttributeSet<A>,
): Message<H & A, Partial<H> & A> {
  let known: { readonly headerKeys: ReadonlySet<string>; readonly size: number } | undefined;
  const shape = (): NonNullable<typeof known> => {
    known ??= shapeOf(label, header, set.declarations);
    return known;
  };
  const encode = (writer: Writer, value: Partial<H> & A): void => {
    if (typeof value !== 'object' || value === null)
      throw new InputError('', `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    const { headerKeys, size } = shape();
    const at = writer.reserve(size);
    header.write(writer.bytes, at, value);
    set.encodeExcept(writer, value, headerKeys);
  };
  const base = codec<H & A>(label, {
    decode(bytes, offset, length) {
      if (length < header.size) throw tooShort(`struct ${header.name}`, offset, header.size, length);
      const value = header.read(bytes, offset);
      const { size } = shape();
      if (length > size) set.decodeInto(value, bytes, offset + size, length - size);
      return value as H & A;
    },
    encode: encode as Codec<H & A>['encode'],
    locate(bytes, offset, length, target) {
      const { size } = shape();
      if (target < offset + size) return `(struct ${header.name})`;
      return set.locate?.(bytes, offset + size, length - size, target);
    },
    describe(bytes, offset, length, detail) {
      if (length < header.size) throw tooShort(`struct ${header.name}`, offset, header.size, length);
      const { size } = shape();
      const fields: Part = { name: header.name, value: header.describe(bytes, offset, detail) };
      const rest = length > size ? set.describe?.(bytes, offset + size, length - size, detail) : undefined;
      return [fields, ...(typeof rest === 'object' ? rest : [])];
    },
  });
  return {
    ...base,
    bytes(value) {
      scratch.reset();
      encode(scratch, value);
      return scratch.copy();
    },
    parse: (bytes) => base.decode(bytes, 0, bytes.length),
  };
}

function shapeOf(label: string, header: Struct<object>, declarations: object): { headerKeys: ReadonlySet<string>; size: number } {
  for (const key of header.keys)
    if (key in declarations) throw new TypeError(`${label}: "${key}" is both a field of ${header.name} and an attribute`);
  return { headerKeys: new Set(header.keys), size: (header.size + 3) & ~3 };
}

/**
 * The one writer that encoding goes through. Encoding is synchronous and never re-entered, so it can be shared; an
 * encoder that throws leaves it dirty, and the next one resets it.
 */
export const scratch = new Writer();

/** Writes the 16 bytes of struct nlmsghdr. */
export function writeHeader(bytes: Buffer, at: number, length: number, type: number, flags: number, sequence: number): void {
  writeU32(bytes, at, length);
  writeU32(bytes, at + 4, type | (flags << 16));
  writeU32(bytes, at + 8, sequence);
  writeU32(bytes, at + 12, 0);
}

// stores by index: on this path, once for every message, Buffer's checked accessors cost more than everything else
function writeU32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** A u16 in host order, unchecked. */
export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** A u32 in host order, unchecked. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
