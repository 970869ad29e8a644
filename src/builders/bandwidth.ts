/** Limits of the bandwidth of what is at the other end of a link. */
import { InputError } from '../netlink/errors.ts';
import { checkOptions } from '../netlink/input.ts';
import { askEach, type Program, within } from '../netlink/program.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { findLink, identify, type LinkRef, linkRequest } from '../rtnl/link/reference.ts';
import { checkRateLimits, limit, type RateLimits, rateLimitMembers, unlimit } from '../rtnl/tc/bandwidth.ts';
import { checkWhere, splitWhere, type WhereOptions } from './links.ts';
import { unlessGone } from './removal.ts';

export interface BandwidthOptions extends RateLimits, WhereOptions {}

/** What was set. */
export interface BandwidthHandle {
  /** Name and index of the link. */
  readonly link: string;
  /** Index of the link in its namespace. */
  readonly index: number;
  /** Its hardware address, by which it is known again when it has another name; left out for links without one. */
  readonly address?: string;
  /** Name of the link of the kind ifb, which is there if `egressRate` was given. */
  readonly ifb: string;
}

const whereMembers: ReadonlySet<string> = new Set(['netns']);

/** @throws InputError unless they are options of {@link limitBandwidth} */
export function checkBandwidthOptions(options: BandwidthOptions): void {
  checkOptions(options, 'options', rateLimitMembers, whereMembers);
}

/** The name of the link through which goes what comes in by another: the same each time. */
function ifbOf(link: string): string {
  const hash = process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(JSON.stringify(['bandwidth', link]))
    .digest();
  return `nb${hash.readBigUInt64BE(0).toString(36).padStart(13, '0')}`;
}

/** @throws InputError naming the option that is wrong */
export function* limitBandwidth(link: LinkRef, options: BandwidthOptions): Program<BandwidthHandle> {
  identify(link, 'link');
  checkBandwidthOptions(options);
  const [netns, { signal: _, timeout: __, ...limits }] = splitWhere(options) as [NamespaceRef | undefined, BandwidthOptions];
  const plan = checkRateLimits(limits);
  if (plan.ingress === undefined && plan.egress === undefined) throw new InputError('options', 'expected ingressRate, egressRate, or both');
  return yield* within(netns, 'netns', function* (): Program<BandwidthHandle> {
    const { index, name = '', mtu = 0, address } = yield* findLink(link, 'link');
    const ifb = ifbOf(name);
    yield* limit({ index, mtu, ifb, subject: `link ${JSON.stringify(name)}` }, plan);
    return { link: name, index, ...(address === undefined ? {} : { address }), ifb };
  });
}

/** Takes the limits away; they may be gone, and so may the link. @throws InputError, NetlinkError */
export function* removeBandwidthLimit({ link, index, address, ifb }: BandwidthHandle, options: WhereOptions): Program<void> {
  checkWhere(options);
  const subject = `link ${JSON.stringify(link)}`;
  yield* unlessGone(
    within(options.netns, 'netns', function* (): Program<void> {
      // it may have another name by now, and its index may be another link's
      const [found] = yield* askEach([linkRequest({ index }, subject)]);
      if (!found.ok && (found.error as NodeJS.ErrnoException).code !== 'ENODEV') throw found.error;
      const isThere = found.ok && (found.value.name === link || (address !== undefined && found.value.address === address));
      yield* unlimit(isThere ? { index, ifb, subject } : { ifb, subject });
    }),
  );
}
