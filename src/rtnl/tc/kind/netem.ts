/** Delay, loss and other flaws of networks: tc-netem(8). Source: include/uapi/linux/pkt_sched.h (TCA_NETEM_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { message } from '../../../netlink/message.ts';
import { bool32, checkInteger, n64, show, u64 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { fromTicks, toTicks } from '../psched.ts';
import { checkRate, largestRate32 } from '../rate.ts';

/** The attributes follow it, within TCA_OPTIONS. */
const netemQopt = struct('tc_netem_qopt', () => ({
  /** Ticks; nanoseconds are said by an attribute since Linux 4.15. */
  latency: fields.u32,
  limit: fields.u32,
  loss: fields.u32,
  gap: fields.u32,
  duplicate: fields.u32,
  /** Ticks. */
  jitter: fields.u32,
}));

const netemCorr = struct('tc_netem_corr', () => ({ delay: fields.u32, loss: fields.u32, duplicate: fields.u32 }));
const netemChance = struct('tc_netem_reorder', () => ({ probability: fields.u32, correlation: fields.u32 }));
const netemRate = struct('tc_netem_rate', () => ({
  rate: fields.u32,
  packetOverhead: fields.s32,
  cellSize: fields.u32,
  cellOverhead: fields.s32,
}));

const lossModel = attributes('NETEM_LOSS', () => ({
  /** struct tc_netem_gimodel: four states. */
  states: attr('NETEM_LOSS_GI', 1, bytes),
  /** struct tc_netem_gemodel: Gilbert and Elliott's. */
  gilbertElliott: attr('NETEM_LOSS_GE', 2, bytes),
}));

const netemAttributes_ = attributes('TCA_NETEM', () => ({
  corr: attr('TCA_NETEM_CORR', 1, structCodec(netemCorr)),
  delayDistribution: attr('TCA_NETEM_DELAY_DIST', 2, bytes),
  reorder: attr('TCA_NETEM_REORDER', 3, structCodec(netemChance)),
  corrupt: attr('TCA_NETEM_CORRUPT', 4, structCodec(netemChance)),
  lossModel: attr('TCA_NETEM_LOSS', 5, lossModel),
  rate: attr('TCA_NETEM_RATE', 6, structCodec(netemRate)),
  ecn: attr('TCA_NETEM_ECN', 7, bool32),
  rate64: attr('TCA_NETEM_RATE64', 8, n64),
  pad: attr('TCA_NETEM_PAD', 9, bytes),
  latency64: attr('TCA_NETEM_LATENCY64', 10, n64),
  jitter64: attr('TCA_NETEM_JITTER64', 11, n64),
  slot: attr('TCA_NETEM_SLOT', 12, bytes),
  slotDistribution: attr('TCA_NETEM_SLOT_DIST', 13, bytes),
  seed: attr('TCA_NETEM_PRNG_SEED', 14, u64),
}));
export interface NetemAttributes extends Infer<typeof netemAttributes_> {}
export const netemAttributes: Codec<NetemAttributes> = netemAttributes_;

const netemWire = message('TCA_NETEM', netemQopt, netemAttributes_);

/** Options of netem. Chances and correlations are percent, 0 to 100. */
export interface NetemOptions {
  /** Packets that may wait. Default: 1,000. */
  limit?: number;
  /** Microseconds. */
  delay?: number;
  /** Microseconds by which the delay varies. */
  jitter?: number;
  /** How much a packet's delay follows the one before it, percent. Default: 0. */
  delayCorrelation?: number;
  /** Packets that are lost, percent. Default: 0. */
  loss?: number;
  /** How much that follows the packet before it, percent. Default: 0. */
  lossCorrelation?: number;
  /** Packets that come twice, percent. Default: 0. */
  duplicate?: number;
  /** How much that follows the packet before it, percent. Default: 0. */
  duplicateCorrelation?: number;
  /** Packets that are sent at once, before those that wait, percent. Needs `delay`. Default: 0. */
  reorder?: number;
  /** How much that follows the packet before it, percent. Default: 0. */
  reorderCorrelation?: number;
  /** Only each so manieth packet. Default with `reorder`: 1. */
  gap?: number;
  /** Packets of which a bit is flipped, percent. Default: 0. */
  corrupt?: number;
  /** How much that follows the packet before it, percent. Default: 0. */
  corruptCorrelation?: number;
  /** Bytes a second. */
  rate?: number;
  /** Bytes added to each packet for that. */
  packetOverhead?: number;
  /** Bytes of a cell, for a rate of links that send in cells. Default: 0, none. */
  cellSize?: number;
  /** Bytes that each cell takes besides. Default: 0. */
  cellOverhead?: number;
  /** Mark packets in place of losing them. */
  ecn?: boolean;
  /** An s16 for each step of the table. */
  delayDistribution?: Uint8Array;
  /** In place of `loss`. */
  lossModel?: Infer<typeof lossModel>;
  /** struct tc_netem_slot. */
  slot?: Uint8Array;
  /** Distribution of the delay between slots, as tc(8) reads it from a file. Source: pkt_sched.h (TCA_NETEM_SLOT_DIST). */
  slotDistribution?: Uint8Array;
  /** Begins the same chances again; 64 bits, read as a bigint. Default: what chance gives. Linux 6.6. */
  seed?: bigint | number;
}

const members = memberNames<NetemOptions>({
  limit: true,
  delay: true,
  jitter: true,
  delayCorrelation: true,
  loss: true,
  lossCorrelation: true,
  duplicate: true,
  duplicateCorrelation: true,
  reorder: true,
  reorderCorrelation: true,
  gap: true,
  corrupt: true,
  corruptCorrelation: true,
  rate: true,
  packetOverhead: true,
  cellSize: true,
  cellOverhead: true,
  ecn: true,
  delayDistribution: true,
  lossModel: true,
  slot: true,
  slotDistribution: true,
  seed: true,
});

