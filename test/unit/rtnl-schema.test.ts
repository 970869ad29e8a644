/** The schemas against bytes of the kernel and of ip(8), against each other's other way of working, and against the headers. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { type Declarations, walk } from '../../src/netlink/attributes.ts';
import type { Message } from '../../src/netlink/message.ts';
import type { Struct } from '../../src/netlink/struct.ts';
import { addressAttributes } from '../../src/rtnl/address/message.ts';
import {
  addressMessage,
  bridge,
  bridgePort,
  ifaCacheinfo,
  ifaddrmsg,
  ifinfomsg,
  linkMessage,
  linkStatistics,
  routeMessage,
  routeMetrics,
  rtaCacheinfo,
  rtmsg,
  rtnexthop,
  rtnlLinkStats64,
  veth,
} from '../../src/rtnl/index.ts';
import { toLink } from '../../src/rtnl/link/link.ts';
import { linkAttributes } from '../../src/rtnl/link/message.ts';
import type { LinkRead } from '../../src/rtnl/link/view.ts';
import { routeAttributes } from '../../src/rtnl/route/message.ts';
import { captured } from '../fixtures/rtnl/read.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of three types share these tests
const messageOf = (type: number): Message<any, any> => (type < 20 ? linkMessage : type < 24 ? addressMessage : routeMessage);
const structOf = (type: number): Struct<object> => (type < 20 ? ifinfomsg : type < 24 ? ifaddrmsg : rtmsg);

const fixtures = (['requests', 'dumps'] as const).flatMap((name) =>
  captured(name).map((message, i) => ({ ...message, title: `${name} ${i}: ${message.command}` })),
);

describe.each(fixtures)('$title', ({ command, type, body }) => {
  const message = messageOf(type);

  test('survives decode, encode, decode', () => {
    const value = message.parse(body);
    expect(message.parse(message.bytes(value))).toEqual(value);
  });

  test('is declared whole: nothing is unknown', () => {
    expect(message.parse(body)).not.toHaveProperty('unknown');
  });

  test('re-encodes to the same attributes, byte for byte, but for flag bits and the NUL of strings', () => {
    const size = structOf(type).size;
    // ip(8) leaves the NUL out of this one
    if (command.includes('congctl')) return;
    const again = message.bytes(message.parse(body));
    expect(again.subarray(0, size)).toEqual(body.subarray(0, size));
    expect(leaves(again, size, again.length - size)).toEqual(leaves(body, size, body.length - size));
  });

  test('has the header that buffer-layout reads', () => {
    const struct = structOf(type);
    expect(struct.read(body, 0)).toEqual(struct.reference(body, 0));
  });
});

/**
 * Top-level attributes by type. Left out are nests with strings in them, which may have lost or won a NUL, and IFLA_AF_SPEC, in which the
 * kernel reports the settings of IPv4 as an array and takes them as attributes: those are compared once decoded.
 */
function leaves(bytes: Buffer, offset: number, length: number): object[] {
  const text = new Set([3, 20, 53]);
  return [...walk(bytes, offset, length)]
    .map((found) => ({ type: found.type, data: bytes.subarray(found.offset, found.offset + found.length).toString('hex') }))
    .filter((found) => found.type !== 18 && found.type !== 26 && found.type !== 52 && !text.has(found.type))
    .sort((a, b) => a.type - b.type);
}

test('compiled and interpreted decoding agree', async () => {
  const compiled = fixtures.map(({ type, body }) => messageOf(type).parse(body));
  // a schema chooses its way once, when it is first used: take new ones
  vi.resetModules();
  const compile = await import('../../src/netlink/compile.ts');
  const fresh = await import('../../src/rtnl/index.ts');
  compile.forceInterpreted(true);
  const interpreted = fixtures.map(({ type, body }) =>
    (type < 20 ? fresh.linkMessage : type < 24 ? fresh.addressMessage : fresh.routeMessage).parse(body),
  );
  expect(interpreted).toEqual(compiled);
});

test('a truncated attribute costs itself only, a message without its header is malformed', () => {
  const body = linkMessage.bytes({ index: 7, mtu: 1500, name: 'x' });
  const short = Buffer.concat([body, Buffer.from([6, 0, 13, 0, 1, 2, 0, 0])]);
  expect(linkMessage.parse(short)).toMatchObject({ index: 7, mtu: 1500, name: 'x', unknown: [{ type: 13, data: Uint8Array.of(1, 2) }] });
  expect(() => linkMessage.parse(Buffer.alloc(8))).toThrow(expect.objectContaining({ name: 'MalformedMessageError' }));
});

test('a setting of a link goes by its name, or by a number that is one', () => {
  const said = (conf: object): unknown =>
    linkMessage.parse(linkMessage.bytes({ afSpec: { inet: { conf: conf as never } } })).afSpec?.inet?.conf;
  expect(said({ rpFilter: 2, 200: 1 })).toEqual({ rpFilter: 2, 200: 1 });
  // 65537 would be `forwarding` in 16 bits, and an empty name 0
  for (const name of ['65537', '', ' 1', '1.0', '-1', '0x1', 'toString'])
    expect(() => said({ [name]: 1 })).toThrow(/is no setting of this family/);
});

test('statistics of an older kernel lack what it does not count', () => {
  const whole = Buffer.alloc(200, 1);
  expect(Object.keys(linkStatistics.decode(whole, 0, 200))).toHaveLength(25);
  const old = linkStatistics.decode(whole, 0, 184);
  expect(old).toHaveProperty('txCompressed');
  expect(old).not.toHaveProperty('rxNohandler');
});

