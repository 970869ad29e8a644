/** Packets leave by a tunnel device, for this tunnel of it. Source: include/uapi/linux/lwtunnel.h (LWTUNNEL_IP_*); ip-route(8) "ENCAP_IP". */
import { ipv4Address } from '../../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import type { Infer } from '../../../netlink/codec.ts';
import { u8 } from '../../../netlink/scalar.ts';
import { tunnelId } from '../../tunnel-id.ts';
import type { EncapKind } from './kind.ts';
import { readTunnel, type TunnelOptions, tunnelFlags, tunnelOptions, writeTunnel } from './tunnel.ts';

const ipEncapAttributes_ = attributes('LWTUNNEL_IP', () => ({
  /** VXLAN network identifier, GRE key, … */
  id: attr('LWTUNNEL_IP_ID', 1, tunnelId),
  dst: attr('LWTUNNEL_IP_DST', 2, ipv4Address),
  src: attr('LWTUNNEL_IP_SRC', 3, ipv4Address),
  /** Time to live. Absent: the default of the tunnel. */
  ttl: attr('LWTUNNEL_IP_TTL', 4, u8),
  /** Type of service. */
  tos: attr('LWTUNNEL_IP_TOS', 5, u8),
  /** TUNNEL_*. */
  flags: attr('LWTUNNEL_IP_FLAGS', 6, tunnelFlags),
  options: attr('LWTUNNEL_IP_OPTS', 8, tunnelOptions),
}));
export interface IpEncapAttributes extends Infer<typeof ipEncapAttributes_> {}
export const ipEncapAttributes: AttributeSet<IpEncapAttributes> = ipEncapAttributes_;

/** Packets leave by a tunnel device over IPv4, for this tunnel of it. */
export interface IpEncap extends Omit<IpEncapAttributes, 'options'> {
  /** LWTUNNEL_ENCAP_IP. */
  type: 'ip';
  /** Options of the tunnel's own protocol. */
  options?: TunnelOptions;
}

export const ipEncap: EncapKind = {
  number: 2,
  needs: 'CONFIG_LWTUNNEL',
  set: ipEncapAttributes_,
  fromWire: readTunnel,
  toWire: writeTunnel,
};
