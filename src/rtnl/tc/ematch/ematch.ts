/** What an expression of ematches is made of: tc-ematch(8). Sources: include/uapi/linux/pkt_cls.h (TCF_EM_*), include/uapi/linux/tc_ematch/. */
import { type Enumerated, type EnumerationCodec, enumeration } from '../../../netlink/enumeration.ts';
import { u8 } from '../../../netlink/scalar.ts';
import type { MetaOperand } from './meta.ts';

const layers = { link: 0, network: 1, transport: 2 } as const;
const comparisons = { eq: 0, gt: 1, lt: 2 } as const;

/** The header that an offset counts from. Source: pkt_cls.h (TCF_LAYER_*). */
export type EmatchLayer = Enumerated<typeof layers>;
export const ematchLayer: EnumerationCodec<typeof layers> = enumeration(u8, layers);

/** Whether what is looked at is equal, greater or less. Source: pkt_cls.h (TCF_EM_OPND_*). */
export type EmatchComparison = Enumerated<typeof comparisons>;
export const ematchComparison: EnumerationCodec<typeof comparisons> = enumeration(u8, comparisons);

/** What all have. */
export interface EmatchBase {
  /** It holds where it does not match. Default: false. */
  not?: boolean;
  /**
   * How it goes on to the next: `and`, which is looked at where this one holds; `or`, where it does not. The first that decides ends the list: `a and b or c` is
   * `a and (b or c)`. Default: `and`.
   */
  relation?: 'and' | 'or';
}

/** A number in the packet is compared. */
export interface EmatchCmp extends EmatchBase {
  /** A number in the packet. */
  kind: 'cmp';
  /** Bits of the number: 8, 16 or 32. */
  bits: 8 | 16 | 32;
  /** Where it is, in bytes from the beginning of `layer`. */
  at: number;
  /** Default: `network`, as of tc(8). */
  layer?: EmatchLayer;
  /** The bits that count. Default: all. */
  mask?: number;
  /** The number in the packet is in network order, and is turned first: `trans`. Default: false. */
  transform?: boolean;
  /** How it is compared. */
  op: EmatchComparison;
  /** With what. */
  value: number;
}

/** Bytes in the packet are so. */
export interface EmatchNbyte extends EmatchBase {
  /** Bytes in the packet. */
  kind: 'nbyte';
  /** What they must be, up to 4,095. */
  needle: Uint8Array;
  /** Where they are, in bytes from the beginning of `layer`. */
  at: number;
  /** Default: `network`, as of tc(8). */
  layer?: EmatchLayer;
}

/** A word of the packet is so. */
export interface EmatchU32 extends EmatchBase {
  /** A word of the packet, as of the filter u32. */
  kind: 'u32';
  /** What the word must be. */
  value: number;
  /** The bits that count. Default: all. */
  mask?: number;
  /** Where it is, in bytes from the network header: a multiple of 4. */
  at: number;
  /** -1: `at` counts from the next header (`nexthdr+`). Default: 0. */
  offsetMask?: number;
}

/** What the kernel keeps with the packet, or about the machine, is compared. */
export interface EmatchMeta extends EmatchBase {
  /** What the kernel keeps with the packet. */
  kind: 'meta';
  /** What is looked at. */
  left: MetaOperand;
  /** How it is compared. */
  op: EmatchComparison;
  /** With what: a number, or what is looked at as well. */
  right: MetaOperand;
}

/** Frames of a CAN bus. */
export interface EmatchCanid extends EmatchBase {
  /** Identifiers of CAN frames. */
  kind: 'canid';
  /** One of these. The kernel puts the extended ones first. */
  ids: CanId[];
}

/** An identifier of CAN frames. */
export interface CanId {
  /** Of 11 bits, or 29. */
  id: number;
  /** The bits that count. Default: all. */
  mask?: number;
  /** Of 29 bits: `eff`. Default: false. */
  extended?: boolean;
}

/** An expression in parentheses. */
export interface EmatchContainer extends EmatchBase {
  /** An expression in parentheses. */
  kind: 'container';
  /** What is in them. */
  matches: Ematch[];
}

/** One that netloom has no schema for (text, ipset, ipt), or of another shape. */
export interface EmatchOther extends EmatchBase {
  /** TCF_EM_*, as a number. */
  kind: number;
  /** What follows its header, byte for byte. */
  data: Uint8Array;
}

/** A part of an expression. */
export type Ematch = EmatchCmp | EmatchNbyte | EmatchU32 | EmatchMeta | EmatchCanid | EmatchContainer | EmatchOther;
