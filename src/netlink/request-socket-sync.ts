/** One netlink socket, synchronously: send and receive in place. */
import { ClosedError, OutcomeUnknownError, SystemError, TimeoutError } from './errors.ts';
import { Entry, Ledger, type Result, describe } from './ledger.ts';
import type { Request } from './operation.ts';
import type { CallOptions, Patience } from './program.ts';
import { defaultTimeout } from './request-socket.ts';
import type { Transport } from './transport/transport.ts';

export class SyncRequestSocket {
  private readonly transport: Transport;
  private readonly ledger = new Ledger(() => {});
  private outgoing: Buffer = Buffer.alloc(4096);
  private closed = false;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Sends the requests in one datagram and waits for their results. */
  submit(requests: readonly Request[], atomic: boolean, options: CallOptions, patience?: Patience): Result[] {
    const entries = requests.map((request) => new Entry(request));
    if (this.closed) return entries.map((entry): Result => ({ kind: 'failed', error: new ClosedError(`${describe(entry)}: the client`) }));
    if (options.signal?.aborted === true && patience !== 'always') return entries.map((): Result => ({ kind: 'failed', error: options.signal!.reason as Error }));
    let size = 0;
    for (const entry of entries) size += entry.size;
    this.transport.reserveSend(size);
    if (this.outgoing.length < size) this.outgoing = Buffer.alloc(size);
    const length = this.ledger.launch(entries, atomic, this.outgoing);
    try {
      this.transport.send(this.outgoing, length);
      this.collect(options.timeout ?? defaultTimeout);
    } catch (error) {
      const overrun = error instanceof SystemError && error.code === 'ENOBUFS';
      this.ledger.failAll((entry) => (overrun ? new OutcomeUnknownError(describe(entry)) : (error as Error)));
    }
    return entries.map((entry) => entry.result!);
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
