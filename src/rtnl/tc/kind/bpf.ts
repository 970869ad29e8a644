/** A BPF program as a filter: tc-bpf(8). Source: include/uapi/linux/pkt_cls.h (TCA_BPF_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { flags } from '../../../netlink/enumeration.ts';
import { checkBoolean, checkMembers, memberNames } from '../../../netlink/input.ts';
import { u16, u32 } from '../../../netlink/scalar.ts';
import { bytes, string } from '../../../netlink/text.ts';
import { type TcAction, tcActions } from '../action/action.ts';
import { bpfInstructions, programOf, type TcBpfProgram, type TcBpfTold } from '../bpf.ts';
import { classId, filterFlags } from '../filter-fields.ts';
import type { TcHandle } from '../handle.ts';

const bpfAttributes_ = attributes('TCA_BPF', () => ({
  actions: attr('TCA_BPF_ACT', 1, tcActions),
  police: attr('TCA_BPF_POLICE', 2, bytes),
  classId: attr('TCA_BPF_CLASSID', 3, classId),
  opsLength: attr('TCA_BPF_OPS_LEN', 4, u16),
  ops: attr('TCA_BPF_OPS', 5, bpfInstructions),
  fd: attr('TCA_BPF_FD', 6, u32),
  name: attr('TCA_BPF_NAME', 7, string(255)),
  /** TCA_BPF_FLAG_*. */
  mode: attr('TCA_BPF_FLAGS', 8, flags(u32, { direct: 1 })),
  flags: attr('TCA_BPF_FLAGS_GEN', 9, filterFlags),
  tag: attr('TCA_BPF_TAG', 10, bytes),
  id: attr('TCA_BPF_ID', 11, u32),
}));
export interface BpfFilterAttributes extends Infer<typeof bpfAttributes_> {}
export const bpfFilterAttributes: Codec<BpfFilterAttributes> = bpfAttributes_;

/** Options of bpf. */
export interface BpfFilterOptions extends TcBpfProgram, TcBpfTold {
  /** The class that packets belong to, where the program does not say. */
  classId?: TcHandle;
  /** What is done with packets that the program takes. */
  actions?: TcAction[];
  /** What the program returns is what becomes of the packet: `direct-action` of tc(8). Default: false. */
  direct?: boolean;
  /** Whether the hardware is to match, and whether it does. Source: pkt_cls.h (TCA_CLS_FLAGS_*). */
  flags?: BpfFilterAttributes['flags'];
}

const members = memberNames<BpfFilterOptions>({
  classId: true,
  actions: true,
  ops: true,
  fd: true,
  name: true,
  direct: true,
  flags: true,
  tag: true,
  id: true,
});

/** Members that are the same on the wire. */
const same = ['classId', 'actions', 'flags'] as const;

export const bpfFilter: Codec<BpfFilterOptions> = mapped<BpfFilterAttributes, BpfFilterOptions>(
  bpfAttributes_,
  'bpf',
  (wire) => {
    const options: Record<string, unknown> = {};
    for (const member of [...same, 'ops', 'name', 'tag', 'id'] as const) if (wire[member] !== undefined) options[member] = wire[member];
    if (wire.mode?.includes('direct') === true) options['direct'] = true;
    return options as BpfFilterOptions;
  },
  (options) => {
    checkMembers(options, '', members);
    checkBoolean(options.direct, 'direct');
    const wire: Record<string, unknown> = programOf(options);
    for (const member of same) if (options[member] !== undefined) wire[member] = options[member];
    if (options.direct === true) wire['mode'] = ['direct'];
    return wire as BpfFilterAttributes;
  },
);
