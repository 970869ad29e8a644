/** A kernel that answers as a recorded one did, and makes sure that it is asked the same. */
import { describe } from '../netlink/describe.ts';
import { NetloomError, NotFoundError, SystemError } from '../netlink/errors.ts';
import type { OpenTransport } from '../netlink/host.ts';
import { checkBoolean, checkMembers, memberNames } from '../netlink/input.ts';
import { NLM_F_ACK, NLMSG_DONE, NLMSG_ERROR, readU16, readU32 } from '../netlink/message.ts';
import { protocolName } from '../netlink/message-types.ts';
import { errnoValue } from '../netlink/sys/errno.ts';
import type { OpenNamespace } from '../netlink/sys/namespace.ts';
import { describeSysctl } from '../netlink/sys/sysctl.ts';
import { type FakeRequest, FakeTransport, fakeAck, fakeMessage } from '../netlink/transport/fake.ts';
import type { Subscription } from '../netlink/transport/transport.ts';
import { difference } from './difference.ts';
import {
  checkRecording,
  type RecordedExchange,
  type RecordedFailure,
  type RecordedPlace,
  type RecordedStep,
  type RecordedSysctl,
  type Recording,
  referenceName,
  withSequence,
} from './recording.ts';

/** How strictly a replay is to follow its recording. */
export interface ReplayOptions {
  /**
   * Requests may come in another order than they were recorded in: for code that asks several things at once. Default: false, each is to be
   * the next one recorded for its protocol and namespace.
   */
  anyOrder?: boolean;
}

const members = memberNames<ReplayOptions>({ anyOrder: true });
const EIO = 5;

/** A kernel made of a recording. */
export interface Replay {
  /** To be given to a client, or to `setDefaultTransport`. */
  readonly transport: OpenTransport;
  /** @throws ReplayError for the first request that was another than recorded, or when not everything recorded was asked */
  done(): void;
}

/** What was asked is not what was recorded. The message says how they differ. */
export class ReplayError extends NetloomError {
  override name = 'ReplayError';
  constructor(message: string) {
    super(message, 'ERR_REPLAY_MISMATCH');
  }
}

/**
 * Numbers that user space makes up for the length of a transaction, from a counter: they may differ. The kernel only compares them with
 * each other.
 */
const madeUp =
  /^ *(NFTA_SET_ID|NFTA_LOOKUP_SET_ID|NFTA_SET_ELEM_LIST_SET_ID|NFTA_CHAIN_ID|NFTA_RULE_ID|NFTA_VERDICT_CHAIN_ID|NFTA_RULE_CHAIN_ID): .*$/gm;

/**
 * Stands in for the kernel with what `record` has recorded: no privileges, no Linux. Requests must be the recorded ones, byte for byte but for
 * sequence numbers and acks; which of them share a datagram does not matter.
 *
 *     const kernel = replay(JSON.parse(readFileSync('bridge.json', 'utf8')));
 *     const rt = await rtnl.open({ transport: kernel.transport });
 *     …
 *     kernel.done();
 *
 * A request that was not recorded fails with {@link ReplayError}.
 *
 * @throws InputError when it is no recording
 */
export function replay(recording: Recording, options: ReplayOptions = {}): Replay {
  checkRecording(recording);
  checkMembers(options, 'options', members);
  checkBoolean(options.anyOrder, 'anyOrder');
  const player = new Player(recording, options.anyOrder === true);
  const transport: OpenTransport = (protocol, namespace) => player.open(protocol, namespace);
  transport.surroundings = {
    openNamespace: (reference, argument) => player.openNamespace(referenceName(reference), argument),
    closeNamespace: () => {},
    sysctl: (name, value, namespace) => player.sysctl(name, value, namespace),
  };
  return { transport, done: () => player.done() };
}

class ReplayTransport extends FakeTransport {
  onSubscribe: (() => void) | undefined;

  override subscribe(subscription: Subscription): void {
    super.subscribe(subscription);
    this.onSubscribe?.();
  }
}

class Player {
  private readonly recording: Recording;
  private readonly anyOrder: boolean;
  private readonly used = new Set<RecordedStep>();
  private readonly opened = new Set<object>();
  private readonly monitors: { readonly place: RecordedPlace; readonly transport: FakeTransport }[] = [];
  private failure: ReplayError | undefined;

