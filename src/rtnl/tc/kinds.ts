/** The kinds of qdiscs, classes and filters that netloom has schemas for, one file each in kind/. */
import type { Codec } from '../../netlink/codec.ts';
import { type FifoOptions, fifo, type PrioOptions, prio } from './kind/fifo.ts';
import { type FlowerOptions, flower } from './kind/flower.ts';
import { type FqOptions, fq } from './kind/fq.ts';
import { type FqCodelOptions, fqCodel } from './kind/fq-codel.ts';
import { type HtbClassOptions, type HtbOptions, htb, htbClass } from './kind/htb.ts';
import { type MatchallOptions, matchall } from './kind/matchall.ts';
import { type NetemOptions, netem } from './kind/netem.ts';
import { type SfqOptions, sfq } from './kind/sfq.ts';
import { type TbfOptions, tbf } from './kind/tbf.ts';
import { type U32Options, u32Filter } from './kind/u32.ts';
import type { KindTable } from './options.ts';

/** Options by kind of qdisc. Those without any, such as `clsact`, `ingress`, `noqueue` and `mq`, need no schema. */
export interface QdiscKinds {
  /** First in, first out; limited in bytes: tc-bfifo(8). */
  bfifo: FifoOptions;
  /** Flows in turn, paced: tc-fq(8). */
  fq: FqOptions;
  /** Flows in turn, with controlled delay: tc-fq_codel(8). */
  fq_codel: FqCodelOptions;
  /** A hierarchy of rates: tc-htb(8). */
  htb: HtbOptions;
  /** Delay, loss and other ills of networks: tc-netem(8). */
  netem: NetemOptions;
  /** First in, first out; limited in packets: tc-pfifo(8). */
  pfifo: FifoOptions;
  /** As `pfifo`; the oldest packet goes when it is full. */
  pfifo_head_drop: FifoOptions;
  /** Bands, one before the other: tc-prio(8). */
  prio: PrioOptions;
  /** Flows in turn: tc-sfq(8). */
  sfq: SfqOptions;
  /** One rate: tc-tbf(8). */
  tbf: TbfOptions;
}

/** Options by kind of the qdisc that a class belongs to. */
export interface ClassKinds {
  /** A rate within a hierarchy: tc-htb(8). */
  htb: HtbClassOptions;
}

/** Options by kind of filter. */
export interface FilterKinds {
  /** By what flows are like: tc-flower(8). */
  flower: FlowerOptions;
  /** All packets: tc-matchall(8). */
  matchall: MatchallOptions;
  /** By any bits of packets: tc-u32(8). */
  u32: U32Options;
}

type Table<K> = { readonly [P in keyof K]: Codec<K[P]> };

export const qdiscKinds: KindTable = {
  bfifo: fifo,
  fq,
  fq_codel: fqCodel,
  htb,
  netem,
  pfifo: fifo,
  pfifo_head_drop: fifo,
  prio,
  sfq,
  tbf,
} satisfies Table<QdiscKinds>;

export const classKinds: KindTable = { htb: htbClass } satisfies Table<ClassKinds>;
export const filterKinds: KindTable = { flower, matchall, u32: u32Filter } satisfies Table<FilterKinds>;
