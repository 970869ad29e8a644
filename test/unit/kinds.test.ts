/** The schemas of the kinds of links against the kernel's headers, and what they make of values. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { attr, attributes, type Declarations } from '../../src/netlink/attributes.ts';
import type { Codec } from '../../src/netlink/codec.ts';
import { u32 } from '../../src/netlink/scalar.ts';
import { Writer } from '../../src/netlink/writer.ts';
import * as rtnl from '../../src/rtnl/index.ts';
import { linkKindOf, portKindOf } from '../../src/rtnl/link/kinds.ts';
import { checkData, checkPortData } from '../../src/rtnl/link/spec.ts';
import { creatable, settablePort } from '../../src/rtnl/link/wire.ts';

/** Kinds that take their settings from the enum of a header. */
const sets: readonly (readonly [kind: string, header: string, prefix: string])[] = [
  ['amt', 'linux/amt.h', 'IFLA_AMT'],
  ['bareudp', 'linux/if_link.h', 'IFLA_BAREUDP'],
  ['batadv', 'linux/batman_adv.h', 'IFLA_BATADV'],
  ['bond', 'linux/if_link.h', 'IFLA_BOND'],
  ['bridge', 'linux/if_link.h', 'IFLA_BR'],
  ['caif', 'linux/caif/if_caif.h', 'IFLA_CAIF'],
  ['can', 'linux/can/netlink.h', 'IFLA_CAN'],
  ['dsa', 'linux/if_link.h', 'IFLA_DSA'],
  ['erspan', 'linux/if_tunnel.h', 'IFLA_GRE'],
  ['geneve', 'linux/if_link.h', 'IFLA_GENEVE'],
  ['gre', 'linux/if_tunnel.h', 'IFLA_GRE'],
  ['gretap', 'linux/if_tunnel.h', 'IFLA_GRE'],
  ['gtp', 'linux/if_link.h', 'IFLA_GTP'],
  ['hsr', 'linux/if_link.h', 'IFLA_HSR'],
  ['ip6erspan', 'linux/if_tunnel.h', 'IFLA_GRE'],
  ['ip6gre', 'linux/if_tunnel.h', 'IFLA_GRE'],
  ['ip6gretap', 'linux/if_tunnel.h', 'IFLA_GRE'],
  ['ip6tnl', 'linux/if_tunnel.h', 'IFLA_IPTUN'],
  ['ipip', 'linux/if_tunnel.h', 'IFLA_IPTUN'],
  ['ipoib', 'linux/if_link.h', 'IFLA_IPOIB'],
  ['ipvlan', 'linux/if_link.h', 'IFLA_IPVLAN'],
  ['ipvtap', 'linux/if_link.h', 'IFLA_IPVLAN'],
  ['macsec', 'linux/if_link.h', 'IFLA_MACSEC'],
  ['macvlan', 'linux/if_link.h', 'IFLA_MACVLAN'],
  ['macvtap', 'linux/if_link.h', 'IFLA_MACVLAN'],
  ['netkit', 'linux/if_link.h', 'IFLA_NETKIT'],
  ['ovpn', 'linux/if_link.h', 'IFLA_OVPN'],
  ['ppp', 'linux/if_link.h', 'IFLA_PPP'],
  ['rmnet', 'linux/if_link.h', 'IFLA_RMNET'],
  ['sit', 'linux/if_tunnel.h', 'IFLA_IPTUN'],
  ['tun', 'linux/if_link.h', 'IFLA_TUN'],
  ['veth', 'linux/veth.h', 'VETH_INFO'],
  ['vlan', 'linux/if_link.h', 'IFLA_VLAN'],
  ['vrf', 'linux/if_link.h', 'IFLA_VRF'],
  ['vti', 'linux/if_tunnel.h', 'IFLA_VTI'],
  ['vti6', 'linux/if_tunnel.h', 'IFLA_VTI'],
  ['vxcan', 'linux/can/vxcan.h', 'VXCAN_INFO'],
  ['vxlan', 'linux/if_link.h', 'IFLA_VXLAN'],
  ['wwan', 'linux/wwan.h', 'IFLA_WWAN'],
  ['xfrm', 'linux/if_link.h', 'IFLA_XFRM'],
];

