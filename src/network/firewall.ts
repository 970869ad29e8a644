/**
 * The rules of networks: in the table `inet netloom`, where nothing of anybody else's is. Each carries the network it is for in its user data (and in its
 * comment, for people) and is found by that, never by what it says.
 */
import type { Program } from '../netlink/program.ts';
import type { Chain } from '../nft/chain.ts';
import { counter, ct, drop, ip, ip6, ipv4, ipv6, masquerade, meta, rule } from '../nft/language/index.ts';
import type { LinearRule } from '../nft/linearize/linear-rule.ts';
import { linearize } from '../nft/linearize/linearize.ts';
import { ensureOwned, type OwnedRules, removeOwned, type WantedRules } from '../nft/owned-rules.ts';
import { ownerKey } from '../nft/owner.ts';
import { rulePrograms } from '../nft/rules.ts';
import { linkGroup } from './name.ts';
import { acceptingRules, removeAccepting } from './policy/accept-in.ts';
import { hasLinksTable, makeLinksTable, removeLinksTable } from './policy/links-table.ts';
import type { NetworkDefinition } from './record.ts';
import type { Subnet } from './subnet.ts';

const family = 'inet';
const table = 'netloom';

const chains = {
  masquerade: { family, table, name: 'postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat' },
  // before anybody's rules that accept: a drop is the last word, an accept is not
  isolation: { family, table, name: 'isolation', type: 'filter', hook: 'forward', priority: -10 },
  internal: { family, table, name: 'isolation', type: 'filter', hook: 'forward', priority: -10 },
  published: { family, table, name: 'isolation', type: 'filter', hook: 'forward', priority: -10 },
  // before connections are tracked, and answers to 127.0.0.1 translated
  localhost: { family, table, name: 'localhost', type: 'filter', hook: 'prerouting', priority: 'raw' },
} as const satisfies Record<string, Chain>;

type Purpose = keyof typeof chains;

/** The keys of a network's rules begin with it, up to the colon. */
const keyPrefix = 'network:';

function keyOf(network: string, purpose: Purpose): string {
  return `${keyPrefix}${network}:${purpose}`;
}

/** Makes the rules of a network, and the table of its links. @param index of its link @throws NetlinkError */
export function* makeRules(network: NetworkDefinition, index: number): Program<void> {
  yield* ensureRules(network, index);
  yield* makeLinksTable(network);
}

/** Makes the rules that a network asks for in the table of all networks, unless they are there. @param index of its link @throws NetlinkError */
export function* ensureRules(network: NetworkDefinition, index: number): Program<void> {
  for (const wanted of wantedRules(network, index)) yield* ensureOwned(wanted);
}

/** Removes the rules of a network, whichever there are. @throws NetlinkError */
export function* removeRules(network: string): Program<void> {
  for (const found of yield* networkRules()) if (found.network === network) yield* removeOwned(found.rules);
  yield* removeLinksTable(network);
  yield* removeAccepting((yield* acceptingRules()).filter((found) => found.network === network));
}

/** Rules that are there, and the network they are for. */
export interface NetworkRules {
  readonly network: string;
  readonly rules: OwnedRules;
}

/** The rules of all networks. */
export function* networkRules(): Program<NetworkRules[]> {
  const found: NetworkRules[] = [];
  for (const purpose of Object.keys(chains) as Purpose[]) {
    const { name: chain } = chains[purpose];
    const handles = new Map<string, string[]>();
    for (const rule of yield* rulePrograms.list({ family, table, chain })) {
      const key = ownerKey(rule.userdata);
      if (key?.startsWith(keyPrefix) && key.endsWith(`:${purpose}`)) handles.set(key, [...(handles.get(key) ?? []), String(rule.handle)]);
    }
    for (const [key, mine] of handles)
      found.push({ network: key.slice(keyPrefix.length, -1 - purpose.length), rules: { family, table, chain, handles: mine, key } });
  }
  return found;
}

