/** What can be done with statistics of links, by group. Source: ip-stats(8). */
import { noneOf } from '../../netlink/choices.ts';
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { describeLink, findLink, type LinkRef, notFound, resolveLink } from '../link/reference.ts';
import { getStats, type StatsAttributes, type StatsMessage, type StatsRequest, setStats } from './message.ts';

/** Groups of statistics, by the attribute they come in. */
const groups = { link: 1, xstats: 2, portXstats: 3, offload: 4, families: 5 } as const;

/**
 * A group of statistics: `link` what every link counts; `xstats` what its kind counts (bridge, bond); `portXstats` what its master counts of
 * it; `offload` what hardware does; `families` what protocol families count (MPLS).
 */
export type StatsGroup = keyof typeof groups;

/** Statistics of a link. A group that the link does not have, or that was not asked for, is left out. */
export interface LinkStats extends StatsAttributes {
  /** Name of the link. */
  dev?: string;
  /** Index of the link. */
  devIndex: number;
}

export interface StatsOptions extends CallOptions {
  /** Which groups. Default: all. */
  groups?: readonly StatsGroup[];
}

export interface StatsFilter extends StatsOptions, ListOptions {}

const members = memberNames<Omit<StatsOptions, keyof CallOptions>>({ groups: true });

/** Asks for some groups. The members of `offload` are asked for one by one: CPU_HIT, HW_S_INFO and L3_STATS. */
function wanted(filterMask: number): StatsRequest {
  return (filterMask & (1 << (groups.offload - 1))) === 0 ? { filterMask } : { filterMask, filters: { offload: 0b111 } };
}

/** @throws InputError naming `groups` */
function maskOf(list: readonly StatsGroup[] | undefined): number {
  if (list === undefined) return 0b11111;
  if (!Array.isArray(list) || list.length === 0)
    throw new InputError('groups', `expected a list of groups, got ${show(list)}`, 'ERR_INVALID_ARG_TYPE');
  let mask = 0;
  for (const [i, group] of (list as readonly StatsGroup[]).entries()) {
    const number = typeof group === 'string' && Object.hasOwn(groups, group) ? groups[group] : undefined;
    if (number === undefined) throw new InputError(`groups[${i}]`, noneOf(group, Object.keys(groups)));
    mask |= 1 << (number - 1);
  }
  return mask;
}

function toStats(wire: StatsMessage, name: string | undefined): LinkStats {
  const { index, link, xstats, portXstats, offload, families, unknown } = wire;
  const stats: LinkStats = name === undefined ? { devIndex: index } : { dev: name, devIndex: index };
  return Object.assign(
    stats,
    Object.fromEntries(Object.entries({ link, xstats, portXstats, offload, families, unknown }).filter(([, value]) => value !== undefined)),
  );
}

function* listed(filter: StatsFilter = {}): Program<Listed<StatsMessage, LinkStats>> {
  checkOptions(filter, 'filter', members, listMembers);
  const namesOf = rememberedLinkNames();
  return {
    request: {
      operation: getStats,
      flags: 0,
      value: wanted(maskOf(filter.groups)),
      expects: 'dump',
      subject: 'statistics',
    },
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      return wires.map((wire) => toStats(wire, names.get(wire.index)));
    },
    interrupted: filter.interrupted,
  };
}

function* get(link: LinkRef, options: StatsOptions = {}): Program<LinkStats> {
  checkOptions(options, 'options', members);
  const filterMask = maskOf(options.groups);
  const { index, name } = yield* findLink(link, 'link');
  try {
    const value = { index, ...wanted(filterMask) };
    const wire = yield* ask({ operation: getStats, flags: 0, value, expects: 'reply' as const, subject: describeLink(link) });
    return toStats(wire, name);
  } catch (error) {
    throw notFound(error, link, 'link');
  }
}

/** What `set` takes. */
export interface SetStatsOptions extends CallOptions {
  /** Whether hardware is to count what it forwards for the link (Linux 5.18). */
  l3: boolean;
}

const setMembers = memberNames<Omit<SetStatsOptions, keyof CallOptions>>({ l3: true });

function* set(link: LinkRef, options: SetStatsOptions): Program<void> {
  checkOptions(options, 'options', setMembers);
  inArgument('l3', () => {
    if (typeof options.l3 !== 'boolean')
      throw new InputError('', `expected true or false, got ${show(options.l3)}`, 'ERR_INVALID_ARG_TYPE');
  });
  const index = yield* resolveLink(link, 'link');
  try {
    const value = { index, setL3: options.l3 };
    yield* ask({ operation: setStats, flags: 0, value, expects: 'ack' as const, subject: describeLink(link) });
  } catch (error) {
    throw notFound(error, link, 'link');
  }
}

/** The programs of {@link RtnlClient.stats}: `list` and `stream` give the statistics of all links. */
export const statsPrograms = {
  /** The counters of all links of the namespace, or of the `groups` that are asked for: one entry a link. @throws InputError for a bad filter */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /**
   * The statistics of one link.
   *
   * @throws InputError for a bad option
   * @throws NotFoundError when the link does not exist
   */
  get,
  /**
   * Sets what is counted.
   *
   * @throws InputError for a bad option
   * @throws NotFoundError when the link does not exist
   */
  set,
} as const;
