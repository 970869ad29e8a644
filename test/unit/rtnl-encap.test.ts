/** Tunnels that are part of a route, without a kernel: bytes of ip(8), what is refused, and what other libraries got wrong. */
import { describe, expect, test } from 'vitest';
import { type Route, type RouteEncap, type RouteSpec, routeMessage } from '../../src/rtnl/index.ts';
import { planEncap, readEncap } from '../../src/rtnl/route/encap/encap.ts';
import { toRoute } from '../../src/rtnl/route/route.ts';
import { planRoute, routeWire } from '../../src/rtnl/route/spec.ts';

const names = new Map([[3, 'v0']]);

/** What ip 6.1 sends in RTA_ENCAP, its undefined padding cleared: through strace. */
const captured: readonly (readonly [command: string, number: number, hex: string, encap: RouteEncap])[] = [
  ['mpls 100/200 ttl 5', 1, '0c00010000064000000c81000500020005000000', { type: 'mpls', labels: [100, 200], ttl: 5 }],
  [
    'ip id 5 dst 1.2.3.4 csum seq key ttl 3 tos 4 src 2.3.4.5',
    2,
    '0c000100000000000000000508000200010203040500040003000000050005000400000008000300020304050600060000 0d0000'.replace(' ', ''),
    { type: 'ip', id: 5, dst: '1.2.3.4', ttl: 3, tos: 4, src: '2.3.4.5', flags: ['csum', 'key', 'seq'] },
  ],
  [
    'ila 1:2:3:4 csum-mode adj-transport ident-type luid hook-type input',
    3,
    '0c0001000001000200030004050007000000000005000800010000000500090001000000',
    { type: 'ila', locator: '1:2:3:4', csumMode: 'adj-transport', identType: 'luid', hookType: 'input' },
  ],
  [
    'ip6 id 5 dst fd00::9 csum seq key hoplimit 3 tc 4 src fd00::8',
    4,
    '0c000100000000000000000514000200fd000000000000000000000000000009050004000300000005000500040000001400 0300fd0000000000000000000000000000080600060 0000d0000'.replaceAll(
      ' ',
      '',
    ),
    { type: 'ip6', id: 5, dst: 'fd00::9', hoplimit: 3, tc: 4, src: 'fd00::8', flags: ['csum', 'key', 'seq'] },
  ],
  [
    'seg6 mode inline segs fc00::1,fc00::2',
    5,
    `40000100000000000006040202000000${'00'.repeat(16)}fc000000000000000000000000000002fc000000000000000000000000000001`,
    { type: 'seg6', mode: 'inline', segments: ['fc00::1', 'fc00::2'] },
  ],
  [
    'seg6 mode encap segs fc00::1,fc00::2 hmac 7',
    5,
    `58000100010000000009040101080000fc000000000000000000000000000002fc0000000000000000000000000000010526000000000007${'00'.repeat(32)}`,
    { type: 'seg6', mode: 'encap', segments: ['fc00::1', 'fc00::2'], hmac: 7 },
  ],
  ['seg6local action End.DX2 oif v0', 7, '08000100040000000800070003000000', { type: 'seg6local', action: 'End.DX2', oif: 'v0' }],
  [
    'seg6local action End flavors next-csid lblen 32 nflen 16 count',
    7,
    `08000100010000001c000b8008000100100000000500020020000000050003001000000028000a800c000200${'00'.repeat(8)}0c000300${'00'.repeat(8)}0c000400${'00'.repeat(8)}`,
    {
      type: 'seg6local',
      action: 'End',
      flavors: { operations: ['next-csid'], lblen: 32, nflen: 16 },
      counters: { packets: 0, bytes: 0, errors: 0 },
    },
  ],
  [
    'seg6local action End.B6 srh segs fc00::7,fc00::8',
    7,
    `08000100090000003c000200 0006040202000000${'00'.repeat(16)}fc000000000000000000000000000008fc000000000000000000000000000007`.replace(
      ' ',
      '',
    ),
    { type: 'seg6local', action: 'End.B6', srh: { segments: ['fc00::7', 'fc00::8'] } },
  ],
  [
    'rpl segs fc00::1,fc00::2',
    8,
    '2c0001000004030200000000fc000000000000000000000000000002fc000000000000000000000000000001',
    { type: 'rpl', segments: ['fc00::1', 'fc00::2'] },
  ],
  [
    'ioam6 freq 1/5 mode encap tundst fd00::9 trace prealloc type 0xc00000 ns 1 size 12',
    9,
    '0800040001000000080005000500000005000100020000001400 0200fd0000000000000000000000000000090c00030000010003c0000000'.replace(' ', ''),
    { type: 'ioam6', freqK: 1, freqN: 5, mode: 'encap', dst: 'fd00::9', trace: { type: 0xc00000, namespace: 1, size: 12 } },
  ],
  ['xfrm if_id 5 link_dev v0', 10, '08000100050000000800020003000000', { type: 'xfrm', ifId: 5, link: 'v0' }],
];

