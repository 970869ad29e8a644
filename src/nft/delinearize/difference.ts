/** Whether two lists of expressions are the same rule, with the sets and the rules that it brings along. */
import type { AnonymousSet } from '../anonymous-set.ts';
import { isVerdict, type Verdict } from '../data.ts';
import type { Expression } from '../expressions/expression.ts';
import type { RuleBlock } from '../rule.ts';
import { chainBroughtBy } from './blocks.ts';
import { sameExpression } from './canonical.ts';
import { sameSet } from './same-set.ts';
import type { TableSets } from './table-sets.ts';

/** A comparison with two ends, as nft(8) 1.1 has it in one expression and nft 1.0 in two. */
interface Step {
  readonly expression: Expression;
  /** Which one of the list it is. */
  readonly index: number;
}

function isWholeRange(expression: Expression): boolean {
  return expression.kind === 'range' && expression.data?.op === 'eq';
}

function steps(expressions: readonly Expression[]): Step[] {
  if (!expressions.some(isWholeRange)) return expressions.map((expression, index) => ({ expression, index }));
  return expressions.flatMap((expression, index): Step[] => {
    const { sreg, op, fromData, toData } = (expression.kind === 'range' ? expression.data : undefined) ?? {};
    if (op !== 'eq') return [{ expression, index }];
    if (sreg === undefined || fromData === undefined || toData === undefined) return [{ expression, index }];
    return [
      { expression: { kind: 'cmp', data: { sreg, op: 'gte', data: fromData } }, index },
      { expression: { kind: 'cmp', data: { sreg, op: 'lte', data: toData } }, index },
    ];
  });
}

/** A rule that was made anew, to compare with. */
export interface Made {
  readonly expressions: readonly Expression[];
  readonly sets: readonly AnonymousSet[];
  readonly blocks?: readonly RuleBlock[];
}

/** Where expressions of the kernel's are first not what was made; undefined: they are all the same. */
export function firstDifference(listed: readonly Expression[], made: Made, known: TableSets): number | undefined {
  const [a, b] = [steps(listed), steps(made.expressions)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined || !sameStep(x.expression, y.expression, made, known))
      return Math.min(x?.index ?? listed.length, listed.length - 1);
  }
  return undefined;
}

/** Rules that were brought along, and those that are. */
function sameBlock(listed: Expression, made: Verdict, { sets, blocks = [] }: Made, known: TableSets): boolean {
  const [rules, again] = [known.block(chainBroughtBy(listed)), blocks.find(({ id }) => id === made.chainId)?.rules];
  const data = listed.kind === 'immediate' ? listed.data?.data : undefined;
  if (data === undefined || !isVerdict(data) || data.code !== made.code) return false;
  if (rules === undefined || rules.length !== again?.length) return false;
  const within = known.withoutBlocks();
  return rules.every(
    ({ expressions }, i) => firstDifference(expressions, { expressions: again[i]!.expressions, sets }, within) === undefined,
  );
}

function sameStep(listed: Expression, made: Expression, all: Made, known: TableSets): boolean {
  if (made.kind === 'immediate' && made.data?.data !== undefined && isVerdict(made.data.data) && made.data.data.chainId !== undefined)
    return sameBlock(listed, made.data.data, all, known);
  const { sets } = all;
  const setId = made.kind === 'lookup' || made.kind === 'objref' ? made.data?.setId : undefined;
  const own = setId === undefined ? undefined : sets.find(({ id }) => id === setId);
  if (own === undefined || (listed.kind !== 'lookup' && listed.kind !== 'objref')) return sameExpression(listed, made);
  const there = listed.data?.set === undefined ? undefined : known.anonymous(listed.data.set);
  // a set that was kept as it is holds the very same elements, whatever they come with
  if (there === undefined || !(there.elements === own.elements || sameSet(there, own))) return false;
  const { set: _listed, setId: _number, ...a } = listed.data!;
  const { set: _made, setId: _id, ...b } = made.data as NonNullable<typeof listed.data>;
  return sameExpression({ kind: listed.kind, data: a } as Expression, { kind: made.kind, data: b } as Expression);
}
