/** Queues of the link by priority: tc-mqprio(8). Source: include/uapi/linux/pkt_sched.h (struct tc_mqprio_qopt, TCA_MQPRIO_*). */
import { attr, attributes, listOf, repeated } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, tooShort } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, n64, show, u16, u32 } from '../../../netlink/scalar.ts';
import {
  type FramePreemption,
  framePreemption,
  fromQopt,
  most,
  mqprioQoptCodec,
  mqprioQoptSize,
  type TrafficClassMap,
  toQopt,
} from '../traffic-classes.ts';

const modes = { dcb: 0, channel: 1 } as const;
const shapers = { dcb: 0, bw_rlimit: 1 } as const;

const entry = attributes('TCA_MQPRIO_TC_ENTRY', () => ({
  index: attr('TCA_MQPRIO_TC_ENTRY_INDEX', 1, u32),
  fp: attr('TCA_MQPRIO_TC_ENTRY_FP', 2, framePreemption),
}));

const mqprioAttributes_ = attributes('TCA_MQPRIO', () => ({
  mode: attr('TCA_MQPRIO_MODE', 1, enumeration(u16, modes)),
  shaper: attr('TCA_MQPRIO_SHAPER', 2, enumeration(u16, shapers)),
  minRate: attr('TCA_MQPRIO_MIN_RATE64', 3, listOf('TCA_MQPRIO_MIN_RATE64', 3, n64)),
  maxRate: attr('TCA_MQPRIO_MAX_RATE64', 4, listOf('TCA_MQPRIO_MAX_RATE64', 4, n64)),
  entries: repeated('TCA_MQPRIO_TC_ENTRY', 5, entry),
}));
export interface MqprioAttributes extends Infer<typeof mqprioAttributes_> {}
export const mqprioAttributes: Codec<MqprioAttributes> = mqprioAttributes_;

/** Options of mqprio. The members from `mode` on go to the hardware, with `hw`. */
export interface MqprioOptions extends TrafficClassMap {
  /** What the hardware does: 0, nothing; 1, it has the traffic classes, and chooses their queues. Default: 1, as of tc(8). */
  hw?: number;
  /** `channel`: queues are set aside for each traffic class. Default: `dcb`. */
  mode?: Enumerated<typeof modes>;
  /** `bw_rlimit`: it keeps to `minRate` and `maxRate`. Default: `dcb`. */
  shaper?: Enumerated<typeof shapers>;
  /** Bytes a second that each traffic class is sure of. */
  minRate?: number[];
  /** Bytes a second that each traffic class has at most. */
  maxRate?: number[];
  /** Whether packets of each traffic class may be interrupted by others. Linux 6.4. */
  preemption?: FramePreemption[];
}

const members = memberNames<MqprioOptions>({
  ...{ trafficClasses: true, map: true, queues: true, hw: true, mode: true, shaper: true, minRate: true, maxRate: true, preemption: true },
});

/** A list of one for each traffic class. @throws InputError */
function checkEach(list: unknown, classes: number): asserts list is unknown[] {
  if (!Array.isArray(list) || list.length > classes)
    throw new InputError('', `expected up to ${classes}, one for each traffic class, got ${show(list)}`, 'ERR_INVALID_ARG_TYPE');
}

const rates = ['minRate', 'maxRate'] as const;

function ofAll(rate: readonly number[]): number[] {
  return Array.from({ length: most }, (_, i) => rate[i] ?? 0);
}

/** The struct, and the attributes behind it. */
export const mqprio: Codec<MqprioOptions> = codec<MqprioOptions>('mqprio', {
  decode(bytes, offset, length) {
    if (length < mqprioQoptSize) throw tooShort('struct tc_mqprio_qopt', offset, mqprioQoptSize, length);
    const qopt = mqprioQoptCodec.decode(bytes, offset, mqprioQoptSize);
    const aligned = (mqprioQoptSize + 3) & ~3;
    const { entries, unknown: _, ...rest } = length > aligned ? mqprioAttributes_.decode(bytes, offset + aligned, length - aligned) : {};
    const options: MqprioOptions = { ...fromQopt(qopt), hw: qopt.hw, ...rest };
    for (const member of rates) if (options[member] !== undefined) options[member] = options[member].slice(0, qopt.classes);
    // a kernel tells express of all where nothing was said
    if (entries !== undefined) {
      const preemption = [...entries].sort((a, b) => a.index! - b.index!).map(({ fp = 'express' }) => fp);
      if (preemption.slice(0, qopt.classes).some((fp) => fp !== 'express')) options.preemption = preemption.slice(0, qopt.classes);
    }
    return options;
  },
  encode(writer, options) {
    checkMembers(options, '', members);
    const { hw = 1, mode, shaper, minRate, maxRate, preemption } = options;
    inArgument('hw', () => checkInteger(hw, 0, 0xff));
    mqprioQoptCodec.encode(writer, toQopt(options, hw));
    writer.append(new Uint8Array(-mqprioQoptSize & 3));
    const { trafficClasses } = options;
    for (const [argument, list] of Object.entries({ minRate, maxRate, preemption }))
      if (list !== undefined) inArgument(argument, () => checkEach(list, trafficClasses));
    mqprioAttributes_.encode(writer, {
      ...(mode === undefined ? {} : { mode }),
      ...(shaper === undefined ? {} : { shaper }),
      ...(preemption === undefined
        ? {}
        : {
            entries: preemption.map((fp, index) =>
              inArgument(`preemption[${index}]`, () => ({ index, fp: framePreemption.nameOf(framePreemption.valueOf(fp)) })),
            ),
          }),
      // of all, as tc(8) says them
      ...(minRate === undefined ? {} : { minRate: ofAll(minRate) }),
      ...(maxRate === undefined ? {} : { maxRate: ofAll(maxRate) }),
    });
  },
});
