/**
 * What an operation does, as a generator: it yields steps and receives their results. It does no I/O, so it can be
 * tested with recorded answers, and the same program is run by the asynchronous and by the synchronous driver.
 */
import { extended } from './extended.ts';
import type { Answer, Expectation, Request } from './operation.ts';
import type { Ioctl } from './sys/ioctl.ts';
import type { NamespaceRef, OpenNamespace } from './sys/namespace.ts';

/**
 * How a step bears with a call that is given up:
 * - absent: at once, whatever becomes of a request that was sent.
 * - `outcome`: it is not sent if the call is given up before; once it is, its outcome is awaited (up to the timeout).
 *   For what must be undone when something after it fails.
 * - `always`: it is sent and awaited in any case, for 30 seconds at least. For undoing.
 */
export type Patience = 'outcome' | 'always';

/** One request. Result: its answer. Throws what the kernel refused. */
export interface RequestStep {
  readonly op: 'request';
  readonly scope?: OpenNamespace;
  readonly patience?: Patience;
  readonly request: Request;
}

/** Several requests that leave together, in order; each has its own outcome. Result: {@link Outcome}[]. */
export interface RequestsStep {
  readonly op: 'requests';
  readonly scope?: OpenNamespace;
  readonly patience?: Patience;
  readonly requests: readonly Request[];
}

/** Requests that are one transaction: one datagram, all or nothing. Result: the answers. Throws the first refusal. */
export interface TransactionStep {
  readonly op: 'transaction';
  readonly scope?: OpenNamespace;
  readonly patience?: Patience;
  readonly requests: readonly Request[];
}

/** Opens a namespace. Result: {@link OpenNamespace}, to be closed by a {@link CloseNamespaceStep}. */
export interface OpenNamespaceStep {
  readonly op: 'open-namespace';
  readonly reference: NamespaceRef;
  /** Name of the argument that holds the reference, for errors. */
  readonly argument: string;
}

export interface CloseNamespaceStep {
  readonly op: 'close-namespace';
  readonly namespace: OpenNamespace;
}

/** Reads or writes a file below /proc/sys/net. Result: its content without the line end (read), undefined (write). */
export interface SysctlStep {
  readonly op: 'sysctl';
  readonly scope?: OpenNamespace;
  readonly patience?: Patience;
  /** `net.ipv4.ip_forward` */
  readonly name: string;
  /** Absent: read. */
  readonly value?: string;
}

/** Starts a dump, on a socket of its own. Result: {@link Dump}, to be ended by an {@link EndDumpStep} whatever happens. */
export interface DumpStep {
  readonly op: 'dump';
  readonly scope?: OpenNamespace;
  readonly patience?: Patience;
  readonly request: Request;
}

/** Takes the next messages of a dump. Result: {@link DumpPart}, or undefined when that was all. Throws what the kernel refused. */
export interface DumpPartStep {
  readonly op: 'dump-part';
  readonly dump: Dump;
}

/** Ends a dump, finished or not. */
export interface EndDumpStep {
  readonly op: 'end-dump';
  readonly dump: Dump;
}

/** A dump under way. The driver's own affair. */
export interface Dump {
  readonly request: Request;
}

/** The messages of one datagram of a dump. */
export interface DumpPart {
  readonly values: readonly unknown[];
  /** NLM_F_DUMP_INTR, in this part or one before: something changed meanwhile, so that objects may be missing or occur twice. */
  readonly interrupted: boolean;
}

/** Runs code that returns at once where the program's requests go. Result: what it returns. */
export interface SectionStep {
  readonly op: 'section';
  readonly scope?: OpenNamespace;
  readonly patience?: Patience;
  readonly run: () => unknown;
}

/**
 * Runs code outside of all namespaces, and waits for what it promises, whatever becomes of the call meanwhile. Result: that. It is for what is not the kernel's. The synchronous driver takes
 * what is there at once, and throws InputError naming `argument` for a promise.
 */
export interface WaitStep {
  readonly op: 'wait';
  /** Whose code it is. */
  readonly argument: string;
  readonly run: () => unknown;
}

/** Lets time pass, where what is waited for is not announced. Result: nothing. */
export interface PauseStep {
  readonly op: 'pause';
  readonly patience?: Patience;
  readonly milliseconds: number;
}

