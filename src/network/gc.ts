/** Clears away endpoints that nobody wants any more, and what processes that died have left; and brings back what is missing of the rules of networks. */
import { InputError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { removeOwned } from '../nft/owned-rules.ts';
import { Failures, settled } from '../rtnl/undo.ts';
import { type AddressStore, storedNetworks, sweepStore } from './address-store.ts';
import { endpointOfIfb } from './bandwidth/limits.ts';
import { linksWithFiles, sweepFiles } from './dns/step.ts';
import { isGone } from './driver/inner-link.ts';
import { allEndpoints, endpointOf, type FoundEndpoint, foundAgain, isEndpointOf, networkOf, ownLinks, renamedEnds } from './find.ts';
import { networkRules } from './firewall.ts';
import { sweepTables } from './leftovers.ts';
import { ifUnlocked } from './lock.ts';
import { mendNetworks } from './mend.ts';
import { checkOwner, isNetworkName, linkGroup, lockName, networkAltName, networkLockName } from './name.ts';
import { acceptingRules, removeAccepting } from './policy/accept-in.ts';
import { guardTable } from './policy/guard-table.ts';
import { forgetGone, networksWithTables, removeLinksTable } from './policy/links-table.ts';
import { publishedPorts } from './ports/published.ts';
import type { EndpointKey } from './record.ts';
import { removeEndpoint } from './remove-endpoint.ts';
import { deleted, linkOf, linkOfAltName } from './requests.ts';
import { linksOf } from './rule-table.ts';

/** What was cleared away. */
export interface Collected {
  /** Endpoints of owners that were not among those given, or of networks that are gone. */
  readonly endpoints: readonly EndpointKey[];
  /** How many endpoints and networks were found half made, or half removed, with nobody at work on them. */
  readonly incomplete: number;
  /** Links that somebody is at work on: they were left alone. */
  readonly busy: readonly string[];
}

/** @throws InputError naming `validOwners` */
export function checkOwners(validOwners: unknown): ReadonlySet<string> {
  const isIterable = typeof validOwners === 'object' && validOwners !== null && Symbol.iterator in validOwners;
  if (!isIterable)
    throw new InputError('validOwners', `expected the owners to keep, an array or a set, got ${show(validOwners)}`, 'ERR_INVALID_ARG_TYPE');
  const owners = new Set<string>();
  let i = 0;
  for (const owner of validOwners as Iterable<unknown>) {
    checkOwner(owner, `validOwners[${i++}]`);
    owners.add(owner);
  }
  return owners;
}

/**
 * Removes the endpoints whose owners are not among `valid`, what is half made with nobody at work on it, endpoints whose network is gone, and rules of networks
 * that are gone. `network`: of this one alone. What cannot be removed keeps nothing else from being removed.
 *
 * @throws what failed, once all else is done; an AggregateError when it is several
 */
export function* collect(valid: ReadonlySet<string>, network?: string, store?: AddressStore): Program<Collected> {
  // before the networks: the network of an endpoint that is made meanwhile would not be known
  const all = yield* allEndpoints();
  const bridges = yield* ownLinks('bridge');
  const present = new Map(
    bridges.flatMap((wire) => {
      const definition = networkOf(wire);
      return definition === undefined ? [] : [[definition.name, { definition, index: wire.index }]];
    }),
  );
  const illegible = new Set(
    bridges.flatMap((wire) => (networkOf(wire) === undefined && wire.alias !== undefined ? (wire.altNames ?? []) : [])),
  );
  const endpoints: EndpointKey[] = [];
  const busy: string[] = [];
  let incomplete = 0;
  const only = network === undefined ? undefined : present.get(network);
  const failures = new Failures();
  for (const endpoint of all) {
    const { mark, link } = endpoint;
    // somebody has written something else over its record, or its network's: neither is gone, and what they are nobody can say
    if (mark === undefined ? endpoint.wire.alias !== undefined : illegible.has(networkAltName(mark.network))) continue;
    yield* failures.collecting(function* () {
      const home = mark === undefined ? undefined : present.get(mark.network);
      const isOf = network === undefined || mark?.network === network || (mark === undefined && isHalfOf(endpoint, only));
      const isOrphan = mark !== undefined && (home === undefined || !isEndpointOf(endpoint, home) || (yield* isGone(endpoint)));
      if (!isOf || (mark !== undefined && valid.has(mark.owner) && !isOrphan)) return;
      const outcome = yield* removeEndpoint(link, { isMeant: (now) => isSame(now, endpoint), find: () => foundAgain(endpoint) });
      if (outcome === 'busy') busy.push(link);
      else if (outcome === 'removed' && mark === undefined) incomplete++;
      else if (outcome === 'removed') endpoints.push({ network: mark!.network, owner: mark!.owner, ifname: mark!.ifname });
    });
  }
  for (const wire of network === undefined ? bridges : []) {
    const { name, alias } = wire;
    if (name === undefined || alias !== undefined || endpointOf(wire) !== undefined) continue;
    yield* failures.collecting(function* () {
      const outcome = yield* removeIncomplete(name);
      if (outcome === 'busy') busy.push(name);
      else if (outcome === 'removed') incomplete++;
    });
  }
  yield* failures.collecting(function* () {
    for (const link of yield* remainders(network))
      yield* failures.collecting(function* () {
        if ((yield* removeEndpoint(link, { isMeant: () => false })) === 'busy') busy.push(link);
      });
  });
  const swept = new Set(network === undefined ? present.keys() : [network]);
  yield* failures.collecting(function* () {
    // also of networks that are gone
    if (network === undefined) for (const name of yield* storedNetworks(store)) swept.add(name);
  });
  for (const name of swept)
    yield* failures.collecting(function* () {
      busy.push(...(yield* sweepStore(store, name)));
    });
  yield* failures.collecting(sweepTables);
  yield* failures.collecting(sweepFiles);
  yield* failures.collecting(removeStaleRules);
  yield* failures.collecting(() => mendNetworks(network === undefined ? [...present.values()] : only === undefined ? [] : [only]));
  failures.throwIfAny();
  return { endpoints, incomplete, busy };
}

/** Whether an endpoint that is half made is of a network, or of none that is there. */
function isHalfOf(endpoint: FoundEndpoint, network: Parameters<typeof isEndpointOf>[1] | undefined): boolean {
  return network === undefined ? (endpoint.wire.master ?? 0) === 0 : isEndpointOf(endpoint, network);
}

function isSame(now: FoundEndpoint, before: FoundEndpoint): boolean {
  return now.wire.index === before.wire.index && now.wire.alias === before.wire.alias;
}

/** The links, gone by now, of endpoints that have left something: the kernel removes links with their namespaces. `network`: of this one's alone. */
function* remainders(network: string | undefined): Program<string[]> {
  const owned = yield* publishedPorts();
  const links = new Set(owned.filter((port) => network === undefined || port.network === network).map(({ link }) => link));
  // of what is guarded nothing tells the network
  for (const guarded of network === undefined ? (['port', 'veth'] as const) : [])
    for (const link of yield* linksOf(guardTable(guarded))) links.add(link);
  if (network === undefined) for (const link of yield* limitedLinks()) links.add(link);
  if (network === undefined) for (const link of yield* linksWithFiles()) links.add(link);
  if (links.size === 0) return [];
  for (const { link } of yield* allEndpoints()) links.delete(link);
  return [...links];
}

/** The links of endpoints whose limits have left a link of their own. */
function* limitedLinks(): Program<string[]> {
  return (yield* ownLinks('ifb')).flatMap(({ name }) => endpointOfIfb(name) ?? []);
}

function* removeIncomplete(link: string): Program<'removed' | 'absent' | 'busy'> {
  const outcome = yield* ifUnlocked(lockName(link), function* (): Program<'removed' | 'absent'> {
    const wire = yield* linkOf(link);
    if (wire === undefined || wire.group !== linkGroup || wire.alias !== undefined) return 'absent';
    yield* settled(deleted(wire.index, `link ${show(link)}`));
    return 'removed';
  });
  return outcome?.value ?? 'busy';
}

/** The rules are read first: a network that is made meanwhile has its link before it has rules. */
function* removeStaleRules(): Program<void> {
  const rules = yield* networkRules();
  const accepting = yield* acceptingRules();
  const tables = yield* networksWithTables();
  if (rules.length === 0 && accepting.length === 0 && tables.length === 0) return;
  const altNames = new Set((yield* ownLinks('bridge')).flatMap(({ altNames: names = [] }) => names));
  const renamed = tables.length === 0 ? new Set<string>() : yield* renamedEnds();
  const isGoneBy = (network: string): boolean => isNetworkName(network) && !altNames.has(networkAltName(network));
  for (const found of rules) if (isGoneBy(found.network)) yield* unlessMade(found.network, () => removeOwned(found.rules));
  for (const network of tables) {
    if (altNames.has(networkAltName(network))) yield* forgetGone(network, renamed);
    else if (isGoneBy(network)) yield* unlessMade(network, () => removeLinksTable(network));
  }
  for (const found of accepting) if (isGoneBy(found.network)) yield* unlessMade(found.network, () => removeAccepting([found]));
}

/** Removes what a network that is gone has left, unless it is made anew: its rules are found there then, and taken for its own. */
function* unlessMade(network: string, remove: () => Program<void>): Program<void> {
  yield* ifUnlocked(networkLockName(network), function* (): Program<void> {
    if ((yield* linkOfAltName(networkAltName(network))) === undefined) yield* remove();
  });
}
