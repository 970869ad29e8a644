/** Published ports and what networks keep apart, with real traffic: the spaces are made once, and each test makes its networks. */
import { conntrack, network } from 'netloom';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { deleteSpaces, hostWithUplink, newSpace, picture, type Question, type Space, serve, talkToAll } from '../support/network.ts';
import { answers, ipText, nftJson, nftLoad, nftText, ping, tool } from '../support/oracle.ts';

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
  servers.push(...(await Promise.all([serve(red, 7000), serve(blue, 7000), serve(host, 5300)])));
  clean = picture(host);
});
afterEach(async () => {
  for (const net of open.splice(0)) await net.delete({ force: true }).catch(() => net.close());
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

const web = { name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'] };
const both = ['tcp', 'udp'] as const;
/** What comes from somebody else than the one who asks was masqueraded. */
const questions = (addresses: readonly string[], port: number): Question[] =>
  both.flatMap((kind) => addresses.map((address) => [kind, address, port] as const));
const of = (...addresses: readonly string[]): Question[] => addresses.map((address) => ['tcp', address, 7000]);
/** How long to wait for what must not come, in seconds. */
const never = 0.7;
/** And for what must: it is tried again meanwhile. */
const patient = 30;
const rules = (): number => nftJson({ netns: host.name }).filter((each) => 'rule' in each).length;
const bridgeFilters = (on: boolean): void =>
  void tool(['sh', '-c', `for f in ip ip6; do echo ${Number(on)} > /proc/sys/net/bridge/bridge-nf-call-\${f}tables; done`], {
    netns: host.name,
  });

describe('a published port is reached', () => {
  // with packets of bridges going through the rules of IP, as on machines with Docker, and without
  test.each([true, false])(
    'from outside, the host, a neighbor, another network and itself; bridge-nf-call-iptables: %s',
    async (filtered) => {
      const net = await create({ ...web, isolate: true, masquerade: true });
      const other = await create({ name: 'db', subnets: ['10.30.0.0/16', 'fd00:30::/64'], isolate: true });
      const ports = both.map((protocol) => ({ protocol, hostPort: 8080, containerPort: 7000 }));
      const endpoint = await net.attach({ netns: red, owner: 'a', ports });
      await net.attach({ netns: blue, owner: 'b' });
      await other.attach({ netns: green, owner: 'c' });
      expect(endpoint.ports).toEqual(ports);
      bridgeFilters(filtered);
      const outside = ['192.0.2.1', '2001:db8::1'];
      const gateways = ['10.20.0.1', 'fd00:20::1'];
      const said = (who: readonly string[]): string[] => both.flatMap((kind) => who.map((from) => `${kind} from ${from}`));
      expect(talkToAll(questions(outside, 8080), internet.name, patient)).toEqual(said(['192.0.2.2', '2001:db8::2']));
      expect(talkToAll(questions([...outside, '127.0.0.1'], 8080), host.name, patient)).toEqual(said([...outside, '10.20.0.1']));
      // a neighbor's answers are seen by the host with the filters alone
      const neighbor = filtered ? ['10.20.0.2', 'fd00:20::2'].map((address) => address.replace(/2$/, '3')) : gateways;
      expect(talkToAll(questions([...outside, ...gateways], 8080), blue.name, patient)).toEqual(said([...neighbor, ...neighbor]));
      expect(talkToAll(questions([...outside, ...gateways], 8080), red.name, patient)).toEqual(said([...gateways, ...gateways]));
      // through the port, and not otherwise
      expect(talkToAll(questions(outside, 8080), green.name, patient)).not.toContain('failed');
      expect(talkToAll(of('10.20.0.2', 'fd00:20::2'), green.name, never)).toEqual(['failed', 'failed']);
      expect(await endpoint.check()).toEqual([]);
      expect((await net.inspect()).endpoints[0]!.ports).toEqual(ports);
      bridgeFilters(true);
    },
  );

  test('at its address, in its family and range alone; at 127.0.0.1 from nowhere else; an endpoint reaches nothing of the host’s 127.0.0.1', async () => {
    const net = await create(web);
    const endpoint = await net.attach({
      netns: red,
      owner: 'a',
      ports: [
        { hostAddress: '192.0.2.1', hostPort: 81, containerPort: 7000 },
        { hostAddress: '127.0.0.1', hostPort: 82, containerPort: 7000 },
        { hostPort: 9000, hostPortEnd: 9009, containerPort: 6995 },
        { hostAddress: '::', hostPort: 83, containerPort: 7000 },
        { hostPort: 0, containerPort: 7000 },
      ],
    });
    const chosen = endpoint.ports![4]!.hostPort;
    expect(chosen).toBeGreaterThanOrEqual(49_152);
    const reached: Question[] = [
      ['tcp', '192.0.2.1', 81],
      ['tcp', '192.0.2.1', 9005],
      ['tcp', '2001:db8::1', 83],
      ['tcp', '192.0.2.1', chosen],
    ];
    const unreached: Question[] = [
      ['tcp', '2001:db8::1', 81],
      ['tcp', '192.0.2.1', 82],
      ['tcp', '192.0.2.1', 83],
      ['tcp', '192.0.2.1', 9010],
    ];
    expect(talkToAll(reached, internet.name, patient)).not.toContain('failed');
    expect(talkToAll(unreached, internet.name, never)).toEqual(Array(4).fill('failed'));
    expect(talkToAll([['tcp', '127.0.0.1', 82]], host.name, patient)).toEqual(['tcp from 10.20.0.1']);
    expect(
      talkToAll(
        [
          ['tcp', '127.0.0.1', 81],
          ['tcp', '::1', 83],
        ],
        host.name,
        never,
      ),
    ).toEqual(['failed', 'failed']);
    // the server of the host, by a route that a container can give itself
    ipText(['route', 'add', '127.0.0.0/8', 'via', '10.20.0.1'], { netns: red.name });
    tool(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet'], { netns: red.name });
    expect(talkToAll([['udp', '127.0.0.1', 5300, { address: '10.20.0.2' }]], red.name, never)).toEqual(['failed']);
    expect(nftText({ netns: host.name })).toMatch(/ip daddr 127\.0\.0\.0\/8 counter packets [1-9]/);
    ipText(['route', 'del', '127.0.0.0/8'], { netns: red.name });
  });
});

test('what comes from a link-local address, which is not sent on to other links, the host itself gets', async () => {
  const net = await create(web);
  await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 5300, containerPort: 7000, overrideListeners: true }] });
  const linkLocal = (dev: string, { name: where }: Space): string =>
    /fe80:[^/]*/.exec(ipText(['-6', 'address', 'show', 'dev', dev, 'scope', 'link'], { netns: where }))![0];
  // by which link, is no part of what sockets are told here otherwise
  const ask = `import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
s.settimeout(${patient})
s.connect((sys.argv[1], 5300, 0, socket.if_nametoindex(sys.argv[2])))
s.send(b'hello')
print(s.recv(100).decode())`;
  const asked = (where: Space, ...words: string[]): string => tool(['python3', '-c', ask, ...words], { netns: where.name }).trim();
  await expect.poll(() => ipText(['-6', 'address', 'show', 'tentative'], { netns: internet.name }), { timeout: 30_000 }).toBe('');
  const up0 = linkLocal('up0', host);
  expect(asked(internet, up0, 'up1')).toBe(`tcp from ${linkLocal('up1', internet)}`);
  expect(asked(host, up0, 'up0')).toBe(`tcp from ${up0}`);
});

