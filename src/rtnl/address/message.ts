/** Address messages: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. Source: include/uapi/linux/if_addr.h. */
import { ipAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { s32, u8, u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { string } from '../../netlink/text.ts';
import { messageFamily, withoutIpv6 } from '../family.ts';
import { scope } from '../scope.ts';
import { addressFlags } from './flags.ts';

const ifaddrmsg_ = struct('ifaddrmsg', () => ({
  /** AF_INET or AF_INET6. */
  family: named(fields.u8, messageFamily),
  prefixLength: fields.u8,
  /** The low eight of IFA_F_*. */
  headerFlags: named(fields.u8, addressFlags),
  /** RT_SCOPE_*. */
  scope: named(fields.u8, scope),
  /** Index of the link. */
  index: fields.u32,
}));

/** The header of an address message. */
export interface AddressHeader extends Infer<typeof ifaddrmsg_> {}
export const ifaddrmsg: Struct<AddressHeader> = ifaddrmsg_;

const ifaCacheinfo_ = struct('ifa_cacheinfo', () => ({
  /** Seconds; 0xffffffff: forever. */
  preferred: fields.u32,
  /** Seconds; 0xffffffff: forever. */
  valid: fields.u32,
  /** Hundredths of a second since boot. */
  created: fields.u32,
  /** Hundredths of a second since boot. */
  updated: fields.u32,
}));

/** Lifetimes of an address. */
export interface AddressCacheInfo extends Infer<typeof ifaCacheinfo_> {}
export const ifaCacheinfo: Struct<AddressCacheInfo> = ifaCacheinfo_;

/** IFAPROT_*: who made the address. */
const protocol = enumeration(u8, { unspec: 0, kernel_lo: 1, kernel_ra: 2, kernel_ll: 3 });

const addressAttributes_ = attributes('IFA', () => ({
  /** The address of the network; for a point-to-point link that of the other end. */
  address: attr('IFA_ADDRESS', 1, ipAddress),
  /** The link's own address. */
  local: attr('IFA_LOCAL', 2, ipAddress),
  label: attr('IFA_LABEL', 3, string(15)),
  broadcast: attr('IFA_BROADCAST', 4, ipAddress),
  anycast: attr('IFA_ANYCAST', 5, ipAddress),
  cacheinfo: attr('IFA_CACHEINFO', 6, structCodec(ifaCacheinfo_)),
  multicast: attr('IFA_MULTICAST', 7, ipAddress),
  flags: attr('IFA_FLAGS', 8, addressFlags),
  metric: attr('IFA_RT_PRIORITY', 9, u32),
  targetNetnsid: attr('IFA_TARGET_NETNSID', 10, s32),
  protocol: attr('IFA_PROTO', 11, protocol),
}));

/** The attributes of an address message. */
export interface AddressAttributes extends Infer<typeof addressAttributes_> {}
export const addressAttributes: AttributeSet<AddressAttributes> = addressAttributes_;

const addressMessage_ = message('IFA', ifaddrmsg_, addressAttributes_);

/** An address message as it travels: the fields of struct ifaddrmsg and the IFA_ attributes. */
export interface AddressMessage extends Infer<typeof addressMessage_> {}
/** What goes into an address message; header fields left out are zero. */
export interface AddressMessageInput extends Partial<AddressMessage> {}
export const addressMessage: Message<AddressMessage, AddressMessageInput> = addressMessage_;

/** RTM_NEWADDR, RTM_DELADDR and RTM_GETADDR, as `ask` takes them. */
export type AddressOperation = Operation<AddressMessageInput, AddressMessage>;

function operation(name: string, type: number): AddressOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: addressMessage, reply: addressMessage };
}

export const newAddress: AddressOperation = { ...operation('RTM_NEWADDR', 20), forbidden: withoutIpv6 };
export const deleteAddress: AddressOperation = operation('RTM_DELADDR', 21);
export const getAddress: AddressOperation = operation('RTM_GETADDR', 22);
/** The multicast addresses that links listen to. */
export const getMulticast: AddressOperation = operation('RTM_GETMULTICAST', 58);
/** The anycast addresses that links listen to. */
export const getAnycast: AddressOperation = operation('RTM_GETANYCAST', 62);
