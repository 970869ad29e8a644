/** Kinds of links on top of others, or of many: what ip(8) makes, netloom makes, changes and makes again. */
import { kindTests } from '../support/kinds.ts';

const below = ['ip link add v0 type veth peer name v1'];
const two = ['ip link add v0 type veth peer name v1', 'ip link add w0 type veth peer name w1'];

kindTests(
  'vlan',
  [
    { ip: 'link v0 type vlan id 7', create: { link: 'v0', data: { id: 7 } } },
    {
      ip: 'link v0 type vlan protocol 802.1ad id 4094 reorder_hdr off gvrp on loose_binding on egress-qos-map 1:5 2:6 ingress-qos-map 3:4',
      create: {
        link: 'v0',
        data: {
          protocol: '802.1ad',
          id: 4094,
          flags: { reorderHdr: false, gvrp: true, looseBinding: true },
          egressQos: [
            { from: 1, to: 5 },
            { from: 2, to: 6 },
          ],
          ingressQos: [{ from: 3, to: 4 }],
        },
      },
    },
    {
      ip: 'link v0 type vlan id 8 mvrp on',
      create: { link: 'v0', data: { id: 8, flags: { mvrp: true } } },
      after: [
        ['ip link set x0 type vlan mvrp off bridge_binding on egress 0:3'],
        (rt) => rt.links.update('x0', { data: { flags: { mvrp: false, bridgeBinding: true }, egressQos: [{ from: 0, to: 3 }] } }),
      ],
    },
  ],
  below,
);

kindTests('dummy', [{ ip: 'type dummy', create: {} }]);
kindTests('ifb', [{ ip: 'type ifb', create: {} }]);
kindTests('nlmon', [{ ip: 'type nlmon', create: {} }]);
kindTests('vcan', [{ ip: 'type vcan', create: {} }]);

kindTests('veth', [
  {
    ip: 'type veth peer name x1',
    create: { peer: 'x1' } as object,
    show: ['ip link show x0', 'ip link show x1'],
  },
]);
kindTests('vxcan', [
  {
    ip: 'type vxcan peer name x1',
    create: { peer: 'x1' } as object,
    show: ['ip link show x0', 'ip link show x1'],
  },
]);
kindTests('netkit', [
  {
    ip: 'type netkit mode l2 blackhole peer forward name x1',
    create: { data: { mode: 'l2', policy: 'blackhole', peerPolicy: 'forward' }, peer: 'x1' } as object,
    show: ['ip link show x0', 'ip link show x1'],
  },
  {
    ip: 'type netkit mode l3 peer name x1',
    create: { data: { mode: 'l3' }, peer: 'x1' } as object,
    after: [['ip link set x0 type netkit blackhole'], (rt) => rt.links.update('x0', { data: { policy: 'blackhole' } })],
    show: ['ip link show x0', 'ip link show x1'],
  },
]);

for (const kind of ['macvlan', 'macvtap'] as const)
  kindTests(
    kind,
    [
      {
        ip: `link v0 type ${kind} mode bridge bcqueuelen 77`,
        create: { link: 'v0', data: { mode: 'bridge', bcQueueLen: 77 } },
        after: [[`ip link set x0 type ${kind} mode private`], (rt) => rt.links.update('x0', { data: { mode: 'private' } })],
      },
      { ip: `link v0 type ${kind} mode passthru nopromisc`, create: { link: 'v0', data: { mode: 'passthru', flags: ['nopromisc'] } } },
      {
        ip: `link v0 type ${kind} mode source`,
        create: { link: 'v0', data: { mode: 'source' } },
        after: [
          [`ip link set x0 type ${kind} macaddr set 02:00:00:00:00:11 02:00:00:00:00:12`],
          (rt) => rt.links.update('x0', { kind, data: { macaddrMode: 'set', macaddrData: ['02:00:00:00:00:11', '02:00:00:00:00:12'] } }),
        ],
      },
      {
        ip: `link v0 type ${kind} mode vepa bclim 5`,
        create: { link: 'v0', data: { mode: 'vepa', bcCutoff: 5 } },
        needs: [{ ip: '6.4' }, { kernel: { atLeast: '6.4', why: 'the cutoff of broadcasts' } }],
      },
    ],
    below,
  );

for (const kind of ['ipvlan', 'ipvtap'] as const)
  kindTests(
    kind,
    [
      { ip: `link v0 type ${kind} mode l2 private`, create: { link: 'v0', data: { mode: 'l2', flags: ['private'] } } },
      {
        ip: `link v0 type ${kind} mode l3s`,
        create: { link: 'v0', data: { mode: 'l3s' } },
        after: [[`ip link set x0 type ${kind} mode l3 vepa`], (rt) => rt.links.update('x0', { data: { mode: 'l3', flags: ['vepa'] } })],
      },
    ],
    below,
  );

kindTests('vrf', [
  {
    ip: 'type vrf table 77',
    create: { data: { table: 77 } },
    prepare: below,
    after: [['ip link set v0 master x0'], (rt) => rt.links.update('v0', { master: 'x0' })],
    show: ['ip link show x0', 'ip link show v0'],
    again: { master: 'its port is released', info_slave_kind: 'its port is released', info_slave_data: 'its port is released' },
  },
]);