const ports: readonly (readonly [kind: string, header: string, prefix: string])[] = [
  ['bond', 'linux/if_link.h', 'IFLA_BOND_SLAVE'],
  ['bridge', 'linux/if_link.h', 'IFLA_BRPORT'],
  ['vrf', 'linux/if_link.h', 'IFLA_VRF_PORT'],
];

const settingless = [
  'dummy',
  'ifb',
  'lowpan',
  'netdevsim',
  'nlmon',
  'openvswitch',
  'pfcp',
  'team',
  'vcan',
  'virt_wifi',
  'vsockmon',
  'wireguard',
];

const factsFile = new URL('../../../shared/facts/uapi.json', import.meta.url);
const facts: Record<string, { values: Record<string, number> }> = existsSync(factsFile) ? JSON.parse(readFileSync(factsFile, 'utf8')) : {};

/** The attributes of an enum, by name: of the headers that were looked at when this was written or of those installed, the newer. */
function attributesOf(header: string, prefix: string): Record<string, number> {
  const own = new RegExp(`^${prefix}_(?!UNSPEC$|MAX$)`);
  const installed = `/usr/include/${header}`;
  const found: Record<string, number> = {};
  if (existsSync(installed)) {
    const text = readFileSync(installed, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    const block = [...text.matchAll(/enum\s*\w*\s*\{([^}]*)\}/g)].find((match) => new RegExp(`\\b_*${prefix}_UNSPEC\\b`).test(match[1]!));
    const names = (block?.[1] ?? '').split(',').map((line) => line.trim().split(/\s/)[0]!);
    for (const [i, name] of names.entries()) if (own.test(name) && !/MAX$/.test(name)) found[name] = i;
  }
  const last = facts[header]?.values[`${prefix}_MAX`] ?? 0;
  const shorter = [...sets, ...ports].map(([, , other]) => other).filter((other) => other.startsWith(`${prefix}_`));
  for (const [name, value] of Object.entries(facts[header]?.values ?? {})) {
    const ofAnother =
      shorter.some((other) => name.startsWith(`${other}_`)) || /_(AD_INFO|QOS|TDC|CTRLMODE)_[A-Z]/.test(name.slice(prefix.length));
    if (own.test(name) && value <= last && !ofAnother && !found[name]) found[name] = value;
  }
  return found;
}

const declarationsOf = (codec: Codec<object> | undefined): Declarations =>
  (codec as unknown as { declarations: Declarations }).declarations;

describe('constants', () => {
  test.each([
    ...sets.map(([kind, ...rest]) => ['link', kind, ...rest] as const),
    ...ports.map(([kind, ...rest]) => ['port', kind, ...rest] as const),
  ])('%s %s: %s %s_* are all there, with their numbers', (what, kind, header, prefix) => {
    const declared = Object.values(declarationsOf((what === 'link' ? linkKindOf(kind) : portKindOf(kind))?.data));
    const numbers = Object.fromEntries(declared.map(({ constant, type }) => [constant, type]));
    // neither headers nor facts: what is left to see is that no number is declared twice
    const { IFLA_DSA_MASTER: _oldName, ...known } = attributesOf(header, prefix);
    // kernels newer than the headers have more, and none of less
    expect(numbers).toMatchObject(known);
    expect(new Set(Object.values(numbers)).size).toBe(declared.length);
  });

  test('every kind says what its kernel needs', () => {
    for (const kind of [...sets.map(([name]) => name), ...settingless])
      expect(linkKindOf(kind)?.needs, kind).toMatch(/^CONFIG_[A-Z0-9_]+$/);
  });

  test('members that are read only, or name links, are members', () => {
    for (const [kind] of sets) {
      const known = linkKindOf(kind)!;
      const members = Object.keys(declarationsOf(known.data));
      expect(members).toEqual(expect.arrayContaining([...(known.readOnly ?? []), ...Object.keys(known.links ?? {})]));
    }
    for (const [kind] of ports) {
      const known = portKindOf(kind)!;
      expect(Object.keys(declarationsOf(known.data))).toEqual(expect.arrayContaining([...(known.readOnly ?? []), ...(known.links ?? [])]));
    }
  });
});

function encoded<T>(codec: Codec<T>, value: T): string {
  const writer = new Writer();
  codec.encode(writer, value);
  return Buffer.from(writer.bytes.subarray(0, writer.position)).toString('hex');
}
const decoded = <T>(codec: Codec<T>, hex: string): T => codec.decode(Buffer.from(hex, 'hex'), 0, hex.length / 2);

