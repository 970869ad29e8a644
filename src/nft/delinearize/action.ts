/** Statements that log, refuse, and hand packets on: the reverse of `linearize/action.ts`. */
import { dataType } from '../datatype/data-type.ts';
import { readValue as readTyped } from '../datatype/value.ts';
import { targetOf } from '../linearize/constant.ts';
import { addressTarget, interfaceTarget } from '../linearize/nat-statement.ts';
import type { LogFlag, LogLevel, LogStatement, Statement } from '../statements/statement.ts';
import { keyExpr, operandExpr, type Reader, setExpr } from './context.ts';

/** One name as itself, several as a list, none not at all. */
export function oneOrMore<T>(names: readonly T[]): T | readonly T[] | undefined {
  return names.length > 1 ? names : names[0];
}

const levels: readonly LogLevel[] = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];
/** NFT_LOGLEVEL_*: what goes without saying. */
export const defaultLevel = 4;
const logFlags = [
  ['tcpseq', 'tcp sequence'],
  ['tcpopt', 'tcp options'],
  ['ipopt', 'ip options'],
  ['uid', 'skuid'],
  ['macdecode', 'ether'],
] as const;

export const readLog: Reader<'log'> = (
  _,
  { prefix, group, snaplen = 0, qthreshold = 0, level = defaultLevel, flags = [] },
): LogStatement => {
  const names: LogFlag[] = logFlags.filter(([flag]) => flags.includes(flag)).map(([, name]) => name);
  const given = names.length === logFlags.length ? 'all' : oneOrMore(names);
  const name = levels[level];
  const log: NonNullable<LogStatement['log']> = {
    ...(prefix === undefined ? {} : { prefix }),
    ...(group === undefined ? {} : { group }),
    ...(snaplen === 0 ? {} : { snaplen }),
    ...(qthreshold === 0 ? {} : { 'queue-threshold': qthreshold }),
    ...(level === defaultLevel || name === undefined ? {} : { level: name }),
    ...(given === undefined ? {} : { flags: given }),
  };
  return { log: Object.keys(log).length === 0 ? null : log };
};

/** NFT_REJECT_ICMPX_PORT_UNREACH, and the code of ICMP and of ICMPv6 that says so. */
const portUnreachable = { icmp: 3, icmpv6: 4, icmpx: 1 } as const;

export const readReject: Reader<'reject'> = ({ scope }, { type = 'icmp-unreach', icmpCode = 0 }) => {
  if (type === 'tcp-rst') return { reject: { type: 'tcp reset' } };
  const network = scope.knows('network');
  const own = network === 'ip' ? 'icmp' : network === 'ip6' ? 'icmpv6' : 'icmpx';
  const kind = type === 'icmpx-unreach' ? 'icmpx' : own;
  if (kind === 'icmpx' && type !== 'icmpx-unreach') return undefined;
  // where the rule says by itself which family it is for, the family of the answer is left to it
  if (icmpCode === portUnreachable[kind] && kind === own && (scope.family === network || kind === 'icmpx')) return { reject: null };
  const codes = { icmp: 'icmp_code', icmpv6: 'icmpv6_code', icmpx: 'icmpx_code' } as const;
  const code = dataType(codes[kind]);
  const expr = readTyped({ type: code, length: 1, order: code.order }, Uint8Array.of(icmpCode), 0);
  return { reject: { type: kind, expr: expr as string | number } };
};

export const readQueue: Reader<'queue'> = (context, { num = 0, total = 1, flags = [], sregQnum }) => {
  const names = oneOrMore(flags as ('bypass' | 'fanout')[]);
  const rest = names === undefined ? {} : { flags: names };
  if (sregQnum === undefined) return { queue: { num: total > 1 ? { range: [num, num + total - 1] } : num, ...rest } };
  const number = operandExpr(context, sregQnum, targetOf({ type: dataType('integer'), length: 2, order: 'host' }));
  return number === undefined ? undefined : { queue: { num: number, ...rest } };
};

export const readDup: Reader<'dup'> = (context, { sregAddr, sregDev }) => {
  const dev = sregDev === undefined ? undefined : operandExpr(context, sregDev, interfaceTarget());
  if (sregAddr === undefined) return dev === undefined ? undefined : { dup: { addr: dev } };
  const addr = addressOf(context, sregAddr);
  if (addr === undefined || (sregDev !== undefined && dev === undefined)) return undefined;
  return { dup: { addr, ...(dev === undefined ? {} : { dev }) } };
};

/** An address of the family that the packet is known to be of, or else that it has as many bytes as. */
function addressOf(context: Parameters<Reader<'dup'>>[0], register: number): ReturnType<typeof operandExpr> {
  const { scope, registers } = context;
  const load = registers.get(register)?.load;
  const network = scope.knows('network');
  const family =
    load?.kind === 'data' ? (load.data.length === 4 ? 'ip' : 'ip6') : network === 'ip' || network === 'ip6' ? network : undefined;
  return family === undefined ? undefined : operandExpr(context, register, addressTarget(family));
}

export const readFwd: Reader<'fwd'> = (context, { sregDev, sregAddr, family }) => {
  const dev = operandExpr(context, sregDev, interfaceTarget());
  if (dev === undefined) return undefined;
  if (sregAddr === undefined) return { fwd: { dev } };
  if (family !== 'ip' && family !== 'ip6') return undefined;
  const addr = operandExpr(context, sregAddr, addressTarget(family));
  return addr === undefined ? undefined : { fwd: { dev, addr, family } };
};

export const readSynproxy: Reader<'synproxy'> = (_, { mss, wscale, flags = [] }) => {
  const names = oneOrMore(flags.filter((flag) => flag === 'timestamp' || flag === 'sack-perm') as ('timestamp' | 'sack-perm')[]);
  const synproxy = {
    ...(mss === undefined || !flags.includes('mss') ? {} : { mss }),
    ...(wscale === undefined || !flags.includes('wscale') ? {} : { wscale }),
    ...(names === undefined ? {} : { flags: names }),
  };
  return { synproxy: Object.keys(synproxy).length === 0 ? null : synproxy };
};

const objectStatements: ReadonlySet<unknown> = new Set([
  'counter',
  'quota',
  'limit',
  'synproxy',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
]);

/** An object of the table, by its name or from a map. */
export const readObjref: Reader<'objref'> = (context, { type, name, sreg, set }) => {
  if (sreg === undefined)
    return objectStatements.has(type) && name !== undefined ? ({ [type as string]: name } as unknown as Statement) : undefined;
  const keys = context.registers.concatenated(context.scope, sreg);
  const held = set === undefined ? undefined : context.sets.objectsOf(set);
  if (keys === undefined || set === undefined || !objectStatements.has(held)) return undefined;
  const data = setExpr(
    context,
    set,
    keys.map(({ source }) => source),
  );
  return data === undefined ? undefined : ({ [held as string]: { map: { key: keyExpr(keys), data } } } as unknown as Statement);
};
