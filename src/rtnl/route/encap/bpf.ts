/** Packets go through BPF programs. Source: include/uapi/linux/lwtunnel.h (LWT_BPF_*); ip-route(8) "ENCAP_BPF". */
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import type { Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';
import { string } from '../../../netlink/text.ts';
import type { EncapKind } from './kind.ts';

const bpfProgram_ = attributes('LWT_BPF_PROG', () => ({
  /** File descriptor of the loaded program. Needed to set one; the kernel does not say it. */
  fd: attr('LWT_BPF_PROG_FD', 1, u32),
  /** What to show for it. Needed to set one. */
  name: attr('LWT_BPF_PROG_NAME', 2, string(255)),
}));
export interface BpfProgram extends Infer<typeof bpfProgram_> {}
export const bpfProgram: AttributeSet<BpfProgram> = bpfProgram_;

const bpfEncapAttributes_ = attributes('LWT_BPF', () => ({
  /** For packets that come in. */
  in: attr('LWT_BPF_IN', 1, bpfProgram_),
  /** For packets that this machine sends, before they are routed. */
  out: attr('LWT_BPF_OUT', 2, bpfProgram_),
  /** For packets just before they leave. */
  xmit: attr('LWT_BPF_XMIT', 3, bpfProgram_),
  /** Bytes to keep free before a packet, at most 256. Never read back. */
  headroom: attr('LWT_BPF_XMIT_HEADROOM', 4, u32),
}));
export interface BpfEncapAttributes extends Infer<typeof bpfEncapAttributes_> {}
export const bpfEncapAttributes: AttributeSet<BpfEncapAttributes> = bpfEncapAttributes_;

/** Packets go through BPF programs. What a list returns lacks the programs' file descriptors and the headroom: create needs them again. */
export interface BpfEncap extends BpfEncapAttributes {
  /** LWTUNNEL_ENCAP_BPF. */
  type: 'bpf';
}

export const bpfEncap: EncapKind = { number: 6, needs: 'CONFIG_LWTUNNEL_BPF', set: bpfEncapAttributes_ };
