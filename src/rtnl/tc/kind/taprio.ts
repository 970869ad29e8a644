/** Gates of traffic classes that open by a schedule, of IEEE 802.1Qbv: tc-taprio(8). Source: include/uapi/linux/pkt_sched.h (TCA_TAPRIO_*). */
import { attr, attributes, listOf, repeated } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration, flags } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, n64, show, u8, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { baseTimeOf, s64, type TcClock, tcClock } from '../clock.ts';
import { type FramePreemption, framePreemption, fromQopt, mqprioQoptCodec, type TrafficClassMap, toQopt } from '../traffic-classes.ts';

/** TC_TAPRIO_CMD_*. */
const commands = { set_gates: 0, set_and_hold: 1, set_and_release: 2 } as const;
/** TCA_TAPRIO_ATTR_FLAG_*. */
const modes = { txtime_assist: 1, full_offload: 2 } as const;

const entry = attributes('TCA_TAPRIO_SCHED_ENTRY', () => ({
  index: attr('TCA_TAPRIO_SCHED_ENTRY_INDEX', 1, u32),
  command: attr('TCA_TAPRIO_SCHED_ENTRY_CMD', 2, enumeration(u8, commands)),
  gateMask: attr('TCA_TAPRIO_SCHED_ENTRY_GATE_MASK', 3, u32),
  interval: attr('TCA_TAPRIO_SCHED_ENTRY_INTERVAL', 4, u32),
}));

const ofClass = attributes('TCA_TAPRIO_TC_ENTRY', () => ({
  index: attr('TCA_TAPRIO_TC_ENTRY_INDEX', 1, u32),
  maxSdu: attr('TCA_TAPRIO_TC_ENTRY_MAX_SDU', 2, u32),
  fp: attr('TCA_TAPRIO_TC_ENTRY_FP', 3, framePreemption),
}));

const scheduleAttributes = () =>
  ({
    baseTime: attr('TCA_TAPRIO_ATTR_SCHED_BASE_TIME', 3, s64),
    cycleTime: attr('TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME', 8, n64),
    cycleTimeExtension: attr('TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION', 9, n64),
    entries: attr('TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST', 2, listOf('TCA_TAPRIO_SCHED_ENTRY', 1, entry)),
  }) as const;
const schedule = attributes('TCA_TAPRIO_ATTR', scheduleAttributes);

const taprioAttributes_ = attributes('TCA_TAPRIO_ATTR', () => ({
  clockId: attr('TCA_TAPRIO_ATTR_SCHED_CLOCKID', 5, tcClock),
  flags: attr('TCA_TAPRIO_ATTR_FLAGS', 10, flags(u32, modes)),
  priomap: attr('TCA_TAPRIO_ATTR_PRIOMAP', 1, mqprioQoptCodec),
  txtimeDelay: attr('TCA_TAPRIO_ATTR_TXTIME_DELAY', 11, u32),
  classes: repeated('TCA_TAPRIO_ATTR_TC_ENTRY', 12, ofClass),
  ...scheduleAttributes(),
  single: attr('TCA_TAPRIO_ATTR_SCHED_SINGLE_ENTRY', 4, entry),
  pad: attr('TCA_TAPRIO_PAD', 6, bytes),
  admin: attr('TCA_TAPRIO_ATTR_ADMIN_SCHED', 7, schedule),
}));
export interface TaprioAttributes extends Infer<typeof taprioAttributes_> {}
export const taprioAttributes: Codec<TaprioAttributes> = taprioAttributes_;

/** A part of the schedule. */
export interface TaprioEntry {
  /** `set_and_hold` and `set_and_release`: and frames that may be interrupted are held, or released. Default: `set_gates`. */
  command?: Enumerated<typeof commands>;
  /** The traffic classes whose gates are open, a bit for each. */
  gateMask: number;
  /** Nanoseconds that it lasts. */
  interval: number;
}

/** Options of taprio. Without `flags` the kernel opens and shuts the gates by the clock. */
export interface TaprioOptions extends TrafficClassMap {
  /** The clock that the schedule goes by; with `full_offload` none is said. */
  clockId?: TcClock;
  /** `txtime_assist`: each packet is given the time at which it is to leave; `full_offload`: the hardware has the schedule. */
  flags?: Enumerated<typeof modes>[];
  /** Nanoseconds between when a packet is given its time, and that time, at the least. With `txtime_assist`. */
  txtimeDelay?: number;
  /** When the schedule begins, in nanoseconds of the clock; read as a bigint. One that is past begins with the next cycle. Default: 0. */
  baseTime?: bigint | number;
  /** Nanoseconds of a cycle. Default: what its parts come to. */
  cycleTime?: number;
  /** Nanoseconds by which the last cycle may be longer when another schedule comes. Default: 0. */
  cycleTimeExtension?: number;
  /** What follows one after the other in a cycle. A listing has those of the schedule that is to come, where there is one. */
  entries: TaprioEntry[];
  /** Bytes of the largest packet of each traffic class, without its header; 0: no limit. Linux 6.1. */
  maxSdu?: number[];
  /** Whether packets of each traffic class may be interrupted by others. Linux 6.4. */
  preemption?: FramePreemption[];
}

