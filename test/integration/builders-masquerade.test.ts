/** masquerade and addForwardAccept at the package root, both forms, with real packets, and nft as the witness. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as netloom from 'netloom';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { uniqueName } from '../support/names.ts';
import { nftJson, nftLoad, nftText, ping, sh } from '../support/oracle.ts';
import { snapshot } from '../support/state.ts';

const { netns, sync } = netloom;

/** The builders as functions that may be awaited, whichever form they are. */
type Builders = Pick<typeof netloom, keyof typeof netloom.sync>;
const forms: [string, Builders][] = [
  ['asynchronous', netloom],
  ['synchronous', netloom.sync as unknown as Builders],
];

type Named = netloom.netns.Netns & { name: string };
const [client, router, server] = ['c', 'r', 's'].map((prefix) => netns.createSync(uniqueName(prefix)) as Named) as [Named, Named, Named];
const near = router.name;
const where = { netns: near };

/** What the server saw: the other side's address and port. */
const seen: { address: string; port: number }[] = [];
const port = 8080;
let listener: Server;

beforeAll(async () => {
  for (const space of [client, router, server])
    sh('echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode; ip link set lo up', { netns: space.name });
  sync.createVethPair({ name: 'in0', netns: router, up: true, peer: { name: 'eth0', netns: client, up: true } });
  sync.createVethPair({ name: 'up0', netns: router, up: true, peer: { name: 'eth0', netns: server, up: true } });
  for (const [space, name, four, six] of [
    [client, 'eth0', '10.10.0.2/24', 'fd00:10::2/64'],
    [router, 'in0', '10.10.0.1/24', 'fd00:10::1/64'],
    [router, 'up0', '203.0.113.1/24', 'fd00:20::1/64'],
    [server, 'eth0', '203.0.113.8/24', 'fd00:20::8/64'],
  ] as const) {
    sync.addAddress(name, four, { netns: space });
    sync.addAddress(name, six, { netns: space, flags: ['nodad'] });
  }
  sync.addRoute({ to: 'default', via: '10.10.0.1', netns: client });
  sync.addRoute({ to: 'default', via: 'fd00:10::1', netns: client });
  for (const family of ['inet', 'inet6'] as const) sync.enableForwarding({ family, netns: router });
  listener = createServer((socket) => {
    seen.push({ address: (socket.remoteAddress ?? '').replace('::ffff:', ''), port: socket.remotePort ?? 0 });
    socket.on('error', () => {});
    socket.end('hello');
  });
  server.run(() => listener.listen(port));
  await once(listener, 'listening');
});
afterAll(() => {
  listener.close();
  for (const space of [client, router, server]) {
    space.deleteSync();
    space.close();
  }
});
afterEach(() => {
  nftLoad('flush ruleset', where);
  sh('ip route del 10.10.0.0/24 2>/dev/null; ip -6 route del fd00:10::/64 2>/dev/null; true', { netns: server.name });
});

/** Connects from the client to the server. @returns what the server saw, or undefined when nobody answered within a minute: IPv6 looks for its neighbors a second apart, and machines are busy */
async function connect(address: string, count = 1): Promise<typeof seen | undefined> {
  seen.length = 0;
  const program = `for (let i = 0; i < ${count}; i++) require('node:net').connect(${port}, '${address}').setTimeout(60_000, () => process.exit(1)).on('error', () => process.exit(2)).resume();`;
  const { code } = await client.exec(process.execPath, ['-e', program]);
  return code === 0 ? [...seen] : undefined;
}
/** The rules as nft prints them, without counts. */
const printed = (): string[] =>
  nftText(where)
    .split('\n')
    .map((line) => line.trim().replace(/counter packets \d+ bytes \d+ /, ''))
    .filter((line) => /^(ip|ip6|iifname|oifname|meta) /.test(line));
const ruleset = () => snapshot(near).ruleset;

/** Runs a program with `netloom` in scope in another process, to its end. */
async function otherProcess(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `import * as netloom from '${bundledModule()}';\n${program}`], {
    env: bundledEnvironment,
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [status] = await once(child, 'close');
  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  return output;
}

