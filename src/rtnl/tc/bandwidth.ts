/**
 * Limits of the bandwidth of what is at the other end of a link, as the bandwidth plugin of CNI sets them. What leaves by the link is what comes to the other end: a
 * token bucket holds it up. What comes in by it is sent through a link of the kind ifb, where a second bucket does. Sources: tc-tbf(8), tc-mirred(8).
 */
import { InputError, NetlinkError } from '../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, askEach, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { IFF_UP } from '../link/flags.ts';
import { kindName } from '../link/info.ts';
import { deleteLink, newLink, readLink } from '../link/operations.ts';
import { linkRequest } from '../link/reference.ts';
import { undoing } from '../undo.ts';
import { parseFilterParent, parseHandle, parseParent } from './handle.ts';
import { filterKinds, qdiscKinds } from './kinds.ts';
import { deleteQdisc, getQdisc, newQdisc, newTfilter, type TcMessageInput } from './message.ts';
import { decodeOptions, encodeOptions } from './options.ts';
import { transmitTicks } from './psched.ts';

/** How much may pass, in bits. Ingress is what comes to the other end of the link, and egress is what it sends. */
export interface RateLimits {
  /** Bits a second that come to it at most; about 2,000 or more. Default: no limit. */
  ingressRate?: number;
  /** Bits that may come at once after a pause. Default: what comes in 50 ms, and no less than 64 KiB and a header. */
  ingressBurst?: number;
  /** Bits a second that it sends at most. Default: no limit. */
  egressRate?: number;
  /** Bits that it may send at once after a pause. Default: as for `ingressBurst`. */
  egressBurst?: number;
}

export const rateLimitMembers: ReadonlySet<string> = memberNames<RateLimits>({
  ingressRate: true,
  ingressBurst: true,
  egressRate: true,
  egressBurst: true,
});

/** A bucket, in bytes. */
interface Bucket {
  readonly rate: number;
  readonly burst: number;
}

/** Checked limits. */
export interface BandwidthPlan {
  readonly ingress?: Bucket;
  readonly egress?: Bucket;
}

const bits = 8;
/** Microseconds that a packet may wait: CNI's. */
const latency = 25_000;
/** A packet as segmentation offload makes them, and its header: a bucket of less lets it pass never. */
const leastBurst = 65_536 + 18;
const usualBurstSeconds = 0.05;

/** @throws InputError naming the member that is wrong */
export function checkRateLimits(limits: RateLimits): BandwidthPlan {
  checkMembers(limits, '', rateLimitMembers);
  const bucket = (direction: 'ingress' | 'egress'): Bucket | undefined => {
    const [rateMember, burstMember] = [`${direction}Rate`, `${direction}Burst`] as const;
    const { [rateMember]: rate, [burstMember]: burst } = limits;
    if (rate === undefined) {
      if (burst !== undefined) throw new InputError(burstMember, `needs ${rateMember}`);
      return undefined;
    }
    inArgument(rateMember, () => checkInteger(rate, bits, Number.MAX_SAFE_INTEGER));
    const bytes = Math.floor(rate / bits);
    if (burst === undefined)
      return { rate: bytes, burst: Math.min(Math.max(leastBurst, Math.ceil(bytes * usualBurstSeconds)), 0xffffffff) };
    inArgument(burstMember, () => checkInteger(burst, bits, bits * 0xffffffff));
    return { rate: bytes, burst: Math.floor(burst / bits) };
  };
  const [ingress, egress] = [bucket('ingress'), bucket('egress')];
  const plan = { ...(ingress === undefined ? {} : { ingress }), ...(egress === undefined ? {} : { egress }) };
  // what waits is said in 32 bits too
  for (const [argument, one] of Object.entries(plan) as ['ingress' | 'egress', Bucket][]) {
    // what waits, and how long a bucket takes to fill, are said in 32 bits too
    inArgument(`${argument}Rate`, () => checkInteger(Math.trunc((one.rate * latency) / 1e6 + one.burst), 1, 0xffffffff));
    inArgument(`${argument}Rate`, () => transmitTicks(one.rate, Math.max(one.burst, leastBurst)));
  }
  return plan;
}

