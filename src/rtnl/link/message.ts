/** Link messages: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK. Sources: include/uapi/linux/if_link.h, include/uapi/linux/rtnetlink.h. */
import { hardwareAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes, listOf, nested } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { type Message, message } from '../../netlink/message.ts';
import { bool8, s32, u8, u16, u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { bytes, interfaceName, string } from '../../netlink/text.ts';
import { messageFamily } from '../family.ts';
import { uint } from '../integer.ts';
import { afSpec } from './af-spec.ts';
import { linkFlagBits } from './flags.ts';
import { hardwareTypeName } from './hardware-type.ts';
import { linkInfo } from './info.ts';
import { setPeerCodec } from './peer.ts';
import { portProfile, portProfiles } from './port-profile.ts';
import { linkStatistics, linkStatistics32 } from './statistics.ts';
import { vfInfoList } from './vf.ts';
import { xdp } from './xdp.ts';

/** RTEXT_FILTER_VF: report virtual functions. */
export const RTEXT_FILTER_VF = 1 << 0;
/** RTEXT_FILTER_SKIP_STATS: leave the counters out of the answer. */
export const RTEXT_FILTER_SKIP_STATS = 1 << 3;

const ifinfomsg_ = struct('ifinfomsg', () => ({
  /** AF_UNSPEC. */
  family: named(fields.u8, messageFamily),
  /** ARPHRD_*. */
  type: named(fields.u16, { nameOf: (type) => (type === 0 ? type : hardwareTypeName(type)) }),
  index: fields.s32,
  /** IFF_*. */
  flags: named(fields.u32, linkFlagBits),
  /** Which of `flags` to change. */
  change: named(fields.u32, linkFlagBits),
}));

/** The header of a link message. */
export interface LinkHeader extends Infer<typeof ifinfomsg_> {}
export const ifinfomsg: Struct<LinkHeader> = ifinfomsg_;

/** RFC 2863 states (include/uapi/linux/if.h, IF_OPER_*), as ip(8) names them. */
const operState = enumeration(u8, { unknown: 0, notpresent: 1, down: 2, lowerlayerdown: 3, testing: 4, dormant: 5, up: 6 });

/** include/uapi/linux/if.h (IF_LINK_MODE_*). */
const linkMode = enumeration(u8, { default: 0, dormant: 1, testing: 2 });

/** Where the hardware of a link is. */
const linkMap = struct('rtnl_link_ifmap', () => ({
  memStart: fields.n64,
  memEnd: fields.n64,
  baseAddress: fields.n64,
  irq: fields.u16,
  dma: fields.u8,
  port: fields.u8,
}));

const protoDownReason_ = attributes('IFLA_PROTO_DOWN_REASON', () => ({
  mask: attr('IFLA_PROTO_DOWN_REASON_MASK', 1, u32),
  value: attr('IFLA_PROTO_DOWN_REASON_VALUE', 2, u32),
}));

/** Who holds a link's protocols down, by bit. */
export interface ProtoDownReason extends Infer<typeof protoDownReason_> {}
const protoDownReason: Codec<ProtoDownReason> = protoDownReason_;

const linkAttributes_ = attributes('IFLA', () => ({
  address: attr('IFLA_ADDRESS', 1, hardwareAddress),
  broadcast: attr('IFLA_BROADCAST', 2, hardwareAddress),
  name: attr('IFLA_IFNAME', 3, interfaceName),
  /** Bytes. */
  mtu: attr('IFLA_MTU', 4, u32),
  /** Index of the link below or, for a veth, of the other end; in the namespace `linkNetnsid` where that is there. */
  link: attr('IFLA_LINK', 5, u32),
  qdisc: attr('IFLA_QDISC', 6, string()),
  /** The 32-bit counters; `stats` has them whole. */
  stats32: attr('IFLA_STATS', 7, linkStatistics32),
  cost: attr('IFLA_COST', 8, bytes),
  priority: attr('IFLA_PRIORITY', 9, bytes),
  /** Index; 0 releases. */
  master: attr('IFLA_MASTER', 10, u32),
  wireless: attr('IFLA_WIRELESS', 11, bytes),
  protocolInfo: attr('IFLA_PROTINFO', 12, bytes),
  /** Packets. */
  txQueueLength: attr('IFLA_TXQLEN', 13, u32),
  map: attr('IFLA_MAP', 14, structCodec(linkMap)),
  weight: attr('IFLA_WEIGHT', 15, u32),
  operState: attr('IFLA_OPERSTATE', 16, operState),
  linkMode: attr('IFLA_LINKMODE', 17, linkMode),
  info: attr('IFLA_LINKINFO', 18, nested(linkInfo)),
  /** Process whose namespace the link is to be in. */
  netnsPid: attr('IFLA_NET_NS_PID', 19, u32),
  alias: attr('IFLA_IFALIAS', 20, string(255)),
  numVf: attr('IFLA_NUM_VF', 21, u32),
  vfInfoList: attr('IFLA_VFINFO_LIST', 22, vfInfoList),
  stats: attr('IFLA_STATS64', 23, linkStatistics),
  vfPorts: attr('IFLA_VF_PORTS', 24, portProfiles),
  portSelf: attr('IFLA_PORT_SELF', 25, nested(portProfile)),
  /** What the protocol families make of the link. */
  afSpec: attr('IFLA_AF_SPEC', 26, nested(afSpec)),
  group: attr('IFLA_GROUP', 27, u32),
  /** Descriptor open on the namespace that the link is to be in. */
  netnsFd: attr('IFLA_NET_NS_FD', 28, u32),
  /** RTEXT_FILTER_*. */
  extMask: attr('IFLA_EXT_MASK', 29, u32),
  promiscuity: attr('IFLA_PROMISCUITY', 30, u32),
  numTxQueues: attr('IFLA_NUM_TX_QUEUES', 31, u32),
  numRxQueues: attr('IFLA_NUM_RX_QUEUES', 32, u32),
  carrier: attr('IFLA_CARRIER', 33, bool8),
  physPortId: attr('IFLA_PHYS_PORT_ID', 34, bytes),
  carrierChanges: attr('IFLA_CARRIER_CHANGES', 35, u32),
  physSwitchId: attr('IFLA_PHYS_SWITCH_ID', 36, bytes),
  linkNetnsid: attr('IFLA_LINK_NETNSID', 37, s32),
  physPortName: attr('IFLA_PHYS_PORT_NAME', 38, string()),
  protoDown: attr('IFLA_PROTO_DOWN', 39, bool8),
  gsoMaxSegs: attr('IFLA_GSO_MAX_SEGS', 40, u32),
  gsoMaxSize: attr('IFLA_GSO_MAX_SIZE', 41, u32),
  pad: attr('IFLA_PAD', 42, bytes),
  xdp: attr('IFLA_XDP', 43, nested(xdp)),
  event: attr('IFLA_EVENT', 44, u32),
  newNetnsid: attr('IFLA_NEW_NETNSID', 45, s32),
  targetNetnsid: attr('IFLA_TARGET_NETNSID', 46, s32),
  carrierUpCount: attr('IFLA_CARRIER_UP_COUNT', 47, u32),
  carrierDownCount: attr('IFLA_CARRIER_DOWN_COUNT', 48, u32),
  newIndex: attr('IFLA_NEW_IFINDEX', 49, s32),
  minMtu: attr('IFLA_MIN_MTU', 50, u32),
  maxMtu: attr('IFLA_MAX_MTU', 51, u32),
  altNames: attr('IFLA_PROP_LIST', 52, listOf('IFLA_ALT_IFNAME', 53, string(127))),
  /** One alternative name, in requests that name a link by it. */
  altName: attr('IFLA_ALT_IFNAME', 53, string(127)),
  permanentAddress: attr('IFLA_PERM_ADDRESS', 54, hardwareAddress),
  protoDownReason: attr('IFLA_PROTO_DOWN_REASON', 55, nested(protoDownReason)),
  parentDevName: attr('IFLA_PARENT_DEV_NAME', 56, string()),
  parentDevBusName: attr('IFLA_PARENT_DEV_BUS_NAME', 57, string()),
  groMaxSize: attr('IFLA_GRO_MAX_SIZE', 58, u32),
  tsoMaxSize: attr('IFLA_TSO_MAX_SIZE', 59, u32),
  tsoMaxSegs: attr('IFLA_TSO_MAX_SEGS', 60, u32),
  allMulticast: attr('IFLA_ALLMULTI', 61, u32),
  devlinkPort: attr('IFLA_DEVLINK_PORT', 62, bytes),
  gsoIpv4MaxSize: attr('IFLA_GSO_IPV4_MAX_SIZE', 63, u32),
  groIpv4MaxSize: attr('IFLA_GRO_IPV4_MAX_SIZE', 64, u32),
  dpllPin: attr('IFLA_DPLL_PIN', 65, bytes),
  /** Nanoseconds. */
  maxPacingOffloadHorizon: attr('IFLA_MAX_PACING_OFFLOAD_HORIZON', 66, uint),
  netnsImmutable: attr('IFLA_NETNS_IMMUTABLE', 67, bool8),
  headroom: attr('IFLA_HEADROOM', 68, u16),
  tailroom: attr('IFLA_TAILROOM', 69, u16),
}));

/** The IFLA_ attributes. */
export interface LinkAttributes extends Infer<typeof linkAttributes_> {}
export const linkAttributes: AttributeSet<LinkAttributes> = linkAttributes_;

const linkMessage_ = message('IFLA', ifinfomsg_, linkAttributes_);

/** A link message as it travels: the fields of struct ifinfomsg and the IFLA_ attributes. */
export interface LinkMessage extends Infer<typeof linkMessage_> {}
/** What goes into a link message; header fields left out are zero. */
export interface LinkMessageInput extends Partial<LinkMessage> {}
export const linkMessage: Message<LinkMessage, LinkMessageInput> = linkMessage_;

setPeerCodec(linkMessage as unknown as Codec<LinkMessageInput>);
