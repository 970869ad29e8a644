/** BPF programs of filters and actions: classic instructions, or a program that is loaded. Source: include/uapi/linux/filter.h (struct sock_filter), pkt_cls.h. */
import { type Codec, codec, tooShort } from '../../netlink/codec.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import { show } from '../../netlink/scalar.ts';
import { fields, struct } from '../../netlink/struct.ts';

const sockFilter = struct('sock_filter', () => ({ code: fields.u16, jt: fields.u8, jf: fields.u8, k: fields.u32 }));

/** An instruction of classic BPF, as `tcpdump -ddd` writes them: code, where to go on (true, false), and a constant. */
export interface BpfInstruction {
  /** What it does: BPF_LD, BPF_RET, …. */
  code: number;
  /** Instructions to skip where a comparison is true. */
  jt: number;
  /** Instructions to skip where it is not. */
  jf: number;
  /** The constant. */
  k: number;
}

const members = memberNames<BpfInstruction>({ code: true, jt: true, jf: true, k: true });
/** BPF_MAXINSNS. */
const most = 4096;

export const bpfInstructions: Codec<BpfInstruction[]> = codec<BpfInstruction[]>('sock_filter[]', {
  decode(source, offset, length) {
    if (length % sockFilter.size !== 0)
      throw tooShort('struct sock_filter', offset, Math.ceil(length / sockFilter.size) * sockFilter.size, length);
    return Array.from({ length: length / sockFilter.size }, (_, i) => sockFilter.read(source, offset + i * sockFilter.size));
  },
  encode(writer, instructions) {
    if (!Array.isArray(instructions) || instructions.length === 0 || instructions.length > most)
      throw new InputError('', `expected 1 to ${most} instructions, got ${show(instructions)}`, 'ERR_INVALID_ARG_TYPE');
    for (const [i, instruction] of (instructions as BpfInstruction[]).entries())
      inArgument(`[${i}]`, () => {
        checkMembers(instruction, '', members);
        const at = writer.reserve(sockFilter.size);
        sockFilter.write(writer.bytes, at, instruction);
      });
  },
});

/** What says which program runs: one of both. */
export interface TcBpfProgram {
  /** Classic instructions, which go into the kernel with this. */
  ops?: BpfInstruction[];
  /** File descriptor of a program that is loaded (BPF_PROG_TYPE_SCHED_CLS or _ACT). Not told. */
  fd?: number;
  /** What `fd` is called in listings. */
  name?: string;
}

/** What is told of a program. */
export interface TcBpfTold {
  /** Hash of its instructions. */
  tag?: Uint8Array;
  /** Its number, as bpftool(8) has it. */
  id?: number;
}

/** @throws InputError unless there is one program */
export function programOf({ ops, fd, name }: TcBpfProgram): { opsLength?: number; ops?: BpfInstruction[]; fd?: number; name?: string } {
  if ((ops === undefined) === (fd === undefined)) throw new InputError('ops', 'one of ops and fd is needed, and not both');
  if (ops !== undefined) return { opsLength: Array.isArray(ops) ? ops.length : 0, ops };
  return { fd: fd!, ...(name === undefined ? {} : { name }) };
}
