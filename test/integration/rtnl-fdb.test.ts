/** Forwarding tables on a real kernel, with bridge(8) as witness; every method through both clients. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type FdbEntry, open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { bridge, ip, ipText, type Json, sh } from '../support/oracle.ts';

const name = uniqueName('rf');
const where = { netns: name };
const index: Record<string, number> = {};
const made = /^(02:00:00:00:00|00:00:00:00:00:00)/;

let red: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  // where bridges know VLANs, an entry without one is made in each that its port is in as well
  for (const bridge of ['br0', 'br1']) ipText(['link', 'add', bridge, 'type', 'bridge', 'vlan_default_pvid', '0'], where);
  for (const [end, peer] of [
    ['v0', 'v1'],
    ['w0', 'w1'],
  ] as const) {
    ipText(['link', 'add', end, 'type', 'veth', 'peer', 'name', peer], where);
    ipText(['link', 'set', end, 'master', 'br0', 'addrgenmode', 'none', 'up'], where);
    ipText(['link', 'set', peer, 'addrgenmode', 'none', 'up'], where);
  }
  ipText(['link', 'set', 'br0', 'addrgenmode', 'none', 'up'], where);
  ipText(['link', 'add', 'vx0', 'type', 'vxlan', 'id', '5', 'dstport', '4789'], where);
  for (const link of ip(['link', 'show'], where)) index[link.ifname] = link.ifindex;
});
afterAll(async () => {
  await red.delete();
  red.close();
});

/** What bridge(8) says of the entries that a test made; ages run. */
const show = (): Json[] =>
  bridge(['-s', 'fdb', 'show'], where)
    .filter(({ mac, dst }) => made.test(mac) || dst !== undefined)
    .map(({ used: _used, updated: _updated, ...rest }) => rest);
afterEach(() => {
  for (const { mac, ifname, master } of show())
    sh(`bridge fdb del ${mac} dev ${ifname} ${master === undefined || master === ifname ? 'self' : 'master'} || true`, where);
  expect(show()).toEqual([]);
});

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

