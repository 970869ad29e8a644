/** Labels of MPLS put on, changed and taken off: tc-mpls(8). Source: include/uapi/linux/tc_act/tc_mpls.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { be16, checkInteger, s32, u8, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { type TcProtocol, tcProtocol } from '../protocol.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcMpls = struct('tc_mpls', () => ({ ...genericFields, mplsAction: fields.s32 }));

const mplsAttributes_ = attributes('TCA_MPLS', () => ({
  tm: attr('TCA_MPLS_TM', 1, times),
  parms: attr('TCA_MPLS_PARMS', 2, structCodec(tcMpls)),
  pad: attr('TCA_MPLS_PAD', 3, bytes),
  protocol: attr('TCA_MPLS_PROTO', 4, be16),
  label: attr('TCA_MPLS_LABEL', 5, u32),
  trafficClass: attr('TCA_MPLS_TC', 6, u8),
  ttl: attr('TCA_MPLS_TTL', 7, u8),
  bottom: attr('TCA_MPLS_BOS', 8, u8),
}));
export interface MplsActionAttributes extends Infer<typeof mplsAttributes_> {}
export const mplsActionAttributes: Codec<MplsActionAttributes> = mplsAttributes_;

/** TCA_MPLS_ACT_*. */
const kinds = enumeration(s32, { pop: 1, push: 2, modify: 3, dec_ttl: 4, mac_push: 5 });

/** Options of mpls. */
export interface MplsActionOptions extends TcActionState {
  /** `mac_push`: before the Ethernet header. */
  action: 'pop' | 'push' | 'modify' | 'dec_ttl' | 'mac_push';
  /** What the packet is: with `pop` without the label, and needed; with `push` with it. Default with `push`: 0x8847. */
  protocol?: TcProtocol;
  /** 0 to 1,048,575. Needed with `push`. */
  label?: number;
  /** 0 to 7. */
  trafficClass?: number;
  /** 1 to 255. Default: what the packet has. */
  ttl?: number;
  /** Whether it is the last label. Default: by the packet. */
  bottom?: boolean;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<MplsActionOptions>({
  action: true,
  protocol: true,
  label: true,
  trafficClass: true,
  ttl: true,
  bottom: true,
  control: true,
  index: true,
});
const largestLabel = 0xfffff;

export const mplsAction: Codec<MplsActionOptions> = mapped<MplsActionAttributes, MplsActionOptions>(
  mplsAttributes_,
  'mpls',
  ({ parms, tm, protocol, label, trafficClass, ttl, bottom }) => ({
    action: kinds.nameOf(parms?.mplsAction ?? 0) as MplsActionOptions['action'],
    ...(protocol === undefined ? {} : { protocol: tcProtocol.nameOf(protocol) }),
    ...(label === undefined ? {} : { label }),
    ...(trafficClass === undefined ? {} : { trafficClass }),
    // 0 stands for what the packet has, and is refused where it is asked for
    ...(ttl === undefined || ttl === 0 ? {} : { ttl }),
    ...(bottom === undefined ? {} : { bottom: bottom !== 0 }),
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
  }),
  (options) => {
    checkMembers(options, '', members);
    const { action, protocol, label, trafficClass, ttl, bottom } = options;
    if (action === 'pop' && protocol === undefined) throw new InputError('protocol', 'is needed with pop', 'ERR_INVALID_ARG_TYPE');
    if ((action === 'push' || action === 'mac_push') && label === undefined)
      throw new InputError('label', `is needed with ${action}`, 'ERR_INVALID_ARG_TYPE');
    if (label !== undefined) inArgument('label', () => checkInteger(label, 0, largestLabel));
    if (trafficClass !== undefined) inArgument('trafficClass', () => checkInteger(trafficClass, 0, 7));
    if (ttl !== undefined) inArgument('ttl', () => checkInteger(ttl, 1, 255));
    return {
      parms: { ...genericOf(options, 'pipe'), mplsAction: inArgument('action', () => kinds.valueOf(action)) },
      ...(protocol === undefined ? {} : { protocol: inArgument('protocol', () => tcProtocol.valueOf(protocol)) }),
      ...(label === undefined ? {} : { label }),
      ...(trafficClass === undefined ? {} : { trafficClass }),
      ...(ttl === undefined ? {} : { ttl }),
      ...(bottom === undefined ? {} : { bottom: bottom ? 1 : 0 }),
    };
  },
);
