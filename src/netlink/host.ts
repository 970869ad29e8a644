/** The asynchronous driver: runs programs on the event loop. */
import { DumpPool, Turnstile } from './dump-pool.ts';
import { describe } from './dump-reader.ts';
import { type AsyncDump, DumpSocket } from './dump-socket.ts';
import { ClosedError, DumpInterruptedError, InputError } from './errors.ts';
import type { Result, Waiter } from './flight.ts';
import { checkSignal } from './input.ts';
import type { Request } from './operation.ts';
import { dumpAttempts, outcomeOf, transactionValues } from './outcome.ts';
import {
  type AsyncMethods,
  type CallOptions,
  type DumpPart,
  isStream,
  type Outcome,
  optionsAt,
  type Patience,
  type Program,
  type ProgramTable,
  type RequestStep,
  type RequestsStep,
  type Step,
  type Stream,
  type StreamProgram,
  type SysctlStep,
  type TransactionStep,
} from './program.ts';
import { RequestSocket, timeoutOf } from './request-socket.ts';
import { isPlain, Run, type Steps } from './run.ts';
import { show } from './scalar.ts';
import { ProgramStream } from './stream.ts';
import { ioctlAsync } from './sys/ioctl.ts';
import type { Binding } from './sys/libc.ts';
import { inNamespace, type OpenNamespace } from './sys/namespace.ts';
import { sysctlAsync } from './sys/sysctl.ts';
import { traced } from './trace.ts';
import { type DumpOf, requestsAreTraced, traceAll, traceDump, traceOne } from './trace-request.ts';
import { realSurroundings, type Surroundings } from './transport/surroundings.ts';
import type { Transport } from './transport/transport.ts';

/** Opens the transport of a protocol in a namespace; undefined: where the calling thread is. */
export interface OpenTransport {
  (protocol: number, namespace: OpenNamespace | undefined): Transport;
  /** Namespaces and sysctls, for a transport that does not go to the kernel. Default: those of the machine. */
  surroundings?: Surroundings;
  /** How it makes its system calls, where it makes any. */
  binding?: Binding;
}

interface Pooled {
  readonly socket: RequestSocket;
  readonly key: string;
  readonly protocol: number;
  readonly namespace: OpenNamespace | undefined;
}

/** A run of a program, as far as its steps need to know of it. */
interface Call {
  readonly options: CallOptions;
  /** Whether it may make dumps as it likes, and is not one of the {@link maxLists}. */
  readonly unlimited: boolean;
  /** Dumps that it has begun and not ended. */
  dumps: number;
}

/** The options of a call as a step heeds them: one that is taken in any case does not look whether the call is given up, nor hurry. */
export function heeded(options: CallOptions, patience: Patience | undefined): CallOptions {
  if (patience !== 'always') return options;
  const { signal: _, ...rest } = options;
  return options.timeout === undefined ? rest : { ...rest, timeout: timeoutOf(options.timeout, patience) };
}

/** Lists that are made at the same time: each has a socket and two buffers, and the kernel works for no more than libuv's threads anyway. */
const maxLists = 8;

/** What a driver of programs needs. */
export interface HostOptions {
  /** Opens what carries bytes to the kernel and back. */
  readonly openTransport: OpenTransport;
  /** Where programs act unless they say otherwise. The host does not close it. */
  readonly namespace?: OpenNamespace;
  /** Keep the sockets of `namespace` open between calls, until {@link Host.close}. Default: close what is idle at the end of the tick. */
  readonly keepOpen?: boolean;
  /** Milliseconds to wait for answers, for calls that do not say. Default: 30,000. */
  readonly timeout?: number;
}

/** Where the programs of a host find namespaces and sysctls. */
export function surroundingsOf({ openTransport }: HostOptions): Surroundings {
  return openTransport.surroundings ?? realSurroundings;
}

const longestTimeout = 2 ** 31 - 1;

