/** Rules that a rule brings along (`jump { … }`): the kernel has them in a chain that it gave a name. Source: net/netfilter/nf_tables_api.c (NFT_CHAIN_BINDING). */
import { isVerdict } from '../data.ts';
import type { Expression } from '../expressions/expression.ts';
import type { Family } from '../nfnetlink.ts';
import type { Annotated } from '../userdata.ts';

/** A rule of the table, as it is listed. */
export interface ChainRule extends Annotated {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the chain. */
  readonly chain: string;
  /** The kernel's instructions, in order. */
  readonly expressions: readonly Expression[];
}

/** Whether the kernel named the chain, for the rule that brought it along. */
export function isBroughtAlong(chain: string): boolean {
  return /^__chain\d+$/.test(chain);
}

/** The chain that an expression goes on in, where that came with its rule. */
export function chainBroughtBy(expression: Expression): string | undefined {
  if (expression.kind !== 'immediate') return undefined;
  const { data } = expression.data ?? {};
  const chain = data !== undefined && isVerdict(data) ? data.chain : undefined;
  return chain !== undefined && isBroughtAlong(chain) ? chain : undefined;
}

/** The rules of such chains, by chain. */
export function blocksAmong(rules: Iterable<ChainRule>): ReadonlyMap<string, readonly ChainRule[]> {
  const blocks = new Map<string, ChainRule[]>();
  for (const rule of rules) {
    if (!isBroughtAlong(rule.chain)) continue;
    const block = blocks.get(rule.chain);
    if (block === undefined) blocks.set(rule.chain, [rule]);
    else block.push(rule);
  }
  return blocks;
}
