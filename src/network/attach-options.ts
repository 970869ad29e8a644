/** What callers say about an endpoint that shall be, and its checks. */
import { formatAddress, parseAddress, parseHardwareAddress, parsePrefix } from '../netlink/address.ts';
import { InputError } from '../netlink/errors.ts';
import { checkBoolean, checkMembers, checkOptions, encodable, inArgument, memberNames } from '../netlink/input.ts';
import type { CallOptions } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { sysctlText } from '../netlink/sys/sysctl.ts';
import { checkInterfaceName } from '../netlink/text.ts';
import { newRoute, type RouteMessageInput } from '../rtnl/route/message.ts';
import { planRoute, renameRoutePath } from '../rtnl/route/spec.ts';
import { type BandwidthPlan, checkRateLimits, type RateLimits } from '../rtnl/tc/bandwidth.ts';
import { checkDns, checkedNamespaceName, type Dns } from './dns/options.ts';
import { traitsOf } from './driver/traits.ts';
import { checkNewLinkName, checkOwner } from './name.ts';
import { checkPublishable, type PortOptions, type PortPlan } from './ports/options.ts';
import type { NetworkDefinition } from './record.ts';
import { checkedHost, contains, numberOf, type Subnet } from './subnet.ts';

/** A route of an endpoint's: it leads through the endpoint's link. */
export interface EndpointRoute {
  /** `'default'`, or a network: `10.0.0.0/8`. */
  to: string;
  /** Gateway; it must be reachable by the addresses of the endpoint. Default: none, the destination is on the link. */
  via?: string;
  /** The lower, the better. */
  metric?: number;
  /** Address that packets leave with unless they have one. */
  source?: string;
}

export interface AttachOptions extends CallOptions {
  /** The namespace to attach: of the container. */
  netns: NamespaceRef;
  /** Whom the endpoint is for, such as a container's id: 1 to 128 bytes without control characters. With `ifname` it tells endpoints of a network apart. */
  owner: string;
  /** Name of the link in the namespace. Default: `eth0`; with the driver loopback it is always `lo`. */
  ifname?: string;
  /** Addresses to have, at most one of each subnet; with the length of their subnet, as records have them, or without. Default: the next free one of each subnet. */
  addresses?: readonly string[];
  /** Hardware address of the link in the namespace. Default: one that follows from network, owner and ifname. The drivers ipvlan, host-device and loopback have no choice, nor has macvlan in the mode `passthru`. */
  mac?: string;
  /**
   * Whether packets for elsewhere go to the network's gateways. Default: in each family where the namespace has no default route yet, unless the network is internal. `true`: one that is there is an
   * error (`EEXIST`).
   */
  defaultRoute?: boolean;
  /** Further routes. The driver loopback takes none. */
  routes?: readonly EndpointRoute[];
  /** Name servers and search domains of the endpoint: kept with it, and written to a file where `resolvConf` asks for that. */
  dns?: Dns;
  /**
   * Write what `dns` says to `/etc/netns/NAME/resolv.conf`, for programs that are run in the namespace by `ip netns exec` or `spawn`; `netns` has to be a name then, or a handle of a namespace that has one. The file goes with
   * the endpoint, unless it was changed. Default: false.
   */
  resolvConf?: boolean;
  /**
   * Sysctls of the link, which go with it: `net.ipv4.conf.IFNAME.arp_notify`, where `IFNAME` stands for the link. Those of the whole namespace are set by
   * `netns.sysctl`. The driver loopback takes none.
   */
  sysctls?: Readonly<Record<string, string | number | boolean>>;
  /** Ports of the endpoint's to be reached by the host's addresses. Default: none. */
  ports?: readonly PortOptions[];
  /** Limits of bandwidth, in bits a second: ingress is what comes to the endpoint, egress what it sends. Default: none. Of the drivers that have a link on the host, bridge and ptp, alone. */
  rateLimits?: RateLimits;
}

const members = memberNames<Omit<AttachOptions, keyof CallOptions>>({
  netns: true,
  owner: true,
  ifname: true,
  addresses: true,
  mac: true,
  defaultRoute: true,
  routes: true,
  dns: true,
  resolvConf: true,
  sysctls: true,
  ports: true,
  rateLimits: true,
});
const routeMembers = memberNames<EndpointRoute>({ to: true, via: true, metric: true, source: true });

/** An address that is wanted: which one, or any. */
export interface WantedAddress {
  readonly subnet: Subnet;
  /** In the kernel's spelling. Absent: the next free one. */
  readonly address?: string;
  /** The argument it came in. */
  readonly argument: string;
}

/** A sysctl of an endpoint's, checked. */
export interface PlannedSysctl {
  /** As it was given, with `IFNAME`. */
  readonly given: string;
  /** With the link's in place. */
  readonly name: string;
  readonly value: string;
  /** The argument it came in. */
  readonly argument: string;
}