test('of an endpoint that is routed to, too; and of none that the host does not see', async () => {
  const net = await create({ name: 'routed', driver: 'ptp', subnets: ['10.50.0.0/16'] });
  await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 8080, containerPort: 7000 }] });
  expect(talkToAll([['tcp', '192.0.2.1', 8080]], internet.name, patient)).toEqual(['tcp from 192.0.2.2']);
  expect(talkToAll([['tcp', '127.0.0.1', 8080]], host.name, patient)).toEqual(['tcp from 10.50.0.1']);
  expect(talkToAll([['tcp', '192.0.2.1', 8080]], red.name, patient)).toEqual(['tcp from 10.50.0.1']);
  const other = await create({ name: 'unseen', driver: 'macvlan', parent: 'up0', subnets: ['10.60.0.0/16'] });
  await expect(other.attach({ netns: blue, owner: 'b', ports: [{ hostPort: 1 }] })).rejects.toMatchObject({ argument: 'ports' });
});

test('SCTP is sent on too', async () => {
  const net = await create(web);
  await net.attach({ netns: red, owner: 'a', ports: [{ protocol: 'sctp', hostPort: 132, containerPort: 7000 }] });
  // an INIT, whose checksum nobody looks at
  host.sysctl.setSync('net.netfilter.nf_conntrack_checksum', 0);
  const send = `import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
s.sendto(struct.pack('>HHIIBBHIIHHI', 40000, 132, 0, 0, 1, 0, 20, 1, 65535, 1, 1, 1), ('192.0.2.1', 0))`;
  tool(['python3', '-c', send], { netns: internet.name });
  await using ct = await conntrack.open({ netns: host });
  await expect
    .poll(async () => (await ct.flows.list({ protocol: 'sctp' })).map(({ original, reply }) => [original, reply]), { timeout: 20_000 })
    .toEqual([[expect.objectContaining({ dst: '192.0.2.1', dport: 132 }), expect.objectContaining({ src: '10.20.0.2', sport: 7000 })]]);
});

