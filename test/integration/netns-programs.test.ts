/** Programs, threads and users within namespaces: their mounts, their sockets, their ids. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { uniqueName } from '../support/names.ts';
import { sh, tool } from '../support/oracle.ts';
import { ownEtc } from '../support/own-etc.ts';

const name = uniqueName('ns');
const link = uniqueName('l');
/** Mounts of their own need Node.js: elsewhere programs have those of the caller, which netns-handle.test.ts is about. */
const onNode = process.versions['bun'] === undefined && process.versions['deno'] === undefined;
const here = (space: string): string => readlinkSync(`/proc/thread-self/ns/${space}`);
const [homeNet, homeMounts] = [here('net'), here('mnt')];

let red: netns.Netns;
let inside: string;
/** Whether the kernel lets anybody mount a /sys here: in containers it may not. */
let newSys: boolean;
beforeAll(async () => {
  red = await netns.create(name);
  inside = readlinkSync(`/proc/self/fd/${red.fd}`);
  sh(`ip link add ${link} type veth peer name ${link}p`, { netns: name });
  newSys =
    onNode &&
    (await red.exec('true', [], { mounts: true }).then(
      () => true,
      () => false,
    ));
});
afterAll(async () => {
  await red.delete();
  red.close();
  // nothing of this is left where the tests are
  expect([here('net'), here('mnt')]).toEqual([homeNet, homeMounts]);
});

const output = async (script: string, options: netns.ExecOptions & { encoding?: BufferEncoding } = {}): Promise<string[]> =>
  (await red.exec('sh', ['-c', script], options)).stdout.trim().split('\n');

describe.runIf(onNode)('mounts', () => {
  test('/sys shows the links of the namespace, and nobody outside sees it', async () => {
    // other test files have mounts of their own
    const ofSys = (): string =>
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => / \/sys[ /]/.test(line))
        .join('\n');
    const before = ofSys();
    const shown = await output('ls /sys/class/net; readlink /proc/self/ns/net /proc/self/ns/mnt');
    expect(shown.slice(-2)[0]).toBe(inside);
    expect(shown.at(-1)).not.toBe(homeMounts);
    if (newSys) expect(shown.slice(0, -2)).toEqual(['lo', link, `${link}p`].sort());
    expect(ofSys()).toBe(before);
    // what was mounted below /sys still is
    const below = (text: string): string[] =>
      [...new Set(text.split('\n').flatMap((line) => /^(?:\S+ ){4}(\/sys\/\S+)/.exec(line)?.[1] ?? []))].sort();
    expect(below((await output('cat /proc/self/mountinfo')).join('\n'))).toEqual(below(before));
  });

  test('where a /sys is refused `mounts: true` says so, and none leaves the caller his', async () => {
    if (newSys) expect((await red.exec('true', [], { mounts: true })).code).toBe(0);
    else
      await expect(red.exec('true', [], { mounts: true })).rejects.toMatchObject({
        name: 'SystemError',
        code: 'EPERM',
        syscall: 'mount',
        path: '/sys',
      });
    const [mounts] = await output('readlink /proc/self/ns/mnt', { mounts: false });
    expect(mounts).toBe(homeMounts);
  });

  test('the files of /etc/netns/NAME lie over those of /etc', async () => {
    const etc = `/etc/netns/${name}`;
    onTestFinished(await ownEtc());
    mkdirSync(etc, { recursive: true });
    writeFileSync(`${etc}/hosts`, '10.9.8.7 of-the-namespace\n');
    expect(await output('cat /etc/hosts')).toEqual(['10.9.8.7 of-the-namespace']);
    expect(readFileSync('/etc/hosts', 'utf8')).not.toContain('of-the-namespace');
    writeFileSync(`${etc}/no-such-file`, '');
    mkdirSync(`${etc}/passwd`);
    symlinkSync('nowhere', `${etc}/group`);
    // as by ip, which says so and goes on
    const warnings: Error[] = [];
    const listener = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', listener);
    onTestFinished(() => void process.off('warning', listener));
    const seen = 'cat /etc/hosts; ls -d /etc/no-such-file 2>/dev/null; test -f /etc/passwd; echo $?';
    for (let i = 0; i < 2; i++) expect(await output(seen)).toEqual(['10.9.8.7 of-the-namespace', '0']);
    // which needs a new /sys
    if (newSys)
      expect(
        tool(['ip', 'netns', 'exec', name, 'sh', '-c', `{ ${seen}; } 2>/dev/null`])
          .trim()
          .split('\n')
          .slice(-2),
      ).toEqual(['10.9.8.7 of-the-namespace', '0']);
    await expect
      .poll(() => warnings.map(({ message }) => /netns\/\S+\/(\S+) is passed over/.exec(message)?.[1]).sort())
      .toEqual(['group', 'no-such-file', 'passwd']);
    if (newSys)
      await expect(red.exec('true', [], { mounts: true })).rejects.toMatchObject({
        name: 'SystemError',
        syscall: 'mount',
        path: expect.stringMatching(/^\/etc\//),
      });
  });
});

