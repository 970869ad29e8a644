/** Statements that log, refuse, and hand packets on. Source: nft(8), STATEMENTS. */
import { InputError } from '../../netlink/errors.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { dataType } from '../datatype/data-type.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { checkName } from '../name.ts';
import type { ObjectType } from '../object-type.ts';
import { checking } from '../options.ts';
import { headerOf } from '../protocol/headers.ts';
import { type Expr, isNode } from '../statements/expression.ts';
import type {
  DupStatement,
  FwdStatement,
  LogStatement,
  ObjectName,
  QueueStatement,
  RejectStatement,
  SynproxyStatement,
  XtStatement,
} from '../statements/statement.ts';
import { constant, isConstant, targetOf } from './constant.ts';
import { lookUpObject } from './lookup.ts';
import { addressTarget, interfaceTarget } from './nat-statement.ts';
import { oneOf } from './one-of.ts';
import { operand } from './operand.ts';
import { fullRegister, registerAt } from './registers.ts';
import type { Scope } from './scope.ts';

/** An object of the table, by its name or from a map. @throws InputError */
export function objectReference(scope: Scope, type: ObjectType, name: ObjectName): void {
  if (typeof name === 'string') scope.act({ kind: 'objref', data: { type, name: checkName(name, 'name') } });
  else if (isNode(name) && 'map' in name) scope.act(...lookUpObject(scope, name.map.key, name.map.data, { object: type }));
  else throw new InputError('', `expected the name of an object, got ${show(name)}`, 'ERR_INVALID_ARG_TYPE');
}

const levels = { emerg: 0, alert: 1, crit: 2, err: 3, warn: 4, notice: 5, info: 6, debug: 7, audit: 8 } as const;
const logFlags = {
  'tcp sequence': ['tcpseq'],
  'tcp options': ['tcpopt'],
  'ip options': ['ipopt'],
  skuid: ['uid'],
  ether: ['macdecode'],
  all: ['tcpseq', 'tcpopt', 'ipopt', 'uid', 'macdecode'],
} as const;

/** @throws InputError */
export function log(of: NonNullable<LogStatement['log']>): Expression {
  const data: ExpressionData<'log'> = {};
  if (of.prefix !== undefined) data.prefix = of.prefix;
  if (of.group !== undefined) data.group = of.group;
  if (of.snaplen !== undefined) data.snaplen = of.snaplen;
  if (of['queue-threshold'] !== undefined) data.qthreshold = of['queue-threshold'];
  if (of.level !== undefined) data.level = levels[oneOf(levels, of.level, 'level')];
  if (of.flags !== undefined) {
    const given = new Set((Array.isArray(of.flags) ? of.flags : [of.flags]).flatMap((flag) => logFlags[oneOf(logFlags, flag, 'flags')]));
    data.flags = logFlags.all.filter((flag) => given.has(flag));
  }
  return { kind: 'log', data };
}

/** @throws InputError */
export function reject(scope: Scope, of: NonNullable<RejectStatement['reject']>): void {
  const { type, expr } = of;
  if (type === 'tcp reset') {
    scope.requireFirst(headerOf('tcp')!);
    scope.act({ kind: 'reject', data: { type: 'tcp-rst', icmpCode: 0 } });
    return;
  }
  const network = scope.knows('network');
  const kind = type ?? (network === 'ip' ? 'icmp' : network === 'ip6' ? 'icmpv6' : 'icmpx');
  const codes = { icmp: 'icmp_code', icmpv6: 'icmpv6_code', icmpx: 'icmpx_code' } as const;
  const described = dataType(codes[oneOf(codes, kind, 'type')]);
  const [code] = constant(targetOf({ type: described, length: 1, order: described.order }), expr ?? 'port-unreachable');
  if (kind === 'icmpx') {
    scope.act({ kind: 'reject', data: { type: 'icmpx-unreach', icmpCode: code! } });
    return;
  }
  scope.requireFirst(headerOf(kind === 'icmp' ? 'ip' : 'ip6')!);
  scope.act({ kind: 'reject', data: { type: 'icmp-unreach', icmpCode: code! } });
}