const members = memberNames<TaprioOptions>({
  ...{ trafficClasses: true, map: true, queues: true, clockId: true, flags: true, txtimeDelay: true, baseTime: true, cycleTime: true },
  ...{ cycleTimeExtension: true, entries: true, maxSdu: true, preemption: true },
});
const entryMembers = memberNames<TaprioEntry>({ command: true, gateMask: true, interval: true });
const same = ['flags', 'txtimeDelay'] as const;
const times = ['cycleTime', 'cycleTimeExtension'] as const;

function toEntries(entries: unknown): NonNullable<TaprioAttributes['entries']> {
  if (!Array.isArray(entries) || entries.length === 0)
    throw new InputError('', `expected the parts of a schedule, got ${show(entries)}`, 'ERR_INVALID_ARG_TYPE');
  return entries.map((one: TaprioEntry, i) =>
    inArgument(`[${i}]`, () => {
      checkMembers(one, '', entryMembers);
      const { command = 'set_gates', gateMask, interval } = one;
      inArgument('gateMask', () => checkInteger(gateMask, 0, 0xffffffff));
      inArgument('interval', () => checkInteger(interval, 1, 0xffffffff));
      return { command, gateMask, interval };
    }),
  );
}

/** What is said of traffic classes, each by itself. */
function toClasses({ trafficClasses, maxSdu, preemption }: TaprioOptions): NonNullable<TaprioAttributes['classes']> {
  for (const [argument, list] of Object.entries({ maxSdu, preemption }))
    if (list !== undefined && (!Array.isArray(list) || list.length > trafficClasses))
      throw new InputError(
        argument,
        `expected up to ${trafficClasses}, one for each traffic class, got ${show(list)}`,
        'ERR_INVALID_ARG_TYPE',
      );
  return Array.from({ length: Math.max(maxSdu?.length ?? 0, preemption?.length ?? 0) }, (_, index) => {
    const [size, fp] = [maxSdu?.[index], preemption?.[index]];
    if (size !== undefined) inArgument(`maxSdu[${index}]`, () => checkInteger(size, 0, 0xffffffff));
    if (fp !== undefined) inArgument(`preemption[${index}]`, () => framePreemption.valueOf(fp));
    return { index, ...(size === undefined ? {} : { maxSdu: size }), ...(fp === undefined ? {} : { fp }) };
  });
}

function toWire(options: TaprioOptions): TaprioAttributes {
  checkMembers(options, '', members);
  const { clockId, baseTime = 0n } = options;
  const wire: TaprioAttributes = {};
  if (clockId !== undefined) wire.clockId = clockId;
  if (options.flags !== undefined) wire.flags = options.flags;
  wire.priomap = toQopt(options, 0);
  if (options.txtimeDelay !== undefined) wire.txtimeDelay = options.txtimeDelay;
  wire.baseTime = inArgument('baseTime', () => baseTimeOf(baseTime));
  for (const member of times) if (options[member] !== undefined) wire[member] = options[member];
  const classes = toClasses(options);
  if (classes.length > 0) wire.classes = classes;
  wire.entries = inArgument('entries', () => toEntries(options.entries));
  return wire;
}

function fromWire(wire: TaprioAttributes): TaprioOptions {
  const { priomap, clockId, classes = [], admin } = wire;
  const { baseTime = 0n, entries = [], ...rest } = admin ?? wire;
  const options: TaprioOptions = {
    ...(priomap === undefined ? { trafficClasses: 0, map: [] } : fromQopt(priomap)),
    baseTime,
    entries: entries.map(({ command = 'set_gates', gateMask = 0, interval = 0 }) => ({ command, gateMask, interval })),
  };
  if (clockId !== undefined && clockId !== -1) options.clockId = clockId;
  for (const member of same) if (wire[member] !== undefined) Object.assign(options, { [member]: wire[member] });
  for (const member of times) if (rest[member] !== undefined) options[member] = rest[member];
  const each = [...classes].sort((a, b) => a.index! - b.index!).slice(0, options.trafficClasses);
  // the kernel tells of all, whether something was said or not
  if (each.some(({ maxSdu = 0 }) => maxSdu !== 0)) options.maxSdu = each.map(({ maxSdu = 0 }) => maxSdu);
  if (each.some(({ fp = 'express' }) => fp !== 'express')) options.preemption = each.map(({ fp = 'express' }) => fp);
  return options;
}

export const taprio: Codec<TaprioOptions> = mapped(taprioAttributes_, 'taprio', fromWire, toWire);
