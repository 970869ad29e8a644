/** createVethPair at the package root, both forms, with ip, ping and strace as witnesses. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import * as netloom from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { uniqueName } from '../support/names.ts';
import { answers, ip, type Json, limit } from '../support/oracle.ts';
import { type Snapshot, snapshot } from '../support/state.ts';

const { createBridge, deleteLink, netns } = netloom;

/** The builders as functions that may be awaited, whichever form they are. */
type Builders = Pick<typeof netloom, keyof typeof netloom.sync>;
const forms: [string, Builders][] = [
  ['createVethPair', netloom],
  ['sync.createVethPair', netloom.sync as unknown as Builders],
];

const opened: netloom.netns.Netns[] = [];
function newNamespace(prefix: string): netloom.netns.Netns & { name: string } {
  const space = netns.createSync(uniqueName(prefix));
  opened.push(space);
  return space as netloom.netns.Netns & { name: string };
}

let host: netloom.netns.Netns & { name: string };
let near: string;
let red: netloom.netns.Netns & { name: string };
let far: string;
beforeEach(() => {
  host = newNamespace('h');
  near = host.name;
  red = newNamespace('r');
  far = red.name;
});
afterEach(() => {
  for (const space of opened.splice(0)) {
    space.deleteSync();
    space.close();
  }
});

const link = (name: string, where: string): Json => ip(['link', 'show', 'dev', name], { netns: where })[0];
const names = (where: string): string[] => ip(['link', 'show'], { netns: where }).map(({ ifname }) => ifname);
/** Links and the rest of both namespaces. Names in /run/netns are left out: other test files make some meanwhile. */
function state(): Omit<Snapshot, 'namespaces'>[] {
  return [near, far].map((where) => {
    const { namespaces: _others, ...rest } = snapshot(where);
    return rest;
  });
}

