/** Flows that do not heed drops, found by Bloom filters: tc-sfb(8). Source: include/uapi/linux/pkt_sched.h (TCA_SFB_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const sfbQopt = struct('tc_sfb_qopt', () => ({
  rehash: fields.u32,
  db: fields.u32,
  max: fields.u32,
  target: fields.u32,
  /** Of 65,535. */
  increment: fields.u32,
  /** Of 65,535. */
  decrement: fields.u32,
  limit: fields.u32,
  penaltyRate: fields.u32,
  penaltyBurst: fields.u32,
}));

const sfbAttributes_ = attributes('TCA_SFB', () => ({ parms: attr('TCA_SFB_PARMS', 1, structCodec(sfbQopt)) }));
export interface SfbAttributes extends Infer<typeof sfbAttributes_> {}
export const sfbAttributes: Codec<SfbAttributes> = sfbAttributes_;

/** Options of sfb. */
export interface SfbOptions {
  /** Milliseconds after which flows are hashed anew. Default: 600,000. */
  rehash?: number;
  /** Milliseconds before that for which both hashes are kept. Default: 60,000. */
  db?: number;
  /** Packets that may wait; 0: the link's queue length. Default: 0. */
  limit?: number;
  /** Packets that may wait in a bucket. Default: 25. */
  max?: number;
  /** Packets in a bucket from which its chance of drops rises. Default: 20. */
  target?: number;
  /** Percent by which that chance rises. Default: 0.0504 (33 of 65,535). */
  increment?: number;
  /** Percent by which it falls where nothing waits. Default: 0.00458 (3 of 65,535). */
  decrement?: number;
  /** Packets a second that a flow which does not heed drops may send. Default: 10. */
  penaltyRate?: number;
  /** Packets that it may send at once. Default: 20. */
  penaltyBurst?: number;
}

const usual = { rehash: 600_000, db: 60_000, limit: 0, max: 25, target: 20, penaltyRate: 10, penaltyBurst: 20 } as const;
const usualSteps = { increment: 33, decrement: 3 } as const;
const members = memberNames<SfbOptions>({
  ...{ rehash: true, db: true, limit: true, max: true, target: true, increment: true, decrement: true, penaltyRate: true },
  penaltyBurst: true,
});

/** SFB_MAX_PROB. */
const whole = 0xffff;

/** Percent of what the kernel shows: the shortest number that is the same there. */
function percentOf(step: number): number {
  const percent = (100 * step) / whole;
  for (let digits = 1; digits <= 8; digits++) {
    const shorter = Number(percent.toPrecision(digits));
    if (Math.round((shorter * whole) / 100) === step) return shorter;
  }
  return percent;
}

function stepOf(percent: unknown): number {
  if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100))
    throw new InputError('', `expected percent, 0 to 100, got ${show(percent)}`, 'ERR_OUT_OF_RANGE');
  return Math.round((percent * whole) / 100);
}

export const sfb: Codec<SfbOptions> = mapped<SfbAttributes, SfbOptions>(
  sfbAttributes_,
  'sfb',
  ({ parms }) => (parms === undefined ? {} : { ...parms, increment: percentOf(parms.increment), decrement: percentOf(parms.decrement) }),
  (options) => {
    checkMembers(options, '', members);
    const parms: Record<string, number> = {};
    for (const [member, value] of Object.entries(usual)) {
      const given = options[member as keyof typeof usual] ?? value;
      inArgument(member, () => checkInteger(given, 0, 0xffffffff));
      parms[member] = given;
    }
    for (const member of ['increment', 'decrement'] as const) {
      const given = options[member];
      parms[member] = given === undefined ? usualSteps[member] : inArgument(member, () => stepOf(given));
    }
    return { parms: parms as unknown as NonNullable<SfbAttributes['parms']> };
  },
);
