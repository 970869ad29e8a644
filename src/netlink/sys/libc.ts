/** The libc functions netloom calls, typed. Prototypes: section 2 of the manual pages. */
import type { KoffiFunc } from 'koffi';
import { SystemError } from '../errors.ts';
import { ffi } from './ffi.ts';

/** Memory passed by address, without a copy. */
export type Memory = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | BigUint64Array;

export interface Libc {
  socket: (domain: number, type: number, protocol: number) => number;
  bind: (fd: number, address: Memory, length: number) => number;
  connect: (fd: number, address: Memory, length: number) => number;
  getsockname: (fd: number, address: Memory, length: Memory) => number;
  getsockopt: (fd: number, level: number, option: number, value: Memory, length: Memory) => number;
  setsockopt: (fd: number, level: number, option: number, value: Memory, length: number) => number;
  send: KoffiFunc<(fd: number, bytes: Memory, length: number, flags: number) => number>;
  recvfrom: KoffiFunc<(fd: number, bytes: Memory, size: number, flags: number, address: Memory, addressLength: Memory) => number>;
  /** recvmsg(2): `message` is a struct msghdr, whose addresses are the caller's to keep valid. */
  recvmsg: (fd: number, message: Memory, flags: number) => number;
  poll: (entries: Memory, count: number, milliseconds: number) => number;
  /** open(2) without O_CREAT, which would need a third argument. */
  open: (path: string, flags: number) => number;
  close: (fd: number) => number;
  fcntl: (fd: number, command: number, value: number) => number;
  /** ioctl(2) for requests without an argument, or with an integer. */
  ioctl: KoffiFunc<(fd: number, request: number, argument: number) => number>;
  /** ioctl(2) for requests whose argument is an address: of `argument`. */
  ioctlMemory: KoffiFunc<(fd: number, request: number, argument: Memory) => number>;
  flock: (fd: number, operation: number) => number;
  setns: (fd: number, kind: number) => number;
  unshare: (flags: number) => number;
  mount: (source: string | null, target: string, type: string | null, flags: number, data: string | null) => number;
  umount2: (target: string, flags: number) => number;
  abort: () => void;
  getpid: KoffiFunc<() => number>;
  /** errno of the calling thread: right after the call that failed, or within the callback of an `.async` one. */
  errno: () => number;
}

// ssize_t, socklen_t and nfds_t are unknown to koffi. fcntl, ioctl and open are variadic, but the ABIs of Linux pass
// integers to a variadic function as to any other, and koffi's variadic calls are slower.
const prototypes: Readonly<Record<Exclude<keyof Libc, 'errno'>, string>> = {
  socket: 'int socket(int domain, int type, int protocol)',
  bind: 'int bind(int fd, const void *address, uint32_t length)',
  connect: 'int connect(int fd, const void *address, uint32_t length)',
  getsockname: 'int getsockname(int fd, void *address, void *length)',
  getsockopt: 'int getsockopt(int fd, int level, int option, void *value, void *length)',
  setsockopt: 'int setsockopt(int fd, int level, int option, const void *value, uint32_t length)',
  send: 'long send(int fd, const void *bytes, size_t length, int flags)',
  recvfrom: 'long recvfrom(int fd, void *bytes, size_t size, int flags, void *address, void *length)',
  recvmsg: 'long recvmsg(int fd, void *message, int flags)',
  poll: 'int poll(void *entries, unsigned long count, int milliseconds)',
  open: 'int open(const char *path, int flags)',
  close: 'int close(int fd)',
  fcntl: 'int fcntl(int fd, int command, int value)',
  ioctl: 'int ioctl(int fd, unsigned long request, unsigned long argument)',
  ioctlMemory: 'int ioctl(int fd, unsigned long request, void *argument)',
  flock: 'int flock(int fd, int operation)',
  setns: 'int setns(int fd, int kind)',
  unshare: 'int unshare(int flags)',
  mount: 'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  umount2: 'int umount2(const char *target, int flags)',
  abort: 'void abort()',
  getpid: 'int getpid()',
};

let functions: Libc | undefined;

/** libc. The first call loads it and starts libuv's thread pool. @throws NetloomError `ERR_FFI_UNAVAILABLE` */
export function libc(): Libc {
  functions ??= load();
  return functions;
}

function load(): Libc {
  const koffi = ffi();
  const library = koffi.load(null);
  const table: Record<string, unknown> = { errno: () => koffi.errno() };
  for (const [name, prototype] of Object.entries(prototypes)) table[name] = library.func(prototype);
  const loaded = table as unknown as Libc;
  // A thread inherits the namespace of the thread that creates it, and libuv creates its pool when it is first used: were that
  // within a namespace section, name resolution and file access of the whole process would live in there from then on.
  loaded.getpid.async(() => {});
  return loaded;
}

/** The error of the call that has just failed. */
export function lastError(syscall: string, detail?: { path?: string; message?: string }): SystemError {
  return new SystemError(syscall, libc().errno(), detail);
}
