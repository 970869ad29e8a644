/**
 * What is recorded in the kernel about networks and endpoints: one line of text in the alias of their link (`ip link show` prints it), written when they are
 * complete. A link without it is half made, or half removed.
 */
import { InputError } from '../netlink/errors.ts';
import { type DriverOptions, formatDriverOptions, parseDriverOptions } from './driver/options.ts';
import { type Driver, isDriver } from './driver/traits.ts';
import { formatSubnet, parseSubnet, type Subnet } from './subnet.ts';

/** What a network is. */
export interface NetworkDefinition extends Readonly<DriverOptions> {
  readonly name: string;
  readonly driver: Driver;
  /** Name of the network's link: of the bridge. Other drivers keep their records on one that is down and has no ports. */
  readonly link: string;
  readonly subnets: readonly Subnet[];
  /** Index that `parent` had when the network was made, where endpoints are on top of it: somebody may give it another name. */
  readonly parentIndex?: number;
  /** Largest packet of its endpoints, in bytes. */
  readonly mtu?: number;
  readonly masquerade: boolean;
  readonly isolate: boolean;
  readonly internal: boolean;
  readonly isolatePorts: boolean;
  readonly publishedOnly: boolean;
  readonly spoofCheck: boolean;
}

/** What tells endpoints apart. */
export interface EndpointKey {
  /** Name of the network. */
  readonly network: string;
  /** Whom the endpoint is for. */
  readonly owner: string;
  /** Name of the link in its namespace. */
  readonly ifname: string;
}

/** What is recorded about an endpoint. */
export interface EndpointMark extends EndpointKey {
  /** Device and inode of the namespace it is in. */
  readonly netns: string;
  /** Index of its link there, where the link on the host is but a record. */
  readonly index?: number;
}

/** IFALIASZ - 1 (include/uapi/linux/if.h). */
const maxAliasLength = 255;

const networkPrefix = 'netloom/1 network';
const endpointPrefix = 'netloom/1 endpoint';
const flags = ['masquerade', 'isolate', 'internal', 'isolatePorts', 'publishedOnly', 'spoofCheck'] as const;

/** @throws InputError naming `subnets` when they are too many */
export function formatNetwork(network: NetworkDefinition): string {
  const words = [networkPrefix, network.name, network.driver];
  if (network.mtu !== undefined) words.push(`mtu=${network.mtu}`);
  if (network.parentIndex !== undefined) words.push(`parentIndex=${network.parentIndex}`);
  for (const flag of flags) if (network[flag]) words.push(flag);
  const text = [...words, ...formatDriverOptions(network), ...network.subnets.map(formatSubnet)].join(' ');
  if (Buffer.byteLength(text) > maxAliasLength)
    throw new InputError(
      'subnets',
      `do not fit in what the kernel keeps of a network: ${Buffer.byteLength(text)} bytes, at most ${maxAliasLength}`,
      'ERR_OUT_OF_RANGE',
    );
  return text;
}

/** The network that the alias of the link `link` records; undefined: none. */
export function parseNetwork(alias: string | undefined, link: string): NetworkDefinition | undefined {
  if (alias === undefined || !alias.startsWith(`${networkPrefix} `)) return undefined;
  const [name, driver, ...rest] = alias.slice(networkPrefix.length + 1).split(' ');
  if (name === undefined || !isDriver(driver)) return undefined;
  const has = (flag: string): boolean => rest.includes(flag);
  const numbered = (what: 'mtu' | 'parentIndex'): Partial<NetworkDefinition> => {
    const word = rest.find((candidate) => candidate.startsWith(`${what}=`));
    return word === undefined ? {} : { [what]: Number(word.slice(what.length + 1)) };
  };
  try {
    return {
      name,
      driver,
      link,
      subnets: rest.filter((word) => word.includes('/')).map(parseSubnet),
      ...numbered('mtu'),
      ...numbered('parentIndex'),
      masquerade: has('masquerade'),
      isolate: has('isolate'),
      internal: has('internal'),
      isolatePorts: has('isolatePorts'),
      publishedOnly: has('publishedOnly'),
      spoofCheck: has('spoofCheck'),
      ...parseDriverOptions(rest),
    };
  } catch (error) {
    // somebody else's text that looks like ours
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

export function formatEndpoint({ network, ifname, netns, owner, index: own }: EndpointMark, index = own): string {
  return `${endpointPrefix} ${network} ${ifname} ${netns}${index === undefined ? '' : `:${index}`} ${owner}`;
}

/** The endpoint that an alias records; undefined: none. */
export function parseEndpoint(alias: string | undefined): EndpointMark | undefined {
  const match = /^netloom\/1 endpoint (\S+) (\S+) (\d+:\d+)(?::(\d+))? (.+)$/s.exec(alias ?? '');
  if (match === null) return undefined;
  const [, network, ifname, netns, index, owner] = match as unknown as [string, string, string, string, string | undefined, string];
  return { network, ifname, netns, ...(index === undefined ? {} : { index: Number(index) }), owner };
}
