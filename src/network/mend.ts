/**
 * Brings back what somebody has taken away of the rules of networks that are there: `nft flush ruleset`, as a firewall's service does when it is started anew, takes everybody's. What networks ask for stands on
 * their links, so it can be told what is missing. Ports are not told anywhere else: who published them has their record.
 */
import { NotFoundError } from '../netlink/errors.ts';
import { askEach, type PauseStep, type Program, readSysctl } from '../netlink/program.ts';
import { isMissing } from '../nft/missing.ts';
import { Failures } from '../rtnl/undo.ts';
import { traitsOf } from './driver/traits.ts';
import { allEndpoints, claimsOf, networkOf } from './find.ts';
import { ensureLocalhostGuard, ensureRules, hasLocalhostGuard, lacking, type NetworkRules, networkRules } from './firewall.ts';
import { otherEnd } from './inspect.ts';
import { ifUnlocked } from './lock.ts';
import { endpointNames, lockName, networkAltName, networkLockName } from './name.ts';
import { networkGone } from './network-gone.ts';
import { guard } from './policy/guard.ts';
import { guardedAs, guardTable } from './policy/guard-table.ts';
import { enterLink, enterLinks, hasLinksTable, makeLinksTable, networksWithTables } from './policy/links-table.ts';
import { localhostSysctl } from './ports/localhost.ts';
import { linkOf, linkOfAltName } from './requests.ts';
import { linksOf } from './rule-table.ts';
import type { NetworkState } from './state.ts';

/** A network that is there. */
type Network = Pick<NetworkState, 'definition' | 'index'>;

/** Brings back what is missing of the rules of networks, and of what is said there of their endpoints. What somebody is at work on is left alone. @throws what failed, once all else is done */
export function* mendNetworks(networks: readonly Network[]): Program<void> {
  if (networks.length === 0) return;
  const rules = yield* networkRules();
  const tables = new Set(networks.some(({ definition }) => hasLinksTable(definition)) ? yield* networksWithTables() : []);
  const failures = new Failures();
  for (const network of networks)
    yield* failures.collecting(function* () {
      const { definition, index } = network;
      if (lacking(definition, index, rules).length > 0) yield* whileThere(network, () => ensureRules(definition, index));
      if (hasLinksTable(definition) && !tables.has(definition.name)) yield* whileThere(network, () => remadeLinks(network));
      yield* mendLocalhostGuard(network, rules);
      if (definition.spoofCheck) yield* mendGuards(network);
    });
  failures.throwIfAny();
}

/** Runs `body` if the network is there, and keeps it from being deleted meanwhile. @returns whether it was there; undefined: somebody is at work on it */
function* whileThere({ definition: { name }, index }: Network, body: () => Program<void>): Program<boolean | undefined> {
  const outcome = yield* ifUnlocked(networkLockName(name), function* (): Program<boolean> {
    const wire = yield* linkOfAltName(networkAltName(name));
    if (wire === undefined || wire.index !== index || networkOf(wire)?.name !== name) return false;
    yield* body();
    return true;
  });
  return outcome?.value;
}

/** Endpoints that are made meanwhile enter their links themselves. */
function* remadeLinks(network: Network): Program<void> {
  yield* makeLinksTable(network.definition);
  yield* enterLinks(
    network.definition.name,
    (yield* allEndpoints(network)).map(({ link }) => link),
  );
}

/** That endpoints reach nothing at 127.0.0.1 has to hold for as long as the kernel routes that address on their links. */
function* mendLocalhostGuard(network: Network, rules: readonly NetworkRules[]): Program<void> {
  const { definition } = network;
  const { host, routed } = traitsOf(definition);
  if (!routed || hasLocalhostGuard(definition.name, rules)) return;
  const links = host === 'port' ? [definition.link] : (yield* allEndpoints(network)).map(({ link, wire: { name = link } }) => name);
  for (const link of links) {
    if (!(yield* isRoutedLocally(link))) continue;
    yield* whileThere(network, () => ensureLocalhostGuard(definition.name));
    return;
  }
}

function* isRoutedLocally(link: string): Program<boolean> {
  try {
    return (yield* readSysctl(localhostSysctl(link))) === '1';
  } catch (error) {
    // it went meanwhile
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

/** Guards those that are not any more. */
function* mendGuards(network: Network): Program<void> {
  const { definition } = network;
  const guarded = guardedAs(definition);
  const known = new Set(yield* linksOf(guardTable(guarded)));
  for (const endpoint of yield* allEndpoints(network)) {
    const { link, mark, wire } = endpoint;
    if (mark === undefined || known.has(link)) continue;
    yield* ifUnlocked(lockName(link), function* (): Program<void> {
      const now = yield* linkOf(link);
      if (now?.index !== wire.index || now.alias !== wire.alias) return;
      const { mac } = endpointNames(mark.network, mark.owner, mark.ifname);
      const [other] = yield* askEach([otherEnd(endpoint)]);
      // where it has another hardware address nobody can say here whether that was asked for
      if (other.ok && other.value.address === mac) yield* guard(guarded, link, mac, claimsOf(definition.name, now));
    });
  }
}

/** Milliseconds to wait while somebody else is at work on the network. */
const patience = 30_000;
const pause: PauseStep = { op: 'pause', milliseconds: 5 };

/** Enters the link of an endpoint that is being made in the table of its network, which is made anew when somebody has deleted it. @throws NotFoundError when the network is gone */
export function* enterEndpoint(state: NetworkState, link: string): Program<void> {
  for (let waited = 0; ; waited += pause.milliseconds) {
    try {
      yield* enterLink(state.definition, link);
      return;
    } catch (error) {
      if (!isMissing(error) || waited >= patience) throw error;
    }
    const isThere = yield* whileThere(state, () => remadeLinks(state));
    if (isThere === false) throw networkGone(state);
    if (isThere === undefined) yield pause;
  }
}

/** What is missing of a network's rules, in words. */
export function* missingOf({ definition, index }: Network): Program<string[]> {
  const missing = lacking(definition, index, yield* networkRules());
  return missing.map(({ key }) => `the rules of its network are not all there (${key.slice(key.lastIndexOf(':') + 1)})`);
}
