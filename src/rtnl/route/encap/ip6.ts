/** Packets leave by a tunnel device, for this tunnel of it. Source: include/uapi/linux/lwtunnel.h (LWTUNNEL_IP6_*); ip-route(8) "ENCAP_IP". */
import { ipv6Address } from '../../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import type { Infer } from '../../../netlink/codec.ts';
import { u8 } from '../../../netlink/scalar.ts';
import { tunnelId } from '../../tunnel-id.ts';
import type { EncapKind } from './kind.ts';
import { readTunnel, type TunnelOptions, tunnelFlags, tunnelOptions, writeTunnel } from './tunnel.ts';

const ip6EncapAttributes_ = attributes('LWTUNNEL_IP6', () => ({
  /** VXLAN network identifier, GRE key, … */
  id: attr('LWTUNNEL_IP6_ID', 1, tunnelId),
  dst: attr('LWTUNNEL_IP6_DST', 2, ipv6Address),
  src: attr('LWTUNNEL_IP6_SRC', 3, ipv6Address),
  hoplimit: attr('LWTUNNEL_IP6_HOPLIMIT', 4, u8),
  /** Traffic class. */
  tc: attr('LWTUNNEL_IP6_TC', 5, u8),
  /** TUNNEL_*. */
  flags: attr('LWTUNNEL_IP6_FLAGS', 6, tunnelFlags),
  options: attr('LWTUNNEL_IP6_OPTS', 8, tunnelOptions),
}));
export interface Ip6EncapAttributes extends Infer<typeof ip6EncapAttributes_> {}
export const ip6EncapAttributes: AttributeSet<Ip6EncapAttributes> = ip6EncapAttributes_;

/** Packets leave by a tunnel device over IPv6, for this tunnel of it. */
export interface Ip6Encap extends Omit<Ip6EncapAttributes, 'options'> {
  /** LWTUNNEL_ENCAP_IP6. */
  type: 'ip6';
  /** Options of the tunnel's own protocol. */
  options?: TunnelOptions;
}

export const ip6Encap: EncapKind = {
  number: 4,
  needs: 'CONFIG_LWTUNNEL',
  set: ip6EncapAttributes_,
  fromWire: readTunnel,
  toWire: writeTunnel,
};