/** A route of an endpoint's, checked. */
export interface PlannedRoute {
  readonly route: EndpointRoute;
  readonly wire: RouteMessageInput;
  /** The argument it came in. */
  readonly argument: string;
  /** It is left out where the namespace has one already. */
  readonly dispensable?: true;
}

/** An endpoint that shall be, checked. */
export interface AttachPlan {
  readonly owner: string;
  readonly ifname: string;
  readonly addresses: readonly WantedAddress[];
  readonly mac?: string;
  readonly routes: readonly PlannedRoute[];
  readonly dns?: Dns;
  /** Name of the namespace whose resolv.conf is to be written. */
  readonly resolvConf?: string;
  readonly sysctls: readonly PlannedSysctl[];
  readonly ports: readonly PortPlan[];
  readonly rateLimits?: RateLimits;
  readonly bandwidth: BandwidthPlan;
}

/** @throws InputError naming the option that is wrong */
export function checkAttach(options: AttachOptions, network: NetworkDefinition): AttachPlan {
  checkOptions(options, 'options', members);
  const traits = traitsOf(network);
  const { netns, owner, ifname = traits.ifname, mac, dns, rateLimits } = options;
  if (netns === undefined) throw new InputError('netns', 'is needed: the namespace to attach');
  if (rateLimits !== undefined && traits.host === 'record')
    throw new InputError(
      'rateLimits',
      `an endpoint of the driver ${network.driver} has no link on the host whose bandwidth could be limited`,
    );
  checkOwner(owner, 'owner');
  inArgument('ifname', () => checkInterfaceName(ifname));
  if (ifname.includes('%'))
    throw new InputError('ifname', `${show(ifname)}: an endpoint needs a name that is known beforehand, without "%"`);
  checkNewLinkName(ifname, 'ifname');
  if (network.driver === 'loopback' && ifname !== 'lo') throw new InputError('ifname', 'is always "lo" with the driver loopback');
  for (const option of ['routes', 'sysctls'] as const)
    if (network.driver === 'loopback' && options[option] !== undefined)
      throw new InputError(option, 'is not to be had with the driver loopback: its link stays when the endpoint goes, and so would they');
  if (mac !== undefined) checkMac(mac);
  if (mac !== undefined && !traits.mac) throw new InputError('mac', `is not to be had with the driver ${network.driver}`);
  if (mac !== undefined && network.mode === 'passthru') throw new InputError('mac', 'is that of the parent in the mode passthru');
  if (dns !== undefined) checkDns(dns, 'dns');
  checkBoolean(options.resolvConf, 'resolvConf');
  if (options.resolvConf === true && dns === undefined) throw new InputError('dns', 'is needed: what to write', 'ERR_INVALID_ARG_TYPE');
  return {
    owner,
    ifname,
    addresses: wantedAddresses(options.addresses, network.subnets),
    ...(mac === undefined ? {} : { mac: mac.toLowerCase().replaceAll('-', ':') }),
    routes: routesOf(options, network),
    ...(dns === undefined ? {} : { dns }),
    ...(options.resolvConf === true ? { resolvConf: checkedNamespaceName(netns) } : {}),
    sysctls: sysctlsOf(options.sysctls, ifname),
    ports: checkPublishable(options.ports, network, new Set(network.subnets.map(({ family }) => family))),
    ...(rateLimits === undefined ? {} : { rateLimits }),
    bandwidth: rateLimits === undefined ? {} : inArgument('rateLimits', () => checkRateLimits(rateLimits)),
  };
}

function checkMac(mac: unknown): void {
  const bytes = inArgument('mac', () => parseHardwareAddress(mac));
  if (bytes.length !== 6) throw new InputError('mac', `${show(mac)} has ${bytes.length} bytes; an Ethernet address has 6`);
  if ((bytes[0]! & 1) !== 0) throw new InputError('mac', `${show(mac)} is a group address; a link needs one of its own`);
  if (bytes.every((byte) => byte === 0)) throw new InputError('mac', `${show(mac)} is no address`);
}

function wantedAddresses(given: unknown, subnets: readonly Subnet[]): WantedAddress[] {
  if (given !== undefined && !Array.isArray(given))
    throw new InputError('addresses', `expected an array of addresses, got ${show(given)}`, 'ERR_INVALID_ARG_TYPE');
  const asked = new Map<Subnet, WantedAddress>();
  for (const [i, text] of ((given ?? []) as readonly unknown[]).entries()) {
    const argument = `addresses[${i}]`;
    // as records have them, with the length of their network
    const { length, address: asText } = splitLength(text, argument);
    const bytes = inArgument(argument, () => parseAddress(asText));
    const subnet = subnets.find((candidate) => contains(candidate, bytes.length === 4 ? 'inet' : 'inet6', numberOf(bytes)));
    if (subnet === undefined) throw new InputError(argument, `${show(text)} is in no subnet of the network`, 'ERR_OUT_OF_RANGE');
    if (length !== undefined && length !== subnet.length)
      throw new InputError(argument, `${show(text)} does not have the length of its subnet, ${subnet.subnet}`);
    const other = asked.get(subnet);
    if (other !== undefined) throw new InputError(argument, `${show(text)} is of the subnet ${subnet.subnet}, and so is ${other.argument}`);
    const address = checkedHost(asText, argument, subnet);
    if (address === subnet.gateway) throw new InputError(argument, `${address} is the gateway of ${subnet.subnet}`);
    asked.set(subnet, { subnet, address, argument });
  }
  return subnets.map((subnet) => asked.get(subnet) ?? { subnet, argument: 'addresses' });
}

