import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { uniqueName } from '../support/names.ts';
import { ipText, limit } from '../support/oracle.ts';

const index = fileURLToPath(new URL('../../src/netns/index.ts', import.meta.url));
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const ip = (...args: string[]): string => ipText(args);
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const origin = here();
const idOf = (path: string): string => {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
};
const listedByIp = (): string[] =>
  ip('netns', 'list')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[0] as string);
/** How many descriptors of namespaces and sysctls are open: the test runner's own come and go. */
const descriptors = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^net:|^\/proc\/sys\/|^\/run\//.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;

const names: string[] = [];
function newName(): string {
  const name = uniqueName('ns');
  names.push(name);
  return name;
}
afterEach(async () => {
  for (const name of names.splice(0)) await netns.delete(name).catch(() => {});
  expect(here()).toBe(origin);
});

/** Runs a program that has `netns` in scope, within `wrapper`. */
function runProgram(program: string, ...wrapper: string[]): { status: number | null; stdout: string; stderr: string } {
  const source = `import * as netns from '${index}'; import { readdirSync, readlinkSync } from 'node:fs';
    const report = (error) => console.log([error.name, error.code, error.message].join(' | '));
    ${program}`;
  const run = (...args: string[]): ReturnType<typeof runProgram> => {
    const command = [...wrapper, process.execPath, ...args];
    const { status, stdout, stderr } = spawnSync(command[0] as string, command.slice(1), {
      encoding: 'utf8',
      timeout: limit,
      env: environment,
    });
    return { status, stdout, stderr };
  };
  if (!('Deno' in globalThis)) return run('--import', 'tsx', '--input-type=module', '-e', source);
  // it takes no program on its command line in Node's manner
  const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
  try {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'program.mjs'), source);
    return run('run', '-A', join(folder, 'program.mjs'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('creating', () => {
  test('a named one: ip netns knows it, and enters it', async () => {
    const name = newName();
    const red = await netns.create(name);
    expect(red).toMatchObject({ name, path: `/run/netns/${name}`, closed: false });
    expect(red.id).toBe(idOf(`/run/netns/${name}`));
    expect(listedByIp()).toContain(name);
    expect(ip('netns', 'exec', name, 'readlink', '/proc/self/ns/net').trim()).toBe(readlinkSync(`/proc/self/fd/${red.fd}`));
    expect(ip('-n', name, '-o', 'link', 'show').trim()).toMatch(/^1: lo: <LOOPBACK> .*state DOWN/);
    red.close();
    // closed, it stays
    expect(ip('netns', 'exec', name, 'true')).toBe('');
    ip('netns', 'delete', name);
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
  });

  test('the directory is as ip makes it: a shared mount, and one only', () => {
    for (let i = 0; i < 3; i++) netns.createSync(newName()).close();
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.split(' ')[4] === '/run/netns');
    expect(mounts).toHaveLength(1);
    expect(mounts[0]).toMatch(/ shared:\d+ /);
    expect(statSync('/run/netns').mode & 0o777).toBe(0o755);
    ip('netns', 'add', newName());
    expect(
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.split(' ')[4] === '/run/netns'),
    ).toHaveLength(1);
  });

  test('an anonymous one lives with its handle', async () => {
    const red = await netns.create();
    expect(red).toMatchObject({ name: undefined, path: undefined });
    // other test files make and delete names meanwhile: none of them is this one
    expect((await netns.list()).map((entry) => entry.id)).not.toContain(red.id);
    expect(red.run(here)).not.toBe(origin);
    red.close();
  });

  test('a name that is taken is an error and changes nothing', async () => {
    const name = newName();
    const red = await netns.create(name);
    const count = descriptors();
    await expect(netns.create(name)).rejects.toMatchObject({
      name: 'NetloomError',
      code: 'EEXIST',
      errno: 17,
      message: `network namespace "${name}" already exists (/run/netns/${name})`,
    });
    expect(idOf(`/run/netns/${name}`)).toBe(red.id);
    expect(descriptors()).toBe(count);
    const theirs = newName();
    ip('netns', 'add', theirs);
    await expect(netns.create(theirs)).rejects.toMatchObject({ code: 'EEXIST' });
    red.close();
  });

  test('a name taken by a stale file says so', async () => {
    netns.createSync(newName()).close(); // makes the directory
    const name = newName();
    writeFileSync(`/run/netns/${name}`, '', { mode: 0 });
    await expect(netns.create(name)).rejects.toMatchObject({
      code: 'EEXIST',
      message: `network namespace "${name}" already exists (/run/netns/${name}, a file that no namespace is mounted on: delete the name to free it)`,
    });
    await netns.delete(name);
    (await netns.create(name)).close();
  });

  test('many at once all get theirs', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => netns.create(newName())));
    expect(new Set(made.map(({ id }) => id)).size).toBe(20);
    for (const each of made) each.close();
  });

  test('a limit of namespaces, hit half-way, leaves nothing', () => {
    const { stdout, stderr } = runProgram(
      `
      const state = () => [readlinkSync('/proc/thread-self/ns/net'), ...readdirSync('/proc/self/fd').filter((fd) => {
        try { return readlinkSync('/proc/self/fd/' + fd).startsWith('net:'); } catch { return false; }
      })].join();
      const before = state();
      await netns.create('full').catch(report);
      await netns.create().catch(report);
      console.log(readdirSync('/run/netns').length, state() === before);`,
      ...inOwnUserNamespace('mount -t tmpfs tmpfs /run && echo 1 > /proc/sys/user/max_net_namespaces'),
    );
    expect(stderr).toBe('');
    const refused = 'SystemError | ENOSPC | unshare: ENOSPC: the limit of network namespaces is reached (sysctl user.max_net_namespaces)\n';
    expect(stdout).toBe(`${refused}${refused}0 true\n`);
  });

  test('in a new user namespace works', () => {
    const { stdout, stderr } = runProgram(
      `
      const red = await netns.create('red');
      console.log(red.run(() => readlinkSync('/proc/thread-self/ns/net')) !== readlinkSync('/proc/thread-self/ns/net'), (await netns.list()).length);
      const { stdout } = await red.exec('ip', ['-o', 'link']);
      console.log(stdout.startsWith('1: lo'));
      await red.sysctl.set('net.ipv4.ip_forward', 1);
      console.log(await red.sysctl.get('net.ipv4.ip_forward'));
      await red.delete();
      red.close();
      console.log((await netns.list()).length);`,
      ...inOwnUserNamespace('mount -t tmpfs tmpfs /run'),
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'true 1\ntrue\n1\n0\n', stderr: '' });
  });

  test('where /run is read-only says what to do, and is outside again', () => {
    const { stdout, stderr } = runProgram(
      `
      const before = readlinkSync('/proc/thread-self/ns/net');
      await netns.create('red').catch(report);
      console.log(before === readlinkSync('/proc/thread-self/ns/net'), await netns.list());
      (await netns.create()).close();`,
      ...inOwnUserNamespace('mount -t tmpfs -o ro tmpfs /run'),
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^SystemError \| EROFS \| mkdir '\/run\/netns': EROFS: naming a network namespace needs write access to \/run\/netns: run as root, .*mount a tmpfs on \/run first/,
    );
    expect(stdout).toMatch(/\ntrue \[\]\n$/);
  });

  test('without power over the mounts says which privilege is missing, and leaves no file', () => {
    const { stdout, stderr } = runProgram(
      `
      await netns.create('red').catch(report);
      console.log(readdirSync('/run/netns').includes('red'));`,
      'unshare',
      '--user',
      '--map-root-user',
      '--net',
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^SystemError \| EPERM \| mount '\/run\/netns(\/red)?': EPERM: naming a network namespace needs CAP_SYS_ADMIN over the mount namespace/,
    );
    expect(stdout).toMatch(/\nfalse\n$/);
  });

  test('a race of processes for the directory ends with one mount', async () => {
    // six at once that compile all of the sources take minutes on a busy machine; the other runtimes cannot bundle them
    const onNode = process.versions['bun'] === undefined && process.versions['deno'] === undefined;
    const bundled = onNode ? await import('../support/bundled.ts') : undefined;
    const module = bundled?.bundledModule("export * from '../../src/netns/index.ts';") ?? index;
    const script = `grep -c ' /run/netns ' /proc/self/mountinfo; for i in 1 2 3 4 5 6; do node ${onNode ? '' : '--import tsx'} --input-type=module -e "
      import { createSync } from '${module}'; createSync('r$i').close();" & done; wait; grep -c ' /run/netns ' /proc/self/mountinfo; ls /run/netns | wc -l; ip netns list | wc -l`;
    const [file, ...args] = inOwnUserNamespace('mount -t tmpfs tmpfs /run');
    const output = execFileSync(file as string, [...args, 'sh', '-c', script], {
      encoding: 'utf8',
      env: { ...environment, ...(bundled && { NODE_PATH: bundled.bundledEnvironment['NODE_PATH'] }) },
    });
    const [before, after, ...counts] = output.trim().split('\n').map(Number);
    // the mounts below the /run that is covered count too
    expect([(after as number) - (before as number), ...counts]).toEqual([1, 6, 6]);
  });
});

