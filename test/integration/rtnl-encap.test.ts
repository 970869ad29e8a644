/** Tunnels that are part of a route, with ip(8) as witness. What no kernel at hand has is compared with the bytes that ip(8) sends. */
import { closeSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type RouteEncap, type RtnlClient } from '../../src/rtnl/index.ts';
import { bpfPrograms, loadProgram } from '../support/bpf.ts';
import { capture, expectWhole, type Sent, sentBy } from '../support/capture.ts';
import { type Feature, hasKind, needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, sh } from '../support/oracle.ts';
import { attributesOf, sameBody } from '../support/wire.ts';

const name = uniqueName('en');
const where = { netns: name };
let red: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const end of ['v0', 'v1']) ipText(['link', 'set', end, 'addrgenmode', 'none', 'up'], where);
  ipText(['address', 'add', '10.0.0.1/24', 'dev', 'v0'], where);
  ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad'], where);
  if (hasKind('vrf')) {
    ipText(['link', 'add', 'red', 'up', 'type', 'vrf', 'table', '77'], where);
    // segments that lead to a VRF name its table, which must be one alone
    sh('echo 1 >/proc/sys/net/vrf/strict_mode', where);
  }
  rt = await open({ netns: name });
});
afterAll(async () => {
  rt.close();
  await red.delete();
  red.close();
});
const to = 'fd01::/64';
const show = (): Json[] => ip(['-6', 'route', 'show', to], where);
afterEach(() => ipText(['-6', 'route', 'flush', 'root', to], where));

const reduced: readonly Feature[] = [{ ip: '6.0' }, { kernel: { atLeast: '6.0', why: 'reduced headers of segments' } }];
const vrf: Feature = { kind: 'vrf' };

