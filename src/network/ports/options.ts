/** What callers say about ports that shall be published, and its checks. */
import { formatAddress, type IpFamily, parseAddress } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { traitsOf } from '../driver/traits.ts';
import type { NetworkDefinition } from '../record.ts';

const protocols = ['tcp', 'udp', 'sctp'] as const;

/** The protocols whose ports are published. */
export type PublishedProtocol = (typeof protocols)[number];

/** A port of an endpoint's that is to be reached by the host's addresses, or a range of them. */
export interface PortOptions {
  /** Default: `tcp`. */
  protocol?: PublishedProtocol;
  /**
   * The address of the host's that it is reached by; `0.0.0.0` or `::`: any of the family. It need not be there yet. `127.0.0.1`: the host alone reaches it. Default: any,
   * of each family that the endpoint has an address of. Any does not include `::1`.
   */
  hostAddress?: string;
  /** The port of the host's, or the first of a range: 1 to 65535. 0: one that is free, of `range`. */
  hostPort: number;
  /** The ports that one is chosen from where `hostPort` is 0, the lowest that is free: `8000-8099`. Default: those from 49152 on, other ones for each endpoint. */
  range?: string;
  /** The last port of the range. Default: `hostPort`. */
  hostPortEnd?: number;
  /** The port of the endpoint's, or the first of as many. Default: `hostPort`. */
  containerPort?: number;
  /** Whether to publish a port that a program of the host listens at: it is not reached by it then. Default: false, and such a port is refused. */
  overrideListeners?: boolean;
}

/** A published port, or a range of them: plain data. {@link PortOptions} in full. */
export interface PublishedPort {
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: PublishedProtocol;
  /** Absent: any. */
  readonly hostAddress?: string;
  /** Port of the host. */
  readonly hostPort: number;
  /** Absent: a single port. */
  readonly hostPortEnd?: number;
  /** Port of the endpoint that it leads to. */
  readonly containerPort: number;
}

const members = memberNames<PortOptions>({
  protocol: true,
  hostAddress: true,
  hostPort: true,
  hostPortEnd: true,
  range: true,
  containerPort: true,
  overrideListeners: true,
});

/** The addresses of an endpoint that packets can be sent on to: the first of each family. */
export type Targets = { readonly [F in IpFamily]?: string };

export function targetsOf(addresses: readonly string[]): Targets {
  const inet = addresses.find((address) => !address.includes(':'));
  const inet6 = addresses.find((address) => address.includes(':'));
  return { ...(inet === undefined ? {} : { inet }), ...(inet6 === undefined ? {} : { inet6 }) };
}

/** A port that shall be published, checked. */
export interface PortPlan extends PublishedPort {
  /** How many ports. */
  readonly count: number;
  /** The families it is published in. */
  readonly families: readonly IpFamily[];
  /** What to choose from where `hostPort` is 0. Absent: the dynamic ports. */
  readonly range?: { readonly first: number; readonly last: number };
  /** Whether sockets of the host's are no obstacle. */
  readonly overrideListeners: boolean;
  /** The argument it came in: `ports[0]`. */
  readonly argument: string;
}

/**
 * {@link checkPorts} for a network that publishes ports at all.
 *
 * @throws InputError naming `ports` when it does not
 */
export function checkPublishable(given: unknown, network: NetworkDefinition, families: ReadonlySet<IpFamily>): PortPlan[] {
  if (given !== undefined && network.internal) throw new InputError('ports', 'the network is internal: nothing from outside reaches it');
  if (given !== undefined && !traitsOf(network).routed)
    throw new InputError('ports', `packets for endpoints of the driver ${network.driver} do not pass through the host`);
  return checkPorts(given, families);
}

/**
 * @param families of the addresses that the endpoint has, or will have
 * @throws InputError naming the member that is wrong
 */
export function checkPorts(given: unknown, families: ReadonlySet<IpFamily>, argument = 'ports'): PortPlan[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new InputError(argument, `expected an array of ports, got ${show(given)}`, 'ERR_INVALID_ARG_TYPE');
  const plans = (given as readonly PortOptions[]).map((port, i) =>
    inArgument(`${argument}[${i}]`, () => ({ ...checkPort(port, families), argument: `${argument}[${i}]` })),
  );
  for (const [i, plan] of plans.entries()) {
    const other = plans.find((candidate, at) => at < i && collide(candidate, plan));
    if (other !== undefined) throw new InputError(`${plan.argument}.hostPort`, `is published by ${other.argument} already`);
  }
  return plans;
}

