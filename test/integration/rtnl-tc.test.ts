/** Qdiscs, classes, filters and limits of bandwidth, as the kernel has them and `tc -j` shows them, and with traffic. */
import { limitBandwidth, network, sync } from 'netloom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open, type RtnlClient } from '../../src/rtnl/index.ts';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { answers, type Json, sh, tool } from '../support/oracle.ts';

let host: Space;
let red: Space;
let rt: RtnlClient;
const where = (): { netns: string } => ({ netns: host.name });
/** `tc -s -d -j ARGS`, parsed. */
const tc = (...args: string[]): Json[] => {
  const text = tool(['tc', '-s', '-d', '-j', ...args], where()).trim();
  return text === '' ? [] : JSON.parse(text);
};
const links = (): string[] =>
  sh('ip -o link show type ifb | cut -d: -f2', where())
    .split('\n')
    .filter((line) => line !== '');

beforeAll(async () => {
  host = newSpace('h');
  red = newSpace('r');
  sh(
    `ip link add v0 type veth peer name eth0 netns ${red.name}; ip link add v1 type veth peer name v2; ip link set v0 up; ip address add 10.9.0.1/24 dev v0`,
    where(),
  );
  sh('ip link set eth0 up; ip address add 10.9.0.2/24 dev eth0', { netns: red.name });
  rt = await open(where());
});
afterAll(() => {
  rt.close();
  deleteSpaces();
});

const mbit = 125_000;

