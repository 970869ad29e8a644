/** Processes that make or remove networks and endpoints are killed after each thing they do; and several at once that are not. */
import { spawn } from 'node:child_process';
import { network } from 'netloom';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../support/bundled.ts';
import { killer, pictures } from '../support/kill-tasks.ts';
import { deleteSpaces, newSpace, picture, type Space } from '../support/network.ts';
import { ip } from '../support/oracle.ts';
import { patience } from '../support/patience.ts';

/** Each step takes a process and some ten calls of `ip`, `tc` and `nft`, and there may be twenty of them. */
const timeout = 480_000 * patience;

let host: Space;
let red: Space;
beforeEach(() => {
  host = newSpace('h');
  red = newSpace('r');
});
afterEach(deleteSpaces);

const options = {
  name: 'web',
  subnets: ['10.20.0.0/24', 'fd00:20::/64'],
  masquerade: true,
  isolate: true,
  isolatePorts: true,
  spoofCheck: true,
};
const ports = [{ hostPort: 8080, containerPort: 80 }];
/** Everything that an endpoint can have. */
const attachment = () => ({
  netns: red.name,
  owner: 'c',
  sysctls: { 'net.ipv4.conf.IFNAME.arp_notify': 1 },
  routes: [{ to: '198.51.100.0/24', via: '10.20.0.9' }],
  rateLimits: { ingressRate: 80_000_000, egressRate: 40_000_000 },
  ports,
});

const { killedAt, close } = killer(() => host);
afterAll(close);

test(
  'attach, killed after each change: gc, or the next attach of the same endpoint, makes it good',
  async () => {
    await using net = await network.create({ ...options, netns: host });
    // what its first port makes in a network goes with the network
    await (await net.attach(attachment())).detach();
    const before = pictures(host, red);
    let step = 0;
    let halves = 0;
    for (; await killedAt(step, { task: 'attach', options: attachment() }); step++) {
      const { incomplete, endpoints } = await net.inspect();
      halves += incomplete;
      if (step % 2 === 0) {
        const collected = await net.gc([]);
        expect(collected, `step ${step}`).toMatchObject({ incomplete, busy: [] });
        expect(collected.endpoints.length).toBe(endpoints.length);
      } else {
        // one that was killed when all was done has attached it
        const again = await net.attach(attachment()).catch((error) => error);
        if (endpoints.length > 0) expect(again).toMatchObject({ code: 'EEXIST' });
        else expect(await again.check()).toEqual([]);
        await net.detach({ owner: 'c' });
      }
      expect(pictures(host, red), `step ${step}`).toEqual(before);
    }
    expect(step).toBeGreaterThan(8);
    expect(halves).toBeGreaterThan(4);
    expect(await net.check({ owner: 'c' })).toEqual([]);
  },
  timeout,
);

test(
  'detach, killed after each change: gc, or the next detach, makes it good',
  async () => {
    await using net = await network.create({ ...options, netns: host });
    // what its first port makes in a network goes with the network
    await (await net.attach(attachment())).detach();
    const before = pictures(host, red);
    let step = 0;
    for (; ; step++) {
      await net.attach(attachment());
      if (!(await killedAt(step, { task: 'detach', endpoint: { owner: 'c' } }))) break;
      if (step % 2 === 1) await net.detach({ owner: 'c' });
      await network.gc([], { netns: host });
      expect(pictures(host, red), `step ${step}`).toEqual(before);
    }
    expect(step).toBeGreaterThan(4);
    expect(pictures(host, red)).toEqual(before);
  },
  timeout,
);

test(
  'publish, killed after each change: the next publish of the same ports, or gc, makes it good',
  async () => {
    await using net = await network.create({ ...options, netns: host });
    await net.attach({ netns: red, owner: 'c', ports });
    await net.unpublish({ owner: 'c' });
    let before = pictures(host);
    let step = 0;
    for (; await killedAt(step, { task: 'publish', endpoint: { owner: 'c' }, ports }); step++) {
      if (step % 2 === 0) {
        expect(await net.publish({ owner: 'c' }, ports)).toEqual([{ protocol: 'tcp', ...ports[0] }]);
        expect((await net.inspect()).endpoints.map((endpoint) => endpoint.ports?.length)).toEqual([1]);
        await net.unpublish({ owner: 'c' });
        expect(pictures(host), `step ${step}`).toEqual(before);
      } else {
        await net.gc([]);
        expect((await net.inspect()).endpoints).toEqual([]);
        await net.attach({ netns: red, owner: 'c' });
        before = pictures(host);
      }
    }
    // the table with the port in it, the port of the bridge, and route_localnet
    expect(step).toBeGreaterThan(2);
    expect((await net.inspect()).endpoints.map((endpoint) => endpoint.ports?.length)).toEqual([1]);
  },
  timeout,
);

test(
  'create, killed after each change: gc, or the next create of the same network, makes it good',
  async () => {
    const before = pictures(host);
    let step = 0;
    for (; await killedAt(step, { task: 'create', options }); step++) {
      const whole = await network.list({ netns: host });
      if (step % 2 === 0) await network.gc([], { netns: host });
      else if (whole.length === 0) await network.create({ ...options, netns: host }).then((net) => net.close());
      if ((await network.list({ netns: host })).length > 0) await network.delete('web', { netns: host });
      expect(pictures(host), `create, step ${step}`).toEqual(before);
    }
    expect(step).toBeGreaterThan(6);
    await network.delete('web', { netns: host });
    expect(pictures(host)).toEqual(before);
  },
  timeout,
);