describe.each(forms)('%s', (_form, { createVethPair }) => {
  test('makes both ends in two other namespaces, near enslaved and up, far up', async () => {
    await createBridge({ name: 'br0', up: true, netns: host });
    const pair = await createVethPair({ name: 'a', netns: near, master: 'br0', up: true, peer: { name: 'b', netns: red, up: true } });
    const [a, b] = [link('a', near), link('b', far)];
    expect(a).toMatchObject({
      master: 'br0',
      linkinfo: { info_kind: 'veth', info_slave_kind: 'bridge' },
      link_index: b.ifindex,
    });
    await expect.poll(() => link('a', near).operstate).toBe('UP');
    expect(a.flags).toContain('UP');
    expect(b.flags).toContain('UP');
    expect(b.link_index).toBe(a.ifindex);
    expect(b.master).toBeUndefined();
    expect(pair.link).toMatchObject({ name: 'a', kind: 'veth', index: a.ifindex, address: a.address, mtu: 1500, up: true, master: 'br0' });
    expect(pair.link).toMatchObject({ peerIndex: b.ifindex, linkNetnsid: a.link_netnsid });
    expect(pair.peer).toMatchObject({
      name: 'b',
      kind: 'veth',
      index: b.ifindex,
      address: b.address,
      mtu: 1500,
      up: true,
      peerIndex: a.ifindex,
    });
    expect(pair.peer.master).toBeUndefined();
    // not in the namespace of this process, where other tests have links of other names
    expect(names('/proc/self/ns/net').filter((name) => name === 'a' || name === 'b')).toEqual([]);
  });

  test('packets go through', async () => {
    await createVethPair({ name: 'a', netns: host, up: true, peer: { name: 'b', netns: far, up: true } });
    await netloom.addAddress('a', '10.1.0.1/24', { netns: near });
    await netloom.addAddress('b', '10.1.0.2/24', { netns: red });
    expect(answers('10.1.0.2', { netns: near })).toBe(true);
  });

  test('leaves both ends down and free unless it is asked', async () => {
    const { link: a, peer: b } = await createVethPair({ name: 'a', netns: near, peer: { name: 'b', netns: far } });
    for (const end of [link('a', near), link('b', far)]) {
      expect(end.flags).not.toContain('UP');
      expect(end.master).toBeUndefined();
    }
    expect(a.up).toBe(false);
    expect(b.up).toBe(false);
  });

  test('has the peer in the namespace of the near end unless it is asked, and names each other', async () => {
    const pair = await createVethPair({ name: 'a', netns: near, peer: { name: 'b', up: true } });
    expect(names(near).sort()).toEqual(['a', 'b', 'lo']);
    expect(pair).toMatchObject({ link: { name: 'a', peer: 'b' }, peer: { name: 'b', peer: 'a', up: true } });
    expect(pair.link.linkNetnsid).toBeUndefined();
  });

  test('takes a namespace by name, by path, by process id and as a handle', async () => {
    const child = red.spawn('sleep', ['60']);
    try {
      for (const [i, target] of [far, `/run/netns/${far}`, child.pid as number, red].entries()) {
        await createVethPair({ name: `a${i}`, netns: near, peer: { name: `b${i}`, netns: target, up: true } });
        expect(link(`b${i}`, far).flags).toContain('UP');
      }
    } finally {
      child.kill();
    }
  });

  test('gives each end what it is to have', async () => {
    const [a, b] = [
      {
        mtu: 1400,
        address: '02:00:00:00:00:0a',
        index: 4100,
        alias: 'near, to Müller',
        group: 7,
        txQueueLength: 77,
        numTxQueues: 2,
        numRxQueues: 3,
      },
      { mtu: 9000, address: '02:00:00:00:00:0b', index: 4200, alias: 'far', group: 8, txQueueLength: 88, numTxQueues: 4, numRxQueues: 1 },
    ];
    const pair = await createVethPair({ name: 'a', netns: near, ...a, peer: { name: 'b', netns: far, ...b } });
    for (const [end, wanted] of [
      [link('a', near), a],
      [link('b', far), b],
    ] as const) {
      expect(end).toMatchObject({ mtu: wanted.mtu, address: wanted.address, ifindex: wanted.index, ifalias: wanted.alias });
      expect(end).toMatchObject({ group: String(wanted.group), txqlen: wanted.txQueueLength });
      expect(end).toMatchObject({ num_tx_queues: wanted.numTxQueues, num_rx_queues: wanted.numRxQueues });
    }
    expect(pair.link).toMatchObject(a);
    expect(pair.peer).toMatchObject(b);
  });

  test('takes a master by name, index and object, at either end', async () => {
    const bridge = await createBridge({ name: 'br0', netns: near });
    const other = await createBridge({ name: 'br1', netns: far });
    const first = await createVethPair({ name: 'a0', netns: near, master: 'br0', peer: { name: 'b0', netns: far, master: other.index } });
    const second = await createVethPair({
      name: 'a1',
      netns: near,
      master: bridge,
      peer: { name: 'b1', netns: far, master: 'br1', up: true },
    });
    const third = await createVethPair({ name: 'a2', netns: near, master: bridge.index, peer: { name: 'b2', netns: far, master: other } });
    for (const [i, pair] of [first, second, third].entries()) {
      expect(link(`a${i}`, near).master).toBe('br0');
      expect(link(`b${i}`, far).master).toBe('br1');
      expect(pair).toMatchObject({ link: { master: 'br0', masterIndex: bridge.index }, peer: { master: 'br1', masterIndex: other.index } });
    }
  });

  describe('leaves nothing when', () => {
    type Case = [what: string, options: () => Partial<netloom.VethPairOptions>, error: object];
    const taken = { name: 'NetlinkError', code: 'EEXIST', errno: 17, syscall: 'RTM_NEWLINK' };
    test.each<Case>([
      ['the near name is taken', () => ({ name: 'tap' }), taken],
      ['the far name is taken', () => ({ peer: { name: 'tap', netns: far, up: true } }), taken],
      ['both have one name in one namespace', () => ({ peer: { name: 'a' } }), taken],
      ['the near index is taken', () => ({ index: 1 }), taken],
      [
        'the far index is taken',
        () => ({ index: 9, peer: { name: 'b', netns: far, index: 1 } }),
        { code: 'EBUSY', syscall: 'RTM_NEWLINK' },
      ],
      ['the near master cannot be one', () => ({ master: 'lo' }), { syscall: 'RTM_NEWLINK', name: 'UnsupportedError' }],
      [
        'the far master cannot be one',
        () => ({ peer: { name: 'b', netns: far, master: 'lo' } }),
        { syscall: 'RTM_NEWLINK', name: 'UnsupportedError' },
      ],
      [
        'the far master is an index that is none',
        () => ({ peer: { name: 'b', netns: far, master: 4711, up: true } }),
        { name: 'NotFoundError', code: 'ENODEV', argument: 'peer.master', subject: 'link 4711' },
      ],
      ['the far master is itself a port', () => ({ peer: { name: 'b', netns: far, master: 'tap', up: true } }), { syscall: 'RTM_NEWLINK' }],
      [
        'the mtu is beyond what veth can',
        () => ({ mtu: 70_000 }),
        { code: 'EINVAL', message: expect.stringMatching(/^RTM_NEWLINK veth "a" with peer "b": EINVAL: /) },
      ],
      ['the far mtu is beyond what veth can', () => ({ peer: { name: 'b', netns: far, mtu: 70_000 } }), { code: 'EINVAL' }],
      ['the address is a group', () => ({ address: '01:00:00:00:00:01' }), { code: 'EADDRNOTAVAIL' }],
      [
        'the far index cannot be had',
        () => ({ peer: { name: 'b', netns: far, index: 9 } }),
        { name: 'InputError', argument: 'peer.index' },
      ],
      ['the master is not there', () => ({ master: 'br9' }), { name: 'NotFoundError', code: 'ENODEV', argument: 'master' }],
      [
        'the far master is not there',
        () => ({ peer: { name: 'b', netns: far, master: 'br9' } }),
        { name: 'NotFoundError', argument: 'peer.master' },
      ],
      [
        'the far namespace is not there',
        () => ({ peer: { name: 'b', netns: 'nosuch' } }),
        { name: 'NotFoundError', code: 'ENOENT', argument: 'peer.netns' },
      ],
    ])('%s', async (_what, options, error) => {
      for (const where of [near, far]) netloom.sync.createLink({ kind: 'ifb', name: 'tap', netns: where });
      const before = state();
      const given = { name: 'a', netns: near, up: true, ...options() };
      await expect(async () => await createVethPair({ peer: { name: 'b', netns: far, up: true }, ...given })).rejects.toMatchObject(error);
      expect(state()).toEqual(before);
    });
  });
});

