/** Tunnels as links: what ip(8) makes, netloom makes, changes and makes again. */
import { kindTests } from '../support/kinds.ts';

const below = ['ip link add v0 type veth peer name v1'];

kindTests(
  'vxlan',
  [
    { ip: 'type vxlan id 5', create: { data: { id: 5, learning: true } }, ignore: {} },
    {
      ip: 'type vxlan id 42 remote 192.0.2.1 local 192.0.2.2 dev v0 dstport 4789 srcport 1000 2000 ttl 5 tos 4 ageing 77 maxaddress 88 nolearning proxy rsc l2miss l3miss udpcsum',
      create: {
        data: {
          id: 42,
          remote: '192.0.2.1',
          local: '192.0.2.2',
          link: 'v0',
          port: 4789,
          portRange: { low: 1000, high: 2000 },
          ttl: 5,
          tos: 4,
          ageing: 77,
          limit: 88,
          learning: false,
          proxy: true,
          rsc: true,
          l2miss: true,
          l3miss: true,
          udpCsum: true,
        },
      },
    },
    {
      ip: 'type vxlan id 43 group ff05::100 dev v0 dstport 4789 udp6zerocsumtx udp6zerocsumrx flowlabel 0x12345 ttl inherit gbp df set',
      create: {
        data: {
          id: 43,
          remote6: 'ff05::100',
          link: 'v0',
          port: 4789,
          learning: true,
          udpZeroCsum6Tx: true,
          udpZeroCsum6Rx: true,
          label: 0x12345,
          ttlInherit: true,
          gbp: true,
          df: 'set',
        },
      },
    },
    {
      ip: 'type vxlan external vnifilter gpe dstport 4790',
      create: { data: { collectMetadata: true, vnifilter: true, gpe: true, port: 4790, learning: false } },
    },
    {
      ip: 'type vxlan id 44 dstport 4789 remote 192.0.2.1',
      create: { data: { id: 44, port: 4789, remote: '192.0.2.1', learning: true } },
      after: [
        ['ip link set x0 type vxlan remote 192.0.2.9 ttl 9 nolearning'],
        (rt) => rt.links.update('x0', { data: { remote: '192.0.2.9', ttl: 9, learning: false } }),
      ],
    },
    {
      ip: 'type vxlan id 45 dstport 4789 nolocalbypass',
      create: { data: { id: 45, port: 4789, localbypass: false, learning: true } },
      needs: [{ ip: '6.5' }, { kernel: { atLeast: '6.5', why: 'localbypass of a VXLAN' } }],
    },
  ],
  below,
);

kindTests('geneve', [
  { ip: 'type geneve id 5 remote 192.0.2.1', create: { data: { id: 5, remote: '192.0.2.1' } } },
  {
    ip: 'type geneve id 6 remote 2001:db8::1 ttl 7 tos 8 dstport 6082 flowlabel 0x54321 udp6zerocsumtx udp6zerocsumrx',
    create: {
      data: { id: 6, remote6: '2001:db8::1', ttl: 7, tos: 8, port: 6082, label: 0x54321, udpZeroCsum6Tx: true, udpZeroCsum6Rx: true },
    },
  },
  {
    ip: 'type geneve id 7 remote 192.0.2.1 ttl inherit df inherit udpcsum innerprotoinherit',
    create: { data: { id: 7, remote: '192.0.2.1', ttlInherit: true, df: 'inherit', udpCsum: true, innerProtoInherit: true } },
  },
  { ip: 'type geneve external', create: { data: { collectMetadata: true } } },
  {
    ip: 'type geneve id 8 remote 192.0.2.1 noudpcsum',
    create: { data: { id: 8, remote: '192.0.2.1', udpCsum: false } },
    after: [
      ['ip link set x0 type geneve id 8 remote 192.0.2.9 ttl 3'],
      (rt) => rt.links.update('x0', { data: { remote: '192.0.2.9', ttl: 3 } }),
    ],
  },
]);