describe('values', () => {
  test('flags of a VLAN: what is left out is not in the mask', () => {
    const bytes = '0c000200' + '02000000' + '03000000';
    expect(encoded(rtnl.vlan, { flags: { gvrp: true, reorderHdr: false } })).toBe(bytes);
    expect(decoded(rtnl.vlan, bytes)).toEqual({ flags: { gvrp: true, reorderHdr: false } });
    // as the kernel reports them: every bit counts
    expect(decoded(rtnl.vlan, '0c000200' + '41000000' + 'ffffffff')).toEqual({
      flags: { reorderHdr: true, gvrp: false, looseBinding: false, mvrp: false, bridgeBinding: false, 6: true },
    });
    expect(encoded(rtnl.vlan, { flags: { 6: true } })).toBe('0c000200' + '40000000' + '40000000');
    expect(() => encoded(rtnl.vlan, { flags: { 32: true } })).toThrow(expect.objectContaining({ name: 'InputError' }));
    // @ts-expect-error: no such flag
    expect(() => encoded(rtnl.vlan, { flags: { gvpr: true } })).toThrow(/flags\.gvpr/);
    // @ts-expect-error: no boolean
    expect(() => encoded(rtnl.vlan, { flags: { gvrp: 1 } })).toThrow(/flags\.gvrp/);
  });

  test('QoS maps of a VLAN are structs', () => {
    const bytes = '10000380' + '0c000100' + '01000000' + '05000000';
    expect(encoded(rtnl.vlan, { egressQos: [{ from: 1, to: 5 }] })).toBe(bytes);
    expect(decoded(rtnl.vlan, bytes)).toEqual({ egressQos: [{ from: 1, to: 5 }] });
  });

  test('flags of tunnels over IPv6 are hexadecimal digits', () => {
    const flags = ['rcv_dscp_copy', 'use_orig_fwmark', 'allow_local_remote'] as const;
    expect(encoded(rtnl.ip6tnl, { flags: [...flags] })).toBe('08000800' + '70000000');
    expect(decoded(rtnl.ip6tnl, '08000800' + '70000000')).toEqual({ flags });
  });

  test('every name of arpValidate is one number, and back', () => {
    const names = ['none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'] as const;
    for (const [i, arpValidate] of names.entries()) {
      expect(encoded(rtnl.bond, { arpValidate })).toBe(`080009000${i}000000`);
      expect(decoded(rtnl.bond, `080009000${i}000000`)).toEqual({ arpValidate });
    }
  });

  test('targets of a bond are numbered', () => {
    const bytes = '14000880' + '08000000' + '0a000001' + '08000100' + '0a000002';
    expect(encoded(rtnl.bond, { arpIpTarget: ['10.0.0.1', '10.0.0.2'] })).toBe(bytes);
    expect(decoded(rtnl.bond, bytes)).toEqual({ arpIpTarget: ['10.0.0.1', '10.0.0.2'] });
    expect(encoded(rtnl.bond, { nsIp6Target: [] })).toBe('04001f80');
    expect(() => encoded(rtnl.bond, { arpIpTarget: ['10.0.0.1', 'x'] })).toThrow(/arpIpTarget\[1\]/);
  });

  test('nothing is sent of a VXLAN but what was asked for', () => {
    expect(encoded(rtnl.vxlan, { id: 5 })).toBe('0800010005000000');
    expect(creatable('vxlan', { id: 5 })).toEqual({ id: 5 });
  });

  test.each([
    ['ipvlan', rtnl.ipvlan, { mode: 'l2' }],
    ['netkit', rtnl.netkit, { mode: 'l2' }],
    ['geneve', rtnl.geneve, { id: 5 }],
    ['macvlan', rtnl.macvlan, { mode: 'bridge' }],
    ['bridge', rtnl.bridge, { priority: 7 }],
    ['bond', rtnl.bond, { mode: '802.3ad' }],
  ] as const)('nor of a %s: no flag, no policy, no default', (kind, set, data: object) => {
    const decodedAgain = decoded(set as never, encoded(set as never, data as never));
    expect(decodedAgain).toEqual(data);
    expect(creatable(kind, data as never)).toEqual(data);
  });

  test('ports are in network order', () => {
    expect(encoded(rtnl.vxlan, { port: 4789, portRange: { low: 1, high: 2 } })).toBe('06000f00' + '12b50000' + '08000a00' + '00010002');
    expect(encoded(rtnl.geneve, { port: 6081 })).toBe('06000500' + '17c10000');
    expect(encoded(rtnl.bareudp, { port: 6635, etherType: 'mpls_uc', srcportMin: 1 })).toBe(
      '06000100' + '19eb0000' + '06000200' + '88470000' + '06000300' + '01000000',
    );
    expect(encoded(rtnl.gre, { encapSport: 1, encapDport: 5555, ikey: 5 })).toBe(
      '06001000' + '00010000' + '06001100' + '15b30000' + '08000400' + '00000005',
    );
    expect(encoded(rtnl.macsec, { port: 11 })).toBe('06000200' + '000b0000');
    expect(encoded(rtnl.amt, { relayPort: 2268 })).toBe('06000200' + '08dc0000');
  });

  test('checksums of GENEVE are sent when they are given, also when they are false', () => {
    expect(encoded(rtnl.geneve, { udpCsum: false, udpZeroCsum6Tx: true, udpZeroCsum6Rx: false })).toBe(
      '05000800' + '00000000' + '05000900' + '01000000' + '05000a00' + '00000000',
    );
  });

  test('the mode and the flags of an ipvlan have two bytes', () => {
    expect(encoded(rtnl.ipvlan, { mode: 'l3s', flags: ['private'] })).toBe('06000100' + '02000000' + '06000200' + '01000000');
    expect(decoded(rtnl.ipvlan, '06000100' + '02000000' + '06000200' + '00000000')).toEqual({ mode: 'l3s', flags: [] });
  });

  test('the hash size of a GTP link is the one given', () => {
    expect(encoded(rtnl.gtp, { pdpHashsize: 1000 })).toBe('08000300' + 'e8030000');
  });

  test('ttlInherit of a VXLAN is empty when sent, and a number when read', () => {
    expect(encoded(rtnl.vxlan, { ttlInherit: true })).toBe('04001c00');
    expect(decoded(rtnl.vxlan, '04001c00')).toEqual({ ttlInherit: true });
    expect(decoded(rtnl.vxlan, '05001c0000000000')).toEqual({ ttlInherit: false });
    // as the kernel says it, and refuses to be told
    expect(encoded(rtnl.vxlan, { ttlInherit: false })).toBe('05001c0000000000');
    expect(creatable('vxlan', { id: 5, ttlInherit: false })).toEqual({ id: 5 });
  });

  test('cipher suites of MACsec by name, the old number of the default included', () => {
    expect(encoded(rtnl.macsec, { cipherSuite: 'GCM-AES-XPN-256' })).toBe('0c000400' + '0400000100c28000');
    expect(decoded(rtnl.macsec, '0c000400' + '0100000100028000')).toEqual({ cipherSuite: 'GCM-AES-128' });
    expect(decoded(rtnl.macsec, '0c000400' + '0100000000000000')).toEqual({ cipherSuite: 1n });
    // @ts-expect-error: no such suite
    expect(() => encoded(rtnl.macsec, { cipherSuite: 'DES' })).toThrow(/cipherSuite/);
    expect(encoded(rtnl.macsec, { sci: 0x0200_0000_0001_0001n })).toBe('0c000100' + '0200000000010001');
  });

  test('settings of a CAN controller', () => {
    expect(encoded(rtnl.can, { bittiming: { bitrate: 500_000, samplePoint: 875 }, ctrlmode: { loopback: true, fd: false } })).toBe(
      `2400010020a107006b030000${'00000000'.repeat(6)}0c0005002100000001000000`,
    );
    const constants = `34000200${Buffer.from('slcan\0'.padEnd(16, '\0')).toString('hex')}${'01000000'.repeat(8)}`;
    expect(decoded(rtnl.can, constants).bittimingConst).toMatchObject({ name: 'slcan', brpInc: 1 });
    expect(encoded(rtnl.can, decoded(rtnl.can, constants))).toBe(constants);
    const { bittimingConst } = decoded(rtnl.can, constants);
    const named = (name: string) => encoded(rtnl.can, { bittimingConst: { ...bittimingConst!, name } });
    expect(named('x'.repeat(16))).toContain('78'.repeat(16));
    expect(() => named('x'.repeat(17))).toThrow(/^bittimingConst\.name: expected a name of at most 16 bytes/);
    expect(decoded(rtnl.can, '08000c00' + '00007800')).toEqual({ terminationConst: [0, 120] });
  });

  test('what a CAN controller counts', () => {
    const kind = '08000100' + '63616e00';
    const counted = ['1c000300', ...[1, 2, 3, 4, 5, 6].map((n) => `0${n}000000`)].join('');
    const xstats = { busError: 1, errorWarning: 2, errorPassive: 3, busOff: 4, arbitrationLost: 5, restarts: 6 };
    expect(decoded(rtnl.linkInfo, kind + counted)).toEqual({ kind: 'can', xstats });
    expect(encoded(rtnl.linkInfo, { kind: 'can', xstats })).toBe(kind + counted);
    // of another shape, or of a kind that is not known to have any, they stay as they came
    for (const [name, bytes] of [
      [kind, '08000300' + '01000000'],
      ['0a000100' + '766c616e00000000', counted],
    ] as const) {
      const read = decoded(rtnl.linkInfo, name + bytes);
      expect(read).toMatchObject({ unknown: [{ type: 3 }] });
      expect(encoded(rtnl.linkInfo, read)).toContain(bytes);
    }
    // @ts-expect-error: a kind without any
    expect(() => encoded(rtnl.linkInfo, { kind: 'dummy', xstats: {} })).toThrow(/xstats/);
  });

  test('boolean options of a bridge by name', () => {
    expect(encoded(rtnl.bridge, { multiBoolopt: { mcastVlanSnooping: true, mstEnable: false } })).toBe(
      '0c002e00' + '02000000' + '06000000',
    );
    // options that are off may be missing in the kernel
    expect(creatable('bridge', { multiBoolopt: { noLinklocalLearn: true, mstEnable: false } })).toEqual({
      multiBoolopt: { noLinklocalLearn: true },
    });
    expect(creatable('bridge', { multiBoolopt: { mstEnable: false } })).toEqual({});
  });
});

