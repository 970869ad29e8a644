/** Streams of what changes in the kernel, for any protocol: the order of listening, listing and telling, and what happens after an overrun. */
import { DumpInterruptedError, type MalformedMessageError } from './errors.ts';
import { MonitorSocket, type Notification, type NotificationSink } from './monitor-socket.ts';
import type { Transport } from './transport/transport.ts';

/** The kernel has dropped messages because the receive buffer was full. What follows is complete again. */
export interface OverrunEvent {
  /** Tells the events apart. */
  readonly kind: 'overrun';
  /**
   * Messages dropped, of all kinds the monitor listens to; 0 when the kernel could not make one for want of memory. Absent where it does
   * not say (before Linux 4.12).
   */
  readonly lost?: number;
}

/** The listing that was asked for is complete: the events so far describe all there is. */
export interface SyncedEvent {
  /** Tells the events apart. */
  readonly kind: 'synced';
  /** `initial`: what existed when the monitor began. `overrun`: what had changed by the end of an overrun. */
  readonly reason: 'initial' | 'overrun';
}

/** A message could not be read. The stream goes on behind it. */
export interface MalformedEvent {
  /** Tells the events apart. */
  readonly kind: 'malformed';
  /** What was expected, and where. */
  readonly error: MalformedMessageError;
  /** nlmsg_type; absent when the datagram as a whole was not made of messages, or longer than 64 KiB. */
  readonly type?: number;
  /** Body of the message, as far as there is one. */
  readonly body?: Uint8Array;
}

/** What every monitor yields beside the events of its kinds. */
export type ControlEvent = OverrunEvent | SyncedEvent | MalformedEvent;

/** Takes the events that a message stands for. */
export type Emit<E> = (event: E) => void;

/** Makes events of notifications: what a protocol adds to a {@link Monitor}. */
export interface MonitorFeed<E> {
  /** Takes in one message. */
  accept(notification: Notification, emit: Emit<E | MalformedEvent>): void;
  /** Asks the kernel for what the feed must know, before its first message and after each gap. Absent: it needs to know nothing. */
  synchronize?(reason: SynchronizationReason): Synchronization<E>;
  /** Something has changed that the kernel tells nobody: {@link synchronize} is due. */
  readonly stale?: boolean;
}

/** Why a monitor has read everything anew. */
export type SynchronizationReason = SyncedEvent['reason'] | 'stale';

/** One way from not knowing to knowing. */
export interface Synchronization<E> {
  /** Asks the kernel. @throws DumpInterruptedError when it is to be tried again */
  load(signal: AbortSignal): Promise<void>;
  /** Takes in a message that came meanwhile. Absent: such messages are left to {@link MonitorFeed.accept}. */
  accept?(notification: Notification, emit: Emit<E | MalformedEvent>): void;
  /** Makes it the feed's knowledge. @returns the events that follow from it, drawn as they are wanted; undefined: a chance to pause */
  finish(): Iterator<E | undefined>;
  /** Whether {@link SyncedEvent} is to follow. */
  readonly announced: boolean;
}

/** How a monitor listens. */
export interface MonitorSettings {
  /** Ends the stream with an error: the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether waiting for an event keeps the process alive. Default: true. */
  readonly ref?: boolean | undefined;
  /** Called once when the monitor is closed. */
  readonly onClose?: () => void;
}

/** Messages and events that one turn of the event loop is given to: less than a millisecond. */
const perTurn = 128;
/** Listings that fail for too much change are made again after so many milliseconds more each time, up to {@link longestPause}. */
const pauseStep = 10;
const longestPause = 1000;
/** A listing that may be outdated again is made anew so often before it is taken all the same, and made good later. */
const attemptsFresh = 3;
/** After so many attempts in vain the consumer is told once more. */
const attemptsUntold = 10;

/**
 * A stream of events, for `for await`. It listens from the moment it is made; what nobody takes waits in the receive buffer of its socket.
 * `break`, `return()` and `close()` end it.
 */