test(
  'delete, killed after each change: gc, or the next delete, makes it good',
  async () => {
    const before = pictures(host, red);
    let step = 0;
    for (; ; step++) {
      await using net = await network.create({ ...options, netns: host }).catch(() => network.open('web', { netns: host }));
      if ((await net.inspect()).endpoints.length === 0) await net.attach(attachment());
      if (!(await killedAt(step, { task: 'delete' }))) break;
      const isWhole = (await network.list({ netns: host })).length > 0;
      if (step % 2 === 0 || !isWhole) await network.gc([], { netns: host });
      if (isWhole) await network.delete('web', { netns: host, force: true });
      expect(pictures(host, red), `delete, step ${step}`).toEqual(before);
    }
    expect(step).toBeGreaterThan(4);
    expect(pictures(host, red)).toEqual(before);
  },
  timeout,
);

/** What several processes do at once: `n`, which of them it is, comes in the argument. */
const program = bundle(`
  import { network } from 'netloom';
  const { task, host, red, n } = JSON.parse(process.argv[2]);
  const told = ({ status, value, reason }) => (status === 'fulfilled' ? (value === undefined || typeof value === 'object' ? 'done' : value) : reason.code);
  const tasks = {
    async attachMany() {
      const net = await network.open('web', { netns: host });
      const attach = (_, i) => net.attach({ netns: red, owner: 'p' + n, ifname: 'e' + n + '-' + i, defaultRoute: false });
      const all = await Promise.all(Array.from({ length: 50 }, attach));
      net.close();
      return all;
    },
    async detachMany() {
      const net = await network.open('web', { netns: host });
      const detach = (_, i) => {
        const other = (n + 1 + (i % 2)) % 4;
        return net.detach({ owner: 'p' + other, ifname: 'e' + other + '-' + (i >> 1) });
      };
      const outcomes = await Promise.allSettled(Array.from({ length: 100 }, detach));
      net.close();
      return outcomes.map(told);
    },
    async compete() {
      const outcomes = [];
      for (let i = 0; i < 10; i++) {
        const subnets = ['10.' + i + '.0.0/24'];
        const [made] = await Promise.allSettled([network.create({ name: 'n' + i, subnets, netns: host, masquerade: true })]);
        outcomes.push('network ' + told(made));
        let net = made.value;
        // whoever was first has it made soon
        for (let tries = 0; net === undefined; tries++)
          net = await network.open('n' + i, { netns: host }).catch((error) => { if (tries > 10000) throw error; });
        outcomes.push(told((await Promise.allSettled([net.attach({ netns: red, owner: 'c', ifname: 'e' + i, defaultRoute: false })]))[0]));
        net.close();
      }
      return outcomes;
    },
  };
  console.log(JSON.stringify((await tasks[task]()) ?? null));
`);
afterAll(() => program.remove());

const argument = (task: string, more: object): string => JSON.stringify({ task, host: host.name, red: red.name, ...more });

describe('several processes', () => {
  /** Runs four processes at the same time, each with its number as `n`. @returns what they printed, as JSON */
  async function together(task: 'attachMany' | 'detachMany' | 'compete'): Promise<unknown[]> {
    const runs = [0, 1, 2, 3].map(async (n) => {
      const child = spawn(process.execPath, [program.file, argument(task, { n })], { env: program.env, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data) => {
        stdout += data;
      });
      child.stderr.on('data', (data) => {
        stderr += data;
      });
      const status = await new Promise((resolve) => child.once('close', resolve));
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return JSON.parse(stdout);
    });
    return await Promise.all(runs);
  }

  test(
    '200 attaches by four at once: no address twice, and nothing is left afterwards',
    async () => {
      await using net = await network.create({ name: 'web', subnets: ['10.20.0.0/23', 'fd00:20::/64'], netns: host });
      const before = [picture(host), picture(red)];
      const attached = (await together('attachMany')) as network.EndpointRecord[][];
      const addresses = attached.flat().flatMap((endpoint) => endpoint.addresses);
      expect(addresses).toHaveLength(400);
      expect(new Set(addresses).size).toBe(400);
      // ip leaves an empty object for an address that a filter took
      const seen: string[] = ip(['address', 'show', 'scope', 'global'], { netns: red.name })
        .flatMap(({ addr_info }) => addr_info)
        .flatMap(({ local, prefixlen }) => (local === undefined ? [] : [`${local}/${prefixlen}`]));
      expect(seen.sort()).toEqual(addresses.sort());
      expect((await net.inspect()).endpoints).toHaveLength(200);
      for (const endpoint of attached.flat().filter((_, i) => i % 40 === 0)) expect(await net.check(endpoint)).toEqual([]);
      // each takes down what another made; two at a time are after the same one
      const outcomes = (await together('detachMany')) as (boolean | string)[][];
      expect(outcomes.flat().filter((outcome) => outcome === true)).toHaveLength(200);
      expect(outcomes.flat().filter((outcome) => outcome !== true && outcome !== false && outcome !== 'EBUSY')).toEqual([]);
      expect([picture(host), picture(red)]).toEqual(before);
    },
    timeout,
  );

  test(
    'the same endpoint by four at once is made once, and one network by four at once',
    async () => {
      const before = [picture(host), picture(red)];
      const outcomes = (await together('compete')) as string[][];
      const count = (which: string) => outcomes.flat().filter((outcome) => outcome === which).length;
      expect([count('network done'), count('done')]).toEqual([10, 10]);
      const refused = ['EEXIST', 'EBUSY', 'network EEXIST', 'network EBUSY'].map(count);
      expect(refused.reduce((sum, n) => sum + n)).toBe(60);
      for (let i = 0; i < 10; i++) await network.delete(`n${i}`, { netns: host, force: true });
      expect([picture(host), picture(red)]).toEqual(before);
    },
    timeout,
  );
});
