/** A stream of network namespaces that come and go. Sources: inotify(7), ip-netns(8), "monitor". */
import { InputError } from '../netlink/errors.ts';
import { checkBoolean, checkMembers, checkSignal, inArgument, memberNames } from '../netlink/input.ts';
import { checkInteger } from '../netlink/scalar.ts';
import { nameDirectories } from '../netlink/sys/namespace.ts';
import { listNames, type NetnsEntry } from './name.ts';
import { processesByNamespace } from './process.ts';
import { type DirectoryWatch, watchDirectory } from './watch-directory.ts';

/** A name has come, has gone, or is another namespace's by now. */
export interface NetnsNameEvent {
  /** Tells the events apart. */
  readonly kind: 'name';
  /** What became of the name: `change` says that it is another namespace's. */
  readonly action: 'new' | 'change' | 'delete';
  /** The name. */
  readonly name: string;
  /** What the name stands for now; absent when it is gone. */
  readonly netns?: NetnsEntry;
  /** What it stood for before; absent when it is new. */
  readonly old?: NetnsEntry;
}

/** The processes in a namespace, with a name or without, are others than before. */
export interface NetnsProcessesEvent {
  /** Tells the events apart. */
  readonly kind: 'processes';
  /** `new`: the first processes of the namespace are seen; `delete`: the last has gone. */
  readonly action: 'new' | 'change' | 'delete';
  /** Inode number of the namespace, the second half of {@link NetnsEntry.id}: `4026532281`. */
  readonly inode: string;
  /** Their ids, ascending; none when the last has gone. */
  readonly processes: readonly number[];
  /** Those that were in it before; absent when it is new. */
  readonly old?: readonly number[];
}

/** Names came and went again, or went and came again as what they were, before anybody looked. The picture is right all the same. */
export interface NetnsOverrunEvent {
  /** Tells the events apart. */
  readonly kind: 'overrun';
  /** The names, as far as they are known. */
  readonly names: readonly string[];
}

/** The events so far describe all there was when the watch began. */
export interface NetnsSyncedEvent {
  /** Tells the events apart. */
  readonly kind: 'synced';
  /** What was described: all there was at the beginning. */
  readonly reason: 'initial';
}

/** What a watch tells. */
export type NetnsEvent = NetnsNameEvent | NetnsProcessesEvent | NetnsOverrunEvent | NetnsSyncedEvent;

/** What a watch tells of, and when it ends. */
export interface NetnsWatchOptions {
  /** Begin with the names that exist (and processes, if asked for), each as an event with `action: 'new'`; then comes `synced`. Default: false. */
  readonly initial?: boolean;
  /** Also tell of the processes in namespaces, those without a name too: /proc is looked at in intervals, for the kernel does not tell. Default: false. */
  readonly processes?: boolean;
  /** Milliseconds between two looks at /proc. Default: 1,000. */
  readonly interval?: number;
  /** Ends the stream with an error: the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether waiting for an event keeps the process alive. Default: true. */
  readonly ref?: boolean;
}

const members = memberNames<NetnsWatchOptions>({ signal: true, initial: true, processes: true, interval: true, ref: true });

/** More names than these are not remembered for an overrun. */
const mostUntold = 1000;
/** Milliseconds after which a file that no namespace is mounted on yet is looked at again, doubled each time; after the last it is taken to be stale. */
const firstPause = 1;
const lastPause = 1000;

/**
 * Watches network namespaces come and go. It listens when this returns: what happens before the first event is asked for is not missed.
 *
 *     for await (const event of netns.watch({ initial: true, signal })) console.log(event.kind, event);
 *
 * Changes that nobody asks for meanwhile take no memory: the next events tell the difference between the last picture and the present one, and
 * `overrun` which names it passes over. `break`, `close()` and the signal end it.
 *
 * @throws InputError naming an option
 * @throws SystemError `ENOSPC` or `EMFILE` at the limits of inotify
 */
export function watch(options: NetnsWatchOptions = {}): NetnsWatch {
  checkMembers(options, 'options', members);
  for (const member of ['initial', 'processes', 'ref'] as const) checkBoolean(options[member], member);
  const { interval, signal } = options;
  if (interval !== undefined) inArgument('interval', () => checkInteger(interval, 1, 2 ** 31 - 1));
  if (interval !== undefined && options.processes !== true) throw new InputError('interval', 'is of use with `processes: true` alone');
  checkSignal(signal);
  return new NetnsWatch(options);
}

/** What {@link watch} returns. */
export class NetnsWatch implements AsyncIterableIterator<NetnsEvent, undefined>, AsyncDisposable {
  readonly #options: NetnsWatchOptions;
  readonly #directory: DirectoryWatch;
  #names = new Map<string, NetnsEntry>();
  #processes = new Map<string, readonly number[]>();
  /**
   * How often the file of a name has come or gone, less what has been told of it: to come and to go are one each, to be another's two. It is
   * below zero while the second half of what was told is still to be reported.
   */
  readonly #untold = new Map<string, number>();
  #dirty = false;
  /** Files that no namespace is mounted on yet: the pause before the next look at each. Mounting tells nobody. */
  readonly #pending = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #referenced = true;
  #poll: NodeJS.Timeout | undefined;
  readonly #queue: NetnsEvent[] = [];
  readonly #waiting: { resolve: (result: IteratorResult<NetnsEvent, undefined>) => void; reject: (error: unknown) => void }[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason);

