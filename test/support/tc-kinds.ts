/**
 * Kinds of traffic control as tc(8) and netloom say them: a command of the one and what is the same for the other. `reads` is what netloom reads where that is
 * said in another way than it was asked for.
 */

import type { QdiscSpec, TcAction, TrafficClassSpec, TrafficFilterSpec } from '../../src/rtnl/index.ts';
import type { Feature } from './kernel.ts';

/** Of a union, what each member has without `K`. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface TcCase<S> {
  readonly command: string;
  readonly spec: S;
  readonly reads?: object;
  /** What tc, or the kernel, must know besides the kind. */
  readonly needs?: readonly Feature[];
}

export type QdiscCase = TcCase<Without<QdiscSpec, 'dev' | 'devIndex' | 'handle' | 'parent'>> & {
  /** A class of it; `change`: the qdisc has made it, and it is changed. */
  readonly class?: TcCase<Without<TrafficClassSpec, 'dev' | 'devIndex' | 'handle' | 'parent'>> & { readonly change?: true };
};
export type FilterCase = TcCase<Without<TrafficFilterSpec, 'dev' | 'devIndex' | 'parent' | 'priority'>>;
export type ActionCase = TcCase<TcAction>;

const mbit = 125_000;
const queues = [
  { count: 2, offset: 0 },
  { count: 2, offset: 2 },
];

