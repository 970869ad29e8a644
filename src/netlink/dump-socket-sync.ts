/** A netlink socket for dumps, in place. */
import { DumpReader, describe } from './dump-reader.ts';
import { ClosedError, OutcomeUnknownError, SystemError, TimeoutError } from './errors.ts';
import { isGone } from './loss.ts';
import type { Request } from './operation.ts';
import { errorOf } from './outcome.ts';
import type { CallOptions, Dump, DumpPart } from './program.ts';
import { defaultTimeout } from './request-socket.ts';
import type { Datagram, Transport } from './transport/transport.ts';
import { Writer } from './writer.ts';

/** Sending is over when it returns, so all sockets of a thread share one buffer. */
const outgoing = new Writer(256);

export class SyncDumpSocket {
  private readonly transport: Transport;
  private sequence = Math.floor(Math.random() * 0x7fffffff) + 1;
  private current: SyncDump | undefined;
  private closed = false;
  /** As of RequestSocket. */
  private broken = false;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Starts a dump. One at a time. @param ended as of DumpSocket @throws InputError before anything is sent; SystemError */
  start(request: Request, options: CallOptions, ended: (reusable: boolean) => void): SyncDump {
    this.sequence = this.sequence === 0xffffffff ? 1 : this.sequence + 1;
    const reader = new DumpReader(request, this.sequence, outgoing);
    try {
      this.transport.reserveSend(outgoing.position);
      this.transport.send(outgoing.bytes, outgoing.position);
    } catch (error) {
      this.noticed(error);
      throw error;
    }
    this.current = new SyncDump(this.transport, reader, options, (reusable) => {
      this.noticed(this.current?.failed);
      ended(reusable);
    });
    return this.current;
  }

  /** A dump under way fails with ClosedError. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.current?.closed();
    if (!this.broken) this.transport.close();
  }

  private noticed(error: unknown): void {
    if (isGone(error)) this.broken = true;
  }
}

/** One dump under way. */
export class SyncDump implements Dump {
  readonly request: Request;
  private readonly transport: Transport;
  private readonly reader: DumpReader;
  private readonly options: CallOptions;
  private readonly ended: (reusable: boolean) => void;
  /** What it failed with. */
  failed: Error | undefined;
  private told = false;
  private over = false;

  constructor(transport: Transport, reader: DumpReader, options: CallOptions, ended: (reusable: boolean) => void) {
    this.transport = transport;
    this.reader = reader;
    this.request = reader.request;
    this.options = options;
    this.ended = ended;
  }

  /** The next messages; undefined when that was all. @throws what the kernel refused, what could not be read, the reason of the signal */
  read(): DumpPart | undefined {
    const { reader } = this;
    if (this.failed !== undefined) throw this.failed;
    while (!reader.finished) {
      let part: DumpPart;
      try {
        this.options.signal?.throwIfAborted();
        const { bytes, length } = this.receive();
        part = reader.accept(bytes, length);
      } catch (error) {
        const overrun = error instanceof SystemError && error.syscall === 'recvfrom' && error.code === 'ENOBUFS';
        this.failed = overrun ? new OutcomeUnknownError(describe(this.request)) : (error as Error);
        throw this.failed;
      }
      if (part.values.length > 0) {
        this.told = part.interrupted;
        return part;
      }
    }
    if (reader.failure !== undefined) throw errorOf(this.request, { kind: 'refused', failure: reader.failure })!;
    if (this.told || !reader.interrupted) return undefined;
    // an interruption may be told by the last message alone
    this.told = true;
    return { values: [], interrupted: true };
  }

  private receive(): Datagram {
    const timeout = this.options.timeout ?? defaultTimeout;
    let deadline = 0;
    for (;;) {
      const datagram = this.transport.receive();
      if (datagram !== undefined) return datagram;
      const now = performance.now();
      if (deadline === 0) deadline = now + timeout;
      if (now >= deadline || !this.transport.wait(Math.ceil(deadline - now))) throw new TimeoutError(describe(this.request), timeout);
    }
  }

  closed(): void {
    this.failed ??= new ClosedError(`${describe(this.request)}: the client`);
  }

  /** Ends the dump, finished or not. Idempotent. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.ended(this.reader.finished && this.failed === undefined);
  }
}
