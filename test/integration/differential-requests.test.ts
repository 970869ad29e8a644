/**
 * What ip(8) and bridge(8) send for changes and questions that the other differential tests do not make: whether or not the kernel takes it,
 * it decodes with nothing unknown, encodes to the same bytes, and is described.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { openSync, type VirtualFunction } from '../../src/rtnl/index.ts';
import { runBatch } from '../support/batch.ts';
import { capture, expectWhole, type Sent, sentBy } from '../support/capture.ts';
import { type Feature, needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { attributesOf, sameBody } from '../support/wire.ts';

const name = uniqueName('dr');
let space: netns.Netns;
beforeAll(async () => {
  space = await netns.create(name);
  runBatch(
    [
      'ip link add v0 type veth peer name v1',
      'ip link add br0 type bridge',
      'ip link set v0 master br0',
      'ip link set v0 up',
      'ip link set v1 up',
      'ip address add 10.0.0.1/24 dev v1',
      'ip nexthop add id 1 via 10.0.0.5 dev v1',
      'ip nexthop add id 2 group 1 type resilient buckets 4',
    ],
    { netns: name },
  );
});
afterAll(async () => {
  await space.delete();
  space.close();
});

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFLA_VFINFO_LIST = 22;

type Case = string | readonly [command: string, ...needs: Feature[]];

const groups: Readonly<Record<string, readonly Case[]>> = {
  links: [
    'ip link property add dev v1 altname another-name-of-v1',
    'ip link property del dev v1 altname another-name-of-v1',
    'ip link set v1 promisc on allmulticast on multicast off arp off dynamic on',
    'ip link set v1 gso_max_size 30000 gso_max_segs 20 gro_max_size 40000',
    'ip link set v1 mode dormant state up carrier on',
    'ip link set v1 protodown on protodown_reason 3 on',
    'ip link set v1 addrgenmode none',
    'ip link set v1 vf 0 mac 02:00:00:00:00:11 vlan 5 qos 3 proto 802.1ad',
    'ip link set v1 vf 1 max_tx_rate 100 min_tx_rate 50 spoofchk on query_rss off state enable trust on',
    'ip link set v1 vf 2 node_guid 00:11:22:33:44:55:66:77 port_guid 00:11:22:33:44:55:66:78',
    'ip link set v1 xdp off',
    'ip link set v1 xdpgeneric off',
    'ip token set ::1:2:3:4 dev v1',
    'ip token list',
    'ip -d link show type bridge',
    'ip link show master br0',
    'ip link show up',
    'ip link show type veth_slave',
  ],
  statistics: [
    ['ip stats show dev v1', { ip: '5.19' }],
    ['ip stats show dev br0 group xstats', { ip: '5.19' }],
    ['ip stats set dev v1 l3_stats on', { ip: '5.19' }],
  ],
  addresses: ['ip address show up scope global', 'ip address flush dev v1 to 10.0.9.0/24', 'ip -6 address show dev v1 tentative'],
  routes: [
    'ip route get 10.0.0.9 from 10.0.0.1 oif v1 mark 5 uid 0 tos 0x10 ipproto tcp sport 1000 dport 80',
    'ip route get fibmatch 10.0.0.9',
    'ip route get 10.0.0.9 from 10.0.0.7 iif v1',
    'ip route show table 100 proto static type unicast dev v1',
    'ip route add 10.8.0.0/16 nhid 1 mtu lock 1400 rto_min 200ms hoplimit 9 window 100 rtt 20ms rttvar 10ms reordering 5 ssthresh 8 cwnd lock 4 initrwnd 9 features ecn fastopen_no_cookie 1',
    'ip route add 10.8.1.0/24 dev v1 realm 5/7 src 10.0.0.1 scope link preference 5',
    'ip route add multicast 239.0.0.0/8 dev v1',
    'ip route add local 10.8.2.1 dev v1',
    'ip route add throw 10.8.3.0/24',
    'ip route add 10.8.4.0/24 nexthop via 10.0.0.7 dev v1 weight 5 onlink nexthop dev v1 weight 256 realm 3',
    'ip -6 route add fd01::/64 from fd02::/64 via fd00::2 dev v1 pref low expires 300',
    'ip -6 route add unreachable default metric 4294967295',
    'ip route flush table 4711',
    'ip mroute show',
    'ip -6 mroute show table all',
    'ip -f mpls route show',
    'ip -f mpls route add 100 as 200/300 via inet 10.0.0.2 dev v1 ttl-propagate disabled',
  ],
  rules: [
    'ip rule add prohibit iif v1 tos 8',
    'ip rule show table 100',
    'ip -6 rule del pref 32766 table main',
    'ip rule flush protocol boot',
  ],
  'nexthop objects': [
    'ip nexthop get id 1',
    'ip nexthop show groups',
    'ip nexthop show dev v1',
    'ip nexthop bucket show id 2',
    'ip nexthop bucket get id 2 index 1',
    'ip nexthop replace id 3 group 1,256 type resilient buckets 8',
    'ip nexthop add id 4 encap mpls 100 via 10.0.0.6 dev v1',
    'ip nexthop flush dev v1',
  ],
  neighbors: [
    ['ip neigh add 10.0.0.3 dev v1 managed', { ip: '5.16' }],
    ['ip neigh replace 10.0.0.4 lladdr 02:00:00:00:00:04 dev v1 extern_valid extern_learn', { ip: '6.17' }],
    'ip neigh get 10.0.0.9 dev v1',
    'ip neigh get proxy 10.0.0.9 dev v1',
    'ip neigh show dev v1 nud reachable master br0',
    'ip neigh flush dev v1 nud stale',
    'ip -s ntable show name arp_cache',
    'ip ntable change name arp_cache thresh1 100 thresh2 200 thresh3 300 gc_int 30000',
  ],
  'forwarding tables': [
    'bridge fdb get 02:00:00:00:00:01 dev v0 master',
    'bridge fdb get 02:00:00:00:00:01 br br0',
    'bridge fdb add 02:00:00:00:00:09 dev v0 master dynamic vlan 9 extern_learn use',
    ['bridge fdb replace 02:00:00:00:00:08 dev v0 master static activity_notify inactive norefresh', { ip: '6.16' }],
    'bridge fdb del 02:00:00:00:00:09 dev v0 self local',
    'bridge -s fdb show br br0 brport v0',
    'bridge fdb flush dev br0 vlan 5 nopermanent sticky',
  ],
  'multicast databases': [
    'bridge -d -s mdb show dev br0',
    'bridge mdb del dev br0 port v0 grp 239.1.1.1 src 10.0.0.9 vid 5',
    ['bridge mdb replace dev br0 port v0 grp 239.1.1.1 filter_mode include source_list 10.0.0.8,10.0.0.9 proto zebra', { ip: '6.3' }],
    ['bridge mdb add dev br0 port v0 grp 239.1.1.1 dst 10.0.0.5 dst_port 4789 vni 7 src_vni 8 via v1', { ip: '6.4' }],
    ['bridge mdb get dev br0 grp 239.1.1.1 vid 5', { ip: '6.8' }],
    ['bridge mdb flush dev br0 port v0 vid 5 nopermanent proto static', { ip: '6.8' }],
  ],
  bridges: [
    'bridge -d link show dev v0',
    'bridge link set dev v0 cost 9 priority 5 state 3 guard on hairpin on fastleave on root_block on learning off flood off mcast_flood off bcast_flood off mcast_to_unicast on neigh_suppress on vlan_tunnel on isolated on locked on mab off mcast_router 2 backup_port v1',
    'bridge link set dev v0 hwmode vepa self',
    'bridge link set dev v0 nobackup_port',
    ['bridge link set dev v0 backup_nhid 7 neigh_vlan_suppress on mcast_max_groups 9', { ip: '6.6' }],
    'ip link set br0 type bridge mcast_router 2 mcast_querier 1 mcast_hash_max 512 mcast_igmp_version 3 mcast_mld_version 2 vlan_stats_enabled 1 vlan_protocol 802.1ad no_linklocal_learn 1 group_address 01:80:c2:00:00:05 fdb_flush',
    ['ip link set br0 type bridge fdb_max_learned 100', { ip: '6.7' }],
    ['ip link set br0 type bridge mst_enabled 1', { ip: '6.9' }],
    'bridge vlan add dev v0 vid 5-9 untagged master',
    'bridge vlan add dev br0 vid 5 self',
    'bridge vlan del dev v0 vid 7',
    'bridge vlan set dev v0 vid 5-9 state blocking mcast_router 2',
    ['bridge vlan set dev v0 vid 5 mcast_max_groups 9 neigh_suppress on', { ip: '6.3' }],
    'bridge vlan global set dev br0 vid 5-9 mcast_snooping 1 mcast_querier 1 mcast_igmp_version 3 mcast_mld_version 2 mcast_last_member_count 3 mcast_last_member_interval 110 mcast_startup_query_count 4 mcast_startup_query_interval 3200 mcast_membership_interval 26100 mcast_querier_interval 25600 mcast_query_interval 12600 mcast_query_response_interval 1100',
    ['bridge vlan global set dev br0 vid 5 msti 3', { ip: '6.9' }],
    'bridge vlan global show dev br0',
    'bridge -s vlan show',
    'bridge -d vlan show dev v0',
    'bridge vlan tunnelshow',
    ['bridge mst set dev v0 msti 3 state 2', { ip: '6.9' }],
    ['bridge mst show', { ip: '6.9' }],
    ['bridge -s vni show', { ip: '6.3' }],
  ],
  'address labels and ids of namespaces': [
    'ip addrlabel add prefix fd00::/8 dev v1 label 98',
    'ip addrlabel del prefix fd00::/8 dev v1 label 98',
    'ip addrlabel flush',
    'ip netns list-id target-nsid 5',
    'ip netns list-id nsid 5',
  ],
};

test('virtual functions: netloom says what ip says', async () => {
  const commands = [
    'ip link set v1 vf 0 mac 02:00:00:00:00:11 vlan 5 qos 3 proto 802.1ad',
    'ip link set v1 vf 1 max_tx_rate 100 min_tx_rate 50 spoofchk on query_rss off state enable trust on',
    'ip link set v1 vf 2 node_guid 00:11:22:33:44:55:66:77',
  ];
  const changes: readonly VirtualFunction[] = [
    { vf: 0, mac: '02:00:00:00:00:11', vlan: 5, qos: 3, vlanProtocol: '802.1ad' },
    { vf: 1, maxTxRate: 100, minTxRate: 50, spoofCheck: true, rssQuery: false, linkState: 'enable', trust: true },
    { vf: 2, nodeGuid: 0x0011_2233_4455_6677n },
  ];
  using rt = openSync({ netns: name });
  const functionsOf = (sent: readonly Sent[]): Buffer[] =>
    sent
      .flatMap(({ type, body }) => (type === RTM_NEWLINK ? attributesOf(body.subarray(16)) : undefined) ?? [])
      .flatMap((each) => (each.type === IFLA_VFINFO_LIST ? [each.payload] : []));
  for (const [i, command] of commands.entries()) {
    const [theirs] = functionsOf(capture([command], name, { mayFail: true }));
    const [ours] = functionsOf(await sentBy(() => rt.links.update('v1', { vfs: [changes[i]!] })));
    expect(theirs, command).toBeDefined();
    expect(sameBody(theirs!, ours!), command).toBeUndefined();
  }
});

for (const [group, cases] of Object.entries(groups))
  describe(group, () => {
    for (const each of cases) {
      const [command, ...features] = typeof each === 'string' ? [each] : each;
      needs(...features).test(command, () => {
        const sent = capture([command], name, { mayFail: true });
        // a line that the tool itself refuses asks for links at the most
        expect(sent.some(({ type }) => type !== RTM_GETLINK || /link show|token list|vlan|(vni|mst) show/.test(command))).toBe(true);
        for (const message of sent) expectWhole(message);
      });
    }
  });
