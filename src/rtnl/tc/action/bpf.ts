/** A BPF program as an action: tc-bpf(8). Source: include/uapi/linux/tc_act/tc_bpf.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, memberNames } from '../../../netlink/input.ts';
import { u16, u32 } from '../../../netlink/scalar.ts';
import { bytes, string } from '../../../netlink/text.ts';
import { bpfInstructions, programOf, type TcBpfProgram, type TcBpfTold } from '../bpf.ts';
import { control, generic, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const bpfAttributes_ = attributes('TCA_ACT_BPF', () => ({
  tm: attr('TCA_ACT_BPF_TM', 1, times),
  parms: attr('TCA_ACT_BPF_PARMS', 2, generic),
  opsLength: attr('TCA_ACT_BPF_OPS_LEN', 3, u16),
  ops: attr('TCA_ACT_BPF_OPS', 4, bpfInstructions),
  fd: attr('TCA_ACT_BPF_FD', 5, u32),
  name: attr('TCA_ACT_BPF_NAME', 6, string(255)),
  pad: attr('TCA_ACT_BPF_PAD', 7, bytes),
  tag: attr('TCA_ACT_BPF_TAG', 8, bytes),
  id: attr('TCA_ACT_BPF_ID', 9, u32),
}));
export interface BpfActionAttributes extends Infer<typeof bpfAttributes_> {}
export const bpfActionAttributes: Codec<BpfActionAttributes> = bpfAttributes_;

/** Options of bpf. */
export interface BpfActionOptions extends TcActionState, TcBpfProgram, TcBpfTold {
  /** What becomes of the packet where the program does not say. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<BpfActionOptions>({ ops: true, fd: true, name: true, tag: true, id: true, control: true, index: true });

export const bpfAction: Codec<BpfActionOptions> = mapped<BpfActionAttributes, BpfActionOptions>(
  bpfAttributes_,
  'bpf',
  ({ parms, tm, ops, name, tag, id }) => ({
    ...(ops === undefined ? {} : { ops }),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tag }),
    ...(id === undefined ? {} : { id }),
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
  }),
  (options) => {
    checkMembers(options, '', members);
    return { parms: genericOf(options, 'pipe'), ...programOf(options) };
  },
);