describe('publishing', () => {
  test('takes no port that is taken, names whose it is, and changes nothing then', async () => {
    const net = await create(web);
    const [a] = await Promise.all([
      net.attach({
        netns: red,
        owner: 'a',
        ports: [
          { hostPort: 8000, hostPortEnd: 8009 },
          { hostAddress: '192.0.2.1', hostPort: 90 },
        ],
      }),
      net.attach({ netns: blue, owner: 'b' }),
    ]);
    const before = [picture(host), picture(green)];
    const refusal = (port: number) => ({
      code: 'EADDRINUSE',
      errno: 98,
      message: expect.stringMatching(`ports\\[1\\].hostPort: port ${port} of tcp is published .*"a", network "web"`),
    });
    for (const [taken, port] of [
      [{ hostPort: 8009 }, 8009],
      [{ hostPort: 7995, hostPortEnd: 8000 }, 8000],
      [{ hostAddress: '192.0.2.1', hostPort: 8001 }, 8001],
      [{ hostPort: 90 }, 90],
      [{ hostAddress: '192.0.2.1', hostPort: 90, containerPort: 91 }, 90],
    ] as const) {
      await expect(net.publish({ owner: 'b' }, [{ hostPort: 70 }, taken]), `${port}`).rejects.toMatchObject(refusal(port));
      await expect(net.attach({ netns: green, owner: 'c', ports: [{ hostPort: 70 }, taken] })).rejects.toMatchObject(refusal(port));
    }
    await expect(a.publish([{ hostPort: 8000, containerPort: 1 }])).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(net.publish({ owner: 'nobody' }, [{ hostPort: 70 }])).rejects.toMatchObject({ code: 'ENOENT', argument: 'endpoint' });
    expect([picture(host), picture(green)]).toEqual(before);
    // others, and what the endpoint has already
    expect(
      await net.publish({ owner: 'b' }, [
        { hostPort: 8010 },
        { hostAddress: '192.0.2.2', hostPort: 90 },
        { hostPort: 8000, protocol: 'udp' },
      ]),
    ).toHaveLength(3);
    expect(await a.publish([{ hostPort: 8001 }])).toEqual([{ protocol: 'tcp', hostPort: 8001, containerPort: 8001 }]);
    expect(await a.unpublish([{ hostPort: 8003 }, { hostPort: 1 }])).toEqual([{ protocol: 'tcp', hostPort: 8003, containerPort: 8003 }]);
    expect(await a.check()).toEqual(['its port 8000 of tcp is not published']);
    // by four at once: one has it
    const racing = await Promise.allSettled(
      [1, 2, 3, 4].map((containerPort) => net.publish({ owner: containerPort % 2 ? 'a' : 'b' }, [{ hostPort: 99, containerPort }])),
    );
    expect(racing.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of racing) if (each.status === 'rejected') expect(['EADDRINUSE', 'EBUSY']).toContain(each.reason.code);
  });

  test('takes as many rules for two hundred ports as for one, and none for none', async () => {
    const net = await create(web);
    const endpoint = await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80 }] });
    const one = rules();
    const elements = (): number => (nftText({ netns: host.name }).match(/ : (10|fd)/g) ?? []).length;
    await endpoint.publish([{ hostPort: 1000, hostPortEnd: 1198, containerPort: 1 }]);
    expect([rules(), elements()]).toEqual([one, 400]);
    expect(await endpoint.unpublish()).toHaveLength(2);
    expect(
      nftJson({ netns: host.name })
        .filter((each) => 'table' in each)
        .map(({ table }) => table.name),
    ).toEqual(['netloom']);
    expect(await endpoint.unpublish()).toEqual([]);
  });

  test('redirects who goes on sending UDP, when it begins and when it ends', async () => {
    const net = await create({ ...web, masquerade: true });
    await net.attach({ netns: red, owner: 'a' });
    const asks = (): string[] =>
      talkToAll(
        [
          ['udp', '192.0.2.1', 5300, { port: 40_000 }],
          ['udp', '2001:db8::1', 5300, { port: 40_001 }],
        ],
        internet.name,
        patient,
      );
    // however long it takes
    for (const timeout of ['udp_timeout', 'udp_timeout_stream']) host.sysctl.setSync(`net.netfilter.nf_conntrack_${timeout}`, 3600);
    const flows = async (): Promise<(string | undefined)[]> => {
      await using ct = await conntrack.open({ netns: host });
      return (await ct.flows.list({ protocol: 'udp', original: { dport: 5300 } })).map(({ reply }) => reply.src).sort();
    };
    asks();
    expect(await flows()).toEqual(['192.0.2.1', '2001:db8::1']);
    await net.publish({ owner: 'a' }, [{ protocol: 'udp', hostPort: 5300, containerPort: 7000, overrideListeners: true }]);
    expect(await flows()).toEqual([]);
    asks();
    expect(await flows()).toEqual(['10.20.0.2', 'fd00:20::2']);
    await net.unpublish({ owner: 'a' });
    expect(await flows()).toEqual([]);
    expect(asks()).toEqual(['udp from 192.0.2.2', 'udp from 2001:db8::2']);
    expect(await flows()).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('ends with its endpoint, though that is gone with its namespace; who gets its address gets nothing else of it', async () => {
    const net = await create({ ...web, spoofCheck: true });
    const empty = picture(host);
    const ports = [{ hostPort: 80 }];
    for (const end of [
      (): Promise<unknown> => net.detach({ owner: 'a' }),
      () => network.gc([], { netns: host }),
      () => net.attach({ netns: green, owner: 'b', addresses: ['10.20.0.9'] }),
    ]) {
      const gone = newSpace('x');
      await net.attach({ netns: gone, owner: 'a', ports, addresses: ['10.20.0.9'] });
      gone.deleteSync();
      gone.close();
      await expect.poll(() => net.inspect().then(({ endpoints }) => endpoints), { timeout: 30_000 }).toEqual([]);
      expect(nftText({ netns: host.name })).toContain('10.20.0.9 . 80');
      await end();
      expect(nftText({ netns: host.name })).not.toContain('10.20.0.9 . 80');
    }
    await network.gc([], { netns: host });
    // the rule for 127.0.0.1 goes with the network
    expect({ ...picture(host), ruleset: [] }).toEqual({ ...empty, ruleset: [] });
  });
});