describe('limits of the kernel', () => {
  /** Just within, and just beyond: the kernel refuses the latter, or cuts them without a word. */
  const limits: readonly (readonly [kind: string, member: string, within: readonly number[], beyond: readonly number[]])[] = [
    ['vxlan', 'id', [0, 0xffffff], [-1, 0x1000000]],
    ['vxlan', 'label', [0xfffff], [0x100000]],
    ['geneve', 'id', [0xffffff], [0x1000000]],
    ['geneve', 'label', [0xfffff], [0x100000]],
    ['vlan', 'id', [0, 4094], [4095]],
    ['bridge', 'helloTime', [100, 1000], [99, 1001]],
    ['bridge', 'maxAge', [600, 4000], [599, 4001]],
    ['bridge', 'vlanDefaultPvid', [0, 4094], [4095]],
    ['bridge', 'mcastRouter', [2], [3]],
    ['bridge', 'mcastIgmpVersion', [2, 3], [1, 4]],
    ['bridge', 'mcastMldVersion', [1, 2], [0, 3]],
    ['bridge', 'groupForwardMask', [8, 0xfff8], [1, 4]],
    ['bond', 'miimon', [0x7fffffff], [0x80000000]],
    ['bond', 'lpInterval', [1], [0]],
    ['bond', 'packetsPerSlave', [65_535], [65_536]],
    ['bond', 'resendIgmp', [255], [256]],
    ['bond', 'adActorSysPrio', [1, 65_535], [0]],
    ['bond', 'adUserPortKey', [1023], [1024]],
    ['bond', 'missedMax', [1, 255], [0]],
    ['bond', 'peerNotifDelay', [300_000], [300_001]],
    ['hsr', 'version', [1], [2]],
    ['macsec', 'icvLen', [8, 16], [7, 17]],
    ['macsec', 'encodingSa', [3], [4]],
    ['vrf', 'table', [1], [0]],
    ['rmnet', 'muxId', [254], [255]],
    ['ipoib', 'pkey', [1], [0]],
    ['ip6gre', 'flowinfo', [0xfffffff], [0x10000000]],
    ['ip6tnl', 'flowinfo', [0xfffffff], [0x10000000]],
    ['erspan', 'erspanIndex', [0xfffff], [0x100000]],
    ['erspan', 'erspanHwid', [63], [64]],
    ['sit', 'sixRdRelayPrefixLength', [32], [33]],
    ['tun', 'owner', [0xfffffffe], [0xffffffff]],
  ];
  test.each(limits)('%s: %s', (kind, member, within, beyond) => {
    for (const value of within) expect(() => checkData(kind, { [member]: value })).not.toThrow();
    for (const value of beyond)
      expect(() => checkData(kind, { [member]: value })).toThrow(
        expect.objectContaining({ name: 'InputError', code: 'ERR_OUT_OF_RANGE', argument: `data.${member}` }),
      );
  });

  test('every limit is of a member, and is tested', () => {
    const tested = new Set(limits.map(([kind, member]) => `${kind} ${member}`));
    // the GRE kinds share theirs, and so do the millisecond settings of a bond
    const alike =
      /^(gre|gretap|ip6gre|ip6gretap|erspan|ip6erspan) |^bond (updelay|downdelay|arpInterval|minLinks)$|^sit sixRdPrefixLength$|^tun group$|^ipoib umcast$/;
    for (const [kind] of sets) {
      const known = linkKindOf(kind)!;
      const members = Object.keys(declarationsOf(known.data));
      for (const member of Object.keys(known.limits ?? {})) {
        expect(members).toContain(member);
        if (!alike.test(`${kind} ${member}`)) expect(tested).toContain(`${kind} ${member}`);
      }
    }
  });

  test('what is made of several numbers', () => {
    const refused = (argument: string): unknown => expect.objectContaining({ name: 'InputError', code: 'ERR_OUT_OF_RANGE', argument });
    for (const kind of ['vxlan', 'geneve']) {
      expect(() => checkData(kind, { portRange: { low: 5, high: 5 } })).not.toThrow();
      expect(() => checkData(kind, { portRange: { low: 6, high: 5 } })).toThrow(refused('data.portRange'));
    }
    expect(() => checkData('vlan', { egressQos: [{ from: 99, to: 7 }], ingressQos: [{ from: 7, to: 99 }] })).not.toThrow();
    expect(() =>
      checkData('vlan', {
        egressQos: [
          { from: 0, to: 1 },
          { from: 1, to: 8 },
        ],
      }),
    ).toThrow(refused('data.egressQos[1].to'));
    expect(() => checkData('vlan', { ingressQos: [{ from: 8, to: 1 }] })).toThrow(refused('data.ingressQos[0].from'));
    expect(() => checkPortData('bridge', { priority: 63, cost: 1, groupForwardMask: 0xfffd })).not.toThrow();
    for (const data of [
      { priority: 64 },
      { cost: 0 },
      { cost: 65_536 },
      { mcastRouter: 4 },
      { mcastEhtHostsLimit: 0 },
      { groupForwardMask: 2 },
    ])
      expect(() => checkPortData('bridge', data)).toThrow(refused(`port.data.${Object.keys(data)[0]}`));
    // bytes and values of another type are for the encoder
    expect(() => checkData('vlan', Uint8Array.of(1))).not.toThrow();
    expect(() => checkData('vlan', { id: 'x' })).not.toThrow();
    expect(() => checkData('nosuchkind', { id: 99_999_999 })).not.toThrow();
  });
});

