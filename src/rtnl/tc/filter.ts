/** Filters of traffic control, and what they do with packets. Source: rtnetlink(7), tc(8) "filter". */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { type LinkRef, resolveLink } from '../link/reference.ts';
import { linkNeeded, type OnLink } from '../named-link.ts';
import { formatFilterParent, parseFilterParent, type TcParent } from './handle.ts';
import { routeHandle } from './kind/route.ts';
import type { U32Options } from './kind/u32.ts';
import { type FilterKinds, filterKinds } from './kinds.ts';
import { deleteTfilter, getTfilter, newTfilter, type TcMessage, type TcMessageInput } from './message.ts';
import {
  type ByKind,
  checkKind,
  indexesIn,
  type ListedOnLink,
  readCommon,
  renameTcPath,
  type TcTold,
  toldMembers,
  writeCommon,
} from './object.ts';
import { decodeOptions } from './options.ts';
import { type TcProtocol, tcProtocol } from './protocol.ts';
import { noCounters } from './xstats/kinds.ts';

/** Where a filter is, and its place among others. */
export interface FilterPlace {
  /** `ingress` or `egress` of clsact, `ingress` of ingress, `root`, or a qdisc or class, `1:`. */
  parent: TcParent;
  /** 1 to 65,535: the lower comes first. Default: one that the kernel chooses, from 49,152 down. */
  priority?: number;
  /** Packets that it is for. Default: `all`. */
  protocol?: TcProtocol;
  /** Number that tells filters of one priority apart; what it means is the kind's affair. Default: one that is free. */
  handle?: number;
  /** Default: 0. */
  chain?: number;
}

/** A filter. */
export type TrafficFilter = ByKind<
  FilterKinds,
  object,
  ListedOnLink & FilterPlace & Required<Pick<FilterPlace, 'priority' | 'protocol' | 'handle'>> & TcTold
>;

/** What makes one. What a list returns is accepted. */
export type TrafficFilterSpec = ByKind<FilterKinds, object, OnLink & FilterPlace & TcTold & CallOptions>;

/** Which filters to delete: with `priority` and `handle` one, with `priority` all that have it, without all of the parent and chain. */
export interface TrafficFilterRef extends OnLink, FilterPlace, CallOptions {
  /** `flower`, `u32`, … */
  kind?: string;
}

export interface TrafficFilterFilter extends ListOptions {
  /** Only filters of this link. */
  dev: LinkRef;
  /** Only filters of this qdisc or class. */
  parent: TcParent;
  /** Only those of this chain. Default: of all. */
  chain?: number;
}

const placeMembers = ['dev', 'devIndex', 'kind', 'options', 'handle', 'parent', 'priority', 'protocol', 'chain', ...toldMembers];
const specMembers: ReadonlySet<string> = new Set(placeMembers);
const filterMembers = memberNames<Omit<TrafficFilterFilter, keyof ListOptions>>({ dev: true, parent: true, chain: true });

/** htons of a protocol that lies in the low half of tcm_info. */
function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

/** One as callers see it. */
export function toFilter(wire: TcMessage, names: ReadonlyMap<number, string>): TrafficFilter {
  return {
    ...readCommon(wire, filterKinds, noCounters, names),
    parent: formatFilterParent(wire.parent),
    priority: wire.info >>> 16,
    protocol: tcProtocol.nameOf(swapped(wire.info & 0xffff)),
    handle: wire.handle,
    ...(wire.chain === undefined || wire.chain === 0 ? {} : { chain: wire.chain }),
  } as unknown as TrafficFilter;
}

function place(spec: TrafficFilterRef | TrafficFilterSpec): TcMessageInput {
  const { parent, priority = 0, protocol = 'all', handle = 0, chain } = spec;
  const value: TcMessageInput = { parent: inArgument('parent', () => parseFilterParent(parent)), handle };
  inArgument('priority', () => checkInteger(priority, spec.priority === undefined ? 0 : 1, 0xffff));
  inArgument('handle', () => checkInteger(handle, 0, 0xffffffff));
  const number = inArgument('protocol', () => tcProtocol.valueOf(protocol));
  // to delete all, neither is said
  const all = spec.priority === undefined && spec.kind === undefined;
  value.info = priority * 0x10000 + (all ? 0 : swapped(number));
  if (chain !== undefined) {
    inArgument('chain', () => checkInteger(chain, 0, 0x0fffffff));
    value.chain = chain;
  }
  return value;
}

function* listed(filter: TrafficFilterFilter): Program<Listed<TcMessage, TrafficFilter>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const { ref, argument } = linkNeeded(filter);
  const parent = inArgument('parent', () => parseFilterParent(filter.parent));
  const { chain } = filter;
  if (chain !== undefined) inArgument('chain', () => checkInteger(chain, 0, 0x0fffffff));
  const index = yield* resolveLink(ref, argument);
  const value: TcMessageInput = { index, parent, ...(chain === undefined ? {} : { chain }) };
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getTfilter, flags: 0, value, expects: 'dump', subject: 'filters' },
    // before the filters of a priority the kernel tells of the priority itself, which holds none
    keep: (wire) => wire.options !== undefined && !isRootTable(wire),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap((wire) => indexesIn(wire, filterKinds)));
      return wires.map((wire) => toFilter(wire, names));
    },
    interrupted: filter.interrupted,
  };
}

