/** A gate that is open and shut by a schedule, of IEEE 802.1Qci: tc-gate(8). Source: include/uapi/linux/tc_act/tc_gate.h. */
import { attr, attributes, listOf } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, flag, n64, s32, show, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { baseTimeOf, s64, type TcClock, tcClock } from '../clock.ts';
import { control, generic, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const entry = attributes('TCA_GATE_ENTRY', () => ({
  index: attr('TCA_GATE_ENTRY_INDEX', 1, u32),
  open: attr('TCA_GATE_ENTRY_GATE', 2, flag),
  interval: attr('TCA_GATE_ENTRY_INTERVAL', 3, u32),
  internalPriority: attr('TCA_GATE_ENTRY_IPV', 4, s32),
  maxOctets: attr('TCA_GATE_ENTRY_MAX_OCTETS', 5, s32),
}));

const gateAttributes_ = attributes('TCA_GATE', () => ({
  tm: attr('TCA_GATE_TM', 1, times),
  parms: attr('TCA_GATE_PARMS', 2, generic),
  pad: attr('TCA_GATE_PAD', 3, bytes),
  priority: attr('TCA_GATE_PRIORITY', 4, s32),
  entries: attr('TCA_GATE_ENTRY_LIST', 5, listOf('TCA_GATE_ONE_ENTRY', 1, entry)),
  baseTime: attr('TCA_GATE_BASE_TIME', 6, s64),
  cycleTime: attr('TCA_GATE_CYCLE_TIME', 7, n64),
  cycleTimeExtension: attr('TCA_GATE_CYCLE_TIME_EXT', 8, n64),
  flags: attr('TCA_GATE_FLAGS', 9, u32),
  clockId: attr('TCA_GATE_CLOCKID', 10, tcClock),
}));
export interface GateAttributes extends Infer<typeof gateAttributes_> {}
export const gateAttributes: Codec<GateAttributes> = gateAttributes_;

/** A part of the schedule. */
export interface GateEntry {
  /** Whether packets pass. */
  open: boolean;
  /** Nanoseconds that it lasts. */
  interval: number;
  /** The queue of hardware that packets go to, in place of the one by their priority; -1: that one. Default: -1. */
  internalPriority?: number;
  /** Bytes that may pass in that time; -1: no limit. Default: -1. */
  maxOctets?: number;
}

/** Options of gate. */
export interface GateOptions extends TcActionState {
  /** What follows one after the other in a cycle. */
  entries: GateEntry[];
  /** The clock that the schedule goes by. Default: `TAI`. */
  clockId?: TcClock;
  /** When the schedule begins, in nanoseconds of the clock; read as a bigint. Default: 0. */
  baseTime?: bigint | number;
  /** Nanoseconds of a cycle. Default: what its parts come to. */
  cycleTime?: number;
  /** Nanoseconds by which the last cycle may be longer when another schedule comes. Default: 0. */
  cycleTimeExtension?: number;
  /** Which of the schedules of a stream it is, for hardware; -1: any. Default: -1. */
  priority?: number;
  /** For hardware. Default: 0. */
  flags?: number;
  /** What becomes of packets that pass. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<GateOptions>({
  ...{ entries: true, clockId: true, baseTime: true, cycleTime: true, cycleTimeExtension: true, priority: true, flags: true },
  ...{ control: true, index: true },
});
const entryMembers = memberNames<GateEntry>({ open: true, interval: true, internalPriority: true, maxOctets: true });
const same = ['priority', 'cycleTime', 'cycleTimeExtension', 'flags', 'clockId'] as const;
const any = -1;

function toEntries(entries: unknown): NonNullable<GateAttributes['entries']> {
  if (!Array.isArray(entries) || entries.length === 0)
    throw new InputError('', `expected the parts of a schedule, got ${show(entries)}`, 'ERR_INVALID_ARG_TYPE');
  return entries.map((one: GateEntry, i) =>
    inArgument(`[${i}]`, () => {
      checkMembers(one, '', entryMembers);
      const { open, interval, internalPriority = any, maxOctets = any } = one;
      checkBoolean(open, 'open');
      if (open === undefined) throw new InputError('open', 'is needed', 'ERR_INVALID_ARG_TYPE');
      inArgument('interval', () => checkInteger(interval, 1, 0xffffffff));
      for (const [argument, value] of Object.entries({ internalPriority, maxOctets }))
        inArgument(argument, () => checkInteger(value, any, 0x7fffffff));
      return { ...(open ? { open } : {}), interval, internalPriority, maxOctets };
    }),
  );
}

export const gate: Codec<GateOptions> = mapped<GateAttributes, GateOptions>(
  gateAttributes_,
  'gate',
  (wire) => {
    const { parms, tm, entries = [], baseTime } = wire;
    const options: GateOptions = {
      entries: entries.map(({ open = false, interval = 0, internalPriority = any, maxOctets = any }) => ({
        ...{ open, interval, internalPriority, maxOctets },
      })),
    };
    if (baseTime !== undefined) options.baseTime = baseTime;
    for (const member of same) if (wire[member] !== undefined) Object.assign(options, { [member]: wire[member] });
    return Object.assign(options, { control: control.nameOf(parms?.action ?? 0) }, toldOf(parms, tm));
  },
  (options) => {
    checkMembers(options, '', members);
    const wire: GateAttributes = { parms: genericOf(options, 'pipe') };
    const { baseTime } = options;
    if (baseTime !== undefined) wire.baseTime = inArgument('baseTime', () => baseTimeOf(baseTime));
    for (const member of same) if (options[member] !== undefined) Object.assign(wire, { [member]: options[member] });
    wire.entries = inArgument('entries', () => toEntries(options.entries));
    return wire;
  },
);
