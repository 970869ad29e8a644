import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NetloomError } from '../../src/netlink/errors.ts';
import { closeNamespace, isNetNamespace, namespaceId, openNamespace } from '../../src/netlink/sys/namespace.ts';
import { createNamespace, inNamespace, openInNamespace, openOwn } from '../../src/netlink/sys/section.ts';
import { bindNetlink, closeFd, openNetlinkSocket } from '../../src/netlink/sys/socket.ts';
import { sysctlAsync, sysctlSync } from '../../src/netlink/sys/sysctl.ts';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { limit } from '../support/oracle.ts';

const sys = bundledModule(
  "export * from '../../src/netlink/sys/section.ts'; export { openNamespace } from '../../src/netlink/sys/namespace.ts';",
);
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const nameOf = (fd: number): string => readlinkSync(`/proc/self/fd/${fd}`);

function failure(action: () => unknown): NetloomError {
  try {
    action();
  } catch (error) {
    if (error instanceof NetloomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function threads(): string[] {
  return readdirSync('/proc/self/task').map((task) => readlinkSync(`/proc/self/task/${task}/ns/net`));
}

/** Runs a program of its own, after a shell has set the scene. */
function runProgram(
  program: string,
  shell = '',
  wrapper: readonly string[] = [],
): { status: number | null; signal: string | null; stdout: string; stderr: string } {
  const command = [...wrapper, 'sh', '-c', `ulimit -c 0; ${shell} exec "$0" "$@"`, process.execPath, '--input-type=module', '-e', program];
  const { status, signal, stdout, stderr } = spawnSync(command[0] as string, command.slice(1), {
    encoding: 'utf8',
    timeout: limit,
    env: bundledEnvironment,
  });
  return { status, signal, stdout, stderr };
}

let other = -1;
let origin = '';
beforeAll(() => {
  origin = here();
  other = createNamespace();
});
afterAll(() => closeFd(other));

describe('a namespace section', () => {
  test('is in the namespace, and only for its time', () => {
    expect(nameOf(other)).toMatch(/^net:\[\d+\]$/);
    expect(nameOf(other)).not.toBe(origin);
    expect(inNamespace(other, here)).toBe(nameOf(other));
    expect(here()).toBe(origin);
  });

  test('returns what its callback does, be it nothing', () => {
    expect(inNamespace(other, () => 5)).toBe(5);
    expect(inNamespace(other, () => null)).toBe(null);
    expect(inNamespace(other, () => undefined)).toBe(undefined);
  });

  test('comes back when its callback throws', () => {
    const thrown = new Error('thrown inside');
    expect(() =>
      inNamespace(other, () => {
        throw thrown;
      }),
    ).toThrow(thrown);
    expect(here()).toBe(origin);
  });

  test('may be within another, and each comes back to where it began', () => {
    const third = createNamespace();
    const seen = inNamespace(other, () => [here(), inNamespace(third, here), here()]);
    expect(seen).toEqual([nameOf(other), nameOf(third), nameOf(other)]);
    expect(here()).toBe(origin);
    closeFd(third);
  });

  test('makes namespaces from within another', () => {
    const made = inNamespace(other, () => createNamespace());
    expect(new Set([origin, nameOf(other), nameOf(made)]).size).toBe(3);
    expect(here()).toBe(origin);
    closeFd(made);
  });

  test('refuses a promise, whose rest would run outside', async () => {
    const refused = failure(() => inNamespace(other, async () => here()));
    expect(refused).toMatchObject({ name: 'InputError', argument: 'callback' });
    expect(here()).toBe(origin);
    // one that rejects must not become an unhandled rejection on top
    failure(() => inNamespace(other, () => Promise.reject(new Error('nobody sees this'))));
    // biome-ignore lint/suspicious/noThenProperty: this is what a thenable is
    failure(() => inNamespace(other, () => ({ then: () => {} })));
    await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('leaves what was opened inside in there', () => {
    const socket = inNamespace(other, () => openNetlinkSocket(0));
    bindNetlink(socket); // the list below is of bound ones
    expect(inodesIn('/proc/net/netlink')).not.toContain(socketInode(socket));
    expect(inNamespace(other, () => inodesIn('/proc/thread-self/net/netlink'))).toContain(socketInode(socket));
    closeFd(socket);
  });

  test('leaves every thread of the process where it was', async () => {
    await Promise.all(Array.from({ length: 8 }, () => import('node:fs/promises').then(({ stat }) => stat('/'))));
    for (let i = 0; i < 20; i++) closeFd(inNamespace(other, () => createNamespace()));
    const all = threads();
    expect(all.length).toBeGreaterThan(4);
    expect(new Set(all)).toEqual(new Set([origin]));
  });

  test('finds the thread pool made already, so that its threads are not born inside', () => {
    // this program's first use of the pool is within a section
    const { stdout, stderr } = runProgram(`
      import { readdirSync, readlinkSync, stat } from 'node:fs';
      import { createNamespace, inNamespace } from '${sys}';
      const before = readdirSync('/proc/self/task').length;
      const origin = readlinkSync('/proc/thread-self/ns/net');
      inNamespace(createNamespace(), () => stat('/', () => {}));
      const after = readdirSync('/proc/self/task');
      console.log(after.length >= before, after.every((task) => readlinkSync('/proc/self/task/' + task + '/ns/net') === origin));`);
    expect({ stdout, stderr }).toEqual({ stdout: 'true true\n', stderr: '' });
  });

  test('works in a Worker, whose thread it is about', () => {
    const { stdout, stderr } = runProgram(`
      import { readlinkSync } from 'node:fs';
      import { Worker } from 'node:worker_threads';
      const code = \`
        import { readlinkSync } from 'node:fs';
        import { parentPort } from 'node:worker_threads';
        const { createNamespace, inNamespace } = await import('${sys}');
        const here = () => readlinkSync('/proc/thread-self/ns/net');
        const fd = createNamespace();
        const before = here();
        const inside = inNamespace(fd, here);
        parentPort.postMessage({ before, inside, after: here() });\`;
      const worker = new Worker(code, { eval: true });
      const { before, inside, after } = await new Promise((resolve) => worker.once('message', resolve));
      const main = readlinkSync('/proc/thread-self/ns/net');
      console.log(before === main, after === main, inside !== main);`);
    expect({ stdout, stderr }).toEqual({ stdout: 'true true true\n', stderr: '' });
  });

  test.each([
    ['the main thread', (program: string) => program],
    [
      'a Worker',
      (program: string) => `
        import { Worker } from 'node:worker_threads';
        new Worker(${JSON.stringify(program)}, { eval: true });
        setTimeout(() => console.log('went on'), 100_000);`,
    ],
  ])('ends the process when %s cannot come back', (_, wrap) => {
    const program = `
      import { closeSync, readdirSync, readlinkSync } from 'node:fs';
      const { createNamespace, inNamespace } = await import('${sys}');
      const origin = readlinkSync('/proc/thread-self/ns/net');
      inNamespace(createNamespace(), () => {
        for (const fd of readdirSync('/proc/self/fd')) {
          let target;
          try { target = readlinkSync('/proc/self/fd/' + fd); } catch { continue; }
          if (target === origin) closeSync(Number(fd));
        }
      });
      console.log('went on');`;
    const { status, signal, stdout, stderr } = runProgram(wrap(program));
    expect({ status, signal, stdout }).toEqual({ status: null, signal: 'SIGABRT', stdout: '' });
    expect(stderr).toMatch(
      /^netloom: cannot return to network namespace .*: setns: EBADF: Bad file descriptor; a thread is left in the wrong one: aborting\n$/,
    );
  });

  test('of a descriptor that is none is an error, and nothing happens', () => {
    const called: string[] = [];
    expect(failure(() => inNamespace(9_999, () => called.push('called')))).toMatchObject({ code: 'EBADF', syscall: 'setns' });
    const file = openSync('/proc/self/status', 'r');
    expect(failure(() => inNamespace(file, () => called.push('called')))).toMatchObject({ code: 'EINVAL', syscall: 'setns' });
    closeSync(file);
    expect(called).toEqual([]);
    expect(here()).toBe(origin);
  });

  test('without privilege says which is missing', () => {
    const { stdout, stderr } = runProgram(
      `
      import { createNamespace, inNamespace, openOwn } from '${sys}';
      for (const action of [() => createNamespace(), () => inNamespace(openOwn(), () => {})]) {
        try { action(); } catch (error) { console.log(error.code, error.syscall, error.message); }
      }`,
      '',
      ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs'],
    );
    expect(stderr).toBe('');
    const [unshare, setns] = stdout.split('\n');
    expect(unshare).toMatch(
      /^EPERM unshare unshare: EPERM: creating a network namespace needs CAP_SYS_ADMIN: run as root, or within `unshare --user/,
    );
    expect(setns).toMatch(
      /^EPERM setns setns: EPERM: entering a network namespace needs CAP_SYS_ADMIN, in its user namespace and in the own: run as root/,
    );
  });
});

/** The last column of the list. A number of another column may have the same digits. */
function inodesIn(path: string): string[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).at(-1)!);
}

function socketInode(fd: number): string {
  return /^socket:\[(\d+)\]$/.exec(nameOf(fd))![1]!;
}

describe('namespaces as arguments', () => {
  test('are told apart by id', () => {
    const own = openOwn();
    expect(namespaceId(own)).toMatch(/^\d+:\d+$/);
    expect(namespaceId(own)).not.toBe(namespaceId(other));
    expect(inNamespace(own, () => openId(process.pid))).toBe(namespaceId(own));
    closeFd(own);
  });

  const openId = (reference: string | number | { fd: number }): string => {
    const namespace = openNamespace(reference);
    closeNamespace(namespace);
    return namespace.id;
  };

  test('by process, path and handle are the same namespace', async () => {
    const child = inNamespace(other, () => spawn('sleep', ['60'], { stdio: 'ignore' }));
    const pid = child.pid as number;
    expect(openId(pid)).toBe(namespaceId(other));
    expect(openId(`/proc/${pid}/ns/net`)).toBe(namespaceId(other));
    expect(openId({ fd: other })).toBe(namespaceId(other));
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
    expect(failure(() => openNamespace(pid, 'target'))).toMatchObject({
      name: 'NotFoundError',
      code: 'ESRCH',
      argument: 'target',
      message: `target: process ${pid} does not exist`,
    });
  });

  test('a handle is duplicated: closing one leaves the other', () => {
    const namespace = openNamespace({ fd: other });
    expect(namespace.fd).not.toBe(other);
    closeNamespace(namespace);
    expect(isNetNamespace(other)).toBe(true);
  });

  test('descriptors are not passed on to programs', () => {
    for (const fd of [openOwn(), openNamespace({ fd: other }).fd, openNamespace(process.pid).fd, openNetlinkSocket(0), createNamespace()]) {
      expect(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')).toMatch(/flags:\s+0?2\d{6}/);
      closeFd(fd);
    }
  });

  test('say what they are for messages', () => {
    const described = (reference: Parameters<typeof openNamespace>[0]): string => {
      const namespace = openNamespace(reference);
      closeNamespace(namespace);
      return namespace.describe;
    };
    expect(described(process.pid)).toBe(`network namespace of process ${process.pid}`);
    expect(described('/proc/self/ns/net')).toBe('network namespace "/proc/self/ns/net"');
    expect(described({ fd: other })).toBe(`network namespace of descriptor ${other}`);
    expect(described(Object.assign({ fd: other }, { name: 'red' }))).toBe('network namespace "red"');
  });

  test.each([
    ['nosuch', 'netns: network namespace "nosuch" does not exist', 'ENOENT'],
    ['/run/netns/nosuch', 'netns: network namespace "/run/netns/nosuch" does not exist', 'ENOENT'],
    ['/proc/self/status/x', 'netns: network namespace "/proc/self/status/x" does not exist', 'ENOENT'],
    [0x7fffffff, 'netns: process 2147483647 does not exist', 'ESRCH'],
  ])('%s is missing', (reference, message, code) => {
    expect(failure(() => openNamespace(reference))).toMatchObject({ name: 'NotFoundError', message, code });
  });

  test.each(['/proc/self/status', '/proc/self/ns/mnt', '/proc/self/ns/user', '/', '/dev/null'])('%s is not one', (path) => {
    expect(failure(() => openNamespace(path))).toMatchObject({
      name: 'InputError',
      message: `netns: not a network namespace: "${path}" is another kind of file`,
    });
  });

  test('a FIFO nobody writes does not stop the process', () => {
    const fifo = `/run/fifo-${process.pid}`;
    execFileSync('mkfifo', [fifo]);
    expect(failure(() => openNamespace(fifo))).toMatchObject({ name: 'InputError' });
    execFileSync('rm', [fifo]);
  });

  test('a handle of another kind of file is refused', () => {
    const file = openSync('/proc/self/status', 'r');
    expect(failure(() => openNamespace({ fd: file }, 'target'))).toMatchObject({ name: 'InputError', argument: 'target' });
    closeSync(file);
    expect(failure(() => openNamespace({ fd: 9_999 }))).toMatchObject({
      name: 'InputError',
      message: 'netns: descriptor 9999 is not open',
    });
  });

  test("another user's process says what is missing", () => {
    const { stdout, stderr } = runProgram(
      `
      import { openNamespace } from '${sys}';
      try { openNamespace(1, 'target'); } catch (error) { console.log(error.name, error.code, error.message); }`,
      '',
      ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs'],
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^SystemError EACCES open '\/proc\/1\/ns\/net': EACCES: the namespace of process 1 is open to its own user, and to others with CAP_SYS_PTRACE/,
    );
  });
});

describe('sysctl files', () => {
  const read = (fd: number): string => {
    const buffer = Buffer.alloc(100);
    const text = buffer.toString('utf8', 0, readSync(fd, buffer, 0, 100, 0));
    closeSync(fd);
    return text.trim();
  };

  test('stay with the namespace they were opened in', () => {
    const path = '/proc/sys/net/ipv4/ip_default_ttl';
    const outside = readFileSync(path, 'utf8').trim();
    const writable = openInNamespace(other, path, constants.O_WRONLY);
    writeSync(writable, '99');
    closeSync(writable);
    expect(read(openInNamespace(other, path, constants.O_RDONLY))).toBe('99');
    expect(read(openInNamespace(undefined, path, constants.O_RDONLY))).toBe(outside);
    expect(readFileSync(path, 'utf8').trim()).toBe(outside);
    expect(inNamespace(other, () => readFileSync(path, 'utf8')).trim()).toBe('99');
    expect(sysctlSync('net.ipv4.ip_default_ttl', undefined, { fd: other })).toBe('99');
    expect(sysctlSync('net.ipv4.ip_default_ttl', undefined)).toBe(outside);
  });

  test('that are missing or refuse say so', async () => {
    expect(failure(() => sysctlSync('net.ipv4.nosuch', undefined, { fd: other }))).toMatchObject({
      name: 'NotFoundError',
      message: 'name: sysctl "net.ipv4.nosuch" (in this namespace) does not exist',
    });
    for (const value of [undefined, '1'])
      expect(failure(() => sysctlSync('net.ipv4', value, { fd: other }))).toMatchObject({ name: 'InputError', argument: 'name' });
    expect(failure(() => sysctlSync('net.ipv4.tcp_available_congestion_control', 'x', { fd: other }))).toMatchObject({
      name: 'SystemError',
      code: 'EACCES',
    });
    const refused = {
      name: 'SystemError',
      code: 'EINVAL',
      errno: 22,
      syscall: 'write',
      path: '/proc/sys/net/ipv4/ip_default_ttl',
    };
    expect(failure(() => sysctlSync('net.ipv4.ip_default_ttl', 'many', { fd: other }))).toMatchObject(refused);
    await expect(sysctlAsync('net.ipv4.ip_default_ttl', 'many', { fd: other })).rejects.toMatchObject(refused);
  });
});
