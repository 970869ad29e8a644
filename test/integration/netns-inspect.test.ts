/** What is known of namespaces: ids, peers, processes; names given to what exists; names that come and go; and what failures leave behind. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { libc } from '../../src/netlink/sys/libc.ts';
import * as netns from '../../src/netns/index.ts';
import { bundle } from '../support/bundled.ts';
import { uniqueName } from '../support/names.ts';
import { ipText, limit, sh } from '../support/oracle.ts';

const [red, blue] = [uniqueName('ns'), uniqueName('ns')];
const link = uniqueName('l');
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const home = here();
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const portable = process.versions['deno'] === undefined && process.versions['bun'] === undefined;

let handle: netns.Netns;
beforeAll(async () => {
  handle = await netns.create(red);
  (await netns.create(blue)).close();
  ipText(['link', 'add', link, 'netns', red, 'type', 'veth', 'peer', 'name', `${link}p`, 'netns', blue]);
});
afterAll(async () => {
  for (const name of [red, blue]) await netns.delete(name);
  handle.close();
  expect(here()).toBe(home);
});

describe('ids', () => {
  test('are given and listed as ip netns does', async () => {
    const before = (await netns.list()).find(({ name }) => name === red)!;
    expect(before).not.toHaveProperty('nsid');
    const nsid = await netns.setId(red, 4711);
    expect(nsid).toBe(4711);
    expect((await netns.list()).find(({ name }) => name === red)).toEqual({ ...before, nsid: 4711 });
    expect(ipText(['netns', 'list']).split('\n')).toContain(`${red} (id: 4711)`);
    await expect(netns.setId(red, 12)).rejects.toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    await expect(netns.setId(red, -1)).rejects.toMatchObject({ name: 'InputError', argument: 'nsid' });
    const free = netns.setIdSync(blue);
    expect(ipText(['netns', 'list']).split('\n')).toContain(`${blue} (id: ${free})`);
  });
});

describe('processes', () => {
  test('are those of ip netns pids, and know their namespace by ip netns identify', async () => {
    const child = handle.spawn('sleep', ['60']);
    try {
      const pids = await netns.pids(red);
      expect(pids).toContain(child.pid);
      expect(pids.join('\n')).toBe(ipText(['netns', 'pids', red]).trim());
      expect(await netns.identify(child.pid)).toEqual([red]);
      expect(ipText(['netns', 'identify', String(child.pid)]).trim()).toBe(red);
      expect(handle.run(() => netns.identifySync())).toEqual([red]);
      // not that of the tests: others give it names
      using nameless = await netns.create();
      expect(nameless.run(() => netns.identifySync())).toEqual([]);
      const outside = nameless.spawn('sleep', ['60']);
      expect(await netns.identify(outside.pid)).toEqual([]);
      outside.kill('SIGKILL');
      await expect(netns.identify(0x7ffffff0)).rejects.toMatchObject({ name: 'NotFoundError', code: 'ESRCH', argument: 'pid' });
      await expect(netns.pids(red, { threads: 1 as unknown as boolean })).rejects.toMatchObject({
        name: 'InputError',
        argument: 'threads',
      });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('with a thread inside are found by their threads', async () => {
    const worker = handle.worker('setInterval(() => {}, 1000); require("node:worker_threads").parentPort.postMessage(1)', { eval: true });
    await new Promise((resolve) => worker.once('message', resolve));
    expect(await netns.pids(red, { threads: true })).toContain(process.pid);
    expect(await netns.pids(red)).not.toContain(process.pid);
    await worker.terminate();
  });
});

test('inspecting tells of names, processes, the ids of peers and the links to them', async () => {
  const child = handle.spawn('sleep', ['60']);
  try {
    netns.inspectSync(blue); // the kernel gives an id when a link that leads there is first shown
    const details = await netns.inspect(red);
    const listed = await netns.list();
    const entry = (name: string): netns.NetnsEntry => listed.find((each) => each.name === name)!;
    expect(details).toMatchObject({ id: handle.id, names: [red], processes: expect.arrayContaining([child.pid]) });
    expect(details.nsid).toBe(entry(red).nsid);
    const peer = details.peers.find(({ id }) => id === entry(blue).id)!;
    expect(peer).toMatchObject({ names: [blue], processes: [], links: [{ name: link, kind: 'veth' }] });
    const [shown] = JSON.parse(sh(`ip -j -d link show ${link}`, { netns: red }));
    expect(peer.nsid).toBe(shown.link_netnsid);
    expect(peer.links).toEqual([{ name: link, index: shown.ifindex, kind: 'veth', peerIndex: shown.link_index }]);
    const back = netns.inspectSync(blue).peers.find(({ id }) => id === handle.id)!;
    expect([back.nsid, back.nsidThere]).toEqual([peer.nsidThere, peer.nsid]);
    await expect(netns.inspect('nosuch')).rejects.toMatchObject({ name: 'NotFoundError', argument: 'reference' });
    await expect(netns.inspect(red, { netns: red } as object)).rejects.toMatchObject({ name: 'InputError', argument: 'netns' });
  } finally {
    child.kill('SIGKILL');
  }
});

describe('attaching', () => {
  test('gives the namespace of a process a name, which outlives the process', async () => {
    const name = uniqueName('ns');
    const anonymous = await netns.create();
    const child = anonymous.spawn('sleep', ['60']);
    const attached = await netns.attach(name, child.pid!);
    expect(attached).toMatchObject({ name, path: `/run/netns/${name}`, id: anonymous.id });
    expect(ipText(['netns', 'identify', String(child.pid)]).trim()).toBe(name);
    child.kill('SIGKILL');
    anonymous.close();
    attached.close();
    expect(ipText(['-n', name, '-o', 'link']).trim()).toMatch(/^1: lo:/);
    await expect(netns.attach(name, process.pid)).rejects.toMatchObject({ code: 'EEXIST' });
    await netns.delete(name);
    await expect(netns.attach(name, 0x7ffffff0)).rejects.toMatchObject({ name: 'NotFoundError', code: 'ESRCH' });
    await expect(netns.attach('a/b', process.pid)).rejects.toMatchObject({ name: 'InputError', argument: 'name' });
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
  });
});

describe('failures', () => {
  /** Of the names of this process: other files make theirs. */
  const ours = (text: string): boolean => text.includes(red.slice(0, 7)) || text.includes(' /run/netns ');
  /** What there is of names, mounts and descriptors of namespaces. */
  const picture = (): string[] => [
    ...readdirSync('/run/netns').filter(ours).sort(),
    ...readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter(ours).sort(),
    ...readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return target.startsWith('net:') ? [`${fd} ${target}`] : [];
      } catch {
        return [];
      }
    }),
  ];

  test.each([
    ['create', (name: string) => netns.createSync(name)],
    ['attach', (name: string) => netns.attachSync(name, blue)],
  ])('at any call of the system %s leaves nothing', (_, make) => {
    const system = libc();
    const before = picture();
    for (let at = 0; ; at++) {
      const name = uniqueName('ns');
      let calls = 0;
      const spies = (['open', 'unshare', 'mount', 'ioctl', 'setns'] as const).map((call) => {
        const real = system[call] as (...args: unknown[]) => number;
        // a thread that cannot come back ends the process, as it must
        return vi
          .spyOn(system, call)
          .mockImplementation(((...args: unknown[]) => (call !== 'setns' && calls++ === at ? real(-1 as never) : real(...args))) as never);
      });
      let made: netns.Netns | undefined;
      let failure: unknown;
      try {
        // -1 is no path, descriptor or flag: the call fails
        made = make(name);
      } catch (error) {
        failure = error;
      } finally {
        for (const spy of spies) spy.mockRestore();
      }
      if (made !== undefined) {
        // a call of which nothing depends, or the last one was passed
        netns.deleteSync(name);
        made.close();
      } else expect(failure).toBeInstanceOf(Error);
      expect(picture()).toEqual(before);
      if (calls <= at) break;
      expect(at).toBeLessThan(20);
    }
    expect(here()).toBe(home);
  });

  test.runIf(portable)('killed on the way, a process leaves a file at most, which is listed as stale and can be deleted', () => {
    const program = bundle(`
      import { netns } from 'netloom';
      import { libc } from '../../src/netlink/sys/libc.ts';
      const [name, at] = process.argv.slice(2);
      const system = libc();
      let calls = 0;
      for (const call of ['unshare', 'mount']) {
        const real = system[call];
        system[call] = (...args) => {
          if (calls++ === Number(at)) process.kill(process.pid, 'SIGKILL');
          return real(...args);
        };
      }
      netns.createSync(name);
    `);
    try {
      const before = picture();
      for (let at = 0; ; at++) {
        const name = uniqueName('ns');
        const { status, signal } = spawnSync(process.execPath, [program.file, name, String(at)], { env: program.env, timeout: limit });
        const entry = netns.listSync().find((each) => each.name === name);
        if (entry !== undefined) {
          expect(entry.problem).toBe(status === 0 || entry.id !== undefined ? undefined : 'stale');
          netns.deleteSync(name);
        }
        expect(picture()).toEqual(before);
        if (status === 0) break;
        expect(signal).toBe('SIGKILL');
        expect(at).toBeLessThan(12);
      }
    } finally {
      program.remove();
    }
  });

  test('a busy one is deleted, and ends with those who hold it', async () => {
    const name = uniqueName('ns');
    const busy = await netns.create(name);
    const child = busy.spawn('sleep', ['60']);
    await netns.delete(name);
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
    expect(await netns.pids(child.pid!)).toEqual([child.pid]);
    expect(busy.run(() => here())).not.toBe(home);
    child.kill('SIGKILL');
    busy.close();
  });
});

