/** A VLAN on top of `link`. Source: include/uapi/linux/if_link.h (IFLA_VLAN_*), include/uapi/linux/if_vlan.h; ip-link(8), "VLAN Type Support". */
import { attr, attributes, listOf } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { inArgument } from '../../../netlink/input.ts';
import { be16, checkInteger, u16 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import type { LinkKind } from '../kind.ts';
import { switches } from '../switches.ts';

/** VLAN protocols as ip(8) names them; the EtherType is in network order. */
export const vlanProtocol = enumeration(be16, { '802.1Q': 0x8100, '802.1ad': 0x88a8 });

/** include/uapi/linux/if_vlan.h (enum vlan_flags). */
const flags = switches('ifla_vlan_flags', 'bits first', { reorderHdr: 1, gvrp: 2, looseBinding: 4, mvrp: 8, bridgeBinding: 16 });

const qosMapping = struct('ifla_vlan_qos_mapping', () => ({ from: fields.u32, to: fields.u32 }));
const qosMap = listOf('IFLA_VLAN_QOS_MAPPING', 1, structCodec(qosMapping));

const vlan_ = attributes('IFLA_VLAN', () => ({
  /** 0 to 4094. Set at creation only. */
  id: attr('IFLA_VLAN_ID', 1, u16),
  /** `{ gvrp: true }` sets one and leaves the others. A new VLAN has `reorderHdr` alone. */
  flags: attr('IFLA_VLAN_FLAGS', 2, flags),
  /** From the priority of an outgoing packet within the machine to that in the VLAN tag, 0 to 7. Entries are added to those there; `to: 0` removes one. */
  egressQos: attr('IFLA_VLAN_EGRESS_QOS', 3, qosMap),
  /** From the priority in the tag of an incoming frame, 0 to 7, to that within the machine. */
  ingressQos: attr('IFLA_VLAN_INGRESS_QOS', 4, qosMap),
  /** Default: `802.1Q`. Set at creation only. */
  protocol: attr('IFLA_VLAN_PROTOCOL', 5, vlanProtocol),
}));

/** IFLA_INFO_DATA of a VLAN. */
export interface Vlan extends Infer<typeof vlan_> {}
export const vlan: Codec<Vlan> = vlan_;

/** Priorities of a tag have three bits, of which the kernel takes the lowest without a word. */
function checkQos({ egressQos, ingressQos }: Vlan): void {
  for (const [i, entry] of (egressQos ?? []).entries()) inArgument(`egressQos[${i}].to`, () => checkInteger(entry.to, 0, 7));
  for (const [i, entry] of (ingressQos ?? []).entries()) inArgument(`ingressQos[${i}].from`, () => checkInteger(entry.from, 0, 7));
}

export const vlanKind: LinkKind<Vlan> = { data: vlan, needs: 'CONFIG_VLAN_8021Q', limits: { id: [0, 4094] }, check: checkQos };
