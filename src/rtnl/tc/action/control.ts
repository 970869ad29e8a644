/** What becomes of a packet after an action. Source: include/uapi/linux/pkt_cls.h (TC_ACT_*). */
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { type Enumerated, type EnumerationCodec, enumeration } from '../../../netlink/enumeration.ts';
import { inArgument } from '../../../netlink/input.ts';
import { checkInteger, s32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const values = { continue: -1, pass: 0, reclassify: 1, drop: 2, pipe: 3, stolen: 4, queued: 5, repeat: 6, redirect: 7, trap: 8 } as const;

/**
 * What becomes of a packet after an action: `pipe`, the next action has it; `pass` and `drop` end it; `continue`, the next filter; the names of tc-actions(8). To go to
 * a chain is the number 0x20000000 and the chain's.
 */
export type TcControl = Enumerated<typeof values>;
export const control: EnumerationCodec<typeof values> = enumeration(s32, values);

/** The beginning of most structs of actions, tc_gen. */
export const genericFields = {
  /** Of the action: 0 in a request: a new one. */
  index: fields.u32,
  capab: fields.u32,
  action: fields.s32,
  refcnt: fields.s32,
  bindcnt: fields.s32,
} as const;

/** What options of actions have in common. */
export interface TcActionState {
  /**
   * Number of the action. Within a filter: that of one that exists is shared as it is, whatever is said beside it; another makes a new one. Default: one that is free.
   */
  index?: number;
}

/** The beginning of a struct, for a request. @throws InputError naming the member that is wrong */
export function genericOf({ index = 0, control: given }: TcActionState & { control?: TcControl }, usual: TcControl): Infer<typeof tcGen> {
  inArgument('index', () => checkInteger(index, 0, 0xffffffff));
  return { index, capab: 0, action: inArgument('control', () => control.valueOf(given ?? usual)), refcnt: 0, bindcnt: 0 };
}

const tcGen = struct('tc_gen', () => genericFields);

/** The struct of kinds that have no more than its beginning. */
export const generic: Codec<Infer<typeof tcGen>> = structCodec(tcGen);

/** What is told of an action besides its options. */
export interface TcActionTold {
  /** Its number, by which others can share it. */
  index?: number;
  /** By how many it is held: filters, and the one who made it by itself. */
  references?: number;
  /** Filters that have it. */
  bindings?: number;
  /** Seconds since it was made, to a hundredth. */
  age?: number;
  /** Seconds since a packet last met it, or since it was made. */
  lastUsed?: number;
  /** Seconds since a packet first met it. Absent: none has. */
  firstUsed?: number;
  /** Seconds until it is gone; absent: it stays. */
  expires?: number;
}

export const toldOfActions: readonly (keyof TcActionTold)[] = [
  'index',
  'references',
  'bindings',
  'age',
  'lastUsed',
  'firstUsed',
  'expires',
];

const tcfT = struct('tcf_t', () => ({ install: fields.n64, lastUse: fields.n64, expires: fields.n64, firstUse: fields.n64 }));

/** struct tcf_t: TCA_*_TM of all kinds. */
export const times: Codec<Infer<typeof tcfT>> = structCodec(tcfT);

/** USER_HZ, in which the kernel tells times. */
const ticksPerSecond = 100;

/** What the struct of a kind and its TCA_*_TM tell. */
export function toldOf(
  parms: { index: number; refcnt: number; bindcnt: number } | undefined,
  tm: Infer<typeof times> | undefined,
): TcActionTold {
  const told: TcActionTold = {};
  if (parms !== undefined) Object.assign(told, { index: parms.index, references: parms.refcnt, bindings: parms.bindcnt });
  if (tm !== undefined) {
    told.age = tm.install / ticksPerSecond;
    told.lastUsed = tm.lastUse / ticksPerSecond;
    if (tm.firstUse !== 0) told.firstUsed = tm.firstUse / ticksPerSecond;
    if (tm.expires !== 0) told.expires = tm.expires / ticksPerSecond;
  }
  return told;
}
