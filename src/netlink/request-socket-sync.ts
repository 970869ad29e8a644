/** One netlink socket, synchronously: send and receive in place. */
import { describe } from './dump-reader.ts';
import { ClosedError, MalformedMessageError, OutcomeUnknownError, type SystemError, TimeoutError } from './errors.ts';
import { readDone, readError } from './extack.ts';
import { Entry, type Flight, FlightQueue, type Result, recycle, type Waiter, writeRequest } from './flight.ts';
import { Ledger } from './ledger.ts';
import { isGone, loss, maxFailures } from './loss.ts';
import { NLM_F_ACK, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLMSG_NOOP, NLMSG_OVERRUN, readU16, readU32 } from './message.ts';
import type { Request } from './operation.ts';
import type { CallOptions, Patience } from './program.ts';
import { timeoutOf } from './request-socket.ts';
import type { Transport } from './transport/transport.ts';
import { Writer } from './writer.ts';

/** Sending is over when it returns, so all sockets of a thread share one buffer. */
const outgoing = new Writer();

/** Results are read off the entries. */
const nobody: Waiter = { settled: () => {} };

export class SyncRequestSocket {
  private readonly transport: Transport;
  private readonly ledger = new Ledger();
  private closed = false;
  private brokenBy: SystemError | undefined;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** As of RequestSocket. */
  get broken(): boolean {
    return this.brokenBy !== undefined;
  }

  /** Sends the requests, in as few datagrams as they fit in, and waits for their results. @throws InputError: nothing is sent then */
  submit(requests: readonly Request[], atomic: boolean, options: CallOptions, patience?: Patience): Result[] {
    const error = this.reasonNotTo(options, patience);
    if (error !== undefined) return requests.map((request) => ({ kind: 'failed', error: error(request) }));
    const timeout = timeoutOf(options.timeout, patience);
    const entries = requests.map((request) => new Entry(request, nobody, timeout, 0));
    const queue = new FlightQueue(() => this.transport.receiveBuffer);
    queue.add(entries, atomic);
    for (let flight = queue.shift(); flight !== undefined; flight = queue.shift()) {
      const { brokenBy } = this;
      if (brokenBy === undefined) this.carryOut(flight, timeout);
      else {
        // by now the number may be that of another file
        this.ledger.lose(() => brokenBy, [flight]);
        recycle(flight);
      }
    }
    return entries.map((entry) => entry.result!);
  }

  private reasonNotTo({ signal }: CallOptions, patience: Patience | undefined): ((request: Request) => Error) | undefined {
    if (this.closed) return (request) => new ClosedError(`${describe(request)}: the client`);
    return signal?.aborted === true && patience !== 'always' ? () => signal.reason as Error : undefined;
  }

  private carryOut(flight: Flight, timeout: number): void {
    this.ledger.launch(flight);
    try {
      const { bytes, position } = flight.writer;
      this.transport.reserveSend(position);
      if (flight.cost > this.transport.receiveBuffer) this.transport.reserveReceive?.(flight.cost);
      this.transport.send(bytes, position);
    } catch (error) {
      this.noticed(error);
      this.ledger.lose(() => error as Error);
      return;
    } finally {
      recycle(flight);
    }
    const deadline = performance.now() + timeout;
    while (this.ledger.waiting) {
      let received: boolean;
      try {
        const datagram = this.transport.receive();
        if (datagram !== undefined) this.ledger.accept(datagram.bytes, datagram.length);
        received = datagram !== undefined || this.wait(deadline);
      } catch (error) {
        // what is still in the queue is an answer in so many words, or was queued before the loss
        this.ledger.distrust();
        this.empty(error, (bytes, length) => this.ledger.accept(bytes, length));
        this.ledger.lose((entry) => loss(error)(entry.request));
        return;
      }
      if (!received) this.ledger.lose((entry) => new TimeoutError(describe(entry.request), timeout));
    }
  }

  private wait(deadline: number): boolean {
    const left = deadline - performance.now();
    return left > 0 && this.transport.wait(Math.ceil(left));
  }

