/** Saving and restoring routes, flushing them, the verbs beyond create, and multicast routes, with ip(8) as witness. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type RtnlClient, readSavedRoutes } from '../../src/rtnl/index.ts';
import { mapsUsers } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, sh } from '../support/oracle.ts';
import { ownFfi } from '../support/own-ffi.ts';

const name = uniqueName('rt');
const where = { netns: name };
const folder = mkdtempSync(join(tmpdir(), 'netloom-routes-'));
const file = join(folder, 'saved');
let red: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'set', 'lo', 'up'], where);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const end of ['v0', 'v1']) ipText(['link', 'set', end, 'addrgenmode', 'none', 'up'], where);
  ipText(['address', 'add', '10.0.0.1/24', 'dev', 'v0'], where);
  ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad'], where);
  rt = await open({ netns: name });
});
afterAll(async () => {
  rt.close();
  await red.delete();
  red.close();
  rmSync(folder, { recursive: true });
});
const clear = async (): Promise<void> => {
  for (const protocol of ['boot', 'static', 'bgp'] as const) await rt.routes.flush({ table: 'all', protocol });
};
afterEach(clear);

const show = (): Json[] =>
  ['-4', '-6'].flatMap((family) => ip([family, 'route', 'show', 'table', 'all'], where)).filter((route) => route.protocol !== 'kernel');

const routes = [
  '-4 route add default via 10.5.0.254',
  '-4 route add 10.5.0.0/16 dev v0 scope link',
  '-4 route add 10.6.0.0/16 via 10.0.0.2 metric 5 mtu lock 1400 rto_min 200ms advmss 1000 features ecn congctl reno',
  '-4 route add 10.7.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3 encap ip id 5 dst 10.0.0.9 dev v0',
  '-4 route add 10.8.0.0/16 via inet6 fd00::2 dev v0',
  '-4 route add blackhole 10.9.0.0/16 table 1000',
  '-6 route add fd01::/64 via fd00::2 pref high',
  '-6 route add fd02::/64 from fd03::/64 via fd00::2',
  '-6 route add fd04::/64 encap seg6 mode encap segs fc00::1 via fd00::2',
];
/** `default` is by a network that comes after it in a listing, as ip(8) would refuse at first. */
const fill = (): void => {
  for (const command of [...routes.slice(1), routes[0]!]) ipText(command.split(' '), where);
};

describe('save and restore', () => {
  test('as plain data that survives JSON', async () => {
    fill();
    const before = show();
    const saved = JSON.parse(JSON.stringify(await rt.routes.save({ table: 'all', protocol: 'boot' })));
    expect(saved).toHaveLength(routes.length);
    await clear();
    expect(show()).toEqual([]);
    expect(await rt.routes.restore(saved)).toBe(routes.length);
    expect(show()).toEqual(before);
    expect(await rt.routes.restore(saved)).toBe(0);
    expect(show()).toEqual(before);
  });

  test('attributes without a declaration are in it', async () => {
    const unknown = [{ type: 99, data: Uint8Array.of(1, 2, 3) }];
    const [route] = await rt.routes.list({ to: '10.0.0.0/24' });
    const encap = { type: 'other', number: 77, data: Uint8Array.of(9, 8) } as const;
    const revived: unknown = JSON.parse(
      JSON.stringify([{ ...route, unknown, encap }])
        .replaceAll('{"0":1,"1":2,"2":3}', '{"hex":"010203"}')
        .replaceAll('{"0":9,"1":8}', '{"hex":"0908"}'),
    );
    await expect(rt.routes.restore(revived as never)).rejects.toMatchObject({ syscall: 'RTM_NEWROUTE' });
  });

  test.each(['-4', '-6'])('the bytes of ip route save %s', async (family) => {
    fill();
    const before = show();
    sh(`ip ${family} route save table all proto boot >${file}`, where);
    const theirs = readFileSync(file);
    const ours = await rt.routes.saveBytes({ family: family === '-4' ? 'inet' : 'inet6', table: 'all', protocol: 'boot' });
    expect(bare(ours)).toBe(bare(theirs));
    expect(readSavedRoutes(theirs)).toEqual(readSavedRoutes(ours));
    await rt.routes.flush({ family: family === '-4' ? 'inet' : 'inet6', table: 'all', protocol: 'boot' });
    expect(await rt.routes.restore(theirs)).toBe(family === '-4' ? 6 : 3);
    expect(show()).toEqual(before);
    // and theirs from ours
    await rt.routes.flush({ family: family === '-4' ? 'inet' : 'inet6', table: 'all', protocol: 'boot' });
    writeFileSync(file, ours);
    sh(`ip ${family} route restore <${file}`, where);
    expect(show()).toEqual(before);
  });

  test('what cannot be restored whole is not restored in part', async () => {
    fill();
    const saved = await rt.routes.save({ table: 'all', protocol: 'boot' });
    await clear();
    const broken = [...saved, { ...saved[1]!, to: '10.99.0.0/16', via: '10.98.0.1' }];
    await expect(rt.routes.restore(broken)).rejects.toMatchObject({ name: 'NetlinkError', syscall: 'RTM_NEWROUTE' });
    expect(show()).toEqual([]);
    await expect(rt.routes.restore([...saved, { ...saved[0]!, via: 'nowhere' }])).rejects.toMatchObject({
      name: 'InputError',
      argument: `saved[${saved.length}].via`,
    });
    await expect(rt.routes.restore([...saved, { ...saved[1]!, dev: 'gone' }])).rejects.toMatchObject({
      name: 'NotFoundError',
      argument: `saved[${saved.length}].dev`,
    });
    expect(show()).toEqual([]);
    for (const bad of [
      new Uint8Array(0),
      Uint8Array.of(1, 2, 3, 4),
      Buffer.from('2412314510000000180000000000000000000000', 'hex').subarray(0, 10),
      'saved',
      5,
    ])
      await expect(rt.routes.restore(bad as never)).rejects.toMatchObject({ name: 'InputError', argument: 'saved' });
  });
});

