import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { uniqueName } from '../support/names.ts';
import { ipText } from '../support/oracle.ts';

const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const origin = here();
const name = uniqueName('ns');
/** What `ip netns exec` says. */
const inside = (...command: string[]): string => ipText(['netns', 'exec', name, ...command]).trim();

let red: netns.Netns;
let link = '';
beforeAll(async () => {
  red = await netns.create(name);
  link = readlinkSync(`/proc/self/fd/${red.fd}`);
});
afterAll(async () => {
  await red.delete();
  red.close();
  expect(here()).toBe(origin);
});

describe('run', () => {
  test('is inside, returns the value, comes back', () => {
    expect(red.run(here)).toBe(link);
    expect(red.run(() => ({ value: 1 }))).toEqual({ value: 1 });
    expect(here()).toBe(origin);
  });

  test('passes exceptions on, outside', () => {
    const thrown = new RangeError('inside');
    expect(() =>
      red.run(() => {
        throw thrown;
      }),
    ).toThrow(thrown);
    expect(here()).toBe(origin);
  });

  test('refuses promises and what is no function', () => {
    expect(() => red.run(async () => {})).toThrow(expect.objectContaining({ name: 'InputError', argument: 'callback' }));
    expect(() => red.run(5 as unknown as () => void)).toThrow(expect.objectContaining({ name: 'InputError', argument: 'callback' }));
    expect(here()).toBe(origin);
  });

  test('a server that listens on a port is inside; with a host it is not, for Node looks that up first', async () => {
    // or both could get the same port
    red.sysctl.setSync('net.ipv4.ip_local_port_range', '10000 20000');
    const inNamespace = createServer();
    const escaped = createServer();
    red.run(() => {
      inNamespace.listen(0);
      escaped.listen(0, '127.0.0.1');
    });
    await Promise.all([once(inNamespace, 'listening'), once(escaped, 'listening')]);
    const listening = (server: Server): RegExp => {
      const { port } = server.address() as AddressInfo;
      return new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} .* 0A `);
    };
    const sockets = inside('cat', '/proc/net/tcp', '/proc/net/tcp6');
    expect(sockets).toMatch(listening(inNamespace));
    expect(sockets).not.toMatch(listening(escaped));
    inNamespace.close();
    escaped.close();
  });
});

describe('spawn', () => {
  test('starts a program inside', async () => {
    const child = red.spawn('readlink', ['/proc/self/ns/net']);
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data;
    });
    expect(here()).toBe(origin);
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(output.trim()).toBe(link);
  });

  test('takes the options of child_process, and its errors are events', async () => {
    const child = red.spawn('sh', ['-c', 'exit $STATUS'], { env: { STATUS: '7' }, stdio: 'ignore' });
    expect(child.stdout).toBeNull();
    expect(await once(child, 'exit')).toEqual([7, null]);
    const missing = red.spawn('/no/such/program');
    const [error] = await once(missing, 'error');
    expect(error).toMatchObject({ code: 'ENOENT' });
    expect(here()).toBe(origin);
  });
});

describe('exec', () => {
  test('returns what was printed and the status', async () => {
    expect(await red.exec('readlink', ['/proc/self/ns/net'])).toEqual({ stdout: `${link}\n`, stderr: '', code: 0, signal: null });
    expect(await red.exec('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      code: 3,
      signal: null,
    });
    expect(await red.exec('sh', ['-c', 'kill -9 $$'])).toEqual({ stdout: '', stderr: '', code: null, signal: 'SIGKILL' });
  });

  test('takes input, encodings, a folder', async () => {
    expect((await red.exec('cat', [], { input: 'käse' })).stdout).toBe('käse');
    expect((await red.exec('cat', [], { input: Buffer.from([1, 255]), encoding: 'buffer' })).stdout).toEqual(Buffer.from([1, 255]));
    expect((await red.exec('printf', ['a'], { encoding: 'hex' })).stdout).toBe('61');
    expect((await red.exec('pwd', [], { cwd: '/proc' })).stdout).toBe('/proc\n');
    // a program that ends without reading is no error
    expect(await red.exec('true', [], { input: 'x'.repeat(1 << 20) })).toMatchObject({ code: 0 });
  });

  test('rejects when the program cannot be run to its end', async () => {
    await expect(red.exec('/no/such/program')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(red.exec('sleep', ['60'], { timeout: 30 })).rejects.toMatchObject({ killed: true });
    await expect(red.exec('sleep', ['60'], { signal: AbortSignal.timeout(30) })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(red.exec('yes', [], { maxBuffer: 100 })).rejects.toMatchObject({ code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' });
    await expect(red.exec(5 as unknown as string)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(here()).toBe(origin);
  });
});

describe('sysctl', () => {
  const outside = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8');

  test('sets and gets inside, and nowhere else', async () => {
    await red.sysctl.set('net.ipv4.ip_forward', true);
    expect(inside('cat', '/proc/sys/net/ipv4/ip_forward')).toBe('1');
    expect(await red.sysctl.get('net.ipv4.ip_forward')).toBe('1');
    red.sysctl.setSync('net.ipv4.ip_forward', 0);
    expect(inside('cat', '/proc/sys/net/ipv4/ip_forward')).toBe('0');
    expect(red.sysctl.getSync('net/ipv4/ip_forward')).toBe('0');
    await red.sysctl.set('net.ipv4.ip_local_port_range', '20000 30000');
    expect(inside('cat', '/proc/sys/net/ipv4/ip_local_port_range')).toBe('20000\t30000');
    expect(await red.sysctl.get('net.ipv4.ip_local_port_range')).toBe('20000\t30000');
    expect(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')).toBe(outside);
  });

  test('reaches a link with a dot in its name', async () => {
    ipText(['link', 'add', 'd0.5', 'type', 'bridge'], { netns: name });
    await red.sysctl.set('net.ipv4.conf.d0/5.forwarding', 1);
    expect(inside('cat', '/proc/sys/net/ipv4/conf/d0.5/forwarding')).toBe('1');
    await red.sysctl.set('net/ipv4/conf/d0.5/forwarding', 0);
    expect(inside('cat', '/proc/sys/net/ipv4/conf/d0.5/forwarding')).toBe('0');
    expect(inside('sysctl', '-n', 'net.ipv4.conf.d0/5.forwarding')).toBe('0');
  });

  test.each([
    [
      'net.ipv4.nosuch',
      { name: 'NotFoundError', code: 'ENOENT', message: 'name: sysctl "net.ipv4.nosuch" (in this namespace) does not exist' },
    ],
    ['net.ipv4.ip_forward.x', { name: 'NotFoundError', code: 'ENOENT' }],
    ['kernel.hostname', { name: 'InputError', argument: 'name' }],
    ['net/../kernel/hostname', { name: 'InputError', argument: 'name' }],
    ['net.ipv4', { name: 'InputError', argument: 'name', message: 'name: "net.ipv4" is a directory of sysctls, not one' }],
  ])('%s is refused', async (sysctl, error) => {
    await expect(red.sysctl.get(sysctl)).rejects.toMatchObject(error);
    await expect(red.sysctl.set(sysctl, 1)).rejects.toMatchObject(error);
    expect(() => red.sysctl.getSync(sysctl)).toThrow(expect.objectContaining(error));
    expect(() => red.sysctl.setSync(sysctl, 1)).toThrow(expect.objectContaining(error));
  });

  test('what the kernel refuses is an error with its name', async () => {
    const refused = { name: 'SystemError', code: 'EINVAL', path: '/proc/sys/net/ipv4/ip_default_ttl' };
    await expect(red.sysctl.set('net.ipv4.ip_default_ttl', 'many')).rejects.toMatchObject(refused);
    expect(() => red.sysctl.setSync('net.ipv4.ip_default_ttl', 100_000)).toThrow(expect.objectContaining(refused));
    await expect(red.sysctl.set('net.ipv4.tcp_available_congestion_control', 'x')).rejects.toMatchObject({ code: 'EACCES' });
    await expect(red.sysctl.set('net.ipv4.ip_forward', undefined as unknown as string)).rejects.toMatchObject({
      name: 'InputError',
      argument: 'value',
    });
  });
});

describe('closing', () => {
  test('ends every method, and may be repeated', async () => {
    const handle = await netns.open(name);
    handle.close();
    handle.close();
    handle[Symbol.dispose]();
    await handle[Symbol.asyncDispose]();
    expect(handle).toMatchObject({ closed: true, name, id: red.id });
    const closed = { name: 'ClosedError', code: 'ERR_CLOSED' };
    expect(() => handle.fd).toThrow(expect.objectContaining(closed));
    expect(() => handle.run(here)).toThrow(expect.objectContaining(closed));
    expect(() => handle.spawn('true')).toThrow(expect.objectContaining(closed));
    expect(() => handle.deleteSync()).toThrow(expect.objectContaining(closed));
    expect(() => handle.sysctl.getSync('net.ipv4.ip_forward')).toThrow(expect.objectContaining(closed));
    expect(() => handle.sysctl.setSync('net.ipv4.ip_forward', 1)).toThrow(expect.objectContaining(closed));
    await expect(handle.exec('true')).rejects.toMatchObject(closed);
    await expect(handle.delete()).rejects.toMatchObject(closed);
    await expect(handle.sysctl.get('net.ipv4.ip_forward')).rejects.toMatchObject(closed);
    await expect(handle.sysctl.set('net.ipv4.ip_forward', 1)).rejects.toMatchObject(closed);
    expect(() => netns.openSync(handle)).toThrow(expect.objectContaining(closed));
  });

  test('happens at the end of a scope', async () => {
    let kept: netns.Netns;
    {
      await using handle = await netns.open(name);
      kept = handle;
      expect(kept.closed).toBe(false);
    }
    expect(kept.closed).toBe(true);
    {
      using handle = netns.openSync(name);
      kept = handle;
    }
    expect(kept.closed).toBe(true);
  });

  test('an anonymous namespace goes with its last holder', async () => {
    const anonymous = await netns.create();
    const child = anonymous.spawn('sleep', ['60']);
    const { id } = anonymous;
    anonymous.close();
    const again = await netns.open(child.pid as number);
    expect(again.id).toBe(id);
    again.close();
    child.kill();
    await once(child, 'exit');
  });
});