  constructor(recording: Recording, anyOrder: boolean) {
    this.recording = recording;
    this.anyOrder = anyOrder;
  }

  open(protocol: number, namespace: OpenNamespace | undefined): FakeTransport {
    const place: RecordedPlace = namespace === undefined ? { protocol } : { protocol, namespace: namespace.id };
    const transport = new ReplayTransport((requests) => requests.flatMap((request) => this.answer(place, request)));
    transport.onSubscribe = () => {
      this.monitors.push({ place, transport });
      this.deliverEvents();
    };
    return transport;
  }

  /** The namespace that was recorded for this reference: the next one not opened yet, or the last one again. */
  openNamespace(reference: string, argument: string): OpenNamespace {
    const all = this.recording.namespaces.filter((namespace) => namespace.reference === reference);
    const found = all.find((namespace) => !this.opened.has(namespace)) ?? all.at(-1);
    if (found === undefined) {
      const known = [...new Set(this.recording.namespaces.map((namespace) => JSON.stringify(namespace.reference)))];
      throw this.fail(
        `network namespace ${JSON.stringify(reference)} was not opened in the recording (${known.length === 0 ? 'none was' : `only ${known.join(', ')}`})`,
      );
    }
    this.opened.add(found);
    const describes = `network namespace ${JSON.stringify(reference)}`;
    if (found.failure !== undefined) throw errorOf(found.failure, argument, describes);
    return { fd: found.fd, id: found.id, describe: describes };
  }

  sysctl(name: string, value: string | undefined, namespace: OpenNamespace | undefined): string | undefined {
    const step = this.recording.steps.find(
      (candidate) =>
        'sysctl' in candidate &&
        !this.used.has(candidate) &&
        candidate.sysctl === name &&
        candidate.value === value &&
        candidate.namespace === namespace?.id,
    );
    if (step === undefined || !('sysctl' in step))
      throw this.fail(
        `sysctl ${name} was not ${value === undefined ? 'read' : `set to ${JSON.stringify(value)}`} (again) in the recording`,
      );
    this.used.add(step);
    this.deliverEvents();
    if (step.failure !== undefined) throw errorOf(step.failure, 'name', describeSysctl(name));
    return step.result;
  }

  private answer(place: RecordedPlace, request: FakeRequest): Buffer[] {
    const exchange = this.match(place, request);
    this.used.add(exchange);
    const wantsAck = (request.flags & NLM_F_ACK) !== 0;
    const answers: Buffer[] = [];
    let ended = false;
    for (const hex of exchange.answers) {
      const answer = withSequence(Buffer.from(hex, 'hex'), request.sequence);
      const type = readU16(answer, 4);
      const isAck = type === NLMSG_ERROR && answer.readInt32LE(16) === 0;
      if (isAck && !wantsAck) continue;
      ended ||= type === NLMSG_ERROR || type === NLMSG_DONE;
      answers.push(answer);
    }
    // it was not refused; then, another request of the datagram carried the ack
    if (wantsAck && !ended) answers.push(fakeAck(request));
    this.deliverEvents();
    return answers;
  }

  private match(place: RecordedPlace, request: FakeRequest): RecordedExchange {
    const sent = fakeMessage(0, request.type, request.body, request.flags).subarray(0, 16 + request.body.length);
    const left = this.left().filter((exchange) => samePlace(exchange, place));
    const candidates = this.anyOrder ? left : left.slice(0, 1);
    const found = candidates.find((exchange) => sameRequest(Buffer.from(exchange.request, 'hex'), sent, place.protocol));
    if (found !== undefined) return found;
    const where = this.placeName(place);
    const text = describe(sent, { protocol: place.protocol });
    const expected = left[0];
    if (expected === undefined)
      throw this.fail(`nothing more was asked in the recording of ${where}, and now came\n${text.replace(/^/gm, '+ ')}`);
    const later = this.anyOrder
      ? undefined
      : left.find((exchange) => sameRequest(Buffer.from(exchange.request, 'hex'), sent, place.protocol));
    const hint = later === undefined ? '' : '\n(it was recorded, but later: `anyOrder` is for code that asks several things at once)';
    const recorded = describe(expected.request, { protocol: place.protocol });
    throw this.fail(
      `request ${this.number(expected)} to ${where} differs from the recording (-: recorded, +: sent)\n${difference(plain(recorded), plain(text))}${hint}`,
    );
  }