describe('objects', () => {
  test('a token bucket is what tc shows, and what is listed makes it again', async () => {
    await rt.qdiscs.create({ dev: 'v1', handle: '7:', kind: 'tbf', options: { rate: mbit, burst: 20_000, latency: 50_000, overhead: 4 } });
    const [shown] = tc('qdisc', 'show', 'dev', 'v1', 'root');
    expect(shown).toMatchObject({ kind: 'tbf', handle: '7:', options: { rate: mbit } });
    const made = await rt.qdiscs.get({ dev: 'v1' });
    expect(made).toMatchObject({
      dev: 'v1',
      kind: 'tbf',
      handle: '7:',
      parent: 'root',
      options: { rate: mbit, burst: 20_000, limit: 26_250, overhead: 4 },
    });
    await expect(rt.qdiscs.create({ dev: 'v1', kind: 'tbf', options: { rate: mbit, burst: 20_000, limit: 1 } })).rejects.toMatchObject({
      code: 'EEXIST',
    });
    await rt.qdiscs.update({ dev: 'v1', kind: 'tbf', handle: '7:', options: { rate: 2 * mbit, burst: 20_000, limit: 26_250 } });
    expect(tc('qdisc', 'show', 'dev', 'v1', 'root')[0].options.rate).toBe(2 * mbit);
    await rt.qdiscs.delete({ dev: 'v1', handle: '7:' });
    await expect(rt.qdiscs.get({ dev: 'v1', handle: '7:' })).rejects.toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
    await rt.qdiscs.ensureAbsent({ dev: 'v1' });
    await rt.qdiscs.replace(made);
    const [again] = tc('qdisc', 'show', 'dev', 'v1', 'root');
    expect(again).toEqual(shown);
    await rt.qdiscs.delete(made);
  });

  test('a hierarchy: classes, their queues and filters to them', async () => {
    await rt.qdiscs.create({ dev: 'v1', handle: '1:', kind: 'htb', options: { default: 0x20 } });
    await rt.trafficClasses.create({ dev: 'v1', parent: '1:', handle: '1:1', kind: 'htb', options: { rate: 10 * mbit } });
    await rt.trafficClasses.create({
      dev: 'v1',
      parent: '1:1',
      handle: '1:20',
      kind: 'htb',
      options: { rate: mbit, ceil: 5 * mbit, priority: 3 },
    });
    await rt.qdiscs.create({ dev: 'v1', parent: '1:20', kind: 'pfifo', options: { limit: 9 } });
    await rt.trafficFilters.create({
      dev: 'v1',
      parent: '1:',
      protocol: 'ip',
      priority: 5,
      kind: 'u32',
      options: { classId: '1:20', selector: { matches: [{ at: 16, value: 0x0a010203 }] } },
    });
    const shown = tool(['tc', 'class', 'show', 'dev', 'v1'], where()); // not as JSON, before iproute2 6.13
    expect(shown).toMatch(/^class htb 1:1 root rate 10Mbit ceil 10Mbit/m);
    expect(shown).toMatch(/^class htb 1:20 parent 1:1 leaf \w+: prio 3 rate 1Mbit ceil 5Mbit burst 1600b cburst 1600b/m);
    const classes = await rt.trafficClasses.list({ dev: 'v1' });
    expect(classes.find(({ handle }) => handle === '1:20')).toMatchObject({
      parent: '1:1',
      options: { rate: mbit, ceil: 5 * mbit, priority: 3 },
    });
    const [filter] = (await rt.trafficFilters.list({ dev: 'v1', parent: '1:' })).filter(
      ({ options }) => options !== undefined && 'selector' in options,
    );
    expect(filter).toMatchObject({
      priority: 5,
      protocol: 'ip',
      kind: 'u32',
      options: { classId: '1:20', selector: { matches: [{ at: 16, value: 0x0a010203, mask: 0xffffffff }] } },
    });
    expect(tc('filter', 'show', 'dev', 'v1', 'parent', '1:').at(-1)).toMatchObject({ pref: 5, protocol: 'ip', kind: 'u32' });
    await expect(
      rt.trafficClasses.create({ dev: 'v1', parent: '9:', handle: '9:1', kind: 'htb', options: { rate: mbit } }),
    ).rejects.toMatchObject({ name: 'NetlinkError' });
    await rt.trafficFilters.delete({ dev: 'v1', parent: '1:', priority: 5, protocol: 'ip', kind: 'u32' });
    await rt.trafficClasses.delete({ dev: 'v1', handle: '1:20' });
    expect((await rt.trafficClasses.list({ dev: 'v1' })).map(({ handle }) => handle)).toEqual(['1:1']);
    await rt.qdiscs.delete({ dev: 'v1' });
  });

  test('bad input is refused unsent', async () => {
    const bad = async (run: () => Promise<unknown>, argument: string): Promise<void> => {
      await expect(run()).rejects.toMatchObject({ name: 'InputError', argument });
    };
    await bad(() => rt.qdiscs.create({ dev: 'v1', kind: 'tbf', options: { rate: 0, burst: 1, limit: 1 } }), 'options.rate');
    await bad(() => rt.qdiscs.create({ dev: 'v1', kind: 'tbf', options: { rate: 1, burst: 1 } }), 'options.limit');
    await bad(() => rt.qdiscs.create({ dev: 'v1', kind: 'nosuch', options: { rate: 1 } as never }), 'options');
    await bad(() => rt.qdiscs.create({ dev: 'v1', kind: 'pfifo', handle: '1:5' }), 'handle');
    await bad(() => rt.qdiscs.create({ dev: 'v1', kind: 'pfifo', parent: 'top' as '1:' }), 'parent');
    await bad(() => rt.qdiscs.create({ kind: 'pfifo' }), 'dev');
    await bad(() => rt.qdiscs.create({ dev: 'v1', kind: 'netem', options: { loss: 101 } }), 'options.loss');
    await bad(() => rt.trafficFilters.create({ dev: 'v1', parent: 'ingress', kind: 'flower', options: { dport: 80 } }), 'options.dport');
    await bad(
      () =>
        rt.trafficFilters.create({
          dev: 'v1',
          parent: 'ingress',
          kind: 'matchall',
          options: { actions: [{ kind: 'gact', options: { control: 'no' as 'drop' } }] },
        }),
      'options.actions[0].options.control',
    );
  });
});

test('a monitor tells what tc changes', async () => {
  await using monitor = rt.monitor(['qdisc', 'trafficClass', 'trafficFilter']);
  const told: unknown[] = [];
  sh(
    [
      'tc qdisc add dev v1 root handle 1: htb default 20',
      'tc class add dev v1 parent 1: classid 1:20 htb rate 1mbit',
      'tc filter add dev v1 parent 1: prio 5 protocol ip u32 match ip dst 10.1.2.3 classid 1:20',
      'tc filter del dev v1 parent 1: prio 5',
      'tc class del dev v1 classid 1:20',
      'tc qdisc del dev v1 root',
    ].join('; '),
    where(),
  );
  for await (const event of monitor) {
    if (!('action' in event)) continue;
    const object = event.action === 'delete' ? event.old : event.new;
    told.push([event.action, event.kind, object.dev, object.kind, object.parent, object.handle]);
    if (event.kind === 'qdisc' && event.action === 'delete' && object.kind === 'htb') break;
  }
  const filter = (action: string, handle: number): unknown[] => [action, 'trafficFilter', 'v1', 'u32', '1:', handle];
  expect(told).toEqual([
    ['new', 'qdisc', 'v1', 'htb', 'root', '1:'],
    ['new', 'trafficClass', 'v1', 'htb', 'root', '1:20'],
    filter('new', 0x80000800),
    filter('delete', 0),
    ['delete', 'trafficClass', 'v1', 'htb', 'root', '1:20'],
    ['delete', 'qdisc', 'v1', 'htb', 'root', '1:'],
  ]);
});

