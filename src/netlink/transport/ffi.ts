/** The default transport: a netlink socket of the process's own, through libc. */
import { MalformedMessageError } from '../errors.ts';
import type { OpenTransport } from '../host.ts';
import { inNamespace } from '../sys/namespace.ts';
import { watchReadable } from '../sys/readiness.ts';
import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NOTHING,
  bindNetlink,
  closeFd,
  openNetlinkSocket,
  receiveDatagram,
  receiveDatagramAsync,
  sendDatagram,
  sendDatagramAsync,
  senderPortId,
  setNetlinkOption,
  setReceiveBuffer,
  setSendBuffer,
  waitReadable,
} from '../sys/socket.ts';
import type { Datagram, Transport, Watch } from './transport.ts';

/** Asked for; costs nothing until it is filled. Without CAP_NET_ADMIN net.core.rmem_max bounds it. */
const receiveBufferBytes = 1024 * 1024;
/** Dumps come in datagrams of at most 32 KiB, if the receiver's buffer has shown to be that large; a single message can be larger. */
const datagramBytes = 64 * 1024;
/** net.core.wmem_default doubled, less the kernel's overhead: what a socket sends without asking for more. */
const defaultSendLimit = 200_000;

const noDatagram = undefined;

class FfiTransport implements Transport {
  readonly receiveBuffer: number;
  private readonly fd: number;
  private readonly buffer = Buffer.alloc(datagramBytes);
  private readonly datagram: { bytes: Buffer; length: number };
  private sendLimit = defaultSendLimit;
  private closed = false;

  constructor(fd: number) {
    this.fd = fd;
    this.datagram = { bytes: this.buffer, length: 0 };
    bindNetlink(fd);
    setNetlinkOption(fd, NETLINK_EXT_ACK, true);
    setNetlinkOption(fd, NETLINK_CAP_ACK, true);
    setNetlinkOption(fd, NETLINK_GET_STRICT_CHK, true);
    this.receiveBuffer = 2 * setReceiveBuffer(fd, receiveBufferBytes);
  }

  reserveSend(length: number): void {
    if (length <= this.sendLimit) return;
    // the kernel doubles what it is given and keeps 32 bytes of a datagram for itself
    setSendBuffer(this.fd, length);
    this.sendLimit = length;
  }

  send(bytes: Buffer, length: number): void {
    sendDatagram(this.fd, bytes, length);
  }

  async sendAsync(bytes: Buffer, length: number): Promise<void> {
    await sendDatagramAsync(this.fd, bytes, length);
  }

  receive(): Datagram | undefined {
    for (;;) {
      const length = receiveDatagram(this.fd, this.buffer);
      if (length === NOTHING) return noDatagram;
      if (senderPortId() === 0) return this.received(length);
    }
  }

  async receiveAsync(): Promise<Datagram | undefined> {
    for (;;) {
      const { length, senderPortId: sender } = await receiveDatagramAsync(this.fd, this.buffer);
      if (length === NOTHING) return noDatagram;
      if (sender === 0) return this.received(length);
    }
  }

  private received(length: number): Datagram {
    if (length > this.buffer.length) throw new MalformedMessageError('datagram', this.buffer.length, `at most ${this.buffer.length} bytes, found ${length} (MSG_TRUNC)`);
    this.datagram.length = length;
    return this.datagram;
  }

  wait(milliseconds: number): boolean {
    return waitReadable(this.fd, milliseconds);
  }

  watch(onReadable: () => void): Watch {
    return watchReadable(this.fd, onReadable);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeFd(this.fd);
  }
}

/** Opens a netlink socket in `namespace`; undefined: where the calling thread is. @throws SystemError */
export const openFfiTransport: OpenTransport = (protocol, namespace) => {
  const fd = namespace === undefined ? openNetlinkSocket(protocol) : inNamespace(namespace.fd, () => openNetlinkSocket(protocol));
  try {
    return new FfiTransport(fd);
  } catch (error) {
    closeFd(fd);
    throw error;
  }
};
