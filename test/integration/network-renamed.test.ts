/** Networks whose links somebody gives other names, and one that was half removed: what is recorded tells what they are. ip and nft are the witnesses. */
import { network } from 'netloom';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { ip, ipText, type Json, nftText } from '../support/oracle.ts';

let host: Space;
let red: Space;
beforeAll(() => {
  host = newSpace('h');
  red = newSpace('r');
});
afterEach(async () => {
  await network.gc([], { netns: host });
  for (const { name } of await network.list({ netns: host })) await network.delete(name, { netns: host, force: true });
});
afterAll(deleteSpaces);

const onHost = (...command: string[]): string => ipText(command, { netns: host.name });
const links = (): string[] => ip(['link', 'show'], { netns: host.name }).map(({ ifname }: Json) => ifname);
const rename = (from: string, to: string): string => onHost('link', 'set', from, 'name', to);

test.each(['bridge', 'ptp', 'macvlan'] as const)('%s: an endpoint is found by what is recorded on its link', async (driver) => {
  onHost('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
  const options = { name: 'web', driver, subnets: ['10.81.0.0/24'], netns: host };
  await using net = await network.create(driver === 'macvlan' ? { ...options, parent: 'up0' } : options);
  const before = links();
  const attach = async (owner: string) => await net.attach({ netns: red, owner });
  const endpoint = await attach('c');
  const { hostLink } = endpoint;
  rename(hostLink, 'theirs');
  expect((await net.inspect()).endpoints).toMatchObject([{ owner: 'c', hostLink: 'theirs', addresses: ['10.81.0.2'] }]);
  expect(await endpoint.check()).toEqual([`its link on the host is called "theirs", not ${hostLink}`]);
  for (const call of [() => attach('c'), () => net.plan({ netns: red, owner: 'c' })])
    await expect(call()).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await network.gc(['c'], { netns: host })).toEqual({ endpoints: [], incomplete: 0, busy: [] });
  await expect(net.delete()).rejects.toMatchObject({ code: 'EBUSY' });
  expect(links()).toContain('theirs');
  expect(await network.gc([], { netns: host })).toMatchObject({ endpoints: [{ owner: 'c' }], incomplete: 0 });
  expect(links()).not.toContain('theirs');
  expect(ip(['link', 'show'], { netns: red.name })).toHaveLength(1);

  rename((await attach('c')).hostLink, 'theirs');
  expect(await net.detach({ owner: 'c' })).toBe(true);
  expect(await net.detach({ owner: 'c' })).toBe(false);
  expect(links()).toEqual(before);
  expect(ip(['link', 'show'], { netns: red.name })).toHaveLength(1);
  onHost('link', 'delete', 'up0');
});

test('a bridge may be renamed under an open network', async () => {
  await using net = await network.create({ name: 'web', subnets: ['10.82.0.0/24'], isolate: true, netns: host });
  const endpoint = await net.attach({ netns: red, owner: 'c' });
  rename('web', 'br.7');
  await endpoint.publish([{ hostPort: 8080, containerPort: 80 }]);
  expect(host.sysctl.getSync('net.ipv4.conf.br/7.route_localnet')).toBe('1');
  // kept from others as before
  expect(nftText({ netns: host.name })).toMatch(/iif "br\.7" oif != "br\.7" oifgroup 1852600173 /);
  expect(await endpoint.check()).toEqual([]);
  expect(await network.list({ netns: host })).toMatchObject([{ name: 'web', link: 'br.7' }]);
  await endpoint.detach();
  await net.delete();
  expect(links()).toEqual(['lo']);
  expect(nftText({ netns: host.name })).toBe('');
});

test('so may the link that endpoints are on top of', async () => {
  onHost('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
  await using net = await network.create({ name: 'lan', driver: 'macvlan', parent: 'up0', subnets: ['10.83.0.0/24'], netns: host });
  rename('up0', 'up7');
  await net.attach({ netns: red, owner: 'c' });
  await using anew = await network.open('lan', { netns: host });
  expect(anew.info).not.toHaveProperty('parentIndex');
  await anew.detach({ owner: 'c' });
  onHost('link', 'delete', 'up7');
  await expect(net.attach({ netns: red, owner: 'c' })).rejects.toMatchObject({ name: 'NotFoundError', argument: 'parent' });
});

test('what a killed deletion has left is deleted by another one, and nobody takes it for a network', async () => {
  const net = await network.create({ name: 'web', subnets: ['10.84.0.0/24'], masquerade: true, isolate: true, netns: host });
  net.close();
  // the first thing that deleting takes away
  onHost('link', 'set', 'web', 'alias', '');
  await expect(network.open('web', { netns: host })).rejects.toMatchObject({
    name: 'NotFoundError',
    message: expect.stringContaining('half removed'),
  });
  expect(await network.list({ netns: host })).toEqual([]);
  await network.delete('web', { netns: host });
  expect(links()).toEqual(['lo']);
  expect(nftText({ netns: host.name })).toBe('');
  await expect(network.delete('web', { netns: host })).rejects.toMatchObject({ name: 'NotFoundError' });
});
