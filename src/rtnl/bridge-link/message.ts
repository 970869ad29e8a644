/** Link messages of the family AF_BRIDGE: what a bridge and its ports have of VLANs and protocols. Source: include/uapi/linux/if_bridge.h. */
import { type AttributeSet, attr, attributes, nested, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { u8, u16, u32 } from '../../netlink/scalar.ts';
import { fields, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { interfaceName } from '../../netlink/text.ts';
import { ifinfomsg, linkAttributes } from '../link/message.ts';
import { bridgePort } from '../link/port/bridge.ts';
import { cfm } from './cfm.ts';
import { mrp } from './mrp.ts';

/** RTEXT_FILTER_* (include/uapi/linux/rtnetlink.h): what a listing shall have besides the links. */
export const RTEXT_FILTER_BRVLAN = 0x2;
export const RTEXT_FILTER_BRVLAN_COMPRESSED = 0x4;
export const RTEXT_FILTER_MRP = 0x10;
export const RTEXT_FILTER_CFM_CONFIG = 0x20;
export const RTEXT_FILTER_CFM_STATUS = 0x40;
export const RTEXT_FILTER_MST = 0x80;

const bridgeVlanInfo_ = struct('bridge_vlan_info', () => ({
  /** BRIDGE_VLAN_INFO_*. */
  flags: fields.u16,
  vid: fields.u16,
}));

/** A VLAN of a port, or one end of a range. */
export interface BridgeVlanInfo extends Infer<typeof bridgeVlanInfo_> {}
export const bridgeVlanInfo: Struct<BridgeVlanInfo> = bridgeVlanInfo_;

export const BRIDGE_VLAN_INFO_PVID = 0x2;
export const BRIDGE_VLAN_INFO_UNTAGGED = 0x4;
export const BRIDGE_VLAN_INFO_RANGE_BEGIN = 0x8;
export const BRIDGE_VLAN_INFO_RANGE_END = 0x10;
export const BRIDGE_VLAN_INFO_ONLY_OPTS = 0x40;

const vlanTunnelInfo_ = attributes('IFLA_BRIDGE_VLAN_TUNNEL', () => ({
  /** The VNI. */
  id: attr('IFLA_BRIDGE_VLAN_TUNNEL_ID', 1, u32),
  vid: attr('IFLA_BRIDGE_VLAN_TUNNEL_VID', 2, u16),
  /** BRIDGE_VLAN_INFO_RANGE_*. */
  flags: attr('IFLA_BRIDGE_VLAN_TUNNEL_FLAGS', 3, u16),
}));

/** The VNI of a VLAN, or of one end of a range. */
export interface VlanTunnelInfo extends Infer<typeof vlanTunnelInfo_> {}
const vlanTunnelInfo: Codec<VlanTunnelInfo> = vlanTunnelInfo_;

/** States of a port in a spanning tree: BR_STATE_*. */
export const bridgePortState = enumeration(u8, { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 });

const mstEntry_ = attributes('IFLA_BRIDGE_MST_ENTRY', () => ({
  msti: attr('IFLA_BRIDGE_MST_ENTRY_MSTI', 1, u16),
  state: attr('IFLA_BRIDGE_MST_ENTRY_STATE', 2, bridgePortState),
}));

/** State of a port in one spanning tree of several. */
export interface MstEntry extends Infer<typeof mstEntry_> {}
const mstEntry: Codec<MstEntry> = mstEntry_;

const mst_ = attributes('IFLA_BRIDGE_MST', () => ({ entries: repeated('IFLA_BRIDGE_MST_ENTRY', 1, nested(mstEntry)) }));

/** Who is meant by a request: BRIDGE_FLAGS_*. */
const commandFlags = flags(u16, { master: 1, self: 2 });

const bridgeAfSpec_ = attributes('IFLA_BRIDGE', () => ({
  /** The bridge of the port (`master`), the driver of the link (`self`), or both. Default: the bridge. */
  flags: attr('IFLA_BRIDGE_FLAGS', 0, commandFlags),
  /** BRIDGE_MODE_*, of bridges within network cards. */
  mode: attr('IFLA_BRIDGE_MODE', 1, enumeration(u16, { veb: 0, vepa: 1, undefined: 0xffff })),
  vlanInfo: repeated('IFLA_BRIDGE_VLAN_INFO', 2, structCodec(bridgeVlanInfo_)),
  vlanTunnelInfo: repeated('IFLA_BRIDGE_VLAN_TUNNEL_INFO', 3, nested(vlanTunnelInfo)),
  mrp: attr('IFLA_BRIDGE_MRP', 4, nested(mrp)),
  cfm: attr('IFLA_BRIDGE_CFM', 5, nested(cfm)),
  mst: attr('IFLA_BRIDGE_MST', 6, nested(mst_)),
}));

/** IFLA_AF_SPEC of a message of the family AF_BRIDGE. */
export interface BridgeAfSpec extends Infer<typeof bridgeAfSpec_> {}
export const bridgeAfSpec: AttributeSet<BridgeAfSpec> = bridgeAfSpec_;

const bridgeLinkAttributes_ = attributes('IFLA', () => ({
  name: attr('IFLA_IFNAME', 3, interfaceName),
  /** Index of the bridge. */
  master: attr('IFLA_MASTER', 10, u32),
  /** Settings of the port. */
  port: attr('IFLA_PROTINFO', 12, nested(bridgePort)),
  afSpec: attr('IFLA_AF_SPEC', 26, nested(bridgeAfSpec)),
  /** RTEXT_FILTER_*. */
  extMask: attr('IFLA_EXT_MASK', 29, u32),
}));

/** The attributes of a bridge link message that are not of links in general, and those that name the link. */
export interface BridgeLinkAttributes extends Infer<typeof bridgeLinkAttributes_> {}
export const bridgeLinkAttributes: AttributeSet<BridgeLinkAttributes> = bridgeLinkAttributes_;

const bridgeLinkMessage_ = message('IFLA', ifinfomsg, bridgeLinkAttributes_);

/** A link message of the family AF_BRIDGE as it travels. */
export interface BridgeLinkMessage extends Infer<typeof bridgeLinkMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface BridgeLinkMessageInput extends Partial<BridgeLinkMessage> {}
export const bridgeLinkMessage: Message<BridgeLinkMessage, BridgeLinkMessageInput> = bridgeLinkMessage_;

/** All that a link message of the family AF_BRIDGE has, for descriptions: its own attributes, and those of links in general. */
export const shownBridgeLink: Codec<object> = message(
  'IFLA',
  ifinfomsg,
  attributes('IFLA', () => {
    const own = Object.entries(bridgeLinkAttributes.declarations);
    const general = Object.entries(linkAttributes.declarations).filter(([, { type }]) => !own.some(([, other]) => other.type === type));
    return Object.fromEntries([...general, ...own]);
  }),
);

/** RTM_SETLINK, RTM_DELLINK and RTM_GETLINK of the family AF_BRIDGE, as `ask` takes them. */
export type BridgeLinkOperation = Operation<BridgeLinkMessageInput, BridgeLinkMessage>;

function operation(name: string, type: number): BridgeLinkOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: bridgeLinkMessage, reply: bridgeLinkMessage, needs };
}

function needs({ afSpec }: BridgeLinkMessageInput): string | undefined {
  if (afSpec?.mrp !== undefined) return 'CONFIG_BRIDGE_MRP';
  if (afSpec?.cfm !== undefined) return 'CONFIG_BRIDGE_CFM';
  return afSpec === undefined ? undefined : 'CONFIG_BRIDGE_VLAN_FILTERING';
}

export const setBridgeLink: BridgeLinkOperation = operation('RTM_SETLINK', 19);
export const deleteBridgeLink: BridgeLinkOperation = operation('RTM_DELLINK', 17);
export const getBridgeLink: BridgeLinkOperation = operation('RTM_GETLINK', 18);
