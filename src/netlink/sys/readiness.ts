/** Tells the event loop that a socket can be read. No thread waits: it is libuv's own poll, next to Node's sockets. */
import type { node as KoffiNode } from 'koffi';
import { SystemError } from '../errors.ts';
import { ffi } from './ffi.ts';
import { type Libc, libc } from './libc.ts';
import { waitReadable } from './socket.ts';

/** A callback on a socket's readiness. */
export interface Watch {
  /** Ends it: the callback is not called again, even if it was due. To be done before the socket is closed. May be repeated. */
  stop(): void;
  /** Lets it keep the process alive, as it does from the start. */
  ref(): void;
  /** Lets the process end although it is active. */
  unref(): void;
}

export interface WatchOptions {
  /** Look at intervals of 1 to 20 ms in place of libuv's poll. Default: where that is not safe, in Bun, in Deno and in Workers, and where there is no FFI to reach it. */
  readonly timers?: boolean;
  /** The binding to libc that looks. Default: the one chosen. */
  readonly system?: Libc;
}

/**
 * Calls `callback` from the event loop while `fd` has a datagram or an error (an overrun) to receive: once per turn of the loop, until
 * that is taken. What the callback throws becomes an `uncaughtException`, as with Node's own events.
 *
 * @throws SystemError `EBADF` when `fd` is not open, `EEXIST` when it is watched already
 */
export function watchReadable(fd: number, callback: () => void, options?: WatchOptions): Watch {
  const system = options?.system ?? libc();
  waitReadable(fd, 0, system); // libuv aborts the process over a descriptor that is not open
  return (options?.timers ?? lacksPoll(system)) ? watchByTimers(fd, callback, system) : watchByPoll(fd, callback, system);
}

/**
 * Bun has no uv_poll: the call aborts the process. Deno's reports the first event alone; started anew after each, it went on in plain programs and
 * ended vitest's with SIGSEGV (2.9.6). A Worker that is terminated when an event comes cannot run the callback, and koffi aborts the process, main
 * thread and all, over that.
 */
function lacksPoll({ binding }: Libc): boolean {
  return (
    binding !== 'ffi' ||
    process.versions['bun'] !== undefined ||
    process.versions['deno'] !== undefined ||
    !process.getBuiltinModule('node:worker_threads').isMainThread
  );
}

/** Polls of this thread, by descriptor. libuv refuses a second poll of one, and koffi aborts the process over the refusal. */
const polled = new Map<number, () => void>();
const EEXIST = 17;

/** A process that ends turns its event loop once more, without JavaScript: koffi aborts it over an event that is due then. */
function stopAll(): void {
  for (const stop of [...polled.values()]) stop();
}

function watchByPoll(fd: number, callback: () => void, system: Libc): Watch {
  let handle: KoffiNode.PollHandle | undefined;
  let due: NodeJS.Immediate | undefined;
  let ended = false;

  // koffi's types leave out the status, which is libuv's first argument
  const onPoll = (status: number): void => {
    // koffi calls this bare: what it throws vanishes, and promise continuations would wait for the next event
    due ??= setImmediate(deliver);
    // a netlink overrun is an EPOLLERR, which libuv takes for a bad descriptor: it reports EBADF and ends the poll
    if (status < 0) ended = true;
  };
  const deliver = (): void => {
    due = undefined;
    try {
      callback();
    } finally {
      if (ended) restart();
    }
  };
  const restart = (): void => {
    ended = false;
    if (handle === undefined) return;
    waitReadable(fd, 0, system); // throws where the descriptor is bad indeed
    handle.start({ readable: true }, onPoll as unknown as PollCallback);
  };

  if (polled.has(fd))
    throw new SystemError('uv_poll_start', EEXIST, { message: `descriptor ${fd} is watched already, or was closed while it was` });
  const stop = (): void => {
    if (handle === undefined) return;
    clearImmediate(due);
    handle.close();
    handle = undefined; // koffi dereferences a closed handle without looking
    polled.delete(fd);
    if (polled.size === 0) process.off('exit', stopAll);
  };
  if (polled.size === 0) process.on('exit', stopAll);
  polled.set(fd, stop);
  try {
    handle = ffi().node.poll(fd, { readable: true }, onPoll as unknown as PollCallback);
  } catch (error) {
    polled.delete(fd);
    throw error;
  }
  return {
    stop,
    ref() {
      handle?.ref();
    },
    unref() {
      handle?.unref();
    },
  };
}

type PollCallback = (events: KoffiNode.PollEvents) => void;

/** Longest and shortest time between two looks, in milliseconds. */
const slowest = 20;
const fastest = 1;

function watchByTimers(fd: number, callback: () => void, system: Libc): Watch {
  let timer: NodeJS.Timeout | undefined;
  let referenced = true;
  let active = true;

  const schedule = (delay: number): void => {
    if (!active) return;
    timer = setTimeout(look, delay, delay);
    if (!referenced) timer.unref();
  };
  const look = (delay: number): void => {
    let readable: boolean;
    try {
      readable = waitReadable(fd, 0, system);
    } catch (error) {
      // the descriptor is bad: the reader's receive says so to who waits for it, where an error out of a timer would end the process
      callback();
      if (active) throw error;
      return;
    }
    try {
      if (readable) callback();
    } finally {
      schedule(readable ? fastest : Math.min(delay * 2, slowest));
    }
  };

  schedule(fastest);
  return {
    stop() {
      active = false;
      clearTimeout(timer);
    },
    ref() {
      referenced = true;
      timer?.ref();
    },
    unref() {
      referenced = false;
      timer?.unref();
    },
  };
}
