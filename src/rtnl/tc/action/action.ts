/** Actions of filters, in their order. Source: include/uapi/linux/pkt_cls.h (TCA_ACT_*), tc-actions(8). */
import { attr, attributes, encodeAttribute, walk } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, joinPath, NLA_F_NESTED } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show, u32 } from '../../../netlink/scalar.ts';
import { bytes, string } from '../../../netlink/text.ts';
import { switches } from '../../link/switches.ts';
import { decodeOptions, encodeOptions, type KindTable, optionsAttribute } from '../options.ts';
import { type TcStatistics, tcStats, toStatistics } from '../statistics.ts';
import { type BpfActionOptions, bpfAction } from './bpf.ts';
import { type ConnmarkOptions, connmark } from './connmark.ts';
import { type TcActionTold, toldOfActions } from './control.ts';
import { type CsumOptions, csum } from './csum.ts';
import { type CtOptions, ct } from './ct.ts';
import { type CtinfoOptions, ctinfo } from './ctinfo.ts';
import { type GactOptions, gact } from './gact.ts';
import { type GateOptions, gate } from './gate.ts';
import { type IfeOptions, ife } from './ife.ts';
import { type MirredOptions, mirred } from './mirred.ts';
import { type MplsActionOptions, mplsAction } from './mpls.ts';
import { type NatActionOptions, natAction } from './nat.ts';
import { type PeditOptions, pedit } from './pedit.ts';
import { type PoliceOptions, police } from './police.ts';
import { type SampleOptions, sample } from './sample.ts';
import { type SimpleOptions, simple } from './simple.ts';
import { type SkbeditOptions, skbedit } from './skbedit.ts';
import { type SkbmodOptions, skbmod } from './skbmod.ts';
import { type TunnelKeyOptions, tunnelKey } from './tunnel-key.ts';
import { type VlanActionOptions, vlanAction } from './vlan.ts';

/** Options of the kinds of actions that netloom has a schema for. */
export interface TcActionKinds {
  /** Runs a BPF program: tc-bpf(8). */
  bpf: BpfActionOptions;
  /** Takes the mark of the connection: tc-connmark(8). */
  connmark: ConnmarkOptions;
  /** Makes checksums anew: tc-csum(8). */
  csum: CsumOptions;
  /** Tracks connections: tc-ct(8). */
  ct: CtOptions;
  /** Takes what the mark of the connection says: tc-ctinfo(8). */
  ctinfo: CtinfoOptions;
  /** Lets pass, drops, or goes on: tc-actions(8). */
  gact: GactOptions;
  /** Opens and shuts by a schedule: tc-gate(8). */
  gate: GateOptions;
  /** Carries the mark and other things to another machine: tc-ife(8). */
  ife: IfeOptions;
  /** Mirrors or redirects to a link: tc-mirred(8). */
  mirred: MirredOptions;
  /** Changes labels: tc-mpls(8). */
  mpls: MplsActionOptions;
  /** Translates addresses: tc-nat(8). */
  nat: NatActionOptions;
  /** Changes any bits: tc-pedit(8). */
  pedit: PeditOptions;
  /** Keeps to a rate: tc-police(8). */
  police: PoliceOptions;
  /** Tells of packets by chance: tc-sample(8). */
  sample: SampleOptions;
  /** Writes to the log: tc-simple(8). */
  simple: SimpleOptions;
  /** Changes what the kernel keeps with packets: tc-skbedit(8). */
  skbedit: SkbeditOptions;
  /** Changes the Ethernet header: tc-skbmod(8). */
  skbmod: SkbmodOptions;
  /** Says what tunnel packets go into: tc-tunnel_key(8). */
  tunnel_key: TunnelKeyOptions;
  /** Puts tags on and takes them off: tc-vlan(8). */
  vlan: VlanActionOptions;
}

export const actionKinds: KindTable = {
  bpf: bpfAction,
  connmark,
  csum,
  ct,
  ctinfo,
  gact,
  gate,
  ife,
  mirred,
  mpls: mplsAction,
  nat: natAction,
  pedit,
  police,
  sample,
  simple,
  skbedit,
  skbmod,
  tunnel_key: tunnelKey,
  vlan: vlanAction,
} satisfies { [K in keyof TcActionKinds]: Codec<TcActionKinds[K]> };

