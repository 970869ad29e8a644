/** Detaches endpoints. */
import { InputError, NetloomError } from '../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../netlink/input.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { checkInterfaceName } from '../netlink/text.ts';
import { releaseStored } from './address-store.ts';
import { hostEnd } from './find.ts';
import { checkOwner, endpointLinkName } from './name.ts';
import type { EndpointKey, EndpointMark } from './record.ts';
import { removeEndpoint } from './remove-endpoint.ts';
import type { NetworkState } from './state.ts';

/** Says which endpoint of a network is meant. A record of one does, too. */
export interface EndpointRef {
  /** Whom the endpoint is for, as `attach` was told. */
  readonly owner: string;
  /** Default: `eth0`; with the driver loopback `lo`. */
  readonly ifname?: string;
}

/** What a record has besides. */
const recordMembers: ReadonlySet<string> = new Set([
  'network',
  'index',
  'mac',
  'mtu',
  'netns',
  'hostLink',
  'hostIndex',
  'addresses',
  'gateways',
  'routes',
  'sysctls',
  'dns',
  'resolvConf',
  'ports',
  'rateLimits',
]);
const refMembers = memberNames<EndpointRef>({ owner: true, ifname: true });

/** @param usual name of the link where `endpoint` does not say it @throws InputError naming the member of `endpoint` that is wrong */
export function checkEndpointRef(endpoint: EndpointRef & CallOptions, network: string, usual = 'eth0'): EndpointKey {
  checkOptions(endpoint, 'endpoint', refMembers, recordMembers);
  const { owner, ifname = usual, network: recorded = network } = endpoint as EndpointRef & { network?: unknown };
  checkOwner(owner, 'owner');
  inArgument('ifname', () => checkInterfaceName(ifname));
  if (recorded !== network) throw new InputError('network', `the endpoint is of ${show(recorded)}, and this is ${show(network)}`);
  return { network, owner, ifname };
}

/** Whether a mark is that of the endpoint meant. */
export function isEndpoint(mark: EndpointMark | undefined, { network, owner, ifname }: EndpointKey): boolean {
  return mark !== undefined && mark.network === network && mark.owner === owner && mark.ifname === ifname;
}

/**
 * Removes an endpoint, complete or half made. One that is gone, alone or with its namespace, is no error.
 *
 * @returns whether there was one
 * @throws NetloomError `EBUSY` when somebody else is making or removing it
 */
export function* detach(key: EndpointKey, { definition: { driver }, store }: Pick<NetworkState, 'definition' | 'store'>): Program<boolean> {
  const link = endpointLinkName(key.network, key.owner, key.ifname);
  const outcome = yield* removeEndpoint(link, {
    isMeant: ({ mark }) => mark === undefined || isEndpoint(mark, key),
    afterwards: () => releaseStored(store, key),
    network: key.network,
    find: () => hostEnd(link, driver),
  });
  if (outcome === 'busy') {
    const subject = `endpoint ${show(key.ifname)} of ${show(key.owner)}`;
    throw new NetloomError(`${subject} is being made or removed by somebody else at the moment`, 'EBUSY', { errno: 16 });
  }
  return outcome === 'removed';
}
