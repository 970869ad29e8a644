/** Netlink sockets: thin functions over a file descriptor, through the binding to libc that is given last; default: the one chosen. Sources: netlink(7), socket(7), include/uapi/linux/netlink.h. */
import { InputError, SystemError } from '../errors.ts';
import { type Libc, lastError, libc, type Memory, type Place } from './libc.ts';

const AF_UNIX = 1;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_MEMINFO = 55;
export const SOL_NETLINK = 270;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
const POLLIN = 1;
const POLLNVAL = 0x20;
const EPERM = 1;
export const EINTR = 4;
const EBADF = 9;
export const EAGAIN = 11;

/** Index of the drops in what SO_MEMINFO gives (include/uapi/linux/sock_diag.h). */
const SK_MEMINFO_DROPS = 8;
const memoryInfoWords = 9;

/** Options of {@link setNetlinkOption}. Source: include/uapi/linux/netlink.h, netlink(7). */
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_DROP_MEMBERSHIP = 2;
export const NETLINK_PKTINFO = 3;
export const NETLINK_BROADCAST_ERROR = 4;
export const NETLINK_NO_ENOBUFS = 5;
export const NETLINK_LISTEN_ALL_NSID = 8;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;

/** Size of struct sockaddr_nl, three words: family and padding, nl_pid, nl_groups. */
const addressBytes = 12;

/** Words in an ArrayBuffer of their own: V8 keeps the content of other small arrays within an object that its collector moves. */
export function words(count: number): Uint32Array {
  return new Uint32Array(new ArrayBuffer(4 * count));
}

// The kernel has read what it is given in place when a call returns, so these serve all of them: an attach opens a socket of its own.
const addressGiven = words(3);
new Uint16Array(addressGiven.buffer)[0] = AF_NETLINK;
const optionValue = new Int32Array(new ArrayBuffer(4));
const optionLength = words(1);

function socketAddress(portId: number, groups: number): Uint32Array {
  addressGiven[1] = portId;
  addressGiven[2] = groups;
  return addressGiven;
}

/** The value a failing receive returns when nothing is queued. */
export const NOTHING = -1;

const senderAddress = words(3);
// The kernel writes 12 back for every netlink datagram, so the value never needs to be set again.
const senderAddressLength = words(1).fill(addressBytes);
// struct pollfd: a word of fd, then events and revents of 16 bits each
const pollEntry = words(2);
const pollEvents = new Uint16Array(pollEntry.buffer);

/** Where one piece of memory is. A thread sends and receives through the same buffers nearly always. */
class Known {
  private memory: Memory | undefined;
  private system: Libc | undefined;
  private place: Place = 0;

  of(memory: Memory, system: Libc): Place {
    if (memory !== this.memory || system !== this.system) {
      this.place = system.place(memory);
      this.memory = memory;
      this.system = system;
    }
    return this.place;
  }
}

const outgoing = new Known();
const incoming = new Known();
const senderPlace = new Known();
const senderLengthPlace = new Known();

/** Buffers of pool calls under way. A call knows only their addresses, so without this the garbage collector could free them. */
const inFlight = new Set<object>();

/** Opens a socket of a netlink protocol (NETLINK_ROUTE 0, NETLINK_NETFILTER 12 …) in the thread's network namespace: raw, non-blocking, closed on exec. @throws SystemError */
export function openNetlinkSocket(protocol: number, system: Libc = libc()): number {
  const fd = system.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) throw lastError('socket', {}, system);
  return fd;
}

/**
 * Gives the socket its port id and joins the groups 1 to 32 whose bits are set, then connects it to the kernel: another
 * process that sends to its port id is then refused (ECONNREFUSED).
 *
 * @param portId 0 (default): the kernel chooses one; see {@link netlinkPortId}
 * @throws SystemError `EADDRINUSE` when the port id is taken
 */
export function bindNetlink(fd: number, groups = 0, portId = 0, system: Libc = libc()): void {
  if (system.bind(fd, socketAddress(portId, groups), addressBytes) < 0) throw lastError('bind', {}, system);
  if (system.connect(fd, socketAddress(0, 0), addressBytes) < 0) throw lastError('connect', {}, system);
}

/** The port id of a bound socket, the nlmsg_pid of what it receives. @throws SystemError */
export function netlinkPortId(fd: number, system: Libc = libc()): number {
  const address = words(3);
  if (system.getsockname(fd, address, Uint32Array.of(addressBytes)) < 0) throw lastError('getsockname', {}, system);
  return address[1] as number;
}

