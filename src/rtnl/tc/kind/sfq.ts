/** Queues by flow that take turns: tc-sfq(8). Source: include/uapi/linux/pkt_sched.h (struct tc_sfq_qopt_v1). */
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

/** struct tc_sfq_qopt_v1; the members of tc_sfq_qopt come first. */
const sfqQopt = struct('tc_sfq_qopt_v1', () => ({
  quantum: fields.u32,
  /** Seconds. */
  perturbPeriod: fields.s32,
  limit: fields.u32,
  divisor: fields.u32,
  flows: fields.u32,
  depth: fields.u32,
  headDrop: fields.u32,
  redLimit: fields.u32,
  redMin: fields.u32,
  redMax: fields.u32,
  windowLog: fields.u8,
  probabilityLog: fields.u8,
  cellLog: fields.u8,
  flags: fields.u8,
  maxProbability: fields.u32,
  /** struct tc_sfqred_stats. */
  stats: fields.blob(24),
}));

/** Options of sfq, without those of early drops (`redflowlimit`). What is left out is the kernel's default, or stays as it is. */
export interface SfqOptions {
  /** Bytes that a flow sends in a turn. Default: the link's MTU and its header. */
  quantum?: number;
  /** Seconds after which flows are hashed anew; 0: never. Default: 0. */
  perturb?: number;
  /** Packets that may wait, of all flows together. Default: 127. */
  limit?: number;
  /** Size of the table that flows are hashed to, a power of two. Default: 1,024. */
  divisor?: number;
  /** Flows at the same time. Default: 128 (SFQ_DEFAULT_FLOWS in net/sched/sch_sfq.c; tc-sfq(8) has 127). */
  flows?: number;
  /** Packets of one flow that may wait. Default: 127. */
  depth?: number;
  /** Drop the packets that have waited the longest, and not the last. Default: false. */
  headDrop?: boolean;
}

const members = memberNames<SfqOptions>({
  quantum: true,
  perturb: true,
  limit: true,
  divisor: true,
  flows: true,
  depth: true,
  headDrop: true,
});

const none = new Uint8Array(24);

export const sfq: Codec<SfqOptions> = mapped<Infer<typeof sfqQopt>, SfqOptions>(
  structCodec(sfqQopt),
  'sfq',
  ({ quantum, perturbPeriod, limit, divisor, flows, depth, headDrop }) => ({
    quantum,
    perturb: perturbPeriod,
    limit,
    divisor,
    flows,
    depth,
    headDrop: headDrop !== 0,
  }),
  (options) => {
    checkOptions(options, '', members);
    const { quantum = 0, perturb = 0, limit = 0, divisor = 0, flows = 0, depth = 0, headDrop = false } = options;
    for (const [argument, value] of Object.entries({ quantum, perturb, limit, divisor, flows, depth }))
      inArgument(argument, () => checkInteger(value, 0, 0x7fffffff));
    checkBoolean(headDrop, 'headDrop');
    return {
      ...{ quantum, perturbPeriod: perturb, limit, divisor, flows, depth, headDrop: headDrop ? 1 : 0 },
      ...{ redLimit: 0, redMin: 0, redMax: 0, windowLog: 0, probabilityLog: 0, cellLog: 0, flags: 0, maxProbability: 0, stats: none },
    };
  },
);
