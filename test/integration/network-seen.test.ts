/** A host seen as a graph: two networks with four containers, an uplink, and namespaces that have no name. */
import { rmSync, writeFileSync } from 'node:fs';
import { createVethPair, netns, network } from 'netloom';
import { afterEach, expect, test } from 'vitest';
import { interferedWith } from '../support/faults.ts';
import { deleteSpaces, hostWithUplink, newSpace, type Space } from '../support/network.ts';
import { ip, ipText } from '../support/oracle.ts';

afterEach(deleteSpaces);

test('links, their peers, addresses, routes, NAT and ports are those that the kernel has', async () => {
  const { host, internet } = await hostWithUplink();
  const [red, blue, green, side] = ['r', 'b', 'g', 's'].map(newSpace) as [netns.Netns, netns.Netns, netns.Netns, netns.Netns];
  const nameless = await netns.create();
  try {
    await using web = await network.create({ netns: host, name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'], masquerade: true });
    await using db = await network.create({ netns: host, name: 'db', subnets: ['10.30.0.0/16'], internal: true });
    const ends = [
      await web.attach({ netns: red, owner: 'c1', ports: [{ hostPort: 8080, containerPort: 80 }] }),
      await web.attach({ netns: blue, owner: 'c2' }),
      await db.attach({ netns: green, owner: 'c3' }),
      await db.attach({ netns: nameless, owner: 'c4' }),
    ];
    // a pair that the host has nothing to do with
    await createVethPair({ name: 'x0', netns: blue, peer: { name: 'x1', netns: side } });
    ipText(['route', 'add', 'default', 'via', '192.0.2.2'], { netns: host.name! });
    const graph = await network.inspectHost({ netns: host });

    const of = (id: string) => graph.namespaces.find((namespace) => namespace.id === id)!;
    expect(graph.networks).toEqual([
      { name: 'web', driver: 'bridge', link: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'], options: ['masquerade'] },
      { name: 'db', driver: 'bridge', link: 'db', subnets: ['10.30.0.0/16'], options: ['internal'] },
    ]);
    expect(graph.namespaces[0]).toMatchObject({ id: host.id, name: 'host' });
    for (const [i, space] of [red, blue, green, nameless].entries()) {
      const { hostLink, network: name, owner, addresses, mac } = ends[i]!;
      expect(of(space.id).links).toContainEqual(
        expect.objectContaining({ name: 'eth0', mac, addresses, peer: { namespace: host.id, link: hostLink } }),
      );
      expect(of(host.id).links).toContainEqual(
        expect.objectContaining({ name: hostLink, master: name, network: name, owner, peer: { namespace: space.id, link: 'eth0' } }),
      );
    }
    expect(of(internet.id).links).toContainEqual(expect.objectContaining({ name: 'up1', peer: { namespace: host.id, link: 'up0' } }));
    expect(of(blue.id).links).toContainEqual(expect.objectContaining({ name: 'x0', up: false, peer: { namespace: side.id, link: 'x1' } }));
    expect(of(side.id).links).toContainEqual(expect.objectContaining({ name: 'x1', peer: { namespace: blue.id, link: 'x0' } }));
    for (const space of [host, red, blue])
      expect(of(space.id).links.map(({ name, index, mtu }) => [name, index, mtu])).toEqual(
        ip(['link', 'show'], { netns: space.name! }).map(({ ifname, ifindex, mtu }) => [ifname, ifindex, mtu]),
      );
    expect(of(host.id).routes).toEqual([{ to: 'default', via: '192.0.2.2', dev: 'up0' }]);
    expect(of(red.id).routes).toEqual([
      { to: 'default', via: '10.20.0.1', dev: 'eth0' },
      { to: 'default', via: 'fd00:20::1', dev: 'eth0', metric: 1024 },
    ]);
    expect(of(nameless.id).routes).toBeUndefined();
    expect(of(host.id).nat).toEqual(
      ['10.20.0.0/16', 'fd00:20::/64'].map((source) => ({
        kind: 'masquerade',
        source,
        chain: 'inet netloom postrouting',
        comment: 'network web',
      })),
    );
    expect(of(host.id).ports).toEqual([
      { protocol: 'tcp', hostPort: 8080, containerPort: 80, network: 'web', owner: 'c1', addresses: ['10.20.0.2', 'fd00:20::2'] },
    ]);
    const text = network.draw(graph);
    expect(text).toContain(`${ends[3]!.hostLink} veth ⇄ eth0 in ${nameless.id}  (c4 on db)`);
    expect(text).toContain('tcp *:8080 → 10.20.0.2, fd00:20::2 port 80  (c1 on web)');
    // the graph is plain data: whoever gets it as JSON draws the same
    expect(network.draw(JSON.parse(JSON.stringify(graph)), { format: 'svg' })).toBe(network.draw(graph, { format: 'svg' }));
    if (process.env['NETLOOM_DRAW'] !== undefined)
      process.getBuiltinModule('node:fs').writeFileSync(process.env['NETLOOM_DRAW'], `${text}\n${network.draw(graph, { format: 'svg' })}`);
  } finally {
    nameless.close();
  }
});

test('namespaces that go while they are looked at keep nothing else from being seen', async () => {
  const [host, blue, first, second, side] = ['h', 'b', 'c', 'd', 's'].map(newSpace) as [Space, Space, Space, Space, Space];
  await createVethPair({ name: 'x0', netns: blue, peer: { name: 'x1', netns: side } });
  const [RTM_GETNSID, NLM_F_DUMP] = [90, 0x300];
  const stale = `/run/netns/${first.name}`;
  // once those with names are read, the ids that the host has for others are asked for; and where x0 leads is looked for after that
  const hold = async (type: number, flags: number): Promise<void> => {
    if (type === RTM_GETNSID && (flags & NLM_F_DUMP) === NLM_F_DUMP && netns.existsSync(second.name)) second.deleteSync();
  };
  // the names are listed when it is called; a deletion unmounts the file before it removes it
  const seen = network.inspectHost({ netns: host, transport: interferedWith({ hold }) });
  first.deleteSync();
  writeFileSync(stale, '');
  try {
    const { namespaces } = await seen;
    const x0 = namespaces.find(({ id }) => id === blue.id)?.links.find(({ name }) => name === 'x0');
    expect(x0).toMatchObject({ peer: { namespace: side.id, link: 'x1' } });
    expect(netns.existsSync(second.name)).toBe(false);
  } finally {
    rmSync(stale);
  }
});
