/** Queueing disciplines. Source: rtnetlink(7), tc(8) "qdisc". */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { type LinkRef, resolveLink } from '../link/reference.ts';
import { linkNeeded, type OnLink } from '../named-link.ts';
import { formatHandle, formatParent, ingressHandle, parseHandle, parseParent, type TcHandle, type TcParent } from './handle.ts';
import { type QdiscKinds, qdiscKinds } from './kinds.ts';
import { deleteQdisc, getQdisc, newQdisc, type TcMessage, type TcMessageInput } from './message.ts';
import { type ByKind, checkKind, type ListedOnLink, readCommon, renameTcPath, type TcTold, toldMembers, writeCommon } from './object.ts';
import { type QdiscCounters, qdiscCounters } from './xstats/kinds.ts';

/** Where a qdisc is, and what it is called. */
export interface QdiscPlace {
  /** `1:`. Default: one that is free, from `8001:` on; `ffff:` for clsact and ingress. */
  handle?: TcHandle;
  /** `root`, `ingress` (also of clsact), or the class, `1:10`. Default: `root`, or `ingress` for the kinds clsact and ingress. */
  parent?: TcParent;
  /** Blocks of filters that it shares with other qdiscs. */
  ingressBlock?: number;
  /** Number of the block of filters for what leaves, shared by qdiscs that name it: TCA_EGRESS_BLOCK. */
  egressBlock?: number;
}

/** A queueing discipline. */
export type Qdisc = ByKind<QdiscKinds, QdiscCounters, ListedOnLink & Required<Pick<QdiscPlace, 'handle' | 'parent'>> & QdiscPlace & TcTold>;

/** What makes one. What a list returns is accepted. */
export type QdiscSpec = ByKind<QdiscKinds, QdiscCounters, OnLink & QdiscPlace & TcTold & CallOptions>;

/** Which qdisc of a link: that with `handle`, else that with `parent`. Default: `root`. */
export interface QdiscRef extends OnLink, CallOptions {
  /** Handle of the qdisc: `1:`. */
  handle?: TcHandle;
  /** What it belongs to: `root`, `ingress`, `clsact`, or a class. */
  parent?: TcParent;
  /** To be sure: one of another kind is not taken. */
  kind?: string;
}

export interface QdiscFilter extends ListOptions {
  /** Only qdiscs of this link. */
  dev?: LinkRef;
  /** Only qdiscs of this kind. */
  kind?: string;
  /** Only qdiscs that belong to this. */
  parent?: TcParent;
}

const specMembers: ReadonlySet<string> = new Set([
  ...['dev', 'devIndex', 'kind', 'options', 'handle', 'parent', 'ingressBlock', 'egressBlock'],
  ...toldMembers,
]);
const filterMembers = memberNames<Omit<QdiscFilter, keyof ListOptions>>({ dev: true, kind: true, parent: true });
const refMembers: ReadonlySet<string> = new Set([
  'dev',
  'devIndex',
  'kind',
  'handle',
  'parent',
  'options',
  'ingressBlock',
  'egressBlock',
  ...toldMembers,
]);

/** One as callers see it. */
export function toQdisc(wire: TcMessage, names: ReadonlyMap<number, string>): Qdisc {
  const { ingressBlock, egressBlock } = wire;
  return {
    ...readCommon(wire, qdiscKinds, qdiscCounters, names),
    handle: formatHandle(wire.handle),
    parent: formatParent(wire.parent),
    ...(ingressBlock === undefined ? {} : { ingressBlock }),
    ...(egressBlock === undefined ? {} : { egressBlock }),
  } as unknown as Qdisc;
}

function* listed(filter: QdiscFilter = {}): Program<Listed<TcMessage, Qdisc>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const { dev, kind } = filter;
  if (kind !== undefined) checkKind(kind);
  const parent = filter.parent === undefined ? undefined : inArgument('parent', () => parseParent(filter.parent));
  const index = dev === undefined ? undefined : yield* resolveLink(dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getQdisc, flags: 0, value: index === undefined ? {} : { index }, expects: 'dump', subject: 'qdiscs' },
    // a kernel without strict checking lists those of all links
    keep: (wire) =>
      (index === undefined || wire.index === index) &&
      (kind === undefined || wire.kind === kind) &&
      (parent === undefined || wire.parent === parent),
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      return wires.map((wire) => toQdisc(wire, names));
    },
    interrupted: filter.interrupted,
  };
}

const list = listing(listed);

function* get(ref: QdiscRef): Program<Qdisc> {
  const { wire, subject } = checkRef(ref);
  const { ref: dev } = linkNeeded(ref);
  for (const qdisc of yield* list({ dev }))
    if (wire.handle === undefined ? qdisc.parent === formatParent(wire.parent!) : qdisc.handle === formatHandle(wire.handle))
      if (ref.kind === undefined || ref.kind === qdisc.kind) return qdisc;
  throw new NotFoundError('ref', subject, 'ENOENT');
}