/** What actions of all kinds have. */
export interface ActionBase extends TcActionTold {
  /**
   * Within a filter: the number of an action of this kind that exists (`rt.trafficActions`), which the filter shares. It has its own options, so that none are said; where
   * there is no such action, the filter is refused.
   */
  bind?: number;
  /** Bytes that come back with the action, up to 16: a mark of the one who made it. */
  cookie?: Uint8Array;
  /** TCA_ACT_FLAGS_*: `skipHw`, not for hardware; `skipSw`, for hardware alone. */
  flags?: TcActionAttributes['flags'];
  /** What hardware counts it may have: both, or neither, or told at once (`immediate`) or from time to time (`delayed`). Default: any. */
  hwStats?: { immediate?: boolean; delayed?: boolean };
  /** What `hwStats` came to. Read only. */
  usedHwStats?: { immediate?: boolean; delayed?: boolean };
  /** Hardware that does it. Read only. */
  inHwCount?: number;
  /** Read only. */
  stats?: TcStatistics;
}

/** An action; `kind` says which. Of a kind without a schema the options are bytes. */
export type TcAction =
  | {
      [K in keyof TcActionKinds]: ActionBase & {
        /** What it does: TCA_ACT_KIND. It decides on `options`. Source: tc-actions(8). */
        kind: K;
        /** Options of the kind. None are said of one that is shared (`bind`). */
        options?: TcActionKinds[K];
      };
    }[keyof TcActionKinds]
  | (ActionBase & {
      /** Name of a kind that netloom has no schema for. */
      kind: string;
      /** Payload of TCA_ACT_OPTIONS, byte for byte. */
      options?: Uint8Array;
    });

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

export const actionMembers: ReadonlySet<string> = new Set([
  ...['kind', 'options', 'bind', 'cookie', 'flags', 'hwStats', 'usedHwStats', 'inHwCount', 'stats'],
  ...toldOfActions,
]);

/** TC_COOKIE_MAX_SIZE. */
const longestCookie = 16;

/** What of the attributes is told as it is. */
const same = ['cookie', 'flags', 'hwStats', 'usedHwStats', 'inHwCount'] as const;

export function toAction(wire: TcActionAttributes): TcAction {
  const { kind = '', options, stats } = wire;
  const action: Record<string, unknown> = { kind };
  const read = decodeOptions(actionKinds, kind, options);
  if (read instanceof Uint8Array) action['options'] = read;
  else if (read !== undefined) {
    const rest = { ...(read as object) } as Record<string, unknown>;
    action['options'] = rest;
    // what is told is no option: a number that is sent back would share the action
    for (const member of toldOfActions) {
      if (rest[member] !== undefined) action[member] = rest[member];
      delete rest[member];
    }
  }
  if (wire.index !== undefined) action['index'] = wire.index;
  for (const member of same) if (wire[member] !== undefined) action[member] = wire[member];
  if (stats !== undefined) action['stats'] = toStatistics(stats);
  return action as unknown as TcAction;
}

/** @throws InputError naming the member that is wrong */
export function toAttributes(action: TcAction): TcActionAttributes {
  checkMembers(action, '', actionMembers);
  const { kind, cookie, flags, hwStats: counted } = action;
  if (typeof kind !== 'string' || kind === '') throw new InputError('kind', `expected the name of a kind of actions, got ${show(kind)}`);
  const wire: TcActionAttributes = { kind };
  const options = action.bind === undefined ? encodeOptions(actionKinds, kind, action.options) : toShared(action);
  if (options !== undefined) wire.options = options;
  if (cookie !== undefined) {
    if (!(cookie instanceof Uint8Array) || cookie.length === 0 || cookie.length > longestCookie)
      throw new InputError(
        'cookie',
        `expected 1 to ${longestCookie} bytes, got ${cookie instanceof Uint8Array ? cookie.length : show(cookie)}`,
      );
    wire.cookie = cookie;
  }
  if (flags !== undefined) wire.flags = flags;
  // the kernel goes by the bits that are set, and tc(8) says no others
  if (counted !== undefined) {
    inArgument('hwStats', () => checkMembers(counted, '', hwStatsMembers));
    for (const member of ['immediate', 'delayed'] as const) checkBoolean(counted[member], `hwStats.${member}`);
    wire.hwStats = { ...(counted.immediate === true ? { immediate: true } : {}), ...(counted.delayed === true ? { delayed: true } : {}) };
  }
  return wire;
}

