/**
 * Tuples: what packets of one direction of a flow have in common. Sources: include/uapi/linux/netfilter/nfnetlink_conntrack.h (CTA_TUPLE_*, CTA_IP_*,
 * CTA_PROTO_*), conntrack(8).
 */

import { type IpFamily, ipv4Address, ipv6Address, parseAddress } from '../netlink/address.ts';
import { attr, attributes } from '../netlink/attributes.ts';
import { withChoices } from '../netlink/choices.ts';
import type { Codec, Infer } from '../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../netlink/errors.ts';
import { checked, inArgument } from '../netlink/input.ts';
import { be16, checkInteger, show, u8 } from '../netlink/scalar.ts';
import { type FlowProtocol, flowProtocol, hasPorts, type IcmpProtocol, inverseIcmpType, isIcmp, type PortProtocol } from './protocol.ts';

const addresses_ = attributes('CTA_IP', () => ({
  v4Src: attr('CTA_IP_V4_SRC', 1, ipv4Address),
  v4Dst: attr('CTA_IP_V4_DST', 2, ipv4Address),
  v6Src: attr('CTA_IP_V6_SRC', 3, ipv6Address),
  v6Dst: attr('CTA_IP_V6_DST', 4, ipv6Address),
}));
interface Addresses extends Infer<typeof addresses_> {}
const addresses: Codec<Addresses> = addresses_;

const protocol_ = attributes('CTA_PROTO', () => ({
  number: attr('CTA_PROTO_NUM', 1, flowProtocol),
  srcPort: attr('CTA_PROTO_SRC_PORT', 2, be16),
  dstPort: attr('CTA_PROTO_DST_PORT', 3, be16),
  icmpId: attr('CTA_PROTO_ICMP_ID', 4, be16),
  icmpType: attr('CTA_PROTO_ICMP_TYPE', 5, u8),
  icmpCode: attr('CTA_PROTO_ICMP_CODE', 6, u8),
  icmpv6Id: attr('CTA_PROTO_ICMPV6_ID', 7, be16),
  icmpv6Type: attr('CTA_PROTO_ICMPV6_TYPE', 8, u8),
  icmpv6Code: attr('CTA_PROTO_ICMPV6_CODE', 9, u8),
}));
interface Protocol extends Infer<typeof protocol_> {}
const protocol: Codec<Protocol> = protocol_;

const tuple_ = attributes('CTA_TUPLE', () => ({
  ip: attr('CTA_TUPLE_IP', 1, addresses),
  proto: attr('CTA_TUPLE_PROTO', 2, protocol),
  zone: attr('CTA_TUPLE_ZONE', 3, be16),
}));
/** A tuple on the wire. */
export interface WireTuple extends Infer<typeof tuple_> {}
export const wireTuple: Codec<WireTuple> = tuple_;

interface AnyTuple {
  /** Address that the packets come from. */
  src: string;
  /** Address that the packets go to. */
  dst: string;
  /** Zone of this direction alone; see `zone` of a flow for one that holds for both. 1 to 65535. */
  zone?: number;
}

/** A tuple of a protocol with ports. */
export interface PortTuple extends AnyTuple {
  /** Name of a protocol with ports. */
  protocol: PortProtocol;
  /** Source port, 0 to 65535. */
  sport: number;
  /** Destination port, 0 to 65535. */
  dport: number;
}

/** A tuple of ICMP or ICMPv6: of messages that are answered, such as echo requests. */
export interface IcmpTuple extends AnyTuple {
  /** `icmp` goes with addresses of IPv4, `icmpv6` with those of IPv6. */
  protocol: IcmpProtocol;
  /** 8 and 0 are echo request and reply of ICMP, 128 and 129 those of ICMPv6. */
  type: number;
  /** 0 for the messages that are answered. */
  code: number;
  /** Identifier that a request and its replies have in common, 0 to 65535. */
  id: number;
}

/** A tuple of GRE, with the keys of PPTP's; 0 for any other GRE. */
export interface GreTuple extends AnyTuple {
  /** Generic routing encapsulation. */
  protocol: 'gre';
  /** Call id of the sender, 0 to 65535. */
  srcKey: number;
  /** Call id of the receiver, 0 to 65535. */
  dstKey: number;
}

/** A tuple of a protocol that is tracked by its addresses alone. */
export interface OtherTuple extends AnyTuple {
  /** Name, or the number that IP has for it. */
  protocol: Exclude<FlowProtocol, PortProtocol | IcmpProtocol | 'gre'>;
}

/** What packets of one direction of a flow have in common; `protocol` says which members there are. */
export type Tuple = PortTuple | IcmpTuple | GreTuple | OtherTuple;

