/**
 * The libc functions netloom calls, typed, and where they come from: koffi (libc-ffi.ts), unless the system calls of the npm package
 * `node-netlink` (libc-node-netlink.ts) have been chosen. Prototypes: section 2 of the manual pages.
 */
import { InputError, SystemError } from '../errors.ts';
import { ffiLibc } from './libc-ffi.ts';
import { nodeNetlinkLibc } from './libc-node-netlink.ts';

/** Memory passed by address, without a copy. */
export type Memory = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | BigUint64Array;

/** Where memory is that does not move: its address with FFI, else the memory itself. To be had from {@link Libc.place}. */
export type Place = number | Memory;

/** A function that libuv's thread pool can run too. */
export type Pooled<Args extends readonly unknown[]> = ((...args: Args) => number) & {
  /** `callback` gets what the function returns; {@link Libc.errno} is that of this call within it, and no longer. */
  async: (...args: [...Args, callback: (error: unknown, result: number) => void]) => void;
};

/** The bindings to libc. */
export type Binding = 'ffi' | 'node-netlink';

export interface Libc {
  readonly binding: Binding;
  socket: (domain: number, type: number, protocol: number) => number;
  /** socketpair(2): two descriptors of 32 bits, one after the other, into `pair`. */
  socketpair: (domain: number, type: number, protocol: number, pair: Memory) => number;
  bind: (fd: number, address: Memory, length: number) => number;
  connect: (fd: number, address: Memory, length: number) => number;
  getsockname: (fd: number, address: Memory, length: Memory) => number;
  getsockopt: (fd: number, level: number, option: number, value: Memory, length: Memory) => number;
  setsockopt: (fd: number, level: number, option: number, value: Memory, length: number) => number;
  send: Pooled<[fd: number, bytes: Memory, length: number, flags: number]>;
  recvfrom: Pooled<[fd: number, bytes: Memory, size: number, flags: number, address: Memory, addressLength: Memory]>;
  /** `send` and `recvfrom` in place, for memory that is used again and again: its address need not be found out every time. */
  sendFrom: (fd: number, bytes: Place, length: number, flags: number) => number;
  recvfromInto: (fd: number, bytes: Place, size: number, flags: number, address: Place, addressLength: Place) => number;
  /** recvmsg(2): `message` is a struct msghdr, whose addresses are the caller's to keep valid. */
  recvmsg: (fd: number, message: Memory, flags: number) => number;
  poll: (entries: Memory, count: number, milliseconds: number) => number;
  /** open(2) without O_CREAT, which would need a third argument. */
  open: (path: string, flags: number) => number;
  close: (fd: number) => number;
  read: Pooled<[fd: number, bytes: Memory, size: number]>;
  write: Pooled<[fd: number, bytes: Memory, length: number]>;
  fcntl: (fd: number, command: number, value: number) => number;
  /** ioctl(2) for requests without an argument, or with an integer. */
  ioctl: Pooled<[fd: number, request: number, argument: number]>;
  /** ioctl(2) for requests whose argument is an address: of `argument`. */
  ioctlMemory: Pooled<[fd: number, request: number, argument: Memory]>;
  flock: (fd: number, operation: number) => number;
  setns: (fd: number, kind: number) => number;
  unshare: (flags: number) => number;
  mount: (source: string | null, target: string, type: string | null, flags: number, data: string | null) => number;
  umount2: (target: string, flags: number) => number;
  abort: () => void;
  getpid: Pooled<[]>;
  /** errno of the calling thread: right after the call that failed, or within the callback of an `.async` one. */
  errno: () => number;
  /** Where `memory` begins. It keeps nothing alive, and is worth something only for memory that does not move. */
  address: (memory: Memory) => bigint;
  /** The same as the functions above take it; the caller keeps the memory alive. */
  place: (memory: Memory) => Place;
}

const bindings: Readonly<Record<Binding, () => Libc>> = { ffi: ffiLibc, 'node-netlink': nodeNetlinkLibc };

let functions: Libc | undefined;
let chosen: Binding | undefined;

/** libc, of the binding chosen. @throws NetloomError `ERR_FFI_UNAVAILABLE`, or `ERR_NODE_NETLINK_UNAVAILABLE` */
export function libc(): Libc {
  functions ??= bindings[chosen ?? environmentBinding()]();
  return functions;
}

/** Chooses the binding from now on, of this thread. What is open stays usable: descriptors are the process's. @param binding undefined: what the environment says */
export function chooseBinding(binding: Binding | undefined): void {
  chosen = binding;
  functions = undefined;
}

/** What `NETLOOM_TRANSPORT` says: `ffi`, as if it were not set, or `node-netlink`. @throws InputError when it is neither */
export function environmentBinding(): Binding {
  const name = process.env['NETLOOM_TRANSPORT'] || 'ffi';
  if (!Object.hasOwn(bindings, name))
    throw new InputError('NETLOOM_TRANSPORT', `expected one of ${Object.keys(bindings).join(', ')} in the environment, got "${name}"`);
  return name as Binding;
}

/** The error of the call that has just failed. */
export function lastError(syscall: string, detail?: { path?: string; message?: string }, { errno }: Libc = libc()): SystemError {
  return new SystemError(syscall, errno(), detail);
}
