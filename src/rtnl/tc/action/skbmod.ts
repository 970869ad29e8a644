/** Changes of the Ethernet header: tc-skbmod(8). Source: include/uapi/linux/tc_act/tc_skbmod.h. */
import { ethernetAddress } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { u16 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { type TcProtocol, tcProtocol } from '../protocol.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcSkbmod = struct('tc_skbmod', () => ({ ...genericFields, flags: fields.n64 }));

const skbmodAttributes_ = attributes('TCA_SKBMOD', () => ({
  tm: attr('TCA_SKBMOD_TM', 1, times),
  parms: attr('TCA_SKBMOD_PARMS', 2, structCodec(tcSkbmod)),
  ethDst: attr('TCA_SKBMOD_DMAC', 3, ethernetAddress),
  ethSrc: attr('TCA_SKBMOD_SMAC', 4, ethernetAddress),
  ethType: attr('TCA_SKBMOD_ETYPE', 5, u16),
  pad: attr('TCA_SKBMOD_PAD', 6, bytes),
}));
export interface SkbmodAttributes extends Infer<typeof skbmodAttributes_> {}
export const skbmodAttributes: Codec<SkbmodAttributes> = skbmodAttributes_;

/** SKBMOD_F_*. */
const bits = { ethDst: 1, ethSrc: 2, ethType: 4, swap: 8, ecn: 16 } as const;

/** Options of skbmod: what is set; or `swap` or `ecn` alone. */
export interface SkbmodOptions extends TcActionState {
  /** Hardware address that it goes to. */
  ethDst?: string;
  /** Hardware address that it comes from. */
  ethSrc?: string;
  /** What it carries. */
  ethType?: TcProtocol;
  /** Source and destination change places. Default: false. */
  swap?: boolean;
  /** Congestion is marked. Default: false. */
  ecn?: boolean;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<SkbmodOptions>({
  ethDst: true,
  ethSrc: true,
  ethType: true,
  swap: true,
  ecn: true,
  control: true,
  index: true,
});

export const skbmod: Codec<SkbmodOptions> = mapped<SkbmodAttributes, SkbmodOptions>(
  skbmodAttributes_,
  'skbmod',
  ({ parms, tm, ethDst, ethSrc, ethType }) => ({
    ...(ethDst === undefined ? {} : { ethDst }),
    ...(ethSrc === undefined ? {} : { ethSrc }),
    ...(ethType === undefined ? {} : { ethType: tcProtocol.nameOf(ethType) }),
    ...(((parms?.flags ?? 0) & bits.swap) === 0 ? {} : { swap: true }),
    ...(((parms?.flags ?? 0) & bits.ecn) === 0 ? {} : { ecn: true }),
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
  }),
  (options) => {
    checkMembers(options, '', members);
    const { ethDst, ethSrc, ethType, swap, ecn } = options;
    for (const member of ['swap', 'ecn'] as const) checkBoolean(options[member], member);
    const flags =
      (['ethDst', 'ethSrc', 'ethType'] as const).reduce((all, member) => all | (options[member] === undefined ? 0 : bits[member]), 0) |
      (swap === true ? bits.swap : 0) |
      (ecn === true ? bits.ecn : 0);
    if (flags === 0) throw new InputError('', 'expected something to change');
    return {
      parms: { ...genericOf(options, 'pipe'), flags },
      ...(ethDst === undefined ? {} : { ethDst }),
      ...(ethSrc === undefined ? {} : { ethSrc }),
      ...(ethType === undefined ? {} : { ethType: inArgument('ethType', () => tcProtocol.valueOf(ethType)) }),
    };
  },
);
