/** Numbers that could be others on another processor, against the headers of each (test/fixtures/uapi/architectures.json). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkArchitecture, ioctlNumber, wordBytes } from '../../src/netlink/sys/architecture.ts';
import { load } from '../../src/netlink/sys/ffi.ts';
import { systemConstants } from '../support/system-constants.ts';

const { architectures } = JSON.parse(readFileSync(new URL('../fixtures/uapi/architectures.json', import.meta.url), 'utf8')) as {
  architectures: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/** Those that koffi comes compiled for. */
const supported = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 'x64'] as const;

/** In the kernel's own include/linux/net.h they are these. */
const sameAs: Readonly<Record<string, string>> = { SOCK_CLOEXEC: 'O_CLOEXEC', SOCK_NONBLOCK: 'O_NONBLOCK' };

function inHeaders(architecture: string, name: string): number | undefined {
  return architectures[architecture]![sameAs[name] ?? name];
}

describe.each(supported)('on %s', (architecture) => {
  test('every constant that src/netlink/sys writes down is that of the headers', () => {
    const found = [...systemConstants()].filter(([name]) => inHeaders(architecture, name) !== undefined);
    expect(found.length).toBeGreaterThan(40);
    expect(found.filter(([name, value]) => value !== inHeaders(architecture, name))).toEqual([]);
  });

  test('requests of ioctl are those of the headers', () => {
    const iow = (number: number): number => ioctlNumber(0x54, number, 4, architecture);
    const { NS_GET_NSTYPE, TUNSETIFF, TUNSETPERSIST, TUNSETOWNER, TUNSETGROUP, TUNSETIFINDEX } = architectures[architecture]!;
    expect([ioctlNumber(0xb7, 3, undefined, architecture), ...[202, 203, 204, 206, 218].map(iow)]).toEqual([
      NS_GET_NSTYPE,
      TUNSETIFF,
      TUNSETPERSIST,
      TUNSETOWNER,
      TUNSETGROUP,
      TUNSETIFINDEX,
    ]);
  });

  test('netloom runs', () => {
    expect(() => checkArchitecture(architecture)).not.toThrow();
    expect(wordBytes(architecture)).toBe(architecture === 'arm' || architecture === 'ia32' ? 4 : 8);
  });
});

test('where numbers are others, netloom says that it does not run, and calls nothing', () => {
  const others = [...systemConstants()].filter(([name, value]) => (inHeaders('mips', name) ?? value) !== value).map(([name]) => name);
  expect(others).toEqual(expect.arrayContaining(['SO_SNDBUF', 'SOCK_NONBLOCK', 'EADDRINUSE']));
  const required: string[] = [];
  for (const architecture of ['mips', 'mipsel', 's390x', 'alpha'])
    expect(() => load('linux', (name) => required.push(name), architecture)).toThrow(
      expect.objectContaining({ name: 'NetloomError', code: 'ERR_FFI_UNAVAILABLE', message: expect.stringContaining(architecture) }),
    );
  expect(required).toEqual([]);
});

test('node-netlink, which knows no number of fcntl, is told those of the headers', () => {
  const source = readFileSync(new URL('../../src/netlink/sys/libc-node-netlink.ts', import.meta.url), 'utf8');
  const numbers = Object.fromEntries(['x64', 'arm64'].map((name) => [name, new RegExp(`\\b${name}: (\\d+)n`).exec(source)?.[1]]));
  expect(numbers).toEqual({ x64: String(inHeaders('x64', '__NR_fcntl')), arm64: String(inHeaders('arm64', '__NR_fcntl')) });
});
