/**
 * What the protocol families make of a link. Sources: include/uapi/linux/if_link.h (IFLA_AF_SPEC, IFLA_INET_*, IFLA_INET6_*, IFLA_MCTP_*);
 * net/ipv4/devinet.c, net/ipv6/addrconf.c.
 */

import { ipv6Address } from '../../netlink/address.ts';
import { attr, attributes, nested, walk } from '../../netlink/attributes.ts';
import { withChoices } from '../../netlink/choices.ts';
import { type Codec, codec, type Infer, NLA_F_NESTED, NLA_TYPE_MASK } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { checkInteger, n64, s32, show, u8, u32 } from '../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../netlink/struct.ts';
import { inet6Conf, inetConf } from './devconf.ts';

/** Settings by name; one that a newer kernel added by its number. */
export type Conf<T> = { [K in keyof T]?: number } & { [number: number]: number };

/** The kernel reports an array of s32 that starts with the setting number `first`. */
function reportedConf<T extends Readonly<Record<string, number>>>(label: string, table: T, first: number): Codec<Conf<T>> {
  let names: Map<number, string> | undefined;
  return codec<Conf<T>>(label, {
    decode(bytes, offset, length) {
      names ??= new Map(Object.entries(table).map(([name, number]) => [number, name]));
      const value: Record<string | number, number> = {};
      for (let i = 0; 4 * i + 4 <= length; i++) value[names.get(i + first) ?? i + first] = s32.decode(bytes, offset + 4 * i, 4);
      return value as Conf<T>;
    },
    encode(writer, value) {
      if (typeof value !== 'object' || value === null)
        throw new InputError('', `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      const array: number[] = [];
      for (const [name, setting] of Object.entries(value as Record<string, number>)) array[numberOf(table, name) - first] = setting;
      for (const setting of array) s32.encode(writer, setting ?? 0);
    },
  });
}

/** A number travels as the type of an attribute. */
function numberOf(table: Readonly<Record<string, number>>, name: string): number {
  if (Object.hasOwn(table, name)) return table[name]!;
  const number = Number(name);
  if (!/^\d+$/.test(name) || number > NLA_TYPE_MASK)
    throw new InputError(name, withChoices('is no setting of this family', name, Object.keys(table)), 'ERR_UNKNOWN_OPTION');
  return number;
}

const reportedInetConf = reportedConf('IPV4_DEVCONF', inetConf, 1);

/**
 * IFLA_INET_CONF: an array from the kernel, but a nest of one attribute a setting to it. The two cannot be confused: a nest starts with an
 * attribute header, whose type makes the first word greater than any value that `forwarding`, the first setting, has.
 */
const inetConfCodec: Codec<Conf<typeof inetConf>> = codec<Conf<typeof inetConf>>('IFLA_INET_CONF', {
  typeFlags: NLA_F_NESTED,
  decode(bytes, offset, length) {
    if (length < 4 || u32.decode(bytes, offset, 4) < 0x10000) return reportedInetConf.decode(bytes, offset, length);
    const names = new Map<number, string>(Object.entries(inetConf).map(([name, number]) => [number, name]));
    const value: Record<string | number, number> = {};
    for (const found of walk(bytes, offset, length)) {
      if (found.length < 4) throw new MalformedMessageError('IFLA_INET_CONF', found.offset, '4 bytes');
      value[names.get(found.type) ?? found.type] = s32.decode(bytes, found.offset, found.length);
    }
    return value as Conf<typeof inetConf>;
  },
  encode(writer, value) {
    if (typeof value !== 'object' || value === null)
      throw new InputError('', `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    for (const [name, setting] of Object.entries(value)) {
      const number = numberOf(inetConf, name);
      inArgument(name, () => checkInteger(setting, -(2 ** 31), 2 ** 31 - 1));
      const at = writer.beginAttribute(number);
      s32.encode(writer, setting);
      writer.endAttribute(at);
    }
  },
  locate(bytes, offset, length, target) {
    for (const found of walk(bytes, offset, length)) {
      if (target < found.start || target >= found.end) continue;
      return Object.entries(inetConf).find(([, number]) => number === found.type)?.[0] ?? String(found.type);
    }
    return undefined;
  },
});

const inet_ = attributes('IFLA_INET', () => ({
  /** Settings below net.ipv4.conf.LINK. */
  conf: attr('IFLA_INET_CONF', 1, inetConfCodec),
}));

/** What IPv4 makes of a link. */
export interface InetSpec extends Infer<typeof inet_> {}

const ifaceCacheinfo = struct('ifla_cacheinfo', () => ({
  /** Bytes. */
  maxReassemblyLength: fields.u32,
  /** When the interface was last updated, in hundredths of a second since boot. */
  timestamp: fields.u32,
  /** Milliseconds. */
  reachableTime: fields.u32,
  /** Milliseconds. */
  retransmitTime: fields.u32,
}));

/** How addresses are made from router advertisements, as ip(8) names it (IN6_ADDR_GEN_MODE_*). */
const addrGenMode = enumeration(u8, { eui64: 0, none: 1, stable_secret: 2, random: 3 });

/** include/net/if_inet6.h (IF_*): not in the UAPI headers, and read only. */
const inet6Flags = flags(u32, { rs_sent: 0x10, ra_rcvd: 0x20, ra_managed: 0x40, ra_othercnf: 0x80, ready: 0x80000000 });

/** A list of u64 counters, by number: the statistics of RFC 4293 in the order of include/uapi/linux/snmp.h; the first is their count. */
const counters: Codec<number[]> = codec<number[]>('counters', {
  decode: (bytes, offset, length) => Array.from({ length: length >> 3 }, (_, i) => n64.decode(bytes, offset + 8 * i, 8)),
  encode(writer, value) {
    if (!Array.isArray(value)) throw new InputError('', `expected an array, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    for (const counter of value as number[]) n64.encode(writer, counter);
  },
});

const inet6_ = attributes('IFLA_INET6', () => ({
  /** Read only. */
  flags: attr('IFLA_INET6_FLAGS', 1, inet6Flags),
  /** Settings below net.ipv6.conf.LINK. Read only here: they are changed by sysctl. */
  conf: attr('IFLA_INET6_CONF', 2, reportedConf('DEVCONF', inet6Conf, 0)),
  /** Read only: IPSTATS_MIB_* (include/uapi/linux/snmp.h) by number. Only where counters were asked for. */
  stats: attr('IFLA_INET6_STATS', 3, counters),
  /** Unused by the kernel. */
  mcast: attr('IFLA_INET6_MCAST', 4, u32),
  /** Read only. */
  cacheInfo: attr('IFLA_INET6_CACHEINFO', 5, structCodec(ifaceCacheinfo)),
  /** Read only: ICMP6_MIB_* by number. Only where counters were asked for. */
  icmp6Stats: attr('IFLA_INET6_ICMP6STATS', 6, counters),
  /** Interface identifier for addresses made from router advertisements; `::` is none. Set it on a link that is up and takes advertisements. */
  token: attr('IFLA_INET6_TOKEN', 7, ipv6Address),
  /** How addresses are made; `stable_secret` needs net.ipv6.conf.LINK.stable_secret to be set. */
  addrGenMode: attr('IFLA_INET6_ADDR_GEN_MODE', 8, addrGenMode),
  /** Read only: the MTU that routers advertise, in bytes. */
  raMtu: attr('IFLA_INET6_RA_MTU', 9, u32),
}));

/** What IPv6 makes of a link. */
export interface Inet6Spec extends Infer<typeof inet6_> {}

/** MCTP_PHYS_BINDING_* (DSP0239). */
const physBinding = enumeration(u8, {
  unspec: 0,
  smbus: 1,
  pcie_vdm: 2,
  usb: 3,
  kcs: 4,
  serial: 5,
  i3c: 6,
  mmbi: 7,
  pcc: 8,
  ucie: 9,
  vendor: 0xff,
});

const mctp_ = attributes('IFLA_MCTP', () => ({
  net: attr('IFLA_MCTP_NET', 1, u32),
  /** Read only. */
  physBinding: attr('IFLA_MCTP_PHYS_BINDING', 2, physBinding),
}));

/** What MCTP makes of a link. */
export interface MctpSpec extends Infer<typeof mctp_> {}

const afSpec_ = attributes('IFLA_AF_SPEC', () => ({
  inet: attr('AF_INET', 2, nested<InetSpec>(inet_)),
  inet6: attr('AF_INET6', 10, nested<Inet6Spec>(inet6_)),
  mctp: attr('AF_MCTP', 45, nested<MctpSpec>(mctp_)),
}));

/** IFLA_AF_SPEC of a link message of AF_UNSPEC. */
export interface AfSpec extends Infer<typeof afSpec_> {}
export const afSpec: Codec<AfSpec> = afSpec_;

const AF_INET6 = 10;
const IFLA_INET6_TOKEN = 7;
const IFLA_INET6_ADDR_GEN_MODE = 8;

/**
 * Of IFLA_AF_SPEC what can be set of IPv6, and nothing else: for listings, where the rest (a hundred settings a link) would cost more than
 * the link. Undefined members are those the kernel does not report.
 */
export const afSpecShown: Codec<AfSpec> = codec<AfSpec>('IFLA_AF_SPEC', {
  typeFlags: NLA_F_NESTED,
  decode(bytes, offset, length) {
    const found = findAttribute(bytes, offset, length, AF_INET6);
    if (found < 0) return {};
    const inner = found + 4;
    const innerLength = (bytes[found]! | (bytes[found + 1]! << 8)) - 4;
    const inet6: Inet6Spec = {};
    const mode = findAttribute(bytes, inner, innerLength, IFLA_INET6_ADDR_GEN_MODE, 1);
    if (mode >= 0) inet6.addrGenMode = addrGenMode.nameOf(bytes[mode + 4]!);
    const token = findAttribute(bytes, inner, innerLength, IFLA_INET6_TOKEN, 16);
    if (token >= 0 && !isZero(bytes, token + 4, 16)) inet6.token = ipv6Address.decode(bytes, token + 4, 16);
    return { inet6 };
  },
  encode: (writer, value) => afSpec.encode(writer, value),
});

/** Where the first attribute of a type starts; -1 when there is none with so many bytes, or what is there is malformed. */
function findAttribute(bytes: Uint8Array, offset: number, length: number, type: number, minimum = 0): number {
  const end = offset + length;
  for (let at = offset; end - at >= 4; ) {
    const size = bytes[at]! | (bytes[at + 1]! << 8);
    if (size < 4 || at + size > end) return -1;
    if (((bytes[at + 2]! | (bytes[at + 3]! << 8)) & NLA_TYPE_MASK) === type) return size >= 4 + minimum ? at : -1;
    at += (size + 3) & ~3;
  }
  return -1;
}

function isZero(bytes: Uint8Array, offset: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[offset + i] !== 0) return false;
  return true;
}
