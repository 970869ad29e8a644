/** Networks when something fails on the way: whatever it is, nothing is left, or what is left is found and cleared away. */
import { createServer } from 'node:net';
import { createVethPair, netns, network } from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { interferedWith } from '../support/faults.ts';
import { deleteSpaces, newSpace, picture, type Space } from '../support/network.ts';
import { ip, ipText, ping, sh } from '../support/oracle.ts';

let host: Space;
let red: Space;
beforeEach(() => {
  host = newSpace('h');
  red = newSpace('r');
});
afterEach(deleteSpaces);

const both = ['10.20.0.0/24', 'fd00:20::/64'];
const linksOfHost = (): string[] => ip(['link', 'show'], { netns: host.name }).map(({ ifname }) => ifname);
const options = { name: 'web', subnets: both, masquerade: true, isolate: true } as const;

/** The step at which something is to fail; each message and each write of a sysctl is one. */
function failingAt(step: number): { transport: ReturnType<typeof interferedWith>; readonly hit: boolean; arm(): void } {
  let count = 0;
  let armed = false;
  let hit = false;
  const next = (): boolean => {
    if (!armed || count++ !== step) return false;
    hit = true;
    return true;
  };
  return {
    transport: interferedWith({ message: next, sysctl: next }),
    get hit() {
      return hit;
    },
    arm() {
      armed = true;
    },
  };
}

/** Steps that may be taken at most: whatever takes more would never end. */
const limit = 200;

/** Fails at each step in turn, until there is none left. @returns how many there were */
async function atEachStep(body: (fault: ReturnType<typeof failingAt>, step: number) => Promise<void>): Promise<number> {
  for (let step = 0; step < limit; step++) {
    const fault = failingAt(step);
    await body(fault, step);
    if (!fault.hit) return step;
  }
  throw new Error('it never came to its end');
}

test('create: refused at any step, it leaves nothing', async () => {
  const before = picture(host);
  const failures: string[] = [];
  const steps = await atEachStep(async (fault, step) => {
    fault.arm();
    try {
      const net = await network.create({ ...options, netns: host, transport: fault.transport });
      net.close();
      await network.delete('web', { netns: host });
    } catch (error) {
      failures.push(`${step} ${(error as Error).message}`);
    }
    expect(picture(host), `after step ${step}: ${failures.at(-1)}`).toEqual(before);
  });
  expect(steps).toBeGreaterThan(15);
  expect(failures.length).toBeGreaterThan(10);
  for (const failure of failures) expect(failure).not.toContain('could not be undone');
});

test('attach: refused at any step, it leaves nothing, and can be done again', async () => {
  await using net = await network.create({ ...options, netns: host });
  const before = [picture(host), picture(red)];
  const failures: string[] = [];
  const steps = await atEachStep(async (fault, step) => {
    await using faulty = await network.open('web', { netns: host, transport: fault.transport });
    fault.arm();
    const sysctls = { 'net.ipv4.conf.IFNAME.arp_notify': 1 };
    try {
      const endpoint = await faulty.attach({ netns: red, owner: 'c', sysctls, routes: [{ to: '198.51.100.0/24', via: '10.20.0.9' }] });
      expect(await net.check(endpoint)).toEqual([]);
      await net.detach(endpoint);
    } catch (error) {
      failures.push(`${step} ${(error as Error).message}`);
    }
    expect([picture(host), picture(red)], `after step ${step}: ${failures.at(-1)}`).toEqual(before);
  });
  // the links, four claims and addresses, up, three routes, two sysctls, the record, its reading …
  expect(steps).toBeGreaterThan(12);
  expect(failures.length).toBeGreaterThan(12);
  for (const failure of failures) expect(failure).not.toContain('could not be undone');
  expect((await net.attach({ netns: red, owner: 'c' })).addresses).toHaveLength(2);
  expect(await net.gc(['c'])).toEqual({ endpoints: [], incomplete: 0, busy: [] });
});

test('delete: refused at any step, it can be done again, or gc does it', async () => {
  const before = [picture(host), picture(red)];
  const steps = await atEachStep(async (fault, step) => {
    await using net = await network.create({ ...options, netns: host });
    await net.attach({ netns: red, owner: 'c' });
    fault.arm();
    await network.delete('web', { netns: host, force: true, transport: fault.transport }).catch(() => {});
    if (step % 2 === 0) await network.delete('web', { netns: host, force: true }).catch(() => {});
    await network.gc([], { netns: host });
    // gc takes endpoints and what is half removed; a network that is whole still is one
    if ((await network.list({ netns: host })).length > 0) await network.delete('web', { netns: host });
    expect([picture(host), picture(red)], `after step ${step}`).toEqual(before);
  });
  expect(steps).toBeGreaterThan(8);
});