/** Attributes TCA_*_PARMS of the kinds and sizes of their structs, which begin with the number of the action: all that is read where one is shared. */
const parms: Readonly<Record<string, readonly [type: number, size: number]>> = {
  ...{
    bpf: [2, 20],
    connmark: [1, 24],
    csum: [1, 24],
    ct: [1, 20],
    ctinfo: [3, 20],
    gact: [2, 20],
    gate: [2, 20],
    ife: [1, 24],
    mirred: [2, 28],
    mpls: [2, 24],
    nat: [1, 36],
  },
  // one key follows: the kernel refuses none before it looks for the action
  pedit: [2, 48],
  ...{ police: [1, 56], sample: [2, 20], simple: [2, 20], skbedit: [2, 20], skbmod: [2, 32], tunnel_key: [2, 24], vlan: [2, 24] },
};

/** Where struct tc_pedit_sel says how many keys there are. */
const keysAt = 4 + 20;

function toShared({ kind, bind, options }: TcAction): Uint8Array {
  inArgument('bind', () => checkInteger(bind, 1, 0xffffffff));
  if (options !== undefined) throw new InputError('options', 'an action that is shared has its own');
  const of = Object.hasOwn(parms, kind) ? parms[kind] : undefined;
  if (of === undefined) throw new InputError('bind', `there is no schema for ${show(kind)}`);
  const [type, size] = of;
  const wire = Buffer.alloc(4 + size);
  wire.writeUInt16LE(4 + size, 0);
  wire.writeUInt16LE(type, 2);
  wire.writeUInt32LE(bind!, 4);
  if (kind === 'pedit') wire[keysAt] = 1;
  return wire;
}

const hwStatsMembers = memberNames<NonNullable<ActionBase['hwStats']>>({ immediate: true, delayed: true });

/** TCA_ACT_MAX_PRIO. */
const mostActions = 32;

/** An action of a message about actions, or what a message about a flush tells. */
export interface ListedAction extends TcActionAttributes {
  /** So many of the kind are gone. */
  flushed?: number;
}

/** What tca_action_flush() in net/sched/act_api.c tells: an element of the number 0, with the numbers of other attributes. */
const flushed_ = attributes('TCA_ACT', () => ({ kind: attr('TCA_ACT_KIND', 1, string(15)), flushed: attr('TCA_FCNT', 6, u32) }));

/** TCA_ACT_TAB and the actions of filters: a nest whose children are numbered from 1. */
export const actionTable: Codec<ListedAction[]> = codec<ListedAction[]>('TCA_ACT[]', {
  typeFlags: NLA_F_NESTED,
  decode(source, offset, length) {
    const actions: ListedAction[] = [];
    for (const found of walk(source, offset, length)) {
      const flush = found.type === 0 ? flushed_.decode(source, found.offset, found.length) : undefined;
      // the first action of a listing has the number 0 as well, and more than a count
      if (flush?.flushed !== undefined && flush.unknown === undefined) actions.push({ ...flush });
      else actions.push(actionAttributes_.decode(source, found.offset, found.length));
    }
    return actions;
  },
  encode(writer, actions) {
    actions.forEach((wire, i) => {
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

/** The actions of a filter, in their order. */
export const tcActions: Codec<TcAction[]> = codec<TcAction[]>('TCA_ACT[]', {
  typeFlags: NLA_F_NESTED,
  decode: (source, offset, length) => actionTable.decode(source, offset, length).map(toAction),
  encode(writer, actions) {
    if (!Array.isArray(actions) || actions.length > mostActions)
      throw new InputError('', `expected an array of up to ${mostActions} actions, got ${show(actions)}`, 'ERR_INVALID_ARG_TYPE');
    actionTable.encode(
      writer,
      actions.map((action, i) => inArgument(`[${i}]`, () => toAttributes(action))),
    );
  },
  locate: actionTable.locate,
});