for (const [kind, own] of [
  ['gre', ''],
  ['gretap', ''],
] as const)
  kindTests(
    kind,
    [
      {
        ip: `type ${kind} local 192.0.2.1 remote 192.0.2.2 ttl 9 key 5 csum seq dev v0${own}`,
        create: {
          data: {
            local: '192.0.2.1',
            remote: '192.0.2.2',
            ttl: 9,
            ikey: 5,
            okey: 5,
            iflags: ['csum', 'seq'],
            oflags: ['csum', 'seq'],
            link: 'v0',
            pmtudisc: true,
          },
        },
      },
      {
        ip: `type ${kind} local 192.0.2.1 remote 192.0.2.2 ikey 6 okey 0.0.0.7 tos inherit nopmtudisc ignore-df fwmark 0x11`,
        create: {
          data: { local: '192.0.2.1', remote: '192.0.2.2', ikey: 6, okey: 7, tos: 1, pmtudisc: false, ignoreDf: true, fwmark: 0x11 },
        },
        after: [[`ip link set x0 type ${kind} tos 4`], (rt) => rt.links.update('x0', { data: { tos: 4 } })],
      },
      {
        ip: `type ${kind} local 192.0.2.1 remote 192.0.2.2 encap fou encap-sport auto encap-dport 5555 encap-csum encap-remcsum`,
        create: {
          data: {
            local: '192.0.2.1',
            remote: '192.0.2.2',
            pmtudisc: true,
            encapType: 'fou',
            encapSport: 0,
            encapDport: 5555,
            encapFlags: ['csum', 'remcsum'],
          },
        },
        needs: [{ module: 'fou' }],
      },
      // no address says which family: the kind is what was asked for
      { ip: `type ${kind} external`, create: { data: { collectMetadata: true } } },
    ],
    below,
  );

for (const kind of ['ip6gre', 'ip6gretap'] as const)
  kindTests(
    kind,
    [
      {
        ip: `type ${kind} local 2001:db8::1 remote 2001:db8::2 hoplimit 9 encaplimit 5 flowlabel 0x12345 key 5 seq dev v0`,
        create: {
          data: {
            local: '2001:db8::1',
            remote: '2001:db8::2',
            ttl: 9,
            encapLimit: 5,
            flowinfo: 0x12345,
            ikey: 5,
            okey: 5,
            iflags: ['seq'],
            oflags: ['seq'],
            link: 'v0',
          },
        },
      },
      {
        ip: `type ${kind} local 2001:db8::1 remote 2001:db8::2 encaplimit none tclass inherit flowlabel inherit dscp inherit allow-localremote`,
        create: {
          data: {
            local: '2001:db8::1',
            remote: '2001:db8::2',
            ttl: 64,
            flags: ['ign_encap_limit', 'use_orig_tclass', 'use_orig_flowlabel', 'rcv_dscp_copy', 'allow_local_remote'],
          },
        },
        after: [[`ip link set x0 type ${kind} hoplimit 7`], (rt) => rt.links.update('x0', { data: { ttl: 7 } })],
      },
      { ip: `type ${kind} external`, create: { data: { collectMetadata: true } } },
    ],
    below,
  );

kindTests('erspan', [
  {
    ip: 'type erspan seq key 30 local 192.0.2.1 remote 192.0.2.2 erspan_ver 1 erspan 123',
    create: {
      data: {
        local: '192.0.2.1',
        remote: '192.0.2.2',
        ikey: 30,
        okey: 30,
        iflags: ['seq'],
        oflags: ['seq'],
        pmtudisc: true,
        erspanVer: 1,
        erspanIndex: 123,
      },
    },
  },
  {
    ip: 'type erspan seq key 31 local 192.0.2.1 remote 192.0.2.2 erspan_ver 2 erspan_dir egress erspan_hwid 17',
    create: {
      data: {
        local: '192.0.2.1',
        remote: '192.0.2.2',
        ikey: 31,
        okey: 31,
        iflags: ['seq'],
        oflags: ['seq'],
        pmtudisc: true,
        erspanVer: 2,
        erspanDir: 'egress',
        erspanHwid: 17,
      },
    },
  },
]);
kindTests('ip6erspan', [
  {
    ip: 'type ip6erspan seq key 30 local 2001:db8::1 remote 2001:db8::2 erspan_ver 2 erspan_dir ingress erspan_hwid 17',
    create: {
      data: {
        local: '2001:db8::1',
        remote: '2001:db8::2',
        ttl: 64,
        encapLimit: 4,
        ikey: 30,
        okey: 30,
        iflags: ['seq'],
        oflags: ['seq'],
        erspanVer: 2,
        erspanDir: 'ingress',
        erspanHwid: 17,
      },
    },
  },
]);

