/** A kernel made of a callback: for tests of programs and drivers, without privileges and without Linux. */
import { SystemError } from '../errors.ts';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, writeHeader } from '../message.ts';
import { Writer } from '../writer.ts';
import type { Datagram, Subscription, Transport, Watch } from './transport.ts';

/** A request as the fake kernel sees it. */
export interface FakeRequest {
  /** nlmsg_type. */
  readonly type: number;
  /** nlmsg_flags. */
  readonly flags: number;
  /** nlmsg_seq. */
  readonly sequence: number;
  /** What follows the nlmsghdr. */
  readonly body: Buffer;
}

/** What the fake kernel queues: a datagram, an errno that the receive fails with (ENOBUFS: 105), or a datagram from another namespace. */
export type FakeAnswer =
  | Buffer
  | {
      /** errno that the next receive fails with. */
      readonly receiveErrno: number;
    }
  | {
      /** The datagram. */
      readonly bytes: Buffer;
      /** Id of the namespace that it comes from: NETLINK_LISTEN_ALL_NSID of netlink(7). */
      readonly nsid: number;
    };

/** Answers one datagram of requests with datagrams. */
export type FakeKernel = (requests: readonly FakeRequest[]) => readonly FakeAnswer[];

/** One message, header included. */
export function fakeMessage(sequence: number, type: number, body: Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.alloc((NLMSG_HDRLEN + body.length + 3) & ~3);
  writeHeader(bytes, 0, NLMSG_HDRLEN + body.length, type, flags, sequence);
  bytes.set(body, NLMSG_HDRLEN);
  return bytes;
}

/** NLMSG_ERROR: errno 0 is an ack. `message` and `offset` become extended ack attributes. */
export function fakeAck(request: FakeRequest, errno = 0, extack: { message?: string; offset?: number } = {}): Buffer {
  const writer = new Writer();
  const at = writer.reserve(4);
  writer.bytes.writeInt32LE(-errno, at);
  const header = writer.reserve(NLMSG_HDRLEN);
  writeHeader(writer.bytes, header, NLMSG_HDRLEN + request.body.length, request.type, request.flags, request.sequence);
  if (extack.message !== undefined) {
    const start = writer.beginAttribute(1);
    writer.append(Buffer.from(`${extack.message}\0`));
    writer.endAttribute(start);
  }
  if (extack.offset !== undefined) {
    const start = writer.beginAttribute(2);
    writer.setU32(writer.reserve(4), extack.offset);
    writer.endAttribute(start);
  }
  const tlvs = extack.message === undefined && extack.offset === undefined ? 0 : NLM_F_ACK_TLVS;
  return fakeMessage(request.sequence, NLMSG_ERROR, writer.copy(), NLM_F_CAPPED | tlvs);
}

/** NLMSG_DONE of a dump. */
export function fakeDone(request: FakeRequest, errno = 0, flags = 0): Buffer {
  const body = Buffer.alloc(4);
  body.writeInt32LE(-errno);
  return fakeMessage(request.sequence, NLMSG_DONE, body, NLM_F_MULTI | flags);
}

function parse(bytes: Buffer): FakeRequest[] {
  const requests: FakeRequest[] = [];
  for (let at = 0; at + NLMSG_HDRLEN <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    requests.push({
      type: bytes.readUInt16LE(at + 4),
      flags: bytes.readUInt16LE(at + 6),
      sequence: bytes.readUInt32LE(at + 8),
      body: Buffer.from(bytes.subarray(at + NLMSG_HDRLEN, at + length)),
    });
    at += (length + 3) & ~3;
  }
  return requests;
}

export class FakeTransport implements Transport {
  readonly receiveBuffer: number;
  /** Every datagram sent, parsed. */
  readonly sent: FakeRequest[][] = [];
  closed = false;
  /** What was subscribed to. */
  subscription: Subscription | undefined;
  /** What {@link dropped} says. */
  lost = 0;
  private readonly kernel: FakeKernel;
  private readonly queue: FakeAnswer[] = [];
  private readonly watchers = new Set<() => void>();

  constructor(kernel: FakeKernel, receiveBuffer = 212_992) {
    this.kernel = kernel;
    this.receiveBuffer = receiveBuffer;
  }

  /** Queues an answer later than the send it belongs to. */
  deliver(...answers: FakeAnswer[]): void {
    this.queue.push(...answers);
    for (const watcher of this.watchers) this.wake(watcher);
  }

  /** Calls a watcher from the event loop if there is something to receive then. */
  private wake(watcher: () => void): void {
    setImmediate(() => this.watchers.has(watcher) && this.queue.length > 0 && watcher());
  }

  subscribe(subscription: Subscription): void {
    this.subscription = subscription;
  }

  dropped(): number {
    return this.lost;
  }

  reserveSend(): void {}

  send(bytes: Buffer, length: number): void {
    const requests = parse(Buffer.from(bytes.subarray(0, length)));
    this.sent.push(requests);
    this.queue.push(...this.kernel(requests));
  }

  async sendAsync(bytes: Buffer, length: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.send(bytes, length);
  }

  receive(): Datagram | undefined {
    const next = this.queue.shift();
    if (next === undefined) return undefined;
    if ('receiveErrno' in next) throw new SystemError('recvfrom', next.receiveErrno);
    if ('nsid' in next) return { bytes: next.bytes, length: next.bytes.length, nsid: next.nsid };
    return { bytes: next, length: next.length };
  }

  async receiveAsync(): Promise<Datagram | undefined> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.receive();
  }

  wait(): boolean {
    return this.queue.length > 0;
  }

  watch(onReadable: () => void): Watch {
    this.watchers.add(onReadable);
    // what is queued already counts too
    this.wake(onReadable);
    const keepAlive = setInterval(() => {}, 1000);
    return {
      stop: () => {
        clearInterval(keepAlive);
        this.watchers.delete(onReadable);
      },
      ref: () => keepAlive.ref(),
      unref: () => keepAlive.unref(),
    };
  }

  close(): void {
    this.closed = true;
  }
}
