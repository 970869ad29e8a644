/** A program that the launcher started, with what child_process gives of one. */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable, Stream, Writable } from 'node:stream';
import { InputError, NetloomError } from '../netlink/errors.ts';
import { closeFd, socketPair } from '../netlink/sys/socket.ts';
import { type Launch, type Launcher, launcher } from './launcher.ts';

type Settings = SpawnOptions & { readonly timeout?: number | undefined };

const names = ['stdin', 'stdout', 'stderr'] as const;

/** The members of {@link ChildProcess} that are there and not undefined. */
interface Emulated extends Omit<ChildProcess, 'channel' | keyof EventEmitter> {}

/**
 * Starts a program. Its standard streams, events (`spawn`, `exit`, `close`, `error`) and methods are those of a ChildProcess, but for the channel for
 * messages (`ipc`), which it has none of.
 *
 * @throws InputError for `stdio` that cannot be passed on; SystemError when it cannot be prepared
 */
export function launch(
  target: Pick<Launch, 'network' | 'name' | 'insist'>,
  command: string,
  args: readonly string[],
  options: Settings,
): ChildProcess {
  const { signal, timeout, killSignal, stdio, ...rest } = options;
  const channels = new Channels(stdio);
  const child = new Child(command, args, channels.streams);
  try {
    const inherited = { cwd: folderOf(options.cwd), env: variablesOf(options.env ?? process.env), stdio: channels.theirs };
    child.begin(launcher(), { ...target, command, args, options: { ...rest, ...inherited } as SpawnOptions });
  } catch (error) {
    channels.discard();
    throw error;
  } finally {
    channels.closeTheirs();
  }
  child.limit(signal, timeout, killSignal);
  return child as unknown as ChildProcess;
}

/** The folder as the thread understands it: its own is another, and a URL cannot be sent there. What is none is left for Node to refuse. */
function folderOf(cwd: SpawnOptions['cwd']): string | URL {
  if (cwd === undefined || cwd === null) return process.cwd();
  if (cwd instanceof URL) return process.getBuiltinModule('node:url').fileURLToPath(cwd);
  const folder: unknown = (cwd as unknown) instanceof Uint8Array ? Buffer.from(cwd as unknown as Uint8Array).toString() : cwd;
  if (typeof folder !== 'string' || folder === '') return cwd;
  return process.getBuiltinModule('node:path').resolve(folder);
}

/** The environment as Node passes it on, with what the object inherits, as text: only plain values can be sent to the thread. */
function variablesOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const variables: NodeJS.ProcessEnv = {};
  for (const name in env) if (env[name] !== undefined) variables[name] = `${env[name]}`;
  return variables;
}

/** The descriptors that a program gets, and the ends of those that are pipes. */
class Channels {
  readonly theirs: (number | 'ignore')[] = [];
  readonly streams: (Socket | null)[] = [];
  private readonly toClose: number[] = [];

  constructor(stdio: SpawnOptions['stdio']) {
    const entries: readonly unknown[] = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
    const all = [...entries, ...Array(Math.max(0, 3 - entries.length)).fill(undefined)];
    try {
      for (const [i, entry] of all.entries()) this.add(entry, i);
    } catch (error) {
      this.discard();
      this.closeTheirs();
      throw error;
    }
  }

  private add(entry: unknown, i: number): void {
    if (entry === 'pipe' || entry === 'overlapped' || ((entry === undefined || entry === null) && i < 3)) {
      const [ours, theirs] = socketPair();
      this.toClose.push(theirs);
      this.theirs.push(theirs);
      const { Socket } = process.getBuiltinModule('node:net');
      this.streams.push(new Socket({ fd: ours, readable: i !== 0, writable: i === 0 || i > 2 }));
      return;
    }
    this.theirs.push(descriptorOf(entry, i));
    this.streams.push(null);
  }

  closeTheirs(): void {
    for (const fd of this.toClose.splice(0)) closeFd(fd);
  }

  discard(): void {
    for (const stream of this.streams) stream?.destroy();
  }
}

