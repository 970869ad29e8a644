/**
 * Locks that the kernel keeps by name: abstract unix sockets. A name can be bound once in a network namespace, and is free again when its
 * holder closes the socket or dies, however it dies: no file is left, and nothing has to be found stale. Source: unix(7), "Abstract sockets".
 */
import { InputError } from '../errors.ts';
import { lastError, libc } from './libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const EADDRINUSE = 98;

/** sizeof(sun_path), and the NUL that makes a name abstract. */
const maxNameLength = 107;

/**
 * Takes the lock `name` of the thread's network namespace.
 *
 * @returns what {@link releaseNameLock} takes; undefined when somebody else, in this process or another, holds it
 * @throws SystemError
 */
export function takeNameLock(name: string): number | undefined {
  const text = Buffer.from(name);
  if (text.length > maxNameLength)
    throw new InputError('name', `${JSON.stringify(name)} is longer than the ${maxNameLength} bytes of a lock's name`);
  const address = new Uint8Array(new ArrayBuffer(3 + text.length));
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(text, 3);
  const fd = libc().socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw lastError('socket');
  if (libc().bind(fd, address, address.length) === 0) return fd;
  const error = lastError('bind', { path: `@${name}` });
  libc().close(fd);
  if (error.errno === EADDRINUSE) return undefined;
  throw error;
}

/** Gives a lock back. */
export function releaseNameLock(lock: number): void {
  libc().close(lock);
}
