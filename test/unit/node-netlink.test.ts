import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as koffi from 'koffi';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InputError, NetloomError } from '../../src/netlink/errors.ts';
import { openFfiTransport, openNodeNetlinkTransport, setDefaultTransport } from '../../src/netlink/index.ts';
import { load } from '../../src/netlink/sys/node-netlink.ts';
import { errnoByText } from '../../src/netlink/sys/strerror.ts';
import { open } from '../../src/rtnl/index.ts';

describe('errno by text', () => {
  test('undoes strerror(3) of this libc, for all numbers', () => {
    const strerror = koffi.load(null).func('const char *strerror(int number)') as (number: number) => string;
    for (let number = 1; number <= 133; number++) {
      const text = strerror(number);
      // musl has one text for the numbers it does not know
      if (text !== 'No error information') expect([text, errnoByText(text)]).toEqual([text, number]);
    }
  });

  test('knows the texts of musl where they differ', () => {
    expect(errnoByText('Message too large')).toBe(90);
    expect(errnoByText('Out of memory')).toBe(12);
  });

  test('knows glibc’s way to say what it has no text for', () => {
    expect(errnoByText('Unknown error 524')).toBe(524);
  });

  test.each(['', 'Kein Puffer mehr verfügbar', 'No error information', 'bigint required'])('knows no number for %j', (text) => {
    expect(errnoByText(text)).toBeUndefined();
  });
});

describe('loading', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    mkdirSync(join(folder, 'node_modules')); // without one, Bun takes packages from its own cache, and fetches what is not there
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const find = (name: string): string => createRequire(`${folder}/index.js`).resolve(name);

  function install(path: string, source: string): void {
    const at = join(folder, 'node_modules', path);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'package.json'), JSON.stringify({ type: 'module', main: 'index.js' }));
    writeFileSync(join(at, 'index.js'), source);
  }

  /** Each package below the one that depends on it, as package managers do that keep them apart. */
  function installAll(syscalls = 'export default { syscall: "system calls" };'): void {
    install('node-netlink', '');
    install('node-netlink/node_modules/po6-socket', '');
    install('node-netlink/node_modules/po6-socket/node_modules/po6', '');
    install('node-netlink/node_modules/po6-socket/node_modules/po6/node_modules/syscall-napi', syscalls);
    install('node-netlink/node_modules/ya-struct', '');
    install('node-netlink/node_modules/ya-struct/node_modules/buffer2address', 'export default { buffer2address: "addresses" };');
  }

  function refusal(platform: string, architecture: string): NetloomError {
    try {
      load(platform, architecture, find);
    } catch (error) {
      return error as NetloomError;
    }
    throw new Error('it loaded');
  }

  test('finds each part as a dependency of the one before', () => {
    installAll();
    expect(load('linux', 'x64', find)).toEqual({ syscalls: { syscall: 'system calls' }, addresses: { buffer2address: 'addresses' } });
  });

  test('a package that is not installed is named, with what installs it', () => {
    const error = refusal('linux', 'x64');
    expect(error).toBeInstanceOf(NetloomError);
    expect(error.code).toBe('ERR_NODE_NETLINK_UNAVAILABLE');
    expect(error.message).toContain('npm install node-netlink');
  });

  test('one that was not compiled is told from that', () => {
    installAll(
      "import { createRequire } from 'node:module'; createRequire(import.meta.url)('./build/Release/syscall.node'); export default {};",
    );
    const error = refusal('linux', 'arm64');
    expect(error.code).toBe('ERR_NODE_NETLINK_UNAVAILABLE');
    expect(error.message).toMatch(/compiled at installation.*build\/Release\/syscall\.node/);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test.each([
    ['darwin', 'arm64', 'Linux only'],
    ['linux', 'arm', 'x64 and arm64'],
  ])('%s on %s is refused', (platform, architecture, reason) => {
    installAll();
    expect(refusal(platform, architecture).message).toContain(reason);
  });
});

describe('choosing', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    setDefaultTransport(undefined);
  });

  test('the environment names the built-in transport', () => {
    vi.stubEnv('NETLOOM_TRANSPORT', 'node-netlink');
    expect(setDefaultTransport(undefined)).toBe(openNodeNetlinkTransport);
    vi.stubEnv('NETLOOM_TRANSPORT', '');
    expect(setDefaultTransport(undefined)).toBe(openFfiTransport);
  });

  test('what it names is checked when a client is opened', async () => {
    vi.stubEnv('NETLOOM_TRANSPORT', 'libnl');
    await expect(open()).rejects.toThrow(InputError);
    await expect(open()).rejects.toThrow('NETLOOM_TRANSPORT: expected one of ffi, node-netlink in the environment, got "libnl"');
    vi.stubEnv('NETLOOM_TRANSPORT', 'toString');
    await expect(open()).rejects.toThrow(InputError);
  });

  test('setDefaultTransport goes before the environment', () => {
    vi.stubEnv('NETLOOM_TRANSPORT', 'node-netlink');
    setDefaultTransport(openFfiTransport);
    expect(setDefaultTransport(undefined)).toBe(openFfiTransport);
  });
});
