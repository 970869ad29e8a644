/** What callers say about forwarding entries that shall be, its checks, and the message that says it to the kernel. */
import { addressFamily, formatAddress, parseAddress, parseHardwareAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { AF_BRIDGE } from '../family.ts';
import { checkIndex, type LinkRef, type Named } from '../link/reference.ts';
import { linkNeeded, linkSaid } from '../named-link.ts';
import { type NeighborFlag, NTF_EXT_LEARNED, NTF_MASTER, NTF_SELF, NTF_USE, splitFlags } from '../neighbor/flags.ts';
import { canonicalLinkLayerAddress } from '../neighbor/lladdr.ts';
import type { NeighborMessageInput } from '../neighbor/message.ts';
import { FDB_NOTIFY_BIT, FDB_NOTIFY_INACTIVE_BIT, type FdbEntry, type FdbState, fdbState } from './entry.ts';

/** Which forwarding entry is meant. What a list returns is accepted. */
export interface FdbSelector extends CallOptions {
  /** Hardware address that frames are to; `00:00:00:00:00:00`: what a vxlan does with addresses it does not know. */
  lladdr: string;
  /** The bridge's port, or the link that has a table of its own: a bridge, a vxlan, a network card. */
  dev?: LinkRef;
  /** Index of that link, where `dev` is not given. */
  devIndex?: number;
  /** The bridge whose table is meant, which `dev` must be a port of: says the same as the flag `master`. */
  master?: LinkRef;
  /** Index of that bridge, where `master` is not given. */
  masterIndex?: number;
  /** `self`: the table of `dev` itself; `master`: that of its bridge. Default: `self`, as bridge(8), or `master` where that member is given. */
  flags?: readonly NeighborFlag[];
  /** 1 to 4094. */
  vlan?: number;
  /** vxlan: where frames are sent to. */
  dst?: string;
  /** vxlan: UDP port there. Default: that of the vxlan. */
  port?: number;
  /** vxlan: VNI to send with, 0 to 16,777,215. Default: that of the vxlan. */
  vni?: number;
  /** vxlan that carries many VNIs: the one the entry is of. */
  srcVni?: number;
  /** vxlan: link that packets leave by. */
  via?: LinkRef;
  /** vxlan: index of that link, where `via` is not given. */
  viaIndex?: number;
  /** vxlan: id of a nexthop object for forwarding tables; `dst`, `port`, `vni` and `via` are then not sent. */
  nexthopId?: number;
}

/** A forwarding entry that shall be. A member that is `undefined` is not sent. What a list returns is accepted. */
export interface FdbSpec extends FdbSelector {
  /** Default: `permanent`, as bridge(8). */
  state?: FdbState;
  /**
   * `self`, `master` (see {@link FdbSelector.flags}), `use`, `router`, `extern_learn`, `sticky`. The others are the kernel's and are ignored.
   */
  flags?: readonly NeighborFlag[];
  /** Announce when the entry ages, and when it is active again. */
  activityNotify?: boolean;
  /** With `activityNotify`: count the entry as inactive, so that it is announced once. */
  inactive?: boolean;
  /** A replacement does not make the entry look used. */
  noRefresh?: boolean;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const members = memberNames<Omit<FdbSpec, keyof CallOptions>>({
  lladdr: true,
  dev: true,
  devIndex: true,
  master: true,
  masterIndex: true,
  flags: true,
  vlan: true,
  dst: true,
  port: true,
  vni: true,
  srcVni: true,
  via: true,
  viaIndex: true,
  nexthopId: true,
  state: true,
  activityNotify: true,
  inactive: true,
  noRefresh: true,
  unknown: true,
});

/** Members of an {@link FdbEntry} that are read only. */
const readOnly = memberNames<Omit<FdbEntry, keyof FdbSpec>>({ linkNetnsid: true, used: true, updated: true });

/** NTF_ROUTER, NTF_STICKY, NTF_EXT_LEARNED, NTF_USE: what a request may set besides the table. */
const settableFlags = 0x80 | 0x40 | NTF_EXT_LEARNED | NTF_USE;

/** A message but for what must be looked up. */
export interface FdbPlan {
  readonly wire: NeighborMessageInput;
  /** Undefined only where the bridge alone says the table. */
  readonly dev: Named | undefined;
  /** The bridge whose table is meant, where it was given. */
  readonly master: Named | undefined;
  readonly via: Named | undefined;
  readonly subject: string;
}

/** @throws InputError unless `vlan` is a VLAN that frames can have */
export function checkVlan(vlan: unknown, argument: string): asserts vlan is number {
  inArgument(argument, () => checkInteger(vlan, 1, 4094));
}

/** @throws InputError unless `vni` fits into 24 bits */
export function checkVni(vni: unknown, argument: string): asserts vni is number {
  inArgument(argument, () => checkInteger(vni, 0, 0xffffff));
}

function linkOf(ref: LinkRef | undefined, index: number | undefined, argument: 'master' | 'via'): Named | undefined {
  if (ref !== undefined) return { ref, argument };
  if (index === undefined) return undefined;
  checkIndex(index, `${argument}Index`);
  return { ref: index, argument: `${argument}Index` };
}

/**
 * What finds an entry, and what deletes it.
 *
 * @param devNeeded whether the bridge alone does not say enough
 * @throws InputError naming the member of `spec` that is wrong
 */
export function planKey(spec: FdbSelector, devNeeded = true): FdbPlan {
  checkOptions(spec, 'entry', members, readOnly);
  const { length } = inArgument('lladdr', () => parseHardwareAddress(spec.lladdr));
  if (length !== 6) throw new InputError('lladdr', `${show(spec.lladdr)} has ${length} bytes; an Ethernet address has 6`);
  const lladdr = canonicalLinkLayerAddress(spec.lladdr);
  const wire: NeighborMessageInput = { family: AF_BRIDGE, lladdr };
  const master = linkOf(spec.master, spec.masterIndex, 'master');
  const dev = devNeeded || master === undefined ? linkNeeded(spec) : linkSaid(spec);
  const tables = spec.flags === undefined ? 0 : inArgument('flags', () => splitFlags(spec.flags!)).header & (NTF_SELF | NTF_MASTER);
  if (tables !== 0) wire.flags = tables;
  else if (master === undefined) wire.flags = NTF_SELF;
  if (spec.vlan !== undefined) {
    checkVlan(spec.vlan, 'vlan');
    wire.vlan = spec.vlan;
  }
  if (spec.srcVni !== undefined) {
    checkVni(spec.srcVni, 'srcVni');
    wire.srcVni = spec.srcVni;
  }
  const via = spec.nexthopId === undefined ? remote(wire, spec) : undefined;
  return { wire, dev, master, via, subject: lladdr };
}

/** Where a vxlan sends frames. @returns the link to look up */
function remote(wire: NeighborMessageInput, spec: FdbSelector): Named | undefined {
  if (spec.dst !== undefined) {
    if (typeof spec.dst !== 'string' || addressFamily(spec.dst) === undefined)
      throw new InputError('dst', `expected an IP address, got ${show(spec.dst)}`);
    wire.dst = formatAddress(parseAddress(spec.dst));
  }
  if (spec.port !== undefined) {
    inArgument('port', () => checkInteger(spec.port, 0, 0xffff));
    wire.port = spec.port;
  }
  if (spec.vni !== undefined) {
    checkVni(spec.vni, 'vni');
    wire.vni = spec.vni;
  }
  const via = linkOf(spec.via, spec.viaIndex, 'via');
  if (via !== undefined && spec.via === undefined && (spec as { linkNetnsid?: number }).linkNetnsid !== undefined)
    throw new InputError('viaIndex', 'is the index of a link in another namespace, which cannot be said here');
  return via;
}

/** The body of an RTM_NEWNEIGH. @throws InputError naming the member of `spec` that is wrong */
export function planEntry(spec: FdbSpec): FdbPlan {
  const plan = planKey(spec);
  const { wire } = plan;
  const asked = spec.flags === undefined ? 0 : splitFlags(spec.flags).header & settableFlags;
  if (asked !== 0) wire.flags = (wire.flags ?? 0) | asked;
  wire.state = inArgument('state', () => fdbState.valueOf(spec.state ?? 'permanent'));
  inArgument('state', () => checkInteger(wire.state, 0, 0xffff));
  if (spec.nexthopId !== undefined) {
    inArgument('nexthopId', () => checkInteger(spec.nexthopId, 1, 0xffffffff));
    wire.nexthopId = spec.nexthopId;
  }
  setExtended(wire, spec);
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  return plan;
}

function setExtended(wire: NeighborMessageInput, { activityNotify, inactive, noRefresh }: FdbSpec): void {
  checkBoolean(activityNotify, 'activityNotify');
  checkBoolean(inactive, 'inactive');
  checkBoolean(noRefresh, 'noRefresh');
  if (inactive === true && activityNotify !== true) throw new InputError('inactive', 'needs `activityNotify`');
  if (activityNotify === undefined && noRefresh !== true) return;
  wire.fdbExtended = {};
  if (activityNotify !== undefined)
    wire.fdbExtended.activityNotify = (activityNotify ? FDB_NOTIFY_BIT : 0) | (inactive === true ? FDB_NOTIFY_INACTIVE_BIT : 0);
  if (noRefresh === true) wire.fdbExtended.dontRefresh = true;
}

const renames: Readonly<Record<string, string>> = {
  index: 'dev',
  ifindex: 'via',
  fdbExtended: 'activityNotify',
  'fdbExtended.activityNotify': 'activityNotify',
  'fdbExtended.dontRefresh': 'noRefresh',
};

/** From the path of an attribute in a neighbor message to what callers call it. */
export function renameFdbPath(path: string): string {
  return renames[path] ?? path;
}
