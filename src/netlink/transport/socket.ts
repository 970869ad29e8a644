/** A netlink socket of the process's own, through a binding to libc. */
import { MalformedMessageError, SystemError } from '../errors.ts';
import { NamespaceReceiver } from '../sys/ancillary.ts';
import type { Libc } from '../sys/libc.ts';
import type { OpenNamespace } from '../sys/namespace.ts';
import { inNamespace } from '../sys/namespace.ts';
import { watchReadable } from '../sys/readiness.ts';
import {
  bindNetlink,
  closeFd,
  droppedMessages,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LISTEN_ALL_NSID,
  NOTHING,
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
import type { Datagram, Subscription, Transport, Watch } from './transport.ts';

/** Asked for; costs nothing until it is filled. Without CAP_NET_ADMIN net.core.rmem_max bounds it. */
const receiveBufferBytes = 2 * 1024 * 1024;
/** Dumps come in datagrams of at most 32 KiB, if the receiver's buffer has shown to be that large; a single message can be larger. */
const datagramBytes = 64 * 1024;
/** net.core.wmem_default doubled, less the kernel's overhead: what a socket sends without asking for more. */
const defaultSendLimit = 200_000;

/**
 * What is received in place is taken in before the next receive, so all sockets of a thread share one buffer: many are opened for
 * a request or two. A receive on the thread pool needs one of its own.
 */
let shared: Buffer | undefined;

const noDatagram = undefined;
const EINVAL = 22;

class SocketTransport implements Transport {
  receiveBuffer: number;
  private readonly fd: number;
  private readonly system: Libc;
  private readonly buffer: Buffer;
  /** Two, in turns: one is decoded while the other is filled. */
  private readonly pooled: Buffer[] = [];
  private sendLimit = defaultSendLimit;
  private receiver: NamespaceReceiver | undefined;
  private closed = false;

  constructor(fd: number, system: Libc) {
    this.fd = fd;
    this.system = system;
    shared ??= Buffer.alloc(datagramBytes);
    this.buffer = shared;
    bindNetlink(fd, 0, 0, system);
    setNetlinkOption(fd, NETLINK_EXT_ACK, true, system);
    setNetlinkOption(fd, NETLINK_CAP_ACK, true, system);
    setNetlinkOption(fd, NETLINK_GET_STRICT_CHK, true, system);
    this.receiveBuffer = 2 * setReceiveBuffer(fd, receiveBufferBytes, system);
  }

  subscribe({ groups, receiveBuffer, allNamespaces }: Subscription): void {
    this.receiveBuffer = 2 * setReceiveBuffer(this.fd, receiveBuffer, this.system);
    if (allNamespaces) {
      hearAllNamespaces(this.fd, this.system);
      this.receiver = new NamespaceReceiver(this.buffer, this.system);
    }
    for (const group of groups) joinGroup(this.fd, group, this.system);
  }

  dropped(): number | undefined {
    return droppedMessages(this.fd, this.system);
  }

  reserveSend(length: number): void {
    if (length <= this.sendLimit) return;
    // the kernel doubles what it is given and keeps 32 bytes of a datagram for itself
    setSendBuffer(this.fd, length, this.system);
    this.sendLimit = length;
  }

  reserveReceive(length: number): void {
    this.receiveBuffer = 2 * setReceiveBuffer(this.fd, Math.ceil(length / 2), this.system);
  }

  send(bytes: Buffer, length: number): void {
    sendDatagram(this.fd, bytes, length, this.system);
  }

  async sendAsync(bytes: Buffer, length: number): Promise<void> {
    await sendDatagramAsync(this.fd, bytes, length, this.system);
  }

  receive(): Datagram | undefined {
    if (this.receiver !== undefined) return this.receiveFromAll(this.receiver);
    for (;;) {
      const length = receiveDatagram(this.fd, this.buffer, this.system);
      if (length === NOTHING) return noDatagram;
      if (senderPortId() === 0) return received(this.buffer, length);
    }
  }

  private receiveFromAll(receiver: NamespaceReceiver): Datagram | undefined {
    for (;;) {
      const length = receiver.receive(this.fd);
      if (length === NOTHING) return noDatagram;
      if (receiver.senderPortId === 0) return { ...received(this.buffer, length), nsid: receiver.nsid };
    }
  }

  async receiveAsync(): Promise<Datagram | undefined> {
    const buffer = this.pooled.length < 2 ? Buffer.alloc(datagramBytes) : this.pooled.shift()!;
    this.pooled.push(buffer);
    for (;;) {
      const { length, senderPortId: sender } = await receiveDatagramAsync(this.fd, buffer, this.system);
      if (length === NOTHING) return noDatagram;
      if (sender === 0) return received(buffer, length);
    }
  }

  wait(milliseconds: number): boolean {
    return waitReadable(this.fd, milliseconds, this.system);
  }

  watch(onReadable: () => void): Watch {
    return watchReadable(this.fd, onReadable, { system: this.system });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeFd(this.fd, this.system);
  }
}

function joinGroup(fd: number, group: number, system: Libc): void {
  try {
    setNetlinkOption(fd, NETLINK_ADD_MEMBERSHIP, group, system);
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== EINVAL) throw error;
    throw new SystemError('setsockopt', EINVAL, { message: `this kernel has no multicast group ${group} of this protocol` });
  }
}

function received(bytes: Buffer, length: number): Datagram {
  if (length > bytes.length)
    throw new MalformedMessageError('datagram', bytes.length, `at most ${bytes.length} bytes, found ${length} (MSG_TRUNC)`);
  return { bytes, length };
}

/** Opens a netlink socket in `namespace`; undefined: where the calling thread is. @throws SystemError */
export function openSocketTransport(protocol: number, namespace: OpenNamespace | undefined, system: Libc): Transport {
  const open = (): number => openNetlinkSocket(protocol, system);
  const fd = namespace === undefined ? open() : inNamespace(namespace.fd, open, system);
  try {
    return new SocketTransport(fd, system);
  } catch (error) {
    closeFd(fd, system);
    throw error;
  }
}

/** Source: netlink_setsockopt() in net/netlink/af_netlink.c. */
function hearAllNamespaces(fd: number, system: Libc): void {
  try {
    setNetlinkOption(fd, NETLINK_LISTEN_ALL_NSID, true, system);
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'EPERM') throw error;
    throw new SystemError(error.syscall, error.errno, { message: 'hearing all namespaces (`allNamespaces`) needs CAP_NET_BROADCAST' });
  }
}
