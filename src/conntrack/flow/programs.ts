/** What can be done with flow entries. Source: conntrack(8). */
import { type Listed, type Listing, listing, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkCallOptions } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import type { Operation, Request } from '../../netlink/operation.ts';
import { ask, askEach, type CallOptions, optionsIn, type Program } from '../../netlink/program.ts';
import { single } from '../nfnetlink.ts';
import { compared, flowStatus, IPS_CONFIRMED } from '../status.ts';
import { deleteEach, keyOf } from './bulk.ts';
import { type FlowFilter, planFilter } from './filter.ts';
import { type Flow, flowFromWire } from './flow.ts';
import { deleteFlow, type FlowMessage, type FlowRequest, getDying, getFlow, getUnconfirmed, newFlow, resetFlow } from './message.ts';
import {
  changesToWire,
  describeFlow,
  type FlowChanges,
  type FlowInput,
  type FlowRef,
  flowKey,
  flowToWire,
  renameFlowPath,
} from './spec.ts';
import { deleteStale } from './stale.ts';
import { statistics } from './statistics.ts';

type Lists = (filter?: FlowFilter) => Program<Listed<FlowMessage, Flow>>;

function listedBy(operation: Operation<FlowRequest, FlowMessage>): Lists {
  // biome-ignore lint/correctness/useYield: what is listed is known without asking
  return function* (filter: FlowFilter = {}) {
    const { request, keep, everything } = planFilter(filter);
    return {
      request: { operation, flags: 0, value: request, expects: 'dump', subject: 'flows' },
      ...(everything ? {} : { keep }),
      // biome-ignore lint/correctness/useYield: a flow is all in its message
      *convert(wires) {
        return wires.map(flowFromWire);
      },
      interrupted: filter.interrupted,
    };
  };
}

const list = listing(listedBy(getFlow));

function lookUp(value: FlowRequest): Request<FlowMessage, 'reply'> {
  return { operation: getFlow, flags: single, value, expects: 'reply', subject: describeFlow(value) };
}

/** Checks that what was found by its tuple is what was meant. @throws NotFoundError `ENOENT` */
function same(found: FlowMessage, { wire, subject }: { wire: FlowRequest; subject: string }): FlowMessage {
  if (wire.id !== undefined && found.id !== wire.id) throw new NotFoundError('flow', `flow ${subject} of id ${wire.id}`, 'ENOENT');
  return found;
}

const get = optionsIn(1, function* (flow: FlowRef, options?: CallOptions): Program<Flow> {
  checkCallOptions(options);
  const plan = flowKey(flow);
  return flowFromWire(same(yield* ask(lookUp(plan.wire)), plan));
});

/** Makes or changes a flow, and reads what has come of it. */
function* changed(value: FlowRequest, flags: number, subject: string): Program<Flow> {
  const [made, found] = yield* askEach([
    { operation: newFlow, flags, value, expects: 'ack' as const, subject, rename: renameFlowPath },
    lookUp(keyOf(value)),
  ]);
  if (!made.ok) throw made.error;
  if (!found.ok) throw found.error;
  return flowFromWire(found.value);
}

const create = optionsIn(1, function* (flow: FlowInput, options?: CallOptions): Program<Flow> {
  checkCallOptions(options);
  const { wire, subject } = flowToWire(flow);
  return yield* changed(wire, NLM_F_CREATE | NLM_F_EXCL, subject);
});

const update = optionsIn(2, function* (flow: FlowRef, changes: FlowChanges, options?: CallOptions): Program<Flow> {
  checkCallOptions(options);
  const { wire, subject } = changesToWire(flow, changes);
  const plan = flowKey(flow);
  if (wire.status === undefined && plan.wire.id === undefined) return yield* changed(wire, 0, subject);
  const found = same(yield* ask(lookUp(plan.wire)), plan);
  if (wire.status !== undefined) {
    // what the kernel compares must be as it is, and none of the others may be missing
    const bits = flowStatus.valueOf(wire.status) | (flowStatus.valueOf(found.status ?? []) & ~compared);
    wire.status = flowStatus.namesOf(bits | (flowStatus.valueOf(found.status ?? []) & compared) | IPS_CONFIRMED);
  }
  return yield* changed(wire, 0, subject);
});

const remove = optionsIn(1, function* (flow: FlowRef, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  const { wire, subject } = flowKey(flow);
  yield* ask({ operation: deleteFlow, flags: 0, value: wire, expects: 'ack' as const, subject });
});

