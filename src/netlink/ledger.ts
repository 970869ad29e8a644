/**
 * Who waits for what on one socket: matches every message received to the request it answers, by sequence number.
 * Both drivers use it; it does no I/O.
 */
import { ClosedError, InputError, MalformedMessageError, OutcomeUnknownError } from './errors.ts';
import { type Failure, readDone, readError } from './extack.ts';
import {
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_ECHO,
  NLM_F_MULTI,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
  readU16,
  readU32,
  writeHeader,
} from './message.ts';
import type { Request } from './operation.ts';
import type { Writer } from './writer.ts';

/** How a request ended, before it is made into a value or an error for the caller. */
export type Result =
  | { readonly kind: 'value'; readonly value: unknown; readonly interrupted: boolean }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly error: Error };

const done: Result = { kind: 'value', value: undefined, interrupted: false };

/** One request that is to be sent, or was. */
export class Entry {
  readonly request: Request;
  /** The encoded body; undefined: it is encoded when it is launched. */
  readonly body: Buffer | undefined;
  /** nlmsg_seq. */
  sequence = 0;
  /** NLM_F_ACK was set, so that an answer comes in any case. */
  answered = false;
  replies: unknown[] | undefined;
  interrupted = false;
  result: Result | undefined;
  flight: Flight | undefined;

  constructor(request: Request, body: Buffer | undefined) {
    this.request = request;
    this.body = body;
  }

  /** Bytes it takes in a datagram, once it is encoded. */
  get size(): number {
    return NLMSG_HDRLEN + (((this.body?.length ?? 0) + 3) & ~3);
  }
}

/** An entry that is encoded now, to be launched later. @throws InputError in the caller's words */
export function encodedEntry(request: Request): Entry {
  try {
    return new Entry(request, request.operation.body.bytes(request.value));
  } catch (error) {
    throw inCallersWords(request, error);
  }
}

/** Input errors name an argument as the caller knows it, not the attribute it became. */
function inCallersWords(request: Request, error: unknown): unknown {
  return error instanceof InputError && request.rename !== undefined ? error.renamed(request.rename) : error;
}

/** What one datagram carried. */
export interface Flight {
  readonly entries: readonly Entry[];
  /** All or nothing: a refusal of the first entry (the opening bracket) is the end of all. */
  readonly atomic: boolean;
  /** Entries before this index have their result. */
  settled: number;
}

const expectationFlags = { ack: 0, reply: 0, echo: NLM_F_ECHO, dump: NLM_F_DUMP, none: 0 } as const;

export class Ledger {
  private readonly pending = new Map<number, Entry>();
  private sequence: number;
  /** Called with each entry that has got its result. */
  private readonly onResult: (entry: Entry) => void;

  constructor(onResult: (entry: Entry) => void) {
    this.onResult = onResult;
    // any start will do; a random one tells answers to an earlier socket with the same port id apart
    this.sequence = Math.floor(Math.random() * 0x7fffffff) + 1;
  }

  get size(): number {
    return this.pending.size;
  }

  /** Whether a dump is going on: its parts are produced by receiving. */
  get dumping(): boolean {
    for (const entry of this.pending.values()) if (entry.request.expects === 'dump') return true;
    return false;
  }

