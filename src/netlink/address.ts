/** IP addresses, prefixes and hardware addresses: strings to a person, bytes to the kernel. */
import { type Codec, codec, tooShort } from './codec.ts';
import { InputError, MalformedMessageError } from './errors.ts';
import { show } from './scalar.ts';

/** An address family that has addresses: what ip(8) calls `inet` and `inet6`. */
export type IpFamily = 'inet' | 'inet6';

let net: typeof import('node:net') | undefined;

/** The family of a textual address, or undefined when it is none. A zone (`%eth0`) is not part of an address. */
export function addressFamily(text: string): IpFamily | undefined {
  if (ipv4Number(text) >= 0) return 'inet';
  net ??= process.getBuiltinModule('node:net');
  if (net.isIPv6(text) && !text.includes('%')) return 'inet6';
  return undefined;
}

/**
 * The 32 bits of a dotted quad in its one spelling (four numbers, no leading zeros), or -1. Routes and addresses come by the hundred thousand:
 * the regular expression behind `net.isIPv4` costs more than encoding the message does.
 */
function ipv4Number(text: string): number {
  let value = 0;
  let dots = 0;
  let octet = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (octet < 0 || ++dots > 3) return -1;
      value = value * 256 + octet;
      octet = -1;
      continue;
    }
    if (code < 0x30 || code > 0x39 || octet === 0) return -1;
    octet = octet < 0 ? code - 0x30 : octet * 10 + (code - 0x30);
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

/** Bytes of an IPv4 or IPv6 address. @throws InputError when `text` is neither. */
export function parseAddress(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new InputError('', `expected an IP address, got ${show(text)}`, 'ERR_INVALID_ARG_TYPE');
  const ipv4 = ipv4Number(text);
  if (ipv4 >= 0) return ipv4Bytes(ipv4);
  if (addressFamily(text) === 'inet6') return parseIpv6(text);
  throw new InputError('', `${JSON.stringify(text)} is not an IP address`);
}