function checkRef(ref: QdiscRef): { wire: TcMessageInput; subject: string } {
  checkOptions(ref, 'ref', refMembers);
  const { handle, kind } = ref;
  if (kind !== undefined) checkKind(kind);
  const number = handle === undefined ? undefined : inArgument('handle', () => parseHandle(handle));
  const parent = ref.parent ?? (handle === undefined ? 'root' : undefined);
  const wire: TcMessageInput = {};
  if (number !== undefined) wire.handle = number;
  if (parent !== undefined) wire.parent = inArgument('parent', () => parseParent(parent));
  return { wire, subject: `qdisc ${handle ?? parent} of ${show(ref.dev ?? ref.devIndex)}` };
}

function* prepared(spec: QdiscSpec): Program<{ value: TcMessageInput; subject: string }> {
  checkOptions(spec, 'spec', specMembers);
  const { kind, handle, ingressBlock, egressBlock } = spec;
  checkKind(kind);
  const atIngress = kind === 'clsact' || kind === 'ingress';
  const parent = inArgument('parent', () => parseParent(spec.parent ?? (atIngress ? 'ingress' : 'root')));
  const own = handle ?? (atIngress ? ingressHandle : undefined);
  const number = own === undefined ? 0 : inArgument('handle', () => parseHandle(own));
  if ((number & 0xffff) !== 0) throw new InputError('handle', `a qdisc's handle has no minor part: ${show(handle)}`);
  for (const [argument, value] of Object.entries({ ingressBlock, egressBlock }))
    if (value !== undefined) inArgument(argument, () => checkInteger(value, 1, 0xffffffff));
  const value = yield* writeCommon(spec, qdiscKinds);
  return {
    value: {
      ...value,
      handle: number,
      parent,
      ...(ingressBlock === undefined ? {} : { ingressBlock }),
      ...(egressBlock === undefined ? {} : { egressBlock }),
    },
    subject: `qdisc ${kind} of ${show(spec.dev ?? spec.devIndex)}`,
  };
}

function sender(flags: number) {
  return function* (spec: QdiscSpec): Program<void> {
    const { value, subject } = yield* prepared(spec);
    yield* ask({ operation: newQdisc, flags, value, expects: 'ack' as const, subject, rename: renameTcPath });
  };
}

const create: (spec: QdiscSpec) => Program<void> = sender(NLM_F_CREATE | NLM_F_EXCL);

const replace: (spec: QdiscSpec) => Program<void> = sender(NLM_F_CREATE | NLM_F_REPLACE);

const update: (spec: QdiscSpec) => Program<void> = sender(0);

function* remove(ref: QdiscRef): Program<void> {
  const { wire, subject } = checkRef(ref);
  const { ref: dev, argument } = linkNeeded(ref);
  const value: TcMessageInput = { ...wire, index: yield* resolveLink(dev, argument) };
  if (ref.kind !== undefined) value.kind = ref.kind;
  // the kernel looks a qdisc up by its parent, and compares the handle
  value.parent ??= parseParent((yield* get(ref)).parent);
  yield* ask({ operation: deleteQdisc, flags: 0, value, expects: 'ack' as const, subject, rename: renameTcPath });
}

function* ensureAbsent(ref: QdiscRef): Program<void> {
  try {
    yield* remove(ref);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** What the kernel says of a qdisc that is not there, or that is the link's own. */
export function isAbsent(error: unknown): boolean {
  return error instanceof NotFoundError || (error instanceof NetlinkError && (error.code === 'ENOENT' || error.code === 'EINVAL'));
}

/** The programs of {@link RtnlClient.qdiscs}. */
export const qdiscPrograms = {
  /**
   * The qdiscs of the namespace, or those that `filter` describes, with their counters.
   *
   * @throws InputError for a bad filter, NotFoundError when `dev` does not exist
   */
  list,
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /**
   * One qdisc. (The kernel has no message to ask for one that every version answers: those of the link are listed.)
   *
   * @throws InputError; NotFoundError `ENODEV` for the link, `ENOENT` when it has no such qdisc
   */
  get,
  /**
   * Adds a qdisc: `tc qdisc add`. One that the link had by itself (noqueue, pfifo_fast) gives way.
   *
   * @throws InputError before anything is sent, NotFoundError naming a link
   * @throws NetlinkError `EEXIST` when there is one, `ENOENT` when the parent is missing or the kernel does not know the kind
   */
  create,
  /** Adds a qdisc, or puts it in the place of another: `tc qdisc replace`. One of the same kind is changed, and what waits in it stays. */
  replace,
  /** Changes the options of a qdisc: `tc qdisc change`. @throws NetlinkError `ENOENT`, `EINVAL` when it is of another kind */
  update,
  /**
   * Deletes a qdisc, with its classes and filters: `tc qdisc del`. At the root the link's own comes back.
   *
   * @throws NotFoundError for the link; NetlinkError `ENOENT` or `EINVAL` when there is none but the link's own
   */
  delete: remove,
  /** Deletes a qdisc if there is one. @throws InputError, NetlinkError of another reason */
  ensureAbsent,
} as const;