test('a monitor that keeps a picture knows what a qdisc was before', async () => {
  await using monitor = rt.monitor(['qdisc'], { initial: true, resync: true });
  const told: unknown[] = [];
  for await (const event of monitor) {
    if (event.kind === 'synced' && event.reason === 'initial') {
      await rt.qdiscs.create({ dev: 'v1', handle: '7:', kind: 'pfifo', options: { limit: 9 } });
      await rt.qdiscs.update({ dev: 'v1', handle: '7:', kind: 'pfifo', options: { limit: 8 } });
      await rt.qdiscs.delete({ dev: 'v1' });
    }
    if (!('action' in event)) continue;
    const [before, after] = [event.action === 'new' ? undefined : event.old, event.action === 'delete' ? undefined : event.new];
    if ((before ?? after)?.handle !== '7:') continue;
    told.push([event.action, before?.options, after?.options]);
    if (event.action === 'delete') break;
  }
  expect(told).toEqual([
    ['new', undefined, { limit: 9 }],
    ['change', { limit: 9 }, { limit: 8 }],
    ['delete', { limit: 8 }, undefined],
  ]);
});

describe('limits', () => {
  test('hold up what comes and what is sent, and count it; removed, they leave nothing', async () => {
    const before = [tc('qdisc', 'show'), links()];
    const handle = await limitBandwidth('v0', { ingressRate: 80_000_000, egressRate: 16_000_000, egressBurst: 1_600_000, netns: host });
    const [root, ingress] = [tc('qdisc', 'show', 'dev', 'v0', 'root')[0], tc('qdisc', 'show', 'dev', 'v0', 'ingress')[0]];
    expect(root).toMatchObject({ kind: 'tbf', options: { rate: 10_000_000, lat: 25_000 } });
    expect(ingress).toMatchObject({ kind: 'ingress' });
    expect(links().map((name) => name.trim())).toEqual([handle.ifb]);
    expect(tc('qdisc', 'show', 'dev', handle.ifb, 'root')[0]).toMatchObject({
      kind: 'tbf',
      options: { rate: 2_000_000, burst: expect.stringContaining('200000') },
    });
    expect(answers('10.9.0.2', where())).toBe(true);
    const counted = async (dev: string): Promise<number> => (await rt.qdiscs.get({ dev })).stats!.packets;
    // an echo request to it, and the answer from it
    expect(await counted('v0')).toBeGreaterThan(0);
    expect(await counted(handle.ifb)).toBeGreaterThan(0);
    const shown = (): number => tc('qdisc', 'show', 'dev', handle.ifb, 'root')[0].packets;
    // IPv6 looks for routers and for others with its address now and then: between two of its packets nothing changes
    for (;;) {
      const [before, own] = [shown(), await counted(handle.ifb)];
      if (shown() !== before) continue;
      expect(own).toBe(before);
      break;
    }
    // again, and another: the old ones are gone
    await limitBandwidth('v0', { ingressRate: 8_000_000, netns: host });
    expect(tc('qdisc', 'show', 'dev', 'v0', 'root')[0].options.rate).toBe(1_000_000);
    expect([links(), tc('qdisc', 'show', 'dev', 'v0', 'ingress')]).toEqual([[], []]);
    await handle.remove();
    await handle.remove();
    expect([tc('qdisc', 'show'), links()]).toEqual(before);
  });

  test('are taken from a link that was renamed meanwhile', async () => {
    const before = [tc('qdisc', 'show'), links()];
    const handle = await limitBandwidth('v0', { ingressRate: 8_000_000, egressRate: 8_000_000, netns: host });
    await rt.links.update('v0', { name: 'renamed' });
    try {
      expect(handle.address).toMatch(/^[0-9a-f:]{17}$/);
      expect(tc('qdisc', 'show', 'dev', 'renamed', 'root')[0]).toMatchObject({ kind: 'tbf' });
      await handle.remove();
      expect(tc('qdisc', 'show', 'dev', 'renamed', 'root')[0]?.kind).not.toBe('tbf');
    } finally {
      await rt.links.update('renamed', { name: 'v0' });
    }
    expect([tc('qdisc', 'show'), links()]).toEqual(before);
  });

  test('what is refused half-way leaves nothing', async () => {
    for (const kind of ['clsact', 'ingress'] as const) {
      await rt.qdiscs.create({ dev: 'v1', kind });
      await refusedHalfWay();
      await rt.qdiscs.delete({ dev: 'v1', kind, parent: 'ingress' });
    }
    await rt.qdiscs.create({ dev: 'v1', kind: 'tbf', options: { rate: mbit, burst: 20_000, limit: 20_000 } });
    await refusedHalfWay();
    await rt.qdiscs.delete({ dev: 'v1' });
  });

  async function refusedHalfWay(): Promise<void> {
    const before = [tc('qdisc', 'show'), links()];
    expect(() => sync.limitBandwidth('v1', { ingressRate: 8_000_000, egressRate: 8_000_000, netns: host })).toThrow(
      expect.objectContaining({ code: 'EEXIST' }),
    );
    expect([tc('qdisc', 'show'), links()]).toEqual(before);
  }
});

