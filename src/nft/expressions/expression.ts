/**
 * What a rule is made of: a list of small instructions on registers. One file an expression; this one gathers them.
 * Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_EXPR_*).
 */
import { listOf } from '../../netlink/attributes.ts';
import type { Codec } from '../../netlink/codec.ts';
import { type OtherVariant, type TaggedCodec, tagged, type Variant } from '../../netlink/tagged.ts';
import { type Bitwise, bitwise } from './bitwise.ts';
import { type Byteorder, byteorder } from './byteorder.ts';
import { type Cmp, cmp } from './cmp.ts';
import { type Counter, counter } from './counter.ts';
import { type Ct, ct } from './ct.ts';
import { type Exthdr, exthdr } from './exthdr.ts';
import { type Immediate, immediate } from './immediate.ts';
import { type Limit, limit } from './limit.ts';
import { type Log, log } from './log.ts';
import { type Lookup, lookup } from './lookup.ts';
import { type Masq, masq } from './masq.ts';
import { type Meta, meta } from './meta.ts';
import { type Nat, nat } from './nat.ts';
import { type Notrack, notrack } from './notrack.ts';
import { type Osf, osf } from './osf.ts';
import { type Payload, payload } from './payload.ts';
import { type Range, range } from './range.ts';
import { type Redir, redir } from './redir.ts';
import { type Reject, reject } from './reject.ts';

/**
 * One expression: `{ kind: 'cmp', data: { sreg: 1, op: 'eq', data: bytes } }`. Those that netloom has no schema for are
 * `{ kind: 'other', name, data }` with their attributes byte for byte, and are sent again as they came.
 *
 * Register 0 takes the verdict; 1 to 4 hold 16 bytes each, and 8 to 23 are the same memory in words of 4 bytes.
 */
export type Expression =
  | Variant<'bitwise', Bitwise>
  | Variant<'byteorder', Byteorder>
  | Variant<'cmp', Cmp>
  | Variant<'counter', Counter>
  | Variant<'ct', Ct>
  | Variant<'exthdr', Exthdr>
  | Variant<'immediate', Immediate>
  | Variant<'limit', Limit>
  | Variant<'log', Log>
  | Variant<'lookup', Lookup>
  | Variant<'masq', Masq>
  | Variant<'meta', Meta>
  | Variant<'nat', Nat>
  | Variant<'notrack', Notrack>
  | Variant<'osf', Osf>
  | Variant<'payload', Payload>
  | Variant<'range', Range>
  | Variant<'redir', Redir>
  | Variant<'reject', Reject>
  | OtherVariant;

/** NFTA_EXPR_*. Expressions of other modules can be added with `register`. */
export const expression: TaggedCodec<Expression> = tagged(
  'NFTA_EXPR',
  { kind: ['NFTA_EXPR_NAME', 1], data: ['NFTA_EXPR_DATA', 2] },
  {
    bitwise,
    byteorder,
    cmp,
    counter,
    ct,
    exthdr,
    immediate,
    limit,
    log,
    lookup,
    masq,
    meta,
    nat,
    notrack,
    osf,
    payload,
    range,
    redir,
    reject,
  },
);

/** NFTA_RULE_EXPRESSIONS: a list of NFTA_LIST_ELEM. */
export const expressionList: Codec<Expression[]> = listOf('NFTA_LIST_ELEM', 1, expression);
