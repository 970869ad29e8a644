/** The synchronous driver: runs programs in place. */
import { DumpPool } from './dump-pool.ts';
import { describe } from './dump-reader.ts';
import { type SyncDump, SyncDumpSocket } from './dump-socket-sync.ts';
import { ClosedError, DumpInterruptedError, InputError } from './errors.ts';
import type { Result } from './flight.ts';
import { callOptions, type HostOptions, heeded, keeps, surroundingsOf, unwrapped, withDefaults } from './host.ts';
import type { Request } from './operation.ts';
import { answerOf, dumpAttempts, outcomeOf, transactionValues } from './outcome.ts';
import {
  type CallOptions,
  type DumpPart,
  isStream,
  type Outcome,
  type Patience,
  type Program,
  type ProgramTable,
  type RequestStep,
  type RequestsStep,
  type Step,
  type StreamProgram,
  type SyncMethods,
  type SyncStream,
  type SysctlStep,
  type WaitStep,
} from './program.ts';
import { SyncRequestSocket } from './request-socket-sync.ts';
import { ProgramSyncStream } from './stream.ts';
import { ioctlSync } from './sys/ioctl.ts';
import { inNamespace, type OpenNamespace } from './sys/namespace.ts';
import { sysctlSync } from './sys/sysctl.ts';
import { traced } from './trace.ts';
import { type DumpOf, requestsAreTraced, traceAllSync, traceDumpSync } from './trace-request.ts';

/** Carries out the steps of programs in place. */
export class SyncHost {
  private readonly options: HostOptions;
  /** Sockets that stay open, by protocol. */
  private home: Record<number, SyncRequestSocket> = {};
  private readonly foreign = new Map<string, SyncRequestSocket>();
  private readonly dumpSockets: DumpPool<SyncDumpSocket>;
  private closed = false;
  private depth = 0;

  constructor(options: HostOptions) {
    this.options = { ...options, openTransport: traced(options.openTransport) };
    this.dumpSockets = new DumpPool({
      open: (protocol, namespace) => new SyncDumpSocket(this.options.openTransport(protocol, namespace)),
      keeps: (namespace) => keeps(options, namespace),
    });
  }

  /** Runs a program to its end. */
  run<T>(program: Program<T>, callOptions: CallOptions): T {
    const options = withDefaults(callOptions, this.options);
    this.depth++;
    try {
      let next = program.next();
      while (!next.done) {
        let result: unknown;
        try {
          result = this.perform(next.value, options);
        } catch (error) {
          next = program.throw(error);
          continue;
        }
        next = program.next(result);
      }
      return next.value;
    } finally {
      if (--this.depth === 0) this.closeForeign();
    }
  }

  /** The items that a program emits, in place. It does not start before the first is wanted, and is stopped with the iteration. */
  stream<T>(program: StreamProgram<T>, callOptions: CallOptions): SyncStream<T> {
    let options: CallOptions | undefined;
    return new ProgramSyncStream(program, (step) => {
      options ??= withDefaults(callOptions, this.options);
      this.depth++;
      try {
        return this.perform(step, options);
      } finally {
        if (--this.depth === 0) this.closeForeign();
      }
    });
  }

