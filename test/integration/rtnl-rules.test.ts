/** Rules on a real kernel, with ip(8) as witness; every method through both clients. */
import { release } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, openSync, type RtnlClient, type RtnlClientSync, type Rule, type RuleSpec } from '../../src/rtnl/index.ts';
import { mapsUsers } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json } from '../support/oracle.ts';

const name = uniqueName('ru');
const where = { netns: name };
let red: netns.Netns;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
});
afterAll(async () => {
  await red.delete();
  red.close();
});

const show = (): Json[] => ['-4', '-6'].flatMap((family) => ip([family, 'rule', 'show'], where).map((rule) => ({ family, ...rule })));
const own = (family?: string): Json[] =>
  (family === undefined ? show() : ip([family, 'rule', 'show'], where)).filter((rule) => rule.protocol !== 'kernel');
const flush = (): void => {
  for (const rule of own()) ipText([rule.family, 'rule', 'del', 'pref', String(rule.priority)], where);
};
afterEach(flush);

const [major = 0, minor = 0] = release().split('.').map(Number);
const knows615 = major > 6 || (major === 6 && minor >= 15);

const kinds = [
  ['async', (): Promise<RtnlClient> => open({ netns: name })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: name }))],
] as const;

/** Ids that exist in the user namespace of the tests. */
const users: `${number}-${number}` = mapsUsers ? '1000-2000' : '0-0';
const user = mapsUsers ? 5 : 0;

/** What is asked of `ip rule add`, and the same of netloom. */
const same: readonly (readonly [command: string, spec: RuleSpec])[] = [
  ['from 10.0.0.0/8 table 300 pref 100', { from: '10.0.0.0/8', table: 300, priority: 100 }],
  ['to 10.1.0.0/16 table 100 pref 101', { to: '10.1.0.0/16', table: 100, priority: 101 }],
  ['from fd00::/16 to fd01::/64 table 5 pref 102', { from: 'fd00::/16', to: 'fd01::/64', table: 5, priority: 102 }],
  ['not from 10.0.0.1 table main pref 103', { invert: true, from: '10.0.0.1', table: 'main', priority: 103 }],
  ['iif v0 oif v1 table 7 pref 104', { iif: 'v0', oif: 'v1', table: 7, priority: 104 }],
  ['iif gone table 7 pref 105', { iif: 'gone', table: 7, priority: 105 }],
  ['fwmark 0x10 table 8 pref 106', { mark: 0x10, table: 8, priority: 106 }],
  ['fwmark 0x10/0xff table 8 pref 107', { mark: 0x10, mask: 0xff, table: 8, priority: 107 }],
  ['tos 0x10 table 8 pref 108', { tos: 0x10, table: 8, priority: 108 }],
  ['pref 109 goto 32766', { priority: 109, goto: 32766 }],
  ['pref 110 goto 111', { priority: 110, goto: 111 }],
  ['pref 111 type nop', { priority: 111, type: 'nop' }],
  ['pref 112 from 10.0.0.0/8 type blackhole', { priority: 112, from: '10.0.0.0/8', type: 'blackhole' }],
  ['pref 113 from 10.0.0.0/8 type unreachable', { priority: 113, from: '10.0.0.0/8', type: 'unreachable' }],
  ['pref 114 from 10.0.0.0/8 type prohibit', { priority: 114, from: '10.0.0.0/8', type: 'prohibit' }],
  ['pref 115 table main suppress_prefixlength 0', { priority: 115, table: 'main', suppressPrefixLength: 0 }],
  [
    'pref 116 table 256 suppress_prefixlength 24 suppress_ifgroup 3',
    { priority: 116, table: 256, suppressPrefixLength: 24, suppressIfgroup: 3 },
  ],
  [`pref 117 table 70000 uidrange ${users}`, { priority: 117, table: 70000, uidRange: users }],
  [`pref 118 table 9 uidrange ${user}-${user}`, { priority: 118, table: 9, uidRange: user }],
  ['pref 119 table 9 ipproto tcp sport 80 dport 1000-2000', { priority: 119, table: 9, ipProto: 'tcp', sport: 80, dport: '1000-2000' }],
  ['pref 120 table 9 ipproto sctp', { priority: 120, table: 9, ipProto: 'sctp' }],
  ['pref 121 table 9 tun_id 77', { priority: 121, table: 9, tunId: 77 }],
  ['pref 122 table 9 protocol static', { priority: 122, table: 9, protocol: 'static' }],
  ['pref 123 table 9 realms 1/2', { priority: 123, table: 9, realms: (1 << 16) | 2 }],
  ['pref 124 l3mdev', { priority: 124, l3mdev: true }],
];

describe('one rule after another', () => {
  let rt: RtnlClient;
  beforeAll(async () => {
    rt = await open({ netns: name });
  });
  afterAll(() => rt.close());

  test.each(same)('ip rule add %s', async (command, spec) => {
    const family = command.includes('fd00') ? '-6' : '-4';
    ipText([family, 'rule', 'add', ...command.split(' ')], where);
    const expected = own(family);
    expect(expected).toHaveLength(1);
    const listed = (await rt.rules.list()).filter((rule) => rule.protocol !== 'kernel');
    expect(listed).toHaveLength(1);
    expect(await rt.rules.get(spec)).toEqual(listed[0]);
    await rt.rules.delete(listed[0]!);
    expect(own(family)).toEqual([]);
    // by what was asked
    const made = await rt.rules.create(spec);
    expect(own(family)).toEqual(expected);
    expect(made).toEqual(listed[0]);
    await expect(rt.rules.create(spec)).rejects.toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    expect(await rt.rules.ensure(spec)).toEqual(made);
    expect(own(family)).toEqual(expected);
    await rt.rules.ensureAbsent(spec);
    await rt.rules.ensureAbsent(spec);
    expect(own(family)).toEqual([]);
    // by what was listed
    await rt.rules.create(listed[0]!);
    expect(own(family)).toEqual(expected);
    ipText([family, 'rule', 'del', ...command.split(' ')], where);
    expect(own(family)).toEqual([]);
  });
});

