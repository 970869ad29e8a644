/** An entry of a forwarding table as callers see it. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import { type Enumerated, type EnumerationCodec, enumeration } from '../../netlink/enumeration.ts';
import { u16 } from '../../netlink/scalar.ts';
import { joinFlags, type NeighborFlag } from '../neighbor/flags.ts';
import type { NeighborMessage } from '../neighbor/message.ts';

const NUD_REACHABLE = 0x02;
const NUD_STALE = 0x04;
const NUD_NOARP = 0x40;
const NUD_PERMANENT = 0x80;

const states = {
  permanent: NUD_NOARP | NUD_PERMANENT,
  static: NUD_NOARP | NUD_REACHABLE,
  dynamic: NUD_REACHABLE,
  stale: NUD_STALE,
} as const;

/**
 * How an entry ages, as bridge(8) names it: `permanent` (never; in the table of a bridge, frames to it are for this machine: bridge(8) says
 * `local` too), `static` (never), `dynamic` (after the ageing time), `stale` (has aged). Other states are the number of their bits.
 */
export type FdbState = Enumerated<typeof states>;

/** The bits that bridge(8) sends for each state. */
export const fdbState: EnumerationCodec<typeof states> = enumeration(u16, states);

/** The state that the bits of an entry say. The kernel reports fewer of them than it is sent. */
export function stateOf(bits: number): FdbState {
  if ((bits & NUD_PERMANENT) !== 0) return 'permanent';
  if ((bits & NUD_NOARP) !== 0) return 'static';
  if ((bits & NUD_STALE) !== 0) return 'stale';
  return (bits & NUD_REACHABLE) !== 0 ? 'dynamic' : bits;
}

/** An entry of the forwarding table of a bridge, a vxlan or another link, as `bridge -d -s fdb` shows it. What has no value for one is left out. */
export interface FdbEntry {
  /** Hardware address that frames are to. */
  lladdr: string;
  /** Name of the link: the bridge's port, the bridge itself, or the link that has a table of its own. */
  dev?: string;
  /** Index of that link. */
  devIndex: number;
  /** Name of the bridge whose table has the entry; left out when it is the link's own. */
  master?: string;
  /** Index of that bridge. */
  masterIndex?: number;
  /** How long it stays. */
  state: FdbState;
  /** `self` (the table of the link itself), `extern_learn`, `sticky`, `offload`, `router`, `locked`, … */
  flags: NeighborFlag[];
  /** VLAN that it holds in; absent: none in particular. */
  vlan?: number;
  /** vxlan: where frames are sent to. */
  dst?: string;
  /** vxlan: UDP port there. */
  port?: number;
  /** vxlan: VNI to send with. */
  vni?: number;
  /** vxlan that carries many VNIs: the one the entry is of. */
  srcVni?: number;
  /** vxlan: name of the link that packets leave by. */
  via?: string;
  /** vxlan: index of the link that packets leave by. */
  viaIndex?: number;
  /** Namespace of that link, by its id here. */
  linkNetnsid?: number;
  /** vxlan: id of the nexthop object that says where frames are sent to. */
  nexthopId?: number;
  /** It is announced when the entry ages, and when it is active again. */
  activityNotify?: boolean;
  /** The entry has not been active since it was last asked for. */
  inactive?: boolean;
  /** Seconds since the entry was last used. */
  used?: number;
  /** Seconds since the entry last changed. */
  updated?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const ticksPerSecond = 100;

/** Indexes of the links that the entry refers to. */
export function fdbIndexes(wire: NeighborMessage): number[] {
  const indexes = [wire.index];
  if (wire.master !== undefined) indexes.push(wire.master);
  if (wire.ifindex !== undefined && wire.linkNetnsid === undefined) indexes.push(wire.ifindex);
  return indexes;
}

/** Bits of NFEA_ACTIVITY_NOTIFY. */
export const FDB_NOTIFY_BIT = 1;
export const FDB_NOTIFY_INACTIVE_BIT = 2;

/** The entry that `wire` describes; undefined when it is about no hardware address. */
export function toFdbEntry(wire: NeighborMessage, names: ReadonlyMap<number, string>): FdbEntry | undefined {
  if (wire.lladdr === undefined) return undefined;
  const entry: FdbEntry = {
    lladdr: wire.lladdr,
    devIndex: wire.index,
    state: stateOf(wire.state),
    flags: joinFlags(wire.flags, wire.flagsExtended),
  };
  const dev = names.get(wire.index);
  if (dev !== undefined) entry.dev = dev;
  if (wire.master !== undefined) {
    const master = names.get(wire.master);
    if (master !== undefined) entry.master = master;
    entry.masterIndex = wire.master;
  }
  if (wire.vlan !== undefined) entry.vlan = wire.vlan;
  if (wire.dst !== undefined) entry.dst = wire.dst;
  if (wire.port !== undefined) entry.port = wire.port;
  if (wire.vni !== undefined) entry.vni = wire.vni;
  if (wire.srcVni !== undefined) entry.srcVni = wire.srcVni;
  if (wire.ifindex !== undefined) {
    const via = wire.linkNetnsid === undefined ? names.get(wire.ifindex) : undefined;
    if (via !== undefined) entry.via = via;
    entry.viaIndex = wire.ifindex;
  }
  if (wire.linkNetnsid !== undefined) entry.linkNetnsid = wire.linkNetnsid;
  if (wire.nexthopId !== undefined) entry.nexthopId = wire.nexthopId;
  const notify = wire.fdbExtended?.activityNotify;
  if (notify !== undefined) {
    entry.activityNotify = (notify & FDB_NOTIFY_BIT) !== 0;
    entry.inactive = (notify & FDB_NOTIFY_INACTIVE_BIT) !== 0;
  }
  if (wire.cacheinfo !== undefined) {
    entry.used = wire.cacheinfo.used / ticksPerSecond;
    entry.updated = wire.cacheinfo.updated / ticksPerSecond;
  }
  if (wire.unknown !== undefined) entry.unknown = wire.unknown;
  return entry;
}