const ensureAbsent = optionsIn(1, function* (flow: FlowRef, options?: CallOptions): Program<void> {
  try {
    yield* remove(flow, options);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
  }
});

function* deleteMatching(filter: FlowFilter): Program<number> {
  const { request, keep, everything } = planFilter(filter);
  if (everything) throw new InputError('filter', 'means every flow; flush() deletes them all');
  const found = yield* messages({
    request: { operation: getFlow, flags: 0, value: request, expects: 'dump', subject: 'flows' },
    keep,
    interrupted: filter.interrupted,
  });
  return yield* deleteEach(found);
}

function* flush(options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* ask({ operation: deleteFlow, flags: 0, value: {}, expects: 'ack' as const, subject: 'all flows' });
}

function* reset(filter: FlowFilter = {}): Program<Listing<Flow>> {
  const { everything } = planFilter(filter);
  if (everything) return yield* resetAll(filter);
  // a dump would set those to 0 as well that it is left to this side to leave out
  const { request, keep } = planFilter(filter);
  const found = yield* messages({
    request: { operation: getFlow, flags: 0, value: request, expects: 'dump', subject: 'flows' },
    keep,
    interrupted: filter.interrupted,
  });
  const flows: Flow[] = [];
  if (found.length === 0) return flows;
  const requests = found.map((wire): Request<FlowMessage, 'reply'> => ({ ...lookUp(keyOf(wire)), operation: resetFlow }));
  for (const outcome of yield* askEach(requests)) {
    if (outcome.ok) flows.push(flowFromWire(outcome.value));
    else if ((outcome.error as NodeJS.ErrnoException).code !== 'ENOENT') throw outcome.error;
  }
  return flows;
}

const resetAll = listing(listedBy(resetFlow));

/** The programs of {@link ConntrackClient.flows}. */
export const flowPrograms = {
  /** The flows of the namespace, or those that `filter` describes. @throws InputError for a bad filter */
  list,

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listedBy(getFlow)),

  /**
   * One flow, by one of its tuples.
   *
   * @throws NetlinkError `ENOENT` when there is none; NotFoundError `ENOENT` when it has another id
   */
  get,

  /**
   * Makes a flow. TCP wants its state (`tcp: { state: 'established' }`), or packets of the connection are taken for the middle of one that
   * nobody has seen begin.
   *
   * @returns the flow as the kernel made it
   * @throws InputError naming the member that is wrong, before anything is sent
   * @throws NetlinkError `EEXIST` when there is a flow of the tuple; `ENOENT` when there is no flow of `master`, or when it is gone again
   * @throws UnsupportedError for a `helper` that the kernel has not got
   */
  create,

  /**
   * Changes a flow. Its tuples, its zone and its translation cannot be changed.
   *
   * @returns the flow as it is now
   * @throws InputError naming the member that is wrong, before anything is sent
   * @throws NetlinkError `ENOENT` when there is no such flow, `ENOSPC` for labels when no rule has ever set one (nft(8), ct label set)
   */
  update,

  /** Deletes a flow. @throws NetlinkError `ENOENT` when there is none, or one of another id */
  delete: remove,

  /** Deletes a flow, if there is one. */
  ensureAbsent,

  /**
   * Deletes the flows that `filter` describes, one by one: kernels that do not know a part of a filter would delete them all.
   *
   * @returns how many
   * @throws InputError for a filter that means every flow: `flush` is for that
   */
  deleteMatching,

  /**
   * Deletes the flows that go to a published port: those whose original destination, or whose answers' source, is the address and port. The next
   * packet of each begins a new flow, which is translated as the rules say by then.
   *
   * To be called when a port has been published, with the address and port it is published at (packets that came before know nothing of the
   * translation), and when that has ended (those that came before still are translated).
   *
   * @returns how many
   * @throws InputError naming the member that is wrong
   */
  deleteStale,

  /** Deletes every flow of the namespace. */
  flush,

  /**
   * Sets the counters of the flows that `filter` describes to 0.
   *
   * @returns the flows with what had been counted by then
   */
  reset,
  /** Flows that are gone, and whose end a listener has not been told yet. */
  dying: listing(listedBy(getDying)),
  /** Flows whose first packet is still under way. Since Linux 5.19 the kernel lists none. */
  unconfirmed: listing(listedBy(getUnconfirmed)),

  /** What conntrack counts of flows in the namespace. */
  statistics,
} as const;
