/**
 * Loads what the npm package `node-netlink` is made of, an optional peer: `syscall-napi`, which makes system calls, and `buffer2address`. They are
 * looked up from package to package, so that it is enough to install the one, however strictly the package manager separates them.
 */
import { createRequire } from 'node:module';
import { resolveDependency } from '../dependency.ts';
import { NetloomError } from '../errors.ts';

/** An argument of a system call: an integer, or memory whose address it is. */
export type Argument = bigint | Uint8Array;

/** The default export of `syscall-napi`: the calls, and the numbers of this architecture as `__NR_socket`. Errors of theirs carry a text alone. */
export interface Syscalls {
  syscall: ((number: bigint, ...args: Argument[]) => Promise<bigint>) & { sync: (number: bigint, ...args: Argument[]) => bigint };
  readonly [name: `__NR_${string}`]: bigint | undefined;
}

/** The default export of `buffer2address`. */
export interface Addresses {
  buffer2address: (memory: Uint8Array) => bigint;
}

export interface NodeNetlink {
  readonly syscalls: Syscalls;
  readonly addresses: Addresses;
}

/** Where each package is found: as a dependency of the one before. */
const toSyscalls = ['po6-socket', 'po6', 'syscall-napi'] as const;
const toAddresses = ['ya-struct', 'buffer2address'] as const;

let loaded: NodeNetlink | undefined;

/** @throws NetloomError `ERR_NODE_NETLINK_UNAVAILABLE` where the package is not installed, was not compiled, or does not run */
export function nodeNetlink(): NodeNetlink {
  loaded ??= load(process.platform, process.arch, resolveDependency);
  return loaded;
}

/** The part of {@link nodeNetlink} that does not remember, for tests. @param find where a package that netloom may depend on is; throws when nowhere */
export function load(platform: string, architecture: string, find: (name: string) => string): NodeNetlink {
  if (platform !== 'linux') throw unavailable(`netlink sockets exist on Linux only, and this is ${platform}`);
  if (architecture !== 'x64' && architecture !== 'arm64')
    throw unavailable(`the transport node-netlink is for x64 and arm64, and this is ${architecture}; the default one runs here`);
  let entry: string;
  try {
    entry = find('node-netlink');
  } catch (cause) {
    throw unavailable(`the package node-netlink is not installed: npm install node-netlink (${firstLine(cause)})`, cause);
  }
  try {
    return { syscalls: follow<Syscalls>(entry, toSyscalls), addresses: follow<Addresses>(entry, toAddresses) };
  } catch (cause) {
    throw unavailable(
      'the package node-netlink is installed, but does not load: its parts syscall-napi and buffer2address are compiled at installation, which needs a C ' +
        `compiler, make and Python, and install scripts that may run (npm install-scripts approve syscall-napi buffer2address; npm rebuild): ${firstLine(cause)}`,
      cause,
    );
  }
}

/** The file of `syscall-napi`, for a thread that has none of netloom but that. @throws as {@link nodeNetlink} */
export function syscallsPath(): string {
  nodeNetlink();
  return whereIs(resolveDependency('node-netlink'), toSyscalls);
}

function whereIs(entry: string, path: readonly string[]): string {
  return path.reduce((from, name) => createRequire(from).resolve(name), entry);
}

function follow<T>(entry: string, path: readonly string[]): T {
  const from = whereIs(entry, path.slice(0, -1));
  // ES modules: `require` gives their namespace
  return (createRequire(from)(path.at(-1)!) as { default: T }).default;
}

function firstLine(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
}

function unavailable(message: string, cause?: unknown): NetloomError {
  return new NetloomError(message, 'ERR_NODE_NETLINK_UNAVAILABLE', cause === undefined ? undefined : { cause });
}
