/** Capture files of an nlmon device, made as tcpdump (pcap) and Wireshark (pcapng) lay them out. */

export interface Packet {
  protocol: number;
  packetType: number;
  bytes: Uint8Array;
  seconds: number;
  microseconds: number;
  /** Bytes it had, when more than were captured. */
  length?: number;
}

interface FileOptions {
  littleEndian?: boolean;
  nanoseconds?: boolean;
  linkType?: number;
}

class Bytes {
  readonly parts: Buffer[] = [];
  private readonly littleEndian: boolean;
  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }
  u16(value: number): this {
    const part = Buffer.alloc(2);
    if (this.littleEndian) part.writeUInt16LE(value);
    else part.writeUInt16BE(value);
    this.parts.push(part);
    return this;
  }
  u32(value: number): this {
    const part = Buffer.alloc(4);
    if (this.littleEndian) part.writeUInt32LE(value);
    else part.writeUInt32BE(value);
    this.parts.push(part);
    return this;
  }
  add(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes));
    return this;
  }
  get all(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** LINKTYPE_NETLINK: packet type, ARPHRD_NETLINK, 10 bytes of address, protocol; in network byte order. */
function cooked({ protocol, packetType, bytes }: Packet): Buffer {
  return new Bytes(false).u16(packetType).u16(824).add(Buffer.alloc(10)).u16(protocol).add(bytes).all;
}

export function pcapOf(packets: readonly Packet[], { littleEndian = true, nanoseconds = false, linkType = 253 }: FileOptions = {}): Buffer {
  const file = new Bytes(littleEndian);
  file
    .u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(2)
    .u16(4)
    .u32(0)
    .u32(0)
    .u32(65_535)
    .u32(linkType);
  for (const packet of packets) {
    const bytes = cooked(packet);
    file
      .u32(packet.seconds)
      .u32(packet.microseconds)
      .u32(bytes.length)
      .u32((packet.length ?? packet.bytes.length) + 16)
      .add(bytes);
  }
  return file.all;
}

export function pcapngOf(packets: readonly Packet[], { littleEndian = true, linkType = 253 }: FileOptions = {}): Buffer {
  const file = new Bytes(littleEndian);
  const block = (type: number, body: Buffer): void => {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    file
      .u32(type)
      .u32(padded.length + 12)
      .add(padded)
      .u32(padded.length + 12);
  };
  block(0x0a0d0d0a, new Bytes(littleEndian).u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff).all);
  // the option says what is the default: microseconds
  block(
    1,
    new Bytes(littleEndian)
      .u16(linkType)
      .u16(0)
      .u32(65_535)
      .u16(9)
      .u16(1)
      .add(Uint8Array.of(6, 0, 0, 0))
      .u16(0)
      .u16(0).all,
  );
  for (const packet of packets) {
    const bytes = cooked(packet);
    const time = BigInt(packet.seconds) * 1_000_000n + BigInt(packet.microseconds);
    const head = new Bytes(littleEndian)
      .u32(0)
      .u32(Number(time >> 32n))
      .u32(Number(time & 0xffffffffn))
      .u32(bytes.length);
    block(6, head.u32((packet.length ?? packet.bytes.length) + 16).add(bytes).all);
  }
  return file.all;
}
