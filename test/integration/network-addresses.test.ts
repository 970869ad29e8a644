/** Which addresses endpoints get: those that are reserved at run time, and what a store of somebody else's gives out. */
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { network } from 'netloom';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { FileStore } from '../support/file-store.ts';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { ipText } from '../support/oracle.ts';

let host: Space;
let red: Space;
let net: network.Network;
const web = { name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'] };

beforeAll(() => {
  [host, red] = [newSpace('h'), newSpace('r')];
});
const directories: string[] = [];
afterAll(() => {
  deleteSpaces();
  for (const directory of directories) rmSync(directory, { recursive: true });
});
afterEach(async () => {
  await net.delete({ force: true });
});

let count = 0;
const attach = (to: network.Network, more: Partial<network.AttachOptions> = {}): Promise<network.Endpoint> =>
  to.attach({ netns: red, owner: `o${++count}`, ifname: `e${count}`, defaultRoute: false, ...more });

describe('an address that is reserved', () => {
  beforeEach(async () => {
    net = await network.create({ ...web, netns: host });
  });

  test('is got by nobody, whichever process reserved it, until it is given back', async () => {
    await using other = await network.open('web', { netns: host });
    await net.reserve('10.20.0.2');
    await other.reserve('FD00:20::2');
    const inspected = await net.inspect();
    expect(inspected.reserved).toEqual(['10.20.0.2', 'fd00:20::2']);
    expect(inspected.subnets.map(({ taken, free }) => [taken, free])).toEqual([
      [2, 65_532],
      [2, 65_534],
    ]);
    expect(ipText(['link', 'show', 'web'], { netns: host.name })).toContain('altname web@10.20.0.2');
    for (const each of [net, other]) {
      const endpoint = await attach(each);
      expect(endpoint.addresses).not.toContain('10.20.0.2/16');
      expect(endpoint.addresses).not.toContain('fd00:20::2/64');
      await expect(each.reserve(endpoint.addresses[0]!.split('/')[0]!)).rejects.toMatchObject({ code: 'EADDRINUSE', errno: 98 });
      await expect(each.release(endpoint.addresses[0]!.split('/')[0]!)).rejects.toMatchObject({ code: 'EBUSY' });
      await expect(each.reserve('10.20.0.2')).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await expect(attach(each, { addresses: ['10.20.0.2'] })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    }
    expect([await other.release('10.20.0.2'), await net.release('10.20.0.2')]).toEqual([true, false]);
    expect((await attach(net, { addresses: ['10.20.0.2'] })).addresses[0]).toBe('10.20.0.2/16');
  });

  test('is none by the name of a network that is called like this library, nor by one that no link can have', async () => {
    for (const name of ['netloom', 'default']) {
      await using other = await network.create({ name, subnets: ['10.30.0.0/24'], netns: host });
      await other.reserve('10.30.0.2');
      expect((await attach(other)).addresses).toEqual(['10.30.0.3/24']);
      expect((await other.inspect()).reserved).toEqual(['10.30.0.2']);
      await other.delete({ force: true });
    }
  });

  test('is one that an endpoint could have', async () => {
    for (const address of ['10.20.0.1', '10.20.255.255', '10.21.0.1', '10.20.0.2/16', 'x', 7, undefined]) {
      await expect(net.reserve(address as string)).rejects.toMatchObject({ name: 'InputError', argument: 'address' });
      await expect(net.release(address as string)).rejects.toMatchObject({ name: 'InputError', argument: 'address' });
    }
  });

  test('is one of as many as fit on a link, and no more than can still be listed', async () => {
    const all = Array.from({ length: 600 }, (_, i) => `10.20.${1 + (i >> 8)}.${i & 255}`);
    const outcomes = await Promise.allSettled(all.map((address) => net.reserve(address)));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    const { reserved } = await net.inspect();
    expect(reserved).toHaveLength(600 - refused.length);
    expect(reserved.length).toBeGreaterThan(450);
    // older kernels do not count
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'ENOSPC', errno: 28 });
    expect(await net.release(reserved[0]!)).toBe(true);
    await net.reserve(reserved[0]!);
    expect((await attach(net)).addresses).toHaveLength(2);
  });
});