  private perform(step: Step, options: CallOptions): unknown {
    switch (step.op) {
      case 'request':
        return this.request(step, options);
      case 'requests':
        return this.requests(step, options);
      case 'transaction': {
        const { requests, scope, patience } = step;
        return transactionValues(requests, this.submit(scope, requests, true, options, patience));
      }
      case 'dump':
        return this.dump(step.request, step.scope, heeded(options, step.patience));
      case 'dump-part':
        return (step.dump as SyncDump).read();
      case 'end-dump':
        return (step.dump as SyncDump).end();
      case 'open-namespace':
        return surroundingsOf(this.options).openNamespace(step.reference, step.argument);
      case 'close-namespace':
        return surroundingsOf(this.options).closeNamespace(step.namespace);
      case 'section': {
        heeded(options, step.patience).signal?.throwIfAborted();
        const namespace = step.scope ?? this.options.namespace;
        return namespace === undefined ? step.run() : inNamespace(namespace.fd, step.run);
      }
      case 'wait':
        return immediate(step);
      case 'pause':
        heeded(options, step.patience).signal?.throwIfAborted();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, step.milliseconds);
        return undefined;
      case 'ioctl':
        return ioctlSync(step);
      case 'sysctl':
        heeded(options, step.patience).signal?.throwIfAborted();
        return this.sysctl(step);
    }
  }

  private request(step: RequestStep, options: CallOptions): unknown {
    const { request, scope, patience } = step;
    if (request.expects === 'dump') return unwrapped(this.wholeDump(request, scope, heeded(options, patience)));
    if (!requestsAreTraced()) return answerOf(request, this.askOne(step, options));
    const [result] = traceAllSync([request], scope ?? this.options.namespace, () => [this.askOne(step, options)]);
    return answerOf(request, result!);
  }

  private askOne({ scope, request, patience }: RequestStep, options: CallOptions): Result {
    return this.socket(request.operation.protocol, scope).submitOne(request, options, patience);
  }

  private submit(
    scope: OpenNamespace | undefined,
    requests: readonly Request[],
    atomic: boolean,
    options: CallOptions,
    patience: Patience | undefined,
  ): readonly Result[] {
    const ask = (): readonly Result[] => this.socket(requests[0]!.operation.protocol, scope).submit(requests, atomic, options, patience);
    return requestsAreTraced() ? traceAllSync(requests, scope ?? this.options.namespace, ask) : ask();
  }

  private requests({ requests, scope, patience }: RequestsStep, options: CallOptions): Outcome<unknown>[] {
    const outcomes: Outcome<unknown>[] = [];
    for (let at = 0; at < requests.length; ) {
      if (requests[at]!.expects === 'dump') {
        outcomes.push(this.wholeDump(requests[at++]!, scope, heeded(options, patience)));
        continue;
      }
      let end = requests.findIndex((request, i) => i > at && request.expects === 'dump');
      if (end < 0) end = requests.length;
      const group = requests.slice(at, end);
      const results = this.submit(scope, group, false, options, patience);
      for (const [i, result] of results.entries()) outcomes.push(outcomeOf(group[i]!, result));
      at = end;
    }
    return outcomes;
  }

  private wholeDump(request: Request, scope: OpenNamespace | undefined, options: CallOptions): Outcome<unknown> {
    try {
      for (let attempt = 1; attempt <= dumpAttempts; attempt++) {
        const dump = this.dump(request, scope, options);
        const values: unknown[] = [];
        let consistent = true;
        try {
          for (let part = dump.read(); part !== undefined; part = dump.read()) {
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

  private dump(request: Request, scope: OpenNamespace | undefined, options: CallOptions): DumpOf<DumpPart | undefined> {
    const begin = (): SyncDump => this.beginDump(request, scope, options);
    return requestsAreTraced() ? traceDumpSync(request, scope ?? this.options.namespace, begin) : begin();
  }

  /** Starts a dump on a socket that nothing else is asked through. */
  private beginDump(request: Request, scope: OpenNamespace | undefined, options: CallOptions): SyncDump {
    options.signal?.throwIfAborted();
    if (this.closed) throw new ClosedError('the client');
    const namespace = scope ?? this.options.namespace;
    const { protocol } = request.operation;
    const socket = this.dumpSockets.take(protocol, namespace);
    const ended = (reusable: boolean): void => this.dumpSockets.put(socket, protocol, namespace, reusable);
    try {
      return socket.start(request, options, ended);
    } catch (error) {
      ended(error instanceof InputError);
      throw error;
    }
  }

  private sysctl({ name, value, scope }: SysctlStep): string | undefined {
    return (surroundingsOf(this.options).sysctl ?? sysctlSync)(name, value, scope ?? this.options.namespace);
  }

  private socket(protocol: number, scope: OpenNamespace | undefined): SyncRequestSocket {
    if (this.closed) throw new ClosedError('the client');
    const namespace = scope ?? this.options.namespace;
    // the socket that nearly every request goes through is found without a search
    if (keeps(this.options, namespace)) {
      const known = this.home[protocol];
      if (known !== undefined && !known.broken) return known;
      const opened = new SyncRequestSocket(this.options.openTransport(protocol, namespace));
      this.home[protocol] = opened;
      return opened;
    }
    const key = `${namespace?.id ?? ''}/${protocol}`;
    let socket = this.foreign.get(key);
    if (socket === undefined || socket.broken) {
      socket = new SyncRequestSocket(this.options.openTransport(protocol, namespace));
      this.foreign.set(key, socket);
    }
    return socket;
  }

  /** A socket keeps its namespace alive, and "the namespace of the caller" may be another one at the next call. */
  private closeForeign(): void {
    if (this.foreign.size === 0) return;
    for (const socket of this.foreign.values()) socket.close();
    this.foreign.clear();
  }

  /** Idempotent. */
  close(): void {
    this.closed = true;
    for (const socket of Object.values(this.home)) socket.close();
    this.home = {};
    this.closeForeign();
    this.dumpSockets.close();
  }
}

function immediate({ run, argument }: WaitStep): unknown {
  const value = run();
  if (typeof (value as PromiseLike<unknown> | undefined)?.then !== 'function') return value;
  // nobody will ask what becomes of it
  void Promise.resolve(value).catch(() => {});
  throw new InputError(argument, 'answers with a promise, which a synchronous call cannot wait for', 'ERR_INVALID_ARG_TYPE');
}

/** The methods of a table of programs, run in place by `host`. */
export function syncMethods<T extends ProgramTable>(table: T, host: () => SyncHost): SyncMethods<T> {
  const methods: Record<string, (...args: unknown[]) => unknown> = {};
  for (const [name, program] of Object.entries(table)) {
    methods[name] =
      isStream in program
        ? (...args) => host().stream(program(...args), callOptions(args, program))
        : (...args) => host().run(program(...args) as Program<unknown>, callOptions(args, program));
  }
  return methods as SyncMethods<T>;
}
