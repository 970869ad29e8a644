/** Publishes ports of endpoints. */
import { NetlinkError } from '../../netlink/errors.ts';
import { ask, askEach, type Program } from '../../netlink/program.ts';
import { change } from '../../nft/change/change.ts';
import { isMissing } from '../../nft/missing.ts';
import type { NftSet } from '../../nft/set-definition.ts';
import type { Element } from '../../nft/set-elements.ts';
import { transaction } from '../../nft/transaction.ts';
import { undoing } from '../../rtnl/undo.ts';
import { traitsOf } from '../driver/traits.ts';
import { endpointLinkName } from '../name.ts';
import type { EndpointKey } from '../record.ts';
import { setting } from '../requests.ts';
import { always, elementRequest, makeTable, sweepTable } from '../rule-table.ts';
import type { NetworkState } from '../state.ts';
import { creationOf, deletionOf } from './changes.ts';
import { PortChooser } from './choose.ts';
import { conflictOf, portTaken } from './conflict.ts';
import { elementsOf, type PortElement, selvesOf } from './element.ts';
import { HostSockets, socketThere } from './host-sockets.ts';
import { type NamedLink, routeLocalhost } from './localhost.ts';
import { isAny, type PortPlan, type PublishedPort, publishedPort, type Targets } from './options.ts';
import { forgetUntranslated } from './stale.ts';
import { portTable } from './table.ts';
import { readTurn, takingTurn } from './turn.ts';

/** What is published, and how. */
export interface Publication {
  readonly key: EndpointKey;
  readonly plans: readonly PortPlan[];
  readonly targets: Targets;
  /** The link that leads to the endpoint. */
  readonly link: NamedLink;
  /** Index of the endpoint's port of a bridge that does not send back by a port what came by it. Absent: there is none. */
  readonly port?: number;
}

/** What leads to an endpoint: the network's bridge, by a port; or its own end of a veth. */
export function wayTo(
  { definition, index }: Pick<NetworkState, 'definition' | 'index'>,
  host: { readonly index: number; readonly name?: string | undefined },
): Pick<Publication, 'link' | 'port'> {
  if (traitsOf(definition).host !== 'port') return { link: { index: host.index, name: host.name ?? '' } };
  return { link: { index, name: definition.link }, ...(definition.hairpin === true ? {} : { port: host.index }) };
}

/** For checks: who is asked whether a port is taken need not know where it leads. */
const anywhere: Targets = { inet: '0.0.0.0', inet6: '::' };

/**
 * Refuses ports that are taken, before anything is changed. Whether they still are free when they are published the kernel decides.
 *
 * @throws NetloomError `EADDRINUSE` naming whose they are
 */
export function* checkFree(plans: readonly PortPlan[], link: string): Program<void> {
  const fixed = plans.filter(({ hostPort }) => hostPort !== 0);
  if (fixed.length === 0) return;
  const ports = fixed.flatMap((plan) => elementsOf(plan, anywhere));
  const conflict = yield* conflictOf(ports, link);
  // what a process that died has left of the same endpoint is cleared away
  if (conflict !== undefined && conflict.taken.link !== link)
    throw portTaken(planOf(fixed, conflict.port).argument, conflict.port, conflict.taken);
  yield* checkSockets(fixed, ports, new HostSockets());
}

/** @throws NetloomError `EADDRINUSE` naming the socket of the host's that would be published over */
function* checkSockets(plans: readonly PortPlan[], ports: readonly PortElement[], sockets: HostSockets): Program<void> {
  const overriding = plans.filter(({ overrideListeners }) => overrideListeners);
  const found = yield* sockets.inTheWay(ports.filter((port) => !overriding.some((plan) => isIn(plan, port))));
  if (found !== undefined) throw socketThere(planOf(plans, found.port).argument, found.port, found.socket);
}

/**
 * Publishes ports, all of them or none. Those that the endpoint has already are left as they are.
 *
 * @returns them, with the host ports that they have got
 * @throws NetloomError `EADDRINUSE` when one is taken, naming whose it is, or when none is left to choose from
 */
export function* publish({ key, plans, targets, link, port }: Publication): Program<PublishedPort[]> {
  if (plans.length === 0) return [];
  const shared = sharedBy(endpointLinkName(key.network, key.owner, key.ifname), plans, targets);
  const added = yield* absent(shared);
  const { ports, chosen } = yield* claimed(key, plans, targets, shared, added);
  const reached = function* (): Program<PublishedPort[]> {
    if (port !== undefined) yield* reflectFrames(port, true);
    if (chosen.some(({ hostAddress, families }) => families.includes('inet') && (isAny(hostAddress) || hostAddress!.startsWith('127.'))))
      yield* routeLocalhost(key.network, link);
    yield* forgetUntranslated(ports);
    return chosen.map(publishedPort);
  };
  const undo = function* (): Program<void> {
    yield* withdrawn(ports, added);
    if (port !== undefined && added.some(({ set }) => set === portTable().links)) yield* reflectFrames(port, false);
  };
  return yield* undoing(reached(), () => always(undo()));
}