export const qdiscs: readonly QdiscCase[] = [
  {
    command: 'tbf rate 1mbit burst 10k latency 25ms',
    spec: { kind: 'tbf', options: { rate: mbit, burst: 10_240, latency: 25_000 } },
    reads: { rate: mbit, burst: 10_240, limit: 13_365 },
  },
  { command: 'pfifo limit 9', spec: { kind: 'pfifo', options: { limit: 9 } } },
  { command: 'bfifo limit 9000', spec: { kind: 'bfifo', options: { limit: 9000 } } },
  { command: 'pfifo_head_drop limit 9', spec: { kind: 'pfifo_head_drop', options: { limit: 9 } } },
  {
    command: 'htb default 20 r2q 5 direct_qlen 50',
    spec: { kind: 'htb', options: { default: 0x20, rate2quantum: 5, directQueueLength: 50 } },
    class: {
      command: 'rate 1mbit ceil 2mbit burst 15k prio 3',
      spec: { kind: 'htb', options: { rate: mbit, ceil: 2 * mbit, burst: 15_360, priority: 3 } },
    },
  },
  {
    command: 'fq_codel limit 1000 flows 256 target 4ms interval 80ms quantum 300 noecn ce_threshold 1ms memory_limit 1mb drop_batch 32',
    spec: {
      kind: 'fq_codel',
      options: {
        ...{ limit: 1000, flows: 256, target: 4000, interval: 80_000, quantum: 300, ecn: false, ceThreshold: 1000 },
        ...{ memoryLimit: 1 << 20, dropBatch: 32 },
      },
    },
  },
  {
    command: 'fq limit 5000 flow_limit 50 quantum 3000 maxrate 8mbit buckets 512 nopacing',
    spec: { kind: 'fq', options: { limit: 5000, flowLimit: 50, quantum: 3000, maxRate: 8 * mbit, bucketsLog: 9, pacing: false } },
  },
  {
    command: 'sfq quantum 3000 perturb 10 limit 100 divisor 512 flows 64 depth 20 headdrop',
    spec: { kind: 'sfq', options: { quantum: 3000, perturb: 10, limit: 100, divisor: 512, flows: 64, depth: 20, headDrop: true } },
  },
  { command: 'prio bands 4', spec: { kind: 'prio', options: { bands: 4 } } },
  {
    command: 'netem delay 10ms 2ms 25% loss 5% 10% duplicate 1% reorder 20% 50% corrupt 3% rate 1mbit limit 500',
    spec: {
      kind: 'netem',
      options: {
        ...{ delay: 10_000, jitter: 2000, delayCorrelation: 25, loss: 5, lossCorrelation: 10, duplicate: 1, reorder: 20 },
        ...{ reorderCorrelation: 50, corrupt: 3, rate: mbit, limit: 500 },
      },
    },
  },
  {
    command: 'codel limit 500 target 4ms interval 80ms ecn ce_threshold 1ms',
    spec: { kind: 'codel', options: { limit: 500, target: 4000, interval: 80_000, ecn: true, ceThreshold: 1000 } },
  },
  {
    command: 'pie limit 500 target 10ms tupdate 16ms alpha 3 beta 25 ecn bytemode',
    spec: { kind: 'pie', options: { limit: 500, target: 10_000, updateTime: 16_000, alpha: 3, beta: 25, ecn: true, byteMode: true } },
  },
  {
    command: 'fq_pie limit 5000 flows 512 target 10ms tupdate 16ms quantum 2000 ecn',
    spec: { kind: 'fq_pie', options: { limit: 5000, flows: 512, target: 10_000, updateTime: 16_000, quantum: 2000, ecn: true } },
  },
  {
    command: 'hhf limit 500 quantum 2000 hh_limit 100 reset_timeout 40ms admit_bytes 65536 evict_timeout 1s non_hh_weight 3',
    spec: {
      kind: 'hhf',
      options: {
        ...{ limit: 500, quantum: 2000, heavyFlows: 100, resetTimeout: 40_000, admitBytes: 65_536, evictTimeout: 1_000_000 },
        lightWeight: 3,
      },
    },
    // when it is created the kernel takes no number of heavy flows
    reads: {
      limit: 500,
      quantum: 2000,
      heavyFlows: 2048,
      resetTimeout: 40_000,
      admitBytes: 65_536,
      evictTimeout: 1_000_000,
      lightWeight: 3,
    },
  },
  {
    command: 'cake bandwidth 10mbit diffserv4 dual-srchost nat wash ack-filter rtt 50ms overhead 10 mpu 64 memlimit 2mb ptm fwmark 0xf',
    spec: {
      kind: 'cake',
      options: {
        ...{ rate: 10 * mbit, diffserv: 'diffserv4', flowMode: 'dual-srchost', nat: true, wash: true, ackFilter: 'on', rtt: 50_000 },
        ...{ target: 2500, overhead: 10, mpu: 64, memoryLimit: 2 << 20, cells: 'ptm', firewallMark: 0xf },
      },
    },
  },
  { command: 'cake unlimited besteffort', spec: { kind: 'cake', options: { rate: 0, diffserv: 'besteffort' } } },
  {
    command: 'hfsc default 1',
    spec: { kind: 'hfsc', options: { default: 1 } },
    class: {
      command: 'rt m2 500kbit ls m1 2mbit d 20ms m2 1mbit ul rate 4mbit',
      spec: {
        kind: 'hfsc',
        options: {
          realTime: { rate: mbit / 2 },
          linkShare: { firstRate: 2 * mbit, duration: 20_000, rate: mbit },
          upperLimit: { rate: 4 * mbit },
        },
      },
    },
  },
  {
    command: 'drr',
    spec: { kind: 'drr' },
    class: { command: 'quantum 2000', spec: { kind: 'drr', options: { quantum: 2000 } } },
  },
  {
    command: 'qfq',
    spec: { kind: 'qfq' },
    class: { command: 'weight 10 maxpkt 2048', spec: { kind: 'qfq', options: { weight: 10, largestPacket: 2048 } } },
  },
  {
    command: 'ets bands 4 strict 2 quanta 3000 2000 priomap 0 1 2 3',
    spec: { kind: 'ets', options: { bands: 4, strict: 2, quanta: [3000, 2000], priomap: [0, 1, 2, 3] } },
    reads: { bands: 4, strict: 2, quanta: [3000, 2000] },
  },
  { command: 'skbprio limit 32', spec: { kind: 'skbprio', options: { limit: 32 } } },
  { command: 'plug limit 32000', spec: { kind: 'plug', options: { limit: 32_000 } }, reads: {} },
  {
    command: 'cbs idleslope 98688 sendslope -901312 hicredit 153 locredit -1389',
    spec: { kind: 'cbs', options: { idleSlope: 98_688, sendSlope: -901_312, highCredit: 153, lowCredit: -1389 } },
  },
  { command: 'pfifo_fast', spec: { kind: 'pfifo_fast' }, reads: { bands: 3 } },
  {
    command: 'ets bands 2 quanta 3000 2000',
    spec: { kind: 'ets', options: { bands: 2, quanta: [3000, 2000] } },
    reads: { bands: 2, strict: 0 },
    class: { command: 'quantum 1000', spec: { kind: 'ets', options: { quantum: 1000 } }, change: true },
  },
  {
    command: 'red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn adaptive bandwidth 10Mbit probability 0.1',
    spec: {
      kind: 'red',
      options: { limit: 400_000, min: 30_000, max: 90_000, averagePacket: 1000, burst: 55, ecn: true, adaptive: true, probability: 10 },
    },
    reads: { limit: 400_000, min: 30_000, max: 90_000, ecn: true, adaptive: true, probability: 10, weightLog: 5, cellLog: 15 },
  },
  {
    command: 'red limit 60000 avpkt 1000 bandwidth 10Mbit harddrop ecn nodrop',
    spec: { kind: 'red', options: { limit: 60_000, averagePacket: 1000, harddrop: true, ecn: true, nodrop: true } },
    reads: { limit: 60_000, min: 5000, max: 15_000, harddrop: true, ecn: true, nodrop: true, probability: 2, weightLog: 3, cellLog: 13 },
  },
  {
    command: 'choke limit 200 min 20 max 60 avpkt 1000 burst 30 probability 0.05 bandwidth 10mbit ecn',
    spec: { kind: 'choke', options: { limit: 200, min: 20, max: 60, burst: 30, probability: 5, ecn: true } },
    reads: { limit: 200, min: 20, max: 60, probability: 5, ecn: true, weightLog: 4, cellLog: 14 },
  },
  {
    command: 'gred setup DPs 3 default 2 grio limit 60000',
    spec: { kind: 'gred', options: { queues: 3, default: 2, grio: true, limit: 60_000 } },
  },
  {
    command: 'sfb rehash 300000 db 30000 limit 500 max 20 target 10 increment 0.01 decrement 0.002 penalty_rate 20 penalty_burst 30',
    spec: {
      kind: 'sfb',
      options: {
        ...{ rehash: 300_000, db: 30_000, limit: 500, max: 20, target: 10, increment: 1, decrement: 0.2, penaltyRate: 20 },
        penaltyBurst: 30,
      },
    },
  },
  { command: 'multiq', spec: { kind: 'multiq' }, reads: { bands: 4, maxBands: 4 } },
  {
    command: 'etf delta 100000 clockid CLOCK_TAI deadline_mode',
    spec: { kind: 'etf', options: { delta: 100_000, clockId: 'TAI', deadlineMode: true } },
  },
  {
    command: 'mqprio num_tc 2 map 0 0 1 1 queues 2@0 2@2 hw 0',
    spec: { kind: 'mqprio', options: { trafficClasses: 2, map: [0, 0, 1, 1], queues, hw: 0 } },
    reads: { trafficClasses: 2, map: [0, 0, 1, 1, ...Array<number>(12).fill(0)], queues, hw: 0 },
  },
  {
    command:
      'taprio num_tc 2 map 0 1 queues 2@0 2@2 base-time 1000 max-sdu 200 300 sched-entry S 1 600000 sched-entry H 2 400000 clockid CLOCK_TAI',
    spec: {
      kind: 'taprio',
      options: {
        ...{ trafficClasses: 2, map: [0, 1], queues, baseTime: 1000n, maxSdu: [200, 300], clockId: 'TAI' },
        entries: [
          { command: 'set_gates', gateMask: 1, interval: 600_000 },
          { command: 'set_and_hold', gateMask: 2, interval: 400_000 },
        ],
      },
    },
    reads: { trafficClasses: 2, queues, baseTime: 1000n, cycleTime: 1_000_000, maxSdu: [200, 300], clockId: 'TAI' },
    needs: [{ ip: '6.2' }],
  },
  {
    command:
      'taprio num_tc 2 map 0 1 queues 2@0 2@2 base-time 1000 cycle-time 900000 cycle-time-extension 1000 sched-entry S 1 600000 flags 0x1 txtime-delay 200000 clockid CLOCK_TAI',
    spec: {
      kind: 'taprio',
      options: {
        ...{ trafficClasses: 2, map: [0, 1], queues, baseTime: 1000, cycleTime: 900_000, cycleTimeExtension: 1000 },
        ...{ flags: ['txtime_assist'], txtimeDelay: 200_000, clockId: 'TAI', entries: [{ gateMask: 1, interval: 600_000 }] },
      },
    },
    reads: {
      ...{ cycleTime: 900_000, cycleTimeExtension: 1000, flags: ['txtime_assist'], txtimeDelay: 200_000 },
      entries: [{ command: 'set_gates', gateMask: 1, interval: 600_000 }],
    },
  },
];

