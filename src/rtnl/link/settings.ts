/**
 * Settings that a link of any kind has: how callers say them, and the message that says them to the kernel. Some the kernel takes with the
 * creation of a link; others only of a link that exists, so that a creation needs a second message for them.
 */
import { parseHardwareAddress } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import { checkBigInt, checkInteger, show } from '../../netlink/scalar.ts';
import { checkInterfaceName } from '../../netlink/text.ts';
import type { AfSpec, Inet6Spec, InetSpec } from './af-spec.ts';
import { IFF_UP, type LinkFlag } from './flags.ts';
import { checkLimits, maxInt } from './limits.ts';
import type { LinkMessage, LinkMessageInput } from './message.ts';
import { fromVirtualFunction, type VirtualFunction } from './vf.ts';
import type { XdpInput } from './xdp.ts';

/** Settings that a link of any kind has. A member that is `undefined` is not sent: the kernel's default, or what is, stays. */
export interface LinkSettings {
  /** 1 to 15 bytes. One `%d` in it is replaced by the kernel with the first free number. */
  name?: string;
  /** Largest packet, in bytes. */
  mtu?: number;
  /** Hardware address: `02:00:00:00:00:01`. */
  address?: string;
  /** Hardware broadcast address. */
  broadcast?: string;
  /** Packets. */
  txQueueLength?: number;
  /** Group number; 0 is `default`. */
  group?: number;
  /** Free text of at most 255 bytes. */
  alias?: string;
  /** Whether addresses are resolved by ARP and NDP. */
  arp?: boolean;
  /** Whether multicast is sent. */
  multicast?: boolean;
  /** Receive all multicast frames, whoever joined. */
  allMulticast?: boolean;
  /** Receive every frame on the wire. */
  promisc?: boolean;
  /** Whether the address may change while the link is up. */
  dynamic?: boolean;
  /** What state a link takes that gets a carrier: `dormant` waits for a process (802.1X). */
  linkMode?: LinkMessage['linkMode'];
  /** Largest packet before segmentation offload, in bytes. */
  gsoMaxSize?: number;
  /** Most segments of one packet. */
  gsoMaxSegs?: number;
  /** Largest packet that received ones are merged to, in bytes. */
  groMaxSize?: number;
  /** As `gsoMaxSize`, for IPv4. */
  gsoIpv4MaxSize?: number;
  /** As `groMaxSize`, for IPv4. */
  groIpv4MaxSize?: number;
  /** Nanoseconds that packets may wait in the card for their time to leave. */
  maxPacingOffloadHorizon?: number;
  /** Keeps the protocols above from using the link; for drivers that support it. */
  protoDown?: boolean;
  /** Who holds them down, as a bit mask; the names of the bits are a matter of configuration (ip-link(8), "protodown_reason"). */
  protoDownReasons?: number;
  /** What IPv4 makes of the link: `{ conf: { forwarding: 1 } }`. */
  inet?: Pick<InetSpec, 'conf'>;
  /** What IPv6 makes of the link. */
  inet6?: Pick<Inet6Spec, 'addrGenMode' | 'token'>;
}

/** What only a link that exists can be told. */
export interface ExistingLinkSettings {
  /** Sets a carrier, where there is no hardware that has one: on a dummy, say. */
  carrier?: boolean;
  /** Attaches or takes away an XDP program. */
  xdp?: XdpInput;
  /** Virtual functions of an SR-IOV card, by their number. */
  vfs?: readonly VirtualFunction[];
}

export const settingMembers: ReadonlySet<string> = memberNames<LinkSettings>({
  name: true,
  mtu: true,
  address: true,
  broadcast: true,
  txQueueLength: true,
  group: true,
  alias: true,
  arp: true,
  multicast: true,
  allMulticast: true,
  promisc: true,
  dynamic: true,
  linkMode: true,
  gsoMaxSize: true,
  gsoMaxSegs: true,
  groMaxSize: true,
  gsoIpv4MaxSize: true,
  groIpv4MaxSize: true,
  maxPacingOffloadHorizon: true,
  protoDown: true,
  protoDownReasons: true,
  inet: true,
  inet6: true,
});

export const existingMembers: ReadonlySet<string> = memberNames<ExistingLinkSettings>({ carrier: true, xdp: true, vfs: true });

