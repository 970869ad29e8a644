/** Rules that a rule brings along: `jump { … }` of nft(8). The kernel keeps them in a chain without a name of the user's, which lives and dies with the rule. */
import { NLM_F_APPEND, NLM_F_CREATE } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { newChain } from '../chain.ts';
import { isVerdict } from '../data.ts';
import { acceptable } from '../expressions/acceptable.ts';
import type { Expression } from '../expressions/expression.ts';
import { familyNumber } from '../nfnetlink.ts';
import { newRule, type RuleBlock, type RulePlace, ruleToWire } from '../rule.ts';
import { nextId } from './shared.ts';

type WithBlocks = RulePlace & { readonly blocks?: readonly RuleBlock[] };

/** The requests that make the chains of a rule's blocks. `ids`: from the numbers that the rule gives its blocks to those of the transaction; filled here. */
export function blockChains(rule: WithBlocks, ids: Map<number, number>, subject: string): Request[] {
  return (rule.blocks ?? []).map(({ id }) => {
    const own = nextId();
    ids.set(id, own);
    const value = { family: familyNumber(rule.family), table: rule.table, id: own, flags: ['binding'] };
    return { operation: newChain, flags: NLM_F_CREATE, value, expects: 'ack', subject };
  });
}

/** The requests that fill them. `prepared`: what else becomes of their expressions. */
export function blockRules(
  rule: WithBlocks,
  ids: ReadonlyMap<number, number>,
  subject: string,
  prepared: (expression: Expression) => Expression,
): Request[] {
  return (rule.blocks ?? []).flatMap(({ id, rules }) =>
    rules.map((each): Request => {
      const place = { family: rule.family, table: rule.table, chain: rule.chain };
      const expressions = each.expressions.map((expression) => withChainId(prepared(acceptable(expression)), ids));
      const { chain: _, ...wire } = ruleToWire({ ...place, ...each });
      const value = { ...wire, expressions, chainId: ids.get(id)! };
      return { operation: newRule, flags: NLM_F_CREATE | NLM_F_APPEND, value, expects: 'ack', subject };
    }),
  );
}

/** The expression with the id that the block it jumps to has in the transaction. */
export function withChainId(expression: Expression, ids: ReadonlyMap<number, number>): Expression {
  if (expression.kind !== 'immediate' || expression.data?.data === undefined || !isVerdict(expression.data.data)) return expression;
  const verdict = expression.data.data;
  const id = verdict.chainId === undefined ? undefined : ids.get(verdict.chainId);
  return id === undefined ? expression : { ...expression, data: { ...expression.data, data: { ...verdict, chainId: id } } };
}
