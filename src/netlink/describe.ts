/**
 * Netlink datagrams as text: what `NODE_DEBUG=netloom` prints, and what a captured one says. Message types are found in
 * message-types.ts; what follows their header describes itself (described.ts).
 */
import { describeAttributes } from './attributes.ts';
import { ackAttributes } from './describe-ack.ts';
import { describePayload } from './described.ts';
import { InputError, MalformedMessageError } from './errors.ts';
import { behindRequest } from './extack.ts';
import { checkMembers, memberNames } from './input.ts';
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_MULTI,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
  readU16,
  readU32,
} from './message.ts';
import {
  isRegistered,
  type MessageType,
  messageBody,
  messageType,
  type ProtocolRef,
  protocolName,
  protocolNumber,
} from './message-types.ts';
import { isCapture, readCapture } from './pcap.ts';
import { show } from './scalar.ts';
import { type Described, type Detail, hexadecimal, inline, type Part } from './shown.ts';
import { errnoName } from './sys/errno.ts';

/** What `describe` shows. */
export interface DescribeOptions {
  /** The netlink protocol of the datagram. A capture file says it itself. Default: `route`. */
  protocol?: ProtocolRef;
  /** Bytes of a payload without a schema that are shown; of longer ones the length is told. Default: 64. */
  maxBytes?: number;
  /** Show keys. Default: false. */
  secrets?: boolean;
}

const members = memberNames<DescribeOptions>({ protocol: true, maxBytes: true, secrets: true });

const defaultBytes = 64;

/**
 * Says what is in a netlink datagram, one line an attribute, with the names of the kernel's constants:
 *
 *     RTM_NEWLINK REQUEST|ACK|EXCL|CREATE seq=7 port=0 length=60
 *       ifinfomsg: family=unspec type=0 index=0 flags=up change=up
 *       IFLA_IFNAME: "br0"
 *
 * The schemas of a protocol are there once `netloom`, `netloom/rtnl` or `netloom/nft` has been imported; others are added by
 * `registerMessages`. Whatever is not understood is shown in hexadecimal: malformed datagrams are described as far as they go.
 *
 * @param input the datagram, one or several messages, as bytes or in hexadecimal (blanks and colons between are skipped); or a capture
 *   file of an nlmon device (pcap, pcapng), of which every datagram is described
 * @throws InputError for text that is not hexadecimal, and for options
 * @throws MalformedMessageError for a capture file that cannot be read
 */
export function describe(input: Uint8Array | string, options: DescribeOptions = {}): string {
  const bytes = typeof input === 'string' ? fromHexadecimal(input) : input;
  if (!(bytes instanceof Uint8Array))
    throw new InputError('input', `expected bytes or a string, got ${show(input)}`, 'ERR_INVALID_ARG_TYPE');
  checkMembers(options, 'options', members);
  const { protocol = 'route' } = options;
  const detail = checkedDetail(options);
  const number = protocolNumber(protocol);
  return isCapture(bytes) ? describeCapture(bytes, detail) : datagramText(bytes, number, detail);
}

function checkedDetail({ maxBytes = defaultBytes, secrets = false }: DescribeOptions): Detail {
  if (typeof maxBytes !== 'number' || !(maxBytes >= 0))
    throw new InputError('maxBytes', `expected a number of bytes, got ${show(maxBytes)}`, 'ERR_OUT_OF_RANGE');
  if (typeof secrets !== 'boolean') throw new InputError('secrets', `expected true or false, got ${show(secrets)}`, 'ERR_INVALID_ARG_TYPE');
  return { maxBytes: Math.floor(maxBytes), secrets };
}