const certain = 0xffffffff;
const nanoseconds = 1000;
/** Microseconds; a tick is no shorter than 64 ns anywhere. */
const longestInTicks = 268_000_000;
const opaque = ['delayDistribution', 'lossModel', 'slot', 'slotDistribution'] as const;

function chance(options: NetemOptions, member: keyof NetemOptions): number {
  const percent = (options[member] ?? 0) as unknown;
  if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100))
    throw new InputError(member, `expected percent, 0 to 100, got ${show(percent)}`, 'ERR_OUT_OF_RANGE');
  return partOf(percent);
}

function partOf(percent: number): number {
  return Math.round((percent / 100) * certain);
}

function toWire(options: NetemOptions): Infer<typeof netemWire> {
  checkMembers(options, '', members);
  const { limit = 1000, delay, jitter, reorder, rate, ecn, seed } = options;
  const { gap = reorder === undefined ? 0 : 1, packetOverhead = 0, cellSize = 0, cellOverhead = 0 } = options;
  for (const [argument, value] of Object.entries({ limit, delay: delay ?? 0, jitter: jitter ?? 0, gap, cellSize }))
    inArgument(argument, () => checkInteger(value, 0, 0xffffffff));
  if (reorder !== undefined && delay === undefined) throw new InputError('reorder', 'needs a delay: the others wait');
  const wire: Infer<typeof netemWire> = {
    latency: 0,
    limit,
    loss: chance(options, 'loss'),
    gap,
    duplicate: chance(options, 'duplicate'),
    jitter: 0,
  };
  // ticks, as tc(8) sends them, which kernels before 4.15 read too; what 32 bits of them cannot say goes as nanoseconds
  if (delay !== undefined && delay <= longestInTicks) wire.latency = toTicks(delay);
  else if (delay !== undefined) wire.latency64 = delay * nanoseconds;
  if (jitter !== undefined && jitter <= longestInTicks) wire.jitter = toTicks(jitter);
  else if (jitter !== undefined) wire.jitter64 = jitter * nanoseconds;
  if ((['delay', 'loss', 'duplicate'] as const).some((member) => options[`${member}Correlation`] !== undefined))
    wire.corr = {
      delay: chance(options, 'delayCorrelation'),
      loss: chance(options, 'lossCorrelation'),
      duplicate: chance(options, 'duplicateCorrelation'),
    };
  for (const member of ['reorder', 'corrupt'] as const)
    if (options[member] !== undefined)
      wire[member] = { probability: chance(options, member), correlation: chance(options, `${member}Correlation`) };
  if (ecn !== undefined) wire.ecn = ecn;
  if (rate !== undefined) {
    checkRate(rate, 'rate');
    if (rate > largestRate32) wire.rate64 = rate;
    wire.rate = { rate: Math.min(rate, largestRate32), packetOverhead, cellSize, cellOverhead };
  }
  for (const member of opaque) if (options[member] !== undefined) Object.assign(wire, { [member]: options[member] });
  if (typeof seed === 'number') inArgument('seed', () => checkInteger(seed, 0, Number.MAX_SAFE_INTEGER));
  if (seed !== undefined) wire.seed = typeof seed === 'number' ? BigInt(seed) : seed;
  return wire;
}

function percentOf(value: number): number {
  const percent = (value / certain) * 100;
  // 25, and not 25.00000000582, where both are the same to the kernel
  const short = Number(percent.toPrecision(8));
  return partOf(short) === value ? short : percent;
}

function fromWire(wire: Infer<typeof netemWire>): NetemOptions {
  const options: NetemOptions = { limit: wire.limit };
  const delay = wire.latency64 === undefined ? fromTicks(wire.latency) : wire.latency64 / nanoseconds;
  const jitter = wire.jitter64 === undefined ? fromTicks(wire.jitter) : wire.jitter64 / nanoseconds;
  const numbers: Partial<Record<keyof NetemOptions, number>> = {
    delay,
    jitter,
    loss: percentOf(wire.loss),
    duplicate: percentOf(wire.duplicate),
    gap: wire.gap,
    delayCorrelation: percentOf(wire.corr?.delay ?? 0),
    lossCorrelation: percentOf(wire.corr?.loss ?? 0),
    duplicateCorrelation: percentOf(wire.corr?.duplicate ?? 0),
    reorder: percentOf(wire.reorder?.probability ?? 0),
    reorderCorrelation: percentOf(wire.reorder?.correlation ?? 0),
    corrupt: percentOf(wire.corrupt?.probability ?? 0),
    corruptCorrelation: percentOf(wire.corrupt?.correlation ?? 0),
    rate: wire.rate64 ?? wire.rate?.rate ?? 0,
    packetOverhead: wire.rate?.packetOverhead ?? 0,
    cellSize: wire.rate?.cellSize ?? 0,
    cellOverhead: wire.rate?.cellOverhead ?? 0,
  };
  // what has no effect is left out, as tc(8) does
  for (const [member, value] of Object.entries(numbers)) if (value !== 0) Object.assign(options, { [member]: value });
  if (wire.ecn === true) options.ecn = true;
  if (wire.seed !== undefined) options.seed = wire.seed;
  for (const member of opaque) if (wire[member] !== undefined) Object.assign(options, { [member]: wire[member] });
  return options;
}

export const netem: Codec<NetemOptions> = mapped(netemWire, 'netem', fromWire, toWire);
