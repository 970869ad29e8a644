/** What a new flow is translated to. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h (CTA_NAT_*, CTA_PROTONAT_*); conntrack(8), --src-nat, --dst-nat. */
import { type IpFamily, ipv4Address, ipv6Address, parseAddress } from '../netlink/address.ts';
import { attr, attributes } from '../netlink/attributes.ts';
import type { Codec, Infer } from '../netlink/codec.ts';
import { InputError } from '../netlink/errors.ts';
import { checked, checkMembers, memberNames } from '../netlink/input.ts';
import { be16, checkInteger, show } from '../netlink/scalar.ts';
import { sameAddress, type WireTuple } from './tuple.ts';

const ports_ = attributes('CTA_PROTONAT', () => ({
  min: attr('CTA_PROTONAT_PORT_MIN', 1, be16),
  max: attr('CTA_PROTONAT_PORT_MAX', 2, be16),
}));
const ports: Codec<Infer<typeof ports_>> = ports_;

const nat_ = attributes('CTA_NAT', () => ({
  v4Min: attr('CTA_NAT_V4_MINIP', 1, ipv4Address),
  v4Max: attr('CTA_NAT_V4_MAXIP', 2, ipv4Address),
  proto: attr('CTA_NAT_PROTO', 3, ports),
  v6Min: attr('CTA_NAT_V6_MINIP', 4, ipv6Address),
  v6Max: attr('CTA_NAT_V6_MAXIP', 5, ipv6Address),
}));
/** A translation on the wire. */
export interface WireNat extends Infer<typeof nat_> {}
export const wireNat: Codec<WireNat> = nat_;

/** What to translate to: the kernel takes the first of it that is free. */
export interface NatRange {
  /** An address, or the first and the last of several: `'192.0.2.1-192.0.2.9'`. */
  address?: string;
  /** A port (for ICMP an id), or the first and the last of several: `'1024-2047'`. Default: the one there is, if it is free. */
  port?: number | `${number}-${number}`;
}

const members = memberNames<NatRange>({ address: true, port: true });

/** @throws InputError naming the member that is wrong */
export function natToWire(range: NatRange, family: IpFamily): WireNat {
  checkMembers(range, '', members);
  const { address, port } = range;
  if (address === undefined && port === undefined) throw new InputError('', 'expected an address or a port');
  const wire: WireNat = {};
  if (address !== undefined) {
    const [min, max] = checked('address', (value) => ends(value, family), address);
    // the last is the first where it is not said
    const last = max === min ? undefined : max;
    if (family === 'inet') {
      wire.v4Min = min;
      if (last !== undefined) wire.v4Max = last;
    } else {
      wire.v6Min = min;
      if (last !== undefined) wire.v6Max = last;
    }
  }
  if (port !== undefined) wire.proto = checked('port', portRange, port);
  return wire;
}

function ends(value: string, family: IpFamily): [min: string, max: string] {
  if (typeof value !== 'string') throw new InputError('', `expected an address, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  const [min = '', max = min, ...rest] = value.split('-');
  if (rest.length > 0) throw new InputError('', `${show(value)} is not an address or the first and last of several`);
  const [first, last] = [parseAddress(min), parseAddress(max)];
  if (first.length !== last.length || (first.length === 4) !== (family === 'inet'))
    throw new InputError('', `${show(value)} is not of the family of the flow, ${family}`);
  if (Buffer.compare(first, last) > 0) throw new InputError('', `${show(value)} ends before it starts`, 'ERR_OUT_OF_RANGE');
  return [min, max];
}

function portRange(value: unknown): { min: number; max?: number } {
  if (typeof value === 'number') {
    checkInteger(value, 0, 65535);
    return { min: value };
  }
  const found = typeof value === 'string' ? /^(\d{1,5})-(\d{1,5})$/.exec(value) : null;
  if (found === null)
    throw new InputError('', `expected a port or a range such as "1024-2047", got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  const [min, max] = [Number(found[1]), Number(found[2])];
  checkInteger(min, 0, 65535);
  checkInteger(max, 0, 65535);
  if (min > max) throw new InputError('', `${show(value)} ends before it starts`, 'ERR_OUT_OF_RANGE');
  return { min, max };
}

/** What makes the kernel turn replies from `expected`, that of a flow without translation, into `reply`. */
export function translation(expected: WireTuple, reply: WireTuple): { src?: WireNat; dst?: WireNat } {
  const src = end(expected, reply, 'Dst');
  const dst = end(expected, reply, 'Src');
  return { ...(src === undefined ? {} : { src }), ...(dst === undefined ? {} : { dst }) };
}

/** Replies go to the address that the source is translated to, and come from the one that the destination is. */
function end(expected: WireTuple, reply: WireTuple, of: 'Src' | 'Dst'): WireNat | undefined {
  const v4 = reply.ip?.[`v4${of}`];
  const v6 = reply.ip?.[`v6${of}`];
  const before = portOf(expected, of);
  const port = portOf(reply, of);
  if (sameAddress(v4 ?? v6, expected.ip?.[`v4${of}`] ?? expected.ip?.[`v6${of}`]) && port === before) return undefined;
  const wire: WireNat = v4 === undefined ? { v6Min: v6! } : { v4Min: v4 };
  if (port !== undefined) wire.proto = { min: port };
  return wire;
}

function portOf({ proto = {} }: WireTuple, of: 'Src' | 'Dst'): number | undefined {
  if (proto.srcPort !== undefined) return of === 'Src' ? proto.srcPort : proto.dstPort;
  // the id of ICMP is the source's
  return of === 'Dst' ? (proto.icmpId ?? proto.icmpv6Id) : undefined;
}
