/** Prints expressions as `nft --debug=netlink` does. */
import { explainBitwise } from './bitwise.ts';
import { explainByteorder } from './byteorder.ts';
import { explainCmp } from './cmp.ts';
import { explainConnlimit } from './connlimit.ts';
import { explainCounter } from './counter.ts';
import { explainCt } from './ct.ts';
import { explainDup } from './dup.ts';
import { explainDynset } from './dynset.ts';
import type { Expression, ExpressionData, KnownExpression } from './expression.ts';
import { explainExthdr } from './exthdr.ts';
import { explainFib } from './fib.ts';
import { explainFlowOffload } from './flow-offload.ts';
import { explainFwd } from './fwd.ts';
import { explainHash } from './hash.ts';
import { explainImmediate } from './immediate.ts';
import { explainInner } from './inner.ts';
import { explainLast } from './last.ts';
import { explainLimit } from './limit.ts';
import { explainLog } from './log.ts';
import { explainLookup } from './lookup.ts';
import { explainMasq } from './masq.ts';
import { explainMatch } from './match.ts';
import { explainMeta } from './meta.ts';
import { explainNat } from './nat.ts';
import { explainNotrack } from './notrack.ts';
import { explainNumgen } from './numgen.ts';
import { explainObjref } from './objref.ts';
import { explainOsf } from './osf.ts';
import { explainPayload } from './payload.ts';
import { explainQueue } from './queue.ts';
import { explainQuota } from './quota.ts';
import { explainRange } from './range.ts';
import { explainRedir } from './redir.ts';
import { explainReject } from './reject.ts';
import { explainRt } from './rt.ts';
import { explainSocket } from './socket.ts';
import { explainSynproxy } from './synproxy.ts';
import { explainTarget } from './target.ts';
import { line } from './text.ts';
import { explainTproxy } from './tproxy.ts';
import { explainTunnel } from './tunnel.ts';
import { explainXfrm } from './xfrm.ts';

type Printers = { readonly [K in KnownExpression['kind']]: (data: ExpressionData<K>, explainInner: (of: Expression) => string) => string };

const printers: Printers = {
  bitwise: explainBitwise,
  byteorder: explainByteorder,
  cmp: explainCmp,
  connlimit: explainConnlimit,
  counter: explainCounter,
  ct: explainCt,
  dup: explainDup,
  dynset: explainDynset,
  exthdr: explainExthdr,
  fib: explainFib,
  flow_offload: explainFlowOffload,
  fwd: explainFwd,
  hash: explainHash,
  immediate: explainImmediate,
  inner: explainInner,
  last: explainLast,
  limit: explainLimit,
  log: explainLog,
  lookup: explainLookup,
  masq: explainMasq,
  match: explainMatch,
  meta: explainMeta,
  nat: explainNat,
  notrack: explainNotrack,
  numgen: explainNumgen,
  objref: explainObjref,
  osf: explainOsf,
  payload: explainPayload,
  queue: explainQueue,
  quota: explainQuota,
  range: explainRange,
  redir: explainRedir,
  reject: explainReject,
  rt: explainRt,
  socket: explainSocket,
  synproxy: explainSynproxy,
  target: explainTarget,
  tproxy: explainTproxy,
  tunnel: explainTunnel,
  xfrm: explainXfrm,
};

/** The expressions as nft's bytecode listing shows them, one line each: `[ cmp eq reg 1 0x0000000a ]`. One without a schema is shown by its name and length. */
export function explain(expressions: readonly Expression[]): string[] {
  return expressions.map(explainExpression);
}

function explainExpression(expression: Expression): string {
  if (expression.kind === 'other') return `[ ${line(expression.name, `(${expression.data?.length ?? 0} bytes)`)} ]`;
  // a kind that the caller registered has no printer here
  if (!Object.hasOwn(printers, expression.kind)) return `[ ${line(expression.kind, '')} ]`;
  const print = printers[expression.kind] as (data: object, explainInner: (of: Expression) => string) => string;
  return `[ ${line(expression.kind, print(expression.data ?? {}, explainExpression))} ]`;
}
