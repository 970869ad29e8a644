import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SystemError } from '../../src/netlink/errors.ts';
import { libc } from '../../src/netlink/sys/libc.ts';
import {
  bindNetlink,
  closeFd,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NOTHING,
  netlinkPortId,
  openNetlinkSocket,
  receiveDatagram,
  receiveDatagramAsync,
  sendDatagram,
  sendDatagramAsync,
  senderPortId,
  setNetlinkOption,
  setReceiveBuffer,
  setSendBuffer,
  waitReadable,
} from '../../src/netlink/sys/socket.ts';
import { ipText, limit } from '../support/oracle.ts';

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** RTM_GETLINK of ifindex 1, which is `lo`. */
function getLoopback(sequence: number): Buffer {
  const bytes = Buffer.alloc(32);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(0, 32, littleEndian);
  view.setUint16(4, 18, littleEndian);
  view.setUint16(6, 1, littleEndian);
  view.setUint32(8, sequence, littleEndian);
  view.setInt32(20, 1, littleEndian);
  return bytes;
}

function sequenceOf(bytes: Buffer): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, littleEndian);
}

function failure(action: () => unknown): SystemError {
  try {
    action();
  } catch (error) {
    if (error instanceof SystemError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

let fd = -1;
const buffer = Buffer.alloc(65_536);
// test files run side by side: the links of this one's are its own
beforeAll(() => expect(libc().unshare(0x40000000)).toBe(0));
beforeEach(() => {
  fd = openNetlinkSocket(0);
  bindNetlink(fd);
});
afterEach(() => closeFd(fd));

describe('a socket', () => {
  test('has a port id of its own', () => {
    const other = openNetlinkSocket(0);
    bindNetlink(other);
    expect(netlinkPortId(fd)).toBeGreaterThan(0);
    expect(netlinkPortId(other)).not.toBe(netlinkPortId(fd));
    closeFd(other);
  });

  test('takes the port id asked for, unless it is taken', () => {
    const other = openNetlinkSocket(0);
    expect(failure(() => bindNetlink(other, 0, netlinkPortId(fd)))).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' });
    bindNetlink(other, 0, 0xfedcba98);
    expect(netlinkPortId(other)).toBe(0xfedcba98);
    closeFd(other);
  });

  test('takes options', () => {
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) setNetlinkOption(fd, option, true);
    expect(failure(() => setNetlinkOption(fd, 250, 1))).toMatchObject({ code: 'ENOPROTOOPT', syscall: 'setsockopt' });
  });

  test('says which buffer sizes it got', () => {
    expect(setReceiveBuffer(fd, 100_000)).toBe(100_000);
    expect(setSendBuffer(fd, 100_000)).toBe(100_000);
    // the smallest the kernel gives
    expect(setReceiveBuffer(fd, 1)).toBeGreaterThan(500);
    // beyond net.core.rmem_max only where the privilege over the machine is there, but something either way
    expect(setReceiveBuffer(fd, 8 << 20)).toBeGreaterThanOrEqual(100_000);
  });

  test('of an unknown protocol is an error', () => {
    expect(failure(() => openNetlinkSocket(99))).toMatchObject({ code: 'EPROTONOSUPPORT', syscall: 'socket' });
  });

  test('that is closed is an error', () => {
    expect(failure(() => closeFd(9_999))).toMatchObject({ code: 'EBADF', syscall: 'close' });
    expect(failure(() => sendDatagram(9_999, getLoopback(1)))).toMatchObject({ code: 'EBADF', syscall: 'send' });
    expect(failure(() => receiveDatagram(9_999, buffer))).toMatchObject({ code: 'EBADF', syscall: 'recvfrom' });
    expect(failure(() => waitReadable(9_999, 0))).toMatchObject({ code: 'EBADF', syscall: 'poll' });
    expect(failure(() => netlinkPortId(9_999))).toMatchObject({ code: 'EBADF', syscall: 'getsockname' });
  });
});

describe('sending and receiving in place', () => {
  test('a request is answered by the kernel', () => {
    expect(receiveDatagram(fd, buffer)).toBe(NOTHING);
    expect(waitReadable(fd, 0)).toBe(false);
    sendDatagram(fd, getLoopback(77), 32);
    expect(waitReadable(fd, 0)).toBe(true);
    expect(receiveDatagram(fd, buffer)).toBeGreaterThan(100);
    expect(sequenceOf(buffer)).toBe(77);
    expect(senderPortId()).toBe(0);
    expect(receiveDatagram(fd, buffer)).toBe(NOTHING);
  });

  test('only the bytes asked for are sent', () => {
    const bytes = Buffer.concat([getLoopback(1), getLoopback(2)]);
    sendDatagram(fd, bytes, 32);
    expect(receiveDatagram(fd, buffer)).toBeGreaterThan(100);
    expect(receiveDatagram(fd, buffer)).toBe(NOTHING);
    sendDatagram(fd, bytes);
    expect(receiveDatagram(fd, buffer)).toBeGreaterThan(100);
    expect(receiveDatagram(fd, buffer)).toBeGreaterThan(100);
  });

  test('a part of a buffer is its own memory', () => {
    const memory = Buffer.alloc(300, 0xee);
    sendDatagram(fd, Buffer.concat([Buffer.alloc(8), getLoopback(5)]).subarray(8));
    const part = memory.subarray(100, 132);
    expect(receiveDatagram(fd, part)).toBeGreaterThan(part.length); // truncated, and told so
    expect(sequenceOf(part)).toBe(5);
    expect(memory.subarray(0, 100).every((byte) => byte === 0xee)).toBe(true);
    expect(memory.subarray(132).every((byte) => byte === 0xee)).toBe(true);
    expect(receiveDatagram(fd, buffer)).toBe(NOTHING);
  });

  test.each([-1, 33, Number.NaN])('a length of %d, not within the buffer, is refused', async (length) => {
    const error = { name: 'InputError', argument: 'length' };
    expect(() => sendDatagram(fd, getLoopback(1), length)).toThrow(expect.objectContaining(error));
    await expect(sendDatagramAsync(fd, getLoopback(1), length)).rejects.toMatchObject(error);
  });

  test('a datagram larger than the send buffer is an error', async () => {
    setSendBuffer(fd, 10_000);
    const bytes = Buffer.alloc(40_000);
    expect(failure(() => sendDatagram(fd, bytes))).toMatchObject({ code: 'EMSGSIZE', errno: 90, syscall: 'send' });
    await expect(sendDatagramAsync(fd, bytes)).rejects.toMatchObject({ name: 'SystemError', code: 'EMSGSIZE', syscall: 'send' });
  });

  test('an overrun is ENOBUFS, once', async () => {
    const monitor = openNetlinkSocket(0);
    bindNetlink(monitor, 1);
    setReceiveBuffer(monitor, 2304);
    const overrun = (): void => {
      for (let mtu = 1500; mtu < 1510; mtu++) ipText(['link', 'set', 'lo', 'mtu', String(mtu)]);
    };
    overrun();
    expect(failure(() => receiveDatagram(monitor, buffer))).toMatchObject({ code: 'ENOBUFS', syscall: 'recvfrom' });
    while (receiveDatagram(monitor, buffer) !== NOTHING);
    overrun();
    await expect(receiveDatagramAsync(monitor, buffer)).rejects.toMatchObject({ code: 'ENOBUFS', syscall: 'recvfrom' });
    expect((await receiveDatagramAsync(monitor, buffer)).length).toBeGreaterThan(100);
    closeFd(monitor);
  });

  test('another process cannot send to it', () => {
    const stranger = openNetlinkSocket(0);
    libc().connect(stranger, Uint32Array.of(16, netlinkPortId(fd), 0), 12);
    expect(failure(() => sendDatagram(stranger, getLoopback(1)))).toMatchObject({ code: 'ECONNREFUSED' });
    closeFd(stranger);
  });

  test('the sender is told where the socket is not connected to the kernel', async () => {
    const open = openNetlinkSocket(0);
    libc().bind(open, Uint32Array.of(16, 0, 0), 12);
    const stranger = openNetlinkSocket(0);
    bindNetlink(stranger);
    libc().connect(stranger, Uint32Array.of(16, netlinkPortId(open), 0), 12);
    sendDatagram(stranger, getLoopback(1));
    sendDatagram(stranger, getLoopback(2));
    expect(receiveDatagram(open, buffer)).toBe(32);
    expect(senderPortId()).toBe(netlinkPortId(stranger));
    expect(await receiveDatagramAsync(open, buffer)).toEqual({ length: 32, senderPortId: netlinkPortId(stranger) });
    for (const each of [open, stranger]) closeFd(each);
  });
});

describe('waiting', () => {
  test('lasts as long as asked', () => {
    for (const milliseconds of [0, 0.4, 30]) {
      const begin = performance.now();
      expect(waitReadable(fd, milliseconds)).toBe(false);
      const passed = performance.now() - begin;
      expect(passed).toBeGreaterThanOrEqual(milliseconds);
      // seconds are no milliseconds
      expect(passed).toBeLessThan(20_000);
    }
  });

  test('ends with a datagram', () => {
    sendDatagram(fd, getLoopback(1));
    expect(waitReadable(fd, Number.POSITIVE_INFINITY)).toBe(true);
  });

  // for what is left of the time: test/unit/sys.test.ts
  test('goes on after a signal', async () => {
    const ignore = (): void => {};
    process.on('SIGUSR2', ignore);
    const killer = spawn('sh', ['-c', `for i in 1 2 3 4 5; do sleep 0.02; kill -USR2 ${process.pid}; done`], { stdio: 'ignore' });
    const ended = new Promise((resolve) => killer.once('exit', resolve));
    const begin = performance.now();
    expect(waitReadable(fd, 300)).toBe(false);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(300);
    expect(await ended).toBe(0);
    process.off('SIGUSR2', ignore);
  });
});

describe('on the thread pool', () => {
  test('a request is answered', async () => {
    await sendDatagramAsync(fd, getLoopback(9), 32);
    const { length, senderPortId: sender } = await receiveDatagramAsync(fd, buffer);
    expect(length).toBeGreaterThan(100);
    expect(sender).toBe(0);
    expect(sequenceOf(buffer)).toBe(9);
    expect(await receiveDatagramAsync(fd, buffer)).toMatchObject({ length: NOTHING });
  });

  test('errors are those of the call, however many there are at once', async () => {
    const failures = await Promise.allSettled(Array.from({ length: 100 }, () => sendDatagramAsync(9_999, getLoopback(1))));
    for (const each of failures) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'EBADF', syscall: 'send' } });
    await expect(receiveDatagramAsync(9_999, buffer)).rejects.toMatchObject({ code: 'EBADF', syscall: 'recvfrom' });
  });

  test('more calls than koffi takes at a time all get their own answer', async () => {
    const sockets = Array.from({ length: 600 }, () => openNetlinkSocket(0));
    const answers = await Promise.all(
      sockets.map(async (socket, index) => {
        bindNetlink(socket);
        await sendDatagramAsync(socket, getLoopback(index));
        const own = Buffer.alloc(8192);
        const { length } = await receiveDatagramAsync(socket, own);
        return length > 100 ? sequenceOf(own) : -1;
      }),
    );
    expect(answers).toEqual(sockets.map((_, index) => index));
    for (const socket of sockets) closeFd(socket);
  });

  test('a call leaves the event loop free and the process able to end', async () => {
    const received = receiveDatagramAsync(fd, buffer);
    expect(await Promise.race([received, sleep(limit, 'parked', { ref: false })])).toMatchObject({ length: NOTHING });
  });
});
