/** Sysctls of a network namespace: the files below /proc/sys/net, named as sysctl(8) names them. Source: proc(5), Documentation/admin-guide/sysctl/net.rst. */
import { fstatSync } from 'node:fs';
import { InputError, NotFoundError, SystemError } from '../errors.ts';
import { lastError, libc } from './libc.ts';
import type { NamespaceLike } from './namespace.ts';
import { openInNamespace } from './section.ts';
import { closeFd } from './socket.ts';

const O_RDONLY = 0;
const O_WRONLY = 1;
/** Needs no permission of the file itself. */
const O_PATH = 0o10000000;
const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const ENOTDIR = 20;
const EISDIR = 21;
const EINVAL = 22;
const EROFS = 30;

/** More than any sysctl has: one read gets all of it. */
const longest = 65_536;

/**
 * The file of a sysctl. As in sysctl(8) the first separator decides: in `net.ipv4.conf.all.forwarding` dots separate and a slash stands
 * for a dot (`net.ipv4.conf.eth0/5.forwarding`); in `net/ipv4/conf/eth0.5/forwarding` slashes separate and a dot is itself.
 *
 * @throws InputError when `name` is no sysctl name, or outside `net.`: all others are the machine's, not a namespace's
 */
export function sysctlPath(name: string): string {
  if (typeof name !== 'string') throw new InputError('name', 'expected the name of a sysctl, a string', 'ERR_INVALID_ARG_TYPE');
  const dotted = /[./]/.exec(name)?.[0] === '.';
  const path = dotted ? name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.')) : name;
  const parts = path.split('/');
  if (name.includes('\0') || parts.length < 2 || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new InputError('name', `${JSON.stringify(name)} is no sysctl name, such as "net.ipv4.ip_forward"`);
  }
  if (parts[0] !== 'net')
    throw new InputError('name', `${JSON.stringify(name)} does not belong to a network namespace: only sysctls below "net." do`);
  return `/proc/sys/${path}`;
}

/** What errors call a sysctl. */
export function describeSysctl(name: string): string {
  return `sysctl ${JSON.stringify(name)} (in this namespace)`;
}

/** A value as it is written: true is `1`, false `0`. @throws InputError */
export function sysctlText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new InputError(
    'value',
    'expected a text that is not empty, an integer or a boolean',
    typeof value === 'object' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_INVALID_ARG_VALUE',
  );
}

/**
 * Reads a sysctl below `net.`, without its line end, or with a value writes it, as seen from a namespace (undefined: the caller's). (A few
 * handlers below net.mptcp, net.sctp and net.rds went by the writer's namespace until Linux 6.13 and the stable releases of January 2025.)
 *
 * @throws InputError, NotFoundError
 * @throws SystemError `EACCES` or `EPERM` without CAP_NET_ADMIN in the namespace or when it is read-only, `EINVAL` for a value that the kernel does not accept, `EROFS`
 */
export function sysctlSync(name: string, value: string | undefined, namespace?: NamespaceLike): string | undefined {
  const path = sysctlPath(name);
  try {
    const { fd, bytes, transfer } = opened(path, value, namespace);
    try {
      const length = libc()[transfer](fd, bytes, bytes.length);
      if (length < 0) throw lastError(transfer, { path });
      return value === undefined ? textOf(bytes, length) : undefined;
    } finally {
      closeFd(fd);
    }
  } catch (error) {
    throw explained(error, name, path, namespace);
  }
}

/** {@link sysctlSync}, off the main thread: some wait for locks of the kernel. */
export async function sysctlAsync(name: string, value: string | undefined, namespace?: NamespaceLike): Promise<string | undefined> {
  const path = sysctlPath(name);
  try {
    const { fd, bytes, transfer } = opened(path, value, namespace);
    try {
      const length = await new Promise<number>((resolve, reject) => {
        libc()[transfer].async(fd, bytes, bytes.length, (error, result) => {
          if (error) reject(error);
          else if (result < 0) reject(lastError(transfer, { path }));
          else resolve(result);
        });
      });
      return value === undefined ? textOf(bytes, length) : undefined;
    } finally {
      closeFd(fd);
    }
  } catch (error) {
    throw explained(error, name, path, namespace);
  }
}

/** The open file, what is to be moved, and which way. By libc throughout: the file functions of Deno know only descriptors of their own. */
function opened(
  path: string,
  value: string | undefined,
  namespace: NamespaceLike | undefined,
): { fd: number; bytes: Buffer; transfer: 'read' | 'write' } {
  const fd = openInNamespace(namespace?.fd, path, value === undefined ? O_RDONLY : O_WRONLY);
  return value === undefined
    ? { fd, bytes: Buffer.alloc(longest), transfer: 'read' }
    : { fd, bytes: Buffer.from(value), transfer: 'write' };
}

function textOf(bytes: Buffer, length: number): string {
  return bytes.toString('utf8', 0, length).replace(/\n$/, '');
}

function explained(error: unknown, name: string, path: string, namespace: NamespaceLike | undefined): unknown {
  const { errno: signed, syscall } = error as NodeJS.ErrnoException;
  if (signed === undefined || syscall === undefined || syscall === 'setns') return error;
  const errno = Math.abs(signed); // Node's are negative
  const fail = (message: string): SystemError => new SystemError(syscall, errno, { path, message });
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return new NotFoundError('name', describeSysctl(name), 'ENOENT', { cause: error });
    case EISDIR:
      return new InputError('name', `${JSON.stringify(name)} is a directory of sysctls, not one`);
    case EINVAL:
      return fail('the kernel does not accept this value');
    case EPERM:
    case EACCES:
      return fail(forbidden(path, namespace));
    case EROFS:
      return fail('/proc/sys is mounted read-only, as container runtimes do');
    default:
      return new SystemError(syscall, errno, { path });
  }
}

/** Why a sysctl cannot be read or written. Source: net_ctl_permissions() in net/sysctl_net.c. */
function forbidden(path: string, namespace: NamespaceLike | undefined): string {
  const mode = modeOf(path, namespace);
  if (mode !== undefined && (mode & anyWrite) === 0) return 'it is read-only in this namespace, whatever the privilege';
  if (mode !== undefined && (mode & anyRead) === 0) return 'it can be written only';
  return 'changing it needs CAP_NET_ADMIN over the namespace (root, or `unshare --user --map-root-user --net`)';
}

const anyWrite = 0o222;
const anyRead = 0o444;

function modeOf(path: string, namespace: NamespaceLike | undefined): number | undefined {
  try {
    const fd = openInNamespace(namespace?.fd, path, O_PATH);
    try {
      return fstatSync(fd).mode;
    } finally {
      closeFd(fd);
    }
  } catch {
    return undefined;
  }
}
