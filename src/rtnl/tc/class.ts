/** Classes of queueing disciplines. Source: rtnetlink(7), tc(8) "class". */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { InputError, NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { type LinkRef, resolveLink } from '../link/reference.ts';
import { linkNeeded, type OnLink } from '../named-link.ts';
import { formatHandle, formatParent, parseHandle, parseParent, type TcHandle, type TcParent } from './handle.ts';
import { type ClassKinds, classKinds } from './kinds.ts';
import { deleteTclass, getTclass, newTclass, type TcMessage, type TcMessageInput } from './message.ts';
import { type ByKind, type ListedOnLink, readCommon, renameTcPath, type TcTold, toldMembers, writeCommon } from './object.ts';
import { type ClassCounters, classCounters } from './xstats/kinds.ts';

/** Where a class is, and what it is called. */
export interface ClassPlace {
  /** `1:10`. */
  handle: TcHandle;
  /** The qdisc, `1:`, or the class above, `1:1`. */
  parent: TcParent;
}

/** The qdisc of a class. */
export interface ClassLeaf {
  /** Handle of the qdisc below it, of those that have one of their own. Read only: tcm_info. */
  leaf?: TcHandle;
}

/** A class. `kind` is that of its qdisc. */
export type TrafficClass = ByKind<ClassKinds, ClassCounters, ListedOnLink & ClassLeaf & ClassPlace & TcTold>;

/** What makes one. What a list returns is accepted. */
export type TrafficClassSpec = ByKind<ClassKinds, ClassCounters, OnLink & ClassPlace & ClassLeaf & TcTold & CallOptions>;

export interface TrafficClassRef extends OnLink, CallOptions {
  /** Handle of the class: `1:10`. */
  handle: TcHandle;
}

export interface TrafficClassFilter extends ListOptions {
  /** Only classes of this link. */
  dev: LinkRef;
  /** Only those of this qdisc or class. */
  parent?: TcParent;
}

const specMembers: ReadonlySet<string> = new Set(['dev', 'devIndex', 'kind', 'options', 'handle', 'parent', 'leaf', ...toldMembers]);
const filterMembers = memberNames<Omit<TrafficClassFilter, keyof ListOptions>>({ dev: true, parent: true });

/** One as callers see it. */
export function toClass(wire: TcMessage, names: ReadonlyMap<number, string>): TrafficClass {
  return {
    ...readCommon(wire, classKinds, classCounters, names),
    handle: formatHandle(wire.handle),
    parent: formatParent(wire.parent),
    // the qdisc below it
    ...(wire.info === 0 ? {} : { leaf: formatHandle(wire.info) }),
  } as unknown as TrafficClass;
}

function* listed(filter: TrafficClassFilter): Program<Listed<TcMessage, TrafficClass>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const { ref, argument } = linkNeeded(filter);
  const parent = filter.parent === undefined ? undefined : inArgument('parent', () => parseParent(filter.parent));
  const index = yield* resolveLink(ref, argument);
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getTclass, flags: 0, value: { index }, expects: 'dump', subject: 'classes' },
    keep: (wire) => wire.index === index && (parent === undefined || wire.parent === parent),
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      return wires.map((wire) => toClass(wire, names));
    },
    interrupted: filter.interrupted,
  };
}

const list = listing(listed);

function* get(ref: TrafficClassRef): Program<TrafficClass> {
  const { handle, subject } = checkRef(ref);
  for (const one of yield* list({ dev: linkNeeded(ref).ref })) if (one.handle === formatHandle(handle)) return one;
  throw new NotFoundError('ref', subject, 'ENOENT');
}

function checkRef(ref: TrafficClassRef): { handle: number; subject: string } {
  checkOptions(ref, 'ref', specMembers);
  const handle = inArgument('handle', () => parseHandle(ref.handle));
  return { handle, subject: `class ${ref.handle} of ${show(ref.dev ?? ref.devIndex)}` };
}

function sender(flags: number) {
  return function* (spec: TrafficClassSpec): Program<void> {
    checkOptions(spec, 'spec', specMembers);
    const handle = inArgument('handle', () => parseHandle(spec.handle));
    if ((handle & 0xffff) === 0) throw new InputError('handle', `a class's handle has a minor part: ${show(spec.handle)}`);
    const parent = inArgument('parent', () => parseParent(spec.parent));
    const value: TcMessageInput = { ...(yield* writeCommon(spec, classKinds)), handle, parent };
    const subject = `class ${spec.handle} of ${show(spec.dev ?? spec.devIndex)}`;
    yield* ask({ operation: newTclass, flags, value, expects: 'ack' as const, subject, rename: renameTcPath });
  };
}

const create: (spec: TrafficClassSpec) => Program<void> = sender(NLM_F_CREATE | NLM_F_EXCL);
const replace: (spec: TrafficClassSpec) => Program<void> = sender(NLM_F_CREATE | NLM_F_REPLACE);
const update: (spec: TrafficClassSpec) => Program<void> = sender(0);

function* remove(ref: TrafficClassRef): Program<void> {
  const { handle, subject } = checkRef(ref);
  const { ref: dev, argument } = linkNeeded(ref);
  const value: TcMessageInput = { index: yield* resolveLink(dev, argument), handle };
  yield* ask({ operation: deleteTclass, flags: 0, value, expects: 'ack' as const, subject, rename: renameTcPath });
}

/** The programs of {@link RtnlClient.trafficClasses}. */
export const trafficClassPrograms = {
  /** The classes of a link, with their counters. @throws InputError for a bad filter, NotFoundError when `dev` does not exist */
  list,
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /** One class. @throws InputError; NotFoundError `ENODEV` for the link, `ENOENT` when it has no such class */
  get,
  /** Adds a class: `tc class add`. @throws InputError, NotFoundError for the link; NetlinkError `EEXIST`, `ENOENT` when the parent is missing */
  create,
  /** Adds a class or changes it: `tc class replace`. */
  replace,
  /** Changes a class: `tc class change`. @throws NetlinkError `ENOENT` */
  update,
  /** Deletes a class: `tc class del`. @throws NotFoundError for the link; NetlinkError `ENOENT`, `EBUSY` while it has classes or filters lead there */
  delete: remove,
} as const;