test('a hundred in one tick are all there, each with its own answer', async () => {
  await createBridge({ name: 'br0', up: true, netns: near });
  const count = 50;
  const pairs = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      netloom.createVethPair({ name: `a${i}`, netns: host, master: 'br0', up: true, peer: { name: `b${i}`, netns: red, up: true } }),
    ),
  );
  const [ours, theirs] = [ip(['link', 'show', 'master', 'br0', 'up'], { netns: near }), ip(['link', 'show', 'up'], { netns: far })];
  expect(ours).toHaveLength(count);
  expect(theirs).toHaveLength(count);
  for (const [i, pair] of pairs.entries()) {
    expect(pair).toMatchObject({ link: { name: `a${i}`, up: true, master: 'br0' }, peer: { name: `b${i}`, up: true } });
    expect(ours.find(({ ifname }) => ifname === `a${i}`).ifindex).toBe(pair.link.index);
    expect(pair.link.peerIndex).toBe(pair.peer.index);
  }
});

test('of many in one tick the refused ones fail alone', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      netloom.createVethPair({ name: `a${i % 10}`, netns: near, peer: { name: `b${i}`, netns: far, up: true } }),
    ),
  );
  expect(outcomes.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill('fulfilled'));
  for (const outcome of outcomes.slice(10)) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'EEXIST' } });
  expect(names(far)).toHaveLength(11);
});

