/** Network namespaces as arguments: what may name one, and the descriptor it stands for. Sources: network_namespaces(7), ip-netns(8), ioctl_ns(2). */
import { fstatSync, statSync } from 'node:fs';
import { InputError, NotFoundError, SystemError } from '../errors.ts';
import { show } from '../scalar.ts';
import { ioctlNumber } from './architecture.ts';
import { type Libc, lastError, libc } from './libc.ts';
import { closeFd } from './socket.ts';

export { createNamespace, inNamespace, openInNamespace } from './section.ts';

/** What {@link NamespaceRef} takes in place of a name: an open handle, such as a `Netns`. */
export interface NamespaceLike {
  /** A descriptor open on the namespace. */
  readonly fd: number;
  /** Its name, for messages. */
  readonly name?: string | undefined;
}

/**
 * Names a network namespace: a name as `ip netns` knows it, the absolute path of a namespace file (`/proc/1234/ns/net`), the id of a
 * process that is in it, or an open handle.
 */
export type NamespaceRef = string | number | NamespaceLike;

/** A namespace held open; it lives until `closeNamespace` at least. */
export interface OpenNamespace {
  /** Descriptor open on it. */
  readonly fd: number;
  /** Device and inode of the namespace, as in `namespaceId`: equal for equal namespaces. */
  readonly id: string;
  /** What it was named by, for messages: `network namespace "red"`. */
  readonly describe: string;
}

/** Where `ip netns` keeps names, and where it kept them before /run. */
export const nameDirectories = ['/run/netns', '/var/run/netns'] as const;

const O_RDONLY = 0;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_DUPFD_CLOEXEC = 1030;
const NS_GET_NSTYPE = ioctlNumber(0xb7, 3);
const CLONE_NEWNET = 0x40000000;
const ENOENT = 2;
const ESRCH = 3;
const EBADF = 9;
const EPERM = 1;
const EACCES = 13;
const ENOTDIR = 20;

/** Deno's fstat knows only descriptors that Deno has opened. */
const ownDescriptorsOnly = 'deno' in process.versions;

/** Identity of the namespace open as `fd`, as `device:inode`. Two descriptors of one have the same. @throws SystemError, in Deno without /proc */
export function namespaceId(fd: number): string {
  const path = `/proc/self/fd/${fd}`;
  try {
    const { dev, ino } = ownDescriptorsOnly ? statSync(path) : fstatSync(fd);
    return `${dev}:${ino}`;
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    if (errno === undefined || syscall === undefined) throw error;
    throw new SystemError(syscall, Math.abs(errno), {
      path,
      ...(ownDescriptorsOnly ? { message: 'which namespace it is, /proc alone tells here, and that must be mounted' } : {}),
    });
  }
}

/** Whether `fd` is open on a network namespace. */
export function isNetNamespace(fd: number, system: Libc = libc()): boolean {
  return system.ioctl(fd, NS_GET_NSTYPE, 0) === CLONE_NEWNET;
}

/**
 * Opens the namespace that `reference` names. A handle is duplicated: closing either leaves the other open.
 *
 * @param argument name of the argument it came in, for errors
 * @param system the binding to libc. Default: the one chosen
 * @throws InputError when it is none of the four forms, or not a network namespace
 * @throws NotFoundError `ENOENT` (name, path) or `ESRCH` (process)
 * @throws ClosedError when the handle is closed
 * @throws SystemError `EACCES` or `EPERM` when the process is another user's
 */
export function openNamespace(reference: NamespaceRef, argument = 'netns', system?: Libc): OpenNamespace {
  if (typeof reference === 'string')
    return reference.startsWith('/') ? openPath(reference, argument, system) : openName(reference, argument, system);
  if (typeof reference === 'number') return openProcess(reference, argument, system);
  if (typeof reference === 'object' && reference !== null && 'fd' in reference) return duplicate(reference, argument, system);
  throw new InputError(
    argument,
    `expected the name, the absolute path, a process id or an open handle of a network namespace, got ${show(reference)}`,
    'ERR_INVALID_ARG_TYPE',
  );
}

/** Closes what {@link openNamespace} opened. @throws SystemError */
export function closeNamespace(namespace: OpenNamespace): void {
  closeFd(namespace.fd);
}

