/** Drops by chance before the queue is full: tc-red(8). Source: include/uapi/linux/pkt_sched.h (TCA_RED_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { switches } from '../../link/switches.ts';
import { type EarlyDrops, earlyDropsMembers, percentOfChance, toEarlyDrops } from '../early-drops.ts';

/** struct tc_red_qopt, and tc_choke_qopt, whose numbers are packets. */
export const redQopt = struct('tc_red_qopt', () => ({
  limit: fields.u32,
  min: fields.u32,
  max: fields.u32,
  weightLog: fields.u8,
  probabilityLog: fields.u8,
  cellLog: fields.u8,
  flags: fields.u8,
}));

/** TC_RED_*. */
export const redFlags = { ecn: 1, harddrop: 2, adaptive: 4, nodrop: 8 } as const;
/** TC_RED_HISTORIC_FLAGS: those that the struct has. */
export const historicFlags = 7;

const redAttributes_ = attributes('TCA_RED', () => ({
  parms: attr('TCA_RED_PARMS', 1, structCodec(redQopt)),
  stab: attr('TCA_RED_STAB', 2, bytes),
  maxP: attr('TCA_RED_MAX_P', 3, u32),
  flags: attr('TCA_RED_FLAGS', 4, switches('nla_bitfield32', 'bits first', redFlags)),
  earlyDropBlock: attr('TCA_RED_EARLY_DROP_BLOCK', 5, u32),
  markBlock: attr('TCA_RED_MARK_BLOCK', 6, u32),
}));
export interface RedAttributes extends Infer<typeof redAttributes_> {}
export const redAttributes: Codec<RedAttributes> = redAttributes_;

/** Options of red: `averagePacket`, or `weightLog` and `cellLog` as a listing has them. */
export interface RedOptions extends EarlyDrops {
  /** Bytes that may wait. */
  limit: number;
  /** Bytes on average up to which none is dropped. Default: a third of `max`. */
  min?: number;
  /** Bytes on average from which all are. Default: three times `min`, or a quarter of `limit`. */
  max?: number;
  /** Mark packets in place of dropping them. Default: false. */
  ecn?: boolean;
  /** With `ecn`: where the average is above `max` packets are dropped all the same. Default: false. */
  harddrop?: boolean;
  /** The chance is changed so that the average stays in the middle. Default: false. */
  adaptive?: boolean;
  /** With `ecn`: packets that cannot be marked are not dropped either. Default: false. Linux 5.7. */
  nodrop?: boolean;
  /** Block of filters that packets are shown to before they are dropped by chance. Only when it is created. Linux 5.9. */
  earlyDropBlock?: number;
  /** Block of filters that marked packets are shown to. Only when it is created. Linux 5.11. */
  markBlock?: number;
}

const members = memberNames<RedOptions>({
  ...earlyDropsMembers,
  ...{ limit: true, min: true, max: true, ecn: true, harddrop: true, adaptive: true, nodrop: true, earlyDropBlock: true, markBlock: true },
});
const names = ['ecn', 'harddrop', 'adaptive', 'nodrop'] as const;

/** Where drops begin and where all are dropped, as tc(8) has it. @throws InputError */
export function thresholdsOf(
  options: { limit: number; min?: number; max?: number },
  most: number,
): { limit: number; min: number; max: number } {
  const { limit } = options;
  inArgument('limit', () => checkInteger(limit, 1, most));
  const max = options.max ?? (options.min === undefined ? Math.trunc(limit / 4) : 3 * options.min);
  const min = options.min ?? Math.trunc(max / 3);
  inArgument('max', () => checkInteger(max, 1, most));
  inArgument('min', () => checkInteger(min, 0, max));
  return { limit, min, max };
}

function toWire(options: RedOptions): RedAttributes {
  checkMembers(options, '', members);
  const { limit, min, max } = thresholdsOf(options, 0xffffffff);
  if (min === max) throw new InputError('max', 'expected more than min', 'ERR_OUT_OF_RANGE');
  const drops = toEarlyDrops(options, min, max, (averagePacket) => Math.trunc((2 * min + max) / (3 * averagePacket)));
  for (const name of names) checkBoolean(options[name], name);
  const { weightLog, probabilityLog, cellLog, idle, chance } = drops;
  const { earlyDropBlock, markBlock } = options;
  return {
    parms: { limit, min, max, weightLog, probabilityLog, cellLog, flags: 0 },
    stab: idle,
    maxP: chance,
    flags: Object.fromEntries(names.map((name) => [name, options[name] === true])) as NonNullable<RedAttributes['flags']>,
    ...(earlyDropBlock === undefined ? {} : { earlyDropBlock }),
    ...(markBlock === undefined ? {} : { markBlock }),
  };
}

function fromWire({ parms, maxP, flags, earlyDropBlock, markBlock }: RedAttributes): RedOptions {
  const { flags: historic = 0, ...rest } = parms ?? { limit: 0 };
  const options: RedOptions = { ...rest };
  if (maxP !== undefined) options.probability = percentOfChance(maxP);
  for (const name of names) if (flags?.[name] ?? (historic & redFlags[name]) !== 0) options[name] = true;
  if (earlyDropBlock !== undefined && earlyDropBlock !== 0) options.earlyDropBlock = earlyDropBlock;
  if (markBlock !== undefined && markBlock !== 0) options.markBlock = markBlock;
  return options;
}

export const red: Codec<RedOptions> = mapped(redAttributes_, 'red', fromWire, toWire);
