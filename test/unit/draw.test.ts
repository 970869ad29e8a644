/** Drawings of hosts: what they look like, that names cannot break out of them, and that odd graphs are drawn all the same. */
import { InputError } from 'netloom';
import { describe, expect, test } from 'vitest';
import { draw, type GraphLink, type HostGraph } from '../../src/network/index.ts';

function link(name: string, index: number, more: Partial<GraphLink> = {}): GraphLink {
  return { name, index, up: true, mtu: 1500, addresses: [], ...more };
}

const at = (namespace: string, name: string) => ({ namespace, link: name });
const port = (index: number, owner: string, master: string, id: string): GraphLink =>
  link(`nl${owner}`, index, { kind: 'veth', master, network: master, owner, peer: at(id, 'eth0') });
const eth0 = (address: string, owner: string): GraphLink =>
  link('eth0', 2, { kind: 'veth', addresses: [address], peer: at('4:1', `nl${owner}`) });

const demo: HostGraph = {
  networks: [
    { name: 'web', driver: 'bridge', link: 'web', subnets: ['10.20.0.0/16'], options: ['masquerade'] },
    { name: 'db', driver: 'bridge', link: 'db', subnets: ['10.30.0.0/16'], options: ['internal'] },
  ],
  namespaces: [
    {
      id: '4:1',
      name: 'host',
      links: [
        link('lo', 1),
        link('up0', 2, { kind: 'veth', addresses: ['192.0.2.1/24'] }),
        link('web', 3, { kind: 'bridge', addresses: ['10.20.0.1/16'], network: 'web' }),
        link('db', 4, { kind: 'bridge', addresses: ['10.30.0.1/16'], network: 'db' }),
        port(5, 'c1', 'web', '4:2'),
        port(6, 'c2', 'web', '4:3'),
        port(7, 'c3', 'db', '4:4'),
      ],
      routes: [{ to: 'default', via: '192.0.2.254', dev: 'up0' }],
      nat: [{ kind: 'masquerade', source: '10.20.0.0/16', chain: 'inet netloom postrouting', comment: 'network web' }],
      ports: [
        { protocol: 'tcp', hostPort: 8080, hostPortEnd: 8081, containerPort: 80, network: 'web', owner: 'c2', addresses: ['10.20.0.3'] },
      ],
    },
    { id: '4:2', name: 'red', links: [eth0('10.20.0.2/16', 'c1')], routes: [{ to: 'default', via: '10.20.0.1', dev: 'eth0' }] },
    { id: '4:3', name: 'blue', links: [eth0('10.20.0.3/16', 'c2')], routes: [] },
    { id: 'nsid:7', links: [link('eth0', 2, { kind: 'veth', up: false })] },
    { id: '4:4', name: 'green', links: [eth0('10.30.0.2/16', 'c3')] },
  ],
};

test('as text', () => {
  expect(draw(demo)).toBe(`host
├─ lo
├─ up0 veth 192.0.2.1/24
├─ web bridge 10.20.0.1/16  (network web masquerade)
│  ├─ nlc1 veth ⇄ eth0 in red  (c1 on web)
│  └─ nlc2 veth ⇄ eth0 in blue  (c2 on web)
├─ db bridge 10.30.0.1/16  (network db internal)
│  └─ nlc3 veth ⇄ eth0 in green  (c3 on db)
├─ routes
│  └─ default via 192.0.2.254 dev up0
├─ NAT
│  └─ masquerade 10.20.0.0/16 (inet netloom postrouting: network web)
└─ published
   └─ tcp *:8080-8081 → 10.20.0.3 port 80-81  (c2 on web)

red
├─ eth0 veth 10.20.0.2/16 ⇄ nlc1 in host
└─ routes
   └─ default via 10.20.0.1 dev eth0

blue
└─ eth0 veth 10.20.0.3/16 ⇄ nlc2 in host

nsid:7
└─ eth0 veth down

green
└─ eth0 veth 10.30.0.2/16 ⇄ nlc3 in host
`);
});

