/** Rule messages: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE. Source: include/uapi/linux/fib_rules.h. */
import { ipAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { be32, bool8, s32, u8, u16, u32 } from '../../netlink/scalar.ts';
import { fields, type Struct, struct } from '../../netlink/struct.ts';
import { bytes, string } from '../../netlink/text.ts';
import { ipProtocol } from '../ip-protocol.ts';
import { rangeCodec } from '../range.ts';
import { routeProtocol } from '../route/enumerations.ts';
import { tunnelId } from '../tunnel-id.ts';

const fibRuleHdr_ = struct('fib_rule_hdr', () => ({
  /** AF_INET, AF_INET6, RTNL_FAMILY_IPMR, RTNL_FAMILY_IP6MR. */
  family: fields.u8,
  dstLength: fields.u8,
  srcLength: fields.u8,
  tos: fields.u8,
  /** RT_TABLE_*; RT_TABLE_UNSPEC or RT_TABLE_COMPAT where FRA_TABLE has the number. */
  headerTable: fields.u8,
  reserved1: fields.u8,
  reserved2: fields.u8,
  /** FR_ACT_*. */
  action: fields.u8,
  /** FIB_RULE_*. */
  flags: fields.u32,
}));

/** The header of a rule message. */
export interface RuleHeader extends Infer<typeof fibRuleHdr_> {}
export const fibRuleHdr: Struct<RuleHeader> = fibRuleHdr_;

/** Both ends belong to it. */
const fibRuleUidRange = struct('fib_rule_uid_range', () => ({ start: fields.u32, end: fields.u32 }));
/** Both ends belong to it; in host order. */
const fibRulePortRange = struct('fib_rule_port_range', () => ({ start: fields.u16, end: fields.u16 }));

/** The last user id; the one after it means "no user". */
export const maxUid = 0xfffffffe;

const portRange = rangeCodec(fibRulePortRange, 1, 0xfffe);

const ruleAttributes_ = attributes('FRA', () => ({
  dst: attr('FRA_DST', 1, ipAddress),
  src: attr('FRA_SRC', 2, ipAddress),
  /** Name of a link, which need not exist. */
  iif: attr('FRA_IIFNAME', 3, string(15)),
  /** Priority of the rule to go to. */
  goto: attr('FRA_GOTO', 4, u32),
  priority: attr('FRA_PRIORITY', 6, u32),
  mark: attr('FRA_FWMARK', 10, u32),
  /** Realms: from in the upper half, to in the lower. */
  flow: attr('FRA_FLOW', 11, u32),
  tunId: attr('FRA_TUN_ID', 12, tunnelId),
  /** Group of links; the kernel sends -1 for none. */
  suppressIfgroup: attr('FRA_SUPPRESS_IFGROUP', 13, s32),
  /** Length of prefix; the kernel sends -1 for none. */
  suppressPrefixLength: attr('FRA_SUPPRESS_PREFIXLEN', 14, s32),
  table: attr('FRA_TABLE', 15, u32),
  mask: attr('FRA_FWMASK', 16, u32),
  /** Name of a link, which need not exist. */
  oif: attr('FRA_OIFNAME', 17, string(15)),
  pad: attr('FRA_PAD', 18, bytes),
  l3mdev: attr('FRA_L3MDEV', 19, bool8),
  uidRange: attr('FRA_UID_RANGE', 20, rangeCodec(fibRuleUidRange, 0, maxUid)),
  protocol: attr('FRA_PROTOCOL', 21, routeProtocol),
  ipProto: attr('FRA_IP_PROTO', 22, ipProtocol),
  sport: attr('FRA_SPORT_RANGE', 23, portRange),
  dport: attr('FRA_DPORT_RANGE', 24, portRange),
  dscp: attr('FRA_DSCP', 25, u8),
  flowLabel: attr('FRA_FLOWLABEL', 26, be32),
  flowLabelMask: attr('FRA_FLOWLABEL_MASK', 27, be32),
  sportMask: attr('FRA_SPORT_MASK', 28, u16),
  dportMask: attr('FRA_DPORT_MASK', 29, u16),
  dscpMask: attr('FRA_DSCP_MASK', 30, u8),
}));

/** The attributes of a rule message. */
export interface RuleAttributes extends Infer<typeof ruleAttributes_> {}
export const ruleAttributes: AttributeSet<RuleAttributes> = ruleAttributes_;

const ruleMessage_ = message('FRA', fibRuleHdr_, ruleAttributes_);

/** A rule message as it travels: the fields of struct fib_rule_hdr and the FRA_ attributes. */
export interface RuleMessage extends Infer<typeof ruleMessage_> {}
/** What goes into a rule message; header fields left out are zero. */
export interface RuleMessageInput extends Partial<RuleMessage> {}
export const ruleMessage: Message<RuleMessage, RuleMessageInput> = ruleMessage_;

/** RTM_NEWRULE, RTM_DELRULE and RTM_GETRULE, as `ask` takes them. */
export type RuleOperation = Operation<RuleMessageInput, RuleMessage>;

function needs(value: RuleMessageInput): string | undefined {
  if (value.l3mdev === true) return 'CONFIG_NET_L3_MASTER_DEV';
  return value.family === 128
    ? 'CONFIG_IP_MROUTE_MULTIPLE_TABLES'
    : value.family === 129
      ? 'CONFIG_IPV6_MROUTE_MULTIPLE_TABLES'
      : undefined;
}

function operation(name: string, type: number): RuleOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: ruleMessage, reply: ruleMessage, needs };
}

export const newRule: RuleOperation = operation('RTM_NEWRULE', 32);
export const deleteRule: RuleOperation = operation('RTM_DELRULE', 33);
export const getRule: RuleOperation = operation('RTM_GETRULE', 34);
