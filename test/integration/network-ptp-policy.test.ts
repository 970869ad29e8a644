/** What networks of the driver ptp keep apart, with real traffic: their endpoints have no bridge that a rule could name. */
import { network, nft } from 'netloom';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { releaseNameLock, takeNameLock } from '../../src/netlink/sys/name-lock.ts';
import { endpointLinkName, lockName, networkLockName } from '../../src/network/name.ts';
import { deleteSpaces, hostWithUplink, newSpace, picture, type Question, type Space, serve, talkToAll } from '../support/network.ts';
import { ipText, nftLoad, nftText, tool } from '../support/oracle.ts';

let host: Space;
let internet: Space;
let red: Space;
let blue: Space;
let green: Space;
let clean: unknown;
const servers: { stop(): Promise<void> }[] = [];
const open: network.Network[] = [];

beforeAll(async () => {
  ({ host, internet } = await hostWithUplink());
  [red, blue, green] = [newSpace('r'), newSpace('b'), newSpace('g')];
  ipText(['link', 'set', 'lo', 'up'], { netns: host.name });
  servers.push(...(await Promise.all([serve(red, 7000), serve(green, 7000), serve(internet, 7000)])));
  clean = picture(host);
});
afterEach(async () => {
  for (const net of open.splice(0)) await net.delete({ force: true });
  expect(picture(host)).toEqual(clean);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  deleteSpaces();
});

async function create(options: Omit<network.CreateNetworkOptions, 'netns'>): Promise<network.Network> {
  const net = await network.create({ ...options, netns: host });
  open.push(net);
  return net;
}

const one = { name: 'one', driver: 'ptp', subnets: ['10.50.0.0/24', 'fd00:50::/64'] } as const;
const two = { name: 'two', driver: 'ptp', subnets: ['10.60.0.0/24', 'fd00:60::/64'] } as const;
/** How long to wait for what must not come, in seconds. */
const never = 0.7;
/** And for what must: a connection is tried again meanwhile. */
const patient = 30;
const answered = (where: Space, seconds: number, ...questions: Question[]): boolean[] =>
  talkToAll(questions, where.name, seconds).map((answer) => answer !== 'failed');
const of = (...addresses: readonly string[]): Question[] => addresses.map((address) => ['tcp', address, 7000]);

test('isolated ones do not reach others of netloom’s, nor are reached, but by published ports; their own and the world they do', async () => {
  const net = await create({ ...one, isolate: true, masquerade: true });
  await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80, containerPort: 7000 }] });
  await net.attach({ netns: blue, owner: 'b' });
  const other = await create({ ...two, masquerade: true });
  await other.attach({ netns: green, owner: 'c' });
  expect(answered(blue, patient, ...of('10.50.0.2', 'fd00:50::2', '192.0.2.2'))).toEqual([true, true, true]);
  expect(answered(blue, never, ...of('10.60.0.2', 'fd00:60::2'))).toEqual([false, false]);
  expect(answered(green, never, ...of('10.50.0.2', 'fd00:50::2'))).toEqual([false, false]);
  expect(answered(green, patient, ['tcp', '192.0.2.1', 80], ['tcp', '192.0.2.2', 7000])).toEqual([true, true]);
  // the set has the links that are there, and what went with its namespace goes with gc
  const links = (): number =>
    (
      /set endpoints \{\n\s+type ifname\n(?:\s+elements = \{([^}]*)\})?/
        .exec(nftText({ netns: host.name }).split('table inet netloom@one')[1]!)?.[1]
        ?.match(/nl/g) ?? []
    ).length;
  expect(links()).toBe(2);
  await net.detach({ owner: 'b' });
  expect(links()).toBe(1);
  for (const owner of ['d', 'e']) {
    const gone = newSpace('x');
    await net.attach({ netns: gone, owner });
    gone.deleteSync();
    gone.close();
  }
  await expect.poll(() => net.inspect().then(({ endpoints }) => endpoints.length), { timeout: 30_000 }).toBe(1);
  expect(links()).toBe(3);
  // or when it is detached, though nothing is left of it
  expect(await net.detach({ owner: 'e' })).toBe(false);
  expect(links()).toBe(2);
  // unless somebody is about to make the same endpoint, or network: what is found there then is taken for its own
  const whileLocked = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const lock = host.run(() => takeNameLock(name))!;
    await work().finally(() => releaseNameLock(lock));
  };
  const gc = (): Promise<unknown> => network.gc(['a', 'c'], { netns: host });
  await whileLocked(lockName(endpointLinkName('one', 'd', 'eth0')), gc);
  expect(links()).toBe(2);
  await gc();
  expect(links()).toBe(1);
  // the table of a network that somebody deleted goes with gc, too
  await using another = await network.open('one', { netns: host });
  ipText(['link', 'delete', 'one'], { netns: host.name });
  for (const each of [net, another])
    await expect(each.attach({ netns: blue, owner: 'b' })).rejects.toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
  const rules = (): [table: boolean, masquerading: boolean] => {
    const text = nftText({ netns: host.name });
    return [text.includes('netloom@one'), text.includes('masquerade comment "network one"')];
  };
  await whileLocked(networkLockName('one'), gc);
  expect(rules()).toEqual([true, true]);
  await network.gc([], { netns: host });
  expect(rules()).toEqual([false, false]);
  open.shift()!.close();
});