/** What is asked of `ip route add … encap`, the same of netloom, and what it takes besides the encapsulation. No options of tunnels: kernels panic on them. */
const same: readonly (readonly [
  command: string,
  encap: RouteEncap & { type: Exclude<RouteEncap['type'], 'other'> },
  ...needs: Feature[],
])[] = [
  ['mpls 100', { type: 'mpls', labels: [100] }],
  ['mpls 100/200/1048575 ttl 5', { type: 'mpls', labels: [100, 200, 1048575], ttl: 5 }],
  ['ip id 5 dst 10.0.0.9', { type: 'ip', id: 5, dst: '10.0.0.9' }],
  [
    'ip id 5 dst 10.0.0.9 src 10.0.0.8 ttl 3 tos 4 csum seq key',
    { type: 'ip', id: 5, dst: '10.0.0.9', src: '10.0.0.8', ttl: 3, tos: 4, flags: ['csum', 'key', 'seq'] },
  ],
  ['ip6 id 6 dst fd00::9', { type: 'ip6', id: 6, dst: 'fd00::9' }],
  [
    'ip6 id 6 dst fd00::9 src fd00::8 hoplimit 3 tc 4 csum',
    { type: 'ip6', id: 6, dst: 'fd00::9', src: 'fd00::8', hoplimit: 3, tc: 4, flags: ['csum'] },
  ],
  [
    'ila 2001:db8:0:1 csum-mode neutral-map ident-type luid hook-type output',
    { type: 'ila', locator: '2001:db8:0:1', csumMode: 'neutral-map', identType: 'luid', hookType: 'output' },
  ],
  [
    'ila 2001:db8:0:1 csum-mode adj-transport ident-type luid hook-type input',
    { type: 'ila', locator: '2001:db8:0:1', csumMode: 'adj-transport', identType: 'luid', hookType: 'input' },
  ],
  ['xfrm if_id 5', { type: 'xfrm', ifId: 5 }],
  ['xfrm if_id 6 link_dev v1', { type: 'xfrm', ifId: 6, link: 'v1' }],
  ['seg6 mode inline segs fc00::1,fc00::2', { type: 'seg6', mode: 'inline', segments: ['fc00::1', 'fc00::2'] }],
  ['seg6 mode encap segs fc00::1', { type: 'seg6', segments: ['fc00::1'] }],
  ['seg6 mode encap segs fc00::1,fc00::2 hmac 7', { type: 'seg6', mode: 'encap', segments: ['fc00::1', 'fc00::2'], hmac: 7 }],
  ['seg6 mode l2encap segs fc00::1', { type: 'seg6', mode: 'l2encap', segments: ['fc00::1'] }],
  ['seg6 mode encap.red segs fc00::1,fc00::2', { type: 'seg6', mode: 'encap.red', segments: ['fc00::1', 'fc00::2'] }, ...reduced],
  ['seg6 mode l2encap.red segs fc00::1', { type: 'seg6', mode: 'l2encap.red', segments: ['fc00::1'] }, ...reduced],
  ['seg6local action End', { type: 'seg6local', action: 'End' }],
  ['seg6local action End count', { type: 'seg6local', action: 'End', counters: true }],
  [
    'seg6local action End flavors psp',
    { type: 'seg6local', action: 'End', flavors: { operations: ['psp'] } },
    { kernel: { atLeast: '6.3', why: 'flavor psp of End' } },
  ],
  [
    'seg6local action End flavors next-csid lblen 32 nflen 16',
    { type: 'seg6local', action: 'End', flavors: { operations: ['next-csid'], lblen: 32, nflen: 16 } },
    { kernel: { atLeast: '6.1', why: 'flavor next-csid of End' } },
  ],
  ['seg6local action End.X nh6 fc00::3', { type: 'seg6local', action: 'End.X', nh6: 'fc00::3' }],
  ['seg6local action End.T table 100', { type: 'seg6local', action: 'End.T', table: 100 }],
  ['seg6local action End.DX2 oif v1', { type: 'seg6local', action: 'End.DX2', oif: 'v1' }],
  ['seg6local action End.DX6 nh6 ::', { type: 'seg6local', action: 'End.DX6', nh6: '::' }],
  ['seg6local action End.DX4 nh4 10.0.0.5', { type: 'seg6local', action: 'End.DX4', nh4: '10.0.0.5' }],
  ['seg6local action End.DT6 table main', { type: 'seg6local', action: 'End.DT6', table: 'main' }],
  ['seg6local action End.DT4 vrftable 77', { type: 'seg6local', action: 'End.DT4', vrftable: 77 }, vrf],
  ['seg6local action End.DT6 vrftable 77', { type: 'seg6local', action: 'End.DT6', vrftable: 77 }, vrf],
  ['seg6local action End.DT46 vrftable 77', { type: 'seg6local', action: 'End.DT46', vrftable: 77 }, vrf],
  ['seg6local action End.B6 srh segs fc00::7,fc00::8', { type: 'seg6local', action: 'End.B6', srh: { segments: ['fc00::7', 'fc00::8'] } }],
  [
    'seg6local action End.B6.Encaps srh segs fc00::7 hmac 5',
    { type: 'seg6local', action: 'End.B6.Encaps', srh: { segments: ['fc00::7'], hmac: 5 } },
  ],
  ['rpl segs fc00::1,fc00::2', { type: 'rpl', segments: ['fc00::1', 'fc00::2'] }],
  [
    'ioam6 trace prealloc type 0x800000 ns 1 size 12',
    { type: 'ioam6', mode: 'inline', freqK: 1, freqN: 1, trace: { type: 0x800000, namespace: 1, size: 12 } },
  ],
  [
    'ioam6 freq 1/5 mode encap tundst fd00::9 trace prealloc type 0xc00000 ns 0 size 12',
    { type: 'ioam6', mode: 'encap', dst: 'fd00::9', freqK: 1, freqN: 5, trace: { type: 0xc00000, size: 12 } },
  ],
];

/** The members that a list says and nobody asked for. */
const listedEncap = async (): Promise<RouteEncap> => (await rt.routes.list({ to, family: 'inet6' }))[0]!.encap!;
/** ip(8) passes over what follows `xfrm`, and complains of a line that ends with some of the others. */
const asCommand = (encap: string): string[] => {
  const [path, tunnel] = [
    ['via', 'fd00::2', 'dev', 'v0'],
    ['encap', ...encap.split(' ')],
  ];
  return ['-6', 'route', 'add', to, ...(encap.startsWith('xfrm') ? [...path, ...tunnel] : [...tunnel, ...path])];
};

