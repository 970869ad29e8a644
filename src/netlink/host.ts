/** The asynchronous driver: runs programs on the event loop. */
import { close as closeFile, read as readFile, write as writeFile } from 'node:fs';
import { promisify } from 'node:util';
import { ClosedError, InputError } from './errors.ts';
import type { Result } from './ledger.ts';
import type { Request } from './operation.ts';
import { answerOf, chunks, dumpAttempts, interrupted, outcomeOf, transactionValues } from './outcome.ts';
import type {
  AsyncMethods,
  CallOptions,
  Patience,
  Program,
  ProgramTable,
  RequestStep,
  RequestsStep,
  Step,
  SysctlStep,
  TransactionStep,
} from './program.ts';
import { RequestSocket } from './request-socket.ts';
import { show } from './scalar.ts';
import { closeNamespace, type OpenNamespace, openNamespace } from './sys/namespace.ts';
import { openSysctl } from './sys/sysctl.ts';
import type { Transport } from './transport/transport.ts';

/** Opens the transport of a protocol in a namespace; undefined: where the calling thread is. */
export type OpenTransport = (protocol: number, namespace: OpenNamespace | undefined) => Transport;

interface Pooled {
  readonly socket: RequestSocket;
  readonly key: string;
}

export interface HostOptions {
  readonly openTransport: OpenTransport;
  /** Where programs act unless they say otherwise. The host does not close it. */
  readonly namespace?: OpenNamespace;
  /** Keep the sockets of `namespace` open between calls, until {@link Host.close}. Default: close what is idle at the end of the tick. */
  readonly keepOpen?: boolean;
  /** Milliseconds to wait for answers, for calls that do not say. Default: 30,000. */
  readonly timeout?: number;
}

const longestTimeout = 2 ** 31 - 1;

/** The options of a call, checked, and completed by those of its host. @throws InputError naming `signal` or `timeout` */
export function withDefaults(options: CallOptions | undefined | null, host: HostOptions): CallOptions {
  // what is no object at all is for the program to complain about, by the name it has there
  if (typeof options !== 'object' || options === null) return host.timeout === undefined ? {} : { timeout: host.timeout };
  const { signal, timeout } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InputError('signal', 'expected an AbortSignal', 'ERR_INVALID_ARG_TYPE');
  if (timeout !== undefined) {
    if (typeof timeout !== 'number')
      throw new InputError('timeout', `expected milliseconds, a number, got ${show(timeout)}`, 'ERR_INVALID_ARG_TYPE');
    if (!(timeout > 0 && timeout <= longestTimeout))
      throw new InputError('timeout', `expected milliseconds, up to ${longestTimeout}, got ${timeout}`, 'ERR_OUT_OF_RANGE');
  }
  return host.timeout === undefined || options.timeout !== undefined ? options : { ...options, timeout: host.timeout };
}

/** Carries out the steps of programs. One socket per namespace and protocol, opened on first use, shared by all programs. */
export class Host {
  private readonly options: HostOptions;
  private readonly sockets = new Map<string, Pooled>();
  private readonly home: string;
  private closed = false;

  constructor(options: HostOptions) {
    this.options = options;
    this.home = options.namespace?.id ?? '';
  }

  /** Runs a program to its end. */
  async run<T>(program: Program<T>, callOptions: CallOptions): Promise<T> {
    const options = withDefaults(callOptions, this.options);
    let next = program.next();
    while (!next.done) {
      let result: unknown;
      try {
        result = await this.perform(next.value, options);
      } catch (error) {
        next = program.throw(error);
        continue;
      }
      next = program.next(result);
    }
    return next.value;
  }

  private async perform(step: Step, options: CallOptions): Promise<unknown> {
    switch (step.op) {
      case 'request':
        return await this.request(step, options);
      case 'requests':
        return await this.requests(step, options);
      case 'transaction':
        return await this.transaction(step, options);
      case 'open-namespace':
        return openNamespace(step.reference, step.argument);
      case 'close-namespace':
        return closeNamespace(step.namespace);
      case 'sysctl':
        options.signal?.throwIfAborted();
        return await this.sysctl(step);
    }
  }