describe('a store', () => {
  let store: FileStore;
  const owners = (): string[] => [...new Set(store.list('web').map(({ owner }) => owner))].sort();
  beforeEach(async () => {
    store = new FileStore();
    directories.push(store.directory);
    net = await network.create({ ...web, netns: host, store });
  });

  test('gives out addresses, to several who attach at once, and gets them back', async () => {
    await using other = await network.open('web', { netns: host, store });
    await net.reserve('10.20.0.51');
    const endpoints = await Promise.all(Array.from({ length: 12 }, (_, i) => attach(i % 2 ? net : other)));
    const addresses = endpoints.flatMap((endpoint) => endpoint.addresses.map((address) => address.split('/')[0]!));
    expect(new Set(addresses).size).toBe(24);
    expect(addresses).not.toContain('10.20.0.51');
    expect(readdirSync(store.directory).sort()).toEqual([...addresses].sort());
    expect(owners()).toEqual(endpoints.map(({ owner }) => owner).sort());
    await Promise.all(endpoints.slice(1).map((endpoint) => endpoint.detach()));
    expect(owners()).toEqual([endpoints[0]!.owner]);
    // what was asked for
    const asked = await attach(net, { addresses: ['10.20.7.7'] });
    expect(asked.addresses[0]).toBe('10.20.7.7/16');
    expect(await other.detach(asked)).toBe(true);
    await net.delete({ force: true });
    expect(owners()).toEqual([]);
    net = await network.create({ ...web, netns: host });
  });

  test('keeps nothing of an attach that fails, and all of an endpoint that is there', async () => {
    const endpoint = await attach(net);
    await expect(attach(net, { ifname: endpoint.ifname })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(owners()).toEqual([endpoint.owner]);
    await expect(attach(net, { owner: endpoint.owner, ifname: endpoint.ifname })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(owners()).toEqual([endpoint.owner]);
    // of which the store does not hear
    const { calls } = store;
    store.calls = [];
    await expect(attach(net, { owner: endpoint.owner, ifname: endpoint.ifname, addresses: ['10.20.7.8'] })).rejects.toMatchObject({
      code: 'EEXIST',
    });
    expect(store.calls).toEqual([]);
    store.calls = calls;
    const abort = new AbortController();
    const allocate = store.allocate.bind(store);
    store.allocate = async (request) => {
      const given = await allocate(request);
      abort.abort();
      return given;
    };
    await expect(attach(net, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(owners()).toEqual([endpoint.owner]);
    store.allocate = async () => Promise.reject(new Error('no connection'));
    await expect(attach(net)).rejects.toThrow('no connection');
    // it has no say in what it gives that is no answer
    for (const answer of [undefined, [], ['10.20.0.9'], ['10.20.0.1', 'fd00:20::9'], ['fd00:20::9', '10.20.0.9'], ['10.20.0.9', 7]]) {
      store.allocate = async () => answer as string[];
      await expect(attach(net)).rejects.toMatchObject({ name: 'InputError', argument: 'store' });
    }
    store.allocate = async () => endpoint.addresses.map((address) => address.split('/')[0]!);
    await expect(attach(net)).rejects.toMatchObject({ code: 'EADDRINUSE', message: expect.stringMatching(/^store: 10\.20\./) });
    expect(ipText(['link', 'show', 'type', 'veth'], { netns: host.name }).match(/^\d+: /gm)).toHaveLength(1);
    await expect(network.open('web', { netns: host, store: {} as network.AddressStore })).rejects.toMatchObject({ argument: 'store' });
  });

  test('gets back what a process that died had asked for, or gives it to the same endpoint again', async () => {
    const subnets = web.subnets.map((subnet) => ({ subnet }));
    // as if it had died right after
    const died = async (owner: string): Promise<string[]> =>
      await store.allocate({ network: 'web', owner, ifname: 'eth0', subnets, taken: [] });
    const first = await died('one');
    await died('two');
    const endpoint = await net.attach({ netns: red, owner: 'one' });
    expect(endpoint.addresses.map((address) => address.split('/')[0])).toEqual(first);
    expect(await net.gc(['one', 'two'])).toEqual({ endpoints: [], incomplete: 0, busy: [] });
    expect(owners()).toEqual(['one']);
    // the endpoint went with its namespace, or without the store
    await network.open('web', { netns: host }).then((other) => other.detach(endpoint).then(() => other.close()));
    expect(owners()).toEqual(['one']);
    expect(await net.detach({ owner: 'one' })).toBe(false);
    expect(owners()).toEqual([]);
    await died('three');
    await network.gc([], { netns: host, store });
    expect(owners()).toEqual([]);
    expect(store.calls.filter((call) => call === 'release three')).toHaveLength(1);
    const plan = await net.plan({ netns: red, owner: 'four' });
    expect([plan.length > 3, owners()]).toEqual([true, []]);
  });
});

/** A process that attaches to the network `gone`, of the same files; of two endpoints the second is the one that it dies of. */
const attachAndDie = `
  const { network, FileStore } = await import(process.env.MODULE);
  const store = new FileStore(process.env.DIRECTORY);
  const net = await network.open('gone', { netns: process.env.HOST, store });
  await net.attach({ netns: process.env.RED, owner: 'whole', ifname: 'w0', defaultRoute: false });
  const allocate = store.allocate.bind(store);
  store.allocate = async (request) => {
    await allocate(request);
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => setInterval(() => {}, 1000));
  };
  await net.attach({ netns: process.env.RED, owner: 'half', ifname: 'h0', defaultRoute: false });
`;

test('a store that tells its networks gets back what endpoints of those that are gone had, whichever process asked for it', async () => {
  const store = new FileStore();
  directories.push(store.directory);
  net = await network.create({ ...web, netns: host, store });
  await using gone = await network.create({ name: 'gone', subnets: ['10.30.0.0/24'], netns: host, store });
  const kept = await attach(net);
  await attach(gone);
  const module = bundledModule("export * from 'netloom'; export * from '../support/file-store.ts';");
  const env = { ...bundledEnvironment, MODULE: module, DIRECTORY: store.directory, HOST: host.name, RED: red.name };
  const child = spawn(process.execPath, ['--input-type=module', '-e', attachAndDie], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)))).toBe('SIGKILL');
  expect(store.list('gone')).toHaveLength(3);
  // nobody tells the store
  ipText(['link', 'delete', 'gone'], { netns: host.name });
  const collected = await network.gc([kept.owner], { netns: host, store });
  expect(collected.busy).toEqual([]);
  expect(store.networks()).toEqual(['web']);
  expect(store.list('web').map(({ owner }) => owner)).toEqual([kept.owner, kept.owner]);
  await kept.detach();
  // what is no answer is said, and the rest is done
  for (const answer of [undefined, 'web', 7, ['web', 7], ['no such name/']]) {
    store.networks = () => answer as string[];
    await store.allocate({ network: 'web', owner: 'x', ifname: 'eth0', subnets: [{ subnet: '10.20.0.0/16' }], taken: [] });
    await expect(network.gc([], { netns: host, store })).rejects.toMatchObject({ name: 'InputError', argument: 'store' });
    expect(store.list('web')).toEqual([]);
  }
  await expect(
    network.gc([], { netns: host, store: Object.assign(new FileStore(store.directory), { networks: 7 }) }),
  ).rejects.toMatchObject({
    argument: 'store',
  });
});
