/** A handle of a network namespace. */
import type { ChildProcess, ChildProcessWithoutNullStreams, SpawnOptions, SpawnOptionsWithoutStdio } from 'node:child_process';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { ClosedError, InputError, NetloomError, NotFoundError } from '../netlink/errors.ts';
import { closeNamespace, type NamespaceLike, type NamespaceRef, type OpenNamespace, openNamespace } from '../netlink/sys/namespace.ts';
import { inNamespace } from '../netlink/sys/section.ts';
import { collect, collectFrom, type ExecOptions, type ExecResult } from './exec.ts';
import { launchWithMounts, type MountOptions, mountMembers } from './mounts.ts';
import { releaseName } from './name.ts';
import { checkExecOptions } from './process-options.ts';
import { Sysctl } from './sysctl.ts';

/** What a handle is made of. */
export interface NetnsParts {
  readonly namespace: OpenNamespace;
  readonly name: string | undefined;
  readonly path: string | undefined;
}

/**
 * An open network namespace. It lives while the handle is open. Disposing the handle closes it: a named namespace stays until
 * {@link Netns.delete}, an anonymous one goes with its last holder. Made by `create` and `open`.
 */
export class Netns implements NamespaceLike {
  /** Its name, as `ip netns` knows it; undefined when it was made without, or opened by another path or a process. */
  readonly name: string | undefined;
  /** The file it was opened from, such as `/run/netns/red`; undefined for an anonymous one and one opened by process. */
  readonly path: string | undefined;
  /** Device and inode, as `device:inode`; equal for handles of one namespace. */
  readonly id: string;
  /** Its sysctls, those below `net.`. */
  readonly sysctl: Sysctl;
  readonly #namespace: OpenNamespace;
  #closed = false;

  /** Takes over `namespace`. @internal */
  constructor({ namespace, name, path }: NetnsParts) {
    this.name = name;
    this.path = path;
    this.id = namespace.id;
    this.#namespace = namespace;
    this.sysctl = new Sysctl(this);
  }

  /** A descriptor open on it, valid until {@link Netns.close}. @throws ClosedError */
  get fd(): number {
    if (this.#closed) throw new ClosedError(this.#namespace.describe);
    return this.#namespace.fd;
  }

  /** Whether {@link Netns.close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Runs `callback` in the namespace and returns what it returns. Sockets, workers and child processes started within stay inside. The callback must do
   * its work before it returns: what it leaves for later (promises, timers, name resolution) happens outside. So `server.listen(port)` listens inside, but
   * `server.listen(port, host)` outside: Node looks the host up first, even an address. Files below /sys/class/net go by the mount, not the namespace.
   *
   * @throws InputError when the callback returns a promise; ClosedError; what the callback throws
   * @throws SystemError `EPERM` without CAP_SYS_ADMIN
   */
  run<T>(callback: () => T): T {
    const { fd } = this;
    if (typeof callback !== 'function') throw new InputError('callback', 'expected a function', 'ERR_INVALID_ARG_TYPE');
    return inNamespace(fd, callback);
  }

  /**
   * Starts a program inside, with the options of `child_process.spawn`. As with `ip netns exec` it has mounts of its own, where /sys is that of the
   * namespace and the files of /etc/netns/NAME lie over those of /etc: see {@link MountOptions.mounts}. What is returned has the
   * members, streams and events of a ChildProcess; it is one with `mounts: false`.
   *
   * @throws InputError, ClosedError; SystemError when something cannot be mounted; errors of the start itself are events of the child
   */
  spawn(command: string, args?: readonly string[], options?: SpawnOptionsWithoutStdio & MountOptions): ChildProcessWithoutNullStreams;
  spawn(command: string, args: readonly string[], options: SpawnOptions & MountOptions): ChildProcess;
  spawn(command: string, args: readonly string[] = [], { mounts, ...options }: SpawnOptions & MountOptions = {}): ChildProcess {
    const child = launchWithMounts(this, command, args, options, mounts);
    if (child !== undefined) return child;
    const { spawn } = process.getBuiltinModule('node:child_process'); // before the way in
    return this.run(() => spawn(command, args, options));
  }

  /**
   * Runs a program inside to its end and returns what it printed and how it ended: an exit status other than 0 is a result, not an error. There is no shell.
   * It has the mounts that {@link Netns.spawn} would give it.
   *
   * @throws Error of Node's when the program cannot be started (`ENOENT`), writes more than `maxBuffer` (default 1 MiB), or was ended by `timeout` or `signal`
   * @throws InputError, ClosedError, SystemError
   */
  exec(command: string, args?: readonly string[], options?: ExecOptions & { readonly encoding?: BufferEncoding }): Promise<ExecResult>;
  exec(command: string, args: readonly string[], options: ExecOptions & { readonly encoding: 'buffer' }): Promise<ExecResult<Buffer>>;
  exec(command: string, args: readonly string[], options: ExecOptions): Promise<ExecResult<string | Buffer>>;
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult<string | Buffer>> {
    checkExecOptions(options, mountMembers);
    const { mounts, timeout: _, maxBuffer: __, encoding: ___, input: ____, ...spawnOptions } = options;
    const child = launchWithMounts(this, command, args, spawnOptions, mounts);
    if (child !== undefined) return await collectFrom(child, options);
    const { mounts: _mounts, ...rest } = options;
    return await collect((start) => this.run(start), command, args, rest);
  }

  /**
   * Starts a thread that lives in the namespace, with the arguments of `new Worker` (node:worker_threads). What it opens on its own thread is inside: netlink
   * sockets, sockets of `net` and `dgram`, also those that listen on an address or connect to a name, child processes, and files below
   * /proc/thread-self/net and /proc/sys/net that are opened in place. This thread stays where it is.
   *
   * What Node.js does on the threads of its pool happens outside: looking names up by `dns.lookup` (with the resolver's packets; `dns.resolve` is inside),
   * and `fs` with callbacks or promises. /proc/self is the main thread's, and so is /proc/net; /sys/class/net goes by the mount.
   *
   * @throws ClosedError, SystemError; what `new Worker` throws
   */
  worker(filename: string | URL, options?: WorkerOptions): Worker {
    const { Worker } = process.getBuiltinModule('node:worker_threads'); // before the way in
    return this.run(() => new Worker(filename, options));
  }

  /**
   * Takes its name away. The handle stays open, and the namespace lives until that and its other holders are gone.
   *
   * @throws NotFoundError when the name is gone, or another namespace's by now
   * @throws InputError when it has no name; ClosedError, SystemError
   */
  async delete(): Promise<void> {
    this.deleteSync();
  }

  /** {@link Netns.delete}, in place. */
  deleteSync(): void {
    if (this.#closed) throw new ClosedError(this.#namespace.describe);
    const { name, path } = this;
    if (name === undefined || path === undefined)
      throw new InputError('', `${this.#namespace.describe} has no name to delete: it goes with its last holder`);
    if (identify(path) !== this.id) throw new NotFoundError('', this.#namespace.describe, 'ENOENT');
    releaseName(path);
  }

  /** Closes the handle. May be repeated. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeNamespace(this.#namespace);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/** The id of the namespace at a path, or undefined. */
function identify(path: NamespaceRef): string | undefined {
  try {
    const namespace = openNamespace(path);
    closeNamespace(namespace);
    return namespace.id;
  } catch (error) {
    if (error instanceof NetloomError) return undefined;
    throw error;
  }
}