/** An ioctl(2), which may wait for a lock of the kernel. Result: what it returns. Throws SystemError. */
export interface IoctlStep extends Ioctl {
  readonly op: 'ioctl';
}

/** What a program asks its driver for. Programs get theirs from `ask`, `askEach`, `readSysctl` and the like. */
export type Step =
  | RequestStep
  | RequestsStep
  | TransactionStep
  | OpenNamespaceStep
  | CloseNamespaceStep
  | SysctlStep
  | DumpStep
  | DumpPartStep
  | EndDumpStep
  | SectionStep
  | WaitStep
  | PauseStep
  | IoctlStep;

/** What an operation does, without doing any I/O itself: a generator that yields steps, gets their results, and returns a value. */
// biome-ignore lint/suspicious/noExplicitAny: what comes back depends on the step; the helpers below give it its type
export type Program<T> = Generator<Step, T, any>;

/**
 * A program that asks one thing and gives back the answer: what {@link ask} does, at a third of the memory. For what is asked by the hundred
 * thousand, as many of them may wait at the same time.
 */
export function once<T>(request: Request): Program<T> {
  // the methods of iterators (`map`, `take`, …) that a generator has besides are of no use to a program
  return new Once<T>(request) as unknown as Program<T>;
}

/** The program, the step that it yields and the results of its `next`, in one object: a driver looks at each before it asks for the next. */
class Once<T> implements RequestStep {
  readonly op = 'request';
  readonly request: Request;
  done = false;
  value: Step | T | undefined = undefined;
  private begun = false;

  constructor(request: Request) {
    this.request = request;
  }

  next(answer?: unknown): IteratorResult<Step, T> {
    if (!this.begun) {
      this.begun = true;
      this.value = this;
    } else {
      this.value = this.done ? undefined : (answer as T);
      this.done = true;
    }
    return this as IteratorResult<Step, T>;
  }

  return(value: T): IteratorResult<Step, T> {
    this.end();
    return { done: true, value };
  }

  throw(error: unknown): never {
    this.end();
    throw error;
  }

