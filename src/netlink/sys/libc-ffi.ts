/** The functions of libc.ts through koffi. */
import { ffi } from './ffi.ts';
import type { Libc, Memory } from './libc.ts';

// ssize_t, socklen_t and nfds_t are unknown to koffi. fcntl, ioctl and open are variadic, but the ABIs of Linux pass
// integers to a variadic function as to any other, and koffi's variadic calls are slower.
const prototypes: Readonly<Record<Exclude<keyof Libc, 'binding' | 'errno' | 'address' | 'place'>, string>> = {
  socket: 'int socket(int domain, int type, int protocol)',
  socketpair: 'int socketpair(int domain, int type, int protocol, void *pair)',
  bind: 'int bind(int fd, const void *address, uint32_t length)',
  connect: 'int connect(int fd, const void *address, uint32_t length)',
  getsockname: 'int getsockname(int fd, void *address, void *length)',
  getsockopt: 'int getsockopt(int fd, int level, int option, void *value, void *length)',
  setsockopt: 'int setsockopt(int fd, int level, int option, const void *value, uint32_t length)',
  send: 'long send(int fd, const void *bytes, size_t length, int flags)',
  recvfrom: 'long recvfrom(int fd, void *bytes, size_t size, int flags, void *address, void *length)',
  // a datagram is shorter than what an int holds, and a number that may be longer is made of an object
  sendFrom: 'int send(int fd, uintptr_t bytes, size_t length, int flags)',
  recvfromInto: 'int recvfrom(int fd, uintptr_t bytes, size_t size, int flags, uintptr_t address, uintptr_t length)',
  recvmsg: 'long recvmsg(int fd, void *message, int flags)',
  poll: 'int poll(void *entries, unsigned long count, int milliseconds)',
  open: 'int open(const char *path, int flags)',
  close: 'int close(int fd)',
  read: 'long read(int fd, void *bytes, size_t size)',
  write: 'long write(int fd, const void *bytes, size_t length)',
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

/** libc. The first call loads koffi and starts libuv's thread pool. @throws NetloomError `ERR_FFI_UNAVAILABLE` */
export function ffiLibc(): Libc {
  functions ??= load();
  return functions;
}

function load(): Libc {
  const koffi = ffi();
  const library = koffi.load(null);
  const table: Record<string, unknown> = {
    binding: 'ffi',
    errno: () => koffi.errno(),
    address: koffi.address,
    // addresses of user space have 47 bits, or 56
    place: (memory: Memory) => Number(koffi.address(memory)),
  };
  for (const [name, prototype] of Object.entries(prototypes)) table[name] = library.func(prototype);
  const loaded = table as unknown as Libc;
  // A thread inherits the namespace of the thread that creates it, and libuv creates its pool when it is first used: were that
  // within a namespace section, name resolution and file access of the whole process would live in there from then on.
  loaded.getpid.async(() => {});
  return loaded;
}