/** A wrapper of a command that runs it as root of a user namespace, after `setup`. */
function inOwnUserNamespace(setup: string): string[] {
  return ['unshare', '--user', '--map-root-user', '--net', '--mount', 'sh', '-c', `${setup} && exec "$0" "$@"`];
}

describe('opening', () => {
  test('by name, path, process and handle is one namespace', async () => {
    const name = newName();
    ip('netns', 'add', name);
    const byName = await netns.open(name);
    const child = byName.spawn('sleep', ['60']);
    const byPath = await netns.open(`/run/netns/${name}`);
    const byProcess = netns.openSync(child.pid as number);
    const byHandle = await netns.open(byName);
    expect(byName).toMatchObject({ name, path: `/run/netns/${name}`, id: idOf(`/run/netns/${name}`) });
    expect(byPath).toMatchObject({ name, path: `/run/netns/${name}`, id: byName.id });
    expect(byProcess).toMatchObject({ name: undefined, path: undefined, id: byName.id });
    expect(byHandle).toMatchObject({ name, path: `/run/netns/${name}`, id: byName.id });
    const other = await netns.open('/proc/self/ns/net');
    expect(other).toMatchObject({ name: undefined, path: '/proc/self/ns/net' });
    byName.close();
    expect(byHandle.run(here)).not.toBe(origin);
    child.kill();
    for (const each of [byPath, byProcess, byHandle, other]) each.close();
    await expect(netns.open(byName)).rejects.toMatchObject({ name: 'ClosedError', code: 'ERR_CLOSED' });
  });

  test('what is missing says so', async () => {
    await expect(netns.open('nosuch')).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'ENOENT',
      message: 'reference: network namespace "nosuch" does not exist',
    });
    await expect(netns.open(0x7ffffff0)).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'ESRCH',
      message: 'reference: process 2147483632 does not exist',
    });
    await expect(netns.open('/etc/hostname')).rejects.toMatchObject({ name: 'InputError' });
  });

  test('a stale name says so', async () => {
    netns.createSync(newName()).close();
    const name = newName();
    writeFileSync(`/run/netns/${name}`, '');
    await expect(netns.open(name)).rejects.toMatchObject({
      name: 'InputError',
      message: `reference: not a network namespace: /run/netns/${name} is left over from a namespace that is gone`,
    });
  });
});