test('a port without a kind of its own keeps it, and data without a kind is not lost', () => {
  const port = linkMessage.parse(linkMessage.bytes({ info: { port: { kind: 'bridge', data: { cost: 5 } } } }));
  expect(port.info).toEqual({ port: { kind: 'bridge', data: { cost: 5 } } });
  const unknown = [{ type: 2, data: Uint8Array.of(1, 2, 3, 4) }];
  expect(linkMessage.parse(linkMessage.bytes({ info: { unknown } })).info).toEqual({ unknown });
  const foreign = { info: { kind: 'other' as const, name: 'nosuch', data: Uint8Array.of(8, 0, 1, 0, 1, 2, 3, 4) } };
  expect(linkMessage.parse(linkMessage.bytes(foreign)).info).toEqual(foreign.info);
});

test('virtual functions have the numbers that they say, wherever they stand', () => {
  const u32s = (...values: number[]): string => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
    return bytes.toString('hex');
  };
  const attribute = (type: number, hex: string): string => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt16LE(4 + hex.length / 2, 0);
    bytes.writeUInt16LE(type, 2);
    return bytes.toString('hex') + hex.padEnd(Math.ceil(hex.length / 8) * 8, '0');
  };
  // as rtnl_fill_vfinfo() in net/core/rtnetlink.c writes them; the function 5 alone
  const info = [
    attribute(1, u32s(5) + '020000000011'.padEnd(64, '0')),
    attribute(13, 'ff'.repeat(6).padEnd(64, '0')),
    attribute(2, u32s(5, 7, 3)),
    attribute(6, u32s(5, 50, 100)),
    attribute(3, u32s(5, 100)),
    attribute(4, u32s(5, 1)),
    attribute(5, u32s(5, 2)),
    attribute(7, u32s(5, 0xffffffff)),
    attribute(9, u32s(5, 0)),
    attribute(10, u32s(5, 0, 0x44556677, 0x00112233)),
    attribute(11, u32s(5, 0, 0x44556678, 0x00112233)),
    attribute(12, attribute(1, `${u32s(5, 7, 3)}88a80000`)),
    attribute(8, attribute(0, u32s(9, 0)) + attribute(7, u32s(4, 0))),
  ].join('');
  const listed = Buffer.from('00'.repeat(16) + attribute(3, '763000') + attribute(22, attribute(1, info)), 'hex');
  const wire = linkMessage.parse(listed);
  expect(wire.unknown).toBeUndefined();
  expect(toLink(wire as LinkRead).vfs).toEqual([
    {
      vf: 5,
      mac: '02:00:00:00:00:11',
      vlan: 7,
      qos: 3,
      vlanProtocol: '802.1ad',
      minTxRate: 50,
      maxTxRate: 100,
      spoofCheck: true,
      linkState: 'disable',
      trust: false,
      nodeGuid: 0x0011_2233_4455_6677n,
      portGuid: 0x0011_2233_4455_6678n,
      stats: { rxPackets: 9, rxDropped: 4 },
    },
  ]);
  expect(linkMessage.parse(linkMessage.bytes(wire))).toEqual(wire);
});

const facts = new URL('../../../shared/facts/uapi.json', import.meta.url);

describe('structs', () => {
  // sizeof, from gcc on x86-64
  const sizes: readonly (readonly [Struct<object>, number])[] = [
    [ifinfomsg, 16],
    [ifaddrmsg, 8],
    [rtmsg, 12],
    [rtnexthop, 8],
    [ifaCacheinfo, 16],
    [rtaCacheinfo, 32],
    [rtnlLinkStats64, 200],
  ];
  test.each(sizes)('%o has its size in C', (struct, size) => {
    expect(struct.size).toBe(size);
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i % 8 > 5 ? 0 : (i * 37) & 0xff)));
    expect(struct.read(bytes, 0)).toEqual(struct.reference(bytes, 0));
  });
});

describe.runIf(existsSync(facts))('constants', () => {
  const headers = ['linux/if_link.h', 'linux/if_addr.h', 'linux/rtnetlink.h', 'linux/if_bridge.h', 'linux/veth.h'];
  const all = existsSync(facts) ? (JSON.parse(readFileSync(facts, 'utf8')) as Record<string, { values: Record<string, number> }>) : {};
  const values = Object.assign({}, ...headers.map((header) => all[header]?.values)) as Record<string, number>;
  const sets: readonly (readonly [string, object, string])[] = [
    ['IFLA', linkAttributes, 'IFLA_TAILROOM'],
    ['VETH_INFO', veth, 'VETH_INFO_PEER'],
    ['IFLA_BR', bridge, 'IFLA_BR_MAX'],
    ['IFLA_BRPORT', bridgePort, 'IFLA_BRPORT_MAX'],
    ['IFA', addressAttributes, 'IFA_MAX'],
    ['RTA', routeAttributes, 'RTA_MAX'],
    ['RTAX', routeMetrics, 'RTAX_MAX'],
  ];

  test.each(sets)('%s_* are all there, with the numbers of the UAPI headers', (_prefix, set, last) => {
    const declared = Object.values((set as { declarations: Declarations }).declarations);
    for (const { constant, type } of declared) expect(values[constant], constant).toBe(type);
    expect(declared.map(({ type }) => type).sort((a, b) => a - b)).toEqual(Array.from({ length: values[last]! }, (_, i) => i + 1));
  });
});
