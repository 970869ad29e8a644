/** The subnets of a network: which addresses there are to give out, and what the gateway is. */
import {
  addressBits,
  formatAddress,
  type IpFamily,
  isNetwork,
  networkOf,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../netlink/address.ts';
import { InputError } from '../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../netlink/input.ts';
import { show } from '../netlink/scalar.ts';

/** A subnet as callers say it; text alone is its network. */
export interface SubnetOptions {
  /** `10.20.0.0/16`, `fd00:20::/64`: a network, without host bits. */
  subnet: string;
  /** The address of the network's own link, which endpoints send to what is not on the network. Default: the first one. `false`: none. */
  gateway?: string | false;
  /** Addresses that are given out when none is asked for: a network (`10.20.8.0/24`), or a first and a last address (`10.20.0.100-10.20.0.199`). Default: all. */
  range?: string;
  /** Addresses that are never given out, and that nobody may ask for. Default: none. */
  reserved?: readonly string[];
}

/** A subnet, checked. */
export interface Subnet {
  readonly family: IpFamily;
  /** `10.20.0.0/16` */
  readonly subnet: string;
  /** Prefix length. */
  readonly length: number;
  readonly gateway?: string;
  /** As it was given. */
  readonly range?: string;
  /** First and last of the addresses that are given out when none is asked for, as numbers. */
  readonly first: bigint;
  readonly last: bigint;
  /** First and last address of the network, as numbers. */
  readonly lowest: bigint;
  readonly highest: bigint;
}

const members = memberNames<SubnetOptions>({ subnet: true, gateway: true, range: true, reserved: true });

/** An address as a number. */
export function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** The address of a number. */
export function addressOf(family: IpFamily, value: bigint): string {
  const bytes = new Uint8Array(addressBits(family) / 8);
  for (let i = bytes.length - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return formatAddress(bytes);
}

/** @throws InputError naming the member that is wrong, below `argument` */
export function checkSubnet(given: string | SubnetOptions, argument: string): Subnet & { readonly reserved: readonly string[] } {
  return inArgument(argument, () => {
    if (typeof given === 'string') return { ...subnetOf({ subnet: given }, ''), reserved: [] };
    checkMembers(given, '', members);
    const subnet = subnetOf(given, 'subnet');
    return { ...subnet, reserved: reservedOf(given.reserved, subnet) };
  });
}

function subnetOf({ subnet: text, gateway, range }: SubnetOptions, argument: string): Subnet {
  const prefix = inArgument(argument, () => parsePrefix(text));
  if (!isNetwork(prefix)) {
    const network = `${networkOf(prefix).address}/${prefix.length}`;
    throw new InputError(argument, `${show(text)} has bits set beyond its length; the network is ${show(network)}`);
  }
  const { family, length } = prefix;
  const lowest = numberOf(prefix.bytes);
  const highest = lowest | ((1n << BigInt(addressBits(family) - length)) - 1n);
  const [firstHost, lastHost] = hostsOf(prefix, lowest, highest);
  const unusable = nobodys.find(({ first, last, ...other }) => other.family === family && lowest <= last && highest >= first);
  if (unusable !== undefined) throw new InputError(argument, `${show(text)} has ${unusable.what}, which no link can have`);
  if (firstHost >= lastHost) throw new InputError(argument, `${show(text)} has no room for a gateway and an endpoint`, 'ERR_OUT_OF_RANGE');
  const bounds = { family, lowest, highest };
  const chosen =
    gateway === undefined
      ? addressOf(family, firstHost)
      : gateway === false
        ? undefined
        : hostOf(gateway, 'gateway', bounds, firstHost, lastHost);
  const [first, last] = range === undefined ? [firstHost, lastHost] : rangeOf(range, bounds, firstHost, lastHost);
  return {
    family,
    subnet: `${formatAddress(prefix.bytes)}/${length}`,
    length,
    ...(chosen === undefined ? {} : { gateway: chosen }),
    ...(range === undefined ? {} : { range }),
    first,
    last,
    lowest,
    highest,
  };
}

/** Addresses that the kernel gives no link of a network's, or does not send to from one. Source: RFC 6890, fib_frontend.c, addrconf.c. */
const nobodys: readonly { readonly family: IpFamily; readonly first: bigint; readonly last: bigint; readonly what: string }[] = [
  { family: 'inet', first: 0n, last: 0x00ff_ffffn, what: 'addresses of "this network" (0.0.0.0/8)' },
  { family: 'inet', first: 0x7f00_0000n, last: 0x7fff_ffffn, what: 'addresses of the host itself (127.0.0.0/8)' },
  { family: 'inet', first: 0xe000_0000n, last: 0xefff_ffffn, what: 'addresses of groups (224.0.0.0/4)' },
  { family: 'inet6', first: 0n, last: 1n, what: 'the addresses :: and ::1' },
  { family: 'inet6', first: 0xffff_0000_0000n, last: 0xffff_ffff_ffffn, what: 'IPv4 addresses in the form of IPv6 (::ffff:0:0/96)' },
  { family: 'inet6', first: 0xffn << 120n, last: (1n << 128n) - 1n, what: 'addresses of groups (ff00::/8)' },
];

/** IPv4: without the network's own address and that of broadcasts. IPv6: without the one that means any router (RFC 4291, 2.6.1). */
function hostsOf({ family, length }: Prefix, lowest: bigint, highest: bigint): [first: bigint, last: bigint] {
  if (addressBits(family) - length < 2) return [lowest, highest];
  return family === 'inet' ? [lowest + 1n, highest - 1n] : [lowest + 1n, highest];
}

type Bounds = Pick<Subnet, 'family' | 'lowest' | 'highest'>;

function hostOf(text: unknown, argument: string, bounds: Bounds, first: bigint, last: bigint): string {
  const bytes = inArgument(argument, () => parseAddress(text));
  const value = numberOf(bytes);
  if (bytes.length * 8 !== addressBits(bounds.family) || value < bounds.lowest || value > bounds.highest)
    throw new InputError(argument, `${show(text)} is not within the subnet`, 'ERR_OUT_OF_RANGE');
  if (value < first || value > last) throw new InputError(argument, `${show(text)} is the subnet's own address or that of its broadcasts`);
  return formatAddress(bytes);
}

function rangeOf(range: unknown, bounds: Bounds, first: bigint, last: bigint): [bigint, bigint] {
  if (typeof range !== 'string')
    throw new InputError('range', `expected a network or two addresses, got ${show(range)}`, 'ERR_INVALID_ARG_TYPE');
  const ends = range.split('-');
  let low: bigint;
  let high: bigint;
  if (ends.length === 2) {
    const [from, to] = ends.map((end) => numberOf(inArgument('range', () => parseAddress(end)))) as [bigint, bigint];
    if (ends.some((end) => parseAddress(end).length * 8 !== addressBits(bounds.family)))
      throw new InputError('range', `${show(range)} is not of the subnet's family`);
    [low, high] = [from, to];
    if (low > high) throw new InputError('range', `${show(range)} ends before it begins`, 'ERR_OUT_OF_RANGE');
  } else {
    const prefix = inArgument('range', () => parsePrefix(range));
    if (prefix.family !== bounds.family) throw new InputError('range', `${show(range)} is not of the subnet's family`);
    if (!isNetwork(prefix)) throw new InputError('range', `${show(range)} has bits set beyond its length`);
    low = numberOf(prefix.bytes);
    high = low | ((1n << BigInt(addressBits(prefix.family) - prefix.length)) - 1n);
  }
  if (low < bounds.lowest || high > bounds.highest)
    throw new InputError('range', `${show(range)} is not within the subnet`, 'ERR_OUT_OF_RANGE');
  if (low < first) low = first;
  if (high > last) high = last;
  if (low > high) throw new InputError('range', `${show(range)} has no address to give out`, 'ERR_OUT_OF_RANGE');
  return [low, high];
}

function reservedOf(reserved: unknown, subnet: Subnet): string[] {
  if (reserved === undefined) return [];
  if (!Array.isArray(reserved))
    throw new InputError('reserved', `expected an array of addresses, got ${show(reserved)}`, 'ERR_INVALID_ARG_TYPE');
  return reserved.map((text: unknown, i) => {
    const address = checkedHost(text, `reserved[${i}]`, subnet);
    if (address === subnet.gateway) throw new InputError(`reserved[${i}]`, `${address} is the gateway`);
    return address;
  });
}

/** An address that an endpoint of the subnet can have, in the kernel's spelling. @throws InputError naming `argument` */
export function checkedHost(text: unknown, argument: string, subnet: Subnet): string {
  const { lowest, highest } = subnet;
  const [first, last] = hostsOf({ family: subnet.family, length: subnet.length } as Prefix, lowest, highest);
  return hostOf(text, argument, subnet, first, last);
}

/** Whether an address, as a number, lies in the subnet. */
export function contains(subnet: Subnet, family: IpFamily, value: bigint): boolean {
  return subnet.family === family && value >= subnet.lowest && value <= subnet.highest;
}

/** The gateways of subnets. */
export function gatewaysOf(subnets: readonly Subnet[]): { gateway: string; length: number; family: IpFamily }[] {
  return subnets.flatMap(({ gateway, length, family }) => (gateway === undefined ? [] : [{ gateway, length, family }]));
}

/** The broadcast address that goes with an address of a subnet. IPv6 has none, and the shortest networks have no address left for it. */
export function broadcastOf({ family, length }: Pick<Subnet, 'family' | 'length'>): { broadcast?: 'auto' } {
  return family === 'inet' && length < 31 ? { broadcast: 'auto' } : {};
}

/** Whether two subnets share addresses. */
export function overlap(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.lowest <= b.highest && b.lowest <= a.highest;
}

/** A subnet as it is recorded: `10.20.0.0/16,gateway=10.20.0.1,range=…`. */
export function formatSubnet({ subnet, gateway, range }: Subnet): string {
  return `${subnet},${gateway ?? ''}${range === undefined ? '' : `,${range}`}`;
}

/** The reverse of {@link formatSubnet}. @throws InputError when it is no record */
export function parseSubnet(text: string): Subnet {
  const [subnet = '', gateway = '', range] = text.split(',');
  return subnetOf({ subnet, gateway: gateway === '' ? false : gateway, ...(range === undefined ? {} : { range }) }, 'subnet');
}
