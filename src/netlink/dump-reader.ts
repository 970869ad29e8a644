/** Reads the answer to one dump request, datagram by datagram. Both drivers use it; it does no I/O. */
import { InputError, MalformedMessageError, OutcomeUnknownError } from './errors.ts';
import { type Failure, readDone, readError } from './extack.ts';
import {
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
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
import type { DumpPart } from './program.ts';
import type { Writer } from './writer.ts';

export class DumpReader {
  readonly request: Request;
  private readonly sequence: number;
  /** NLM_F_DUMP_INTR has been seen. */
  interrupted = false;
  /** NLMSG_DONE, or a refusal, has been read. */
  finished = false;
  /** What the kernel refused the dump with, or broke it off with. */
  failure: Failure | undefined;

  /** Encodes the request into `writer`. @throws InputError in the caller's words */
  constructor(request: Request, sequence: number, writer: Writer) {
    this.request = request;
    this.sequence = sequence;
    writer.reset();
    const at = writer.reserve(NLMSG_HDRLEN);
    try {
      request.operation.body.encode(writer, request.value);
    } catch (error) {
      throw error instanceof InputError && request.rename !== undefined ? error.renamed(request.rename) : error;
    }
    writeHeader(writer.bytes, at, writer.position, request.operation.type, NLM_F_REQUEST | NLM_F_DUMP | request.flags, sequence);
    writer.align();
  }

  /** Takes in one datagram. Messages that answer something else are dropped. @throws MalformedMessageError, OutcomeUnknownError */
  accept(bytes: Buffer, length: number): DumpPart {
    const values: unknown[] = [];
    const { reply } = this.request.operation;
    for (let at = 0; length - at >= NLMSG_HDRLEN && !this.finished; ) {
      const size = readU32(bytes, at);
      checkSize(at, size, length);
      const type = readU16(bytes, at + 4);
      if (type === NLMSG_OVERRUN) throw new OutcomeUnknownError(describe(this.request));
      if (readU32(bytes, at + 8) === this.sequence && type !== NLMSG_NOOP) {
        const flags = readU16(bytes, at + 6);
        if ((flags & NLM_F_DUMP_INTR) !== 0) this.interrupted = true;
        if (type === NLMSG_DONE) this.end(readDone(bytes, at, size, flags));
        else if (type === NLMSG_ERROR) this.end(readError(bytes, at, size, flags));
        else values.push(reply.decode(bytes, at + NLMSG_HDRLEN, size - NLMSG_HDRLEN));
      }
      at += (size + 3) & ~3;
    }
    return { values, interrupted: this.interrupted };
  }

  private end(failure: Failure | undefined): void {
    this.finished = true;
    this.failure = failure;
  }
}

/**
 * Whether a datagram is the last of a dump. Looks at its last message alone, where that is NLMSG_DONE or NLMSG_ERROR: cheap enough to do before
 * the messages are decoded, so that the next datagram can be fetched meanwhile.
 */
export function endsDump(bytes: Buffer, length: number): boolean {
  let type = NLMSG_NOOP;
  for (let at = 0; length - at >= NLMSG_HDRLEN; ) {
    const size = readU32(bytes, at);
    checkSize(at, size, length);
    type = readU16(bytes, at + 4);
    at += (size + 3) & ~3;
  }
  return type === NLMSG_DONE || type === NLMSG_ERROR;
}

function checkSize(at: number, size: number, length: number): void {
  if (size < NLMSG_HDRLEN || at + size > length)
    throw new MalformedMessageError('nlmsghdr', at, `a length from 16 to ${length - at}, found ${size}`);
}

/** A request as errors name it. */
export function describe({ operation, subject }: Request): string {
  return subject === '' ? operation.name : `${operation.name} ${subject}`;
}