test('what endpoints send for others is dropped, whatever they say in ARP and neighbor discovery', async () => {
  const net = await create({ ...web, spoofCheck: true });
  const [a, b] = [await net.attach({ netns: red, owner: 'a' }), await net.attach({ netns: blue, owner: 'b' })];
  const inRed = { netns: red.name };
  const answered = (where: Space, ...questions: Question[]): boolean[] =>
    talkToAll(questions, where.name, never).map((answer) => answer !== 'failed');
  const own: Question[] = [
    ['tcp', '10.20.0.3', 7000],
    ['udp', 'fd00:20::3', 7000],
  ];
  expect(talkToAll(own, red.name, patient)).toEqual(['tcp from 10.20.0.2', 'udp from fd00:20::2']);
  ipText(['address', 'add', '10.20.0.99/16', 'dev', 'eth0'], inRed);
  ipText(['address', 'add', 'fd00:20::99/64', 'dev', 'eth0', 'nodad'], inRed);
  expect(
    answered(red, ['udp', '10.20.0.3', 7000, { address: '10.20.0.99' }], ['udp', 'fd00:20::3', 7000, { address: 'fd00:20::99' }]),
  ).toEqual([false, false]);
  // nor does anybody find them there
  expect(answered(blue, ['tcp', '10.20.0.99', 7000], ['tcp', 'fd00:20::99', 7000])).toEqual([false, false]);
  expect(rules()).toBeGreaterThan(10);
  const one = rules();
  ipText(['link', 'set', 'eth0', 'address', '02:00:00:00:00:77'], inRed);
  expect(answered(red, ['tcp', '10.20.0.3', 7000], ['tcp', 'fd00:20::3', 7000])).toEqual([false, false]);
  ipText(['link', 'set', 'eth0', 'address', a.mac], inRed);
  await net.attach({ netns: green, owner: 'c' });
  expect(rules()).toBe(one);
  expect(nftText({ netns: host.name }).match(/packets [1-9]\d* bytes \d+ drop/g)!.length).toBeGreaterThanOrEqual(4);
  await a.detach();
  await b.detach();
});

