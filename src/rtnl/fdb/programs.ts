/** What can be done with the forwarding tables of bridges, vxlans and other links. Source: rtnetlink(7), bridge(8), "bridge fdb". */
import { type Listed, listing, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, type Program } from '../../netlink/program.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { describeLink, findLink, type Named, notFound, resolveLinks } from '../link/reference.ts';
import { NTF_EXT_LEARNED, NTF_MASTER, NTF_SELF, NTF_USE } from '../neighbor/flags.ts';
import {
  deleteNeighbor,
  getNeighbor,
  type NeighborMessage,
  type NeighborMessageInput,
  type NeighborOperation,
  newNeighbor,
} from '../neighbor/message.ts';
import { type FdbEntry, fdbIndexes, fdbState, stateOf, toFdbEntry } from './entry.ts';
import { dumpOf, type FdbFilter, isSelf, selectEntries } from './filter.ts';
import { flush } from './flush.ts';
import { type FdbPlan, type FdbSelector, type FdbSpec, planEntry, planKey, renameFdbPath } from './spec.ts';

function* listed(filter: FdbFilter = {}): Program<Listed<NeighborMessage, FdbEntry>> {
  const namesOf = rememberedLinkNames();
  return {
    ...(yield* selectEntries(filter)),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap(fdbIndexes));
      return wires.flatMap((wire) => toFdbEntry(wire, names) ?? []);
    },
  };
}

/** How errors name an entry: `02:00:00:00:00:01 on link "eth0"`. */
function describe({ subject, dev, master }: FdbPlan): string {
  return `${subject} on ${describeLink((dev ?? master)!.ref)}`;
}

/** The message of a plan, with its links and the table they say. @throws InputError when the bridge is not that of the port */
function* located(plan: FdbPlan): Program<NeighborMessageInput> {
  const { dev, master, via } = plan;
  const wire: NeighborMessageInput = { ...plan.wire };
  const named = [dev, master, via].filter((link): link is Named => link !== undefined);
  const indexes = yield* resolveLinks(named);
  const indexOf = (link: Named | undefined): number | undefined => (link === undefined ? undefined : indexes[named.indexOf(link)]);
  const index = indexOf(dev);
  const bridge = indexOf(master);
  const leaving = indexOf(via);
  if (leaving !== undefined) wire.ifindex = leaving;
  if (index !== undefined) wire.index = index;
  else if (bridge !== undefined) wire.master = bridge;
  if (bridge !== undefined && index !== undefined) {
    if (bridge === index) wire.flags = (wire.flags ?? 0) | NTF_SELF;
    else {
      if ((yield* findLink(index, dev!.argument)).master !== bridge)
        throw new InputError(master!.argument, `${describeLink(dev!.ref)} is no port of ${describeLink(master!.ref)}`);
      wire.flags = (wire.flags ?? 0) | NTF_MASTER;
    }
  }
  return wire;
}

function* change(operation: NeighborOperation, flags: number, plan: FdbPlan, value: NeighborMessageInput): Program<void> {
  try {
    yield* ask({ operation, flags, value, expects: 'ack' as const, subject: describe(plan), rename: renameFdbPath });
  } catch (error) {
    throw notFound(error, plan.dev!.ref, plan.dev!.argument);
  }
}

function* create(spec: FdbSpec): Program<void> {
  const plan = planEntry(spec);
  yield* change(newNeighbor, NLM_F_CREATE | NLM_F_EXCL, plan, yield* located(plan));
}

function* replace(spec: FdbSpec): Program<void> {
  const plan = planEntry(spec);
  yield* change(newNeighbor, NLM_F_CREATE | NLM_F_REPLACE, plan, yield* located(plan));
}

function* append(spec: FdbSpec): Program<void> {
  const plan = planEntry(spec);
  yield* change(newNeighbor, NLM_F_CREATE | NLM_F_APPEND, plan, yield* located(plan));
}

function* remove(spec: FdbSelector): Program<void> {
  const plan = planKey(spec);
  // a driver without a table of its own kind refuses a deletion that is not about a permanent entry
  yield* change(deleteNeighbor, 0, plan, { ...(yield* located(plan)), state: fdbState.values.permanent });
}

function* ensureAbsent(spec: FdbSelector): Program<void> {
  try {
    yield* remove(spec);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
  }
}

function* get(spec: FdbSelector): Program<FdbEntry> {
  const plan = planKey(spec, false);
  const found = yield* stored(plan, yield* located(plan), spec.nexthopId);
  if (found === undefined) throw new NotFoundError('lladdr', `forwarding entry ${describe(plan)}`, 'ENOENT');
  return toFdbEntry(found, yield* linkNames(fdbIndexes(found)))!;
}