test('what endpoints send for others is dropped', async () => {
  const net = await create({ ...one, spoofCheck: true });
  await net.attach({ netns: red, owner: 'a' });
  const endpoint = await net.attach({ netns: blue, owner: 'b' });
  const other = await create(two);
  await other.attach({ netns: green, owner: 'c' });
  for (const address of ['10.50.0.99/24', 'fd00:50::99/64'])
    ipText(['address', 'add', address, 'dev', 'eth0', 'noprefixroute', ...(address.includes(':') ? ['nodad'] : [])], { netns: blue.name });
  // that it would be answered otherwise is seen by the counter
  expect(
    answered(blue, never, ['udp', '10.60.0.2', 7000, { address: '10.50.0.99' }], ['udp', 'fd00:60::2', 7000, { address: 'fd00:50::99' }]),
  ).toEqual([false, false]);
  const [address, address6] = endpoint.addresses.map((each) => each.split('/')[0]!);
  expect(
    answered(
      blue,
      patient,
      ['tcp', '10.60.0.2', 7000, { address: address! }],
      ['tcp', 'fd00:60::2', 7000, { address: address6! }],
      ...of('10.50.0.2', 'fd00:50::2'),
    ),
  ).toEqual([true, true, true, true]);
  const text = nftText({ netns: host.name });
  expect(text).toMatch(/table inet netloom-guard/);
  expect(text).toMatch(/counter packets ([2-9]|\d\d+) bytes \d+ drop\n\s+\}\n\}/);
  expect(text).not.toContain('table bridge');
  await endpoint.detach();
  expect(nftText({ netns: host.name })).not.toContain(endpoint.hostLink);
});

test('isolated ports reach the world and the host, and not each other; internal networks nothing but their own; by a route to them none is reached', async () => {
  const net = await create({ ...one, isolatePorts: true, masquerade: true });
  await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80, containerPort: 7000 }] });
  await net.attach({ netns: blue, owner: 'b' });
  expect(answered(blue, never, ...of('10.50.0.2', 'fd00:50::2'))).toEqual([false, false]);
  expect(answered(blue, patient, ['tcp', '192.0.2.1', 80], ['tcp', '192.0.2.2', 7000])).toEqual([true, true]);
  await open.pop()!.delete({ force: true });
  const closed = await create({ ...one, publishedOnly: true });
  await closed.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80, containerPort: 7000 }] });
  await closed.attach({ netns: blue, owner: 'b' });
  ipText(['route', 'add', '10.50.0.0/24', 'via', '192.0.2.1'], { netns: internet.name });
  expect(answered(internet, never, ...of('10.50.0.2'))).toEqual([false]);
  expect(nftText({ netns: host.name })).toMatch(/ct status[^\n]* counter packets [1-9]\d* bytes \d+ drop/);
  expect(answered(internet, patient, ['tcp', '192.0.2.1', 80])).toEqual([true]);
  expect(answered(blue, patient, ...of('10.50.0.2', '192.0.2.2'))).toEqual([true, true]);
  await open.pop()!.delete({ force: true });
  const internal = await create({ ...one, internal: true });
  await internal.attach({ netns: red, owner: 'a', routes: [{ to: '192.0.2.0/24', via: '10.50.0.1' }] });
  await internal.attach({ netns: blue, owner: 'b', routes: [{ to: '192.0.2.0/24', via: '10.50.0.1' }] });
  expect(answered(blue, never, ['udp', '192.0.2.2', 7000])).toEqual([false]);
  expect(answered(internet, never, ...of('10.50.0.2'))).toEqual([false]);
  expect(answered(blue, patient, ...of('10.50.0.2', 'fd00:50::2'))).toEqual([true, true]);
  ipText(['route', 'del', '10.50.0.0/24'], { netns: internet.name });
});

