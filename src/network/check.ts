/** Whether an endpoint is as it was made. */
import { ask, askEach, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { getAddress } from '../rtnl/address/message.ts';
import { IFF_UP } from '../rtnl/link/flags.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import type { EndpointRecord } from './attach.ts';
import { checkRecord } from './check-record.ts';
import { isEndpoint } from './detach.ts';
import { innerLink, isGone, isMissing } from './driver/inner-link.ts';
import { traitsOf } from './driver/traits.ts';
import { claimsOf, endpointOf, type FoundEndpoint, hostEnd } from './find.ts';
import { otherEnd } from './inspect.ts';
import { missingOf } from './mend.ts';
import { endpointLinkName, placeOf } from './name.ts';
import { hasLinksTable, knowsLink } from './policy/links-table.ts';
import type { EndpointKey } from './record.ts';
import type { NetworkState } from './state.ts';

/** What is wrong with an endpoint, in words; empty: nothing. */
export type Problems = readonly string[];

/**
 * Looks at both ends of an endpoint from the network's side, and at what its record tells besides.
 *
 * @throws PermissionError where the other namespace is closed to this process; InputError naming a member of `record` that is no record's
 */
export function* checkEndpoint(state: NetworkState, key: EndpointKey, record: Partial<EndpointRecord> = {}): Program<Problems> {
  const wire = yield* hostEnd(endpointLinkName(key.network, key.owner, key.ifname), state.definition.driver);
  const endpoint = wire === undefined ? undefined : endpointOf(wire);
  if (endpoint === undefined) return ['it is gone'];
  if (endpoint.mark === undefined) return ['it is half made, or half removed'];
  if (!isEndpoint(endpoint.mark, key)) return [`its link on the host, ${endpoint.link}, is another's`];
  const problems: string[] = [];
  const { host } = traitsOf(state.definition);
  // rules tell links by their names
  if (endpoint.wire.name !== endpoint.link)
    problems.push(`its link on the host is called ${show(endpoint.wire.name)}, not ${endpoint.link}`);
  if (host === 'port' && endpoint.wire.master !== state.index)
    problems.push(`its link on the host, ${endpoint.link}, is no port of the network`);
  if (host !== 'record' && (endpoint.wire.flags & IFF_UP) === 0) problems.push(`its link on the host, ${endpoint.link}, is down`);
  if (yield* isGone(endpoint)) return ['it is gone: nothing is left but its record'];
  const { name } = state.definition;
  problems.push(...(yield* missingOf(state)));
  if (hasLinksTable(state.definition) && !(yield* knowsLink(name, endpoint.link)))
    problems.push('the rules of its network do not know its link');
  const other = (yield* innerLink(endpoint)) ?? (yield* veth(endpoint));
  // the kernel is about to remove the end on the host, too
  if (other === undefined) return ['it is gone with its namespace'];
  problems.push(...(yield* checkOther(key, endpoint, other)), ...(yield* checkRecord(state, endpoint, other, record)));
  return problems;
}

/** The end of a veth in the namespace. */
function* veth(endpoint: FoundEndpoint): Program<LinkRead | undefined> {
  const [end] = yield* askEach([otherEnd(endpoint)]);
  if (end.ok) return end.value;
  if (isMissing(end.error)) return undefined;
  throw end.error;
}

function* checkOther({ network, ifname }: EndpointKey, endpoint: FoundEndpoint, other: LinkRead): Program<string[]> {
  const nsid = placeOf(endpoint.link, endpoint.wire.altNames)?.nsid ?? endpoint.wire.linkNetnsid;
  const where = nsid === undefined ? {} : { targetNetnsid: nsid };
  const problems: string[] = [];
  if (other.name !== ifname) problems.push(`its link is called ${show(other.name)}`);
  if ((other.flags & IFF_UP) === 0) problems.push('its link is down');
  const addresses = yield* ask({
    operation: getAddress,
    flags: 0,
    value: { index: other.index, ...where },
    expects: 'dump' as const,
    subject: `addresses of link ${show(ifname)}`,
  });
  const present = new Set(addresses.filter((address) => address.index === other.index).map(({ local, address }) => local ?? address));
  for (const claimed of claimsOf(network, endpoint.wire))
    if (!present.has(claimed)) problems.push(`its link does not have the address ${claimed}`);
  return problems;
}
