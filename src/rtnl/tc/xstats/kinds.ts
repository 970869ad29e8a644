/** What kinds of qdiscs and classes count besides what all do, as `tc -s` shows it. */
import type { Codec } from '../../../netlink/codec.ts';
import type { KindTable } from '../options.ts';
import { type CakeXstats, cakeXstats } from './cake.ts';
import {
  type DrrClassXstats,
  drrClassXstats,
  type HfscClassXstats,
  type HtbClassXstats,
  hfscClassXstats,
  htbClassXstats,
  type QfqClassXstats,
  qfqClassXstats,
  type SfqClassXstats,
  sfqClassXstats,
} from './classes.ts';
import { type CodelXstats, codelXstats, type FqCodelClassXstats, type FqCodelXstats, fqCodelClassXstats, fqCodelXstats } from './codel.ts';
import { type Dualpi2Xstats, dualpi2Xstats } from './dualpi2.ts';
import { type FqXstats, fqXstats } from './fq.ts';
import { type HhfXstats, hhfXstats } from './hhf.ts';
import { type FqPieXstats, fqPieXstats, type PieXstats, pieXstats } from './pie.ts';
import { type ChokeXstats, chokeXstats, type RedXstats, redXstats, type SfbXstats, sfbXstats } from './red.ts';

/** Counters by kind of qdisc. */
export interface QdiscCounters {
  /** By tin: tc-cake(8). */
  cake: CakeXstats;
  /** Drops and marks: tc-choke(8). */
  choke: ChokeXstats;
  /** Drops, marks and delay: tc-codel(8). */
  codel: CodelXstats;
  /** Of its two queues. */
  dualpi2: Dualpi2Xstats;
  /** Flows, and what became of their packets: tc-fq(8). */
  fq: FqXstats;
  /** Drops, marks and flows: tc-fq_codel(8). */
  fq_codel: FqCodelXstats;
  /** Drops, marks and flows: tc-fq_pie(8). */
  fq_pie: FqPieXstats;
  /** Drops and heavy flows: tc-hhf(8). */
  hhf: HhfXstats;
  /** Drops, marks and the chance of them: tc-pie(8). */
  pie: PieXstats;
  /** Drops and marks: tc-red(8). */
  red: RedXstats;
  /** Drops and marks, and the chance of them: tc-sfb(8). */
  sfb: SfbXstats;
}

/** Counters by kind of the qdisc that a class belongs to. Of cake, fq_codel and sfq the kernel tells flows with packets as classes. */
export interface ClassCounters {
  /** Of a flow. */
  cake: CakeXstats;
  /** What is left of its turn. */
  drr: DrrClassXstats;
  /** Of a flow. */
  fq_codel: FqCodelClassXstats;
  /** What it sent, and by which curve. */
  hfsc: HfscClassXstats;
  /** What it sent by its own rate and by that of others. */
  htb: HtbClassXstats;
  /** Its share. */
  qfq: QfqClassXstats;
  /** Of a flow. */
  sfq: SfqClassXstats;
}

type Table<K> = { readonly [P in keyof K]: Codec<K[P]> };

export const qdiscCounters: KindTable = {
  cake: cakeXstats,
  choke: chokeXstats,
  codel: codelXstats,
  dualpi2: dualpi2Xstats,
  fq: fqXstats,
  fq_codel: fqCodelXstats,
  fq_pie: fqPieXstats,
  hhf: hhfXstats,
  pie: pieXstats,
  red: redXstats,
  sfb: sfbXstats,
} satisfies Table<QdiscCounters>;

export const classCounters: KindTable = {
  cake: cakeXstats,
  drr: drrClassXstats,
  fq_codel: fqCodelClassXstats,
  hfsc: hfscClassXstats,
  htb: htbClassXstats,
  qfq: qfqClassXstats,
  sfq: sfqClassXstats,
} satisfies Table<ClassCounters>;

/** Filters have none: what they count is within their options. */
export const noCounters: KindTable = {};