/** Checks a name as `ip netns` takes it: one file name. @throws InputError */
export function checkNamespaceName(name: string, argument: string): void {
  const reject = (reason: string): never => {
    throw new InputError(argument, reason);
  };
  if (typeof name !== 'string')
    throw new InputError(argument, `expected the name of a network namespace, a string, got ${show(name)}`, 'ERR_INVALID_ARG_TYPE');
  if (name === '') reject('a network namespace cannot have an empty name');
  if (name === '.' || name === '..') reject(`"${name}" cannot be the name of a network namespace`);
  if (name.includes('/')) reject(`the name ${JSON.stringify(name)} contains a "/"; a path must be absolute`);
  if (name.includes('\0')) reject('the name contains a NUL character');
  const length = Buffer.byteLength(name);
  if (length > 255) reject(`the name has ${length} bytes; the limit is 255`);
}

function openName(name: string, argument: string, system: Libc | undefined): OpenNamespace {
  checkNamespaceName(name, argument);
  const subject = `network namespace ${JSON.stringify(name)}`;
  for (const directory of nameDirectories) {
    const fd = open(`${directory}/${name}`, system);
    if (fd >= 0) return verified(fd, subject, argument, `${directory}/${name} is left over from a namespace that is gone`, system);
    if (!isMissing(-fd))
      throw unopened(-fd, `${directory}/${name}`, 'opening it needs the permissions of the file and of the directories before it');
  }
  throw new NotFoundError(argument, subject, 'ENOENT');
}

function openPath(path: string, argument: string, system: Libc | undefined): OpenNamespace {
  if (path.includes('\0')) throw new InputError(argument, 'the path contains a NUL character');
  const fd = open(path, system);
  if (fd >= 0)
    return verified(fd, `network namespace ${JSON.stringify(path)}`, argument, `${JSON.stringify(path)} is another kind of file`, system);
  if (isMissing(-fd)) throw new NotFoundError(argument, `network namespace ${JSON.stringify(path)}`, 'ENOENT');
  throw unopened(-fd, path, 'opening it needs the permissions of the file and of the directories before it');
}

function openProcess(pid: number, argument: string, system: Libc | undefined): OpenNamespace {
  if (!Number.isInteger(pid) || pid < 1 || pid > 0x7fffffff)
    throw new InputError(argument, `expected a process id, a positive integer, and got ${pid}`, 'ERR_OUT_OF_RANGE');
  const path = `/proc/${pid}/ns/net`;
  const fd = open(path, system);
  if (fd >= 0) return verified(fd, `network namespace of process ${pid}`, argument, `${path} is another kind of file`, system);
  if (isMissing(-fd)) throw new NotFoundError(argument, `process ${pid}`, 'ESRCH');
  throw unopened(
    -fd,
    path,
    `the namespace of process ${pid} is open to its own user, and to others with CAP_SYS_PTRACE in the process's user namespace`,
  );
}

function duplicate(handle: NamespaceLike, argument: string, given: Libc | undefined): OpenNamespace {
  const { fd, name } = handle;
  if (!Number.isInteger(fd) || fd < 0)
    throw new InputError(argument, 'expected an open handle of a network namespace, and its `fd` is no descriptor', 'ERR_INVALID_ARG_TYPE');
  const system = given ?? libc();
  const copy = system.fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy >= 0)
    return verified(
      copy,
      name === undefined ? `network namespace of descriptor ${fd}` : `network namespace ${JSON.stringify(name)}`,
      argument,
      `descriptor ${fd} is open on another kind of file`,
      system,
    );
  if (system.errno() === EBADF) throw new InputError(argument, `descriptor ${fd} is not open`);
  throw lastError('fcntl', {}, system);
}

/** A descriptor, or the negative errno. O_NONBLOCK: a path may lead to a FIFO that nobody writes. */
function open(path: string, system: Libc = libc()): number {
  const fd = system.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  return fd >= 0 ? fd : -system.errno();
}

function verified(fd: number, describe: string, argument: string, otherwise: string, system: Libc | undefined): OpenNamespace {
  try {
    if (isNetNamespace(fd, system)) return { fd, id: namespaceId(fd), describe };
  } catch (error) {
    closeFd(fd, system);
    throw error;
  }
  closeFd(fd, system);
  throw new InputError(argument, `not a network namespace: ${otherwise}`);
}

function isMissing(errno: number): boolean {
  return errno === ENOENT || errno === ESRCH || errno === ENOTDIR;
}

function unopened(errno: number, path: string, privilege: string): SystemError {
  return errno === EACCES || errno === EPERM
    ? new SystemError('open', errno, { path, message: privilege })
    : new SystemError('open', errno, { path });
}
