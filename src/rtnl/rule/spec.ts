/** What callers say about rules that shall be, its checks, and the message that says it to the kernel. */

import { addressBits, formatAddress, type IpFamily, isNetwork, networkOf, type Prefix, parsePrefix } from '../../netlink/address.ts';
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { ipProtocol } from '../ip-protocol.ts';
import { checkLinkName, type LinkRef, type Named } from '../link/reference.ts';
import { normalRange } from '../range.ts';
import { type RouteTable, routeProtocol, routeTable } from '../route/enumerations.ts';
import { FIB_RULE_INVERT, type RuleFamily, type RuleFlag, type RuleType, ruleFamilies, ruleType } from './enumerations.ts';
import { maxUid, type RuleMessage, type RuleMessageInput } from './message.ts';
import type { Rule } from './rule.ts';

/**
 * A rule that shall be, or what says which is meant. A member that is `undefined` is not sent. What a list returns is accepted.
 *
 * A link of `iif` and `oif` that is given by its name need not exist: the rule waits for it.
 */
export interface RuleSpec extends Partial<Omit<Rule, 'iif' | 'oif' | 'flags'>>, CallOptions {
  /** Default: that of `from` and `to`, else `inet`. */
  family?: RuleFamily;
  /** Default: the kernel chooses one below that of the second rule. */
  priority?: number;
  /** Default: `goto` where that member is given, else `unicast`. */
  type?: RuleType;
  /** Default for the type `unicast`: `main`; none with `l3mdev`. */
  table?: RouteTable;
  /** Only packets that came in by this link. */
  iif?: LinkRef;
  /** Only packets of sockets that are bound to this link. */
  oif?: LinkRef;
  /** Read only: ignored. */
  flags?: RuleFlag[];
}

const members = memberNames<Omit<RuleSpec, keyof CallOptions>>({
  family: true,
  priority: true,
  type: true,
  invert: true,
  from: true,
  to: true,
  iif: true,
  oif: true,
  mark: true,
  mask: true,
  tos: true,
  dscp: true,
  dscpMask: true,
  flowLabel: true,
  flowLabelMask: true,
  ipProto: true,
  sport: true,
  sportMask: true,
  dport: true,
  dportMask: true,
  uidRange: true,
  tunId: true,
  l3mdev: true,
  table: true,
  goto: true,
  suppressPrefixLength: true,
  suppressIfgroup: true,
  realms: true,
  protocol: true,
  flags: true,
  unknown: true,
});

/** A link whose name the message needs. */
export interface PlannedName extends Named {
  readonly member: 'iif' | 'oif';
}

/** A checked rule, and the links whose names are still to be asked for. */
export interface RulePlan {
  readonly wire: RuleMessageInput;
  readonly names: readonly PlannedName[];
  readonly subject: string;
}

/** Integers with nothing to them but their range. */
const integers = {
  priority: 0xffffffff,
  mark: 0xffffffff,
  mask: 0xffffffff,
  tos: 0xff,
  dscp: 0x3f,
  dscpMask: 0x3f,
  flowLabel: 0xfffff,
  flowLabelMask: 0xfffff,
  sportMask: 0xffff,
  dportMask: 0xffff,
  tunId: Number.MAX_SAFE_INTEGER,
  goto: 0xffffffff,
  suppressIfgroup: 0x7fffffff,
} as const;

/**
 * Checks `spec` and makes the message of it, but for names of links.
 *
 * @param deleting says only what is given: a rule is deleted by what it matches
 * @throws InputError naming the member that is wrong
 */
export function planRule(spec: RuleSpec, deleting = false): RulePlan {
  checkOptions(spec, 'spec', members);
  const { family, ip } = familyOf(spec);
  const wire: RuleMessageInput = { family: ruleFamilies.values[family] };
  for (const [member, maximum] of Object.entries(integers) as [keyof typeof integers, number][]) {
    const value = spec[member];
    if (value === undefined) continue;
    inArgument(member, () => checkInteger(value, 0, maximum));
    wire[member] = value;
  }
  // the kernel takes neither without the other
  if (wire.flowLabel !== undefined) wire.flowLabelMask ??= 0xfffff;
  setNetwork(wire, 'src', spec.from, 'from', ip);
  setNetwork(wire, 'dst', spec.to, 'to', ip);
  setAction(wire, spec, deleting);
  checkBoolean(spec.invert, 'invert');
  if (spec.invert === true) wire.flags = FIB_RULE_INVERT;
  if (spec.suppressPrefixLength !== undefined) {
    inArgument('suppressPrefixLength', () => checkInteger(spec.suppressPrefixLength, 0, addressBits(ip)));
    wire.suppressPrefixLength = spec.suppressPrefixLength;
  }
  if (spec.realms !== undefined) {
    inArgument('realms', () => checkInteger(spec.realms, 0, 0xffffffff));
    wire.flow = spec.realms;
  }
  if (spec.ipProto !== undefined) {
    const number = inArgument('ipProto', () => ipProtocol.valueOf(spec.ipProto!));
    inArgument('ipProto', () => checkInteger(number, 1, 255));
    wire.ipProto = ipProtocol.nameOf(number);
  }
  for (const member of ['sport', 'dport'] as const) {
    if (spec[member] === undefined) continue;
    wire[member] = inArgument(member, () => normalRange(spec[member], 1, 0xfffe));
  }
  if (spec.uidRange !== undefined) {
    wire.uidRange = inArgument('uidRange', () => normalRange(spec.uidRange, 0, maxUid));
  }
  if (spec.protocol !== undefined) {
    const number = inArgument('protocol', () => routeProtocol.valueOf(spec.protocol!));
    inArgument('protocol', () => checkInteger(number, 0, 255));
    wire.protocol = routeProtocol.nameOf(number);
  }
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  const names = (['iif', 'oif'] as const).flatMap((member) => linkOf(wire, spec[member], member));
  if (deleting && Object.keys(wire).length === 1 && spec.family === undefined)
    throw new InputError('spec', 'says nothing: the first rule of all would be deleted');
  return { wire, names, subject: describeRule(spec) };
}