/** Sets an option of level SOL_NETLINK, such as {@link NETLINK_EXT_ACK}. @throws SystemError `ENOPROTOOPT` where the kernel does not know it */
export function setNetlinkOption(fd: number, option: number, value: number | boolean, system: Libc = libc()): void {
  optionValue[0] = Number(value);
  if (system.setsockopt(fd, SOL_NETLINK, option, optionValue, 4) < 0) throw lastError('setsockopt', {}, system);
}

/**
 * Sets the receive buffer: beyond net.core.rmem_max with CAP_NET_ADMIN, up to it without.
 *
 * @returns bytes got, in the unit they were asked in; the kernel accounts, and getsockopt(2) reports, twice as much
 * @throws SystemError
 */
export function setReceiveBuffer(fd: number, bytes: number, system: Libc = libc()): number {
  return setBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, bytes, system);
}

/** Sets the send buffer, as {@link setReceiveBuffer} does the other. A datagram may be 32 bytes smaller than twice the value. */
export function setSendBuffer(fd: number, bytes: number, system: Libc = libc()): number {
  return setBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, bytes, system);
}

function setBuffer(fd: number, privileged: number, plain: number, bytes: number, system: Libc): number {
  optionValue[0] = bytes;
  if (system.setsockopt(fd, SOL_SOCKET, privileged, optionValue, 4) < 0) {
    if (system.errno() !== EPERM) throw lastError('setsockopt', {}, system);
    if (system.setsockopt(fd, SOL_SOCKET, plain, optionValue, 4) < 0) throw lastError('setsockopt', {}, system);
  }
  optionLength[0] = 4;
  if (system.getsockopt(fd, SOL_SOCKET, plain, optionValue, optionLength) < 0) throw lastError('getsockopt', {}, system);
  return (optionValue[0] as number) / 2;
}

/**
 * Sends the first `length` bytes as one datagram to the kernel, which carries the requests in it out before this returns, waiting for
 * its locks where it must.
 *
 * @throws SystemError `EMSGSIZE` when it does not fit the send buffer
 */
export function sendDatagram(fd: number, bytes: Uint8Array, length: number = bytes.length, system: Libc = libc()): void {
  checkLength(bytes, length);
  if (system.sendFrom(fd, outgoing.of(bytes, system), length, 0) < 0) throw lastError('send', {}, system);
}

/** {@link sendDatagram} on libuv's thread pool. `bytes` must not change until the promise settles, and `fd` must not be closed. */
export function sendDatagramAsync(fd: number, bytes: Uint8Array, length: number = bytes.length, system: Libc = libc()): Promise<void> {
  return new Promise((resolve, reject) => {
    checkLength(bytes, length);
    const call = { bytes };
    enqueue(
      call,
      (finished) => {
        system.send.async(fd, bytes, length, 0, (error, sent) => {
          const errno = sent < 0 ? system.errno() : 0;
          finished();
          if (error) reject(error);
          else if (sent < 0) reject(new SystemError('send', errno));
          else resolve();
        });
      },
      reject,
    );
  });
}

/** A length beyond the buffer would send whatever memory follows it. */
function checkLength(bytes: Uint8Array, length: number): void {
  if (!(length >= 0 && length <= bytes.length))
    throw new InputError('length', `expected 0 to ${bytes.length}, the size of the buffer`, 'ERR_OUT_OF_RANGE');
}

/**
 * Takes the next datagram, without waiting. A length greater than the buffer's means that the rest of the datagram is lost. {@link senderPortId}
 * says who sent it.
 *
 * Taking a part of a dump makes the kernel produce the next one in place, so this too may wait for kernel locks.
 *
 * @returns length of the datagram, or {@link NOTHING}
 * @throws SystemError `ENOBUFS` once after messages were lost because the receive buffer was full
 */
export function receiveDatagram(fd: number, buffer: Uint8Array, system: Libc = libc()): number {
  const place = incoming.of(buffer, system);
  const address = senderPlace.of(senderAddress, system);
  const addressLength = senderLengthPlace.of(senderAddressLength, system);
  for (;;) {
    const length = system.recvfromInto(fd, place, buffer.length, MSG_DONTWAIT | MSG_TRUNC, address, addressLength);
    if (length >= 0) return length;
    const code = system.errno();
    if (code === EAGAIN) return NOTHING;
    if (code !== EINTR) throw new SystemError('recvfrom', code);
  }
}