/** The options of a call, checked, and completed by those of its host. @throws InputError naming `signal` or `timeout` */
export function withDefaults(options: CallOptions | undefined | null, host: CallOptions): CallOptions {
  // what is no object at all is for the program to complain about, by the name it has there
  if (typeof options !== 'object' || options === null) return host;
  const { signal, timeout } = options;
  if (signal === undefined && timeout === undefined) return host;
  checkSignal(signal);
  if (timeout !== undefined) {
    if (typeof timeout !== 'number')
      throw new InputError('timeout', `expected milliseconds, a number, got ${show(timeout)}`, 'ERR_INVALID_ARG_TYPE');
    if (!(timeout > 0 && timeout <= longestTimeout))
      throw new InputError('timeout', `expected milliseconds, up to ${longestTimeout}, got ${timeout}`, 'ERR_OUT_OF_RANGE');
  }
  // not `options` itself: it holds what a call is about, which need not stay for as long as the call waits
  return { ...(signal === undefined ? {} : { signal }), ...withTimeout(timeout ?? host.timeout) };
}

function withTimeout(timeout: number | undefined): CallOptions {
  return timeout === undefined ? {} : { timeout };
}

/**
 * Whether a socket in `namespace` may stay open when nothing needs it: a socket keeps its namespace alive, so one that is not the host's own
 * must not outlast the calls that need it.
 */
export function keeps(options: HostOptions, namespace: OpenNamespace | undefined): boolean {
  return options.keepOpen === true && namespace?.id === options.namespace?.id;
}

/**
 * Carries out the steps of programs. One socket per namespace and protocol, opened on first use, shared by all programs; and one for each dump
 * under way.
 */
export class Host implements Steps {
  private readonly options: HostOptions;
  private readonly sockets = new Map<string, Pooled>();
  /** The one asked through last, which is nearly always the next one too. */
  private latest: Pooled | undefined;
  private readonly dumpSockets: DumpPool<DumpSocket>;
  private readonly lists = new Turnstile(maxLists);
  private closed = false;

  constructor(options: HostOptions) {
    this.options = { ...options, openTransport: traced(options.openTransport) };
    this.dumpSockets = new DumpPool({
      open: (protocol, namespace) => new DumpSocket(this.options.openTransport(protocol, namespace)),
      keeps: (namespace) => keeps(options, namespace),
    });
  }

