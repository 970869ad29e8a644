/**
 * Captures of an nlmon device, as tcpdump writes them (pcap) and as Wireshark does (pcapng). Sources: the pcap and pcapng formats
 * (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng) and LINKTYPE_NETLINK, a header of 16 bytes before each netlink datagram
 * (tcpdump.org/linktypes/LINKTYPE_NETLINK.html).
 */
import { MalformedMessageError } from './errors.ts';

/** One captured datagram. */
export interface CapturedDatagram {
  /** NETLINK_*. */
  readonly protocol: number;
  /** Whether user space sent it (PACKET_OUTGOING to the kernel's socket) or the kernel: as far as the capture tells. */
  readonly packetType: number;
  /** Nanoseconds since 1970; undefined where the capture has no time. */
  readonly time: bigint | undefined;
  /** What was captured of it. */
  readonly bytes: Uint8Array;
  /** Bytes it had. */
  readonly length: number;
}

const LINKTYPE_NETLINK = 253;
const cookedHeader = 16;

const pcapMicroseconds = 0xa1b2c3d4;
const pcapNanoseconds = 0xa1b23c4d;
const sectionHeader = 0x0a0d0d0a;
const byteOrderMagic = 0x1a2b3c4d;

const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/** Whether these are the first bytes of a capture file. No netlink datagram begins so: its length would be beyond reason. */
export function isCapture(bytes: Uint8Array): boolean {
  if (bytes.length < 12) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return classicByteOrder(view) !== undefined || (view.getUint32(0) === sectionHeader && sectionByteOrder(view, 0) !== undefined);
}

/**
 * The netlink datagrams of a capture file. Datagrams of interfaces that are no nlmon are left out.
 *
 * @throws MalformedMessageError when it is no capture file, holds no netlink, or ends within a record
 */
export function readCapture(bytes: Uint8Array): CapturedDatagram[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 12 && classicByteOrder(view) !== undefined) return readClassic(bytes, view);
  if (bytes.length >= 12 && view.getUint32(0) === sectionHeader) return readSections(bytes, view);
  throw new MalformedMessageError('capture', 0, 'the magic number of pcap or pcapng');
}

interface ClassicOrder {
  readonly littleEndian: boolean;
  /** Nanoseconds of a unit of the fractional part. */
  readonly unit: bigint;
}

function classicByteOrder(view: DataView): ClassicOrder | undefined {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === pcapMicroseconds) return { littleEndian, unit: 1000n };
    if (magic === pcapNanoseconds) return { littleEndian, unit: 1n };
  }
  return undefined;
}

function readClassic(bytes: Uint8Array, view: DataView): CapturedDatagram[] {
  const { littleEndian, unit } = classicByteOrder(view)!;
  if (bytes.length < 24) throw new MalformedMessageError('pcap header', 0, `24 bytes, found ${bytes.length}`);
  // the upper bits say whether frame check sequences are there
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  if (linkType !== LINKTYPE_NETLINK) throw new MalformedMessageError('pcap header', 20, `link type 253 (NETLINK), found ${linkType}`);
  const datagrams: CapturedDatagram[] = [];
  for (let at = 24; at < bytes.length; ) {
    if (bytes.length - at < 16) throw new MalformedMessageError('pcap record', at, `16 bytes, found ${bytes.length - at}`);
    const time = BigInt(view.getUint32(at, littleEndian)) * 1_000_000_000n + BigInt(view.getUint32(at + 4, littleEndian)) * unit;
    const captured = view.getUint32(at + 8, littleEndian);
    const length = view.getUint32(at + 12, littleEndian);
    at += 16;
    if (captured > bytes.length - at) throw new MalformedMessageError('pcap record', at, `${captured} bytes, found ${bytes.length - at}`);
    datagrams.push(packet(bytes, view, at, captured, length, time));
    at += captured;
  }
  return datagrams;
}

function sectionByteOrder(view: DataView, at: number): boolean | undefined {
  if (view.getUint32(at + 8, true) === byteOrderMagic) return true;
  return view.getUint32(at + 8, false) === byteOrderMagic ? false : undefined;
}

