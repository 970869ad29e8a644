/**
 * What an operation does, as a generator: it yields steps and receives their results. It does no I/O, so it can be
 * tested with recorded answers, and the same program is run by the asynchronous and by the synchronous driver.
 */
import type { Answer, Expectation, Request } from './operation.ts';
import type { NamespaceRef, OpenNamespace } from './sys/namespace.ts';

/**
 * How a step bears with a call that is given up:
 * - absent: at once, whatever becomes of a request that was sent.
 * - `outcome`: it is not sent if the call is given up before; once it is, its outcome is awaited (up to the timeout).
 *   For what must be undone when something after it fails.
 * - `always`: it is sent and awaited in any case. For undoing.
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
  /** `net.ipv4.ip_forward` */
  readonly name: string;
  /** Absent: read. */
  readonly value?: string;
}

export type Step = RequestStep | RequestsStep | TransactionStep | OpenNamespaceStep | CloseNamespaceStep | SysctlStep;

// biome-ignore lint/suspicious/noExplicitAny: what comes back depends on the step; the helpers below give it its type
export type Program<T> = Generator<Step, T, any>;

/** How one of several requests ended. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error };

/** Asks one thing. */
export function* ask<O, E extends Expectation>(request: Request<O, E>, patience?: Patience): Program<Answer<O, E>> {
  const step: RequestStep = patience === undefined ? { op: 'request', request } : { op: 'request', request, patience };
  return (yield step) as Answer<O, E>;
}

type Answers<R extends readonly Request[]> = {
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
      result = yield needsScope(step) ? { ...step, scope } : step;
    } catch (error) {
      next = program.throw(error);
      continue;
    }
    next = program.next(result);
  }
  return next.value;
}

function needsScope(step: Step): step is Exclude<Step, OpenNamespaceStep | CloseNamespaceStep> {
  return step.op !== 'open-namespace' && step.op !== 'close-namespace' && step.scope === undefined;
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

/** {@link holding}, with the program's requests going to that namespace. Absent: where the caller is. */
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
   * and its answer is dropped.
   */
  signal?: AbortSignal;
  /** Milliseconds to wait for the kernel's answer; default 30,000. The rule for a request already sent is that of `signal`. */
  timeout?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds programs of any signature
export type ProgramTable = Readonly<Record<string, (...args: any[]) => Program<unknown>>>;

/** A table of programs as methods that return promises. */
export type AsyncMethods<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Program<infer R> ? (...args: A) => Promise<R> : never;
};

/** The same table as methods that return values. */
export type SyncMethods<T> = { readonly [K in keyof T]: T[K] extends (...args: infer A) => Program<infer R> ? (...args: A) => R : never };