/** The family, and that of its addresses. */
function familyOf(spec: RuleSpec): { family: RuleFamily; ip: IpFamily } {
  if (spec.family !== undefined) {
    const number = typeof spec.family === 'string' ? inArgument('family', () => ruleFamilies.valueOf(spec.family!)) : undefined;
    if (number === undefined) throw new InputError('family', noneOf(spec.family, Object.keys(ruleFamilies.values)));
    return { family: spec.family, ip: spec.family === 'inet6' || spec.family === 'ip6mr' ? 'inet6' : 'inet' };
  }
  const given = spec.from === undefined ? (['to', spec.to] as const) : (['from', spec.from] as const);
  const ip = given[1] === undefined ? 'inet' : inArgument(given[0], () => parsePrefix(given[1])).family;
  return { family: ip, ip };
}

function setNetwork(wire: RuleMessageInput, member: 'src' | 'dst', text: string | undefined, argument: string, family: IpFamily): void {
  if (text === undefined) return;
  const prefix = inArgument(argument, () => checkedNetwork(text, family));
  if (prefix.length === 0) return;
  wire[member] = formatAddress(prefix.bytes);
  wire[`${member}Length`] = prefix.length;
}

function checkedNetwork(text: string, family: IpFamily): Prefix {
  const prefix = parsePrefix(text);
  if (prefix.family !== family) throw new InputError('', `${show(text)} is an ${prefix.family} address, the rule is ${family}`);
  if (isNetwork(prefix)) return prefix;
  const { address } = networkOf(prefix);
  throw new InputError('', `${show(text)} has bits set beyond its length; the network is ${show(`${address}/${prefix.length}`)}`);
}

/** What is done with packets, and where. Defaults as iprule_modify() in ip/iprule.c of iproute2. */
function setAction(wire: RuleMessageInput, spec: RuleSpec, deleting: boolean): void {
  const { unicast, goto } = ruleType.values;
  if (spec.type !== undefined) {
    wire.action = inArgument('type', () => ruleType.valueOf(spec.type!));
    inArgument('type', () => checkInteger(wire.action, 0, 255));
  } else if (spec.goto !== undefined) wire.action = goto;
  else if (!deleting) wire.action = unicast;
  if (!deleting && wire.action === goto && spec.goto === undefined)
    throw new InputError('goto', 'is needed for the type "goto": the priority of the rule to go to');
  if (spec.goto !== undefined && wire.action !== undefined && wire.action !== goto)
    throw new InputError('goto', `belongs to the type "goto", not to ${show(spec.type)}`);
  checkBoolean(spec.l3mdev, 'l3mdev');
  if (spec.l3mdev === true) wire.l3mdev = true;
  let table = spec.table === undefined ? undefined : inArgument('table', () => routeTable.valueOf(spec.table!));
  if (table !== undefined) inArgument('table', () => checkInteger(table, 1, 0xffffffff));
  if (table !== undefined && spec.l3mdev === true) throw new InputError('table', 'is that of the VRF with l3mdev');
  if (table === undefined && !deleting && wire.action === unicast && spec.l3mdev !== true) table = routeTable.values.main;
  if (table === undefined) return;
  if (table < 256) wire.headerTable = table;
  else wire.table = table;
}

/** A short name goes as it is; anything else is asked for. */
function linkOf(wire: RuleMessageInput, ref: LinkRef | undefined, member: 'iif' | 'oif'): PlannedName[] {
  if (ref === undefined) return [];
  if (typeof ref !== 'string') return [{ ref, argument: member, member }];
  checkLinkName(ref, member);
  if (Buffer.byteLength(ref) > 15) return [{ ref, argument: member, member }];
  wire[member] = ref;
  return [];
}

/** A rule as errors name it: `100 from 10.0.0.0/8`. */
export function describeRule(spec: RuleSpec): string {
  const parts = [
    spec.priority,
    ...(['from', 'to', 'iif', 'oif', 'table'] as const).map((key) => (typeof spec[key] === 'string' ? `${key} ${spec[key]}` : undefined)),
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** The whole message that `wire` stands for: what is not said is zero. */
export function wholeRule(wire: RuleMessageInput): RuleMessage {
  return { dstLength: 0, srcLength: 0, tos: 0, headerTable: 0, reserved1: 0, reserved2: 0, action: 0, flags: 0, family: 0, ...wire };
}

const renames: Readonly<Record<string, string>> = { dst: 'to', src: 'from', headerTable: 'table', action: 'type', flow: 'realms' };

/** From the path of an attribute in a rule message to what callers call it. */
export function renameRulePath(path: string): string {
  return Object.hasOwn(renames, path) ? renames[path]! : path;
}
