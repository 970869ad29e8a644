/** Rules as the kernel would list them: what netloom sends, through its bytes, with numbers in the names of the sets that a rule brings along. */

import { newElements } from '../../src/nft/element.ts';
import type { Expression } from '../../src/nft/expressions/expression.ts';
import { type Change, change, type Element, type Family, type NftSet, type Rule, type Statement } from '../../src/nft/index.ts';
import { newPackedRule, newRule, ruleFromWire } from '../../src/nft/rule.ts';
import { newSet } from '../../src/nft/set.ts';
import { setFromWire } from '../../src/nft/set-definition.ts';
import { elementLayout, elementsFromWire } from '../../src/nft/set-elements.ts';

export interface Listed {
  readonly rule: Rule;
  readonly sets: readonly (NftSet & { readonly elements: Element[] })[];
}

/** A rule of statements, made and listed. */
export function listed(family: Family, statements: readonly Statement[]): Listed {
  return listedBy(change.rules.add({ family, table: 't', chain: 'c', statements }));
}

function listedBy({ requests }: Change): Listed {
  const sets = new Map<number, NftSet & { elements: Element[] }>();
  let rule: Rule | undefined;
  for (const { operation, value } of requests) {
    const bytes = operation.body.bytes(value as never);
    if (operation === newSet) {
      const { id = 0, ...wire } = newSet.body.parse(bytes);
      sets.set(id, { ...setFromWire({ ...wire, name: (wire.name ?? '').replace('%d', String(sets.size)) }), elements: [] });
    } else if (operation === newElements) {
      const { setId = 0, elements = [] } = newElements.body.parse(bytes);
      const set = sets.get(setId)!;
      set.elements.push(...elementsFromWire(elementLayout(set), elements));
    } else if (operation === newPackedRule) rule = ruleFromWire(newRule.body.parse(bytes));
  }
  const named = (expression: Expression): Expression => {
    if (expression.kind !== 'lookup' && expression.kind !== 'objref') return expression;
    const { setId, ...data } = expression.data ?? {};
    return setId === undefined ? expression : ({ kind: expression.kind, data: { ...data, set: sets.get(setId)?.name } } as Expression);
  };
  return { rule: { ...rule!, expressions: rule!.expressions.map(named) }, sets: [...sets.values()] };
}
