/** Neighbors on a real kernel, with ip(8) as witness; every method through both clients. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type NeighborSpec, open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json } from '../support/oracle.ts';

const name = uniqueName('rn');
const where = { netns: name };
let index = 0;

let red: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'set', 'lo', 'up'], where);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const end of ['v0', 'v1']) ipText(['link', 'set', end, 'addrgenmode', 'none', 'up'], where);
  ipText(['address', 'add', '10.0.0.1/24', 'dev', 'v0'], where);
  ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad'], where);
  ipText(['link', 'add', 'br0', 'type', 'bridge'], where);
  index = ip(['link', 'show', 'v0'], where)[0].ifindex;
});
afterAll(async () => {
  await red.delete();
  red.close();
});
/** What `ip` says of the entries that a test made; the ages run. */
const show = (...args: string[]): Json[] =>
  ip(['neigh', 'show', 'nud', 'all', ...args], where)
    .filter((entry) => entry.lladdr !== '00:00:00:00:00:00' && !/^ff02:/.test(entry.dst))
    .sort((a, b) => (a.dst < b.dst ? -1 : 1));
const proxies = (): Json[] =>
  ['-4', '-6'].flatMap((family) => ip([family, 'neigh', 'show', 'proxy'], where)).sort((a, b) => (a.dst < b.dst ? -1 : 1));
afterEach(() => {
  for (const entry of show()) if (!entry.state?.includes('NOARP')) ipText(['neigh', 'del', entry.dst, 'dev', entry.dev], where);
  for (const entry of proxies())
    ipText(['neigh', 'del', 'proxy', entry.dst, ...(entry.dev === undefined ? [] : ['dev', entry.dev])], where);
});

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