describe('given up', () => {
  test.each([0, 1, 2, 3, 4, 6, 8, 12])('after %i turns of the event loop: complete or nothing', async (turns) => {
    await using net = await network.create({ ...options, netns: host });
    const before = [picture(host), picture(red)];
    const controller = new AbortController();
    const attaching = net.attach({ netns: red, owner: 'c', signal: controller.signal });
    attaching.catch(() => {});
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('changed my mind'));
    const [outcome] = await Promise.allSettled([attaching]);
    if (outcome!.status === 'fulfilled') {
      expect(await net.check({ owner: 'c' })).toEqual([]);
      await net.detach({ owner: 'c' });
    } else expect((outcome as PromiseRejectedResult).reason.message).toBe('changed my mind');
    expect([picture(host), picture(red)]).toEqual(before);
  });
});

test('nf_tables is asked for more than its generation only where the ruleset is not the one that had nothing of ours', async () => {
  const asked: number[] = [];
  const message = (type: number): boolean => {
    if (type >> 8 === 10) asked.push(type & 0xff);
    return false;
  };
  await using net = await network.create({ name: 'web', subnets: ['10.20.0.0/24'], netns: host, transport: interferedWith({ message }) });
  const attached = async (): Promise<number[]> => {
    asked.length = 0;
    const endpoint = await net.attach({ netns: red, owner: 'c' });
    const during = [...asked];
    await endpoint.detach();
    return during;
  };
  const [NFT_MSG_GETTABLE, NFT_MSG_GETSETELEM, NFT_MSG_GETGEN] = [1, 13, 16];
  // both tables; of the link ports and guard, and of the address
  const all = [NFT_MSG_GETGEN, NFT_MSG_GETTABLE, NFT_MSG_GETTABLE, NFT_MSG_GETSETELEM, NFT_MSG_GETSETELEM, NFT_MSG_GETSETELEM];
  expect(await attached()).toEqual(all);
  expect(await attached()).toEqual([NFT_MSG_GETGEN]);
  sh('nft add table ip other', { netns: host.name });
  expect(await attached()).toEqual(all);
  expect(await attached()).toEqual([NFT_MSG_GETGEN]);
  // a table of ours that somebody else's endpoint is in: it is looked into each time
  const ports = [{ hostPort: 8080, containerPort: 80 }];
  const other = await net.attach({ netns: red, owner: 'o', ifname: 'eth1', defaultRoute: false, ports });
  expect(await attached()).toEqual(all);
  expect(await attached()).toEqual(all);
  await other.detach();
});

test('what cannot be done inside is refused, and undone', async () => {
  await using net = await network.create({ ...options, netns: host });
  const before = [picture(host), picture(red)];
  const attach = (more: object) => net.attach({ netns: red, owner: 'c', ...more });
  await expect(attach({ routes: [{ to: '198.51.100.0/24', via: '203.0.113.1' }] })).rejects.toMatchObject({ code: 'ENETUNREACH' });
  await expect(attach({ routes: [{ to: '10.20.0.0/24' }, { to: '10.20.0.0/24' }] })).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(attach({ sysctls: { 'net.ipv4.conf.IFNAME.no_such_thing': 1 } })).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(attach({ sysctls: { 'net.ipv4.conf.IFNAME.forwarding': 'many' } })).rejects.toMatchObject({ code: 'EINVAL' });
  await expect(attach({ netns: 'no-such-namespace' })).rejects.toMatchObject({ code: 'ENOENT', argument: 'netns' });
  expect([picture(host), picture(red)]).toEqual(before);
});

describe('what cannot be undone or removed keeps nothing else from being', () => {
  test('rules that stay do not keep the link of a network that is refused', async () => {
    const before = picture(host);
    const transport = interferedWith({ message: (type) => type >> 8 === 10 });
    await expect(network.create({ ...options, netns: host, transport })).rejects.toThrow('could not be undone');
    expect(picture(host)).toEqual(before);
  });

  test('an endpoint that stays does not keep gc from the others, and gc says so', async () => {
    await using net = await network.create({ ...options, netns: host });
    const before = [picture(host), picture(red)];
    for (const ifname of ['eth0', 'eth1', 'eth2']) await net.attach({ netns: red, owner: 'c', ifname, defaultRoute: false });
    let deletions = 0;
    const RTM_DELLINK = 17;
    const transport = interferedWith({ message: (type) => type === RTM_DELLINK && deletions++ === 0 });
    await expect(network.gc([], { netns: host, transport })).rejects.toMatchObject({ syscall: 'RTM_DELLINK' });
    expect((await net.inspect()).endpoints.map(({ ifname }) => ifname)).toEqual(['eth0']);
    await net.gc([]);
    expect([picture(host), picture(red)]).toEqual(before);
  });
});