test('beside tables that drop what is forwarded they are accepted there, both ways and in both families, and nothing else is', async () => {
  // as Docker and firewalld make them; and one of somebody's whose name begins like netloom's own
  const foreign = `table ip netloomish {
    chain USER {
      counter return
    }
    chain FORWARD {
      type filter hook forward priority filter; policy drop;
      jump USER
    }
  }
  table inet firewalld {
    chain filter_FORWARD {
      type filter hook forward priority filter + 10;
      reject
    }
  }`;
  await using nf = await nft.open({ netns: host });
  // nft(8) takes no such name
  await nf.tables.create({ family: 'inet', name: 'netloom@ish' });
  nftLoad(foreign, { netns: host.name });
  const alone = nftText({ netns: host.name });
  const acceptIn = [
    { family: 'ip', table: 'netloomish', chain: 'USER' },
    { family: 'inet', table: 'firewalld', chain: 'filter_FORWARD' },
  ] as const;
  const net = await create({ ...one, masquerade: true, acceptIn });
  await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80, containerPort: 7000 }] });
  await net.attach({ netns: blue, owner: 'b' });
  const other = await create({ ...two, masquerade: true });
  await other.attach({ netns: green, owner: 'c' });
  const asked = [...of('10.50.0.2', 'fd00:50::2', '192.0.2.2', '2001:db8::2')];
  expect(answered(blue, patient, ...asked)).toEqual([true, true, true, true]);
  expect(answered(internet, patient, ['tcp', '192.0.2.1', 80], ['tcp', '2001:db8::1', 80])).toEqual([true, true]);
  expect(answered(green, never, ...of('192.0.2.2', '2001:db8::2'))).toEqual([false, false]);
  expect(nftText({ netns: host.name })).toMatch(
    /chain USER \{\n\s+iifname "nl\*" ip saddr 10\.50\.0\.0\/24 counter packets \d+ bytes \d+ accept comment "network one"\n\s+oifname "nl\*" ip daddr 10\.50\.0\.0\/24 counter/,
  );
  // a chain that no packet of the network's is in
  const four = { name: 'four', driver: 'ptp', subnets: ['10.70.0.0/24'] } as const;
  await expect(create({ ...four, acceptIn: [acceptIn[1], { ...acceptIn[0], family: 'ip6' }] })).rejects.toMatchObject({
    name: 'InputError',
    argument: 'acceptIn[1].family',
  });
  await expect(create({ ...four, acceptIn: [{ ...acceptIn[0], chain: 'MISSING' }] })).rejects.toMatchObject({ argument: 'acceptIn[0]' });
  // gc finds the rules of a network whose link somebody deleted, a network takes its own with it
  ipText(['link', 'delete', 'one'], { netns: host.name });
  await network.gc(['c'], { netns: host });
  net.close();
  open.shift();
  await open.pop()!.delete({ force: true });
  await create({ ...one, acceptIn });
  await open.pop()!.delete();
  expect(nftText({ netns: host.name }).replace(/packets \d+ bytes \d+/, '')).toBe(alone.replace(/packets \d+ bytes \d+/, ''));
  tool(['nft', 'flush', 'ruleset'], { netns: host.name });
});

test('those that the host does not route for are refused such options', async () => {
  for (const driver of ['macvlan', 'ipvlan'] as const)
    for (const flag of ['isolate', 'isolatePorts', 'publishedOnly', 'spoofCheck'] as const)
      await expect(create({ ...one, driver, parent: 'up0', [flag]: true })).rejects.toMatchObject({
        name: 'InputError',
        argument: flag,
        message: expect.stringContaining('do not pass through the host'),
      });
  await expect(create({ ...one, driver: 'macvlan', parent: 'up0', acceptIn: [] })).rejects.toMatchObject({ argument: 'acceptIn' });
});
