/** Ports that cannot be published: sockets of the host's that listen there, and what others publish at the same moment. */
import { EventEmitter, once } from 'node:events';
import { network } from 'netloom';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hostOptions } from '../../src/netlink/client-options.ts';
import { Host } from '../../src/netlink/host.ts';
import { endpointLinkName } from '../../src/network/name.ts';
import { dynamicPorts, firstDynamic } from '../../src/network/ports/host-sockets.ts';
import { localSockets } from '../../src/sock-diag/sockets.ts';
import { interferedWith } from '../support/faults.ts';
import { deleteSpaces, newSpace, picture, type Space, serve } from '../support/network.ts';
import { ipText, nftJson, nftText, tool } from '../support/oracle.ts';

/** NFNL_SUBSYS_CTNETLINK. */
const IPCTNL_MSG_CT_GET = (1 << 8) | 1;

let host: Space;
let red: Space;
let blue: Space;
let net: network.Network;
const servers: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  [host, red, blue] = [newSpace('h'), newSpace('r'), newSpace('b')];
  ipText(['link', 'set', 'lo', 'up'], { netns: host.name });
  ipText(['address', 'add', '192.0.2.1/32', 'dev', 'lo'], { netns: host.name });
  servers.push(await serve(host, 5300));
  net = await network.create({ name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'], netns: host });
  await net.attach({ netns: red, owner: 'a' });
  await net.attach({ netns: blue, owner: 'b' });
});
afterEach(async () => {
  for (const owner of ['a', 'b']) await net.unpublish({ owner });
  for (const server of servers.splice(1)) await server.stop();
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await net.delete({ force: true });
  deleteSpaces();
});

const listener = `
import socket, sys, json
kept = []
for address, port, v6only in json.loads(sys.argv[1]):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_STREAM)
    if ':' in address: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    s.bind((address, port)); s.listen(1); kept.append(s)
print('ready', flush=True)
sys.stdin.read()
`;

/** Listens in the namespace of the networks until the test is over: address, port, and whether a socket of IPv6 is for that alone. */
async function listen(...sockets: readonly (readonly [address: string, port: number, v6only: 0 | 1])[]): Promise<void> {
  const child = host.spawn('python3', ['-c', listener, JSON.stringify(sockets)]);
  const closed = once(child, 'close');
  servers.push({
    async stop() {
      child.stdin.end();
      await closed;
    },
  });
  await once(child.stdout, 'data');
}

describe('a port that a program of the host listens at', () => {
  test.each(['tcp', 'udp'] as const)('is refused: %s', async (protocol) => {
    const before = picture(host);
    const port = { protocol, hostPort: 5300 };
    const refusal = {
      code: 'EADDRINUSE',
      errno: 98,
      message: expect.stringMatching(
        /^ports\[1\]\.hostPort: a program of the host listens at port 5300 of (tcp|udp), address (0\.0\.0\.0|::) \(uid 0\)/,
      ),
    };
    for (const taken of [
      port,
      { ...port, hostAddress: '192.0.2.1' },
      { ...port, hostAddress: '::' },
      { ...port, hostPort: 5290, hostPortEnd: 5310 },
    ]) {
      await expect(net.publish({ owner: 'a' }, [{ hostPort: 70 }, taken])).rejects.toMatchObject(refusal);
      const space = newSpace('x');
      await expect(net.attach({ netns: space, owner: 'c', ports: [{ hostPort: 70 }, taken] })).rejects.toMatchObject(refusal);
    }
    expect(picture(host)).toEqual(before);
    // unless that is wanted; and what is published is not asked for again
    await net.publish({ owner: 'a' }, [{ ...port, overrideListeners: true }]);
    expect(await net.publish({ owner: 'a' }, [port])).toEqual([{ ...port, containerPort: 5300 }]);
    expect((await net.inspect()).endpoints[0]!.ports).toEqual([{ ...port, containerPort: 5300 }]);
  });

  test('is in the way of what overlaps it alone: by address, family and protocol', async () => {
    const publish = (port: network.PortOptions): Promise<unknown> =>
      net.publish({ owner: 'a' }, [port]).then(
        () => net.unpublish({ owner: 'a' }).then(() => 'published'),
        ({ code }) => code,
      );
    const everywhere = async (hostPort: number): Promise<boolean[]> => {
      const outcomes: unknown[] = [];
      for (const hostAddress of [undefined, '0.0.0.0', '192.0.2.1', '127.0.0.1', '::', '2001:db8::1'])
        outcomes.push(await publish({ hostPort, ...(hostAddress === undefined ? {} : { hostAddress }) }));
      return outcomes.map((outcome) => outcome === 'published');
    };
    await listen(['127.0.0.1', 81, 0], ['::', 82, 0], ['::', 83, 1], ['::ffff:192.0.2.1', 84, 0], ['::1', 85, 1]);
    expect(await everywhere(81)).toEqual([false, false, true, false, true, true]);
    expect(await everywhere(82)).toEqual([false, false, false, false, false, false]);
    expect(await everywhere(83)).toEqual([false, true, true, true, false, false]);
    expect(await everywhere(84)).toEqual([false, false, false, true, true, true]);
    expect(await everywhere(85)).toEqual([true, true, true, true, true, true]);
    expect(await publish({ hostPort: 82, protocol: 'udp' })).toBe('published');
    expect(await publish({ hostPort: 82, protocol: 'sctp' })).toBe('published');
  });

  test('is one that ss(8) lists', async () => {
    await listen(['127.0.0.1', 81, 0], ['::', 82, 0], ['::1', 83, 1]);
    const options = hostOptions({ netns: host });
    const connection = new Host(options);
    const listed = tool(['ss', '-Hlntu'], { netns: host.name }).trim().split('\n');
    const lines = listed.map((line) => line.split(/\s+/)).map(([kind, , , , local]) => `${kind} ${local}`);
    const found: string[] = [];
    for (const [protocol, states] of [
      ['tcp', 1 << 10],
      ['udp', 1 << 7],
    ] as const) {
      for (const { family, address, port, both } of await connection.run(localSockets(protocol, states), {}))
        found.push(`${protocol} ${both ? '*' : family === 'inet' ? address : `[${address}]`}:${port}`);
    }
    expect(found.sort()).toEqual(lines.sort());
    connection.close();
  });
});

