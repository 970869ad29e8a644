/** The kinds of qdiscs, classes and filters that netloom has schemas for, one file each in kind/. */
import type { Codec } from '../../netlink/codec.ts';
import { type BasicOptions, basic, type CgroupOptions, cgroup } from './kind/basic.ts';
import { type BpfFilterOptions, bpfFilter } from './kind/bpf.ts';
import { type CakeOptions, cake } from './kind/cake.ts';
import { type CbsOptions, cbs } from './kind/cbs.ts';
import { type ChokeOptions, choke } from './kind/choke.ts';
import { type CodelOptions, codel } from './kind/codel.ts';
import { type Dualpi2Options, dualpi2 } from './kind/dualpi2.ts';
import { type EtfOptions, etf } from './kind/etf.ts';
import { type FifoOptions, fifo, type PrioOptions, prio } from './kind/fifo.ts';
import { type FlowOptions, flow } from './kind/flow.ts';
import { type FlowerOptions, flower } from './kind/flower.ts';
import { type FqOptions, fq } from './kind/fq.ts';
import { type FqCodelOptions, fqCodel } from './kind/fq-codel.ts';
import { type FwOptions, fw } from './kind/fw.ts';
import { type GredOptions, gred } from './kind/gred.ts';
import { type HfscClassOptions, type HfscOptions, hfsc, hfscClass } from './kind/hfsc.ts';
import { type HhfOptions, hhf } from './kind/hhf.ts';
import { type HtbClassOptions, type HtbOptions, htb, htbClass } from './kind/htb.ts';
import { type MatchallOptions, matchall } from './kind/matchall.ts';
import { type MqprioOptions, mqprio } from './kind/mqprio.ts';
import { type MultiqOptions, multiq } from './kind/multiq.ts';
import { type NetemOptions, netem } from './kind/netem.ts';
import { type FqPieOptions, fqPie, type PieOptions, pie } from './kind/pie.ts';
import { type PlugOptions, plug } from './kind/plug.ts';
import { type RedOptions, red } from './kind/red.ts';
import {
  type DrrClassOptions,
  drrClass,
  type EtsClassOptions,
  type EtsOptions,
  ets,
  etsClass,
  type QfqClassOptions,
  qfqClass,
} from './kind/rounds.ts';
import { type RouteFilterOptions, route } from './kind/route.ts';
import { type SfbOptions, sfb } from './kind/sfb.ts';
import { type SfqOptions, sfq } from './kind/sfq.ts';
import { type SkbprioOptions, skbprio } from './kind/skbprio.ts';
import { type TaprioOptions, taprio } from './kind/taprio.ts';
import { type TbfOptions, tbf } from './kind/tbf.ts';
import { type U32Options, u32Filter } from './kind/u32.ts';
import type { KindTable } from './options.ts';

