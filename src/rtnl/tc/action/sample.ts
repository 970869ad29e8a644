/** Packets, by chance, told to programs that listen to psample: tc-sample(8). Source: include/uapi/linux/tc_act/tc_sample.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, generic, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const sampleAttributes_ = attributes('TCA_SAMPLE', () => ({
  tm: attr('TCA_SAMPLE_TM', 1, times),
  parms: attr('TCA_SAMPLE_PARMS', 2, generic),
  rate: attr('TCA_SAMPLE_RATE', 3, u32),
  truncate: attr('TCA_SAMPLE_TRUNC_SIZE', 4, u32),
  group: attr('TCA_SAMPLE_PSAMPLE_GROUP', 5, u32),
  pad: attr('TCA_SAMPLE_PAD', 6, bytes),
}));
export interface SampleAttributes extends Infer<typeof sampleAttributes_> {}
export const sampleAttributes: Codec<SampleAttributes> = sampleAttributes_;

/** Options of sample. */
export interface SampleOptions extends TcActionState {
  /** One of so many packets. */
  rate: number;
  /** Group of psample that it is told to. */
  group: number;
  /** Bytes of it that are told. Default: all. */
  truncate?: number;
  /** What becomes of the packet. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<SampleOptions>({ rate: true, group: true, truncate: true, control: true, index: true });

export const sample: Codec<SampleOptions> = mapped<SampleAttributes, SampleOptions>(
  sampleAttributes_,
  'sample',
  ({ parms, tm, rate = 0, group = 0, truncate }) => ({
    rate,
    group,
    ...(truncate === undefined ? {} : { truncate }),
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
  }),
  (options) => {
    checkMembers(options, '', members);
    const { rate, group, truncate } = options;
    inArgument('rate', () => checkInteger(rate, 1, 0xffffffff));
    inArgument('group', () => checkInteger(group, 0, 0xffffffff));
    return { parms: genericOf(options, 'pipe'), rate, group, ...(truncate === undefined ? {} : { truncate }) };
  },
);
