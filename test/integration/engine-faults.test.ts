/** What goes wrong between a program and the kernel: lost answers, descriptors and namespaces that vanish, strangers, missing privileges. */
import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createVethPair, DumpInterruptedError, MalformedMessageError, netns, OutcomeUnknownError, rtnl } from 'netloom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { libc } from '../../src/netlink/sys/libc.ts';
import { bindNetlink, closeFd, netlinkPortId, openNetlinkSocket, sendDatagram, setReceiveBuffer } from '../../src/netlink/sys/socket.ts';
import type { RouteSpec } from '../../src/rtnl/route/spec.ts';
import { uniqueName } from '../support/names.ts';
import { ip } from '../support/oracle.ts';
import { tampered } from '../support/sockets.ts';

const limit = 120_000;
const name = uniqueName('flt');
let home: netns.Netns;
let index: number;
beforeAll(async () => {
  home = await netns.create(name);
  const { link } = await createVethPair({ name: 'v0', up: true, netns: home, peer: { name: 'v1', up: true } });
  index = link.index;
}, limit);
afterAll(async () => {
  await home.delete();
  home.close();
});

/** The routes of a test: each has a table of its own. Every `repeat`th is asked for twice in a row, the second time in vain. */
function specs(table: number, count: number, repeat: number): { refused: (i: number) => boolean; routes: RouteSpec[] } {
  const refused = (i: number): boolean => i % repeat === repeat - 1;
  const routes = Array.from({ length: count }, (_, i) => {
    const n = refused(i) ? i - 1 : i;
    return { to: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32`, devIndex: index, table };
  });
  return { refused, routes };
}

function judge(outcomes: readonly PromiseSettledResult<void>[], refused: (i: number) => boolean): number {
  let unknown = 0;
  outcomes.forEach((outcome, i) => {
    if (outcome.status === 'rejected' && outcome.reason instanceof OutcomeUnknownError) unknown++;
    else if (refused(i)) expect(outcome, String(i)).toMatchObject({ status: 'rejected', reason: { code: 'EEXIST' } });
    else expect(outcome.status, String(i)).toBe('fulfilled');
  });
  return unknown;
}

const stored = (table: number): number => ip(['-4', 'route', 'show', 'table', String(table)], { netns: name }).length;

/** The smallest receive buffer that the kernel grants is 2,304 bytes: two acks, and a third that may exceed it. */
const smallest = 1152;

test(
  'with a tiny receive buffer every refusal arrives: no more is in flight than it holds',
  async () => {
    const { open } = tampered((transport) => {
      transport.receiveBuffer = 2 * setReceiveBuffer(transport.fd, smallest);
    });
    await using rt = await rtnl.open({ netns: home, transport: open });
    const { refused, routes } = specs(1001, 3000, 2);
    expect(judge(await Promise.allSettled(routes.map((route) => rt.routes.create(route))), refused)).toBe(0);
    expect(stored(1001)).toBe(1500);
    // one message fills it
    expect(await rt.routes.list({ table: 1001 })).toHaveLength(1500);
    expect((await rt.links.list()).map((link) => link.name)).toEqual(expect.arrayContaining(['lo', 'v0', 'v1']));
    using st = rtnl.openSync({ netns: home, transport: open });
    expect(st.routes.list({ table: 1001 })).toHaveLength(1500);
    expect(() => st.routes.create(routes[0]!)).toThrow(/EEXIST/);
  },
  limit,
);

test.each([2, 3, 25])(
  'an overrun is noticed, costs nobody a wrong answer, and is over then: every %ith request is refused',
  async (repeat) => {
    // a small buffer that passes for a large one
    const { open } = tampered((transport) => {
      setReceiveBuffer(transport.fd, smallest);
    });
    await using rt = await rtnl.open({ netns: home, transport: open });
    const table = 2000 + repeat;
    const { refused, routes } = specs(table, 1000, repeat);
    const unknown = judge(await Promise.allSettled(routes.map((route) => rt.routes.create(route))), refused);
    expect(unknown).toBeGreaterThan(0);
    // whatever was said of them, they were all carried out
    expect(stored(table)).toBe(routes.filter((_, i) => !refused(i)).length);
    await expect(rt.routes.create(routes[0]!)).rejects.toMatchObject({ code: 'EEXIST' });
    await rt.routes.create({ to: '192.0.2.1/32', devIndex: index, table });
    expect(stored(table)).toBe(routes.filter((_, i) => !refused(i)).length + 1);
  },
  limit,
);

test(
  'an answer that is larger than the buffer for it is no success',
  async () => {
    const { open, opened } = tampered();
    using st = rtnl.openSync({ netns: home, transport: open });
    st.links.get('lo');
    const [transport] = opened;
    const { buffer } = transport!;
    transport!.buffer = Buffer.alloc(64);
    let error: unknown;
    try {
      st.links.get('lo');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect((error as Error).cause).toBeInstanceOf(MalformedMessageError);
    expect((error as Error).message).toMatch(/MSG_TRUNC/);
    transport!.buffer = buffer;
    expect(st.links.get('lo').index).toBe(1);
  },
  limit,
);

test(
  'routes listed and streamed while they change: what stays is there, or the result says that it may not be',
  async () => {
    await using rt = await rtnl.open({ netns: home });
    const { routes } = specs(1002, 4000, 5000);
    await Promise.all(routes.map((route) => rt.routes.create(route)));
    const churn = spawn(
      'sh',
      [
        '-c',
        'while :; do for i in 1 2 3 4 5 6 7 8 9; do echo "route add 198.51.100.$i/32 dev v0 table 1002"; echo "route del 198.51.100.$i/32 dev v0 table 1002"; done | nsenter --net=/run/netns/$0 ip -batch -; done',
        name,
      ],
      { stdio: 'ignore', detached: true },
    );
    try {
      const permanent = new Set(routes.map(({ to }) => to));
      const complete = (list: readonly { to: string }[]): boolean => new Set(list.filter(({ to }) => permanent.has(to))).size === 4000;
      for (let round = 0; round < 10; round++) {
        const seen: rtnl.Route[] = [];
        try {
          for await (const route of rt.routes.stream({ table: 1002 })) seen.push(route);
          expect(complete(seen)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DumpInterruptedError);
        }
        const accepted = rt.routes.stream({ table: 1002, interrupted: 'accept' });
        const list: rtnl.Route[] = [];
        for await (const route of accepted) list.push(route);
        expect(accepted.interrupted || complete(list)).toBe(true);
        const listed = await rt.routes.list({ table: 1002, interrupted: 'accept' });
        expect(listed.interrupted === true || complete(listed)).toBe(true);
      }
    } finally {
      process.kill(-churn.pid!, 'SIGKILL');
    }
  },
  limit,
);

test(
  'a stream broken off leaves nothing open, and the client as it was',
  async () => {
    const { open, opened } = tampered();
    await using rt = await rtnl.open({ netns: home, transport: open });
    using st = rtnl.openSync({ netns: home, transport: open });
    const { routes } = specs(1003, 3000, 5000);
    await Promise.all(routes.map((route) => rt.routes.create(route)));
    for (let round = 0; round < 20; round++) {
      for await (const route of rt.routes.stream({ table: 1003 })) if (route.to === routes[round]!.to) break;
      for (const route of st.routes.stream({ table: 1003 })) if (route.to === routes[round]!.to) break;
      const controller = new AbortController();
      const stream = rt.routes.stream({ table: 1003, signal: controller.signal });
      await stream.next();
      controller.abort(new Error('enough'));
      const rest = async (): Promise<void> => {
        for await (const _ of stream);
      };
      await expect(rest()).rejects.toThrow('enough');
    }
    expect(await rt.routes.list({ table: 1003 })).toHaveLength(3000);
    expect(st.routes.list({ table: 1003 })).toHaveLength(3000);
    // of each client: the socket of requests, and the one that is kept for dumps
    const isOpen = (fd: number): boolean => {
      try {
        return fstatSync(fd).isSocket();
      } catch {
        return false;
      }
    };
    await expect.poll(() => new Set(opened.map(({ fd }) => fd).filter(isOpen)).size).toBeLessThanOrEqual(4);
  },
  limit,
);

test(
  'a namespace that is deleted meanwhile: what is open works on, what names it is told',
  async () => {
    const doomed = uniqueName('doom');
    (await netns.create(doomed)).close();
    const rt = await rtnl.open({ netns: doomed });
    const calls = Array.from({ length: 300 }, (_, i) => rt.addresses.create('lo', `10.9.${i >> 8}.${i & 255}/32`));
    const stream = rt.links.stream();
    const first = stream.next();
    await netns.delete(doomed);
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(calls.map(() => 'fulfilled'));
    expect((await first).value).toMatchObject({ name: 'lo' });
    await stream.return();
    expect((await rt.links.get('lo')).name).toBe('lo');
    await expect(rtnl.open({ netns: doomed })).rejects.toMatchObject({ name: 'NotFoundError' });
    rt.close();
  },
  limit,
);

test(
  'a descriptor closed by somebody else: a typed error, a new socket for what follows, and hands off the file that has its number',
  async () => {
    const { open, opened } = tampered();
    const rt = await rtnl.open({ netns: home, transport: open });
    await rt.links.get('lo');
    closeSync(opened[0]!.fd);
    await expect(rt.links.get('lo')).rejects.toMatchObject({ code: 'EBADF' });
    expect((await rt.links.get('lo')).index).toBe(1);
    // its number goes to a file
    const { fd } = opened[1]!;
    closeSync(fd);
    const files: number[] = [];
    do files.push(openSync('/proc/self/status', 'r'));
    while (files.at(-1) !== fd && files.length < 100);
    expect(files.at(-1)).toBe(fd);
    await expect(rt.links.get('lo')).rejects.toMatchObject({ code: 'ENOTSOCK' });
    expect((await rt.links.get('lo')).index).toBe(1);
    const stream = rt.links.stream();
    await stream.next();
    await stream.return();
    rt.close();
    expect(fstatSync(fd).isFile()).toBe(true);
    for (const file of files) closeSync(file);
    using st = rtnl.openSync({ netns: home, transport: open });
    st.links.get('lo');
    st.links.list();
    for (const { fd: of } of opened.slice(-2)) closeSync(of);
    expect(() => st.links.get('lo')).toThrow(/EBADF/);
    expect(st.links.get('lo').index).toBe(1);
    expect(() => st.links.list()).toThrow(/EBADF/);
    expect(st.links.list().length).toBeGreaterThan(0);
  },
  limit,
);

test('a stranger who writes to the port of a client is refused, and the client hears nothing of it', async () => {
  const { open, opened } = tampered();
  await using rt = await rtnl.open({ transport: open });
  const { index: expected } = await rt.links.get('lo');
  const stranger = openNetlinkSocket(0);
  try {
    bindNetlink(stranger);
    const address = new Uint32Array(new ArrayBuffer(12));
    new Uint16Array(address.buffer)[0] = 16;
    address[1] = netlinkPortId(opened[0]!.fd);
    expect(libc().connect(stranger, address, 12)).toBe(0);
    const forged = Buffer.alloc(20);
    forged.writeUInt32LE(20, 0);
    forged.writeUInt16LE(3, 4);
    for (let sequence = 0; sequence < 50; sequence++) {
      forged.writeUInt32LE(sequence, 8);
      expect(() => sendDatagram(stranger, forged)).toThrow(/ECONNREFUSED/);
    }
  } finally {
    closeFd(stranger);
  }
  expect((await rt.links.get('lo')).index).toBe(expected);
});

test(
  'sixteen clients with a stream each do not keep libuv’s threads from files and names',
  async () => {
    const clients = await Promise.all(Array.from({ length: 16 }, () => rtnl.open({ netns: home })));
    const streams = clients.map((rt) => rt.links.stream());
    await Promise.all(streams.map((stream) => stream.next()));
    // more at a time than there are threads
    const files = await Promise.all(Array.from({ length: 32 }, () => readFile('/proc/self/status', 'utf8')));
    expect(files.every((text) => text.startsWith('Name:'))).toBe(true);
    expect((await Promise.all(Array.from({ length: 8 }, () => lookup('localhost')))).every(({ address }) => address !== '')).toBe(true);
    await Promise.all(streams.map((stream) => stream.return()));
    for (const rt of clients) rt.close();
  },
  limit,
);
