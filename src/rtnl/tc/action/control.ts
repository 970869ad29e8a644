/** What becomes of a packet after an action. Source: include/uapi/linux/pkt_cls.h (TC_ACT_*). */
import { type Enumerated, type EnumerationCodec, enumeration } from '../../../netlink/enumeration.ts';
import { s32 } from '../../../netlink/scalar.ts';
import { fields } from '../../../netlink/struct.ts';

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
  /** Number of an action: that one is shared if it exists, and gets these options. Default: a new one. */
  index?: number;
}
