/** What is kept of the packets that came by: the reverse of `linearize/stateful.ts`. */
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import type {
  ByteUnit,
  ConnectionCount,
  CounterState,
  LastState,
  LimitState,
  QuotaState,
  Stateful,
  TimeUnit,
} from '../statements/stateful.ts';
import type { Statement } from '../statements/statement.ts';

type StatefulStatement = Extract<Statement, { [Name in keyof Stateful]: unknown }>;

function counterOf({ bytes = 0, packets = 0 }: ExpressionData<'counter'>): CounterState | null {
  return bytes === 0 && packets === 0 ? null : { packets, bytes };
}

/** The greatest unit that says it exactly. */
function inUnit(bytes: number): readonly [number, ByteUnit] {
  for (const [unit, size] of [
    ['mbytes', 1024 * 1024],
    ['kbytes', 1024],
  ] as const)
    if (bytes > 0 && bytes % size === 0) return [bytes / size, unit];
  return [bytes, 'bytes'];
}

function quotaOf({ bytes = 0, consumed = 0, flags = [] }: ExpressionData<'quota'>): QuotaState {
  const [val, unit] = inUnit(bytes);
  const [used, usedUnit] = inUnit(consumed);
  return {
    val,
    ...(unit === 'bytes' ? {} : { val_unit: unit }),
    ...(flags.includes('inv') ? { inv: true } : {}),
    ...(used === 0 ? {} : { used }),
    ...(usedUnit === 'bytes' ? {} : { used_unit: usedUnit }),
  };
}

const periods: Readonly<Record<number, TimeUnit>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day', 604800: 'week' };

/** undefined: nft(8) has no word for the time. */
function limitOf({ rate = 0, unit = 1, burst = 0, type = 'packets', flags = [] }: ExpressionData<'limit'>): LimitState | undefined {
  const per = periods[unit];
  if (per === undefined) return undefined;
  const inv = flags.includes('inv') ? { inv: true } : {};
  if (type === 'packets') return { rate, per, ...(burst === 5 ? {} : { burst }), ...inv };
  const [of, rateUnit] = inUnit(rate);
  const [most, burstUnit] = inUnit(burst);
  return { rate: of, per, rate_unit: rateUnit, ...(most === 0 ? {} : { burst: most, burst_unit: burstUnit }), ...inv };
}

function lastOf({ set = 0, msecs = 0 }: ExpressionData<'last'>): LastState | null {
  return set === 0 ? null : { used: msecs };
}

function connectionsOf({ count = 0, flags = [] }: ExpressionData<'connlimit'>): ConnectionCount {
  return { val: count, ...(flags.includes('inv') ? { inv: true } : {}) };
}

/** undefined: it is none of these, or nothing that nft(8) has words for. */
export function statefulStatement(of: Expression): StatefulStatement | undefined {
  switch (of.kind) {
    case 'counter':
      return { counter: counterOf(of.data ?? {}) };
    case 'quota':
      return { quota: quotaOf(of.data ?? {}) };
    case 'limit': {
      const limit = limitOf(of.data ?? {});
      return limit === undefined ? undefined : { limit };
    }
    case 'last':
      return { last: lastOf(of.data ?? {}) };
    case 'connlimit':
      return { 'ct count': connectionsOf(of.data ?? {}) };
    default:
      return undefined;
  }
}

/** What an element comes with; undefined: the tree cannot say it, or not twice. */
export function statefulOf(expressions: readonly Expression[]): Stateful | undefined {
  const result: Record<string, unknown> = {};
  for (const expression of expressions) {
    const statement = statefulStatement(expression);
    if (statement === undefined) return undefined;
    const [name, state] = Object.entries(statement)[0] as [string, unknown];
    if (name in result) return undefined;
    result[name] = state;
  }
  return result;
}
