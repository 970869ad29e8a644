/** Neighbors, forwarding tables, multicast databases and VLANs made by iproute2 and by netloom: the same state, the same bytes, and back again. */
import type { AddressLabel, BridgeVlan, FdbEntry, MdbEntry, Neighbor } from '../../src/rtnl/index.ts';
import { differential } from '../support/differential.ts';
import { ended } from '../support/oracle.ts';

const prepare = [
  'ip link add v0 address 02:00:00:00:01:00 type veth peer name v1 address 02:00:00:00:01:01',
  // before they are up: a kernel that is told both at once makes an address first, and reports its groups to bridges
  'ip link set v0 addrgenmode none',
  'ip link set v1 addrgenmode none',
  'ip link set v0 up',
  'ip link set v1 up',
];

/** Whether a command that makes a link fails. */
const cannot = (options: string) => (): boolean => ended(['unshare', '--net', 'ip', 'link', 'add', ...options.split(' ')]).status !== 0;

differential<Neighbor>('neighbors', {
  prepare,
  show: ['ip -4 neigh show nud all dev v0', 'ip -6 neigh show nud all dev v0', 'ip -4 neigh show proxy', 'ip -6 neigh show proxy'],
  cases: [
    {
      ip: ['ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0'],
      netloom: (rt) => rt.neighbors.create({ to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02' }),
    },
    {
      ip: ['ip neigh replace fd00::2 lladdr 02:00:00:00:00:02 dev v0 nud stale router protocol zebra'],
      netloom: (rt) =>
        rt.neighbors.replace({
          to: 'fd00::2',
          dev: 'v0',
          lladdr: '02:00:00:00:00:02',
          state: 'stale',
          flags: ['router'],
          protocol: 'zebra',
        }),
    },
    {
      ip: ['ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0 nud noarp extern_learn'],
      netloom: (rt) =>
        rt.neighbors.create({ to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:02', state: 'noarp', flags: ['extern_learn'] }),
    },
    {
      prepare: ['ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0'],
      ip: ['ip neigh change 10.0.0.2 lladdr 02:00:00:00:00:03 dev v0 nud stale'],
      netloom: (rt) => rt.neighbors.change({ to: '10.0.0.2', dev: 'v0', lladdr: '02:00:00:00:00:03', state: 'stale' }),
    },
    {
      prepare: ['ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0'],
      ip: ['ip neigh del 10.0.0.2 dev v0'],
      netloom: (rt) => rt.neighbors.delete({ to: '10.0.0.2', dev: 'v0' }),
      roundTrip: false,
    },
    {
      ip: ['ip neigh add proxy 10.0.0.9 dev v0 protocol bgp'],
      netloom: (rt) => rt.neighbors.create({ to: '10.0.0.9', dev: 'v0', flags: ['proxy'], protocol: 'bgp' }),
    },
    {
      ip: ['ip neigh add proxy fd00::9 dev v0 router'],
      netloom: (rt) => rt.neighbors.create({ to: 'fd00::9', dev: 'v0', flags: ['proxy', 'router'] }),
    },
  ],
  roundTrip: {
    list: async (rt) => [
      ...(await rt.neighbors.list({ dev: 'v0', state: ['permanent', 'stale'] })),
      ...(await rt.neighbors.list({ proxy: true })),
    ],
    delete: (rt, neighbor) => rt.neighbors.delete(neighbor),
    create: (rt, neighbor) => rt.neighbors.create(neighbor),
  },
});

differential<FdbEntry>('forwarding tables', {
  prepare: [
    ...prepare,
    'ip link add br0 type bridge',
    'ip link set br0 addrgenmode none',
    'ip link set br0 up',
    'ip link set v0 master br0',
    'ip link add vx0 type vxlan id 5 dstport 4789',
  ],
  show: ['bridge fdb show brport v0 state static', 'bridge fdb show dev vx0'],
  cases: [
    {
      ip: ['bridge fdb add 02:00:00:00:00:01 dev v0 master static'],
      netloom: (rt) => rt.fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'v0', master: 'br0', state: 'static' }),
    },
    {
      ip: ['bridge fdb replace 02:00:00:00:00:01 dev v0 master static sticky'],
      netloom: (rt) => rt.fdb.replace({ lladdr: '02:00:00:00:00:01', dev: 'v0', flags: ['master', 'sticky'], state: 'static' }),
    },
    {
      ip: ['bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.1 port 4790 vni 7 via v1'],
      netloom: (rt) => rt.fdb.append({ lladdr: '00:00:00:00:00:00', dev: 'vx0', dst: '10.0.0.1', port: 4790, vni: 7, via: 'v1' }),
    },
    {
      ip: ['bridge fdb add 02:00:00:00:00:01 dev vx0 dst 10.0.0.1 static extern_learn router'],
      netloom: (rt) =>
        rt.fdb.create({
          lladdr: '02:00:00:00:00:01',
          dev: 'vx0',
          dst: '10.0.0.1',
          state: 'static',
          flags: ['self', 'extern_learn', 'router'],
        }),
    },
    {
      prepare: ['bridge fdb add 02:00:00:00:00:01 dev v0 master static'],
      ip: ['bridge fdb flush dev br0 brport v0 static'],
      netloom: (rt) => rt.fdb.flush({ dev: 'br0', brport: 'v0', state: 'static' }),
      needs: [{ kernel: { atLeast: '5.19', why: 'flushing of forwarding tables' } }],
      roundTrip: false,
    },
  ],
  roundTrip: {
    // where bridges have VLANs, an entry without one brings those of the port's VLANs along, and takes them away: it is deleted last
    list: async (rt) =>
      [...(await rt.fdb.list({ dev: 'v0', state: 'static' })), ...(await rt.fdb.list({ dev: 'vx0' }))].sort(
        (a, b) => (a.vlan ?? 0) - (b.vlan ?? 0),
      ),
    delete: (rt, entry) => rt.fdb.delete(entry),
    create: (rt, entry) => rt.fdb.append(entry),
  },
});

differential<MdbEntry>('multicast databases', {
  needs: [{ feature: 'multicast databases (CONFIG_BRIDGE_IGMP_SNOOPING)', missing: cannot('type bridge mcast_snooping 1') }],
  prepare: [
    ...prepare,
    'ip link add br0 type bridge',
    'ip link set v0 master br0',
    'ip link set br0 addrgenmode none',
    'ip link set br0 up',
  ],
  show: 'bridge mdb show dev br0',
  cases: [
    {
      ip: ['bridge mdb add dev br0 port v0 grp 239.1.1.1 permanent'],
      netloom: (rt) => rt.mdb.create({ dev: 'br0', port: 'v0', group: '239.1.1.1', state: 'permanent' }),
    },
    {
      ip: ['bridge mdb add dev br0 port v0 grp ff15::1 src fd00::1 permanent'],
      netloom: (rt) => rt.mdb.create({ dev: 'br0', port: 'v0', group: 'ff15::1', source: 'fd00::1', state: 'permanent' }),
    },
  ],
  roundTrip: {
    list: async (rt) => (await rt.mdb.list({ port: 'v0' })).filter(({ state }) => state === 'permanent'),
    delete: (rt, entry) => rt.mdb.delete(entry),
    create: (rt, entry) => rt.mdb.create(entry),
  },
});

differential<AddressLabel>('address labels', {
  show: 'ip addrlabel list',
  cases: [
    {
      ip: ['ip addrlabel add prefix fd00::/8 label 99'],
      netloom: (rt) => rt.addressLabels.create({ prefix: 'fd00::/8', label: 99 }),
    },
  ],
  roundTrip: {
    list: (rt) => rt.addressLabels.list({ label: 99 }),
    delete: (rt, label) => rt.addressLabels.delete(label),
    create: (rt, label) => rt.addressLabels.create(label),
  },
});

differential<BridgeVlan>('VLANs of bridges', {
  needs: [{ feature: 'VLANs of bridges (CONFIG_BRIDGE_VLAN_FILTERING)', missing: cannot('type bridge vlan_filtering 1') }],
  prepare: [...prepare, 'ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0', 'ip link set v0 master br0'],
  show: 'bridge vlan show',
  cases: [
    {
      ip: ['bridge vlan add dev v0 vid 10 pvid untagged'],
      netloom: (rt) => rt.bridgeVlans.create({ dev: 'v0', vlan: 10, flags: ['pvid', 'untagged'] }),
    },
    {
      ip: ['bridge vlan add dev v0 vid 20-30'],
      netloom: (rt) => rt.bridgeVlans.create({ dev: 'v0', vlan: 20, end: 30 }),
    },
    {
      ip: ['bridge vlan add dev br0 vid 10 self'],
      netloom: (rt) => rt.bridgeVlans.create({ dev: 'br0', vlan: 10 }),
    },
    {
      prepare: ['bridge vlan add dev v0 vid 20-30'],
      ip: ['bridge vlan set dev v0 vid 22-24 state blocking'],
      netloom: (rt) => rt.bridgeVlans.update({ dev: 'v0', vlan: 22, end: 24, state: 'blocking' }),
    },
  ],
  roundTrip: {
    list: (rt) => rt.bridgeVlans.list({ ranges: true }),
    delete: (rt, vlan) => rt.bridgeVlans.delete(vlan),
    create: (rt, vlan) => rt.bridgeVlans.create(vlan),
  },
});
