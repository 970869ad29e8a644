/**
 * One netlink socket, asynchronously: requests issued in the same tick, by however many callers, leave in one sendmsg;
 * each gets its own answer. Sending runs off the main thread, because the kernel carries the requests out within it.
 */
import { describe } from './dump-reader.ts';
import { ClosedError, TimeoutError } from './errors.ts';
import { Entry, type Flight, FlightQueue, type Result, recycle, type Waiter } from './flight.ts';
import { Ledger } from './ledger.ts';
import { isGone, loss, maxFailures } from './loss.ts';
import type { Request } from './operation.ts';
import type { CallOptions, Patience } from './program.ts';
import type { Transport, Watch } from './transport/transport.ts';

/** Milliseconds a request waits for its answer unless it says otherwise. */
export const defaultTimeout = 30_000;

/** How long a step waits for its answer: one that is taken in any case is not cut short by what is little time for a call, or what was done could not be undone. */
export function timeoutOf(timeout: number | undefined, patience: Patience | undefined): number {
  return patience === 'always' ? Math.max(timeout ?? 0, defaultTimeout) : (timeout ?? defaultTimeout);
}

const longestTimer = 2 ** 31 - 1;
/** So often, in requests and one less, the progress of the kernel is looked at while there are full datagrams. */
const pollMask = 63;

export class RequestSocket {
  private readonly transport: Transport;
  private readonly ledger = new Ledger();
  private readonly queue: FlightQueue;
  private flushScheduled = false;
  private draining = false;
  /** Requests that came while the kernel was at work, to look at its progress now and then. */
  private entered = 0;
  /** Calls on the thread pool, which use the descriptor. */
  private calls = 0;
  /** What the kernel is working on, as far as is known. */
  private current: Flight | undefined;
  private watch: Watch | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerDeadline = Number.POSITIVE_INFINITY;
  private closed = false;
  /** The descriptor is no netlink socket any more: somebody closed it, and its number may be another file's. */
  broken = false;
  /** Called when nothing is pending any more. */
  onIdle: (() => void) | undefined;

  constructor(transport: Transport) {
    this.transport = transport;
    this.queue = new FlightQueue(() => transport.receiveBuffer);
  }

  get idle(): boolean {
    return !this.ledger.waiting && this.queue.length === 0 && this.calls === 0;
  }

  /** Asks one thing. `waiter` may learn the result before this returns. @throws InputError when it cannot be encoded: nothing is sent then */
  submitOne(request: Request, options: CallOptions, patience: Patience | undefined, waiter: Waiter): void {
    const { signal } = options;
    const timeout = timeoutOf(options.timeout, patience);
    if (signal === undefined && !this.closed) {
      const entry = new Entry(request, waiter, timeout, now() + timeout);
      this.queue.addOne(entry);
      this.queued(entry);
      return;
    }
    let cleanUp: (() => void) | undefined;
    const settled = (result: Result): void => {
      cleanUp?.();
      waiter.settled(result);
    };
    cleanUp = this.enter([new Entry(request, { settled }, timeout, now() + timeout)], false, signal, patience);
  }

  /** Resolves when every request has its result. Rejects only with InputError, when one cannot be encoded: nothing is sent then. */
  submit(requests: readonly Request[], atomic: boolean, options: CallOptions, patience?: Patience): Promise<readonly Result[]> {
    return new Promise((resolve) => {
      const { signal } = options;
      const timeout = timeoutOf(options.timeout, patience);
      const deadline = now() + timeout;
      let left = requests.length;
      let cleanUp: (() => void) | undefined;
      const settled = (): void => {
        if (--left > 0) return;
        cleanUp?.();
        resolve(entries.map((entry) => entry.result!));
      };
      const waiter: Waiter = { settled };
      const entries = requests.map((request) => new Entry(request, waiter, timeout, deadline));
      cleanUp = this.enter(entries, atomic, signal, patience);
    });
  }