/** Settings that are bits of ifi_flags: their bit, and whether that means the opposite. */
const flagSettings = {
  arp: { bit: 1 << 7, inverted: true, flag: 'noarp' },
  multicast: { bit: 1 << 12, inverted: false, flag: 'multicast' },
  allMulticast: { bit: 1 << 9, inverted: false, flag: 'allmulti' },
  promisc: { bit: 1 << 8, inverted: false, flag: 'promisc' },
  dynamic: { bit: 1 << 15, inverted: false, flag: 'dynamic' },
} as const;

type FlagSetting = keyof typeof flagSettings;
const flagNames = Object.keys(flagSettings) as FlagSetting[];
const flagsAndUp: ReadonlyMap<string, { readonly bit: number; readonly inverted: boolean }> = new Map<
  string,
  { readonly bit: number; readonly inverted: boolean }
>([['up', { bit: IFF_UP, inverted: false }], ...Object.entries(flagSettings)]);

/** Numbers and texts that are one attribute each, under the same name, and are taken with a creation. */
const plain: ReadonlySet<string> = new Set<keyof LinkSettings & keyof LinkMessageInput>([
  'name',
  'mtu',
  'address',
  'broadcast',
  'txQueueLength',
  'group',
  'linkMode',
  'gsoMaxSize',
  'gsoMaxSegs',
  'groMaxSize',
  'gsoIpv4MaxSize',
  'groIpv4MaxSize',
]);

/** Largest values that the kernel takes, whatever the driver (net/core/rtnetlink.c, GSO_MAX_SIZE and GRO_MAX_SIZE in include/linux/netdevice.h). */
const maximums = {
  mtu: maxInt,
  txQueueLength: 0xffffffff,
  group: 0xffffffff,
  protoDownReasons: 0xffffffff,
  gsoMaxSize: 524_280,
  gsoMaxSegs: 65_535,
  groMaxSize: 524_280,
  gsoIpv4MaxSize: 524_280,
  groIpv4MaxSize: 524_280,
} as const;

/** @throws InputError naming the member of `spec` that is wrong; what the encoder finds by itself is left to it */
export function checkSettings(spec: LinkSettings & { up?: boolean | undefined }): void {
  checkBoolean(spec.up, 'up');
  for (const member of [...flagNames, 'protoDown'] as const) checkBoolean(spec[member], member);
  if (spec.name !== undefined) inArgument('name', () => checkInterfaceName(spec.name));
  for (const [member, maximum] of Object.entries(maximums) as [keyof typeof maximums, number][]) {
    if (spec[member] !== undefined) inArgument(member, () => checkInteger(spec[member], 0, maximum));
  }
  // the encoder takes an empty one, and the kernel passes over it
  for (const member of ['address', 'broadcast'] as const) {
    if (spec[member] !== undefined) inArgument(member, () => parseHardwareAddress(spec[member]));
  }
  if (spec.inet !== undefined) checkObject(spec.inet, 'inet');
  if (spec.inet6 !== undefined) checkObject(spec.inet6, 'inet6');
}

/** @throws InputError naming the member that is wrong */
export function checkExisting(spec: ExistingLinkSettings): void {
  checkBoolean(spec.carrier, 'carrier');
  if (spec.xdp !== undefined) inArgument('xdp', () => checkMembers(spec.xdp, '', xdpMembers));
  if (spec.vfs === undefined) return;
  if (!Array.isArray(spec.vfs)) throw new InputError('vfs', `expected an array, got ${show(spec.vfs)}`, 'ERR_INVALID_ARG_TYPE');
  for (const [i, function_] of (spec.vfs as readonly VirtualFunction[]).entries())
    inArgument(`vfs[${i}]`, () => {
      checkMembers(function_, '', vfMembers);
      inArgument('vf', () => checkInteger(function_.vf, 0, 0xffffffff));
      checkLimits(function_, { vlan: [0, 4095], qos: [0, 7] });
      for (const member of ['spoofCheck', 'rssQuery', 'trust'] as const) checkBoolean(function_[member], member);
      for (const member of ['nodeGuid', 'portGuid'] as const)
        if (function_[member] !== undefined) inArgument(member, () => checkBigInt(function_[member], 0n, maxU64));
    });
}