describe('watching', () => {
  /** Events of names that this test made: other files make some of their own. */
  async function until(watch: netns.NetnsWatch, found: (event: netns.NetnsEvent) => boolean): Promise<netns.NetnsEvent> {
    for (;;) {
      const { value, done } = await watch.next();
      if (done === true) throw new Error('the watch has ended');
      if (found(value)) return value;
    }
  }
  const named = (name: string, action: string) => (event: netns.NetnsEvent) =>
    event.kind === 'name' && event.name === name && event.action === action;

  test('begins with what there is, then tells what comes, changes and goes, by whomever', async () => {
    await using watch = netns.watch({ initial: true });
    expect(await until(watch, named(red, 'new'))).toMatchObject({ netns: { id: handle.id } });
    expect(await until(watch, ({ kind }) => kind === 'synced')).toEqual({ kind: 'synced', reason: 'initial' });
    const name = uniqueName('ns');
    ipText(['netns', 'add', name]);
    const made = await until(watch, named(name, 'new'));
    expect(made).toEqual({ kind: 'name', action: 'new', name, netns: { name, path: `/run/netns/${name}`, id: expect.any(String) } });
    // nobody asks meanwhile: the difference is told
    await netns.delete(name);
    (await netns.attach(name, red)).close();
    expect(await until(watch, named(name, 'change'))).toMatchObject({
      netns: { id: handle.id },
      old: (made as netns.NetnsNameEvent).netns,
    });
    ipText(['netns', 'delete', name]);
    expect(await until(watch, named(name, 'delete'))).toMatchObject({ old: { id: handle.id } });
  });

  test.runIf(portable)('tells of names that came and went before anybody looked', async () => {
    await using watch = netns.watch();
    const name = uniqueName('ns');
    netns.createSync(name).close();
    netns.deleteSync(name);
    netns.createSync(name).close();
    netns.deleteSync(name);
    expect(await until(watch, (event) => event.kind === 'overrun' && event.names.includes(name))).toMatchObject({ kind: 'overrun' });
  });

  test('a file on which nothing is mounted is stale after a while', async () => {
    await using watch = netns.watch();
    const name = uniqueName('ns');
    writeFileSync(`/run/netns/${name}`, '');
    expect(await until(watch, named(name, 'new'))).toMatchObject({ netns: { problem: 'stale' } });
    await netns.delete(name);
    await until(watch, named(name, 'delete'));
  });

  test('processes, if asked for', async () => {
    await using watch = netns.watch({ processes: true, interval: 10, initial: true });
    const inode = handle.id.split(':')[1];
    const child = handle.spawn('sleep', ['60']);
    const inside = (event: netns.NetnsEvent): boolean =>
      event.kind === 'processes' && event.inode === inode && event.processes.includes(child.pid!);
    expect((await until(watch, inside)).kind).toBe('processes');
    child.kill('SIGKILL');
    await until(watch, (event) => event.kind === 'processes' && event.inode === inode && !event.processes.includes(child.pid!));
  });

  test('ends by its signal, by closing, and by break; bad options are refused', async () => {
    const stop = new AbortController();
    const stopped = netns.watch({ signal: stop.signal });
    const next = stopped.next();
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    expect(await stopped.next()).toEqual({ value: undefined, done: true });
    const closed = netns.watch();
    const pending = closed.next();
    closed.close();
    expect(await pending).toEqual({ value: undefined, done: true });
    for await (const event of netns.watch({ initial: true })) if (event.kind === 'synced') break;
    for (const [options, argument] of [
      [{ initial: 1 }, 'initial'],
      [{ interval: 5 }, 'interval'],
      [{ processes: true, interval: 0 }, 'interval'],
      [{ signal: 5 }, 'signal'],
      [{ nosuch: 1 }, 'nosuch'],
    ] as const)
      expect(() => netns.watch(options as object)).toThrow(expect.objectContaining({ name: 'InputError', argument }));
  });

  test.runIf(portable)('a directory that is not there yet, comes, goes and comes again', () => {
    const program = bundle(`
      import { netns } from 'netloom';
      import { rmdirSync } from 'node:fs';
      import { execFileSync } from 'node:child_process';
      const watch = netns.watch({ initial: true });
      const told = [];
      const next = async () => {
        const { value } = await watch.next();
        told.push(value.kind + ' ' + (value.action ?? '') + ' ' + (value.name ?? ''));
      };
      await next();
      for (const name of ['red', 'blue', 'green', 'grey']) {
        netns.createSync(name).close();
        await next();
        netns.deleteSync(name);
        await next();
        execFileSync('umount', ['/run/netns']);
        rmdirSync('/run/netns');
      }
      // of the first name of a directory, too, is told that it went and came again as what it was
      const kept = netns.createSync('red');
      await next();
      netns.deleteSync('red');
      netns.attachSync('red', kept).close();
      await next();
      watch.close();
      console.log(told.join());
    `);
    try {
      const command = [
        '--user',
        '--map-root-user',
        '--net',
        '--mount',
        'sh',
        '-c',
        'mount -t tmpfs tmpfs /run && exec "$0" "$@"',
        process.execPath,
        program.file,
      ];
      const { stdout, stderr } = spawnSync('unshare', command, {
        env: { ...environment, ...program.env, PATH: environment.PATH },
        encoding: 'utf8',
        timeout: limit,
      });
      // and nothing of the name of the directory, which goes and comes as names do
      const told = ['red', 'blue', 'green', 'grey'].flatMap((name) => [`name new ${name}`, `name delete ${name}`]);
      expect({ stdout, stderr }).toEqual({ stdout: `${['synced  ', ...told, 'name new red', 'overrun  '].join()}\n`, stderr: '' });
    } finally {
      program.remove();
    }
  });
});
