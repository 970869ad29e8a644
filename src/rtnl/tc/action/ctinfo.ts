/** What the mark of the connection says goes into the packet: tc-ctinfo(8). Source: include/uapi/linux/tc_act/tc_ctinfo.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, memberNames } from '../../../netlink/input.ts';
import { n64, u16, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, generic, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const ctinfoAttributes_ = attributes('TCA_CTINFO', () => ({
  pad: attr('TCA_CTINFO_PAD', 1, bytes),
  tm: attr('TCA_CTINFO_TM', 2, times),
  parms: attr('TCA_CTINFO_ACT', 3, generic),
  zone: attr('TCA_CTINFO_ZONE', 4, u16),
  dscpMask: attr('TCA_CTINFO_PARMS_DSCP_MASK', 5, u32),
  dscpStateMask: attr('TCA_CTINFO_PARMS_DSCP_STATEMASK', 6, u32),
  markMask: attr('TCA_CTINFO_PARMS_CPMARK_MASK', 7, u32),
  dscpSet: attr('TCA_CTINFO_STATS_DSCP_SET', 8, n64),
  dscpErrors: attr('TCA_CTINFO_STATS_DSCP_ERROR', 9, n64),
  marksSet: attr('TCA_CTINFO_STATS_CPMARK_SET', 10, n64),
}));
export interface CtinfoAttributes extends Infer<typeof ctinfoAttributes_> {}
export const ctinfoAttributes: Codec<CtinfoAttributes> = ctinfoAttributes_;

/** Options of ctinfo: `dscpMask` or `markMask`, or both. */
export interface CtinfoOptions extends TcActionState {
  /** Zone of connection tracking. Default: 0. */
  zone?: number;
  /** The six bits of the mark, next to each other, that become the DS field of the packet. */
  dscpMask?: number;
  /** Only where one of these bits of the mark is set. Default: always. */
  dscpStateMask?: number;
  /** The bits of the mark that become the mark of the packet. */
  markMask?: number;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<CtinfoOptions>({
  zone: true,
  dscpMask: true,
  dscpStateMask: true,
  markMask: true,
  control: true,
  index: true,
});
const same = ['zone', 'dscpMask', 'dscpStateMask', 'markMask'] as const;

export const ctinfo: Codec<CtinfoOptions> = mapped<CtinfoAttributes, CtinfoOptions>(
  ctinfoAttributes_,
  'ctinfo',
  ({ parms, tm, ...wire }) => {
    const options: CtinfoOptions = { control: control.nameOf(parms?.action ?? 0) };
    for (const member of same) if (wire[member] !== undefined) options[member] = wire[member];
    return Object.assign(options, toldOf(parms, tm));
  },
  (options) => {
    checkMembers(options, '', members);
    if (options.dscpMask === undefined && options.markMask === undefined)
      throw new InputError('dscpMask', 'one of dscpMask and markMask is needed', 'ERR_INVALID_ARG_TYPE');
    if (options.dscpStateMask !== undefined && options.dscpMask === undefined) throw new InputError('dscpStateMask', 'needs a dscpMask');
    const wire: CtinfoAttributes = { parms: genericOf(options, 'pipe') };
    for (const member of same) if (options[member] !== undefined) wire[member] = options[member];
    return wire;
  },
);
