/** Flights: what one datagram carries to the kernel. Requests are encoded straight into it when they are asked. */
import { InputError } from './errors.ts';
import type { Failure } from './extack.ts';
import { NLM_F_ACK, NLM_F_ECHO, NLM_F_REQUEST, NLMSG_HDRLEN, writeHeader } from './message.ts';
import type { Expectation, Request } from './operation.ts';
import { Writer } from './writer.ts';

/** How a request ended, before it is made into a value or an error for the caller. */
export type Result =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly error: Error };

/** Who learns how a request ended. */
export interface Waiter {
  /** Called once. Must not throw. */
  settled(result: Result): void;
}

/** One request that is to be sent, or was. */
export class Entry {
  readonly request: Request;
  readonly waiter: Waiter;
  /** Milliseconds it may take, and when they are over. */
  readonly timeout: number;
  readonly deadline: number;
  result: Result | undefined = undefined;
  replies: unknown[] | undefined = undefined;
  flight: Flight | undefined = undefined;
  /** Bytes of its message in the datagram, padding included. */
  size = 0;

  constructor(request: Request, waiter: Waiter, timeout: number, deadline: number) {
    this.request = request;
    this.waiter = waiter;
    this.timeout = timeout;
    this.deadline = deadline;
  }
}

/**
 * What the answers to a request may occupy in the receive buffer, as the kernel counts it (skb truesize). Any request may be refused: 832
 * bytes were measured for an ack and a short refusal; the kernel's next size is 1,280. A link is the largest reply, and its size unknown.
 */
const refusalCost = 1280;
const replyCost = 8192;
const costs: Readonly<Record<Expectation, number>> = {
  ack: refusalCost,
  none: refusalCost,
  reply: replyCost,
  echo: replyCost,
  dump: replyCost,
};

/** Bytes in a datagram: what a socket sends without a larger send buffer (net.core.wmem_default, doubled, less the kernel's overhead). */
const maxDatagram = 200_000;

/** Bytes of a message of a transaction, to make room: more than most rules of nf_tables have. */
const atomicMessage = 512;

/** One datagram. */
export class Flight {
  /** Its requests, in their order; none once all have their results. */
  entries: Entry[] = [];
  /** All or nothing: a refusal of the first entry (the opening bracket) is the end of all. */
  readonly atomic: boolean;
  readonly writer: Writer;
  /** What its answers may occupy in the receive buffer. */
  cost = 0;
  /** nlmsg_seq of the first entry; those of the others follow. */
  first = 0;
  /** Index of the entry whose answer is the last one. */
  last = -1;
  /** Entries without a result. */
  unfinished = 0;
  /** Entries before this index have their result. */
  settled = 0;
  /** The last answer has come: the kernel is done with it. */
  answered = false;
  /** Answers to it may have been lost: that an entry was not refused means nothing any more. */
  lossy = false;
  /** The kernel takes no lock for any of its requests. */
  lockless = true;
  /** Its writer belongs to others. */
  recycled = false;

  constructor(atomic: boolean, writer: Writer) {
    this.atomic = atomic;
    this.writer = writer;
  }

  /**
   * Gives its messages their numbers, `first` and those that follow. Entries that were given up meanwhile are left out. Only the last request that is not
   * answered anyway asks for an ack: the kernel works in order and a refusal is always answered, so whatever was not refused by the time a
   * later request is answered has succeeded.
   */
  seal(first: number): void {
    if (this.unfinished < this.entries.length) this.compact();
    const { entries, writer } = this;
    this.first = first;
    let last = entries.length - 1;
    while (last > 0 && entries[last]!.request.expects === 'none') last--;
    this.last = last;
    let at = 0;
    for (let i = 0; i < entries.length; i++) {
      writer.setU32(at + 8, first + i);
      if (i === last && entries[i]!.request.expects !== 'reply') writer.bytes[at + 6]! |= NLM_F_ACK;
      at += entries[i]!.size;
    }
  }

  private compact(): void {
    const { bytes } = this.writer;
    let from = 0;
    let to = 0;
    let kept = 0;
    for (const entry of this.entries) {
      if (entry.result === undefined) {
        bytes.copyWithin(to, from, from + entry.size);
        to += entry.size;
        this.entries[kept++] = entry;
      }
      from += entry.size;
    }
    this.entries.length = kept;
    this.writer.position = to;
  }
}

const expectationFlags: Readonly<Record<Expectation, number>> = { ack: 0, reply: 0, echo: NLM_F_ECHO, dump: 0, none: 0 };