/** Numbers from which the kernel takes those of the tables of u32 that it makes by itself: `800:`. */
const firstRootTable = 0x80000000;

/** The table that u32 begins with is there before its first filter, and cannot be made. */
function isRootTable({ kind, handle, options }: TcMessage): boolean {
  if (kind !== 'u32' || handle < firstRootTable || (handle & 0xfffff) !== 0) return false;
  const table = decodeOptions(filterKinds, kind, options) as U32Options;
  return table.divisor === 1;
}

const list = listing(listed);

function* get(ref: TrafficFilterRef & { priority: number }): Program<TrafficFilter> {
  checkOptions(ref, 'ref', specMembers);
  place(ref);
  const { parent, chain, priority, handle } = ref;
  for (const filter of yield* list({ dev: linkNeeded(ref).ref, parent, ...(chain === undefined ? {} : { chain }) }))
    if (filter.priority === priority && (handle === undefined || filter.handle === handle)) return filter;
  throw new NotFoundError('ref', subjectOf(ref), 'ENOENT');
}

function subjectOf({ kind, priority, parent, ...spec }: TrafficFilterRef): string {
  const which = [kind, priority === undefined ? undefined : `priority ${priority}`].filter((part) => part !== undefined).join(' ');
  return `filter ${which} of ${parent} of ${show(spec.dev ?? spec.devIndex)}`;
}

function sender(flags: number) {
  return function* (spec: TrafficFilterSpec): Program<void> {
    checkOptions(spec, 'spec', specMembers);
    checkKind(spec.kind);
    const where = place(spec);
    const common = yield* writeCommon(settable(completed(spec)), filterKinds);
    yield* ask({
      operation: newTfilter,
      flags,
      value: { ...common, ...where, ...named(spec) },
      expects: 'ack' as const,
      subject: subjectOf(spec as TrafficFilterRef),
      rename: renameTcPath,
    });
  };
}

/** Whether a filter is in hardware is told, and refused where it is asked for (tc_flags_valid() in include/net/pkt_cls.h): what a list returns is to be accepted. */
function settable(spec: TrafficFilterSpec): TrafficFilterSpec {
  const flags = (spec.options as { flags?: unknown } | undefined)?.flags;
  if (!Array.isArray(flags)) return spec;
  return {
    ...spec,
    options: { ...spec.options, flags: flags.filter((flag) => flag !== 'in_hw' && flag !== 'not_in_hw') },
  } as TrafficFilterSpec;
}

/** The handle of kinds that have it by what they go by: checked before, with the options. */
function named({ kind, handle, options }: TrafficFilterSpec): { handle?: number } {
  if (kind !== 'route' || handle !== undefined || options === undefined || options instanceof Uint8Array) return {};
  return { handle: routeHandle(options) };
}

/** flower asks for the protocol once more. */
function completed(spec: TrafficFilterSpec): TrafficFilterSpec {
  if (spec.kind !== 'flower' || spec.options instanceof Uint8Array) return spec;
  const { protocol } = spec;
  if (protocol === undefined || protocol === 'all') return spec;
  return { ...spec, options: { ethType: protocol, ...spec.options } } as TrafficFilterSpec;
}

const create: (spec: TrafficFilterSpec) => Program<void> = sender(NLM_F_CREATE | NLM_F_EXCL);
const replace: (spec: TrafficFilterSpec) => Program<void> = sender(NLM_F_CREATE);
const update: (spec: TrafficFilterSpec) => Program<void> = sender(0);

function* remove(ref: TrafficFilterRef): Program<void> {
  checkOptions(ref, 'ref', specMembers);
  const where = place(ref);
  const { ref: dev, argument } = linkNeeded(ref);
  const value: TcMessageInput = { index: yield* resolveLink(dev, argument), ...where };
  if (ref.kind !== undefined) value.kind = ref.kind;
  yield* ask({ operation: deleteTfilter, flags: 0, value, expects: 'ack' as const, subject: subjectOf(ref), rename: renameTcPath });
}

/** The programs of {@link RtnlClient.trafficFilters}. */
export const trafficFilterPrograms = {
  /**
   * The filters of a link at one place, with what their actions have counted. The tables of u32 are among them, but for the one that it begins with.
   *
   * @throws InputError for a bad filter, NotFoundError when `dev` does not exist; NetlinkError `EINVAL` when there is no such parent
   */
  list,
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /** The first filter of a priority, and of a handle if that is given. @throws InputError; NotFoundError `ENOENT` when there is none */
  get,
  /**
   * Adds a filter: `tc filter add`. Names of links in actions are looked up.
   *
   * @throws InputError before anything is sent, NotFoundError naming a link
   * @throws NetlinkError `EEXIST` when the handle is taken, `EINVAL` when there is no such parent, `ENOENT` when the kernel does not know the kind or an action
   */
  create,
  /** Adds a filter, or changes the one with this priority and handle: `tc filter replace`. */
  replace,
  /** Changes a filter: `tc filter change`. @throws NetlinkError `ENOENT` */
  update,
  /** Deletes filters: `tc filter del`. @throws NotFoundError for the link; NetlinkError `ENOENT`, `EINVAL` when there is no such parent */
  delete: remove,
} as const;