/** Port id of the sender of the datagram that {@link receiveDatagram} took last in this thread. The kernel's is 0: drop what came from another. */
export function senderPortId(): number {
  return senderAddress[1] as number;
}

/** What {@link receiveDatagramAsync} took. */
export interface ReceivedDatagram {
  /** Length in bytes; greater than the buffer when the rest was lost; {@link NOTHING} when nothing was queued. */
  readonly length: number;
  /** Port id of the sender; the kernel's is 0. */
  readonly senderPortId: number;
}

/** {@link receiveDatagram} on libuv's thread pool. It does not wait for a datagram, only for kernel locks. `fd` must not be closed meanwhile. */
export function receiveDatagramAsync(fd: number, buffer: Uint8Array, { recvfrom, errno }: Libc = libc()): Promise<ReceivedDatagram> {
  return new Promise((resolve, reject) => {
    const call = { buffer, address: words(3), addressLength: words(1).fill(addressBytes) };
    const attempt = (finished: () => void): void => {
      recvfrom.async(fd, buffer, buffer.length, MSG_DONTWAIT | MSG_TRUNC, call.address, call.addressLength, (error, length) => {
        const code = length < 0 ? errno() : 0;
        finished();
        if (error) reject(error);
        else if (length >= 0) resolve({ length, senderPortId: call.address[1] as number });
        else if (code === EAGAIN) resolve({ length: NOTHING, senderPortId: 0 });
        else if (code === EINTR) enqueue(call, attempt, reject);
        else reject(new SystemError('recvfrom', code));
      });
    };
    enqueue(call, attempt, reject);
  });
}

/** koffi refuses more than 256 pool calls at a time, and the pool runs 4 by default: what is beyond this waits here. */
const poolCallLimit = 64;
const waiting: (() => void)[] = [];

function enqueue(call: object, start: (finished: () => void) => void, reject: (error: unknown) => void): void {
  const run = (): void => {
    inFlight.add(call);
    const finished = (): void => {
      inFlight.delete(call);
      waiting.shift()?.();
    };
    try {
      start(finished);
    } catch (error) {
      finished();
      reject(error);
    }
  };
  if (inFlight.size < poolCallLimit) run();
  else waiting.push(run);
}

/**
 * Waits in place until a datagram or an error (an overrun, which the next receive throws) is queued.
 *
 * @param milliseconds Infinity: as long as it takes
 * @returns false when the time passed first
 * @throws SystemError `EBADF` when `fd` is not open
 */
export function waitReadable(fd: number, milliseconds: number, system: Libc = libc()): boolean {
  const deadline = performance.now() + milliseconds;
  let left = milliseconds;
  for (;;) {
    pollEntry[0] = fd;
    pollEvents[2] = POLLIN;
    pollEvents[3] = 0;
    const ready = system.poll(pollEntry, 1, pollTimeout(left));
    if (ready > 0) {
      if (((pollEvents[3] as number) & POLLNVAL) !== 0) throw new SystemError('poll', EBADF);
      return true;
    }
    if (ready < 0 && system.errno() !== EINTR) throw lastError('poll', {}, system);
    left = deadline - performance.now();
    if (left <= 0) return false;
  }
}

/** Rounds up, so that waiting does not degenerate into spinning through the last millisecond. */
function pollTimeout(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds), 0), 0x7fffffff);
}

/**
 * How many messages the kernel has dropped because the socket's receive buffer was full.
 *
 * @returns undefined where it does not say (before Linux 4.12)
 */
export function droppedMessages(fd: number, { getsockopt }: Libc = libc()): number | undefined {
  const values = words(memoryInfoWords);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, Uint32Array.of(4 * memoryInfoWords)) < 0) return undefined;
  return values[SK_MEMINFO_DROPS] as number;
}

/** Closes a descriptor. Pool calls and watches on it must be over: its number may be another file's at once. @throws SystemError */
export function closeFd(fd: number, system: Libc = libc()): void {
  if (system.close(fd) < 0) throw lastError('close', {}, system);
}

/** Two connected stream sockets, as libuv makes them for what it pipes to a process. @throws SystemError */
export function socketPair(): [number, number] {
  const pair = new Int32Array(new ArrayBuffer(8));
  if (libc().socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) throw lastError('socketpair');
  return [pair[0]!, pair[1]!];
}
