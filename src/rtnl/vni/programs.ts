/** What can be done with the VNIs of a vxlan that carries many (`external` and `vnifilter`). Source: bridge(8), "bridge vni". */
import { addressFamily, formatAddress, parseAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { type Listed, type ListOptions, listing, listMembers, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { describeRange, numbersOf, type Range, rangeOf, ranges } from '../bridge-vlan/ranges.ts';
import { AF_BRIDGE } from '../family.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, type Named, notFound, resolveLink } from '../link/reference.ts';
import { linkNeeded } from '../named-link.ts';
import { settled, undoing } from '../undo.ts';
import {
  deleteTunnel,
  getTunnel,
  newTunnel,
  type TunnelMessage,
  type TunnelOperation,
  tunnelStats,
  type VniEntry,
  type VniStats,
} from './message.ts';

/** VNIs that a vxlan takes in, as `bridge -s vni` shows them. */
export interface Vni {
  /** Name of the vxlan. */
  dev?: string;
  /** Index of the vxlan. */
  devIndex: number;
  /** 0 to 16,777,215; with `end`, the first of several. */
  vni: number;
  /** The last of several that are alike. */
  end?: number;
  /** Multicast group, or the one other end, that frames to unknown addresses go to. */
  group?: string;
  /** What has gone through, where that was asked for. */
  stats?: VniStats;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** Which VNIs are meant. What a list returns is accepted. */
export interface VniSelector extends CallOptions {
  /** The vxlan. */
  dev?: LinkRef;
  /** Index of the vxlan, where `dev` is not given. */
  devIndex?: number;
  /** 0 to 16,777,215; with `end`, the first of several. */
  vni: number;
  /** The last of several. */
  end?: number;
}

/** VNIs that shall be. */
export interface VniSpec extends VniSelector {
  /** Multicast group, or the one other end, that frames to unknown addresses go to. Default: that of the vxlan. */
  group?: string;
}

export interface VniFilter extends ListOptions {
  /** Only those of this vxlan. */
  dev?: LinkRef;
  /** One object for VNIs that follow each other and are alike, with `end`, as the kernel tells them. Default: one a VNI. */
  ranges?: boolean;
  /** Read the counters too. The kernel then tells each VNI by itself. */
  stats?: boolean;
}

const members = memberNames<Omit<VniSpec, keyof CallOptions>>({ dev: true, devIndex: true, vni: true, end: true, group: true });
/** Members of a {@link Vni} that are read only. */
const readOnly = memberNames<Omit<Vni, keyof VniSpec>>({ stats: true, unknown: true });
const filterMembers = memberNames<Omit<VniFilter, keyof ListOptions>>({ dev: true, ranges: true, stats: true });

function toVnis(entry: VniEntry, devIndex: number, dev: string | undefined, asRanges: boolean): Vni[] {
  const { start, end = start, stats } = entry;
  if (start === undefined || end === undefined) return [];
  const common: Omit<Vni, 'vni'> = { devIndex };
  if (dev !== undefined) common.dev = dev;
  const group = entry.group ?? entry.group6;
  if (group !== undefined) common.group = group;
  if (stats !== undefined) {
    const { pad: _pad, ...counters } = stats;
    common.stats = counters;
  }
  if (entry.unknown !== undefined) common.unknown = entry.unknown;
  if (asRanges) return [{ vni: start, ...(end === start ? {} : { end }), ...common }];
  return Array.from({ length: end - start + 1 }, (_, i) => ({ vni: start + i, ...common }));
}

function* listed(filter: VniFilter = {}): Program<Listed<TunnelMessage, Vni>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  checkBoolean(filter.ranges, 'ranges');
  checkBoolean(filter.stats, 'stats');
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    ...dumpOf(index, filter.stats),
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      return wires.flatMap((wire) =>
        (wire.entries ?? []).flatMap((entry) => toVnis(entry, wire.index, names.get(wire.index), filter.ranges === true)),
      );
    },
    interrupted: filter.interrupted,
  };
}

function dumpOf(index: number | undefined, stats = false): Omit<Listed<TunnelMessage, unknown>, 'convert'> {
  return {
    request: {
      operation: getTunnel,
      flags: 0,
      value: { family: AF_BRIDGE, index: index ?? 0, flags: stats ? tunnelStats : 0 },
      expects: 'dump',
      subject: 'VNIs',
    },
    keep: (wire) => index === undefined || wire.index === index,
  };
}

/** The VNIs of one vxlan, by number. */
function* vnisAt(index: number): Program<Map<number, Vni>> {
  const found = new Map<number, Vni>();
  for (const wire of yield* messages(dumpOf(index)))
    for (const entry of wire.entries ?? []) for (const vni of toVnis(entry, index, undefined, false)) found.set(vni.vni, vni);
  return found;
}

interface Plan {
  readonly link: Named;
  readonly index: number;
  readonly range: Range;
  readonly group: string | undefined;
  readonly subject: string;
}

