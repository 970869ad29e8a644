/** Whether two sets without a name are the same. */
import type { AnonymousSet } from '../anonymous-set.ts';
import { type Data, isVerdict } from '../data.ts';
import { sameBytes } from '../datatype/key.ts';
import { sameExpression } from './canonical.ts';
import { type Held, heldBy } from './held.ts';

/** Whether two sets are of the same types and hold the same, in any order. */
export function sameSet(a: Omit<AnonymousSet, 'id'>, b: Omit<AnonymousSet, 'id'>): boolean {
  if (a.keyType !== b.keyType || a.keyLength !== b.keyLength || (a.interval === true) !== (b.interval === true)) return false;
  if (!sameMap(a.map, b.map)) return false;
  const [heldA, heldB] = [heldBy(a), heldBy(b)];
  return heldA.length === heldB.length && heldA.every((held, i) => sameHeld(held, heldB[i]!));
}

function sameMap(a: AnonymousSet['map'], b: AnonymousSet['map']): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if ('objectType' in a || 'objectType' in b) return 'objectType' in a && 'objectType' in b && a.objectType === b.objectType;
  return a.dataType === b.dataType && a.dataLength === b.dataLength && (a.interval === true) === (b.interval === true);
}

function sameHeld(a: Held, b: Held): boolean {
  if (!a.plain || !b.plain || a.catchAll !== b.catchAll || a.object !== b.object || a.comment !== b.comment) return false;
  if (!sameBytes(a.from, b.from) || !sameBytes(a.to, b.to) || !sameData(a.data, b.data)) return false;
  return a.expressions.length === b.expressions.length && a.expressions.every((each, i) => sameExpression(each, b.expressions[i]!));
}

function sameData(a: Data | undefined, b: Data | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (!isVerdict(a) || !isVerdict(b)) return !isVerdict(a) && !isVerdict(b) && sameBytes(a, b);
  return a.code === b.code && a.chain === b.chain;
}