  private left(): RecordedExchange[] {
    return this.recording.steps.filter((step): step is RecordedExchange => 'request' in step && !this.used.has(step));
  }

  private number(exchange: RecordedExchange): number {
    return this.recording.steps.filter((step) => 'request' in step).indexOf(exchange) + 1;
  }

  private placeName({ protocol, namespace }: RecordedPlace): string {
    return `${protocolName(protocol)}${this.within(namespace)}`;
  }

  private within(namespace: string | undefined): string {
    const reference = this.recording.namespaces.find(({ id }) => id === namespace)?.reference;
    return reference === undefined ? '' : ` of network namespace ${JSON.stringify(reference)}`;
  }

  /** Events come as soon as everything before them in the recording has been asked. */
  private deliverEvents(): void {
    for (const step of this.recording.steps) {
      if (this.used.has(step)) continue;
      if (!('event' in step)) return;
      const listeners = this.monitors.filter(({ place }) => samePlace(place, step));
      if (listeners.length === 0) return;
      this.used.add(step);
      const { event, nsid } = step;
      for (const { transport } of listeners) {
        if (typeof event !== 'string') transport.deliver({ receiveErrno: event.errno });
        else if (nsid !== undefined) transport.deliver({ bytes: Buffer.from(event, 'hex'), nsid });
        else transport.deliver(Buffer.from(event, 'hex'));
      }
    }
  }

  private fail(message: string): ReplayError {
    const error = new ReplayError(message);
    this.failure ??= error;
    return error;
  }

  done(): void {
    if (this.failure !== undefined) throw this.failure;
    const requests = this.left().map(
      (exchange) =>
        `  ${this.number(exchange)}: ${describe(exchange.request, { protocol: exchange.protocol }).split('\n')[0]} to ${this.placeName(exchange)}`,
    );
    const sysctls = this.recording.steps
      .filter((step): step is RecordedSysctl => 'sysctl' in step && !this.used.has(step))
      .map(
        ({ sysctl, value, namespace }) =>
          `  ${value === undefined ? `sysctl ${sysctl} read` : `sysctl ${sysctl} set to ${JSON.stringify(value)}`}${this.within(namespace)}`,
      );
    const missed = [notAsked(requests, 'request'), notAsked(sysctls, 'sysctl')].filter((text) => text !== '');
    if (missed.length > 0) throw new ReplayError(missed.join('\n'));
  }
}

function notAsked(titles: readonly string[], what: string): string {
  if (titles.length === 0) return '';
  return `${titles.length} of the recorded ${what}s ${titles.length === 1 ? 'was' : 'were'} not asked:\n${titles.join('\n')}`;
}

function errorOf(failure: RecordedFailure, argument: string, subject: string): NetloomError {
  if ('missing' in failure) return new NotFoundError(argument, subject, failure.missing as 'ENOENT');
  return new SystemError('open', errnoValue(failure.errno) ?? EIO, { message: `as recorded, of ${subject}` });
}

function samePlace(a: RecordedPlace, b: RecordedPlace): boolean {
  return a.protocol === b.protocol && a.namespace === b.namespace;
}

function sameRequest(recorded: Buffer, sent: Buffer, protocol: number): boolean {
  if (masked(recorded).equals(masked(sent))) return true;
  if (recorded.length !== sent.length || readU32(recorded, 4) !== readU32(sent, 4)) return false;
  const text = (message: Buffer): string =>
    describe(message, { protocol, maxBytes: Number.POSITIVE_INFINITY, secrets: true }).replace(madeUp, '');
  return plain(text(recorded)) === plain(text(sent));
}

/** Which request of a datagram asks for the ack depends on what shares it. */
function masked(message: Buffer): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16LE(readU16(copy, 6) & ~NLM_F_ACK, 6);
  return copy;
}

/** A description without what may differ. */
function plain(text: string): string {
  return text.replace(/ seq=\d+ port=\d+ length=\d+/g, '').replace(/^(\S+ (?:\S+\|)?)ACK\|?/gm, '$1');
}
