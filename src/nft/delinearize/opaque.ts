/** Expressions that no statement says, kept as they are. */
import { type AnonymousSet, anonymousMapName, anonymousSetName } from '../anonymous-set.ts';
import type { Expression } from '../expressions/expression.ts';
import type { KernelStatement } from '../statements/statement.ts';
import type { TableSets } from './table-sets.ts';

/** The expressions as a statement, with the sets that they look into where these are the rule's own. */
export function opaque(expressions: readonly Expression[], known: TableSets): KernelStatement {
  const sets: AnonymousSet[] = [];
  const kept = expressions.map((expression) => {
    if (expression.kind !== 'lookup' && expression.kind !== 'objref') return expression;
    const set = expression.data?.set === undefined ? undefined : known.anonymous(expression.data.set);
    if (set === undefined) return expression;
    const id = sets.length + 1;
    sets.push({ ...set, id });
    const name = expression.kind === 'objref' ? '__objmap%d' : set.map === undefined ? anonymousSetName : anonymousMapName;
    return { ...expression, data: { ...expression.data, set: name, setId: id } } as Expression;
  });
  return { kernel: { expressions: kept, ...(sets.length === 0 ? {} : { sets }) } };
}
