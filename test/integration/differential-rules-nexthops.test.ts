/** Rules of policy routing and nexthop objects, made by ip(8) and by netloom. */
import type { NexthopObject, NexthopObjectSpec, Rule, RuleSpec } from '../../src/rtnl/index.ts';
import { type DifferentialCase, differential } from '../support/differential.ts';

const links = [
  'ip link add v0 type veth peer name v1',
  'ip link set v0 up',
  'ip link set v1 up',
  'ip address add 10.0.0.1/24 dev v0',
  'ip address add fd00::1/64 dev v0 nodad',
];

const rule = (options: string, spec: RuleSpec): DifferentialCase<Rule> => ({
  ip: [`ip ${options.includes('fd00') ? '-6 ' : ''}rule add ${options}`],
  netloom: (rt) => rt.rules.create(spec),
});

differential<Rule>('rules', {
  prepare: ['ip link add v0 type veth peer name v1'],
  show: ['ip -4 rule show', 'ip -6 rule show'],
  roundTrip: {
    list: async (rt) => (await rt.rules.list()).filter(({ protocol }) => protocol !== 'kernel'),
    delete: (rt, object) => rt.rules.delete(object),
    create: (rt, object) => rt.rules.create(object),
  },
  cases: [
    rule('from 10.0.0.0/8 table 300 pref 100', { from: '10.0.0.0/8', table: 300, priority: 100 }),
    rule('from fd00::/16 to fd01::/64 table 5 pref 102', { from: 'fd00::/16', to: 'fd01::/64', table: 5, priority: 102 }),
    rule('not from 10.0.0.1 table main pref 103', { invert: true, from: '10.0.0.1', table: 'main', priority: 103 }),
    rule('iif v0 oif v1 table 7 pref 104', { iif: 'v0', oif: 'v1', table: 7, priority: 104 }),
    rule('fwmark 0x10/0xff table 8 pref 107', { mark: 0x10, mask: 0xff, table: 8, priority: 107 }),
    rule('tos 0x10 table 8 pref 108', { tos: 0x10, table: 8, priority: 108 }),
    rule('pref 109 goto 32766', { priority: 109, goto: 32766 }),
    rule('pref 112 from 10.0.0.0/8 type blackhole', { priority: 112, from: '10.0.0.0/8', type: 'blackhole' }),
    // a table below 256, where the suppressors of others have been seen to be lost
    rule('pref 115 table main suppress_prefixlength 0', { priority: 115, table: 'main', suppressPrefixLength: 0 }),
    rule('pref 116 table 256 suppress_prefixlength 24 suppress_ifgroup 3', {
      priority: 116,
      table: 256,
      suppressPrefixLength: 24,
      suppressIfgroup: 3,
    }),
    rule('pref 118 table 9 uidrange 0-0', { priority: 118, table: 9, uidRange: 0 }),
    rule('pref 119 table 9 ipproto tcp sport 80 dport 1000-2000', {
      priority: 119,
      table: 9,
      ipProto: 'tcp',
      sport: 80,
      dport: '1000-2000',
    }),
    rule('pref 121 table 9 tun_id 77', { priority: 121, table: 9, tunId: 77 }),
    rule('pref 122 table 9 protocol static realms 1/2', { priority: 122, table: 9, protocol: 'static', realms: (1 << 16) | 2 }),
    rule('pref 124 l3mdev', { priority: 124, l3mdev: true }),
    {
      prepare: ['ip rule add from 10.0.0.0/8 table 300 pref 100', 'ip rule add from 10.0.0.0/8 table 301 pref 101'],
      ip: ['ip rule del pref 101'],
      netloom: (rt) => rt.rules.delete({ family: 'inet', priority: 101 }),
      roundTrip: false,
    },
  ],
});

const nexthop = (options: string, spec: NexthopObjectSpec, ...prepare: readonly string[]): DifferentialCase<NexthopObject> => ({
  prepare,
  ip: [`ip nexthop add ${options}`],
  netloom: (rt) => rt.nexthops.create(spec),
});
const two = ['ip nexthop add id 1 via 10.0.0.5 dev v0', 'ip nexthop add id 2 via 10.0.0.6 dev v0'];

differential<NexthopObject>('nexthop objects', {
  prepare: links,
  show: 'ip nexthop show',
  roundTrip: {
    list: (rt) => rt.nexthops.list(),
    delete: (rt, { id }) => rt.nexthops.delete(id),
    create: (rt, object) => rt.nexthops.create(object),
  },
  cases: [
    nexthop('id 2 via 10.0.0.6 dev v0 proto static', { id: 2, via: '10.0.0.6', dev: 'v0', protocol: 'static' }),
    nexthop('id 3 dev v0', { id: 3, dev: 'v0' }),
    nexthop('id 4 blackhole', { id: 4, blackhole: true }),
    nexthop('id 5 via 10.9.9.9 dev v0 onlink', { id: 5, via: '10.9.9.9', dev: 'v0', flags: ['onlink'] }),
    nexthop('id 6 via fd00::5 dev v0', { id: 6, via: 'fd00::5', dev: 'v0' }),
    nexthop('id 8 via 10.0.0.9 fdb', { id: 8, via: '10.0.0.9', fdb: true }),
    nexthop(
      'id 21 group 1,3/2,200',
      {
        id: 21,
        group: [
          { id: 1, weight: 3 },
          { id: 2, weight: 200 },
        ],
      },
      ...two,
    ),
    nexthop(
      'id 22 group 1/2,5 type resilient buckets 8 idle_timer 10 unbalanced_timer 20',
      { id: 22, group: [1, { id: 2, weight: 5 }], resilient: { buckets: 8, idleTimer: 10, unbalancedTimer: 20 } },
      ...two,
    ),
    {
      prepare: two,
      ip: ['ip nexthop replace id 2 via 10.0.0.7 dev v0'],
      netloom: (rt) => rt.nexthops.replace({ id: 2, via: '10.0.0.7', dev: 'v0' }),
    },
    {
      prepare: two,
      ip: ['ip nexthop del id 1'],
      netloom: (rt) => rt.nexthops.delete(1),
      roundTrip: false,
    },
  ],
});
