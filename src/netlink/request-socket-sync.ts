/** One netlink socket, synchronously: send and receive in place. */
import { ClosedError, OutcomeUnknownError, SystemError, TimeoutError } from './errors.ts';
import { describe, Entry, Ledger, type Result } from './ledger.ts';
import type { Request } from './operation.ts';
import type { CallOptions, Patience } from './program.ts';
import { defaultTimeout } from './request-socket.ts';
import type { Transport } from './transport/transport.ts';
import { Writer } from './writer.ts';

/** Sending is over when it returns, so all sockets of a thread share one buffer. */
const outgoing = new Writer();

export class SyncRequestSocket {
  private readonly transport: Transport;
  private readonly ledger = new Ledger(() => {});
  private closed = false;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Sends the requests in one datagram and waits for their results. */
  submit(requests: readonly Request[], atomic: boolean, options: CallOptions, patience?: Patience): Result[] {
    const entries = requests.map((request) => new Entry(request, undefined));
    this.carryOut(entries, atomic, options, patience);
    return entries.map((entry) => entry.result!);
  }

  /** {@link submit} for one request: what tight loops of reads go through. */
  submitOne(request: Request, options: CallOptions, patience?: Patience): Result {
    const entry = new Entry(request, undefined);
    this.carryOut([entry], false, options, patience);
    return entry.result!;
  }

  private carryOut(entries: readonly Entry[], atomic: boolean, options: CallOptions, patience: Patience | undefined): void {
    if (this.closed) {
      fail(entries, (entry) => new ClosedError(`${describe(entry)}: the client`));
      return;
    }
    if (options.signal?.aborted === true && patience !== 'always') {
      fail(entries, () => options.signal!.reason as Error);
      return;
    }
    outgoing.reset();
    try {
      this.ledger.launch(entries, atomic, outgoing);
    } catch (error) {
      // bad input: nothing was sent, so nothing is waited for
      this.ledger.failAll(() => error as Error);
      throw error;
    }
    try {
      this.transport.reserveSend(outgoing.position);
      this.transport.send(outgoing.bytes, outgoing.position);
      this.collect(options.timeout ?? defaultTimeout);
    } catch (error) {
      const overrun = error instanceof SystemError && error.code === 'ENOBUFS';
      this.ledger.failAll((entry) => (overrun ? new OutcomeUnknownError(describe(entry)) : (error as Error)));
    }
  }

  private collect(timeout: number): void {
    let deadline = 0;
    while (this.ledger.size > 0) {
      const datagram = this.transport.receive();
      if (datagram !== undefined) {
        this.ledger.accept(datagram.bytes, datagram.length);
        continue;
      }
      const now = performance.now();
      if (deadline === 0) deadline = now + timeout;
      if (now >= deadline || !this.transport.wait(Math.ceil(deadline - now))) {
        this.ledger.failAll((entry) => new TimeoutError(describe(entry), timeout));
      }
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.transport.close();
  }
}

function fail(entries: readonly Entry[], error: (entry: Entry) => Error): void {
  for (const entry of entries) entry.result = { kind: 'failed', error: error(entry) };
}