kindTests(
  'macsec',
  [
    { ip: 'link v0 type macsec', create: { link: 'v0' }, prepare: ['ip link set v0 address 02:00:00:00:00:21'] },
    {
      ip: 'link v0 type macsec port 11 cipher gcm-aes-256 icvlen 16 encrypt on send_sci on protect on replay on window 5 validate check encodingsa 2',
      create: {
        link: 'v0',
        data: {
          port: 11,
          cipherSuite: 'GCM-AES-256',
          icvLen: 16,
          encrypt: true,
          incSci: true,
          protect: true,
          replayProtect: true,
          window: 5,
          validation: 'check',
          encodingSa: 2,
        },
      },
      prepare: ['ip link set v0 address 02:00:00:00:00:21'],
      after: [
        ['ip link set x0 type macsec encrypt off validate strict'],
        (rt) => rt.links.update('x0', { data: { encrypt: false, validation: 'strict' } }),
      ],
    },
    {
      ip: 'link v0 type macsec sci 0200000000010001 end_station off scb off send_sci on',
      create: { link: 'v0', data: { sci: 0x0200_0000_0001_0001n, es: false, scb: false, incSci: true } },
    },
  ],
  below,
);

kindTests(
  'hsr',
  [
    {
      ip: 'type hsr slave1 v0 slave2 w0 supervision 45 version 1',
      create: { data: { slave1: 'v0', slave2: 'w0', multicastSpec: 45, version: 1 } },
      again: { proto_version: 'the kernel does not report the version' },
    },
    { ip: 'type hsr slave1 v0 slave2 w0 proto 1', create: { data: { slave1: 'v0', slave2: 'w0', protocol: 'prp' } } },
  ],
  two,
);

const modes: readonly (readonly [ip: string, data: object])[] = [
  ['mode balance-rr packets_per_slave 4', { mode: 'balance-rr', packetsPerSlave: 4 }],
  [
    'mode active-backup miimon 100 updelay 200 downdelay 300 peer_notify_delay 100 fail_over_mac active primary_reselect better num_grat_arp 3',
    {
      mode: 'active-backup',
      miimon: 100,
      updelay: 200,
      downdelay: 300,
      peerNotifDelay: 100,
      failOverMac: 'active',
      primaryReselect: 'better',
      numPeerNotif: 3,
    },
  ],
  [
    'mode active-backup arp_interval 500 arp_ip_target 10.0.0.1,10.0.0.2 arp_validate filter_active arp_all_targets all arp_missed_max 4',
    {
      mode: 'active-backup',
      arpInterval: 500,
      arpIpTarget: ['10.0.0.1', '10.0.0.2'],
      arpValidate: 'filter_active',
      arpAllTargets: 'all',
      missedMax: 4,
    },
  ],
  [
    'mode active-backup arp_interval 500 ns_ip6_target 2001:db8::1,2001:db8::2 arp_validate all',
    { mode: 'active-backup', arpInterval: 500, nsIp6Target: ['2001:db8::1', '2001:db8::2'], arpValidate: 'all' },
  ],
  ['mode balance-xor xmit_hash_policy vlan+srcmac resend_igmp 5', { mode: 'balance-xor', xmitHashPolicy: 'vlan+srcmac', resendIgmp: 5 }],
  ['mode broadcast all_slaves_active 1 min_links 2', { mode: 'broadcast', allSlavesActive: true, minLinks: 2 }],
  [
    'mode 802.3ad lacp_rate fast lacp_active off ad_select bandwidth ad_user_port_key 9 ad_actor_sys_prio 99 ad_actor_system 02:00:00:00:00:31',
    {
      mode: '802.3ad',
      adLacpRate: 'fast',
      adLacpActive: false,
      adSelect: 'bandwidth',
      adUserPortKey: 9,
      adActorSysPrio: 99,
      adActorSystem: '02:00:00:00:00:31',
    },
  ],
  ['mode balance-tlb tlb_dynamic_lb 0 lp_interval 7', { mode: 'balance-tlb', tlbDynamicLb: false, lpInterval: 7 }],
  ['mode balance-alb use_carrier 1', { mode: 'balance-alb', useCarrier: true }],
];
kindTests('bond', [
  ...modes.map(([ip, data]) => ({ ip: `type bond ${ip}`, create: { data } })),
  {
    ip: 'type bond mode 802.3ad coupled_control off',
    create: { data: { mode: '802.3ad', coupledControl: false } },
    needs: [{ ip: '6.8' }, { kernel: { atLeast: '6.9', why: 'coupled_control of bonds' } }],
  },
  {
    ip: 'type bond mode active-backup miimon 50',
    create: { data: { mode: 'active-backup', miimon: 50 } },
    prepare: [...two, 'ip link set v1 up', 'ip link set w1 up'],
    after: [
      [
        'ip link set v0 master x0',
        'ip link set w0 master x0',
        'ip link set x0 up',
        'ip link set w0 type bond_slave prio 5 queue_id 3',
        'ip link set x0 type bond primary w0 active_slave w0',
      ],
      async (rt) => {
        for (const port of ['v0', 'w0']) await rt.links.update(port, { master: 'x0' });
        await rt.links.update('x0', { up: true });
        await rt.links.update('w0', { port: { kind: 'bond', data: { prio: 5, queueId: 3 } } });
        await rt.links.update('x0', { data: { primary: 'w0', activeSlave: 'w0' } });
      },
    ],
    show: ['ip link show x0', 'ip link show w0'],
    ignore: {
      operstate: 'it follows the carrier, which takes its time',
      flags: 'some follow the carrier, which takes its time',
      mii_status: 'it follows the carrier, which takes its time',
      state: 'it follows the carrier, which takes its time',
      link_failure_count: 'a count',
      perm_hwaddr: 'made up',
      active_slave: 'it follows the carrier, which takes its time',
      qdisc: 'it follows the carrier',
    },
    again: false,
  },
]);
