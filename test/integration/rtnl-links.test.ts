/** Links on a real kernel, with ip(8) as witness; every method through both clients. */
import { setImmediate as nextTick } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type Link, open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { hasKind, kernelRelease } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, sh } from '../support/oracle.ts';

const name = uniqueName('rl');
const otherName = uniqueName('ro');
const where = { netns: name };
const show = (link: string, place = where): Json => ip(['link', 'show', link], place)[0];
const names = (place = where): string[] => ip(['link', 'show'], place).map((link) => link.ifname);

let red: netns.Netns;
let other: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  other = await netns.create(otherName);
});
afterAll(async () => {
  for (const namespace of [red, other]) {
    await namespace.delete();
    namespace.close();
  }
});
afterEach(() => {
  for (const place of [where, { netns: otherName }]) {
    for (const link of ip(['link', 'show'], place)) {
      if (link.ifname === 'lo' || !names(place).includes(link.ifname)) continue;
      ipText(['link', 'del', link.ifname], place);
    }
  }
});

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

describe.each(kinds)('%s links', (_kind, openClient) => {
  // a method of either returns a value or a promise of it: `await` takes both
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());

  test('get lo', async () => {
    const lo = await rt.links.get('lo');
    const truth = show('lo');
    expect(lo).toMatchObject({
      index: truth.ifindex,
      name: 'lo',
      type: 'loopback',
      mtu: truth.mtu,
      address: truth.address,
      operState: truth.operstate.toLowerCase(),
      group: 0,
    });
    expect(lo).not.toHaveProperty('kind');
    expect(lo).not.toHaveProperty('stats');
    expect(lo).not.toHaveProperty('unknown');
    expect((await rt.links.get(1)).name).toBe('lo');
    expect((await rt.links.get({ index: 1 })).name).toBe('lo');
    expect((await rt.links.get('lo', { stats: true })).stats).toMatchObject({ rxErrors: 0, rxOtherhostDropped: 0 });
  });

  test('create a veth with everything, get and list it', async () => {
    const bridge = await rt.links.create({ kind: 'bridge', name: 'br0', up: true, data: { forwardDelay: 400, mcastSnooping: false } });
    expect(show('br0')).toMatchObject({
      ifindex: bridge.index,
      linkinfo: { info_kind: 'bridge', info_data: { forward_delay: 400, mcast_snooping: 0 } },
    });
    expect(bridge).toMatchObject({
      kind: 'bridge',
      up: true,
      data: { forwardDelay: 400, mcastSnooping: false, bridgeId: expect.stringMatching(/^8000\./) },
    });

    const link = await rt.links.create({
      kind: 'veth',
      name: 'v0',
      index: 4242,
      mtu: 1400,
      address: '02:00:00:00:00:01',
      up: true,
      master: 'br0',
      txQueueLength: 77,
      group: 7,
      alias: 'near end',
      numTxQueues: 2,
      numRxQueues: 3,
      altNames: ['a-name-longer-than-fifteen', 'short'],
      peer: { name: 'v1', mtu: 1300, address: '02:00:00:00:00:02', alias: 'far end', index: 4343 },
    });
    const truth = show('v0');
    expect(truth).toMatchObject({
      ifindex: 4242,
      link: 'v1',
      mtu: 1400,
      address: '02:00:00:00:00:01',
      master: 'br0',
      txqlen: 77,
      group: '7',
      ifalias: 'near end',
      num_tx_queues: 2,
      num_rx_queues: 3,
      altnames: ['a-name-longer-than-fifteen', 'short'],
      linkinfo: { info_kind: 'veth', info_slave_kind: 'bridge' },
    });
    expect(truth.flags).toContain('UP');
    expect(show('v1')).toMatchObject({ ifindex: 4343, mtu: 1300, address: '02:00:00:00:00:02', ifalias: 'far end' });
    expect(link).toMatchObject({
      index: 4242,
      name: 'v0',
      kind: 'veth',
      up: true,
      mtu: 1400,
      address: '02:00:00:00:00:01',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      master: 'br0',
      masterIndex: bridge.index,
      peer: 'v1',
      peerIndex: 4343,
      txQueueLength: 77,
      group: 7,
      alias: 'near end',
      altNames: ['a-name-longer-than-fifteen', 'short'],
      numTxQueues: 2,
      numRxQueues: 3,
      minMtu: truth.min_mtu,
      maxMtu: truth.max_mtu,
      type: 'ether',
      qdisc: truth.qdisc,
      port: { kind: 'bridge', data: { cost: 2, learning: true, hairpin: false } },
    });
    expect(link.flags).toEqual(expect.arrayContaining(['up', 'broadcast', 'multicast']));

    expect(await rt.links.get('a-name-longer-than-fifteen')).toEqual(await rt.links.get('v0'));
    expect(await rt.links.get('short')).toEqual(await rt.links.get(link));
    const all = await rt.links.list();
    expect(all.map((each) => each.name).sort()).toEqual(names().sort());
    expect(all.find((each) => each.name === 'v0')).toEqual(await rt.links.get('v0'));
    expect((await rt.links.list({ kind: 'veth' })).map((each) => each.name).sort()).toEqual(['v0', 'v1']);
    const ports = await rt.links.list({ master: 'br0' });
    // the master and the peer are outside of the filtered listing: their names are looked up
    expect(ports).toEqual([await rt.links.get('v0')]);
    expect(ports[0]).toMatchObject({ master: 'br0', peer: 'v1' });
    expect((await rt.links.list({ up: true })).map((each) => each.name)).not.toContain('v1');
    expect(await rt.links.list({ kind: 'nosuch' })).toEqual([]);
    for (const each of await rt.links.list({ stats: true })) expect(each.stats?.rxPackets).toBeTypeOf('number');
    ipText(['link', 'set', 'v1', 'alias', 'far end, by ip'], where);
    expect((await rt.links.list({ alias: 'far end, by ip' })).map((each) => each.name)).toEqual(['v1']);
    expect(await rt.links.list({ alias: 'far end' })).toEqual([]);
    // the other end comes and goes, and the carrier with it
    ipText(['link', 'set', 'v0', 'up'], where);
    for (const state of ['up', 'down']) ipText(['link', 'set', 'v1', state], where);
    const counts = sh(`ip netns exec ${name} cat /sys/class/net/v0/carrier_up_count /sys/class/net/v0/carrier_down_count`);
    const [carrierUpCount, carrierDownCount] = counts.trim().split('\n').map(Number);
    const counted = (await rt.links.list({ stats: true })).find((each) => each.name === 'v0');
    expect(counted).toMatchObject({ carrierUpCount, carrierDownCount });
    expect(counted?.carrierUpCount).toBeGreaterThan(0);
    expect(await rt.links.get('v0')).not.toHaveProperty('carrierUpCount');
  });

  test('create without a name, and with a pattern', async () => {
    const [major, minor] = kernelRelease();
    // rtnl_newlink_create() tells which it made since 6.2
    if (major > 6 || (major === 6 && minor >= 2)) {
      const first = await rt.links.create({ kind: 'bridge' });
      expect(names()).toContain(first.name);
      expect(await rt.links.create({ kind: 'veth', name: 'p%d', peer: 'q%d' })).toMatchObject({ name: 'p0', peer: 'q0' });
    } else await expect(async () => await rt.links.create({ kind: 'bridge' })).rejects.toMatchObject({ code: 'ENOTSUP' });
    expect((await rt.links.create({ kind: 'ifb', index: 999 })).index).toBe(999);
  });

  test('kinds without a schema are kept as bytes', async () => {
    await rt.links.create({ kind: 'veth', name: 'low', peer: 'low-peer' });
    // IFLA_MACVLAN_MODE 1: bridge 4
    const macvlan = await rt.links.create({
      kind: 'macvlan' as string,
      name: 'mac0',
      link: 'low',
      data: Uint8Array.of(8, 0, 1, 0, 4, 0, 0, 0),
    });
    expect(macvlan).toMatchObject({ kind: 'macvlan', link: 'low', linkIndex: (await rt.links.get('low')).index });
    expect(show('mac0')).toMatchObject({ link: 'low', linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge' } } });

    ipText(['link', 'add', 'ifb0', 'numtxqueues', '2', 'type', 'ifb'], where);
    const before = show('ifb0');
    const ifb = await rt.links.get('ifb0');
    await rt.links.delete(ifb);
    await rt.links.create({ ...ifb, address: before.address });
    expect(show('ifb0')).toEqual(before);
  });

  test('list, delete, create: the same links', async () => {
    ipText(['link', 'add', 'br0', 'type', 'bridge', 'ageing_time', '1000', 'stp_state', '0', 'priority', '5', 'mcast_querier', '1'], where);
    ipText(['link', 'add', 'v0', 'mtu', '1400', 'txqueuelen', '5', 'group', '3', 'type', 'veth', 'peer', 'name', 'v1'], where);
    ipText(['link', 'set', 'v0', 'master', 'br0'], where);
    ipText(['link', 'set', 'v0', 'alias', 'x', 'up'], where);
    ipText(['link', 'property', 'add', 'dev', 'v0', 'altname', 'another-name-of-v0'], where);
    ipText(['link', 'set', 'br0', 'up'], where);
    const picture = async (): Promise<Json[]> => {
      // a bridge without a port that has a carrier has none, a while after it is up
      const isSettled = ({ operstate, flags }: Json): boolean => operstate === 'DOWN' && !flags.includes('LOWER_UP');
      await vi.waitUntil(() => isSettled(show('br0')), { timeout: 60_000, interval: 100 });
      return [show('br0'), show('v0')].map(withoutTimers);
    };
    const before = await picture();
    const links = (await rt.links.list()).filter((link) => link.name === 'br0' || link.name === 'v0');
    for (const link of links) await rt.links.delete(link);
    expect(names()).toEqual(['lo']);
    for (const link of links) await rt.links.create(link);
    expect(await picture()).toEqual(before);
  });

  test('update', async () => {
    const link = await rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1' });
    await rt.links.create({ kind: 'bridge', name: 'br0' });
    await rt.links.update('v0', {
      mtu: 1300,
      address: '02:00:00:00:00:03',
      up: true,
      master: 'br0',
      alias: 'a',
      txQueueLength: 9,
      group: 4,
    });
    expect(show('v0')).toMatchObject({ mtu: 1300, address: '02:00:00:00:00:03', master: 'br0', ifalias: 'a', txqlen: 9, group: '4' });
    await rt.links.update('v0', { port: { kind: 'bridge', data: { cost: 50, hairpin: true, isolated: true } } });
    expect(show('v0').linkinfo.info_slave_data).toMatchObject({ cost: 50, hairpin: true, isolated: true });
    await rt.links.update('br0', { data: { ageingTime: 500 } });
    expect(show('br0').linkinfo.info_data.ageing_time).toBe(500);
    await rt.links.update(link, { master: null, up: false });
    const released = show('v0');
    expect(released).not.toHaveProperty('master');
    expect(released.flags).not.toContain('UP');
    await rt.links.update('v0', { name: 'w0' });
    expect(show('w0').ifindex).toBe(link.index);
    const untouched = show('w0');
    await rt.links.update('w0', { mtu: undefined } as unknown as { mtu: number });
    expect(show('w0')).toEqual(untouched);
  });

  test('create and move into another namespace', async () => {
    const far = { netns: otherName };
    expect(await rt.links.create({ kind: 'bridge', name: 'fbr', netns: otherName, altNames: ['far-bridge'] })).toMatchObject({
      name: 'fbr',
      kind: 'bridge',
      altNames: ['far-bridge'],
    });
    expect(names(far)).toContain('fbr');
    expect(names()).not.toContain('fbr');
    const here = await rt.links.create({ kind: 'veth', name: 'n0', peer: { name: 'f0', netns: otherName } });
    expect(here).toMatchObject({ name: 'n0', peerIndex: show('f0', far).ifindex, linkNetnsid: expect.any(Number) });
    expect(here).not.toHaveProperty('peer');
    const there = await rt.links.create({ kind: 'veth', name: 'f1', netns: otherName, master: 'fbr', up: true });
    expect(there).toMatchObject({ name: 'f1', master: 'fbr', up: true });
    expect(show('f1', far).master).toBe('fbr');
    // what follows a creation is told where the link is by then, its master with it
    await rt.links.create({
      kind: 'veth',
      name: 'f2',
      netns: otherName,
      master: 'fbr',
      alias: 'later',
      port: { kind: 'bridge', data: { cost: 50 } },
    });
    expect(show('f2', far)).toMatchObject({ master: 'fbr', ifalias: 'later', linkinfo: { info_slave_data: { cost: 50 } } });
    await rt.links.update('n0', { netns: otherName, name: 'moved', alias: 'was n0' });
    expect(show('moved', far)).toMatchObject({ ifalias: 'was n0', link: 'f0' });
    await expect(async () => await rt.links.create({ kind: 'veth', netns: otherName })).rejects.toMatchObject({
      name: 'InputError',
      argument: 'name',
    });
    await expect(async () => await rt.links.create({ kind: 'veth', name: 'x', netns: 'no-such-netns' })).rejects.toMatchObject({
      name: 'NotFoundError',
      argument: 'netns',
    });
    await expect(async () => await rt.links.create({ kind: 'veth', name: 'x', peer: { netns: 'no-such-netns' } })).rejects.toMatchObject({
      argument: 'peer.netns',
    });
  });

  test('a move to where the new name is taken leaves the link where it is', async () => {
    const far = { netns: otherName };
    await rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1', mtu: 1400 });
    ipText(['link', 'add', 'taken', 'type', 'ifb'], far);
    const before = [ip(['link', 'show'], where), ip(['link', 'show'], far)];
    await expect(async () => await rt.links.update('v0', { netns: otherName, name: 'taken', mtu: 1300 })).rejects.toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      syscall: 'RTM_NEWLINK',
      attribute: 'name',
      subject: `link "v0" to network namespace "${otherName}"`,
    });
    expect([ip(['link', 'show'], where), ip(['link', 'show'], far)]).toEqual(before);
    // its own name, where it is already, is free for it
    await rt.links.update('v0', { netns: name, name: 'v0', mtu: 1300 });
    expect(show('v0').mtu).toBe(1300);
    await rt.links.update('v0', { netns: otherName, name: 'w%d' });
    expect(names(far)).toContain('w0');
  });

  test('a master that does not exist is named, whichever way it is given', async () => {
    await rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1' });
    const rejects = (call: () => unknown) => expect(async () => await call()).rejects;
    for (const master of [4711, { index: 4711 }, 'nosuch']) {
      const missing = { name: 'NotFoundError', code: 'ENODEV', argument: 'master' };
      await rejects(() => rt.links.update('v0', { master })).toMatchObject(missing);
      await rejects(() => rt.links.create({ kind: 'ifb', name: 'x', master })).toMatchObject(missing);
      await rejects(() => rt.links.create({ kind: 'ifb', name: 'x', master, alias: 'x' })).toMatchObject(missing);
      await rejects(() => rt.links.create({ kind: 'ifb', name: 'x', master, netns: otherName })).toMatchObject(missing);
    }
    await rejects(() => rt.links.update(4712, { master: 1 })).toMatchObject({ name: 'NotFoundError', argument: 'link' });
    await rejects(() => rt.links.update('v0', { master: show('v1').ifindex, mtu: 10 })).toMatchObject({ name: 'NetlinkError' });
    expect(names().sort()).toEqual(['lo', 'v0', 'v1']);
    expect(names({ netns: otherName })).toEqual(['lo']);
  });

  test('delete, ensureAbsent, ensure', async () => {
    await rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1' });
    await rt.links.delete('v0');
    expect(names()).toEqual(['lo']);
    await expect(async () => await rt.links.delete('v0')).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'ENODEV',
      argument: 'link',
    });
    await rt.links.ensureAbsent('v0');

    const spec = { kind: 'bridge', name: 'br0', mtu: 1400, up: true } as const;
    const made = await rt.links.ensure(spec);
    const truth = withoutTimers(show('br0'));
    expect(await rt.links.ensure(spec)).toMatchObject({ index: made.index, mtu: 1400, up: true });
    expect(withoutTimers(show('br0'))).toEqual(truth);
    expect(await rt.links.ensure({ ...spec, mtu: 1300, alias: 'b' })).toMatchObject({ index: made.index, mtu: 1300, alias: 'b', up: true });
    expect(await rt.links.ensure({ ...spec, up: false })).toMatchObject({ index: made.index, mtu: 1400, up: false });
    await expect(async () => await rt.links.ensure({ kind: 'veth', name: 'br0' })).rejects.toMatchObject({
      code: 'EEXIST',
      message: expect.stringContaining('is a bridge'),
    });
    const port = await rt.links.ensure({ kind: 'veth', name: 'v0', master: 'br0' });
    expect(port.master).toBe('br0');
    ipText(['link', 'set', 'v0', 'nomaster'], where);
    expect((await rt.links.ensure({ kind: 'veth', name: 'v0', master: 'br0' })).master).toBe('br0');
  });

  test('refusals', async () => {
    await rt.links.create({ kind: 'bridge', name: 'br0' });
    const rejects = (call: () => unknown) => expect(async () => await call()).rejects;
    await rejects(() => rt.links.create({ kind: 'bridge', name: 'br0' })).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      syscall: 'RTM_NEWLINK',
      subject: 'bridge "br0"',
    });
    await rejects(() => rt.links.create({ kind: 'nosuchkind', name: 'x' })).toMatchObject({ name: 'UnsupportedError', code: 'EOPNOTSUPP' });
    if (!hasKind('dummy'))
      await rejects(() => rt.links.create({ kind: 'dummy', name: 'x' })).toMatchObject({
        message: expect.stringContaining('CONFIG_DUMMY'),
      });
    await rejects(() => rt.links.create({ kind: 'veth', name: 'x', mtu: 10 })).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    await rejects(() => rt.links.create({ kind: 'veth', name: 'x', peer: 'br0' })).toMatchObject({ code: 'EEXIST' });
    await rejects(() => rt.links.update('br0', { mtu: 10 })).toMatchObject({
      code: 'EINVAL',
      extack: { message: expect.stringContaining('mtu') },
    });
    await rejects(() => rt.links.get('nosuch')).toMatchObject({
      name: 'NotFoundError',
      code: 'ENODEV',
      argument: 'link',
      message: 'link: link "nosuch" does not exist',
    });
    await rejects(() => rt.links.get(987654)).toMatchObject({ name: 'NotFoundError', subject: 'link 987654' });
    // all or nothing: a link whose alternative name is refused is not left behind
    await rejects(() => rt.links.create({ kind: 'bridge', name: 'half', altNames: ['br0'] })).toMatchObject({ code: 'EEXIST' });
    expect(names()).toEqual(['lo', 'br0']);
  });
});

