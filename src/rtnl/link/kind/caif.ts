/** IP over the CAIF protocol of modems. Source: include/uapi/linux/caif/if_caif.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bool8, u32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

const caif_ = attributes('IFLA_CAIF', () => ({
  /** Connection for IPv4. */
  ipv4ConnId: attr('IFLA_CAIF_IPV4_CONNID', 1, u32),
  /** Connection for IPv6. */
  ipv6ConnId: attr('IFLA_CAIF_IPV6_CONNID', 2, u32),
  loopback: attr('IFLA_CAIF_LOOPBACK', 3, bool8),
}));

/** IFLA_INFO_DATA of a CAIF link. */
export interface Caif extends Infer<typeof caif_> {}
export const caif: Codec<Caif> = caif_;

export const caifKind: LinkKind<Caif> = { data: caif, needs: 'CONFIG_CAIF_NETDEV' };
