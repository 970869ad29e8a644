/**
 * A netlink socket for dumps, asynchronously: the kernel allows one dump a socket, and one that nobody reads on must not hold up anything
 * else. The next datagram is received off the main thread, which makes the kernel fill the one after it, while this one is decoded.
 */
import { DumpReader, describe, endsDump } from './dump-reader.ts';
import { ClosedError, NetloomError, OutcomeUnknownError, SystemError, TimeoutError } from './errors.ts';
import { isGone } from './loss.ts';
import type { Request } from './operation.ts';
import { errorOf } from './outcome.ts';
import type { CallOptions, Dump, DumpPart } from './program.ts';
import { defaultTimeout } from './request-socket.ts';
import type { Datagram, Transport } from './transport/transport.ts';
import { Writer } from './writer.ts';

/** How a receive ended: never by a rejection, which would count as unhandled while the consumer is busy with the part before. */
type Received = { readonly datagram: Datagram | undefined } | { readonly error: Error };

export class DumpSocket {
  private readonly transport: Transport;
  private readonly outgoing = new Writer(256);
  // any start will do; a random one tells answers to an earlier socket with the same port id apart
  private sequence = Math.floor(Math.random() * 0x7fffffff) + 1;
  private current: AsyncDump | undefined;
  /** A call on the thread pool uses the descriptor. */
  private busy = false;
  private closed = false;
  /** As of RequestSocket. */
  private broken = false;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /**
   * Starts a dump. One at a time.
   *
   * @param ended is called once it is over, with whether the socket can take another
   * @throws InputError before anything is sent
   */
  start(request: Request, options: CallOptions, ended: (reusable: boolean) => void): AsyncDump {
    this.sequence = this.sequence === 0xffffffff ? 1 : this.sequence + 1;
    const reader = new DumpReader(request, this.sequence, this.outgoing);
    this.current = new AsyncDump(this, reader, options, ended);
    return this.current;
  }

  /** Sends the request, whose first answers the kernel makes within, and receives those. */
  async first(): Promise<Received> {
    return await this.pooled(async () => {
      this.transport.reserveSend(this.outgoing.position);
      await this.transport.sendAsync(this.outgoing.bytes, this.outgoing.position);
      return await this.transport.receiveAsync();
    });
  }

  async next(): Promise<Received> {
    return await this.pooled(() => this.transport.receiveAsync());
  }

  private async pooled(call: () => Promise<Datagram | undefined>): Promise<Received> {
    this.busy = true;
    try {
      return { datagram: await call() };
    } catch (error) {
      if (isGone(error)) this.broken = true;
      return { error: error as Error };
    } finally {
      this.busy = false;
      if (this.closed) this.closeTransport();
    }
  }

  /** Calls back once when something can be received. @returns ends the wait */
  onceReadable(callback: () => void): () => void {
    const watch = this.transport.watch(() => {
      watch.stop();
      callback();
    });
    return () => watch.stop();
  }

  /** Closes the socket; a dump under way fails with ClosedError. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.current?.giveUp(new ClosedError(`${describe(this.current.request)}: the client`));
    // a call on the thread pool still uses the descriptor; its end closes it
    if (!this.busy) this.closeTransport();
  }

  private closeTransport(): void {
    if (!this.broken) this.transport.close();
  }
}

/** One dump under way. */
export class AsyncDump implements Dump {
  readonly request: Request;
  private readonly socket: DumpSocket;
  private readonly reader: DumpReader;
  private readonly timeout: number;
  private readonly ended: (reusable: boolean) => void;
  private upcoming: Promise<Received> | undefined;
  private failed: Error | undefined;
  private interrupt: ((error: Error) => void) | undefined;
  private readonly detach: (() => void) | undefined;
  private told = false;
  private over = false;

  constructor(socket: DumpSocket, reader: DumpReader, options: CallOptions, ended: (reusable: boolean) => void) {
    this.socket = socket;
    this.reader = reader;
    this.request = reader.request;
    this.timeout = options.timeout ?? defaultTimeout;
    this.ended = ended;
    this.upcoming = socket.first();
    const { signal } = options;
    if (signal === undefined) return;
    const onAbort = (): void => this.giveUp(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    this.detach = () => signal.removeEventListener('abort', onAbort);
  }

  /** The next messages; undefined when that was all. @throws what the kernel refused, what giving up gave for a reason, what could not be read */
  async read(): Promise<DumpPart | undefined> {
    const { reader } = this;
    while (!reader.finished && this.failed === undefined) {
      this.upcoming ??= this.socket.next();
      const received = await this.patiently(this.upcoming);
      this.upcoming = undefined;
      if ('error' in received) {
        this.fail(received.error);
        break;
      }
      const { datagram } = received;
      // the kernel has nothing yet, or a datagram was somebody else's
      if (datagram === undefined) await this.readable();
      else {
        const part = this.take(datagram);
        if (part !== undefined && part.values.length > 0) {
          this.told = part.interrupted;
          return part;
        }
      }
    }
    if (this.failed !== undefined) throw recaptured(this.failed);
    if (reader.failure !== undefined) throw errorOf(this.request, { kind: 'refused', failure: reader.failure })!;
    if (this.told || !reader.interrupted) return undefined;
    // an interruption may be told by the last message alone
    this.told = true;
    return { values: [], interrupted: true };
  }

  private take({ bytes, length }: Datagram): DumpPart | undefined {
    try {
      if (!endsDump(bytes, length)) this.upcoming = this.socket.next();
      return this.reader.accept(bytes, length);
    } catch (error) {
      this.fail(error as Error);
      return undefined;
    }
  }

  private fail(error: Error): void {
    const overrun = error instanceof SystemError && error.syscall === 'recvfrom' && error.code === 'ENOBUFS';
    this.failed ??= overrun ? new OutcomeUnknownError(describe(this.request)) : error;
  }

  /** Waits for `upcoming`, unless the time passes or the dump is given up before. */
  private async patiently(upcoming: Promise<Received>): Promise<Received> {
    return await this.unlessGivenUp((resolve) => {
      void upcoming.then(resolve);
      return () => {};
    });
  }

  private async readable(): Promise<void> {
    const woken = await this.unlessGivenUp((resolve) => this.socket.onceReadable(() => resolve({ datagram: undefined })));
    if ('error' in woken) this.fail(woken.error);
  }

  private unlessGivenUp(start: (resolve: (received: Received) => void) => () => void): Promise<Received> {
    return new Promise((resolve) => {
      let stop = (): void => {};
      let over = false;
      const done = (received: Received): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        this.interrupt = undefined;
        stop();
        resolve(received);
      };
      // a timer fires late where the event loop was held up: what has come meanwhile is told before the immediate, and is no timeout
      const timer = setTimeout(
        () => setImmediate(() => done({ error: new TimeoutError(describe(this.request), this.timeout) })),
        this.timeout,
      );
      this.interrupt = (error) => done({ error });
      stop = start(done);
    });
  }

  /** Fails the dump, for whoever waits now or asks next, and lets its socket go. */
  giveUp(error: Error): void {
    if (this.over) return;
    this.failed ??= error;
    this.interrupt?.(error);
    this.end();
  }

  /** Ends the dump, finished or not. Idempotent. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.detach?.();
    this.ended(this.reader.finished && this.failed === undefined && this.upcoming === undefined);
  }
}

/** The stack is to lead to the caller, not to where the error was noticed. */
function recaptured(error: Error): Error {
  if (error instanceof NetloomError) Error.captureStackTrace(error, recaptured);
  return error;
}
