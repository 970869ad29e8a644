/**
 * What a link of the host's is like that is given away, so that it is given back as it was: a link that moves to another namespace loses its addresses, its master and what is said of it to
 * IPv6, and comes back down, with whatever the container has made of it. It is written down before the link is touched, in alternative names of the endpoint's record; so it is known
 * whatever becomes of the process, of the namespace and of the link.
 */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { ask, askEach, type Program, readSysctl, writeSysctl } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { getAddress, newAddress } from '../../rtnl/address/message.ts';
import { addressWire } from '../../rtnl/address/spec.ts';
import { IFF_UP } from '../../rtnl/link/flags.ts';
import type { LinkSettings } from '../../rtnl/link/settings.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import type { ResolvedLink } from '../../rtnl/link/wire.ts';
import { Failures } from '../../rtnl/undo.ts';
import type { FoundEndpoint } from '../find.ts';
import { setting } from '../requests.ts';
import { formatGivenAddresses, parseGivenAddresses } from './given-address.ts';
import { changedSysctls, restoreSysctls } from './given-sysctls.ts';

/** The endpoint's link on the host, and the name that it was made with. */
export type EndpointRecordLink = Pick<FoundEndpoint, 'link' | 'wire'>;

type AddrGenMode = NonNullable<NonNullable<LinkSettings['inet6']>['addrGenMode']>;

/** The alternative names that say what a link is like: `nl…@mtu=1500`, `nl…@up`, `nl…@ip=10.0.0.1_24`. @param record name of the record that gets them */
export function* describedDevice(record: string, device: LinkRead): Program<string[]> {
  const { index, name, mtu, address, master = 0, flags, afSpec, txQueueLength } = device;
  const addrGenMode = afSpec?.inet6?.addrGenMode;
  const words: string[] = [];
  if (mtu !== undefined) words.push(`mtu=${mtu}`);
  if (address !== undefined) words.push(macWord(address));
  if (txQueueLength !== undefined) words.push(`txqlen=${txQueueLength}`);
  words.push(...marksOf(device));
  if (addrGenMode !== undefined) words.push(`addrgenmode=${addrGenMode}`);
  if (master !== 0) words.push(`master=${master}`);
  if ((flags & IFF_UP) !== 0) words.push('up');
  const addresses = yield* ask({
    operation: getAddress,
    flags: 0,
    value: { index },
    expects: 'dump' as const,
    subject: `addresses of link ${show(name)}`,
  });
  // an old kernel ignores filters
  const own = addresses.filter((wire) => wire.index === index);
  words.push(...formatGivenAddresses(own, name, now()).map((text) => `ip=${text}`));
  words.push(...(yield* changedSysctls(name!, mtu)).map((word) => `sysctl=${word}`));
  return words.map((word) => `${record}@${word}`);
}

/**
 * Gives a link that is back the name and all else that it had; what is so already is left alone.
 *
 * @param record what {@link describedDevice} has written on
 * @throws what failed, once all else is done: an AggregateError when it is several
 */
export function* restoreDevice(record: EndpointRecordLink, device: LinkRead, was: string, subject: string): Program<void> {
  const { index, name, flags, master = 0 } = device;
  const words = wordsOf(record);
  const said = (what: string): string | undefined => words.find((word) => word.startsWith(`${what}=`))?.slice(what.length + 1);
  const mac = said('mac')?.replaceAll('-', ':') ?? device.address;
  const mtu = Number(said('mtu') ?? device.mtu);
  const queue = Number(said('txqlen') ?? device.txQueueLength);
  const own = String(device.afSpec?.inet6?.addrGenMode);
  const mode = modeToRestore(said('addrgenmode') ?? own, own);
  const addresses = parseGivenAddresses(wordsWith(words, 'ip='), now());
  const bridge = Number(said('master') ?? master);
  const shallBeUp = words.includes('up');
  const change = (settings: ResolvedLink): Request<unknown, 'ack'>[] => [setting({ ...settings, index }, subject)];
  const isUp = (flags & IFF_UP) !== 0;
  // a link that is up cannot be renamed by older kernels, and many cards not be given another address
  const goesDown = isUp && (name !== was || mac !== device.address || !shallBeUp);
  const comesUp = shallBeUp && (goesDown || !isUp);
  // while it comes up the kernel makes no address of its own: what it had is given back, and it could be another one
  const modeMeanwhile = comesUp && mode !== 'undefined' ? 'none' : mode;
  const failures = new Failures();
  yield* carriedOut(failures, [
    ...(goesDown ? change({ up: false }) : []),
    ...(name === was ? [] : change({ name: was })),
    ...(mac === undefined || mac === device.address ? [] : change({ address: mac })),
    ...(mtu === device.mtu ? [] : change({ mtu })),
    ...(queue === device.txQueueLength ? [] : change({ txQueueLength: queue })),
    ...(modeMeanwhile === own ? [] : change({ inet6: { addrGenMode: modeOf(modeMeanwhile) } })),
  ]);
  yield* restoreSysctls(failures, wordsWith(words, 'sysctl='), was);
  // it may be gone, or be no master any more
  if (bridge !== master) yield* carriedOut(failures, change({ master: bridge }), ['ENODEV', 'EINVAL', 'EBUSY']);
  if (addresses.some(({ address }) => address.includes(':'))) yield* failures.collecting(() => withIpv6(was));
  if (comesUp) yield* carriedOut(failures, change({ up: true }));
  const requests = addresses.map((address) => ({
    operation: newAddress,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: { ...addressWire(address), index },
    expects: 'ack' as const,
    subject: `${address.address} on link ${show(was)}`,
  }));
  // it has those that it was not parted from
  yield* carriedOut(failures, requests, ['EEXIST']);
  if (modeMeanwhile !== mode) yield* carriedOut(failures, change({ inet6: { addrGenMode: modeOf(mode) } }));
  failures.throwIfAny();
}

