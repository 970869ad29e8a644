/** Actions by themselves, which filters share by their number. Source: tc-actions(8), net/sched/act_api.c. */
import { type Listed, type Listing, type ListOptions, listing, listMembers, streaming } from '../../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/message.ts';
import type { Request } from '../../../netlink/operation.ts';
import { ask, type CallOptions, isStream, type Program, type Streaming, type StreamProgram } from '../../../netlink/program.ts';
import { checkInteger } from '../../../netlink/scalar.ts';
import { rememberedLinkNames } from '../../link/names.ts';
import { resolveLink } from '../../link/reference.ts';
import { checkKind } from '../object.ts';
import { actionKinds, actionMembers, type ListedAction, type TcAction, toAction, toAttributes } from './action.ts';
import { indexesOf, linkOf, nameLink, withIndex } from './links.ts';
import { deleteAction, getAction, newAction, type TcActionMessage } from './message.ts';

/** An action by itself. */
export type TrafficAction = TcAction & {
  /** Its number among those of its kind; 0 where netloom has no schema for the kind, whose options say it. */
  index: number;
  /** In a monitor: so many of the kind were flushed. `index` is 0. */
  flushed?: number;
};

/** What makes one: `index` is its number, by default one that is free. What a list returns is accepted. */
export type TrafficActionSpec = TcAction & CallOptions;

/** Which action. */
export interface TrafficActionRef extends CallOptions {
  /** Kind of the action: `gact`, `mirred`, `police`, … */
  kind: string;
  /** Its number among those of the kind. */
  index: number;
}

export interface TrafficActionFilter extends ListOptions {
  /** Only those of this kind. Default: of all kinds that netloom has options for. */
  kind?: string;
  /** Only those that a packet met within so many milliseconds. */
  usedWithin?: number;
}

const filterMembers = memberNames<Omit<TrafficActionFilter, keyof ListOptions>>({ kind: true, usedWithin: true });

/** One as callers see it. */
export function toTrafficAction(wire: ListedAction, names: ReadonlyMap<number, string>): TrafficAction {
  const action = { index: 0, ...toAction(wire) } as TrafficAction;
  if (wire.flushed !== undefined) action.flushed = wire.flushed;
  nameLink(action, names);
  return action;
}

function* listed(filter: TrafficActionFilter & { kind: string }): Program<Listed<TcActionMessage, TrafficAction>> {
  const { kind, usedWithin } = filter;
  const namesOf = rememberedLinkNames();
  return {
    request: {
      operation: getAction,
      flags: 0,
      value: { actions: [{ kind }], flags: { largeDump: true }, ...(usedWithin === undefined ? {} : { timeDelta: usedWithin }) },
      expects: 'dump',
      subject: `actions ${kind}`,
    },
    *convert(wires) {
      const found = wires.flatMap(({ actions = [] }) => actions);
      const names = yield* namesOf(indexesOf(found.map(toAction)));
      return found.map((wire) => toTrafficAction(wire, names));
    },
    interrupted: filter.interrupted,
  };
}

/** The kernel lists a kind at a time. @throws InputError */
function kindsOf(filter: TrafficActionFilter): readonly string[] {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const { kind, usedWithin } = filter;
  if (usedWithin !== undefined) inArgument('usedWithin', () => checkInteger(usedWithin, 0, 0xffffffff));
  if (kind === undefined) return Object.keys(actionKinds);
  checkKind(kind);
  return [kind];
}

const listOfKind = listing(listed);
const streamOfKind = streaming(listed);

function* list(filter: TrafficActionFilter = {}): Program<Listing<TrafficAction>> {
  const all: TrafficAction[] = [];
  let interrupted = false;
  for (const kind of kindsOf(filter)) {
    const some = yield* listOfKind({ ...filter, kind });
    if (some.interrupted === true) interrupted = true;
    all.push(...some);
  }
  return interrupted ? Object.defineProperty(all, 'interrupted', { value: true }) : all;
}

function* streamed(filter: TrafficActionFilter = {}): StreamProgram<TrafficAction> {
  for (const kind of kindsOf(filter)) yield* streamOfKind({ ...filter, kind });
}

const stream: Streaming<[filter?: TrafficActionFilter], TrafficAction> = Object.assign(streamed, { [isStream]: true } as const);

function checkRef(ref: TrafficActionRef): { actions: ListedAction[]; subject: string } {
  checkOptions(ref, 'ref', actionMembers);
  const { kind, index } = ref;
  checkKind(kind);
  inArgument('index', () => checkInteger(index, 1, 0xffffffff));
  return { actions: [{ kind, index }], subject: `action ${kind} ${index}` };
}

/** What the kernel says of an action that is not there, and of a kind that has none. */
function isMissing(error: unknown): boolean {
  return error instanceof NetlinkError && (error.code === 'ENOENT' || error.code === 'EINVAL');
}

function* get(ref: TrafficActionRef): Program<TrafficAction> {
  const { actions, subject } = checkRef(ref);
  try {
    const answer = yield* ask({ operation: getAction, flags: 0, value: { actions }, expects: 'reply' as const, subject });
    return yield* shown(answer, subject);
  } catch (error) {
    throw isMissing(error) ? new NotFoundError('ref', subject, 'ENOENT', { cause: error }) : error;
  }
}

function* shown({ actions = [] }: TcActionMessage, subject: string): Program<TrafficAction> {
  const [wire] = actions;
  if (wire === undefined) throw new NotFoundError('ref', subject, 'ENOENT');
  return toTrafficAction(wire, yield* rememberedLinkNames()(indexesOf([toAction(wire)])));
}

