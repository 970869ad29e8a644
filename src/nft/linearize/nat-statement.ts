/** `snat`, `dnat`, `masquerade`, `redirect`, `tproxy`. Source: nft(8), NAT STATEMENTS and TPROXY STATEMENT. */
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { dataType } from '../datatype/data-type.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { checking } from '../options.ts';
import { type Expr, isNode } from '../statements/expression.ts';
import type { NatFlag, NatOptions, TproxyStatement } from '../statements/statement.ts';
import { bounds, type Target, targetOf } from './constant.ts';
import { lookUpIn } from './lookup.ts';
import { operand } from './operand.ts';
import { fullRegister, registerAt } from './registers.ts';
import type { Scope } from './scope.ts';

type Flag = NonNullable<ExpressionData<'nat'>['flags']>[number];
const flagNames: ReadonlySet<NatFlag> = new Set(['random', 'fully-random', 'persistent', 'netmap']);

function typed(type: 'ipv4_addr' | 'ipv6_addr' | 'inet_service' | 'iface_index'): Target {
  const described = dataType(type);
  return targetOf({ type: described, length: described.bits / 8, order: described.order });
}

export const portTarget = (): Target => typed('inet_service');
export const interfaceTarget = (): Target => typed('iface_index');
export function addressTarget(family: 'ip' | 'ip6'): Target {
  return typed(family === 'ip' ? 'ipv4_addr' : 'ipv6_addr');
}

function flagsOf(given: NatOptions['flags']): Flag[] {
  const list: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  for (const flag of list) if (!flagNames.has(flag as NatFlag)) throw new InputError('flags', noneOf(flag, flagNames));
  return [...list] as Flag[];
}

/** Addresses of the network layer are all that there is to translate. */
function checkFamily({ family }: Scope): void {
  if (family !== 'ip' && family !== 'ip6' && family !== 'inet') throw new InputError('', `the family ${family} translates no addresses`);
}

/** Loads a value or the ends of a range, each into a register of its own. @returns the registers, and the next free word */
function loadEnds(scope: Scope, target: Target, of: Expr, word: number): { expressions: Expression[]; registers: number[]; next: number } {
  if (!isNode(of) || !('range' in of || 'prefix' in of)) {
    const expressions = operand(scope, target, of, word);
    return { expressions, registers: [registerAt(word)], next: word + fullRegister };
  }
  const ends = bounds(target, of);
  const registers = [registerAt(word), registerAt(word + fullRegister)];
  const expressions = ends.map((data, i): Expression => ({ kind: 'immediate', data: { dreg: registers[i]!, data } }));
  return { expressions, registers, next: word + 2 * fullRegister };
}

/** @throws InputError */
export function nat(scope: Scope, type: 'snat' | 'dnat', options: NatOptions): void {
  checkFamily(scope);
  const { addr, port } = options;
  const flags = flagsOf(options.flags);
  const family = options.family ?? (scope.family === 'ip' || scope.family === 'ip6' ? scope.family : undefined);
  if (addr === undefined && port === undefined) throw new InputError('addr', 'an address, a port or both are needed');
  const data: ExpressionData<'nat'> = { type, family: family ?? 'inet' };
  const expressions: Expression[] = [];
  let word = 0;
  if (addr !== undefined) {
    if (family === undefined) throw new InputError('family', `an address needs its family in a table of the family ${scope.family}`);
    if (isNode(addr) && 'map' in addr) word = checking('addr', () => natMap(scope, family, addr.map, data, expressions));
    else {
      const { expressions: made, registers, next } = checking('addr', () => loadEnds(scope, addressTarget(family), addr, 0));
      expressions.push(...made);
      [data.regAddrMin] = registers as [number];
      if (registers[1] !== undefined) data.regAddrMax = registers[1];
      word = next;
    }
  }
  if (port !== undefined) {
    if (data.regProtoMin !== undefined) throw new InputError('port', 'the map gives ports already');
    const { expressions: made, registers } = checking('port', () => loadEnds(scope, portTarget(), port, word));
    expressions.push(...made);
    [data.regProtoMin] = registers as [number];
    if (registers[1] !== undefined) data.regProtoMax = registers[1];
    flags.push('proto-specified');
  }
  if (options.type_flags !== undefined) flags.push('netmap');
  if (flags.length > 0) data.flags = flags;
  scope.act(...expressions, { kind: 'nat', data });
}

/** A map that gives addresses, or addresses and ports. */
function natMap(
  scope: Scope,
  family: 'ip' | 'ip6',
  map: { readonly key: Expr; readonly data: Expr },
  data: ExpressionData<'nat'>,
  expressions: Expression[],
): number {
  const address = addressTarget(family);
  const named = typeof map.data === 'string' && map.data.startsWith('@') ? scope.knownSet(map.data.slice(1)) : undefined;
  const pairs = isNode(map.data) && 'set' in map.data && Array.isArray(map.data.set) ? map.data.set : [];
  const [, given] = (pairs[0] ?? []) as readonly [unknown?, Expr?];
  const withPort = named === undefined ? given !== undefined && isNode(given) && 'concat' in given : Array.isArray(named.map);
  const looked = lookUpIn(scope, map.key, map.data, withPort ? [address, portTarget()] : [address]);
  const interval = named === undefined ? looked.interval : named.mapInterval === true;
  expressions.push(...looked.load);
  const words = address.loaded / 4;
  const half = withPort ? words + 1 : words;
  data.regAddrMin = registerAt(0);
  if (withPort) data.regProtoMin = registerAt(words);
  if (interval) data.regAddrMax = registerAt(half);
  if (interval && withPort) data.regProtoMax = registerAt(half + words);
  return fullRegister * Math.ceil((interval ? 2 * half : half) / fullRegister);
}

/** `masquerade` and `redirect`. @throws InputError */
export function natHere(scope: Scope, kind: 'masq' | 'redir', options: Pick<NatOptions, 'port' | 'flags'>): void {
  checkFamily(scope);
  const flags = flagsOf(options.flags);
  const data: ExpressionData<'masq'> = {};
  const expressions: Expression[] = [];
  if (options.port !== undefined) {
    const { expressions: made, registers } = checking('port', () => loadEnds(scope, portTarget(), options.port!, 0));
    expressions.push(...made);
    [data.regProtoMin] = registers as [number];
    if (registers[1] !== undefined) data.regProtoMax = registers[1];
    flags.push('proto-specified');
  }
  if (flags.length > 0) data.flags = flags;
  scope.act(...expressions, { kind, data });
}

/** @throws InputError */
export function tproxy(scope: Scope, { family: given, addr, port }: TproxyStatement['tproxy']): void {
  checkFamily(scope);
  const family = given ?? (scope.family === 'ip' || scope.family === 'ip6' ? scope.family : undefined);
  if (addr === undefined && port === undefined) throw new InputError('addr', 'an address, a port or both are needed');
  const data: ExpressionData<'tproxy'> = { family: family ?? 'unspec' };
  const expressions: Expression[] = [];
  if (addr !== undefined) {
    if (family === undefined) throw new InputError('family', `an address needs its family in a table of the family ${scope.family}`);
    expressions.push(...checking('addr', () => operand(scope, addressTarget(family), addr, 0)));
    data.regAddr = registerAt(0);
  }
  if (port !== undefined) {
    const word = addr === undefined ? 0 : fullRegister;
    expressions.push(...checking('port', () => operand(scope, portTarget(), port, word)));
    data.regPort = registerAt(word);
  }
  scope.act(...expressions, { kind: 'tproxy', data });
}
