/**
 * One netlink socket, asynchronously: requests issued in the same tick, by however many callers, leave in one sendmsg;
 * each gets its own answer. Sending runs off the main thread, because the kernel carries the requests out within it.
 */
import { ClosedError, MalformedMessageError, OutcomeUnknownError, SystemError, TimeoutError } from './errors.ts';
import { describe, type Entry, encodedEntry, Ledger, type Result } from './ledger.ts';
import type { Request } from './operation.ts';
import type { CallOptions, Patience } from './program.ts';
import type { Transport, Watch } from './transport/transport.ts';
import { Writer } from './writer.ts';

/** Milliseconds a request waits for its answer unless it says otherwise. */
export const defaultTimeout = 30_000;

/** Requests in one datagram: beyond this nothing is gained, and the kernel holds the thread for about 0.4 ms. */
const maxFlight = 128;
const maxDatagram = 64 * 1024;
/** What one answer occupies in the receive buffer, as the kernel counts it: measured 832 bytes for an ack; a link is the largest reply. */
const ackCost = 832;
const replyCost = 8192;

interface Group {
  readonly entries: readonly Entry[];
  readonly atomic: boolean;
  unfinished: number;
  readonly resolve: (results: readonly Result[]) => void;
  deadline: number;
  readonly timeout: number;
  cleanUp: (() => void) | undefined;
}

export class RequestSocket {
  private readonly transport: Transport;
  private readonly ledger: Ledger;
  private readonly groups = new Map<Entry, Group>();
  private queue: Group[] = [];
  private readonly outgoing = new Writer(512);
  private flushScheduled = false;
  private sending = false;
  private receiving = false;
  private watch: Watch | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerDeadline = Number.POSITIVE_INFINITY;
  private closed = false;
  /** Called when nothing is pending any more. */
  onIdle: (() => void) | undefined;

  constructor(transport: Transport) {
    this.transport = transport;
    this.ledger = new Ledger((entry) => this.entryDone(entry));
  }

  get idle(): boolean {
    return this.groups.size === 0 && !this.sending && !this.receiving;
  }