test('without it the server never hears of the client in a way it could answer', async () => {
  expect(ping('203.0.113.8', { netns: client.name }).received).toBe(0);
  await expect.poll(() => ping('203.0.113.1', { netns: client.name }).received).toBe(1);
});

describe.each(forms)('%s', (form, builders) => {
  test.each([
    ['IPv4', '10.10.0.0/24', '203.0.113.8', '203.0.113.1'],
    ['IPv6', 'fd00:10::/64', 'fd00:20::8', 'fd00:20::1'],
  ])('the server sees the address of the router: %s', async (_family, source, address, expected) => {
    const nat = await builders.masquerade({ source, outInterface: 'up0', netns: router });
    expect(await connect(address)).toMatchObject([{ address: expected }]);
    await expect.poll(() => ping(address, { netns: client.name }).received).toBe(1);
    await nat.remove();
    expect(ping(address, { netns: client.name }).received).toBe(0);
  });

  test('the other family, another source and another interface are left alone', async () => {
    await builders.masquerade({ source: '10.11.0.0/24', netns: near });
    await builders.masquerade({ source: '10.10.0.0/24', outInterface: 'up9', netns: near });
    await builders.masquerade({ source: 'fd00:10::/64', netns: near });
    expect(ping('203.0.113.8', { netns: client.name }).received).toBe(0);
    await expect.poll(() => ping('fd00:20::8', { netns: client.name }).received).toBe(1);
  });

  test('an interface may be a pattern', async () => {
    await builders.masquerade({ source: '10.10.0.2', outInterface: 'up*', netns: near });
    expect(await connect('203.0.113.8')).toMatchObject([{ address: '203.0.113.1' }]);
  });

  test.each([
    ['IPv4', '10.10.0.0/24', '203.0.113.0/24', '203.0.113.8', '10.10.0.2', '203.0.113.1'],
    ['IPv6', 'fd00:10::/64', 'fd00:20::/64', 'fd00:20::8', 'fd00:10::2', 'fd00:20::1'],
  ])('excludeDestination keeps the address of the client: %s', async (_family, source, excluded, address, expected, via) => {
    sync.addRoute({ to: source, via, netns: server });
    const nat = await builders.masquerade({ source, excludeDestination: excluded, netns: router });
    expect(await connect(address)).toMatchObject([{ address: expected }]);
    await nat.remove();
    await builders.masquerade({ source, excludeDestination: source, netns: router });
    expect(await connect(address)).toMatchObject([{ address: via }]);
  });

  test('toPorts gives ports from the range', async () => {
    // each form its own: what a connection had is not free for a while
    const first = form === 'synchronous' ? 41_000 : 40_000;
    await builders.masquerade({ source: '10.10.0.0/24', toPorts: `${first}-${first + 31}`, netns: router });
    const connections = await connect('203.0.113.8', 8);
    expect(connections).toHaveLength(8);
    for (const { address, port: chosen } of connections ?? []) {
      expect(address).toBe('203.0.113.1');
      expect(chosen).toBeGreaterThanOrEqual(first);
      expect(chosen).toBeLessThanOrEqual(first + 31);
    }
  });

  test.each<[string, Partial<netloom.MasqueradeOptions>]>([
    ['ip saddr 10.10.0.0/24 masquerade random', { random: true }],
    ['ip saddr 10.10.0.0/24 masquerade fully-random', { fullyRandom: true }],
    ['ip saddr 10.10.0.0/24 masquerade persistent', { persistent: true }],
    ['ip saddr 10.10.0.0/24 masquerade random,persistent', { random: true, persistent: true }],
    ['ip saddr 10.10.0.0/24 oifname "up0" masquerade fully-random', { fullyRandom: true, outInterface: 'up0' }],
    ['ip saddr 10.10.0.0/24 meta l4proto { tcp, udp } masquerade to :1024-65535', { toPorts: [1024, 65_535] }],
    [
      'ip saddr 10.10.0.0/24 ip daddr != { 10.0.0.0/8, 192.168.0.0/16 } masquerade',
      { excludeDestination: ['192.168.0.0/16', '10.0.0.0/8'] },
    ],
    ['ip saddr 10.10.0.0/24 masquerade comment "containers"', { comment: 'containers' }],
    ['ip saddr 10.10.0.0/24 masquerade', { random: false, fullyRandom: false, persistent: false }],
  ])('nft prints %s', async (text, options) => {
    await builders.masquerade({ source: '10.10.0.0/24', netns: router, ...options });
    expect(printed()).toEqual([text]);
    if (options.toPorts === undefined) expect(await connect('203.0.113.8')).toMatchObject([{ address: '203.0.113.1' }]);
  });

  test('asked for twice is one rule, and removed once it is gone', async () => {
    nftLoad('table ip other {\n chain postrouting {\n type nat hook postrouting priority 50; policy accept;\n }\n}\n', where);
    const before = ruleset();
    const options = { source: '10.10.0.0/24', outInterface: 'up0', netns: router };
    const first = await builders.masquerade(options);
    const once = ruleset();
    const again = await builders.masquerade({ ...options });
    expect(again).toEqual(first);
    expect(ruleset()).toEqual(once);
    await first.remove();
    expect(ruleset()).toEqual(before);
    await first.remove();
    await again.remove();
    expect(ruleset()).toEqual(before);
  });

  test('its handle is data: it prints, compares and survives JSON', async () => {
    const nat = await builders.masquerade({ source: '10.10.0.0/24', netns: near });
    const copy = JSON.parse(JSON.stringify(nat)) as netloom.MasqueradeHandle;
    expect(copy).toEqual({ ...nat });
    expect(copy).toMatchObject({ family: 'ip', table: 'netloom', chain: 'postrouting', handles: [expect.stringMatching(/^\d+$/)] });
    const rule = nftJson(where).find((object) => 'rule' in object)?.rule;
    expect(copy.handles).toEqual([String(rule.handle)]);
    const accept = JSON.parse(JSON.stringify(await builders.addForwardAccept({ interface: 'in0', netns: near })));
    await builders.removeMasquerade(copy, { netns: router });
    await builders.removeForwardAccept(accept, { netns: near });
    expect(nftJson(where)).toEqual([]);
    await builders.removeMasquerade(copy, { netns: near });
    await builders.removeForwardAccept(accept, { netns: router });
  });

  test('two networks share a chain, and each goes by itself', async () => {
    const [one, two] = [
      await builders.masquerade({ source: '10.10.0.0/24', netns: near }),
      await builders.masquerade({ source: '10.11.0.0/24', netns: near }),
    ];
    await one.remove();
    expect(printed()).toEqual(['ip saddr 10.11.0.0/24 masquerade']);
    await two.remove();
    expect(nftJson(where)).toEqual([]);
  });

  test('addForwardAccept is two rules, and lets packets through a chain that drops', async () => {
    nftLoad('table inet netloom {\n chain forward {\n type filter hook forward priority filter; policy drop;\n }\n}\n', where);
    const before = ruleset();
    await builders.masquerade({ source: '10.10.0.0/24', netns: router });
    expect(ping('203.0.113.8', { netns: client.name }).received).toBe(0);
    const accept = await builders.addForwardAccept({ interface: 'in0', netns: router });
    expect(printed().filter((line) => line.endsWith('accept'))).toEqual(['iifname "in0" accept', 'oifname "in0" accept']);
    await expect.poll(() => ping('203.0.113.8', { netns: client.name }).received).toBe(1);
    expect(await builders.addForwardAccept({ interface: 'in0', netns: near })).toEqual(accept);
    expect(printed()).toHaveLength(3);
    await accept.remove();
    await accept.remove();
    expect(ping('203.0.113.8', { netns: client.name }).received).toBe(0);
    await (await builders.masquerade({ source: '10.10.0.0/24', netns: router })).remove();
    expect(ruleset()).toEqual(before);
  });

  test('addForwardAccept with a pattern and a comment, and nothing left of it', async () => {
    const before = ruleset();
    const accept = await builders.addForwardAccept({ interface: 'in*', comment: 'containers', netns: near });
    expect(printed()).toEqual(['iifname "in*" accept comment "containers"', 'oifname "in*" accept comment "containers"']);
    expect(JSON.parse(JSON.stringify(accept))).toEqual({ ...accept });
    await accept.remove();
    expect(ruleset()).toEqual(before);
  });

  test('of a namespace that is gone are gone, however it was named', async () => {
    const gone = netns.createSync(uniqueName('g')) as Named;
    const child = spawn('nsenter', [`--net=/run/netns/${gone.name}`, 'sleep', '60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    while (readlinkSync(`/proc/${child.pid}/ns/net`) !== readlinkSync(`/proc/self/fd/${gone.fd}`)) await sleep(5);
    const places = [gone.name, `/run/netns/${gone.name}`, child.pid as number];
    const made = [];
    for (const place of places) {
      made.push(await builders.masquerade({ source: '10.10.0.0/24', netns: place }));
      made.push(await builders.addForwardAccept({ interface: 'in0', netns: place }));
    }
    child.kill();
    await once(child, 'close');
    gone.deleteSync();
    gone.close();
    for (const each of made) await each.remove();
    for (const place of places) {
      await builders.removeMasquerade(made[0]!, { netns: place });
      await builders.removeForwardAccept(made[1]!, { netns: place });
    }
  });

  test('of a namespace whose handle is closed meanwhile says so', async () => {
    const passing = netns.openSync(near);
    const nat = await builders.masquerade({ source: '10.10.0.0/24', netns: passing });
    passing.close();
    const closed = { name: 'ClosedError', code: 'ERR_CLOSED' };
    await expect(async () => await nat.remove()).rejects.toMatchObject(closed);
    await expect(async () => await builders.removeMasquerade(nat, { netns: passing })).rejects.toMatchObject(closed);
    expect(printed()).toHaveLength(1);
  });
});

test('eight at once are one rule, and all of them know it', async () => {
  const options = { source: '10.10.0.0/24', outInterface: 'up0', netns: router };
  const handles = await Promise.all(Array.from({ length: 8 }, () => netloom.masquerade(options)));
  expect(printed()).toEqual(['ip saddr 10.10.0.0/24 oifname "up0" masquerade']);
  for (const handle of handles) expect(handle).toEqual(handles[0]);
  await Promise.all(handles.map((handle) => handle.remove()));
  expect(nftJson(where)).toEqual([]);
});

test('four processes at once make one rule and two, and the last that goes takes all', async () => {
  const program = `
    const nat = [], accept = [];
    for (let i = 0; i < 20; i++) {
      nat.push(await netloom.masquerade({ source: '10.10.0.0/24', netns: '${near}' }));
      accept.push(netloom.sync.addForwardAccept({ interface: 'in0', netns: '${near}' }));
    }
    console.log(JSON.stringify([nat[19], accept[19]]));`;
  const outputs = await Promise.all(Array.from({ length: 4 }, () => otherProcess(program)));
  expect(printed().sort()).toEqual(['iifname "in0" accept', 'ip saddr 10.10.0.0/24 masquerade', 'oifname "in0" accept']);
  for (const output of outputs) expect(JSON.parse(output)).toEqual(JSON.parse(outputs[0] as string));
  await otherProcess(`
    await (await netloom.masquerade({ source: '10.10.0.0/24', netns: '${near}' })).remove();
    netloom.sync.addForwardAccept({ interface: 'in0', netns: '${near}' }).remove();`);
  expect(nftJson(where)).toEqual([]);
});

test('making and removing from two processes at once leaves nothing in the end', async () => {
  const program = `
    for (let i = 0; i < 40; i++) {
      const nat = await netloom.masquerade({ source: '10.10.0.0/24', netns: '${near}' });
      await nat.remove();
    }`;
  await Promise.all([otherProcess(program), otherProcess(program)]);
  expect(nftJson(where)).toEqual([]);
});
