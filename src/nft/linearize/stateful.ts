/** What is kept of the packets that came by: of a rule's own, and of elements of its sets. Source: nft(8), STATEFUL OBJECTS. */
import { withChoices } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import type { Expression } from '../expressions/expression.ts';
import { checking } from '../options.ts';
import type { ConnectionCount, CounterState, LastState, LimitState, QuotaState, Stateful } from '../statements/stateful.ts';
import { oneOf } from './one-of.ts';

const units = { packets: 1, bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 } as const;
const seconds = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;

export function counter(of: CounterState | null): Expression {
  return { kind: 'counter', data: { bytes: of?.bytes ?? 0, packets: of?.packets ?? 0 } };
}

function amount(value: unknown, unit: unknown, argument: string): number {
  checking(argument, () => checkInteger(value, 0, Number.MAX_SAFE_INTEGER));
  const total = (value as number) * units[oneOf(units, unit, `${argument}_unit`)];
  return checking(argument, () => {
    checkInteger(total, 0, Number.MAX_SAFE_INTEGER);
    return total;
  });
}

/** @throws InputError */
export function quota(of: QuotaState): Expression {
  return {
    kind: 'quota',
    data: {
      bytes: amount(of.val, of.val_unit ?? 'bytes', 'val'),
      consumed: amount(of.used ?? 0, of.used_unit ?? 'bytes', 'used'),
      flags: of.inv === true ? ['inv'] : [],
    },
  };
}

/** @throws InputError */
export function limit(of: LimitState): Expression {
  const unit = oneOf(units, of.rate_unit ?? 'packets', 'rate_unit');
  const packets = unit === 'packets';
  return {
    kind: 'limit',
    data: {
      rate: amount(of.rate, unit, 'rate'),
      unit: seconds[oneOf(seconds, of.per, 'per')],
      burst: amount(of.burst ?? (packets ? 5 : 0), of.burst_unit ?? (packets ? 'packets' : 'bytes'), 'burst'),
      type: packets ? 'packets' : 'bytes',
      flags: of.inv === true ? ['inv'] : [],
    },
  };
}

/** @throws InputError */
export function connectionCount({ val, inv }: ConnectionCount): Expression {
  checking('val', () => checkInteger(val, 0, 0xffffffff));
  return { kind: 'connlimit', data: { count: val, flags: inv === true ? ['inv'] : [] } };
}

export function last(of: LastState | null): Expression {
  return { kind: 'last', data: of?.used === undefined ? {} : { set: 1, msecs: of.used } };
}

const makers: { readonly [Name in keyof Stateful]-?: (of: NonNullable<Stateful[Name]>) => Expression } = {
  counter,
  quota,
  limit,
  'ct count': connectionCount,
  last,
};

/** What an element comes with, in the order in which it is named. @throws InputError naming a member that is none */
export function statefulExpressions(of: Stateful): Expression[] {
  return Object.keys(of).map((name) => {
    if (!Object.hasOwn(makers, name))
      throw new InputError(
        name,
        withChoices('is no member of an element', name, ['val', 'timeout', 'expires', 'comment', ...Object.keys(makers)]),
        'ERR_UNKNOWN_OPTION',
      );
    const make = makers[name as keyof Stateful] as (state: unknown) => Expression;
    return checking(name, () => make(of[name as keyof Stateful]));
  });
}