test.each(captured)('encap %s', (_command, number, hex, encap) => {
  expect(readEncap(number, Buffer.from(hex, 'hex'), names)).toEqual(encap);
  const plan = planEncap(encap, 'encap');
  expect(plan.number).toBe(number);
  expect(Buffer.from(plan.encode(plan.links.map(() => 3))).toString('hex')).toBe(hex);
});

test('BPF programs, and options of tunnels', () => {
  const encaps: readonly RouteEncap[] = [
    { type: 'bpf', in: { fd: 5, name: 'a' }, out: { fd: 6, name: 'b' }, xmit: { fd: 7, name: 'c' }, headroom: 14 },
    { type: 'seg6local', action: 'End.BPF', bpf: { prog: 5, name: 'a' } },
    {
      type: 'ip',
      options: {
        geneve: [
          { class: 1, type: 2, data: Uint8Array.of(1, 2, 3, 4) },
          { class: 3, type: 4, data: new Uint8Array(8) },
        ],
      },
    },
    { type: 'ip6', options: { vxlan: { gbp: 0x100 } } },
    { type: 'ip', options: { erspan: { version: 2, direction: 1, hwid: 5 } } },
    { type: 'ip', options: { erspan: { version: 1, index: 7 } } },
  ];
  for (const encap of encaps) {
    const plan = planEncap(encap, 'encap');
    expect(readEncap(plan.number, plan.encode([]), names)).toEqual(encap);
  }
  // the kernel says all GENEVE options in one attribute
  const first = '0600010000010000' + '0500020002000000' + '0800030001020304';
  const second = '0600010000030000' + '0500020004000000' + '0c0003000102030405060708';
  const options = Buffer.from(`3c000880${'38000100'}${first}${second}`, 'hex');
  const told = readEncap(2, options, names);
  expect(told).toMatchObject({
    type: 'ip',
    options: {
      geneve: [
        { class: 1, type: 2, data: Uint8Array.of(1, 2, 3, 4) },
        { class: 3, type: 4 },
      ],
    },
  });
  const { encode } = planEncap({ type: 'ip', options: { erspan: { version: 1, index: 7 } } }, 'encap');
  expect(Buffer.from(encode([])).toString('hex')).toBe('1800088014000380050001000100000008000200 00000007'.replace(' ', ''));
});

