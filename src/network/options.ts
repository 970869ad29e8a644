/** What callers say about networks that shall be, and its checks. */
import { InputError } from '../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../netlink/input.ts';
import type { CallOptions } from '../netlink/program.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import { checkInterfaceName } from '../netlink/text.ts';
import { checkDriverOptions, type DriverOptions } from './driver/options.ts';
import { type Driver, driverTraits, isDriver, traitsOf } from './driver/traits.ts';
import { checkNetworkName, checkNewLinkName, defaultLinkName, isEndpointLinkName } from './name.ts';
import { checkAcceptable, checkForeignChains, type ForeignChain } from './policy/accept-in.ts';
import { formatNetwork, type NetworkDefinition } from './record.ts';
import { checkSubnet, overlap, type Subnet, type SubnetOptions } from './subnet.ts';

/** A network that shall be. */
export interface NetworkOptions extends DriverOptions, CallOptions {
  /** 1 to 63 of `A-Z a-z 0-9 _ . -`, the first a letter or digit; unique in its namespace. */
  name: string;
  /**
   * How endpoints are connected. `bridge` (default): ports of a bridge of the network's own. `ptp`: a veth each, routed by the host. `macvlan`, `ipvlan`, `vlan`: links on top of one
   * of the host's. `host-device`: a link of the host's, given away. `dummy`, `tap`: links of their own. `loopback`: the link `lo` of the namespace, set up.
   */
  driver?: Driver;
  /** The addresses that endpoints get: one of each subnet. Default: none, endpoints have no addresses then. */
  subnets?: readonly (string | SubnetOptions)[];
  /** Name of the network's link. Default: the network's name where that can be a link's (15 bytes), else `nl-` and 12 characters of a hash of it. */
  link?: string;
  /** Largest packet of endpoints, in bytes. Default: the kernel's, 1500. */
  mtu?: number;
  /** Give packets that leave the network the address of the interface they leave by. Default: false. */
  masquerade?: boolean;
  /** Drop what is forwarded between this network and other networks of netloom's, but for what goes to published ports. Default: false. */
  isolate?: boolean;
  /** Endpoints get no default route, forwarding is not switched on, what is forwarded from or to the network is dropped, and no ports are published. Default: false. */
  internal?: boolean;
  /** Endpoints reach the host and what is behind it, but not each other (`isolated` of bridge ports; with the driver ptp a rule). Default: false. */
  isolatePorts?: boolean;
  /**
   * Drop what others than the host send to endpoints, but for published ports and what belongs to flows that endpoints began: whoever has a route to the subnets gets no further than without one.
   * Default: false, what is forwarded to endpoints reaches them.
   */
  publishedOnly?: boolean;
  /** Drop what endpoints send with hardware or IP addresses that are not theirs. Default: false. */
  spoofCheck?: boolean;
  /** Chains of others' tables that drop what is forwarded, to accept the network's packets in: `{ family: 'ip', table: 'filter', chain: 'DOCKER-USER' }`. Default: none. */
  acceptIn?: readonly ForeignChain[];
}

const members = memberNames<Omit<NetworkOptions, keyof CallOptions>>({
  name: true,
  driver: true,
  subnets: true,
  link: true,
  mtu: true,
  masquerade: true,
  isolate: true,
  internal: true,
  isolatePorts: true,
  publishedOnly: true,
  spoofCheck: true,
  acceptIn: true,
  hairpin: true,
  parent: true,
  mode: true,
  vlanId: true,
  user: true,
  group: true,
  multiQueue: true,
});

/** A network that shall be, checked. */
export interface NetworkPlan {
  readonly definition: NetworkDefinition;
  /** Addresses that nobody gets. */
  readonly reserved: readonly string[];
  readonly acceptIn: readonly ForeignChain[];
}

/** ETH_MIN_MTU (include/uapi/linux/if_ether.h), and what IPv6 needs (RFC 8200, 5). */
const leastMtu = { inet: 68, inet6: 1280 } as const;
/** ETH_MAX_MTU: what veth and bridges take at most. */
const mostMtu = 65_535;

