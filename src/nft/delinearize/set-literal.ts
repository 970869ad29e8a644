/** Sets without a name as literals: the reverse of `linearize/anonymous.ts`. */
import type { AnonymousSet } from '../anonymous-set.ts';
import { type Data, isVerdict } from '../data.ts';
import { compareBytes } from '../datatype/key.ts';
import { padded } from '../datatype/layout.ts';
import { isSwapped, type Target } from '../linearize/constant.ts';
import { type Expr, isNode, type SetExpression } from '../statements/expression.ts';
import type { VerdictStatement } from '../statements/verdict.ts';
import { type Held, heldBy } from './held.ts';
import { between, literal } from './literal.ts';
import { statefulOf } from './stateful.ts';

/** What a set holds, in order of its keys. `held`: what the values of a map are for. undefined: the tree cannot say it. */
export function setLiteral(set: Omit<AnonymousSet, 'id'>, keys: readonly Target[], held?: readonly Target[]): SetExpression | undefined {
  const elements: (Expr | readonly [Expr, Expr | VerdictStatement])[] = [];
  for (const each of inOrder(set, keys)) {
    const key = each.plain ? elementOf(each, keys, set.interval === true) : undefined;
    if (key === undefined) return undefined;
    if (set.map === undefined) {
      elements.push(key);
      continue;
    }
    const data = dataOf(set.map, each, held);
    if (data === undefined) return undefined;
    elements.push([key, data]);
  }
  const [only] = elements;
  if (only === undefined) return undefined;
  // one value by itself would be compared, and not looked up
  const single = elements.length === 1 && set.map === undefined && keys.length === 1 && !isElem(only as Expr);
  return single ? { set: [{ elem: { val: only as Expr } }] } : { set: elements };
}

function isElem(of: Expr): boolean {
  return isNode(of) && 'elem' in of;
}

/** The key of an element, with what it comes with. */
function elementOf({ from, to, catchAll, comment, expressions }: Held, keys: readonly Target[], interval: boolean): Expr | undefined {
  const val = catchAll ? '*' : keyOf(keys, from, to, interval);
  const state = statefulOf(expressions);
  if (val === undefined || state === undefined) return undefined;
  if (comment === undefined && expressions.length === 0) return val;
  return { elem: { val, ...state, ...(comment === undefined ? {} : { comment }) } };
}

/** Integers of the machine are sorted as numbers. */
function inOrder(set: Omit<AnonymousSet, 'id'>, keys: readonly Target[]): Held[] {
  const elements = heldBy(set);
  const [key] = keys;
  if (set.interval === true || keys.length > 1 || key === undefined || !isSwapped(key)) return elements;
  return elements.sort((a, b) => compareBytes(a.from.toReversed(), b.from.toReversed()));
}

/** `interval`: integers are in network order. */
function keyOf(keys: readonly Target[], from: Uint8Array, to: Uint8Array, interval: boolean): Expr | undefined {
  const [only] = keys;
  if (keys.length === 1) return part(only!, from, to, interval);
  const parts: Expr[] = [];
  let at = 0;
  for (const key of keys) {
    const value = part(key, from.subarray(at, at + key.loaded), to.subarray(at, at + key.loaded), interval);
    if (value === undefined) return undefined;
    parts.push(value);
    at += padded(key.loaded);
  }
  return at === from.length ? { concat: parts } : undefined;
}

function part(key: Target, from: Uint8Array, to: Uint8Array, interval: boolean): Expr | undefined {
  return interval ? between(key, from, to) : literal(key, from);
}

function dataOf(
  map: NonNullable<AnonymousSet['map']>,
  { data, object }: Held,
  held?: readonly Target[],
): Expr | VerdictStatement | undefined {
  if (map === 'verdict') return data === undefined ? undefined : verdictStatement(data);
  if ('objectType' in map) return object;
  if (!(data instanceof Uint8Array) || held === undefined) return undefined;
  const half = data.length / 2;
  return map.interval === true ? keyOf(held, data.subarray(0, half), data.subarray(half), true) : keyOf(held, data, data, false);
}

/** A verdict; undefined: one that nft(8) has no word for. */
export function verdictStatement(of: Data): VerdictStatement | undefined {
  if (!isVerdict(of)) return undefined;
  switch (of.code) {
    case 'accept':
      return { accept: null };
    case 'drop':
      return { drop: null };
    case 'continue':
      return { continue: null };
    case 'return':
      return { return: null };
    case 'jump':
    case 'goto':
      if (of.chain === undefined) return undefined;
      return of.code === 'jump' ? { jump: { target: of.chain } } : { goto: { target: of.chain } };
    default:
      return undefined;
  }
}
