/**
 * Names of network namespaces as `ip netns` keeps them: a file below /run/netns on which the namespace is mounted, where /run/netns is a
 * shared mount point, so that namespaces named in one mount namespace appear in the others. Source: ip-netns(8), ip/ipnetns.c of iproute2.
 */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, realpathSync, unlinkSync } from 'node:fs';
import { InputError, NetloomError, NotFoundError, SystemError } from '../netlink/errors.ts';
import { MNT_DETACH, MS_BIND, MS_REC, MS_SHARED, mount, UMOUNT_NOFOLLOW, umount, withLock } from '../netlink/sys/mount.ts';
import { checkNamespaceName, closeNamespace, nameDirectories, openNamespace } from '../netlink/sys/namespace.ts';

const EISDIR = 21;

const [directory] = nameDirectories;

/** A name in the list of namespaces. */
export interface NetnsEntry {
  /** Name, as `ip netns` knows it. */
  readonly name: string;
  /** The file it is mounted on. */
  readonly path: string;
  /** Device and inode of the namespace, equal for names of one namespace; absent with a `problem`. */
  readonly id?: string;
  /** The id that the namespace of the caller has for it: `(id: 0)` of `ip netns list`. Absent when it has none; see `setId`. */
  readonly nsid?: number;
  /** `stale`: no namespace is mounted on the file, its name is taken all the same. `unreadable`: this process may not open it. */
  readonly problem?: 'stale' | 'unreadable';
}

/** Reserves a name: its file, on which nothing is mounted yet. @returns the path @throws NetloomError `EEXIST`, SystemError */
export function reserveName(name: string): string {
  checkNamespaceName(name, 'name');
  const path = `${directory}/${name}`;
  try {
    prepareDirectory();
    closeSync(openSync(path, 'wx', 0));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(name, path) : explained(error, path);
  }
  return path;
}

/** Mounts the namespace open as `fd` on a reserved name. @throws SystemError */
export function bindName(fd: number, path: string): void {
  try {
    mount(`/proc/self/fd/${fd}`, path, MS_BIND);
  } catch (error) {
    throw explained(error, path);
  }
}

/** Takes back a name that could not be given: what is mounted on its file, if anything, and the file. @throws SystemError when the file cannot be removed */
export function discardName(path: string): void {
  try {
    umount(path, MNT_DETACH | UMOUNT_NOFOLLOW);
  } catch {} // nothing is mounted there, nearly always
  unlinkSync(path);
}

/** Frees a name. The namespace lives on while something else holds it. @throws SystemError */
export function releaseName(path: string): void {
  try {
    // NOFOLLOW: a link to another program's mount, as made for containers, is removed and the mount is not
    for (;;) umount(path, MNT_DETACH | UMOUNT_NOFOLLOW);
  } catch (error) {
    const { code } = error as NetloomError;
    if (code !== 'EINVAL' && code !== 'ENOENT') throw explained(error, path); // EINVAL: nothing is mounted there, or nothing any more
  }
  try {
    // Deno's would remove an empty directory
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw new SystemError('unlink', EISDIR, { path });
    unlinkSync(path);
  } catch (error) {
    throw explained(error, path);
  }
}

/** The file of a name that is taken. @throws NotFoundError */
export function pathOfName(name: string): string {
  checkNamespaceName(name, 'name');
  for (const parent of nameDirectories) {
    const path = `${parent}/${name}`;
    if (isThere(path)) return path;
  }
  throw new NotFoundError('name', `network namespace ${JSON.stringify(name)}`, 'ENOENT');
}

/** The name that a path is the file of. */
export function nameOfPath(path: string): string | undefined {
  const parent = nameDirectories.find((candidate) => path.startsWith(`${candidate}/`));
  const name = parent === undefined ? '' : path.slice(parent.length + 1);
  return name === '' || name.includes('/') ? undefined : name;
}

/** All names, sorted. @throws SystemError when the directory cannot be read */
export function listNames(): NetnsEntry[] {
  const entries = new Map<string, NetnsEntry>();
  for (const parent of directories()) {
    for (const name of namesIn(parent)) {
      const entry = entries.has(name) ? undefined : inspect(name, `${parent}/${name}`);
      if (entry !== undefined) entries.set(name, entry);
    }
  }
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function namesIn(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch (error) {
    throw explained(error, parent);
  }
}

/** Those that are there, each once: /var/run is a link to /run nearly everywhere. */
function directories(): string[] {
  const real = new Map<string, string>();
  for (const candidate of nameDirectories) {
    try {
      const target = realpathSync(candidate);
      if (!real.has(target)) real.set(target, candidate);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw explained(error, candidate);
    }
  }
  return [...real.values()];
}

function inspect(name: string, path: string): NetnsEntry | undefined {
  try {
    const namespace = openNamespace(path);
    closeNamespace(namespace);
    return { name, path, id: namespace.id };
  } catch (error) {
    if (error instanceof InputError) return { name, path, problem: 'stale' };
    // a dangling link, or a name deleted since the directory was read
    if (error instanceof NotFoundError) return isThere(path) ? { name, path, problem: 'stale' } : undefined;
    // the lack of descriptors or memory says nothing of the file
    if (error instanceof SystemError && !lacks.has(error.code)) return { name, path, problem: 'unreadable' };
    throw error;
  }
}

const lacks: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function prepareDirectory(): void {
  makeDirectory();
  if (share()) return;
  // two processes that both find no mount point would stack two, and the names mounted in between would be hidden
  withLock(directory, () => {
    if (share()) return;
    mount(directory, directory, MS_BIND | MS_REC);
    share();
  });
}

function makeDirectory(): void {
  try {
    mkdirSync(directory, { mode: 0o755 }); // a recursive one reports ENOENT where the file system is read-only
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') mkdirSync(directory, { recursive: true, mode: 0o755 });
    else if (code !== 'EEXIST') throw error;
  }
}

/** Makes the directory a shared mount. @returns false when it is no mount point */
function share(): boolean {
  try {
    mount(null, directory, MS_SHARED | MS_REC);
    return true;
  } catch (error) {
    if ((error as NetloomError).code === 'EINVAL') return false;
    throw error;
  }
}

function taken(name: string, path: string): NetloomError {
  const stale = inspect(name, path)?.problem === 'stale' ? `, a file that no namespace is mounted on: delete the name to free it` : '';
  return new NetloomError(`network namespace ${JSON.stringify(name)} already exists (${path}${stale})`, 'EEXIST', { errno: 17 });
}

/** Says what to do about a refusal. */
function explained(error: unknown, subject: string): unknown {
  const { errno: signed, syscall, path = subject } = error as NodeJS.ErrnoException;
  if (signed === undefined || syscall === undefined) return error;
  const errno = Math.abs(signed); // Node's are negative
  if (errno !== 1 && errno !== 13 && errno !== 30) return new SystemError(syscall, errno, { path });
  const reason =
    syscall === 'mount' || syscall === 'umount2'
      ? 'naming a network namespace needs CAP_SYS_ADMIN over the mount namespace: run as root, or within `unshare --user --map-root-user --net --mount`'
      : `naming a network namespace needs write access to ${directory}: run as root, within \`unshare --user --map-root-user --net --mount\` mount a tmpfs on /run first, or create one without a name`;
  return new SystemError(syscall, errno, { path, message: reason });
}