/** A program of classic BPF that takes every packet. */
const everything = [{ code: 6, jt: 0, jf: 0, k: 0xffffffff }];
const bytecode = '"1,6 0 0 4294967295"';

export const filters: readonly FilterCase[] = [
  {
    command: 'protocol ip flower ip_proto tcp src_ip 10.0.0.0/8 dst_port 80 classid 1:5',
    spec: { kind: 'flower', protocol: 'ip', options: { ipProto: 'tcp', src: '10.0.0.0/8', dport: 80, classId: '1:5' } },
  },
  { command: 'protocol all matchall classid 1:7', spec: { kind: 'matchall', protocol: 'all', options: { classId: '1:7' } } },
  {
    command: 'protocol ip u32 match ip dst 10.1.2.0/24 classid 1:8',
    spec: {
      kind: 'u32',
      protocol: 'ip',
      options: { classId: '1:8', selector: { matches: [{ at: 16, value: 0x0a010200, mask: 0xffffff00 }] } },
    },
  },
  {
    command: 'protocol ip handle 5/0xff fw classid 1:5',
    spec: { kind: 'fw', protocol: 'ip', handle: 5, options: { classId: '1:5', mask: 0xff } },
  },
  {
    command: `protocol all bpf bytecode ${bytecode} classid 1:6`,
    spec: { kind: 'bpf', protocol: 'all', options: { ops: everything, classId: '1:6' } },
  },
  { command: 'protocol all basic classid 1:9', spec: { kind: 'basic', protocol: 'all', options: { classId: '1:9' } } },
  {
    command: 'protocol ip handle 1 flow hash keys src,dst divisor 64 baseclass 1:1',
    spec: { kind: 'flow', protocol: 'ip', handle: 1, options: { keys: ['src', 'dst'], mode: 'hash', divisor: 64, baseClass: '1:1' } },
  },
  {
    command: 'protocol ip flower ip_proto tcp tcp_flags 0x2/0x12 ip_tos 0x10/0x1c ip_ttl 64 ip_flags nofrag dst_port 1000-2000 classid 1:5',
    spec: {
      kind: 'flower',
      protocol: 'ip',
      options: {
        ...{ ipProto: 'tcp', tcpFlags: { value: 2, mask: 0x12 }, ipTos: { value: 0x10, mask: 0x1c }, ipTtl: 64 },
        ...{ ipFlags: { fragment: false }, dport: '1000-2000', classId: '1:5' },
      },
    },
  },
  {
    command: 'protocol ip flower ip_proto icmp type 8 code 0 ct_state +trk-new ct_zone 5 ct_mark 0x1/0xff classid 1:5',
    spec: {
      kind: 'flower',
      protocol: 'ip',
      options: {
        ...{ ipProto: 'icmp', icmpType: 8, icmpCode: 0, ctState: { tracked: true, new: false }, ctZone: 5 },
        ...{ ctMark: { value: 1, mask: 0xff }, classId: '1:5' },
      },
    },
  },
  {
    command: 'protocol arp flower arp_op request arp_sip 10.0.0.0/8 arp_tip 10.0.0.1 arp_sha 02:00:00:00:00:01 classid 1:5',
    spec: {
      kind: 'flower',
      protocol: 'arp',
      options: { arpOperation: 1, arpSenderIp: '10.0.0.0/8', arpTargetIp: '10.0.0.1', arpSender: '02:00:00:00:00:01', classId: '1:5' },
    },
  },
  {
    command:
      'protocol 802.1ad flower dst_mac 02:00:00:00:00:00/ff:00:00:00:00:00 vlan_id 5 vlan_ethtype 802.1q cvlan_id 6 cvlan_prio 3 classid 1:5',
    spec: {
      kind: 'flower',
      protocol: '802.1ad',
      options: {
        ...{ ethDst: '02:00:00:00:00:00/ff:00:00:00:00:00', vlanId: 5, vlanEthType: '802.1q', cvlanId: 6, cvlanPriority: 3 },
        classId: '1:5',
      },
    },
  },
  {
    command: 'protocol mpls_uc flower mpls_label 100 mpls_tc 3 mpls_bos 1 mpls_ttl 64 classid 1:5',
    spec: {
      kind: 'flower',
      protocol: 'mpls_uc',
      options: { mplsLabel: 100, mplsTrafficClass: 3, mplsBottom: true, mplsTtl: 64, classId: '1:5' },
    },
  },
  {
    command:
      'protocol all flower enc_key_id 42 enc_src_ip 10.0.0.0/8 enc_dst_ip 10.0.0.1 enc_dst_port 4789 enc_tos 4 enc_ttl 64 classid 1:5',
    spec: {
      kind: 'flower',
      protocol: 'all',
      options: {
        ...{ encKeyId: 42, encSrc: '10.0.0.0/8', encDst: '10.0.0.1', encDport: 4789, encTos: 4, encTtl: 64, classId: '1:5' },
      },
    },
  },
  {
    command: 'protocol ip route from 4 to 5 classid 1:5',
    spec: { kind: 'route', protocol: 'ip', options: { from: 4, to: 5, classId: '1:5' } },
  },
  { command: 'protocol ip route to 5 classid 1:5', spec: { kind: 'route', protocol: 'ip', options: { to: 5, classId: '1:5' } } },
  { command: 'protocol ip route from 4 classid 1:5', spec: { kind: 'route', protocol: 'ip', options: { from: 4, classId: '1:5' } } },
  {
    command: 'protocol all handle 1: cgroup action drop',
    spec: { kind: 'cgroup', protocol: 'all', handle: 1, options: { actions: [{ kind: 'gact', options: { control: 'drop' } }] } },
    reads: { actions: [{ kind: 'gact', options: { control: 'drop' } }] },
  },
  {
    command:
      'protocol ip basic match "cmp(u16 at 3 layer 2 mask 0xff00 gt 20) and (meta(nf_mark mask 0xff gt 24) or not u32(u32 0x0a000001 0xffffffff at 12))" classid 1:5',
    spec: {
      kind: 'basic',
      protocol: 'ip',
      options: {
        ematches: [
          { kind: 'cmp', bits: 16, at: 3, layer: 'transport', mask: 0xff00, op: 'gt', value: 20 },
          {
            kind: 'container',
            matches: [
              { kind: 'meta', left: { id: 'nf_mark', mask: 0xff }, op: 'gt', right: 24, relation: 'or' },
              { kind: 'u32', value: 0x0a000001, at: 12, not: true },
            ],
          },
        ],
        classId: '1:5',
      },
    },
    reads: { classId: '1:5' },
  },
  {
    command: 'protocol all handle 2: cgroup match "meta(priority eq 5)" action ok',
    spec: {
      kind: 'cgroup',
      protocol: 'all',
      handle: 2,
      options: {
        ematches: [{ kind: 'meta', left: { id: 'priority' }, op: 'eq', right: 5 }],
        actions: [{ kind: 'gact', options: { control: 'pass' } }],
      },
    },
    reads: { ematches: [{ kind: 'meta', left: { id: 'priority' }, op: 'eq', right: 5 }] },
  },
  {
    command: 'protocol ip flower indev v9 ip_proto sctp src_port 5 dst_port 6 ip_flags nofirstfrag classid 1:5',
    spec: {
      kind: 'flower',
      protocol: 'ip',
      options: { indev: 'v9', ipProto: 'sctp', sport: 5, dport: 6, ipFlags: { firstFragment: false }, classId: '1:5' },
    },
  },
  {
    command: 'protocol ppp_ses flower pppoe_sid 1234 ppp_proto ip classid 1:5',
    spec: { kind: 'flower', protocol: 0x8864, options: { pppoeSession: 1234, pppProtocol: 0x21, classId: '1:5' } },
  },
  {
    command: 'protocol ip flower ip_proto l2tp l2tpv3_sid 1234 classid 1:5',
    spec: { kind: 'flower', protocol: 'ip', options: { ipProto: 115, l2tpv3Session: 1234, classId: '1:5' } },
    needs: [{ ip: '6.2' }],
  },
  {
    command: 'protocol ip flower ip_proto esp spi 0x1234 classid 1:5',
    spec: { kind: 'flower', protocol: 'ip', options: { ipProto: 'esp', spi: 0x1234, classId: '1:5' } },
    needs: [{ ip: '6.6' }, { kernel: { atLeast: '6.6', why: 'TCA_FLOWER_KEY_SPI' } }],
  },
  {
    command: 'protocol ipv6 flower ip_proto icmpv6 type 128 code 0 classid 1:5',
    spec: { kind: 'flower', protocol: 'ipv6', options: { ipProto: 'icmpv6', icmpType: 128, icmpCode: 0, classId: '1:5' } },
  },
  {
    command: 'protocol ipv6 flower src_ip fd00::/64 dst_ip fd00::1 ip_proto udp src_port 100-200 classid 1:5',
    spec: {
      kind: 'flower',
      protocol: 'ipv6',
      options: { src: 'fd00::/64', dst: 'fd00::1', ipProto: 'udp', sport: '100-200', classId: '1:5' },
    },
  },
  {
    command: 'protocol rarp flower arp_tha 02:00:00:00:00:01 classid 1:5',
    spec: { kind: 'flower', protocol: 0x8035, options: { arpTarget: '02:00:00:00:00:01', classId: '1:5' } },
  },
  {
    command: 'protocol 802.1q flower num_of_vlans 1 vlan_id 5 vlan_prio 3 classid 1:5',
    spec: { kind: 'flower', protocol: '802.1q', options: { vlanTags: 1, vlanId: 5, vlanPriority: 3, classId: '1:5' } },
  },
  {
    command: 'protocol all flower enc_src_ip fd00::1 enc_dst_ip fd00::/64 enc_key_id 5 classid 1:5',
    spec: { kind: 'flower', protocol: 'all', options: { encSrc: 'fd00::1', encDst: 'fd00::/64', encKeyId: 5, classId: '1:5' } },
  },
  {
    command: 'protocol all flower l2_miss 1 src_mac 02:00:00:00:00:01 classid 1:5',
    spec: { kind: 'flower', protocol: 'all', options: { l2Miss: true, ethSrc: '02:00:00:00:00:01', classId: '1:5' } },
    needs: [{ ip: '6.5' }, { kernel: { atLeast: '6.5', why: 'TCA_FLOWER_L2_MISS' } }],
  },
];

