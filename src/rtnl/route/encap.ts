/** A tunnel that is part of a route. Source: include/uapi/linux/lwtunnel.h. */
import { type Codec, NLA_F_NESTED } from '../../netlink/codec.ts';
import { bytes } from '../../netlink/text.ts';

/** RTA_ENCAP: attributes whose meaning RTA_ENCAP_TYPE selects, kept as they are. */
export const encap: Codec<Uint8Array> = { ...bytes, typeFlags: NLA_F_NESTED };