for (const [command, encap, ...features] of same) {
  needs({ encap: encap.type }, ...features).test(`encap ${command}`, async () => {
    ipText(asCommand(command), where);
    const expected = show();
    expect(expected).toHaveLength(1);
    const listed = await rt.routes.list({ to, family: 'inet6' });
    expect(listed).toHaveLength(1);
    const found = listed[0]!.encap!;
    expect(found.type).toBe(encap.type);
    expect(found).not.toHaveProperty('unknown');
    const asked: RouteEncap =
      encap.type === 'seg6local' && encap.counters === true ? { ...encap, counters: { packets: 0, bytes: 0, errors: 0 } } : encap;
    expect(found).toMatchObject(asked);
    await rt.routes.delete({ to, family: 'inet6' });
    expect(show()).toEqual([]);
    await rt.routes.create({ to, encap, via: 'fd00::2', dev: 'v0' });
    expect(show()).toEqual(expected);
    expect(await rt.routes.get({ to, encap, via: 'fd00::2', dev: 'v0' })).toEqual(listed[0]);
    await rt.routes.ensure({ to, encap, via: 'fd00::2', dev: 'v0' });
    expect(show()).toEqual(expected);
    await rt.routes.delete(listed[0]!);
    expect(show()).toEqual([]);
    await rt.routes.create(listed[0]!);
    expect(show()).toEqual(expected);
    expect(JSON.parse(JSON.stringify(listed))).toEqual(listed);
  });

  // whether or not the kernel takes it
  test(`the bytes of encap ${command}`, async () => {
    const theirs = capture([`ip ${asCommand(command).join(' ')}`], name, { mayBeRefused: true }).filter(isNewRoute);
    ipText(['-6', 'route', 'flush', 'root', to], where);
    const ours = await sentBy(() => rt.routes.create({ to, encap, via: 'fd00::2', dev: 'v0' })).then((sent) => sent.filter(isNewRoute));
    expect(theirs).toHaveLength(1);
    expect(ours).toHaveLength(1);
    expectWhole(theirs[0]!);
    // what ip says besides is not part of the tunnel
    expect(sameBody(encapOf(theirs[0]!.body), encapOf(ours[0]!.body))).toBeUndefined();
  });
}

needs({ encap: 'bpf' }, bpfPrograms('in'), bpfPrograms('out'), bpfPrograms('xmit')).test('encap bpf', async () => {
  const [inward, outward, last] = (['in', 'out', 'xmit'] as const).map((type) => loadProgram(type));
  try {
    const encap: RouteEncap = {
      type: 'bpf',
      in: { fd: inward!, name: 'inward' },
      out: { fd: outward!, name: 'outward' },
      xmit: { fd: last!, name: 'last' },
      headroom: 32,
    };
    await rt.routes.create({ to, encap, via: 'fd00::2', dev: 'v0' });
    const text = ipText(['-6', 'route', 'show', to], where);
    for (const shown of ['encap bpf', 'in inward', 'out outward', 'xmit last']) expect(text).toContain(shown);
    // the kernel says neither descriptors nor the headroom
    expect(await listedEncap()).toEqual({ type: 'bpf', in: { name: 'inward' }, out: { name: 'outward' }, xmit: { name: 'last' } });
    // a descriptor of another kind of program is refused
    const wrong: RouteEncap = { type: 'bpf', in: { fd: outward!, name: 'outward' } };
    await expect(rt.routes.create({ to: 'fd02::/64', encap: wrong, via: 'fd00::2', dev: 'v0' })).rejects.toMatchObject({ code: 'EINVAL' });
    await rt.routes.delete({ to, family: 'inet6' });
    expect(show()).toEqual([]);
  } finally {
    for (const fd of [inward, outward, last]) closeSync(fd!);
  }
});

