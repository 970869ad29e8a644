/** Networks and endpoints as the kernel has them. */
import { NotFoundError } from '../netlink/errors.ts';
import { ask, askEach, type Program } from '../netlink/program.ts';
import { infoOf } from '../rtnl/link/info.ts';
import { linkKinds } from '../rtnl/link/kinds.ts';
import { RTEXT_FILTER_SKIP_STATS } from '../rtnl/link/message.ts';
import { readLink } from '../rtnl/link/operations.ts';
import { linkRequest } from '../rtnl/link/reference.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { type Driver, traitsOf } from './driver/traits.ts';
import {
  claimedAddress,
  endpointLinkName,
  endpointsAddress,
  isEndpointLinkName,
  linkGroup,
  networkAltName,
  recordedLinkName,
} from './name.ts';
import { type EndpointMark, type NetworkDefinition, parseEndpoint, parseNetwork } from './record.ts';
import { linkOf, linkOfAltName } from './requests.ts';

/** A network that is there. */
export interface FoundNetwork {
  readonly definition: NetworkDefinition;
  readonly wire: LinkRead;
}

/** The host's end of an endpoint. */
export interface FoundEndpoint {
  /** Name that the link was made with. It tells the endpoint, whatever somebody has called the link since. */
  readonly link: string;
  readonly wire: LinkRead;
  /** Absent: it is half made, or half removed. */
  readonly mark?: EndpointMark;
}

/** The network that a link is of; undefined: of none, or of one that is half made. */
export function networkOf(wire: LinkRead): NetworkDefinition | undefined {
  return wire.group === linkGroup && wire.name !== undefined ? parseNetwork(wire.alias, wire.name) : undefined;
}

/** @throws NotFoundError naming `argument`: of one that is half made, or half removed, it says so */
export function* findNetwork(name: string, argument: string): Program<FoundNetwork> {
  const wire = yield* linkOfAltName(networkAltName(name));
  const definition = wire === undefined ? undefined : networkOf(wire);
  if (wire !== undefined && definition?.name === name) return { definition, wire };
  const half =
    wire !== undefined && isHalf(wire) ? ' as a whole (it is half made, or half removed; `create`, `delete` and `gc` clear it away)' : '';
  throw new NotFoundError(argument, `network ${JSON.stringify(name)}${half}`, 'ENOENT');
}

/** The link of a network, or of what a process that died has left of one. @throws NotFoundError naming `argument` */
export function* findNetworkLink(name: string, argument: string): Program<LinkRead> {
  const wire = yield* linkOfAltName(networkAltName(name));
  if (wire !== undefined && (isHalf(wire) || networkOf(wire)?.name === name)) return wire;
  throw new NotFoundError(argument, `network ${JSON.stringify(name)}`, 'ENOENT');
}

/** Whether a link is one of netloom's that is not recorded as anything. */
function isHalf({ group, alias }: LinkRead): boolean {
  return group === linkGroup && alias === undefined;
}

/** The links of a kind that netloom made for networks. */
export function* ownLinks(kind: 'bridge' | 'veth' | 'ifb', master?: number): Program<LinkRead[]> {
  const links = yield* ask({
    operation: readLink,
    flags: 0,
    value: { info: infoOf(linkKinds, kind), extMask: RTEXT_FILTER_SKIP_STATS, ...(master === undefined ? {} : { master }) },
    expects: 'dump' as const,
    subject: `links of the kind ${kind}`,
  });
  // an old kernel ignores filters
  return links.filter((link) => link.group === linkGroup && (master === undefined || link.master === master));
}

/** The networks of the namespace, in the order they were made in. */
export function* allNetworks(): Program<FoundNetwork[]> {
  return (yield* ownLinks('bridge')).flatMap((wire) => {
    const definition = networkOf(wire);
    return definition === undefined ? [] : [{ definition, wire }];
  });
}