kindTests('ipip', [
  {
    ip: 'type ipip local 192.0.2.1 remote 192.0.2.2 ttl 9 mode any fwmark 5 dev v0',
    create: { data: { local: '192.0.2.1', remote: '192.0.2.2', ttl: 9, proto: 'any', fwmark: 5, link: 'v0', pmtudisc: true } },
    prepare: below,
    after: [['ip link set x0 type ipip ttl 7'], (rt) => rt.links.update('x0', { data: { ttl: 7 } })],
  },
  { ip: 'type ipip external', create: { data: { collectMetadata: true, proto: 'any' } } },
]);
kindTests('sit', [
  {
    ip: 'type sit local 192.0.2.1 remote 192.0.2.2 ttl 9 mode any isatap',
    create: { data: { local: '192.0.2.1', remote: '192.0.2.2', ttl: 9, proto: 'any', flags: ['isatap'], pmtudisc: true } },
  },
  {
    ip: 'type sit local 192.0.2.1 6rd-prefix 2001:db8::/32 6rd-relay_prefix 192.0.0.0/8',
    create: {
      data: {
        local: '192.0.2.1',
        ttl: 64,
        proto: 'any',
        pmtudisc: true,
        sixRdPrefix: '2001:db8::',
        sixRdPrefixLength: 32,
        sixRdRelayPrefix: '192.0.0.0',
        sixRdRelayPrefixLength: 8,
      },
    },
    after: [['ip link set x0 type sit ttl 7'], (rt) => rt.links.update('x0', { data: { ttl: 7 } })],
  },
]);
kindTests('ip6tnl', [
  {
    ip: 'type ip6tnl local 2001:db8::1 remote 2001:db8::2 mode any hoplimit 9 encaplimit 3 flowlabel 0x12345 dscp inherit fwmark inherit',
    create: {
      data: {
        local: '2001:db8::1',
        remote: '2001:db8::2',
        proto: 'any',
        ttl: 9,
        encapLimit: 3,
        flowinfo: 0x12345,
        flags: ['rcv_dscp_copy', 'use_orig_fwmark'],
      },
    },
    after: [['ip link set x0 type ip6tnl hoplimit 7'], (rt) => rt.links.update('x0', { data: { ttl: 7 } })],
  },
  { ip: 'type ip6tnl external', create: { data: { collectMetadata: true } } },
]);
kindTests('vti', [
  {
    ip: 'type vti local 192.0.2.1 remote 192.0.2.2 ikey 5 okey 6 fwmark 7',
    create: { data: { local: '192.0.2.1', remote: '192.0.2.2', ikey: 5, okey: 6, fwmark: 7 } },
    after: [['ip link set x0 type vti okey 9'], (rt) => rt.links.update('x0', { data: { okey: 9 } })],
  },
  // no address says which family
  { ip: 'type vti key 7', create: { data: { ikey: 7, okey: 7 } } },
]);
kindTests('vti6', [
  {
    ip: 'type vti6 local 2001:db8::1 remote 2001:db8::2 key 5 dev v0',
    create: { data: { local: '2001:db8::1', remote: '2001:db8::2', ikey: 5, okey: 5, link: 'v0' } },
    prepare: below,
  },
]);
kindTests('xfrm', [
  { ip: 'type xfrm dev v0 if_id 0x2a', create: { data: { link: 'v0', ifId: 42 } }, prepare: below },
  { ip: 'type xfrm external', create: { data: { collectMetadata: true } } },
]);
kindTests('bareudp', [
  { ip: 'type bareudp dstport 6635 ethertype mpls_uc', create: { data: { port: 6635, etherType: 'mpls_uc' } } },
  {
    ip: 'type bareudp dstport 6636 ethertype ipv4 srcportmin 4000 multiproto',
    create: { data: { port: 6636, etherType: 'ip', srcportMin: 4000, multiproto: true } },
  },
]);
kindTests(
  'amt',
  [
    {
      ip: 'type amt mode relay relay_port 2268 max_tunnels 7 local 192.0.2.1 dev v0',
      create: { data: { mode: 'relay', relayPort: 2268, maxTunnels: 7, local: '192.0.2.1', link: 'v0' } },
    },
  ],
  below,
);
kindTests('gtp', [
  {
    ip: 'type gtp role sgsn hsize 1000 restart_count 5',
    create: { data: { role: 'sgsn', pdpHashsize: 1000, restartCount: 5 } },
  },
]);
kindTests('wireguard', [{ ip: 'type wireguard', create: {} }]);
