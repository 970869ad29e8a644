/** Attaches a namespace to a network. */
import { holding, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { RateLimits } from '../rtnl/tc/bandwidth.ts';
import { settled, undoing } from '../rtnl/undo.ts';
import { withAddresses } from './address-store.ts';
import { type AttachOptions, checkAttach, type EndpointRoute, withLength } from './attach-options.ts';
import { claimedAddresses, claimOf, releaseAddresses } from './claim.ts';
import { pathOf } from './dns/file.ts';
import type { Dns } from './dns/options.ts';
import type { Attaching, EndpointPlace } from './driver/driver.ts';
import { driverOf } from './driver/index.ts';
import { removeLinks } from './driver/remove.ts';
import { refusePresent } from './driver/room.ts';
import { detachSteps, endpointSteps, recordEndpoint } from './endpoint-steps.ts';
import { locked } from './lock.ts';
import { endpointNames, lockName } from './name.ts';
import type { PublishedPort } from './ports/options.ts';
import { checkFree } from './ports/publish.ts';
import { linkOf } from './requests.ts';
import type { NetworkState } from './state.ts';

/** An endpoint: plain data, to be kept in a file or handed to another process. */
export interface EndpointRecord {
  /** Name of the network. */
  readonly network: string;
  /** Whom the endpoint is for, as `attach` was told. */
  readonly owner: string;
  /** Name of the link in the namespace. */
  readonly ifname: string;
  /** Its index there. */
  readonly index: number;
  /** Hardware address of the link. */
  readonly mac: string;
  /** Largest packet, in bytes. */
  readonly mtu: number;
  /** Device and inode of the namespace, as in `Netns.id`. */
  readonly netns: string;
  /** Name and index of the host's end. */
  readonly hostLink: string;
  /** Index of the host's end. */
  readonly hostIndex: number;
  /** With the lengths of their networks: `10.20.0.2/16`. */
  readonly addresses: readonly string[];
  /** Those of the network that there are default routes to. */
  readonly gateways: readonly string[];
  /** Those that were asked for. */
  readonly routes: readonly EndpointRoute[];
  /** What `attach` was told; left out when it was told nothing. */
  readonly dns?: Dns;
  /** Left out when none were asked for. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** The file that `dns` was written to; left out when that was not asked for. */
  readonly resolvConf?: string;
  /** Left out when none was asked for. */
  readonly ports?: readonly PublishedPort[];
  /** Left out when none were asked for. */
  readonly rateLimits?: RateLimits;
}

/** What attaching comes to. */
export interface Attached {
  readonly record: EndpointRecord;
  /** Whether the port carries packets already. */
  readonly operational: boolean;
}

/**
 * Attaches a namespace. What it takes, in this order: the links, by the driver; the steps of {@link endpointSteps}; and the record of what it is, which makes it an endpoint.
 * Whatever fails, what was done is undone: what the steps left, then the links, and with them all else.
 *
 * @throws InputError naming the option that is wrong; NotFoundError naming `netns`, or when the network is gone
 * @throws NetloomError `EEXIST` when the owner has such an endpoint, or the namespace a link of this name; `EADDRINUSE`, `ENOSPC`, `EBUSY`
 */
export function* attach(state: NetworkState, options: AttachOptions): Program<Attached> {
  const plan = checkAttach(options, state.definition);
  const key = { network: state.definition.name, owner: plan.owner, ifname: plan.ifname };
  const { link, mac: usual } = endpointNames(key.network, key.owner, key.ifname);
  const subject = `endpoint ${show(plan.ifname)} of ${show(plan.owner)}`;
  const mac = plan.mac ?? usual;
  return yield* holding(options.netns, 'netns', (target) =>
    locked([lockName(link)], subject, () =>
      withAddresses(state, plan, key, (given) =>
        settled(attached({ state, plan: given, key, link, subject, mac, target: target!, claim: claimOf(given.addresses) })),
      ),
    ),
  );
}

function* attached(place: EndpointPlace): Program<Attached> {
  yield* checkFree(place.plan.ports, place.link);
  // under another name, it would not be in the way of the links
  if (place.state.present.has(place.link)) yield* refusePresent(place.link, place.subject, place.state.definition);
  const links = yield* driverOf(place.state.definition).makeLinks(place);
  place.state.present.add(place.link);
  const endpoint: Attaching = { addresses: [], gateways: [], published: [], ...place, ...links };
  return yield* undoing(completed(endpoint), function* () {
    const { link, key, plan } = place;
    yield* undoing(detachSteps({ link, network: key.network, resolvConf: plan.resolvConf ?? false }), () => gone(endpoint));
    yield* gone(endpoint);
  });
}

/** Removes the links, as they are by then: their names tell where they are. With them go the claims. */
function* gone({ link, state, claim }: Attaching): Program<void> {
  const wire = yield* linkOf(link);
  if (wire !== undefined) yield* removeLinks({ link, wire });
  state.present.delete(link);
  releaseAddresses(state, claimedAddresses(claim));
}

function* completed(endpoint: Attaching): Program<Attached> {
  for (const step of endpointSteps) yield* step.attach(endpoint);
  const { mtu, mac, operational } = yield* recordEndpoint(endpoint);
  return { record: recordOf(endpoint, mac, mtu), operational };
}

function recordOf(
  { key, plan, index, target, link, host, addresses, gateways, published }: Attaching,
  mac: string,
  mtu: number,
): EndpointRecord {
  const asked = plan.routes.filter(({ argument }) => argument !== 'defaultRoute');
  const { network, owner, ifname } = key;
  return {
    network,
    owner,
    ifname,
    index,
    mac,
    mtu,
    netns: target.id,
    hostLink: link,
    hostIndex: host.index,
    addresses: plan.addresses.map(({ subnet }, i) => withLength(subnet, addresses[i]!)),
    gateways,
    routes: asked.map(({ route }) => route),
    ...(plan.sysctls.length === 0 ? {} : { sysctls: Object.fromEntries(plan.sysctls.map(({ given, value }) => [given, value])) }),
    ...(plan.dns === undefined ? {} : { dns: plan.dns }),
    ...(plan.resolvConf === undefined ? {} : { resolvConf: pathOf(plan.resolvConf) }),
    ...(published.length === 0 ? {} : { ports: published }),
    ...(plan.rateLimits === undefined ? {} : { rateLimits: plan.rateLimits }),
  };
}