describe('what a listing returned, created again', () => {
  test('a key of a GRE tunnel brings its flag with it', () => {
    expect(creatable('gre', { ikey: 5, okey: 0, oflags: ['csum'] })).toEqual({ ikey: 5, iflags: ['key'], okey: 0, oflags: ['csum'] });
  });

  test('addresses of a macvlan are set', () => {
    const data = { mode: 'source', macaddrData: ['02:00:00:00:00:01'], macaddrCount: 1, bcQueueLenUsed: 1000 };
    expect(creatable('macvlan', data)).toEqual({ mode: 'source', macaddrData: ['02:00:00:00:00:01'], macaddrMode: 'set' });
    expect(creatable('macvlan', { mode: 'bridge', macaddrData: [] })).toEqual({ mode: 'bridge' });
  });

  test('a time to live of GENEVE is not lost to a ttlInherit that is false', () => {
    expect(creatable('geneve', { id: 6, ttl: 7, ttlInherit: false })).toEqual({ id: 6, ttl: 7 });
    expect(creatable('geneve', { id: 6, ttlInherit: true })).toEqual({ id: 6, ttlInherit: true });
  });

  test('remote checksum offload of a VXLAN is not mentioned when it is off: it claims reserved bits', () => {
    expect(creatable('vxlan', { id: 5, remcsumTx: false, remcsumRx: true })).toEqual({ id: 5, remcsumRx: true });
  });

  test('what a bond may not be told in its mode is left out where it says nothing', () => {
    const listed = { miimon: 0, updelay: 0, arpInterval: 0, packetsPerSlave: 1, adLacpRate: 'slow', activeSlave: 7, adInfo: {} };
    expect(creatable('bond', { mode: '802.3ad', ...listed })).toEqual({ mode: '802.3ad', miimon: 0, adLacpRate: 'slow' });
    expect(creatable('bond', { mode: 'balance-rr', ...listed })).toEqual({
      mode: 'balance-rr',
      miimon: 0,
      arpInterval: 0,
      packetsPerSlave: 1,
    });
    // something it says is for the kernel to refuse
    expect(creatable('bond', { mode: 'broadcast', adLacpRate: 'fast' })).toEqual({ mode: 'broadcast', adLacpRate: 'fast' });
  });

  test('the sockets of a GTP link are not reported', () => {
    expect(creatable('gtp', { role: 'sgsn' })).toEqual({ role: 'sgsn', createSockets: true });
    expect(creatable('gtp', { fd1: 5, createSockets: false })).toEqual({ fd1: 5 });
  });

  test('the supervision address of an hsr ends in what it was made with', () => {
    expect(creatable('hsr', { slave1: 2, supervisionAddress: '01:15:4e:00:01:2d', seqNr: 7 })).toEqual({ slave1: 2, multicastSpec: 0x2d });
  });

  test('a port keeps what can be set', () => {
    expect(settablePort('bridge', { cost: 5, id: 1, number: 1 })).toEqual({ cost: 5 });
    expect(settablePort('bond', { prio: -5, state: 'ACTIVE' })).toEqual({ prio: -5 });
    expect(settablePort('vrf', { table: 10 })).toEqual({});
  });
});

