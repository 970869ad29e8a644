/** One expression that does something, as its statement. */
import { isVerdict } from '../data.ts';
import type { Expression } from '../expressions/expression.ts';
import type { Statement } from '../statements/statement.ts';
import { readDup, readFwd, readLog, readObjref, readQueue, readReject, readSynproxy } from './action.ts';
import { chainBroughtBy } from './blocks.ts';
import type { Context } from './context.ts';
import { readCtSet, readMetaSet, readOptionWrite, readPayloadWrite } from './mangle.ts';
import { readMasquerade, readNat, readRedirect, readTproxy } from './nat.ts';
import { verdictStatement } from './set-literal.ts';
import { statefulStatement } from './stateful.ts';
import { readUpdate } from './update.ts';

/** Rules in place of the name of a chain. */
function readBlock({ scope, sets, readRule }: Context, expression: Extract<Expression, { kind: 'immediate' }>): Statement | undefined {
  const rules = sets.block(chainBroughtBy(expression));
  const { data } = expression.data ?? {};
  if (rules === undefined || data === undefined || !isVerdict(data)) return undefined;
  const within = sets.withoutBlocks();
  const read = { rules: rules.map(({ expressions }) => readRule(scope.family, expressions, within)) };
  return data.code === 'jump' ? { jump: read } : data.code === 'goto' ? { goto: read } : undefined;
}

/** undefined: there is none for it. */
export function statementOf(context: Context, expression: Expression): Statement | undefined {
  const { kind } = expression;
  switch (kind) {
    case 'immediate': {
      const { data } = expression.data ?? {};
      return data === undefined ? undefined : (readBlock(context, expression) ?? verdictStatement(data));
    }
    case 'counter':
    case 'quota':
    case 'limit':
    case 'last':
    case 'connlimit':
      return statefulStatement(expression);
    case 'log':
      return readLog(context, expression.data ?? {});
    case 'reject':
      return readReject(context, expression.data ?? {});
    case 'queue':
      return readQueue(context, expression.data ?? {});
    case 'dup':
      return readDup(context, expression.data ?? {});
    case 'fwd':
      return readFwd(context, expression.data ?? {});
    case 'synproxy':
      return readSynproxy(context, expression.data ?? {});
    case 'objref':
      return readObjref(context, expression.data ?? {});
    case 'nat':
      return readNat(context, expression.data ?? {});
    case 'masq':
      return readMasquerade(context, expression.data ?? {});
    case 'redir':
      return readRedirect(context, expression.data ?? {});
    case 'tproxy':
      return readTproxy(context, expression.data ?? {});
    case 'meta':
      return readMetaSet(context, expression.data ?? {});
    case 'ct':
      return readCtSet(context, expression.data ?? {});
    case 'payload':
      return readPayloadWrite(context, expression.data ?? {});
    case 'exthdr':
      return readOptionWrite(context, expression.data ?? {});
    case 'dynset':
      return readUpdate((each) => statementOf(context, each))(context, expression.data ?? {});
    case 'notrack':
      return { notrack: null };
    case 'flow_offload':
      return expression.data?.table === undefined ? undefined : { flow: { op: 'add', flowtable: `@${expression.data.table}` } };
    case 'match':
    case 'target': {
      const { name, revision = 0, info } = expression.data ?? {};
      if (name === undefined || info === undefined) return undefined;
      return { xt: { type: kind, name, rev: revision, info } };
    }
    default:
      return undefined;
  }
}
