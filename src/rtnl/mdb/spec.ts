/** What callers say about entries of multicast databases that shall be, its checks, and the message that says it to the kernel. */
import { addressFamily, formatAddress, parseAddress } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { checkVlan, checkVni } from '../fdb/spec.ts';
import { checkIndex, type LinkRef, type Named } from '../link/reference.ts';
import { linkNeeded } from '../named-link.ts';
import type { RouteProtocol } from '../route/enumerations.ts';
import { groupSaid, type MdbEntry, type MdbSource, type MdbState, mdbState } from './entry.ts';
import { type MdbEntryHeader, type MdbFilterMode, type MdbWanted, mdbFilterMode } from './message.ts';

/** Which entry is meant. What a list returns is accepted. */
export interface MdbSelector extends CallOptions {
  /** The bridge or vxlan. */
  dev?: LinkRef;
  /** Index of it, where `dev` is not given. */
  devIndex?: number;
  /** The port that the group is wanted at. Default: `dev` itself: this machine (bridge), or what `dst` says (vxlan). */
  port?: LinkRef;
  /** Index of the port, where `port` is not given. */
  portIndex?: number;
  /** Address of the group: IP, or hardware. Of a vxlan, `0.0.0.0` and `::` stand for every group without an entry. */
  group: string;
  /** The one source it is wanted from. */
  source?: string;
  /** 1 to 4094. */
  vlan?: number;
  /** vxlan: where packets to the group are sent. */
  dst?: string;
  /** vxlan: UDP port there. Default: that of the vxlan. */
  dstPort?: number;
  /** vxlan: VNI to send with. Default: that of the vxlan. */
  vni?: number;
  /** vxlan: link that packets leave by. */
  via?: LinkRef;
  /** vxlan: index of that link, where `via` is not given. */
  viaIndex?: number;
  /** vxlan that carries many VNIs: the one the entry is of. */
  srcVni?: number;
}

/** An entry that shall be. A member that is `undefined` is not sent. What a list returns is accepted. */
export interface MdbSpec extends MdbSelector {
  /** Default: `temp`, as bridge(8): it ages. A group of hardware addresses and a vxlan take `permanent` alone. */
  state?: MdbState;
  /** Whether `sources` are those wanted or those not wanted. Default: `exclude`. Of an entry with `source`, the kernel says it. */
  filterMode?: MdbFilterMode;
  /** Sources by address. Not with `source`. */
  sources?: readonly (string | MdbSource)[];
  /** Who makes the entry. Default: `static`. */
  protocol?: RouteProtocol;
}

const members = memberNames<Omit<MdbSpec, keyof CallOptions>>({
  dev: true,
  devIndex: true,
  port: true,
  portIndex: true,
  group: true,
  source: true,
  vlan: true,
  dst: true,
  dstPort: true,
  vni: true,
  via: true,
  viaIndex: true,
  srcVni: true,
  state: true,
  filterMode: true,
  sources: true,
  protocol: true,
});

/** Members of an {@link MdbEntry} that are read only. */
const readOnly = memberNames<Omit<MdbEntry, keyof MdbSpec>>({ flags: true, timer: true, unknown: true });

/** A message but for the links. */
export interface MdbPlan {
  readonly entry: Partial<MdbEntryHeader>;
  readonly wanted: MdbWanted;
  readonly dev: Named;
  readonly port: Named | undefined;
  readonly via: Named | undefined;
  readonly subject: string;
}

function linkOf(ref: LinkRef | undefined, index: number | undefined, argument: 'port' | 'via'): Named | undefined {
  if (ref !== undefined) return { ref, argument };
  if (index === undefined) return undefined;
  checkIndex(index, `${argument}Index`);
  return { ref: index, argument: `${argument}Index` };
}

/** An address as the kernel's bytes read. @throws InputError naming `argument` */
function addressSaid(text: unknown, argument: string): string {
  if (typeof text !== 'string' || addressFamily(text) === undefined)
    throw new InputError(argument, `expected an IP address, got ${show(text)}`);
  return formatAddress(parseAddress(text));
}

/** What finds an entry, and what deletes it. @throws InputError naming the member of `spec` that is wrong */
export function planMdbKey(spec: MdbSelector): MdbPlan {
  checkOptions(spec, 'entry', members, readOnly);
  const dev = linkNeeded(spec);
  const entry: Partial<MdbEntryHeader> = inArgument('group', () => groupSaid(spec.group));
  if (spec.vlan !== undefined) {
    checkVlan(spec.vlan, 'vlan');
    entry.vlan = spec.vlan;
  }
  const wanted: MdbWanted = {};
  if (spec.source !== undefined) {
    if (entry.protocol !== 0) wanted.source = addressSaid(spec.source, 'source');
    else throw new InputError('source', 'a group with a hardware address has no source');
  }
  if (spec.dst !== undefined) wanted.dst = addressSaid(spec.dst, 'dst');
  if (spec.dstPort !== undefined) {
    inArgument('dstPort', () => checkInteger(spec.dstPort, 1, 0xffff));
    wanted.dstPort = spec.dstPort;
  }
  for (const member of ['vni', 'srcVni'] as const) {
    const given = spec[member];
    if (given === undefined) continue;
    checkVni(given, member);
    wanted[member] = given;
  }
  const port = linkOf(spec.port, spec.portIndex, 'port');
  return { entry, wanted, dev, port, via: linkOf(spec.via, spec.viaIndex, 'via'), subject: spec.group };
}

/** The body of an RTM_NEWMDB. @throws InputError naming the member of `spec` that is wrong */
export function planMdb(spec: MdbSpec): MdbPlan {
  const plan = planMdbKey(spec);
  const { entry, wanted } = plan;
  entry.state = inArgument('state', () => mdbState.valueOf(spec.state ?? 'temp'));
  inArgument('state', () => checkInteger(entry.state, 0, 1));
  const mode =
    spec.filterMode === undefined
      ? undefined
      : inArgument('filterMode', () => mdbFilterMode.nameOf(mdbFilterMode.valueOf(spec.filterMode!)));
  const sources = spec.sources === undefined ? [] : sourcesOf(spec.sources);
  if (spec.source !== undefined) {
    if (sources.length > 0) throw new InputError('sources', 'an entry with `source` is of that one alone');
  } else {
    // what the kernel takes anyway is not said, so that kernels before 6.3 accept what they list
    if (mode !== undefined && (mode !== 'exclude' || sources.length > 0)) wanted.mode = mode;
    if (sources.length > 0) {
      wanted.mode ??= 'exclude';
      wanted.sourceList = { sources: sources.map((address) => ({ address })) };
    }
  }
  if (spec.protocol !== undefined && spec.protocol !== 'static') wanted.protocolOfOrigin = spec.protocol;
  return plan;
}

function sourcesOf(sources: unknown): string[] {
  if (!Array.isArray(sources)) throw new InputError('sources', `expected an array, got ${show(sources)}`, 'ERR_INVALID_ARG_TYPE');
  return (sources as readonly unknown[]).map((source, i) => {
    const text = typeof source === 'object' && source !== null ? (source as MdbSource).address : source;
    return addressSaid(text, `sources[${i}]`);
  });
}

const renames: Readonly<Record<string, string>> = {
  entry: 'group',
  wanted: 'group',
  'wanted.mode': 'filterMode',
  'wanted.protocolOfOrigin': 'protocol',
};

/** From the path of an attribute in the message to what callers call it. */
export function renameMdbPath(path: string): string {
  return renames[path] ?? path.replace(/^wanted\.sourceList(\.sources)?/, 'sources').replace(/^(wanted|entry)\./, '');
}