/** Saved bytes without the sequence numbers and port ids of the conversation. */
function bare(saved: Uint8Array): string {
  const copy = Buffer.from(saved);
  for (let at = 4; at < copy.length; at += (copy.readUInt32LE(at) + 3) & ~3) {
    // ip(8) keeps NLM_F_DUMP_FILTERED
    copy.writeUInt16LE(0, at + 6);
    copy.fill(0, at + 8, at + 16);
  }
  return copy.toString('hex');
}

test('prepend, append and change', async () => {
  const gateways = (): string[] => ip(['route', 'show', '10.6.0.0/16'], where).map(({ gateway }) => gateway);
  await expect(rt.routes.change({ to: '10.6.0.0/16', via: '10.0.0.2' })).rejects.toMatchObject({ code: 'ENOENT' });
  await rt.routes.create({ to: '10.6.0.0/16', via: '10.0.0.2' });
  await rt.routes.append({ to: '10.6.0.0/16', via: '10.0.0.3' });
  await rt.routes.prepend({ to: '10.6.0.0/16', via: '10.0.0.4' });
  expect(gateways()).toEqual(['10.0.0.4', '10.0.0.2', '10.0.0.3']);
  await rt.routes.change({ to: '10.6.0.0/16', via: '10.0.0.5' });
  expect(gateways()).toEqual(['10.0.0.5', '10.0.0.2', '10.0.0.3']);
});

test('filters go together, and flush takes what they describe', async () => {
  fill();
  await rt.routes.create({ to: '10.6.0.0/16', via: '10.0.0.3', metric: 6, metrics: { hoplimit: 7, mtu: 1300 } });
  expect(await rt.routes.list({ to: '10.6.0.0/16', metric: 6 })).toMatchObject([{ metrics: { hoplimit: 7, mtu: 1300 } }]);
  expect(await rt.routes.list({ to: '10.6.0.0/16', metric: 7 })).toEqual([]);
  expect(await rt.routes.list({ to: '10.6.0.0/16', via: '10.0.0.2', metric: 6 })).toEqual([]);
  expect(await rt.routes.list({ source: '10.0.0.1', protocol: 'kernel' })).toHaveLength(1);
  expect(await rt.routes.flush({ to: '10.6.0.0/16' })).toBe(2);
  expect(await rt.routes.flush({ family: 'inet', table: 1000 })).toBe(1);
  expect(await rt.routes.flush({ family: 'inet6' })).toBe(3);
  expect(await rt.routes.flush()).toBe(4);
  expect(show()).toEqual([]);
  // the kernel's own are there still
  expect(await rt.routes.list({ protocol: 'kernel' })).not.toEqual([]);
});