function splitLength(text: unknown, argument: string): { address: unknown; length?: number } {
  if (typeof text !== 'string' || !text.includes('/')) return { address: text };
  const { length } = inArgument(argument, () => parsePrefix(text));
  return { address: text.slice(0, text.indexOf('/')), length };
}

function routesOf({ routes, defaultRoute }: AttachOptions, network: NetworkDefinition): AttachPlan['routes'] {
  checkBoolean(defaultRoute, 'defaultRoute');
  if (routes !== undefined && !Array.isArray(routes))
    throw new InputError('routes', `expected an array of routes, got ${show(routes)}`, 'ERR_INVALID_ARG_TYPE');
  if (defaultRoute === true && network.subnets.every(({ gateway }) => gateway === undefined))
    throw new InputError('defaultRoute', 'the network has no gateway');
  const byDefault =
    defaultRoute === true
      ? defaultRoutes(network).map(({ dispensable: _, ...route }) => route)
      : (defaultRoute ?? !network.internal)
        ? defaultRoutes(network)
        : [];
  if (routes === undefined) return byDefault;
  return [...byDefault, ...(routes as readonly EndpointRoute[]).map((route, i) => plannedRoute(route, `routes[${i}]`))];
}

/** They are the same for all endpoints of a network. */
const defaults = new WeakMap<NetworkDefinition, AttachPlan['routes']>();

function defaultRoutes(network: NetworkDefinition): AttachPlan['routes'] {
  let routes = defaults.get(network);
  if (routes === undefined) {
    routes = ['inet', 'inet6'].flatMap((family) => {
      const via = network.subnets.find((subnet) => subnet.family === family && subnet.gateway !== undefined)?.gateway;
      return via === undefined ? [] : [{ ...plannedRoute({ to: 'default', via }, 'defaultRoute'), dispensable: true as const }];
    });
    defaults.set(network, routes);
  }
  return routes;
}

/** @throws InputError naming the member that is wrong, below `argument` */
export function plannedRoute(route: EndpointRoute, argument: string): PlannedRoute {
  inArgument(argument, () => checkMembers(route, '', routeMembers));
  // the index stands for that of the link, which is not there yet
  const { wire } = inArgument(argument, () => planRoute({ ...route, devIndex: 1 }));
  inArgument(argument, () => encodable(newRoute.body, wire, renameRoutePath));
  return { route, wire, argument };
}

/** Families of sysctls that have a folder for each link. */
const perLink = /^net\.(?:ipv4|ipv6)\.(?:conf|neigh)\.([^.]+)\.[a-z0-9_]+$/;

/** @throws InputError naming the one that is wrong */
export function sysctlsOf(given: unknown, ifname: string): AttachPlan['sysctls'] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new InputError('sysctls', `expected an object of names and values, got ${show(given)}`, 'ERR_INVALID_ARG_TYPE');
  // within a name the separator of its parts stands for a dot
  const own = ifname.replaceAll('.', '/');
  return Object.entries(given as Record<string, unknown>).map(([name, value]) => {
    const argument = `sysctls[${JSON.stringify(name)}]`;
    if (perLink.exec(name)?.[1] !== 'IFNAME')
      throw new InputError(argument, 'is none of the link: expected a name such as "net.ipv4.conf.IFNAME.arp_notify"');
    // a function: in a text `$` would have a meaning
    return { given: name, name: name.replace('IFNAME', () => own), value: sysctlValue(value, argument), argument };
  });
}

function sysctlValue(value: unknown, argument: string): string {
  try {
    return sysctlText(value as string);
  } catch (error) {
    throw error instanceof InputError ? error.renamed(() => argument) : error;
  }
}

/** The address with the length of its network, as links have it. */
export function withLength({ length }: Subnet, address: string): string {
  return `${address}/${length}`;
}

/** The address alone, in the kernel's spelling; for those that a record holds. */
export function withoutLength(address: unknown): string {
  return formatAddress(parseAddress(typeof address === 'string' ? address.replace(/\/.*$/, '') : address));
}

/** The number of an address. */
export function addressNumber(address: string): bigint {
  return numberOf(parseAddress(address));
}