/** Where the limits are set. */
export interface BandwidthPlace {
  /** Index of the link. */
  readonly index: number;
  /** Its largest packet, in bytes. */
  readonly mtu: number;
  /** Name of the link of the kind ifb. */
  readonly ifb: string;
  /** Group of that link. */
  readonly group?: number;
  readonly subject: string;
}

/** That of the buckets that are set here, by which they are told from others: `b17e:`. */
const ownHandle = 0xb17e_0000;

function bucketRequest(index: number, { rate, burst }: Bucket, subject: string) {
  const options = encodeOptions(qdiscKinds, 'tbf', { rate, burst, latency })!;
  const value: TcMessageInput = { index, kind: 'tbf', handle: ownHandle, parent: parseParent('root'), options };
  return { operation: newQdisc, flags: NLM_F_CREATE | NLM_F_EXCL, value, expects: 'ack' as const, subject: `tbf of ${subject}` };
}

const createOperation = { ...newLink, reply: readLink.reply };

/**
 * Sets limits, in the place of those that were set before by this. If any is refused, none is left.
 *
 * @throws InputError when a burst is smaller than a packet: none would ever pass
 * @throws NetlinkError `EEXIST` when the link has a root or ingress qdisc of somebody else's, `ENOENT` when the kernel lacks tbf, or mirred and the filters u32 and matchall; UnsupportedError when it lacks ifb
 */
export function* limit(place: BandwidthPlace, { ingress, egress }: BandwidthPlan): Program<void> {
  for (const [argument, one] of Object.entries({ ingress, egress }))
    if (one !== undefined && one.burst < place.mtu + 18)
      throw new InputError(
        `${argument}Burst`,
        `${one.burst * bits} bits are less than a packet of the link has (${place.mtu} bytes and a header): none would ever pass`,
        'ERR_OUT_OF_RANGE',
      );
  yield* unlimit(place);
  yield* undoing(
    (function* (): Program<void> {
      if (egress !== undefined) yield* limitEgress(place, egress);
      if (ingress !== undefined) yield* ask(bucketRequest(place.index, ingress, place.subject));
    })(),
    () => unlimit(place),
  );
}

function* limitEgress({ index, mtu, ifb, group, subject }: BandwidthPlace, bucket: Bucket): Program<void> {
  const name = `ifb ${JSON.stringify(ifb)} of ${subject}`;
  // the bucket is there before the link is up: nothing passes it by
  const [made] = yield* ask({
    operation: createOperation,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: { name: ifb, mtu, info: { kind: 'ifb' }, ...(group === undefined ? {} : { group }) },
    expects: 'echo' as const,
    subject: name,
  });
  const there = made?.index ?? (yield* ask(linkRequest({ name: ifb }, name))).index;
  const removal = { operation: deleteLink, flags: 0, value: { index: there }, expects: 'ack' as const, subject: name };
  const [limited, up, ingress] = yield* askEach([
    bucketRequest(there, bucket, name),
    { operation: newLink, flags: 0, value: { index: there, flags: IFF_UP, change: IFF_UP }, expects: 'ack' as const, subject: name },
    {
      operation: newQdisc,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      value: { index, kind: 'ingress', handle: parseHandle('ffff:'), parent: parseParent('ingress') },
      expects: 'ack' as const,
      subject: `ingress of ${subject}`,
    },
  ] as const);
  if (!ingress.ok) {
    // it is another's, whom undoing this must not take it away from: it is known as ours by the link that it leads to
    yield* askEach([removal], 'always');
    throw ingress.error;
  }
  for (const outcome of [limited, up]) if (!outcome.ok) throw outcome.error;
  yield* redirect(index, there, subject);
}