/** Whether the bridge sends back by the port what came by it: so does an endpoint reach itself where what is sent on never leaves the bridge. */
export function* reflectFrames(port: number, hairpin: boolean): Program<void> {
  yield* ask(setting({ index: port, port: { kind: 'bridge', data: { hairpin } } }, 'port of the bridge'));
}

/** Elements that all ports of an endpoint's that need them have in common. */
interface Shared {
  readonly set: NftSet;
  readonly keys: readonly Element['key'][];
}

/** What says that the endpoint has ports, and the addresses that they lead to. */
function sharedBy(link: string, plans: readonly PortPlan[], targets: Targets): Shared[] {
  return [{ set: portTable().links, keys: [link] }, ...selvesOf(plans.flatMap((plan) => elementsOf({ ...plan, count: 1 }, targets)))];
}

/** Those that are not there yet. */
function* absent(shared: readonly Shared[]): Program<Shared[]> {
  const each = shared.flatMap(({ set, keys }) => keys.map((key) => ({ set, keys: [key] })));
  const outcomes = yield* askEach(each.map(({ set, keys: [key] }) => elementRequest(set, key!)));
  return each.filter((_, i) => {
    const outcome = outcomes[i]!;
    if (!outcome.ok && !isMissing(outcome.error)) throw outcome.error;
    return !outcome.ok;
  });
}

/** Takes back what has just been published. No reading: a call that was given up does none. */
function* withdrawn(ports: readonly PortElement[], added: readonly Shared[]): Program<void> {
  if (ports.length === 0) return;
  yield* transaction([...deletionOf(ports), ...added.map(({ set, keys }) => change.elements.delete(set, keys))]);
  try {
    yield* sweepTable(portTable());
  } catch (error) {
    // an empty table does no harm, and goes with the next port
    if (error instanceof NetlinkError) throw error;
  }
}

interface Claimed {
  /** Those that were not published before. */
  readonly ports: readonly PortElement[];
  /** The plans, with the ports that were chosen. */
  readonly chosen: readonly PortPlan[];
}

/** After so many times that a port was free when it was looked at and not when it was to be taken, somebody else takes them all. */
const attempts = 64;

/** Puts the ports in their maps: the kernel takes none that is there. */
function* claimed(
  key: EndpointKey,
  plans: readonly PortPlan[],
  targets: Targets,
  shared: readonly Shared[],
  absentOfThem: readonly Shared[],
): Program<Claimed> {
  const link = endpointLinkName(key.network, key.owner, key.ifname);
  const sockets = new HostSockets();
  const chooser = new PortChooser(link, sockets, plans);
  for (let attempt = 1; ; attempt++) {
    const chosen = yield* chooser.choose();
    const ports = chosen.flatMap((plan) => elementsOf(plan, targets));
    const present: PortElement[] = [];
    const turn = yield* readTurn();
    const conflict = yield* conflictOf(ports, link, present);
    if (conflict !== undefined) {
      const plan = planOf(chosen, conflict.port);
      if (plans[chosen.indexOf(plan)]!.hostPort !== 0) throw portTaken(plan.argument, conflict.port, conflict.taken);
      chooser.refuse(plan);
      continue;
    }
    const missing = ports.filter((port) => !present.includes(port));
    if (missing.length === 0) {
      // somebody has taken out what says that the endpoint has ports
      if (absentOfThem.length > 0)
        yield* transaction(
          absentOfThem.map(({ set, keys }) => change.elements.ensure(set, keys)),
          { echo: false },
        );
      return { ports: [], chosen };
    }
    yield* checkSockets(chosen, missing, sockets);
    const changes = [
      ...takingTurn(turn, missing, key),
      ...shared.map(({ set, keys }) => change.elements.ensure(set, keys)),
      ...creationOf(missing, key),
    ];
    try {
      if (turn === undefined) yield* makeTable(portTable(), changes);
      else yield* transaction(changes, { echo: false });
      return { ports: missing, chosen };
    } catch (error) {
      // somebody else was faster, or the table came or went: whoever it is, is told in the next round
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !isMissing(error)) throw error;
      if (attempt >= attempts) throw isMissing(error) ? error : portTaken(plans[0]!.argument, ports[0]!, undefined);
    }
  }
}

function isIn({ protocol, families, hostAddress, hostPort, count }: PortPlan, port: PortElement): boolean {
  return (
    protocol === port.protocol &&
    families.includes(port.family) &&
    port.hostPort >= hostPort &&
    port.hostPort < hostPort + count &&
    (isAny(hostAddress) ? undefined : hostAddress) === port.hostAddress
  );
}

function planOf(plans: readonly PortPlan[], port: PortElement): PortPlan {
  return plans.find((plan) => isIn(plan, port))!;
}