describe('listing', () => {
  test('has what ip netns has, sorted, and what is stale with a problem', async () => {
    const [mine, theirs, stale, link, dangling] = [newName(), newName(), newName(), newName(), newName()] as [
      string,
      string,
      string,
      string,
      string,
    ];
    const red = await netns.create(mine);
    ip('netns', 'add', theirs);
    writeFileSync(`/run/netns/${stale}`, '');
    symlinkSync('/proc/self/ns/net', `/run/netns/${link}`);
    symlinkSync('/proc/nosuch', `/run/netns/${dangling}`);
    const entries = await netns.list();
    const entry = (name: string): object => ({ name, path: `/run/netns/${name}` });
    expect(entries).toContainEqual({ ...entry(mine), id: red.id });
    expect(entries).toContainEqual({ ...entry(theirs), id: idOf(`/run/netns/${theirs}`) });
    expect(entries).toContainEqual({ ...entry(link), id: idOf('/proc/self/ns/net') });
    expect(entries).toContainEqual({ ...entry(stale), problem: 'stale' });
    expect(entries).toContainEqual({ ...entry(dangling), problem: 'stale' });
    expect(entries.map(({ name }) => name)).toEqual(entries.map(({ name }) => name).sort());
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
    // names of other test files may have come since
    const listed = listedByIp().filter((name) => [mine, theirs, link, stale, dangling].includes(name));
    for (const name of listed) expect(entries.map((each) => each.name)).toContain(name);
    expect(listed).toEqual(expect.arrayContaining([mine, theirs]));
    red.close();
  });

  test('where there is no directory is empty', () => {
    expect(
      runProgram(`console.log(await netns.list(), await netns.exists('red'))`, ...inOwnUserNamespace('mount -t tmpfs tmpfs /run')),
    ).toMatchObject({
      stdout: '[] false\n',
      stderr: '',
    });
  });

  test('exists tells a namespace from a name', async () => {
    const [mine, stale] = [newName(), newName()] as [string, string];
    netns.createSync(mine).close();
    writeFileSync(`/run/netns/${stale}`, '');
    expect(await netns.exists(mine)).toBe(true);
    expect(netns.existsSync(mine)).toBe(true);
    expect(await netns.exists(stale)).toBe(false);
    expect(await netns.exists('nosuch')).toBe(false);
  });
});

