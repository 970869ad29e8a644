/** Which forwarding entries to list. */
import { formatAddress, parseAddress } from '../../netlink/address.ts';
import { type Listed, type ListOptions, listMembers } from '../../netlink/dump.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { Program } from '../../netlink/program.ts';
import { AF_BRIDGE } from '../family.ts';
import { type LinkRef, type Named, resolveLinks } from '../link/reference.ts';
import { NTF_SELF } from '../neighbor/flags.ts';
import { canonicalLinkLayerAddress } from '../neighbor/lladdr.ts';
import { getNeighbor, type NeighborMessage, type NeighborMessageInput } from '../neighbor/message.ts';
import { type FdbState, fdbState, stateOf } from './entry.ts';
import { checkVlan, checkVni } from './spec.ts';

/** Which forwarding entries to list. */
export interface FdbFilter extends ListOptions {
  /** Only entries at this link: those of its own table, and those of its bridge's that lead to it. */
  dev?: LinkRef;
  /** Only entries in the table of this bridge. */
  master?: LinkRef;
  /** `true`: only entries in the tables of the links themselves; `false`: only those in the tables of bridges. */
  self?: boolean;
  /** Only entries for this hardware address. */
  lladdr?: string;
  /** Only entries of this VLAN. */
  vlan?: number;
  /** Only entries in this state. */
  state?: FdbState;
  /** vxlan: only entries that send here. */
  dst?: string;
  /** vxlan that carries many VNIs: only entries of this one. */
  srcVni?: number;
}

const members = memberNames<Omit<FdbFilter, keyof ListOptions>>({
  dev: true,
  master: true,
  self: true,
  lladdr: true,
  vlan: true,
  state: true,
  dst: true,
  srcVni: true,
});

/** How entries are read from the kernel. */
export type FdbSelection = Omit<Listed<NeighborMessage, unknown>, 'convert'>;

/** @throws InputError for a bad filter; NotFoundError when `dev` or `master` does not exist */
export function* selectEntries(filter: FdbFilter): Program<FdbSelection> {
  checkOptions(filter, 'filter', members, listMembers);
  checkBoolean(filter.self, 'self');
  const lladdr = filter.lladdr === undefined ? undefined : inArgument('lladdr', () => canonicalLinkLayerAddress(filter.lladdr!));
  const dst = filter.dst === undefined ? undefined : inArgument('dst', () => formatAddress(parseAddress(filter.dst)));
  const state = filter.state === undefined ? undefined : inArgument('state', () => fdbState.nameOf(fdbState.valueOf(filter.state!)));
  if (filter.vlan !== undefined) checkVlan(filter.vlan, 'vlan');
  if (filter.srcVni !== undefined) checkVni(filter.srcVni, 'srcVni');
  const links: (Named & { member: 'ifindex' | 'master' })[] = [];
  if (filter.dev !== undefined) links.push({ ref: filter.dev, argument: 'dev', member: 'ifindex' });
  if (filter.master !== undefined) links.push({ ref: filter.master, argument: 'master', member: 'master' });
  const indexes = yield* resolveLinks(links);
  const value: NeighborMessageInput = { family: AF_BRIDGE };
  links.forEach(({ member }, i) => {
    value[member] = indexes[i]!;
  });
  const { ifindex, master } = value;
  return {
    ...dumpOf(value),
    interrupted: filter.interrupted,
    keep: (wire) =>
      wire.family === AF_BRIDGE &&
      (ifindex === undefined || wire.index === ifindex) &&
      (master === undefined || wire.master === master) &&
      (filter.self === undefined || filter.self === (wire.master === undefined)) &&
      (lladdr === undefined || wire.lladdr === lladdr) &&
      (filter.vlan === undefined || wire.vlan === filter.vlan) &&
      (state === undefined || stateOf(wire.state) === state) &&
      (dst === undefined || wire.dst === dst) &&
      (filter.srcVni === undefined || wire.srcVni === filter.srcVni),
  };
}

/** How the entries at a link, or in the table of a bridge, are read. */
export function dumpOf(value: NeighborMessageInput): FdbSelection {
  return { request: { operation: getNeighbor, flags: 0, value, expects: 'dump', subject: 'forwarding entries' } };
}

/** Whether an entry is in the table of its link itself. */
export function isSelf(wire: NeighborMessage): boolean {
  return (wire.flags & NTF_SELF) !== 0 || wire.master === undefined;
}
