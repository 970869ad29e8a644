/** What qdiscs, classes and filters have in common as callers see them. */
import { NLA_F_NESTED } from '../../netlink/codec.ts';
import { InputError } from '../../netlink/errors.ts';
import type { Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { type Named, resolveLinks } from '../link/reference.ts';
import { linkNeeded, type OnLink } from '../named-link.ts';
import type { TcAction } from './action/action.ts';
import { indexesOf, linkOf, nameLink, withIndex } from './action/links.ts';
import { checkShared } from './action/shared.ts';
import { qdiscKinds } from './kinds.ts';
import type { TcMessage, TcMessageInput } from './message.ts';
import { decodeOptions, encodeOptions, type KindTable } from './options.ts';
import { type TcStatistics, toStatistics } from './statistics.ts';

/** An object by kind: options and counters of kinds with a schema have its type, those of others are bytes. */
export type ByKind<Kinds, Counters, Base> =
  | {
      [K in keyof (Kinds & Counters) & string]: Base & {
        /** What it is: TCA_KIND. It decides on `options`. Source: tc(8). */
        kind: K;
        /** Options of the kind. */
        options?: K extends keyof Kinds ? Kinds[K] : Uint8Array;
        /** Counters of the kind. Read only. */
        xstats?: K extends keyof Counters ? Counters[K] : Uint8Array;
      };
    }[keyof (Kinds & Counters) & string]
  | (Base & {
      /** Name of a kind that has no options, or that netloom has no schema for. */
      kind: string;
      /** Payload of TCA_OPTIONS, byte for byte. */
      options?: Uint8Array;
      /** Payload of TCA_XSTATS, byte for byte. Read only. */
      xstats?: Uint8Array;
    });

/** How what is listed says its link. */
export interface ListedOnLink {
  /** Name of the link; left out where it was gone before it could be asked for. */
  dev?: string;
  /** Index of the link: tcm_ifindex. */
  devIndex: number;
}

/** What is only told. */
export interface TcTold {
  /** What has gone through. */
  stats?: TcStatistics;
  /** Whether hardware does it. */
  hwOffload?: boolean;
}

export const toldMembers: readonly (keyof TcTold | 'xstats')[] = ['stats', 'xstats', 'hwOffload'];

/** The link of a message by name and index, and its kind and options. */
export function readCommon(
  wire: TcMessage,
  table: KindTable,
  counters: KindTable,
  names: ReadonlyMap<number, string>,
): { dev?: string; devIndex: number; kind: string; options?: unknown; xstats?: unknown } & TcTold {
  const { index, kind = '', options, stats2, hwOffload } = wire;
  // cake tells them there alone
  const xstats = decodeOptions(counters, kind, wire.xstats ?? stats2?.app);
  const name = names.get(index);
  const decoded = decodeOptions(table, kind, options);
  for (const action of actionsOf(decoded)) nameLink(action, names);
  return {
    ...(name === undefined ? {} : { dev: name }),
    devIndex: index,
    kind,
    ...(decoded === undefined ? {} : { options: decoded }),
    ...(stats2 === undefined ? {} : { stats: toStatistics(stats2) }),
    ...(xstats === undefined ? {} : { xstats }),
    ...(hwOffload === undefined || hwOffload === 0 ? {} : { hwOffload: true }),
  };
}

/** Indexes of the links that a message names. */
export function indexesIn(wire: TcMessage, table: KindTable): number[] {
  const actions = wire.options === undefined ? [] : actionsOf(decodeOptions(table, wire.kind ?? '', wire.options));
  return [wire.index, ...indexesOf(actions)];
}

function actionsOf(options: unknown): TcAction[] {
  const actions = (options as { actions?: unknown } | undefined)?.actions;
  return Array.isArray(actions) ? (actions as TcAction[]) : [];
}

/** @throws InputError unless it is the name of a kind */
export function checkKind(kind: unknown): asserts kind is string {
  if (typeof kind !== 'string' || kind === '')
    throw new InputError('kind', `expected the name of a kind, got ${show(kind)}`, 'ERR_INVALID_ARG_TYPE');
}

const TCA_OPTIONS = 2;
/** Kinds of which the kernel wants the nest of options marked as one; of the others it does not look, and tc(8) leaves it. */
const marked: ReadonlySet<string> = new Set(['ets', 'fq_pie']);
/** Kinds that the kernel makes of options alone, of which none need be said. */
const optioned: ReadonlySet<string> = new Set(['multiq', 'prio']);

/**
 * The link, the kind and the options of a message; the links that it names are looked up in one datagram.
 *
 * @throws InputError before anything is asked, NotFoundError naming the link
 */
export function* writeCommon(spec: OnLink & { kind: string; options?: unknown }, table: KindTable): Program<TcMessageInput> {
  checkKind(spec.kind);
  const own = linkNeeded(spec);
  const links: (Named & { at?: number })[] = [own];
  const actions = actionsOf(spec.options);
  actions.forEach((action, at) => {
    const ref = linkOf(action);
    if (ref !== undefined) links.push({ ref, argument: `options.actions[${at}].options.dev`, at });
  });
  // what is wrong is found before a link is looked up: an index that any link may have stands for those to come
  encodeOptions(
    table,
    spec.kind,
    withIndexes(
      spec.options,
      links.slice(1).map(({ at }) => [at!, 1]),
    ),
  );
  yield* checkShared(actions);
  const indexes = yield* resolveLinks(links);
  const found = links.slice(1).map(({ at }, i): [number, number] => [at!, indexes[i + 1]!]);
  const said = spec.options === undefined && table === qdiscKinds && optioned.has(spec.kind) ? {} : spec.options;
  const options = encodeOptions(table, spec.kind, withIndexes(said, found));
  const value: TcMessageInput = { index: indexes[0]!, kind: spec.kind };
  if (options === undefined) return value;
  return marked.has(spec.kind) ? { ...value, unknown: [{ type: TCA_OPTIONS | NLA_F_NESTED, data: options }] } : { ...value, options };
}

/** Options whose actions, by place, lead to links by index. */
function withIndexes(options: unknown, indexes: readonly (readonly [at: number, index: number])[]): unknown {
  if (indexes.length === 0) return options;
  const actions = [...actionsOf(options)];
  for (const [at, devIndex] of indexes) actions[at] = withIndex(actions[at]!, devIndex);
  return { ...(options as object), actions };
}

/** What a refusal points at, as callers call it. */
export function renameTcPath(path: string): string {
  return path.startsWith('index') ? 'dev' : path;
}
