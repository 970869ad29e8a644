/** Published ports and policy without a kernel: what is refused before anything is sent, and what is told of ports. */
import { InputError } from 'netloom';
import { describe, expect, test } from 'vitest';
import { type AttachOptions, checkAttach } from '../../src/network/attach-options.ts';
import type { CreateNetworkOptions } from '../../src/network/index.ts';
import { checkNetwork } from '../../src/network/options.ts';
import { linkLocalAddress } from '../../src/network/policy/guard.ts';
import { guardTable } from '../../src/network/policy/guard-table.ts';
import { elementsOf, gathered, portElements, portOf } from '../../src/network/ports/element.ts';
import { checkPorts } from '../../src/network/ports/options.ts';
import { parseSockets } from '../../src/network/ports/proc-sockets.ts';
import { portTable } from '../../src/network/ports/table.ts';
import { linearize } from '../../src/nft/index.ts';

const both = new Set(['inet', 'inet6'] as const);
const targets = { inet: '10.20.0.2', inet6: 'fd00:20::2' };

function refusal(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).argument;
  }
  throw new Error('it was accepted');
}

describe('bad input is refused by name', () => {
  test.each<[string, unknown]>([
    ['ports', 80],
    ['ports', {}],
    ['ports[0]', [80]],
    ['ports[0]', [null]],
    ['ports[0].hostPort', [{}]],
    ['ports[0].hostPort', [{ hostPort: '80' }]],
    ['ports[0].hostPort', [{ hostPort: -1 }]],
    ['ports[0].hostPort', [{ hostPort: 65_536 }]],
    ['ports[0].hostPort', [{ hostPort: 80.5 }]],
    ['ports[0].hostPortEnd', [{ hostPort: 80, hostPortEnd: 79 }]],
    ['ports[0].hostPortEnd', [{ hostPort: 0, hostPortEnd: 9, containerPort: 1 }]],
    ['ports[0].containerPort', [{ hostPort: 0 }]],
    ['ports[0].containerPort', [{ hostPort: 80, containerPort: 0 }]],
    ['ports[0].containerPort', [{ hostPort: 80, containerPort: '80' }]],
    ['ports[0].containerPort', [{ hostPort: 80, hostPortEnd: 89, containerPort: 65_530 }]],
    ['ports[0].protocol', [{ hostPort: 80, protocol: 'icmp' }]],
    ['ports[0].protocol', [{ hostPort: 80, protocol: 6 }]],
    ['ports[0].hostAddress', [{ hostPort: 80, hostAddress: 'localhost' }]],
    ['ports[0].hostAddress', [{ hostPort: 80, hostAddress: '10.0.0.0/8' }]],
    ['ports[0].hostAddress', [{ hostPort: 80, hostAddress: '224.0.0.1' }]],
    ['ports[0].hostAddress', [{ hostPort: 80, hostAddress: 'ff02::1' }]],
    ['ports[0].hostAddress', [{ hostPort: 80, hostAddress: '::1' }]],
    ['ports[0].hostAddress', [{ hostPort: 80, hostAddress: '::ffff:192.0.2.1' }]],
    ['ports[0].hostport', [{ hostport: 80 }]],
    ['ports[0].range', [{ hostPort: 80, range: '80-90' }]],
    ['ports[0].range', [{ hostPort: 0, containerPort: 1, range: '90-80' }]],
    ['ports[0].range', [{ hostPort: 0, containerPort: 1, range: '0-80' }]],
    ['ports[0].range', [{ hostPort: 0, containerPort: 1, range: '80-65536' }]],
    ['ports[0].range', [{ hostPort: 0, containerPort: 1, range: '80' }]],
    ['ports[0].range', [{ hostPort: 0, containerPort: 1, range: [80, 90] }]],
    ['ports[0].overrideListeners', [{ hostPort: 80, overrideListeners: 'yes' }]],
    ['ports[1].hostPort', [{ hostPort: 80 }, { hostPort: 80 }]],
    [
      'ports[1].hostPort',
      [
        { hostPort: 80, hostAddress: '192.0.2.1' },
        { hostPort: 70, hostPortEnd: 80 },
      ],
    ],
  ])('ports: %s of %j', (argument, ports) => {
    expect(refusal(() => checkPorts(ports, both))).toBe(argument);
  });

  test('what the endpoint, or the network, cannot have', () => {
    expect(refusal(() => checkPorts([{ hostPort: 80, hostAddress: '::' }], new Set(['inet'])))).toBe('ports[0].hostAddress');
    expect(refusal(() => checkPorts([{ hostPort: 80 }], new Set()))).toBe('ports[0]');
    const { definition } = checkNetwork({ name: 'web', subnets: ['10.20.0.0/16'], internal: true });
    expect(refusal(() => checkAttach({ netns: 'red', owner: 'c', ports: [{ hostPort: 80 }] } as AttachOptions, definition))).toBe('ports');
  });

  test.each<[string, object]>([
    ['isolatePorts', { isolatePorts: 1 }],
    ['publishedOnly', { publishedOnly: 'yes' }],
    ['publishedOnly', { driver: 'macvlan', parent: 'eth0', publishedOnly: true }],
    ['spoofCheck', { spoofCheck: 'yes' }],
    ['spoofCheck', { spoofCheck: true, subnets: [] }],
    ['acceptIn', { acceptIn: 'DOCKER-USER' }],
    ['acceptIn[0]', { acceptIn: ['DOCKER-USER'] }],
    ['acceptIn[0].family', { acceptIn: [{ family: 'bridge', table: 't', chain: 'c' }] }],
    ['acceptIn[0].table', { acceptIn: [{ family: 'ip', table: '', chain: 'c' }] }],
    ['acceptIn[0].chain', { acceptIn: [{ family: 'ip', table: 't' }] }],
    ['acceptIn[0].family', { driver: 'ptp', acceptIn: [{ family: 'ip6', table: 't', chain: 'c' }] }],
    ['acceptIn', { driver: 'ipvlan', parent: 'eth0', acceptIn: [] }],
    ['acceptIn[0].name', { acceptIn: [{ family: 'ip', table: 't', chain: 'c', name: 'c' }] }],
  ])('create: %s of %j', (argument, options) => {
    expect(refusal(() => checkNetwork({ name: 'web', subnets: ['10.20.0.0/16'], ...options } as CreateNetworkOptions))).toBe(argument);
  });
});

