/** Receiving with what the kernel says about a datagram beside it. Sources: recvmsg(2), cmsg(3), netlink(7) "NETLINK_LISTEN_ALL_NSID". */
import { SystemError } from '../errors.ts';
import { wordBytes } from './architecture.ts';
import { type Libc, libc } from './libc.ts';
import { EAGAIN, EINTR, MSG_DONTWAIT, MSG_TRUNC, NETLINK_LISTEN_ALL_NSID, NOTHING, SOL_NETLINK, words } from './socket.ts';

/** struct sockaddr_nl in words of 32 bits. */
const addressWords = 3;
/** Room for a struct cmsghdr and an int, whatever the width of size_t. */
const controlBytes = 32;
/** struct msghdr and struct iovec in words of the machine, with their padding: name, its length, iov, its length, control, its length, flags. */
const messageWords = 7;
const vectorWords = 2;

/** Takes datagrams of a socket that hears other namespaces (NETLINK_LISTEN_ALL_NSID), with the id of the one each is from. */
export class NamespaceReceiver {
  /** Port id of the sender of the datagram taken last; the kernel's is 0. */
  get senderPortId(): number {
    return this.address[1] as number;
  }

  /** Id that the namespace of the datagram taken last has in the socket's; undefined when it is the socket's own. */
  nsid: number | undefined;

  // the structs hold bare addresses, which keep nothing alive: these members do
  private readonly buffer: Uint8Array;
  private readonly system: Libc;
  private readonly address = words(addressWords);
  private readonly control = new DataView(new ArrayBuffer(controlBytes));
  private readonly vector: Uint32Array | BigUint64Array;
  private readonly message: Uint32Array | BigUint64Array;
  private readonly wordBytes = wordBytes();

  /** @param buffer what {@link receive} writes to; its memory must not move: 8 KiB or more, or an ArrayBuffer of its own */
  constructor(buffer: Uint8Array, system: Libc = libc()) {
    this.buffer = buffer;
    this.system = system;
    const array = (count: number): Uint32Array | BigUint64Array =>
      this.wordBytes === 8 ? new BigUint64Array(new ArrayBuffer(8 * count)) : words(count);
    const store = (target: Uint32Array | BigUint64Array, values: readonly bigint[]): void => {
      values.forEach((value, i) => {
        target[i] = this.wordBytes === 8 ? value : Number(value);
      });
    };
    this.vector = array(vectorWords);
    this.message = array(messageWords);
    store(this.vector, [system.address(buffer), BigInt(buffer.length)]);
    store(this.message, [
      system.address(this.address),
      BigInt(4 * addressWords),
      system.address(this.vector),
      1n,
      system.address(new Uint8Array(this.control.buffer)),
      BigInt(controlBytes),
    ]);
  }

  /**
   * Takes the next datagram, without waiting. A length greater than the buffer's means that the rest of the datagram is lost.
   *
   * @returns length of the datagram, or `NOTHING`
   * @throws SystemError `ENOBUFS` once after messages were lost because the receive buffer was full
   */
  receive(fd: number): number {
    const { recvmsg, errno } = this.system;
    for (;;) {
      this.setControlLength();
      const length = recvmsg(fd, this.message, MSG_DONTWAIT | MSG_TRUNC);
      if (length >= 0) {
        this.nsid = this.readNamespace();
        return length;
      }
      const code = errno();
      if (code === EAGAIN) return NOTHING;
      if (code !== EINTR) throw new SystemError('recvmsg', code);
    }
  }

  /** The kernel shortens it to what it wrote. */
  private setControlLength(): void {
    this.message[5] = this.wordBytes === 8 ? BigInt(controlBytes) : controlBytes;
  }

  /** struct cmsghdr: a size_t of length, level, type; then the value. The socket asks for no other control message. */
  private readNamespace(): number | undefined {
    if (Number(this.message[5]) < this.wordBytes + 12) return undefined;
    const { control, wordBytes } = this;
    if (control.getInt32(wordBytes, littleEndian) !== SOL_NETLINK) return undefined;
    if (control.getInt32(wordBytes + 4, littleEndian) !== NETLINK_LISTEN_ALL_NSID) return undefined;
    return control.getInt32(wordBytes + 8, littleEndian);
  }
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