function descriptorOf(entry: unknown, i: number): number | 'ignore' {
  if (entry === 'ignore' || entry === undefined || entry === null) return 'ignore';
  if (entry === 'inherit') return i;
  if (typeof entry === 'number' && Number.isInteger(entry) && entry >= 0) return entry;
  const stream = entry as { fd?: unknown; _handle?: { fd?: unknown } };
  // Node passes on the handle of a stream that has one; sockets show its descriptor nowhere else
  const fd = typeof entry === 'object' ? (stream.fd ?? stream._handle?.fd) : undefined;
  if (typeof fd === 'number' && fd >= 0) return fd;
  throw new InputError(
    `stdio[${i}]`,
    'expected pipe, ignore, inherit, a descriptor or an open stream that has one',
    'ERR_INVALID_ARG_VALUE',
  );
}

class Child extends EventEmitter implements Emulated {
  pid: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly stdio: Emulated['stdio'];
  readonly connected = false;
  spawnfile: string;
  spawnargs: string[];
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  killed = false;
  private open: number;
  private over = false;
  private handle: { readonly launcher: Launcher; readonly id: number } | undefined;
  private release = (): void => {};

  constructor(command: string, args: readonly string[], streams: readonly (Socket | null)[]) {
    super();
    this.spawnfile = command;
    this.spawnargs = [command, ...args];
    [this.stdin, this.stdout, this.stderr] = names.map((_, i) => streams[i] ?? null) as [Socket | null, Socket | null, Socket | null];
    this.stdio = streams as unknown as Emulated['stdio'];
    // `close` comes when the process has ended and all it wrote has been read
    const awaited = streams.filter((stream, i) => stream !== null && i > 0) as Stream[];
    this.open = awaited.length;
    for (const stream of awaited) stream.once('close', () => this.closed());
  }

  begin(by: Launcher, what: Launch): void {
    const { id, pid, file, argv } = by.launch(what, {
      exited: (code, signal) => this.exited(code, signal),
      failed: (error) => {
        this.exitCode = error.errno ?? -1;
        this.ended();
        for (const stream of this.stdio) (stream as Socket | null)?.destroy();
        this.emit('error', error);
        this.closed(true);
      },
    });
    this.pid = pid;
    // a shell, and another name
    this.spawnfile = file ?? this.spawnfile;
    this.spawnargs = argv ?? this.spawnargs;
    this.handle = { launcher: by, id };
    if (pid !== undefined) process.nextTick(() => this.emit('spawn'));
  }

  limit(signal: AbortSignal | undefined, timeout: number | undefined, killSignal: NodeJS.Signals | number | undefined): void {
    if (this.over) return;
    const timer = timeout === undefined || timeout <= 0 ? undefined : setTimeout(() => this.kill(killSignal), timeout);
    timer?.unref();
    const abort = (): void => {
      if (!this.kill(killSignal)) return;
      this.emit(
        'error',
        Object.assign(new Error('The operation was aborted', { cause: signal!.reason }), { name: 'AbortError', code: 'ABORT_ERR' }),
      );
    };
    if (signal?.aborted === true) process.nextTick(abort);
    else signal?.addEventListener('abort', abort, { once: true });
    this.release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  }

  kill(signal?: NodeJS.Signals | number): boolean {
    if (this.over || this.handle === undefined || this.pid === undefined) return false;
    const sent = this.handle.launcher.kill(this.handle.id, signal);
    if (sent) this.killed = true;
    return sent;
  }

  ref(): void {
    this.handle?.launcher.ref(this.handle.id);
  }

  unref(): void {
    this.handle?.launcher.unref(this.handle.id);
  }

  send(): never {
    throw new NetloomError('the program has no channel for messages: start it with `mounts: false` and `ipc`', 'ERR_IPC_CHANNEL_CLOSED');
  }

  disconnect(): void {
    this.emit('error', new NetloomError('the program has no channel for messages', 'ERR_IPC_DISCONNECTED'));
  }

  [Symbol.dispose](): void {
    if (!this.killed) this.kill();
  }

  private exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.exitCode = code;
    this.signalCode = signal;
    this.ended();
    this.stdin?.destroy();
    this.emit('exit', code, signal);
    // what nobody reads must not hold up `close`
    process.nextTick(() => {
      for (const stream of this.stdio as readonly (Socket | null)[]) if (stream?.readable === true) stream.resume();
    });
    this.closed(true);
  }

  private ended(): void {
    this.over = true;
    this.release();
  }

  private isDone = false;
  private closed(ended = false): void {
    if (ended) this.isDone = true;
    else this.open--;
    if (this.isDone && this.open === 0) {
      this.open = -1;
      this.emit('close', this.exitCode, this.signalCode);
    }
  }
}
