/** What qdiscs count that keep a delay by codel, alone and for each flow. Source: include/uapi/linux/pkt_sched.h (struct tc_codel_xstats, tc_fq_codel_xstats). */
import { type Codec, codec, type Infer } from '../../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../../netlink/errors.ts';
import { u32 } from '../../../netlink/scalar.ts';
import { fields, growingStructCodec, struct } from '../../../netlink/struct.ts';
import { told } from './told.ts';

const codel_ = struct('tc_codel_xstats', () => ({
  maxpacket: fields.u32,
  count: fields.u32,
  lastcount: fields.u32,
  ldelay: fields.u32,
  dropNext: fields.s32,
  dropOverlimit: fields.u32,
  ecnMark: fields.u32,
  dropping: fields.u32,
  ceMark: fields.u32,
}));

/** Where a queue of codel is. */
export interface CodelState {
  /** Packets dropped or marked since it began to. */
  count: number;
  /** What that number was when it last began to. */
  lastcount: number;
  /** Microseconds that the packet which left last had waited. */
  ldelay: number;
  /** Whether it drops. */
  dropping: boolean;
  /** Microseconds until it drops the next; negative: so long ago. */
  dropNext: number;
}

/** Counters of codel. */
export interface CodelXstats extends CodelState {
  /** Bytes of the largest packet. */
  maxpacket: number;
  /** Packets dropped since the queue was full. */
  dropOverlimit: number;
  /** Packets marked in place of being dropped. */
  ecnMark: number;
  /** Packets marked as they had waited beyond `ceThreshold`. */
  ceMark: number;
}

export const codelXstats: Codec<CodelXstats> = told(growingStructCodec(codel_), ({ dropping, ceMark = 0, ...rest }) => ({
  ...(rest as CodelXstats),
  dropping: dropping !== 0,
  ceMark,
}));

const ofQdisc_ = struct('tc_fq_codel_qd_stats', () => ({
  /** Bytes of the largest packet. */
  maxpacket: fields.u32,
  /** Packets dropped since too many waited. */
  dropOverlimit: fields.u32,
  /** Packets marked in place of being dropped. */
  ecnMark: fields.u32,
  /** How often a packet made a flow new. */
  newFlowCount: fields.u32,
  /** Flows that are new. */
  newFlowsLen: fields.u32,
  /** Flows that are not. */
  oldFlowsLen: fields.u32,
  /** Packets marked as they had waited beyond `ceThreshold`. */
  ceMark: fields.u32,
  /** Bytes of memory that packets take. */
  memoryUsage: fields.u32,
  /** Packets dropped since they took too much memory. */
  dropOvermemory: fields.u32,
}));

/** Counters of fq_codel; kernels before 4.8 tell less. */
export interface FqCodelXstats extends Partial<Infer<typeof ofQdisc_>> {}

const ofClass_ = struct('tc_fq_codel_cl_stats', () => ({
  deficit: fields.s32,
  ldelay: fields.u32,
  count: fields.u32,
  lastcount: fields.u32,
  dropping: fields.u32,
  dropNext: fields.s32,
}));

/** Counters of a flow of fq_codel, which is told as a class. */
export interface FqCodelClassXstats extends CodelState {
  /** Bytes that are left of its turn. */
  deficit: number;
}

/** The counters behind the number that says whose they are. */
function behind<T>(wanted: number, of: Codec<T>): Codec<T> {
  return codec<T>('tc_fq_codel_xstats', {
    decode(bytes, offset, length) {
      const found = u32.decode(bytes, offset, length);
      if (found !== wanted) throw new MalformedMessageError('tc_fq_codel_xstats', offset, `the type ${wanted}, found ${found}`);
      return of.decode(bytes, offset + 4, length - 4);
    },
    encode() {
      throw new InputError('', 'is only told');
    },
  });
}

export const fqCodelXstats: Codec<FqCodelXstats> = behind(0, growingStructCodec<Infer<typeof ofQdisc_>>(ofQdisc_));
export const fqCodelClassXstats: Codec<FqCodelClassXstats> = behind(
  1,
  told(growingStructCodec(ofClass_), ({ dropping, ...rest }) => ({ ...(rest as FqCodelClassXstats), dropping: dropping !== 0 })),
);