interface CaptureInterface {
  readonly linkType: number;
  /** Units of the time stamps a second. */
  readonly resolution: bigint;
}

function readSections(bytes: Uint8Array, view: DataView): CapturedDatagram[] {
  const datagrams: CapturedDatagram[] = [];
  let littleEndian = true;
  let interfaces: CaptureInterface[] = [];
  let others = 0;
  const add = (of: CaptureInterface | undefined, at: number, end: number, captured: number, length: number, time: bigint | undefined) => {
    if (of === undefined) throw new MalformedMessageError('pcapng packet', at, 'a declared interface');
    if (captured > end - at) throw new MalformedMessageError('pcapng packet', at, `${captured} bytes, found ${end - at}`);
    if (of.linkType !== LINKTYPE_NETLINK) others++;
    else datagrams.push(packet(bytes, view, at, captured, length, time));
  };
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 12) throw new MalformedMessageError('pcapng block', at, `12 bytes, found ${bytes.length - at}`);
    if (view.getUint32(at) === sectionHeader) {
      const order = sectionByteOrder(view, at);
      if (order === undefined) throw new MalformedMessageError('pcapng section', at + 8, 'the byte order magic');
      littleEndian = order;
      interfaces = [];
    }
    const type = view.getUint32(at, littleEndian);
    const size = view.getUint32(at + 4, littleEndian);
    if (size < 12 || size % 4 !== 0 || size > bytes.length - at)
      throw new MalformedMessageError('pcapng block', at + 4, `a length from 12 to ${bytes.length - at}, found ${size}`);
    // the length is repeated at the end
    const end = at + size - 4;
    const need = (bodyLength: number): void => {
      if (end - at - 8 < bodyLength) throw new MalformedMessageError('pcapng block', at, `${bodyLength} bytes, found ${end - at - 8}`);
    };
    if (type === INTERFACE_DESCRIPTION) {
      need(8);
      interfaces.push({ linkType: view.getUint16(at + 8, littleEndian), resolution: resolution(view, at + 16, end, littleEndian) });
    } else if (type === ENHANCED_PACKET) {
      need(20);
      const of = interfaces[view.getUint32(at + 8, littleEndian)];
      const units = (BigInt(view.getUint32(at + 12, littleEndian)) << 32n) | BigInt(view.getUint32(at + 16, littleEndian));
      const time = of === undefined ? undefined : (units * 1_000_000_000n) / of.resolution;
      add(of, at + 28, end, view.getUint32(at + 20, littleEndian), view.getUint32(at + 24, littleEndian), time);
    } else if (type === SIMPLE_PACKET) {
      need(4);
      const length = view.getUint32(at + 8, littleEndian);
      add(interfaces[0], at + 12, end, Math.min(length, end - at - 12), length, undefined);
    }
    at += size;
  }
  if (datagrams.length === 0 && others > 0)
    throw new MalformedMessageError('pcapng', 0, `packets of link type 253 (NETLINK), found ${others} others`);
  return datagrams;
}

/** Option if_tsresol: a power of ten, or with the upper bit of two. Default: microseconds. */
function resolution(view: DataView, from: number, end: number, littleEndian: boolean): bigint {
  for (let at = from; end - at >= 4; ) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === 0 || length > end - at - 4) break;
    if (code === 9 && length === 1) {
      const value = view.getUint8(at + 4);
      return (value & 0x80) === 0 ? 10n ** BigInt(value) : 2n ** BigInt(value & 0x7f);
    }
    at += 4 + ((length + 3) & ~3);
  }
  return 1_000_000n;
}

/** The header before the datagram is in network byte order, the datagram in the capturing machine's. */
function packet(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  captured: number,
  length: number,
  time: bigint | undefined,
): CapturedDatagram {
  if (captured < cookedHeader) throw new MalformedMessageError('netlink packet', at, `${cookedHeader} bytes, found ${captured}`);
  return {
    packetType: view.getUint16(at),
    protocol: view.getUint16(at + 14),
    time,
    bytes: bytes.subarray(at + cookedHeader, at + captured),
    length: length - cookedHeader,
  };
}
