/** A pair of links for BPF programs, or a single one. Source: include/uapi/linux/if_link.h (IFLA_NETKIT_*); ip-link(8), "NETKIT Type Support". */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { bool8, u16, u32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';
import { peerMessage } from '../peer.ts';

/** enum netkit_action: what a link does with packets while it has no program. */
const policy = enumeration(u32, { forward: 0, blackhole: 2 });
/** enum netkit_mode. */
const mode = enumeration(u32, { l2: 0, l3: 1 });
/** enum netkit_scrub: what of a packet's mark and priority survives the way to the other end. */
const scrub = enumeration(u32, { none: 0, default: 1 });

const netkit_ = attributes('IFLA_NETKIT', () => ({
  /** The other end, as it shall be: a link message of its own. The kernel takes it and never gives it back. */
  peer: attr('IFLA_NETKIT_PEER_INFO', 1, peerMessage),
  /** Read only: whether this is the end that programs are managed at. */
  primary: attr('IFLA_NETKIT_PRIMARY', 2, bool8),
  /** Default: `forward`. */
  policy: attr('IFLA_NETKIT_POLICY', 3, policy),
  peerPolicy: attr('IFLA_NETKIT_PEER_POLICY', 4, policy),
  /** Default: `l3`. Set at creation only. */
  mode: attr('IFLA_NETKIT_MODE', 5, mode),
  /** Set at creation only. Since Linux 6.13. */
  scrub: attr('IFLA_NETKIT_SCRUB', 6, scrub),
  peerScrub: attr('IFLA_NETKIT_PEER_SCRUB', 7, scrub),
  /** Bytes kept free before a packet. Set at creation only. Since Linux 6.14. */
  headroom: attr('IFLA_NETKIT_HEADROOM', 8, u16),
  /** Bytes kept free after a packet. */
  tailroom: attr('IFLA_NETKIT_TAILROOM', 9, u16),
}));

/** IFLA_INFO_DATA of a netkit. */
export interface Netkit extends Infer<typeof netkit_> {}
export const netkit: Codec<Netkit> = netkit_;

const scrubSince = 'Linux 6.13, or a stable release of 6.12';

export const netkitKind: LinkKind<Netkit> = {
  data: netkit,
  needs: 'CONFIG_NETKIT',
  readOnly: new Set<keyof Netkit>(['primary']),
  since: { scrub: scrubSince, peerScrub: scrubSince, headroom: 'Linux 6.14', tailroom: 'Linux 6.14' },
  paired: true,
};