/** @throws InputError */
export function queue(scope: Scope, of: NonNullable<QueueStatement['queue']>): void {
  const flags: readonly unknown[] = of.flags === undefined ? [] : Array.isArray(of.flags) ? of.flags : [of.flags];
  const data: ExpressionData<'queue'> = {};
  if (flags.length > 0) data.flags = flags.map((flag) => oneOf({ bypass: 0, fanout: 0 }, flag, 'flags'));
  const { num } = of;
  if (num === undefined || typeof num === 'number') {
    checking('num', () => checkInteger(num ?? 0, 0, 65_535));
    Object.assign(data, { num: num ?? 0, total: 1 });
  } else if (isNode(num) && 'range' in num) {
    const [first, last] = num.range as readonly [number, number];
    for (const end of [first, last]) checking('num', () => checkInteger(end, 0, 65_535));
    if (last < first) throw new InputError('num', `the first queue, ${first}, is above the last, ${last}`, 'ERR_OUT_OF_RANGE');
    Object.assign(data, { num: first, total: last - first + 1 });
  } else {
    if (isConstant(num)) throw new InputError('num', `${show(num)} is no number of a queue`);
    const number = targetOf({ type: dataType('integer'), length: 2, order: 'host' });
    scope.act(...operand(scope, number, num, 0), { kind: 'queue', data: { ...data, sregQnum: 1 } });
    return;
  }
  scope.act({ kind: 'queue', data });
}

/** @throws InputError */
export function dup(scope: Scope, { addr, dev }: DupStatement['dup']): void {
  if (scope.family === 'netdev') {
    scope.act(...operand(scope, interfaceTarget(), addr, 0), { kind: 'dup', data: { sregDev: 1 } });
    return;
  }
  const family = addressFamily(scope, undefined, addr);
  const data: ExpressionData<'dup'> = { sregAddr: 1 };
  const expressions = operand(scope, addressTarget(family), addr, 0);
  if (dev !== undefined) {
    expressions.push(...operand(scope, interfaceTarget(), dev, fullRegister));
    data.sregDev = registerAt(fullRegister);
  }
  scope.act(...expressions, { kind: 'dup', data });
}

function addressFamily(scope: Scope, given: 'ip' | 'ip6' | undefined, addr: Expr): 'ip' | 'ip6' {
  if (given !== undefined) return given;
  if (scope.family === 'ip' || scope.family === 'ip6') return scope.family;
  const known = scope.knows('network');
  if (known === 'ip' || known === 'ip6') return known;
  if (typeof addr === 'string') return addr.includes(':') ? 'ip6' : 'ip';
  throw new InputError('family', `an address needs its family in a table of the family ${scope.family}`);
}

/** @throws InputError */
export function fwd(scope: Scope, { dev, addr, family }: FwdStatement['fwd']): void {
  const data: ExpressionData<'fwd'> = { sregDev: 1 };
  const expressions = operand(scope, interfaceTarget(), dev, 0);
  if (addr !== undefined) {
    data.family = addressFamily(scope, family, addr);
    expressions.push(...operand(scope, addressTarget(data.family as 'ip'), addr, fullRegister));
    data.sregAddr = registerAt(fullRegister);
  }
  scope.act(...expressions, { kind: 'fwd', data });
}

/** @throws InputError */
export function synproxy({ mss, wscale, flags }: Exclude<NonNullable<SynproxyStatement['synproxy']>, string>): Expression {
  const all: ('mss' | 'wscale' | 'timestamp' | 'sack-perm')[] = [];
  const given: readonly unknown[] = flags === undefined ? [] : Array.isArray(flags) ? flags : [flags];
  for (const flag of given) all.push(oneOf({ timestamp: 0, 'sack-perm': 0 }, flag, 'flags'));
  const data: ExpressionData<'synproxy'> = {};
  if (mss !== undefined) {
    data.mss = mss;
    all.push('mss');
  }
  if (wscale !== undefined) {
    data.wscale = wscale;
    all.push('wscale');
  }
  return { kind: 'synproxy', data: { ...data, flags: all } };
}

/** @throws InputError */
export function xt({ type, name, rev, info }: XtStatement['xt']): Expression {
  const data = { name, revision: rev ?? 0, info: info ?? new Uint8Array(0) };
  return oneOf({ match: 0, target: 0 }, type, 'type') === 'match' ? { kind: 'match', data } : { kind: 'target', data };
}