  /** Runs a program to its end. */
  run<T>(program: Program<T>, callOptions: CallOptions): Promise<T> {
    try {
      const options = withDefaults(callOptions, this.options);
      const next = program.next();
      if (next.done === true) return Promise.resolve(next.value);
      return isPlain(next.value) ? new Run(this, program, options).go(next) : this.runSteps(program, next, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** For `Run`. */
  submitOne(step: RequestStep, options: CallOptions, waiter: Waiter): void {
    if (!requestsAreTraced()) this.askOne(step, options, waiter);
    else traceOne(step.request, step.scope ?? this.options.namespace, waiter, (traced) => this.askOne(step, options, traced));
  }

  private askOne({ request, scope, patience }: RequestStep, options: CallOptions, waiter: Waiter): void {
    this.socket(request.operation.protocol, scope).submitOne(request, options, patience, waiter);
  }

  /** For `Run`. */
  async runSteps<T>(program: Program<T>, next: IteratorResult<Step, T>, options: CallOptions): Promise<T> {
    const call: Call = { options, unlimited: false, dumps: 0 };
    while (next.done !== true) {
      let result: unknown;
      try {
        result = await this.perform(next.value, call);
      } catch (error) {
        next = program.throw(error);
        continue;
      }
      next = program.next(result);
    }
    return next.value;
  }

  /** The items that a program emits. It does not start before the first is wanted, and is stopped with the iteration. */
  stream<T>(program: StreamProgram<T>, callOptions: CallOptions): Stream<T> {
    let call: Call | undefined;
    return new ProgramStream(program, async (step) => {
      call ??= { options: withDefaults(callOptions, this.options), unlimited: true, dumps: 0 };
      return await this.perform(step, call);
    });
  }

  private async perform(step: Step, call: Call): Promise<unknown> {
    switch (step.op) {
      case 'request':
        return unwrapped(
          step.request.expects !== 'dump'
            ? outcomeOf(step.request, (await this.submit(step.scope, [step.request], false, call.options, step.patience))[0]!)
            : await this.wholeDump(step.request, step.scope, call, step.patience),
        );
      case 'requests':
        return await this.requests(step, call);
      case 'transaction':
        return await this.transaction(step, call.options);
      case 'dump':
        return await this.dump(step.request, step.scope, call, step.patience);
      case 'dump-part':
        return await (step.dump as AsyncDump).read();
      case 'end-dump':
        return (step.dump as AsyncDump).end();
      case 'open-namespace':
        return surroundingsOf(this.options).openNamespace(step.reference, step.argument);
      case 'close-namespace':
        return surroundingsOf(this.options).closeNamespace(step.namespace);
      case 'section': {
        heeded(call.options, step.patience).signal?.throwIfAborted();
        const namespace = step.scope ?? this.options.namespace;
        return namespace === undefined ? step.run() : inNamespace(namespace.fd, step.run);
      }
      case 'wait':
        return await step.run();
      case 'pause': {
        const { signal } = heeded(call.options, step.patience);
        signal?.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, step.milliseconds));
        signal?.throwIfAborted();
        return undefined;
      }
      case 'ioctl':
        return await ioctlAsync(step);
      case 'sysctl':
        heeded(call.options, step.patience).signal?.throwIfAborted();
        return await this.sysctl(step);
    }
  }

  private async requests({ requests, scope, patience }: RequestsStep, call: Call): Promise<Outcome<unknown>[]> {
    const outcomes: Outcome<unknown>[] = [];
    // dumps go by sockets of their own: what is asked before one has been answered by then, and what is asked after it is sent then
    for (let at = 0; at < requests.length; ) {
      if (requests[at]!.expects === 'dump') {
        outcomes.push(await this.wholeDump(requests[at++]!, scope, call, patience));
        continue;
      }
      let end = requests.findIndex((request, i) => i > at && request.expects === 'dump');
      if (end < 0) end = requests.length;
      const group = requests.slice(at, end);
      const results = await this.submit(scope, group, false, call.options, patience);
      for (const [i, result] of results.entries()) outcomes.push(outcomeOf(group[i]!, result));
      at = end;
    }
    return outcomes;
  }

  private async transaction(step: TransactionStep, options: CallOptions): Promise<unknown> {
    return transactionValues(step.requests, await this.submit(step.scope, step.requests, true, options, step.patience));
  }

  private submit(
    scope: OpenNamespace | undefined,
    requests: readonly Request[],
    atomic: boolean,
    options: CallOptions,
    patience?: Patience,
  ): Promise<readonly Result[]> {
    const ask = (): Promise<readonly Result[]> =>
      this.socket(requests[0]!.operation.protocol, scope).submit(requests, atomic, options, patience);
    return requestsAreTraced() ? traceAll(requests, scope ?? this.options.namespace, ask) : ask();
  }

  private async wholeDump(
    request: Request,
    scope: OpenNamespace | undefined,
    call: Call,
    patience: Patience | undefined,
  ): Promise<Outcome<unknown>> {
    try {
      for (let attempt = 1; attempt <= dumpAttempts; attempt++) {
        const dump = await this.dump(request, scope, call, patience);
        const values: unknown[] = [];
        let consistent = true;
        try {
          for (let part = await dump.read(); part !== undefined; part = await dump.read()) {
            consistent &&= !part.interrupted;
            if (consistent) for (const value of part.values) values.push(value);
          }
        } finally {
          dump.end();
        }
        if (consistent) return { ok: true, value: values };
      }
      return { ok: false, error: new DumpInterruptedError(describe(request), dumpAttempts) };
    } catch (error) {
      return { ok: false, error: error as Error };
    }
  }

  private dump(
    request: Request,
    scope: OpenNamespace | undefined,
    call: Call,
    patience: Patience | undefined,
  ): Promise<DumpOf<Promise<DumpPart | undefined>>> {
    const begin = (): Promise<AsyncDump> => this.beginDump(request, scope, call, heeded(call.options, patience));
    return requestsAreTraced() ? traceDump(request, scope ?? this.options.namespace, begin) : begin();
  }

  /** Starts a dump on a socket that nothing else is asked through. */
  private async beginDump(request: Request, scope: OpenNamespace | undefined, call: Call, options: CallOptions): Promise<AsyncDump> {
    const { signal } = options;
    signal?.throwIfAborted();
    // one that has begun a dump needs what it asks for meanwhile to end it
    const limited = !call.unlimited && call.dumps === 0;
    if (limited) await this.lists.enter(signal);
    const namespace = scope ?? this.options.namespace;
    const { protocol } = request.operation;
    let socket: DumpSocket;
    try {
      // it may have been aborted while this waited, which is a tick at least
      signal?.throwIfAborted();
      if (this.closed) throw new ClosedError('the client');
      socket = this.dumpSockets.take(protocol, namespace);
    } catch (error) {
      if (limited) this.lists.leave();
      throw error;
    }
    call.dumps++;
    const ended = (reusable: boolean): void => {
      call.dumps--;
      if (limited) this.lists.leave();
      this.dumpSockets.put(socket, protocol, namespace, reusable);
    };
    try {
      return socket.start(request, options, ended);
    } catch (error) {
      ended(error instanceof InputError);
      throw error;
    }
  }

  private async sysctl({ name, value, scope }: SysctlStep): Promise<string | undefined> {
    return (surroundingsOf(this.options).sysctl ?? sysctlAsync)(name, value, scope ?? this.options.namespace);
  }

  private socket(protocol: number, scope: OpenNamespace | undefined): RequestSocket {
    if (this.closed) throw new ClosedError('the client');
    const namespace = scope ?? this.options.namespace;
    const { latest } = this;
    if (latest?.protocol === protocol && latest.namespace === namespace && !latest.socket.broken) return latest.socket;
    const key = `${namespace?.id ?? ''}/${protocol}`;
    const known = this.sockets.get(key);
    if (known !== undefined && !known.socket.broken) {
      this.latest = known;
      return known.socket;
    }
    const socket = new RequestSocket(this.options.openTransport(protocol, namespace));
    const pooled: Pooled = { socket, key, protocol, namespace };
    this.sockets.set(key, pooled);
    this.latest = pooled;
    if (!keeps(this.options, namespace)) socket.onIdle = () => setImmediate(() => this.closeIdle(pooled));
    return socket;
  }

  private closeIdle(pooled: Pooled): void {
    if (!pooled.socket.idle || this.sockets.get(pooled.key) !== pooled) return;
    this.sockets.delete(pooled.key);
    if (this.latest === pooled) this.latest = undefined;
    pooled.socket.close();
  }

  /** Closes every socket; what is pending fails with ClosedError. Idempotent. */
  close(): void {
    this.closed = true;
    for (const { socket } of this.sockets.values()) socket.close();
    this.sockets.clear();
    this.dumpSockets.close();
  }
}

export function unwrapped(outcome: Outcome<unknown>): unknown {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

/** The options of a call are in its last argument, whatever that is for, unless the program says where they are. */
export function callOptions(args: readonly unknown[], program: object): CallOptions {
  const last = args[(program as { readonly [optionsAt]?: number })[optionsAt] ?? args.length - 1];
  return typeof last === 'object' && last !== null ? (last as CallOptions) : {};
}

/** The methods of a table of programs, run by `host`. */
export function asyncMethods<T extends ProgramTable>(table: T, host: () => Host): AsyncMethods<T> {
  const methods: Record<string, (...args: unknown[]) => unknown> = {};
  for (const [name, program] of Object.entries(table)) {
    methods[name] =
      isStream in program
        ? (...args) => host().stream(program(...args), callOptions(args, program))
        : (...args) => {
            let begun: Program<unknown>;
            try {
              begun = program(...args) as Program<unknown>;
            } catch (error) {
              // a program that is no generator checks its arguments when it is made
              return Promise.reject(error);
            }
            return host().run(begun, callOptions(args, program));
          };
  }
  return methods as AsyncMethods<T>;
}