describe.each(kinds)('%s fdb', (_kind, openClient) => {
  // a method of either returns a value or a promise of it: `await` takes both
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;
  const mine = async (): Promise<FdbEntry[]> => (await rt.fdb.list()).filter(({ lladdr, dst }) => made.test(lladdr) || dst !== undefined);

  test('the table of a bridge', async () => {
    await rt.fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'v0', master: 'br0', state: 'static' });
    await rt.fdb.create({ lladdr: '02:00:00:00:00:02', dev: 'v0', flags: ['master', 'sticky'], state: 'static' });
    await rt.fdb.create({ lladdr: '02:00:00:00:00:03', dev: 'v0', flags: ['master', 'extern_learn'], state: 'dynamic' });
    await rt.fdb.create({ lladdr: '02:00:00:00:00:04', dev: 'br0' });
    await rt.fdb.create({ lladdr: '02:00:00:00:00:05', dev: 'v0', masterIndex: index['br0']!, activityNotify: true, inactive: true });
    expect(show()).toEqual(
      expect.arrayContaining([
        { mac: '02:00:00:00:00:01', ifname: 'v0', master: 'br0', flags: [], state: 'static' },
        { mac: '02:00:00:00:00:02', ifname: 'v0', master: 'br0', flags: ['sticky'], state: 'static' },
        { mac: '02:00:00:00:00:03', ifname: 'v0', master: 'br0', flags: ['extern_learn'], state: '' },
        { mac: '02:00:00:00:00:04', ifname: 'br0', master: 'br0', flags: [], state: 'permanent' },
        { mac: '02:00:00:00:00:05', ifname: 'v0', master: 'br0', flags: [], state: 'permanent' },
      ]),
    );
    expect(await rt.fdb.get({ lladdr: '02:00:00:00:00:02', dev: 'v0', master: 'br0' })).toEqual({
      lladdr: '02:00:00:00:00:02',
      dev: 'v0',
      devIndex: index['v0'],
      master: 'br0',
      masterIndex: index['br0'],
      state: 'static',
      flags: ['sticky'],
      used: expect.any(Number),
      updated: expect.any(Number),
    });
    expect(await rt.fdb.get({ lladdr: '02:00:00:00:00:05', master: 'br0' })).toMatchObject({
      dev: 'v0',
      activityNotify: true,
      inactive: true,
    });
    expect((await mine()).length).toBe(5);
    const lladdrs = async (filter: object): Promise<string[]> =>
      (await rt.fdb.list(filter))
        .map(({ lladdr }) => lladdr)
        .filter((lladdr) => made.test(lladdr))
        .sort();
    expect(await lladdrs({ dev: 'br0' })).toEqual(['02:00:00:00:00:04']);
    expect((await lladdrs({ master: 'br0' })).length).toBe(5);
    expect(await lladdrs({ master: 'br1' })).toEqual([]);
    expect(await lladdrs({ dev: 'w0' })).toEqual([]);
    expect(await lladdrs({ dev: 'v0', state: 'static' })).toEqual(['02:00:00:00:00:01', '02:00:00:00:00:02']);
    expect(await lladdrs({ lladdr: '02-00-00-00-00-01' })).toEqual(['02:00:00:00:00:01']);
    expect(await lladdrs({ self: true })).toEqual([]);
    expect(await lladdrs({ vlan: 7 })).toEqual([]);
    await rejects(() => rt.fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'w0', master: 'br0' })).toMatchObject({ code: 'EEXIST' });
    await rejects(() => rt.fdb.get({ lladdr: '02:00:00:00:00:01', dev: 'w0', master: 'br0' })).toMatchObject({ code: 'ENOENT' });
    await rejects(() => rt.fdb.get({ lladdr: '02:00:00:00:00:77', dev: 'v0', master: 'br0' })).toMatchObject({
      name: 'NotFoundError',
      code: 'ENOENT',
    });
    await rejects(() => rt.fdb.create({ lladdr: '02:00:00:00:00:09', dev: 'v0', master: 'br1' })).toMatchObject({
      name: 'InputError',
      argument: 'master',
    });
    await rejects(() => rt.fdb.create({ lladdr: '02:00:00:00:00:09', dev: 'none0' })).toMatchObject({
      name: 'NotFoundError',
      argument: 'dev',
    });
    await rt.fdb.replace({ lladdr: '02:00:00:00:00:01', dev: 'w0', master: 'br0' });
    expect(show().find(({ mac }) => mac === '02:00:00:00:00:01')).toMatchObject({ ifname: 'w0', state: 'permanent' });
    await rt.fdb.delete({ lladdr: '02:00:00:00:00:01', dev: 'w0', master: 'br0' });
    await rejects(() => rt.fdb.delete({ lladdr: '02:00:00:00:00:01', dev: 'w0', master: 'br0' })).toMatchObject({ code: 'ENOENT' });
    await rt.fdb.ensureAbsent({ lladdr: '02:00:00:00:00:01', dev: 'w0', master: 'br0' });
    await rt.fdb.ensureAbsent({ lladdr: '02:00:00:00:00:01', dev: 'none0' });
  });

  test('the table of a link itself', async () => {
    await rt.fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'w1' });
    expect(show()).toEqual([{ mac: '02:00:00:00:00:01', ifname: 'w1', flags: ['self'], state: 'permanent' }]);
    expect(await rt.fdb.get({ lladdr: '02:00:00:00:00:01', dev: 'w1' })).toEqual({
      lladdr: '02:00:00:00:00:01',
      dev: 'w1',
      devIndex: index['w1'],
      state: 'permanent',
      flags: ['self'],
    });
    await rejects(() => rt.fdb.get({ lladdr: '02:00:00:00:00:02', dev: 'w1' })).toMatchObject({ code: 'ENOENT' });
    expect((await rt.fdb.list({ self: true })).some(({ dev, lladdr }) => dev === 'w1' && lladdr === '02:00:00:00:00:01')).toBe(true);
  });

  test('the table of a vxlan', async () => {
    const zero = '00:00:00:00:00:00';
    await rt.fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'vx0', dst: '10.0.0.1' });
    await rt.fdb.append({ lladdr: zero, dev: 'vx0', dst: '10.0.0.2', port: 1234, vni: 7, via: 'w1' });
    await rt.fdb.append({ lladdr: zero, dev: 'vx0', dst: '10.0.0.3' });
    await rt.fdb.append({
      lladdr: '02:00:00:00:00:06',
      dev: 'vx0',
      dst: '10.0.0.6',
      state: 'static',
      flags: ['self', 'extern_learn', 'router'],
    });
    expect(show()).toEqual(
      expect.arrayContaining([
        { mac: '02:00:00:00:00:01', ifname: 'vx0', dst: '10.0.0.1', flags: ['self'], state: 'permanent' },
        { mac: zero, ifname: 'vx0', dst: '10.0.0.2', port: 1234, vni: 7, viaIf: 'w1', flags: ['self'], state: 'permanent' },
        { mac: zero, ifname: 'vx0', dst: '10.0.0.3', flags: ['self'], state: 'permanent' },
        expect.objectContaining({ mac: '02:00:00:00:00:06', dst: '10.0.0.6', state: 'static' }),
      ]),
    );
    expect(await rt.fdb.get({ lladdr: '02:00:00:00:00:01', dev: 'vx0' })).toMatchObject({
      dst: '10.0.0.1',
      state: 'permanent',
      flags: ['self'],
    });
    expect(await rt.fdb.get({ lladdr: zero, dev: 'vx0', dst: '10.0.0.2' })).toMatchObject({
      port: 1234,
      vni: 7,
      via: 'w1',
      viaIndex: index['w1'],
    });
    expect((await rt.fdb.get({ lladdr: '02:00:00:00:00:06', dev: 'vx0' })).flags).toEqual(['self', 'extern_learn', 'router']);
    expect((await rt.fdb.list({ dst: '10.0.0.3' })).length).toBe(1);
    await rejects(() => rt.fdb.get({ lladdr: zero, dev: 'vx0', dst: '10.0.0.9' })).toMatchObject({ code: 'ENOENT' });
    // the same again, through what a list returns
    const before = show();
    const all = await mine();
    expect(all.length).toBe(4);
    for (const entry of all) await rt.fdb.delete(entry);
    expect(show()).toEqual([]);
    for (const entry of all) await rt.fdb.append(entry);
    expect(show()).toEqual(expect.arrayContaining(before));
    await rt.fdb.ensure({ lladdr: zero, dev: 'vx0', dst: '10.0.0.3' });
    expect(show().length).toBe(4);
    await rt.fdb.ensure({ lladdr: zero, dev: 'vx0', dst: '10.0.0.4' });
    expect(show().length).toBe(5);
    await rt.fdb.ensure({ lladdr: '02:00:00:00:00:01', dev: 'vx0', dst: '10.0.0.5' });
    expect(show().find(({ mac }) => mac === '02:00:00:00:00:01').dst).toBe('10.0.0.5');
    await rt.fdb.delete({ lladdr: zero, dev: 'vx0', dst: '10.0.0.4' });
    expect(show().length).toBe(4);
  });

  needs({ kernel: { atLeast: '6.7', why: 'flush of a vxlan' } }).test('flush of a vxlan', async () => {
    const zero = '00:00:00:00:00:00';
    await rt.fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'vx0', dst: '10.0.0.5' });
    await rt.fdb.append({ lladdr: zero, dev: 'vx0', dst: '10.0.0.2', port: 1234, vni: 7, via: 'w1' });
    await rt.fdb.append({ lladdr: zero, dev: 'vx0', dst: '10.0.0.3' });
    await rt.fdb.append({ lladdr: '02:00:00:00:00:06', dev: 'vx0', dst: '10.0.0.6', state: 'static', flags: ['self', 'extern_learn'] });
    expect(show().length).toBe(4);
    await rt.fdb.flush({ dev: 'vx0', dst: '10.0.0.3' });
    expect(show().filter(({ dst }) => dst === '10.0.0.3')).toEqual([]);
    expect(show().length).toBe(3);
    await rt.fdb.flush({ dev: 'vx0', port: 1234, vni: 7 });
    expect(show().length).toBe(2);
    await rt.fdb.flush({ dev: 'vx0', flags: ['extern_learn'] });
    expect(show().length).toBe(1);
    await rt.fdb.flush({ dev: 'vx0' });
    expect(show()).toEqual([]);
  });

  test('list, delete and create again give the same', async () => {
    for (const command of [
      '02:00:00:00:00:01 dev v0 master static',
      '02:00:00:00:00:02 dev v0 master dynamic extern_learn',
      '02:00:00:00:00:03 dev w0 master',
      '02:00:00:00:00:04 dev br0 self',
      '02:00:00:00:00:05 dev w1 self',
      '02:00:00:00:00:06 dev v0 master static sticky',
      '02:00:00:00:00:07 dev v0 self',
    ])
      sh(`bridge fdb add ${command}`, where);
    const before = show();
    const all = await mine();
    expect(all.length).toBe(7);
    for (const entry of all) await rt.fdb.delete(entry);
    expect(show()).toEqual([]);
    for (const entry of all) await rt.fdb.create(entry);
    expect(show().length).toBe(before.length);
    expect(show()).toEqual(expect.arrayContaining(before));
    for (const entry of all) await rt.fdb.ensure(entry);
    expect(show()).toEqual(expect.arrayContaining(before));
  });

  test('flush of a bridge', async () => {
    const fill = (): void => {
      for (const command of [
        '1 dev v0 master static',
        '2 dev v0 master dynamic',
        '3 dev w0 master',
        '4 dev br0 self',
        '5 dev v0 master static sticky',
      ])
        sh(`bridge fdb replace 02:00:00:00:00:0${command}`, where);
    };
    const left = (): string[] =>
      show()
        .map(({ mac }) => mac.at(-1))
        .sort();
    const cases: [Parameters<typeof rt.fdb.flush>[0], string[]][] = [
      [{ dev: 'br0', brport: 'v0', state: 'static' }, ['2', '3', '4']],
      [{ dev: 'br0', state: 'dynamic' }, ['1', '3', '4', '5']],
      [{ dev: 'br0', exceptState: 'permanent' }, ['3', '4']],
      [{ dev: 'br0', flags: ['sticky'] }, ['1', '2', '3', '4']],
      [{ dev: 'br0', exceptFlags: ['sticky'], exceptState: 'permanent' }, ['3', '4', '5']],
      [{ dev: 'v0', table: 'master', brport: 'v0' }, ['3', '4']],
      [{ dev: 'br0', vlan: 9 }, ['1', '2', '3', '4', '5']],
    ];
    for (const [spec, expected] of cases) {
      fill();
      await rt.fdb.flush(spec);
      expect(left()).toEqual(expected);
    }
    await rejects(() => rt.fdb.flush({ dev: 'w1' })).toMatchObject({ code: 'EOPNOTSUPP' });
    await rejects(() => rt.fdb.flush({ dev: 'none0' })).toMatchObject({ name: 'NotFoundError', argument: 'dev' });
  });

  test('bad input is refused before anything is sent', async () => {
    const good = { lladdr: '02:00:00:00:00:01', dev: 'v0', master: 'br0' };
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const bad: [any, string][] = [
      [{ dev: 'v0' }, 'lladdr'],
      [{ ...good, lladdr: '02:00:00:00:00' }, 'lladdr'],
      [{ ...good, lladdr: '10.0.0.1' }, 'lladdr'],
      [{ lladdr: good.lladdr }, 'dev'],
      [{ lladdr: good.lladdr, master: 'br0' }, 'dev'],
      [{ ...good, masterIndex: -1, master: undefined }, 'masterIndex'],
      [{ ...good, state: 'fixed' }, 'state'],
      [{ ...good, flags: ['slef'] }, 'flags'],
      [{ ...good, vlan: 0 }, 'vlan'],
      [{ ...good, vlan: 4095 }, 'vlan'],
      [{ ...good, vlan: '7' }, 'vlan'],
      [{ ...good, dst: '10.0.0' }, 'dst'],
      [{ ...good, port: 65536 }, 'port'],
      [{ ...good, vni: 0x1000000 }, 'vni'],
      [{ ...good, srcVni: -1 }, 'srcVni'],
      [{ ...good, via: '' }, 'via'],
      [{ ...good, viaIndex: 0 }, 'viaIndex'],
      [{ ...good, viaIndex: 3, linkNetnsid: 0 }, 'viaIndex'],
      [{ ...good, nexthopId: 0 }, 'nexthopId'],
      [{ ...good, activityNotify: 1 }, 'activityNotify'],
      [{ ...good, inactive: true }, 'inactive'],
      [{ ...good, noRefresh: 'yes' }, 'noRefresh'],
      [{ ...good, unknwon: [] }, 'unknwon'],
    ];
    for (const [spec, argument] of bad) await rejects(() => rt.fdb.create(spec)).toMatchObject({ name: 'InputError', argument });
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const filters: [any, string][] = [
      [{ self: 1 }, 'self'],
      [{ lladdr: 'x' }, 'lladdr'],
      [{ vlan: 4096 }, 'vlan'],
      [{ state: 'x' }, 'state'],
      [{ dst: 'x' }, 'dst'],
      [{ srcVni: 2 ** 24 }, 'srcVni'],
      [{ br: 'br0' }, 'br'],
    ];
    for (const [filter, argument] of filters) await rejects(() => rt.fdb.list(filter)).toMatchObject({ name: 'InputError', argument });
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const flushes: [any, string][] = [
      [{}, 'dev'],
      [{ dev: 'br0', table: 'own' }, 'table'],
      [{ dev: 'br0', state: 'stale' }, 'state'],
      [{ dev: 'br0', exceptState: 'x' }, 'exceptState'],
      [{ dev: 'br0', state: 'static', exceptState: 'dynamic' }, 'exceptState'],
      [{ dev: 'br0', flags: ['self'] }, 'flags'],
      [{ dev: 'br0', exceptFlags: 'sticky' }, 'exceptFlags'],
      [{ dev: 'br0', flags: ['sticky'], exceptFlags: ['sticky'] }, 'exceptFlags'],
      [{ dev: 'br0', vlan: -1 }, 'vlan'],
      [{ dev: 'br0', dst: 'x' }, 'dst'],
      [{ dev: 'br0', port: -1 }, 'port'],
      [{ dev: 'br0', vni: -1 }, 'vni'],
      [{ dev: 'br0', srcVni: -1 }, 'srcVni'],
      [{ dev: 'br0', nexthopId: 0 }, 'nexthopId'],
      [{ dev: 'br0', port0: 'v0' }, 'port0'],
    ];
    for (const [spec, argument] of flushes) await rejects(() => rt.fdb.flush(spec)).toMatchObject({ name: 'InputError', argument });
    expect(show()).toEqual([]);
  });
});
