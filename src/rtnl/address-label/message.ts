/** Messages about address labels: RTM_NEWADDRLABEL, RTM_DELADDRLABEL, RTM_GETADDRLABEL. Source: include/uapi/linux/if_addrlabel.h. */
import { ipv6Address } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct } from '../../netlink/struct.ts';
import { messageFamily } from '../family.ts';

const ifaddrlblmsg_ = struct('ifaddrlblmsg', () => ({
  /** AF_INET6. */
  family: named(fields.u8, messageFamily),
  reserved: fields.u8,
  prefixLength: fields.u8,
  flags: fields.u8,
  /** Index of the link; 0: any. */
  index: fields.u32,
  /** Counts the changes of the table. */
  sequence: fields.u32,
}));

/** The header of a message about address labels. */
export interface AddressLabelHeader extends Infer<typeof ifaddrlblmsg_> {}
export const ifaddrlblmsg: Struct<AddressLabelHeader> = ifaddrlblmsg_;

const addressLabelAttributes_ = attributes('IFAL', () => ({
  address: attr('IFAL_ADDRESS', 1, ipv6Address),
  label: attr('IFAL_LABEL', 2, u32),
}));

export interface AddressLabelAttributes extends Infer<typeof addressLabelAttributes_> {}
export const addressLabelAttributes: AttributeSet<AddressLabelAttributes> = addressLabelAttributes_;

const addressLabelMessage_ = message('IFAL', ifaddrlblmsg_, addressLabelAttributes_);

/** A message about address labels as it travels. */
export interface AddressLabelMessage extends Infer<typeof addressLabelMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface AddressLabelMessageInput extends Partial<AddressLabelMessage> {}
export const addressLabelMessage: Message<AddressLabelMessage, AddressLabelMessageInput> = addressLabelMessage_;

export type AddressLabelOperation = Operation<AddressLabelMessageInput, AddressLabelMessage>;

function operation(name: string, type: number): AddressLabelOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: addressLabelMessage, reply: addressLabelMessage, needs: () => 'CONFIG_IPV6' };
}

export const newAddressLabel: AddressLabelOperation = operation('RTM_NEWADDRLABEL', 72);
export const deleteAddressLabel: AddressLabelOperation = operation('RTM_DELADDRLABEL', 73);
export const getAddressLabel: AddressLabelOperation = operation('RTM_GETADDRLABEL', 74);