/** The limit that a bucket of {@link limit} sets, by the index of the link that it is on: in bits, and bits a second. */
export type Buckets = ReadonlyMap<number, { readonly rate: number; readonly burst: number }>;

/** The buckets of the namespace that were set by {@link limit}, as the kernel has them. None where it has no traffic control. */
export function* buckets(): Program<Buckets> {
  const found = new Map<number, { rate: number; burst: number }>();
  const [dump] = yield* askEach([{ operation: getQdisc, flags: 0, value: {}, expects: 'dump' as const, subject: 'qdiscs' }]);
  if (!dump.ok) {
    if ((dump.error as NodeJS.ErrnoException).code === 'EOPNOTSUPP') return found;
    throw dump.error;
  }
  for (const { index, kind, handle, options } of dump.value) {
    if (kind !== 'tbf' || handle !== ownHandle) continue;
    const bucket = decodeOptions(qdiscKinds, kind, options) as Partial<Bucket> | undefined;
    if (bucket?.rate !== undefined && bucket.burst !== undefined)
      found.set(index, { rate: bucket.rate * bits, burst: bucket.burst * bits });
  }
  return found;
}

/** Every packet that comes in by a link goes out by another. */
function* redirect(index: number, to: number, subject: string): Program<void> {
  const actions = [{ kind: 'mirred', options: { action: 'redirect', devIndex: to || 1 } }];
  const request = (kind: string, options: object) => ({
    operation: newTfilter,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: {
      index,
      kind,
      parent: parseFilterParent('ingress'),
      // priority 1, and ETH_P_ALL in network order
      info: 0x0001_0300,
      options: encodeOptions(filterKinds, kind, { ...options, actions })!,
    },
    expects: 'ack' as const,
    subject: `filter of ${subject}`,
  });
  try {
    yield* ask(request('u32', { selector: { matches: [{ value: 0, mask: 0 }] } }));
  } catch (error) {
    // a kernel without u32 may have the other
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
    yield* ask(request('matchall', {}));
  }
}

/**
 * Takes limits away that were set by {@link limit}. They, and the link, may be gone. What others have set is left alone.
 *
 * @param place without `index`: the link is gone, or goes, and its qdiscs with it
 */
export function* unlimit({ index, ifb, subject }: Pick<BandwidthPlace, 'ifb' | 'subject'> & { readonly index?: number }): Program<void> {
  const found = (yield* askEach([linkRequest({ name: ifb }, `ifb ${JSON.stringify(ifb)}`)], 'always'))[0];
  if (!found.ok && !isAbsent(found.error)) throw found.error;
  const expects = 'ack' as const;
  const removal = (kind: string, parent: string, handle: number) => ({
    operation: deleteQdisc,
    flags: 0,
    value: { index: index!, kind, handle, parent: parseParent(parent) },
    expects,
    subject: `${kind} of ${subject}`,
  });
  const ifbIndex = found.ok && kindName(found.value.info) === 'ifb' ? found.value.index : undefined;
  const requests = [
    ...(index === undefined ? [] : [removal('tbf', 'root', ownHandle)]),
    ...(index === undefined || ifbIndex === undefined ? [] : [removal('ingress', 'ingress', parseHandle('ffff:'))]),
    ...(ifbIndex === undefined
      ? []
      : [{ operation: deleteLink, flags: 0, value: { index: ifbIndex }, expects, subject: `ifb of ${subject}` }]),
  ];
  if (requests.length === 0) return;
  for (const outcome of yield* askEach(requests, 'always')) if (!outcome.ok && !isAbsent(outcome.error)) throw outcome.error;
}

/** What the kernel says of a qdisc that is missing, or of another kind, and of a link that is. */
function isAbsent(error: Error): boolean {
  return ['ENOENT', 'EINVAL', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '');
}