function* planned(spec: VniSpec): Program<Plan> {
  checkOptions(spec, 'vni', members, readOnly);
  const link = linkNeeded(spec);
  const range = rangeOf(spec.vni, spec.end, 'vni', 0, 0xffffff);
  if (spec.group !== undefined && (typeof spec.group !== 'string' || addressFamily(spec.group) === undefined))
    throw new InputError('group', `expected an IP address, got ${show(spec.group)}`);
  const group = spec.group === undefined ? undefined : formatAddress(parseAddress(spec.group));
  const index = yield* resolveLink(link.ref, link.argument);
  return { link, index, range, group, subject: `VNI ${describeRange(range)} of ${describeLink(link.ref)}` };
}

function* change(operation: TunnelOperation, plan: Plan, { first, last }: Range, group: string | undefined): Program<void> {
  const entry: VniEntry = { start: first };
  if (last !== first) entry.end = last;
  if (group !== undefined) entry[addressFamily(group) === 'inet' ? 'group' : 'group6'] = group;
  const { index, subject, link } = plan;
  const rename = (path: string): string => (/group/.test(path) ? 'group' : 'vni');
  try {
    yield* ask({ operation, flags: 0, value: { family: AF_BRIDGE, index, entries: [entry] }, expects: 'ack' as const, subject, rename });
  } catch (error) {
    throw notFound(error, link.ref, link.argument);
  }
}

/** Adds VNIs or gives them a group: all of them or none; what was there before comes back. */
function* set(plan: Plan, before: ReadonlyMap<number, Vni>, wanted: readonly Range[]): Program<void> {
  yield* settled(
    undoing(
      (function* (): Program<void> {
        for (const range of wanted) yield* change(newTunnel, plan, range, plan.group);
      })(),
      function* () {
        const now = yield* vnisAt(plan.index);
        for (const vni of wanted.flatMap(numbersOf)) {
          const old = before.get(vni);
          const range = { first: vni, last: vni };
          if (old === undefined) {
            if (now.has(vni)) yield* change(deleteTunnel, plan, range, undefined);
          } else if (old.group !== now.get(vni)?.group) yield* change(newTunnel, plan, range, old.group);
        }
      },
    ),
  );
}

const EEXIST = 17;

function* create(spec: VniSpec): Program<void> {
  const plan = yield* planned(spec);
  const before = yield* vnisAt(plan.index);
  if (numbersOf(plan.range).some((vni) => before.has(vni)))
    throw new NetlinkError({ syscall: newTunnel.name, subject: plan.subject, errno: EEXIST, attribute: 'vni' });
  yield* set(plan, before, [plan.range]);
}

function* replace(spec: VniSpec): Program<void> {
  const plan = yield* planned(spec);
  yield* set(plan, yield* vnisAt(plan.index), [plan.range]);
}

function* ensure(spec: VniSpec): Program<void> {
  const plan = yield* planned(spec);
  const before = yield* vnisAt(plan.index);
  const wrong = numbersOf(plan.range).filter((vni) => {
    const found = before.get(vni);
    return found === undefined || (plan.group !== undefined && found.group !== plan.group);
  });
  if (wrong.length > 0) yield* set(plan, before, ranges(wrong));
}

function* remove(spec: VniSelector): Program<void> {
  const plan = yield* planned(spec);
  const before = yield* vnisAt(plan.index);
  const missing = numbersOf(plan.range).find((vni) => !before.has(vni));
  if (missing !== undefined) throw new NotFoundError('vni', `VNI ${missing} of ${describeLink(plan.link.ref)}`, 'ENOENT');
  yield* change(deleteTunnel, plan, plan.range, undefined);
}

function* ensureAbsent(spec: VniSelector): Program<void> {
  try {
    const plan = yield* planned(spec);
    const before = yield* vnisAt(plan.index);
    for (const range of ranges(numbersOf(plan.range).filter((vni) => before.has(vni)))) yield* change(deleteTunnel, plan, range, undefined);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/** The programs of {@link RtnlClient.vnis}. */
export const vniPrograms = {
  /** @throws InputError for a bad filter; NotFoundError when `dev` does not exist */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * Lets a vxlan take in VNIs: all that are said, or none.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when the link does not exist
   * @throws NetlinkError `EEXIST` when it takes in one of them, as it is read before; `EOPNOTSUPP` or `EINVAL` for a link that is no vxlan with `vnifilter`
   */
  create,

  /** Lets a vxlan take in VNIs; those that it takes in get this group. */
  replace,

  /** Lets a vxlan take in those of the VNIs that it does not, or has another group for. */
  ensure,

  /**
   * Lets a vxlan take in VNIs no more.
   *
   * @throws NotFoundError `ENODEV` for the link, `ENOENT` when it does not take in one of them, as it is read before
   */
  delete: remove,

  /** Lets a vxlan take in VNIs no more, those of them that it does. A link that does not exist has none. */
  ensureAbsent,
} as const;