test('ports that do not collide are taken together', () => {
  const ports = [
    { hostPort: 80 },
    { hostPort: 80, protocol: 'udp' },
    { hostPort: 81, hostAddress: '192.0.2.1' },
    { hostPort: 81, hostAddress: '192.0.2.2' },
    { hostPort: 81, hostAddress: '::' },
    { hostPort: 0, containerPort: 80 },
    { hostPort: 0, containerPort: 80 },
  ];
  expect(checkPorts(ports, both)).toHaveLength(7);
});

test('an element is read as the port it was made of, whatever its owner is called; and ports are put together again', () => {
  const owner = `${'é'.repeat(62)}\u2028`;
  const key = { network: 'n'.repeat(63), owner, ifname: 'x'.repeat(15) };
  const plans = checkPorts(
    [
      { hostPort: 8000, hostPortEnd: 8003, containerPort: 80 },
      { hostPort: 8004, containerPort: 99 },
      { hostPort: 53, hostAddress: '192.0.2.1', protocol: 'udp' },
      { hostPort: 54, hostAddress: '2001:DB8::1', protocol: 'sctp' },
    ],
    both,
  );
  const ports = plans.flatMap((plan) => elementsOf(plan, targets));
  expect(ports).toHaveLength(12);
  const read = portElements(ports, key).map((element, i) => portOf(ports[i]!.family, element)!);
  expect(read).toEqual(ports.map((port) => ({ ...port, ...key, link: expect.stringMatching(/^nl/) })));
  expect(portElements(ports, { network: 'web', owner: 'c1', ifname: 'eth0' })[0]!.comment).toBe('web eth0 c1');
  expect(portElements(ports, key)[0]!.comment).toBeUndefined();
  expect(gathered(read)).toEqual([
    { protocol: 'udp', hostAddress: '192.0.2.1', hostPort: 53, containerPort: 53 },
    { protocol: 'sctp', hostAddress: '2001:db8::1', hostPort: 54, containerPort: 54 },
    { protocol: 'tcp', hostPort: 8000, hostPortEnd: 8003, containerPort: 80 },
    { protocol: 'tcp', hostPort: 8004, containerPort: 99 },
  ]);
  expect(portOf('inet', { key: ['tcp', 80], data: ['10.0.0.1', 80], comment: 'somebody else’s' })).toBeUndefined();
});