function checkPort(port: PortOptions, families: ReadonlySet<IpFamily>): Omit<PortPlan, 'argument'> {
  checkMembers(port, '', members);
  const { protocol = 'tcp', hostPort, hostPortEnd = hostPort, containerPort = hostPort } = port;
  if (!protocols.includes(protocol)) throw new InputError('protocol', `${show(protocol)} is none of ${protocols.join(', ')}`);
  inArgument('hostPort', () => checkInteger(hostPort, 0, 65_535));
  inArgument('hostPortEnd', () => checkInteger(hostPortEnd, hostPort, 65_535));
  if (hostPort === 0 && hostPortEnd !== 0) throw new InputError('hostPortEnd', 'goes with the first port of the range, not with any');
  if (hostPort === 0 && port.containerPort === undefined) throw new InputError('containerPort', 'is needed: the port of the endpoint');
  const range = port.range === undefined ? undefined : inArgument('range', () => checkRange(port.range));
  if (range !== undefined && hostPort !== 0) throw new InputError('range', 'goes with `hostPort` 0: it is what to choose from');
  const count = hostPortEnd - hostPort + 1;
  inArgument('containerPort', () => checkInteger(containerPort, 1, 65_535));
  if (containerPort + count - 1 > 65_535)
    throw new InputError('containerPort', `the last of ${count} ports from ${containerPort} would be above 65535`, 'ERR_OUT_OF_RANGE');
  checkBoolean(port.overrideListeners, 'overrideListeners');
  const { hostAddress, family } = addressOf(port.hostAddress);
  for (const wanted of family === undefined ? [] : [family])
    if (!families.has(wanted)) throw new InputError('hostAddress', `the endpoint has no address of ${wanted === 'inet' ? 'IPv4' : 'IPv6'}`);
  const reached = family === undefined ? [...families].sort() : [family];
  if (reached.length === 0) throw new InputError('', 'the endpoint has no address that packets could be sent on to');
  return {
    protocol,
    ...(hostAddress === undefined ? {} : { hostAddress }),
    hostPort,
    ...(count === 1 ? {} : { hostPortEnd }),
    containerPort,
    count,
    families: reached,
    ...(range === undefined ? {} : { range }),
    overrideListeners: port.overrideListeners === true,
  };
}

function checkRange(given: unknown): { first: number; last: number } {
  const match = typeof given === 'string' ? /^(\d{1,5})-(\d{1,5})$/.exec(given) : null;
  if (match === null) throw new InputError('', `expected a first and a last port, as in "8000-8099", got ${show(given)}`);
  const [first, last] = [Number(match[1]), Number(match[2])];
  checkInteger(first, 1, 65_535);
  checkInteger(last, first, 65_535);
  return { first, last };
}

function addressOf(given: unknown): { hostAddress?: string; family?: IpFamily } {
  if (given === undefined) return {};
  const bytes = inArgument('hostAddress', () => parseAddress(given));
  const family = bytes.length === 4 ? 'inet' : 'inet6';
  // 224.0.0.0/4, ff00::/8
  if (family === 'inet' ? bytes[0]! >= 224 : bytes[0] === 0xff)
    throw new InputError('hostAddress', `${show(given)} is no address that a host can have`);
  // ::ffff:0:0/96: what programs see of IPv4, and no packet has
  if (family === 'inet6' && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff)
    throw new InputError(
      'hostAddress',
      `${show(given)} is an address of IPv4 in the form of IPv6; take ${formatAddress(bytes.subarray(12))}`,
    );
  const hostAddress = formatAddress(bytes);
  if (hostAddress === '::1') throw new InputError('hostAddress', 'the kernel sends nothing from ::1 to another link; take 127.0.0.1');
  return { hostAddress, family };
}

/** Whether an address stands for any of its family. */
export function isAny(hostAddress: string | undefined): boolean {
  return hostAddress === undefined || hostAddress === '0.0.0.0' || hostAddress === '::';
}

function collide(a: PortPlan, b: PortPlan): boolean {
  if (a.protocol !== b.protocol || a.hostPort === 0 || b.hostPort === 0) return false;
  if (a.hostPort + a.count <= b.hostPort || b.hostPort + b.count <= a.hostPort) return false;
  if (!a.families.some((family) => b.families.includes(family))) return false;
  return isAny(a.hostAddress) || isAny(b.hostAddress) || a.hostAddress === b.hostAddress;
}

/** What is told of a published port. */
export function publishedPort({ protocol, hostAddress, hostPort, hostPortEnd, containerPort }: PublishedPort): PublishedPort {
  return {
    protocol,
    ...(hostAddress === undefined ? {} : { hostAddress }),
    hostPort,
    ...(hostPortEnd === undefined ? {} : { hostPortEnd }),
    containerPort,
  };
}
