/** Starts programs in a mount namespace of their own, from a thread that can have one: launcher-source.ts. */
import type { SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { MessagePort, Worker } from 'node:worker_threads';
import { resolveDependency } from '../netlink/dependency.ts';
import { NetloomError, SystemError, TimeoutError } from '../netlink/errors.ts';
import { libc } from '../netlink/sys/libc.ts';
import { syscallsPath } from '../netlink/sys/node-netlink.ts';
import { errnoByText } from '../netlink/sys/strerror.ts';
import { launcherSource } from './launcher-source.ts';

/** What is to be started. */
export interface Launch {
  /** A descriptor of the network namespace. */
  readonly network: number;
  /** Its name, for the files of /etc/netns. */
  readonly name: string | undefined;
  /** Fail where a new /sys is not permitted, in place of going without. */
  readonly insist: boolean;
  readonly command: string;
  readonly args: readonly string[];
  /** Descriptors as `stdio`, and what is inherited spelled out. */
  readonly options: SpawnOptions;
}

/** What becomes of a program. */
export interface LaunchSink {
  exited(code: number | null, signal: NodeJS.Signals | null): void;
  /** It could not be started: ENOENT and the like. */
  failed(error: NodeJS.ErrnoException): void;
}

interface Answer {
  readonly pid?: number;
  /** What was started, as a ChildProcess tells it. */
  readonly file?: string;
  readonly argv?: string[];
  /** Files of /etc/netns/NAME that have nothing to lie over. */
  readonly passedOver?: readonly string[];
  readonly killed?: boolean;
  /** The thread is in the wrong place, and takes no more requests. */
  readonly lost: boolean;
  readonly failure?: { readonly syscall: string; readonly path?: string; readonly errno?: number; readonly text?: string };
  readonly thrown?: { readonly message: string; readonly code?: string; readonly name: string };
}

interface Notice {
  readonly id: number;
  readonly exit?: { readonly code: number | null; readonly signal: NodeJS.Signals | null };
  readonly error?: { readonly message: string };
}

/** Milliseconds: a thread takes tens of them to start, and more on a busy machine. */
const patience = 60_000;

let current: Launcher | undefined;

/** The thread that starts programs, of this thread. It lives as long as the process, and does not keep that alive. */
export function launcher(): Launcher {
  current ??= new Launcher();
  return current;
}

export class Launcher {
  private readonly port: MessagePort;
  private readonly signal = new Int32Array(new SharedArrayBuffer(4));
  private readonly sinks = new Map<number, LaunchSink>();
  private readonly referenced = new Set<number>();
  private readonly receive: (port: MessagePort) => { message: unknown } | undefined;
  private next = 1;

  /** @throws SystemError `EMFILE` */
  constructor() {
    checkRoom();
    const { Worker, MessageChannel, receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
    this.receive = receiveMessageOnPort;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const { binding } = libc();
    const path = binding === 'ffi' ? resolveDependency('koffi') : syscallsPath();
    const worker: Worker = new Worker(launcherSource, {
      eval: true,
      execArgv: [],
      workerData: { binding, path, port: port2, signal: this.signal },
      transferList: [port2],
      // descriptors are the process's, and their owners close them
      trackUnmanagedFds: false,
    });
    worker.unref();
    worker.on('error', (error) => this.abandon(error));
    worker.on('exit', () => this.abandon(new Error('the thread that started it has ended')));
    this.port.on('message', (message: unknown) => this.dispatch(message));
    this.port.unref();
  }

  /** @returns the id of the launch, and what was started: the id of the process is undefined when `failed` is to come @throws SystemError */
  launch(what: Launch, sink: LaunchSink): { id: number; pid: number | undefined; file: string | undefined; argv: string[] | undefined } {
    const id = this.next++;
    this.sinks.set(id, sink);
    this.ref(id);
    try {
      const { pid, file, argv, passedOver = [] } = this.ask({ id, ...what, umask: process.umask() });
      for (const each of passedOver)
        warnOf(`/etc/netns/${what.name}/${each} is passed over: below /etc there is nothing of the kind for it to lie over`);
      return { id, pid, file, argv };
    } catch (error) {
      this.forget(id);
      throw error;
    }
  }

  /** @returns whether the process was there to be signalled @throws Error of Node's for an unknown signal */
  kill(id: number, signal: NodeJS.Signals | number | undefined): boolean {
    return this.sinks.has(id) && this.ask({ id, kill: signal }).killed === true;
  }

  /** Lets a program keep the process alive. */
  ref(id: number): void {
    if (!this.sinks.has(id)) return;
    this.referenced.add(id);
    this.port.ref();
  }

  unref(id: number): void {
    this.referenced.delete(id);
    if (this.referenced.size === 0) this.port.unref();
  }

  private forget(id: number): void {
    this.sinks.delete(id);
    this.unref(id);
  }

  /** Asks, and waits in place: as long as it takes to start a process. */
  private ask(request: object): Answer {
    const seen = Atomics.load(this.signal, 0);
    this.port.postMessage(request);
    if (Atomics.wait(this.signal, 0, seen, patience) === 'timed-out') {
      if (current === this) current = undefined;
      throw new TimeoutError('starting a program in a mount namespace of its own', patience);
    }
    for (;;) {
      const { message } = this.receive(this.port)!;
      if ('answer' in (message as object)) return this.checked((message as { answer: Answer }).answer);
      setImmediate(() => this.dispatch(message));
    }
  }

  private checked(answer: Answer): Answer {
    if (answer.lost && current === this) current = undefined;
    const { failure, thrown } = answer;
    if (thrown !== undefined) throw Object.assign(new (errors[thrown.name] ?? Error)(thrown.message), { code: thrown.code });
    if (failure === undefined) return answer;
    const { syscall, path, errno = errnoByText(failure.text ?? '') } = failure;
    if (errno === undefined) throw new NetloomError(`${syscall}: ${failure.text}`, 'ERR_NODE_NETLINK_UNAVAILABLE');
    throw new SystemError(syscall, errno, explained(syscall, errno, path));
  }

  private dispatch(message: unknown): void {
    const { id, exit, error } = message as Notice;
    const sink = this.sinks.get(id);
    if (sink === undefined) return;
    this.forget(id);
    if (exit !== undefined) sink.exited(exit.code, exit.signal);
    else sink.failed(Object.assign(new Error(error!.message), error));
  }

  private abandon(error: Error): void {
    if (current === this) current = undefined;
    for (const [id, sink] of [...this.sinks]) {
      this.forget(id);
      sink.failed(error);
    }
  }
}

const errors: Readonly<Record<string, ErrorConstructor>> = { TypeError, RangeError };

/** Descriptors that a thread needs, generously: one that has too few ends before it can say so, and is waited for. */
const room = 24;

function checkRoom(): void {
  const opened: number[] = [];
  try {
    while (opened.length < room) opened.push(openSync('/', 'r'));
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    if (errno === undefined || syscall === undefined) throw error;
    throw new SystemError(syscall, Math.abs(errno), { message: 'too few descriptors are left to start a program' });
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

const warned = new Set<string>();

function warnOf(text: string): void {
  if (warned.has(text)) return;
  warned.add(text);
  process.emitWarning(text, { code: 'NETLOOM_ETC' });
}

const EPERM = 1;
const EACCES = 13;

function explained(syscall: string, errno: number, path: string | undefined): { path?: string; message?: string } {
  const where = path === undefined ? {} : { path };
  if (errno !== EPERM && errno !== EACCES) return where;
  if (syscall === 'mount' && path === '/sys')
    return {
      ...where,
      message: 'the kernel lets nobody mount a new /sys here, as in containers: leave `mounts` out to go without, or say `mounts: false`',
    };
  return {
    ...where,
    message:
      'a mount namespace needs CAP_SYS_ADMIN and CAP_SYS_CHROOT: run as root, or within `unshare --user --map-root-user --net --mount`, or say `mounts: false`',
  };
}
