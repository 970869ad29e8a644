/** Processes and the network namespaces they are in, as `ip netns pids` and `ip netns identify` find them. Source: proc_pid_ns(5), ip-netns(8). */
import { readdirSync, readlinkSync } from 'node:fs';
import { InputError, NotFoundError, SystemError } from '../netlink/errors.ts';
import { checkBoolean, checkMembers, memberNames } from '../netlink/input.ts';
import { closeNamespace, type NamespaceRef, openNamespace } from '../netlink/sys/namespace.ts';
import { listNames } from './name.ts';

/** Where processes are looked for. */
export interface PidsOptions {
  /**
   * Also the processes of which a thread other than the first is inside, such as those with a Worker there. Default: false, the first
   * thread alone, as `ip netns pids` looks.
   */
  readonly threads?: boolean;
}

const members = memberNames<PidsOptions>({ threads: true });

/** The inode number in what /proc/PID/ns/net leads to: `net:[4026531840]`. All namespaces are files of one file system. */
export function inodeOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** The inode number of the namespace that a link below /proc leads to; undefined when the process is gone or may not be looked at. */
function inodeAt(path: string): string | undefined {
  try {
    return /^net:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

function numbersIn(directory: string): number[] {
  try {
    return readdirSync(directory).flatMap((entry) => (/^\d+$/.test(entry) ? [Number(entry)] : []));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return [];
    throw error;
  }
}

/** The processes of every namespace that has any, by its inode number; ids ascend. */
export function processesByNamespace(threads = false): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const pid of numbersIn('/proc').sort((a, b) => a - b)) {
    const inodes = new Set<string | undefined>(
      threads
        ? numbersIn(`/proc/${pid}/task`).map((thread) => inodeAt(`/proc/${pid}/task/${thread}/ns/net`))
        : [inodeAt(`/proc/${pid}/ns/net`)],
    );
    for (const inode of inodes) {
      if (inode === undefined) continue;
      const pids = found.get(inode);
      if (pids === undefined) found.set(inode, [pid]);
      else pids.push(pid);
    }
  }
  return found;
}

/**
 * The processes in a network namespace, by id, ascending: `ip netns pids`. Those of other users are left out without CAP_SYS_PTRACE, as are
 * those that the mount of /proc hides: the kernel does not tell where they are.
 *
 * @throws InputError, NotFoundError, SystemError, ClosedError for the reference
 */
export async function pids(reference: NamespaceRef, options: PidsOptions = {}): Promise<number[]> {
  return pidsSync(reference, options);
}

/** {@link pids}, in place. */
export function pidsSync(reference: NamespaceRef, options: PidsOptions = {}): number[] {
  checkMembers(options, 'options', members);
  checkBoolean(options.threads, 'threads');
  const namespace = openNamespace(reference, 'reference');
  try {
    return processesByNamespace(options.threads).get(inodeOf(namespace.id)) ?? [];
  } finally {
    closeNamespace(namespace);
  }
}

/**
 * The names of the network namespace that a process is in, sorted: `ip netns identify`. None for a namespace without a name.
 *
 * @param pid default: the calling thread
 * @throws InputError, NotFoundError `ESRCH` when there is no such process, SystemError `EACCES` when it is another user's
 */
export async function identify(pid?: number): Promise<string[]> {
  return identifySync(pid);
}

/** {@link identify}, in place. */
export function identifySync(pid?: number): string[] {
  if (pid !== undefined && typeof pid !== 'number')
    throw new InputError('pid', 'expected the id of a process, a number', 'ERR_INVALID_ARG_TYPE');
  const namespace = openNamespace(pid ?? '/proc/thread-self/ns/net', 'pid');
  try {
    return namesOf(namespace.id);
  } finally {
    closeNamespace(namespace);
  }
}

/** The names of the namespace with this identity. */
export function namesOf(id: string): string[] {
  return listNames().flatMap((entry) => (entry.id === id ? [entry.name] : []));
}

/** Whether a process has ended since it was looked at. */
export function isGone(error: unknown): boolean {
  return error instanceof NotFoundError || (error instanceof SystemError && (error.code === 'ESRCH' || error.code === 'EACCES'));
}
