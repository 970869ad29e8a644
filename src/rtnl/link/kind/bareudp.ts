/** Packets of one protocol straight in UDP. Source: include/uapi/linux/if_link.h (IFLA_BAREUDP_*); ip-link(8), "BAREUDP Type Support". */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { be16, flag, u16 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

/** EtherTypes by the names of ip(8). */
const etherType = enumeration(be16, { ip: 0x0800, ipv6: 0x86dd, mpls_uc: 0x8847, mpls_mc: 0x8848 });

const bareudp_ = attributes('IFLA_BAREUDP', () => ({
  /** Destination port; needed. */
  port: attr('IFLA_BAREUDP_PORT', 1, be16),
  /** What is inside; needed. */
  etherType: attr('IFLA_BAREUDP_ETHERTYPE', 2, etherType),
  /** Smallest source port. */
  srcportMin: attr('IFLA_BAREUDP_SRCPORT_MIN', 3, u16),
  /** With `ip`: IPv6 as well; with `mpls_uc`: multicast as well. */
  multiproto: attr('IFLA_BAREUDP_MULTIPROTO_MODE', 4, flag),
}));

/** IFLA_INFO_DATA of a bareudp. Nothing of it can be changed later. */
export interface Bareudp extends Infer<typeof bareudp_> {}
export const bareudp: Codec<Bareudp> = bareudp_;

export const bareudpKind: LinkKind<Bareudp> = { data: bareudp, needs: 'CONFIG_BAREUDP' };
