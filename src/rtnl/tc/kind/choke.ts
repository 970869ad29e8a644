/** Drops by chance that meet flows which send much: tc-choke(8). Source: include/uapi/linux/pkt_sched.h (TCA_CHOKE_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, memberNames } from '../../../netlink/input.ts';
import { u32 } from '../../../netlink/scalar.ts';
import { structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { type EarlyDrops, earlyDropsMembers, percentOfChance, toEarlyDrops } from '../early-drops.ts';
import { redFlags, redQopt, thresholdsOf } from './red.ts';

const chokeAttributes_ = attributes('TCA_CHOKE', () => ({
  parms: attr('TCA_CHOKE_PARMS', 1, structCodec(redQopt)),
  stab: attr('TCA_CHOKE_STAB', 2, bytes),
  maxP: attr('TCA_CHOKE_MAX_P', 3, u32),
}));
export interface ChokeAttributes extends Infer<typeof chokeAttributes_> {}
export const chokeAttributes: Codec<ChokeAttributes> = chokeAttributes_;

/** Options of choke. `averagePacket` is 1,000 by default, but where there are `weightLog` and `cellLog`. */
export interface ChokeOptions extends EarlyDrops {
  /** Packets that may wait, up to 131,072. */
  limit: number;
  /** Packets on average up to which none is dropped. Default: a third of `max`. */
  min?: number;
  /** Packets on average from which all are. Default: three times `min`, or a quarter of `limit`. */
  max?: number;
  /** Mark packets in place of dropping them. Default: false. */
  ecn?: boolean;
}

const members = memberNames<ChokeOptions>({ ...earlyDropsMembers, limit: true, min: true, max: true, ecn: true });
/** CHOKE_MAX_QUEUE of sch_choke.c. */
const most = 128 * 1024;
const usualPacket = 1000;

export const choke: Codec<ChokeOptions> = mapped<ChokeAttributes, ChokeOptions>(
  chokeAttributes_,
  'choke',
  ({ parms, maxP }) => {
    const { flags = 0, ...rest } = parms ?? { limit: 0 };
    return {
      ...rest,
      ...(maxP === undefined ? {} : { probability: percentOfChance(maxP) }),
      ...((flags & redFlags.ecn) === 0 ? {} : { ecn: true }),
    };
  },
  (options) => {
    checkMembers(options, '', members);
    checkBoolean(options.ecn, 'ecn');
    const { limit, min, max } = thresholdsOf(options, most);
    if (min === max) throw new InputError('max', 'expected more than min', 'ERR_OUT_OF_RANGE');
    if (max > limit) throw new InputError('max', 'expected no more than limit', 'ERR_OUT_OF_RANGE');
    const listed = options.weightLog !== undefined && options.cellLog !== undefined;
    const averagePacket = options.averagePacket ?? (listed ? undefined : usualPacket);
    const size = averagePacket ?? usualPacket;
    const { weightLog, probabilityLog, cellLog, idle, chance } = toEarlyDrops(
      averagePacket === undefined ? options : { ...options, averagePacket },
      min * size,
      max * size,
      () => Math.trunc((2 * min + max) / 3),
    );
    return {
      parms: { limit, min, max, weightLog, probabilityLog, cellLog, flags: options.ecn === true ? redFlags.ecn : 0 },
      stab: idle,
      maxP: chance,
    };
  },
);
