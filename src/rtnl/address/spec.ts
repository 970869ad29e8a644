/** What callers say about addresses that shall be, its checks, and the message that says it to the kernel. */
import {
  addressBits,
  addressFamily,
  formatAddress,
  type IpFamily,
  maskByte,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { AF_INET, familyNumber } from '../family.ts';
import { type Scope, scope } from '../scope.ts';
import { type Address, type AddressProtocol, forever } from './address.ts';
import { type AddressFlag, addressFlags, settableAddressFlags } from './flags.ts';
import type { AddressMessageInput } from './message.ts';

/** What `create`, `replace` and `ensure` take besides the address. A member that is `undefined` is not sent. */
export interface AddressOptions extends CallOptions {
  /** The other end of a point-to-point link: `10.0.0.2`, or with the length of its network `10.0.0.2/30`. */
  peer?: string;
  /** IPv4: the broadcast address, or `'auto'` for the last address of the network. Default: none, as with `ip address add`. */
  broadcast?: 'auto' | (string & {}) | false;
  /** IPv4. Default: `host` for 127.0.0.0/8, else `global`. The kernel chooses that of an IPv6 address. */
  scope?: Scope;
  /** IPv4. Default: the name of the link. At most 15 bytes. */
  label?: string;
  /** `nodad`, `home`, `noprefixroute`, `mngtmpaddr`, `autojoin`, `optimistic`. The others are the kernel's and are ignored. */
  flags?: readonly AddressFlag[];
  /** Seconds until the address is removed. Default: Infinity. */
  validLifetime?: number;
  /** Seconds until the address is no longer used for new connections. Default: that of `validLifetime`. */
  preferredLifetime?: number;
  /** Metric of the route to the address's network. */
  metric?: number;
  /** Who makes the address. */
  protocol?: AddressProtocol;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const optionMembers = memberNames<Omit<AddressOptions, keyof CallOptions>>({
  peer: true,
  broadcast: true,
  scope: true,
  label: true,
  flags: true,
  validLifetime: true,
  preferredLifetime: true,
  metric: true,
  protocol: true,
  unknown: true,
});

/** Members of an {@link Address} that are read only, or are said by the arguments of the call. */
const readOnly = memberNames<Omit<Address, keyof AddressOptions>>({ address: true, family: true, dev: true, index: true, anycast: true });

/** An address and its options as one. */
export interface AddressSpec extends AddressOptions {
  address: string;
}

/** Unites the address, which may be an object that a list returned, with the options; these win. @throws InputError */
export function addressSpec(address: string | Address, options: AddressOptions | undefined): AddressSpec {
  if (options !== undefined) checkOptions(options, 'options', optionMembers);
  const given = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
  // what is neither a string nor an object is refused when it is parsed
  if (typeof address !== 'object' || address === null) return { address, ...given };
  checkOptions(address, 'address', optionMembers, readOnly);
  const { family, dev, index, anycast, ...own } = address;
  // by default the label is the name of the link, and the link may be another one now
  if (own.label === dev) delete own.label;
  return { ...own, ...given };
}

/** Which address is meant: what finds it, and what deletes it. */
export interface AddressKey {
  readonly family: IpFamily;
  readonly wire: AddressMessageInput;
}

/** @throws InputError naming `address` or `peer` */
export function addressKey(spec: { address: string; peer?: string }): AddressKey {
  const own = inArgument('address', () => parsePrefix(spec.address));
  const network = spec.peer === undefined ? own : peerOf(own, spec.peer);
  const wire: AddressMessageInput = {
    family: familyNumber(own.family),
    prefixLength: network.length,
    local: formatAddress(own.bytes),
    address: formatAddress(network.bytes),
  };
  return { family: own.family, wire };
}

function peerOf(own: Prefix, text: string): Prefix {
  const peer = inArgument('peer', () => parsePrefix(text));
  if (peer.family !== own.family) throw new InputError('peer', `${show(text)} is not of the family of ${own.address}, ${own.family}`);
  if (own.length !== addressBits(own.family)) {
    throw new InputError(
      'address',
      `${own.address} has a peer: the length of the network belongs to that, as in { peer: "${peer.address}/${own.length}" }`,
    );
  }
  return peer;
}

/** The body of an RTM_NEWADDR, but for the link. @throws InputError naming the member of `spec` that is wrong */
export function addressWire(spec: AddressSpec): AddressMessageInput {
  const { family, wire } = addressKey(spec);
  const inet = family === 'inet';
  if (spec.scope !== undefined) wire.scope = inArgument('scope', () => scope.valueOf(spec.scope!));
  else if (inet && wire.local!.startsWith('127.')) wire.scope = scope.values.host;
  if (spec.broadcast !== undefined && spec.broadcast !== false) wire.broadcast = broadcastOf(spec.broadcast, wire);
  if (spec.label !== undefined) {
    if (!inet) throw new InputError('label', 'an IPv6 address has no label');
    wire.label = spec.label;
  }
  if (spec.flags !== undefined) {
    const bits = inArgument('flags', () => addressFlags.valueOf(spec.flags!)) & settableAddressFlags;
    // the header has room for eight of them, and old kernels look nowhere else
    if (bits > 0xff) wire.flags = addressFlags.namesOf(bits);
    else wire.headerFlags = bits;
  }
  const { validLifetime: valid, preferredLifetime: preferred } = spec;
  if (valid !== undefined || preferred !== undefined) {
    const validSeconds = lifetime(valid, 'validLifetime', forever);
    const preferredSeconds = lifetime(preferred, 'preferredLifetime', validSeconds);
    if (preferredSeconds > validSeconds) throw new InputError('preferredLifetime', 'is longer than validLifetime', 'ERR_OUT_OF_RANGE');
    if (validSeconds === 0) throw new InputError('validLifetime', 'an address that lives for 0 seconds cannot be set', 'ERR_OUT_OF_RANGE');
    wire.cacheinfo = { valid: validSeconds, preferred: preferredSeconds, created: 0, updated: 0 };
  }
  if (spec.metric !== undefined) wire.metric = spec.metric;
  if (spec.protocol !== undefined) wire.protocol = spec.protocol;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  return wire;
}

function broadcastOf(value: unknown, wire: AddressMessageInput): string {
  if (wire.family !== AF_INET) throw new InputError('broadcast', 'an IPv6 address has no broadcast address');
  if (value === 'auto') {
    const bytes = parseAddress(wire.address);
    return formatAddress(bytes.map((byte, i) => byte | (~maskByte(wire.prefixLength!, i) & 0xff)));
  }
  if (typeof value !== 'string' || addressFamily(value) !== 'inet')
    throw new InputError('broadcast', `${show(value)} is neither an IPv4 address nor 'auto' nor false`);
  return value;
}

function lifetime(value: number | undefined, argument: string, absent: number): number {
  if (value === undefined) return absent;
  if (value === Number.POSITIVE_INFINITY) return forever;
  inArgument(argument, () => checkInteger(value, 0, forever - 1));
  return value;
}
