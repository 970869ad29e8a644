/** What can be done with expectations. Source: conntrack(8), expect. */
import type { IpFamily } from '../../netlink/address.ts';
import { type Listed, type ListOptions, listing, listMembers, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkCallOptions, checked, checkOptions, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { ask, askEach, type CallOptions, optionsIn, type Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { familyNumber, single } from '../nfnetlink.ts';
import { sameTuple, type Tuple, tupleToWire } from '../tuple.ts';
import {
  type Expectation,
  type ExpectationInput,
  type ExpectationRef,
  expectationFromWire,
  expectationKey,
  expectationToWire,
  type PlannedExpectation,
} from './expectation.ts';
import {
  deleteExpectation,
  type ExpectationMessage,
  type ExpectationRequest,
  getExpectation,
  getExpectationStatistics,
  newExpectation,
} from './message.ts';

/** Which expectations are meant: those that are as every member says. */
export interface ExpectationFilter extends ListOptions {
  /** Default: both. */
  family?: IpFamily;
  /** Those of the flow with this original tuple. */
  master?: Tuple;
  /** Those of this helper. */
  helper?: string;
  /** Of this zone; 0: of none. */
  zone?: number;
}

const filterMembers = memberNames<Omit<ExpectationFilter, keyof ListOptions>>({ family: true, master: true, helper: true, zone: true });

interface PlannedFilter {
  readonly request: ExpectationRequest;
  readonly keep: (wire: ExpectationMessage) => boolean;
  readonly everything: boolean;
}

function planFilter(filter: ExpectationFilter): PlannedFilter {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const request: ExpectationRequest = {};
  const tests: ((wire: ExpectationMessage) => boolean)[] = [];
  const { family, master, helper, zone } = filter;
  if (family !== undefined) {
    const number = familyNumber(family);
    request.family = number;
    tests.push((wire) => wire.family === number);
  }
  if (master !== undefined) {
    // the kernel does not answer at all when the flow has no helper
    const wanted = tupleToWire(master, 'master');
    if (family !== undefined && wanted.family !== family) throw new InputError('master', `is of another family than ${family}`);
    tests.push((wire) => wire.master !== undefined && sameTuple(wire.master, wanted.wire));
  }
  if (helper !== undefined) {
    if (typeof helper !== 'string') throw new InputError('helper', `expected a string, got ${show(helper)}`, 'ERR_INVALID_ARG_TYPE');
    tests.push((wire) => wire.helper === helper);
  }
  if (zone !== undefined) {
    checked('zone', (value) => checkInteger(value, 0, 65535), zone);
    tests.push((wire) => (wire.zone ?? 0) === zone);
  }
  return { request, keep: (wire) => tests.every((test) => test(wire)), everything: tests.length === 0 };
}

function dumpOf(value: ExpectationRequest): Request<ExpectationMessage, 'dump'> {
  return { operation: getExpectation, flags: 0, value, expects: 'dump', subject: 'expectations' };
}

// biome-ignore lint/correctness/useYield: what is listed is known without asking
function* listed(filter: ExpectationFilter = {}): Program<Listed<ExpectationMessage, Expectation>> {
  const { request, keep, everything } = planFilter(filter);
  return {
    request: dumpOf(request),
    ...(everything ? {} : { keep }),
    // biome-ignore lint/correctness/useYield: an expectation is all in its message
    *convert(wires) {
      return wires.map(expectationFromWire);
    },
    interrupted: filter.interrupted,
  };
}

function lookUp({ wire, subject }: PlannedExpectation): Request<ExpectationMessage, 'reply'> {
  return { operation: getExpectation, flags: single, value: wire, expects: 'reply', subject: `expectation ${subject}` };
}

const get = optionsIn(1, function* (expectation: ExpectationRef, options?: CallOptions): Program<Expectation> {
  checkCallOptions(options);
  const plan = expectationKey(expectation);
  const found = yield* ask(lookUp(plan));
  if (plan.wire.id !== undefined && found.id !== plan.wire.id)
    throw new NotFoundError('expectation', `expectation ${plan.subject} of id ${plan.wire.id}`, 'ENOENT');
  return expectationFromWire(found);
});

const create = optionsIn(1, function* (expectation: ExpectationInput, options?: CallOptions): Program<Expectation> {
  checkCallOptions(options);
  const plan = expectationToWire(expectation);
  return yield* changed(plan, NLM_F_CREATE | NLM_F_EXCL);
});

function* changed({ wire, subject }: PlannedExpectation, flags: number): Program<Expectation> {
  const { family, tuple, zone } = wire;
  const key: ExpectationRequest = { family: family!, tuple: tuple!, ...(zone === undefined ? {} : { zone }) };
  const [made, found] = yield* askEach([
    { operation: newExpectation, flags, value: wire, expects: 'ack' as const, subject: `expectation ${subject}` },
    lookUp({ wire: key, subject }),
  ]);
  if (!made.ok) throw made.error;
  if (!found.ok) throw found.error;
  return expectationFromWire(found.value);
}

const remove = optionsIn(1, function* (expectation: ExpectationRef, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  const { wire, subject } = expectationKey(expectation);
  yield* ask({ operation: deleteExpectation, flags: 0, value: wire, expects: 'ack' as const, subject: `expectation ${subject}` });
});

const ensureAbsent = optionsIn(1, function* (expectation: ExpectationRef, options?: CallOptions): Program<void> {
  try {
    yield* remove(expectation, options);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
  }
});

function* deleteMatching(filter: ExpectationFilter): Program<number> {
  const { request, keep, everything } = planFilter(filter);
  if (everything) throw new InputError('filter', 'means every expectation; flush() deletes them all');
  const found = yield* messages({ request: dumpOf(request), keep, interrupted: filter.interrupted });
  if (found.length === 0) return 0;
  const requests = found.map(({ family, tuple = {}, zone, id }): Request<ExpectationMessage, 'ack'> => {
    const value: ExpectationRequest = { family, tuple };
    if (zone !== undefined) value.zone = zone;
    if (id !== undefined) value.id = id;
    return { operation: deleteExpectation, flags: 0, value, expects: 'ack', subject: 'expectation' };
  });
  let deleted = 0;
  for (const outcome of yield* askEach(requests)) {
    if (outcome.ok) deleted++;
    else if ((outcome.error as NodeJS.ErrnoException).code !== 'ENOENT') throw outcome.error;
  }
  return deleted;
}

function* flush(options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* ask({ operation: deleteExpectation, flags: 0, value: {}, expects: 'ack' as const, subject: 'all expectations' });
}

/** What one CPU has counted of expectations since the namespace was made. */
export interface ExpectationCpuStatistics {
  /** Number of the CPU, from 0. */
  cpu: number;
  /** Expectations that packets have met. */
  new?: number;
  /** Expectations that were made. */
  create?: number;
  /** Expectations that were deleted. */
  delete?: number;
}

function* statistics(options?: CallOptions): Program<{ cpus: ExpectationCpuStatistics[] }> {
  checkCallOptions(options);
  const cpus = yield* ask({ operation: getExpectationStatistics, flags: 0, value: {}, expects: 'dump', subject: '' });
  return { cpus: cpus.map(({ family: _family, version: _version, resId, unknown: _unknown, ...counts }) => ({ cpu: resId, ...counts })) };
}

/** The programs of {@link ConntrackClient.expectations}. */
export const expectationPrograms = {
  /** The expectations of the namespace, or those that `filter` describes. @throws InputError for a bad filter */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * The expectation that a connection of the tuple would meet.
   *
   * @throws NetlinkError `ENOENT` when there is none; NotFoundError `ENOENT` when it has another id
   */
  get,

  /**
   * Expects a connection. Its master must be a flow with a helper.
   *
   * @returns the expectation as the kernel made it; its timeout is that of the policy of the master's helper, if it has one
   * @throws InputError naming the member that is wrong, before anything is sent
   * @throws NetlinkError `ENOENT` when there is no flow of `master`, `EBUSY` for another one that the same connection would meet
   * @throws UnsupportedError when the flow of `master` has no helper, or the kernel no `helper` of the name
   */
  create,

  /** Deletes an expectation. @throws NetlinkError `ENOENT` when there is none, or one of another id */
  delete: remove,

  /** Deletes an expectation, if there is one. */
  ensureAbsent,

  /**
   * Deletes the expectations that `filter` describes.
   *
   * @returns how many
   * @throws InputError for a filter that means every expectation: `flush` is for that
   */
  deleteMatching,

  /** Deletes every expectation of the namespace. */
  flush,

  /** What conntrack counts of expectations in the namespace. */
  statistics,
} as const;