export class Monitor<E> implements AsyncIterableIterator<E | ControlEvent>, AsyncDisposable {
  private readonly socket: MonitorSocket;
  private readonly feed: MonitorFeed<E>;
  private readonly settings: MonitorSettings;
  private readonly stop = new AbortController();
  private readonly queue: (E | ControlEvent)[] = [];
  private head = 0;
  /** Events of a synchronization that are still to be drawn. */
  private backlog: Iterator<E | undefined> | undefined;
  private announcement: SyncedEvent | undefined;
  private due: SynchronizationReason | undefined;
  /** A datagram could not be read. */
  private unread = false;
  /** What this turn of the event loop has been given to already. */
  private spent = 0;
  /** Calls of {@link next} that are not answered, and when the last of them will be. */
  private waiting = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;
  private failure: { readonly error: unknown } | undefined;
  private readonly onAbort = (): void => this.fail(this.settings.signal?.reason);
  private readonly emit = (event: E | MalformedEvent): void => this.push(event);

  /** @param transport subscribed already; the monitor closes it */
  constructor(transport: Transport, feed: MonitorFeed<E>, settings: MonitorSettings = {}) {
    this.socket = new MonitorSocket(transport, settings.ref !== false);
    this.feed = feed;
    this.settings = settings;
    if (feed.synchronize !== undefined) this.due = 'initial';
    const { signal } = settings;
    if (signal?.aborted === true) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Size of the receive buffer that the kernel has granted, in bytes: less than was asked for without CAP_NET_ADMIN. */
  get receiveBuffer(): number {
    return this.socket.receiveBuffer;
  }

  /** From now on, waiting for an event keeps the process alive. */
  ref(): this {
    this.socket.setReferenced(true);
    return this;
  }

  /** From now on, waiting for an event does not keep the process alive. */
  unref(): this {
    this.socket.setReferenced(false);
    return this;
  }

  /**
   * The next event; done when the monitor is closed.
   *
   * @throws the reason of the signal once it is aborted; what listing throws; SystemError when the socket is unusable
   */
  next(): Promise<IteratorResult<E | ControlEvent, undefined>> {
    if (this.waiting === 0 && this.spent < perTurn && this.head < this.queue.length) {
      this.spent++;
      return Promise.resolve({ value: this.shift(), done: false });
    }
    // calls that do not wait for each other are answered in their order
    const result = this.waiting === 0 ? this.pull() : this.tail.then(() => this.pull());
    const release = (): void => {
      this.waiting--;
    };
    this.waiting++;
    this.tail = result.then(release, release);
    return result;
  }

  /** Ends the stream: the kernel is no longer listened to, and what was not taken is dropped. */
  return(): Promise<IteratorResult<E | ControlEvent, undefined>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  /** Ends the stream; a `next` that waits is done. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.settings.signal?.removeEventListener('abort', this.onAbort);
    this.queue.length = 0;
    this.head = 0;
    this.backlog = undefined;
    this.stop.abort();
    this.socket.close();
    this.settings.onClose?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  private fail(error: unknown): void {
    if (this.closed) return;
    this.failure = { error };
    this.close();
  }

  private async pull(): Promise<IteratorResult<E | ControlEvent, undefined>> {
    try {
      if (this.spent >= perTurn && !this.closed) await this.turn();
      await this.fill();
    } catch (error) {
      // closing makes what is under way fail
      if (!this.closed) this.fail(error);
    }
    if (this.failure !== undefined) {
      const { error } = this.failure;
      this.failure = undefined;
      throw error;
    }
    if (this.head >= this.queue.length) return { value: undefined, done: true };
    this.spent++;
    return { value: this.shift(), done: false };
  }

  /** Lets the event loop go round: timers and sockets of others must not wait until a burst is over. */
  private async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.spent = 0;
  }

