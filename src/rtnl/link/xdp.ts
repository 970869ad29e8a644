/** The XDP program of a link. Source: include/uapi/linux/if_link.h (IFLA_XDP_*, XDP_*); ip-link(8), "xdp object". */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { s32, u8, u32 } from '../../netlink/scalar.ts';

/** XDP_ATTACHED_*: where the program runs. */
const attached = enumeration(u8, { none: 0, drv: 1, skb: 2, hw: 3, multi: 4 });

/** XDP_FLAGS_*. */
const xdpFlags = flags(u32, { update_if_noexist: 1, skb_mode: 2, drv_mode: 4, hw_mode: 8, replace: 16 });

const xdp_ = attributes('IFLA_XDP', () => ({
  /** Descriptor of the BPF program to attach; -1 takes the program away. */
  fd: attr('IFLA_XDP_FD', 1, s32),
  /** Read only. */
  attached: attr('IFLA_XDP_ATTACHED', 2, attached),
  /** How to attach: `update_if_noexist`, `skb_mode`, `drv_mode`, `hw_mode`, `replace` (needs `expectedFd`). */
  flags: attr('IFLA_XDP_FLAGS', 3, xdpFlags),
  /** Read only: id of the program, where there is one. */
  programId: attr('IFLA_XDP_PROG_ID', 4, u32),
  /** Read only. */
  driverProgramId: attr('IFLA_XDP_DRV_PROG_ID', 5, u32),
  /** Read only. */
  skbProgramId: attr('IFLA_XDP_SKB_PROG_ID', 6, u32),
  /** Read only. */
  hardwareProgramId: attr('IFLA_XDP_HW_PROG_ID', 7, u32),
  /** With the flag `replace`: a descriptor of the program that is to be replaced, or -1 when there is to be none. */
  expectedFd: attr('IFLA_XDP_EXPECTED_FD', 8, s32),
}));

/** IFLA_XDP. */
export interface Xdp extends Infer<typeof xdp_> {}
export const xdp: Codec<Xdp> = xdp_;

/** What `update` takes. */
export interface XdpInput extends Pick<Xdp, 'fd' | 'flags' | 'expectedFd'> {}