describe('deleting', () => {
  test('takes the name away, whoever gave it', async () => {
    const [mine, theirs] = [newName(), newName()] as [string, string];
    netns.createSync(mine).close();
    ip('netns', 'add', theirs);
    await netns.delete(mine);
    netns.deleteSync(theirs);
    for (const name of [mine, theirs]) {
      expect(listedByIp()).not.toContain(name);
      expect(existsSync(`/run/netns/${name}`)).toBe(false);
      await expect(netns.delete(name)).rejects.toMatchObject({
        name: 'NotFoundError',
        code: 'ENOENT',
        message: `name: network namespace "${name}" does not exist`,
      });
    }
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(mine);
  });

  test('by the handle, which stays open', async () => {
    const name = newName();
    const red = await netns.create(name);
    await red.delete();
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
    expect(red.run(here)).not.toBe(origin);
    await expect(red.delete()).rejects.toMatchObject({ name: 'NotFoundError', message: `network namespace "${name}" does not exist` });
    // the name is another's now
    const blue = await netns.create(name);
    await expect(red.delete()).rejects.toMatchObject({ name: 'NotFoundError' });
    expect(await netns.exists(name)).toBe(true);
    red.close();
    await expect(red.delete()).rejects.toMatchObject({ name: 'ClosedError' });
    blue.close();
  });

  test('an anonymous one is refused', async () => {
    using red = await netns.create();
    await expect(red.delete()).rejects.toMatchObject({
      name: 'InputError',
      message: 'anonymous network namespace has no name to delete: it goes with its last holder',
    });
  });

  test('frees a name with several mounts on it', async () => {
    const name = newName();
    netns.createSync(name).close();
    execFileSync('mount', ['--bind', '/proc/self/ns/net', `/run/netns/${name}`]);
    await netns.delete(name);
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
  });

  test('of a link removes the link, not the mount it leads to', async () => {
    const [name, link] = [newName(), newName()] as [string, string];
    const red = await netns.create(name);
    symlinkSync(`/run/netns/${name}`, `/run/netns/${link}`);
    await netns.delete(link);
    expect(existsSync(`/run/netns/${link}`)).toBe(false);
    expect(idOf(`/run/netns/${name}`)).toBe(red.id);
    red.close();
  });

  test('what is no namespace at all is an error', async () => {
    netns.createSync(newName()).close();
    const name = newName();
    mkdirSync(`/run/netns/${name}`);
    await expect(netns.delete(name)).rejects.toMatchObject({ name: 'SystemError', syscall: 'unlink' });
    execFileSync('rmdir', [`/run/netns/${name}`]);
  });
});

test('nothing is left open after hundreds of each', async () => {
  const name = newName();
  netns.createSync(name).close();
  const before = descriptors();
  for (let i = 0; i < 200; i++) {
    const passing = newName();
    using made = await netns.create(passing);
    await using opened = await netns.open(passing);
    opened.run(here);
    opened.sysctl.getSync('net.ipv4.ip_forward');
    await opened.sysctl.set('net.ipv4.ip_forward', 1);
    await netns.create(passing).catch(() => {});
    await netns.open(`${passing}x`).catch(() => {});
    await netns.open('/etc/hostname').catch(() => {});
    await opened.sysctl.get('net.nosuch').catch(() => {});
    await opened.sysctl.set('net.ipv4.ip_default_ttl', 'no number').catch(() => {});
    await made.delete();
    names.pop();
  }
  netns.listSync();
  expect(descriptors()).toBe(before);
  expect(new Set(readdirSync('/proc/self/task').map((task) => readlinkSync(`/proc/self/task/${task}/ns/net`)))).toEqual(new Set([origin]));
});

test('a name made in a private copy of the mounts does not keep ours busy', async () => {
  const name = newName();
  netns.createSync(name).close();
  // another mount namespace holds a copy of the mount
  const { stdout } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', 'echo held'], {
    encoding: 'utf8',
    env: environment,
  });
  expect(stdout).toBe('held\n');
  await netns.delete(name);
  expect(existsSync(`/run/netns/${name}`)).toBe(false);
  expect(() => unlinkSync(`/run/netns/${name}`)).toThrow();
});
