/** Processes that make or remove networks and endpoints are killed, before and after each thing they do; and several at once that are not. */
import { spawn, spawnSync } from 'node:child_process';
import { network } from 'netloom';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../support/bundled.ts';
import { deleteSpaces, newSpace, picture, type Space } from '../support/network.ts';
import { ip, limit, nftText } from '../support/oracle.ts';
import { patience } from '../support/patience.ts';
import { namedNamespaces } from '../support/state.ts';

/** Each step takes a process and some thirty calls of `ip` and `nft`, and there may be forty of them. */
const timeout = 480_000 * patience;

let host: Space;
let red: Space;
beforeEach(() => {
  host = newSpace('h');
  red = newSpace('r');
});
afterEach(deleteSpaces);

const options = { name: 'web', subnets: ['10.20.0.0/24', 'fd00:20::/64'], masquerade: true, isolate: true } as const;

const ports = [{ hostPort: 8080, containerPort: 80 }];

/** What a process does: `at`, the step at which it is killed, and what else it is to know, come in its argument. */
const program = bundle(`
  import { network } from 'netloom';
  import { interferedWith } from '../support/faults.ts';
  const { task, at, host, red, options, ports, n } = JSON.parse(process.argv[2]);
  let armed = false, count = 0;
  const transport = interferedWith({ around: () => { if (armed && count++ === at) process.kill(process.pid, 'SIGKILL'); } });
  const where = { netns: host, transport };
  const told = ({ status, value, reason }) => (status === 'fulfilled' ? (value === undefined || typeof value === 'object' ? 'done' : value) : reason.code);
  const tasks = {
    async attach() {
      const net = await network.open('web', where);
      armed = true;
      await net.attach({ netns: red, owner: 'c', sysctls: { 'net.ipv4.conf.IFNAME.arp_notify': 1 } });
      armed = false;
      net.close();
    },
    async publish() {
      const net = await network.open('web', where);
      armed = true;
      await net.publish({ owner: 'c' }, ports);
      armed = false;
      net.close();
    },
    async create() {
      armed = true;
      const net = await network.create({ ...options, ...where });
      armed = false;
      net.close();
    },
    async delete() {
      armed = true;
      await network.delete('web', { ...where, force: true });
      armed = false;
    },
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

const argument = (task: string, more: object): string => JSON.stringify({ task, host: host.name, red: red.name, options, ports, ...more });

/** Runs a process that is killed at a step. @returns false when it came to its end before */
function killedAt(at: number, task: 'attach' | 'publish' | 'create' | 'delete'): boolean {
  const { status, signal, stderr } = spawnSync(process.execPath, [program.file, argument(task, { at })], {
    env: program.env,
    encoding: 'utf8',
    timeout: limit,
  });
  if (signal === 'SIGKILL') return true;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return false;
}

/** The pictures that must be as before. Names of namespaces: those of this test's, for others run meanwhile. */
const pictures = () => [picture(host), picture(red), namedNamespaces().filter((name) => name === host.name || name === red.name)];

test(
  'attach, killed at each step: gc, or the next attach of the same endpoint, makes it good',
  async () => {
    await using net = await network.create({ ...options, netns: host });
    const before = pictures();
    let step = 0;
    let halves = 0;
    for (; killedAt(step, 'attach'); step++) {
      const { incomplete, endpoints } = await net.inspect();
      halves += incomplete;
      if (step % 2 === 0) {
        const collected = await net.gc([]);
        expect(collected, `step ${step}`).toMatchObject({ incomplete, busy: [] });
        expect(collected.endpoints.length).toBe(endpoints.length);
      } else {
        // one that was killed when all was done has attached it
        const again = await net.attach({ netns: red, owner: 'c' }).catch((error) => error);
        if (endpoints.length > 0) expect(again).toMatchObject({ code: 'EEXIST' });
        else expect(await again.check()).toEqual([]);
        await net.detach({ owner: 'c' });
      }
      expect(pictures(), `step ${step}`).toEqual(before);
    }
    expect(step).toBeGreaterThan(8);
    expect(halves).toBeGreaterThan(4);
    expect(await net.check({ owner: 'c' })).toEqual([]);
  },
  timeout,
);

test(
  'publish, killed at each step: the next publish of the same ports, or gc, makes it good',
  async () => {
    await using net = await network.create({ ...options, netns: host });
    await net.attach({ netns: red, owner: 'c', ports });
    await net.unpublish({ owner: 'c' });
    const before = nftText({ netns: host.name });
    let step = 0;
    for (; killedAt(step, 'publish'); step++) {
      if (step % 2 === 0) {
        expect(await net.publish({ owner: 'c' }, ports)).toEqual([{ protocol: 'tcp', ...ports[0] }]);
        expect((await net.inspect()).endpoints.map((endpoint) => endpoint.ports?.length)).toEqual([1]);
        await net.unpublish({ owner: 'c' });
      } else {
        await net.gc([]);
        await net.attach({ netns: red, owner: 'c' });
      }
      expect(nftText({ netns: host.name }), `step ${step}`).toBe(before);
    }
    expect(step).toBeGreaterThan(8);
    expect((await net.inspect()).endpoints.map((endpoint) => endpoint.ports?.length)).toEqual([1]);
  },
  timeout,
);

test(
  'create, killed at each step: gc, or the next create of the same network, makes it good',
  async () => {
    const before = pictures();
    let step = 0;
    for (; killedAt(step, 'create'); step++) {
      const whole = await network.list({ netns: host });
      if (step % 2 === 0) await network.gc([], { netns: host });
      else if (whole.length === 0) await network.create({ ...options, netns: host }).then((net) => net.close());
      if ((await network.list({ netns: host })).length > 0) await network.delete('web', { netns: host });
      expect(pictures(), `create, step ${step}`).toEqual(before);
    }
    expect(step).toBeGreaterThan(15);
    await network.delete('web', { netns: host });
    expect(pictures()).toEqual(before);
  },
  timeout,
);

test(
  'delete, killed at each step: gc, or the next delete, makes it good',
  async () => {
    const before = pictures();
    let step = 0;
    for (; ; step++) {
      await using net = await network.create({ ...options, netns: host }).catch(() => network.open('web', { netns: host }));
      if ((await net.inspect()).endpoints.length === 0) await net.attach({ netns: red, owner: 'c' });
      if (!killedAt(step, 'delete')) break;
      await network.gc([], { netns: host });
      if ((await network.list({ netns: host })).length > 0) await network.delete('web', { netns: host });
      expect(pictures(), `delete, step ${step}`).toEqual(before);
    }
    expect(step).toBeGreaterThan(6);
    expect(pictures()).toEqual(before);
  },
  timeout,
);

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
