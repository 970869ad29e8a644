/** A rule as callers see it. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import type { IpProtocol } from '../ip-protocol.ts';
import type { Range } from '../range.ts';
import { type RouteProtocol, type RouteTable, routeTable } from '../route/enumerations.ts';
import { FIB_RULE_INVERT, type RuleFamily, type RuleFlag, type RuleType, ruleFamilies, ruleFlags, ruleType } from './enumerations.ts';
import type { RuleMessage } from './message.ts';

/** A rule of policy routing, as `ip -d rule` shows it. What has no value for a rule is left out. */
export interface Rule {
  /** Rules are tried from the lowest priority to the highest. */
  priority: number;
  /** `inet`, `inet6`, or that of multicast routing. */
  family: RuleFamily;
  /** What is done with packets that match: `unicast` looks them up in `table`, `goto`, `nop`, `blackhole`, `unreachable`, `prohibit`. */
  type: RuleType;
  /** The rule is for the packets that do not match: `ip rule add not …`. */
  invert?: boolean;
  /** Packets from this network: `10.0.0.0/24`. */
  from?: string;
  /** Packets to this network. */
  to?: string;
  /** Packets that came in by this link; `lo`: that this machine sends. */
  iif?: string;
  /** Packets of sockets bound to this link. */
  oif?: string;
  /** Packets with this firewall mark. */
  mark?: number;
  /** Bits of the mark that count. Absent: all. */
  mask?: number;
  /** Packets with this type of service, the upper six bits of which are the DSCP. */
  tos?: number;
  /** Packets with this DSCP, 0 to 63. Linux 6.13. */
  dscp?: number;
  /** Bits of the DSCP that count. Absent: all. Linux 6.15. */
  dscpMask?: number;
  /** IPv6: packets with this flow label. Linux 6.14. */
  flowLabel?: number;
  /** Bits of the flow label that count. Absent: all. */
  flowLabelMask?: number;
  /** Only packets of this protocol. */
  ipProto?: IpProtocol;
  /** Source port, or range of them: `80`, `'1000-2000'`. */
  sport?: Range;
  /** Bits of a single source port that count. Absent: all. Linux 6.15. */
  sportMask?: number;
  /** Destination port, or range of them. */
  dport?: Range;
  /** Bits of a single destination port that count. Absent: all. Linux 6.15. */
  dportMask?: number;
  /** Packets of sockets of this user, or of a range of users: `1000`, `'1000-1999'`. */
  uidRange?: Range;
  /** IPv4 and IPv6: packets that came out of a tunnel with this id. */
  tunId?: number;
  /** Look up in the table of the VRF that the packet's link belongs to. */
  l3mdev?: boolean;
  /** Where `unicast` looks packets up. */
  table?: RouteTable;
  /** Priority of the rule where `goto` goes on. */
  goto?: number;
  /** A route that is found is passed over when its prefix is this long or shorter. */
  suppressPrefixLength?: number;
  /** A route that is found is passed over when its link is in this group. */
  suppressIfgroup?: number;
  /** Realms, as one number: from in the upper 16 bits, to in the lower. */
  realms?: number;
  /** Who made the rule. */
  protocol?: RouteProtocol;
  /** State: `iif_detached`, `oif_detached`, `unresolved`, … Read only. */
  flags: RuleFlag[];
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** Attributes that mean the same by the same name. */
const plain = ['iif', 'oif', 'mark', 'dscp', 'flowLabel', 'ipProto', 'sport', 'dport', 'uidRange', 'tunId', 'goto', 'protocol'] as const;

/** Masks that say no more than their absence does. */
const wholeMasks = { dscpMask: 0x3f, flowLabelMask: 0xfffff, sportMask: 0xffff, dportMask: 0xffff } as const;

/** The rule that `wire` describes; undefined when its family has none that netloom knows. */
export function toRule(wire: RuleMessage): Rule | undefined {
  const family = ruleFamilies.nameOf(wire.family);
  if (typeof family === 'number') return undefined;
  const rule: Rule = {
    priority: wire.priority ?? 0,
    family,
    type: ruleType.nameOf(wire.action),
    flags: ruleFlags.namesOf(wire.flags & ~FIB_RULE_INVERT),
  };
  if ((wire.flags & FIB_RULE_INVERT) !== 0) rule.invert = true;
  if (wire.src !== undefined) rule.from = `${wire.src}/${wire.srcLength}`;
  if (wire.dst !== undefined) rule.to = `${wire.dst}/${wire.dstLength}`;
  for (const member of plain) if (wire[member] !== undefined) (rule as unknown as Record<string, unknown>)[member] = wire[member];
  if (wire.tos !== 0) rule.tos = wire.tos;
  // the kernel says the mask of every mark
  if (wire.mask !== undefined && (rule.mark === undefined || wire.mask !== 0xffffffff)) rule.mask = wire.mask;
  for (const [member, whole] of Object.entries(wholeMasks) as [keyof typeof wholeMasks, number][]) {
    const mask = wire[member];
    if (mask !== undefined && mask !== 0 && mask !== whole) rule[member] = mask;
  }
  if (wire.l3mdev === true) rule.l3mdev = true;
  const table = wire.table ?? wire.headerTable;
  if (table !== 0) rule.table = routeTable.nameOf(table);
  if (wire.suppressPrefixLength !== undefined && wire.suppressPrefixLength >= 0) rule.suppressPrefixLength = wire.suppressPrefixLength;
  if (wire.suppressIfgroup !== undefined && wire.suppressIfgroup >= 0) rule.suppressIfgroup = wire.suppressIfgroup;
  if (wire.flow !== undefined && wire.flow !== 0) rule.realms = wire.flow;
  if (wire.unknown !== undefined) rule.unknown = wire.unknown;
  return rule;
}
