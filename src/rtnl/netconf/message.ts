/** Messages about the settings of IP: RTM_NEWNETCONF, RTM_DELNETCONF, RTM_GETNETCONF. Source: include/uapi/linux/netconf.h. */
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { s32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct } from '../../netlink/struct.ts';
import { messageFamily } from '../family.ts';

const netconfmsg_ = struct('netconfmsg', () => ({
  /** AF_INET, AF_INET6, AF_MPLS. */
  family: named(fields.u8, messageFamily),
}));

/** The header of a message about the settings of IP. */
export interface NetconfHeader extends Infer<typeof netconfmsg_> {}
export const netconfmsg: Struct<NetconfHeader> = netconfmsg_;

const netconfAttributes_ = attributes('NETCONFA', () => ({
  /** Index of a link; -1: all, -2: those to come. */
  ifindex: attr('NETCONFA_IFINDEX', 1, s32),
  forwarding: attr('NETCONFA_FORWARDING', 2, s32),
  rpFilter: attr('NETCONFA_RP_FILTER', 3, s32),
  mcForwarding: attr('NETCONFA_MC_FORWARDING', 4, s32),
  proxyNeigh: attr('NETCONFA_PROXY_NEIGH', 5, s32),
  ignoreRoutesWithLinkdown: attr('NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN', 6, s32),
  input: attr('NETCONFA_INPUT', 7, s32),
  bcForwarding: attr('NETCONFA_BC_FORWARDING', 8, s32),
}));

export interface NetconfAttributes extends Infer<typeof netconfAttributes_> {}
export const netconfAttributes: AttributeSet<NetconfAttributes> = netconfAttributes_;

const netconfMessage_ = message('NETCONFA', netconfmsg_, netconfAttributes_);

/** A message about the settings of IP as it travels. */
export interface NetconfMessage extends Infer<typeof netconfMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface NetconfMessageInput extends Partial<NetconfMessage> {}
export const netconfMessage: Message<NetconfMessage, NetconfMessageInput> = netconfMessage_;

export type NetconfOperation = Operation<NetconfMessageInput, NetconfMessage>;

function operation(name: string, type: number): NetconfOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: netconfMessage, reply: netconfMessage };
}

/** The kernel sends it when a setting changes. */
export const newNetconf: NetconfOperation = operation('RTM_NEWNETCONF', 80);
/** The kernel sends it when a link goes. */
export const deleteNetconf: NetconfOperation = operation('RTM_DELNETCONF', 81);
export const getNetconf: NetconfOperation = operation('RTM_GETNETCONF', 82);