test('a port that is chosen is none that the same call names', async () => {
  const first = firstDynamic + (Number.parseInt(endpointLinkName('web', 'a', 'eth0').slice(-4), 36) % dynamicPorts);
  const named = [
    { hostPort: first, hostAddress: '192.0.2.1', containerPort: 2 },
    { hostPort: first, protocol: 'udp', containerPort: 3 },
  ] as const;
  const published = await net.publish({ owner: 'a' }, [{ hostPort: 0, containerPort: 1 }, ...named]);
  expect(published[0]!.hostPort).toBeGreaterThanOrEqual(firstDynamic);
  expect(published[0]!.hostPort).not.toBe(first);
  expect(published.slice(1)).toEqual([expect.objectContaining(named[0]), expect.objectContaining(named[1])]);
});

test('a port is chosen from a range: the lowest that nobody has, and none when all are taken', async () => {
  await listen(['0.0.0.0', 8001, 0]);
  await net.publish({ owner: 'b' }, [{ hostPort: 8000 }, { hostPort: 8003, hostAddress: '192.0.2.1' }]);
  const any = { hostPort: 0, range: '8000-8005' };
  const own = (): Promise<network.PublishedPort[]> =>
    net.publish(
      { owner: 'a' },
      [5, 6].map((containerPort) => ({ ...any, containerPort })),
    );
  expect((await own()).map(({ hostPort, containerPort }) => [hostPort, containerPort])).toEqual([
    [8002, 5],
    [8004, 6],
  ]);
  const before = nftText({ netns: host.name });
  await expect(
    net.publish(
      { owner: 'a' },
      [7, 8].map((containerPort) => ({ ...any, containerPort })),
    ),
  ).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: 'ports[1].hostPort: no port of tcp from 8000 to 8005 is free',
  });
  expect(nftText({ netns: host.name })).toBe(before);
  // those of the other protocol are others
  expect(await net.publish({ owner: 'a' }, [{ ...any, protocol: 'udp', containerPort: 7 }])).toMatchObject([{ hostPort: 8000 }]);
});

