/** What becomes of packets and nothing else: `action drop`, tc-actions(8). Source: include/uapi/linux/tc_act/tc_gact.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, type TcActionState, type TcControl } from './control.ts';

const tcGact = struct('tc_gact', () => genericFields);

const gactAttributes_ = attributes('TCA_GACT', () => ({
  tm: attr('TCA_GACT_TM', 1, bytes),
  parms: attr('TCA_GACT_PARMS', 2, structCodec(tcGact)),
  probability: attr('TCA_GACT_PROB', 3, bytes),
  pad: attr('TCA_GACT_PAD', 4, bytes),
}));
export interface GactAttributes extends Infer<typeof gactAttributes_> {}
export const gactAttributes: Codec<GactAttributes> = gactAttributes_;

/** Options of gact. */
export interface GactOptions extends TcActionState {
  control: TcControl;
  /** struct tc_gact_p: now and then something else. */
  probability?: Uint8Array;
}

const members = memberNames<GactOptions>({ control: true, probability: true, index: true });

export const gact: Codec<GactOptions> = mapped<GactAttributes, GactOptions>(
  gactAttributes_,
  'gact',
  ({ parms, probability }) => ({
    control: control.nameOf(parms?.action ?? 0),
    ...(parms === undefined ? {} : { index: parms.index }),
    ...(probability === undefined ? {} : { probability }),
  }),
  (options) => {
    checkMembers(options, '', members);
    const { index = 0, probability } = options;
    const action = inArgument('control', () => control.valueOf(options.control));
    return { parms: { index, capab: 0, action, refcnt: 0, bindcnt: 0 }, ...(probability === undefined ? {} : { probability }) };
  },
);