describe('spawn', () => {
  test('folder, environment, umask and descriptors are those of the caller, or as asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const umask = process.umask(0o027);
    try {
      expect(await output('pwd; umask; echo "$NETLOOM_X"', { env: { ...process.env, NETLOOM_X: 'y' } })).toEqual([
        process.cwd(),
        '0027',
        'y',
      ]);
    } finally {
      process.umask(umask);
    }
    const file = openSync(join(folder, 'out'), 'w');
    const child = red.spawn('sh', ['-c', 'cat; echo err >&2; echo three >&3'], { stdio: ['pipe', file, 'ignore', 'pipe'], cwd: folder });
    expect([child.stdout, child.stderr]).toEqual([null, null]);
    let third = '';
    (child.stdio[3] as NodeJS.ReadableStream).on('data', (data: Buffer) => {
      third += data;
    });
    child.stdin!.end('to a file');
    expect(await once(child, 'close')).toEqual([0, null]);
    closeSync(file);
    expect([readFileSync(join(folder, 'out'), 'utf8'), third]).toEqual(['to a file', 'three\n']);
  });

  test('a folder may be a URL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(await output('pwd', { cwd: pathToFileURL(folder) })).toEqual([folder]);
  });

  test.runIf(onNode)('a folder may be relative; what is started is told as child_process tells it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const cwd of [relative(process.cwd(), folder), Buffer.from(folder) as unknown as string])
      expect(await output('pwd', { cwd })).toEqual([folder]);
    // as child_process has it: what the object inherits, and what is no text
    const env = Object.assign(Object.create({ NETLOOM_X: 'inherited' }), { PATH: process.env['PATH'], NETLOOM_Y: 5, NETLOOM_Z: undefined });
    expect(await output('echo "$NETLOOM_X $NETLOOM_Y $NETLOOM_Z"', { env })).toEqual(['inherited 5']);
    for (const options of [{ shell: true }, { shell: '/bin/sh', argv0: 'zero' }, { argv0: 'zero' }]) {
      const [ours, theirs] = [red.spawn('true', [], options), spawn('true', [], options)];
      expect([ours.spawnfile, ours.spawnargs]).toEqual([theirs.spawnfile, theirs.spawnargs]);
      await Promise.all([once(ours, 'close'), once(theirs, 'close')]);
    }
  });

  test('what cannot be meant is refused before anything is started', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const script = `touch ${folder}/started`;
    for (const [argument, value] of [
      ['timeOut', 1],
      ['timeout', Number.NaN],
      ['timeout', -1],
      ['killSignal', 'SIGNOTHING'],
      ['killSignal', 1000],
      ['signal', {}],
      ['encoding', 'bogus'],
      ['input', 5],
      ['maxBuffer', -1],
    ] as const)
      for (const mounts of [undefined, false])
        await expect(red.exec('sh', ['-c', script], { mounts, [argument]: value } as never)).rejects.toMatchObject({
          name: 'InputError',
          argument,
        });
    for (const options of [{ signal: {} }, { timeout: Number.NaN }, { killSignal: 'SIGNOTHING' }])
      expect(() => red.spawn('sh', ['-c', script], options as never)).toThrow(expect.objectContaining({ name: 'InputError' }));
    // what had been started before this would have ended before it
    await red.exec('true');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('events, signals and what is told of the process', async () => {
    const child = red.spawn('sleep', ['60']);
    const told: string[] = [];
    for (const event of ['spawn', 'exit', 'close']) child.on(event, () => told.push(event));
    expect(child).toMatchObject({ killed: false, exitCode: null, signalCode: null, spawnfile: 'sleep', spawnargs: ['sleep', '60'] });
    expect(readlinkSync(`/proc/${child.pid}/ns/net`)).toBe(inside);
    expect(child.kill('SIGINT')).toBe(true);
    expect(child.killed).toBe(true);
    expect(await once(child, 'close')).toEqual([null, 'SIGINT']);
    expect(child).toMatchObject({ exitCode: null, signalCode: 'SIGINT' });
    expect(child.kill()).toBe(false);
    expect(told).toEqual(['spawn', 'exit', 'close']);
    expect(() => red.spawn('true', [], { stdio: 'nonsense' as 'pipe' })).toThrow();
    await expect(red.exec('true', [], { mounts: 5 as unknown as boolean })).rejects.toMatchObject({
      name: 'InputError',
      argument: 'mounts',
    });
  });

  test.runIf(onNode)('a signal that has been aborted already, and a time limit, end it', async () => {
    const aborted = red.spawn('sleep', ['60'], { signal: AbortSignal.abort() });
    const [error] = await once(aborted, 'error');
    expect(error).toMatchObject({ name: 'AbortError' });
    const limited = red.spawn('sleep', ['60'], { timeout: 20, killSignal: 'SIGKILL' });
    expect(await once(limited, 'close')).toEqual([null, 'SIGKILL']);
  });

  test.runIf(onNode)('hundreds leave no descriptor and no thread behind', async () => {
    const state = (): number[] => [readdirSync('/proc/self/fd').length, readdirSync('/proc/self/task').length];
    const round = async (): Promise<void> => {
      await Promise.all(Array.from({ length: 5 }, () => red.exec('true')));
      await red.exec('/no/such/program').catch(() => {});
      expect(() => red.spawn('true', [], { stdio: ['pipe', 'pipe', {} as 'pipe'] })).toThrow(
        expect.objectContaining({ argument: 'stdio[2]' }),
      );
    };
    await round();
    const [files, threads] = state();
    for (let i = 0; i < 4; i++) await round();
    // the test runner opens and closes files of its own
    expect(state()[0]).toBeLessThan(files! + 20);
    expect(state()[1]).toBe(threads);
  });

  test.runIf(onNode)('with a channel for messages it has the mounts of the caller', async () => {
    const child = red.spawn(
      process.execPath,
      ['-e', "process.send(require('fs').readlinkSync('/proc/self/ns/mnt')); process.disconnect()"],
      {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    expect((await once(child, 'message'))[0]).toBe(homeMounts);
    await once(child, 'close');
    expect(() => red.spawn('true', [], { stdio: ['ipc'], mounts: true })).toThrow(
      expect.objectContaining({ code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' }),
    );
  });
});

test.runIf(onNode)('without descriptors every call says so at once, and nothing stays open', () => {
  const program = `
    const { closeSync, openSync, readdirSync } = await import('node:fs');
    const { netns } = await import(${JSON.stringify(bundledModule())});
    const red = netns.openSync(${JSON.stringify(name)});
    const calls = {
      list: () => netns.listSync().some(({ problem }) => problem === 'unreadable') && 'unreadable',
      create: () => netns.createSync().close(),
      exec: () => red.exec('true').then(({ code }) => code),
      createRootless: () => netns.createRootless().then((box) => box.close()),
    };
    await calls.list();
    // what the runtime opens once and keeps
    await netns.createRootless().then((box) => box.close(), () => {});
    const told = [];
    for (const [name, call] of Object.entries(calls)) {
      for (const left of [0, 1, 2, 7]) {
        const before = readdirSync('/proc/self/fd').length;
        const held = [];
        try { for (;;) held.push(openSync('/dev/null')); } catch {}
        for (let i = 0; i < left; i++) closeSync(held.pop());
        const outcome = await new Promise((resolve) => resolve(call())).then((value) => value || 'done', (error) => error.code);
        for (const fd of held) closeSync(fd);
        const open = () => readdirSync('/proc/self/fd').length;
        for (const end = Date.now() + 20_000; name !== 'createRootless' && open() !== before && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 5));
        told.push([name, left, outcome, name === 'createRootless' || open() === before].join(' '));
      }
    }
    console.log(JSON.stringify(told));`;
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 200; exec "$0" --input-type=module -e "$1"', process.execPath, program], {
    env: bundledEnvironment,
    encoding: 'utf8',
  });
  expect(stdout, stderr).not.toBe('');
  const told = JSON.parse(stdout) as string[];
  expect(told).toHaveLength(16);
  for (const each of told) expect(each).toMatch(/ (EMFILE|done) true$/);
  expect(told).toContain('exec 7 EMFILE true');
  expect(told).toContain('createRootless 0 EMFILE true');
});

describe('a worker', () => {
  test('lives in the namespace, its sockets too; the thread that made it does not', async () => {
    const source = `
      const { parentPort } = require('node:worker_threads');
      const { readFileSync, readlinkSync, promises } = require('node:fs');
      const net = require('node:net'), dgram = require('node:dgram'), { execFileSync } = require('node:child_process');
      const listening = (host) => new Promise((resolve) => { const s = net.createServer().listen(0, host, () => resolve(s)); });
      (async () => {
        const servers = [await listening(), await listening('127.0.0.1'), await listening('localhost')];
        const udp = dgram.createSocket('udp4');
        await new Promise((resolve) => udp.bind(0, resolve));
        const table = ['tcp', 'tcp6', 'udp'].map((file) => readFileSync('/proc/thread-self/net/' + file, 'latin1')).join('');
        const within = [...servers, udp].map((s) => table.includes(':' + s.address().port.toString(16).toUpperCase().padStart(4, '0') + ' '));
        const here = '/proc/thread-self/ns/net';
        parentPort.postMessage({ within, thread: readlinkSync(here), pool: await promises.readlink(here),
          child: execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim() });
        for (const s of servers) s.close();
        udp.close();
      })();`;
    sh('ip link set lo up', { netns: name });
    const worker = red.worker(source, { eval: true });
    const [told] = await once(worker, 'message');
    await worker.terminate();
    expect(told).toMatchObject({ within: [true, true, true, true], thread: inside, child: inside });
    // as documented: the pool is the process's
    if (onNode) expect(told.pool).toBe(homeNet);
    expect(here('net')).toBe(homeNet);
  });
});

describe('without privileges', () => {
  test('a user namespace has a network, a /run of its own, and ends with its handle', async () => {
    await using box = await netns.createRootless();
    const { stdout } = await box.exec('sh', [
      '-c',
      'id -u; readlink /proc/self/ns/net; ip -o link | cut -d: -f2; ls /run/netns 2>/dev/null | wc -l; pwd; ip link add v0 type veth peer name v1 && echo made',
    ]);
    const [uid, net, ...rest] = stdout.trim().split('\n');
    expect([uid, ...rest]).toEqual(['0', ' lo', '0', process.cwd(), 'made']);
    expect(net).toBe(`net:[${box.id.split(':')[1]}]`);
    expect(net).not.toBe(homeNet);
    expect(await netns.pids(box.pid)).toEqual([box.pid]);
    const child = box.spawn('sh', ['-c', 'exit $STATUS'], { env: { ...process.env, STATUS: '7' } });
    expect(await once(child, 'close')).toEqual([7, null]);
    expect((await box.exec('/no/such/program')).code).toBe(127);
    const { pid } = box;
    box.close();
    box.close();
    expect(box.closed).toBe(true);
    expect(() => box.spawn('true')).toThrow(expect.objectContaining({ name: 'ClosedError' }));
    while (existsSync(`/proc/${pid}/ns/net`)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('the ids that the user may give to others are mapped behind his own, where there are any', async () => {
    onTestFinished(await ownEtc());
    const others = [70_000, 10, 90_000, 5];
    const [first, count, second, more] = others;
    const maps = async (): Promise<string[][]> => {
      await using box = await netns.createRootless({ uidMap: 'auto', gidMap: 'auto' });
      const { stdout } = await box.exec('cat', ['/proc/self/uid_map', '/proc/self/gid_map', '/proc/self/setgroups']);
      return stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/ +/));
    };
    const own = [
      ['0', `${process.geteuid!()}`, '1'],
      ['0', `${process.getegid!()}`, '1'],
    ];
    for (const file of ['subuid', 'subgid']) writeFileSync(`/etc/${file}`, '# of others\nnobody-knows:70000:10\n123:70000:10\n');
    expect(await maps()).toEqual([...own, ['deny']]);
    for (const file of ['subuid', 'subgid'])
      writeFileSync(`/etc/${file}`, `123:1:2\n${userInfo().username}:${first}:${count}\n${process.geteuid!()}:${second}:${more}\n`);
    // in a user namespace of one user there are no others to give
    if (/^ +0 +\d+ +1\n$/.test(readFileSync('/proc/self/uid_map', 'utf8'))) await expect(maps()).rejects.toMatchObject({ code: 'EPERM' });
    else {
      const behind = [
        ['1', `${first}`, `${count}`],
        [`${1 + count!}`, `${second}`, `${more}`],
      ];
      expect(await maps()).toEqual([own[0], ...behind, own[1], ...behind, ['allow']]);
    }
  });

  test('maps are checked, and one that is not permitted leaves no process', async () => {
    for (const [options, argument] of [
      [{ uidMap: [] }, 'uidMap'],
      [{ gidMap: 'all' }, 'gidMap'],
      [{ uidMap: [{ inside: 0, outside: -1, count: 1 }] }, 'uidMap[0].outside'],
      [{ gidMap: [{ inside: 0, outside: 0, count: 0 }] }, 'gidMap[0].count'],
      [{ gidMap: [{ inside: 0, outside: 0, count: 1, more: 1 }] }, 'gidMap[0].more'],
      [{ uidmap: [] }, 'uidmap'],
    ] as const)
      await expect(netns.createRootless(options as netns.RootlessOptions)).rejects.toMatchObject({ name: 'InputError', argument });
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(netns.createRootless({ signal: stopped })).rejects.toThrow('stopped');
    // overlapping ranges are refused by the kernel
    const twice = [0, 1].map(() => ({ inside: 0, outside: process.geteuid!(), count: 1 }));
    await expect(netns.createRootless({ uidMap: twice })).rejects.toMatchObject({ code: expect.stringMatching(/EINVAL|EPERM|ENOENT/) });
    const holders = (): string => sh(`ps -o args= --ppid ${process.pid} | grep -c "^unshare\\\\|^sh -c echo" || true`).trim();
    while (holders() !== '0') await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
