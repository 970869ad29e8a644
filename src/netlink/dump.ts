/**
 * Listings: programs over what the kernel dumps. An object says once how it is dumped, filtered and read (a {@link Listed}), and gets
 * both `list`, which gathers, and `stream`, whose memory does not grow with what there is.
 */
import { describe } from './dump-reader.ts';
import { DumpInterruptedError, InputError } from './errors.ts';
import { memberNames } from './input.ts';
import type { Request } from './operation.ts';
import { dumpAttempts } from './outcome.ts';
import type {
  CallOptions,
  Dump,
  DumpPart,
  DumpPartStep,
  DumpStep,
  EmitStep,
  EndDumpStep,
  Program,
  Streaming,
  StreamProgram,
} from './program.ts';
import { isStream } from './program.ts';
import { show } from './scalar.ts';

/** What every listing takes. */
export interface ListOptions extends CallOptions {
  /**
   * What to do about a dump that the kernel says is inconsistent, because something changed while it was made (NLM_F_DUMP_INTR): objects may
   * be missing or occur twice.
   * - `refuse` (default): a list is made again, up to ten times, and then fails with DumpInterruptedError; a stream, whose objects cannot be
   *   taken back, fails with it at its end.
   * - `accept`: it is taken as it is, and marked: `interrupted` of the list or stream is true.
   */
  interrupted?: 'refuse' | 'accept';
}

/** The names of {@link ListOptions}, for `checkOptions`. */
export const listMembers: ReadonlySet<string> = memberNames<Omit<ListOptions, keyof CallOptions>>({ interrupted: true });

/** A list of what there is. */
export interface Listing<T> extends Array<T> {
  /** True: something changed while it was made, and that was accepted. Not enumerable. */
  readonly interrupted?: boolean;
}

/** How objects are listed. `W`: a message; `T`: the object made of it. */
export interface Listed<W, T> {
  /** The filter of the caller as far as the kernel applies it. */
  readonly request: Request<W, 'dump'>;
  /** Whether a message is wanted: all of the filter that a message can be held against, since a kernel may ignore its part. */
  readonly keep?: (wire: W) => boolean;
  /** The objects of some messages, in their order; what is not wanted after all is left out. May ask for more, such as the names of links. */
  readonly convert: (wires: readonly W[]) => Program<readonly T[]>;
  /** The error to throw in place of one of the dump; undefined: it means that there is nothing to list. */
  readonly refused?: (error: unknown) => unknown;
  /** As of {@link ListOptions}. */
  readonly interrupted?: ListOptions['interrupted'] | undefined;
}

/** @throws InputError unless `interrupted` is one of its words, or absent */
function checkInterrupted(interrupted: unknown): void {
  if (interrupted !== undefined && interrupted !== 'refuse' && interrupted !== 'accept')
    throw new InputError('interrupted', `expected "refuse" or "accept", got ${show(interrupted)}`);
}

/**
 * The program `list` of objects: `list: listing(listed)`. It reads part by part, so that a large listing does not hold the event loop.
 *
 * @param listed checks the arguments of the call and says how to list
 */
export function listing<A extends unknown[], W, T>(listed: (...args: A) => Program<Listed<W, T>>): (...args: A) => Program<Listing<T>> {
  return function* list(...args) {
    const { convert, ...how } = yield* listed(...args);
    return yield* gathered(how, convert);
  };
}

/** The messages of a dump, all of them: for listings that need them together. */
export function* messages<W>(how: Omit<Listed<W, unknown>, 'convert'>): Program<Listing<W>> {
  // biome-ignore lint/correctness/useYield: taking them as they are asks for nothing
  return yield* gathered(how, function* (wires) {
    return wires;
  });
}

const partsAtOnce = 4096;

function* gathered<W, T>(
  how: Omit<Listed<W, unknown>, 'convert'>,
  convert: (wires: readonly W[]) => Program<readonly T[]>,
): Program<Listing<T>> {
  checkInterrupted(how.interrupted);
  for (let attempt = 1; ; attempt++) {
    let items: T[] = [];
    let parts: (readonly T[])[] = [];
    const interrupted = yield* each(how, function* (wires, doomed) {
      if (doomed && how.interrupted !== 'accept') return;
      // put together by the many: a list that grows by each object is copied again and again, to memory that is new to the process
      if (parts.push(yield* convert(wires)) < partsAtOnce) return;
      items = items.concat(...parts);
      parts = [];
    });
    items = items.concat(...parts);
    if (!interrupted) return items;
    if (how.interrupted === 'accept') return Object.defineProperty(items, 'interrupted', { value: true });
    if (attempt === dumpAttempts) throw new DumpInterruptedError(describe(how.request), dumpAttempts);
  }
}

/**
 * The program `stream` of objects: `stream: streaming(listed)`, with the same `listed` as {@link listing}. The kernel is asked for more only
 * when what there is has been taken.
 */
export function streaming<A extends unknown[], W, T>(listed: (...args: A) => Program<Listed<W, T>>): Streaming<A, T> {
  const program = function* (...args: A): StreamProgram<T> {
    const { convert, ...how } = yield* listed(...args);
    checkInterrupted(how.interrupted);
    const interrupted = yield* each(how, function* (wires): Generator<EmitStep<T> | StepOf, void, unknown> {
      const items = yield* convert(wires);
      if (items.length > 0) yield { op: 'emit', items };
    });
    if (!interrupted) return;
    yield { op: 'emit', items: [], interrupted: true };
    if (how.interrupted !== 'accept') throw new DumpInterruptedError(describe(how.request), 1);
  };
  return Object.assign(program, { [isStream]: true } as const);
}

type StepOf = Program<unknown> extends Generator<infer S, unknown, unknown> ? S : never;

/** Reads a dump part by part. @returns whether it was interrupted */
function* each<W, Y>(
  { request, keep, refused }: Omit<Listed<W, unknown>, 'convert'>,
  take: (wires: readonly W[], interrupted: boolean) => Generator<Y, void, unknown>,
): Generator<Y | StepOf, boolean, unknown> {
  const begin: DumpStep = { op: 'dump', request };
  const dump = (yield begin) as Dump;
  const next: DumpPartStep = { op: 'dump-part', dump };
  let interrupted = false;
  try {
    for (;;) {
      let part: DumpPart | undefined;
      try {
        part = (yield next) as DumpPart | undefined;
      } catch (error) {
        const reason = refused === undefined ? error : refused(error);
        if (reason === undefined) return false;
        throw reason;
      }
      if (part === undefined) return interrupted;
      interrupted = part.interrupted;
      const wires = part.values as readonly W[];
      yield* take(keep === undefined ? wires : wires.filter(keep), interrupted);
    }
  } finally {
    const end: EndDumpStep = { op: 'end-dump', dump };
    yield end;
  }
}