test('isolated ports reach the host and the internet, and each other by published ports only', async () => {
  const net = await create({ ...web, isolatePorts: true, masquerade: true });
  await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80, containerPort: 7000 }] });
  await net.attach({ netns: blue, owner: 'b' });
  expect(ping('10.20.0.3', { netns: red.name }).received + ping('10.20.0.2', { netns: blue.name }).received).toBe(0);
  expect(
    talkToAll(
      [
        ['udp', '10.20.0.1', 5300],
        ['tcp', 'fd00:20::1', 5300],
      ],
      red.name,
      patient,
    ),
  ).toEqual(['udp from 10.20.0.2', 'tcp from fd00:20::2']);
  expect(answers('192.0.2.2', { netns: red.name })).toBe(true);
  // by published ports, unless the bridge does with IP what the host would
  const published: Question[] = [
    ['tcp', '192.0.2.1', 80],
    ['tcp', 'fd00:20::1', 80],
  ];
  for (const where of [red, blue]) expect(talkToAll(published, where.name, never)).toEqual(['failed', 'failed']);
  bridgeFilters(false);
  for (const where of [red, blue]) expect(talkToAll(published, where.name, patient)).toEqual(['tcp from 10.20.0.1', 'tcp from fd00:20::1']);
  bridgeFilters(true);
});

test('who has a route to a network that is reached by published ports only gets no further', async () => {
  const net = await create({ ...web, publishedOnly: true });
  await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80, containerPort: 7000 }] });
  await net.attach({ netns: blue, owner: 'b' });
  const other = await create({ name: 'db', subnets: ['10.30.0.0/16', 'fd00:30::/64'] });
  await other.attach({ netns: green, owner: 'c' });
  const routes = [
    ['10.20.0.0/16', 'via', '192.0.2.1'],
    ['fd00:20::/64', 'via', '2001:db8::1'],
  ];
  for (const route of routes) ipText(['route', 'add', ...route], { netns: internet.name });
  const own: Question[] = [
    ['tcp', '10.20.0.2', 7000],
    ['udp', 'fd00:20::2', 7000],
  ];
  for (const where of [internet, green]) expect(talkToAll(own, where.name, never)).toEqual(['failed', 'failed']);
  expect(nftText({ netns: host.name })).toMatch(
    /oif "web" iif != "web" ct state (! established,related|& \(established \| related\) == 0x0) ct status (! dnat|& dnat == 0x0) counter packets [1-9]/,
  );
  for (const where of [host, blue]) expect(talkToAll(own, where.name, patient).map((answer) => answer !== 'failed')).toEqual([true, true]);
  const published: Question[] = [
    ['tcp', '192.0.2.1', 80],
    ['tcp', '2001:db8::1', 80],
  ];
  for (const where of [internet, green]) expect(talkToAll(published, where.name, patient)).not.toContain('failed');
  // answers, without the address of the host
  for (const address of ['192.0.2.2', '2001:db8::2']) expect(answers(address, { netns: red.name }), address).toBe(true);
  for (const route of routes) ipText(['route', 'del', ...route], { netns: internet.name });
});

