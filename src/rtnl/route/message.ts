/** Route messages: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. Source: include/uapi/linux/rtnetlink.h. */
import { ipAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes, nested } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { be16, be32, bool8, u8, u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { bytes } from '../../netlink/text.ts';
import { AF_MPLS, messageFamily, withoutIpv6 } from '../family.ts';
import { scope } from '../scope.ts';
import { encapAttribute, encapNeeds, encapType } from './encap/encap.ts';
import { nexthopFlags, routeFlags, routePreference, routeProtocol, routeTable, routeType } from './enumerations.ts';
import { labelStack } from './labels.ts';
import { routeMetrics } from './metrics.ts';
import { nexthopList } from './nexthop.ts';
import { via } from './via.ts';

const rtmsg_ = struct('rtmsg', () => ({
  family: named(fields.u8, messageFamily),
  dstLength: fields.u8,
  srcLength: fields.u8,
  tos: fields.u8,
  /** RT_TABLE_*; RT_TABLE_UNSPEC or RT_TABLE_COMPAT where RTA_TABLE has the number. */
  headerTable: named(fields.u8, routeTable),
  /** RTPROT_*. */
  protocol: named(fields.u8, routeProtocol),
  /** RT_SCOPE_*. */
  scope: named(fields.u8, scope),
  /** RTN_*. */
  type: named(fields.u8, routeType),
  /** RTM_F_* and, for the one next hop, RTNH_F_*. */
  flags: named(fields.u32, flags(u32, { ...nexthopFlags.values, ...routeFlags.values })),
}));

/** The header of a route message. */
export interface RouteHeader extends Infer<typeof rtmsg_> {}
export const rtmsg: Struct<RouteHeader> = rtmsg_;

const rtaCacheinfo_ = struct('rta_cacheinfo', () => ({
  clntref: fields.u32,
  /** Hundredths of a second. */
  lastuse: fields.u32,
  /** Hundredths of a second; 0: never. */
  expires: fields.s32,
  /** Errno that packets are refused with. */
  error: fields.u32,
  used: fields.u32,
  id: fields.u32,
  ts: fields.u32,
  tsage: fields.u32,
}));

/** Age and expiry of a route. */
export interface RouteCacheInfo extends Infer<typeof rtaCacheinfo_> {}
export const rtaCacheinfo: Struct<RouteCacheInfo> = rtaCacheinfo_;

const rtaMfcStats_ = struct('rta_mfc_stats', () => ({ packets: fields.n64, bytes: fields.n64, wrongIf: fields.n64 }));

/** What a multicast route has carried, and what came in by another link than it says. */
export interface MulticastStatistics extends Infer<typeof rtaMfcStats_> {}
export const rtaMfcStats: Struct<MulticastStatistics> = rtaMfcStats_;

const routeAttributes_ = attributes('RTA', () => ({
  /** For AF_MPLS the four bytes are a label. */
  dst: attr('RTA_DST', 1, ipAddress),
  src: attr('RTA_SRC', 2, ipAddress),
  /** Index of a link. */
  iif: attr('RTA_IIF', 3, u32),
  /** Index of a link. */
  oif: attr('RTA_OIF', 4, u32),
  gateway: attr('RTA_GATEWAY', 5, ipAddress),
  priority: attr('RTA_PRIORITY', 6, u32),
  prefsrc: attr('RTA_PREFSRC', 7, ipAddress),
  metrics: attr('RTA_METRICS', 8, nested(routeMetrics)),
  multipath: attr('RTA_MULTIPATH', 9, nexthopList),
  protoinfo: attr('RTA_PROTOINFO', 10, bytes),
  /** Realms: from in the upper half, to in the lower. */
  flow: attr('RTA_FLOW', 11, u32),
  cacheinfo: attr('RTA_CACHEINFO', 12, structCodec(rtaCacheinfo_)),
  session: attr('RTA_SESSION', 13, bytes),
  mpAlgo: attr('RTA_MP_ALGO', 14, bytes),
  table: attr('RTA_TABLE', 15, u32),
  mark: attr('RTA_MARK', 16, u32),
  mfcStats: attr('RTA_MFC_STATS', 17, structCodec(rtaMfcStats_)),
  via: attr('RTA_VIA', 18, via),
  /** MPLS labels that take the place of the one that is routed. */
  newdst: attr('RTA_NEWDST', 19, labelStack),
  pref: attr('RTA_PREF', 20, routePreference),
  /** LWTUNNEL_ENCAP_* (include/uapi/linux/lwtunnel.h): how to read `encap`. */
  encapType: attr('RTA_ENCAP_TYPE', 21, encapType),
  encap: encapAttribute('RTA_ENCAP', 22, 21),
  /** Seconds. */
  expires: attr('RTA_EXPIRES', 23, u32),
  pad: attr('RTA_PAD', 24, bytes),
  uid: attr('RTA_UID', 25, u32),
  ttlPropagate: attr('RTA_TTL_PROPAGATE', 26, bool8),
  ipProto: attr('RTA_IP_PROTO', 27, u8),
  sport: attr('RTA_SPORT', 28, be16),
  dport: attr('RTA_DPORT', 29, be16),
  nexthopId: attr('RTA_NH_ID', 30, u32),
  flowLabel: attr('RTA_FLOWLABEL', 31, be32),
}));

/** The attributes of a route message. */
export interface RouteAttributes extends Infer<typeof routeAttributes_> {}
export const routeAttributes: AttributeSet<RouteAttributes> = routeAttributes_;

const routeMessage_ = message('RTA', rtmsg_, routeAttributes_);

/** A route message as it travels: the fields of struct rtmsg and the RTA_ attributes. */
export interface RouteMessage extends Infer<typeof routeMessage_> {}
/** What goes into a route message; header fields left out are zero. */
export interface RouteMessageInput extends Partial<RouteMessage> {}
export const routeMessage: Message<RouteMessage, RouteMessageInput> = routeMessage_;

/** RTM_NEWROUTE, RTM_DELROUTE and RTM_GETROUTE, as `ask` takes them. */
export type RouteOperation = Operation<RouteMessageInput, RouteMessage>;

function operation(name: string, type: number): RouteOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: routeMessage, reply: routeMessage, needs };
}

function needs(value: RouteMessageInput): string | undefined {
  if (value.nexthopId !== undefined) return 'nexthop objects (Linux 5.3)';
  if (value.via !== undefined && value.family !== AF_MPLS) return 'IPv6 gateways for IPv4 routes (Linux 5.2)';
  if (value.family === AF_MPLS) return 'CONFIG_MPLS_ROUTING';
  const type = value.encapType ?? value.multipath?.find((path) => path.encapType !== undefined)?.encapType;
  if (type !== undefined) return encapNeeds(type);
  return value.multipath === undefined ? undefined : 'CONFIG_IP_ROUTE_MULTIPATH';
}

export const newRoute: RouteOperation = { ...operation('RTM_NEWROUTE', 24), forbidden: withoutIpv6 };
export const deleteRoute: RouteOperation = operation('RTM_DELROUTE', 25);
export const getRoute: RouteOperation = operation('RTM_GETROUTE', 26);
