/** A link as callers see it. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import type { Inet6Spec, InetSpec } from './af-spec.ts';
import { IFF_UP, type LinkFlag, linkFlags } from './flags.ts';
import { hardwareTypeName } from './hardware-type.ts';
import { kindName, type LinkXstats } from './info.ts';
import { type LinkKinds, linkKindOf, type PortKinds } from './kinds.ts';
import type { LinkMessage } from './message.ts';
import type { LinkStatistics } from './statistics.ts';
import { toVirtualFunction, type VirtualFunction } from './vf.ts';
import type { LinkRead } from './view.ts';
import type { Xdp } from './xdp.ts';

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
  /** Name, 1 to 15 bytes, unique within its namespace. */
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
  /** Index of the master. */
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
  /** Queues that packets leave by: IFLA_NUM_TX_QUEUES. */
  numTxQueues?: number;
  /** Queues that packets come in by: IFLA_NUM_RX_QUEUES. */
  numRxQueues?: number;
  /** Smallest MTU that the driver accepts, in bytes. */
  minMtu?: number;
  /** Largest MTU that the driver accepts, in bytes; left out when it sets no limit. */
  maxMtu?: number;
  /** How many users want every packet. */
  promiscuity?: number;
  /** How many users want all multicast frames. */
  allMulticastUsers?: number;
  /** How often the carrier has changed. */
  carrierChanges?: number;
  /** How often it has come; only when counters were asked for. */
  carrierUpCount?: number;
  /** How often it has gone; only when counters were asked for. */
  carrierDownCount?: number;
  /** What state a link takes that gets a carrier; left out when that is `default`. */
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
  /** What the hardware can take for `gsoMaxSize`, in bytes. */
  tsoMaxSize?: number;
  /** What the hardware can take for `gsoMaxSegs`. */
  tsoMaxSegs?: number;
  /** Nanoseconds that packets may wait in the card for their time to leave; left out when 0. */
  maxPacingOffloadHorizon?: number;
  /** The protocols above do not use the link; left out when they may. */
  protoDown?: boolean;
  /** Who holds them down, as a bit mask; left out when nobody does. */
  protoDownReasons?: number;
  /** Hardware address that the device came with. */
  permanentAddress?: string;
  /** Id of the port of the device: equal for links that share one. */
  physPortId?: Uint8Array;
  /** Name that the driver has for the port of the device. */
  physPortName?: string;
  /** Id of the switch chip: equal for the ports of one. */
  physSwitchId?: Uint8Array;
  /** Device that the link belongs to: a PCI address, say. */
  parentDevName?: string;
  /** Bus of that device: `pci`. */
  parentDevBusName?: string;
  /** Bytes before the frame that the driver wants room for; left out when 0. */
  headroom?: number;
  /** Bytes after the frame that the driver wants room for; left out when 0. */
  tailroom?: number;
  /** The link cannot be moved to another namespace; left out when it can. */
  netnsImmutable?: boolean;
  /** Of a link that a monitor has seen leave for another namespace: that one's id here (ip-netns(8), "list-id"). */
  newNetnsid?: number;
  /** Of such a link: its index there. */
  newIndex?: number;
  /** The XDP program that is attached. */
  xdp?: Xdp;
  /** What IPv4 makes of the link; only when asked for (`families`). */
  inet?: InetSpec;
  /** What IPv6 makes of the link: how addresses are made, and the token. More when asked for (`families`). */
  inet6?: Inet6Spec;
  /** Virtual functions of an SR-IOV card; only when asked for (`vfs`). */
  vfs?: VirtualFunction[];
  /** Settings of the kind. */
  data?: LinkData;
  /** What the kind counts: only CAN controllers have it here, see `rt.stats` for others. */
  xstats?: LinkXstats;
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

/** Whether {@link referredIndexes} has any. */
export function refersToLinks({ master, link }: LinkRead): boolean {
  return (master ?? 0) !== 0 || (link ?? 0) !== 0;
}

/** The link that `wire` describes. `names`: names of the links that {@link referredIndexes} lists, as far as they are known. */
export function toLink(wire: LinkRead, names?: ReadonlyMap<number, string>): Link {
  return new PlainLink(wire, names);
}

/**
 * Makes plain objects. V8 gives the objects of a constructor room for all the members that it has seen them get; one that begins as a literal of
 * a few is moved again and again while it grows.
 */