test('the asynchronous client pipelines, aborts and closes', async () => {
  const rt = await open({ netns: name });
  const all = await Promise.all(Array.from({ length: 300 }, () => rt.links.get('lo')));
  expect(new Set(all.map((link: Link) => link.name))).toEqual(new Set(['lo']));
  const mixed = await Promise.allSettled([rt.links.get('lo'), rt.links.get('nosuch'), rt.links.list()]);
  expect(mixed.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await expect(rt.links.get('lo', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  const pending = rt.links.get('lo');
  rt.close();
  await expect(pending).rejects.toMatchObject({ name: 'ClosedError' });
  await expect(rt.links.get('lo')).rejects.toMatchObject({ name: 'ClosedError' });
  await rt[Symbol.asyncDispose]();
});

test('an abort leaves a link with its alias and its alternative names, or none, at whatever moment it comes', async () => {
  const rt = await open({ netns: name });
  for (let moment = 0; moment < 24; moment++) {
    const controller = new AbortController();
    const pending = rt.links
      .create({
        kind: 'veth',
        name: 'v0',
        alias: 'near',
        altNames: ['another-name-of-v0'],
        peer: { name: 'v1', alias: 'far' },
        signal: controller.signal,
      })
      .then(
        () => 'complete',
        (error: unknown) => error,
      );
    for (let i = 0; i < moment % 12; i++) await (moment < 12 ? undefined : nextTick());
    controller.abort(moment);
    if ((await pending) === 'complete') {
      expect(show('v0')).toMatchObject({ ifalias: 'near', altnames: ['another-name-of-v0'] });
      expect(show('v1')).toMatchObject({ ifalias: 'far' });
      await rt.links.delete('v0');
    }
    expect(names()).toEqual(['lo']);
  }
  rt.close();
});

test('the synchronous client closes', () => {
  const rt = openSync({ netns: name });
  expect(rt.links.get('lo').name).toBe('lo');
  rt[Symbol.dispose]();
  expect(() => rt.links.get('lo')).toThrow(expect.objectContaining({ name: 'ClosedError' }));
});

test('a namespace that does not exist', async () => {
  await expect(open({ netns: 'no-such-netns' })).rejects.toMatchObject({ name: 'NotFoundError', argument: 'netns' });
});

function withoutTimers(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutTimers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (/_timer$|^(root|bridge)_id$/.test(key) ? [] : [[key, withoutTimers(field)]])),
  );
}
