/** Publishes and unpublishes ports of endpoints that are there. */
import { InputError, NotFoundError } from '../../netlink/errors.ts';
import type { Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { isEndpoint } from '../detach.ts';
import { claimsOf, endpointOf, hostEnd } from '../find.ts';
import { locked } from '../lock.ts';
import { endpointLinkName, lockName } from '../name.ts';
import type { EndpointKey } from '../record.ts';
import { isAbout } from '../rule-table.ts';
import type { NetworkState } from '../state.ts';
import { familiesOf, gathered, type OwnedPort, type PortElement } from './element.ts';
import { checkPublishable, isAny, type PortOptions, type PublishedPort, targetsOf } from './options.ts';
import { publish, reflectFrames, wayTo } from './publish.ts';
import { portsOf } from './published.ts';
import { portTable } from './table.ts';
import { removePorts } from './unpublish.ts';

function describe({ ifname, owner }: EndpointKey): string {
  return `endpoint ${show(ifname)} of ${show(owner)}`;
}

/**
 * Publishes ports of an endpoint besides those that it has.
 *
 * @throws InputError naming the member that is wrong; NotFoundError when the endpoint is gone
 * @throws NetloomError `EADDRINUSE` naming whose a port is, `EBUSY`
 */
export function* publishPorts(state: NetworkState, key: EndpointKey, ports: readonly PortOptions[]): Program<PublishedPort[]> {
  if (ports === undefined) throw new InputError('ports', 'is needed: what to publish', 'ERR_INVALID_ARG_TYPE');
  // what is wrong whatever the endpoint's addresses are, is told before anything is asked
  checkPublishable(ports, state.definition, new Set(state.definition.subnets.map(({ family }) => family)));
  const link = endpointLinkName(key.network, key.owner, key.ifname);
  return yield* locked([lockName(link)], describe(key), function* (): Program<PublishedPort[]> {
    const wire = yield* hostEnd(link, state.definition.driver);
    const endpoint = wire === undefined ? undefined : endpointOf(wire);
    if (endpoint === undefined || !isEndpoint(endpoint.mark, key)) throw new NotFoundError('endpoint', describe(key), 'ENOENT');
    const addresses = claimsOf(key.network, endpoint.wire);
    const plans = checkPublishable(ports, state.definition, familiesOf(addresses));
    return yield* publish({ key, plans, targets: targetsOf(addresses), ...wayTo(state, endpoint.wire) });
  });
}

/** Names published ports, as they were asked for or told. */
export type PortRef = Pick<PortOptions, 'protocol' | 'hostAddress' | 'hostPort' | 'hostPortEnd'>;

/** What a published port, or range, has besides. */
type Meant = (port: PortElement) => boolean;

/** @throws InputError naming the member that is wrong */
function meantBy(refs: readonly PortRef[], state: NetworkState): Meant {
  const plans = checkPublishable(
    refs.map((ref) => (typeof ref === 'object' && ref !== null ? { ...ref, containerPort: 1 } : ref)),
    state.definition,
    new Set(['inet', 'inet6']),
  );
  for (const { hostPort, argument } of plans)
    if (hostPort === 0) throw new InputError(`${argument}.hostPort`, 'is needed: the port that was published', 'ERR_OUT_OF_RANGE');
  return (port) =>
    plans.some(
      ({ protocol, families, hostAddress, hostPort, count }) =>
        port.protocol === protocol &&
        families.includes(port.family) &&
        (isAny(hostAddress) ? undefined : hostAddress) === port.hostAddress &&
        port.hostPort >= hostPort &&
        port.hostPort < hostPort + count,
    );
}

/**
 * Ends the publishing of ports of an endpoint's: of all, or of some. Those that are not published are passed over, and so is an endpoint that is gone.
 *
 * @returns those that were published
 * @throws InputError naming the member that is wrong; NetloomError `EBUSY`
 */
export function* unpublishPorts(state: NetworkState, key: EndpointKey, ports: readonly PortRef[] | undefined): Program<PublishedPort[]> {
  if (ports !== undefined && !Array.isArray(ports))
    throw new InputError('ports', `expected an array of ports, got ${show(ports)}`, 'ERR_INVALID_ARG_TYPE');
  const isMeant: Meant = ports === undefined ? () => true : meantBy(ports, state);
  const link = endpointLinkName(key.network, key.owner, key.ifname);
  return yield* locked([lockName(link)], describe(key), function* (): Program<PublishedPort[]> {
    const removed = yield* removePorts(link, (port: OwnedPort) => isMeant(port));
    const wire = removed.length === 0 ? undefined : yield* hostEnd(link, state.definition.driver);
    const port = wire === undefined ? undefined : wayTo(state, wire).port;
    if (port !== undefined && !(yield* isAbout(portTable(), link))) yield* reflectFrames(port, false);
    return gathered(removed, wire === undefined ? undefined : familiesOf(claimsOf(key.network, wire)));
  });
}

/** What is missing of the ports that a record tells of, in words. */
export function* missingPorts(key: EndpointKey, ports: readonly PublishedPort[]): Program<string[]> {
  if (ports.length === 0) return [];
  const link = endpointLinkName(key.network, key.owner, key.ifname);
  const nameOf = ({ family, protocol, hostAddress = '' }: Omit<PortElement, 'address' | 'port' | 'hostPort'>, hostPort: number): string =>
    `${family} ${protocol} ${hostAddress} ${hostPort}`;
  const present = new Set((yield* portsOf(link)).map((port) => nameOf(port, port.hostPort)));
  const wire = yield* hostEnd(link);
  const own = wire === undefined ? (['inet', 'inet6'] as const) : familiesOf(claimsOf(key.network, wire));
  return ports
    .filter(({ protocol, hostAddress, hostPort, hostPortEnd = hostPort }) => {
      const at = isAny(hostAddress) ? {} : { hostAddress: hostAddress! };
      for (const family of hostAddress === undefined ? own : familiesOf([hostAddress]))
        for (let each = hostPort; each <= hostPortEnd; each++) if (!present.has(nameOf({ family, protocol, ...at }, each))) return true;
      return false;
    })
    .map(({ protocol, hostPort }) => `its port ${hostPort} of ${protocol} is not published`);
}
