/** Which flows are meant: what the kernel can be asked for, and all of it again here, since kernels ignore what they do not know. */

import { type IpFamily, maskByte, type Prefix, parseAddress, parsePrefix } from '../../netlink/address.ts';
import { withChoices } from '../../netlink/choices.ts';
import { type ListOptions, listMembers } from '../../netlink/dump.ts';
import { InputError } from '../../netlink/errors.ts';
import { checked, checkMembers, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { familyNumber } from '../nfnetlink.ts';
import { type FlowProtocol, inverseIcmpType, isIcmp } from '../protocol.ts';
import { type FlowStatus, flowStatus } from '../status.ts';
import { checkProtocol, fieldsToWire, isTupleField, tupleFields, type WireTuple } from '../tuple.ts';
import { type FlowMessage, type FlowRequest, filterFlags } from './message.ts';

/** Which tuples are meant: those that are as every member says. Ports and the like go with a `protocol` that has them. */
export interface TupleFilter {
  /** An address, or a prefix. */
  src?: string;
  /** An address, or a prefix. */
  dst?: string;
  /** Name, or the number that IP has for it. */
  protocol?: FlowProtocol;
  /** Source port; of protocols that have ports. */
  sport?: number;
  /** Destination port; of protocols that have ports. */
  dport?: number;
  /** Type of the message; of ICMP and ICMPv6. */
  type?: number;
  /** Code of the message; of ICMP and ICMPv6. */
  code?: number;
  /** Identifier of an echo request and its replies; of ICMP and ICMPv6. */
  id?: number;
  /** Key of the sender's direction; of GRE. */
  srcKey?: number;
  /** Key of the receiver's direction; of GRE. */
  dstKey?: number;
  /** Zone of this direction alone. */
  zone?: number;
}

/** Which flows are meant: those that are as every member says. */
export interface FlowFilter extends ListOptions {
  /** Default: both. */
  family?: IpFamily;
  /** Name, or the number that IP has for it. Default: all. */
  protocol?: FlowProtocol;
  /** What the tuple of the original direction is like. */
  original?: TupleFilter;
  /** What the tuple of the reply direction is like. */
  reply?: TupleFilter;
  /** Of this zone, in both directions or in one; 0: of none. */
  zone?: number;
  /** The mark, or with `markMask` the bits of it. */
  mark?: number;
  /** Bits of the mark that are compared. Default: all. */
  markMask?: number;
  /** All of these are set. */
  status?: FlowStatus[];
  /** None of these is set. */
  withoutStatus?: FlowStatus[];
  /** Has all of these labels. */
  labels?: number[];
  /** Has this helper. */
  helper?: string;
}

const filterMembers = memberNames<Omit<FlowFilter, keyof ListOptions>>({
  family: true,
  protocol: true,
  original: true,
  reply: true,
  zone: true,
  mark: true,
  markMask: true,
  status: true,
  withoutStatus: true,
  labels: true,
  helper: true,
});
const tupleMembers = memberNames<TupleFilter>({
  src: true,
  dst: true,
  protocol: true,
  sport: true,
  dport: true,
  type: true,
  code: true,
  id: true,
  srcKey: true,
  dstKey: true,
  zone: true,
});

/** A filter, checked. */
export interface PlannedFilter {
  /** What the kernel is asked for: all that it can be, as far as it is known to answer right. */
  readonly request: FlowRequest;
  /** Whether a flow is meant. */
  readonly keep: (wire: FlowMessage) => boolean;
  /** Whether every flow is meant. */
  readonly everything: boolean;
}

type Test<W> = (wire: W) => boolean;

/** @throws InputError naming the member that is wrong */
export function planFilter(filter: FlowFilter): PlannedFilter {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const request: FlowRequest = {};
  const tests: Test<FlowMessage>[] = [];
  const common = filter.protocol === undefined ? undefined : checkProtocol(filter.protocol);
  const original = planTuple(filter.original, 'original', common);
  const reply = planTuple(filter.reply, 'reply', common);
  if (common !== undefined && original.protocol !== common)
    throw new InputError('original.protocol', `is another than protocol, ${common}`);
  if (original.protocol !== undefined && reply.protocol !== undefined && original.protocol !== reply.protocol)
    throw new InputError('reply.protocol', 'is another than that of original');
  tests.push(
    ...original.tests.map(
      (test): Test<FlowMessage> =>
        (wire) =>
          test(wire.original ?? {}),
    ),
  );
  tests.push(
    ...reply.tests.map(
      (test): Test<FlowMessage> =>
        (wire) =>
          test(wire.reply ?? {}),
    ),
  );
  const family = commonFamily(filter.family, original, reply);
  if (family !== undefined) {
    const number = familyNumber(family);
    request.family = number;
    tests.push((wire) => wire.family === number);
    // of replies, kernels up to some compare what they have not read: those are looked at here alone
    if (original.flags.length > 0) {
      request.original = original.wire;
      request.filter = { original: original.flags };
    }
  }
  addZone(filter, request, tests);
  addMark(filter, request, tests);
  addStatus(filter, request, tests);
  addOthers(filter, tests);
  return { request, keep: (wire) => tests.every((test) => test(wire)), everything: tests.length === 0 };
}

interface PlannedTuple {
  readonly family: IpFamily | undefined;
  readonly protocol: FlowProtocol | undefined;
  /** What the kernel compares. */
  readonly wire: WireTuple;
  readonly flags: (typeof filterFlags)['~t'];
  readonly tests: readonly Test<WireTuple>[];
}

function planTuple(filter: TupleFilter | undefined, argument: string, common: FlowProtocol | undefined): PlannedTuple {
  // a protocol for all is one of both directions, and the kernel looks at the original one
  const given = common === undefined ? filter : { ...filter, protocol: filter?.protocol ?? common };
  if (given === undefined) return { family: undefined, protocol: undefined, wire: {}, flags: [], tests: [] };
  if (filter === undefined) return planned(given);
  return inArgument(argument, () => {
    checkMembers(filter, '', tupleMembers);
    return planned(given);
  });
}

function planned(given: TupleFilter): PlannedTuple {
  const tests: Test<WireTuple>[] = [];
  const wire: WireTuple = {};
  const flags: (typeof filterFlags)['~t'] = [];
  const addresses: Record<string, string> = {};
  let family: IpFamily | undefined;
  for (const member of ['src', 'dst'] as const) {
    if (given[member] === undefined) continue;
    const prefix = checked(member, parsePrefix, given[member]);
    if (family !== undefined && prefix.family !== family) throw new InputError(member, 'is of another family than src');
    family = prefix.family;
    const attribute = `${family === 'inet' ? 'v4' : 'v6'}${member === 'src' ? 'Src' : 'Dst'}` as const;
    tests.push(({ ip }) => within(ip?.[attribute], prefix));
    // the kernel compares whole addresses, and takes equal ones of IPv6 for different (seen in Linux 6.18)
    if (prefix.family === 'inet6' || prefix.length !== 32) continue;
    addresses[attribute] = prefix.address;
    flags.push(member);
  }
  if (Object.keys(addresses).length > 0) wire.ip = addresses;
  const protocol = given.protocol === undefined ? undefined : checkProtocol(given.protocol);
  addFields(given, protocol, wire, flags, tests);
  if (given.zone !== undefined) {
    checked('zone', (value) => checkInteger(value, 0, 65535), given.zone);
    tests.push(({ zone = 0 }) => zone === given.zone);
  }
  return { family, protocol, wire, flags, tests };
}

function within(address: string | undefined, { bytes, length }: Prefix): boolean {
  if (address === undefined) return false;
  const found = parseAddress(address);
  return bytes.every((byte, i) => ((byte ^ found[i]!) & maskByte(length, i)) === 0);
}

type ProtoMember = keyof NonNullable<WireTuple['proto']>;

/** Protocol, ports and what other protocols have in their place. */
function addFields(
  given: TupleFilter,
  protocol: FlowProtocol | undefined,
  wire: WireTuple,
  flags: (typeof filterFlags)['~t'],
  tests: Test<WireTuple>[],
): void {
  const named = Object.keys(given).filter((name) => isTupleField(name) && given[name as keyof TupleFilter] !== undefined);
  if (protocol === undefined) {
    if (named.length > 0) throw new InputError(named[0]!, 'goes with a protocol');
    return;
  }
  const fields = tupleFields(protocol);
  for (const name of named) {
    if (!Object.hasOwn(fields, name))
      throw new InputError(name, withChoices(`tuples of ${protocol} have no such member`, name, Object.keys(fields)), 'ERR_UNKNOWN_OPTION');
    checked(name, (value) => checkInteger(value, 0, fields[name]!), given[name as keyof TupleFilter]);
  }
  const proto = fieldsToWire(protocol, given as Readonly<Record<string, number | undefined>>);
  for (const [member, value] of Object.entries(proto)) tests.push((tuple) => tuple.proto?.[member as ProtoMember] === value);
  wire.proto = proto;
  flags.push('protocol');
  // the kernel refuses types that are not answered
  if (isIcmp(protocol) && given.type !== undefined && inverseIcmpType(protocol, given.type) === undefined)
    wire.proto = { number: protocol };
  for (const member of Object.keys(wire.proto))
    if (member !== 'number' && Object.hasOwn(filterFlags.values, member)) flags.push(member as 'srcPort');
}

function commonFamily(given: unknown, ...tuples: PlannedTuple[]): IpFamily | undefined {
  if (given !== undefined) familyNumber(given);
  let family = given as IpFamily | undefined;
  for (const [i, tuple] of tuples.entries()) {
    if (tuple.family === undefined) continue;
    if (family !== undefined && family !== tuple.family)
      throw new InputError(i === 0 ? 'original' : 'reply', `has addresses of ${tuple.family}, and the rest is of ${family}`);
    family = tuple.family;
  }
  return family;
}

function addZone({ zone }: FlowFilter, request: FlowRequest, tests: Test<FlowMessage>[]): void {
  if (zone === undefined) return;
  checked('zone', (value) => checkInteger(value, 0, 65535), zone);
  request.zone = zone;
  tests.push((wire) => (wire.zone ?? wire.original?.zone ?? wire.reply?.zone ?? 0) === zone);
}

function addMark({ mark, markMask = 0xffffffff }: FlowFilter, request: FlowRequest, tests: Test<FlowMessage>[]): void {
  if (mark === undefined) {
    if (markMask !== 0xffffffff) throw new InputError('markMask', 'goes with mark');
    return;
  }
  checked('mark', (value) => checkInteger(value, 0, 0xffffffff), mark);
  checked('markMask', (value) => checkInteger(value, 0, 0xffffffff), markMask);
  if ((mark & ~markMask) >>> 0 !== 0) throw new InputError('mark', `${mark} has bits that markMask has not`);
  request.mark = mark;
  request.markMask = markMask;
  tests.push((wire) => (((wire.mark ?? 0) ^ mark) & markMask) === 0);
}

function addStatus(filter: FlowFilter, request: FlowRequest, tests: Test<FlowMessage>[]): void {
  const set = filter.status === undefined ? 0 : checked('status', (names) => flowStatus.valueOf(names), filter.status);
  const unset =
    filter.withoutStatus === undefined ? 0 : checked('withoutStatus', (names) => flowStatus.valueOf(names), filter.withoutStatus);
  if ((set & unset) !== 0) throw new InputError('withoutStatus', `${flowStatus.namesOf(set & unset).join(', ')} is in status as well`);
  const mask = set | unset;
  if (mask === 0) return;
  request.status = flowStatus.namesOf(set);
  request.statusMask = flowStatus.namesOf(mask);
  tests.push((wire) => ((flowStatus.valueOf(wire.status ?? []) ^ set) & mask) === 0);
}

function addOthers({ labels, helper }: FlowFilter, tests: Test<FlowMessage>[]): void {
  if (labels !== undefined) {
    if (!Array.isArray(labels)) throw new InputError('labels', `expected a list of numbers, got ${show(labels)}`, 'ERR_INVALID_ARG_TYPE');
    for (const [i, label] of labels.entries()) checked(`labels[${i}]`, (value) => checkInteger(value, 0, 127), label);
    tests.push((wire) => labels.every((label) => wire.labels?.includes(label) === true));
  }
  if (helper !== undefined) {
    if (typeof helper !== 'string') throw new InputError('helper', `expected a string, got ${show(helper)}`, 'ERR_INVALID_ARG_TYPE');
    tests.push((wire) => wire.help?.name === helper);
  }
}