/** Writes the message of a request, to be numbered later. @returns its size, padding included @throws InputError in the caller's words */
export function writeRequest(writer: Writer, request: Request, moreFlags = 0): number {
  const at = writer.reserve(NLMSG_HDRLEN);
  const { operation } = request;
  try {
    operation.body.encode(writer, request.value);
  } catch (error) {
    // input errors name an argument as the caller knows it, not the attribute it became
    throw error instanceof InputError && request.rename !== undefined ? error.renamed(request.rename) : error;
  }
  const flags = NLM_F_REQUEST | request.flags | expectationFlags[request.expects] | moreFlags;
  writeHeader(writer.bytes, at, writer.position - at, operation.type, flags, 0);
  writer.align();
  return writer.position - at;
}

/** Where a {@link FlightQueue} was, to go back to. */
interface Mark {
  readonly flights: number;
  readonly last: Flight | undefined;
  readonly entries: number;
  readonly position: number;
  readonly cost: number;
}

/** Writers that no flight uses: growing one again for every burst would cost more than the burst. */
const spare: Writer[] = [];
const maxSpare = 8;

/** Requests that wait to be sent, in their order, gathered in as few datagrams as they fit in. */
export class FlightQueue {
  private readonly flights: Flight[] = [];
  /** What the receive buffer holds: no flight may be answered with more. */
  private readonly receiveBuffer: () => number;

  constructor(receiveBuffer: () => number) {
    this.receiveBuffer = receiveBuffer;
  }

  /** Flights that wait. All but the last are full. */
  get length(): number {
    return this.flights.length;
  }

  get first(): Flight | undefined {
    return this.flights[0];
  }

  /** Takes the first flight out. */
  shift(): Flight | undefined {
    return this.flights.shift();
  }

  *[Symbol.iterator](): IterableIterator<Flight> {
    yield* this.flights;
  }

  /** Puts requests in line. `atomic`: in a datagram of their own. @throws InputError: nothing of them is in line then */
  add(entries: readonly Entry[], atomic: boolean): void {
    const mark = this.mark();
    try {
      if (atomic) {
        const flight = this.open(true);
        flight.writer.expect(entries.length * atomicMessage);
        for (const entry of entries) {
          entry.size = writeRequest(flight.writer, entry.request);
          this.place(flight, entry, costs[entry.request.expects]);
        }
      } else for (const entry of entries) this.addOne(entry);
    } catch (error) {
      this.rollBack(mark);
      throw error;
    }
  }

  /** Puts one request in line. @throws InputError: it is not in line then */
  addOne(entry: Entry): void {
    const last = this.flights[this.flights.length - 1];
    const cost = costs[entry.request.expects];
    const joins = last !== undefined && !last.atomic && last.cost + cost <= this.receiveBuffer();
    const flight = joins ? last : this.open(false);
    const start = flight.writer.position;
    try {
      entry.size = writeRequest(flight.writer, entry.request);
    } catch (error) {
      flight.writer.position = start;
      if (!joins) recycle(this.flights.pop()!);
      throw error;
    }
    // its size is known now: one message too many goes to the next datagram
    if (flight.writer.position > maxDatagram && flight.entries.length > 0) {
      const next = this.open(false);
      next.writer.append(flight.writer.bytes.subarray(start, flight.writer.position));
      flight.writer.position = start;
      this.place(next, entry, cost);
    } else this.place(flight, entry, cost);
  }

  private place(flight: Flight, entry: Entry, cost: number): void {
    entry.flight = flight;
    flight.entries.push(entry);
    flight.unfinished++;
    flight.cost += cost;
    if (entry.request.operation.lockless !== true) flight.lockless = false;
  }

  private open(atomic: boolean): Flight {
    const writer = spare.pop() ?? new Writer(1024);
    writer.reset();
    const flight = new Flight(atomic, writer);
    this.flights.push(flight);
    return flight;
  }

  private mark(): Mark {
    const last = this.flights[this.flights.length - 1];
    return {
      flights: this.flights.length,
      last,
      entries: last?.entries.length ?? 0,
      position: last?.writer.position ?? 0,
      cost: last?.cost ?? 0,
    };
  }

  private rollBack({ flights, last, entries, position, cost }: Mark): void {
    this.flights.length = flights;
    if (last === undefined) return;
    last.unfinished -= last.entries.length - entries;
    last.entries.length = entries;
    last.writer.position = position;
    last.cost = cost;
  }
}

/** Gives a flight's writer back, once the kernel has read it: when it was sent, or answered before its sender learned so. Idempotent. */
export function recycle(flight: Flight): void {
  if (flight.recycled) return;
  flight.recycled = true;
  if (spare.length < maxSpare && flight.writer.bytes.length <= 2 * maxDatagram) spare.push(flight.writer);
}