/** Whether a link is the one that was given away, by what no namespace can change of it; undefined: that does not say. */
export function isDescribed(record: EndpointRecordLink, device: LinkRead): boolean | undefined {
  const recorded = wordsOf(record).filter(isMark);
  if (recorded.length === 0) return undefined;
  const own = marksOf(device);
  return recorded.length === own.length && recorded.every((word) => own.includes(word));
}

/** Whether {@link isDescribed} can say anything. */
export function isRecognizable(record: EndpointRecordLink): boolean {
  return wordsOf(record).some(isMark);
}

/** The hardware address that a card was made with, and what it is: a function of a PCI device, say. */
function marksOf({ permanentAddress, parentDevName, parentDevBusName }: LinkRead): string[] {
  return [
    ...(permanentAddress ? [`perm=${permanentAddress.replaceAll(':', '-')}`] : []),
    ...(parentDevName === undefined ? [] : [`dev=${parentDevBusName ?? ''}=${parentDevName.replaceAll(/[:/\s]/g, '-')}`]),
  ];
}

const isMark = (word: string): boolean => word.startsWith('perm=') || word.startsWith('dev=');

/** Whether a link that has the name of one that was given away has its hardware address too: networks of another host may call theirs the same. */
export function isGivenDevice(record: EndpointRecordLink, { address }: LinkRead): boolean {
  return address !== undefined && wordsOf(record).includes(macWord(address));
}

function macWord(address: string): string {
  return `mac=${address.replaceAll(':', '-')}`;
}

/** What is written on a record: each word without what all of them begin with. */
function wordsOf({ link, wire: { altNames = [] } }: EndpointRecordLink): string[] {
  const prefix = `${link}@`;
  return altNames.flatMap((altName) => (altName.startsWith(prefix) ? [altName.slice(prefix.length)] : []));
}

function wordsWith(words: readonly string[], prefix: string): string[] {
  return words.flatMap((word) => (word.startsWith(prefix) ? [word.slice(prefix.length)] : []));
}

/** Seconds since the machine was started. Lifetimes go by that clock in the kernel, and the record is lost with the machine's state. */
function now(): number {
  return process.hrtime()[0];
}

/** One whose secret was its own and is lost has addresses nevertheless that tell nothing of its hardware. Where it is the namespace's, the kernel has set that mode again. */
function modeToRestore(recorded: string, own: string): string {
  return recorded === 'stable_secret' && own !== recorded ? 'random' : recorded;
}

function modeOf(text: string): AddrGenMode {
  return (/^\d+$/.test(text) ? Number(text) : text) as AddrGenMode;
}

/** @param minor codes of refusals that do not matter */
function* carriedOut(failures: Failures, requests: readonly Request<unknown, 'ack'>[], minor: readonly string[] = []): Program<void> {
  if (requests.length === 0) return;
  for (const outcome of yield* askEach(requests))
    if (!outcome.ok && !minor.includes((outcome.error as NodeJS.ErrnoException).code!)) failures.add(outcome.error);
}

/** The link's own setting is lost, and by default the host may have none of IPv6. */
function* withIpv6(name: string): Program<void> {
  const sysctl = `net.ipv6.conf.${name.replaceAll('.', '/')}.disable_ipv6`;
  if ((yield* readSysctl(sysctl)) !== '0') yield* writeSysctl(sysctl, '0');
}