/** Those of the rules that a network asks for that are not all there. `found`: the rules of all networks */
export function lacking(network: NetworkDefinition, index: number, found: readonly NetworkRules[]): WantedRules[] {
  const present = new Map(found.map(({ rules }) => [rules.key, rules.handles.length]));
  return wantedRules(network, index).filter(({ key, rules }) => present.get(key) !== rules.length);
}

/** Whether there is the rule of {@link ensureLocalhostGuard}. `found`: the rules of all networks */
export function hasLocalhostGuard(network: string, found: readonly NetworkRules[]): boolean {
  return found.some(({ rules }) => rules.key === keyOf(network, 'localhost'));
}

/** The rules that a network asks for. They tell its link by the index: somebody may give it another name, and it shall be kept apart all the same. */
export function wantedRules(network: NetworkDefinition, index: number): WantedRules[] {
  const wanted: WantedRules[] = [];
  const comment = `network ${network.name}`;
  if (network.masquerade) {
    const rules = network.subnets.map((subnet) => ({ ...masqueradeRule(subnet), comment }));
    wanted.push({ chain: chains.masquerade, key: keyOf(network.name, 'masquerade'), rules });
  }
  // of those whose endpoints have links of their own, the table of the links
  const byLink = !hasLinksTable(network);
  if (network.isolate && byLink) {
    const rules = (['from', 'to'] as const).map((direction) => ({ ...isolationRule(index, direction), comment }));
    wanted.push({ chain: chains.isolation, key: keyOf(network.name, 'isolation'), rules });
  }
  if (network.internal && byLink) {
    const rules = (['from', 'to'] as const).map((direction) => ({ ...internalRule(index, direction), comment }));
    wanted.push({ chain: chains.internal, key: keyOf(network.name, 'internal'), rules });
  }
  if (network.publishedOnly && byLink) {
    const rules = [{ ...publishedRule(index), comment }];
    wanted.push({ chain: chains.published, key: keyOf(network.name, 'published'), rules });
  }
  return wanted;
}

/** What comes from the subnet and leaves it. To groups of receivers packets go with the address they have. */
function masqueradeRule({ family: of, subnet }: Subnet): LinearRule {
  const matches =
    of === 'inet'
      ? [ip.saddr.in(ipv4(subnet)), ip.daddr.not(ipv4(subnet), '224.0.0.0/4')]
      : [ip6.saddr.in(ipv6(subnet)), ip6.daddr.not(ipv6(subnet), 'ff00::/8')];
  return linearize(family, rule(matches, counter(), masquerade()));
}

/** Drops what endpoints send to 127.0.0.0/8. One network that needs it has it for all. */
export function* ensureLocalhostGuard(network: string): Program<void> {
  const statements = rule(meta.iifgroup.in(linkGroup), ip.daddr.in('127.0.0.0/8'), counter(), drop());
  const rules = [{ ...linearize(family, statements), comment: `network ${network}` }];
  yield* ensureOwned({ chain: chains.localhost, key: keyOf(network, 'localhost'), rules });
}

/** Drops what goes between the network's link and another one with the group of netloom's networks. A published port is open to them as to everybody. */
function isolationRule(link: number, direction: 'from' | 'to'): LinearRule {
  const [own, other, group] = direction === 'from' ? (['iif', 'oif', 'oifgroup'] as const) : (['oif', 'iif', 'iifgroup'] as const);
  return linearize(
    family,
    rule(meta[own].in(link), meta[other].not(link), meta[group].in(linkGroup), ct.status.none('dnat'), counter(), drop()),
  );
}

/** Drops what goes between the network's link and any other. */
function internalRule(link: number, direction: 'from' | 'to'): LinearRule {
  const [own, other] = direction === 'from' ? (['iif', 'oif'] as const) : (['oif', 'iif'] as const);
  return linearize(family, rule(meta[own].in(link), meta[other].not(link), counter(), drop()));
}

/** Drops what comes to the network's link from another one and neither is of a flow that is answered nor goes to a published port. */
function publishedRule(link: number): LinearRule {
  const unexpected = ct.state.none('established', 'related');
  return linearize(family, rule(meta.oif.in(link), meta.iif.not(link), unexpected, ct.status.none('dnat'), counter(), drop()));
}
