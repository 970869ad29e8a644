/**
 * Requests as tools follow them: the tracing channel `netloom:request` of node:diagnostics_channel, with the events that `tracePromise` and
 * `traceSync` have. While nobody listens, that is one look a request.
 */
import { tracingChannel } from 'node:diagnostics_channel';
import type { Result, Waiter } from './flight.ts';
import type { Request } from './operation.ts';
import { errorOf } from './outcome.ts';
import type { Dump, DumpPart } from './program.ts';
import type { OpenNamespace } from './sys/namespace.ts';

/** The context of the events of `tracing:netloom:request:*`: one request to the kernel, or one dump. */
export interface TracedRequest {
  /** Constant of the message type: `RTM_NEWLINK`. */
  readonly operation: string;
  /** NETLINK_*: 0 is NETLINK_ROUTE, 12 NETLINK_NETFILTER. */
  readonly protocol: number;
  /** Id of the network namespace, `device:inode`; undefined: that of the thread that opened the socket. */
  readonly namespace: string | undefined;
  /** What it is about, as errors say it: `link "eth0"`. */
  readonly subject: string;
  /** Whether the kernel lists objects. */
  readonly dump: boolean;
  /** Whether it is asked in place: it has `start`, `end` and perhaps `error` then, and neither `asyncStart` nor `asyncEnd`. */
  readonly sync: boolean;
  /** Of a dump: the objects that it has given so far. */
  readonly count?: number;
  /** What the kernel has answered, decoded, keys included; undefined for an ack and for a dump. */
  readonly result?: unknown;
  /** What it failed with. A refusal that the caller does not get to see, since it was expected, is told too. */
  readonly error?: Error;
}

const channels = tracingChannel<unknown, TracedRequest>('netloom:request');
const { start, end, asyncStart, asyncEnd, error } = channels;

/** Whether anybody listens. `TracingChannel.hasSubscribers` is younger than the oldest Node.js that is supported. */
export function requestsAreTraced(): boolean {
  return start.hasSubscribers || asyncEnd.hasSubscribers || end.hasSubscribers || asyncStart.hasSubscribers || error.hasSubscribers;
}

type Ending = { readonly error: Error } | { readonly result: unknown };

class Trace {
  private readonly context: { -readonly [K in keyof TracedRequest]: TracedRequest[K] };
  private returned = false;
  private over = false;

  constructor({ operation, subject, expects }: Request, namespace: OpenNamespace | undefined, sync: boolean) {
    const { name, protocol } = operation;
    this.context = { operation: name, protocol, namespace: namespace?.id, subject, dump: expects === 'dump', sync };
    // the stores that are bound to the channel are told as well
    start.runStores(this.context, () => {});
  }

  /** The call that asked has returned: its answer comes later. */
  asked(): void {
    if (this.returned || this.context.sync) return;
    this.returned = true;
    end.publish(this.context);
  }

  counted(part: DumpPart | undefined): void {
    this.context.count = (this.context.count ?? 0) + (part?.values.length ?? 0);
  }

  settled(request: Request, result: Result): void {
    this.finish(result.kind === 'value' ? { result: result.value } : { error: errorOf(request, result)! });
  }

  /** Idempotent. */
  finish(ending: Ending): void {
    if (this.over) return;
    this.over = true;
    this.asked();
    Object.assign(this.context, ending);
    if ('error' in ending) error.publish(this.context as TracedRequest & { error: Error });
    if (this.context.sync) end.publish(this.context);
    else {
      asyncStart.publish(this.context);
      asyncEnd.publish(this.context);
    }
  }

  fail(thrown: unknown): void {
    this.finish({ error: thrown as Error });
  }
}

/** One for each request; the brackets of a transaction are none. */
function traces(requests: readonly Request[], namespace: OpenNamespace | undefined, sync: boolean): (Trace | undefined)[] {
  return requests.map((request) => (request.expects === 'none' ? undefined : new Trace(request, namespace, sync)));
}

/** Follows a request whose result `waiter` learns. @throws what `ask` throws */
export function traceOne(request: Request, namespace: OpenNamespace | undefined, waiter: Waiter, ask: (waiter: Waiter) => void): void {
  const trace = new Trace(request, namespace, false);
  try {
    ask({
      settled(result) {
        trace.settled(request, result);
        waiter.settled(result);
      },
    });
    trace.asked();
  } catch (thrown) {
    trace.fail(thrown);
    throw thrown;
  }
}

/** Follows requests that leave together. */
export async function traceAll(
  requests: readonly Request[],
  namespace: OpenNamespace | undefined,
  ask: () => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const all = traces(requests, namespace, false);
  try {
    const asked = ask();
    for (const trace of all) trace?.asked();
    const results = await asked;
    for (const [i, trace] of all.entries()) trace?.settled(requests[i]!, results[i]!);
    return results;
  } catch (thrown) {
    for (const trace of all) trace?.fail(thrown);
    throw thrown;
  }
}

/** Follows requests that are asked in place. */
export function traceAllSync(
  requests: readonly Request[],
  namespace: OpenNamespace | undefined,
  ask: () => readonly Result[],
): readonly Result[] {
  const all = traces(requests, namespace, true);
  try {
    const results = ask();
    for (const [i, trace] of all.entries()) trace?.settled(requests[i]!, results[i]!);
    return results;
  } catch (thrown) {
    for (const trace of all) trace?.fail(thrown);
    throw thrown;
  }
}

/** A dump as its driver reads it. */
export interface DumpOf<Part> extends Dump {
  read(): Part;
  end(): void;
}

/** Follows a dump up to its end, or until it is broken off. */
export async function traceDump(
  request: Request,
  namespace: OpenNamespace | undefined,
  begin: () => Promise<DumpOf<Promise<DumpPart | undefined>>>,
): Promise<DumpOf<Promise<DumpPart | undefined>>> {
  const trace = new Trace(request, namespace, false);
  try {
    const beginning = begin();
    trace.asked();
    const dump = await beginning;
    return {
      request,
      async read() {
        try {
          const part = await dump.read();
          trace.counted(part);
          return part;
        } catch (thrown) {
          trace.fail(thrown);
          throw thrown;
        }
      },
      end() {
        dump.end();
        trace.finish({ result: undefined });
      },
    };
  } catch (thrown) {
    trace.fail(thrown);
    throw thrown;
  }
}

/** {@link traceDump}, in place. */
export function traceDumpSync(
  request: Request,
  namespace: OpenNamespace | undefined,
  begin: () => DumpOf<DumpPart | undefined>,
): DumpOf<DumpPart | undefined> {
  const trace = new Trace(request, namespace, true);
  try {
    const dump = begin();
    return {
      request,
      read() {
        try {
          const part = dump.read();
          trace.counted(part);
          return part;
        } catch (thrown) {
          trace.fail(thrown);
          throw thrown;
        }
      },
      end() {
        dump.end();
        trace.finish({ result: undefined });
      },
    };
  } catch (thrown) {
    trace.fail(thrown);
    throw thrown;
  }
}
