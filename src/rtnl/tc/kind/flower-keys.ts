/** What flower compares that is a number with a mask or bits by name, and how both are said. Source: include/uapi/linux/pkt_cls.h (TCA_FLOWER_KEY_*). */
import { ipv4Address, ipv6Address, maskByte, parsePrefix } from '../../../netlink/address.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show } from '../../../netlink/scalar.ts';

/** A number of which some bits count. */
export interface Masked {
  /** What they must be. */
  value: number;
  /** The bits that count. */
  mask: number;
}

/** A number, or one of which some bits count. */
export type Maskable = number | Masked;

/** All bits of the numbers that may have a mask: `KEY` is the attribute, `KEYMask` the one beside it. */
export const maskable = {
  tcpFlags: 0xffff,
  ipTos: 0xff,
  ipTtl: 0xff,
  arpOperation: 0xff,
  ctZone: 0xffff,
  ctMark: 0xffffffff,
  encSport: 0xffff,
  encDport: 0xffff,
  encTos: 0xff,
  encTtl: 0xff,
  hash: 0xffffffff,
  spi: 0xffffffff,
} as const;

const maskedMembers = memberNames<Masked>({ value: true, mask: true });

/** The attributes of a number. @throws InputError */
export function numberToWire(value: Maskable, key: string, all: number): Record<string, number> {
  if (typeof value === 'number') {
    checkInteger(value, 0, all);
    return { [key]: value };
  }
  checkMembers(value, '', maskedMembers);
  for (const member of ['value', 'mask'] as const) inArgument(member, () => checkInteger(value[member], 0, all));
  return { [key]: value.value, [`${key}Mask`]: value.mask };
}

export function numberFromWire(value: number, mask: number | undefined, all: number): Maskable {
  return mask === undefined || mask === all ? value : { value, mask };
}

/** Bits by name: what is left out does not count. */
export type Bits<M> = { -readonly [K in keyof M]?: boolean };

export const ctStates = { new: 1, established: 2, related: 4, tracked: 8, invalid: 16, reply: 32 } as const;
export const ipFlags = { fragment: 1, firstFragment: 2 } as const;

/** @throws InputError */
export function bitsToWire(value: object, key: string, table: Readonly<Record<string, number>>): Record<string, number> {
  checkMembers(value, '', new Set(Object.keys(table)));
  let bits = 0;
  let mask = 0;
  for (const [name, on] of Object.entries(value) as [string, unknown][]) {
    if (on === undefined) continue;
    if (typeof on !== 'boolean') throw new InputError(name, `expected true or false, got ${show(on)}`, 'ERR_INVALID_ARG_TYPE');
    mask |= table[name]!;
    if (on) bits |= table[name]!;
  }
  return { [key]: bits, [`${key}Mask`]: mask };
}

/** Undefined where bits without a name count. */
export function bitsFromWire(bits: number, mask: number, table: Readonly<Record<string, number>>): Record<string, boolean> | undefined {
  const value: Record<string, boolean> = {};
  let rest = mask;
  for (const [name, bit] of Object.entries(table)) {
    if ((mask & bit) !== 0) value[name] = (bits & bit) !== 0;
    rest &= ~bit;
  }
  return rest === 0 ? value : undefined;
}

/** An address or a network of IP: its attributes, of which `key` is the name without the family. @throws InputError */
export function networkToWire(text: string, key: (family: 'ipv4' | 'ipv6') => string): Record<string, string> {
  const { family, address, length } = parsePrefix(text);
  const of = family === 'inet' ? ipv4Address : ipv6Address;
  const mask = Uint8Array.from({ length: family === 'inet' ? 4 : 16 }, (_, i) => maskByte(length, i));
  const name = key(family === 'inet' ? 'ipv4' : 'ipv6');
  return { [name]: address, [`${name}Mask`]: of.decode(mask, 0, mask.length) };
}

/** Undefined where the mask is not one of a network. */
export function networkFromWire(address: string, mask: string | undefined, bits: 32 | 128): string | undefined {
  const length = mask === undefined ? bits : lengthOf(mask);
  if (length === undefined) return undefined;
  return length === bits ? address : `${address}/${length}`;
}

/** The length of a mask that is one of a network. */
function lengthOf(mask: string): number | undefined {
  const { bytes: all } = parsePrefix(mask);
  const length = all.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  return all.every((byte, i) => byte === maskByte(length, i)) ? length : undefined;
}

const wholeEthernet = 'ff:ff:ff:ff:ff:ff';

/** A hardware address, or one and a mask: `02:00:00:00:00:00/ff:00:00:00:00:00`. @throws InputError */
export function ethernetToWire(text: unknown, key: string): Record<string, string> {
  if (typeof text !== 'string') throw new InputError('', `expected a hardware address, got ${show(text)}`, 'ERR_INVALID_ARG_TYPE');
  const [address, mask = wholeEthernet, ...more] = text.split('/');
  if (more.length > 0) throw new InputError('', `expected a hardware address, or one, "/" and a mask, got ${show(text)}`);
  return { [key]: address!, [`${key}Mask`]: mask };
}

export function ethernetFromWire(address: string, mask: string | undefined): string {
  return mask === undefined || mask === wholeEthernet ? address : `${address}/${mask}`;
}
