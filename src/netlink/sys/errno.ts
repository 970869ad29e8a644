/** Linux errno values and names, with glibc's texts. Source: include/uapi/asm-generic/errno.h and include/linux/errno.h. */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** Codes the kernel returns that libc, and so Node, has no name for. */
const kernelOnly: Readonly<Record<number, string>> = { 512: 'ERESTARTSYS', 524: 'ENOTSUPP' };

const messages: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EINTR: 'Interrupted system call',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  E2BIG: 'Argument list too long',
  EBADF: 'Bad file descriptor',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENFILE: 'Too many open files in system',
  EMFILE: 'Too many open files',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  EMLINK: 'Too many links',
  ERANGE: 'Numerical result out of range',
  ENAMETOOLONG: 'File name too long',
  ENOSYS: 'Function not implemented',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  ENODATA: 'No data available',
  EOVERFLOW: 'Value too large for defined data type',
  EXFULL: 'Exchange full',
  ENOTUNIQ: 'Name not unique on network',
  ERESTART: 'Interrupted system call should be restarted',
  EMSGSIZE: 'Message too long',
  EPROTONOSUPPORT: 'Protocol not supported',
  EOPNOTSUPP: 'Operation not supported',
  ENOTSUP: 'Operation not supported',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  ECONNREFUSED: 'Connection refused',
  ENOBUFS: 'No buffer space available',
  ENOTCONN: 'Transport endpoint is not connected',
  EHOSTUNREACH: 'No route to host',
  EALREADY: 'Operation already in progress',
  ETIMEDOUT: 'Connection timed out',
  ESTALE: 'Stale file handle',
  EDQUOT: 'Disk quota exceeded',
  ENOTSUPP: 'Operation not supported by the kernel',
  EUSERS: 'Too many users',
  EBADMSG: 'Bad message',
};

/** Codes whose numbers Node's table lacks but the kernel uses on netlink. */
const extra: Readonly<Record<number, string>> = {
  54: 'EXFULL',
  76: 'ENOTUNIQ',
  85: 'ERESTART',
  87: 'EUSERS',
  95: 'EOPNOTSUPP',
  ...kernelOnly,
};

/** Name of a positive errno value: `17` gives `'EEXIST'`. An unknown value gives `'E<number>'`. */
export function errnoName(errno: number): string {
  const known = extra[errno];
  if (known !== undefined) return known;
  try {
    const name = getSystemErrorName(-errno);
    if (/^E[A-Z0-9]+$/.test(name)) return name;
  } catch {
    // not a number libuv knows
  }
  for (const [name, value] of Object.entries(constants.errno)) if (value === errno) return name;
  return `E${errno}`;
}

/** Value of an errno name, or undefined. */
export function errnoValue(name: string): number | undefined {
  for (const [value, known] of Object.entries(extra)) if (known === name) return Number(value);
  return (constants.errno as Record<string, number>)[name];
}

/** The text strerror(3) gives for a positive errno value. */
export function errnoMessage(errno: number): string {
  return messages[errnoName(errno)] ?? `unknown error ${errno}`;
}
