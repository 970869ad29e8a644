/** IP over InfiniBand: a partition of `link`. Source: include/uapi/linux/if_link.h (IFLA_IPOIB_*); ip-link(8), "IPOIB Type Support". */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { u16 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

/** IPOIB_MODE_*. */
const mode = enumeration(u16, { datagram: 0, connected: 1 });

const ipoib_ = attributes('IFLA_IPOIB', () => ({
  /** Partition key. Set at creation only. */
  pkey: attr('IFLA_IPOIB_PKEY', 1, u16),
  mode: attr('IFLA_IPOIB_MODE', 2, mode),
  /** 1: multicast groups are managed from user space. */
  umcast: attr('IFLA_IPOIB_UMCAST', 3, u16),
}));

/** IFLA_INFO_DATA of an IPoIB link. */
export interface Ipoib extends Infer<typeof ipoib_> {}
export const ipoib: Codec<Ipoib> = ipoib_;

export const ipoibKind: LinkKind<Ipoib> = { data: ipoib, needs: 'CONFIG_INFINIBAND_IPOIB', limits: { pkey: [1, 0xffff], umcast: [0, 1] } };