/** @throws InputError naming the option that is wrong */
export function checkNetwork(options: NetworkOptions, ...also: readonly ReadonlySet<string>[]): NetworkPlan {
  checkOptions(options, 'options', members, ...also);
  const {
    name,
    driver = 'bridge',
    mtu,
    masquerade = false,
    isolate = false,
    internal = false,
    isolatePorts = false,
    publishedOnly = false,
    spoofCheck = false,
  } = options;
  checkNetworkName(name, 'name');
  if (!isDriver(driver)) throw new InputError('driver', `expected ${Object.keys(driverTraits).join(', ')}, got ${show(driver)}`);
  const driverOptions = checkDriverOptions(driver, options);
  for (const flag of ['masquerade', 'isolate', 'internal', 'isolatePorts', 'publishedOnly', 'spoofCheck'] as const)
    checkBoolean(options[flag], flag);
  const { link = defaultLinkName(name) } = options;
  inArgument('link', () => checkInterfaceName(link));
  if (link.includes('%')) throw new InputError('link', `${show(link)}: a network needs a name that is known beforehand, without "%"`);
  checkNewLinkName(link, 'link');
  if (isEndpointLinkName(link))
    throw new InputError(
      'link',
      `${show(link)}: "nl" and 13 of 0-9 a-z is what the links of endpoints are called, and it would be taken for one`,
    );
  // rules would take it for the name of a set, or the beginning of other links' names
  if (/^@|\*$/.test(link)) throw new InputError('link', `${show(link)}: rules cannot name a link that begins with "@" or ends with "*"`);
  const given: unknown = options.subnets ?? [];
  if (!Array.isArray(given)) throw new InputError('subnets', `expected an array of subnets, got ${show(given)}`, 'ERR_INVALID_ARG_TYPE');
  const subnets = (given as readonly (string | SubnetOptions)[]).map((subnet, i) => checkSubnet(subnet, `subnets[${i}]`));
  for (const [i, subnet] of subnets.entries()) {
    const other = subnets.findIndex((candidate, at) => at < i && overlap(candidate, subnet));
    if (other >= 0) throw new InputError(`subnets[${i}]`, `${subnet.subnet} overlaps ${subnets[other]!.subnet}`);
  }
  if (mtu !== undefined) {
    const least = leastMtu[subnets.some(({ family }) => family === 'inet6') ? 'inet6' : 'inet'];
    inArgument('mtu', () => checkInteger(mtu, least, mostMtu));
  }
  const acceptIn = checkForeignChains(options.acceptIn, 'acceptIn');
  if (spoofCheck && subnets.length === 0) throw new InputError('spoofCheck', 'is about addresses, and the network has no `subnets`');
  if (masquerade && subnets.length === 0) throw new InputError('masquerade', 'is about addresses, and the network has no `subnets`');
  checkForDriver(driver, options, subnets);
  const definition: NetworkDefinition = {
    name,
    driver,
    link,
    subnets: subnets.map(({ reserved: _, ...subnet }) => subnet),
    ...(mtu === undefined ? {} : { mtu }),
    masquerade,
    isolate,
    internal,
    isolatePorts,
    publishedOnly,
    spoofCheck,
    ...driverOptions,
  };
  formatNetwork(definition); // whether it fits
  checkAcceptable(definition, acceptIn);
  return { definition, reserved: [...new Set(subnets.flatMap(({ reserved }) => reserved))], acceptIn };
}

/** What only some drivers can do, and what some need. */
function checkForDriver(driver: Driver, options: NetworkOptions, subnets: readonly Subnet[]): void {
  const { routed } = traitsOf({ driver });
  if (options.masquerade === true && !routed)
    throw new InputError('masquerade', `packets of the driver ${driver} do not pass through the host`);
  for (const flag of ['isolate', 'isolatePorts', 'publishedOnly', 'spoofCheck'] as const)
    if (options[flag] === true && !routed)
      throw new InputError(flag, `packets of the driver ${driver} do not pass through the host, which could not drop them`);
  if (options.acceptIn !== undefined && !routed)
    throw new InputError('acceptIn', `packets of the driver ${driver} do not pass through the host, and no chain of its sees them`);
  if (driver === 'ptp') {
    const without = subnets.findIndex(({ gateway }) => gateway === undefined);
    if (without >= 0) throw new InputError(`subnets[${without}].gateway`, 'the driver ptp needs one: the address of the host');
  }
  if (driver !== 'loopback') return;
  if (subnets.length > 0) throw new InputError('subnets', 'the driver loopback gives no addresses');
  if (options.mtu !== undefined) throw new InputError('mtu', 'is not to be had with the driver loopback');
}