const bad: readonly (readonly [argument: string, encap: unknown, code?: string])[] = [
  ['encap', {}, 'ERR_INVALID_ARG_TYPE'],
  ['encap', 'mpls 100', 'ERR_INVALID_ARG_TYPE'],
  ['encap.type', { type: 'tube' }],
  ['encap.labels[1]', { type: 'mpls', labels: [1, 2 ** 20] }, 'ERR_OUT_OF_RANGE'],
  ['encap.labels', { type: 'mpls', labels: [] }, 'ERR_INVALID_ARG_TYPE'],
  ['encap.labels', { type: 'mpls', labels: 100 }, 'ERR_INVALID_ARG_TYPE'],
  ['encap.ttl', { type: 'mpls', labels: [1], ttl: 256 }, 'ERR_OUT_OF_RANGE'],
  ['encap.label', { type: 'mpls', label: 1 }, 'ERR_UNKNOWN_OPTION'],
  ['encap.id', { type: 'ip', id: -1 }, 'ERR_OUT_OF_RANGE'],
  ['encap.dst', { type: 'ip', dst: 'fd00::1' }],
  ['encap.src', { type: 'ip6', src: '10.0.0.1' }],
  ['encap.flags', { type: 'ip', flags: ['fast'] }],
  ['encap.options.geneve', { type: 'ip', options: { geneve: {} } }, 'ERR_INVALID_ARG_TYPE'],
  ['encap.locator', { type: 'ila', locator: '1:2:3' }],
  ['encap.csumMode', { type: 'ila', locator: '1:2:3:4', csumMode: 'none' }],
  ['encap.segments', { type: 'seg6' }, 'ERR_INVALID_ARG_TYPE'],
  ['encap.segments[0]', { type: 'seg6', segments: ['10.0.0.1'] }],
  ['encap.segments[1]', { type: 'seg6', mode: 'inline', segments: ['fc00::1', 'x'] }],
  ['encap.mode', { type: 'seg6', segments: ['fc00::1'], mode: 'outline' }],
  ['encap.hmac', { type: 'seg6', segments: ['fc00::1'], hmac: 0 }, 'ERR_OUT_OF_RANGE'],
  ['encap.colour', { type: 'seg6', segments: ['fc00::1'], colour: 'red' }, 'ERR_UNKNOWN_OPTION'],
  ['encap.action', { type: 'seg6local', action: 'Start' }],
  ['encap.nh4', { type: 'seg6local', action: 'End.DX4', nh4: 'fc00::1' }],
  ['encap.nh6', { type: 'seg6local', action: 'End.X', nh6: '10.0.0.1' }],
  ['encap.oif', { type: 'seg6local', action: 'End.DX2', oif: 0 }, 'ERR_OUT_OF_RANGE'],
  ['encap.srh.segments[0]', { type: 'seg6local', action: 'End.B6', srh: { segments: ['x'] } }],
  ['encap.flavors.operations', { type: 'seg6local', action: 'End', flavors: { operations: ['sweet'] } }],
  ['encap.table', { type: 'seg6local', action: 'End.T', table: 'mine' }],
  ['encap.segments', { type: 'rpl', segments: [] }, 'ERR_INVALID_ARG_TYPE'],
  ['encap.trace.size', { type: 'ioam6', trace: { type: 1, size: 13 } }, 'ERR_OUT_OF_RANGE'],
  ['encap.trace.type', { type: 'ioam6', trace: { type: 0, size: 12 } }, 'ERR_OUT_OF_RANGE'],
  ['encap.mode', { type: 'ioam6', mode: 'l2' }],
  ['encap.link', { type: 'xfrm', ifId: 5, link: 'a/b' }],
  ['encap.ifId', { type: 'xfrm', ifId: -5 }, 'ERR_OUT_OF_RANGE'],
  ['encap.xmit.fd', { type: 'bpf', xmit: { fd: 'five' } }, 'ERR_INVALID_ARG_TYPE'],
  ['encap.number', { type: 'other', number: 70_000, data: new Uint8Array(0) }, 'ERR_OUT_OF_RANGE'],
  ['encap.data', { type: 'other', number: 70, data: 'ff' }, 'ERR_INVALID_ARG_TYPE'],
];

test.each(bad)('bad %s: %j', (argument, encap, code = 'ERR_INVALID_ARG_VALUE') => {
  expect(() => planEncap(encap as RouteEncap, 'encap')).toThrow(expect.objectContaining({ name: 'InputError', argument, code }));
});

/** A route as the kernel would store and send it. */
function stored(spec: RouteSpec): Route {
  const plan = planRoute(spec);
  const wire = routeWire(
    plan,
    plan.links.map(() => 3),
  );
  return toRoute(routeMessage.parse(routeMessage.bytes(wire)), names)!;
}

