/** Strings and plain bytes. */
import { type Codec, codec, copyBytes } from './codec.ts';
import { InputError } from './errors.ts';
import { show } from './scalar.ts';
import { quoted } from './shown.ts';
import type { Writer } from './writer.ts';

/** IFNAMSIZ - 1 (include/uapi/linux/if.h): the longest interface name, in bytes. */
export const maxInterfaceNameLength = 15;

/** A power of two. */
const recentTexts = 256;
/** Texts that were read lately, each where its hash says: the names of links, tables and queueing disciplines come again and again. */
const recent: string[] = new Array<string>(recentTexts).fill('');

/** Reads up to the first NUL. Interface names and table names are short ASCII, for which this beats a decoder by far. */
export function readString(bytes: Uint8Array, offset: number, length: number): string {
  const end = offset + length;
  let hash = 0;
  let at = offset;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0) break;
    if (byte > 0x7f || at - offset > 48) return readUtf8(bytes, offset, end);
    hash = (hash * 31 + byte) | 0;
  }
  const slot = (hash ^ (hash >>> 8)) & (recentTexts - 1);
  const known = recent[slot]!;
  if (known.length === at - offset && isAt(known, bytes, offset)) return known;
  let text = '';
  for (let i = offset; i < at; i++) text += String.fromCharCode(bytes[i]!);
  recent[slot] = text;
  return text;
}

function isAt(text: string, bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[offset + i]) return false;
  return true;
}

function readUtf8(bytes: Uint8Array, offset: number, end: number): string {
  let stop = offset;
  while (stop < end && bytes[stop] !== 0) stop++;
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, stop - offset).toString('utf8');
}

function describeText(bytes: Uint8Array, offset: number, length: number): string {
  return quoted(readString(bytes, offset, length));
}

function checkText(value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new InputError('', `expected a string, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  if (value.includes('\0')) throw new InputError('', 'contains a NUL character');
}

/** The text as ASCII straight into the buffer; false, with nothing written, when it is not short and ASCII. */
function writeAscii(writer: Writer, value: string, maximum: number): boolean {
  const { length } = value;
  if (length > maximum || length > 64) return false;
  for (let i = 0; i < length; i++) if (value.charCodeAt(i) > 0x7f) return false;
  const at = writer.reserve(length + 1);
  const { bytes } = writer;
  for (let i = 0; i < length; i++) bytes[at + i] = value.charCodeAt(i);
  bytes[at + length] = 0;
  return true;
}

function writeText(writer: Writer, value: string, maximum: number): void {
  checkText(value);
  if (writeAscii(writer, value, maximum)) return;
  const length = Buffer.byteLength(value);
  if (length > maximum)
    throw new InputError('', `${JSON.stringify(value)} is ${length} bytes long; at most ${maximum} fit`, 'ERR_OUT_OF_RANGE');
  const at = writer.reserve(length + 1);
  writer.bytes.write(value, at);
  writer.bytes[at + length] = 0;
}

/** A NUL-terminated string of at most `maximum` bytes, the NUL not counted. */
export function string(maximum = 65_530): Codec<string> {
  return codec<string>('string', {
    decode: readString,
    encode: (writer, value) => writeText(writer, value, maximum),
    describe: describeText,
  });
}

/** @throws InputError unless `name` can be the name of a link: 1 to 15 bytes, no '/', no whitespace, no ':', not '.' or '..' (dev_valid_name in the kernel). */
export function checkInterfaceName(name: unknown): asserts name is string {
  if (typeof name === 'string' && isInterfaceName(name)) return;
  checkText(name);
  if (name === '') throw new InputError('', 'an interface name cannot be empty');
  const length = Buffer.byteLength(name);
  if (length > maxInterfaceNameLength) {
    throw new InputError(
      '',
      `interface name ${JSON.stringify(name)} is ${length} bytes long; at most ${maxInterfaceNameLength} fit`,
      'ERR_OUT_OF_RANGE',
    );
  }
  if (name === '.' || name === '..' || /[/:\s]/.test(name)) {
    throw new InputError(
      '',
      `${JSON.stringify(name)} is not an interface name: '/', ':', whitespace, "." and ".." are refused by the kernel`,
    );
  }
}

/** Whether a name is an interface name of the usual kind: 1 to 15 printable ASCII characters. A quick yes; no means that it needs a closer look. */
export function isInterfaceName(name: string): boolean {
  const { length } = name;
  if (length === 0 || length > maxInterfaceNameLength || name === '.' || name === '..') return false;
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    // printable ASCII but '/' and ':'
    if (code <= 0x20 || code >= 0x7f || code === 0x2f || code === 0x3a) return false;
  }
  return true;
}

/** The name of a link: 1 to 15 bytes. */
export const interfaceName: Codec<string> = codec<string>('interface name', {
  decode: readString,
  encode(writer, value) {
    checkInterfaceName(value);
    writeText(writer, value, maxInterfaceNameLength);
  },
  describe: describeText,
});

/** Bytes as they are. Decodes to a copy. */
export const bytes: Codec<Uint8Array> = codec<Uint8Array>('bytes', {
  decode: copyBytes,
  encode(writer, value: unknown) {
    if (!(value instanceof Uint8Array)) throw new InputError('', `expected a Uint8Array, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    writer.append(value);
  },
});
