/** Makes and removes networks. */
import { NetloomError } from '../netlink/errors.ts';
import { ask, askAll, askEach, type PauseStep, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { linkRequest } from '../rtnl/link/reference.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { settled, undoing } from '../rtnl/undo.ts';
import { type AddressStore, sweepStore } from './address-store.ts';
import { driverOf } from './driver/index.ts';
import { allNetworks, endpointsOf, type FoundNetwork, findNetworkLink, foundAgain, networkOf } from './find.ts';
import { sweepTables } from './leftovers.ts';
import { ifUnlocked, locked } from './lock.ts';
import { addressAltName, linkGroup, lockName, networkAltName, networkLockName, subnetsLockName } from './name.ts';
import { networkSteps, removeSteps } from './network-steps.ts';
import type { NetworkPlan } from './options.ts';
import { acceptIn, type ForeignChain } from './policy/accept-in.ts';
import { formatNetwork, type NetworkDefinition } from './record.ts';
import { removeEndpoint } from './remove-endpoint.ts';
import { created, deleted, linkOf, linkOfAltName, naming, setting } from './requests.ts';
import { gatewaysOf, overlap } from './subnet.ts';

const EEXIST = 17;
const EADDRINUSE = 98;
const EBUSY = 16;

/** Milliseconds to wait while others make networks. */
const defaultPatience = 30_000;
const longestPause = 20;

/**
 * Makes a network. If anything fails it is gone again; if the process dies meanwhile, whoever makes it next, and `gc`, clear away what there is.
 *
 * @param patience milliseconds to wait while others make networks, whose subnets nobody can see yet
 * @returns the network and the index of its link
 * @throws NetloomError `EEXIST` when there is one of this name, `EADDRINUSE` when its subnets overlap another network's, `EBUSY`
 * @throws NetlinkError
 */
export function* createNetwork(plan: NetworkPlan, patience = defaultPatience): Program<FoundNetwork> {
  if (plan.definition.subnets.length === 0) return yield* madeNetwork(plan);
  const { name } = plan.definition;
  let waited = 0;
  // it takes milliseconds, and its end is not announced
  for (let milliseconds = 1; ; milliseconds = Math.min(2 * milliseconds, longestPause)) {
    const made = yield* ifUnlocked(subnetsLockName, () => madeNetwork(plan));
    if (made !== undefined) return made.value;
    if (waited >= patience)
      throw new NetloomError(`network ${show(name)}: another one is being made by somebody else all the time`, 'EBUSY', { errno: EBUSY });
    const pause: PauseStep = { op: 'pause', milliseconds };
    yield pause;
    waited += milliseconds;
  }
}

function* madeNetwork({ definition: wanted, reserved, acceptIn: chains }: NetworkPlan): Program<FoundNetwork> {
  const { name, link } = wanted;
  const subject = `network ${show(name)}`;
  return yield* locked([networkLockName(name), lockName(link)], subject, function* (): Program<FoundNetwork> {
    const { checkNetwork } = driverOf(wanted);
    const definition = checkNetwork === undefined ? wanted : yield* checkNetwork(wanted);
    yield* makeRoom(definition, subject);
    const made = yield* settled(created({ ...driverOf(definition).networkLink(definition), name: link }, subject));
    const undo = function* (): Program<void> {
      yield* undoing(removeSteps(name), () => deleted(made.index, subject));
      yield* deleted(made.index, subject);
    };
    const wire = yield* undoing(settled(completed(made.index, definition, reserved, chains, subject)), undo);
    return { definition, wire };
  });
}

/** Refuses what is taken, and clears away what a process that died left of the same network. */
function* makeRoom(definition: NetworkDefinition, subject: string): Program<void> {
  for (const wire of [yield* linkOfAltName(networkAltName(definition.name)), yield* linkOf(definition.link)]) {
    if (wire === undefined) continue;
    const found = networkOf(wire);
    if (found?.name === definition.name) throw new NetloomError(`${subject} already exists`, 'EEXIST', { errno: EEXIST });
    if (found !== undefined || wire.group !== linkGroup || wire.alias !== undefined)
      throw new NetloomError(`${subject}: link ${show(wire.name)} already exists`, 'EEXIST', { errno: EEXIST });
    yield* removeSteps(definition.name);
    yield* deleted(wire.index, subject);
  }
  for (const { definition: other } of yield* allNetworks()) {
    for (const [i, subnet] of definition.subnets.entries()) {
      const taken = other.subnets.find((candidate) => overlap(candidate, subnet));
      if (taken === undefined) continue;
      const message = `subnets[${i}]: ${subnet.subnet} overlaps ${taken.subnet} of network ${show(other.name)}`;
      throw new NetloomError(message, 'EADDRINUSE', { errno: EADDRINUSE });
    }
  }
}

function* completed(
  index: number,
  definition: NetworkDefinition,
  reserved: readonly string[],
  chains: readonly ForeignChain[],
  subject: string,
): Program<LinkRead> {
  const { name } = definition;
  const gateways = gatewaysOf(definition.subnets).map(({ gateway }) => gateway);
  yield* askAll(
    [networkAltName(name), ...[...gateways, ...reserved].map((address) => addressAltName(name, address))].map((altName) =>
      naming({ index }, altName, subject),
    ),
  );
  const { completeNetwork } = driverOf(definition);
  if (completeNetwork !== undefined) yield* completeNetwork(definition, index, subject);
  for (const step of networkSteps) yield* step.create(definition, index);
  yield* acceptIn(definition, chains);
  // last: this is what makes it a network
  const [marked, read] = yield* askEach([setting({ index, alias: formatNetwork(definition) }, subject), linkRequest({ index }, subject)]);
  if (!marked.ok) throw marked.error;
  if (!read.ok) throw read.error;
  return read.value;
}

/**
 * Removes a network, or what a process that died has left of one.
 *
 * @param force with its endpoints; otherwise one that has any is refused
 * @throws NotFoundError when there is none, NetloomError `EBUSY`
 */
export function* removeNetwork(name: string, force: boolean, store?: AddressStore): Program<void> {
  const subject = `network ${show(name)}`;
  const link = (yield* findNetworkLink(name, 'name')).name!;
  yield* locked([networkLockName(name), lockName(link)], subject, function* (): Program<void> {
    const wire = yield* findNetworkLink(name, 'name');
    yield* emptied(name, wire, force, subject);
    yield* sweepStore(store, name);
    yield* settled(dissolved(name, wire, force, subject));
    yield* sweepTables();
  });
}

/** @throws NetloomError `EBUSY` when there are endpoints, without `force`, or somebody is at work on one */
function* emptied(name: string, { index }: LinkRead, force: boolean, subject: string): Program<void> {
  const endpoints = yield* endpointsOf(name, index);
  if (endpoints.length > 0 && !force) {
    const some = endpoints.length === 1 ? 'an endpoint' : `${endpoints.length} endpoints`;
    throw new NetloomError(`${subject} has ${some}: detach them, or delete it with \`force\``, 'EBUSY', { errno: EBUSY });
  }
  for (const endpoint of endpoints) {
    const removed = yield* removeEndpoint(endpoint.link, { find: () => foundAgain(endpoint) });
    if (removed === 'busy')
      throw new NetloomError(`${subject}: an endpoint is being made or removed by somebody else`, 'EBUSY', { errno: EBUSY });
  }
}

/** What is half removed is removed by whoever deletes it, or makes such a network again, and by `gc`. */
function* dissolved(name: string, wire: LinkRead, force: boolean, subject: string): Program<void> {
  const { index, alias = '' } = wire;
  yield* ask(setting({ index, alias: '' }, subject));
  // an endpoint that was recorded since they were looked for last, before this; from now on each finds that its network is gone: see recordEndpoint
  yield* undoing(emptied(name, wire, force, subject), () => ask(setting({ index, alias }, subject)));
  yield* removeSteps(name);
  yield* deleted(index, subject);
}