const PlainLink = function (this: Link, wire: LinkRead, names: ReadonlyMap<number, string> | undefined): void {
  const { info } = wire;
  const kind = kindName(info);
  this.index = wire.index;
  this.name = wire.name ?? '';
  this.up = (wire.flags & IFF_UP) !== 0;
  this.flags = linkFlags(wire.flags);
  this.mtu = wire.mtu ?? 0;
  this.type = hardwareTypeName(wire.type);
  if (kind !== undefined) this.kind = kind;
  if (wire.operState !== undefined) this.operState = wire.operState;
  if (wire.carrier !== undefined) this.carrier = wire.carrier;
  // a device without hardware addresses reports an empty one
  if (wire.address !== undefined && wire.address !== '') this.address = wire.address;
  if (wire.broadcast !== undefined && wire.broadcast !== '') this.broadcast = wire.broadcast;
  if (wire.master !== undefined && wire.master !== 0) {
    this.masterIndex = wire.master;
    const name = names?.get(wire.master);
    if (name !== undefined) this.master = name;
  }
  if (wire.link !== undefined && wire.link !== 0) {
    const name = wire.linkNetnsid === undefined ? names?.get(wire.link) : undefined;
    if (kind !== undefined && linkKindOf(kind)?.paired === true) {
      this.peerIndex = wire.link;
      if (name !== undefined) this.peer = name;
    } else {
      this.linkIndex = wire.link;
      if (name !== undefined) this.link = name;
    }
  }
  if (wire.linkNetnsid !== undefined) this.linkNetnsid = wire.linkNetnsid;
  if (wire.txQueueLength !== undefined) this.txQueueLength = wire.txQueueLength;
  if (wire.group !== undefined) this.group = wire.group;
  if (wire.alias !== undefined) this.alias = wire.alias;
  if (wire.altNames !== undefined) this.altNames = wire.altNames;
  if (wire.qdisc !== undefined) this.qdisc = wire.qdisc;
  if (wire.numTxQueues !== undefined) this.numTxQueues = wire.numTxQueues;
  if (wire.numRxQueues !== undefined) this.numRxQueues = wire.numRxQueues;
  if (wire.minMtu !== undefined) this.minMtu = wire.minMtu;
  if (wire.maxMtu !== undefined && wire.maxMtu !== 0) this.maxMtu = wire.maxMtu;
  if (wire.promiscuity !== undefined) this.promiscuity = wire.promiscuity;
  addDetails(this, wire);
  if (info !== undefined) {
    if (info.kind !== undefined && info.data !== undefined) this.data = info.data;
    if ('xstats' in info && info.xstats !== undefined) this.xstats = info.xstats;
    if (info.port !== undefined)
      this.port = { kind: kindName(info.port)!, ...(info.port.data === undefined ? {} : { data: info.port.data }) };
  }
  if (wire.stats !== undefined) this.stats = wire.stats;
  if (wire.unknown !== undefined) this.unknown = wire.unknown;
} as unknown as new (
  wire: LinkRead,
  names: ReadonlyMap<number, string> | undefined,
) => Link;
PlainLink.prototype = Object.prototype;

/** Spelled out, as in {@link toLink}: a loop over names costs more than everything else in a listing. */
function addDetails(link: Link, wire: LinkRead): void {
  if (wire.carrierChanges !== undefined) link.carrierChanges = wire.carrierChanges;
  if (wire.carrierUpCount !== undefined) link.carrierUpCount = wire.carrierUpCount;
  if (wire.carrierDownCount !== undefined) link.carrierDownCount = wire.carrierDownCount;
  if (wire.gsoMaxSize !== undefined) link.gsoMaxSize = wire.gsoMaxSize;
  if (wire.gsoMaxSegs !== undefined) link.gsoMaxSegs = wire.gsoMaxSegs;
  if (wire.groMaxSize !== undefined) link.groMaxSize = wire.groMaxSize;
  if (wire.gsoIpv4MaxSize !== undefined) link.gsoIpv4MaxSize = wire.gsoIpv4MaxSize;
  if (wire.groIpv4MaxSize !== undefined) link.groIpv4MaxSize = wire.groIpv4MaxSize;
  if (wire.tsoMaxSize !== undefined) link.tsoMaxSize = wire.tsoMaxSize;
  if (wire.tsoMaxSegs !== undefined) link.tsoMaxSegs = wire.tsoMaxSegs;
  if (wire.physPortId !== undefined) link.physPortId = wire.physPortId;
  if (wire.physPortName !== undefined) link.physPortName = wire.physPortName;
  if (wire.physSwitchId !== undefined) link.physSwitchId = wire.physSwitchId;
  if (wire.parentDevName !== undefined) link.parentDevName = wire.parentDevName;
  if (wire.parentDevBusName !== undefined) link.parentDevBusName = wire.parentDevBusName;
  // left out where they have the value that nearly every link has: 0, false or none
  if (wire.maxPacingOffloadHorizon) link.maxPacingOffloadHorizon = wire.maxPacingOffloadHorizon;
  if (wire.protoDown) link.protoDown = wire.protoDown;
  if (wire.headroom) link.headroom = wire.headroom;
  if (wire.tailroom) link.tailroom = wire.tailroom;
  if (wire.newNetnsid !== undefined) link.newNetnsid = wire.newNetnsid;
  if (wire.newIndex !== undefined) link.newIndex = wire.newIndex;
  if (wire.netnsImmutable) link.netnsImmutable = wire.netnsImmutable;
  if (wire.permanentAddress) link.permanentAddress = wire.permanentAddress;
  if (wire.allMulticast !== undefined) link.allMulticastUsers = wire.allMulticast;
  if (wire.linkMode !== undefined && wire.linkMode !== 'default') link.linkMode = wire.linkMode;
  if (wire.protoDownReason?.value) link.protoDownReasons = wire.protoDownReason.value;
  if (wire.xdp?.attached !== undefined && wire.xdp.attached !== 'none') link.xdp = wire.xdp;
  if (wire.afSpec?.inet !== undefined) link.inet = wire.afSpec.inet;
  if (wire.afSpec?.inet6 !== undefined) link.inet6 = wire.afSpec.inet6;
  if (wire.vfInfoList !== undefined && wire.vfInfoList.length > 0) link.vfs = wire.vfInfoList.map(toVirtualFunction);
}