/** `text` is known to be valid: only the layout is left to do. */
function parseIpv6(text: string): Uint8Array {
  const out = new Uint8Array(16);
  let tail = text;
  const lastColon = text.lastIndexOf(':');
  if (text.includes('.')) {
    const [a = 0, b = 0, c = 0, d = 0] = text
      .slice(lastColon + 1)
      .split('.')
      .map(Number);
    tail = `${text.slice(0, lastColon + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [before = '', after] = tail.split('::');
  const head = before === '' ? [] : before.split(':');
  const rest = after === undefined || after === '' ? [] : after.split(':');
  for (const [i, group] of head.entries()) setGroup(out, i, group);
  for (const [i, group] of rest.entries()) setGroup(out, 8 - rest.length + i, group);
  return out;
}

function setGroup(out: Uint8Array, index: number, group: string): void {
  const value = Number.parseInt(group, 16);
  out[2 * index] = value >>> 8;
  out[2 * index + 1] = value;
}

const octets: readonly string[] = Array.from({ length: 256 }, (_, i) => String(i));

/** Text of a 4- or 16-byte address; IPv6 as RFC 5952 wants it. */
export function formatAddress(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  if (length === 4) {
    // three times as fast as concatenating numbers, and one string in memory instead of a tree of them
    return [octets[bytes[offset]!], octets[bytes[offset + 1]!], octets[bytes[offset + 2]!], octets[bytes[offset + 3]!]].join('.');
  }
  if (length === 16) return formatIpv6(bytes, offset);
  throw new MalformedMessageError('IP address', offset, `4 or 16 bytes, found ${length}`);
}

function formatIpv6(bytes: Uint8Array, offset: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[offset + i]! << 8) | bytes[offset + i + 1]!);
  // ::ffff:a.b.c.d, the one form in which RFC 5952 §5 and inet_ntop(3) keep the dotted quad
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) return `::ffff:${formatAddress(bytes, offset + 12, 4)}`;
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > bestLength) {
      bestStart = i;
      bestLength = run;
    }
    i += run;
  }
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return bestStart < 0 ? hex(0, 8) : `${hex(0, bestStart)}::${hex(bestStart + bestLength, 8)}`;
}

function ipCodec(label: string, sizes: readonly number[]): Codec<string> {
  return codec<string>(label, {
    decode(bytes, offset, length) {
      if (!sizes.includes(length)) throw new MalformedMessageError(label, offset, `${sizes.join(' or ')} bytes, found ${length}`);
      return formatAddress(bytes, offset, length);
    },
    encode(writer, value) {
      if (typeof value === 'string' && sizes[0] === 4) {
        const ipv4 = ipv4Number(value);
        if (ipv4 >= 0) {
          writer.appendBe32(ipv4);
          return;
        }
      }
      const parsed = parseAddress(value);
      if (!sizes.includes(parsed.length)) throw new InputError('', `${JSON.stringify(value)} is not an ${label} address`);
      writer.append(parsed);
    },
  });
}

/** An IPv4 or IPv6 address, told apart by its length. */
export const ipAddress: Codec<string> = ipCodec('IP', [4, 16]);
/** An IPv4 address. */
export const ipv4Address: Codec<string> = ipCodec('IPv4', [4]);
/** An IPv6 address. */
export const ipv6Address: Codec<string> = ipCodec('IPv6', [16]);

/** A network or an address with its prefix length, taken apart. */
export interface Prefix {
  /** `inet` or `inet6`. */
  readonly family: IpFamily;
  /** The address as it was given, host bits included. */
  readonly address: string;
  /** The address: 4 bytes or 16. */
  readonly bytes: Uint8Array;
  /** 0 to 32 (IPv4) or 128 (IPv6). */
  readonly length: number;
}

/** The bytes are made when they are asked for: an array of four costs more than taking the text apart. */
class Ipv4Prefix implements Prefix {
  readonly family = 'inet';
  readonly address: string;
  readonly number: number;
  readonly length: number;

  constructor(address: string, number: number, length: number) {
    this.address = address;
    this.number = number;
    this.length = length;
  }

  get bytes(): Uint8Array {
    return ipv4Bytes(this.number);
  }
}

function ipv4Bytes(number: number): Uint8Array {
  // V8 makes one of known length in place; `of` is a call that goes through its arguments
  const bytes = new Uint8Array(4);
  bytes[0] = number >>> 24;
  bytes[1] = number >>> 16;
  bytes[2] = number >>> 8;
  bytes[3] = number;
  return bytes;
}

/** Bits of an address of a family. */
export function addressBits(family: IpFamily): 32 | 128 {
  return family === 'inet' ? 32 : 128;
}

/** `10.0.0.0/24`, or an address alone (all its bits). @throws InputError when it is neither. */
export function parsePrefix(text: unknown): Prefix {
  if (typeof text !== 'string')
    throw new InputError('', `expected a prefix such as "10.0.0.0/24", got ${show(text)}`, 'ERR_INVALID_ARG_TYPE');
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const ipv4 = ipv4Number(address);
  const family = ipv4 >= 0 ? 'inet' : addressFamily(address);
  if (family === undefined) throw new InputError('', `${JSON.stringify(text)} is not an address or prefix`);
  const bits = addressBits(family);
  const length = slash < 0 ? bits : prefixLength(text, slash + 1);
  if (length < 0 || length > bits)
    throw new InputError('', `${JSON.stringify(text)} has a bad prefix length; ${family} takes 0 to ${bits}`, 'ERR_OUT_OF_RANGE');
  return ipv4 >= 0 ? new Ipv4Prefix(address, ipv4, length) : { family, address, bytes: parseAddress(address), length };
}

/** The decimal number, of at most three digits, that `text` ends with from `start` on; -1: there is none. */
function prefixLength(text: string, start: number): number {
  const digits = text.length - start;
  if (digits < 1 || digits > 3) return -1;
  let value = 0;
  for (let i = start; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The prefix with its host bits cleared: `10.0.0.7/24` gives `10.0.0.0/24`. */
export function networkOf(prefix: Prefix): Prefix {
  const { family, length } = prefix;
  const bytes = prefix.bytes.map((byte, i) => byte & maskByte(length, i));
  return { family, length, bytes, address: formatAddress(bytes) };
}

/** Byte `index` of the netmask of a prefix length. */
export function maskByte(length: number, index: number): number {
  const bits = Math.min(8, Math.max(0, length - 8 * index));
  return (0xff << (8 - bits)) & 0xff;
}

/** Whether a prefix has no host bits set. */
export function isNetwork(prefix: Prefix): boolean {
  if (prefix instanceof Ipv4Prefix) return prefix.length === 32 || (prefix.number & (0xffffffff >>> prefix.length)) === 0;
  const { bytes, length } = prefix;
  for (let i = length >>> 3; i < bytes.length; i++) if ((bytes[i]! & ~maskByte(length, i)) !== 0) return false;
  return true;
}

/** The address of a prefix in the kernel's spelling. An IPv4 address has one only. */
export function canonicalAddress(prefix: Prefix): string {
  return prefix.family === 'inet' ? prefix.address : formatAddress(prefix.bytes);
}

const hex: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** MAX_ADDR_LEN. */
const maxHardwareAddress = 32;

/** Bytes of `02:00:00:00:00:01`; any number of bytes from 1 to 32 (MAX_ADDR_LEN). @throws InputError when it has another form. */
export function parseHardwareAddress(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new InputError('', `expected a hardware address, got ${show(text)}`, 'ERR_INVALID_ARG_TYPE');
  const size = (text.length + 1) / 3;
  let valid = Number.isInteger(size) && size <= maxHardwareAddress;
  const bytes = new Uint8Array(valid ? size : 0);
  // by hand: a regular expression, a split and the strings that come of it cost more than encoding the message does
  for (let i = 0; valid && i < bytes.length; i++) {
    const high = hexDigit(text.charCodeAt(3 * i));
    const low = hexDigit(text.charCodeAt(3 * i + 1));
    const separator = i === 0 ? 0x3a : text.charCodeAt(3 * i - 1);
    valid = high >= 0 && low >= 0 && (separator === 0x3a || separator === 0x2d);
    bytes[i] = 16 * high + low;
  }
  if (!valid) throw new InputError('', `${JSON.stringify(text)} is not a hardware address such as "02:00:00:00:00:01"`);
  return bytes;
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Bytes as a hardware address. */
export function formatHardwareAddress(bytes: Uint8Array): string {
  return hardwareAddress.decode(bytes, 0, bytes.length);
}

/** A power of two. */
const recentAddresses = 256;
/** Addresses of 6 bytes that were read lately, as two halves and as text, each where its last bytes say: those of a machine come again and again. */
const recentHalves = new Int32Array(2 * recentAddresses).fill(-1);
const recentTexts: string[] = new Array<string>(recentAddresses).fill('');

function readEthernetAddress(b: Uint8Array, at: number): string {
  const high = (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
  const low = (b[at + 3]! << 16) | (b[at + 4]! << 8) | b[at + 5]!;
  const slot = (low ^ (low >>> 8) ^ high) & (recentAddresses - 1);
  if (recentHalves[2 * slot] === high && recentHalves[2 * slot + 1] === low) return recentTexts[slot]!;
  const text = `${hex[b[at]!]}:${hex[b[at + 1]!]}:${hex[b[at + 2]!]}:${hex[b[at + 3]!]}:${hex[b[at + 4]!]}:${hex[b[at + 5]!]}`;
  recentHalves[2 * slot] = high;
  recentHalves[2 * slot + 1] = low;
  recentTexts[slot] = text;
  return text;
}

/** A link-layer address of any length, lower case with colons. An empty one decodes to the empty string. */
export const hardwareAddress: Codec<string> = codec<string>('hardware address', {
  decode(bytes, offset, length) {
    if (length === 6) return readEthernetAddress(bytes, offset);
    let text = '';
    for (let i = 0; i < length; i++) text += (i === 0 ? '' : ':') + hex[bytes[offset + i]!]!;
    return text;
  },
  encode(writer, value) {
    writer.append(value === '' ? new Uint8Array(0) : parseHardwareAddress(value));
  },
});

/** A 6-byte Ethernet address. */
export const ethernetAddress: Codec<string> = codec<string>('Ethernet address', {
  decode(bytes, offset, length) {
    if (length < 6) throw tooShort('Ethernet address', offset, 6, length);
    return hardwareAddress.decode(bytes, offset, 6);
  },
  encode(writer, value) {
    const parsed = parseHardwareAddress(value);
    if (parsed.length !== 6) throw new InputError('', `${JSON.stringify(value)} has ${parsed.length} bytes; an Ethernet address has 6`);
    writer.append(parsed);
  },
});
