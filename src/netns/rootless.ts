/**
 * Network namespaces of ordinary users: each within a user namespace, whose root the user is. Sources: user_namespaces(7), newuidmap(1), unshare(1),
 * nsenter(1).
 *
 * A process with threads cannot enter a user namespace, and no process can have a child born in one but by clone(2), which Node.js does not offer. So these
 * two programs of util-linux do it, and newuidmap and newgidmap, which are privileged, where more ids are wanted than one's own.
 */
import type { ChildProcess, ChildProcessWithoutNullStreams, SpawnOptions, SpawnOptionsWithoutStdio } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { ClosedError, InputError, NetloomError, SystemError } from '../netlink/errors.ts';
import { checkMembers, checkSignal, inArgument, memberNames } from '../netlink/input.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import { closeNamespace, openNamespace } from '../netlink/sys/namespace.ts';
import { collect, type ExecOptions, type ExecResult } from './exec.ts';
import { checkExecOptions } from './process-options.ts';
import { subordinateMap } from './subordinate.ts';

/** A range of ids: `count` of them, which begin at `inside` in the user namespace and at `outside` in that of the caller. */
export interface IdRange {
  /** First id of the range within the user namespace. */
  readonly inside: number;
  /** The id that it stands for outside. */
  readonly outside: number;
  /** How many ids from there on. */
  readonly count: number;
}

/** Who is root in the namespaces of an ordinary user. */
export interface RootlessOptions {
  /**
   * Users. Default: root inside is the user of the process, and there is no other. More need newuidmap(1) and a line in /etc/subuid; `auto` maps all that the user has there, from 1 on, and is
   * the default where there are none or newuidmap is not installed.
   */
  readonly uidMap?: readonly IdRange[] | 'auto';
  /** Groups, likewise: newgidmap(1), /etc/subgid. With the default, setgroups(2) is forbidden inside. */
  readonly gidMap?: readonly IdRange[] | 'auto';
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

const members = memberNames<RootlessOptions>({ signal: true, uidMap: true, gidMap: true });
const rangeMembers = memberNames<IdRange>({ inside: true, outside: true, count: true });
const lastId = 0xfffffffe;

/**
 * Holds the namespaces: its end is theirs. It waits for its ids to be mapped, then has an empty /run for names of namespaces and, where the kernel
 * permits it, a /sys of its own; and ends when its standard input does, which is when the process that made it closes the handle or dies.
 */
const holder = `echo "$$"; read -r _ || exit 1
mount -t tmpfs -o mode=755 tmpfs /run || exit 1
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys 2>/dev/null
echo ready; read -r _; exit 0`;

/**
 * Makes a network namespace for which no privilege is needed: in a user namespace of its own, where the user is root. It has a mount namespace
 * too, in which /run is empty, so that programs inside can name namespaces. It lives until it is closed, or the process ends, however it ends.
 *
 *     await using box = await netns.createRootless();
 *     await box.exec('ip', ['link', 'set', 'lo', 'up']);
 *     await box.exec(process.execPath, ['my-network.mjs']); // netloom works in there as for root
 *
 * Only programs started by its `spawn` and `exec` are inside: this process stays outside of the user namespace, and the kernel lets nobody
 * act in it from there. For the same reason `netns: box.pid` is refused (EPERM).
 *
 * @throws InputError for a bad option
 * @throws NetloomError `ENOENT` where unshare(1) or newuidmap(1) is not installed, `EPERM` where the kernel or the machine's rules forbid user namespaces or a map
 */
export async function createRootless(options: RootlessOptions = {}): Promise<RootlessNetns> {
  checkMembers(options, 'options', members);
  const uidMap = checkMap(options.uidMap, 'uidMap');
  const gidMap = checkMap(options.gidMap, 'gidMap');
  const { signal } = options;
  checkSignal(signal);
  signal?.throwIfAborted();
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn('unshare', ['--user', '--net', '--mount', '--propagation', 'slave', '--', 'sh', '-c', holder], {
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    ...(signal === undefined ? {} : { signal }),
  });
  const lines = new Lines(child);
  try {
    const pid = Number(await lines.next());
    await writeMaps(pid, uidMap, gidMap, signal);
    child.stdin.write('mapped\n');
    await lines.next();
    const namespace = openNamespace(pid, 'pid');
    const { id } = namespace;
    closeNamespace(namespace);
    return new RootlessNetns(child, pid, id);
  } catch (error) {
    child.stdin?.end();
    child.kill('SIGKILL');
    throw signal?.aborted === true ? signal.reason : error;
  }
}

/** A network namespace within a user namespace; made by {@link createRootless}. */
export class RootlessNetns implements AsyncDisposable, Disposable {
  /** The process that holds it: `nsenter --target PID --user --net --mount --preserve-credentials` enters it too. */
  readonly pid: number;
  /** Device and inode of the network namespace. */
  readonly id: string;
  readonly #holder: ChildProcessWithoutNullStreams;
  #closed = false;

