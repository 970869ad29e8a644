/** Neighbor tables, settings of IP, address labels and ids of namespaces on a real kernel, with ip(8) as witness. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, sh } from '../support/oracle.ts';

const name = uniqueName('rs');
const other = uniqueName('ro');
const where = { netns: name };
const index: Record<string, number> = {};

let red: netns.Netns;
let blue: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  blue = await netns.create(other);
  ipText(['link', 'set', 'lo', 'up'], where);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const end of ['v0', 'v1']) ipText(['link', 'set', end, 'up'], where);
  for (const link of ip(['link', 'show'], where)) index[link.ifname] = link.ifindex;
});
afterAll(async () => {
  for (const handle of [red, blue]) {
    await handle.delete();
    handle.close();
  }
});

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

describe.each(kinds)('%s', (kind, openClient) => {
  // a method of either returns a value or a promise of it: `await` takes both
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;

  describe('neighbor tables', () => {
    const show = (...args: string[]): Json[] => ip(['ntable', 'show', ...args], where);

    test('list', async () => {
      const all = await rt.neighborTables.list();
      const witness = show();
      expect(all.map(({ name: table, dev }) => [table, dev])).toEqual(
        expect.arrayContaining(witness.map((entry) => [entry.name, entry.dev])),
      );
      expect(all.length).toBe(witness.length);
      const ours = all.find(({ name: table, dev }) => table === 'arp_cache' && dev === 'v0')!;
      const theirs = witness.find((entry) => entry.name === 'arp_cache' && entry.dev === 'v0');
      expect(ours).toMatchObject({
        family: 'inet',
        devIndex: index['v0'],
        parameters: {
          baseReachableTime: theirs.base_reachable,
          retransmitTime: theirs.retrans,
          gcStaleTime: theirs.gc_stale,
          delayProbeTime: theirs.delay_probe,
          unicastProbes: theirs.ucast_probes,
          multicastProbes: theirs.mcast_probes,
          anycastDelay: theirs.anycast_delay,
          proxyDelay: theirs.proxy_delay,
          proxyQueueLength: theirs.proxy_queue,
          lockTime: theirs.locktime,
        },
      });
      const table = all.find((entry) => entry.name === 'ndisc_cache' && entry.devIndex === undefined)!;
      expect(table).toMatchObject({
        family: 'inet6',
        thresh1: expect.any(Number),
        config: { keyLength: 16 },
        stats: { lookups: expect.any(Number) },
      });
      expect((await rt.neighborTables.list({ dev: 'v0' })).length).toBe(2);
      expect((await rt.neighborTables.list({ family: 'inet', dev: 'v0' })).length).toBe(1);
      expect((await rt.neighborTables.list({ name: 'ndisc_cache', dev: 'v0' })).length).toBe(1);
    });

    test('update', async () => {
      const parameters = {
        baseReachableTime: 22_000,
        retransmitTime: 1_500,
        gcStaleTime: 61_000,
        delayProbeTime: 7_000,
        queueBytes: 40_960,
        appProbes: 1,
        unicastProbes: 4,
        multicastProbes: 5,
        anycastDelay: 900,
        proxyDelay: 700,
        proxyQueueLength: 60,
        lockTime: 2_000,
        multicastReprobes: 2,
      };
      await rt.neighborTables.update({ name: 'arp_cache', dev: 'v0', parameters });
      expect(show('name', 'arp_cache', 'dev', 'v0')[0]).toMatchObject({
        base_reachable: 22_000,
        retrans: 1_500,
        gc_stale: 61_000,
        delay_probe: 7_000,
        app_probes: 1,
        ucast_probes: 4,
        mcast_probes: 5,
        anycast_delay: 900,
        proxy_delay: 700,
        proxy_queue: 60,
        locktime: 2_000,
      });
      const [found] = await rt.neighborTables.list({ name: 'arp_cache', dev: 'v0' });
      expect(found!.parameters).toMatchObject(parameters);
      // what a list returns is accepted
      await rt.neighborTables.update({ ...found!, parameters: { ...found!.parameters, lockTime: 1_000 } });
      expect(show('name', 'arp_cache', 'dev', 'v0')[0].locktime).toBe(1_000);
      const { reachable: _byChance, ...before } = show('name', 'arp_cache', 'dev', 'v0')[0];
      const [listed] = await rt.neighborTables.list({ name: 'arp_cache', dev: 'v0' });
      const other = { baseReachableTime: 9_000, retransmitTime: 900, queueBytes: 4_096, unicastProbes: 1, proxyQueueLength: 9 };
      await rt.neighborTables.update({ name: 'arp_cache', dev: 'v0', parameters: other });
      expect(show('name', 'arp_cache', 'dev', 'v0')[0]).not.toMatchObject(before);
      await rt.neighborTables.update(listed!);
      expect(show('name', 'arp_cache', 'dev', 'v0')[0]).toMatchObject(before);
      await rejects(() => rt.neighborTables.update({ name: 'no_cache', parameters: { lockTime: 1 } })).toMatchObject({ code: 'ENOENT' });
      await rejects(() => rt.neighborTables.update({ name: 'arp_cache', dev: 'none0', parameters: { lockTime: 1 } })).toMatchObject({
        name: 'NotFoundError',
        argument: 'dev',
      });
    });

    test('bad input', async () => {
      // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
      const bad: [any, string][] = [
        [{}, 'name'],
        [{ name: '' }, 'name'],
        [{ name: 'arp_cache', family: 'ip' }, 'family'],
        [{ name: 'arp_cache', thresh1: -1 }, 'thresh1'],
        [{ name: 'arp_cache', thresh2: 2 ** 32 }, 'thresh2'],
        [{ name: 'arp_cache', thresh3: 0.5 }, 'thresh3'],
        [{ name: 'arp_cache', gcInterval: '1' }, 'gcInterval'],
        [{ name: 'arp_cache', dev: 'v0', thresh1: 5 }, 'thresh1'],
        [{ name: 'arp_cache', devIndex: 0 }, 'devIndex'],
        [{ name: 'arp_cache', parameters: { locktime: 5 } }, 'parameters.locktime'],
        [{ name: 'arp_cache', parameters: 5 }, 'parameters'],
        [{ name: 'arp_cache', parameters: { lockTime: -5 } }, 'parameters.lockTime'],
        [{ name: 'arp_cache', params: {} }, 'params'],
      ];
      for (const [changes, argument] of bad)
        await rejects(() => rt.neighborTables.update(changes)).toMatchObject({ name: 'InputError', argument });
      // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
      await rejects(() => rt.neighborTables.list({ table: 'x' } as any)).toMatchObject({ name: 'InputError', argument: 'table' });
    });
  });

  test('settings of IP', async () => {
    sh(
      'echo 1 > /proc/sys/net/ipv4/conf/v0/forwarding; echo 2 > /proc/sys/net/ipv4/conf/v0/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/v0/proxy_arp',
      where,
    );
    const witness: Json[] = ['-4', '-6'].flatMap((family) => ip([family, 'netconf'], where));
    const all = (await rt.netconf.list()).filter(({ family }) => family !== 'mpls');
    expect(all.map(({ family, dev }) => `${family} ${dev}`).sort()).toEqual(
      witness.map((entry) => `${entry.family} ${entry.interface}`).sort(),
    );
    expect(await rt.netconf.get('v0')).toEqual({
      family: 'inet',
      dev: 'v0',
      devIndex: index['v0'],
      forwarding: true,
      rpFilter: 'loose',
      mcForwarding: false,
      proxyNeigh: true,
      ignoreRoutesWithLinkdown: false,
      bcForwarding: false,
    });
    for (const { family, dev, forwarding } of all)
      expect(forwarding).toBe(witness.find((entry) => entry.family === family && entry.interface === dev).forwarding);
    expect(await rt.netconf.get('all', { family: 'inet6' })).toMatchObject({ family: 'inet6', dev: 'all', forwarding: false });
    expect((await rt.netconf.get('default')).devIndex).toBeUndefined();
    expect((await rt.netconf.list({ dev: 'v0' })).map(({ family }) => family)).toEqual(expect.arrayContaining(['inet', 'inet6']));
    expect((await rt.netconf.list({ family: 'inet6', dev: 'default' })).length).toBe(1);
    await rejects(() => rt.netconf.get('none0')).toMatchObject({ name: 'NotFoundError', argument: 'dev' });
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    await rejects(() => rt.netconf.get('v0', { family: 'ipx' as any })).toMatchObject({ name: 'InputError', argument: 'family' });
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    await rejects(() => rt.netconf.list({ familly: 'inet' } as any)).toMatchObject({ name: 'InputError', argument: 'familly' });
  });

  test('address labels', async () => {
    const show = (): Json[] => ip(['addrlabel', 'list'], where);
    const text = ({ address, prefixlen, label, ifname }: Json): string => `${address}/${prefixlen} ${label} ${ifname ?? ''}`;
    const ours = async (): Promise<string[]> =>
      (await rt.addressLabels.list()).map(({ prefix, label, dev }) => `${prefix} ${label} ${dev ?? ''}`).sort();
    expect(await ours()).toEqual(show().map(text).sort());
    await rt.addressLabels.create({ prefix: 'fd00::/8', label: 99 });
    await rt.addressLabels.create({ prefix: 'fd00::/8', label: 98, dev: 'v0' });
    expect(show().map(text)).toEqual(expect.arrayContaining(['fd00::/8 99 ', 'fd00::/8 98 v0']));
    expect(await ours()).toEqual(show().map(text).sort());
    expect(await rt.addressLabels.get({ prefix: 'fd00::/8', devIndex: index['v0']! })).toEqual({
      prefix: 'fd00::/8',
      label: 98,
      dev: 'v0',
      devIndex: index['v0'],
    });
    expect(await rt.addressLabels.lookup('fd00::1')).toMatchObject({ prefix: 'fd00::/8', label: 99 });
    expect(await rt.addressLabels.lookup('fd00::1', { dev: 'v0' })).toMatchObject({ label: 98 });
    expect((await rt.addressLabels.list({ dev: 'v0' })).length).toBe(1);
    expect((await rt.addressLabels.list({ label: 99 })).length).toBe(1);
    await rejects(() => rt.addressLabels.create({ prefix: 'fd00::/8', label: 1 })).toMatchObject({ code: 'EEXIST' });
    await rt.addressLabels.replace({ prefix: 'fd00::/8', label: 97 });
    await rt.addressLabels.ensure({ prefix: 'fd00::/8', label: 97 });
    await rt.addressLabels.ensure({ prefix: 'fd00::/8', label: 96 });
    expect(show().map(text)).toContain('fd00::/8 96 ');
    // list, delete and create again give the same
    const before = show().map(text).sort();
    const all = await rt.addressLabels.list();
    for (const label of all) await rt.addressLabels.delete(label);
    expect(show()).toEqual([]);
    for (const label of all) await rt.addressLabels.create(label);
    expect(show().map(text).sort()).toEqual(before);
    await rt.addressLabels.delete({ prefix: 'fd00::/8' });
    await rejects(() => rt.addressLabels.delete({ prefix: 'fd00::/8' })).toMatchObject({ code: 'ESRCH' });
    await rejects(() => rt.addressLabels.get({ prefix: 'fd00::/8' })).toMatchObject({ name: 'NotFoundError', code: 'ESRCH' });
    await rt.addressLabels.ensureAbsent({ prefix: 'fd00::/8' });
    await rt.addressLabels.ensureAbsent({ prefix: 'fd00::/8', dev: 'none0' });
    await rt.addressLabels.ensureAbsent({ prefix: 'fd00::/8', dev: 'v0' });
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    const bad: [any, string][] = [
      [{ label: 1 }, 'prefix'],
      [{ prefix: '10.0.0.0/8', label: 1 }, 'prefix'],
      [{ prefix: 'fd00::1/8', label: 1 }, 'prefix'],
      [{ prefix: 'fd00::/8' }, 'label'],
      [{ prefix: 'fd00::/8', label: 2 ** 32 - 1 }, 'label'],
      [{ prefix: 'fd00::/8', label: 1, devIndex: -1 }, 'devIndex'],
      [{ prefix: 'fd00::/8', label: 1, link: 'v0' }, 'link'],
    ];
    for (const [spec, argument] of bad) await rejects(() => rt.addressLabels.create(spec)).toMatchObject({ name: 'InputError', argument });
    await rejects(() => rt.addressLabels.lookup('10.0.0.1')).toMatchObject({ name: 'InputError', argument: 'address' });
  });

  test('ids of namespaces', async () => {
    const fresh = uniqueName('rx');
    await using third = await netns.create(fresh);
    try {
      const show = (): Json[] => ip(['netns', 'list-id'], where);
      await rejects(() => rt.netnsIds.get(fresh)).toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
      const wanted = kind === 'async' ? 7 : 9;
      expect(await rt.netnsIds.create(fresh, { nsid: wanted })).toEqual({ nsid: wanted });
      expect(show()).toContainEqual({ nsid: wanted, name: fresh });
      expect(await rt.netnsIds.get(third)).toEqual({ nsid: wanted });
      expect(await rt.netnsIds.get({ nsid: wanted })).toEqual({ nsid: wanted });
      await rejects(() => rt.netnsIds.create(third)).toMatchObject({ code: 'EEXIST' });
      await rejects(() => rt.netnsIds.get({ nsid: 77 })).toMatchObject({ name: 'NotFoundError', argument: 'netns' });
      const { nsid } = await rt.netnsIds.ensure(other);
      expect(await rt.netnsIds.ensure(other)).toEqual({ nsid });
      await rejects(() => rt.netnsIds.ensure(other, { nsid: nsid + 50 })).toMatchObject({ code: 'EEXIST' });
      expect((await rt.netnsIds.list()).map((id) => id.nsid).sort()).toEqual(
        show()
          .map((id) => id.nsid)
          .sort(),
      );
      // ids of the other namespace, and the id here of the namespace they are of
      using there = openSync({ netns: other });
      const back = there.netnsIds.ensure(fresh);
      expect(await rt.netnsIds.list({ target: nsid })).toEqual(expect.arrayContaining([{ nsid: back.nsid, currentNsid: wanted }]));
      expect(await rt.netnsIds.get(fresh, { target: nsid })).toEqual({ nsid: back.nsid, currentNsid: wanted });
      // what a list returns is accepted: the ids of one namespace, given in another, look the same there
      await using copy = await netns.create(uniqueName('rc'));
      try {
        const listed = await rt.netnsIds.get(fresh, { target: nsid });
        using elsewhere = openSync({ netns: copy });
        elsewhere.netnsIds.create(fresh, listed);
        expect(ip(['netns', 'list-id'], { netns: (copy as { name?: string }).name! })).toEqual([{ nsid: back.nsid, name: fresh }]);
      } finally {
        await copy.delete();
      }
      // by process
      expect((await rt.netnsIds.ensure(process.pid)).nsid).toBeGreaterThanOrEqual(0);
      // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
      const bad: [any, any, string][] = [
        [undefined, {}, 'netns'],
        [fresh, { nsid: -1 }, 'nsid'],
        [fresh, { nsid: 1.5 }, 'nsid'],
        [fresh, { id: 1 }, 'id'],
      ];
      for (const [ref, options, argument] of bad)
        await rejects(() => rt.netnsIds.create(ref, options)).toMatchObject({ name: 'InputError', argument });
      await rejects(() => rt.netnsIds.list({ target: -1 })).toMatchObject({ name: 'InputError', argument: 'target' });
      await rejects(() => rt.netnsIds.get({ nsid: -1 })).toMatchObject({ name: 'InputError', argument: 'netns.nsid' });
    } finally {
      await third.delete();
    }
  });
});
