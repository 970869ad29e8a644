/** What netloom sends for qdiscs, classes and filters, against what tc(8) sends for the same, byte for byte. The kernel need not know the kind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type QdiscSpec, type RtnlClient, type TrafficClassSpec, type TrafficFilterSpec } from '../../src/rtnl/index.ts';
import { capture, type Sent, sentBy } from '../support/capture.ts';
import { uniqueName } from '../support/names.ts';
import { sh } from '../support/oracle.ts';
import { sameBody } from '../support/wire.ts';

const name = uniqueName('ns');
let space: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  space = await netns.create(name);
  sh('ip link add v0 type veth peer name v1', { netns: name });
  rt = await open({ netns: name });
});
afterAll(async () => {
  rt.close();
  await space.delete();
  space.close();
});

/** Messages of traffic control: both programs look links up as well. */
const ofTc = ({ type }: Sent): boolean => type >= 36 && type <= 46;

async function compare(command: string, run: () => unknown, adapt = (body: Buffer): Buffer => body): Promise<void> {
  const theirs = capture([`tc ${command}`], name, { mayFail: true }).filter(ofTc);
  const ours = (await sentBy(run)).filter(ofTc);
  expect(theirs).toHaveLength(1);
  expect(ours).toHaveLength(1);
  expect(ours[0]!.type).toBe(theirs[0]!.type);
  // NLM_F_ACK, which netloom leaves to the last message of a datagram, and NLM_F_ECHO are no part of what is asked
  expect(ours[0]!.flags & ~0xc).toBe(theirs[0]!.flags & ~0xc);
  expect(sameBody(adapt(theirs[0]!.body), ours[0]!.body)).toBeUndefined();
}

/** tc(8) puts a nest for multiqueue, which has been a kind of its own since Linux 2.6.27, behind the options of prio. */
function withoutEmptyNest(body: Buffer): Buffer {
  const [at, struct] = [20 + 12, 20];
  expect(body.length).toBe(at + 4 + struct + 4);
  const shorter = Buffer.from(body.subarray(0, -4));
  shorter.writeUInt16LE(4 + struct, at);
  return shorter;
}

const mbit = 125_000;
const twice = [
  { count: 2, offset: 0 },
  { count: 2, offset: 2 },
];

