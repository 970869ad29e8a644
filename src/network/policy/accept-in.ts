/**
 * Accepting a network's packets in chains of others. A drop is the last word whichever table it is in, an accept in that table alone: where another table drops what is
 * forwarded, no rule of netloom's own can change that.
 */
import { InputError, NotFoundError } from '../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import type { Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { change } from '../../nft/change/change.ts';
import { accept, counter, ip, ip6, ipv4, ipv6, meta, rule } from '../../nft/language/index.ts';
import { isMissing } from '../../nft/missing.ts';
import { checkName } from '../../nft/name.ts';
import { ownerEntry, ownerKey } from '../../nft/owner.ts';
import type { Rule } from '../../nft/rule.ts';
import { rulePrograms } from '../../nft/rules.ts';
import type { Statement } from '../../nft/statements/statement.ts';
import { transaction } from '../../nft/transaction.ts';
import { traitsOf } from '../driver/traits.ts';
import { endpointLinks } from '../name.ts';
import type { NetworkDefinition } from '../record.ts';

const families = ['ip', 'ip6', 'inet'] as const;

/** A chain of somebody else's that a network's packets shall be accepted in. */
export interface ForeignChain {
  /** Family of the table, as nft(8) calls it. */
  readonly family: (typeof families)[number];
  /** Name of the table. */
  readonly table: string;
  /** Name of the chain: one that packets on their way through the host pass. */
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

/** What packets of a network are told by in a chain of a family: what comes from it, and what goes to it. None: no packet of the network's is ever there. */
function matchesOf({ driver, link, subnets }: NetworkDefinition, family: ForeignChain['family']): Statement[][] {
  if (traitsOf({ driver }).host === 'port') return [[meta.iifname.in(link)], [meta.oifname.in(link)]];
  // its endpoints have no link in common: what all of their links are called like, and what addresses are theirs. Neither alone would do
  return subnets
    .filter((subnet) => family === 'inet' || family === (subnet.family === 'inet' ? 'ip' : 'ip6'))
    .flatMap(({ family: of, subnet }) => {
      const [from, to] =
        of === 'inet' ? [ip.saddr.in(ipv4(subnet)), ip.daddr.in(ipv4(subnet))] : [ip6.saddr.in(ipv6(subnet)), ip6.daddr.in(ipv6(subnet))];
      return [
        [meta.iifname.in(endpointLinks), from],
        [meta.oifname.in(endpointLinks), to],
      ];
    });
}

/** @throws InputError naming the chain that no packet of the network's is ever in */
export function checkAcceptable(network: NetworkDefinition, chains: readonly ForeignChain[]): void {
  for (const [i, { family }] of chains.entries())
    if (matchesOf(network, family).length === 0)
      throw new InputError(`acceptIn[${i}].family`, `the network has no subnet whose packets are in a chain of the family ${family}`);
}

/**
 * Accepts what comes from the network and goes to it, at the head of each chain. The rules are such that iptables(8) can read them too.
 *
 * @throws NotFoundError naming `acceptIn[0]` when there is no such chain
 */
export function* acceptIn(network: NetworkDefinition, chains: readonly ForeignChain[]): Program<void> {
  const common = { comment: `network ${network.name}`, userdata: [ownerEntry(keyOf(network.name))] };
  for (const [i, place] of chains.entries()) {
    // each is put before the last
    const rules = matchesOf(network, place.family)
      .map((matches) => rule(matches, counter(), accept()))
      .toReversed();
    try {
      yield* transaction(rules.map((statements) => change.rules.insert({ ...place, ...common, statements })));
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
  for (const family of families) {
    for (const each of yield* rulePrograms.list({ family })) {
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