describe('kinds of users', () => {
  test('a registered kind is decoded, encoded, and known to creation and errors', () => {
    const data = attributes('IFLA_MYKIND', () => ({ speed: attr('IFLA_MYKIND_SPEED', 1, u32), seen: attr('IFLA_MYKIND_SEEN', 2, u32) }));
    const bytes = Buffer.from('0800010005000000', 'hex');
    const before = rtnl.linkMessage.bytes({ info: { kind: 'other', name: 'mykind', data: bytes } });
    expect(rtnl.linkMessage.parse(before).info).toMatchObject({ kind: 'other', name: 'mykind' });
    rtnl.registerLinkKind('mykind', { data, needs: 'CONFIG_MYKIND', readOnly: new Set(['seen']) });
    expect(rtnl.linkMessage.parse(before).info).toEqual({ kind: 'mykind', data: { speed: 5 } });
    expect(creatable('mykind', { speed: 5, seen: 7 })).toEqual({ speed: 5 });
    expect(linkKindOf('mykind')?.needs).toBe('CONFIG_MYKIND');
    expect(() => rtnl.registerLinkKind('', { data })).toThrow(expect.objectContaining({ name: 'InputError', argument: 'name' }));
    // @ts-expect-error: the schema is needed
    expect(() => rtnl.registerLinkKind('x', {})).toThrow(expect.objectContaining({ name: 'InputError', argument: 'kind.data' }));
  });

  test('so is a registered kind of port', () => {
    const data = attributes('IFLA_MYPORT', () => ({ weight: attr('IFLA_MYPORT_WEIGHT', 1, u32) }));
    rtnl.registerPortKind('mykind', { data });
    const message = rtnl.linkMessage.bytes({
      info: { port: { kind: 'other', name: 'mykind', data: Buffer.from('0800010005000000', 'hex') } },
    });
    expect(rtnl.linkMessage.parse(message).info).toEqual({ port: { kind: 'mykind', data: { weight: 5 } } });
  });
});