describe('qdiscs', () => {
  test.each<[string, QdiscSpec]>([
    ['tbf rate 1mbit burst 10k latency 25ms', { kind: 'tbf', options: { rate: mbit, burst: 10240, latency: 25_000 } }],
    ['tbf rate 80gbit burst 5mb limit 9mb', { kind: 'tbf', options: { rate: 80_000 * mbit, burst: 5 << 20, limit: 9 << 20 } }],
    [
      'tbf rate 3mbit burst 7k limit 30k peakrate 4mbit mtu 1540 mpu 64 overhead 8 linklayer atm',
      {
        kind: 'tbf',
        options: { rate: 3 * mbit, burst: 7168, limit: 30720, peakRate: 4 * mbit, mtu: 1540, mpu: 64, overhead: 8, linkLayer: 'atm' },
      },
    ],
    ['htb', { kind: 'htb', options: {} }],
    ['htb default 20 r2q 5 direct_qlen 50', { kind: 'htb', options: { default: 0x20, rate2quantum: 5, directQueueLength: 50 } }],
    [
      'fq_codel limit 1000 flows 256 target 4ms interval 80ms quantum 300 noecn ce_threshold 1ms memory_limit 1mb drop_batch 32',
      {
        kind: 'fq_codel',
        options: {
          limit: 1000,
          flows: 256,
          target: 4000,
          interval: 80_000,
          quantum: 300,
          ecn: false,
          ceThreshold: 1000,
          memoryLimit: 1 << 20,
          dropBatch: 32,
        },
      },
    ],
    [
      'fq limit 5000 flow_limit 50 quantum 3000 maxrate 8mbit buckets 512 nopacing refill_delay 30ms',
      {
        kind: 'fq',
        options: {
          limit: 5000,
          flowLimit: 50,
          quantum: 3000,
          maxRate: 8 * mbit,
          bucketsLog: 9,
          pacing: false,
          refillDelay: 30_000,
        },
      },
    ],
    ['pfifo limit 10', { kind: 'pfifo', options: { limit: 10 } }],
    ['bfifo limit 10000', { kind: 'bfifo', options: { limit: 10_000 } }],
    [
      'sfq quantum 3000 perturb 10 limit 100 divisor 512 flows 64 depth 20 headdrop',
      {
        kind: 'sfq',
        options: { quantum: 3000, perturb: 10, limit: 100, divisor: 512, flows: 64, depth: 20, headDrop: true },
      },
    ],
    ['sfq perturb 5', { kind: 'sfq', options: { perturb: 5 } }],
    ['prio bands 4', { kind: 'prio', options: { bands: 4 } }],
    [
      'netem delay 10ms 2ms 25% loss 5% 10% duplicate 1% reorder 20% 50% corrupt 3% rate 1mbit limit 500',
      {
        kind: 'netem',
        options: {
          delay: 10_000,
          jitter: 2000,
          delayCorrelation: 25,
          loss: 5,
          lossCorrelation: 10,
          duplicate: 1,
          reorder: 20,
          reorderCorrelation: 50,
          corrupt: 3,
          rate: mbit,
          limit: 500,
        },
      },
    ],
    ['mq', { kind: 'mq' }],
    [
      'red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn adaptive bandwidth 20Mbit probability 0.1',
      {
        kind: 'red',
        options: {
          ...{ limit: 400_000, min: 30_000, max: 90_000, averagePacket: 1000, burst: 55, bandwidth: 20 * mbit, probability: 10 },
          ...{ ecn: true, adaptive: true },
        },
      },
    ],
    ['red limit 60000 avpkt 1000 bandwidth 10Mbit', { kind: 'red', options: { limit: 60_000, averagePacket: 1000 } }],
    [
      'choke limit 200 min 20 max 60 avpkt 1000 burst 30 probability 0.05 bandwidth 10mbit ecn',
      { kind: 'choke', options: { limit: 200, min: 20, max: 60, averagePacket: 1000, burst: 30, probability: 5, ecn: true } },
    ],
    ['choke limit 200 bandwidth 1gbit', { kind: 'choke', options: { limit: 200, bandwidth: 1000 * mbit } }],
    ['gred setup DPs 3 default 2 grio limit 60000', { kind: 'gred', options: { queues: 3, default: 2, grio: true, limit: 60_000 } }],
    [
      'gred limit 60000 min 15000 max 25000 burst 20 avpkt 1000 bandwidth 10Mbit DP 1 probability 0.02 prio 2 ecn harddrop',
      {
        kind: 'gred',
        options: {
          queue: {
            ...{ queue: 1, limit: 60_000, min: 15_000, max: 25_000, burst: 20, averagePacket: 1000, priority: 2, ecn: true },
            harddrop: true,
          },
        },
      },
    ],
    ['sfb', { kind: 'sfb', options: {} }],
    [
      'sfb rehash 300000 db 30000 limit 500 max 20 target 10 increment 0.01 decrement 0.002 penalty_rate 20 penalty_burst 30',
      {
        kind: 'sfb',
        options: {
          ...{ rehash: 300_000, db: 30_000, limit: 500, max: 20, target: 10, increment: 1, decrement: 0.2, penaltyRate: 20 },
          penaltyBurst: 30,
        },
      },
    ],
    ['multiq', { kind: 'multiq' }],
    [
      'etf delta 100000 clockid CLOCK_TAI deadline_mode skip_sock_check',
      { kind: 'etf', options: { delta: 100_000, clockId: 'TAI', deadlineMode: true, skipSocketCheck: true } },
    ],
    [
      'mqprio num_tc 2 map 0 0 1 1 queues 2@0 2@2 hw 0',
      { kind: 'mqprio', options: { trafficClasses: 2, map: [0, 0, 1, 1], queues: twice, hw: 0 } },
    ],
    [
      'mqprio num_tc 2 map 0 0 1 1 queues 2@0 2@2 hw 1 mode channel shaper bw_rlimit min_rate 1gbit 2gbit max_rate 4gbit 50gbit',
      {
        kind: 'mqprio',
        options: {
          ...{ trafficClasses: 2, map: [0, 0, 1, 1], queues: twice, mode: 'channel', shaper: 'bw_rlimit' },
          ...{ minRate: [1000 * mbit, 2000 * mbit], maxRate: [4000 * mbit, 50_000 * mbit] },
        },
      },
    ],
    [
      'taprio num_tc 2 map 0 1 queues 2@0 2@2 base-time 1700000000000000001 cycle-time 900000 cycle-time-extension 1000 sched-entry S 1 600000 sched-entry S 2 400000 flags 0x1 txtime-delay 200000 clockid CLOCK_TAI',
      {
        kind: 'taprio',
        options: {
          ...{ trafficClasses: 2, map: [0, 1], queues: twice, baseTime: 1_700_000_000_000_000_001n, cycleTime: 900_000 },
          ...{ cycleTimeExtension: 1000, flags: ['txtime_assist'], txtimeDelay: 200_000, clockId: 'TAI' },
          entries: [
            { gateMask: 1, interval: 600_000 },
            { command: 'set_gates', gateMask: 2, interval: 400_000 },
          ],
        },
      },
    ],
    ['noqueue', { kind: 'noqueue' }],
  ])('%s', async (command, spec) => {
    await compare(
      `qdisc replace dev v0 root handle 7: ${command}`,
      () => rt.qdiscs.replace({ dev: 'v0', handle: '7:', ...spec } as QdiscSpec),
      spec.kind === 'prio' ? withoutEmptyNest : undefined,
    );
  });

  test.each<[string, () => unknown]>([
    ['qdisc add dev v1 clsact', () => rt.qdiscs.create({ dev: 'v1', kind: 'clsact' })],
    ['qdisc add dev v1 ingress', () => rt.qdiscs.create({ dev: 'v1', kind: 'ingress' })],
    ['qdisc change dev v0 root pfifo limit 5', () => rt.qdiscs.update({ dev: 'v0', kind: 'pfifo', options: { limit: 5 } })],
    [
      'qdisc add dev v0 parent 1:10 bfifo limit 9',
      () => rt.qdiscs.create({ dev: 'v0', parent: '1:10', kind: 'bfifo', options: { limit: 9 } }),
    ],
    ['qdisc del dev v0 root', () => rt.qdiscs.delete({ dev: 'v0' })],
  ])('%s', compare);
});

