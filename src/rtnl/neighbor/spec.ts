/** What callers say about neighbors that shall be, its checks, and the message that says it to the kernel. */
import { formatAddress, type IpFamily, parseAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { AF_INET, AF_INET6, familyNumber } from '../family.ts';
import type { LinkRef, Named } from '../link/reference.ts';
import { linkNeeded, linkSaid } from '../named-link.ts';
import type { RouteProtocol } from '../route/enumerations.ts';
import {
  type NeighborFlag,
  type NeighborState,
  NTF_EXT_LEARNED,
  NTF_EXT_MANAGED,
  NTF_PROXY,
  NTF_USE,
  neighborState,
  type SplitFlags,
  splitFlags,
} from './flags.ts';
import type { NeighborMessageInput } from './message.ts';
import type { Neighbor } from './neighbor.ts';

/** Which neighbor is meant. What a list returns is accepted. */
export interface NeighborSelector extends CallOptions {
  /** IP address. */
  to: string;
  /** Link. Needed, but for a proxy entry of IPv4, which may be for all links. */
  dev?: LinkRef;
  /** Index of that link, where `dev` is not given. */
  devIndex?: number;
  /** `proxy`: an entry of the table of addresses that are answered for. The others do not matter here. */
  flags?: readonly NeighborFlag[];
}

/** A neighbor that shall be. A member that is `undefined` is not sent. What a list returns is accepted. */
export interface NeighborSpec extends NeighborSelector {
  /** Hardware address, `02:00:00:00:00:01`; on a tunnel (NHRP, 6to4), the IP address of its other end. */
  lladdr?: string;
  /** Default: `permanent`, as ip-neighbour(8); with one of the flags `use`, `managed` and `extern_learn`, `none`. */
  state?: NeighborState;
  /**
   * `proxy` (answer for this address), `router`, `use` (resolve it now), `managed` (resolve it, and keep it so), `extern_learn`,
   * `ext_validated`. The others are the kernel's and are ignored.
   */
  flags?: readonly NeighborFlag[];
  /** Who makes the entry. */
  protocol?: RouteProtocol;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const members = memberNames<Omit<NeighborSpec, keyof CallOptions>>({
  to: true,
  dev: true,
  devIndex: true,
  lladdr: true,
  state: true,
  flags: true,
  protocol: true,
  unknown: true,
});

/** Members of a {@link Neighbor} that are read only. */
const readOnly = memberNames<Omit<Neighbor, keyof NeighborSpec>>({
  family: true,
  type: true,
  probes: true,
  confirmed: true,
  used: true,
  updated: true,
  refcount: true,
});

/** NTF_ROUTER, NTF_PROXY, NTF_EXT_LEARNED, NTF_USE: what a request may set. */
const settableHeader = 0x80 | NTF_PROXY | NTF_EXT_LEARNED | NTF_USE;
/** NTF_EXT_MANAGED and NTF_EXT_EXT_VALIDATED, and whatever is newer; NTF_EXT_LOCKED is the kernel's. */
const settableExtended = ~0x2;

/** A message but for the link, and the link to look up. */
export interface NeighborPlan {
  readonly wire: NeighborMessageInput;
  /** Undefined: for all links. */
  readonly link: Named | undefined;
  readonly subject: string;
}

function flagsOf(spec: NeighborSelector): SplitFlags {
  if (spec.flags === undefined) return { header: 0, extended: 0 };
  const { header, extended } = inArgument('flags', () => splitFlags(spec.flags!));
  return { header: header & settableHeader, extended: (extended & settableExtended) >>> 0 };
}

/** What finds an entry. @throws InputError naming the member of `spec` that is wrong */
export function planKey(spec: NeighborSelector): NeighborPlan {
  checkOptions(spec, 'neighbor', members, readOnly);
  const bytes = inArgument('to', () => parseAddress(spec.to));
  const { family: said } = spec as { family?: IpFamily };
  const family = bytes.length === 4 ? AF_INET : AF_INET6;
  if (said !== undefined && familyNumber(said) !== family) throw new InputError('family', `${show(spec.to)} is not an ${said} address`);
  const proxy = flagsOf(spec).header & NTF_PROXY;
  // of proxy entries for all links the kernel has those of IPv4 only
  const link = proxy === 0 || family === AF_INET6 ? linkNeeded(spec) : linkSaid(spec);
  const wire: NeighborMessageInput = { family, dst: formatAddress(bytes) };
  if (proxy !== 0) wire.flags = proxy;
  return { wire, link, subject: proxy === 0 ? formatAddress(bytes) : `proxy ${formatAddress(bytes)}` };
}

/** The body of an RTM_NEWNEIGH. @throws InputError naming the member of `spec` that is wrong */
export function planNeighbor(spec: NeighborSpec): NeighborPlan {
  const { wire, link, subject } = planKey(spec);
  const { header, extended } = flagsOf(spec);
  const proxy = (header & NTF_PROXY) !== 0;
  if (proxy && spec.lladdr !== undefined) throw new InputError('lladdr', 'a proxy entry has none: the link’s own is answered');
  if (header !== 0) wire.flags = header;
  if (extended !== 0) wire.flagsExtended = extended;
  wire.state = stateOf(spec, header, extended);
  // the kernel would make an entry of zeros
  if (spec.lladdr === '') throw new InputError('lladdr', 'expected an address; leave it out for a link that has none');
  if (spec.lladdr !== undefined) wire.lladdr = spec.lladdr;
  if (spec.protocol !== undefined) wire.protocol = spec.protocol;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  return { wire, link, subject };
}

/** As ipneigh_modify() in ip/ipneigh.c of iproute2. */
function stateOf(spec: NeighborSpec, header: number, extended: number): number {
  if (spec.state !== undefined) {
    const state = inArgument('state', () => neighborState.valueOf(spec.state!));
    inArgument('state', () => checkInteger(state, 0, 0xffff));
    return state;
  }
  const resolved = (header & (NTF_USE | NTF_EXT_LEARNED)) !== 0 || (extended & NTF_EXT_MANAGED) !== 0;
  return resolved ? neighborState.values.none : neighborState.values.permanent;
}

const renames: Readonly<Record<string, string>> = { dst: 'to', index: 'dev', flagsExtended: 'flags' };

/** From the path of an attribute in a neighbor message to what callers call it. */
export function renameNeighborPath(path: string): string {
  return renames[path] ?? path;
}