  private async request(step: RequestStep, options: CallOptions): Promise<unknown> {
    const results = await this.submit(step.scope, [step.request], false, options, step.patience);
    return answerOf(step.request, results[0]!);
  }

  private async requests(step: RequestsStep, options: CallOptions): Promise<unknown> {
    // submitted together, so that they keep their order on the wire
    const parts = await Promise.all(chunks(step.requests).map((part) => this.submit(step.scope, part, false, options, step.patience)));
    return parts.flat().map((result, i) => outcomeOf(step.requests[i]!, result));
  }

  private async transaction(step: TransactionStep, options: CallOptions): Promise<unknown> {
    return transactionValues(step.requests, await this.submit(step.scope, step.requests, true, options, step.patience));
  }

  private async submit(
    scope: OpenNamespace | undefined,
    requests: readonly Request[],
    atomic: boolean,
    options: CallOptions,
    patience?: Patience,
  ): Promise<readonly Result[]> {
    for (let attempt = 1; ; attempt++) {
      const results = await this.socket(requests[0]!.operation.protocol, scope).submit(requests, atomic, options, patience);
      if (attempt === dumpAttempts || !results.some(interrupted)) return results;
    }
  }

  private async sysctl(step: SysctlStep): Promise<string | undefined> {
    const file = openSysctl(step.name, step.value !== undefined, step.scope ?? this.options.namespace);
    try {
      return step.value === undefined ? await readAll(file.fd) : await writeAll(file.fd, step.value);
    } catch (error) {
      throw file.explain(error);
    } finally {
      await close(file.fd);
    }
  }

  private socket(protocol: number, scope: OpenNamespace | undefined): RequestSocket {
    if (this.closed) throw new ClosedError('the client');
    const namespace = scope ?? this.options.namespace;
    const key = `${namespace?.id ?? ''}/${protocol}`;
    const known = this.sockets.get(key);
    if (known !== undefined) return known.socket;
    const socket = new RequestSocket(this.options.openTransport(protocol, namespace));
    const pooled: Pooled = { socket, key };
    this.sockets.set(key, pooled);
    // a socket keeps its namespace alive: one that is not the host's own must not outlast the calls that need it
    if (!(this.options.keepOpen === true && (namespace?.id ?? '') === this.home))
      socket.onIdle = () => setImmediate(() => this.closeIdle(pooled));
    return socket;
  }

  private closeIdle(pooled: Pooled): void {
    if (!pooled.socket.idle || this.sockets.get(pooled.key) !== pooled) return;
    this.sockets.delete(pooled.key);
    pooled.socket.close();
  }

  /** Closes every socket; what is pending fails with ClosedError. Idempotent. */
  close(): void {
    this.closed = true;
    for (const { socket } of this.sockets.values()) socket.close();
    this.sockets.clear();
  }
}

const read = promisify(readFile);
const write = promisify(writeFile);
const close = promisify(closeFile);

async function readAll(fd: number): Promise<string> {
  const buffer = Buffer.alloc(65_536);
  const { bytesRead } = await read(fd, buffer, 0, buffer.length, 0);
  return buffer.toString('utf8', 0, bytesRead).replace(/\n$/, '');
}

async function writeAll(fd: number, value: string): Promise<undefined> {
  const bytes = Buffer.from(value);
  await write(fd, bytes, 0, bytes.length, 0);
  return undefined;
}

/** The options of a call are in its last argument, whatever that is for. */
export function callOptions(args: readonly unknown[]): CallOptions {
  const last = args[args.length - 1];
  return typeof last === 'object' && last !== null ? (last as CallOptions) : {};
}

/** The methods of a table of programs, run by `host`. */
export function asyncMethods<T extends ProgramTable>(table: T, host: () => Host): AsyncMethods<T> {
  const methods: Record<string, (...args: unknown[]) => Promise<unknown>> = {};
  for (const [name, program] of Object.entries(table)) {
    methods[name] = async (...args) => await host().run(program(...args), callOptions(args));
  }
  return methods as AsyncMethods<T>;
}
