/** `inner`: runs an expression on the packet within a tunnel's. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_INNER_*); Linux 6.2. */
import { attr, attributes } from '../../netlink/attributes.ts';
import { type Codec, type Infer, lazy, NLA_F_NESTED } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import type { Expression } from './expression.ts';
import { line } from './text.ts';

/** NFT_INNER_*: what is around the packet. */
export const innerType = enumeration(be32, { vxlan: 1, geneve: 2 });
/** NFT_INNER_*: the tunnel's header, and those within it, that are to be looked at. */
export const innerFlags = flags(be32, { hdrsize: 0x1, ll: 0x2, nh: 0x4, th: 0x8 });

const inner_ = (expression: () => Codec<Expression>) =>
  attributes('NFTA_INNER', () => ({
    /** How many tunnels deep: 0, for lack of more in the kernel. */
    num: attr('NFTA_INNER_NUM', 1, be32),
    type: attr('NFTA_INNER_TYPE', 2, innerType),
    flags: attr('NFTA_INNER_FLAGS', 3, innerFlags),
    /** Bytes of the tunnel's header. */
    hdrsize: attr('NFTA_INNER_HDRSIZE', 4, be32),
    /** A payload or meta expression. */
    expression: attr('NFTA_INNER_EXPR', 5, lazy('NFTA_EXPR', expression, NLA_F_NESTED)),
  }));
export interface Inner extends Infer<ReturnType<typeof inner_>> {}
/** Expressions hold expressions: those of all kinds are handed in by who knows them. */
export const inner: (expression: () => Codec<Expression>) => Codec<Inner> = inner_;

/** `explainInner`: how the expression within is printed. */
export function explainInner(of: Inner, explainExpression: (of: Expression) => string): string {
  return line(
    'type',
    of.type === undefined ? 0 : innerType.valueOf(of.type),
    'hdrsize',
    of.hdrsize ?? 0,
    'flags',
    innerFlags.valueOf(of.flags ?? []).toString(16),
    of.expression !== undefined && explainExpression(of.expression),
  );
}