  constructor(child: ChildProcessWithoutNullStreams, pid: number, id: string) {
    this.#holder = child;
    this.pid = pid;
    this.id = id;
    // a handle that is left open must not keep the process alive, and ends with it
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref?(): void }).unref?.();
    child.on('error', () => {});
  }

  /** Whether it was closed, or its holder has ended. */
  get closed(): boolean {
    return this.#closed || this.#holder.exitCode !== null || this.#holder.signalCode !== null;
  }

  /**
   * Starts a program inside, as root of the user namespace, with the options of `child_process.spawn`. `uid` and `gid` are ids outside. A program that is
   * not found ends with the status 127, and 126 when it cannot be run or `cwd` is not there.
   *
   * @throws ClosedError
   */
  spawn(command: string, args?: readonly string[], options?: SpawnOptionsWithoutStdio): ChildProcessWithoutNullStreams;
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    const [file, ...rest] = this.#inside(command, args, options.cwd);
    return process.getBuiltinModule('node:child_process').spawn(file, rest, options);
  }

  /** Runs a program inside to its end, as {@link Netns.exec} does. @throws InputError, ClosedError; Error of Node's for `timeout`, `signal`, `maxBuffer` */
  async exec(command: string, args: readonly string[] = [], options: Omit<ExecOptions, 'mounts' | 'encoding'> = {}): Promise<ExecResult> {
    checkExecOptions(options);
    const [file, ...rest] = this.#inside(command, args, options.cwd);
    return (await collect((start) => start(), file, rest, options)) as ExecResult;
  }

  #inside(command: string, args: readonly string[], cwd: string | URL | undefined): [string, ...string[]] {
    if (typeof command !== 'string' || command === '')
      throw new InputError('command', `expected the name of a program, got ${show(command)}`, 'ERR_INVALID_ARG_TYPE');
    if (this.closed) throw new ClosedError('the namespace');
    const folder = cwd instanceof URL ? process.getBuiltinModule('node:url').fileURLToPath(cwd) : (cwd ?? process.cwd());
    // with its mounts the program would begin in their root
    const enter = 'cd -- "$1" || exit 126; shift; exec "$@"';
    const target = ['--target', String(this.pid), '--user', '--net', '--mount', '--preserve-credentials'];
    return ['nsenter', ...target, '--', 'sh', '-c', enter, 'sh', folder, command, ...args];
  }

  /** Lets it go. It lives on while a program is inside. May be repeated. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#holder.stdin.end();
    this.#holder.kill('SIGKILL');
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

function checkMap(map: readonly IdRange[] | 'auto' | undefined, argument: 'uidMap' | 'gidMap'): readonly IdRange[] | undefined {
  if (map === undefined) return undefined;
  if (map === 'auto') return subordinateMap(argument === 'uidMap' ? 'uid' : 'gid');
  if (!Array.isArray(map) || map.length === 0)
    throw new InputError(argument, `expected an array of ranges, or "auto", got ${show(map)}`, 'ERR_INVALID_ARG_TYPE');
  map.forEach((range: IdRange, i) => {
    inArgument(`${argument}[${i}]`, () => {
      checkMembers(range, '', rangeMembers);
      for (const member of ['inside', 'outside'] as const) inArgument(member, () => checkInteger(range[member], 0, lastId));
      inArgument('count', () => checkInteger(range.count, 1, lastId + 1 - Math.max(range.inside, range.outside)));
    });
  });
  return map;
}

async function writeMaps(
  pid: number,
  uidMap: readonly IdRange[] | undefined,
  gidMap: readonly IdRange[] | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  await writeMap(pid, 'uid', uidMap, process.geteuid!(), signal);
  if (gidMap === undefined) write(`/proc/${pid}/setgroups`, 'deny');
  await writeMap(pid, 'gid', gidMap, process.getegid!(), signal);
}

async function writeMap(
  pid: number,
  sort: 'uid' | 'gid',
  map: readonly IdRange[] | undefined,
  own: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ranges = map ?? [{ inside: 0, outside: own, count: 1 }];
  // who has the capability writes any map; who has not, none but of the own id, and no groups unless setgroups is forbidden
  if (map === undefined || process.geteuid!() === 0) {
    write(`/proc/${pid}/${sort}_map`, ranges.map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`).join(''));
    return;
  }
  const args = ranges.flatMap(({ inside, outside, count }) => [String(inside), String(outside), String(count)]);
  const program = `new${sort}map`;
  let result: ExecResult;
  try {
    result = (await collect((start) => start(), program, [String(pid), ...args], signal === undefined ? {} : { signal })) as ExecResult;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new NetloomError(`${sort}Map: ${program}(1) is not installed (package uidmap)`, 'ENOENT', { cause: error });
  }
  if (result.code !== 0) throw new NetloomError(`${sort}Map: ${result.stderr.trim() || `${program} failed`}`, 'EPERM');
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    if (errno === undefined || syscall === undefined) throw error;
    throw new SystemError(syscall, Math.abs(errno), { path });
  }
}

/** The lines that the holder prints; when it ends instead, why. */
class Lines {
  private text = '';
  private errors = '';
  private failure: Error | undefined;
  private wake = (): void => {};

  /** @param child whose streams are not there when there were no descriptors for them */
  constructor(child: ChildProcessWithoutNullStreams) {
    const { stdin, stdout, stderr } = child as Partial<ChildProcessWithoutNullStreams>;
    stdin?.on('error', () => {}); // it ends before it has read all: the reason is what it printed
    stdout?.setEncoding('utf8').on('data', (text: string) => this.take(text));
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      this.failure =
        error.code === 'ENOENT'
          ? new NetloomError('unshare(1) is not installed (package util-linux): a rootless namespace needs it', 'ENOENT', { cause: error })
          : error;
      this.wake();
    });
    child.once('close', () => {
      this.failure ??= new NetloomError(
        `a user namespace cannot be made or furnished here: ${this.errors.trim()} (sysctls user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)`,
        'EPERM',
      );
      this.wake();
    });
  }

  private take(text: string): void {
    this.text += text;
    this.wake();
  }

  async next(): Promise<string> {
    for (;;) {
      const end = this.text.indexOf('\n');
      if (end >= 0) {
        const line = this.text.slice(0, end);
        this.text = this.text.slice(end + 1);
        return line;
      }
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