/** Endpoints, complete or not, in the order they were made in: of one network, or of the namespace. */
export function* allEndpoints(network?: { readonly definition: NetworkDefinition; readonly index: number }): Program<FoundEndpoint[]> {
  const links: LinkRead[] = [];
  const host = network && traitsOf(network.definition).host;
  if (host !== 'record') links.push(...(yield* ownLinks('veth', host === 'port' ? network!.index : undefined)));
  if (host === undefined || host === 'record') links.push(...(yield* ownLinks('bridge')));
  const found = links.flatMap((wire) => endpointOf(wire) ?? []).sort((a, b) => a.wire.index - b.wire.index);
  return network === undefined ? found : found.filter((endpoint) => isEndpointOf(endpoint, network));
}

/**
 * As {@link allEndpoints} of one network, be it half removed, with those that are no ports of it any more, though they should be: somebody took them out, or deleted the bridge and there is another one.
 *
 * @param index of the network's link
 */
export function* endpointsOf(network: string, index: number): Program<FoundEndpoint[]> {
  return (yield* allEndpoints()).filter(
    ({ mark, wire }) =>
      wire.master === index || (mark === undefined ? wire.address === endpointsAddress(network) : mark.network === network),
  );
}

/** Whether an endpoint is of a network. One that is half made tells by the port it is, or by its hardware address. */
export function isEndpointOf(
  { mark, wire }: FoundEndpoint,
  { definition, index }: { readonly definition: NetworkDefinition; readonly index: number },
): boolean {
  if (traitsOf(definition).host === 'port') return wire.master === index;
  return mark === undefined ? wire.address === endpointsAddress(definition.name) : mark.network === definition.name;
}

/** The endpoint that a link is the host's end of; undefined: it is none. One that somebody has given another name is told by what is recorded on it. */
export function endpointOf(wire: LinkRead): FoundEndpoint | undefined {
  const { name } = wire;
  if (name === undefined || wire.group !== linkGroup) return undefined;
  const mark = parseEndpoint(wire.alias);
  const link = isEndpointLinkName(name) ? name : recordedName(wire, mark);
  return link === undefined ? undefined : { link, wire, ...(mark === undefined ? {} : { mark }) };
}

function recordedName({ altNames = [] }: LinkRead, mark: EndpointMark | undefined): string | undefined {
  if (mark !== undefined) return endpointLinkName(mark.network, mark.owner, mark.ifname);
  for (const altName of altNames) {
    const link = recordedLinkName(altName);
    if (link !== undefined) return link;
  }
  return undefined;
}

/**
 * The host's end of an endpoint, by the name that it was made with. Where no link has that name, all are looked at for one that somebody has called something else: that is for calls that
 * rarely come to it.
 *
 * @param driver that of its network, if it is known
 */
export function* hostEnd(link: string, driver?: Driver): Program<LinkRead | undefined> {
  return (yield* linkOf(link)) ?? (yield* renamedEnd(link, driver));
}

function* renamedEnd(link: string, driver: Driver | undefined): Program<LinkRead | undefined> {
  const host = driver === undefined ? undefined : traitsOf({ driver }).host;
  for (const kind of host === undefined ? (['veth', 'bridge'] as const) : [host === 'record' ? ('bridge' as const) : ('veth' as const)])
    for (const wire of yield* ownLinks(kind)) if (endpointOf(wire)?.link === link) return wire;
  return undefined;
}

/** The links of the namespace's endpoints that somebody has given other names, by the names that they were made with. */
export function* renamedEnds(): Program<ReadonlySet<string>> {
  return new Set((yield* allEndpoints()).flatMap(({ link, wire }) => (wire.name === link ? [] : [link])));
}

/** A link that was found, as it is by now: by its name, under which nothing can have taken its place unnoticed, or by its index where that is another one. */
export function* foundAgain({ link, wire }: FoundEndpoint): Program<LinkRead | undefined> {
  if (wire.name === link) return yield* linkOf(link);
  const [now] = yield* askEach([linkRequest({ index: wire.index }, `link of ${link}`)]);
  if (now.ok) return now.value;
  if ((now.error as NodeJS.ErrnoException).code === 'ENODEV') return undefined;
  throw now.error;
}

/** The addresses of a network that a link claims. */
export function claimsOf(network: string, { altNames = [] }: Pick<LinkRead, 'altNames'>): string[] {
  return altNames.flatMap((altName) => claimedAddress(network, altName) ?? []);
}