test('a kernel that does not tell what it has made, and then refuses to: nothing is left', async () => {
  for (const driver of ['bridge', 'ptp', 'macvlan'] as const) {
    if (driver === 'macvlan') await createVethPair({ name: 'p0', netns: host, peer: { name: 'p1', netns: host } });
    const before = [picture(host), picture(red)];
    const made = { name: 'net', driver, subnets: both, netns: host, ...(driver === 'macvlan' ? { parent: 'p0' } : {}) };
    const RTM_GETLINK = 18;
    let readings = 0;
    const refusing = (which: number) => {
      readings = 0;
      return interferedWith({ echo: false, message: (type) => type === RTM_GETLINK && readings++ === which });
    };
    for (let which = 0, failures = 1; failures > 0; which++) {
      const transport = refusing(which);
      failures = await network.create({ ...made, transport }).then(
        () => 0,
        () => 1,
      );
      if (failures > 0) expect([picture(host), picture(red)], `${driver}, created, ${which}`).toEqual(before);
    }
    await using net = await network.open('net', { netns: host });
    const empty = [picture(host), picture(red)];
    for (let which = 0, failures = 1; failures > 0; which++) {
      await using faulty = await network.open('net', { netns: host, transport: refusing(which + 1) });
      failures = await faulty.attach({ netns: red, owner: 'c' }).then(
        () => 0,
        () => 1,
      );
      if (failures === 0) await net.detach({ owner: 'c' });
      expect([picture(host), picture(red)], `${driver}, attached, ${which}`).toEqual(empty);
    }
    await net.delete();
  }
});

test('limits of an endpoint whose namespace went are not those of the next one of its name', async () => {
  await using net = await network.create({ name: 'web', subnets: both, netns: host });
  const before = picture(host);
  const short = newSpace('s');
  const { hostLink } = await net.attach({ netns: short, owner: 'c', rateLimits: { egressRate: 8_000_000 } });
  short.deleteSync();
  short.close();
  // the kernel removes the namespace's links a little later, and no link of the kind ifb with them
  await expect.poll(linksOfHost).not.toContain(hostLink);
  expect(ipText(['-o', 'link', 'show', 'type', 'ifb'], { netns: host.name })).not.toBe('');
  await net.attach({ netns: red, owner: 'c' });
  expect(ipText(['-o', 'link', 'show', 'type', 'ifb'], { netns: host.name })).toBe('');
  await net.detach({ owner: 'c' });
  expect(picture(host)).toEqual(before);
});

test('a device in a namespace without a name comes back; in one that nothing leads to it stays on record', async () => {
  await createVethPair({ name: 'd0', netns: host, peer: { name: 'd1', netns: host } });
  await using net = await network.create({ name: 'net', driver: 'host-device', parent: 'd0', netns: host });
  const before = picture(host);
  const nameless = await netns.create();
  await net.attach({ netns: nameless, owner: 'c' });
  expect(await net.detach({ owner: 'c' })).toBe(true);
  expect(picture(host)).toEqual(before);

  await net.attach({ netns: nameless, owner: 'c' });
  // a socket keeps the namespace; with an address, it would be made elsewhere, once that is looked up
  const keeper = nameless.run(() => createServer().listen(0));
  nameless.close();
  const lost = { code: 'EXDEV', message: expect.stringContaining('d0') };
  await expect(net.detach({ owner: 'c' })).rejects.toMatchObject(lost);
  await expect(net.gc([])).rejects.toMatchObject(lost);
  expect((await net.inspect()).endpoints).toMatchObject([{ owner: 'c' }]);
  keeper.close();
  // with it goes the device, which is no hardware, and with that its other end
  await expect.poll(linksOfHost).not.toContain('d1');
  expect(await net.gc([])).toMatchObject({ endpoints: [{ owner: 'c' }] });
});

test('a container without IPv6 gets it with its address', async () => {
  await using net = await network.create({ ...options, netns: host });
  red.sysctl.setSync('net.ipv6.conf.default.disable_ipv6', 1);
  await net.attach({ netns: red, owner: 'c' });
  // the network's own address is in use a moment after it was made: a worker of the kernel's sees to it
  await expect.poll(() => ping('fd00:20::1', { netns: red.name }).received).toBe(1);
});

test('a link of somebody else’s that is called as an endpoint’s is left alone', async () => {
  await using net = await network.create({ name: 'web', netns: host });
  const { hostLink, detach } = await net.attach({ netns: red, owner: 'c' });
  await detach();
  ipText(['link', 'add', hostLink, 'type', 'bridge'], { netns: host.name });
  const before = picture(host);
  await expect(net.attach({ netns: red, owner: 'c' })).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await net.detach({ owner: 'c' })).toBe(false);
  expect(await net.gc([])).toEqual({ endpoints: [], incomplete: 0, busy: [] });
  expect(picture(host)).toEqual(before);
});