test('as Mermaid', () => {
  expect(draw(demo, { format: 'mermaid' })).toBe(`flowchart LR
  subgraph n0["host"]
    n0l0["lo"]
    n0l1["up0 veth<br/>192.0.2.1/24"]
    n0l2{{"web bridge<br/>10.20.0.1/16<br/>network web masquerade"}}
    n0l3{{"db bridge<br/>10.30.0.1/16<br/>network db internal"}}
    n0l4["nlc1 veth<br/>c1 on web"]
    n0l5["nlc2 veth<br/>c2 on web"]
    n0l6["nlc3 veth<br/>c3 on db"]
    n0notes[/"default via 192.0.2.254 dev up0<br/>masquerade 10.20.0.0/16 (inet netloom postrouting: network web)"/]
    n0p0(["tcp *:8080-8081"])
  end
  subgraph n1["red"]
    n1l0["eth0 veth<br/>10.20.0.2/16"]
    n1notes[/"default via 10.20.0.1 dev eth0"/]
  end
  subgraph n2["blue"]
    n2l0["eth0 veth<br/>10.20.0.3/16"]
  end
  subgraph n3["nsid:7"]
    n3l0["eth0 veth down"]
  end
  subgraph n4["green"]
    n4l0["eth0 veth<br/>10.30.0.2/16"]
  end
  n0l2 --- n0l4
  n0l2 --- n0l5
  n0l3 --- n0l6
  n0l4 <--> n1l0
  n0l5 <--> n2l0
  n0l6 <--> n4l0
  n0p0 -. "80-81" .-> n2l0
`);
});

test('as SVG', async () => {
  const svg = draw(demo, { format: 'svg' });
  await expect(svg).toMatchFileSnapshot('../fixtures/draw/demo.svg');
  expect(svg.match(/<path /g)).toHaveLength(4);
  expect(svg.match(/<rect /g)).toHaveLength(1 + demo.namespaces.length);
});

