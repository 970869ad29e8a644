/** What qdiscs count that drop by chance: red, choke, sfb. Source: include/uapi/linux/pkt_sched.h (struct tc_red_xstats, tc_choke_xstats, tc_sfb_xstats). */
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { percentOf, told } from './told.ts';

const red_ = struct('tc_red_xstats', () => ({
  /** Packets dropped by chance. */
  early: fields.u32,
  /** Packets dropped since the queue was full. */
  pdrop: fields.u32,
  /** Packets dropped from without. */
  other: fields.u32,
  /** Packets marked in place of being dropped. */
  marked: fields.u32,
}));

/** Counters of red. */
export interface RedXstats extends Infer<typeof red_> {}
export const redXstats: Codec<RedXstats> = structCodec<RedXstats>(red_);

const choke_ = struct('tc_choke_xstats', () => ({
  /** Packets dropped by chance. */
  early: fields.u32,
  /** Packets dropped since the queue was full. */
  pdrop: fields.u32,
  /** Packets dropped from without. */
  other: fields.u32,
  /** Packets marked in place of being dropped. */
  marked: fields.u32,
  /** Packets dropped as one of the same flow was met in the queue, which is dropped as well. */
  matched: fields.u32,
}));

/** Counters of choke. */
export interface ChokeXstats extends Infer<typeof choke_> {}
export const chokeXstats: Codec<ChokeXstats> = structCodec<ChokeXstats>(choke_);

const sfb_ = struct('tc_sfb_xstats', () => ({
  earlydrop: fields.u32,
  penaltydrop: fields.u32,
  bucketdrop: fields.u32,
  queuedrop: fields.u32,
  childdrop: fields.u32,
  marked: fields.u32,
  maxqlen: fields.u32,
  maxprob: fields.u32,
  avgprob: fields.u32,
}));

/** Counters of sfb. */
export interface SfbXstats {
  /** Packets dropped by chance. */
  earlydrop: number;
  /** Packets dropped beyond the rate that unresponsive flows have. */
  penaltydrop: number;
  /** Packets dropped since a bucket was full. */
  bucketdrop: number;
  /** Packets dropped since the queue was full. */
  queuedrop: number;
  /** Packets that the qdisc below dropped. */
  childdrop: number;
  /** Packets marked in place of being dropped. */
  marked: number;
  /** Packets in the fullest bucket. */
  maxqlen: number;
  /** The highest chance of a bucket, percent. */
  maxprob: number;
  /** The chance of buckets on average, percent. */
  avgprob: number;
}

/** SFB_MAX_PROB. */
const certain = 0xffff;

export const sfbXstats: Codec<SfbXstats> = told(structCodec(sfb_), (wire) => ({
  ...wire,
  maxprob: percentOf(wire.maxprob, certain),
  avgprob: percentOf(wire.avgprob, certain),
}));
