/** Port profiles of 802.1Qbg switches. Source: include/uapi/linux/if_link.h (IFLA_VF_PORTS, IFLA_PORT_*). */
import { attr, attributes, listOf } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { u8, u16, u32 } from '../../netlink/scalar.ts';
import { bytes, string } from '../../netlink/text.ts';

/** PORT_REQUEST_*. */
const request = enumeration(u8, { preassociate: 0, preassociate_rr: 1, associate: 2, disassociate: 3 });

const portProfile_ = attributes('IFLA_PORT', () => ({
  /** Number of the virtual function; 4294967295 (PORT_SELF_VF) is the card itself. */
  vf: attr('IFLA_PORT_VF', 1, u32),
  profile: attr('IFLA_PORT_PROFILE', 2, string(39)),
  /** 802.1Qbg (pre-)standard VDP. */
  vsiType: attr('IFLA_PORT_VSI_TYPE', 3, bytes),
  /** 16 bytes. */
  instanceUuid: attr('IFLA_PORT_INSTANCE_UUID', 4, bytes),
  /** 16 bytes. */
  hostUuid: attr('IFLA_PORT_HOST_UUID', 5, bytes),
  request: attr('IFLA_PORT_REQUEST', 6, request),
  /** Read only: PORT_VDP_RESPONSE_*, PORT_PROFILE_RESPONSE_*. */
  response: attr('IFLA_PORT_RESPONSE', 7, u16),
}));

/** The port profile of a virtual function, or of the card itself. */
export interface PortProfile extends Infer<typeof portProfile_> {}
export const portProfile: Codec<PortProfile> = portProfile_;
export const portProfiles: Codec<PortProfile[]> = listOf('IFLA_VF_PORT', 1, portProfile);
