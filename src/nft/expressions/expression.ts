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
import { type Connlimit, connlimit } from './connlimit.ts';
import { type Counter, counter } from './counter.ts';
import { type Ct, ct } from './ct.ts';
import { type Dup, dup } from './dup.ts';
import { type Dynset, dynset } from './dynset.ts';
import { type Exthdr, exthdr } from './exthdr.ts';
import { type Fib, fib } from './fib.ts';
import { type FlowOffload, flowOffload } from './flow-offload.ts';
import { type Fwd, fwd } from './fwd.ts';
import { type Hash, hash } from './hash.ts';
import { type Immediate, immediate } from './immediate.ts';
import { type Inner, inner } from './inner.ts';
import { type Last, last } from './last.ts';
import { type Limit, limit } from './limit.ts';
import { type Log, log } from './log.ts';
import { type Lookup, lookup } from './lookup.ts';
import { type Masq, masq } from './masq.ts';
import { type Match, match } from './match.ts';
import { type Meta, meta } from './meta.ts';
import { type Nat, nat } from './nat.ts';
import { type Notrack, notrack } from './notrack.ts';
import { type Numgen, numgen } from './numgen.ts';
import { type Objref, objref } from './objref.ts';
import { type Osf, osf } from './osf.ts';
import { type Payload, payload } from './payload.ts';
import { type Queue, queue } from './queue.ts';
import { type Quota, quota } from './quota.ts';
import { type Range, range } from './range.ts';
import { type Redir, redir } from './redir.ts';
import { type Reject, reject } from './reject.ts';
import { type Rt, rt } from './rt.ts';
import { type Socket, socket } from './socket.ts';
import { type Synproxy, synproxy } from './synproxy.ts';
import { type Target, target } from './target.ts';
import { type Tproxy, tproxy } from './tproxy.ts';
import { type Tunnel, tunnel } from './tunnel.ts';
import { type Xfrm, xfrm } from './xfrm.ts';

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
  | Variant<'connlimit', Connlimit>
  | Variant<'counter', Counter>
  | Variant<'ct', Ct>
  | Variant<'dup', Dup>
  | Variant<'dynset', Dynset>
  | Variant<'exthdr', Exthdr>
  | Variant<'fib', Fib>
  | Variant<'flow_offload', FlowOffload>
  | Variant<'fwd', Fwd>
  | Variant<'hash', Hash>
  | Variant<'immediate', Immediate>
  | Variant<'inner', Inner>
  | Variant<'last', Last>
  | Variant<'limit', Limit>
  | Variant<'log', Log>
  | Variant<'lookup', Lookup>
  | Variant<'masq', Masq>
  | Variant<'match', Match>
  | Variant<'meta', Meta>
  | Variant<'nat', Nat>
  | Variant<'notrack', Notrack>
  | Variant<'numgen', Numgen>
  | Variant<'objref', Objref>
  | Variant<'osf', Osf>
  | Variant<'payload', Payload>
  | Variant<'queue', Queue>
  | Variant<'quota', Quota>
  | Variant<'range', Range>
  | Variant<'redir', Redir>
  | Variant<'reject', Reject>
  | Variant<'rt', Rt>
  | Variant<'socket', Socket>
  | Variant<'synproxy', Synproxy>
  | Variant<'target', Target>
  | Variant<'tproxy', Tproxy>
  | Variant<'tunnel', Tunnel>
  | Variant<'xfrm', Xfrm>
  | OtherVariant;

/** An expression that netloom has a schema for. */
export type KnownExpression = Exclude<Expression, OtherVariant>;

/** What an expression of a kind holds: `ExpressionData<'cmp'>`. */
export type ExpressionData<K extends KnownExpression['kind']> = NonNullable<Extract<KnownExpression, { kind: K }>['data']>;

const schemas = {
  bitwise,
  byteorder,
  cmp,
  connlimit,
  counter,
  ct,
  dup,
  dynset: dynset(
    () => expression,
    () => expressionList,
  ),
  exthdr,
  fib,
  flow_offload: flowOffload,
  fwd,
  hash,
  immediate,
  inner: inner(() => expression),
  last,
  limit,
  log,
  lookup,
  masq,
  match,
  meta,
  nat,
  notrack,
  numgen,
  objref,
  osf,
  payload,
  queue,
  quota,
  range,
  redir,
  reject,
  rt,
  socket,
  synproxy,
  target,
  tproxy,
  tunnel,
  xfrm,
};

/** NFTA_EXPR_*. Expressions of other modules can be added with `register`. */
export const expression: TaggedCodec<Expression> = tagged(
  'NFTA_EXPR',
  { kind: ['NFTA_EXPR_NAME', 1], data: ['NFTA_EXPR_DATA', 2] },
  schemas,
);

/** NFTA_RULE_EXPRESSIONS: a list of NFTA_LIST_ELEM. */
export const expressionList: Codec<Expression[]> = listOf('NFTA_LIST_ELEM', 1, expression);

/** Makes an expression: `expr('cmp', { sreg: 1, op: 'eq', data })` is `{ kind: 'cmp', data: { … } }`. */
export function expr<K extends KnownExpression['kind']>(kind: K, data?: ExpressionData<K>): Variant<K, ExpressionData<K>> {
  return data === undefined ? { kind } : { kind, data };
}

/** The kinds that netloom has a schema for. */
export function expressionKinds(): KnownExpression['kind'][] {
  return Object.keys(schemas) as KnownExpression['kind'][];
}
