/** A socket that listens: takes notifications a slice at a time, and notices what the kernel could not deliver. Source: netlink(7), "ENOBUFS". */
import { MalformedMessageError, SystemError } from './errors.ts';
import { NLMSG_HDRLEN, NLMSG_NOOP, readU16, readU32 } from './message.ts';
import type { Transport, Watch } from './transport/transport.ts';

/** One message of a group. It is valid during the call that it is passed to: the next one comes in the same object and the same bytes. */
export interface Notification {
  /** nlmsg_type. */
  readonly type: number;
  /** nlmsg_flags: for some objects what they say about a change (NLM_F_REPLACE, NLM_F_APPEND). */
  readonly flags: number;
  /** The datagram; it is overwritten by the next one. */
  readonly bytes: Buffer;
  /** Where the body begins, behind the header. */
  readonly offset: number;
  /** Bytes of the body. */
  readonly length: number;
  /** Id of the namespace it is from, where that is not the socket's own. */
  readonly nsid: number | undefined;
}

/** Who takes what {@link MonitorSocket.take} finds. */
export interface NotificationSink {
  message(notification: Notification): void;
  /** A datagram without the shape of messages, or longer than the buffer (MSG_TRUNC). */
  malformed(error: MalformedMessageError): void;
}

/**
 * How a slice ended:
 * - `more`: there may be more to take at once.
 * - `empty`: nothing is queued.
 * - `lost`: the kernel has dropped messages, at this place in the stream.
 */
export type Taken = 'more' | 'empty' | 'lost';

/** Less than any message occupies in a receive buffer: a buffer never holds more messages than its size divided by this. */
const leastTruesize = 512;

/** What a receive fails with when messages were dropped, or could not be made (netlink_set_err in the kernel): the socket itself goes on. */
const losses: ReadonlySet<string> = new Set(['ENOBUFS', 'ENOMEM', 'EMSGSIZE']);

/** Whether what a receive threw only says that messages are missing. */
export function isOverrun(error: unknown): boolean {
  return error instanceof SystemError && losses.has(error.code);
}

export class MonitorSocket {
  private readonly transport: Transport;
  private watch: Watch | undefined;
  private wake: (() => void) | undefined;
  private referenced: boolean;
  private closed = false;
  /** Datagrams left to take until those that were queued when the kernel began to drop are surely behind us; undefined: it drops nothing. */
  private gap: number | undefined;
  private droppedBefore: number | undefined;
  private readonly current: { -readonly [K in keyof Notification]: Notification[K] } = {
    type: 0,
    flags: 0,
    bytes: Buffer.alloc(0),
    offset: 0,
    length: 0,
    nsid: undefined,
  };

  constructor(transport: Transport, referenced: boolean) {
    this.transport = transport;
    this.referenced = referenced;
    this.droppedBefore = transport.dropped();
  }

  /** Receive buffer granted, in the bytes it was asked for in. */
  get receiveBuffer(): number {
    return this.transport.receiveBuffer / 2;
  }

  /** More datagrams than can be queued at any time. */
  get capacity(): number {
    return Math.ceil(this.transport.receiveBuffer / leastTruesize);
  }

  /**
   * Takes up to `limit` datagrams. The kernel reports an overrun ahead of what is queued, and delivers nothing more until that has been
   * taken; so `lost` is told after it, where the gap is.
   *
   * @throws SystemError when the socket is unusable
   */
  take(limit: number, sink: NotificationSink): Taken {
    for (let taken = 0; taken < limit && !this.closed; taken++) {
      let datagram: ReturnType<Transport['receive']>;
      try {
        datagram = this.transport.receive();
      } catch (error) {
        if (error instanceof MalformedMessageError) sink.malformed(error);
        else if (isOverrun(error)) this.gap = this.capacity;
        else throw error;
        continue;
      }
      if (datagram === undefined) return this.endGap() ? 'lost' : 'empty';
      this.split(datagram.bytes, datagram.length, datagram.nsid, sink);
      if (this.gap !== undefined && --this.gap === 0 && this.endGap()) return 'lost';
    }
    return 'more';
  }

  private endGap(): boolean {
    if (this.gap === undefined) return false;
    this.gap = undefined;
    return true;
  }

  /** Messages the kernel has dropped since this was last asked; undefined where it does not say. */
  lost(): number | undefined {
    const now = this.transport.dropped();
    if (now === undefined || this.droppedBefore === undefined) return undefined;
    // the kernel's counter has 32 bits
    const lost = (now - this.droppedBefore) >>> 0;
    this.droppedBefore = now;
    return lost;
  }

  private split(bytes: Buffer, length: number, nsid: number | undefined, sink: NotificationSink): void {
    const { current } = this;
    current.bytes = bytes;
    current.nsid = nsid;
    for (let at = 0; length - at >= NLMSG_HDRLEN && !this.closed; ) {
      const size = readU32(bytes, at);
      if (size < NLMSG_HDRLEN || at + size > length) {
        sink.malformed(new MalformedMessageError('nlmsghdr', at, `a length from 16 to ${length - at}, found ${size}`));
        return;
      }
      current.type = readU16(bytes, at + 4);
      current.flags = readU16(bytes, at + 6);
      current.offset = at + NLMSG_HDRLEN;
      current.length = size - NLMSG_HDRLEN;
      if (current.type !== NLMSG_NOOP) sink.message(current);
      at += (size + 3) & ~3;
    }
  }

  /** Resolves when there is something to take, or when the socket is closed. Until then it keeps the process alive, unless it is unreferenced. */
  readable(): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed) return resolve();
      this.wake = resolve;
      this.watch ??= this.transport.watch(() => this.onReadable());
      if (this.referenced) this.watch.ref();
      else this.watch.unref();
    });
  }

  private onReadable(): void {
    const { wake } = this;
    this.wake = undefined;
    if (wake === undefined) {
      // nobody wants it yet: it waits in the kernel, and the event loop must not spin over it
      this.stopWatching();
      return;
    }
    this.watch?.unref();
    wake();
  }

  private stopWatching(): void {
    this.watch?.stop();
    this.watch = undefined;
  }

  /** Whether waiting keeps the process alive. */
  setReferenced(referenced: boolean): void {
    this.referenced = referenced;
    if (this.wake === undefined) return;
    if (referenced) this.watch?.ref();
    else this.watch?.unref();
  }

  /** Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopWatching();
    this.transport.close();
    this.wake?.();
    this.wake = undefined;
  }
}
