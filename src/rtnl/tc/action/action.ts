/** Actions of filters, in their order. Source: include/uapi/linux/pkt_cls.h (TCA_ACT_*), tc-actions(8). */
import { attr, attributes, encodeAttribute, walk } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, joinPath, NLA_F_NESTED } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { show, u32 } from '../../../netlink/scalar.ts';
import { bytes, string } from '../../../netlink/text.ts';
import { switches } from '../../link/switches.ts';
import { decodeOptions, encodeOptions, type KindTable, optionsAttribute } from '../options.ts';
import { type TcStatistics, tcStats, toStatistics } from '../statistics.ts';
import type { TcActionState } from './control.ts';
import { type GactOptions, gact } from './gact.ts';
import { type MirredOptions, mirred } from './mirred.ts';
import { type PoliceOptions, police } from './police.ts';

/** Options of the kinds of actions that netloom has a schema for. */
export interface TcActionKinds {
  gact: GactOptions;
  mirred: MirredOptions;
  police: PoliceOptions;
}

export const actionKinds: KindTable = { gact, mirred, police } satisfies { [K in keyof TcActionKinds]: Codec<TcActionKinds[K]> };

/** What actions of all kinds have. */
export interface ActionBase {
  /** Bytes that come back with the action, up to 16: a mark of the one who made it. */
  cookie?: Uint8Array;
  /** TCA_ACT_FLAGS_*: `skipHw`, not for hardware; `skipSw`, for hardware alone. */
  flags?: TcActionAttributes['flags'];
  /** Its number, by which others can share it (`options.index`). Read only. */
  index?: number;
  /** Read only. */
  stats?: TcStatistics;
}

/** An action; `kind` says which. Of a kind without a schema the options are bytes. */
export type TcAction =
  | { [K in keyof TcActionKinds]: ActionBase & { kind: K; options?: TcActionKinds[K] } }[keyof TcActionKinds]
  | (ActionBase & { kind: string; options?: Uint8Array });

const hwStats = switches('nla_bitfield32', 'bits first', { immediate: 1, delayed: 2 });

const actionAttributes_ = attributes('TCA_ACT', () => ({
  kind: attr('TCA_ACT_KIND', 1, string(15)),
  options: { ...optionsAttribute('TCA_ACT_OPTIONS', 2, 1, (kind) => actionKinds[kind]), codec: { ...bytes, typeFlags: NLA_F_NESTED } },
  index: attr('TCA_ACT_INDEX', 3, u32),
  stats: attr('TCA_ACT_STATS', 4, tcStats),
  pad: attr('TCA_ACT_PAD', 5, bytes),
  cookie: attr('TCA_ACT_COOKIE', 6, bytes),
  flags: attr('TCA_ACT_FLAGS', 7, switches('nla_bitfield32', 'bits first', { noPercpuStats: 1, skipHw: 2, skipSw: 4 })),
  hwStats: attr('TCA_ACT_HW_STATS', 8, hwStats),
  usedHwStats: attr('TCA_ACT_USED_HW_STATS', 9, hwStats),
  inHwCount: attr('TCA_ACT_IN_HW_COUNT', 10, u32),
}));
export interface TcActionAttributes extends Infer<typeof actionAttributes_> {}
export const tcActionAttributes: Codec<TcActionAttributes> = actionAttributes_;

const members = memberNames<ActionBase & { kind: string; options: unknown }>({
  kind: true,
  options: true,
  cookie: true,
  flags: true,
  index: true,
  stats: true,
});

function toAction({ kind = '', options, stats, cookie, flags }: TcActionAttributes): TcAction {
  const action: Record<string, unknown> = { kind };
  const read = decodeOptions(actionKinds, kind, options);
  if (read instanceof Uint8Array) action['options'] = read;
  else if (read !== undefined) {
    // a number that is sent back would share the action
    const { index, ...rest } = read as TcActionState;
    action['options'] = rest;
    if (index !== undefined) action['index'] = index;
  }
  if (cookie !== undefined) action['cookie'] = cookie;
  if (flags !== undefined) action['flags'] = flags;
  if (stats !== undefined) action['stats'] = toStatistics(stats);
  return action as unknown as TcAction;
}

function toAttributes(action: TcAction): TcActionAttributes {
  checkMembers(action, '', members);
  const { kind, cookie, flags } = action;
  if (typeof kind !== 'string' || kind === '') throw new InputError('kind', `expected the name of a kind of actions, got ${show(kind)}`);
  const wire: TcActionAttributes = { kind };
  const options = encodeOptions(actionKinds, kind, action.options);
  if (options !== undefined) wire.options = options;
  if (cookie !== undefined) wire.cookie = cookie;
  if (flags !== undefined) wire.flags = flags;
  return wire;
}

/** TCA_ACT_MAX_PRIO. */
const mostActions = 32;

/** A nest whose children are numbered from 1. */
export const tcActions: Codec<TcAction[]> = codec<TcAction[]>('TCA_ACT[]', {
  typeFlags: NLA_F_NESTED,
  decode(source, offset, length) {
    const actions: TcAction[] = [];
    for (const found of walk(source, offset, length)) actions.push(toAction(actionAttributes_.decode(source, found.offset, found.length)));
    return actions;
  },
  encode(writer, actions) {
    if (!Array.isArray(actions) || actions.length > mostActions)
      throw new InputError('', `expected an array of up to ${mostActions} actions, got ${show(actions)}`, 'ERR_INVALID_ARG_TYPE');
    actions.forEach((action, i) => {
      const wire = inArgument(`[${i}]`, () => toAttributes(action));
      encodeAttribute(writer, `[${i}]`, attr<unknown>('TCA_ACT', i + 1, actionAttributes_), wire);
    });
  },
  locate(source, offset, length, target) {
    for (const found of walk(source, offset, length)) {
      if (target < found.start || target >= found.end) continue;
      return joinPath(`[${found.type - 1}]`, actionAttributes_.locate?.(source, found.offset, found.length, target));
    }
    return undefined;
  },
});
