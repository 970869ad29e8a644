/** What classes count: of htb, hfsc, drr, qfq and sfq. Source: include/uapi/linux/pkt_sched.h (struct tc_htb_xstats and others). */
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const htb_ = struct('tc_htb_xstats', () => ({
  /** Packets sent by the rate of its own. */
  lends: fields.u32,
  /** Packets sent by the rate of the class above. */
  borrows: fields.u32,
  /** Without use: 0. */
  giants: fields.u32,
  /** What it may send at once by `rate`, as time in ticks (/proc/net/psched); negative: it owes. */
  tokens: fields.s32,
  /** The same by `ceil`. */
  ctokens: fields.s32,
}));

/** Counters of a class of htb. */
export interface HtbClassXstats extends Infer<typeof htb_> {}
export const htbClassXstats: Codec<HtbClassXstats> = structCodec<HtbClassXstats>(htb_);

const hfsc_ = struct('tc_hfsc_stats', () => ({
  /** Bytes sent. */
  work: fields.n64,
  /** Those of them that were by `realTime`. */
  rtwork: fields.n64,
  /** How often it began to send again. */
  period: fields.u32,
  /** 0: it has no classes below it. */
  level: fields.u32,
}));

/** Counters of a class of hfsc. */
export interface HfscClassXstats extends Infer<typeof hfsc_> {}
export const hfscClassXstats: Codec<HfscClassXstats> = structCodec<HfscClassXstats>(hfsc_);

const drr_ = struct('tc_drr_stats', () => ({
  /** Bytes that are left of its turn. */
  deficit: fields.u32,
}));

/** Counters of a class of drr. */
export interface DrrClassXstats extends Infer<typeof drr_> {}
export const drrClassXstats: Codec<DrrClassXstats> = structCodec<DrrClassXstats>(drr_);

const qfq_ = struct('tc_qfq_stats', () => ({
  /** Its share. */
  weight: fields.u32,
  /** Bytes of its largest packet. */
  lmax: fields.u32,
}));

/** What a class of qfq tells: the same as its options. */
export interface QfqClassXstats extends Infer<typeof qfq_> {}
export const qfqClassXstats: Codec<QfqClassXstats> = structCodec<QfqClassXstats>(qfq_);

const sfq_ = struct('tc_sfq_xstats', () => ({
  /** Bytes that are left of its turn. */
  allot: fields.s32,
}));

/** Counters of a flow of sfq, which is told as a class. */
export interface SfqClassXstats extends Infer<typeof sfq_> {}
export const sfqClassXstats: Codec<SfqClassXstats> = structCodec<SfqClassXstats>(sfq_);
