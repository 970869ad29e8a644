import { spawnSync } from 'node:child_process';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { libc } from '../../src/netlink/sys/libc.ts';
import { watchReadable } from '../../src/netlink/sys/readiness.ts';
import { bindNetlink, closeFd, NOTHING, openNetlinkSocket, receiveDatagram, setReceiveBuffer } from '../../src/netlink/sys/socket.ts';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { ipText, limit } from '../support/oracle.ts';

const RTMGRP_LINK = 1;
const sys = bundledModule("export * from '../../src/netlink/sys/readiness.ts'; export * from '../../src/netlink/sys/socket.ts';");

let fd = -1;
const buffer = Buffer.alloc(65_536);
// test files run side by side: the links of this one's are its own
beforeAll(() => expect(libc().unshare(0x40000000)).toBe(0));
beforeEach(() => {
  fd = openNetlinkSocket(0);
  bindNetlink(fd, RTMGRP_LINK);
});
afterEach(() => closeFd(fd));

// uv_poll is koffi's, which a process over node-netlink does not load: it has the timers alone
const ways = [['libuv', false] as const, ['timers', true] as const].filter(([, timers]) => timers || libc().binding === 'ffi');

let mtu = 2000;
/** Makes the kernel send `count` notifications. */
function change(count = 1): void {
  for (let i = 0; i < count; i++) ipText(['link', 'set', 'lo', 'mtu', String(mtu++)]);
}

interface Seen {
  datagrams: number;
  overruns: number;
  calls: number;
}

/** A reader that takes all there is, as a monitor does. */
function reader(seen: Seen): () => void {
  return () => {
    seen.calls += 1;
    for (;;) {
      try {
        if (receiveDatagram(fd, buffer) === NOTHING) return;
        seen.datagrams += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOBUFS' });
        seen.overruns += 1;
      }
    }
  };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs a program of its own: `fd` is a socket that gets notifications, `changes` makes some. */
function runProgram(program: string): { status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string } {
  // others than those that `lo` has, here and there: what changes nothing is told to nobody
  const first = mtu + 100;
  mtu = first + 100;
  const source = `
    import { execFileSync } from 'node:child_process';
    import { bindNetlink, openNetlinkSocket, receiveDatagram, watchReadable } from '${sys}';
    const fd = openNetlinkSocket(0);
    bindNetlink(fd, ${RTMGRP_LINK});
    const buffer = Buffer.alloc(65536);
    const drain = () => { while (receiveDatagram(fd, buffer) !== -1); };
    let mtu = ${first};
    const change = () => execFileSync('ip', ['link', 'set', 'lo', 'mtu', String(mtu++)]);
    ${program}`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', source], {
    encoding: 'utf8',
    timeout: limit,
    env: { ...bundledEnvironment, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  return { status, signal, stdout, stderr };
}

describe.each(ways)('by %s', (_, timers) => {
  test('calls for what arrives, and only then', async () => {
    const seen: Seen = { datagrams: 0, overruns: 0, calls: 0 };
    const watch = watchReadable(fd, reader(seen), { timers });
    await pause(60);
    expect(seen.calls).toBe(0);
    for (let round = 1; round <= 3; round++) {
      change();
      await expect.poll(() => seen.datagrams).toBe(round);
    }
    watch.stop();
    expect(seen).toMatchObject({ calls: 3, overruns: 0 });
  });

  test('goes on after an overrun, every time', async () => {
    setReceiveBuffer(fd, 2304);
    const seen: Seen = { datagrams: 0, overruns: 0, calls: 0 };
    const watch = watchReadable(fd, reader(seen), { timers });
    for (let round = 1; round <= 3; round++) {
      change(10);
      await expect.poll(() => seen.overruns).toBe(round);
      const before = seen.datagrams;
      change();
      await expect.poll(() => seen.datagrams).toBe(before + 1);
    }
    watch.stop();
  });

  test('calls again, a turn of the event loop at a time, until all is taken', async () => {
    let calls = 0;
    let turns = 0;
    const watch = watchReadable(
      fd,
      () => {
        calls += 1;
        if (calls === 5) receiveDatagram(fd, buffer);
      },
      { timers },
    );
    change();
    while (calls < 5) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    expect(turns).toBeGreaterThanOrEqual(4);
    await pause(60);
    expect(calls).toBe(5);
    watch.stop();
  });

  test('promises and ticks run between callbacks as after any event', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      const watch = watchReadable(
        fd,
        () => {
          receiveDatagram(fd, buffer);
          watch.stop();
          Promise.resolve().then(() => order.push('promise'));
          process.nextTick(() => order.push('tick'));
          setImmediate(() => {
            order.push('immediate');
            resolve();
          });
        },
        { timers },
      );
      change();
    });
    expect(order).toEqual(['tick', 'promise', 'immediate']);
  });

  test('is silent once stopped, may be stopped again, and another may follow', async () => {
    let stopped = 0;
    const first = watchReadable(fd, () => stopped++, { timers });
    change();
    first.stop();
    first.stop();
    first.ref();
    first.unref();
    await pause(60);
    expect(stopped).toBe(0);
    const seen: Seen = { datagrams: 0, overruns: 0, calls: 0 };
    const second = watchReadable(fd, reader(seen), { timers });
    await expect.poll(() => seen.datagrams).toBe(1);
    second.stop();
  });

  test('survives garbage collection, with nobody holding it', () => {
    const collected = runProgram(`
      watchReadable(fd, () => { drain(); console.log('called'); process.exit(0); }, { timers: ${timers} });
      for (let i = 0; i < 20; i++) { new Array(1e6).fill(i); }
      globalThis.gc();
      setTimeout(change, 50);
      setTimeout(() => process.exit(3), 40_000);`);
    expect(collected).toMatchObject({ status: 0, stdout: 'called\n' });
  });

  test('an exception is an uncaught one, and does not end the watch', () => {
    const { status, stdout } = runProgram(`
      process.on('uncaughtException', (error, origin) => { console.log(origin, error.message); change(); });
      let calls = 0;
      watchReadable(fd, () => { drain(); if (++calls === 3) process.exit(7); throw new Error('thrown ' + calls); }, { timers: ${timers} });
      change();`);
    expect(stdout).toBe('uncaughtException thrown 1\nuncaughtException thrown 2\n');
    expect(status).toBe(7);
  });

  test('an exception nobody catches ends the process', () => {
    const { status, stderr } = runProgram(
      `watchReadable(fd, () => { drain(); throw new Error('not caught'); }, { timers: ${timers} }); change();`,
    );
    expect(status).toBe(1);
    expect(stderr).toContain('Error: not caught');
  });

  test('keeps the process alive, or not when unref', () => {
    expect(runProgram(`watchReadable(fd, drain, { timers: ${timers} }).unref();`)).toMatchObject({ status: 0, signal: null });
    const { stdout } = runProgram(`
      const watch = watchReadable(fd, () => { drain(); console.log('called'); watch.stop(); }, { timers: ${timers} });
      watch.unref(); watch.ref();
      setTimeout(change, 100).unref();`);
    expect(stdout).toBe('called\n');
  });
});