  /** {@link submit} for one request: what tight loops of reads go through. */
  submitOne(request: Request, options: CallOptions, patience?: Patience): Result {
    const reason = this.reasonNotTo(options, patience);
    if (reason !== undefined) return { kind: 'failed', error: reason(request) };
    const { transport } = this;
    const sequence = this.ledger.number(1);
    outgoing.reset();
    writeRequest(outgoing, request, request.expects === 'reply' ? 0 : NLM_F_ACK);
    outgoing.setU32(8, sequence);
    try {
      transport.reserveSend(outgoing.position);
      transport.send(outgoing.bytes, outgoing.position);
    } catch (error) {
      this.noticed(error);
      return { kind: 'failed', error: error as Error };
    }
    return this.answer(request, sequence, timeoutOf(options.timeout, patience));
  }

  private answer(request: Request, sequence: number, timeout: number): Result {
    const found = new Answer(request, sequence);
    let deadline = 0;
    while (found.result === undefined) {
      try {
        const datagram = this.transport.receive();
        if (datagram !== undefined) {
          found.accept(datagram.bytes, datagram.length);
          continue;
        }
        if (deadline === 0) deadline = performance.now() + timeout;
        if (!this.wait(deadline)) return { kind: 'failed', error: new TimeoutError(describe(request), timeout) };
      } catch (error) {
        this.empty(error, (bytes, length) => found.accept(bytes, length));
        return found.result ?? { kind: 'failed', error: loss(error)(request) };
      }
    }
    return found.result;
  }

  /** Empties the receive queue after `error`: the kernel drops answers, without a further word, until it has been empty. */
  private empty(error: unknown, take: (bytes: Buffer, length: number) => void): void {
    this.noticed(error);
    for (let failures = 0; failures < maxFailures && !this.broken; ) {
      try {
        const datagram = this.transport.receive();
        if (datagram === undefined) return;
        take(datagram.bytes, datagram.length);
        failures = 0;
      } catch (again) {
        this.noticed(again);
        failures++;
      }
    }
  }

  private noticed(error: unknown): void {
    if (isGone(error)) this.brokenBy ??= error;
  }

  /** Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (!this.broken) this.transport.close();
  }
}

/** The answer to one request, as it comes in. */
class Answer {
  private readonly request: Request;
  private readonly sequence: number;
  private replies: unknown[] | undefined = undefined;
  result: Result | undefined = undefined;

  constructor(request: Request, sequence: number) {
    this.request = request;
    this.sequence = sequence;
  }

  /** Takes in one datagram. Messages that answer something else are dropped. @throws MalformedMessageError, OutcomeUnknownError */
  accept(bytes: Buffer, length: number): void {
    for (let at = 0; length - at >= NLMSG_HDRLEN; ) {
      const size = readU32(bytes, at);
      if (size < NLMSG_HDRLEN || at + size > length)
        throw new MalformedMessageError('nlmsghdr', at, `a length from 16 to ${length - at}, found ${size}`);
      const type = readU16(bytes, at + 4);
      if (type === NLMSG_OVERRUN) throw new OutcomeUnknownError(describe(this.request));
      if (readU32(bytes, at + 8) === this.sequence && type !== NLMSG_NOOP) this.take(type, bytes, at, size);
      at += (size + 3) & ~3;
    }
  }

  private take(type: number, bytes: Buffer, at: number, size: number): void {
    const { request } = this;
    const flags = readU16(bytes, at + 6);
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const failure = type === NLMSG_ERROR ? readError(bytes, at, size, flags) : readDone(bytes, at, size, flags);
      if (failure !== undefined) this.result ??= { kind: 'refused', failure };
      else if (request.expects === 'reply') this.result ??= { kind: 'value', value: this.replies?.[0] };
      else this.result ??= { kind: 'value', value: request.expects === 'echo' ? (this.replies ?? []) : undefined };
      return;
    }
    let value: unknown;
    try {
      value = request.operation.reply.decode(bytes, at + NLMSG_HDRLEN, size - NLMSG_HDRLEN);
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      this.result ??= { kind: 'failed', error };
      return;
    }
    if (request.expects === 'reply' && (flags & NLM_F_MULTI) === 0) this.result ??= { kind: 'value', value };
    else if (this.replies === undefined) this.replies = [value];
    else this.replies.push(value);
  }
}
