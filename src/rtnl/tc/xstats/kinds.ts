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
  cake: CakeXstats;
  choke: ChokeXstats;
  codel: CodelXstats;
  dualpi2: Dualpi2Xstats;
  fq: FqXstats;
  fq_codel: FqCodelXstats;
  fq_pie: FqPieXstats;
  hhf: HhfXstats;
  pie: PieXstats;
  red: RedXstats;
  sfb: SfbXstats;
}

/** Counters by kind of the qdisc that a class belongs to. Of cake, fq_codel and sfq the kernel tells flows with packets as classes. */
export interface ClassCounters {
  cake: CakeXstats;
  drr: DrrClassXstats;
  fq_codel: FqCodelClassXstats;
  hfsc: HfscClassXstats;
  htb: HtbClassXstats;
  qfq: QfqClassXstats;
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