function* stored(plan: FdbPlan, wanted: NeighborMessageInput, nexthopId?: number): Program<NeighborMessage | undefined> {
  const { lladdr, vlan, srcVni, dst, port, vni, ifindex, index, master } = wanted;
  const which = [dst, port, vni, ifindex, nexthopId].some((member) => member !== undefined);
  if (!which) {
    // the VNI of a request is the one that the entry is of
    const value: NeighborMessageInput = { family: wanted.family!, flags: (wanted.flags ?? 0) & (NTF_SELF | NTF_MASTER), lladdr: lladdr! };
    if (index !== undefined) value.index = index;
    if (master !== undefined) value.master = master;
    if (vlan !== undefined) value.vlan = vlan;
    if (srcVni !== undefined) value.vni = srcVni;
    try {
      const found = yield* ask({
        operation: getNeighbor,
        flags: 0,
        value,
        expects: 'reply' as const,
        subject: describe(plan),
        rename: renameFdbPath,
      });
      // a bridge answers for whichever port has the address
      return index === undefined || found.index === index ? found : undefined;
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      if (error.code === 'ENOENT') return undefined;
      if (error.code !== 'EOPNOTSUPP') throw notFound(error, (plan.dev ?? plan.master)!.ref, (plan.dev ?? plan.master)!.argument);
    }
  }
  const request: NeighborMessageInput = { family: wanted.family! };
  if (index !== undefined) request.ifindex = index;
  if (master !== undefined) request.master = master;
  const inBridge = ((wanted.flags ?? 0) & NTF_MASTER) !== 0 || master !== undefined;
  for (const wire of yield* messages(dumpOf(request))) {
    if (wire.lladdr !== lladdr || wire.vlan !== vlan || (index !== undefined && wire.index !== index)) continue;
    if (inBridge ? wire.master === undefined : !isSelf(wire) && wire.master !== index) continue;
    if (srcVni !== undefined && wire.srcVni !== srcVni) continue;
    if (dst !== undefined && wire.dst !== dst) continue;
    // what is the vxlan's own default is not reported
    if (port !== undefined && wire.port !== undefined && wire.port !== port) continue;
    if (vni !== undefined && wire.vni !== undefined && wire.vni !== vni) continue;
    if (ifindex !== undefined && wire.ifindex !== ifindex) continue;
    if (nexthopId !== undefined && wire.nexthopId !== nexthopId) continue;
    return wire;
  }
  return undefined;
}

function* ensure(spec: FdbSpec): Program<void> {
  const plan = planEntry(spec);
  const value = yield* located(plan);
  const found = yield* stored(plan, value, spec.nexthopId);
  if (found !== undefined && isSo(value, found)) return;
  const several = value.dst !== undefined && (Number.parseInt(value.lladdr!.slice(0, 2), 16) & 1 || value.lladdr === '00:00:00:00:00:00');
  yield* change(newNeighbor, NLM_F_CREATE | (several ? NLM_F_APPEND : NLM_F_REPLACE), plan, value);
}

/** The flags that an entry has, of those that a request may set: NTF_STICKY, NTF_EXT_LEARNED, NTF_ROUTER. */
const kept = 0x40 | NTF_EXT_LEARNED | 0x80;

function isSo(wanted: NeighborMessageInput, found: NeighborMessage): boolean {
  const flags = (wanted.flags ?? 0) & kept & ~NTF_USE;
  if ((found.flags & flags) !== flags || stateOf(wanted.state!) !== stateOf(found.state)) return false;
  const notify = wanted.fdbExtended?.activityNotify;
  return notify === undefined || notify === (found.fdbExtended?.activityNotify ?? 0);
}

/** The programs of {@link RtnlClient.fdb}. */
export const fdbPrograms = {
  /**
   * The entries of every forwarding table, or those that `filter` describes. `dev` and `master` are filtered by the kernel.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` or `master` does not exist
   */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * One forwarding entry. It is asked for by itself, but of a link whose driver cannot, and when `dst`, `port`, `vni` or `via` say which of
   * several is meant: then the entries of the link are read.
   *
   * @throws NotFoundError `ENODEV` for a link, `ENOENT` for the entry
   */
  get,

  /**
   * Adds a forwarding entry. On a vxlan, an address may have several (see `append`). In the table of a bridge, an entry without `vlan` is made
   * by the kernel once without a VLAN and once in each VLAN that the port is in, as br_fdb_add() does.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when a link does not exist
   * @throws NetlinkError `EEXIST` when the table has an entry for the address and VLAN
   */
  create,

  /** Adds a forwarding entry, or overwrites the one that the table has for the address and VLAN. */
  replace,

  /** Adds another place to send to, for an address of a vxlan: of `00:00:00:00:00:00` or a group, frames go to all of them. */
  append,

  /**
   * Deletes a forwarding entry. Without `dst`, all places that a vxlan sends to for the address. Without `vlan`, the kernel also deletes the
   * entries that the table of a bridge has for the address in the VLANs of the port, as br_fdb_delete() does: of a listing, delete it last.
   *
   * @throws NetlinkError `ENOENT` when there is none
   * @throws NotFoundError when a link does not exist
   */
  delete: remove,

  /**
   * Adds a forwarding entry unless it is there as `spec` says; one that differs is overwritten. Of an address that a vxlan may send to several
   * places, it is added to those that are there.
   */
  ensure,

  /** Deletes a forwarding entry if it is there. A link that does not exist has none. */
  ensureAbsent,

  /**
   * Deletes the forwarding entries that `spec` describes, with one request: of a bridge since Linux 5.19, of a vxlan since 6.7.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when a link does not exist
   * @throws UnsupportedError for a link that has no table of its own, or a kernel that cannot
   */
  flush,
} as const;
