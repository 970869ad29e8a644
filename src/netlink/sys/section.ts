/**
 * Namespace sections: stretches of synchronous code during which the calling thread is in another network namespace.
 *
 * A namespace belongs to a thread, and an await would let whatever runs next run in the wrong one. So a section is a callback that
 * returns, never a pair of calls. Sockets, files below /proc/sys/net and child processes opened within stay in there. Source: setns(2).
 */
import { fstatSync, writeSync } from 'node:fs';
import { InputError, SystemError } from '../errors.ts';
import { type Libc, lastError, libc } from './libc.ts';

const CLONE_NEWNET = 0x40000000;
const O_RDONLY = 0;
const O_CLOEXEC = 0o2000000;
const EPERM = 1;
const ENOSPC = 28;

/** Where the calling thread is; /proc/self would be the main thread's, in a Worker too. */
const ownNamespace = '/proc/thread-self/ns/net';

/**
 * Runs `section` in the network namespace that `fd` is open on, and comes back, whatever it does.
 *
 * @throws InputError when `section` returns a promise: what it awaits would run elsewhere
 * @throws SystemError `EPERM` without CAP_SYS_ADMIN in the namespace's user namespace and the caller's own
 */
export function inNamespace<T>(fd: number, section: () => T, system: Libc = libc()): T {
  return during(
    () => {
      if (system.setns(fd, CLONE_NEWNET) < 0) throw denied('setns', system);
    },
    section,
    system,
  );
}

/**
 * Makes a network namespace. It lives as long as something holds it: the descriptor returned, a mount, a process or a socket in it.
 *
 * @returns a descriptor open on it
 * @throws SystemError `EPERM` without CAP_SYS_ADMIN, `ENOSPC` at the limit of user.max_net_namespaces
 */
export function createNamespace(): number {
  const system = libc();
  return during(
    () => {
      if (system.unshare(CLONE_NEWNET) < 0) throw denied('unshare', system);
    },
    () => openOwn(system),
    system,
  );
}

/** Opens the network namespace of the calling thread. @returns a descriptor @throws SystemError */
export function openOwn(system: Libc = libc()): number {
  const fd = system.open(ownNamespace, O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw lastError('open', { path: ownNamespace }, system);
  return fd;
}

/** Opens a file below /proc/sys/net as seen from a namespace (undefined: the caller's). What is read and written later is that namespace's, whatever thread does it. @throws SystemError */
export function openInNamespace(namespace: number | undefined, path: string, flags: number): number {
  const open = (): number => {
    const fd = libc().open(path, flags | O_CLOEXEC);
    if (fd < 0) throw lastError('open', { path });
    return fd;
  };
  return namespace === undefined ? open() : inNamespace(namespace, open);
}

function during<T>(enter: () => void, section: () => T, system: Libc): T {
  const origin = openOwn(system);
  let result: T;
  try {
    enter();
    try {
      result = section();
    } finally {
      comeBack(origin, system);
    }
  } finally {
    system.close(origin);
  }
  if (isThenable(result)) {
    // nobody will get the promise: its rejection must not end the process after the error has been thrown
    result.then(undefined, () => {});
    throw new InputError(
      'callback',
      'returned a promise, but must do its work before it returns: after an await it would run in the wrong network namespace',
      'ERR_INVALID_ARG_TYPE',
    );
  }
  return result;
}

/** Going on in the wrong namespace would let the program change somebody else's network. */
function comeBack(origin: number, system: Libc): void {
  if (system.setns(origin, CLONE_NEWNET) === 0) return;
  const reason = lastError('setns', {}, system).message;
  writeSync(2, `netloom: cannot return to network namespace ${describe(origin)}: ${reason}; a thread is left in the wrong one: aborting\n`);
  system.abort(); // process.abort throws in a Worker
}

function describe(fd: number): string {
  try {
    return `net:[${fstatSync(fd).ino}]`;
  } catch {
    return `of descriptor ${fd}`;
  }
}

function denied(syscall: string, system: Libc): SystemError {
  const error = lastError(syscall, {}, system);
  if (error.errno === ENOSPC)
    return new SystemError(syscall, ENOSPC, { message: 'the limit of network namespaces is reached (sysctl user.max_net_namespaces)' });
  if (error.errno !== EPERM) return error;
  const what =
    syscall === 'unshare'
      ? 'creating a network namespace needs CAP_SYS_ADMIN'
      : 'entering a network namespace needs CAP_SYS_ADMIN, in its user namespace and in the own';
  return new SystemError(syscall, EPERM, { message: `${what}: run as root, or within \`unshare --user --map-root-user --net --mount\`` });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