  /** @returns what is to be called once the last of `entries` has its result */
  private enter(
    entries: readonly Entry[],
    atomic: boolean,
    signal: AbortSignal | undefined,
    patience: Patience | undefined,
  ): (() => void) | undefined {
    const heeded = patience === 'always' ? undefined : signal;
    if (this.closed || heeded?.aborted === true) {
      for (const entry of entries) this.ledger.abandon(entry, this.closed ? closedError(entry) : (heeded!.reason as Error));
      return undefined;
    }
    this.queue.add(entries, atomic);
    this.queued(entries[0]!);
    return heeded === undefined ? undefined : this.heed(heeded, entries, patience);
  }

  private queued(first: Entry): void {
    this.armTimer(first.deadline);
    this.scheduleFlush();
  }

  /** Gives `entries` up when the signal says so; with patience, those that have not been sent. */
  private heed(signal: AbortSignal, entries: readonly Entry[], patience: Patience | undefined): () => void {
    const onAbort = (): void => {
      for (const entry of entries) if (patience !== 'outcome' || !isSent(entry)) this.ledger.abandon(entry, signal.reason as Error);
      if (!this.ledger.waiting) this.stopWatching();
      // what waited for the room of these goes now, and what of them is in line makes way
      if (this.queue.length > 0) this.scheduleFlush();
      else this.notifyIdle();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  /** Closes the socket; what is pending fails with ClosedError. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.ledger.lose(closedError, [...this.ledger, ...this.queue]);
    while (this.queue.shift() !== undefined);
    clearTimeout(this.timer);
    this.stopWatching();
    this.closeTransport();
  }

  /** A call on the thread pool still uses the descriptor; the last one closes it. */
  private closeTransport(): void {
    if (this.calls === 0 && !this.broken) this.transport.close();
  }

  private scheduleFlush(): void {
    // a full datagram need not wait for the end of the tick: the kernel works on it while the others are made
    if (this.queue.length > 1 && (this.current === undefined || (++this.entered & pollMask) === 0)) this.flush(1);
    if (this.flushScheduled || this.current !== undefined) return;
    this.flushScheduled = true;
    // after the microtasks of this tick, so that what programs ask in their continuations still comes along
    queueMicrotask(() =>
      process.nextTick(() => {
        this.flushScheduled = false;
        this.flush();
      }),
    );
  }

  /** One datagram at a time: the next one gathers what arrives while this one is with the kernel. @param keep datagrams to leave in line */
  private flush(keep = 0): void {
    // the answer to the last request of a datagram is there before its send returns, which only the event loop tells
    if (this.current !== undefined && this.queue.length > keep) this.drain();
    while (this.current === undefined && this.queue.length > keep && !this.draining && !this.closed && !this.broken) {
      const flight = this.nextFlight();
      if (flight === undefined) break;
      void this.send(flight);
    }
    this.notifyIdle();
  }

  private nextFlight(): Flight | undefined {
    for (let flight = this.queue.first; flight !== undefined; flight = this.queue.first) {
      if (flight.unfinished > 0) {
        const pending = this.ledger.cost;
        // what has not been answered yet needs its room; once nothing is, the largest transaction goes
        if (pending > 0 && pending + flight.cost > this.transport.receiveBuffer) return undefined;
        return this.queue.shift();
      }
      // all of it was given up
      this.queue.shift();
      recycle(flight);
    }
    return undefined;
  }

  private async send(flight: Flight): Promise<void> {
    this.current = flight;
    this.calls++;
    this.stopWatching();
    this.ledger.launch(flight);
    try {
      const { bytes, position } = flight.writer;
      this.transport.reserveSend(position);
      if (flight.cost > this.transport.receiveBuffer) this.transport.reserveReceive?.(flight.cost);
      if (flight.lockless) this.transport.send(bytes, position);
      else await this.transport.sendAsync(bytes, position);
    } catch (error) {
      this.ledger.lose(() => error as Error, [flight]);
      this.noticed(error as Error);
    }
    this.calls--;
    recycle(flight);
    if (this.current === flight) this.current = undefined;
    if (this.closed) {
      this.closeTransport();
      return;
    }
    this.drain();
    this.flush();
    if (this.calls === 0 && this.ledger.waiting && !this.closed) this.startWatching();
  }

  /** Takes in what is queued: the answers to a request are there when its send returns. */
  private drain(): void {
    // an answer may let a program ask at once, which looks at the progress of the kernel in its turn
    if (this.draining) return;
    this.draining = true;
    try {
      this.receive();
    } finally {
      this.draining = false;
    }
  }

  private receive(): void {
    let lost: ((request: Request) => Error) | undefined;
    let failures = 0;
    while (!this.closed && !this.broken && failures < maxFailures) {
      try {
        const datagram = this.transport.receive();
        if (datagram === undefined) break;
        this.ledger.accept(datagram.bytes, datagram.length);
        failures = 0;
        // nothing more will come: a loss would have been told before what was left
        if (!this.ledger.waiting) break;
      } catch (error) {
        failures++;
        // The kernel drops answers, without a further word, until the queue has been empty: so it is emptied before anything else is sent.
        // What is still in there was queued before the loss, or is an answer in so many words.
        lost ??= loss(error);
        this.ledger.distrust();
        this.noticed(error as Error);
      }
    }
    if (lost !== undefined) this.lose(lost);
    if (this.current?.answered === true) {
      recycle(this.current);
      this.current = undefined;
    }
  }

  /** Fails what waits for an answer. */
  private lose(error: (request: Request) => Error): void {
    this.ledger.lose((entry) => error(entry.request));
  }

  private noticed(error: Error): void {
    if (!isGone(error)) return;
    this.broken = true;
    this.stopWatching();
    this.lose(loss(error));
    // these were not sent, and will not be: what is asked next gets a new socket
    this.ledger.lose(() => error, [...this.queue]);
  }

  private startWatching(): void {
    try {
      this.watch ??= this.transport.watch(() => {
        this.drain();
        if (!this.ledger.waiting) this.stopWatching();
        this.flush();
      });
    } catch (error) {
      this.noticed(error as Error);
      this.lose(loss(error));
    }
  }

  private stopWatching(): void {
    this.watch?.stop();
    this.watch = undefined;
  }

  private notifyIdle(): void {
    if (this.onIdle !== undefined && this.idle) this.onIdle();
  }

  /** One timer for all, set to the earliest deadline. It stays set: most requests are answered long before, and the next one needs it again. */
  private armTimer(deadline: number): void {
    if (deadline >= this.timerDeadline) return;
    clearTimeout(this.timer);
    this.timerDeadline = deadline;
    this.timer = setTimeout(() => this.expire(), Math.max(1, Math.min(longestTimer, deadline - now())));
    // what keeps the process alive is the send, or the watch that waits for the answer
    this.timer.unref();
  }

  private expire(): void {
    this.timerDeadline = Number.POSITIVE_INFINITY;
    // a timer fires late where the event loop was held up, and what has come meanwhile is no timeout
    if (this.ledger.waiting) this.drain();
    const time = now();
    let next = Number.POSITIVE_INFINITY;
    for (const flight of [...this.ledger, ...this.queue]) {
      for (const entry of flight.entries) {
        if (entry.result !== undefined) continue;
        if (entry.deadline <= time) this.ledger.abandon(entry, new TimeoutError(describe(entry.request), entry.timeout));
        else next = Math.min(next, entry.deadline);
      }
    }
    if (next !== Number.POSITIVE_INFINITY) this.armTimer(next);
    if (!this.ledger.waiting) this.stopWatching();
    this.flush();
  }
}

function closedError(entry: Entry): Error {
  return new ClosedError(`${describe(entry.request)}: the client`);
}

function isSent({ flight }: Entry): boolean {
  return flight !== undefined && flight.first !== 0;
}

/** Whole milliseconds: small integers cost nothing to keep. */
function now(): number {
  return Math.ceil(performance.now());
}
