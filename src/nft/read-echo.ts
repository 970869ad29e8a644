/** Rules that a transaction made, with what they say: the sets that they brought along are known from what was sent. */
import type { Request } from '../netlink/operation.ts';
import type { Program } from '../netlink/program.ts';
import { setsThere } from './change/settle.ts';
import type { FilledSet } from './delinearize/held.ts';
import { readStatements } from './delinearize/read-statements.ts';
import { type ElementRequest, newElements } from './element.ts';
import type { Expression } from './expressions/expression.ts';
import { bringsAlong, rulesBrought, setsForReading, withStatements } from './read-rules.ts';
import type { Rule } from './rule.ts';
import { newSet, type SetMessage } from './set.ts';
import { setFromWire } from './set-definition.ts';
import { elementLayout, elementsFromWire } from './set-elements.ts';

/** A rule as the kernel told it, and what was asked for. */
export interface EchoedRule {
  readonly rule: Rule;
  readonly asked: readonly Expression[];
}

/** `requests`: all of the transaction. Asks for the sets of the table that the rules refer to. */
export function* readEchoed(echoed: readonly EchoedRule[], requests: readonly Request[]): Program<Rule[]> {
  const rules = echoed.map(({ rule }) => rule);
  // rules that these brought along are told to nobody but who lists them
  if (bringsAlong(rules)) return withStatements(rules, yield* setsForReading({}), yield* rulesBrought(rules, {}));
  const brought = setsSent(requests);
  const named = echoed.flatMap(({ rule, asked }) =>
    rule.expressions.flatMap((expression, i) => {
      const name = setOf(expression)?.set;
      return name === undefined || brought.has(setOf(asked[i])?.setId ?? -1) ? [] : [{ family: rule.family, table: rule.table, name }];
    }),
  );
  const there: FilledSet[] = named.length === 0 ? [] : [...(yield* setsThere(named)).values()];
  return echoed.map(({ rule, asked }) => {
    const own = rule.expressions.flatMap((expression, i): FilledSet[] => {
      const set = brought.get(setOf(asked[i])?.setId ?? -1);
      const name = setOf(expression)?.set;
      return set === undefined || name === undefined ? [] : [{ ...set, name }];
    });
    return { ...rule, statements: readStatements(rule, [...there, ...own]) };
  });
}

function setOf(expression: Expression | undefined): { readonly set?: string; readonly setId?: number } | undefined {
  const looks = expression?.kind === 'lookup' || expression?.kind === 'objref' || expression?.kind === 'dynset';
  return looks ? expression.data : undefined;
}

/** The sets without a name that are sent, by their numbers in the transaction. */
function setsSent(requests: readonly Request[]): ReadonlyMap<number, FilledSet> {
  const sets = new Map<number, FilledSet>();
  for (const { operation, value } of requests) {
    if (operation === newSet) {
      const wire = value as SetMessage;
      if (wire.id !== undefined && wire.flags?.includes('anonymous') === true) sets.set(wire.id, { ...setFromWire(wire), elements: [] });
    } else if (operation === newElements) {
      const { setId, elements = [] } = value as ElementRequest;
      const set = setId === undefined ? undefined : sets.get(setId);
      if (set !== undefined)
        sets.set(setId!, { ...set, elements: [...(set.elements ?? []), ...elementsFromWire(elementLayout(set), elements)] });
    }
  }
  return sets;
}
