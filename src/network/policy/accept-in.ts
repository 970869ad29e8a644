/**
 * Accepting a network's packets in chains of others. A drop is the last word whichever table it is in, an accept in that table alone: where another table drops what is
 * forwarded, no rule of netloom's own can change that.
 */
import { InputError, NotFoundError } from '../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import type { Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { change } from '../../nft/change/change.ts';
import { accept, counter, meta, rule } from '../../nft/language/index.ts';
import { isMissing } from '../../nft/missing.ts';
import { checkName } from '../../nft/name.ts';
import { ownerEntry, ownerKey } from '../../nft/owner.ts';
import type { Rule } from '../../nft/rule.ts';
import { rulePrograms } from '../../nft/rules.ts';
import { tablePrograms } from '../../nft/tables.ts';
import { transaction } from '../../nft/transaction.ts';

const families = ['ip', 'ip6', 'inet'] as const;

/** A chain of somebody else's that a network's packets shall be accepted in. */
export interface ForeignChain {
  readonly family: (typeof families)[number];
  readonly table: string;
  readonly chain: string;
}

const members = memberNames<ForeignChain>({ family: true, table: true, chain: true });

/** @throws InputError naming the member that is wrong */
export function checkForeignChains(given: unknown, argument: string): ForeignChain[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new InputError(argument, `expected an array of chains, got ${show(given)}`, 'ERR_INVALID_ARG_TYPE');
  return (given as readonly ForeignChain[]).map((chain, i) =>
    inArgument(`${argument}[${i}]`, () => {
      checkMembers(chain, '', members);
      if (!families.includes(chain.family)) throw new InputError('family', `${show(chain.family)} is none of ${families.join(', ')}`);
      checkName(chain.table, 'table');
      checkName(chain.chain, 'chain');
      return { family: chain.family, table: chain.table, chain: chain.chain };
    }),
  );
}

function keyOf(network: string): string {
  return `network:${network}:accept`;
}

/**
 * Accepts what comes from the network's link and goes to it, at the head of each chain. The rules are such that iptables(8) can read them too.
 *
 * @throws NotFoundError naming `acceptIn[0]` when there is no such chain
 */
export function* acceptIn(network: string, link: string, chains: readonly ForeignChain[]): Program<void> {
  const common = { comment: `network ${network}`, userdata: [ownerEntry(keyOf(network))] };
  for (const [i, place] of chains.entries()) {
    try {
      yield* transaction([
        change.rules.insert({ ...place, ...common, statements: rule(meta.oifname.in(link), counter(), accept()) }),
        change.rules.insert({ ...place, ...common, statements: rule(meta.iifname.in(link), counter(), accept()) }),
      ]);
    } catch (error) {
      if (!isMissing(error)) throw error;
      const what = `chain ${place.family} ${place.table} ${place.chain}`;
      throw new NotFoundError(`acceptIn[${i}]`, what, 'ENOENT', { cause: error });
    }
  }
}

/** A rule of {@link acceptIn}, and the network it is for. */
export interface AcceptingRule {
  readonly network: string;
  readonly rule: Rule;
}

/** The rules of {@link acceptIn}, and the networks they are for: in whatever chain they are. */
export function* acceptingRules(): Program<AcceptingRule[]> {
  const found: AcceptingRule[] = [];
  for (const { family, name } of yield* tablePrograms.list()) {
    if (!families.some((each) => each === family) || name.startsWith('netloom')) continue;
    for (const each of yield* rulePrograms.list({ family, table: name })) {
      const match = /^network:(.+):accept$/.exec(ownerKey(each.userdata) ?? '');
      if (match !== null) found.push({ network: match[1]!, rule: each });
    }
  }
  return found;
}

/** Removes such rules. Those that are gone, as when their table was made anew, are no error. */
export function* removeAccepting(rules: readonly AcceptingRule[]): Program<void> {
  for (const { rule: each } of rules) {
    try {
      yield* transaction([change.rules.delete(each)]);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
