/** Neighbor tables, ids of namespaces, VNIs and tunnel maps, set by iproute2 and by netloom; and what iproute2 asks for its listings. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type BridgeVlanTunnel, open, type RtnlClient, type Vni } from '../../src/rtnl/index.ts';
import { capture, expectWhole } from '../support/capture.ts';
import { differential } from '../support/differential.ts';
import { uniqueName } from '../support/names.ts';
import { ended, ip, tool } from '../support/oracle.ts';

/** The kernel draws it anew from time to time. */
const byChance = { reachable: 'between half and one and a half of the base, by chance' };

const pair = 'ip link add v0 type veth peer name v1';

differential('neighbor tables', {
  prepare: [pair],
  show: 'ip ntable show dev v0',
  cases: [
    {
      ip: [
        'ip ntable change name arp_cache dev v0 queue 5 app_probes 2 ucast_probes 4 mcast_probes 5 retrans 1500 gc_stale 61000 delay_probe 7000',
      ],
      netloom: (rt) =>
        rt.neighborTables.update({
          name: 'arp_cache',
          dev: 'v0',
          parameters: {
            queueLength: 5,
            appProbes: 2,
            unicastProbes: 4,
            multicastProbes: 5,
            retransmitTime: 1500,
            gcStaleTime: 61_000,
            delayProbeTime: 7000,
          },
        }),
      ignore: byChance,
    },
    {
      ip: ['ip ntable change name ndisc_cache dev v0 base_reachable 22000 anycast_delay 900 proxy_delay 700 proxy_queue 60 locktime 2000'],
      netloom: (rt) =>
        rt.neighborTables.update({
          name: 'ndisc_cache',
          dev: 'v0',
          parameters: { baseReachableTime: 22_000, anycastDelay: 900, proxyDelay: 700, proxyQueueLength: 60, lockTime: 2000 },
        }),
      ignore: byChance,
    },
  ],
});

const third = uniqueName('d3');
let other: netns.Netns;
beforeAll(async () => {
  other = await netns.create(third);
});
afterAll(async () => {
  await other.delete();
  other.close();
});

differential('ids of namespaces', {
  show: 'ip netns list-id',
  cases: [{ ip: [`ip netns set ${third} 5`], netloom: (rt) => rt.netnsIds.create(third, { nsid: 5 }) }],
});

differential<Vni>('VNIs', {
  needs: [{ kind: 'vxlan' }, { kernel: { atLeast: '6.0', why: 'VNI filters of a vxlan (5.18), as bridge(8) shows them' } }],
  prepare: ['ip link add vx0 type vxlan dstport 4789 external vnifilter'],
  show: 'bridge vni show',
  roundTrip: {
    list: (rt) => rt.vnis.list({ ranges: true }),
    delete: (rt, object) => rt.vnis.delete(object),
    create: (rt, object) => rt.vnis.create(object),
  },
  cases: [
    { ip: ['bridge vni add dev vx0 vni 100'], netloom: (rt) => rt.vnis.create({ dev: 'vx0', vni: 100 }) },
    {
      ip: ['bridge vni add dev vx0 vni 200-210 remote 10.9.9.1'],
      netloom: (rt) => rt.vnis.create({ dev: 'vx0', vni: 200, end: 210, group: '10.9.9.1' }),
    },
    {
      prepare: ['bridge vni add dev vx0 vni 200-210'],
      ip: ['bridge vni delete dev vx0 vni 203-205'],
      netloom: (rt) => rt.vnis.delete({ dev: 'vx0', vni: 203, end: 205 }),
      roundTrip: false,
    },
  ],
});

/** Whether bridges have no VLANs here. */
const noVlans = (): boolean => ended(['unshare', '--net', 'ip', 'link', 'add', 'type', 'bridge', 'vlan_filtering', '1']).status !== 0;

differential<BridgeVlanTunnel>('tunnel map', {
  needs: [{ kind: 'vxlan' }, { feature: 'VLANs of bridges (CONFIG_BRIDGE_VLAN_FILTERING)', missing: noVlans }],
  prepare: [
    'ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0',
    'ip link add vx0 type vxlan dstport 4789 external',
    'ip link set vx0 master br0',
    'ip link set vx0 type bridge_slave vlan_tunnel on',
    'bridge vlan add dev vx0 vid 300-310',
  ],
  show: 'bridge vlan tunnelshow dev vx0',
  roundTrip: {
    list: (rt) => rt.bridgeVlanTunnels.list({ ranges: true }),
    delete: (rt, object) => rt.bridgeVlanTunnels.delete(object),
    create: (rt, object) => rt.bridgeVlanTunnels.create(object),
  },
  cases: [
    {
      ip: ['bridge vlan add dev vx0 vid 300 tunnel_info id 5000'],
      netloom: (rt) => rt.bridgeVlanTunnels.create({ dev: 'vx0', vlan: 300, vni: 5000 }),
    },
    {
      ip: ['bridge vlan add dev vx0 vid 302-305 tunnel_info id 6002-6005'],
      netloom: (rt) => rt.bridgeVlanTunnels.create({ dev: 'vx0', vlan: 302, end: 305, vni: 6002 }),
    },
  ],
});

describe('what iproute2 asks for its listings', () => {
  const place = uniqueName('dq');
  let space: netns.Netns;
  let rt: RtnlClient;
  beforeAll(async () => {
    space = await netns.create(place);
    for (const command of [pair, 'ip link set lo up']) tool(command.split(' '), { netns: place });
    rt = await open({ netns: place });
  });
  afterAll(async () => {
    rt.close();
    await space.delete();
    space.close();
  });

  test.each([
    'ip link show',
    'ip link show dev v0',
    'ip -s link show',
    'ip address show dev v0',
    'ip route show table all',
    'ip route get 127.0.0.1',
    'ip rule show',
    'ip nexthop show',
    'ip nexthop bucket show',
    'ip neigh show',
    'ip ntable show',
    'ip netconf show',
    'ip -6 netconf show dev v0',
    'ip netns list-id',
    'ip addrlabel list',
    'bridge link show',
    'bridge fdb show',
    'bridge mdb show',
    'bridge vlan show',
    'bridge vni show',
  ])('%s', (command) => {
    const sent = capture([command], place);
    expect(sent.length).toBeGreaterThan(0);
    for (const message of sent) expectWhole(message);
  });

  test('settings of IP, by ip(8) and by netloom', async () => {
    await space.sysctl.set('net.ipv4.conf.v0.forwarding', 1);
    await space.sysctl.set('net.ipv4.conf.v0.rp_filter', 2);
    await space.sysctl.set('net.ipv6.conf.v0.ignore_routes_with_linkdown', 1);
    for (const [family, option] of [
      ['inet', '-4'],
      ['inet6', '-6'],
    ] as const) {
      const theirs = ip([option, 'netconf', 'show'], { netns: place });
      const ours = await rt.netconf.list({ family });
      const common = (entry: {
        dev?: string;
        interface?: string;
        forwarding?: unknown;
        ignore_routes_with_linkdown?: unknown;
        ignoreRoutesWithLinkdown?: unknown;
      }): unknown => ({
        dev: entry.dev ?? entry.interface,
        forwarding: Boolean(entry.forwarding),
        ignored: Boolean(entry.ignore_routes_with_linkdown ?? entry.ignoreRoutesWithLinkdown),
      });
      const order = (list: unknown[]): string[] => list.map((entry) => JSON.stringify(entry)).sort();
      expect(order(ours.map(common))).toEqual(order(theirs.map(common)));
      expect(ours.length).toBeGreaterThan(3);
    }
  });
});
