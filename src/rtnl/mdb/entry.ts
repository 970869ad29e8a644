/** An entry of a multicast database as callers see it. */
import { addressFamily, formatAddress, hardwareAddress, parseAddress, parseHardwareAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { type Enumerated, type EnumerationCodec, enumeration, type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import { InputError } from '../../netlink/errors.ts';
import { show, u8 } from '../../netlink/scalar.ts';
import type { RouteProtocol } from '../route/enumerations.ts';
import type { MdbEntryHeader, MdbFilterMode, MdbInfo, MdbMessage } from './message.ts';

const states = { temp: 0, permanent: 1 } as const;
/** MDB_TEMPORARY (it ages), MDB_PERMANENT, as bridge(8) names them. */
export type MdbState = Enumerated<typeof states>;
export const mdbState: EnumerationCodec<typeof states> = enumeration(u8, states);

const bits = { offload: 0x1, fast_leave: 0x2, added_by_star_ex: 0x4, blocked: 0x8, offload_failed: 0x10 } as const;
/** MDB_FLAGS_*, as bridge(8) names them; all of them are the kernel's to report. */
export type MdbFlag = Enumerated<typeof bits>;
const mdbFlags: FlagsCodec<typeof bits> = flags(u8, bits);

/** A source that a group is wanted from, or not wanted from. */
export interface MdbSource {
  /** Who sends to the group. */
  address: string;
  /** Seconds until it is forgotten. */
  timer?: number;
}

/** Who wants a multicast group, as `bridge -d -s mdb` shows it. What has no value for an entry is left out. */
export interface MdbEntry {
  /** Name of the bridge or vxlan. */
  dev?: string;
  /** Index of the bridge or vxlan. */
  devIndex: number;
  /** Name of the port that the group is wanted at; `dev` itself: this machine (bridge), or what `dst` says (vxlan). */
  port?: string;
  /** Index of the port. */
  portIndex: number;
  /** Address of the group: IP, or hardware. */
  group: string;
  /** The one source it is wanted from. */
  source?: string;
  /** VLAN that it holds in; absent: none in particular. */
  vlan?: number;
  /** `permanent`, or `temp` of one that was learned. */
  state: MdbState;
  /** Source: if_bridge.h (MDB_FLAGS_*). */
  flags: MdbFlag[];
  /** Whether `sources` are those wanted or those not wanted. */
  filterMode?: MdbFilterMode;
  /** The senders that it lets through or keeps out, as its filter mode says. */
  sources?: MdbSource[];
  /** Who made it: `kernel` for those that were learned, `static`, … */
  protocol?: RouteProtocol;
  /** Seconds until the entry goes; left out for a permanent one. */
  timer?: number;
  /** vxlan: where packets to the group are sent. */
  dst?: string;
  /** vxlan: UDP port there. */
  dstPort?: number;
  /** vxlan: VNI to send with. */
  vni?: number;
  /** vxlan: name of the link that packets leave by. */
  via?: string;
  /** vxlan: index of that link. */
  viaIndex?: number;
  /** vxlan that carries many VNIs: the one the entry is of. */
  srcVni?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const ticksPerSecond = 100;
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;

function groupOf({ protocol, address }: MdbEntryHeader): string {
  if (protocol === ETH_P_IP) return formatAddress(address, 0, 4);
  if (protocol === ETH_P_IPV6) return formatAddress(address, 0, 16);
  return hardwareAddress.decode(address, 0, 6);
}

/** The members of struct br_mdb_entry that say a group. @throws InputError for what is no address */
export function groupSaid(group: unknown): Pick<MdbEntryHeader, 'address' | 'protocol'> {
  if (typeof group !== 'string') throw new InputError('', `expected the address of a group, got ${show(group)}`, 'ERR_INVALID_ARG_TYPE');
  const family = addressFamily(group);
  const own = family === undefined ? parseHardwareAddress(group) : parseAddress(group);
  if (family === undefined && own.length !== 6) throw new InputError('', `${show(group)} is neither an IP address nor an Ethernet address`);
  const address = new Uint8Array(16);
  address.set(own);
  return { address, protocol: family === 'inet' ? ETH_P_IP : family === 'inet6' ? ETH_P_IPV6 : 0 };
}

/** Every entry that a message has. */
export function infosOf(wire: MdbMessage): MdbInfo[] {
  return (wire.mdb?.groups ?? []).flatMap(({ infos }) => infos ?? []);
}

/** Indexes of the links that a message refers to. */
export function mdbIndexes(wire: MdbMessage): number[] {
  return [wire.index, ...infosOf(wire).flatMap(({ port, via }) => (via === undefined ? [port] : [port, via]))];
}

/** The entry that `info` describes. */
export function toMdbEntry(info: MdbInfo, devIndex: number, names: ReadonlyMap<number, string>): MdbEntry {
  const entry: MdbEntry = {
    devIndex,
    portIndex: info.port,
    group: groupOf(info),
    state: mdbState.nameOf(info.state),
    flags: mdbFlags.namesOf(info.flags),
  };
  const dev = names.get(devIndex);
  if (dev !== undefined) entry.dev = dev;
  const port = names.get(info.port);
  if (port !== undefined) entry.port = port;
  if (info.source !== undefined) entry.source = info.source;
  if (info.vlan !== 0) entry.vlan = info.vlan;
  if (info.mode !== undefined) entry.filterMode = info.mode;
  if (info.sourceList !== undefined) entry.sources = (info.sourceList.sources ?? []).flatMap(toSource);
  if (info.protocolOfOrigin !== undefined) entry.protocol = info.protocolOfOrigin;
  if (info.timer !== undefined && info.timer !== 0) entry.timer = info.timer / ticksPerSecond;
  if (info.dst !== undefined) entry.dst = info.dst;
  if (info.dstPort !== undefined) entry.dstPort = info.dstPort;
  if (info.vni !== undefined) entry.vni = info.vni;
  if (info.via !== undefined) {
    const via = names.get(info.via);
    if (via !== undefined) entry.via = via;
    entry.viaIndex = info.via;
  }
  if (info.srcVni !== undefined) entry.srcVni = info.srcVni;
  if (info.unknown !== undefined) entry.unknown = info.unknown;
  return entry;
}

function toSource({ address, timer }: { address?: string; timer?: number }): MdbSource[] {
  if (address === undefined) return [];
  return [timer === undefined || timer === 0 ? { address } : { address, timer: timer / ticksPerSecond }];
}