test('the process may end with something to receive', () => {
  const { status, signal, stderr } = runProgram('watchReadable(fd, drain).unref(); setTimeout(change, 100);');
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});

test('a worker gets what arrives, and can be ended while it does', () => {
  const { status, stdout, stderr } = runProgram(`
    const { Worker } = await import('node:worker_threads');
    const code = \`
      import { parentPort } from 'node:worker_threads';
      const { bindNetlink, openNetlinkSocket, receiveDatagram, watchReadable } = await import('${sys}');
      const fd = openNetlinkSocket(0);
      bindNetlink(fd, ${RTMGRP_LINK});
      watchReadable(fd, () => { while (receiveDatagram(fd, Buffer.alloc(8192)) !== -1); parentPort.postMessage('called'); });
      parentPort.postMessage('up');\`;
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(code, { eval: true });
      const message = () => new Promise((resolve) => worker.once('message', resolve));
      await message();
      change();
      console.log(await message());
      change();
      await worker.terminate();
    }`);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'called\n'.repeat(5), stderr: '' });
});

test('Bun, which has no uv_poll, gets the timers', () => {
  const { status, stdout } = runProgram(`
    Object.defineProperty(process.versions, 'bun', { value: '1.4.0' });
    const { createRequire } = await import('node:module');
    createRequire('${sys}/ffi.ts')('koffi').node.poll = () => { throw new Error('uv_poll was called'); };
    const watch = watchReadable(fd, () => { drain(); console.log('called'); watch.stop(); });
    change();`);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'called\n' });
});

test.each(ways)('a descriptor that is not open is an error, not an abort, by %s', (_, timers) => {
  expect(() => watchReadable(9_999, () => {}, { timers })).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'poll' }));
});