/** Members beside addresses, protocol and zone, with the greatest number they take. */
const fieldsOf = {
  ports: { sport: 65535, dport: 65535 },
  icmp: { type: 255, code: 255, id: 65535 },
  gre: { srcKey: 65535, dstKey: 65535 },
  other: {},
} as const;

/** The members that tuples of a protocol have, and how great they may be. */
export function tupleFields(of: FlowProtocol): Readonly<Record<string, number>> {
  return hasPorts(of) ? fieldsOf.ports : isIcmp(of) ? fieldsOf.icmp : of === 'gre' ? fieldsOf.gre : fieldsOf.other;
}

const allFields: Readonly<Record<string, number>> = { ...fieldsOf.ports, ...fieldsOf.icmp, ...fieldsOf.gre };

/** Whether a name is that of a member of any tuple beside addresses, protocol and zone. */
export function isTupleField(name: string): boolean {
  return Object.hasOwn(allFields, name);
}

/** A tuple, checked. */
export interface CheckedTuple {
  readonly family: IpFamily;
  readonly wire: WireTuple;
}

/** @throws InputError naming the member that is wrong */
export function checkProtocol(value: unknown): FlowProtocol {
  return checked('protocol', (given) => flowProtocol.nameOf(checkedByte(flowProtocol.valueOf(given as FlowProtocol))), value);
}

function checkedByte(value: number): number {
  checkInteger(value, 0, 255);
  return value;
}

/** @throws InputError naming `zone` unless it is a zone or absent; 0 is the zone of what has none */
export function checkZone(zone: unknown): number | undefined {
  if (zone === undefined) return undefined;
  checked('zone', (value) => checkInteger(value, 0, 65535), zone);
  return zone === 0 ? undefined : (zone as number);
}

/** The family of an address. @throws InputError naming `member` */
function familyOf(address: unknown, member: string): IpFamily {
  return checked(member, parseAddress, address).length === 4 ? 'inet' : 'inet6';
}

/** A tuple as the kernel takes it. @throws InputError naming the member that is wrong, below `argument` */
export function tupleToWire(tuple: unknown, argument: string): CheckedTuple {
  return inArgument(argument, () => {
    if (typeof tuple !== 'object' || tuple === null || Array.isArray(tuple))
      throw new InputError('', `expected a tuple, got ${show(tuple)}`, 'ERR_INVALID_ARG_TYPE');
    const given = tuple as Record<string, unknown>;
    const family = familyOf(given['src'], 'src');
    if (familyOf(given['dst'], 'dst') !== family) throw new InputError('dst', `is of another family than src: ${show(given['src'])}`);
    const of = checkProtocol(given['protocol']);
    const number = checkFields(given, of, family);
    const zone = checkZone(given['zone']);
    const ip: Addresses =
      family === 'inet'
        ? { v4Src: given['src'] as string, v4Dst: given['dst'] as string }
        : { v6Src: given['src'] as string, v6Dst: given['dst'] as string };
    return { family, wire: { ip, proto: number, ...(zone === undefined ? {} : { zone }) } };
  });
}

/** Checks the members that come with the protocol. */
function checkFields(given: Record<string, unknown>, of: FlowProtocol, family: IpFamily): Protocol {
  // a number stands for what the kernel does not look into, such as the protocols that it has forgotten
  const bare = typeof given['protocol'] === 'number' && !Object.keys(given).some((name) => isTupleField(name) && given[name] !== undefined);
  const fields = bare ? fieldsOf.other : tupleFields(of);
  for (const name of Object.keys(given)) {
    if (given[name] === undefined || name === 'src' || name === 'dst' || name === 'protocol' || name === 'zone') continue;
    if (!Object.hasOwn(fields, name))
      throw new InputError(
        name,
        withChoices(`tuples of ${of} have no such member`, name, ['src', 'dst', 'protocol', 'zone', ...Object.keys(fields)]),
        'ERR_UNKNOWN_OPTION',
      );
  }
  for (const [name, maximum] of Object.entries<number>(fields)) checked(name, (value) => checkInteger(value, 0, maximum), given[name]);
  if (bare) return { number: of };
  if (isIcmp(of)) {
    if ((of === 'icmp') !== (family === 'inet')) throw new InputError('protocol', `${of} does not go with addresses of ${family}`);
    if (inverseIcmpType(of, given['type'] as number) === undefined)
      throw new InputError('type', `messages of ${of} of type ${show(given['type'])} are not answered, and not tracked`);
  }
  return fieldsToWire(of, given as Record<string, number>);
}

