/** A growing byte buffer that requests are encoded into, once, with lengths patched in afterwards. */
import { InputError } from './errors.ts';

/** nla_len is a u16 (include/uapi/linux/netlink.h). */
const maxAttributeLength = 0xffff;

/** A buffer that grows, and what is written to it in the byte orders of netlink. */
export class Writer {
  /** What has been written, and room for more. */
  bytes: Buffer;
  /** How many bytes have been written. */
  position = 0;

  /** @param size bytes to start with */
  constructor(size = 4096) {
    this.bytes = Buffer.alloc(size);
  }

  /** Makes room for `count` bytes and returns where they start. Their content is whatever was there before. */
  reserve(count: number): number {
    const start = this.position;
    const end = start + count;
    if (end > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(this.bytes.length * 2, end));
      this.bytes.copy(grown, 0, 0, start);
      this.bytes = grown;
    }
    this.position = end;
    return start;
  }

  /** Makes room for `count` bytes beforehand, without which a large message is copied as often as it doubles. Memory that is not written to costs nothing. */
  expect(count: number): void {
    this.reserve(count);
    this.position -= count;
  }

  /** Appends bytes as they are. */
  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    // most are short, and a native call costs more than this loop
    if (bytes.length <= 128) for (let i = 0; i < bytes.length; i++) this.bytes[at + i] = bytes[i]!;
    else this.bytes.set(bytes, at);
  }

  /** Appends `length` bytes of `source` from `offset` on. */
  appendFrom(source: Uint8Array, offset: number, length: number): void {
    const at = this.reserve(length);
    // a plain array is made in half the time that a Buffer takes
    this.bytes.set(new Uint8Array(source.buffer, source.byteOffset + offset, length), at);
  }

  /** Four bytes in network order. */
  appendBe32(value: number): void {
    const at = this.reserve(4);
    const b = this.bytes;
    b[at] = value >>> 24;
    b[at + 1] = value >>> 16;
    b[at + 2] = value >>> 8;
    b[at + 3] = value;
  }

  /** Zero bytes up to the next multiple of four, as NLA_ALIGN and NLMSG_ALIGN want. */
  align(): void {
    const padding = -this.position & 3;
    if (padding !== 0) {
      const at = this.reserve(padding);
      // at most three: a native call costs more than this loop
      for (let i = at; i < at + padding; i++) this.bytes[i] = 0;
    }
  }

  /** Starts an attribute; give the result to {@link endAttribute}. */
  beginAttribute(type: number): number {
    const at = this.reserve(4);
    this.bytes[at + 2] = type;
    this.bytes[at + 3] = type >>> 8;
    return at;
  }

  /** @throws InputError when the attribute would exceed the 65,535 bytes that nla_len can say. */
  endAttribute(at: number): void {
    const length = this.position - at;
    if (length > maxAttributeLength)
      throw new InputError('', `takes ${length} bytes; an attribute holds at most 65,535`, 'ERR_OUT_OF_RANGE');
    this.bytes[at] = length;
    this.bytes[at + 1] = length >>> 8;
    this.align();
  }

  /** Writes four bytes in host order over those at `at`. */
  setU32(at: number, value: number): void {
    const b = this.bytes;
    b[at] = value;
    b[at + 1] = value >>> 8;
    b[at + 2] = value >>> 16;
    b[at + 3] = value >>> 24;
  }

  /** A copy of what was written from `start` on. */
  copy(start = 0): Buffer {
    const length = this.position - start;
    const copied = Buffer.allocUnsafe(length);
    // most messages are short, and a native call costs more than this loop
    if (length <= 128) for (let i = 0; i < length; i++) copied[i] = this.bytes[start + i]!;
    else this.bytes.copy(copied, 0, start, this.position);
    return copied;
  }

  /** Begins anew; the room stays. */
  reset(): void {
    this.position = 0;
  }
}