describe('names', () => {
  const odd = '"]<script>&#`\u0007\u202e\ud800';
  /** What moves a terminal's cursor, and is no part of XML. */
  const control = '\u0007';
  const graph: HostGraph = {
    networks: [],
    namespaces: [
      {
        id: '1',
        name: odd,
        links: [link(odd, 1, { kind: odd, network: odd, owner: odd })],
        routes: [{ to: odd, dev: odd }],
        nat: [{ kind: 'snat', chain: odd }],
      },
    ],
  };

  test('do not break out of a drawing', () => {
    const svg = draw(graph, { format: 'svg' });
    for (const part of ['<script', control, '\ud800']) expect(svg.includes(part), part).toBe(false);
    expect(svg).toContain('&quot;]&lt;script&gt;&amp;#`\ufffd');
    const mermaid = draw(graph, { format: 'mermaid' });
    for (const part of ['<script', control]) expect(mermaid.includes(part), part).toBe(false);
    expect(mermaid).toContain('subgraph n0["#quot;]#lt;script#gt;#amp;#35;#96;#65533;');
    // a label ends where its quote does
    for (const line of mermaid.split('\n')) expect((line.match(/"/g) ?? []).length % 2).toBe(0);
    for (const part of [control, '\u202e']) expect(draw(graph).includes(part), part).toBe(false);
    expect(draw(graph)).toContain('\\u0007\\u202e');
  });
});

test('what makes Mermaid do something is written as what it is not', () => {
  const tricks = ['%%{init: {"theme":"x"}}%%', '$$x$$', 'fa:fa-car', '\u200bhidden', 'end'];
  const mermaid = draw({ networks: [], namespaces: tricks.map((name, i) => ({ id: `${i}`, name, links: [] })) }, { format: 'mermaid' });
  expect(mermaid).toBe(`flowchart LR
  subgraph n0["#37;#37;{init: {#quot;theme#quot;:#quot;x#quot;}}#37;#37;"]
  end
  subgraph n1["#36;#36;x#36;#36;"]
  end
  subgraph n2["fa#58;fa-car"]
  end
  subgraph n3["#65533;hidden"]
  end
  subgraph n4["end"]
  end
`);
});

test('a picture is as wide as its characters: those of East Asia take two columns, marks on others none', () => {
  const width = (name: string): number =>
    Number(/^<svg [^>]*width="([\d.]+)"/.exec(draw({ networks: [], namespaces: [{ id: '1', name, links: [] }] }, { format: 'svg' }))![1]);
  expect(width('網絡網絡')).toBe(width('abcdefgh'));
  expect(width('🐳🐳🐳🐳')).toBe(width('abcdefgh'));
  expect(width('e\u0301'.repeat(8))).toBe(width('abcdefgh'));
  expect(width('\u1e0d'.repeat(8))).toBe(width('abcdefgh'));
  // nor is one that has no end; all of it is shown beside the pointer
  const long = '網'.repeat(85);
  const svg = draw({ networks: [], namespaces: [{ id: '1', name: long, links: [] }] }, { format: 'svg' });
  expect(svg).toContain(`${'網'.repeat(49)}…<title>${long}</title>`);
  expect(width(long)).toBe(width('a'.repeat(99)));
});

test('links that are ports of each other or of themselves, peers that are themselves or not there, and empty graphs are drawn, each link once', () => {
  const loop: HostGraph = {
    networks: [],
    namespaces: [
      {
        id: '1',
        links: [
          link('a', 1, { master: 'b', peer: at('gone', 'x') }),
          link('b', 2, { master: 'a', peer: at('1', 'gone') }),
          link('c', 3, { master: 'far' }),
          link('d', 4, { peer: at('1', 'c') }),
          link('e', 5, { master: 'e', peer: at('1', 'e') }),
          link('f', 6, { master: 'b', peer: at('2', 'g') }),
        ],
      },
      { id: '2', links: [link('g', 1, { master: 'f', peer: at('1', 'f') }), link('h', 2, { peer: at('1', 'a') })] },
    ],
  };
  expect(draw(loop)).toBe(`1
├─ c
├─ d ⇄ c
├─ a
│  └─ b ⇄ gone
│     └─ f ⇄ g in 2
└─ e ⇄ e

2
├─ g ⇄ f in 1
└─ h ⇄ a in 1
`);
  const mermaid = draw(loop, { format: 'mermaid' });
  expect(mermaid.match(/---|<-->/g)).toEqual(['---', '---', '---', '<-->', '<-->', '<-->']);
  const svg = draw(loop, { format: 'svg' });
  expect(svg.match(/<path /g)).toHaveLength(3);
  for (const name of 'abcdefgh') expect(svg.split(`>${name}</text>`), name).toHaveLength(2);
  for (const format of ['text', 'mermaid', 'svg'] as const)
    expect(draw({ networks: [], namespaces: [] }, { format })).toEqual(expect.any(String));
});

describe('of 1,000 endpoints', () => {
  const endpoints = Array.from({ length: 1000 }, (_, i) => i);
  const address = (i: number): string => `10.20.${(i >> 8) & 255}.${i & 255}`;
  const large: HostGraph = {
    networks: demo.networks,
    namespaces: [
      {
        id: '4:1',
        name: 'host',
        links: [
          link('lo', 1),
          link('web', 2, { kind: 'bridge', network: 'web' }),
          ...endpoints.map((i) => port(i + 3, `c${i}`, 'web', `5:${i}`)),
          ...endpoints.slice(0, 60).map((i) => link(`vlan${i}`, 2000 + i, { kind: 'vlan', peer: at('4:1', 'lo') })),
        ],
        ports: endpoints.map((i) => ({
          protocol: 'tcp',
          hostPort: 8000 + i,
          containerPort: 80,
          network: 'web',
          owner: `c${i}`,
          addresses: [address(i)],
        })),
      },
      ...endpoints.map((i) => ({
        id: `5:${i}`,
        name: `red${i}`,
        links: [eth0(`${address(i)}/16`, `c${i}`)],
        routes: [{ to: 'default', via: '10.20.0.1', dev: 'eth0' }],
      })),
    ],
  };

  test('a drawing is one that can be looked at, and says what is left out', () => {
    const svg = draw(large, { format: 'svg' });
    expect(Number(/ height="(\d+)"/.exec(svg)![1])).toBeLessThan(6000);
    // 49 namespaces beside the host, lo, web and 48 of the VLANs
    expect(svg).toContain('… 963 more links, 950 more published ports');
    expect(svg).toContain('… 951 more namespaces');
    expect(svg.match(/<path /g)).toHaveLength(49 + 48 + 49);
    const mermaid = draw(large, { format: 'mermaid' });
    expect(mermaid.length).toBeLessThan(50_000);
    expect(mermaid).toContain('more["… 951 more namespaces"]');
    // as text there is all of it, unless less is asked for
    const text = draw(large);
    expect(text.match(/^red\d+$/gm)).toHaveLength(1000);
    expect(text).not.toContain('…');
    expect(draw(large, { limit: 2 })).toBe(`host
├─ lo
├─ web bridge  (network web masquerade)
│  └─ nlc0 veth ⇄ eth0 in red0  (c0 on web)
├─ published
│  ├─ tcp *:8000 → 10.20.0.0 port 80  (c0 on web)
│  └─ tcp *:8001 → 10.20.0.1 port 80  (c1 on web)
└─ … 1059 more links, 998 more published ports

red0
├─ eth0 veth 10.20.0.0/16 ⇄ nlc0 in host
└─ routes
   └─ default via 10.20.0.1 dev eth0

… 999 more namespaces
`);
    expect(draw(large, { format: 'svg', limit: Number.POSITIVE_INFINITY })).not.toContain('…');
  });

  test('Mermaid gets no more than it draws, however long the names are', () => {
    const long = {
      ...large,
      namespaces: large.namespaces.map((namespace) => ({ ...namespace, name: `${namespace.name}${'&'.repeat(250)}` })),
    };
    const mermaid = draw(long, { format: 'mermaid' });
    expect(mermaid.length).toBeLessThan(50_000);
    expect(mermaid).toMatch(/more\["… 9\d\d more namespaces"\]/);
    const shared = endpoints.slice(0, 45).map((i) => link(`e${i}`, i + 1, { master: 'e0' }));
    const dense = endpoints.slice(0, 40).map((i) => ({ id: `${i}`, links: shared }));
    expect(draw({ networks: [], namespaces: dense }, { format: 'mermaid' }).match(/---/g)!.length).toBeLessThanOrEqual(500);
  });
});

test.each<[string, unknown, unknown]>([
  ['graph', undefined, {}],
  ['graph', { namespaces: [] }, {}],
  ['format', demo, { format: 'png' }],
  ['format', demo, { format: 'toString' }],
  ['fromat', demo, { fromat: 'svg' }],
  ['options', demo, null],
  ['limit', demo, { limit: 0 }],
  ['limit', demo, { limit: 1.5 }],
  ['limit', demo, { limit: '7' }],
])('bad input: %s', (argument, graph, options) => {
  let error: unknown;
  try {
    draw(graph as HostGraph, options as object);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).argument).toBe(argument);
});

test('limits of endpoints stand beside them, in the units of tc(8)', () => {
  const limited = (rateLimits: NonNullable<GraphLink['rateLimits']>): string => {
    const links = [link('web', 3, { kind: 'bridge', network: 'web' }), { ...port(5, 'c1', 'web', '4:2'), rateLimits }];
    return draw({ networks: demo.networks, namespaces: [{ id: '4:1', name: 'host', links }] }, { format: 'text' });
  };
  expect(limited({ ingressRate: 80_000_000, egressRate: 2_000_000_000 })).toContain('c1 on web, gets 80Mbit, sends 2Gbit');
  expect(limited({ egressRate: 64_000 })).toContain('c1 on web, sends 64Kbit');
  expect(limited({ ingressRate: 1_500 })).toContain('c1 on web, gets 1500bit');
  for (const format of ['mermaid', 'svg'] as const)
    expect(draw({ ...demo, namespaces: demo.namespaces }, { format })).not.toContain('gets');
});
