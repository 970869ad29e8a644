/** A link as callers see it. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import { IFF_UP, type LinkFlag, linkFlags } from './flags.ts';
import { hardwareTypeName } from './hardware-type.ts';
import { kindName } from './info.ts';
import type { LinkKinds, PortKinds } from './kinds.ts';
import type { LinkMessage } from './message.ts';
import type { LinkStatistics } from './statistics.ts';
import type { LinkRead } from './view.ts';

/** RFC 2863 operational state as ip(8) names it; a state without a name as its number. */
export type OperState = NonNullable<LinkMessage['operState']>;

/** Settings of a kind: decoded where netloom has a schema for the kind, bytes where it has not. */
export type LinkData = LinkKinds[keyof LinkKinds] | Uint8Array;

/** What the master of a link made of it. */
export interface LinkPort {
  /** Kind of the master: `bridge`. */
  kind: string;
  /** Settings of the port, as the kind of its master has them (`BridgePort` …); bytes for a kind without a schema. */
  data?: PortKinds[keyof PortKinds] | Uint8Array;
}

/** A network interface, as `ip -d link` shows it. What has no value for a link is left out. */
export interface Link {
  /** ifindex: unique within its namespace. */
  index: number;
  name: string;
  /** `veth`, `bridge`, `macvlan`, …; left out for links without one, such as `lo` and network cards. */
  kind?: string;
  /** Administratively up: the flag `up`. */
  up: boolean;
  /** Flags as ip(8) names them, in lower case: `up`, `broadcast`, `running`, `multicast`, `loopback`, `lower_up`, … */
  flags: LinkFlag[];
  /** Operational state: `up`, `down`, `unknown`, `lowerlayerdown`, … */
  operState?: OperState;
  /** Whether there is a signal, or what stands for one. */
  carrier?: boolean;
  /** Largest packet, in bytes. */
  mtu: number;
  /** Hardware address: `02:00:00:00:00:01`. */
  address?: string;
  /** Hardware broadcast address. */
  broadcast?: string;
  /** What the link is made of: `ether`, `loopback`, `none`, … */
  type: string;
  /** Name of the bridge, bond or VRF that the link is a port of. */
  master?: string;
  masterIndex?: number;
  /** Name of the link below; left out when that is in another namespace. */
  link?: string;
  /** Index of the link below, in its own namespace. */
  linkIndex?: number;
  /** Name of the other end of a veth; left out when that is in another namespace. */
  peer?: string;
  /** Index of the other end of a veth, in its own namespace. */
  peerIndex?: number;
  /** Id of the namespace that `linkIndex` or `peerIndex` is in, where that is another one (ip-netns(8), "list-id"). */
  linkNetnsid?: number;
  /** Packets. */
  txQueueLength?: number;
  /** Group number; 0 is `default`. */
  group?: number;
  /** Free text, for people. */
  alias?: string;
  /** Alternative names; they work wherever the name does. */
  altNames?: string[];
  /** Queueing discipline. */
  qdisc?: string;
  numTxQueues?: number;
  numRxQueues?: number;
  /** Smallest MTU that the driver accepts, in bytes. */
  minMtu?: number;
  /** Largest MTU that the driver accepts, in bytes; left out when it sets no limit. */
  maxMtu?: number;
  /** How many users want every packet. */
  promiscuity?: number;
  /** Settings of the kind. */
  data?: LinkData;
  /** What the master made of the link. */
  port?: LinkPort;
  /** Counters; only when asked for. */
  stats?: LinkStatistics;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** A link of one kind: `data` is what that kind has. */
export interface LinkOfKind<K extends keyof LinkKinds> extends Link {
  kind: K;
  data?: LinkKinds[K];
}

/**
 * Whether `link` is of a kind, with `data` that could be read: `if (isLinkOfKind(link, 'vlan')) link.data?.id`.
 */
export function isLinkOfKind<K extends keyof LinkKinds>(link: Link, kind: K): link is LinkOfKind<K> {
  return link.kind === kind && !(link.data instanceof Uint8Array);
}

/** Indexes that the link refers to in its own namespace: those whose names {@link toLink} wants. */
export function referredIndexes(wire: LinkRead): number[] {
  const indexes: number[] = [];
  if (wire.master !== undefined && wire.master !== 0) indexes.push(wire.master);
  if (wire.link !== undefined && wire.link !== 0 && wire.linkNetnsid === undefined) indexes.push(wire.link);
  return indexes;
}

/** The link that `wire` describes. `names`: names of the links that {@link referredIndexes} lists, as far as they are known. */
export function toLink(wire: LinkRead, names?: ReadonlyMap<number, string>): Link {
  const { info } = wire;
  const kind = kindName(info);
  const link: Link = {
    index: wire.index,
    name: wire.name ?? '',
    up: (wire.flags & IFF_UP) !== 0,
    flags: linkFlags(wire.flags),
    mtu: wire.mtu ?? 0,
    type: hardwareTypeName(wire.type),
  };
  if (kind !== undefined) link.kind = kind;
  if (wire.operState !== undefined) link.operState = wire.operState;
  if (wire.carrier !== undefined) link.carrier = wire.carrier;
  // a device without hardware addresses reports an empty one
  if (wire.address !== undefined && wire.address !== '') link.address = wire.address;
  if (wire.broadcast !== undefined && wire.broadcast !== '') link.broadcast = wire.broadcast;
  if (wire.master !== undefined && wire.master !== 0) {
    link.masterIndex = wire.master;
    const name = names?.get(wire.master);
    if (name !== undefined) link.master = name;
  }
  if (wire.link !== undefined && wire.link !== 0) {
    const name = wire.linkNetnsid === undefined ? names?.get(wire.link) : undefined;
    if (kind === 'veth') {
      link.peerIndex = wire.link;
      if (name !== undefined) link.peer = name;
    } else {
      link.linkIndex = wire.link;
      if (name !== undefined) link.link = name;
    }
  }
  if (wire.linkNetnsid !== undefined) link.linkNetnsid = wire.linkNetnsid;
  if (wire.txQueueLength !== undefined) link.txQueueLength = wire.txQueueLength;
  if (wire.group !== undefined) link.group = wire.group;
  if (wire.alias !== undefined) link.alias = wire.alias;
  if (wire.altNames !== undefined) link.altNames = wire.altNames;
  if (wire.qdisc !== undefined) link.qdisc = wire.qdisc;
  if (wire.numTxQueues !== undefined) link.numTxQueues = wire.numTxQueues;
  if (wire.numRxQueues !== undefined) link.numRxQueues = wire.numRxQueues;
  if (wire.minMtu !== undefined) link.minMtu = wire.minMtu;
  if (wire.maxMtu !== undefined && wire.maxMtu !== 0) link.maxMtu = wire.maxMtu;
  if (wire.promiscuity !== undefined) link.promiscuity = wire.promiscuity;
  if (info !== undefined) {
    if (info.kind !== undefined && info.data !== undefined) link.data = info.data;
    if (info.port !== undefined)
      link.port = { kind: kindName(info.port)!, ...(info.port.data === undefined ? {} : { data: info.port.data }) };
  }
  if (wire.stats !== undefined) link.stats = wire.stats;
  if (wire.unknown !== undefined) link.unknown = wire.unknown;
  return link;
}
