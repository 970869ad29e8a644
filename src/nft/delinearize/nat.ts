/** `snat`, `dnat`, `masquerade`, `redirect`, `tproxy`: the reverse of `linearize/nat-statement.ts`. */
import type { ExpressionData } from '../expressions/expression.ts';
import type { Target } from '../linearize/constant.ts';
import { addressTarget, portTarget } from '../linearize/nat-statement.ts';
import type { Expr } from '../statements/expression.ts';
import type { NatFlag, NatOptions, Statement } from '../statements/statement.ts';
import { oneOrMore } from './action.ts';
import { type Context, mapExpr, operandExpr, type Reader } from './context.ts';
import { between } from './literal.ts';

type Flags = NonNullable<ExpressionData<'nat'>['flags']>;
const flagNames: readonly NatFlag[] = ['random', 'fully-random', 'persistent', 'netmap'];

function flagsOf(flags: Flags = []): Pick<NatOptions, 'flags'> {
  const names = oneOrMore(flagNames.filter((flag) => flags.includes(flag)));
  return names === undefined ? {} : { flags: names };
}

/** A value, or the two ends of a range in a register each. */
function endsOf(context: Context, target: Target, first: number, last: number | undefined): Expr | undefined {
  if (last === undefined || last === first) return operandExpr(context, first, target);
  const [from, to] = [first, last].map((register) => context.registers.get(register)?.load);
  if (from?.kind !== 'data' || to?.kind !== 'data') return undefined;
  return between(target, from.data, to.data);
}

export const readNat: Reader<'nat'> = (context, data) => {
  const { type, family, regAddrMin, regAddrMax, regProtoMin, regProtoMax } = data;
  if (type !== 'snat' && type !== 'dnat') return undefined;
  const options: { -readonly [K in keyof NatOptions]: NatOptions[K] } = {};
  const { scope } = context;
  let rest = regProtoMin;
  if (regAddrMin !== undefined) {
    if (family !== 'ip' && family !== 'ip6') return undefined;
    const address = addressTarget(family);
    const mapped = context.registers.get(regAddrMin)?.load.kind === 'map';
    // addresses and ports from one map lie in a row
    const both = mapped && rest !== undefined && context.registers.get(rest) === undefined;
    const addr = mapped
      ? mapExpr(context, regAddrMin, both ? [address, portTarget()] : [address])
      : endsOf(context, address, regAddrMin, regAddrMax);
    if (addr === undefined) return undefined;
    options.addr = addr;
    if (both) rest = undefined;
  }
  if ((family === 'ip' || family === 'ip6') && family !== scope.family) options.family = family;
  if (rest !== undefined) {
    const port = endsOf(context, portTarget(), rest, regProtoMax);
    if (port === undefined) return undefined;
    options.port = port;
  }
  Object.assign(options, flagsOf(data.flags));
  return type === 'snat' ? { snat: options } : { dnat: options };
};

function readHere(
  context: Context,
  { regProtoMin, regProtoMax, flags }: ExpressionData<'masq'>,
): { options: Pick<NatOptions, 'port' | 'flags'> | null } | undefined {
  const port = regProtoMin === undefined ? undefined : endsOf(context, portTarget(), regProtoMin, regProtoMax);
  if (regProtoMin !== undefined && port === undefined) return undefined;
  const options = { ...(port === undefined ? {} : { port }), ...flagsOf(flags) };
  return { options: Object.keys(options).length === 0 ? null : options };
}

export const readMasquerade: Reader<'masq'> = (context, data): Statement | undefined => {
  const read = readHere(context, data);
  return read === undefined ? undefined : { masquerade: read.options };
};

export const readRedirect: Reader<'redir'> = (context, data): Statement | undefined => {
  const read = readHere(context, data);
  return read === undefined ? undefined : { redirect: read.options };
};

export const readTproxy: Reader<'tproxy'> = (context, { family, regAddr, regPort }) => {
  const of = family === 'ip' || family === 'ip6' ? family : undefined;
  const addr = regAddr === undefined || of === undefined ? undefined : operandExpr(context, regAddr, addressTarget(of));
  const port = regPort === undefined ? undefined : operandExpr(context, regPort, portTarget());
  if ((regAddr !== undefined && addr === undefined) || (regPort !== undefined && port === undefined)) return undefined;
  return {
    tproxy: {
      ...(of === undefined || of === context.scope.family ? {} : { family: of }),
      ...(addr === undefined ? {} : { addr }),
      ...(port === undefined ? {} : { port }),
    },
  };
};