test('an internal network is not reached, though others forward', async () => {
  await create({ name: 'out', subnets: ['10.40.0.0/24'] });
  const net = await create({ ...web, internal: true });
  await net.attach({ netns: red, owner: 'a', routes: [{ to: '192.0.2.0/24', via: '10.20.0.1' }] });
  await net.attach({ netns: blue, owner: 'b' });
  ipText(['route', 'add', '10.20.0.0/16', 'via', '192.0.2.1'], { netns: internet.name });
  expect(ping('192.0.2.2', { netns: red.name }).received + ping('10.20.0.2', { netns: internet.name }).received).toBe(0);
  expect(answers('10.20.0.3', { netns: red.name })).toBe(true);
  await expect(net.attach({ netns: green, owner: 'c', ports: [{ hostPort: 80 }] })).rejects.toMatchObject({ argument: 'ports' });
  ipText(['route', 'del', '10.20.0.0/16'], { netns: internet.name });
});

test('beside tables that drop what is forwarded, it is accepted there, and what is there is left as it was', async () => {
  // as Docker makes them with iptables-nft, and firewalld
  const foreign = `table ip filter {
    chain DOCKER-USER {
      counter return
    }
    chain FORWARD {
      type filter hook forward priority filter; policy drop;
      jump DOCKER-USER
    }
  }
  table inet firewalld {
    chain filter_FORWARD {
      type filter hook forward priority filter + 10;
      ct state established,related accept
      reject
    }
  }`;
  nftLoad(foreign, { netns: host.name });
  const alone = nftText({ netns: host.name });
  const chains = [
    { family: 'ip', table: 'filter', chain: 'DOCKER-USER' },
    { family: 'inet', table: 'firewalld', chain: 'filter_FORWARD' },
  ] as const;
  const tries = async (acceptIn: readonly network.ForeignChain[], isReached: boolean): Promise<void> => {
    const net = await create({ ...web, masquerade: true, acceptIn });
    await net.attach({ netns: red, owner: 'a', ports: [{ hostPort: 80, containerPort: 7000 }] });
    const [answer] = talkToAll([['tcp', '192.0.2.1', 80]], internet.name, isReached ? patient : never);
    expect(answer).toBe(isReached ? 'tcp from 192.0.2.2' : 'failed');
    if (isReached) expect(answers('192.0.2.2', { netns: red.name })).toBe(true);
    else expect(ping('192.0.2.2', { netns: red.name }).received).toBe(0);
    await open.pop()!.delete({ force: true });
    net.close();
    expect(nftText({ netns: host.name }).replace(/packets \d+ bytes \d+/, '')).toBe(alone.replace(/packets \d+ bytes \d+/, ''));
  };
  await tries([], false);
  await tries(chains.slice(0, 1), false);
  await tries(chains, true);
  await expect(create({ ...web, acceptIn: [{ ...chains[0], chain: 'MISSING' }] })).rejects.toMatchObject({
    argument: 'acceptIn[0]',
    code: 'ENOENT',
  });
  // gc finds the rules of a network whose link somebody deleted
  const net = await create({ ...web, acceptIn: chains });
  expect(nftText({ netns: host.name })).toContain('iifname "web" counter packets 0 bytes 0 accept comment "network web"');
  ipText(['link', 'delete', 'web'], { netns: host.name });
  await network.gc([], { netns: host });
  expect(nftText({ netns: host.name }).replace(/packets \d+ bytes \d+/, '')).toBe(alone.replace(/packets \d+ bytes \d+/, ''));
  net.close();
  open.splice(0);
  tool(['nft', 'flush', 'ruleset'], { netns: host.name });
});
