/** A line in the kernel's log for each packet: tc-simple(8). Source: include/uapi/linux/tc_act/tc_defact.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, memberNames } from '../../../netlink/input.ts';
import { bytes, string } from '../../../netlink/text.ts';
import { control, generic, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const simpleAttributes_ = attributes('TCA_DEF', () => ({
  tm: attr('TCA_DEF_TM', 1, times),
  parms: attr('TCA_DEF_PARMS', 2, generic),
  data: attr('TCA_DEF_DATA', 3, string(31)),
  pad: attr('TCA_DEF_PAD', 4, bytes),
}));
export interface SimpleAttributes extends Infer<typeof simpleAttributes_> {}
export const simpleAttributes: Codec<SimpleAttributes> = simpleAttributes_;

/** Options of simple. */
export interface SimpleOptions extends TcActionState {
  /** What the line says, up to 31 bytes. */
  data: string;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<SimpleOptions>({ data: true, control: true, index: true });

export const simple: Codec<SimpleOptions> = mapped<SimpleAttributes, SimpleOptions>(
  simpleAttributes_,
  'simple',
  ({ parms, tm, data = '' }) => ({ data, control: control.nameOf(parms?.action ?? 0), ...toldOf(parms, tm) }),
  (options) => {
    checkMembers(options, '', members);
    return { parms: genericOf(options, 'pipe'), data: options.data };
  },
);