test('lookup by everything', async () => {
  await rt.rules.create({ priority: 10, ipProto: 'tcp', dport: 443, table: 100 });
  if (mapsUsers) await rt.rules.create({ priority: 11, uidRange: 4711, table: 100 });
  await rt.rules.create({ priority: 12, mark: 7, table: 100 });
  try {
    await rt.routes.create({ to: 'default', via: '10.0.0.9', table: 100 });
    await rt.routes.create({ to: 'default', via: '10.0.0.8' });
    const via = async (options: object): Promise<string | undefined> => (await rt.routes.lookup('192.0.2.1', options)).via;
    expect(await via({})).toBe('10.0.0.8');
    expect(await via({ ipProto: 'tcp', sport: 1024, dport: 443 })).toBe('10.0.0.9');
    expect(await via({ ipProto: 'tcp', dport: 80 })).toBe('10.0.0.8');
    if (mapsUsers) expect(await via({ uid: 4711 })).toBe('10.0.0.9');
    expect(await via({ mark: 7 })).toBe('10.0.0.9');
    expect(await via({ oif: 'v0', from: '10.0.0.1', tos: 0x10 })).toBe('10.0.0.8');
    expect(await rt.routes.lookup('192.0.2.1', { mark: 7, fibMatch: true })).toMatchObject({ to: 'default', table: 100 });
    for (const [argument, options] of [
      ['ipProto', { ipProto: 'smoke' }],
      ['sport', { sport: 70_000 }],
      ['mark', { mark: -1 }],
      ['uid', { uid: 'root' }],
      ['flowLabel', { flowLabel: 5 }],
    ] as const)
      await expect(rt.routes.lookup('192.0.2.1', options as never)).rejects.toMatchObject({ name: 'InputError', argument });
  } finally {
    await rt.rules.flush();
  }
});

test('multicast routes', async () => {
  const libc = ownFfi().load(null);
  const socket = libc.func('int socket(int, int, int)');
  const setsockopt = libc.func('int setsockopt(int, int, int, void *, unsigned int)');
  const close = libc.func('int close(int)');
  const fd: number = red.run(() => socket(2, 3, 2));
  expect(fd).toBeGreaterThanOrEqual(0);
  try {
    const index = (dev: string): number => ip(['link', 'show', dev], where)[0].ifindex;
    // MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC: include/uapi/linux/mroute.h
    expect(setsockopt(fd, 0, 200, Buffer.from([1, 0, 0, 0]), 4)).toBe(0);
    for (const [vif, dev] of ['v0', 'v1'].entries()) {
      const vifctl = Buffer.alloc(16);
      vifctl.writeUInt16LE(vif, 0);
      vifctl[2] = 0x8; // VIFF_USE_IFINDEX
      vifctl[3] = 1;
      vifctl.writeUInt32LE(index(dev), 8);
      expect(setsockopt(fd, 0, 202, vifctl, vifctl.length)).toBe(0);
    }
    const mfcctl = Buffer.alloc(60);
    mfcctl.set([10, 0, 0, 7], 0);
    mfcctl.set([239, 1, 2, 3], 4);
    mfcctl.writeUInt16LE(0, 8);
    mfcctl[10 + 1] = 5;
    expect(setsockopt(fd, 0, 204, mfcctl, mfcctl.length)).toBe(0);
    expect(ipText(['mroute', 'show'], where)).toMatch(/\(10\.0\.0\.7,239\.1\.2\.3\)\s+Iif: v0\s+Oifs: v1/);
    expect(await rt.routes.multicast()).toEqual([
      {
        family: 'inet',
        group: '239.1.2.3',
        source: '10.0.0.7',
        iif: 'v0',
        iifIndex: index('v0'),
        oifs: [{ dev: 'v1', devIndex: index('v1'), ttl: 5 }],
        table: 'default',
        statistics: { packets: 0, bytes: 0, wrongIf: 0 },
      },
    ]);
    expect(await rt.routes.multicast({ family: 'inet6' })).toEqual([]);
  } finally {
    close(fd);
  }
});
