/** A link whose other end is a process: of IP packets (tun) or of Ethernet frames (tap). Sources: include/uapi/linux/if_link.h (IFLA_TUN_*), include/uapi/linux/if_tun.h; the kernel's Documentation/networking/tuntap.rst, ip-tuntap(8). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { bool8, u8, u32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

/** IFF_TUN and IFF_TAP. */
export const tunType = enumeration(u8, { tun: 1, tap: 2 });

const tun_ = attributes('IFLA_TUN', () => ({
  /** User who may attach to it; by default whoever has CAP_NET_ADMIN, and nobody else. */
  owner: attr('IFLA_TUN_OWNER', 1, u32),
  /** Group whose members may attach to it. */
  group: attr('IFLA_TUN_GROUP', 2, u32),
  /** Default: `tun`. */
  type: attr('IFLA_TUN_TYPE', 3, tunType),
  /** Every packet has the protocol number before it (struct tun_pi). Default: false. */
  pi: attr('IFLA_TUN_PI', 4, bool8),
  /** Every packet has a struct virtio_net_hdr before it. Default: false. */
  vnetHdr: attr('IFLA_TUN_VNET_HDR', 5, bool8),
  /** It stays when no process is attached to it. Always true of those made here. */
  persist: attr('IFLA_TUN_PERSIST', 6, bool8),
  /** Several processes, or threads of one, may attach to it, each to a queue of its own. Default: false. */
  multiQueue: attr('IFLA_TUN_MULTI_QUEUE', 7, bool8),
  /** Read only: queues attached to. */
  numQueues: attr('IFLA_TUN_NUM_QUEUES', 8, u32),
  /** Read only. */
  numDisabledQueues: attr('IFLA_TUN_NUM_DISABLED_QUEUES', 9, u32),
}));

/** IFLA_INFO_DATA of a tun or tap. */
export interface Tun extends Infer<typeof tun_> {}
export const tun: Codec<Tun> = tun_;

export const tunKind: LinkKind<Tun> = {
  data: tun,
  needs: 'CONFIG_TUN',
  limits: { owner: [0, 0xfffffffe], group: [0, 0xfffffffe] },
  readOnly: new Set<keyof Tun>(['numQueues', 'numDisabledQueues']),
};
