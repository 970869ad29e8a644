/** What networks and their parts are called in the kernel. Names are derived, so that whoever knows the owner finds the link. */
import { InputError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';
import { isInterfaceName } from '../netlink/text.ts';

/**
 * The group of links that netloom made for networks, `nlom` in ASCII: the one mark that a link can be given in the message that creates it,
 * so that a link whose maker died right after can still be told from other people's.
 */
export const linkGroup = 0x6e6c6f6d;

const networkName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/** @throws InputError naming `argument` */
export function checkNetworkName(name: unknown, argument: string): asserts name is string {
  if (typeof name !== 'string') throw new InputError(argument, `expected the name of a network, got ${show(name)}`, 'ERR_INVALID_ARG_TYPE');
  if (!networkName.test(name))
    throw new InputError(argument, `${show(name)} is not the name of a network: 1 to 63 of A-Z a-z 0-9 _ . -, the first a letter or digit`);
}

export function isNetworkName(name: string): boolean {
  return networkName.test(name);
}

/** Half of a surrogate pair: it is written as another character, so that what is read back is not what was given. */
const loneSurrogate = /\p{Surrogate}/u;

/** In the names of sysctls these stand for all links (sysctl_dev_name_is_allowed in the kernel). */
const namesOfAll: ReadonlySet<string> = new Set(['all', 'default']);

/** Checks the name of a link that shall be made, beyond what the kernel asks of names. @throws InputError naming `argument` */
export function checkNewLinkName(name: string, argument: string): void {
  if (namesOfAll.has(name))
    throw new InputError(argument, `${show(name)} stands for all links where sysctls are named, and the kernel lets no link be called so`);
  if (loneSurrogate.test(name)) throw new InputError(argument, `${show(name)} contains half of a surrogate pair`);
}

/** The longest owner, in bytes: with the rest of what is recorded it must fit in the alias of a link. */
const maxOwnerLength = 128;

/** @throws InputError naming `argument` */
export function checkOwner(owner: unknown, argument: string): asserts owner is string {
  if (typeof owner !== 'string' || owner === '')
    throw new InputError(
      argument,
      `expected who the endpoint is for, such as a container's id, got ${show(owner)}`,
      'ERR_INVALID_ARG_TYPE',
    );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (/[\x00-\x1f\x7f]/.test(owner)) throw new InputError(argument, `${show(owner)} contains control characters`);
  if (loneSurrogate.test(owner)) throw new InputError(argument, `${show(owner)} contains half of a surrogate pair`);
  const length = Buffer.byteLength(owner);
  if (length > maxOwnerLength) throw new InputError(argument, `has ${length} bytes; at most ${maxOwnerLength} fit`, 'ERR_OUT_OF_RANGE');
}

/** The alternative name that a network's link is found by. The kernel lets no two links of a namespace have one. */
export function networkAltName(network: string): string {
  return `netloom@${network}`;
}

/**
 * The alternative name that claims an address of a network: the kernel refuses a second one, and so no address is given out twice, whoever asks at
 * the same time. It is freed with the link that has it.
 */
export function addressAltName(network: string, address: string): string {
  // a colon separates a label from a link's name
  return `${network}@${address.replaceAll(':', '-')}`;
}

/** The address that an alternative name claims; undefined: it is another name. */
export function claimedAddress(network: string, altName: string): string | undefined {
  // that of a network called netloom claims nothing
  if (!altName.startsWith(`${network}@`) || altName === networkAltName(network)) return undefined;
  return altName.slice(network.length + 1).replaceAll('-', ':');
}

/** The link of a network that is not told what to call it. */
export function defaultLinkName(network: string): string {
  return isInterfaceName(network) && !namesOfAll.has(network) && !isEndpointLinkName(network)
    ? network
    : `nl-${digest('link', network).readBigUInt64BE(0).toString(36).padStart(13, '0').slice(-12)}`;
}

const hostLinkName = /^nl[0-9a-z]{13}$/;

/** What rules call all links that {@link endpointLinkName} names, and few others. */
export const endpointLinks = 'nl*';

/** The host's end of an endpoint: 64 bits of a hash of what tells endpoints apart. */
export function endpointLinkName(network: string, owner: string, ifname: string): string {
  return hashedLinkName(digest('endpoint', network, owner, ifname));
}

/** The name of the host's end of an endpoint, and the hardware address in the namespace where none was asked for: from one hash, which takes its time. */
export function endpointNames(network: string, owner: string, ifname: string): { link: string; mac: string } {
  const bytes = digest('endpoint', network, owner, ifname);
  return { link: hashedLinkName(bytes), mac: localAddress(bytes.subarray(8, 14)) };
}

function hashedLinkName(bytes: Buffer): string {
  return `nl${bytes.readBigUInt64BE(0).toString(36).padStart(13, '0')}`;
}

/** The alternative name that a link in a namespace is found by from the host, where it is no end of a veth. */
export function innerLinkName(link: string): string {
  return `ni${link.slice(2)}`;
}

/** Whether a name is one that {@link innerLinkName} makes. */
export function isInnerLinkName(name: string): boolean {
  return /^ni[0-9a-z]{13}$/.test(name);
}

/** What such a link is called from the message that makes it until it has that alternative name. */
export function unfinishedLinkName(link: string): string {
  return `nt${link.slice(2)}`;
}

/** The alternative name of a record that says where the endpoint is: the id that the host has for the namespace, and the name that a link had before it was given away. */
export function placeAltName(link: string, nsid: number, was = ''): string {
  return `${link}@${nsid}=${was}`;
}

/** What {@link placeAltName} says; undefined: it is another name. */
export function placeOf(link: string, altNames: readonly string[] = []): { nsid: number; was?: string } | undefined {
  for (const altName of altNames) {
    const match = altName.startsWith(`${link}@`) ? /^(\d+)=(.*)$/.exec(altName.slice(link.length + 1)) : null;
    if (match !== null) return { nsid: Number(match[1]), ...(match[2] === '' ? {} : { was: match[2]! }) };
  }
  return undefined;
}

/** The link that an alternative name was given to which says something of it, as {@link placeAltName} and {@link resolvConfAltName} do; undefined: it is another name. */
export function recordedLinkName(altName: string): string | undefined {
  return /^(nl[0-9a-z]{13})@/.exec(altName)?.[1];
}

/** The alternative name that says which namespace has a resolv.conf that was made for the endpoint. */
export function resolvConfAltName(link: string, namespace: string): string {
  return `${link}@resolv=${namespace}`;
}

/** What {@link resolvConfAltName} says; undefined: there is no such file. */
export function resolvConfOf(link: string, altNames: readonly string[] = []): string | undefined {
  const prefix = resolvConfAltName(link, '');
  return altNames.find((altName) => altName.startsWith(prefix))?.slice(prefix.length);
}

/** Whether a link may be the host's end of an endpoint. */
export function isEndpointLinkName(name: string): boolean {
  return hostLinkName.test(name);
}

/** A hardware address for something: the same each time, unicast, locally administered. */
export function derivedHardwareAddress(...what: readonly string[]): string {
  return localAddress(digest('address', ...what).subarray(0, 6));
}

function localAddress(bytes: Buffer): string {
  bytes[0] = (bytes[0]! & 0xfc) | 0x02;
  return bytes.toString('hex').match(/../g)!.join(':');
}

/** The hardware address of the hosts' ends of a network's endpoints where they are no ports of it: it tells which network one is of that is half made. */
export function endpointsAddress(network: string): string {
  return derivedHardwareAddress('endpoints', network);
}

/** The lock of what makes, changes or removes a link of netloom's: see {@link takeNameLock}. */
export function lockName(link: string): string {
  return `netloom/link/${link}`;
}

/** The lock of whoever chooses the subnets of a new network: two that overlap must not be made at the same moment. */
export const subnetsLockName = 'netloom/subnets';

/** The lock of what makes or removes a network. */
export function networkLockName(network: string): string {
  return `netloom/network/${network}`;
}

function digest(...parts: readonly string[]): Buffer {
  const { hash, createHash } = process.getBuiltinModule('node:crypto');
  const text = JSON.stringify(parts);
  // the short way, which takes a tenth of the time, is there since Node.js 20.12
  return hash === undefined ? createHash('sha256').update(text).digest() : hash('sha256', text, 'buffer');
}