const xdpMembers = memberNames<XdpInput>({ fd: true, flags: true, expectedFd: true });
const maxU64 = 2n ** 64n - 1n;
const vfMembers = memberNames<VirtualFunction>({
  vf: true,
  mac: true,
  vlan: true,
  qos: true,
  vlanProtocol: true,
  maxTxRate: true,
  minTxRate: true,
  spoofCheck: true,
  linkState: true,
  rssQuery: true,
  trust: true,
  nodeGuid: true,
  portGuid: true,
  stats: true,
});

function checkObject(value: unknown, argument: string): void {
  if (typeof value !== 'object' || value === null)
    throw new InputError(argument, `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
}

/** The members of {@link LinkSettings} in `spec`, and nothing else of it. */
export function settingsOf(spec: LinkSettings): LinkSettings {
  const settings: Record<string, unknown> = {};
  for (const member of settingMembers) {
    const value = spec[member as keyof LinkSettings];
    if (value !== undefined) settings[member] = value;
  }
  return settings as LinkSettings;
}

/** Settings that a listing shows as flags. A new link has no other in common with its like: the rest of the flags are states. */
export function settingsFromFlags(flags: readonly LinkFlag[]): Pick<LinkSettings, FlagSetting> {
  const settings: { [K in FlagSetting]?: boolean } = {};
  for (const name of flagNames) {
    const { inverted, flag } = flagSettings[name];
    settings[name] = flags.includes(flag) !== inverted;
  }
  return settings;
}

/** Puts what the kernel takes with a creation into `wire`. */
export function writeSettings(wire: LinkMessageInput, spec: LinkSettings & { up?: boolean | undefined }): void {
  let value = 0;
  let change = 0;
  // by what there is: most specs have a few members, out of many
  for (const member in spec) {
    const given = spec[member as keyof LinkSettings] as unknown;
    if (given === undefined) continue;
    if (plain.has(member)) (wire as Record<string, unknown>)[member] = given;
    else {
      const setting = flagsAndUp.get(member);
      if (setting === undefined) continue;
      change |= setting.bit;
      if (given !== setting.inverted) value |= setting.bit;
    }
  }
  if (change !== 0) {
    wire.flags = value;
    wire.change = change;
  }
}

/** Puts what the kernel takes of a link that exists only into `wire`. @returns whether there was any */
export function writeLaterSettings(wire: LinkMessageInput, spec: LinkSettings & ExistingLinkSettings): boolean {
  const before = Object.keys(wire).length;
  if (spec.alias !== undefined) wire.alias = spec.alias;
  if (spec.maxPacingOffloadHorizon !== undefined) wire.maxPacingOffloadHorizon = spec.maxPacingOffloadHorizon;
  if (spec.protoDown !== undefined) wire.protoDown = spec.protoDown;
  if (spec.protoDownReasons !== undefined) wire.protoDownReason = { mask: 0xffffffff, value: spec.protoDownReasons };
  if (spec.carrier !== undefined) wire.carrier = spec.carrier;
  if (spec.xdp !== undefined) wire.xdp = spec.xdp;
  if (spec.vfs !== undefined) wire.vfInfoList = spec.vfs.map(fromVirtualFunction);
  const families = afSpecOf(spec);
  if (families !== undefined) wire.afSpec = families;
  return Object.keys(wire).length > before;
}

/** Only what can be set: a listing also has what the families report. */
function afSpecOf({ inet, inet6 }: LinkSettings): AfSpec | undefined {
  const families: AfSpec = {};
  if (inet?.conf !== undefined) families.inet = { conf: inet.conf };
  if (inet6?.addrGenMode !== undefined) families.inet6 = { addrGenMode: inet6.addrGenMode };
  if (inet6?.token !== undefined) families.inet6 = { ...families.inet6, token: inet6.token };
  return Object.keys(families).length === 0 ? undefined : families;
}

const renames: readonly (readonly [RegExp, string])[] = [
  [/^afSpec\./, ''],
  [/^vfInfoList/, 'vfs'],
  [/^protoDownReason\..*$/, 'protoDownReasons'],
];

/** From the path of an attribute to what callers call it. */
export function renameSetting(path: string): string {
  for (const [pattern, name] of renames) if (pattern.test(path)) return path.replace(pattern, name);
  return path;
}
