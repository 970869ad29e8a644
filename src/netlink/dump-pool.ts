/** The sockets that a host makes its dumps through: one for each dump under way; of each namespace that is to stay open, an idle one is kept. */
import type { OpenNamespace } from './sys/namespace.ts';

export interface DumpPoolOptions<S> {
  readonly open: (protocol: number, namespace: OpenNamespace | undefined) => S;
  /** Whether an idle socket in this namespace may be kept: a socket keeps its namespace alive. */
  readonly keeps: (namespace: OpenNamespace | undefined) => boolean;
}

export class DumpPool<S extends { close(): void }> {
  private readonly options: DumpPoolOptions<S>;
  private readonly idle = new Map<number, S>();
  private readonly busy = new Set<S>();
  private closed = false;

  constructor(options: DumpPoolOptions<S>) {
    this.options = options;
  }

  /** A socket that no dump is under way on. @throws SystemError */
  take(protocol: number, namespace: OpenNamespace | undefined): S {
    const kept = this.options.keeps(namespace) ? this.idle.get(protocol) : undefined;
    if (kept !== undefined) this.idle.delete(protocol);
    const socket = kept ?? this.options.open(protocol, namespace);
    this.busy.add(socket);
    return socket;
  }

  /** Gives a socket back. @param reusable the dump on it was read to its end */
  put(socket: S, protocol: number, namespace: OpenNamespace | undefined, reusable: boolean): void {
    this.busy.delete(socket);
    if (reusable && !this.closed && !this.idle.has(protocol) && this.options.keeps(namespace)) this.idle.set(protocol, socket);
    else socket.close();
  }

  /** Closes all; dumps under way fail. */
  close(): void {
    this.closed = true;
    for (const socket of [...this.busy, ...this.idle.values()]) socket.close();
    this.idle.clear();
  }
}

/** Lets so many in at a time; the others wait, in order. */
export class Turnstile {
  private left: number;
  private readonly waiting: (() => void)[] = [];

  constructor(places: number) {
    this.left = places;
  }

  /** @throws the reason of `signal` */
  async enter(signal: AbortSignal | undefined): Promise<void> {
    if (this.left > 0) {
      this.left--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.waiting.splice(this.waiting.indexOf(admit), 1);
        reject(signal!.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(admit);
    });
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.left++;
    else next();
  }
}
