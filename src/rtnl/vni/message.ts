/** Messages about the VNIs of a vxlan that carries many: RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL. Source: include/uapi/linux/if_link.h (VXLAN_VNIFILTER_*). */
import { ipv4Address, ipv6Address } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes, nested, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { n64, u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct } from '../../netlink/struct.ts';
import { bytes } from '../../netlink/text.ts';
import { messageFamily } from '../family.ts';

const tunnelMsg_ = struct('tunnel_msg', () => ({
  /** AF_BRIDGE. */
  family: named(fields.u8, messageFamily),
  /** TUNNEL_MSG_FLAG_*. */
  flags: fields.u8,
  reserved2: fields.u16,
  /** Index of the vxlan; 0 in a listing request: all. */
  index: fields.u32,
}));

/** The header of a message about VNIs. */
export interface TunnelHeader extends Infer<typeof tunnelMsg_> {}
export const tunnelMsg: Struct<TunnelHeader> = tunnelMsg_;

/** TUNNEL_MSG_FLAG_STATS: in a listing request, the counters too. */
export const tunnelStats = 0x1;

const vniStats_ = attributes('VNIFILTER_ENTRY_STATS', () => ({
  rxBytes: attr('VNIFILTER_ENTRY_STATS_RX_BYTES', 1, n64),
  rxPackets: attr('VNIFILTER_ENTRY_STATS_RX_PKTS', 2, n64),
  rxDrops: attr('VNIFILTER_ENTRY_STATS_RX_DROPS', 3, n64),
  rxErrors: attr('VNIFILTER_ENTRY_STATS_RX_ERRORS', 4, n64),
  txBytes: attr('VNIFILTER_ENTRY_STATS_TX_BYTES', 5, n64),
  txPackets: attr('VNIFILTER_ENTRY_STATS_TX_PKTS', 6, n64),
  txDrops: attr('VNIFILTER_ENTRY_STATS_TX_DROPS', 7, n64),
  txErrors: attr('VNIFILTER_ENTRY_STATS_TX_ERRORS', 8, n64),
  pad: attr('VNIFILTER_ENTRY_STATS_PAD', 9, bytes),
}));

/** Counters of a VNI. */
export interface VniStats extends Infer<typeof vniStats_> {}
const vniStats: Codec<VniStats> = vniStats_;

const vniEntry_ = attributes('VXLAN_VNIFILTER_ENTRY', () => ({
  start: attr('VXLAN_VNIFILTER_ENTRY_START', 1, u32),
  /** The last VNI of a range. */
  end: attr('VXLAN_VNIFILTER_ENTRY_END', 2, u32),
  group: attr('VXLAN_VNIFILTER_ENTRY_GROUP', 3, ipv4Address),
  group6: attr('VXLAN_VNIFILTER_ENTRY_GROUP6', 4, ipv6Address),
  /** Read only. */
  stats: attr('VXLAN_VNIFILTER_ENTRY_STATS', 5, nested(vniStats)),
}));

/** A VNI, or a range of them. */
export interface VniEntry extends Infer<typeof vniEntry_> {}
export const vniEntry: AttributeSet<VniEntry> = vniEntry_;

const tunnelAttributes_ = attributes('VXLAN_VNIFILTER', () => ({ entries: repeated('VXLAN_VNIFILTER_ENTRY', 1, nested(vniEntry)) }));

const tunnelMessage_ = message('VXLAN_VNIFILTER', tunnelMsg_, tunnelAttributes_);

/** A message about the VNIs of a vxlan as it travels. */
export interface TunnelMessage extends Infer<typeof tunnelMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface TunnelMessageInput extends Partial<TunnelMessage> {}
export const tunnelMessage: Message<TunnelMessage, TunnelMessageInput> = tunnelMessage_;

export type TunnelOperation = Operation<TunnelMessageInput, TunnelMessage>;

function operation(name: string, type: number): TunnelOperation {
  return {
    name,
    protocol: NETLINK_ROUTE,
    type,
    body: tunnelMessage,
    reply: tunnelMessage,
    needs: () => 'the module vxlan (Linux 5.18), and a vxlan made with `vnifilter`',
  };
}

export const newTunnel: TunnelOperation = operation('RTM_NEWTUNNEL', 120);
export const deleteTunnel: TunnelOperation = operation('RTM_DELTUNNEL', 121);
export const getTunnel: TunnelOperation = operation('RTM_GETTUNNEL', 122);