  constructor(options: NetnsWatchOptions) {
    this.#options = options;
    this.#directory = watchDirectory(nameDirectories[0], {
      touched: (name) => {
        if (name !== undefined && (this.#untold.has(name) || this.#untold.size < mostUntold)) this.#count(name, 1);
        this.#notice();
      },
      failed: (error) => this.#fail(error),
    });
    try {
      this.#look(options.initial === true);
    } catch (error) {
      this.#directory.close();
      throw error;
    }
    if (options.initial === true) this.#queue.push({ kind: 'synced', reason: 'initial' });
    if (options.processes === true) {
      this.#poll = setInterval(() => this.#notice(), options.interval ?? 1000);
    }
    if (options.ref === false) this.unref();
    const { signal } = options;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The next event; done when the watch is closed. @throws the reason of the signal once it is aborted, SystemError when the directory cannot be watched or read any more */
  next(): Promise<IteratorResult<NetnsEvent, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Ends the watch; whoever waits gets `done`. May be repeated. */
  close(): void {
    this.#end();
    this.#queue.length = 0;
    this.#serve();
  }

  /** From now on, waiting for an event keeps the process alive. */
  ref(): this {
    this.#referenced = true;
    this.#directory.ref();
    this.#poll?.ref();
    this.#timer?.ref();
    return this;
  }

  /** From now on, waiting for an event does not keep the process alive. */
  unref(): this {
    this.#referenced = false;
    this.#directory.unref();
    this.#poll?.unref();
    this.#timer?.unref();
    return this;
  }

  async return(): Promise<IteratorResult<NetnsEvent, undefined>> {
    this.close();
    return { value: undefined, done: true };
  }

  async throw(error?: unknown): Promise<IteratorResult<NetnsEvent, undefined>> {
    this.close();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #notice(): void {
    this.#dirty = true;
    this.#serve();
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#failure = { error };
    this.#end();
    this.#queue.length = 0;
    this.#serve();
  }

  #end(): void {
    this.#ended = true;
    this.#directory.close();
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** Gives what there is to those who wait. A look is taken only for somebody. */
  #serve(): void {
    while (this.#waiting.length > 0) {
      if (this.#queue.length === 0 && this.#dirty && !this.#ended) {
        try {
          this.#look(true);
        } catch (error) {
          this.#fail(error);
          return;
        }
      }
      const event = this.#queue.shift();
      if (event === undefined && !this.#ended) return;
      const { resolve, reject } = this.#waiting.shift()!;
      if (event !== undefined) resolve({ value: event, done: false });
      else if (this.#failure !== undefined) {
        const { error } = this.#failure;
        this.#failure = undefined; // told once; then it is over
        reject(error);
      } else resolve({ value: undefined, done: true });
    }
  }

  /** Compares what is there with the last picture. @param tell whether the difference is told */
  #look(tell: boolean): void {
    const isElsewhere = this.#directory.follow();
    this.#dirty = false;
    const now = new Map(listNames().map((entry) => [entry.name, entry]));
    const missed: string[] = [];
    for (const name of new Set([...this.#names.keys(), ...now.keys(), ...this.#untold.keys(), ...this.#pending.keys()])) {
      const old = this.#names.get(name);
      const entry = now.get(name);
      if (entry?.problem === 'stale' && old?.problem !== 'stale' && tell && this.#waitsForMount(name)) continue;
      if (entry?.problem !== 'stale') this.#pending.delete(name);
      if (old?.id !== entry?.id || old?.problem !== entry?.problem || (old === undefined) !== (entry === undefined)) {
        if (entry === undefined) this.#names.delete(name);
        else this.#names.set(name, entry);
        if (tell) this.#tell(name, old, entry);
      }
      if ((this.#untold.get(name) ?? 0) < 2) continue;
      this.#untold.delete(name);
      missed.push(name);
    }
    // of the files of a directory that has come meanwhile nobody has told, and of those of the one before nobody will
    if (isElsewhere) this.#untold.clear();
    if (tell && missed.length > 0) this.#queue.push({ kind: 'overrun', names: missed.sort() });
    if (this.#options.processes === true) this.#lookAtProcesses(tell);
    this.#schedule();
  }

  #tell(name: string, old: NetnsEntry | undefined, entry: NetnsEntry | undefined): void {
    const action = old === undefined ? 'new' : entry === undefined ? 'delete' : 'change';
    // what becomes of one file, such as a mount on it, is no change of the directory
    if (action !== 'change' || old?.problem !== 'stale') this.#count(name, action === 'change' ? -2 : -1);
    this.#queue.push({
      kind: 'name',
      action,
      name,
      ...(entry === undefined ? {} : { netns: entry }),
      ...(old === undefined ? {} : { old }),
    });
  }

  #count(name: string, change: number): void {
    const count = (this.#untold.get(name) ?? 0) + change;
    if (count === 0) this.#untold.delete(name);
    else this.#untold.set(name, count);
  }

  /** Whether a file without a namespace may be on its way to one. */
  #waitsForMount(name: string): boolean {
    const pause = this.#pending.get(name);
    const next = pause === undefined ? firstPause : pause * 2;
    if (next > lastPause) return false;
    this.#pending.set(name, next);
    return true;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#pending.size === 0) return;
    this.#timer = setTimeout(() => this.#notice(), Math.min(...this.#pending.values()));
    if (!this.#referenced) this.#timer.unref();
  }

  #lookAtProcesses(tell: boolean): void {
    const now = processesByNamespace();
    for (const inode of new Set([...this.#processes.keys(), ...now.keys()])) {
      const old = this.#processes.get(inode);
      const processes = now.get(inode);
      if (old?.join() === processes?.join()) continue;
      if (!tell) continue;
      const action = old === undefined ? 'new' : processes === undefined ? 'delete' : 'change';
      this.#queue.push({ kind: 'processes', action, inode, processes: processes ?? [], ...(old === undefined ? {} : { old }) });
    }
    this.#processes = now;
  }
}
