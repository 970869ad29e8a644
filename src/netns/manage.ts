/**
 * Makes, opens, lists and deletes network namespaces. Everything here happens in place, in well under a millisecond but for the making of a namespace:
 * it cannot move to another thread, whose namespace it would change. The functions that return promises do so to fit in with the rest of netloom.
 */
import { InputError, NotFoundError } from '../netlink/errors.ts';
import { checkNamespaceName, closeNamespace, type NamespaceRef, namespaceId, openNamespace } from '../netlink/sys/namespace.ts';
import { createNamespace } from '../netlink/sys/section.ts';
import { closeFd } from '../netlink/sys/socket.ts';
import { listWithIds } from './inspect.ts';
import { bindName, discardName, type NetnsEntry, nameOfPath, pathOfName, releaseName, reserveName } from './name.ts';
import { Netns } from './netns.ts';

/**
 * Makes a network namespace. With a name it is one of `ip netns` and stays until it is deleted; without one it goes with its last holder: this handle,
 * a socket or a process in it. It has the links a new namespace has, `lo` among them, which is down.
 *
 * @throws InputError when the name cannot be one
 * @throws NetloomError `EEXIST` when the name is taken
 * @throws SystemError `EPERM` without CAP_SYS_ADMIN, `EACCES` or `EROFS` when /run/netns cannot be written; nothing is left behind then
 */
export async function create(name?: string): Promise<Netns> {
  return createSync(name);
}

/** {@link create}, in place. */
export function createSync(name?: string): Netns {
  if (name === undefined) {
    const fd = createNamespace();
    try {
      return new Netns({ namespace: { fd, id: namespaceId(fd), describe: 'anonymous network namespace' }, name, path: undefined });
    } catch (error) {
      closeFd(fd);
      throw error;
    }
  }
  return bound(name, reserveName(name), createNamespace);
}

/** Gives the namespace that `obtain` opens a reserved name. If anything fails there is no file, no mount and no descriptor left. */
function bound(name: string, path: string, obtain: () => number): Netns {
  let fd: number | undefined;
  try {
    fd = obtain();
    bindName(fd, path);
    return new Netns({ namespace: { fd, id: namespaceId(fd), describe: `network namespace ${JSON.stringify(name)}` }, name, path });
  } catch (error) {
    if (fd !== undefined) closeFd(fd);
    try {
      discardName(path);
    } catch (second) {
      throw new AggregateError([error, second], [error, second].map((each) => (each as Error).message).join('; and '), { cause: error });
    }
    throw error;
  }
}

/**
 * Gives the network namespace of a process a name: `ip netns attach`. It outlives the process, until the name is deleted.
 *
 * @param reference a process id; also another handle, path or name, whose namespace gets one more name
 * @throws InputError when the name cannot be one, NotFoundError `ESRCH` when there is no such process
 * @throws NetloomError `EEXIST` when the name is taken
 * @throws SystemError as of `create`, and `EACCES` for the process of another user; nothing is left behind then
 */
export async function attach(name: string, reference: NamespaceRef): Promise<Netns> {
  return attachSync(name, reference);
}

/** {@link attach}, in place. */
export function attachSync(name: string, reference: NamespaceRef): Netns {
  checkNamespaceName(name, 'name');
  const namespace = openNamespace(reference, 'reference'); // before a file is made: it may not be there
  let path: string;
  try {
    path = reserveName(name);
  } catch (error) {
    closeNamespace(namespace);
    throw error;
  }
  return bound(name, path, () => namespace.fd);
}

/**
 * Opens a network namespace: by name, absolute path or process id, or another handle of it.
 *
 * @throws InputError when the reference is none of these, or not of a network namespace
 * @throws NotFoundError `ENOENT` (name, path) or `ESRCH` (process)
 * @throws SystemError `EACCES` when it is the namespace of another user's process; ClosedError when the other handle is closed
 */
export async function open(reference: NamespaceRef): Promise<Netns> {
  return openSync(reference);
}

/** {@link open}, in place. */
export function openSync(reference: NamespaceRef): Netns {
  const namespace = openNamespace(reference, 'reference');
  try {
    return new Netns({ namespace, ...placeOf(reference) });
  } catch (error) {
    closeNamespace(namespace);
    throw error;
  }
}

function placeOf(reference: NamespaceRef): { name: string | undefined; path: string | undefined } {
  if (reference instanceof Netns) return { name: reference.name, path: reference.path };
  if (typeof reference !== 'string') return { name: undefined, path: undefined };
  return reference.startsWith('/') ? { name: nameOfPath(reference), path: reference } : { name: reference, path: pathOfName(reference) };
}

/** The names of network namespaces and their ids, as `ip netns list` has them, sorted. Those that are of no use are in it too, with a `problem`. @throws SystemError */
export async function list(): Promise<NetnsEntry[]> {
  return listSync();
}

/** {@link list}, in place. */
export function listSync(): NetnsEntry[] {
  return listWithIds();
}

/** Whether a network namespace of this name is there. False for a name that is stale. @throws InputError, SystemError */
export async function exists(name: string): Promise<boolean> {
  return existsSync(name);
}

/** {@link exists}, in place. */
export function existsSync(name: string): boolean {
  checkNamespaceName(name, 'name');
  try {
    closeNamespace(openNamespace(name, 'name'));
    return true;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof InputError) return false;
    throw error;
  }
}

/**
 * Takes a network namespace's name away, a stale one too. The namespace lives on while a handle, a socket or a process holds it; then the kernel removes it and
 * its links, a little later.
 *
 * @throws NotFoundError when there is no such name
 * @throws InputError, SystemError
 */
export async function deleteNetns(name: string): Promise<void> {
  deleteSync(name);
}

/** {@link deleteNetns}, in place. */
export function deleteSync(name: string): void {
  releaseName(pathOfName(name));
}
