/** The synchronous driver: runs programs in place. */
import { closeSync, readSync, writeSync } from 'node:fs';
import { ClosedError } from './errors.ts';
import { callOptions, type HostOptions, withDefaults } from './host.ts';
import type { Result } from './ledger.ts';
import type { Request } from './operation.ts';
import { answerOf, chunks, dumpAttempts, interrupted, outcomeOf, transactionValues } from './outcome.ts';
import type { CallOptions, Patience, Program, ProgramTable, RequestStep, Step, SyncMethods, SysctlStep } from './program.ts';
import { SyncRequestSocket } from './request-socket-sync.ts';
import { closeNamespace, type OpenNamespace, openNamespace } from './sys/namespace.ts';
import { openSysctl } from './sys/sysctl.ts';

/** Carries out the steps of programs in place. */
export class SyncHost {
  private readonly options: HostOptions;
  /** Sockets that stay open, by protocol. */
  private home: Record<number, SyncRequestSocket> = {};
  private readonly foreign = new Map<string, SyncRequestSocket>();
  private closed = false;
  private depth = 0;

  constructor(options: HostOptions) {
    this.options = options;
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

  private perform(step: Step, options: CallOptions): unknown {
    switch (step.op) {
      case 'request':
        return answerOf(step.request, this.submitOne(step, options));
      case 'requests':
        return chunks(step.requests)
          .flatMap((part) => this.submit(step.scope, part, false, options, step.patience))
          .map((result, i) => outcomeOf(step.requests[i]!, result));
      case 'transaction':
        return transactionValues(step.requests, this.submit(step.scope, step.requests, true, options, step.patience));
      case 'open-namespace':
        return openNamespace(step.reference, step.argument);
      case 'close-namespace':
        return closeNamespace(step.namespace);
      case 'sysctl':
        options.signal?.throwIfAborted();
        return this.sysctl(step);
    }
  }

  private submitOne({ scope, request, patience }: RequestStep, options: CallOptions): Result {
    for (let attempt = 1; ; attempt++) {
      const result = this.socket(request.operation.protocol, scope).submitOne(request, options, patience);
      if (attempt === dumpAttempts || !interrupted(result)) return result;
    }
  }

  private submit(
    scope: OpenNamespace | undefined,
    requests: readonly Request[],
    atomic: boolean,
    options: CallOptions,
    patience?: Patience,
  ): readonly Result[] {
    for (let attempt = 1; ; attempt++) {
      const results = this.socket(requests[0]!.operation.protocol, scope).submit(requests, atomic, options, patience);
      if (attempt === dumpAttempts || !results.some(interrupted)) return results;
    }
  }

  private sysctl(step: SysctlStep): string | undefined {
    const file = openSysctl(step.name, step.value !== undefined, step.scope ?? this.options.namespace);
    try {
      if (step.value !== undefined) {
        writeSync(file.fd, step.value);
        return undefined;
      }
      const buffer = Buffer.alloc(65_536);
      return buffer.toString('utf8', 0, readSync(file.fd, buffer, 0, buffer.length, 0)).replace(/\n$/, '');
    } catch (error) {
      throw file.explain(error);
    } finally {
      closeSync(file.fd);
    }
  }

  private socket(protocol: number, scope: OpenNamespace | undefined): SyncRequestSocket {
    if (this.closed) throw new ClosedError('the client');
    const namespace = scope ?? this.options.namespace;
    // the socket that nearly every request goes through is found without a search
    const home = this.options.keepOpen === true && namespace?.id === this.options.namespace?.id;
    if (home) {
      this.home[protocol] ??= new SyncRequestSocket(this.options.openTransport(protocol, namespace));
      return this.home[protocol];
    }
    const key = `${namespace?.id ?? ''}/${protocol}`;
    let socket = this.foreign.get(key);
    if (socket === undefined) {
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
  }
}

/** The methods of a table of programs, run in place by `host`. */
export function syncMethods<T extends ProgramTable>(table: T, host: () => SyncHost): SyncMethods<T> {
  const methods: Record<string, (...args: unknown[]) => unknown> = {};
  for (const [name, program] of Object.entries(table)) methods[name] = (...args) => host().run(program(...args), callOptions(args));
  return methods as SyncMethods<T>;
}
