/** What can be done with neighbors. Source: rtnetlink(7), ip-neighbour(8). */

import { type Listed, listing, messages, streaming } from '../../netlink/dump.ts';
import { NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { ask, askEach, type Program } from '../../netlink/program.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { describeLink, type Named, notFound, resolveLink } from '../link/reference.ts';
import { type NeighborFilter, selectNeighbors } from './filter.ts';
import { NTF_PROXY, NTF_USE, neighborState } from './flags.ts';
import { canonicalLinkLayerAddress } from './lladdr.ts';
import {
  deleteNeighbor,
  getNeighbor,
  type NeighborMessage,
  type NeighborMessageInput,
  type NeighborOperation,
  newNeighbor,
} from './message.ts';
import { type Neighbor, toNeighbor } from './neighbor.ts';
import { type NeighborPlan, type NeighborSelector, type NeighborSpec, planKey, planNeighbor, renameNeighborPath } from './spec.ts';

function* listed(filter: NeighborFilter = {}): Program<Listed<NeighborMessage, Neighbor>> {
  const namesOf = rememberedLinkNames();
  return {
    ...(yield* selectNeighbors(filter, ~neighborState.values.noarp)),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap(linkOf));
      return wires.flatMap((wire) => toNeighbor(wire, names) ?? []);
    },
  };
}

function linkOf({ index }: NeighborMessage): number[] {
  return index === 0 ? [] : [index];
}

/** The index of the plan's link in its message. */
function* located(plan: NeighborPlan): Program<NeighborMessageInput> {
  return plan.link === undefined ? plan.wire : { ...plan.wire, index: yield* resolveLink(plan.link.ref, plan.link.argument) };
}

/** How errors name an entry: `10.0.0.2 on link "eth0"`. */
function describe({ subject, link }: NeighborPlan): string {
  return link === undefined ? subject : `${subject} on ${describeLink(link.ref)}`;
}

/** The kernel's ENODEV is about the link, which may have gone since it was looked up. */
function linkGone(error: unknown, link: Named | undefined): unknown {
  return link === undefined ? error : notFound(error, link.ref, link.argument);
}

function* change(operation: NeighborOperation, flags: number, plan: NeighborPlan): Program<void> {
  yield* send(operation, flags, plan, yield* located(plan));
}

function* send(operation: NeighborOperation, flags: number, plan: NeighborPlan, value: NeighborMessageInput): Program<void> {
  try {
    yield* ask({ operation, flags, value, expects: 'ack' as const, subject: describe(plan), rename: renameNeighborPath });
  } catch (error) {
    throw linkGone(error, plan.link);
  }
}

function* get(spec: NeighborSelector): Program<Neighbor> {
  const found = yield* read(planKey(spec));
  return toNeighbor(found, yield* linkNames(linkOf(found)))!;
}

function* read(plan: NeighborPlan): Program<NeighborMessage> {
  const value = yield* located(plan);
  try {
    return yield* ask({
      operation: getNeighbor,
      flags: 0,
      value,
      expects: 'reply' as const,
      subject: describe(plan),
      rename: renameNeighborPath,
    });
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT')
      throw new NotFoundError('to', `neighbor ${describe(plan)}`, 'ENOENT', { cause: error });
    throw linkGone(error, plan.link);
  }
}

function* create(spec: NeighborSpec): Program<void> {
  const plan = planNeighbor(spec);
  // of proxy entries the kernel makes or keeps one, and does not say which
  if (isProxy(plan.wire)) yield* checkNoProxy(planKey(spec));
  yield* change(newNeighbor, NLM_F_CREATE | NLM_F_EXCL, plan);
}

const EEXIST = 17;

function isProxy(wire: NeighborMessageInput): boolean {
  return ((wire.flags ?? 0) & NTF_PROXY) !== 0;
}

function* checkNoProxy(plan: NeighborPlan): Program<void> {
  if ((yield* stored(plan)) !== undefined)
    throw new NetlinkError({ syscall: newNeighbor.name, subject: describe(plan), errno: EEXIST, attribute: 'to' });
}

function* replace(spec: NeighborSpec): Program<void> {
  yield* change(newNeighbor, NLM_F_CREATE | NLM_F_REPLACE, planNeighbor(spec));
}

function* append(spec: NeighborSpec): Program<void> {
  yield* change(newNeighbor, NLM_F_CREATE | NLM_F_APPEND, planNeighbor(spec));
}