/** Options by kind of qdisc. Those without any, such as `clsact`, `ingress`, `noqueue`, `mq`, `drr` and `qfq`, need no schema. */
export interface QdiscKinds {
  /** First in, first out; limited in bytes: tc-bfifo(8). */
  bfifo: FifoOptions;
  /** A shaper with fair queues: tc-cake(8). */
  cake: CakeOptions;
  /** A shaper by credit: tc-cbs(8). */
  cbs: CbsOptions;
  /** Drops by chance that meet flows which send much: tc-choke(8). */
  choke: ChokeOptions;
  /** One queue with controlled delay: tc-codel(8). */
  codel: CodelOptions;
  /** Two queues, one of low latency: RFC 9332. Linux 6.17. */
  dualpi2: Dualpi2Options;
  /** Packets that leave at the time that their socket says: tc-etf(8). */
  etf: EtfOptions;
  /** Bands, in order or in turns: tc-ets(8). */
  ets: EtsOptions;
  /** Flows in turn, paced: tc-fq(8). */
  fq: FqOptions;
  /** Flows in turn, with controlled delay: tc-fq_codel(8). */
  fq_codel: FqCodelOptions;
  /** Flows in turn, with drops by chance that keep a delay: tc-fq_pie(8). */
  fq_pie: FqPieOptions;
  /** Drops by chance in virtual queues. */
  gred: GredOptions;
  /** Classes by curves of service: tc-hfsc(8). */
  hfsc: HfscOptions;
  /** Flows that send much behind the others: tc-hhf(8). */
  hhf: HhfOptions;
  /** A hierarchy of rates: tc-htb(8). */
  htb: HtbOptions;
  /** Queues of the link by priority: tc-mqprio(8). */
  mqprio: MqprioOptions;
  /** A band for each queue of the link. */
  multiq: MultiqOptions;
  /** Delay, loss and other ills of networks: tc-netem(8). */
  netem: NetemOptions;
  /** First in, first out; limited in packets: tc-pfifo(8). */
  pfifo: FifoOptions;
  /** The kernel's own: options are only told. */
  pfifo_fast: PrioOptions;
  /** As `pfifo`; the oldest packet goes when it is full. */
  pfifo_head_drop: FifoOptions;
  /** One queue with drops by chance that keep a delay: tc-pie(8). */
  pie: PieOptions;
  /** A queue that is stopped up and let go. */
  plug: PlugOptions;
  /** Bands, one before the other: tc-prio(8). */
  prio: PrioOptions;
  /** Drops by chance before the queue is full: tc-red(8). */
  red: RedOptions;
  /** Flows that do not heed drops, held back: tc-sfb(8). */
  sfb: SfbOptions;
  /** Flows in turn: tc-sfq(8). */
  sfq: SfqOptions;
  /** Packets by priority: tc-skbprio(8). */
  skbprio: SkbprioOptions;
  /** Gates of traffic classes that open by a schedule: tc-taprio(8). */
  taprio: TaprioOptions;
  /** One rate: tc-tbf(8). */
  tbf: TbfOptions;
}

/** Options by kind of the qdisc that a class belongs to. */
export interface ClassKinds {
  /** Its turn among others: tc-drr(8). */
  drr: DrrClassOptions;
  /** A band of ets. */
  ets: EtsClassOptions;
  /** Curves of service: tc-hfsc(8). */
  hfsc: HfscClassOptions;
  /** A rate within a hierarchy: tc-htb(8). */
  htb: HtbClassOptions;
  /** Its share among others: tc-qfq(8). */
  qfq: QfqClassOptions;
}

/** Options by kind of filter. */
export interface FilterKinds {
  /** By an expression: tc-basic(8). */
  basic: BasicOptions;
  /** By a BPF program: tc-bpf(8). */
  bpf: BpfFilterOptions;
  /** By the cgroup of who sends: tc-cgroup(8). */
  cgroup: CgroupOptions;
  /** By a class that is reckoned: tc-flow(8). */
  flow: FlowOptions;
  /** By what flows are like: tc-flower(8). */
  flower: FlowerOptions;
  /** By the mark: tc-fw(8). */
  fw: FwOptions;
  /** All packets: tc-matchall(8). */
  matchall: MatchallOptions;
  /** By the realms of routes: tc-route(8). */
  route: RouteFilterOptions;
  /** By any bits of packets: tc-u32(8). */
  u32: U32Options;
}

type Table<K> = { readonly [P in keyof K]: Codec<K[P]> };

export const qdiscKinds: KindTable = {
  bfifo: fifo,
  cake,
  cbs,
  choke,
  codel,
  dualpi2,
  etf,
  ets,
  fq,
  fq_codel: fqCodel,
  fq_pie: fqPie,
  gred,
  hfsc,
  hhf,
  htb,
  mqprio,
  multiq,
  netem,
  pfifo: fifo,
  pfifo_fast: prio,
  pfifo_head_drop: fifo,
  pie,
  plug,
  prio,
  red,
  sfb,
  sfq,
  skbprio,
  taprio,
  tbf,
} satisfies Table<QdiscKinds>;

export const classKinds: KindTable = {
  drr: drrClass,
  ets: etsClass,
  hfsc: hfscClass,
  htb: htbClass,
  qfq: qfqClass,
} satisfies Table<ClassKinds>;

export const filterKinds: KindTable = {
  basic,
  bpf: bpfFilter,
  cgroup,
  flow,
  flower,
  fw,
  matchall,
  route,
  u32: u32Filter,
} satisfies Table<FilterKinds>;
