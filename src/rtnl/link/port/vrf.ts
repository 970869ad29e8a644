/** A link as the port of a VRF. Source: include/uapi/linux/if_link.h (IFLA_VRF_PORT_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';
import type { PortKind } from '../kind.ts';

const vrfPort_ = attributes('IFLA_VRF_PORT', () => ({
  /** Read only: the table of the VRF. */
  table: attr('IFLA_VRF_PORT_TABLE', 1, u32),
}));

/** IFLA_INFO_SLAVE_DATA of the port of a VRF. */
export interface VrfPort extends Infer<typeof vrfPort_> {}
export const vrfPort: Codec<VrfPort> = vrfPort_;

export const vrfPortKind: PortKind<VrfPort> = { data: vrfPort, readOnly: new Set<keyof VrfPort>(['table']) };