needs({ encap: 'seg6local' }, bpfPrograms('seg6local')).test('encap seg6local action End.BPF', async () => {
  const fd = loadProgram('seg6local');
  try {
    const encap: RouteEncap = { type: 'seg6local', action: 'End.BPF', bpf: { prog: fd, name: 'ending' } };
    await rt.routes.create({ to, encap, via: 'fd00::2', dev: 'v0' });
    expect(ipText(['-6', 'route', 'show', to], where)).toMatch(/action End\.BPF endpoint ending/);
    expect(await listedEncap()).toMatchObject({ action: 'End.BPF', bpf: { prog: expect.any(Number), name: 'ending' } });
  } finally {
    closeSync(fd);
  }
});

const RTM_NEWROUTE = 24;
const isNewRoute = ({ type }: Sent): boolean => type === RTM_NEWROUTE;

/** RTA_ENCAP_TYPE and RTA_ENCAP of a route. */
function encapOf(body: Buffer): Buffer {
  const [type, encap] = [21, 22].map((number) => attributesOf(body.subarray(12))?.find((attribute) => attribute.type === number)?.payload);
  if (type === undefined || encap === undefined) throw new Error('a route without an encapsulation');
  return Buffer.concat([type, Buffer.alloc(2), encap]);
}

describe('in the paths of a multipath route', () => {
  needs({ encap: 'ip' }).test('known and unknown tunnels stay', async () => {
    ipText(
      [
        'route',
        'add',
        '10.9.0.0/16',
        'nexthop',
        'encap',
        'ip',
        'id',
        '5',
        'dst',
        '10.0.0.9',
        'via',
        '10.0.0.2',
        'dev',
        'v0',
        'nexthop',
        'encap',
        'ip',
        'id',
        '6',
        'dst',
        '10.0.0.8',
        'via',
        '10.0.0.3',
        'dev',
        'v0',
        'weight',
        '3',
      ],
      where,
    );
    const expected = ip(['route', 'show', '10.9.0.0/16'], where);
    const [route] = await rt.routes.list({ to: '10.9.0.0/16' });
    expect(route!.nexthops!.map(({ encap }) => encap)).toMatchObject([
      { type: 'ip', id: 5, dst: '10.0.0.9' },
      { type: 'ip', id: 6, dst: '10.0.0.8' },
    ]);
    await rt.routes.delete(route!);
    await rt.routes.create(route!);
    expect(ip(['route', 'show', '10.9.0.0/16'], where)).toEqual(expected);
    await rt.routes.delete({ to: '10.9.0.0/16' });
    // the same, byte for byte, as a kind that netloom does not know would be
    const raw = { type: 'other', number: 2, data: new Uint8Array([12, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5, 8, 0, 2, 0, 10, 0, 0, 9]) } as const;
    await rt.routes.create({
      to: '10.9.0.0/16',
      nexthops: [
        { via: '10.0.0.2', dev: 'v0', encap: raw },
        { via: '10.0.0.3', dev: 'v0' },
      ],
    });
    const [again] = await rt.routes.list({ to: '10.9.0.0/16' });
    expect(again!.nexthops).toMatchObject([{ encap: { type: 'ip', id: 5, dst: '10.0.0.9' } }, {}]);
    await rt.routes.flush({ to: '10.9.0.0/16' });
  });
});

test('a link within a tunnel that does not exist is named', async () => {
  const encap: RouteEncap = { type: 'seg6local', action: 'End.DX2', oif: 'gone' };
  await expect(rt.routes.create({ to, dev: 'v0', encap })).rejects.toMatchObject({ name: 'NotFoundError', argument: 'encap.oif' });
});

needs({ encap: 'seg6local' }).test('a link within a tunnel is told by its name', async () => {
  const { ifindex } = ip(['link', 'show', 'v1'], where)[0];
  await rt.routes.create({ to, dev: 'v0', encap: { type: 'seg6local', action: 'End.DX2', oif: ifindex } });
  expect(await listedEncap()).toMatchObject({ oif: 'v1' });
});
