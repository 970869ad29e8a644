/** `dynset`: adds a packet's values to a set, or removes them. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_DYNSET_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import { type Codec, type Infer, lazy, NLA_F_NESTED } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { be32, be64n } from '../../netlink/scalar.ts';
import { string } from '../../netlink/text.ts';
import type { Expression } from './expression.ts';
import { line } from './text.ts';

/** NFT_DYNSET_OP_*. `update` also restarts the timeout of an element that is there. */
export const dynsetOp = enumeration(be32, { add: 0, update: 1, delete: 2 });
/** NFT_DYNSET_F_*: goes on if the set is full (`inv`); the set has expressions of its own (`expr`). */
export const dynsetFlags = flags(be32, { inv: 1, expr: 2 });

const dynset_ = (expression: () => Codec<Expression>, expressionList: () => Codec<Expression[]>) =>
  attributes('NFTA_DYNSET', () => ({
    set: attr('NFTA_DYNSET_SET_NAME', 1, string(255)),
    /** NFTA_SET_ID of the set, when it is made in this transaction. */
    setId: attr('NFTA_DYNSET_SET_ID', 2, be32),
    op: attr('NFTA_DYNSET_OP', 3, dynsetOp),
    /** Register with the key. */
    sregKey: attr('NFTA_DYNSET_SREG_KEY', 4, be32),
    /** Register with what a map is to hold for it. */
    sregData: attr('NFTA_DYNSET_SREG_DATA', 5, be32),
    /** Milliseconds the element lives. Default: that of the set. */
    timeout: attr('NFTA_DYNSET_TIMEOUT', 6, be64n),
    /** What a new element comes with: one expression. */
    expression: attr('NFTA_DYNSET_EXPR', 7, lazy('NFTA_EXPR', expression, NLA_F_NESTED)),
    flags: attr('NFTA_DYNSET_FLAGS', 9, dynsetFlags),
    /** The same, several. */
    expressions: attr('NFTA_DYNSET_EXPRESSIONS', 10, lazy('NFTA_EXPR[]', expressionList, NLA_F_NESTED)),
  }));
export interface Dynset extends Infer<ReturnType<typeof dynset_>> {}
/** Expressions hold expressions: those of all kinds are handed in by who knows them. */
export const dynset: (expression: () => Codec<Expression>, expressionList: () => Codec<Expression[]>) => Codec<Dynset> = dynset_;

/** `explainInner`: how the expressions of the element are printed. */
export function explainDynset(of: Dynset, explainInner: (inner: Expression) => string): string {
  const inner = of.expressions ?? (of.expression === undefined ? [] : [of.expression]);
  return line(
    of.op ?? 'add',
    `reg_key ${of.sregKey}`,
    'set',
    of.set,
    of.sregData !== undefined && `sreg_data ${of.sregData}`,
    of.timeout !== undefined && `timeout ${of.timeout}ms`,
    ...inner.map((each) => `expr ${explainInner(each)}`),
  );
}
