/** Which neighbors to list. */
import { type IpFamily, parsePrefix } from '../../netlink/address.ts';
import { type Listed, type ListOptions, listMembers } from '../../netlink/dump.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { AF_INET, AF_INET6, familyNumber } from '../family.ts';
import { type LinkRef, type Named, resolveLinks } from '../link/reference.ts';
import { type RouteProtocol, routeProtocol } from '../route/enumerations.ts';
import { within } from '../within.ts';
import { type NeighborState, NTF_EXT_LEARNED, NTF_PROXY, neighborState } from './flags.ts';
import { getNeighbor, type NeighborMessage, type NeighborMessageInput } from './message.ts';

/** Which neighbors to list. */
export interface NeighborFilter extends ListOptions {
  /** Default: both. */
  family?: IpFamily;
  /** Only neighbors on this link. */
  dev?: LinkRef;
  /** Only neighbors on links that have this master: a bridge, a VRF, … */
  master?: LinkRef;
  /** Only neighbors in this state, or in one of these; `'all'`: in any. What is learned by a process (`extern_learn`) counts as in any state. */
  state?: NeighborState | 'all' | readonly NeighborState[];
  /** The addresses that are answered for, instead of the neighbors. */
  proxy?: boolean;
  /** Only addresses within this network. */
  to?: string;
  /** Only entries made by this. */
  protocol?: RouteProtocol;
}

const members = memberNames<Omit<NeighborFilter, keyof ListOptions>>({
  family: true,
  dev: true,
  master: true,
  state: true,
  proxy: true,
  to: true,
  protocol: true,
});

/** How neighbors are read from the kernel. */
export type NeighborSelection = Omit<Listed<NeighborMessage, unknown>, 'convert'>;

/** The bit that stands for `none`, which has none on the wire. */
const noneBit = 0x10000;

function stateMask(state: NonNullable<NeighborFilter['state']>): number {
  if (state === 'all') return -1;
  const wanted: readonly NeighborState[] = Array.isArray(state) ? state : [state as NeighborState];
  let mask = 0;
  for (const one of wanted) mask |= neighborState.valueOf(one) || noneBit;
  return mask;
}

/**
 * @param states the states to list when `filter` says none: their bits
 * @throws InputError for a bad filter
 * @throws NotFoundError when `dev` or `master` does not exist
 */
export function* selectNeighbors(filter: NeighborFilter, states: number): Program<NeighborSelection> {
  checkOptions(filter, 'filter', members, listMembers);
  checkBoolean(filter.proxy, 'proxy');
  const family = familyNumber(filter.family);
  const { state } = filter;
  const mask = state === undefined ? states & 0xffff : inArgument('state', () => stateMask(state));
  const protocol = filter.protocol === undefined ? undefined : inArgument('protocol', () => routeProtocol.valueOf(filter.protocol!));
  const inNetwork = filter.to === undefined ? undefined : within(inArgument('to', () => parsePrefix(filter.to)));
  const value: NeighborMessageInput = { family };
  if (filter.proxy === true) {
    if (state !== undefined) throw new InputError('state', `${show(state)}: a proxy entry has no state`);
    value.flags = NTF_PROXY;
  }
  const links: (Named & { member: 'ifindex' | 'master' })[] = [];
  if (filter.dev !== undefined) links.push({ ref: filter.dev, argument: 'dev', member: 'ifindex' });
  if (filter.master !== undefined) links.push({ ref: filter.master, argument: 'master', member: 'master' });
  const indexes = yield* resolveLinks(links);
  links.forEach(({ member }, i) => {
    value[member] = indexes[i]!;
  });
  const { ifindex } = value;
  return {
    request: { operation: getNeighbor, flags: 0, value, expects: 'dump', subject: 'neighbors' },
    interrupted: filter.interrupted,
    keep: (wire) =>
      (family === 0 ? wire.family === AF_INET || wire.family === AF_INET6 : wire.family === family) &&
      (ifindex === undefined || wire.index === ifindex) &&
      (wire.flags & NTF_PROXY) === (value.flags ?? 0) &&
      (filter.proxy === true || (wire.flags & NTF_EXT_LEARNED) !== 0 || ((wire.state || noneBit) & mask) !== 0) &&
      (protocol === undefined || (wire.protocol !== undefined && routeProtocol.valueOf(wire.protocol) === protocol)) &&
      (inNetwork === undefined || (wire.dst !== undefined && inNetwork(wire.dst))),
  };
}