describe.each(kinds)('%s rules', (_kind, openClient) => {
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
  });
  afterAll(() => rt.close());
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;

  test('a whole rule set comes back as it was', async () => {
    for (const [command] of same) ipText([command.includes('fd00') ? '-6' : '-4', 'rule', 'add', ...command.split(' ')], where);
    const before = show();
    const rules = await rt.rules.list();
    expect(JSON.parse(JSON.stringify(rules))).toEqual(rules);
    for (const rule of rules) await rt.rules.delete(rule);
    expect(show()).toEqual([]);
    for (const rule of rules) await rt.rules.create(rule);
    expect(show()).toEqual(before);
    expect(await rt.rules.list()).toEqual(rules);
    expect(await rt.rules.flush()).toBe(same.length);
    expect(own()).toEqual([]);
    expect(show()).toHaveLength(5);
  });

  test('links by index, and the family of what is given', async () => {
    const { ifindex } = ip(['link', 'show', 'v0'], where)[0];
    const rule = await rt.rules.create({ iif: ifindex, oif: { index: ifindex }, table: 7 });
    expect(rule).toMatchObject({ iif: 'v0', oif: 'v0', family: 'inet', priority: 32765, table: 7 });
    expect((await rt.rules.create({ family: 'inet6', table: 7 })).family).toBe('inet6');
    expect((await rt.rules.create({ to: 'fd00::/8', table: 7 })).family).toBe('inet6');
    expect(await rt.rules.list({ iif: 'v0' })).toEqual([rule]);
    expect(await rt.rules.list({ oif: ifindex, table: 7, family: 'inet', type: 'unicast', protocol: 'unspec', priority: 32765 })).toEqual([
      rule,
    ]);
    expect(await rt.rules.list({ family: 'inet6', table: 7 })).toHaveLength(2);
    expect(await rt.rules.list({ priority: 32765, type: 'goto' })).toEqual([]);
    expect(await rt.rules.flush({ table: 7, family: 'inet6' })).toBe(2);
    await rejects(() => rt.rules.create({ iif: 0x7ffffff0, table: 7 })).toMatchObject({ name: 'NotFoundError', argument: 'iif' });
  });

  test('a rule that says less than another of its priority is another rule', async () => {
    const more = await rt.rules.create({ priority: 50, from: '10.0.0.0/8', table: 5 });
    const less = await rt.rules.create({ priority: 50, table: 5 });
    expect(own()).toHaveLength(2);
    expect(await rt.rules.list({ priority: 50 })).toEqual([more, less]);
    await rejects(() => rt.rules.create({ priority: 50, table: 5 })).toMatchObject({ code: 'EEXIST' });
    expect(await rt.rules.ensure({ table: 5 })).toEqual(less);
    expect(await rt.rules.ensure({ priority: 50, table: 5, type: 'unicast' })).toEqual(less);
    await rt.rules.ensure({ priority: 50, table: 5, from: '10.0.0.0/16' });
    expect(own()).toHaveLength(3);
  });

  test('what newer kernels match by: on them as asked, on older ones refused', async () => {
    const newer: readonly (readonly [RuleSpec, Partial<Rule>])[] = [
      [{ dscp: 10, table: 5 }, { dscp: 10 }],
      [
        { dscp: 8, dscpMask: 0x38, table: 5 },
        { dscp: 8, dscpMask: 0x38 },
      ],
      [{ family: 'inet6', flowLabel: 0x12345, table: 5 }, { flowLabel: 0x12345 }],
      [
        { family: 'inet6', flowLabel: 0x10000, flowLabelMask: 0xf0000, table: 5 },
        { flowLabel: 0x10000, flowLabelMask: 0xf0000 },
      ],
      [
        { ipProto: 'udp', sport: 0x100, sportMask: 0xff00, table: 5 },
        { sport: 0x100, sportMask: 0xff00 },
      ],
      [
        { ipProto: 'udp', dport: 0x100, dportMask: 0xff00, table: 5 },
        { dport: 0x100, dportMask: 0xff00 },
      ],
    ];
    for (const [spec, expected] of newer) {
      let made: Rule;
      try {
        made = await rt.rules.create(spec);
      } catch (error) {
        expect(knows615).toBe(false);
        expect(error).toMatchObject({ name: 'UnsupportedError' });
        expect(String(error)).toMatch(/needs Linux 6\.1[345]/);
        expect(own()).toEqual([]);
        await rt.rules.ensureAbsent(spec);
        continue;
      }
      expect(made).toMatchObject(expected);
      expect(await rt.rules.get(spec)).toEqual(made);
      await rt.rules.delete(made);
      expect(await rt.rules.create(made)).toEqual(made);
      await rt.rules.delete(spec);
      expect(own()).toEqual([]);
    }
  });

  test('what the kernel refuses is explained', async () => {
    await rejects(() => rt.rules.delete({ priority: 4711 })).toMatchObject({ code: 'ENOENT', syscall: 'RTM_DELRULE' });
    await rejects(() => rt.rules.get({ priority: 4711 })).toMatchObject({ name: 'NotFoundError', code: 'ENOENT' });
    await rejects(() => rt.rules.create({ priority: 50, goto: 20 })).toMatchObject({ code: 'EINVAL', extack: { message: /[Bb]ackward/ } });
    expect(own()).toEqual([]);
  });
});