  private end(): void {
    this.begun = true;
    this.done = true;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** What is made of the answer to one question; `about` is what the question was about, in the caller's words. */
export interface Reading<A, T, R> {
  /** What must be asked besides; undefined: nothing. */
  rest(answer: A): Program<T> | undefined;
  /** The result, where nothing must be asked besides. */
  result(answer: A): T;
  /** The error to throw in place of the kernel's. */
  refused(error: unknown, about: R): unknown;
}

/** A program that asks one thing, and more only where the answer calls for it: for what tight loops do. A generator, and one within it, take as long as the rest. */
export function reading<A, T, R>(step: RequestStep, parts: Reading<A, T, R>, about: R): Program<T> {
  // as of `once`
  return new Read<A, T, R>(step, parts, about) as unknown as Program<T>;
}

class Read<A, T, R> {
  private step: Step | undefined;
  private readonly parts: Reading<A, T, R>;
  private readonly about: R;
  private begun = false;
  private rest: Program<T> | undefined = undefined;

  constructor(step: Step, parts: Reading<A, T, R>, about: R) {
    this.step = step;
    this.parts = parts;
    this.about = about;
  }

  next(answer?: unknown): IteratorResult<Step, T> {
    const { step } = this;
    if (step === undefined) return this.rest === undefined ? { done: true, value: undefined as T } : this.rest.next(answer);
    if (!this.begun) {
      this.begun = true;
      return { done: false, value: step };
    }
    this.step = undefined;
    this.rest = this.parts.rest(answer as A);
    return this.rest === undefined ? { done: true, value: this.parts.result(answer as A) } : this.rest.next();
  }

  return(value: T): IteratorResult<Step, T> {
    this.step = undefined;
    return this.rest === undefined ? { done: true, value } : this.rest.return(value);
  }

  throw(error: unknown): IteratorResult<Step, T> {
    if (this.rest !== undefined) return this.rest.throw(error);
    const refused = this.begun && this.step !== undefined;
    this.step = undefined;
    throw refused ? this.parts.refused(error, this.about) : error;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Hands items to whoever iterates over the stream; the program goes on when they want more. Result: undefined. */
export interface EmitStep<T> {
  readonly op: 'emit';
  readonly items: readonly T[];
  /** What was emitted may be inconsistent. */
  readonly interrupted?: boolean;
}

/** A program that yields items besides its steps. It is stopped by its `return`, and must end in `finally` what it has begun. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type StreamProgram<T> = Generator<Step | EmitStep<T>, void, any>;

/** How one of several requests ended. */
export type Outcome<T> =
  | {
      /** The kernel did it. */
      readonly ok: true;
      /** Its answer. */
      readonly value: T;
    }
  | {
      /** It did not, or nobody can tell. */
      readonly ok: false;
      /** What was refused or lost, as the request alone would throw it. */
      readonly error: Error;
    };

/** Asks one thing. */
export function* ask<O, E extends Expectation>(request: Request<O, E>, patience?: Patience): Program<Answer<O, E>> {
  const step: RequestStep = patience === undefined ? { op: 'request', request } : { op: 'request', request, patience };
  return (yield step) as Answer<O, E>;
}

/** How each of several requests ended, in their order. */
export type Answers<R extends readonly Request[]> = {
  -readonly [K in keyof R]: R[K] extends Request<infer O, infer E> ? Outcome<Answer<O, E>> : never;
};

/** Asks several things in one datagram (or as few as they fit in); each gets its own outcome. */
export function* askEach<const R extends readonly Request[]>(requests: R, patience?: Patience): Program<Answers<R>> {
  const step: RequestsStep = patience === undefined ? { op: 'requests', requests } : { op: 'requests', requests, patience };
  return (yield step) as Answers<R>;
}

/** Asks several things in one datagram and throws the first refusal; the others have been carried out all the same. */
export function* askAll<O, E extends Expectation>(requests: readonly Request<O, E>[]): Program<Answer<O, E>[]> {
  if (requests.length === 0) return [];
  const step: RequestsStep = { op: 'requests', requests };
  const outcomes = (yield step) as Outcome<Answer<O, E>>[];
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  });
}

/** Runs `program` in another namespace: its requests and sysctls go there, unless it says otherwise itself. */
export function* scoped<T>(scope: OpenNamespace | undefined, program: Program<T>): Program<T> {
  if (scope === undefined) return yield* program;
  let next = program.next();
  while (!next.done) {
    const step = next.value;
    let result: unknown;
    try {
      result = yield needsScope(step) ? extended(step, { scope }) : step;
    } catch (error) {
      next = program.throw(error);
      continue;
    }
    next = program.next(result);
  }
  return next.value;
}

type ScopedStep = Exclude<Step, OpenNamespaceStep | CloseNamespaceStep | DumpPartStep | EndDumpStep | IoctlStep | WaitStep | PauseStep>;

function needsScope(step: Step): step is ScopedStep {
  switch (step.op) {
    case 'open-namespace':
    case 'close-namespace':
    case 'dump-part':
    case 'end-dump':
    case 'ioctl':
    case 'wait':
    case 'pause':
      return false;
    default:
      return step.scope === undefined;
  }
}

/**
 * Opens the namespace that `reference` names for as long as the program that `make` returns runs, and closes it whatever happens. The
 * program's requests stay in the namespace they would be in anyway. Absent: nothing is opened.
 *
 * @throws what opening throws, naming `argument`
 */
export function* holding<T>(
  reference: NamespaceRef | undefined,
  argument: string,
  make: (target: OpenNamespace | undefined) => Program<T>,
): Program<T> {
  if (reference === undefined) return yield* make(undefined);
  const open: OpenNamespaceStep = { op: 'open-namespace', reference, argument };
  const namespace = (yield open) as OpenNamespace;
  try {
    return yield* make(namespace);
  } finally {
    const close: CloseNamespaceStep = { op: 'close-namespace', namespace };
    yield close;
  }
}

/** `holding`, with the program's requests going to that namespace. Absent: where the caller is. */
export function* within<T>(
  reference: NamespaceRef | undefined,
  argument: string,
  make: (scope: OpenNamespace | undefined) => Program<T>,
): Program<T> {
  return yield* holding(reference, argument, (namespace) => scoped(namespace, make(namespace)));
}

/** Reads a sysctl below `net.` in the namespace of the program. */
export function* readSysctl(name: string): Program<string> {
  const step: SysctlStep = { op: 'sysctl', name };
  return (yield step) as string;
}

/** Writes a sysctl below `net.` in the namespace of the program. */
export function* writeSysctl(name: string, value: string): Program<void> {
  const step: SysctlStep = { op: 'sysctl', name, value };
  yield step;
}

/** What every call takes besides its own arguments, in its last one. */
export interface CallOptions {
  /**
   * Gives up waiting. A request that was not sent yet is not sent; one that was may still take effect in the kernel,
   * and its answer is dropped. A stream ends with the signal's reason, whether or not it is being waited for.
   */
  signal?: AbortSignal;
  /**
   * Milliseconds to wait for the kernel's answer, or for the next part of what it lists; default 30,000. The rule for a request already
   * sent is that of `signal`.
   */
  timeout?: number;
}

/** Objects as they are read from the kernel, asynchronously: `for await (const route of rt.routes.stream())`. */
export interface Stream<T> extends AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable {
  /** Whether something changed meanwhile, so that objects may be missing or occur twice. Known at the end; see `interrupted` of the options. */
  readonly interrupted: boolean;
  /** Ends the stream; what it holds in the kernel is let go. */
  return(): Promise<IteratorResult<T, undefined>>;
  /** Ends the stream with an error. */
  throw(error?: unknown): Promise<IteratorResult<T, undefined>>;
  /** The stream itself. */
  [Symbol.asyncIterator](): Stream<T>;
}

/** Objects as they are read from the kernel, in place: `for (const route of rt.routes.stream())`. */
export interface SyncStream<T> extends IterableIterator<T, undefined, undefined>, Disposable {
  /** Whether something changed meanwhile, so that objects may be missing or occur twice. Known at the end; see `interrupted` of the options. */
  readonly interrupted: boolean;
  /** Ends the stream; what it holds in the kernel is let go. */
  return(): IteratorResult<T, undefined>;
  /** Ends the stream with an error. */
  throw(error?: unknown): IteratorResult<T, undefined>;
  /** The stream itself. */
  [Symbol.iterator](): SyncStream<T>;
}

/** Marks a function as one that makes stream programs: calling a generator does not tell which sort it is. */
export const isStream: unique symbol = Symbol('netloom.isStream');

/** Marks a program whose call options are in the argument of this index: see {@link optionsIn}. */
export const optionsAt: unique symbol = Symbol('netloom.optionsAt');

/** A program of {@link optionsIn}. It has a name because declarations cannot name the symbol. */
export type OptionsIn<P extends object> = P & { readonly [optionsAt]: number };

/**
 * Says that the options of a call are in the argument of index `index` and nowhere else. For programs that take an object with a member
 * `signal` or `timeout` of its own, which would pass for the options when they are left out.
 */
export function optionsIn<P extends object>(index: number, program: P): OptionsIn<P> {
  return Object.assign(program, { [optionsAt]: index });
}

/** A member of a program table that makes a {@link StreamProgram}; see `streaming`. */
export type Streaming<A extends unknown[], T> = ((...args: A) => StreamProgram<T>) & { readonly [isStream]: true };

/** Programs by the names of the methods that are made of them. */
// biome-ignore lint/suspicious/noExplicitAny: a table holds programs of any signature
export type ProgramTable = Readonly<Record<string, ((...args: any[]) => Program<unknown>) | Streaming<any[], unknown>>>;

/** A table of programs as methods that return promises; its stream programs as methods that return async iterables. */
export type AsyncMethods<T> = {
  readonly [K in keyof T]: T[K] extends Streaming<infer A, infer I>
    ? (...args: A) => Stream<I>
    : T[K] extends (...args: infer A) => Program<infer R>
      ? (...args: A) => Promise<R>
      : never;
};

/** The same table as methods that return values, and iterables. */
export type SyncMethods<T> = {
  readonly [K in keyof T]: T[K] extends Streaming<infer A, infer I>
    ? (...args: A) => SyncStream<I>
    : T[K] extends (...args: infer A) => Program<infer R>
      ? (...args: A) => R
      : never;
};
