/** What links listen to, addresses of other namespaces, and taking many addresses away, with ip(8) and /proc as witnesses. */
import { release } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type RtnlClient } from '../../src/rtnl/index.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, sh } from '../support/oracle.ts';

const name = uniqueName('ag');
const where = { netns: name };
let red: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const end of ['v0', 'v1']) ipText(['link', 'set', end, 'addrgenmode', 'none', 'up'], where);
  ipText(['address', 'add', '10.0.0.1/24', 'dev', 'v0'], where);
  ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad'], where);
  // forwarding makes the link listen to the anycast address of its networks
  sh('echo 1 >/proc/sys/net/ipv6/conf/all/forwarding', where);
  rt = await open({ netns: name });
});
afterAll(async () => {
  rt.close();
  await red.delete();
  red.close();
});

test('multicast addresses', async () => {
  const witness = (family: string): string[] =>
    ip(['maddress', 'show', 'dev', 'v0'], where)
      .flatMap(({ maddr }) => maddr)
      .filter((entry) => entry.family === family)
      .map(({ address }) => address)
      .sort();
  const found = await rt.addresses.multicast({ dev: 'v0', family: 'inet6' });
  // a link begins to listen some time after it is up and has an address: by a worker of the kernel's
  const listed = async (family: 'inet' | 'inet6'): Promise<string[]> =>
    (await rt.addresses.multicast({ dev: 'v0', family })).map(({ address }) => address).sort();
  await expect.poll(() => witness('inet6')).toContain('ff02::1:ff00:1');
  expect(await listed('inet6')).toEqual(witness('inet6'));
  expect(found).toContainEqual(
    expect.objectContaining({ family: 'inet6', dev: 'v0', index: ip(['link', 'show', 'v0'], where)[0].ifindex }),
  );
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 15)) {
    expect(await listed('inet')).toEqual(witness('inet'));
    expect((await rt.addresses.multicast({ dev: 'v0' })).map(({ family }) => family)).toContain('inet');
  }
  expect((await rt.addresses.multicast()).map(({ dev }) => dev)).toContain('v1');
  await expect(rt.addresses.multicast({ dev: 'gone' })).rejects.toMatchObject({ name: 'NotFoundError', argument: 'dev' });
});

test('anycast addresses', async () => {
  const lines = (): string[] =>
    sh('cat /proc/net/anycast6', where)
      .trim()
      .split('\n')
      .filter((line) => line.split(/\s+/)[1] === 'v0');
  // once the address is there for good, which a worker of the kernel's sees to
  await expect.poll(lines).toHaveLength(1);
  const found = await rt.addresses.anycast({ dev: 'v0' });
  expect(found).toHaveLength(1);
  expect(found).toContainEqual(expect.objectContaining({ address: 'fd00::', family: 'inet6', dev: 'v0' }));
});

test('the addresses of a namespace by its id', async () => {
  const blue = uniqueName('ag');
  const other = await netns.create(blue);
  try {
    ipText(['link', 'set', 'lo', 'up'], { netns: blue });
    ipText(['netns', 'set', blue, '77'], where);
    expect((await rt.addresses.list({ netnsId: 77, family: 'inet' })).map(({ address }) => address)).toEqual(['127.0.0.1/8']);
    expect((await rt.addresses.list({ netnsId: 77, dev: 1, family: 'inet6' })).map(({ address }) => address)).toEqual(['::1/128']);
    await expect(rt.addresses.list({ netnsId: 78 })).rejects.toMatchObject({ name: 'NetlinkError' });
    await expect(rt.addresses.list({ netnsId: 77, dev: 'lo' })).rejects.toMatchObject({ name: 'InputError', argument: 'dev' });
    await expect(rt.addresses.flush({ netnsId: 77 })).rejects.toMatchObject({ name: 'InputError', argument: 'netnsId' });
  } finally {
    await other.delete();
    other.close();
  }
});

test('flush', async () => {
  for (const address of ['10.1.0.1/24', '10.1.0.2/24', '10.2.0.1/16', 'fd02::1/64']) await rt.addresses.create('v1', address);
  expect(await rt.addresses.flush({ dev: 'v1', to: '10.1.0.0/16' })).toBe(2);
  expect((await rt.addresses.list({ dev: 'v1' })).map(({ address }) => address)).toEqual(['10.2.0.1/16', 'fd02::1/64']);
  expect(await rt.addresses.flush({ dev: 'v1' })).toBe(2);
  expect(await rt.addresses.list({ dev: 'v1' })).toEqual([]);
  expect(await rt.addresses.flush({ dev: 'v1' })).toBe(0);
  expect(await rt.addresses.list({ dev: 'v0', family: 'inet' })).toHaveLength(1);
});
