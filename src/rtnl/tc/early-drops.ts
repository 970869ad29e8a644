/**
 * Drops by chance before a queue is full, as red, gred, choke and sfq have them: what the kernel is told is reckoned here, as tc(8) does it. Sources:
 * include/net/red.h, include/uapi/linux/pkt_sched.h (struct tc_red_qopt), tc-red(8).
 */
import { InputError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { transmitTicks } from './psched.ts';

/** How the average of a queue follows it, and with which chance packets are dropped. */
export interface EarlyDrops {
  /** Bytes of a packet on average. */
  averagePacket?: number;
  /** Packets that may come at once before the average follows. Default: by `min`, `max` and `averagePacket`. */
  burst?: number;
  /** Bytes a second of the link, for how the average falls while nothing comes. Default: 1,250,000 (10 Mbit). */
  bandwidth?: number;
  /** Chance of a drop, in percent, where the average is at `max`. Default: 2. */
  probability?: number;
  /** Weight of what is in the queue for its average, as a power: 2^-weightLog. In place of `burst`; a listing has this. */
  weightLog?: number;
  /** What `min`, `max` and `probability` come to, as a power. A listing has this; it is reckoned where it is left out. */
  probabilityLog?: number;
  /** Microseconds, as a power of 2, by which the time without packets is counted. In place of `averagePacket` and `bandwidth`; a listing has this. */
  cellLog?: number;
}

export const earlyDropsMembers = {
  averagePacket: true,
  burst: true,
  bandwidth: true,
  probability: true,
  weightLog: true,
  probabilityLog: true,
  cellLog: true,
} as const;

/** What the kernel is told. */
export interface EarlyDropsWire {
  weightLog: number;
  probabilityLog: number;
  cellLog: number;
  /** TCA_*_STAB: for each time without packets by how much the average falls. */
  idle: Uint8Array;
  /** TCA_*_MAX_P: of 2^32. */
  chance: number;
}

const usualBandwidth = 1_250_000;
const usualChance = 2;
const whole = 2 ** 32;
/** Steps of the table, and what its last ones are: the average falls to nothing. */
const steps = 256;
const mostShift = 31;

/** Percent of what the kernel shows: the shortest number that is the same there. */
export function percentOfChance(chance: number): number {
  const percent = (100 * (chance + 0.5)) / whole;
  for (let digits = 1; digits <= 12 && chance > 0; digits++) {
    const shorter = Number(percent.toPrecision(digits));
    if (shorter <= 100 && chanceOf(shorter) === chance) return shorter;
  }
  return (100 * chance) / whole;
}

/** @throws InputError unless it is a chance in percent */
export function chanceOf(percent: unknown): number {
  if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100))
    throw new InputError('', `expected percent, 0 to 100, got ${show(percent)}`, 'ERR_OUT_OF_RANGE');
  return Math.min(Math.trunc((percent / 100) * whole), whole - 1);
}

/**
 * What `min` and `max`, in bytes, and `options` come to. `burst`: how many packets where it is not said.
 *
 * @throws InputError naming what is missing, or what does not go together
 */
export function toEarlyDrops(options: EarlyDrops, min: number, max: number, usualBurst: (averagePacket: number) => number): EarlyDropsWire {
  const { averagePacket, bandwidth = usualBandwidth, probability = usualChance } = options;
  const chance = inArgument('probability', () => chanceOf(probability));
  if (averagePacket === undefined) {
    for (const member of ['weightLog', 'cellLog'] as const)
      if (options[member] === undefined)
        throw new InputError('averagePacket', 'is needed: it, or weightLog and cellLog', 'ERR_INVALID_ARG_TYPE');
  } else inArgument('averagePacket', () => checkInteger(averagePacket, 1, 0xffffffff));
  inArgument('bandwidth', () => checkInteger(bandwidth, 1, Number.MAX_SAFE_INTEGER));
  const weightLog = options.weightLog ?? weightFor(min, options.burst ?? usualBurst(averagePacket!), averagePacket!);
  // as a shift of 32 bits, of which 2^-weightLog is left
  inArgument('weightLog', () => checkInteger(weightLog, 1, mostShift));
  const probabilityLog = options.probabilityLog ?? slopeFor(min, max, probability / 100);
  inArgument('probabilityLog', () => checkInteger(probabilityLog, 0, mostShift));
  const known = options.cellLog;
  if (known !== undefined) inArgument('cellLog', () => checkInteger(known, 0, mostShift));
  const fall =
    averagePacket === undefined
      ? // which of the tables of this cellLog it was is not told: one in the middle
        mostShift / (1.5 * steps * 2 ** known!)
      : -Math.log(1 - 1 / 2 ** weightLog) / transmitTicks(bandwidth, averagePacket);
  const cellLog = known ?? cellFor(fall);
  return { weightLog, probabilityLog, cellLog, idle: idleTable(fall, cellLog), chance };
}

/** The weight by which the average reaches `min` after `burst` packets. */
function weightFor(min: number, burst: number, averagePacket: number): number {
  inArgument('burst', () => checkInteger(burst, 1, 0x7fffffff));
  const wanted = burst + 1 - min / averagePacket;
  if (wanted >= 1)
    for (let log = 1, weight = 0.5; log <= mostShift; log++, weight /= 2) if (wanted <= (1 - (1 - weight) ** burst) / weight) return log;
  throw new InputError('burst', `${burst} packets of ${averagePacket} bytes are too few: more of them than min is`, 'ERR_OUT_OF_RANGE');
}

/** The power by which the chance rises from `min` to `max`. */
function slopeFor(min: number, max: number, chance: number): number {
  let rise = chance / (max - min);
  for (let log = 0; log <= mostShift; log++, rise += rise) if (rise > 1) return log;
  throw new InputError('probability', 'is too small for what lies between min and max', 'ERR_OUT_OF_RANGE');
}

/** The unit of time with which the table reaches to where the average is nothing. */
function cellFor(fall: number): number {
  for (let log = 0; log <= mostShift; log++) if (mostShift / fall / 2 ** log < 2 * steps) return log;
  throw new InputError('bandwidth', 'is too low for packets of that size', 'ERR_OUT_OF_RANGE');
}

function idleTable(fall: number, cellLog: number): Uint8Array {
  const table = new Uint8Array(steps);
  for (let i = 1; i < steps - 1; i++) table[i] = Math.min(Math.trunc(i * 2 ** cellLog * fall), mostShift);
  table[steps - 1] = mostShift;
  return table;
}
