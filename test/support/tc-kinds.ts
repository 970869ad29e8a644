/**
 * Kinds of traffic control as tc(8) and netloom say them: a command of the one and what is the same for the other. `reads` is what netloom reads where that is
 * said in another way than it was asked for.
 */
import type { QdiscSpec, TcAction, TrafficClassSpec, TrafficFilterSpec } from '../../src/rtnl/index.ts';

/** Of a union, what each member has without `K`. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface TcCase<S> {
  readonly command: string;
  readonly spec: S;
  readonly reads?: object;
}

export type QdiscCase = TcCase<Without<QdiscSpec, 'dev' | 'devIndex' | 'handle' | 'parent'>> & {
  /** A class of it. */
  readonly class?: TcCase<Without<TrafficClassSpec, 'dev' | 'devIndex' | 'handle' | 'parent'>>;
};
export type FilterCase = TcCase<Without<TrafficFilterSpec, 'dev' | 'devIndex' | 'parent' | 'priority'>>;
export type ActionCase = TcCase<TcAction>;

const mbit = 125_000;

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
];

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
];
