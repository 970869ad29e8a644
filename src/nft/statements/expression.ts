/**
 * What statements compute with: the expressions of libnftables-json(5), in its shapes, so that a tree prints as `nft -j` prints it.
 * An object with one member, whose name says what it is: `{ payload: { protocol: 'tcp', field: 'dport' } }`.
 */
import type { Stateful } from './stateful.ts';
import type { VerdictStatement } from './verdict.ts';

/** A value: a number, a name, an address, text; `'@name'` on the right of a match is a set of the table. */
export type Literal = string | number | bigint | boolean | Uint8Array;

/** Field of a header, or bits counted from the start of one. */
export interface PayloadExpression {
  readonly payload: /** `tunnel`: of the packet within that. */
    | { readonly protocol: string; readonly field: string; readonly tunnel?: string }
    /** `offset` and `len` in bits. */
    | { readonly base: 'll' | 'nh' | 'th' | 'ih'; readonly offset: number; readonly len: number };
}
/** Extension header of IPv6. Without a field: whether it is there. */
export interface ExthdrExpression {
  readonly exthdr: { readonly name: string; readonly field?: string; readonly offset?: number };
}
/** Option of TCP. Without a field: whether it is there. */
export interface TcpOptionExpression {
  readonly 'tcp option':
    | { readonly name: string; readonly field?: string }
    /** By its number; `offset` and `len` in bits. */
    | { readonly base: number; readonly offset: number; readonly len: number };
}
/** Option of IPv4. Without a field: whether it is there. */
export interface IpOptionExpression {
  readonly 'ip option': { readonly name: string; readonly field?: string };
}
/** Chunk of SCTP. Without a field: whether it is there. */
export interface SctpChunkExpression {
  readonly 'sctp chunk': { readonly name: string; readonly field?: string };
}
/** Option of DCCP: whether it is there. */
export interface DccpOptionExpression {
  readonly 'dccp option': { readonly type: number };
}
/** A property of the packet. nft: `meta mark`. */
export interface MetaExpression {
  readonly meta: { readonly key: string };
}
/** A property of the connection. nft: `ct state`. */
export interface CtExpression {
  readonly ct: { readonly key: string; readonly family?: 'ip' | 'ip6'; readonly dir?: 'original' | 'reply' };
}
/** A property of the route. nft: `rt nexthop`. */
export interface RtExpression {
  readonly rt: { readonly key: string; readonly family?: 'ip' | 'ip6' };
}
/** A property of the socket that the packet is for. nft: `socket mark`. */
export interface SocketExpression {
  readonly socket: { readonly key: 'transparent' | 'mark' | 'wildcard' | 'cgroupv2'; readonly level?: number };
}
/** What the routing table says. nft: `fib saddr oif`. */
export interface FibExpression {
  readonly fib: { readonly result: 'oif' | 'oifname' | 'type'; readonly flags: readonly FibFlag[] };
}
/** What of a packet is looked up in the routing table. */
export type FibFlag = 'saddr' | 'daddr' | 'mark' | 'iif' | 'oif';
/** The operating system of the sender. nft: `osf name`. */
export interface OsfExpression {
  readonly osf: { readonly key: 'name' | 'version'; readonly ttl?: 'loose' | 'skip' };
}
/** A property of a transformation by IPsec. nft: `ipsec in reqid`. */
export interface IpsecExpression {
  readonly ipsec: {
    readonly key: 'saddr' | 'daddr' | 'reqid' | 'spi';
    readonly family?: 'ip' | 'ip6';
    readonly dir: 'in' | 'out';
    readonly spnum?: number;
  };
}
/** A number that is made. nft: `numgen inc mod 2`. */
export interface NumgenExpression {
  readonly numgen: { readonly mode: 'inc' | 'random'; readonly mod: number; readonly offset?: number };
}
/** A hash of an expression. nft: `jhash ip saddr mod 2`. */
export interface JhashExpression {
  readonly jhash: { readonly mod: number; readonly offset?: number; readonly expr: Expr; readonly seed?: number };
}
/** A hash that is the same in both directions. nft: `symhash mod 2`. */
export interface SymhashExpression {
  readonly symhash: { readonly mod: number; readonly offset?: number };
}
/** Several expressions one after another. nft: `ip saddr . tcp dport`. */
export interface ConcatExpression {
  readonly concat: readonly Expr[];
}
/** An address and how many of its bits count. nft: `10.0.0.0/8`. */
export interface PrefixExpression {
  readonly prefix: { readonly addr: Expr; readonly len: number };
}
/** Both bounds are within. */
export interface RangeExpression {
  readonly range: readonly [first: Expr, last: Expr];
}
/** A set without a name: keys, or for a map pairs of a key and what it gives. The key `'*'`: any that no other is for. */
export interface SetExpression {
  readonly set: Expr | readonly (Expr | readonly [key: Expr, data: Expr | VerdictStatement])[];
}
/** What a map gives for a key. `data` is a set of pairs or `'@name'`. */
export interface MapExpression {
  readonly map: { readonly key: Expr; readonly data: Expr };
}
/** An element with what it comes with. `timeout` and `expires` in seconds, for those that a rule adds to a set of the table. */
export interface ElemExpression {
  readonly elem: Stateful & { readonly val: Expr; readonly timeout?: number; readonly expires?: number; readonly comment?: string };
}
/** How two operands are joined, bit by bit. */
export type BinaryOperator = '|' | '^' | '&' | '<<' | '>>';
/** Two operands joined bit by bit. nft: `meta mark & 0xff`. */
export type BinaryExpression = {
  [Op in BinaryOperator]: { readonly [K in Op]: readonly [Expr, Expr, ...Expr[]] };
}[BinaryOperator];

/** Any expression. An array is a list of names of bits: `['established', 'related']`. */
export type Expr =
  | Literal
  | readonly Expr[]
  | PayloadExpression
  | ExthdrExpression
  | TcpOptionExpression
  | IpOptionExpression
  | SctpChunkExpression
  | DccpOptionExpression
  | MetaExpression
  | CtExpression
  | RtExpression
  | SocketExpression
  | FibExpression
  | OsfExpression
  | IpsecExpression
  | NumgenExpression
  | JhashExpression
  | SymhashExpression
  | ConcatExpression
  | PrefixExpression
  | RangeExpression
  | SetExpression
  | MapExpression
  | ElemExpression
  | BinaryExpression;

/** An expression that is an object. */
export type Node = Exclude<Expr, Literal | readonly Expr[]>;

/** Whether an expression is an object with one member, which says what it is; others are values. */
export function isNode(of: Expr): of is Node {
  return typeof of === 'object' && !Array.isArray(of) && !(of instanceof Uint8Array);
}