test('ports that are published in one of two families say in which, and are no part of ranges in both', () => {
  const ofTwo = checkPorts(
    [
      { hostPort: 80, hostAddress: '0.0.0.0' },
      { hostPort: 81, hostAddress: '::' },
      { hostPort: 82 },
      { hostPort: 83, hostPortEnd: 85, hostAddress: '0.0.0.0' },
    ],
    both,
  ).flatMap((plan) => elementsOf(plan, targets));
  expect(gathered(ofTwo)).toEqual([
    { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 80, containerPort: 80 },
    { protocol: 'tcp', hostAddress: '::', hostPort: 81, containerPort: 81 },
    { protocol: 'tcp', hostPort: 82, containerPort: 82 },
    { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 83, hostPortEnd: 85, containerPort: 83 },
  ]);
  const ofOne = checkPorts([{ hostPort: 80 }, { hostPort: 81, hostAddress: '0.0.0.0' }], new Set(['inet'])).flatMap((plan) =>
    elementsOf(plan, targets),
  );
  expect(gathered(ofOne)).toEqual([{ protocol: 'tcp', hostPort: 80, hostPortEnd: 81, containerPort: 80 }]);
  expect(gathered(ofOne, both)).toEqual([{ protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 80, hostPortEnd: 81, containerPort: 80 }]);
});

test('sockets are read from /proc where the kernel does not list them otherwise', () => {
  // as it was printed; the fields behind the inode are left out
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 21340 1 0000000000000000 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21341 1 0000000000000000 100 0 0 10 0
   2: 0F02000A:0016 0202000A:B0A2 01 00000000:00000000 02:000A7CA9 00000000     0        0 21342 2 0000000000000000 20 4 29 10 -1
`;
  const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21343 1
   1: 0000000000000000FFFF0000010200C0:0052 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21344 1
   2: B80D0120000000000000000001000000:0053 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     7        0 21345 1
`;
  const listening = 1 << 10;
  expect(parseSockets(tcp, listening)).toEqual([
    { family: 'inet', address: '127.0.0.1', port: 8080, both: false, uid: 1000 },
    { family: 'inet', address: '0.0.0.0', port: 80, both: false, uid: 0 },
  ]);
  expect(parseSockets(tcp, 0xfff)).toHaveLength(3);
  expect(parseSockets(tcp6, listening)).toEqual([
    { family: 'inet6', address: '::', port: 81, both: true, uid: 0 },
    { family: 'inet', address: '192.0.2.1', port: 82, both: false, uid: 0 },
    { family: 'inet6', address: '2001:db8::1', port: 83, both: false, uid: 7 },
  ]);
});

test('the rules of both tables are the same few, and say which sets they look into', () => {
  for (const [table, count] of [
    [portTable(), 12],
    [guardTable('port'), 15],
    [guardTable('veth'), 6],
  ] as const) {
    const { family } = table.table;
    const sets = new Map([table.links, ...table.sets].map((set) => [set.name, set]));
    const rules = table.chains.flatMap(({ rules: each }) => each);
    expect(rules).toHaveLength(count);
    const text = JSON.stringify(rules);
    for (const [name] of sets)
      if (name !== 'turn' && (name !== 'endpoints' || table.table.name === 'netloom-guard')) expect(text).toContain(`@${name}`);
    for (const statements of rules) expect(linearize(family, statements).expressions.length).toBeGreaterThan(0);
  }
});

test('link-local addresses are those that the kernel gives', () => {
  expect(linkLocalAddress('02:42:ac:11:00:02')).toBe('fe80::42:acff:fe11:2');
  expect(linkLocalAddress('52:54:00:12:34:56')).toBe('fe80::5054:ff:fe12:3456');
});