test('what several ports need goes with the last of them, and with the first when that fails', async () => {
  const elements = (set: string): unknown[] =>
    nftJson({ netns: host.name }).flatMap((each) => (each.set?.name === set ? (each.set.elem ?? []) : []));
  const needed = (): number[] => ['endpoints', 'self4', 'self6'].map((set) => elements(set).length);
  const at = (...addresses: string[]): network.PortOptions[] => addresses.map((hostAddress, i) => ({ hostAddress, hostPort: 80 + i }));
  const published = await net.publish({ owner: 'a' }, at('0.0.0.0', '::', '::'));
  const record = { owner: 'a', ports: published };
  expect(await net.check(record)).toEqual([]);
  expect((await net.inspect()).endpoints[0]!.ports).toEqual([
    published[0],
    { protocol: 'tcp', hostAddress: '::', hostPort: 81, hostPortEnd: 82, containerPort: 81 },
  ]);
  await net.publish(
    { owner: 'b' },
    at('0.0.0.0').map((port) => ({ ...port, hostPort: 90 })),
  );
  expect(needed()).toEqual([2, 2, 1]);
  expect(await net.unpublish({ owner: 'a' }, at('0.0.0.0', '::'))).toEqual(published.slice(0, 2));
  expect(needed()).toEqual([2, 1, 1]);
  expect(await net.check(record)).toEqual([80, 81].map((port) => `its port ${port} of tcp is not published`));
  // it has an address of IPv4 too, at which it is not
  const both = { owner: 'a', ports: [{ protocol: 'tcp', hostPort: 82, containerPort: 82 }] };
  expect(await net.check(both)).toHaveLength(1);
  await net.unpublish({ owner: 'a' });
  expect(needed()).toEqual([1, 1, 0]);
  // flows that cannot be read: the last that is done for a port
  const transport = interferedWith({ message: (type) => type === IPCTNL_MSG_CT_GET });
  await using failing = await network.open('web', { netns: host, transport });
  const before = nftText({ netns: host.name });
  await expect(failing.publish({ owner: 'b' }, at('::'))).rejects.toMatchObject({ name: 'NetlinkError' });
  expect(nftText({ netns: host.name })).toBe(before);
});

describe('of two processes that publish a port at the same moment, at any address and at a single one', () => {
  const NFNL_MSG_BATCH_BEGIN = 16;

  test.each([
    ['at any address', {}, { hostAddress: '192.0.2.1' }, 1],
    ['at one', { hostAddress: '192.0.2.1' }, {}, 1],
    ['at any address, with others published', {}, { hostAddress: '192.0.2.1' }, 2],
    ['at one, with others published', { hostAddress: '192.0.2.1' }, {}, 2],
  ] as const)('one is refused: the later is %s', async (_, late, early, round) => {
    if (round === 2) await net.publish({ owner: 'b' }, [{ hostPort: 70 }, { hostPort: 71, hostAddress: '192.0.2.1' }]);
    const gate = new EventEmitter();
    const atGate = once(gate, 'reached');
    let held = false;
    const hold = async (type: number): Promise<void> => {
      if (held || type !== NFNL_MSG_BATCH_BEGIN) return;
      held = true;
      const released = once(gate, 'released');
      gate.emit('reached');
      await released;
    };
    // it has looked whether the port is free, and sends what publishes it once somebody else has
    await using slow = await network.open('web', { netns: host, transport: interferedWith({ hold }) });
    const outcome = slow.publish({ owner: 'a' }, [{ hostPort: 80, ...late }]).catch((error: unknown) => error);
    await atGate;
    await net.publish({ owner: 'b' }, [{ hostPort: 80, ...early }]);
    gate.emit('released');

    expect(await outcome).toMatchObject({ code: 'EADDRINUSE', message: expect.stringContaining('endpoint "eth0" of "b"') });
    expect(nftText({ netns: host.name }).match(/\. 80 comment/g)).toHaveLength('hostAddress' in early ? 1 : 2);
  });

  test('and those that are at other ports, or both at single addresses, are not', async () => {
    const all = await Promise.all([
      ...[1, 2, 3, 4].map((i) => net.publish({ owner: i % 2 ? 'a' : 'b' }, [{ hostPort: 90 + i }]).catch(({ code }) => code)),
      net
        .publish(
          { owner: 'a' },
          [1, 2].map((i) => ({ hostPort: 80, hostAddress: `192.0.2.${i}` })),
        )
        .catch(({ code }) => code),
    ]);
    // an endpoint is locked meanwhile: that is another matter
    expect(all.filter((each) => each !== 'EBUSY' && !Array.isArray(each))).toEqual([]);
    expect(await net.publish({ owner: 'b' }, [{ hostPort: 80, hostAddress: '192.0.2.3' }])).toHaveLength(1);
  });
});
