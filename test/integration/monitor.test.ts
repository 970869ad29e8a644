/** Monitors on the real kernel: every change is told or its loss is, pictures come out right, nothing is held that others need. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { netns, type rtnl as Rtnl, rtnl } from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultTransport } from '../../src/netlink/transport/default.ts';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, limit, sh } from '../support/oracle.ts';
import { patience } from '../support/patience.ts';

const defaultBuffer = 32 * 1024 * 1024;

let name: string;
let home: netns.Netns;
let rt: Rtnl.RtnlClient;
beforeEach(async () => {
  name = uniqueName('mon');
  home = await netns.create(name);
  ipText(['link', 'set', 'lo', 'up'], { netns: name });
  rt = await rtnl.open({ netns: home });
});
afterEach(async () => {
  rt.close();
  await home.delete();
  home.close();
});

const inside = (...args: string[]): string => ipText(args, { netns: name });

/** Runs `ip -batch` next to the event loop. */
async function batch(lines: readonly string[]): Promise<void> {
  const child = spawn('nsenter', [`--net=/run/netns/${name}`, 'ip', '-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(`${lines.join('\n')}\n`);
  const [status] = (await once(child, 'close')) as [number];
  expect(status).toBe(0);
}

const blackholes = (verb: 'add' | 'del', count: number): string[] =>
  Array.from({ length: count }, (_, i) => `route ${verb} blackhole 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`);

type Event = Rtnl.RtnlEvent;

async function takeUntil(monitor: AsyncIterator<Event>, last: (event: Event) => boolean): Promise<Event[]> {
  const events: Event[] = [];
  for (;;) {
    const { value, done } = await monitor.next();
    expect(done).toBe(false);
    events.push(value);
    if (last(value)) return events;
  }
}

describe('events', () => {
  test('of links, addresses and routes, by the names of their links', async () => {
    const monitor = rt.monitor(['link', 'address', 'route']);
    inside('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    inside('address', 'add', '10.0.0.1/24', 'dev', 'v0');
    inside('link', 'set', 'v1', 'up');
    inside('link', 'set', 'v0', 'up');
    inside('route', 'add', '10.9.0.0/16', 'via', '10.0.0.2');
    inside('route', 'replace', '10.9.0.0/16', 'via', '10.0.0.3');
    // down: kernels before 6.2 rename no link that is up
    for (const words of ['v0 down', 'v0 name w0', 'w0 up']) inside('link', 'set', ...words.split(' '));
    inside('route', 'add', '10.8.0.0/16', 'dev', 'w0');
    inside('link', 'del', 'w0');
    const [v0] = [await rt.links.get('lo')];
    expect(v0.name).toBe('lo');
    const events = await takeUntil(monitor, (event) => event.kind === 'link' && event.action === 'delete' && event.old.name === 'w0');
    monitor.close();
    const expected: object[] = [
      { kind: 'link', action: 'new', new: { name: 'v0', kind: 'veth', peer: 'v1' } },
      { kind: 'link', action: 'change', new: { name: 'v1', up: true } },
      { kind: 'address', action: 'new', new: { address: '10.0.0.1/24', label: 'v0' } },
      { kind: 'route', action: 'new', new: { to: '10.9.0.0/16', via: '10.0.0.2' } },
      { kind: 'route', action: 'change', new: { to: '10.9.0.0/16', via: '10.0.0.3' } },
      { kind: 'link', action: 'change', new: { name: 'w0' } },
      // the name came with an event, and nobody was asked
      { kind: 'route', action: 'new', new: { to: '10.8.0.0/16', dev: 'w0' } },
      { kind: 'address', action: 'delete', old: { address: '10.0.0.1/24' } },
    ];
    for (const event of expected) expect(events).toContainEqual(expect.objectContaining(nested(event)));
  });

  test('only of the kinds that were asked for, and as many as the kernel tells ip', async () => {
    const witness = spawn('nsenter', [`--net=/run/netns/${name}`, 'ip', '-4', 'monitor', 'route'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = '';
    witness.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    try {
      // the witness listens once it has told of something
      for (let i = 0; seen === ''; i++) {
        await batch([`route add blackhole 10.250.0.${i}/32`]);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const monitor = rt.monitor(['route']);
      inside('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
      // no more than the smallest of the buffers holds while nobody has time to read: 832 bytes each of 425,984
      await batch([...blackholes('add', 200), ...blackholes('del', 200), 'route add blackhole 10.251.0.0/16']);
      const events = await takeUntil(
        monitor,
        (event) => event.kind === 'route' && event.action === 'new' && event.new.to === '10.251.0.0/16',
      );
      monitor.close();
      await expect.poll(() => seen).toContain('10.251.0.0/16');
      const lines = seen.split('\n').filter((line) => !line.includes('10.250.') && line.trim() !== '');
      expect(events.map((event) => event.kind)).toEqual(lines.map(() => 'route'));
      expect(events.filter((event) => 'action' in event && event.action === 'delete')).toHaveLength(
        lines.filter((line) => line.startsWith('Deleted')).length,
      );
    } finally {
      witness.kill();
    }
  });

  test('in all namespaces that have an id here, with the id', async () => {
    const other = uniqueName('oth');
    await using red = await netns.create(other);
    ipText(['link', 'add', 'r0', 'type', 'veth', 'peer', 'name', 'r1'], { netns: other });
    ipText(['link', 'set', 'r1', 'up'], { netns: other });
    ipText(['link', 'set', 'r0', 'up'], { netns: other });
    sh(`ip netns set ${other} 7`, { netns: name });
    const monitor = rt.monitor(['link', 'route'], { allNamespaces: true });
    // begins to read, with the names as they are by now
    const first = monitor.next();
    inside('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    // r0 has come up a moment ago, and something may be told of that before
    const isNew = (event: Event): boolean => event.kind === 'link' && event.action === 'new' && event.new.name === 'v0';
    if (!isNew((await first).value!)) await takeUntil(monitor, isNew);
    ipText(['route', 'add', '10.7.0.0/16', 'dev', 'r0'], { netns: other });
    const events = await takeUntil(monitor, (event) => event.kind === 'route' && event.action === 'new' && event.new.to === '10.7.0.0/16');
    expect(events.at(-1)).toMatchObject({ nsid: 7, new: { dev: 'r0' } });
    ipText(['link', 'add', 'x0', 'type', 'bridge'], { netns: other });
    const made = await takeUntil(monitor, (event) => event.kind === 'link' && event.action === 'new' && event.new.name === 'x0');
    expect(made.at(-1)).toMatchObject({ nsid: 7 });
    for (const event of [...events, ...made]) if ('nsid' in event) expect(event.nsid).toBe(7);
    // one that leaves for there, and its index there
    inside('link', 'set', 'v0', 'netns', other);
    const left = await takeUntil(monitor, (event) => event.kind === 'link' && event.action === 'delete' && event.old.name === 'v0');
    const [there] = ip(['link', 'show', 'v0'], { netns: other });
    expect(left.at(-1)).toMatchObject({ old: { newNetnsid: 7, newIndex: there.ifindex } });
    expect(() => rt.monitor(['link'], { allNamespaces: true, resync: true })).toThrow(expect.objectContaining({ argument: 'resync' }));
    monitor.close();
    await red.delete();
  });

  test('of neighbors and forwarding tables, which share a group', async () => {
    // where bridges know VLANs, an entry without one is made in each that its port is in as well
    inside('link', 'add', 'br0', 'type', 'bridge', 'vlan_default_pvid', '0');
    inside('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    inside('link', 'set', 'v0', 'master', 'br0');
    inside('link', 'set', 'br0', 'up');
    const monitor = rt.monitor(['neighbor', 'fdb'], { initial: true, resync: true });
    const before = await takeUntil(monitor, (event) => event.kind === 'synced');
    const existing = before.flatMap((event) => (event.kind === 'fdb' && event.action === 'new' ? [event.new.lladdr] : [])).sort();
    const listed = JSON.parse(sh('bridge -j fdb show', { netns: name })) as { mac: string }[];
    expect(existing).toEqual(listed.map((entry) => entry.mac).sort());
    inside('neigh', 'add', '10.0.0.5', 'lladdr', '02:00:00:00:00:05', 'dev', 'br0');
    inside('neigh', 'replace', '10.0.0.5', 'lladdr', '02:00:00:00:00:06', 'dev', 'br0');
    sh('bridge fdb add 02:00:00:00:00:07 dev v0 master static', { netns: name });
    sh('bridge fdb del 02:00:00:00:00:07 dev v0 master', { netns: name });
    inside('neigh', 'del', '10.0.0.5', 'dev', 'br0');
    const events = await takeUntil(
      monitor,
      (event) => event.kind === 'neighbor' && event.action === 'delete' && event.old.to === '10.0.0.5',
    );
    monitor.close();
    const told = events.filter(
      (event) =>
        (event.kind === 'neighbor' && JSON.stringify(event).includes('10.0.0.5')) ||
        (event.kind === 'fdb' && JSON.stringify(event).includes('00:00:00:00:07')),
    );
    expect(told).toMatchObject([
      { kind: 'neighbor', action: 'new', new: { dev: 'br0', lladdr: '02:00:00:00:00:05', state: 'permanent' } },
      { kind: 'neighbor', action: 'change', old: { lladdr: '02:00:00:00:00:05' }, new: { lladdr: '02:00:00:00:00:06' } },
      { kind: 'fdb', action: 'new', new: { dev: 'v0', master: 'br0', lladdr: '02:00:00:00:00:07', state: 'static' } },
      { kind: 'fdb', action: 'delete', old: { dev: 'v0', lladdr: '02:00:00:00:00:07' } },
      // before it goes, the kernel tells that it is no longer good for anything
      ...told.slice(4, -1),
      { kind: 'neighbor', action: 'delete', old: { to: '10.0.0.5', dev: 'br0' } },
    ]);
  });

  test('of the settings of IP, multicast databases and ids of namespaces', async () => {
    const other = uniqueName('oth');
    await using red = await netns.create(other);
    inside('link', 'add', 'br0', 'type', 'bridge');
    inside('link', 'set', 'br0', 'up');
    inside('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    inside('link', 'set', 'v0', 'master', 'br0');
    inside('link', 'set', 'v0', 'up');
    inside('link', 'set', 'v1', 'up');
    // the kernel knows the group of VLANs, whether or not its bridges have any
    rt.monitor(['bridgeVlan']).close();
    const monitor = rt.monitor(['netconf', 'mdb', 'nsid'], { initial: true, resync: true });
    await takeUntil(monitor, (event) => event.kind === 'synced');
    await home.sysctl.set('net.ipv4.conf.v1.rp_filter', 2);
    sh('bridge mdb add dev br0 port v0 grp 239.1.2.3 permanent', { netns: name });
    sh('bridge mdb del dev br0 port v0 grp 239.1.2.3', { netns: name });
    sh(`ip netns set ${other} 9`, { netns: name });
    const events = await takeUntil(monitor, (event) => event.kind === 'nsid');
    monitor.close();
    expect(events.filter((event) => !JSON.stringify(event).includes('ff02:') && !JSON.stringify(event).includes('224.'))).toMatchObject([
      {
        kind: 'netconf',
        action: 'change',
        old: { family: 'inet', dev: 'v1', forwarding: false },
        // the message has the one setting
        new: { family: 'inet', dev: 'v1', rpFilter: 'loose', forwarding: false },
      },
      { kind: 'mdb', action: 'new', new: { dev: 'br0', port: 'v0', group: '239.1.2.3', state: 'permanent' } },
      { kind: 'mdb', action: 'delete', old: { dev: 'br0', port: 'v0', group: '239.1.2.3' } },
      { kind: 'nsid', action: 'new', new: { nsid: 9 } },
    ]);
    await red.delete();
  });

  test('of rules and nexthop objects, and those that go without a word', async () => {
    inside('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    inside('link', 'set', 'v1', 'up');
    inside('link', 'set', 'v0', 'up');
    inside('nexthop', 'add', 'id', '5', 'dev', 'v0');
    const monitor = rt.monitor(['rule', 'nexthop'], { initial: true, resync: true });
    const before = await takeUntil(monitor, (event) => event.kind === 'synced');
    expect(before).toContainEqual(expect.objectContaining({ kind: 'nexthop', new: expect.objectContaining({ id: 5, dev: 'v0' }) }));
    inside('nexthop', 'add', 'id', '7', 'blackhole');
    inside('rule', 'add', 'from', '10.0.0.0/8', 'table', '100', 'priority', '77');
    inside('rule', 'del', 'priority', '77');
    const events = await takeUntil(monitor, (event) => event.kind === 'rule' && event.action === 'delete');
    expect(events).toMatchObject([
      { kind: 'nexthop', action: 'new', new: { id: 7 } },
      { kind: 'rule', action: 'new', new: { priority: 77, from: '10.0.0.0/8' } },
      { kind: 'rule', action: 'delete', old: { priority: 77 } },
    ]);
    inside('link', 'set', 'v0', 'down');
    expect((await takeUntil(monitor, () => true))[0]).toMatchObject({ kind: 'nexthop', action: 'delete', old: { id: 5 } });
    monitor.close();
  });

  test('of a namespace that is named', async () => {
    await using here = await rtnl.open();
    const monitor = here.monitor(['route'], { netns: name, initial: true });
    await takeUntil(monitor, (event) => event.kind === 'synced');
    inside('route', 'add', 'blackhole', '10.1.0.0/16');
    expect((await monitor.next()).value).toMatchObject({ kind: 'route', new: { to: '10.1.0.0/16', type: 'blackhole' } });
    monitor.close();
  });
});

function nested(event: object): object {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [key, typeof value === 'object' ? expect.objectContaining(value) : value]),
  );
}

describe('groups beyond 32', () => {
  test('are joined and heard', () => {
    const transport = defaultTransport()(0, { fd: home.fd, id: home.id, describe: name });
    try {
      // RTNLGRP_TUNNEL: a vxlan link with a filter of its own tells of it
      transport.subscribe({ groups: [33, 35], receiveBuffer: 65_536, allNamespaces: false });
      inside('link', 'add', 'vx0', 'type', 'vxlan', 'external', 'vnifilter', 'local', '10.0.0.1', 'dstport', '4789');
      sh('bridge vni add vni 10 dev vx0', { netns: name });
      expect(transport.wait(10_000)).toBe(true);
      // RTM_NEWTUNNEL
      expect(transport.receive()?.bytes.readUInt16LE(4)).toBe(120);
      expect(() => transport.subscribe({ groups: [1000], receiveBuffer: 65_536, allNamespaces: false })).toThrow(
        expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining('no multicast group 1000') }),
      );
    } finally {
      transport.close();
    }
  });
});

describe('much at once', () => {
  test('40,000 changes as fast as they can be made: each is told, or counted as lost', { timeout: 300_000 * patience }, async () => {
    const monitor = rt.monitor(['route']);
    const making = batch([...blackholes('add', 20_000), ...blackholes('del', 20_000)]);
    const counts = { new: 0, delete: 0, lost: 0 };
    // not until a last one: that may be among those that are lost
    for await (const event of monitor) {
      if (event.kind === 'overrun') counts.lost += event.lost!;
      else if (event.kind === 'route' && event.action !== 'change') counts[event.action]++;
      if (counts.new + counts.delete + counts.lost >= 40_000) break;
    }
    await making;
    expect(counts.new + counts.delete + counts.lost).toBe(40_000);
    // an ordinary user is granted net.core.rmem_max
    if (monitor.receiveBuffer >= defaultBuffer) expect(counts).toEqual({ new: 20_000, delete: 20_000, lost: 0 });
  });

  test('as many wait in the default buffer while nobody reads', { timeout: 300_000 * patience }, async () => {
    const monitor = rt.monitor(['route']);
    await batch([...blackholes('add', 20_000), ...blackholes('del', 20_000)]);
    const counts = { route: 0, lost: 0 };
    while (counts.route + counts.lost < 40_000) {
      const { value } = await monitor.next();
      if (value!.kind === 'route') counts.route++;
      else if (value!.kind === 'overrun') counts.lost += value!.lost!;
    }
    monitor.close();
    expect(counts.route + counts.lost).toBe(40_000);
    if (monitor.receiveBuffer >= defaultBuffer) expect(counts.lost).toBe(0);
    else expect(counts.lost).toBeGreaterThan(0);
  });
});

/** What a consumer makes of the events, with nothing else to go by. */
class Consumer {
  readonly routes = new Map<string, Rtnl.Route>();
  readonly links = new Map<number, Rtnl.Link>();
  overruns = 0;

  take(event: Event): void {
    if (event.kind === 'overrun') this.overruns++;
    if (event.kind === 'route') {
      // a change may be one of what identifies it
      if (event.action !== 'new' && event.old !== undefined)
        expect(this.routes.delete(routeKey(event.old)), JSON.stringify(event)).toBe(true);
      if (event.action !== 'delete') this.routes.set(routeKey(event.new), event.new);
    }
    if (event.kind === 'link') {
      if (event.action === 'delete') this.links.delete(event.old.index);
      else this.links.set(event.new.index, event.new);
    }
  }

  async readUntil(monitor: AsyncIterator<Event>, last: (event: Event) => boolean): Promise<void> {
    for (const event of await takeUntil(monitor, last)) this.take(event);
  }

  picture(): string[] {
    return [...this.routes.keys()].sort();
  }
}

function routeKey(route: Rtnl.Route): string {
  const paths = route.nexthops ?? [route];
  const places = paths.map(({ via, dev }) => `${via ?? ''}@${dev ?? ''}`).sort();
  return `${route.family} ${route.table} ${route.type} ${route.to} ${route.metric ?? 0} ${places.join(' ')}`;
}

/** The same in the words of `ip -j`. */
function truth(): string[] {
  return (['inet', 'inet6'] as const)
    .flatMap((family) =>
      ip([family === 'inet' ? '-4' : '-6', 'route', 'show', 'table', 'all'], { netns: name }).map((route) => {
        const paths = route.nexthops ?? [route];
        const places = paths.map((path: { gateway?: string; dev?: string }) => `${path.gateway ?? ''}@${path.dev ?? ''}`).sort();
        const bare = route.dst === 'default' || route.dst.includes('/');
        const to = bare ? route.dst : `${route.dst}/${family === 'inet' ? 32 : 128}`;
        return `${family} ${route.table ?? 'main'} ${route.type} ${to} ${route.metric ?? 0} ${places.join(' ')}`;
      }),
    )
    .sort();
}

const synced = (event: Event): boolean => event.kind === 'synced';
/** Makes a last change, so that the events before it have an end. */
const mark = (to: string): ((event: Event) => boolean) => {
  inside('route', 'add', 'blackhole', to);
  return (event) => event.kind === 'route' && event.action === 'new' && event.new.to === to;
};

describe('pictures', () => {
  test('by events alone, what ip shows: several routes to one network, paths that come and go, links that go', async () => {
    const monitor = rt.monitor(['route'], { initial: true, resync: true });
    const consumer = new Consumer();
    await consumer.readUntil(monitor, synced);
    expect(consumer.picture()).toEqual(truth());
    const steps: (readonly string[])[] = [
      ['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'],
      ['link', 'set', 'v0', 'up'],
      ['link', 'set', 'v1', 'up'],
      ['address', 'add', '10.0.0.1/24', 'dev', 'v0'],
      ['-6', 'address', 'add', '2001:db8::1/64', 'dev', 'v0', 'nodad'],
      ['route', 'add', '10.1.0.0/16', 'via', '10.0.0.2'],
      ['route', 'append', '10.1.0.0/16', 'via', '10.0.0.3'],
      ['route', 'prepend', '10.1.0.0/16', 'via', '10.0.0.4'],
      ['route', 'replace', '10.1.0.0/16', 'via', '10.0.0.5'],
      ['route', 'del', '10.1.0.0/16', 'via', '10.0.0.3'],
      ['route', 'add', '10.2.0.0/16', 'nexthop', 'via', '10.0.0.2', 'nexthop', 'via', '10.0.0.3', 'weight', '2'],
      ['route', 'change', '10.2.0.0/16', 'via', '10.0.0.9'],
      [
        '-6',
        'route',
        'add',
        '2001:db8:1::/48',
        'nexthop',
        'via',
        '2001:db8::2',
        'nexthop',
        'via',
        '2001:db8::3',
        'nexthop',
        'via',
        '2001:db8::4',
      ],
      ['-6', 'route', 'del', '2001:db8:1::/48', 'via', '2001:db8::3'],
      ['-6', 'route', 'append', '2001:db8:1::/48', 'via', '2001:db8::5'],
      ['-6', 'route', 'add', '2001:db8:2::/48', 'via', '2001:db8::2'],
      ['-6', 'route', 'append', '2001:db8:2::/48', 'via', '2001:db8::3'],
      ['-6', 'route', 'replace', '2001:db8:2::/48', 'via', '2001:db8::4'],
      ['-6', 'route', 'add', '2001:db8:3::/48', 'nexthop', 'via', '2001:db8::2', 'nexthop', 'via', '2001:db8::3'],
      ['-6', 'route', 'del', '2001:db8:3::/48', 'nexthop', 'via', '2001:db8::2', 'nexthop', 'via', '2001:db8::3'],
      ['address', 'del', '10.0.0.1/24', 'dev', 'v0'],
      ['address', 'add', '10.0.0.1/24', 'dev', 'v0'],
      ['route', 'add', '10.3.0.0/16', 'via', '10.0.0.2'],
      ['link', 'set', 'v0', 'down'],
      ['link', 'del', 'v0'],
    ];
    for (const [i, step] of steps.entries()) {
      inside(...step);
      await consumer.readUntil(monitor, mark(`11.0.0.${i}/32`));
      // what comes and goes without a word is found by listing again, which takes a moment; IPv6 makes a link's own routes when it likes
      let there = truth();
      for (let wait = 0; wait < 100 && JSON.stringify(consumer.picture()) !== JSON.stringify(there); wait++) {
        await consumer.readUntil(monitor, mark(`11.${i}.1.${wait}/32`));
        there = truth();
      }
      expect(consumer.picture(), step.join(' ')).toEqual(there);
    }
    monitor.close();
    expect(consumer.overruns).toBe(0);
  });

  test('a monitor that is not read for 2 seconds of churn tells the overrun, and its consumer is right again', async () => {
    const monitor = rt.monitor(['route', 'link'], { initial: true, resync: true, receiveBuffer: 65_536 });
    const consumer = new Consumer();
    await consumer.readUntil(monitor, synced);
    const churn = spawn(
      'nsenter',
      [
        `--net=/run/netns/${name}`,
        'sh',
        '-c',
        'i=0; while :; do i=$((i+1)); { for j in 1 2 3 4 5 6 7 8 9; do echo "route add blackhole 10.$((i%200)).$j.0/24 metric $((i%7+1))"; done; ' +
          'echo "route del blackhole 10.$(((i*7)%200)).3.0/24"; [ $((i%50)) = 0 ] && echo "link add t$i type bridge"; true; } | ip -force -batch - >/dev/null 2>&1; sleep 0.02; done',
      ],
      { stdio: 'ignore', detached: true },
    );
    try {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      // on a busy machine the churn may need longer to fill the buffer; the last column but one counts what was dropped
      const dropped = (): number =>
        sh('tail -n +2 /proc/net/netlink', { netns: name })
          .split('\n')
          .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[8] ?? 0), 0);
      await expect.poll(dropped, { timeout: 60_000 * patience, interval: 200 }).toBeGreaterThan(0);
      // read on while the churn does
      await consumer.readUntil(monitor, (event) => event.kind === 'synced' && event.reason === 'overrun');
    } finally {
      process.kill(-churn.pid!, 'SIGKILL');
    }
    await once(churn, 'close');
    expect(consumer.overruns).toBeGreaterThan(0);
    const seen = (): unknown => [consumer.picture(), [...consumer.links.values()].map((link) => link.name).sort()];
    const links = (): string[] => ip(['link', 'show'], { netns: name }).map((link) => link.ifname as string);
    const truths = (): unknown => [truth(), links().sort()];
    let there = truths();
    for (let wait = 0; wait < 200 && JSON.stringify(seen()) !== JSON.stringify(there); wait++) {
      await consumer.readUntil(monitor, mark(`11.0.0.${wait}/32`));
      there = truths();
    }
    expect(seen()).toEqual(there);
    monitor.close();
  });
});

describe('what a monitor holds', () => {
  test('a signal, break and the client end it, and its socket is closed', async () => {
    const sockets = (): number =>
      spawnSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' }).stdout.match(/ -> socket:/g)?.length ?? 0;
    await rt.links.get('lo');
    const before = sockets();
    const controller = new AbortController();
    const aborted = rt.monitor(['link'], { signal: controller.signal });
    const waiting = aborted.next();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    const broken = rt.monitor(['link']);
    inside('link', 'set', 'lo', 'mtu', '1400');
    for await (const event of broken) {
      expect(event).toMatchObject({ kind: 'link', new: { mtu: 1400 } });
      break;
    }
    const closed = rt.monitor(['link'], { netns: name });
    const last = closed.next();
    expect(sockets()).toBeGreaterThan(before);
    rt.close();
    expect(await last).toEqual({ value: undefined, done: true });
    expect(() => rt.monitor(['link'])).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
    await expect.poll(sockets).toBeLessThanOrEqual(before);
  });

  /** Runs a program of its own; its output, and how it ended. */
  const program = (code: string, env: Record<string, string> = {}): { status: number | null; stdout: string; stderr: string } => {
    const source = `import { rtnl } from '${bundledModule()}'; const rt = await rtnl.open(); ${code}`;
    // in a namespace of its own: it changes `lo`, which other test files look at
    const command = ['--net', '--', process.execPath, '--input-type=module', '--eval', source];
    const { status, stdout, stderr } = spawnSync('unshare', command, {
      encoding: 'utf8',
      timeout: limit,
      env: { ...bundledEnvironment, ...env },
    });
    return { status, stdout, stderr };
  };
  const change =
    "(await import('node:child_process')).execFileSync('ip', ['link', 'set', 'lo', 'mtu', String(2000 + Math.floor(Math.random() * 9000))]);";

  test.each([
    ['one that does not keep it', "rt.monitor(['link'], { ref: false }).next().then(() => console.log('event'));"],
    ['one that no longer keeps it', "const m = rt.monitor(['link']); void m.next(); await rt.links.get('lo'); m.unref();"],
    ['one that nobody reads', "rt.monitor(['link', 'route']);"],
    ['one that is closed', "const m = rt.monitor(['link']); void m.next(); await rt.links.get('lo'); m.close();"],
    ['process.exit while it waits', "void rt.monitor(['link']).next(); await rt.links.get('lo'); process.exit(0);"],
  ])('the process ends: %s', (_, code) => {
    expect(program(code)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('waiting keeps the process alive', () => {
    const code = `const m = rt.monitor(['link']); setTimeout(async () => { ${change} }, 200).unref();
      console.log((await m.next()).value.kind); m.close();`;
    expect(program(code)).toEqual({ status: 0, stdout: 'link\n', stderr: '' });
  });

  test('no thread: files are read with 16 monitors waiting and a pool of one', () => {
    const code = `
      const { readFile, readdir } = await import('node:fs/promises');
      const { readdirSync } = await import('node:fs');
      const clients = await Promise.all(Array.from({ length: 16 }, () => rtnl.open()));
      await Promise.all(clients.map((client) => client.links.get('lo')));
      const threads = readdirSync('/proc/self/task').length;
      const monitors = clients.map((client) => client.monitor(['link', 'route', 'address']));
      const events = monitors.map((monitor) => monitor.next());
      for (let i = 0; i < 100; i++) await readFile('/proc/self/stat');
      await (await import('node:dns/promises')).lookup('localhost');
      console.log(readdirSync('/proc/self/task').length - threads);
      ${change}
      for (const event of await Promise.all(events)) if (event.value.kind !== 'link') throw new Error(event.value.kind);
      for (const client of clients) client.close();`;
    expect(program(code, { UV_THREADPOOL_SIZE: '1' })).toEqual({ status: 0, stdout: '0\n', stderr: '' });
  });

  test('in a Worker', () => {
    const code = `
      const { Worker } = await import('node:worker_threads');
      const worker = new Worker(\`
        import { parentPort } from 'node:worker_threads';
        const { rtnl } = await import('${bundledModule()}');
        const rt = await rtnl.open();
        const monitor = rt.monitor(['link'], { resync: true });
        const event = monitor.next();
        await rt.links.get('lo');
        parentPort.postMessage('up');
        parentPort.postMessage((await event).value.kind);
        rt.close();\`, { eval: true });
      const message = () => new Promise((resolve) => worker.once('message', resolve));
      await message(); ${change} console.log(await message());`;
    expect(program(code)).toMatchObject({ status: 0, stdout: 'link\n' });
  });
});

test.each([
  [[], 'kinds'],
  [['links'], 'kinds[0]'],
  ['link', 'kinds'],
])('bad kinds: %j', (kinds, argument) => {
  expect(() => rt.monitor(kinds as never)).toThrow(expect.objectContaining({ name: 'InputError', argument }));
});

test.each([
  [{ resync: 1 }, 'resync'],
  [{ receiveBuffer: 0 }, 'receiveBuffer'],
  [{ signal: 1 }, 'signal'],
  [{ netns: {} }, 'netns'],
  [{ other: true }, 'other'],
  [{ allNamespaces: true, initial: true }, 'initial'],
])('bad options: %j', (options, argument) => {
  expect(() => rt.monitor(['link'], options as never)).toThrow(expect.objectContaining({ name: 'InputError', argument }));
});
