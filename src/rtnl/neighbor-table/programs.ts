/** What can be done with neighbor tables. Source: rtnetlink(7), ip-ntable(8), arp(7). */
import type { IpFamily } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkMembers, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { familyName, familyNumber } from '../family.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, notFound, resolveLink } from '../link/reference.ts';
import { linkSaid } from '../named-link.ts';
import {
  getNeighborTable,
  type NeighborParameters,
  type NeighborTableConfig,
  type NeighborTableMessage,
  type NeighborTableMessageInput,
  type NeighborTableStats,
  setNeighborTable,
} from './message.ts';

/** How entries are resolved and kept: all that can be set is of {@link NeighborParameters}. */
export type NeighborTableParameters = Omit<NeighborParameters, 'ifindex' | 'pad'>;

/** A neighbor table, or what it does on one link, as `ip -s ntable` shows it. */
export interface NeighborTable {
  /** `arp_cache` or `ndisc_cache`. */
  name: string;
  /** `inet` of ARP's, `inet6` of neighbor discovery's. */
  family: IpFamily;
  /** Name of the link that `parameters` are of; left out: the table itself, and what links to come start with. */
  dev?: string;
  /** Index of that link. */
  devIndex?: number;
  /** Entries that are kept in any case. Of the table. */
  thresh1?: number;
  /** Entries above which those older than five seconds go. Of the table. */
  thresh2?: number;
  /** Entries at most. Of the table. */
  thresh3?: number;
  /** Milliseconds between two looks for entries to remove. Of the table. */
  gcInterval?: number;
  /** Those of the link, or those that links to come begin with. */
  parameters: NeighborTableParameters;
  /** Of the table. */
  config?: Partial<NeighborTableConfig>;
  /** Of the table. */
  stats?: Partial<NeighborTableStats>;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

export interface NeighborTableFilter extends ListOptions {
  /** Default: both. */
  family?: IpFamily;
  /** `arp_cache` or `ndisc_cache`. Default: both. */
  name?: string;
  /** Only what tables do on this link. */
  dev?: LinkRef;
}

/** What shall be changed. A member that is `undefined` is not sent. What a list returns is accepted. */
export interface NeighborTableChanges extends CallOptions {
  /** `arp_cache` or `ndisc_cache`. */
  name: string;
  /** Link that `parameters` are for. Default: links to come. */
  dev?: LinkRef;
  /** Index of that link, where `dev` is not given. */
  devIndex?: number;
  /** Of the table; the kernel takes it in the first network namespace only. */
  thresh1?: number;
  /** As `thresh1`: beyond so many entries, unused ones go after five seconds. See arp(7), gc_thresh2. */
  thresh2?: number;
  /** As `thresh1`: never more entries than so many. See arp(7), gc_thresh3. */
  thresh3?: number;
  /** Milliseconds. Of the table. */
  gcInterval?: number;
  /** `refcount` and `reachableTime` are the kernel's and are ignored. */
  parameters?: NeighborTableParameters;
}

const filterMembers = memberNames<Omit<NeighborTableFilter, keyof ListOptions>>({ family: true, name: true, dev: true });

const members = memberNames<Omit<NeighborTableChanges, keyof CallOptions>>({
  name: true,
  dev: true,
  devIndex: true,
  thresh1: true,
  thresh2: true,
  thresh3: true,
  gcInterval: true,
  parameters: true,
});

/** Members of a {@link NeighborTable} that are read only. */
const readOnly = memberNames<Omit<NeighborTable, keyof NeighborTableChanges>>({ family: true, config: true, stats: true, unknown: true });

const parameterMembers = memberNames<NeighborTableParameters>({
  refcount: true,
  reachableTime: true,
  baseReachableTime: true,
  retransmitTime: true,
  gcStaleTime: true,
  delayProbeTime: true,
  queueLength: true,
  appProbes: true,
  unicastProbes: true,
  multicastProbes: true,
  anycastDelay: true,
  proxyDelay: true,
  proxyQueueLength: true,
  lockTime: true,
  queueBytes: true,
  multicastReprobes: true,
  intervalProbeTime: true,
  unknown: true,
});

function linkOf({ parameters }: NeighborTableMessage): number[] {
  return parameters?.ifindex === undefined ? [] : [parameters.ifindex];
}

function toNeighborTable(wire: NeighborTableMessage, names: ReadonlyMap<number, string>): NeighborTable | undefined {
  const family = familyName(wire.family);
  if (family === undefined || wire.name === undefined) return undefined;
  const { ifindex, pad: _pad, ...parameters } = wire.parameters ?? {};
  const table: NeighborTable = { name: wire.name, family, parameters };
  if (ifindex !== undefined) {
    const dev = names.get(ifindex);
    if (dev !== undefined) table.dev = dev;
    table.devIndex = ifindex;
  }
  for (const member of ['thresh1', 'thresh2', 'thresh3', 'gcInterval'] as const) {
    const value = wire[member];
    if (value !== undefined) table[member] = value;
  }
  if (wire.config !== undefined) table.config = wire.config;
  if (wire.stats !== undefined) table.stats = wire.stats;
  if (wire.unknown !== undefined) table.unknown = wire.unknown;
  return table;
}

function* listed(filter: NeighborTableFilter = {}): Program<Listed<NeighborTableMessage, NeighborTable>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  if (filter.name !== undefined) checkName(filter.name);
  const family = familyNumber(filter.family);
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getNeighborTable, flags: 0, value: { family }, expects: 'dump', subject: 'neighbor tables' },
    keep: (wire) =>
      (family === 0 || wire.family === family) &&
      (filter.name === undefined || wire.name === filter.name) &&
      (index === undefined || wire.parameters?.ifindex === index),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap(linkOf));
      return wires.flatMap((wire) => toNeighborTable(wire, names) ?? []);
    },
    interrupted: filter.interrupted,
  };
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || name === '')
    throw new InputError('name', `expected the name of a table, got ${show(name)}`, 'ERR_INVALID_ARG_TYPE');
}

