/** Lookups in sets and maps: those of the table by their names, and literals, which the rule brings along. Source: nft(8), SETS and MAPS. */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { anonymousMapName, anonymousSetName } from '../anonymous-set.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { checkName } from '../name.ts';
import { type Expr, isNode } from '../statements/expression.ts';
import { inField } from '../statements/name.ts';
import { anonymousSet, type Held } from './anonymous.ts';
import { computed } from './computed.ts';
import { isInterval, isSwapped } from './constant.ts';
import { registerAt } from './registers.ts';
import type { Scope } from './scope.ts';
import { type Source, sourcesOf } from './source.ts';

/** Turns an integer of the machine into network order. */
export function swap(word: number, length: number): Expression {
  const register = registerAt(word);
  return { kind: 'byteorder', data: { sreg: register, dreg: register, op: 'hton', len: length, size: length } };
}

/** Elements of a literal set. */
function elementsOf(of: Expr): readonly unknown[] {
  if (isNode(of) && 'set' in of) return Array.isArray(of.set) ? of.set : [of.set];
  throw new InputError('', `expected a set, got ${show(of)}`);
}

/** Loads what is looked up; in sets of intervals integers are in network order. */
function loadKeys(sources: readonly Source[], interval: boolean): Expression[] {
  let word = 0;
  return sources.flatMap((source) => {
    const at = word;
    word += (source.loaded + 3) >>> 2;
    return interval && isSwapped(source) ? [...source.load(at), swap(at, source.loaded)] : source.load(at);
  });
}

function keysOf(scope: Scope, left: Expr): Source[] {
  if (isNode(left) && 'concat' in left) return sourcesOf(scope, left);
  return [computed(scope, left)];
}

function isIcmpType({ names }: Source): boolean {
  return names !== undefined && (names[0] === 'icmp' || names[0] === 'icmpv6') && names[1] === 'type';
}

/** Whether a set of the table is one of intervals, where that matters. */
function isNamedInterval(scope: Scope, name: string, keys: readonly Source[]): boolean {
  return keys.some(isSwapped) && scope.knownSet(name)?.flags?.includes('interval') === true;
}

/** Matches what is in a set, or not. */
export function matchSet(scope: Scope, left: Expr, not: boolean, right: Expr): void {
  const keys = keysOf(scope, left);
  const flags: Pick<ExpressionData<'lookup'>, 'flags'> = not ? { flags: ['inv'] } : {};
  if (typeof right === 'string') {
    const set = checkName(right.slice(1), 'right');
    scope.match(...loadKeys(keys, isNamedInterval(scope, set, keys)), { kind: 'lookup', data: { sreg: 1, set, ...flags } });
    return;
  }
  const set = inField(left, () => anonymousSet(keys, elementsOf(right)));
  const setId = scope.addSet(set);
  const [key] = keys;
  const values = set.elements.map((element) => element.key);
  if (!not && set.interval !== true && keys.length === 1 && isIcmpType(key!) && values.every((value) => value instanceof Uint8Array))
    scope.learnIcmpTypes(values.map((value) => value[0]!));
  scope.match(...loadKeys(keys, set.interval === true), { kind: 'lookup', data: { sreg: 1, set: anonymousSetName, setId, ...flags } });
}

/** Looks a value up in a map, into the register that starts the memory (or the verdict). @returns whether the values are intervals */
export function lookUpIn(
  scope: Scope,
  key: Expr,
  data: Expr,
  held: Exclude<Held, { object: unknown }>,
): { load: Expression[]; interval: boolean } {
  const keys = keysOf(scope, key);
  const dreg = held === 'verdict' ? 0 : 1;
  if (typeof data === 'string' && data.startsWith('@')) {
    const set = checkName(data.slice(1), 'data');
    return {
      load: [...loadKeys(keys, isNamedInterval(scope, set, keys)), { kind: 'lookup', data: { sreg: 1, set, dreg } }],
      interval: false,
    };
  }
  const elements = inField(key, () => elementsOf(data));
  const set = inField(key, () => anonymousSet(keys, elements, held));
  const setId = scope.addSet(set);
  const interval =
    held !== 'verdict' &&
    elements.some((pair) => {
      const value = (pair as readonly [Expr, Expr])[1];
      const parts = isNode(value) && 'concat' in value ? value.concat : [value];
      return parts.some((part, i) => isInterval(held[i]!, part));
    });
  return {
    load: [...loadKeys(keys, set.interval === true), { kind: 'lookup', data: { sreg: 1, set: anonymousMapName, setId, dreg } }],
    interval,
  };
}

/** The same for a map of objects. */
export function lookUpObject(scope: Scope, key: Expr, data: Expr, object: Extract<Held, { object: unknown }>): Expression[] {
  const keys = keysOf(scope, key);
  if (typeof data === 'string' && data.startsWith('@')) {
    const set = checkName(data.slice(1), 'data');
    return [...loadKeys(keys, isNamedInterval(scope, set, keys)), { kind: 'objref', data: { sreg: 1, set } }];
  }
  const set = inField(key, () => anonymousSet(keys, elementsOf(data), object));
  const setId = scope.addSet(set);
  return [...loadKeys(keys, set.interval === true), { kind: 'objref', data: { sreg: 1, set: '__objmap%d', setId } }];
}
