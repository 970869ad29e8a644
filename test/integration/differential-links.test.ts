/** Links of the kinds that every kernel has, made by ip(8) and by netloom. */
import type { Link } from '../../src/rtnl/index.ts';
import { differential, type RoundTrip } from '../support/differential.ts';

const links = (...names: readonly string[]): RoundTrip<Link> => ({
  list: async (rt) => (await rt.links.list()).filter((link) => names.includes(link.name)),
  delete: (rt, link) => rt.links.delete(link),
  create: (rt, link) => rt.links.create(link),
});

differential('links of any kind', {
  prepare: ['ip link add va type veth peer name vb', 'ip link add br0 type bridge'],
  cases: [
    { ip: ['ip link set va up'], netloom: (rt) => rt.links.update('va', { up: true }), show: 'ip link show va' },
    {
      ip: ['ip link set va mtu 1400 txqueuelen 77 alias hello group 7 address 02:00:00:00:00:01 broadcast ff:ff:ff:ff:ff:fe'],
      netloom: (rt) =>
        rt.links.update('va', {
          mtu: 1400,
          txQueueLength: 77,
          alias: 'hello',
          group: 7,
          address: '02:00:00:00:00:01',
          broadcast: 'ff:ff:ff:ff:ff:fe',
        }),
      show: 'ip link show va',
    },
    { ip: ['ip link set va master br0'], netloom: (rt) => rt.links.update('va', { master: 'br0' }), show: 'ip link show va' },
    {
      ip: ['ip link set va nomaster'],
      prepare: ['ip link set va master br0'],
      netloom: (rt) => rt.links.update('va', { master: null }),
      show: 'ip link show va',
    },
    {
      ip: ['ip link set va name vc'],
      netloom: (rt) => rt.links.update('va', { name: 'vc' }),
      show: ['ip link show va', 'ip link show vc'],
    },
    { ip: ['ip link del va'], netloom: (rt) => rt.links.delete('va'), show: 'ip link show' },
  ],
});

differential('veth', {
  cases: [
    {
      ip: ['ip link add va type veth peer name vb'],
      netloom: (rt) => rt.links.create({ kind: 'veth', name: 'va', peer: 'vb' }),
      show: 'ip link show',
    },
    {
      ip: [
        'ip link add va index 40 mtu 1400 address 02:00:00:00:00:01 txqueuelen 77 numtxqueues 3 numrxqueues 2 type veth peer name vb mtu 1300 index 41',
      ],
      netloom: (rt) =>
        rt.links.create({
          kind: 'veth',
          name: 'va',
          index: 40,
          mtu: 1400,
          address: '02:00:00:00:00:01',
          txQueueLength: 77,
          numTxQueues: 3,
          numRxQueues: 2,
          peer: { name: 'vb', mtu: 1300, index: 41 },
        }),
      show: 'ip link show',
    },
  ],
});

differential('bridge', {
  kind: 'bridge',
  roundTrip: links('br0'),
  cases: [
    {
      ip: ['ip link add br0 type bridge forward_delay 400 hello_time 300 max_age 1500 ageing_time 9000 stp_state 1 priority 100'],
      netloom: (rt) =>
        rt.links.create({
          kind: 'bridge',
          name: 'br0',
          data: { forwardDelay: 400, helloTime: 300, maxAge: 1500, ageingTime: 9000, stpState: 1, priority: 100 },
        }),
      show: 'ip link show br0',
    },
    {
      ip: ['ip link add br0 type bridge mcast_snooping 0 mcast_hash_max 1024 nf_call_iptables 1 group_fwd_mask 8 vlan_default_pvid 0'],
      netloom: (rt) =>
        rt.links.create({
          kind: 'bridge',
          name: 'br0',
          data: { mcastSnooping: false, mcastHashMax: 1024, nfCallIptables: true, groupForwardMask: 8, vlanDefaultPvid: 0 },
        }),
      show: 'ip link show br0',
    },
    {
      ip: ['ip link set br0 type bridge ageing_time 1000'],
      prepare: ['ip link add br0 type bridge'],
      netloom: (rt) => rt.links.update('br0', { kind: 'bridge', data: { ageingTime: 1000 } }),
      show: 'ip link show br0',
    },
  ],
});

differential('bridge port', {
  prepare: ['ip link add va type veth peer name vb', 'ip link add br0 type bridge', 'ip link set va master br0'],
  cases: [
    {
      ip: ['ip link set va type bridge_slave cost 50 priority 7 hairpin on guard on learning off flood off'],
      netloom: (rt) =>
        rt.links.update('va', {
          port: { kind: 'bridge', data: { cost: 50, priority: 7, hairpin: true, guard: true, learning: false, flood: false } },
        }),
      show: 'ip link show va',
    },
  ],
});

differential('macvlan', {
  needs: [{ kind: 'macvlan' }],
  prepare: ['ip link add va type veth peer name vb'],
  cases: [
    {
      ip: ['ip link add mac0 link va type macvlan mode bridge'],
      netloom: (rt) => rt.links.create({ kind: 'macvlan', name: 'mac0', link: 'va', data: { mode: 'bridge' } }),
      show: 'ip link show mac0',
    },
  ],
});

differential('ifb', {
  needs: [{ kind: 'ifb' }],
  cases: [
    {
      ip: ['ip link add ifb7 numtxqueues 2 type ifb'],
      netloom: (rt) => rt.links.create({ kind: 'ifb', name: 'ifb7', numTxQueues: 2 }),
      show: 'ip link show ifb7',
      roundTrip: links('ifb7'),
    },
  ],
});
