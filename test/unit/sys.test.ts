import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { InputError, NetloomError, SystemError } from '../../src/netlink/errors.ts';
import { load } from '../../src/netlink/sys/ffi.ts';
import type { Libc } from '../../src/netlink/sys/libc.ts';
import { checkNamespaceName, type NamespaceRef, openNamespace } from '../../src/netlink/sys/namespace.ts';
import { watchReadable } from '../../src/netlink/sys/readiness.ts';
import { waitReadable } from '../../src/netlink/sys/socket.ts';
import { sysctlPath, sysctlText } from '../../src/netlink/sys/sysctl.ts';

function failure(action: () => unknown): NetloomError {
  try {
    action();
  } catch (error) {
    if (error instanceof NetloomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a descriptor', () => {
  test('is closed again where nobody tells which namespace it is', () => {
    const closed: number[] = [];
    const system: Partial<Libc> = {
      // none that is open
      open: () => 1_000_000,
      ioctl: Object.assign(() => 0x40000000, { async: () => {} }),
      close: (fd) => closed.push(fd),
    };
    expect(() => openNamespace('/run/netns/red', 'netns', system as Libc)).toThrow(
      expect.objectContaining({ name: 'SystemError', code: expect.stringMatching(/^(EBADF|ENOENT)$/), path: '/proc/self/fd/1000000' }),
    );
    expect(closed).toEqual([1_000_000]);
  });

  test('that somebody closes is for the reader to notice, also where timers look at it', async () => {
    let closed = false;
    const system: Partial<Libc> = {
      poll: (entries) => {
        // POLLNVAL in revents
        if (closed) new Uint16Array((entries as Int32Array).buffer)[3] = 0x20;
        return closed ? 1 : 0;
      },
    };
    await new Promise<void>((resolve) => {
      const watch = watchReadable(
        5,
        () => {
          watch.stop();
          resolve();
        },
        { timers: true, system: system as Libc },
      );
      closed = true;
    });
  });
});

describe('waiting in place', () => {
  /** A poll that is interrupted after some milliseconds, as often as there are signals, and then has `last` to say. */
  function interrupted(signals: number, last: number, errno = 4): { asked: number[]; system: Libc } {
    const asked: number[] = [];
    const system: Partial<Libc> = {
      poll: (_entries, _count, timeout) => {
        asked.push(timeout as number);
        for (const end = performance.now() + 20; performance.now() < end; );
        return asked.length <= signals ? -1 : last;
      },
      errno: () => (asked.length <= signals ? 4 : errno),
    };
    return { asked, system: system as Libc };
  }

  test('goes on after a signal, for what is left of the time', () => {
    const { asked, system } = interrupted(3, 1);
    expect(waitReadable(5, 3_600_000, system)).toBe(true);
    expect(asked[0]).toBe(3_600_000);
    for (const [i, timeout] of asked.slice(1).entries()) expect(timeout).toBeLessThanOrEqual(asked[i]! - 19);
    expect(asked).toHaveLength(4);
  });

  test('is over when a signal comes at its end', () => {
    const { asked, system } = interrupted(1, 1);
    expect(waitReadable(5, 10, system)).toBe(false);
    expect(asked).toEqual([10]);
  });

  test('fails by anything else', () => {
    const { system } = interrupted(1, -1, 12);
    expect(failure(() => waitReadable(5, 60_000, system))).toMatchObject({ name: 'SystemError', code: 'ENOMEM', syscall: 'poll' });
  });
});

describe('loading the FFI', { timeout: 60_000 }, () => {
  /** Names of the koffi files that a program has loaded at its end. */
  function loadedBy(program: string): string[] {
    const source = `
      import { readFileSync } from 'node:fs';
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      ${program}
      process.stdout.write(JSON.stringify([
        ...Object.keys(require.cache).filter((file) => file.includes('koffi')),
        ...(process.platform === 'linux' ? readFileSync('/proc/self/maps', 'utf8').match(/\\S*koffi\\S*/g) ?? [] : []),
      ]));`;
    const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    try {
      // a file: Deno takes no program on its command line in Node's manner
      const file = join(folder, 'program.mjs');
      writeFileSync(file, source);
      const options = 'Deno' in globalThis ? ['run', '-A'] : 'Bun' in globalThis ? [] : ['--import', import.meta.resolve('tsx')];
      return JSON.parse(execFileSync(process.execPath, [...options, file], { encoding: 'utf8' }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const at = (path: string): string => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));

  test('importing modules does not', () => {
    const modules = [
      'netns/index.ts',
      'netlink/sys/namespace.ts',
      'netlink/sys/readiness.ts',
      'netlink/sys/sysctl.ts',
      'netlink/sys/mount.ts',
    ];
    expect(loadedBy(modules.map((path) => `import ${at(path)};`).join('\n'))).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('the first call of libc does', () => {
    expect(loadedBy(`const { libc } = await import(${at('netlink/sys/libc.ts')}); libc();`)).not.toEqual([]);
  });

  test('says when this is not Linux', () => {
    const error = failure(() => load('darwin', () => ({})));
    expect(error.code).toBe('ERR_FFI_UNAVAILABLE');
    expect(error.message).toBe('netlink sockets exist on Linux only, and this is darwin');
  });

  test('says why the binding cannot be loaded', () => {
    const cause = new Error('Cannot find the native Koffi module; did you bundle it correctly?\nsecond line');
    const error = failure(() =>
      load('linux', () => {
        throw cause;
      }),
    );
    expect(error.code).toBe('ERR_FFI_UNAVAILABLE');
    expect(error.cause).toBe(cause);
    expect(error.message).toContain('Cannot find the native Koffi module');
    expect(error.message).toContain(`@koromix/koffi-linux-${process.arch}`);
    expect(error.message).not.toContain('second line');
  });
});

describe('system errors', () => {
  test.each([
    [105, 'ENOBUFS', 'No buffer space available'],
    [11, 'EAGAIN', 'Resource temporarily unavailable'],
    [1, 'EPERM', 'Operation not permitted'],
    [90, 'EMSGSIZE', 'Message too long'],
  ])('%i is %s', (errno, code, text) => {
    const error = new SystemError('recvfrom', errno);
    expect(error).toMatchObject({ name: 'SystemError', code, errno, syscall: 'recvfrom', message: `recvfrom: ${code}: ${text}` });
    expect('path' in error).toBe(false);
  });
});

describe('names of namespaces', () => {
  test.each(['red', 'a.b', '-x', '...', 'cni-12ab', 'ü'.repeat(127), 'x'.repeat(255)])('%s is one', (name) => {
    expect(() => checkNamespaceName(name, 'name')).not.toThrow();
  });

  test.each([
    ['', 'name: a network namespace cannot have an empty name'],
    ['.', 'name: "." cannot be the name of a network namespace'],
    ['..', 'name: ".." cannot be the name of a network namespace'],
    ['a/b', 'name: the name "a/b" contains a "/"; a path must be absolute'],
    ['../run', 'name: the name "../run" contains a "/"; a path must be absolute'],
    ['a\0b', 'name: the name contains a NUL character'],
    ['x'.repeat(256), 'name: the name has 256 bytes; the limit is 255'],
    ['ü'.repeat(128), 'name: the name has 256 bytes; the limit is 255'],
  ])('%j is none', (name, message) => {
    const error = failure(() => checkNamespaceName(name, 'name'));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe(message);
  });

  test.each([[1], [null], [undefined], [{}]])('%j is no text', (name) => {
    expect(failure(() => checkNamespaceName(name as unknown as string, 'name')).code).toBe('ERR_INVALID_ARG_TYPE');
  });
});

describe('references to namespaces', () => {
  test.each([
    ['', 'ERR_INVALID_ARG_VALUE'],
    ['a/b', 'ERR_INVALID_ARG_VALUE'],
    ['/run/netns/a\0b', 'ERR_INVALID_ARG_VALUE'],
    [0, 'ERR_OUT_OF_RANGE'],
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    [2 ** 31, 'ERR_OUT_OF_RANGE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [true, 'ERR_INVALID_ARG_TYPE'],
    [1n, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ fd: -1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ fd: '3' }, 'ERR_INVALID_ARG_TYPE'],
    [{ fd: undefined }, 'ERR_INVALID_ARG_TYPE'],
  ])('%o is none', (reference, code) => {
    const error = failure(() => openNamespace(reference as NamespaceRef, 'peer.netns'));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code, argument: 'peer.netns' });
    expect(error.message).toMatch(/^peer\.netns: /);
  });

  test('what the handle throws passes through', () => {
    const closed = new NetloomError('closed', 'ERR_CLOSED');
    const handle = {
      get fd(): number {
        throw closed;
      },
    };
    expect(failure(() => openNamespace(handle))).toBe(closed);
  });
});

describe('sysctls', () => {
  test.each([
    ['net.ipv4.ip_forward', '/proc/sys/net/ipv4/ip_forward'],
    ['net/ipv4/ip_forward', '/proc/sys/net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/5.forwarding', '/proc/sys/net/ipv4/conf/eth0.5/forwarding'],
    ['net/ipv4/conf/eth0.5/forwarding', '/proc/sys/net/ipv4/conf/eth0.5/forwarding'],
  ])('%s is %s', (name, path) => {
    expect(sysctlPath(name)).toBe(path);
  });

  test.each(['', 'net', 'net.', '.net.x', 'net..x', 'net/../kernel/x', 'net.//.x', 'net.ipv4.a\0b', '/proc/sys/net/ipv4/ip_forward'])(
    '%j is no name',
    (name) => {
      const error = failure(() => sysctlPath(name));
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', argument: 'name' });
    },
  );

  test.each(['kernel.hostname', 'vm.swappiness', 'fs/file-max', 'network.x'])('%s is not of a namespace', (name) => {
    expect(failure(() => sysctlPath(name)).message).toContain('only sysctls below "net." do');
  });

  test('a name is a text', () => {
    expect(failure(() => sysctlPath(5 as unknown as string)).code).toBe('ERR_INVALID_ARG_TYPE');
  });

  test.each([
    [true, '1'],
    [false, '0'],
    [0, '0'],
    [-1, '-1'],
    ['4096 131072 6291456', '4096 131072 6291456'],
  ])('%j is written %s', (value, text) => {
    expect(sysctlText(value)).toBe(text);
  });

  test.each([[''], ['a\0'], [1.5], [Number.NaN], [2 ** 60], [null], [undefined], [{}]])('%j is no value', (value) => {
    expect(failure(() => sysctlText(value as unknown as string))).toMatchObject({ argument: 'value' });
  });
});