function* update(spec: NeighborSpec): Program<void> {
  const plan = planNeighbor(spec);
  const found = yield* read(planKey(spec));
  const value: NeighborMessageInput = { ...plan.wire, index: found.index };
  // without an address a state that needs one cannot be kept
  if (spec.state === undefined && (found.state & resolvedStates) !== 0) value.state = found.state;
  if (spec.flags === undefined) {
    if (found.flags !== 0) value.flags = found.flags;
    if (found.flagsExtended !== undefined) value.flagsExtended = found.flagsExtended;
  }
  yield* send(newNeighbor, NLM_F_REPLACE, plan, value);
}

/** NUD_VALID of the kernel: the states in which the hardware address is known. */
const resolvedStates = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80;

function* remove(spec: NeighborSelector): Program<void> {
  yield* change(deleteNeighbor, 0, planKey(spec));
}

function* ensureAbsent(spec: NeighborSelector): Program<void> {
  try {
    yield* remove(spec);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
  }
}

function* stored(plan: NeighborPlan): Program<NeighborMessage | undefined> {
  try {
    return yield* read(plan);
  } catch (error) {
    if (error instanceof NotFoundError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function* ensure(spec: NeighborSpec): Program<void> {
  const plan = planNeighbor(spec);
  const found = yield* stored(planKey(spec));
  if (found === undefined || !isSo(plan.wire, found, spec)) yield* change(newNeighbor, NLM_F_CREATE | NLM_F_REPLACE, plan);
}

function isSo(wanted: NeighborMessageInput, found: NeighborMessage, spec: NeighborSpec): boolean {
  const flags = (wanted.flags ?? 0) & ~NTF_USE;
  const extended = wanted.flagsExtended ?? 0;
  if ((found.flags & flags) !== flags || ((found.flagsExtended ?? 0) & extended) !== extended) return false;
  if (wanted.protocol !== undefined && wanted.protocol !== found.protocol) return false;
  if (isProxy(wanted)) return true;
  if (wanted.lladdr !== undefined && canonicalLinkLayerAddress(wanted.lladdr) !== found.lladdr) return false;
  // the state of an entry that the kernel is to resolve is the kernel's, unless the caller wants a certain one
  return (spec.state === undefined && wanted.state === 0) || wanted.state === found.state;
}

function* flush(filter: NeighborFilter = {}): Program<number> {
  const selection = yield* selectNeighbors(filter, ~(neighborState.values.permanent | neighborState.values.noarp));
  const found = yield* messages(selection);
  if (found.length === 0) return 0;
  const outcomes = yield* askEach(found.map(deletion));
  let count = 0;
  for (const outcome of outcomes) {
    if (outcome.ok) count++;
    else if (!['ENOENT', 'ENODEV'].includes((outcome.error as NodeJS.ErrnoException).code ?? '')) throw outcome.error;
  }
  return count;
}

function deletion({ family, index, flags, dst }: NeighborMessage): Request<NeighborMessage, 'ack'> {
  const value: NeighborMessageInput = { family, index, dst: dst!, flags: flags & NTF_PROXY };
  return { operation: deleteNeighbor, flags: 0, value, expects: 'ack', subject: `${dst} on link ${index}` };
}

/** The programs of {@link RtnlClient.neighbors}. */
export const neighborPrograms = {
  /**
   * The neighbors that `ip neigh` lists, or those that `filter` describes: all but the states `noarp` and `none`, unless `state` says
   * otherwise. `family`, `dev`, `master` and `proxy` are filtered by the kernel.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` or `master` does not exist
   */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * One neighbor, asked for by itself.
   *
   * @throws NotFoundError `ENODEV` for the link, `ENOENT` for the entry
   */
  get,

  /**
   * Adds a neighbor.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when the link does not exist
   * @throws NetlinkError `EEXIST` when the link has an entry for the address
   */
  create,

  /** Adds a neighbor, or overwrites the one that the link has for the address. */
  replace,

  /** Adds a neighbor unless the link has one for the address; that keeps its hardware address then, and takes the state. */
  append,

  /**
   * Changes a neighbor that is there. What `spec` does not say stays as it is read to be.
   *
   * @throws NotFoundError when it is not there
   */
  change: update,

  /**
   * Deletes a neighbor.
   *
   * @throws NetlinkError `ENOENT` when it is not there
   * @throws NotFoundError when the link does not exist
   */
  delete: remove,

  /**
   * Adds a neighbor unless it is there as `spec` says; one that differs is overwritten. The flag `use` asks for something to be done and is
   * nothing that an entry has: it does not count.
   */
  ensure,

  /** Deletes a neighbor if it is there. A link that does not exist has none. */
  ensureAbsent,

  /**
   * Deletes the neighbors that `filter` describes: by default, as `ip neigh flush`, all but those in the states `permanent` and `noarp`.
   *
   * @returns how many were deleted; what was gone before its turn came does not count
   */
  flush,
} as const;
