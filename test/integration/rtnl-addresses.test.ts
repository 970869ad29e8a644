/** Addresses on a real kernel, with ip(8) as witness; every method through both clients. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json } from '../support/oracle.ts';

const name = uniqueName('ra');
const where = { netns: name };

let red: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'set', 'lo', 'up'], where);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const link of ['v0', 'v1']) ipText(['link', 'set', link, 'addrgenmode', 'none', 'up'], where);
});
afterAll(async () => {
  await red.delete();
  red.close();
});
afterEach(() => {
  for (const link of ['v0', 'v1']) ipText(['address', 'flush', 'dev', link], where);
});

/** What `ip` says about the addresses of a link. */
const show = (link = 'v0'): Json[] =>
  ip(['address', 'show', 'dev', link], where)[0].addr_info.filter((info: Json) => Object.keys(info).length > 0);
const one = (local: string): Json => show().find((info) => info.local === local);

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

describe.each(kinds)('%s addresses', (_kind, openClient) => {
  // a method of either returns a value or a promise of it: `await` takes both
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;

  test('create, IPv4', async () => {
    await rt.addresses.create('v0', '10.0.0.1/24');
    expect(one('10.0.0.1')).toMatchObject({ family: 'inet', prefixlen: 24, scope: 'global', label: 'v0', valid_life_time: 4294967295 });
    expect(one('10.0.0.1')).not.toHaveProperty('broadcast');
    await rt.addresses.create('v0', '10.0.1.1/24', {
      broadcast: 'auto',
      label: 'v0:x',
      scope: 'link',
      metric: 50,
      flags: ['noprefixroute'],
    });
    expect(one('10.0.1.1')).toMatchObject({ broadcast: '10.0.1.255', label: 'v0:x', scope: 'link', metric: 50, noprefixroute: true });
    await rt.addresses.create('v0', '10.0.2.1', { peer: '10.0.2.2/30' });
    expect(one('10.0.2.1')).toMatchObject({ address: '10.0.2.2', prefixlen: 30 });
    await rt.addresses.create('v0', '10.0.3.1/24', { validLifetime: 1000, preferredLifetime: 500, protocol: 99 });
    const limited = one('10.0.3.1');
    expect(limited.valid_life_time).toBeGreaterThan(900);
    expect(limited.valid_life_time).toBeLessThanOrEqual(1000);
    expect(limited.preferred_life_time).toBeLessThanOrEqual(500);
    await rt.addresses.create('v0', '127.9.9.9/8');
    expect(one('127.9.9.9').scope).toBe('host');
    await rt.addresses.create('v0', '10.0.4.1', { broadcast: '10.0.4.9' });
    expect(one('10.0.4.1')).toMatchObject({ prefixlen: 32, broadcast: '10.0.4.9' });

    expect(await rt.addresses.get('v0', '10.0.1.1/24')).toMatchObject({
      address: '10.0.1.1/24',
      family: 'inet',
      dev: 'v0',
      index: ip(['link', 'show', 'v0'], where)[0].ifindex,
      broadcast: '10.0.1.255',
      scope: 'link',
      label: 'v0:x',
      flags: ['permanent', 'noprefixroute'],
      metric: 50,
      validLifetime: Number.POSITIVE_INFINITY,
      preferredLifetime: Number.POSITIVE_INFINITY,
    });
    expect(await rt.addresses.get('v0', '10.0.2.1', { peer: '10.0.2.2/30' })).toMatchObject({
      address: '10.0.2.1/32',
      peer: '10.0.2.2/30',
    });
    expect(await rt.addresses.get('v0', '10.0.3.1/24')).toMatchObject({ validLifetime: expect.any(Number), protocol: 99 });
  });

  test('create, IPv6', async () => {
    await rt.addresses.create('v0', 'fd00:0:0::1/64', { flags: ['nodad', 'home'] });
    expect(one('fd00::1')).toMatchObject({ family: 'inet6', prefixlen: 64, scope: 'global', nodad: true, home: true });
    await rt.addresses.create('v0', 'fd01::1', { peer: 'fd01::2/64', flags: ['nodad'] });
    expect(one('fd01::1')).toMatchObject({ address: 'fd01::2', prefixlen: 64 });
    await rt.addresses.create('v0', 'fe80::99/64', { flags: ['nodad'], validLifetime: 2000 });
    expect(one('fe80::99').scope).toBe('link');
    expect(one('fe80::99').preferred_life_time).toBeGreaterThan(1900);
    expect(await rt.addresses.get('v0', 'FD00::1/64')).toMatchObject({
      address: 'fd00::1/64',
      family: 'inet6',
      flags: expect.arrayContaining(['nodad', 'permanent']),
    });
    expect(await rt.addresses.get('v0', 'fd01::1', { peer: 'fd01::2/64' })).toMatchObject({ address: 'fd01::1/128', peer: 'fd01::2/64' });
  });

  test('list', async () => {
    await rt.addresses.create('v0', '10.0.0.1/24');
    await rt.addresses.create('v0', '10.0.0.2/24');
    await rt.addresses.create('v1', '10.0.1.1/24', { label: 'v1:a' });
    await rt.addresses.create('v1', 'fd00::1/64', { flags: ['nodad'] });
    const texts = async (filter?: Parameters<RtnlClient['addresses']['list']>[0]): Promise<string[]> =>
      (await rt.addresses.list(filter)).map((each) => `${each.dev} ${each.address}`);
    expect(await texts()).toEqual(
      ['lo 127.0.0.1/8', 'v1 10.0.1.1/24', 'v0 10.0.0.1/24', 'v0 10.0.0.2/24', 'lo ::1/128', 'v1 fd00::1/64'].sort(
        (a, b) => order(a) - order(b),
      ),
    );
    expect(await texts({ dev: 'v0' })).toEqual(['v0 10.0.0.1/24', 'v0 10.0.0.2/24']);
    expect(await texts({ dev: 'v1', family: 'inet6' })).toEqual(['v1 fd00::1/64']);
    expect(await texts({ family: 'inet', to: '10.0.0.0/16' })).toHaveLength(3);
    expect(await texts({ to: '10.0.1.1' })).toEqual(['v1 10.0.1.1/24']);
    expect((await texts({ scope: 'host' })).sort()).toEqual(['lo 127.0.0.1/8', 'lo ::1/128']);
    expect(await texts({ label: 'v1:a' })).toEqual(['v1 10.0.1.1/24']);
    expect((await rt.addresses.list({ dev: 'v0' }))[1]?.flags).toEqual(['secondary', 'permanent']);
    expect((await rt.addresses.list({ dev: 'lo', family: 'inet6' }))[0]).toMatchObject({ protocol: 'kernel_lo', scope: 'host' });
  });

  test('list, delete, create: the same addresses', async () => {
    ipText(['address', 'add', '10.0.0.1/24', 'brd', '+', 'metric', '7', 'dev', 'v0'], where);
    ipText(['address', 'add', '10.0.0.2/24', 'label', 'v0:2', 'dev', 'v0'], where);
    ipText(['address', 'add', '10.0.2.1', 'peer', '10.0.2.2/30', 'dev', 'v0', 'noprefixroute'], where);
    ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad', 'metric', '9'], where);
    ipText(['address', 'add', 'fd01::1', 'peer', 'fd01::2/64', 'dev', 'v0', 'nodad', 'noprefixroute'], where);
    // IPv6 lists the newest first
    const picture = (): Json[] => show().sort((a, b) => (a.local < b.local ? -1 : 1));
    const before = picture();
    const list = await rt.addresses.list({ dev: 'v0' });
    expect(list).toHaveLength(5);
    for (const address of [...list].reverse()) await rt.addresses.delete('v0', address);
    expect(show()).toEqual([]);
    for (const address of list) await rt.addresses.create('v0', address);
    expect(picture()).toEqual(before);
    // on another link the label is the name of that one
    for (const address of [...list].reverse()) await rt.addresses.delete('v0', address);
    await rt.addresses.create('v1', list[0]!);
    expect(show('v1')[0]).toMatchObject({ local: '10.0.0.1', label: 'v1' });
  });

  test('replace, update', async () => {
    await rt.addresses.replace('v0', '10.0.0.1/24');
    await rt.addresses.replace('v0', '10.0.0.1/24', { validLifetime: 1000, metric: 5 });
    expect(one('10.0.0.1')).toMatchObject({ metric: 5, dynamic: true });
    await rt.addresses.update('v0', '10.0.0.1/24', { validLifetime: Number.POSITIVE_INFINITY });
    expect(one('10.0.0.1').valid_life_time).toBe(4294967295);
    await rt.addresses.replace('v0', 'fd00::1/64', { flags: ['nodad'] });
    await rt.addresses.update('v0', 'fd00::1/64', { flags: ['nodad'], validLifetime: 500, preferredLifetime: 0 });
    expect(one('fd00::1')).toMatchObject({ preferred_life_time: 0, deprecated: true });
    await rejects(() => rt.addresses.update('v0', '10.9.9.9/24', { metric: 1 })).toMatchObject({
      name: 'NotFoundError',
      argument: 'address',
      code: 'ENOENT',
    });
    expect(one('10.9.9.9')).toBeUndefined();
  });

  test('ensure, ensureAbsent', async () => {
    for (const address of ['10.0.0.1/24', 'fd00::1/64']) {
      const local = address.replace(/\/.*/, '');
      const options = { flags: ['nodad'] as const };
      await rt.addresses.ensure('v0', address, options);
      const before = one(local);
      await rt.addresses.ensure('v0', address, options);
      expect(one(local)).toEqual(before);
      await rt.addresses.ensure('v0', address, { ...options, metric: 77 });
      expect(one(local).metric).toBe(77);
      await rt.addresses.ensureAbsent('v0', address);
      await rt.addresses.ensureAbsent('v0', address);
      expect(one(local)).toBeUndefined();
    }
    await rt.addresses.ensureAbsent('nosuch', '10.0.0.1/24');
  });

  test('refusals', async () => {
    await rt.addresses.create('v0', '10.0.0.1/24');
    await rejects(() => rt.addresses.create('v0', '10.0.0.1/24')).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      syscall: 'RTM_NEWADDR',
      subject: '10.0.0.1/24 on link "v0"',
    });
    await rejects(() => rt.addresses.delete('v0', '10.0.0.1/25')).toMatchObject({ name: 'NetlinkError', code: 'EADDRNOTAVAIL' });
    await rejects(() => rt.addresses.delete('v0', 'fd00::1/64')).toMatchObject({ code: 'EADDRNOTAVAIL' });
    await rejects(() => rt.addresses.get('v0', '10.0.0.9/24')).toMatchObject({
      name: 'NotFoundError',
      code: 'ENOENT',
      message: expect.stringContaining('10.0.0.9/24 on link "v0"'),
    });
    await rejects(() => rt.addresses.create('nosuch', '10.0.0.1/24')).toMatchObject({ name: 'NotFoundError', argument: 'link' });
    await rejects(() => rt.addresses.create(99999, '10.0.0.1/24')).toMatchObject({ name: 'NotFoundError', argument: 'link' });
    await rejects(() => rt.addresses.list({ dev: 99999 })).toMatchObject({ name: 'NotFoundError', argument: 'dev' });
    await rejects(() => rt.addresses.create('v0', 'ff02::1/64')).toMatchObject({ name: 'NetlinkError' });
  });
});

/** The kernel lists IPv4 before IPv6, each by link. */
function order(text: string): number {
  const [dev = '', address = ''] = text.split(' ');
  return (address.includes(':') ? 100 : 0) + ip(['link', 'show', dev], where)[0].ifindex * 10 + (address.includes('.2/') ? 1 : 0);
}