function fromHexadecimal(text: string): Buffer {
  const digits = text.replace(/0x|[\s:,]/gi, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new InputError('input', 'is not an even number of hexadecimal digits');
  return Buffer.from(digits, 'hex');
}

/** PACKET_USER and PACKET_KERNEL (include/uapi/linux/if_packet.h), as nlmon marks what it sees. */
const directions: Readonly<Record<number, string>> = { 6: ', to user space', 7: ', to the kernel' };

function describeCapture(bytes: Uint8Array, detail: Detail): string {
  const datagrams = readCapture(bytes).map((datagram) => {
    const { protocol, packetType, time, length } = datagram;
    const cut = length > datagram.bytes.length ? `, ${datagram.bytes.length} of ${length} bytes captured` : '';
    const title = `# ${time === undefined ? '' : `${timeText(time)} `}${protocolName(protocol)}${directions[packetType] ?? ''}${cut}`;
    return `${title}\n${datagramText(datagram.bytes, protocol, detail)}`;
  });
  return datagrams.length === 0 ? '# no datagrams' : datagrams.join('\n');
}

function timeText(nanoseconds: bigint): string {
  const milliseconds = Number(nanoseconds / 1_000_000n);
  // beyond the range of Date, a time stamp is garbage, and is shown as it is
  if (milliseconds > 8.64e15) return `${nanoseconds}ns`;
  return new Date(milliseconds).toISOString().replace('Z', `${(nanoseconds % 1_000_000n).toString().padStart(6, '0')}Z`);
}

/** What traces tell: a payload without a schema may hold a key, so only its length is told. */
const traced: Detail = { maxBytes: defaultBytes, secrets: false };

/** A datagram of a trace as text. */
export function traceText(bytes: Uint8Array, protocol: number): string {
  return datagramText(bytes, protocol, traced);
}

function datagramText(bytes: Uint8Array, protocol: number, detail: Detail): string {
  return render(describeDatagram(bytes, protocol, detail), '').join('\n');
}

/** Parts as lines, what is below another indented by two. */
function render(parts: readonly Part[], indent: string): string[] {
  return parts.flatMap(({ name, value }) => {
    if (typeof value === 'string') return [value === '' ? `${indent}${name}` : `${indent}${name}: ${value}`];
    return [`${indent}${name}`, ...render(value, `${indent}  `)];
  });
}

/** The messages of a datagram. */
export function describeDatagram(bytes: Uint8Array, protocol: number, detail: Detail): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; ) {
    const left = bytes.length - at;
    const size = left < NLMSG_HDRLEN ? left : readU32(bytes, at);
    if (size < NLMSG_HDRLEN || size > left) {
      const expected = left < NLMSG_HDRLEN ? `${NLMSG_HDRLEN} bytes of struct nlmsghdr` : `a length from ${NLMSG_HDRLEN} to ${left}`;
      parts.push({ name: `malformed message, expected ${expected}`, value: hexadecimal(bytes, at, left, detail) });
      break;
    }
    parts.push(describeMessage(bytes, at, size, protocol, detail));
    at += (size + 3) & ~3;
  }
  return parts;
}

/** One message; the caller has made sure that its header and its length are there. */
function describeMessage(bytes: Uint8Array, at: number, size: number, protocol: number, detail: Detail): Part {
  const type = readU16(bytes, at + 4);
  const body = at + NLMSG_HDRLEN;
  const length = size - NLMSG_HDRLEN;
  const name = headerText(bytes, at, protocol);
  if (type === NLMSG_ERROR) return { name, value: describeError(bytes, body, length, readU16(bytes, at + 6), protocol, detail) };
  if (type === NLMSG_DONE) return { name, value: describeDone(bytes, body, length, readU16(bytes, at + 6), detail) };
  return { name, value: describeBody(bytes, at, length, protocol, detail) };
}

/** What follows the header at `header`. */
function describeBody(bytes: Uint8Array, header: number, length: number, protocol: number, detail: Detail): Described {
  if (length === 0) return '';
  const at = header + NLMSG_HDRLEN;
  const of = bodyOf(bytes, header, protocol);
  if (of !== undefined) {
    const described = describePayload(of, bytes, at, length, detail);
    return typeof described === 'string' ? [{ name: 'payload', value: described }] : described;
  }
  const hint = hints[protocol] === undefined || isRegistered(protocol) ? '' : ` (import ${hints[protocol]} for the schemas)`;
  const value = detail === traced ? `${length} bytes, not shown: there is no schema for them` : hexadecimal(bytes, at, length, detail);
  return [{ name: `payload${hint}`, value }];
}

/** The schema of the message whose header is at `at`. */
function bodyOf(bytes: Uint8Array, at: number, protocol: number): MessageType['body'] {
  const request = (readU16(bytes, at + 6) & NLM_F_REQUEST) !== 0;
  return messageBody(messageType(protocol, readU16(bytes, at + 4)), { request, family: bytes[at + NLMSG_HDRLEN] ?? 0 });
}

/** Who knows the messages of a protocol. */
const hints: Readonly<Record<number, string>> = { 0: 'netloom/rtnl', 12: 'netloom/nft' };

const ownTypes: Readonly<Record<number, string>> = {
  [NLMSG_NOOP]: 'NLMSG_NOOP',
  [NLMSG_ERROR]: 'NLMSG_ERROR',
  [NLMSG_DONE]: 'NLMSG_DONE',
  [NLMSG_OVERRUN]: 'NLMSG_OVERRUN',
};

/** struct nlmsghdr: `RTM_NEWLINK REQUEST|ACK seq=7 port=0 length=60`. */
function headerText(bytes: Uint8Array, at: number, protocol: number): string {
  const type = readU16(bytes, at + 4);
  const name = ownTypes[type] ?? messageType(protocol, type)?.name;
  const flags = flagNames(readU16(bytes, at + 6), type, name);
  const numbers = inline([
    ['seq', String(readU32(bytes, at + 8))],
    ['port', String(readU32(bytes, at + 12))],
    ['length', String(readU32(bytes, at))],
  ]);
  return `${name ?? `message type ${type}`}${flags === '' ? '' : ` ${flags}`} ${numbers}`;
}