/** Each of them is that of a filter that everything matches. `v9` is a link. */
export const actions: readonly ActionCase[] = [
  { command: 'gact drop', spec: { kind: 'gact', options: { control: 'drop' } } },
  { command: 'mirred egress mirror dev v9', spec: { kind: 'mirred', options: { action: 'mirror', dev: 'v9' } } },
  { command: 'mirred ingress redirect dev v9', spec: { kind: 'mirred', options: { action: 'redirect', direction: 'ingress', dev: 'v9' } } },
  {
    command: 'police rate 1mbit burst 10k conform-exceed drop/pipe',
    spec: { kind: 'police', options: { rate: mbit, burst: 10_240, exceed: 'drop', conform: 'pipe' } },
  },
  {
    command: 'gact reclassify random determ drop 10',
    spec: { kind: 'gact', options: { control: 'reclassify', random: { type: 'deterministic', value: 10, control: 'drop' } } },
  },
  {
    command: 'skbedit priority 1:5 mark 7/0xff ptype host',
    spec: { kind: 'skbedit', options: { priority: 0x10005, mark: 7, markMask: 0xff, packetType: 'host' } },
  },
  { command: 'skbedit inheritdsfield', spec: { kind: 'skbedit', options: { inheritDsField: true } } },
  {
    command: 'vlan push id 100 protocol 802.1ad priority 3',
    spec: { kind: 'vlan', options: { action: 'push', id: 100, protocol: '802.1ad', priority: 3 } },
  },
  { command: 'vlan pop', spec: { kind: 'vlan', options: { action: 'pop' } } },
  {
    command: 'vlan push_eth dst_mac 02:00:00:00:00:01 src_mac 02:00:00:00:00:02',
    spec: { kind: 'vlan', options: { action: 'push_eth', ethDst: '02:00:00:00:00:01', ethSrc: '02:00:00:00:00:02' } },
  },
  { command: 'csum ip4h and tcp', spec: { kind: 'csum', options: { update: ['ip4h', 'tcp'] } } },
  { command: 'connmark zone 5', spec: { kind: 'connmark', options: { zone: 5 } } },
  {
    command: 'nat ingress 10.0.0.0/24 192.168.1.0',
    spec: { kind: 'nat', options: { direction: 'ingress', from: '10.0.0.0/24', to: '192.168.1.0' } },
  },
  { command: 'sample rate 100 group 5 trunc 64', spec: { kind: 'sample', options: { rate: 100, group: 5, truncate: 64 } } },
  { command: 'simple sdata hello', spec: { kind: 'simple', options: { data: 'hello' } } },
  {
    command: 'tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 42 dst_port 4789 nocsum ttl 64',
    spec: {
      kind: 'tunnel_key',
      options: { action: 'set', src: '10.0.0.1', dst: '10.0.0.2', id: 42, port: 4789, checksum: false, ttl: 64 },
    },
  },
  { command: 'tunnel_key unset', spec: { kind: 'tunnel_key', options: { action: 'unset' } } },
  { command: `bpf bytecode ${bytecode}`, spec: { kind: 'bpf', options: { ops: everything } } },
  {
    command: 'ct commit zone 5 mark 7 nat src addr 10.0.0.1 port 1000-2000',
    spec: {
      kind: 'ct',
      options: { commit: true, zone: 5, mark: 7, nat: { of: 'src', address: '10.0.0.1', port: 1000, lastPort: 2000 } },
    },
  },
  { command: 'ct clear', spec: { kind: 'ct', options: { clear: true } } },
  {
    command: 'mpls push protocol mpls_uc label 100 tc 3 ttl 64',
    spec: { kind: 'mpls', options: { action: 'push', protocol: 'mpls_uc', label: 100, trafficClass: 3, ttl: 64 } },
  },
  { command: 'mpls pop protocol ipv4', spec: { kind: 'mpls', options: { action: 'pop', protocol: 'ip' } } },
  {
    command: 'skbmod set dmac 02:00:00:00:00:01 etype 0x800',
    spec: { kind: 'skbmod', options: { ethDst: '02:00:00:00:00:01', ethType: 'ip' } },
  },
  { command: 'skbmod swap mac', spec: { kind: 'skbmod', options: { swap: true } } },
  {
    command: 'pedit ex munge ip ttl set 64 munge tcp dport set 80',
    spec: {
      kind: 'pedit',
      options: {
        keys: [
          { header: 'ip4', offset: 8, mask: 0xff000000, value: 0x40000000 },
          { header: 'tcp', offset: 0, mask: 0xffff, value: 80 },
        ],
      },
    },
  },
  { command: 'pedit munge offset 16 u32 set 0x0a000001', spec: { kind: 'pedit', options: { keys: [{ offset: 16, value: 0x0a000001 }] } } },
  {
    command: 'ctinfo dscp 0xfc000000 0x1000000 cpmark 0xffff zone 5',
    spec: { kind: 'ctinfo', options: { dscpMask: 0xfc000000, dscpStateMask: 0x1000000, markMask: 0xffff, zone: 5 } },
  },
  {
    command:
      'gate clockid CLOCK_TAI base-time 200000000000ns cycle-time 300000000 priority 3 sched-entry open 100000000ns 2 8000000b sched-entry close 200000000ns -1 -1',
    spec: {
      kind: 'gate',
      options: {
        ...{ priority: 3, clockId: 'TAI', baseTime: 200_000_000_000n, cycleTime: 300_000_000 },
        entries: [
          { open: true, interval: 100_000_000, internalPriority: 2, maxOctets: 8_000_000 },
          { open: false, interval: 200_000_000 },
        ],
      },
    },
  },
  {
    command: 'ife encode type 0xED3E allow mark dst 02:15:15:15:15:15',
    spec: { kind: 'ife', options: { action: 'encode', type: 0xed3e, mark: 'allow', dst: '02:15:15:15:15:15' } },
  },
  {
    command: 'ife encode use mark 17 use prio 3 use tcindex 7 src 02:15:15:15:15:16',
    spec: { kind: 'ife', options: { action: 'encode', mark: 17, priority: 3, tcindex: 7, src: '02:15:15:15:15:16' } },
  },
  { command: 'ife decode reclassify', spec: { kind: 'ife', options: { action: 'decode', control: 'reclassify' } } },
];