  /**
   * Numbers the entries, writes them as one datagram and waits for their answers. What an encoder throws leaves some of them waiting.
   * Only the last request that needs one asks for an ack: the kernel works in order and a refusal is always answered,
   * so whatever was not refused by the time a later request is answered has succeeded.
   */
  launch(entries: readonly Entry[], atomic: boolean, writer: Writer): void {
    const flight: Flight = { entries, atomic, settled: 0 };
    let lastAnswered = entries.length - 1;
    while (lastAnswered > 0 && entries[lastAnswered]!.request.expects === 'none') lastAnswered--;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      const { request, body } = entry;
      const { expects } = request;
      const wantsAck = i === lastAnswered && (expects === 'ack' || expects === 'echo');
      entry.answered = wantsAck || expects === 'reply' || expects === 'dump';
      entry.flight = flight;
      entry.sequence = this.nextSequence();
      const at = writer.reserve(NLMSG_HDRLEN);
      if (body !== undefined) writer.append(body);
      else {
        try {
          request.operation.body.encode(writer, request.value);
        } catch (error) {
          throw inCallersWords(request, error);
        }
      }
      const flags = NLM_F_REQUEST | request.flags | expectationFlags[expects] | (wantsAck ? NLM_F_ACK : 0);
      writeHeader(writer.bytes, at, writer.position - at, request.operation.type, flags, entry.sequence);
      writer.align();
      this.pending.set(entry.sequence, entry);
    }
  }

  private nextSequence(): number {
    const sequence = this.sequence;
    this.sequence = sequence === 0xffffffff ? 1 : sequence + 1;
    return sequence;
  }

  /** Takes in one datagram. Messages that answer nothing here (late answers to abandoned requests) are dropped. @throws MalformedMessageError */
  accept(bytes: Buffer, length: number): void {
    let at = 0;
    while (length - at >= NLMSG_HDRLEN) {
      const size = readU32(bytes, at);
      if (size < NLMSG_HDRLEN || at + size > length)
        throw new MalformedMessageError('nlmsghdr', at, `a length from 16 to ${length - at}, found ${size}`);
      this.acceptMessage(bytes, at, size);
      at += (size + 3) & ~3;
    }
  }

  private acceptMessage(bytes: Buffer, at: number, size: number): void {
    const type = readU16(bytes, at + 4);
    const flags = readU16(bytes, at + 6);
    const entry = this.pending.get(readU32(bytes, at + 8));
    if (type === NLMSG_OVERRUN) this.failAll((pending) => new OutcomeUnknownError(describe(pending)));
    if (entry === undefined || type === NLMSG_NOOP) return;
    if ((flags & NLM_F_DUMP_INTR) !== 0) entry.interrupted = true;
    if (type === NLMSG_ERROR) {
      const failure = readError(bytes, at, size, flags);
      this.settle(entry, failure === undefined ? this.success(entry) : { kind: 'refused', failure });
    } else if (type === NLMSG_DONE) {
      const failure = readDone(bytes, at, size, flags);
      this.settle(entry, failure === undefined ? this.success(entry) : { kind: 'refused', failure });
    } else {
      let value: unknown;
      try {
        value = entry.request.operation.reply.decode(bytes, at + NLMSG_HDRLEN, size - NLMSG_HDRLEN);
      } catch (error) {
        // one answer of a shape nobody expected must not cost the other requests theirs
        if (!(error instanceof MalformedMessageError)) throw error;
        this.finish(entry, { kind: 'failed', error });
        return;
      }
      if (entry.request.expects === 'reply' && (flags & NLM_F_MULTI) === 0)
        this.settle(entry, { kind: 'value', value, interrupted: false });
      else if (entry.replies === undefined) entry.replies = [value];
      else entry.replies.push(value);
    }
  }

  private success(entry: Entry): Result {
    if (entry.request.expects === 'ack' || entry.request.expects === 'none') return done;
    if (entry.request.expects === 'reply') return { kind: 'value', value: entry.replies?.[0], interrupted: false };
    return { kind: 'value', value: entry.replies ?? [], interrupted: entry.interrupted };
  }

  /** Gives `entry` its result, and success to those before it in its datagram that the kernel had nothing to say about. */
  private settle(entry: Entry, result: Result): void {
    const flight = entry.flight;
    if (flight?.atomic && result.kind === 'refused' && entry === flight.entries[0]) {
      for (const other of flight.entries) this.finish(other, result);
      return;
    }
    this.finish(entry, result);
    if (flight === undefined || flight.entries.length === 1 || entry.request.expects === 'dump') return;
    let index = flight.settled;
    for (; index < flight.entries.length; index++) {
      const earlier = flight.entries[index]!;
      if (earlier === entry) break;
      if (earlier.result === undefined && !earlier.answered) this.finish(earlier, this.success(earlier));
    }
    while (flight.settled < flight.entries.length && flight.entries[flight.settled]!.result !== undefined) flight.settled++;
    // the closing bracket of a transaction is answered by nothing: it ends with the last request before it
    if (flight.atomic && entry.answered) for (const other of flight.entries) if (other.request.expects === 'none') this.finish(other, done);
  }

  private finish(entry: Entry, result: Result): void {
    if (entry.result !== undefined) return;
    entry.result = result;
    this.pending.delete(entry.sequence);
    this.onResult(entry);
  }

  /** Stops waiting for an entry; an answer that still comes is dropped. */
  abandon(entry: Entry, error: Error): void {
    this.finish(entry, { kind: 'failed', error });
  }

  /** Fails everything that is pending. */
  failAll(error: (entry: Entry) => Error): void {
    for (const entry of [...this.pending.values()]) this.finish(entry, { kind: 'failed', error: error(entry) });
  }

  close(): void {
    this.failAll((entry) => new ClosedError(`${describe(entry)}: the client`));
  }
}

/** A request as errors name it. */
export function describe(entry: { readonly request: Request }): string {
  const { operation, subject } = entry.request;
  return subject === '' ? operation.name : `${operation.name} ${subject}`;
}