  /** Resolves when every request has its result; never rejects. Encoding errors are thrown at once: nothing is sent then. */
  submit(requests: readonly Request[], atomic: boolean, options: CallOptions, patience?: Patience): Promise<readonly Result[]> {
    const entries = requests.map(encodedEntry);
    const { timeout = defaultTimeout } = options;
    const signal = patience === 'always' ? undefined : options.signal;
    if (this.closed)
      return Promise.resolve(
        entries.map((entry): Result => ({ kind: 'failed', error: new ClosedError(`${describe(entry)}: the client`) })),
      );
    if (signal?.aborted) return Promise.resolve(entries.map((): Result => ({ kind: 'failed', error: signal.reason as Error })));
    return new Promise((resolve) => {
      const group: Group = {
        entries,
        atomic,
        unfinished: entries.length,
        resolve,
        deadline: performance.now() + timeout,
        timeout,
        cleanUp: undefined,
      };
      for (const entry of entries) this.groups.set(entry, group);
      if (signal !== undefined) {
        const onAbort = (): void => {
          if (patience !== 'outcome' || this.queue.includes(group)) this.abandon(group, () => signal.reason as Error);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        group.cleanUp = () => signal.removeEventListener('abort', onAbort);
      }
      this.queue.push(group);
      this.armTimer(group.deadline);
      this.scheduleFlush();
    });
  }

  /** Closes the socket; what is pending fails with ClosedError. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const group of new Set(this.groups.values())) this.abandon(group, (entry) => new ClosedError(`${describe(entry)}: the client`));
    this.queue = [];
    clearTimeout(this.timer);
    this.stopWatching();
    // a call on the thread pool still uses the descriptor; the last one closes it
    if (!this.sending && !this.receiving) this.transport.close();
  }

  private scheduleFlush(): void {
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    // after the microtasks of this tick, so that what programs ask in their continuations still comes along
    queueMicrotask(() =>
      process.nextTick(() => {
        this.flushScheduled = false;
        void this.flush();
      }),
    );
  }

  /** One datagram at a time: the next one gathers what arrives while this one is with the kernel. */
  private async flush(): Promise<void> {
    if (this.sending || this.closed) return;
    const flight = this.nextFlight();
    if (flight === undefined) return;
    this.sending = true;
    try {
      const { entries, atomic } = flight;
      this.outgoing.reset();
      this.ledger.launch(entries, atomic, this.outgoing);
      this.transport.reserveSend(this.outgoing.position);
      await this.transport.sendAsync(this.outgoing.bytes, this.outgoing.position);
    } catch (error) {
      for (const entry of flight.entries) this.ledger.abandon(entry, error as Error);
    } finally {
      this.sending = false;
    }
    if (this.closed) {
      if (!this.receiving) this.transport.close();
      return;
    }
    await this.drain();
    if (this.queue.length > 0) void this.flush();
    else this.notifyIdle();
  }

  private nextFlight(): { entries: Entry[]; atomic: boolean } | undefined {
    const entries: Entry[] = [];
    let size = 0;
    let cost = 0;
    const waiting: Group[] = [];
    const dumping = this.ledger.dumping;
    let full = false;
    for (const group of this.queue) {
      const alone = group.atomic || group.entries.some((entry) => entry.request.expects === 'dump');
      if (full || (alone && (entries.length > 0 || (dumping && !group.atomic)))) {
        waiting.push(group);
        // order is kept among requests, but a dump that waits for another to end must not hold back what is not a dump
        if (group.atomic || !dumping) full = true;
        continue;
      }
      const groupSize = group.entries.reduce((sum, entry) => sum + entry.size, 0);
      const groupCost = group.entries.reduce((sum, entry) => sum + (entry.request.expects === 'reply' ? replyCost : ackCost), 0);
      if (
        entries.length > 0 &&
        (entries.length + group.entries.length > maxFlight ||
          size + groupSize > maxDatagram ||
          cost + groupCost > this.transport.receiveBuffer)
      ) {
        waiting.push(group);
        full = true;
        continue;
      }
      entries.push(...group.entries);
      size += groupSize;
      cost += groupCost;
      if (alone) {
        full = true;
        if (group.atomic) {
          waiting.push(...this.queue.slice(this.queue.indexOf(group) + 1));
          this.queue = waiting;
          return { entries, atomic: true };
        }
      }
    }
    this.queue = waiting;
    return entries.length === 0 ? undefined : { entries, atomic: false };
  }

  /** Takes in what is queued. Answers to requests are there when the send returns; a dump goes on producing. */
  private async drain(): Promise<void> {
    if (this.receiving) return;
    this.receiving = true;
    try {
      while (this.ledger.size > 0 && !this.closed) {
        const datagram = this.ledger.dumping ? await this.transport.receiveAsync() : this.transport.receive();
        if (this.closed || datagram === undefined) break;
        this.ledger.accept(datagram.bytes, datagram.length);
      }
    } catch (error) {
      this.receiveFailed(error as Error);
    } finally {
      this.receiving = false;
    }
    if (this.closed) {
      if (!this.sending) this.transport.close();
    } else if (this.ledger.size > 0) this.startWatching();
    else this.stopWatching();
  }

  /** Nothing can be said any more about what is in flight. */
  private receiveFailed(error: Error): void {
    const overrun = error instanceof SystemError && error.code === 'ENOBUFS';
    this.ledger.failAll((entry) => {
      if (overrun) return new OutcomeUnknownError(describe(entry));
      return error instanceof MalformedMessageError ? error : new OutcomeUnknownError(`${describe(entry)}: ${error.message}`);
    });
  }

  private startWatching(): void {
    this.watch ??= this.transport.watch(() => {
      void this.drain().then(() => {
        if (this.queue.length > 0) void this.flush();
        else this.notifyIdle();
      });
    });
  }

  private stopWatching(): void {
    this.watch?.stop();
    this.watch = undefined;
  }

  private entryDone(entry: Entry): void {
    const group = this.groups.get(entry);
    if (group === undefined) return;
    this.groups.delete(entry);
    if (--group.unfinished > 0) return;
    group.cleanUp?.();
    group.resolve(group.entries.map((member) => member.result!));
    if (this.groups.size === 0) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.timerDeadline = Number.POSITIVE_INFINITY;
    }
  }

  private abandon(group: Group, error: (entry: Entry) => Error): void {
    const queued = this.queue.indexOf(group);
    if (queued >= 0) this.queue.splice(queued, 1);
    for (const entry of group.entries) if (entry.result === undefined) this.ledger.abandon(entry, error(entry));
    this.notifyIdle();
  }

  private notifyIdle(): void {
    if (this.idle) this.onIdle?.();
  }

  /** One timer for all: it is set to the earliest deadline. */
  private armTimer(deadline: number): void {
    if (deadline >= this.timerDeadline) return;
    clearTimeout(this.timer);
    this.timerDeadline = deadline;
    this.timer = setTimeout(() => this.expire(), Math.max(1, Math.min(2 ** 31 - 1, deadline - performance.now())));
  }

  private expire(): void {
    const now = performance.now();
    this.timer = undefined;
    this.timerDeadline = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const group of new Set(this.groups.values())) {
      if (group.deadline <= now + 1) this.abandon(group, (entry) => new TimeoutError(describe(entry), group.timeout));
      else next = Math.min(next, group.deadline);
    }
    if (next !== Number.POSITIVE_INFINITY) this.armTimer(next);
  }
}
