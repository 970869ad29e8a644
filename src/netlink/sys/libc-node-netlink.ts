/**
 * The functions of libc.ts as bare system calls, through the npm package `node-netlink`, or rather what it is made of (node-netlink.ts). Its
 * own functions, and those of the layers between, are not used: they drop error messages, and keep a thread of libuv's pool for each socket.
 * Sources: section 2 of the manual pages, syscall(2).
 */
import { NetloomError } from '../errors.ts';
import type { Libc, Memory, Pooled } from './libc.ts';
import { type Argument, nodeNetlink, type Syscalls } from './node-netlink.ts';
import { errnoByText } from './strerror.ts';

const AT_FDCWD = -100;
const SIGABRT = 6;
const EBADF = 9;

/** The one number that `syscall-napi` lacks. Source: asm/unistd_64.h, asm-generic/unistd.h. */
const fcntlNumbers: Readonly<Record<string, bigint>> = { x64: 72n, arm64: 25n };

type Value = number | string | Memory | null;

let functions: Libc | undefined;

/** System calls of node-netlink. The first call loads it and starts libuv's thread pool. @throws NetloomError `ERR_NODE_NETLINK_UNAVAILABLE` */
export function nodeNetlinkLibc(): Libc {
  functions ??= load();
  return functions;
}

function load(): Libc {
  const { syscalls, addresses } = nodeNetlink();
  const calls = new Calls(syscalls);
  const fcntl = fcntlNumbers[process.arch]!;
  const number = (name: string): bigint => {
    const found = syscalls[`__NR_${name}`];
    if (found === undefined) throw new NetloomError(`syscall-napi does not know the call ${name}`, 'ERR_NODE_NETLINK_UNAVAILABLE');
    return found;
  };
  const [ppoll, openat, getpid, gettid, tgkill] = [number('ppoll'), number('openat'), number('getpid'), number('gettid'), number('tgkill')];
  // struct timespec: seconds and nanoseconds
  const patience = new BigUint64Array(new ArrayBuffer(16));
  const table: Libc = {
    binding: 'node-netlink',
    socket: calls.plain(number('socket')),
    socketpair: calls.plain(number('socketpair')),
    bind: calls.plain(number('bind')),
    connect: calls.plain(number('connect')),
    getsockname: calls.plain(number('getsockname')),
    getsockopt: calls.plain(number('getsockopt')),
    setsockopt: calls.plain(number('setsockopt')),
    // sendto(2) with no address and its length
    send: calls.pooled(number('sendto'), 0, 0),
    recvfrom: calls.pooled(number('recvfrom')),
    sendFrom: calls.plain(number('sendto'), 0, 0),
    recvfromInto: calls.plain(number('recvfrom')),
    recvmsg: calls.plain(number('recvmsg')),
    poll: (entries, count, milliseconds) => {
      patience[0] = BigInt(Math.trunc(milliseconds / 1000));
      patience[1] = BigInt((milliseconds % 1000) * 1_000_000);
      return calls.call(ppoll, [entries, count, patience, 0]);
    },
    open: (path, flags) => calls.call(openat, [AT_FDCWD, path, flags]),
    close: calls.plain(number('close')),
    read: calls.pooled(number('read')),
    write: calls.pooled(number('write')),
    fcntl: calls.plain(fcntl),
    ioctl: calls.pooled(number('ioctl')),
    ioctlMemory: calls.pooled(number('ioctl')),
    flock: calls.plain(number('flock')),
    setns: calls.plain(number('setns')),
    unshare: calls.plain(number('unshare')),
    mount: calls.plain(number('mount')),
    umount2: calls.plain(number('umount2')),
    abort: () => {
      calls.call(tgkill, [calls.call(getpid, []), calls.call(gettid, []), SIGABRT]);
      process.kill(process.pid, 'SIGKILL'); // somebody handles the first
    },
    getpid: calls.pooled(getpid),
    errno: () => calls.errno,
    address: (memory) => addresses.buffer2address(asBytes(memory)),
    place: (memory) => memory,
  };
  // errors are told apart by their texts, which are those of the C locale unless the program around this has set another one
  if (table.close(-1) !== -1 || table.errno() !== EBADF)
    throw new NetloomError('the texts of system errors are not in the C locale here', 'ERR_NODE_NETLINK_UNAVAILABLE');
  // as of libc-ffi.ts: the pool must not be started within a namespace section
  table.getpid.async(() => {});
  return table;
}

/** Makes functions of libc's manner of system calls. */
class Calls {
  /** Of the call that failed last. */
  errno = 0;
  private readonly syscalls: Syscalls;

  constructor(syscalls: Syscalls) {
    this.syscalls = syscalls;
  }

  /** @returns what the call returns, or -1 having set `errno` */
  call(number: bigint, args: readonly Value[]): number {
    try {
      return Number(this.syscalls.syscall.sync(number, ...args.map(asArgument)));
    } catch (error) {
      if (this.told(error)) return -1;
      throw error;
    }
  }

  /** @param rest arguments that follow those of the function */
  plain<A extends readonly Value[]>(number: bigint, ...rest: number[]): (...args: A) => number {
    return (...args) => this.call(number, rest.length === 0 ? args : [...args, ...rest]);
  }

  /** {@link plain}, for the thread pool too. */
  pooled<A extends readonly Value[]>(number: bigint, ...rest: number[]): Pooled<A> {
    const call = (...args: A): number => this.call(number, [...args, ...rest]);
    const callAsync = (...args: [...A, callback: (error: unknown, result: number) => void]): void => {
      const values = args.slice(0, -1) as unknown as A;
      const callback = args.at(-1) as (error: unknown, result: number) => void;
      this.syscalls.syscall(number, ...[...values, ...rest].map(asArgument)).then(
        (result) => callback(null, Number(result)),
        (error: unknown) => callback(this.told(error) ? null : error, -1),
      );
    };
    return Object.assign(call, { async: callAsync });
  }

  /** Takes the number from an error. @returns false if it is none of a system call */
  private told(error: unknown): boolean {
    const errno = error instanceof Error ? errnoByText(error.message) : undefined;
    if (errno !== undefined) this.errno = errno;
    return errno !== undefined;
  }
}

function asArgument(value: Value): Argument {
  if (typeof value === 'number') return BigInt(value);
  if (typeof value === 'string') return Buffer.from(`${value}\0`);
  return value === null ? 0n : asBytes(value);
}

/** The same memory: any view has an address, and the types of one will do. */
function asBytes(memory: Memory): Uint8Array {
  return memory instanceof Uint8Array ? memory : new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
}
