/** Decoded values as text, for people. */

/** A value as text, or the parts that something is made of. */
export type Described = string | readonly Part[];

/** One line: a name, and a value beside it or parts below it. */
export interface Part {
  /** Name of the constant or of the field. */
  readonly name: string;
  /** What it holds: text, or parts of its own. */
  readonly value: Described;
}

/** How much is told. */
export interface Detail {
  /** Bytes of a payload shown in hexadecimal; of what is longer the number of bytes is told. */
  readonly maxBytes: number;
  /** Show keys. */
  readonly secrets: boolean;
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