describe.each(kinds)('%s neighbors', (_kind, openClient) => {
  // a method of either returns a value or a promise of it: `await` takes both
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;

  test('create, get, list', async () => {
    await rt.neighbors.create({ to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02' });
    expect(show()).toEqual([{ dst: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02', state: ['PERMANENT'] }]);
    expect(await rt.neighbors.get({ to: '10.0.0.2', dev: 'v0' })).toEqual({
      to: '10.0.0.2',
      family: 'inet',
      dev: 'v0',
      devIndex: index,
      lladdr: '02:00:00:00:00:02',
      state: 'permanent',
      type: 'unicast',
      flags: [],
      probes: 0,
      confirmed: expect.any(Number),
      used: expect.any(Number),
      updated: expect.any(Number),
      refcount: expect.any(Number),
    });
    await rt.neighbors.create({
      to: 'fd00::2',
      devIndex: index,
      lladdr: '02-00-00-00-00-03',
      state: 'stale',
      flags: ['router'],
      protocol: 'zebra',
    });
    expect(show('to', 'fd00::2')).toEqual([
      { dst: 'fd00::2', dev: 'v0', lladdr: '02:00:00:00:00:03', router: null, state: ['STALE'], protocol: 'zebra' },
    ]);
    expect((await rt.neighbors.list()).map(({ to }) => to).sort()).toEqual(['10.0.0.2', 'fd00::2']);
    expect((await rt.neighbors.list({ family: 'inet' })).map(({ to }) => to)).toEqual(['10.0.0.2']);
    expect((await rt.neighbors.list({ state: 'stale' })).map(({ to }) => to)).toEqual(['fd00::2']);
    expect((await rt.neighbors.list({ state: ['stale', 'permanent'] })).length).toBe(2);
    expect((await rt.neighbors.list({ state: 'none' })).length).toBe(0);
    expect((await rt.neighbors.list({ to: 'fd00::/64' })).map(({ to }) => to)).toEqual(['fd00::2']);
    expect((await rt.neighbors.list({ protocol: 'zebra' })).map(({ to }) => to)).toEqual(['fd00::2']);
    expect(await rt.neighbors.list({ dev: 'v1' })).toEqual([]);
    expect(await rt.neighbors.list({ master: 'br0' })).toEqual([]);
    expect((await rt.neighbors.list({ dev: 'v0' })).length).toBe(2);
    const everything = (await rt.neighbors.list({ state: 'all' })).length;
    expect(everything).toBe(ip(['neigh', 'show', 'nud', 'all'], where).length);
    await rejects(() => rt.neighbors.create({ to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:09' })).toMatchObject({ code: 'EEXIST' });
    await rejects(() => rt.neighbors.get({ to: '10.0.0.77', dev: 'v0' })).toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
    await rejects(() => rt.neighbors.get({ to: '10.0.0.77', dev: 'none0' })).toMatchObject({ name: 'NotFoundError', code: 'ENODEV' });
    await rejects(() => rt.neighbors.create({ to: '10.0.0.77', devIndex: 99999 })).toMatchObject({
      name: 'NotFoundError',
      argument: 'devIndex',
    });
  });

  test('replace, append, change', async () => {
    const spec: NeighborSpec = { to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02' };
    await rt.neighbors.replace({ ...spec, state: 'stale', protocol: 'static' });
    expect(show()).toEqual([{ dst: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02', state: ['STALE'], protocol: 'static' }]);
    await rt.neighbors.append({ ...spec, lladdr: '02:00:00:00:00:04' });
    expect(show()[0].lladdr).toBe('02:00:00:00:00:02');
    await rt.neighbors.replace({ ...spec, state: 'stale', lladdr: '02:00:00:00:00:05' });
    await rt.neighbors.change({ to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:06' });
    expect(show()[0]).toMatchObject({ lladdr: '02:00:00:00:00:06', state: ['STALE'] });
    await rt.neighbors.change({ to: '10.0.0.2', dev: 'v0', state: 'permanent' });
    expect(show()[0]).toMatchObject({ lladdr: '02:00:00:00:00:06', state: ['PERMANENT'] });
    await rt.neighbors.create({ to: 'fd00::2', dev: 'v0', lladdr: '02:00:00:00:00:06', flags: ['router'] });
    await rt.neighbors.change({ to: 'fd00::2', dev: 'v0', lladdr: '02:00:00:00:00:07' });
    expect(show('to', 'fd00::2')[0]).toMatchObject({ lladdr: '02:00:00:00:00:07', router: null });
    await rejects(() => rt.neighbors.change({ ...spec, to: '10.0.0.3' })).toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
  });

  test('flags', async () => {
    await rt.neighbors.create({ to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02', flags: ['extern_learn'], state: 'reachable' });
    expect(show()[0]).toMatchObject({ extern_learn: null });
    await rt.neighbors.create({ to: '10.0.0.3', dev: 'v0', flags: ['managed'] });
    expect(show('to', '10.0.0.3')[0]).toMatchObject({ managed: null });
    expect((await rt.neighbors.get({ to: '10.0.0.3', dev: 'v0' })).flags).toEqual(['managed']);
    await rt.neighbors.create({ to: '10.0.0.4', dev: 'v0', flags: ['use'] });
    expect(show('to', '10.0.0.4').length).toBe(1);
  });

  test('delete, ensureAbsent, ensure', async () => {
    const spec: NeighborSpec = { to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02' };
    await rt.neighbors.ensure(spec);
    const before = await rt.neighbors.get(spec);
    await rt.neighbors.ensure(spec);
    await rt.neighbors.ensure({ ...spec, lladdr: '02:00:00:00:00:02'.toUpperCase() });
    expect((await rt.neighbors.get(spec)).lladdr).toBe(before.lladdr);
    await rt.neighbors.ensure({ ...spec, lladdr: '02:00:00:00:00:03' });
    expect(show()[0].lladdr).toBe('02:00:00:00:00:03');
    await rt.neighbors.ensure({ ...spec, lladdr: '02:00:00:00:00:03', state: 'stale' });
    expect(show()[0].state).toEqual(['STALE']);
    await rt.neighbors.delete({ to: '10.0.0.2', dev: 'v0' });
    expect(show()).toEqual([]);
    await rejects(() => rt.neighbors.delete(spec)).toMatchObject({ code: 'ENOENT' });
    await rt.neighbors.ensureAbsent(spec);
    await rt.neighbors.ensureAbsent({ to: '10.0.0.2', dev: 'none0' });
    await rt.neighbors.create(spec);
    await rt.neighbors.ensureAbsent(spec);
    expect(show()).toEqual([]);
  });

  test('proxy entries', async () => {
    await rt.neighbors.create({ to: '10.0.0.50', dev: 'v0', flags: ['proxy'], protocol: 'bgp' });
    await rt.neighbors.create({ to: '10.0.0.60', flags: ['proxy', 'router'] });
    expect(
      proxies()
        .map(({ dst }) => dst)
        .sort(),
    ).toEqual(['10.0.0.50', '10.0.0.60']);
    expect((await rt.neighbors.list({ proxy: true })).sort((a, b) => (a.to < b.to ? -1 : 1))).toEqual([
      { to: '10.0.0.50', family: 'inet', dev: 'v0', devIndex: index, flags: ['proxy'], protocol: 'bgp' },
      { to: '10.0.0.60', family: 'inet', flags: ['proxy', 'router'] },
    ]);
    expect(await rt.neighbors.list({ state: 'permanent' })).toEqual([]);
    expect(await rt.neighbors.get({ to: '10.0.0.50', dev: 'v0', flags: ['proxy'] })).toMatchObject({ protocol: 'bgp' });
    await rejects(() => rt.neighbors.create({ to: '10.0.0.50', dev: 'v0', flags: ['proxy'] })).toMatchObject({ code: 'EEXIST' });
    await rejects(() => rt.neighbors.get({ to: '10.0.0.51', dev: 'v0', flags: ['proxy'] })).toMatchObject({ code: 'ENOENT' });
    await rt.neighbors.ensure({ to: '10.0.0.50', dev: 'v0', flags: ['proxy'] });
    for (const entry of await rt.neighbors.list({ proxy: true })) await rt.neighbors.delete(entry);
    expect(proxies()).toEqual([]);
  });

  test('list, delete and create again give the same', async () => {
    ipText(['neigh', 'add', '10.0.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'v0'], where);
    ipText(
      ['neigh', 'add', '10.0.0.3', 'lladdr', '02:00:00:00:00:03', 'nud', 'stale', 'dev', 'v0', 'extern_learn', 'protocol', 'bgp'],
      where,
    );
    ipText(['neigh', 'add', 'fd00::2', 'lladdr', '02:00:00:00:00:02', 'dev', 'v0', 'router'], where);
    ipText(['neigh', 'add', 'proxy', '10.0.0.9', 'dev', 'v0'], where);
    ipText(['-6', 'neigh', 'add', 'proxy', 'fd00::9', 'dev', 'v0', 'protocol', 'static'], where);
    const before = [show(), proxies()];
    const all = [...(await rt.neighbors.list()), ...(await rt.neighbors.list({ proxy: true }))];
    expect(all.length).toBe(5);
    for (const entry of all) await rt.neighbors.delete(entry);
    expect([show(), proxies()]).toEqual([[], []]);
    for (const entry of all) await rt.neighbors.create(entry);
    expect([show(), proxies()]).toEqual(before);
  });

  test('flush', async () => {
    for (const [to, state] of [
      ['10.0.0.2', 'permanent'],
      ['10.0.0.3', 'stale'],
      ['10.0.0.4', 'stale'],
      ['fd00::5', 'stale'],
    ] as const)
      await rt.neighbors.create({ to, dev: 'v0', lladdr: '02:00:00:00:00:02', state });
    expect(await rt.neighbors.flush({ dev: 'v1' })).toBe(0);
    expect(await rt.neighbors.flush({ to: '10.0.0.3' })).toBe(1);
    expect(await rt.neighbors.flush({ dev: 'v0' })).toBe(2);
    expect(show().map(({ dst }) => dst)).toEqual(['10.0.0.2']);
    expect(await rt.neighbors.flush({ dev: 'v0', state: 'permanent' })).toBe(1);
    expect(show()).toEqual([]);
    await rt.neighbors.create({ to: '10.0.0.50', dev: 'v0', flags: ['proxy'] });
    expect(await rt.neighbors.flush({ proxy: true })).toBe(1);
    expect(proxies()).toEqual([]);
  });

  test('bad input is refused before anything is sent', async () => {
    const good = { to: '10.0.0.2', dev: 'v0' };
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const bad: [any, string][] = [
      [{ dev: 'v0' }, 'to'],
      [{ ...good, to: '10.0.0.0/24' }, 'to'],
      [{ ...good, to: 7 }, 'to'],
      [{ to: '10.0.0.2' }, 'dev'],
      [{ to: '10.0.0.2', devIndex: 0 }, 'devIndex'],
      [{ ...good, dev: 'a/b' }, 'dev'],
      [{ ...good, lladdr: 'no' }, 'lladdr'],
      [{ ...good, lladdr: '' }, 'lladdr'],
      [{ ...good, state: 'reachible' }, 'state'],
      [{ ...good, state: 0x10000 }, 'state'],
      [{ ...good, flags: ['rooter'] }, 'flags'],
      [{ ...good, flags: 'router' }, 'flags'],
      [{ ...good, protocol: 'zebbra' }, 'protocol'],
      [{ ...good, protocol: 256 }, 'protocol'],
      [{ ...good, family: 'inet6' }, 'family'],
      [{ ...good, lladr: '02:00:00:00:00:02' }, 'lladr'],
      [{ to: 'fd00::2', flags: ['proxy'] }, 'dev'],
      [{ ...good, flags: ['proxy'], lladdr: '02:00:00:00:00:02' }, 'lladdr'],
    ];
    for (const [spec, argument] of bad) await rejects(() => rt.neighbors.create(spec)).toMatchObject({ name: 'InputError', argument });
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const filters: [any, string][] = [
      [{ state: 'stail' }, 'state'],
      [{ family: 'ipv4' }, 'family'],
      [{ proxy: 1 }, 'proxy'],
      [{ proxy: true, state: 'stale' }, 'state'],
      [{ to: 'x' }, 'to'],
      [{ protocol: 'x' }, 'protocol'],
      [{ device: 'v0' }, 'device'],
    ];
    for (const [filter, argument] of filters) {
      await rejects(() => rt.neighbors.list(filter)).toMatchObject({ name: 'InputError', argument });
      await rejects(() => rt.neighbors.flush(filter)).toMatchObject({ name: 'InputError', argument });
    }
    expect(show()).toEqual([]);
  });
});
