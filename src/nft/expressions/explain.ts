/** Prints expressions as `nft --debug=netlink` does. */
import type { OtherVariant } from '../../netlink/tagged.ts';
import { explainBitwise } from './bitwise.ts';
import { explainByteorder } from './byteorder.ts';
import { explainCmp } from './cmp.ts';
import { explainCounter } from './counter.ts';
import { explainCt } from './ct.ts';
import type { Expression } from './expression.ts';
import { explainExthdr } from './exthdr.ts';
import { explainImmediate } from './immediate.ts';
import { explainLimit } from './limit.ts';
import { explainLog } from './log.ts';
import { explainLookup } from './lookup.ts';
import { explainMasq } from './masq.ts';
import { explainMeta } from './meta.ts';
import { explainNat } from './nat.ts';
import { explainNotrack } from './notrack.ts';
import { explainOsf } from './osf.ts';
import { explainPayload } from './payload.ts';
import { explainRange } from './range.ts';
import { explainRedir } from './redir.ts';
import { explainReject } from './reject.ts';
import { line } from './text.ts';

type Known = Exclude<Expression, OtherVariant>;
type Printers = { readonly [K in Known['kind']]: (data: NonNullable<Extract<Known, { kind: K }>['data']>) => string };

const printers: Printers = {
  bitwise: explainBitwise,
  byteorder: explainByteorder,
  cmp: explainCmp,
  counter: explainCounter,
  ct: explainCt,
  exthdr: explainExthdr,
  immediate: explainImmediate,
  limit: explainLimit,
  log: explainLog,
  lookup: explainLookup,
  masq: explainMasq,
  meta: explainMeta,
  nat: explainNat,
  notrack: explainNotrack,
  osf: explainOsf,
  payload: explainPayload,
  range: explainRange,
  redir: explainRedir,
  reject: explainReject,
};

/** The expressions as nft's bytecode listing shows them, one line each: `[ cmp eq reg 1 0x0000000a ]`. One without a schema is shown by its name and length. */
export function explain(expressions: readonly Expression[]): string[] {
  return expressions.map((expression) => {
    if (expression.kind === 'other') return `[ ${line(expression.name, `(${expression.data?.length ?? 0} bytes)`)} ]`;
    // a kind that the caller registered has no printer here
    const print = Object.hasOwn(printers, expression.kind) ? (printers[expression.kind] as (data: object) => string) : () => '';
    return `[ ${line(expression.kind, print(expression.data ?? {}))} ]`;
  });
}
