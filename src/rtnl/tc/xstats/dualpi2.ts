/** What dualpi2 counts. Source: include/uapi/linux/pkt_sched.h (struct tc_dualpi2_xstats), Linux 6.17. */
import type { Codec } from '../../../netlink/codec.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { percentOf, told } from './told.ts';

const dualpi2_ = struct('tc_dualpi2_xstats', () => ({
  prob: fields.u32,
  delayC: fields.u32,
  delayL: fields.u32,
  packetsInC: fields.u32,
  packetsInL: fields.u32,
  maxq: fields.u32,
  ecnMark: fields.u32,
  stepMark: fields.u32,
  credit: fields.s32,
  memoryUsed: fields.u32,
  maxMemoryUsed: fields.u32,
  memoryLimit: fields.u32,
}));

/** Counters of dualpi2: of its queue for the others, C, and of that for packets of low latency, L. */
export interface Dualpi2Xstats {
  /** The chance that all goes by, percent. */
  prob: number;
  /** Microseconds that packets wait in C. */
  delayC: number;
  /** Microseconds that packets wait in L. */
  delayL: number;
  /** Packets that came to C. */
  packetsInC: number;
  /** Packets that came to L. */
  packetsInL: number;
  /** Most packets that waited at once. */
  maxq: number;
  /** Packets that were marked. */
  ecnMark: number;
  /** Those of them that were as they had waited in L for too long. */
  stepMark: number;
  /** What is left of the turn: above 0 it is L's. */
  credit: number;
  /** Bytes of memory that packets take. */
  memoryUsed: number;
  /** Most bytes that they took at once. */
  maxMemoryUsed: number;
  /** Bytes that they may take. */
  memoryLimit: number;
}

/** MAX_PROB of sch_dualpi2.c. */
const always = 0xffffffff;

export const dualpi2Xstats: Codec<Dualpi2Xstats> = told(structCodec(dualpi2_), (wire) => ({
  ...wire,
  prob: percentOf(wire.prob, always),
}));
