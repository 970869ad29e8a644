/** Checksums made anew after changes: tc-csum(8). Source: include/uapi/linux/tc_act/tc_csum.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { type Enumerated, flags } from '../../../netlink/enumeration.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcCsum = struct('tc_csum', () => ({ ...genericFields, updateFlags: fields.u32 }));

const csumAttributes_ = attributes('TCA_CSUM', () => ({
  parms: attr('TCA_CSUM_PARMS', 1, structCodec(tcCsum)),
  tm: attr('TCA_CSUM_TM', 2, times),
  pad: attr('TCA_CSUM_PAD', 3, bytes),
}));
export interface CsumAttributes extends Infer<typeof csumAttributes_> {}
export const csumAttributes: Codec<CsumAttributes> = csumAttributes_;

/** TCA_CSUM_UPDATE_FLAG_*. */
const headers = flags(u32, { ip4h: 1, icmp: 2, igmp: 4, tcp: 8, udp: 16, udplite: 32, sctp: 64 });

/** Options of csum. */
export interface CsumOptions extends TcActionState {
  /** The headers whose checksums are made: `ip4h` is that of IPv4. */
  update: Enumerated<(typeof headers)['values']>[];
  /** What becomes of the packet then. Default: `pass`. */
  control?: TcControl;
}

const members = memberNames<CsumOptions>({ update: true, control: true, index: true });

export const csum: Codec<CsumOptions> = mapped<CsumAttributes, CsumOptions>(
  csumAttributes_,
  'csum',
  ({ parms, tm }) => ({
    update: headers.namesOf(parms?.updateFlags ?? 0),
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
  }),
  (options) => {
    checkMembers(options, '', members);
    const updateFlags = inArgument('update', () => headers.valueOf(options.update));
    return { parms: { ...genericOf(options, 'pass'), updateFlags } };
  },
);