describe('what other libraries got wrong', () => {
  test('locks of several metrics are one attribute, and read bit by bit', () => {
    const spec: RouteSpec = { to: '10.0.0.0/8', dev: 'v0', metrics: { mtu: 1400, rtoMin: 200, lock: ['mtu', 'rtoMin'] } };
    const bytes = routeMessage.bytes(routeWire(planRoute(spec), [3])).toString('hex');
    // RTAX_LOCK: mtu is bit 2, rto_min bit 13
    expect(bytes.match(/0800010004200000/g)).toHaveLength(1);
    expect(stored(spec).metrics).toEqual(spec.metrics);
  });

  test('a tunnel that is not known stays, also within a multipath route', () => {
    const encap: RouteEncap = { type: 'other', number: 99, data: Uint8Array.of(8, 0, 1, 0, 1, 2, 3, 4) };
    const found = stored({
      to: '10.0.0.0/8',
      nexthops: [
        { dev: 'v0', encap },
        { dev: 'v0', weight: 2 },
      ],
    });
    expect(found.nexthops).toMatchObject([{ encap }, { weight: 2 }]);
    // one of a known kind whose attributes are not what they should be
    expect(readEncap(2, Uint8Array.of(5, 0, 1, 0, 9, 0, 0, 0), names)).toMatchObject({ type: 'ip', unknown: [{ type: 1 }] });
    expect(readEncap(2, Uint8Array.of(99, 0, 1, 0), names)).toEqual({ type: 'other', number: 2, data: Uint8Array.of(99, 0, 1, 0) });
    expect(readEncap(5, new Uint8Array(0), names)).toEqual({ type: 'other', number: 5, data: new Uint8Array(0) });
  });

  test('labels in a route that is not of MPLS are read like any, and harm nothing', () => {
    const wire = routeMessage.parse(routeMessage.bytes({ family: 2, dst: '10.0.0.0', dstLength: 8, oif: 3, newdst: [100, 200] }));
    expect(toRoute(wire, new Map([[3, 'v0']]))).toMatchObject({ family: 'inet', to: '10.0.0.0/8', dev: 'v0' });
    const path = routeMessage.bytes({ family: 10, dst: 'fd00::', dstLength: 8, multipath: [{ oif: 3, newdst: [100] }] });
    expect(toRoute(routeMessage.parse(path), new Map())).toMatchObject({ to: 'fd00::/8', nexthops: [{ devIndex: 3 }] });
  });

  test('a scope that is not said is that of ip(8), not always global', () => {
    expect(stored({ to: '10.0.0.0/8', dev: 'v0' }).scope).toBe('link');
    expect(stored({ to: '10.0.0.0/8', via: '10.0.0.1' }).scope).toBe('global');
    expect(stored({ to: '10.0.0.1', type: 'local', dev: 'v0' }).scope).toBe('host');
    expect(stored({ to: '10.0.0.255', type: 'broadcast', dev: 'v0' }).scope).toBe('link');
  });

  test('labels belong to MPLS routes', () => {
    expect(() => planRoute({ to: '10.0.0.0/8', dev: 'v0', as: [100] })).toThrow(
      expect.objectContaining({ name: 'InputError', argument: 'as' }),
    );
    expect(() => planRoute({ to: 'fd00::/8', nexthops: [{ dev: 'v0', as: [100] }] })).toThrow(
      expect.objectContaining({ name: 'InputError', argument: 'nexthops[0].as' }),
    );
  });
});

describe('MPLS routes', () => {
  test('the bytes of ip(8)', () => {
    // ip -f mpls route add 100 as 200/300 via inet 10.0.0.2 dev v0
    const spec: RouteSpec = { family: 'mpls', to: '100', as: [200, 300], via: '10.0.0.2', dev: 'v0' };
    expect(routeMessage.bytes(routeWire(planRoute(spec), [3])).toString('hex')).toBe(
      `1c140000fe03000100000000${'0800010000064100'}${'0a00120002000a0000020000'}${'0c001300000c80000012c100'}${'0800040003000000'}`,
    );
    expect(stored(spec)).toMatchObject({ family: 'mpls', to: '100', as: [200, 300], via: '10.0.0.2', dev: 'v0', table: 'main' });
    expect(stored({ family: 'mpls', to: '1048575', nexthops: [{ via: 'fd00::1', as: [16] }, { dev: 'v0' }] })).toMatchObject({
      to: '1048575',
      nexthops: [{ via: 'fd00::1', as: [16] }, { dev: 'v0' }],
    });
  });

  const wrong: readonly (readonly [argument: string, spec: Readonly<Record<string, unknown>>, code?: string])[] = [
    ['to', { to: 'default' }],
    ['to', { to: '1048576' }, 'ERR_OUT_OF_RANGE'],
    ['to', { to: 100 }],
    ['dev', { to: '100' }],
    ['metric', { to: '100', dev: 'v0', metric: 5 }],
    ['encap', { to: '100', dev: 'v0', encap: { type: 'ip' } }],
    ['table', { to: '100', dev: 'v0', table: 5 }],
    ['type', { to: '100', dev: 'v0', type: 'blackhole' }],
    ['as', { to: '100', dev: 'v0', as: [] }, 'ERR_INVALID_ARG_TYPE'],
    ['as[0]', { to: '100', dev: 'v0', as: [-1] }, 'ERR_OUT_OF_RANGE'],
    ['via', { to: '100', via: 'x' }],
  ];
  test.each(wrong)('bad %s: %j', (argument, spec, code = 'ERR_INVALID_ARG_VALUE') => {
    expect(() => planRoute(Object.assign({ family: 'mpls' }, spec) as unknown as RouteSpec)).toThrow(
      expect.objectContaining({ name: 'InputError', argument, code }),
    );
  });
});