function* update(changes: NeighborTableChanges): Program<void> {
  checkOptions(changes, 'changes', members, readOnly);
  checkName(changes.name);
  const { family } = changes as { family?: IpFamily };
  const link = linkSaid(changes);
  const value: NeighborTableMessageInput = { family: familyNumber(family), name: changes.name };
  for (const member of ['thresh1', 'thresh2', 'thresh3', 'gcInterval'] as const) {
    const given = changes[member];
    if (given === undefined) continue;
    inArgument(member, () => checkInteger(given, 0, member === 'gcInterval' ? Number.MAX_SAFE_INTEGER : 0xffffffff));
    if (link !== undefined) throw new InputError(member, 'is of the table, not of what it does on a link');
    value[member] = given;
  }
  const parameters: NeighborParameters = {};
  if (changes.parameters !== undefined) {
    const { parameters: given } = changes;
    inArgument('parameters', () => checkMembers(given, '', parameterMembers));
    const { refcount: _refcount, reachableTime: _reachableTime, queueLength, ...settable } = given;
    Object.assign(parameters, settable);
    // both say one thing, and a list returns both
    if (queueLength !== undefined && settable.queueBytes === undefined) parameters.queueLength = queueLength;
  }
  if (link !== undefined) parameters.ifindex = yield* resolveLink(link.ref, link.argument);
  if (Object.keys(parameters).length > 0) value.parameters = parameters;
  const subject = link === undefined ? changes.name : `${changes.name} on ${describeLink(link.ref)}`;
  try {
    yield* ask({ operation: setNeighborTable, flags: 0, value, expects: 'ack' as const, subject });
  } catch (error) {
    throw link === undefined ? error : notFound(error, link.ref, link.argument);
  }
}

/** The programs of {@link RtnlClient.neighborTables}. */
export const neighborTablePrograms = {
  /**
   * The neighbor tables, each followed by what it does on every link, or those that `filter` describes.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` does not exist
   */
  list: listing(listed),
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /**
   * Changes a neighbor table, or what it does on one link.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NetlinkError `ENOENT` when there is no such table, or it has nothing for the link
   * @throws NotFoundError when `dev` does not exist
   */
  update,
} as const;
