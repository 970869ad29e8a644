/** Sysctls of a network namespace: the files below /proc/sys/net, named as sysctl(8) names them. Source: proc(5), Documentation/admin-guide/sysctl/net.rst. */
import { statSync } from 'node:fs';
import { InputError, NotFoundError, SystemError } from '../errors.ts';
import type { NamespaceLike } from './namespace.ts';
import { openInNamespace } from './section.ts';
import { closeFd } from './socket.ts';

const O_RDONLY = 0;
const O_WRONLY = 1;
const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const ENOTDIR = 20;
const EISDIR = 21;
const EINVAL = 22;
const EROFS = 30;

/** An open sysctl. */
export interface SysctlFile {
  /** To be read or written whole, on any thread, and closed. */
  readonly fd: number;
  /** The error to throw in place of one that reading or writing `fd` ended with. */
  explain(error: unknown): unknown;
}

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
 * Opens a sysctl below `net.` as seen from a namespace (undefined: the caller's). The descriptor stays with that namespace. (A few
 * handlers below net.mptcp, net.sctp and net.rds went by the writer's namespace until Linux 6.13 and the stable releases of January 2025.)
 *
 * @throws InputError, NotFoundError
 * @throws SystemError `EACCES` or `EPERM` without CAP_NET_ADMIN in the namespace or when it is read-only, `EROFS`
 */
export function openSysctl(name: string, writing: boolean, namespace?: NamespaceLike): SysctlFile {
  const path = sysctlPath(name);
  const explain = (error: unknown): unknown => explained(error, name, path);
  try {
    const fd = openInNamespace(namespace?.fd, path, writing ? O_WRONLY : O_RDONLY);
    if (!statSync(`/proc/self/fd/${fd}`).isDirectory()) return { fd, explain };
    closeFd(fd); // Node's readFile takes a directory for an empty file
    throw new SystemError('open', EISDIR, { path });
  } catch (error) {
    throw explain(error);
  }
}

function explained(error: unknown, name: string, path: string): unknown {
  const { errno: signed, syscall } = error as NodeJS.ErrnoException;
  if (signed === undefined || syscall === undefined || syscall === 'setns') return error;
  const errno = Math.abs(signed); // Node's are negative
  const fail = (message: string): SystemError => new SystemError(syscall, errno, { path, message });
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return new NotFoundError('name', `sysctl ${JSON.stringify(name)} (in this namespace)`, 'ENOENT', { cause: error });
    case EISDIR:
      return new InputError('name', `${JSON.stringify(name)} is a directory of sysctls, not one`);
    case EINVAL:
      return fail('the kernel does not accept this value');
    case EPERM:
    case EACCES:
      return fail(
        'it is read-only or write-only, or changing it needs CAP_NET_ADMIN in the namespace (root, or `unshare --user --map-root-user --net`)',
      );
    case EROFS:
      return fail('/proc/sys is mounted read-only, as container runtimes do');
    default:
      return new SystemError(syscall, errno, { path });
  }
}