  /** Returns with an event in the queue, or closed. */
  private async fill(): Promise<void> {
    while (this.head >= this.queue.length && !this.closed) {
      if (this.spent >= perTurn) await this.turn();
      else if (this.backlog !== undefined) this.draw(this.backlog);
      else if (this.announcement !== undefined) {
        this.push(this.announcement);
        this.announcement = undefined;
      } else if (this.due !== undefined) await this.synchronize(this.due);
      else await this.listen();
    }
  }

  private async listen(): Promise<void> {
    const taken = this.socket.take(perTurn - this.spent, this.sink(this.feed));
    if (taken === 'lost') this.overrun();
    else if (this.feed.stale === true) this.due = 'stale';
    else if (taken === 'empty' && this.head >= this.queue.length) {
      await this.socket.readable();
      this.spent = 0;
    }
  }

  private overrun(): void {
    const lost = this.socket.lost();
    this.push(lost === undefined ? { kind: 'overrun' } : { kind: 'overrun', lost });
    if (this.feed.synchronize !== undefined && this.due !== 'initial') this.due = 'overrun';
  }

  /** Sees to it that what `accept` cannot read is told, and that messages count. */
  private sink(taker: { accept(notification: Notification, emit: Emit<E | MalformedEvent>): void }): NotificationSink {
    return {
      message: (notification) => {
        this.spent++;
        taker.accept(notification, this.emit);
      },
      malformed: (error) => {
        this.push({ kind: 'malformed', error });
        // whatever it said is lost
        if (this.feed.synchronize !== undefined) this.due ??= 'stale';
        this.unread = true;
      },
    };
  }

  private async synchronize(reason: SynchronizationReason): Promise<void> {
    for (let attempt = 1; !this.closed; attempt++) {
      const synchronization = this.feed.synchronize!(reason);
      const settled = await this.settled(synchronization);
      // a change that nobody is told of may have come between the messages: the listing must be younger than they are
      if (settled && this.feed.stale === true && attempt < attemptsFresh) continue;
      if (settled) {
        this.due = undefined;
        if (this.closed) return;
        this.backlog = synchronization.finish();
        if (synchronization.announced && reason !== 'stale') this.announcement = { kind: 'synced', reason };
        return;
      }
      if (this.head < this.queue.length) return;
      if (attempt === attemptsUntold) return this.overrun();
      await this.pause(Math.min(attempt * pauseStep, longestPause));
    }
  }

  /**
   * Loads, and takes in what was queued by then: a change that came before the listing must not be told after it. False: too much happens,
   * or something was lost; it is to be tried again.
   */
  private async settled(synchronization: Synchronization<E>): Promise<boolean> {
    try {
      await synchronization.load(this.stop.signal);
    } catch (error) {
      if (error instanceof DumpInterruptedError) return false;
      throw error;
    }
    const { accept } = synchronization;
    if (accept === undefined) return true;
    const sink = this.sink({ accept: (notification, emit) => accept.call(synchronization, notification, emit) });
    this.unread = false;
    for (let left = this.socket.capacity; left > 0 && !this.closed; left -= perTurn) {
      await this.turn();
      if (this.closed) break;
      const taken = this.socket.take(perTurn, sink);
      if (taken === 'lost') return false;
      if (taken === 'empty') break;
    }
    return !this.unread;
  }

  private async pause(milliseconds: number): Promise<void> {
    const { signal } = this.stop;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, milliseconds);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }

  private draw(backlog: Iterator<E | undefined>): void {
    while (this.spent < perTurn) {
      const { value, done } = backlog.next();
      this.spent++;
      if (done === true) {
        this.backlog = undefined;
        return;
      }
      if (value !== undefined) this.push(value);
    }
  }

  private push(event: E | ControlEvent): void {
    if (!this.closed) this.queue.push(event);
  }

  private shift(): E | ControlEvent {
    const event = this.queue[this.head]!;
    this.head++;
    if (this.head === this.queue.length) {
      this.queue.length = 0;
      this.head = 0;
    }
    return event;
  }
}
