/** Expectations as callers see them: connections that are to come beside one. Sources: nfnetlink_conntrack.h (CTA_EXPECT_*), conntrack(8), expect. */
import { type IpFamily, parseAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { checked, checkMembers, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { familyName, familyNumber } from '../nfnetlink.ts';
import { hasPorts } from '../protocol.ts';
import { checkZone, describeTuple, type Tuple, tupleFromWire, tupleToWire, type WireTuple } from '../tuple.ts';
import { type ExpectationMessage, type ExpectationRequest, expectationMessage } from './message.ts';

/** A connection that is expected: it is taken for related to its master, and translated as that is. */
export interface Expectation {
  /** Family of the addresses. */
  family: IpFamily;
  /** The original tuple of the connection, where `mask` has bits. Its destination counts in full. */
  tuple: Tuple;
  /** Bits of the source that count. */
  mask: ExpectationMask;
  /** The original tuple of the flow that lets it be expected. */
  master: Tuple;
  /** Seconds until it is expected no more. */
  timeout?: number;
  /** Tells it from an earlier or a later one with the same tuple. */
  id?: number;
  /** Name of the helper that looks into the connection. */
  helper?: string;
  /** Zone of the connection, 1 to 65535; absent: the default zone, 0. */
  zone?: number;
  /**
   * - `permanent`: it is met by any number of connections.
   * - `inactive`: it is not met by anything yet.
   * - `userspace`: it was made from here.
   */
  flags: ('permanent' | 'inactive' | 'userspace' | number)[];
  /** Which of the policies of the helper it follows, from 0. */
  class?: number;
  /** What a helper translates the connection to. */
  nat?: ExpectationNat;
  /** Name of the function of the kernel that is called when it is met: `nat-follow-master`, `Q.931`, `callforwarding`, `sip`, … */
  fn?: string;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** Bits of the source of an expected connection that count. */
export interface ExpectationMask {
  /** As a netmask. Default: all bits. */
  src?: string;
  /** Of a protocol with ports, and of GRE its key: bits that count. Default: 0, any. */
  sport?: number;
  /** Of ICMP and ICMPv6: bits of the identifier that count. Default: 0, any. */
  id?: number;
}

/** What an expected connection is translated to. */
export interface ExpectationNat {
  /** The direction of the master that the connection goes in. */
  direction: 'original' | 'reply' | number;
  /** Address that takes the place of the other. */
  address: string;
  /** 0: the one there is. */
  port: number;
}

/** What names an expectation. An {@link Expectation} is one. */
export interface ExpectationRef {
  /** What the expected packets are like. */
  readonly tuple: Tuple;
  /** Zone of the expectation. Default: 0, that of what has none. */
  readonly zone?: number;
  /** If the expectation of the tuple has another id, it is not the one that is meant. */
  readonly id?: number;
}

/** An expectation to be made. */
export interface ExpectationInput extends Partial<Omit<Expectation, 'tuple' | 'master'>> {
  /** What the expected packets are like. */
  tuple: Tuple;
  /** The original tuple of the flow that lets it be expected; there must be such a flow. */
  master: Tuple;
}

const members = memberNames<Expectation>({
  family: true,
  tuple: true,
  mask: true,
  master: true,
  timeout: true,
  id: true,
  helper: true,
  zone: true,
  flags: true,
  class: true,
  nat: true,
  fn: true,
  unknown: true,
});
const maskMembers = memberNames<ExpectationMask>({ src: true, sport: true, id: true });
const natMembers = memberNames<ExpectationNat>({ direction: true, address: true, port: true });

/** An expectation as the kernel told it. @throws MalformedMessageError when it lacks a tuple, or is of another family than IP */
export function expectationFromWire(wire: ExpectationMessage): Expectation {
  if (wire.tuple === undefined || wire.mask === undefined || wire.master === undefined)
    throw new MalformedMessageError('CTA_EXPECT', 0, 'CTA_EXPECT_TUPLE, CTA_EXPECT_MASK and CTA_EXPECT_MASTER');
  const { ip = {}, proto = {} } = wire.mask;
  const src = ip.v4Src ?? ip.v6Src;
  const id = proto.icmpId ?? proto.icmpv6Id;
  const expectation: Expectation = {
    family: familyName(wire.family),
    tuple: tupleFromWire(wire.tuple),
    mask: {
      ...(src === undefined ? {} : { src }),
      ...(proto.srcPort === undefined ? {} : { sport: proto.srcPort }),
      ...(id === undefined ? {} : { id }),
    },
    master: tupleFromWire(wire.master),
    flags: wire.flags ?? [],
  };
  for (const member of ['timeout', 'id', 'class'] as const) if (wire[member] !== undefined) expectation[member] = wire[member];
  if (wire.helper !== undefined && wire.helper !== '') expectation.helper = wire.helper;
  if (wire.zone !== undefined && wire.zone !== 0) expectation.zone = wire.zone;
  if (wire.nat !== undefined) expectation.nat = natFromWire(wire.nat);
  if (wire.fn !== undefined) expectation.fn = wire.fn;
  if (wire.unknown !== undefined) expectation.unknown = wire.unknown;
  return expectation;
}

function natFromWire({ direction = 'original', tuple = {} }: NonNullable<ExpectationMessage['nat']>): ExpectationNat {
  const address = tuple.ip?.v4Src ?? tuple.ip?.v6Src;
  if (address === undefined) throw new MalformedMessageError('translation of an expectation', 0, 'an address');
  return { direction, address, port: tuple.proto?.srcPort ?? 0 };
}

/** A request about an expectation, and what it is about. */
export interface PlannedExpectation {
  readonly wire: ExpectationRequest;
  readonly subject: string;
}

/** The request that names an expectation. @throws InputError naming the member that is wrong */
export function expectationKey(expectation: ExpectationRef): PlannedExpectation {
  if (typeof expectation !== 'object' || expectation === null)
    throw new InputError('expectation', `expected an expectation, got ${show(expectation)}`, 'ERR_INVALID_ARG_TYPE');
  const { family, wire: tuple } = tupleToWire(expectation.tuple, 'tuple');
  const wire: ExpectationRequest = { family: familyNumber(family), tuple };
  const zone = checkZone(expectation.zone);
  if (zone !== undefined) wire.zone = zone;
  if (expectation.id !== undefined) {
    checked('id', checkU32, expectation.id);
    wire.id = expectation.id;
  }
  return { wire, subject: describeTuple(tuple) };
}

function checkU32(value: unknown): void {
  checkInteger(value, 0, 0xffffffff);
}

/** The request that makes an expectation. @throws InputError naming the member that is wrong */
export function expectationToWire(expectation: ExpectationInput): PlannedExpectation {
  checkOptions(expectation, 'expectation', members);
  const { wire, subject } = expectationKey(expectation);
  delete wire.id;
  const family = familyName(wire.family!);
  if (expectation.family !== undefined && expectation.family !== family)
    throw new InputError('family', `${show(expectation.family)} is not that of the addresses, ${family}`);
  const master = tupleToWire(expectation.master, 'master');
  if (master.family !== family) throw new InputError('master', 'is of another family than tuple');
  wire.master = master.wire;
  wire.mask = maskToWire(expectation.mask ?? {}, wire.tuple!, family);
  for (const member of ['timeout', 'helper', 'class', 'fn', 'flags', 'unknown'] as const)
    if (expectation[member] !== undefined) (wire as Record<string, unknown>)[member] = expectation[member];
  if (expectation.nat !== undefined) wire.nat = natToWire(expectation.nat, wire.tuple!, family);
  expectationMessage.bytes(wire);
  return { wire, subject };
}

const allOnes: Readonly<Record<IpFamily, string>> = { inet: '255.255.255.255', inet6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' };
const allZeros: Readonly<Record<IpFamily, string>> = { inet: '0.0.0.0', inet6: '::' };

function addresses(src: string, dst: string, family: IpFamily): NonNullable<WireTuple['ip']> {
  return family === 'inet' ? { v4Src: src, v4Dst: dst } : { v6Src: src, v6Dst: dst };
}

/** The kernel wants a whole tuple, of which it takes the source. */
function maskToWire(mask: ExpectationMask, tuple: WireTuple, family: IpFamily): WireTuple {
  checkMembers(mask, 'mask', maskMembers);
  const { src = allOnes[family], sport = 0, id = 0 } = mask;
  checkFamily(src, family, 'mask.src');
  checked('mask.sport', (value) => checkInteger(value, 0, 65535), sport);
  if (mask.sport !== undefined && tuple.proto?.srcPort === undefined)
    throw new InputError('mask.sport', `tuples of ${tuple.proto?.number} have no ports`);
  checked('mask.id', (value) => checkInteger(value, 0, 65535), id);
  const idMember = tuple.proto?.icmpId !== undefined ? 'icmpId' : tuple.proto?.icmpv6Id !== undefined ? 'icmpv6Id' : undefined;
  if (mask.id !== undefined && idMember === undefined)
    throw new InputError('mask.id', `tuples of ${tuple.proto?.number} have no identifier`);
  // type and code stay the tuple's: the kernel refuses a type that has no answer, and takes neither into the mask
  const proto: NonNullable<WireTuple['proto']> = { ...tuple.proto };
  if (idMember !== undefined) proto[idMember] = id;
  if (proto.srcPort !== undefined) {
    proto.srcPort = sport;
    proto.dstPort = 0xffff;
  }
  return { ip: addresses(src, allOnes[family], family), proto };
}

function checkFamily(address: unknown, family: IpFamily, argument: string): void {
  const parsed = checked(argument, parseAddress, address);
  if ((parsed.length === 4) !== (family === 'inet'))
    throw new InputError(argument, `${show(address)} is not of the family of the tuple, ${family}`);
}

function natToWire(nat: ExpectationNat, tuple: WireTuple, family: IpFamily): NonNullable<ExpectationRequest['nat']> {
  return inArgument('nat', () => {
    checkMembers(nat, '', natMembers);
    checkFamily(nat.address, family, 'address');
    checked('port', (value) => checkInteger(value, 0, 65535), nat.port);
    if (!hasPorts(tuple.proto?.number))
      throw new InputError('', `goes with tuples of a protocol with ports, and not of ${tuple.proto?.number}`);
    const proto = { number: tuple.proto.number, srcPort: nat.port, dstPort: 0 };
    return { direction: nat.direction, tuple: { ip: addresses(nat.address, allZeros[family], family), proto } } as NonNullable<
      ExpectationRequest['nat']
    >;
  });
}