/** The action as attributes. @throws InputError before anything is asked, NotFoundError naming a link */
function* prepared(spec: TrafficActionSpec): Program<{ actions: ListedAction[]; subject: string }> {
  checkOptions(spec, 'spec', actionMembers);
  checkKind(spec.kind);
  const { signal: _, timeout: __, index = 0, ...rest } = spec;
  if (rest.bind !== undefined) throw new InputError('bind', 'is for actions within filters');
  inArgument('index', () => checkInteger(index, 0, 0xffffffff));
  const opaque = rest.options instanceof Uint8Array;
  if (opaque && index !== 0) throw new InputError('index', 'is part of the options where those are bytes');
  // by the struct of its options alone the number can be said
  const action = (opaque || index === 0 ? rest : { ...rest, options: { ...(rest.options as object), index } }) as TcAction;
  const dev = linkOf(action);
  // what is wrong is found before the link is looked up: an index that any link may have stands for that to come
  const wire = toAttributes(dev === undefined ? action : withIndex(action, 1));
  const resolved = dev === undefined ? wire : toAttributes(withIndex(action, yield* resolveLink(dev, 'options.dev')));
  return { actions: [resolved], subject: `action ${spec.kind}${index === 0 ? '' : ` ${index}`}` };
}

function sender(flags: number) {
  return function* (spec: TrafficActionSpec): Program<TrafficAction> {
    const { actions, subject } = yield* prepared(spec);
    const told = yield* ask({ operation: newAction, flags, value: { actions }, expects: 'echo' as const, subject, rename });
    return yield* shown(told[0] ?? ({} as TcActionMessage), subject);
  };
}

/** What a refusal points at, as callers call it. */
function rename(path: string): string {
  return path.replace(/^actions\[0\]\.?/, '') || 'spec';
}

const create: (spec: TrafficActionSpec) => Program<TrafficAction> = sender(NLM_F_CREATE | NLM_F_EXCL);
const replace: (spec: TrafficActionSpec) => Program<TrafficAction> = sender(NLM_F_CREATE | NLM_F_REPLACE);

function* update(spec: TrafficActionSpec): Program<TrafficAction> {
  checkOptions(spec, 'spec', actionMembers);
  const { index } = spec;
  if (index === undefined) throw new InputError('index', 'is needed: which action to change', 'ERR_INVALID_ARG_TYPE');
  // the kernel would make one
  yield* get({ kind: spec.kind, index });
  return yield* replace(spec);
}

function* remove(ref: TrafficActionRef): Program<void> {
  const { actions, subject } = checkRef(ref);
  yield* deletion({ operation: deleteAction, flags: 0, value: { actions }, expects: 'ack', subject, rename }, ref.kind, ref.index);
}

/** The kernel says EPERM both of a privilege that is lacking and of an action that a filter has. */
function* deletion(request: Request<unknown, 'ack'>, kind: string, index?: number): Program<void> {
  try {
    yield* ask(request);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EPERM') throw error;
    const bound = (yield* listOfKind({ kind })).filter((each) => (each.bindings ?? 0) > 0 && (index === undefined || each.index === index));
    if (bound.length === 0) throw error;
    const which = bound.map((each) => each.index).join(', ');
    throw new NetlinkError({
      syscall: error.syscall,
      subject: request.subject,
      errno: error.errno,
      hint: `filters have ${kind} ${which}: they must go first`,
    });
  }
}

function* ensureAbsent(ref: TrafficActionRef): Program<void> {
  try {
    yield* remove(ref);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** NLM_F_ROOT: of all. */
const NLM_F_ROOT = 0x100;

function* flush({ kind, ...options }: { kind: string } & CallOptions): Program<void> {
  checkOptions(options, 'options', new Set());
  checkKind(kind);
  const subject = `actions ${kind}`;
  yield* deletion({ operation: deleteAction, flags: NLM_F_ROOT, value: { actions: [{ kind }] }, expects: 'ack', subject, rename }, kind);
}

/** The programs of {@link RtnlClient.trafficActions}. */
export const trafficActionPrograms = {
  /**
   * The actions of a kind, or of all kinds that netloom has options for, with their counters; those of filters are among them: `tc actions list`.
   *
   * @throws InputError for a bad filter
   */
  list,
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream,
  /** One action: `tc actions get`. @throws InputError; NotFoundError `ENOENT` when there is none */
  get,
  /**
   * Makes an action that filters can share: `tc actions add`.
   *
   * @returns it, with its number
   * @throws InputError before anything is sent, NotFoundError naming a link
   * @throws NetlinkError `EEXIST` when the number is taken, `ENOENT` when the kernel does not know the kind
   */
  create,
  /** Makes an action, or gives the one with this number other options, in all filters that share it: `tc actions replace`. */
  replace,
  /** Gives an action other options, in all filters that share it: `tc actions change`. @throws NotFoundError `ENOENT` when there is none */
  update,
  /** Deletes an action: `tc actions delete`. @throws NetlinkError `ENOENT` when there is none, `EPERM` while filters have it */
  delete: remove,
  /** Deletes an action if there is one. @throws InputError, NetlinkError of another reason */
  ensureAbsent,
  /** Deletes all actions of a kind: `tc actions flush`. @throws NetlinkError `EPERM` while filters have one */
  flush,
} as const;