describe('endpoints', () => {
  test('have limits as long as they are there; gc removes what those whose namespace went have left', async () => {
    const net = await network.create({ name: 'web', subnets: ['10.20.0.0/24'], netns: host });
    const rateLimits = { ingressRate: 80_000_000, egressRate: 40_000_000 };
    const endpoint = await net.attach({ netns: red, owner: 'c1', ifname: 'web0', rateLimits });
    expect(endpoint.rateLimits).toEqual(rateLimits);
    expect(tc('qdisc', 'show', 'dev', endpoint.hostLink, 'root')[0]).toMatchObject({ kind: 'tbf', options: { rate: 10_000_000 } });
    const [ifb] = links().map((name) => name.trim());
    expect(tc('qdisc', 'show', 'dev', ifb!, 'root')[0]).toMatchObject({ kind: 'tbf', options: { rate: 5_000_000 } });
    // bursts that were not asked for are shown as they are, and each as tc shows it
    // with details tc shows a burst as `500000b/1`
    const burst = (dev: string): number => 8 * Number.parseInt(tc('qdisc', 'show', 'dev', dev, 'root')[0].options.burst, 10);
    const shown = {
      ingressRate: 8 * tc('qdisc', 'show', 'dev', endpoint.hostLink, 'root')[0].options.rate,
      ingressBurst: burst(endpoint.hostLink),
      egressRate: 8 * tc('qdisc', 'show', 'dev', ifb!, 'root')[0].options.rate,
      egressBurst: burst(ifb!),
    };
    expect(shown).toMatchObject(rateLimits);
    expect((await net.inspect()).endpoints[0]).toMatchObject({ owner: 'c1', rateLimits: shown });
    const graph = await network.inspectHost({ netns: host });
    expect(graph.namespaces[0]!.links.find(({ name }) => name === endpoint.hostLink)).toMatchObject({ owner: 'c1', rateLimits });
    expect(network.draw(graph, { format: 'text' })).toContain('c1 on web, gets 80Mbit, sends 40Mbit');
    expect(answers(endpoint.addresses[0]!.split('/')[0]!, where())).toBe(true);
    expect((await rt.qdiscs.get({ dev: ifb! })).stats!.packets).toBeGreaterThan(0);
    expect(
      (await net.plan({ netns: red, owner: 'c2', ifname: 'web1', rateLimits })).filter(
        (step) => 'message' in step && step.message === 'RTM_NEWQDISC',
      ).length,
    ).toBe(3);
    await net.detach(endpoint);
    expect(links()).toEqual([]);
    await expect(
      net.attach({ netns: red, owner: 'c1', ifname: 'web0', rateLimits: { egressRate: 8_000_000, egressBurst: 80 } }),
    ).rejects.toMatchObject({
      name: 'InputError',
      argument: 'egressBurst',
    });
    expect((await net.inspect()).endpoints).toEqual([]);

    const short = newSpace('s');
    const { hostLink } = await net.attach({ netns: short, owner: 'c3', rateLimits });
    short.deleteSync();
    short.close();
    // the kernel removes the namespace's links a little later, and no link of the kind ifb with them
    await rt.links.waitUntil(hostLink, 'absent');
    expect(links()).toHaveLength(1);
    await network.gc([], { netns: host });
    expect(links()).toEqual([]);
    net.close();
    await network.delete('web', { netns: host });
  });
});
