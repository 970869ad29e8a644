/** What a recording holds: plain data, to be kept as JSON beside the tests. */
import { InputError } from '../netlink/errors.ts';
import { readU16, readU32 } from '../netlink/message.ts';

/** A namespace that was opened, or could not be. */
export interface RecordedNamespace {
  /** What it was named by: a name or path; `process` for a process id, `handle` for a handle without a name. */
  reference: string;
  /** Device and inode at the time. */
  id: string;
  /** The descriptor at the time: messages refer to it. */
  fd: number;
  /** Why it could not be opened. */
  failure?: RecordedFailure;
}

/** What there is not, or another errno: by the constant. */
export type RecordedFailure = { errno: string } | { missing: string };

/** Where something went: a protocol in a namespace, by its id; without one, in that of the process. */
export interface RecordedPlace {
  /** NETLINK_ROUTE, NETLINK_NETFILTER, … */
  protocol: number;
  /** Where it was; absent: in the namespace of the process. */
  namespace?: string;
}

/** A request and what came back for it; messages in hexadecimal, header included, with sequence number 0. */
export interface RecordedExchange extends RecordedPlace {
  /** The message, in hexadecimal. */
  request: string;
  /** The messages that answered, in hexadecimal. */
  answers: string[];
}

/** What a monitor heard: a message, or the errno that a receive failed with. */
export interface RecordedEvent extends RecordedPlace {
  /** The message in hexadecimal, or what the receive failed with. */
  event: string | { errno: number };
  /** Id of the namespace that it is from; absent: the monitor's own. */
  nsid?: number;
}

/** A sysctl that was read or written. */
export interface RecordedSysctl {
  /** Its name. */
  sysctl: string;
  /** Where it was; absent: in the namespace of the process. */
  namespace?: string;
  /** What was written; absent: it was read. */
  value?: string;
  /** What was read. */
  result?: string;
  /** Why it was neither read nor written. */
  failure?: RecordedFailure;
}

/** What a recording has, in the order in which it happened. */
export type RecordedStep = RecordedExchange | RecordedEvent | RecordedSysctl;

/** What went to the kernel and came back, made by {@link record}. Keys are in it as they were sent. */
export interface Recording {
  /** What reads it looks at this first. */
  format: 'netloom recording 1';
  /** Release of the kernel. */
  kernel: string;
  /** The namespaces that were opened, in order. */
  namespaces: RecordedNamespace[];
  /** What was asked and what came, in order. */
  steps: RecordedStep[];
}

/** @throws InputError unless it is a recording of this format */
export function checkRecording(value: unknown): asserts value is Recording {
  const { format, namespaces, steps } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Recording>;
  if (format !== 'netloom recording 1' || !Array.isArray(namespaces) || !Array.isArray(steps))
    throw new InputError('recording', 'expected what `record()` has recorded, of format "netloom recording 1"');
}

const NLMSG_ERROR = 2;
const sequenceOffset = 8;
/** Where NLMSG_ERROR repeats the sequence number of the request. */
const echoedSequenceOffset = 28;

/** A message with its sequence number, in both places where an answer has it. */
export function withSequence(message: Buffer, sequence: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt32LE(sequence, sequenceOffset);
  if (readU16(copy, 4) === NLMSG_ERROR && copy.length >= echoedSequenceOffset + 4) copy.writeUInt32LE(sequence, echoedSequenceOffset);
  return copy;
}

/** The messages of a datagram, one after another, as far as their lengths make sense. */
export function* splitMessages(datagram: Buffer): Generator<Buffer, void, void> {
  for (let at = 0; datagram.length - at >= 16; ) {
    const size = readU32(datagram, at);
    if (size < 16 || size > datagram.length - at) return;
    yield datagram.subarray(at, at + size);
    at += (size + 3) & ~3;
  }
}

/** What a reference to a namespace is called in a recording. */
export function referenceName(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  if (typeof reference === 'number') return 'process';
  const name = (reference as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : 'handle';
}
