/**
 * What a payload says, to a person. A codec that knows more than its value (the constants of a set, the parts of a list) has a
 * `describe`; of any other the decoded value is shown. What cannot be read is shown as bytes: describing never fails.
 */
import { type Codec, enter, leave } from './codec.ts';
import { MalformedMessageError } from './errors.ts';

/** A value as text, or the parts that something is made of. */
export type Described = string | readonly Part[];

/** One line: a name, and a value beside it or parts below it. */
export interface Part {
  readonly name: string;
  readonly value: Described;
}

/** How much is told. */
export interface Detail {
  /** Bytes of a payload shown in hexadecimal; of what is longer the number of bytes is told. */
  readonly maxBytes: number;
  /** Show keys. */
  readonly secrets: boolean;
}

/** Describes a payload by its codec; without one, as bytes. */
export function describePayload(
  of: Codec<unknown> | undefined,
  bytes: Uint8Array,
  offset: number,
  length: number,
  detail: Detail,
): Described {
  if (of === undefined) return hexadecimal(bytes, offset, length, detail);
  try {
    enter(of.label, offset);
    try {
      return of.describe === undefined ? shown(of.decode(bytes, offset, length), detail) : of.describe(bytes, offset, length, detail);
    } finally {
      leave();
    }
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return `${hexadecimal(bytes, offset, length, detail)} (expected ${error.expected})`;
  }
}

/** Parts on one line: what headers and structs look like. */
export function inline(fields: readonly (readonly [name: string, text: string])[]): string {
  return fields.map(([name, text]) => `${name}=${text}`).join(' ');
}

/** Any decoded value as text. */
export function shown(value: unknown, detail: Detail): string {
  if (value instanceof Uint8Array) return hexadecimal(value, 0, value.length, detail);
  if (Array.isArray(value)) return `[${value.map((member) => nestedText(member, detail)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return inline(
    Object.entries(value).flatMap(([key, member]): [string, string][] => (member === undefined ? [] : [[key, nestedText(member, detail)]])),
  );
}

function nestedText(value: unknown, detail: Detail): string {
  const text = shown(value, detail);
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) ? `{${text}}` : text;
}

/** `0a 00 00 01`, or the beginning of it and how long it is. */
export function hexadecimal(bytes: Uint8Array, offset: number, length: number, { maxBytes }: Detail): string {
  if (length === 0) return '(empty)';
  const shownLength = Math.min(length, maxBytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + offset, shownLength).toString('hex');
  const spaced = text.replace(/..(?=.)/g, '$& ');
  return shownLength === length ? spaced : `${spaced} … (${length} bytes)`;
}

/** `up|broadcast`; bits without a name in hexadecimal; `0` for none. */
export function bitNames(names: readonly (string | number)[]): string {
  if (names.length === 0) return '0';
  return names.map((name) => (typeof name === 'number' ? `0x${name.toString(16)}` : name)).join('|');
}

/** Text as it is: quoted, since it may hold anything. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Marks a payload as a key: traces and descriptions tell its length and nothing else, unless they are asked for `secrets`. */
export function secret<T>(of: Codec<T>): Codec<T> {
  return {
    ...of,
    describe: (bytes, offset, length, detail) =>
      detail.secrets ? describePayload(of, bytes, offset, length, detail) : `(hidden, ${length} bytes)`,
  };
}
