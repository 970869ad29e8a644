/** The mark of the connection becomes that of the packet: tc-connmark(8). Source: include/uapi/linux/tc_act/tc_connmark.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcConnmark = struct('tc_connmark', () => ({ ...genericFields, zone: fields.u16 }));

const connmarkAttributes_ = attributes('TCA_CONNMARK', () => ({
  parms: attr('TCA_CONNMARK_PARMS', 1, structCodec(tcConnmark)),
  tm: attr('TCA_CONNMARK_TM', 2, times),
  pad: attr('TCA_CONNMARK_PAD', 3, bytes),
}));
export interface ConnmarkAttributes extends Infer<typeof connmarkAttributes_> {}
export const connmarkAttributes: Codec<ConnmarkAttributes> = connmarkAttributes_;

/** Options of connmark. */
export interface ConnmarkOptions extends TcActionState {
  /** Zone of connection tracking. Default: 0. */
  zone?: number;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<ConnmarkOptions>({ zone: true, control: true, index: true });

export const connmark: Codec<ConnmarkOptions> = mapped<ConnmarkAttributes, ConnmarkOptions>(
  connmarkAttributes_,
  'connmark',
  ({ parms, tm }) => ({ zone: parms?.zone ?? 0, control: control.nameOf(parms?.action ?? 0), ...toldOf(parms, tm) }),
  (options) => {
    checkMembers(options, '', members);
    const { zone = 0 } = options;
    inArgument('zone', () => checkInteger(zone, 0, 0xffff));
    return { parms: { ...genericOf(options, 'pipe'), zone } };
  },
);