/** The members of a tuple or of a filter, as attributes. */
export function fieldsToWire(of: FlowProtocol, given: Readonly<Record<string, number | undefined>>): Protocol {
  const wire: Record<string, unknown> = { number: of };
  const put = (name: keyof Protocol, value: number | undefined): void => {
    if (value !== undefined) wire[name] = value;
  };
  if (hasPorts(of)) {
    put('srcPort', given['sport']);
    put('dstPort', given['dport']);
  } else if (of === 'gre') {
    put('srcPort', given['srcKey']);
    put('dstPort', given['dstKey']);
  } else if (of === 'icmp') {
    put('icmpId', given['id']);
    put('icmpType', given['type']);
    put('icmpCode', given['code']);
  } else if (of === 'icmpv6') {
    put('icmpv6Id', given['id']);
    put('icmpv6Type', given['type']);
    put('icmpv6Code', given['code']);
  }
  return wire as Protocol;
}

/** A tuple as the kernel told it. @throws MalformedMessageError when it lacks its addresses or its protocol */
export function tupleFromWire({ ip = {}, proto = {}, zone }: WireTuple): Tuple {
  const src = ip.v4Src ?? ip.v6Src;
  const dst = ip.v4Dst ?? ip.v6Dst;
  const { number } = proto;
  if (src === undefined || dst === undefined || number === undefined)
    throw new MalformedMessageError('CTA_TUPLE', 0, 'two addresses and a protocol');
  const tuple = protocolFromWire(number, proto, src, dst);
  if (zone !== undefined && zone !== 0) tuple.zone = zone;
  return tuple;
}

function protocolFromWire(of: FlowProtocol, proto: Protocol, src: string, dst: string): Tuple {
  const { srcPort, dstPort } = proto;
  if (hasPorts(of) && srcPort !== undefined && dstPort !== undefined) return { protocol: of, src, dst, sport: srcPort, dport: dstPort };
  if (of === 'gre' && srcPort !== undefined && dstPort !== undefined) return { protocol: of, src, dst, srcKey: srcPort, dstKey: dstPort };
  if (isIcmp(of)) {
    const [type, code, id] =
      of === 'icmp' ? [proto.icmpType, proto.icmpCode, proto.icmpId] : [proto.icmpv6Type, proto.icmpv6Code, proto.icmpv6Id];
    if (type !== undefined && code !== undefined && id !== undefined) return { protocol: of, src, dst, type, code, id };
  }
  // a protocol that this kernel does not look into is its number
  const other = hasPorts(of) || isIcmp(of) || of === 'gre' ? flowProtocol.valueOf(of) : of;
  return { protocol: other, src, dst };
}

/** The tuple of the other direction, unless addresses or ports are translated. */
export function inverse({ ip = {}, proto = {} }: WireTuple): WireTuple {
  const turned: Addresses = ip.v4Src === undefined ? { v6Src: ip.v6Dst!, v6Dst: ip.v6Src! } : { v4Src: ip.v4Dst!, v4Dst: ip.v4Src };
  const { number, srcPort, dstPort, icmpType, icmpv6Type } = proto;
  const back: Protocol = { ...proto };
  if (srcPort !== undefined && dstPort !== undefined) {
    back.srcPort = dstPort;
    back.dstPort = srcPort;
  }
  if (number === 'icmp' && icmpType !== undefined) back.icmpType = inverseIcmpType(number, icmpType)!;
  if (number === 'icmpv6' && icmpv6Type !== undefined) back.icmpv6Type = inverseIcmpType(number, icmpv6Type)!;
  return { ip: turned, proto: back };
}

/** `udp 10.0.0.1:4000 -> 192.0.2.1:53` */
export function describeTuple({ ip = {}, proto = {} }: WireTuple): string {
  const end = (address: string | undefined, port: number | undefined): string =>
    port === undefined ? `${address}` : address?.includes(':') === true ? `[${address}]:${port}` : `${address}:${port}`;
  return `${proto.number} ${end(ip.v4Src ?? ip.v6Src, proto.srcPort)} -> ${end(ip.v4Dst ?? ip.v6Dst, proto.dstPort)}`;
}

/** Whether two tuples say the same, however their addresses are spelt. The zone does not count. */
export function sameTuple(a: WireTuple, b: WireTuple): boolean {
  const proto = { ...a.proto };
  for (const member of Object.keys({ ...proto, ...b.proto }) as (keyof Protocol)[])
    if (member !== 'unknown' && proto[member] !== b.proto?.[member]) return false;
  return (['v4Src', 'v4Dst', 'v6Src', 'v6Dst'] as const).every((member) => sameAddress(a.ip?.[member], b.ip?.[member]));
}

/** Whether two addresses are one, however they are spelt. */
export function sameAddress(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && Buffer.compare(parseAddress(a), parseAddress(b)) === 0);
}
