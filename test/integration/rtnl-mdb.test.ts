/** Multicast databases on a real kernel, with bridge(8) as witness. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TracedDatagram } from '../../src/netlink/trace.ts';
import * as netns from '../../src/netns/index.ts';
import { type MdbEntry, open, type RtnlClient } from '../../src/rtnl/index.ts';
import { needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { bridge, ended, ip, ipText, type Json, sh } from '../support/oracle.ts';

const name = uniqueName('rm');
const where = { netns: name };
const index: Record<string, number> = {};

const channels = ['netloom:sent', 'netloom:received'] as const;

const snooping = {
  feature: 'multicast databases (CONFIG_BRIDGE_IGMP_SNOOPING)',
  missing: (): boolean =>
    ended(['unshare', '--net', 'sh', '-c', 'ip link add br0 type bridge mcast_snooping 1 && bridge mdb show dev br0']).status !== 0,
};

needs(snooping).describe('multicast databases', () => {
  let red: netns.Netns;
  let rt: RtnlClient;
  beforeAll(async () => {
    red = await netns.create(name);
    sh(
      `ip link add br0 type bridge mcast_snooping 1
       ip link set br0 type bridge mcast_igmp_version 3 mcast_mld_version 2 || true
       ip link add v0 type veth peer name v1
       ip link add w0 type veth peer name w1
       for l in v0 w0; do ip link set $l master br0 addrgenmode none up; done
       for l in v1 w1; do ip link set $l addrgenmode none up; done
       ip link set br0 addrgenmode none up`,
      where,
    );
    for (const link of ip(['link', 'show'], where)) index[link.ifname] = link.ifindex;
    // a port takes groups only when it forwards
    await vi.waitUntil(
      () => ['v0', 'w0'].every((port) => ip(['link', 'show', port], where)[0].linkinfo.info_slave_data.state === 'forwarding'),
      { timeout: 60_000, interval: 100 },
    );
  });
  afterAll(async () => {
    rt?.close();
    await red.delete();
    red.close();
  });
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;
  const show = (): Json[] => bridge(['mdb', 'show'], where)[0].mdb.filter(({ grp }: Json) => !/^ff02:|^224\.0\.0\./.test(grp));
  const mine = async (): Promise<MdbEntry[]> => (await rt.mdb.list()).filter(({ group }) => !/^ff02:|^224\.0\.0\./.test(group));

  test('create, get, list, delete', async () => {
    rt = await open({ netns: name });
    await rt.mdb.create({ dev: 'br0', port: 'v0', group: '239.1.1.1', state: 'permanent' });
    await rt.mdb.create({ dev: 'br0', port: 'w0', group: 'ff15::1', state: 'permanent' });
    await rt.mdb.create({ dev: 'br0', portIndex: index['w0']!, group: '239.1.1.2' });
    await rt.mdb.create({ dev: 'br0', port: 'v0', group: '239.1.1.3', source: '10.0.0.9', state: 'permanent' });
    await rt.mdb.create({ dev: 'br0', port: 'v0', group: '01:02:03:04:05:06', state: 'permanent' });
    expect(show()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ dev: 'br0', port: 'v0', grp: '239.1.1.1', state: 'permanent' }),
        expect.objectContaining({ dev: 'br0', port: 'w0', grp: 'ff15::1', state: 'permanent' }),
        expect.objectContaining({ dev: 'br0', port: 'w0', grp: '239.1.1.2', state: 'temp' }),
        expect.objectContaining({ dev: 'br0', port: 'v0', grp: '239.1.1.3', src: '10.0.0.9' }),
        expect.objectContaining({ dev: 'br0', port: 'v0', grp: '01:02:03:04:05:06' }),
      ]),
    );
    expect(await rt.mdb.get({ dev: 'br0', port: 'v0', group: '239.1.1.1' })).toMatchObject({
      dev: 'br0',
      devIndex: index['br0'],
      port: 'v0',
      portIndex: index['v0'],
      group: '239.1.1.1',
      state: 'permanent',
      flags: [],
      protocol: 'static',
    });
    expect((await rt.mdb.get({ dev: 'br0', port: 'w0', group: '239.1.1.2' })).timer).toBeGreaterThan(0);
    expect(await rt.mdb.get({ dev: 'br0', port: 'v0', group: '239.1.1.3', source: '10.0.0.9' })).toMatchObject({ source: '10.0.0.9' });
    expect((await mine()).length).toBe(show().length);
    expect((await rt.mdb.list({ port: 'w0' })).map(({ group }) => group).sort()).toEqual(['239.1.1.2', 'ff15::1']);
    expect(await rt.mdb.list({ dev: 'br0', vlan: 9 })).toEqual([]);
    await rejects(() => rt.mdb.create({ dev: 'br0', port: 'v0', group: '239.1.1.1', state: 'permanent' })).toMatchObject({
      code: 'EEXIST',
    });
    await rejects(() => rt.mdb.get({ dev: 'br0', port: 'w0', group: '239.1.1.1' })).toMatchObject({
      name: 'NotFoundError',
      code: 'ENOENT',
    });
    await rejects(() => rt.mdb.create({ dev: 'none0', group: '239.1.1.1' })).toMatchObject({ name: 'NotFoundError', argument: 'dev' });
    await rt.mdb.ensure({ dev: 'br0', port: 'v0', group: '239.1.1.1', state: 'permanent' });
    // list, delete and create again give the same
    const before = show();
    const all = await mine();
    for (const entry of all) await rt.mdb.delete(entry);
    expect(show()).toEqual([]);
    for (const entry of all) await rt.mdb.create(entry);
    expect(show().length).toBe(before.length);
    expect(show()).toEqual(expect.arrayContaining(before));
    for (const entry of all) await rt.mdb.ensureAbsent(entry);
    await rt.mdb.ensureAbsent({ dev: 'br0', port: 'v0', group: '239.1.1.1' });
    await rt.mdb.ensureAbsent({ dev: 'none0', group: '239.1.1.1' });
    expect(show()).toEqual([]);
  });

  test('traces show what is asked, and what the kernel tells of it', async () => {
    const seen: string[] = [];
    const listen = (message: unknown): void => void seen.push((message as TracedDatagram).text);
    for (const channel of channels) subscribe(channel, listen);
    try {
      await rt.mdb.create({ dev: 'br0', port: 'v0', group: '239.1.1.5', state: 'permanent' });
      await rt.mdb.list();
      await rt.mdb.delete({ dev: 'br0', port: 'v0', group: '239.1.1.5' });
    } finally {
      for (const channel of channels) unsubscribe(channel, listen);
    }
    const entry = `br_mdb_entry: port=${index['v0']} state=\\d flags=0 vlan=0 address=ef 01 01 05`;
    const text = seen.join('\n');
    for (const name of ['RTM_NEWMDB', 'RTM_DELMDB'])
      expect(text).toMatch(new RegExp(`^${name} REQUEST.*\n  br_port_msg: .*\n  MDBA_SET_ENTRY\n    ${entry}`, 'm'));
    expect(text).toMatch(
      new RegExp(`^RTM_GETMDB MULTI.*(\n .*)*\n  MDBA_MDB(\n .*)*\n    MDBA_MDB_ENTRY\n      MDBA_MDB_ENTRY_INFO\n        ${entry}`, 'm'),
    );
    expect(text).not.toMatch(/malformed|\(expected /);
  });

  needs({ kernel: { atLeast: '6.3', why: 'source lists in requests' } }).test('source lists, replace', async () => {
    const key = { dev: 'br0', port: 'v0', group: '239.2.2.2' };
    await rt.mdb.create({
      ...key,
      state: 'permanent',
      filterMode: 'include',
      sources: ['10.0.0.1', { address: '10.0.0.2' }],
      protocol: 'zebra',
    });
    const found = show().find(({ grp, src }) => grp === key.group && src === undefined);
    expect(found).toMatchObject({ filter_mode: 'include', protocol: 'zebra' });
    expect(found.source_list.map(({ address }: Json) => address).sort()).toEqual(['10.0.0.1', '10.0.0.2']);
    const ours = await rt.mdb.get(key);
    expect(ours).toMatchObject({ filterMode: 'include', protocol: 'zebra' });
    expect(ours.sources!.map(({ address }) => address).sort()).toEqual(['10.0.0.1', '10.0.0.2']);
    await rt.mdb.replace({ ...key, state: 'permanent', filterMode: 'exclude', sources: ['10.0.0.3'] });
    expect(await rt.mdb.get(key)).toMatchObject({ filterMode: 'exclude', sources: [{ address: '10.0.0.3' }] });
    await rt.mdb.ensure({ ...key, filterMode: 'exclude', sources: ['10.0.0.3'] });
    await rt.mdb.ensure({ ...key, state: 'permanent', filterMode: 'exclude', sources: ['10.0.0.4'] });
    expect(await rt.mdb.get(key)).toMatchObject({ sources: [{ address: '10.0.0.4' }] });
    await rt.mdb.delete(key);
  });

  needs({ kernel: { atLeast: '6.8', why: 'flushing of multicast databases' } }).test('flush', async () => {
    for (const [port, group, protocol] of [
      ['v0', '239.3.0.1', 'static'],
      ['v0', '239.3.0.2', 'bgp'],
      ['w0', '239.3.0.3', 'static'],
    ] as const)
      await rt.mdb.create({ dev: 'br0', port, group, protocol, state: 'permanent' });
    const left = (): string[] =>
      show()
        .map(({ grp }) => grp)
        .sort();
    await rt.mdb.flush({ dev: 'br0', state: 'temp' });
    expect(left().length).toBe(3);
    await rt.mdb.flush({ dev: 'br0', protocol: 'bgp' });
    expect(left()).toEqual(['239.3.0.1', '239.3.0.3']);
    await rt.mdb.flush({ dev: 'br0', port: 'w0' });
    expect(left()).toEqual(['239.3.0.1']);
    await rt.mdb.flush({ dev: 'br0' });
    expect(left()).toEqual([]);
  });

  needs({ kernel: { atLeast: '6.4', why: 'multicast databases of vxlans' } }).test('the database of a vxlan', async () => {
    ipText(['link', 'add', 'vx0', 'type', 'vxlan', 'dstport', '4789', 'external', 'local', '10.0.0.100'], where);
    const key = { dev: 'vx0', group: '239.4.4.4', dst: '10.0.0.7', srcVni: 5 };
    await rt.mdb.create({ ...key, state: 'permanent', dstPort: 4790, vni: 6, via: 'v1' });
    const found = await rt.mdb.get(key);
    expect(found).toMatchObject({
      dev: 'vx0',
      port: 'vx0',
      group: '239.4.4.4',
      dst: '10.0.0.7',
      dstPort: 4790,
      vni: 6,
      srcVni: 5,
      via: 'v1',
      state: 'permanent',
    });
    await rt.mdb.delete(found);
    await rejects(() => rt.mdb.get(key)).toMatchObject({ code: 'ENOENT' });
    await rt.mdb.create(found);
    expect(await rt.mdb.get(key)).toEqual(found);
    await rt.mdb.delete(found);
  });

  test('ports of multicast routers', async () => {
    ipText(['link', 'set', 'v0', 'type', 'bridge_slave', 'mcast_router', '2'], where);
    const witness = bridge(['-s', 'mdb', 'show'], where)[0].router;
    expect(witness.br0.map(({ port }: Json) => port)).toEqual(['v0']);
    expect(await rt.mdb.routers({ dev: 'br0' })).toEqual([
      { dev: 'br0', devIndex: index['br0'], port: 'v0', portIndex: index['v0'], type: 'permanent' },
    ]);
    ipText(['link', 'set', 'v0', 'type', 'bridge_slave', 'mcast_router', '1'], where);
  });

  test('bad input is refused before anything is sent', async () => {
    const good = { dev: 'br0', port: 'v0', group: '239.1.1.1' };
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const bad: [any, string][] = [
      [{ port: 'v0', group: '239.1.1.1' }, 'dev'],
      [{ dev: 'br0' }, 'group'],
      [{ ...good, group: 'all' }, 'group'],
      [{ ...good, group: '01:02:03' }, 'group'],
      [{ ...good, port: '' }, 'port'],
      [{ dev: 'br0', group: '239.1.1.1', portIndex: 0 }, 'portIndex'],
      [{ ...good, vlan: 4095 }, 'vlan'],
      [{ ...good, source: 'x' }, 'source'],
      [{ ...good, group: '01:02:03:04:05:06', source: '10.0.0.1' }, 'source'],
      [{ ...good, state: 'static' }, 'state'],
      [{ ...good, filterMode: 'some' }, 'filterMode'],
      [{ ...good, sources: '10.0.0.1' }, 'sources'],
      [{ ...good, sources: ['10.0.0.1', 'x'] }, 'sources[1]'],
      [{ ...good, source: '10.0.0.1', sources: ['10.0.0.2'] }, 'sources'],
      [{ ...good, protocol: 'x' }, 'protocol'],
      [{ ...good, dst: 'x' }, 'dst'],
      [{ ...good, dstPort: 0 }, 'dstPort'],
      [{ ...good, vni: -1 }, 'vni'],
      [{ ...good, srcVni: 2 ** 24 }, 'srcVni'],
      [{ ...good, viaIndex: 'v0' }, 'viaIndex'],
      [{ ...good, grp: '239.1.1.1' }, 'grp'],
    ];
    for (const [spec, argument] of bad) await rejects(() => rt.mdb.create(spec)).toMatchObject({ name: 'InputError', argument });
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const flushes: [any, string][] = [
      [{}, 'dev'],
      [{ dev: 'br0', vlan: 0 }, 'vlan'],
      [{ dev: 'br0', state: 'x' }, 'state'],
      [{ dev: 'br0', protocol: 'x' }, 'protocol'],
      [{ dev: 'br0', dst: 'x' }, 'dst'],
      [{ dev: 'br0', dstPort: -1 }, 'dstPort'],
      [{ dev: 'br0', vni: -1 }, 'vni'],
      [{ dev: 'br0', group: 'x' }, 'group'],
    ];
    for (const [spec, argument] of flushes) await rejects(() => rt.mdb.flush(spec)).toMatchObject({ name: 'InputError', argument });
    expect(show()).toEqual([]);
  });
});