describe('an abort', () => {
  test('before leaves nothing, and rejects with the reason', async () => {
    const before = state();
    const signal = AbortSignal.abort(new Error('changed my mind'));
    const options = { name: 'a', netns: near, up: true, peer: { name: 'b', netns: far, up: true }, signal };
    await expect(netloom.createVethPair(options)).rejects.toBe(signal.reason);
    expect(() => netloom.sync.createVethPair(options)).toThrow(signal.reason);
    expect(state()).toEqual(before);
  });

  test('during leaves all of it or nothing, at whatever moment it comes', async () => {
    // down: the addresses of IPv6 that come by themselves, and late, are none of our business
    await createBridge({ name: 'br0', netns: near, address: '02:00:00:00:00:01' });
    // a bridge that had a port is not quite what it was
    await netloom.createVethPair({ name: 'a', netns: near, master: 'br0', peer: { name: 'b' } });
    await deleteLink('a', { netns: near });
    const before = state();
    const links = (): Json[][] => [near, far].map((where) => ip(['link', 'show'], { netns: where }));
    const [ours, theirs] = links();
    let complete = 0;
    let undone = 0;
    for (let moment = 0; moment < 60; moment++) {
      const controller = new AbortController();
      const options = {
        name: 'a',
        netns: near,
        master: 'br0',
        up: true,
        peer: { name: 'b', netns: far, up: true },
        signal: controller.signal,
      };
      const pending = netloom.createVethPair(options).then(
        () => 'complete',
        (error: unknown) => error,
      );
      // some ends come in microtasks, some by way of the event loop
      for (let i = 0; i < moment % 20; i++) await (moment < 20 ? undefined : nextTick());
      if (moment >= 40) await new Promise((resolve) => setTimeout(resolve, (moment - 40) / 10));
      controller.abort(moment);
      const outcome = await pending;
      if (outcome === 'complete') {
        complete++;
        expect(link('a', near)).toMatchObject({ master: 'br0' });
        expect(link('b', far).flags).toContain('UP');
        await deleteLink('a', { netns: near });
      } else {
        undone++;
        expect(outcome).toBe(moment);
      }
      expect(links().map((list) => list.map(({ ifname }) => ifname))).toEqual(
        [ours, theirs].map((list) => list?.map(({ ifname }) => ifname)),
      );
    }
    expect(state()).toEqual(before);
    expect(undone).toBeGreaterThan(0);
    expect(complete + undone).toBe(60);
  });

  test('after it is done does nothing', async () => {
    const controller = new AbortController();
    await netloom.createVethPair({ name: 'a', netns: near, peer: { name: 'b', netns: far, up: true }, signal: controller.signal });
    controller.abort();
    await nextTick();
    expect(names(near)).toContain('a');
  });
});

describe('on the wire', () => {
  // strace knows the protocols of sockets in its own namespace alone, and prints the numbers of the others' messages
  const newLink = /^(RTM_NEWLINK|0x10 )/;

  /** The messages of RTM_NEWLINK that a program sends, as strace prints them. */
  function newLinks(program: string): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-strace-'));
    try {
      const source = `import * as netloom from '${bundledModule()}';\n${program}`;
      const node = [process.execPath, '--input-type=module', '-e', source];
      const trace = join(folder, 'trace');
      const command = ['strace', '-f', '-s', '4096', '-e', 'trace=sendto,sendmsg', '-o', trace, ...node];
      const { status, stderr } = spawnSync(command[0] as string, command.slice(1), {
        encoding: 'utf8',
        timeout: limit,
        env: bundledEnvironment,
      });
      expect({ status, stderr }).toMatchObject({ status: 0 });
      return readFileSync(trace, 'utf8')
        .split('nlmsg_type=')
        .filter((message) => newLink.test(message));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each(['netloom', 'netloom.sync'])('%s makes both ends, the near one enslaved and up, in one RTM_NEWLINK', async (form) => {
    await createBridge({ name: 'br0', netns: near });
    const sent = newLinks(
      `await ${form}.createVethPair({ name: 'a', netns: '${near}', master: 'br0', up: true, mtu: 1400, peer: { name: 'b', netns: '${far}', mtu: 1400 } });`,
    );
    expect(sent).toHaveLength(1);
    expect(link('a', near)).toMatchObject({ master: 'br0', mtu: 1400, flags: expect.arrayContaining(['UP']) });
    expect(link('b', far)).toMatchObject({ mtu: 1400 });
  });

  test('a peer that is up takes one more, in its own namespace', async () => {
    const sent = newLinks(
      `await netloom.createVethPair({ name: 'a', netns: '${near}', up: true, peer: { name: 'b', netns: '${far}', up: true } });`,
    );
    expect(sent).toHaveLength(2);
    expect(link('b', far).flags).toContain('UP');
  });
});

test('its result can be written as JSON and read again', async () => {
  const pair = await netloom.createVethPair({ name: 'a', netns: near, peer: { name: 'b', netns: far } });
  expect(JSON.parse(JSON.stringify(pair))).toEqual(pair);
});

test('by default it acts in the namespace of the process, and within run() in that one', async () => {
  const [a, b] = [uniqueName('a'), uniqueName('b')];
  await netloom.createVethPair({ name: a, peer: { name: b, netns: far } });
  expect(link(a, '/proc/self/ns/net')).toMatchObject({ ifname: a });
  await deleteLink(a);
  host.run(() => netloom.sync.createVethPair({ name: 'a', peer: { name: 'b' } }));
  expect(names(near).sort()).toEqual(['a', 'b', 'lo']);
});