describe('classes', () => {
  test.each<[string, TrafficClassSpec]>([
    ['rate 1mbit', { kind: 'htb', parent: '1:', handle: '1:a', options: { rate: mbit } }],
    [
      'rate 1mbit ceil 50gbit burst 15k cburst 2mb prio 3 quantum 1600 mtu 9000',
      {
        kind: 'htb',
        parent: '1:',
        handle: '1:a',
        options: { rate: mbit, ceil: 50_000 * mbit, burst: 15_360, ceilBurst: 2 << 20, priority: 3, quantum: 1600, mtu: 9000 },
      },
    ],
  ])('%s', async (command, spec) => {
    await compare(`class add dev v0 parent 1: classid 1:a htb ${command}`, () =>
      rt.trafficClasses.create({ dev: 'v0', ...spec } as TrafficClassSpec),
    );
  });

  test('class del', async () => {
    await compare('class del dev v0 classid 1:a', () => rt.trafficClasses.delete({ dev: 'v0', handle: '1:a' }));
  });
});

describe('filters', () => {
  test.each<[string, string, TrafficFilterSpec]>([
    [
      'ingress protocol all prio 1',
      'u32 match u32 0 0 action mirred egress redirect dev v1',
      {
        parent: 'ingress',
        priority: 1,
        kind: 'u32',
        options: {
          selector: { matches: [{ value: 0, mask: 0 }] },
          actions: [{ kind: 'mirred', options: { action: 'redirect', dev: 'v1' } }],
        },
      },
    ],
    [
      'parent 1: protocol ip prio 7',
      'u32 match ip dst 10.1.2.0/24 match ip protocol 6 0xff flowid 1:10',
      {
        parent: '1:',
        protocol: 'ip',
        priority: 7,
        kind: 'u32',
        options: {
          classId: '1:10',
          selector: {
            matches: [
              { at: 16, value: 0x0a010200, mask: 0xffffff00 },
              { at: 8, value: 0x00060000, mask: 0x00ff0000 },
            ],
          },
        },
      },
    ],
    [
      'egress protocol all prio 2',
      'matchall action mirred ingress mirror dev v1 action gact drop',
      {
        parent: 'egress',
        priority: 2,
        kind: 'matchall',
        options: {
          actions: [
            { kind: 'mirred', options: { action: 'mirror', direction: 'ingress', dev: 'v1' } },
            { kind: 'gact', options: { control: 'drop' } },
          ],
        },
      },
    ],
    [
      'ingress protocol all prio 3',
      'matchall action police rate 10mbit burst 20k mtu 1500 conform-exceed drop/pipe',
      {
        parent: 'ingress',
        priority: 3,
        kind: 'matchall',
        options: {
          actions: [{ kind: 'police', options: { rate: 10 * mbit, burst: 20_480, mtu: 1500, exceed: 'drop', conform: 'pipe' } }],
        },
      },
    ],
    [
      'ingress protocol ip prio 4',
      'flower ip_proto tcp src_ip 10.0.0.0/8 dst_ip 10.1.2.3 src_port 1234 dst_port 80 action drop',
      {
        parent: 'ingress',
        protocol: 'ip',
        priority: 4,
        kind: 'flower',
        options: {
          ipProto: 'tcp',
          src: '10.0.0.0/8',
          dst: '10.1.2.3',
          sport: 1234,
          dport: 80,
          flags: [],
          actions: [{ kind: 'gact', options: { control: 'drop' } }],
        },
      },
    ],
    [
      'ingress protocol ipv6 prio 5',
      'flower skip_hw dst_mac 02:00:00:00:00:01 ip_proto udp dst_ip fd00::/64 dst_port 53 classid 1:5',
      {
        parent: 'ingress',
        protocol: 'ipv6',
        priority: 5,
        kind: 'flower',
        options: { ethDst: '02:00:00:00:00:01', ipProto: 'udp', dst: 'fd00::/64', dport: 53, flags: ['skip_hw'], classId: '1:5' },
      },
    ],
    [
      'ingress protocol all prio 6',
      'matchall action gact drop hw_stats immediate',
      {
        parent: 'ingress',
        priority: 6,
        kind: 'matchall',
        options: { actions: [{ kind: 'gact', options: { control: 'drop' }, hwStats: { immediate: true } }] },
      },
    ],
    [
      'ingress protocol ip prio 7',
      'route from 4 to 5 classid 1:5',
      { parent: 'ingress', protocol: 'ip', priority: 7, kind: 'route', options: { from: 4, to: 5, classId: '1:5' } },
    ],
    [
      'ingress protocol all prio 8',
      'matchall action gate clockid CLOCK_TAI base-time 200000000000ns cycle-time 300000000 priority 3 sched-entry open 100000000ns 2 8000000b sched-entry close 200000000ns -1 -1',
      {
        parent: 'ingress',
        priority: 8,
        kind: 'matchall',
        options: {
          actions: [
            {
              kind: 'gate',
              options: {
                ...{ priority: 3, clockId: 'TAI', baseTime: 200_000_000_000, cycleTime: 300_000_000 },
                entries: [
                  { open: true, interval: 100_000_000, internalPriority: 2, maxOctets: 8_000_000 },
                  { open: false, interval: 200_000_000 },
                ],
              },
            },
          ],
        },
      },
    ],
    [
      'ingress protocol all prio 9',
      'matchall action ife encode use mark 17 use prio 3 use tcindex 7 dst 02:15:15:15:15:15 src 02:15:15:15:15:16',
      {
        parent: 'ingress',
        priority: 9,
        kind: 'matchall',
        options: {
          actions: [
            {
              kind: 'ife',
              options: {
                ...{ action: 'encode', mark: 17, priority: 3, tcindex: 7, dst: '02:15:15:15:15:15', src: '02:15:15:15:15:16' },
              },
            },
          ],
        },
      },
    ],
  ])('%s %s', async (where, what, spec) => {
    await compare(`filter add dev v0 ${where} ${what}`, () => rt.trafficFilters.create({ dev: 'v0', ...spec } as TrafficFilterSpec));
  });

  test.each<[string, () => unknown]>([
    ['filter del dev v0 ingress', () => rt.trafficFilters.delete({ dev: 'v0', parent: 'ingress' })],
    [
      'filter del dev v0 ingress protocol ip prio 7 u32',
      () => rt.trafficFilters.delete({ dev: 'v0', parent: 'ingress', priority: 7, protocol: 'ip', kind: 'u32' }),
    ],
  ])('%s', compare);
});

test('whether a filter is in hardware is told and not asked for: what a list returns is accepted', async () => {
  const spec = (flags: ('skip_hw' | 'in_hw' | 'not_in_hw')[]): TrafficFilterSpec => ({
    ...{ dev: 'v0', parent: 'ingress', protocol: 'ip', priority: 9, kind: 'flower', options: { ipProto: 'tcp', flags } },
  });
  const of = async (flags: ('skip_hw' | 'in_hw' | 'not_in_hw')[]): Promise<string | undefined> =>
    (await sentBy(() => rt.trafficFilters.create(spec(flags)))).find(ofTc)?.body.toString('hex');
  const plain = await of(['skip_hw']);
  expect(plain).toBeDefined();
  expect(await of(['skip_hw', 'not_in_hw'])).toBe(plain);
  expect(await of(['in_hw', 'skip_hw'])).toBe(plain);
});