const commonFlags: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'REQUEST'],
  [NLM_F_MULTI, 'MULTI'],
  [0x4, 'ACK'],
  [0x8, 'ECHO'],
  [0x10, 'DUMP_INTR'],
  [0x20, 'DUMP_FILTERED'],
];
const ackFlags: typeof commonFlags = [
  [NLM_F_CAPPED, 'CAPPED'],
  [NLM_F_ACK_TLVS, 'ACK_TLVS'],
];
const getFlags: typeof commonFlags = [
  [0x300, 'DUMP'],
  [0x100, 'ROOT'],
  [0x200, 'MATCH'],
  [0x400, 'ATOMIC'],
];
const newFlags: typeof commonFlags = [
  [0x100, 'REPLACE'],
  [0x200, 'EXCL'],
  [0x400, 'CREATE'],
  [0x800, 'APPEND'],
];
const deleteFlags: typeof commonFlags = [
  [0x100, 'NONREC'],
  [0x200, 'BULK'],
];

/** NLM_F_*: what the upper bits mean depends on what the message does. */
function flagNames(flags: number, type: number, name: string | undefined): string {
  const names: string[] = [];
  let rest = flags;
  for (const [bits, flag] of [...commonFlags, ...upperFlags(type, name)]) {
    if ((rest & bits) !== bits) continue;
    names.push(flag);
    rest &= ~bits;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.join('|');
}

function upperFlags(type: number, name: string | undefined): typeof commonFlags {
  if (type === NLMSG_ERROR || type === NLMSG_DONE) return ackFlags;
  if (name === undefined) return [];
  if (/_GET/.test(name)) return getFlags;
  if (/_(DEL|DESTROY)/.test(name)) return deleteFlags;
  return /_(NEW|SET)/.test(name) ? newFlags : [];
}

/** NLMSG_ERROR: errno, the header of the request and, unless it is capped, the request; then the extended ack. */
function describeError(bytes: Uint8Array, at: number, length: number, flags: number, protocol: number, detail: Detail): Part[] {
  if (length < 4) return [{ name: 'malformed error', value: hexadecimal(bytes, at, length, detail) }];
  const parts: Part[] = [{ name: 'error', value: errnoText(bytes, at) }];
  const request = at + 4;
  const end = at + length;
  if (end - request < NLMSG_HDRLEN) return parts;
  const size = readU32(bytes, request);
  const capped = (flags & NLM_F_CAPPED) !== 0;
  const whole = !capped && size >= NLMSG_HDRLEN && size <= end - request;
  if ((flags & NLM_F_ACK_TLVS) !== 0) {
    const from = behindRequest(bytes, request, flags);
    parts.push(...describeAck(bytes, from, end, detail));
    const path = whole ? offsetPath(bytes, request, size, protocol, from, end) : undefined;
    if (path !== undefined) parts.push({ name: 'at', value: path });
  }
  // an error about an error would be the kernel's joke; its request is not described again
  const nested = whole && readU16(bytes, request + 4) > NLMSG_OVERRUN;
  const name = `of ${headerText(bytes, request, protocol)}`;
  parts.push({ name, value: nested ? describeMessage(bytes, request, size, protocol, detail).value : '' });
  return parts;
}

/** NLMSG_DONE: an errno where the dump ended early, and the extended ack. */
function describeDone(bytes: Uint8Array, at: number, length: number, flags: number, detail: Detail): Part[] {
  if (length < 4) return [];
  const parts: Part[] = [{ name: 'error', value: errnoText(bytes, at) }];
  if ((flags & NLM_F_ACK_TLVS) !== 0) parts.push(...describeAck(bytes, at + 4, at + length, detail));
  return parts;
}

function describeAck(bytes: Uint8Array, from: number, end: number, detail: Detail): Part[] {
  if (from >= end) return [];
  const members = Object.values(ackAttributes.declarations);
  return describeAttributes('NLMSGERR_ATTR', bytes, from, end - from, detail, (type) => members.find((member) => member.type === type));
}

/** Where NLMSGERR_ATTR_OFFS points, in the schema's words. */
function offsetPath(bytes: Uint8Array, request: number, size: number, protocol: number, from: number, end: number): string | undefined {
  try {
    const { offset } = ackAttributes.decode(bytes, from, Math.max(0, end - from));
    const of = bodyOf(bytes, request, protocol);
    if (offset === undefined || offset < NLMSG_HDRLEN || offset >= size) return undefined;
    return of?.locate?.(bytes, request + NLMSG_HDRLEN, size - NLMSG_HDRLEN, request + offset);
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}

/** `0`, or `-22 EINVAL`; a negative number is how the kernel says it. */
function errnoText(bytes: Uint8Array, at: number): string {
  const errno = readU32(bytes, at) | 0;
  return errno < 0 && errno > -4096 ? `${errno} ${errnoName(-errno)}` : String(errno);
}
