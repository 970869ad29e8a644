/** Packets are sent with MPLS labels. Source: include/uapi/linux/mpls_iptunnel.h; ip-route(8) "ENCAP_MPLS". */
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import type { Infer } from '../../../netlink/codec.ts';
import { u8 } from '../../../netlink/scalar.ts';
import { labelStack } from '../labels.ts';
import type { EncapKind } from './kind.ts';

const mplsEncapAttributes_ = attributes('MPLS_IPTUNNEL', () => ({
  /** Labels from the outermost to the innermost. */
  labels: attr('MPLS_IPTUNNEL_DST', 1, labelStack),
  /** Time to live, 1 to 255. Absent: that of the packet, or the sysctl net.mpls.default_ttl. */
  ttl: attr('MPLS_IPTUNNEL_TTL', 2, u8),
}));
export interface MplsEncapAttributes extends Infer<typeof mplsEncapAttributes_> {}
export const mplsEncapAttributes: AttributeSet<MplsEncapAttributes> = mplsEncapAttributes_;

/** Packets are sent with MPLS labels. */
export interface MplsEncap extends MplsEncapAttributes {
  /** LWTUNNEL_ENCAP_MPLS. */
  type: 'mpls';
}

export const mplsEncap: EncapKind = { number: 1, needs: 'CONFIG_MPLS_IPTUNNEL', set: mplsEncapAttributes_ };
