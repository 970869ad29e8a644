/**
 * Who waits for what on one socket: matches every message received to the request it answers, by sequence number.
 * Both drivers use it; it does no I/O.
 */
import { describe } from './dump-reader.ts';
import { MalformedMessageError, OutcomeUnknownError } from './errors.ts';
import { readDone, readError } from './extack.ts';
import type { Entry, Flight, Result } from './flight.ts';
import { NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLMSG_NOOP, NLMSG_OVERRUN, readU16, readU32 } from './message.ts';

const done: Result = { kind: 'value', value: undefined };

export class Ledger {
  /** Those with an entry that has no result. */
  private flights: Flight[] = [];
  // any start will do; a random one tells answers to an earlier socket with the same port id apart
  private sequence = Math.floor(Math.random() * 0x7fffffff) + 1;

  /** Whether an answer is waited for. */
  get waiting(): boolean {
    return this.flights.length > 0;
  }

  /** What the answers that are waited for may occupy in the receive buffer. */
  get cost(): number {
    let cost = 0;
    for (const flight of this.flights) cost += flight.cost;
    return cost;
  }

  *[Symbol.iterator](): IterableIterator<Flight> {
    yield* this.flights;
  }

  /** Numbers a flight's messages and waits for their answers. */
  launch(flight: Flight): void {
    flight.seal(this.number(flight.unfinished));
    this.flights.push(flight);
  }

  /** `count` numbers for messages, one after another. @returns the first */
  number(count: number): number {
    // 0 is the number of what the kernel says unasked
    if (this.sequence + count > 0xffffffff) this.sequence = 1;
    const first = this.sequence;
    this.sequence += count;
    return first;
  }

  /** Takes in one datagram. Messages that answer nothing here (late answers to abandoned requests) are dropped. @throws MalformedMessageError */
  accept(bytes: Buffer, length: number): void {
    for (let at = 0; length - at >= NLMSG_HDRLEN; ) {
      const size = readU32(bytes, at);
      if (size < NLMSG_HDRLEN || at + size > length)
        throw new MalformedMessageError('nlmsghdr', at, `a length from 16 to ${length - at}, found ${size}`);
      this.acceptMessage(bytes, at, size);
      at += (size + 3) & ~3;
    }
  }

  private acceptMessage(bytes: Buffer, at: number, size: number): void {
    const type = readU16(bytes, at + 4);
    if (type === NLMSG_OVERRUN) this.lose((entry) => new OutcomeUnknownError(describe(entry.request)));
    if (type === NLMSG_NOOP) return;
    const sequence = readU32(bytes, at + 8);
    let flight: Flight | undefined;
    for (const candidate of this.flights)
      if (sequence >= candidate.first && sequence < candidate.first + candidate.entries.length) flight = candidate;
    if (flight === undefined) return;
    const index = sequence - flight.first;
    const entry = flight.entries[index]!;
    const flags = readU16(bytes, at + 6);
    if (type === NLMSG_ERROR) {
      const failure = readError(bytes, at, size, flags);
      this.settle(flight, index, failure === undefined ? success(entry) : { kind: 'refused', failure });
    } else if (type === NLMSG_DONE) {
      const failure = readDone(bytes, at, size, flags);
      this.settle(flight, index, failure === undefined ? success(entry) : { kind: 'refused', failure });
    } else if (entry.result === undefined) {
      let value: unknown;
      try {
        value = entry.request.operation.reply.decode(bytes, at + NLMSG_HDRLEN, size - NLMSG_HDRLEN);
      } catch (error) {
        // one answer of a shape nobody expected must not cost the other requests theirs
        if (!(error instanceof MalformedMessageError)) throw error;
        this.finish(entry, { kind: 'failed', error });
        return;
      }
      if (entry.request.expects === 'reply' && (flags & NLM_F_MULTI) === 0) this.settle(flight, index, { kind: 'value', value });
      else if (entry.replies === undefined) entry.replies = [value];
      else entry.replies.push(value);
    } else if (entry.request.expects === 'reply' && (flags & NLM_F_MULTI) === 0) this.settle(flight, index, entry.result);
  }

  /**
   * Gives an entry its result, and success to those before it in its datagram that the kernel had nothing to say about. One that was given up
   * has its result, but its answer still speaks for the others.
   */
  private settle(flight: Flight, index: number, result: Result): void {
    const { entries } = flight;
    const entry = entries[index]!;
    if (index === flight.last) flight.answered = true;
    if (flight.atomic && index === 0 && result.kind === 'refused') {
      flight.answered = true;
      for (const other of entries) this.finish(other, result);
      return;
    }
    this.finish(entry, result);
    if (entries.length === 1 || flight.lossy) return;
    let at = flight.settled;
    for (; at < index; at++) {
      const earlier = entries[at]!;
      // one with an answer of its own is not settled by those of others
      if (earlier.result === undefined && earlier.request.expects !== 'reply') this.finish(earlier, success(earlier));
    }
    while (flight.settled < entries.length && entries[flight.settled]!.result !== undefined) flight.settled++;
    // the closing bracket of a transaction is answered by nothing: it ends with the last request before it
    if (flight.answered) for (at = flight.last + 1; at < entries.length; at++) this.finish(entries[at]!, done);
  }

  private finish(entry: Entry, result: Result): void {
    if (entry.result !== undefined) return;
    entry.result = result;
    const { flight } = entry;
    if (flight !== undefined && --flight.unfinished === 0) {
      const at = this.flights.indexOf(flight);
      if (at >= 0) this.flights.splice(at, 1);
      // whoever sent it learns from the event loop only that it was sent, and holds on to it until then
      if (flight.first !== 0) flight.entries = [];
    }
    entry.waiter.settled(result);
  }

  /** Stops waiting for an entry, sent or not; an answer that still comes is dropped. */
  abandon(entry: Entry, error: Error): void {
    this.finish(entry, { kind: 'failed', error });
  }

  /** Answers were lost: from now on only explicit ones count. */
  distrust(): void {
    for (const flight of this.flights) flight.lossy = true;
  }

  /** Fails everything that waits for an answer, or all of one flight. */
  lose(error: (entry: Entry) => Error, flights: readonly Flight[] = this.flights): void {
    for (const flight of [...flights]) {
      for (const entry of flight.entries) if (entry.result === undefined) this.finish(entry, { kind: 'failed', error: error(entry) });
    }
  }
}

function success(entry: Entry): Result {
  const { expects } = entry.request;
  if (expects === 'ack' || expects === 'none') return done;
  return { kind: 'value', value: expects === 'reply' ? entry.replies?.[0] : (entry.replies ?? []) };
}
