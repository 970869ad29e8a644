/** What can be done with the VLANs of bridges and their ports. Source: rtnetlink(7), bridge(8), "bridge vlan". */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import {
  BRIDGE_VLAN_INFO_ONLY_OPTS,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
  type BridgeAfSpec,
  type BridgeLinkOperation,
  type BridgeVlanInfo,
  bridgePortState,
  deleteBridgeLink,
  setBridgeLink,
} from '../bridge-link/message.ts';
import { type BridgePortState, changeBridgeLink } from '../bridge-link/programs.ts';
import { AF_BRIDGE } from '../family.ts';
import { kindName } from '../link/info.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { describeLink, findLink, type LinkRef, type Named, resolveLink } from '../link/reference.ts';
import { linkNeeded } from '../named-link.ts';
import { settled, undoing } from '../undo.ts';
import { getVlan, type McastRouter, mcastRouter, newVlan, type VlanEntry, type VlanMessage } from './message.ts';
import { describeRange, numbersOf, type Range, ranges, vlansOf } from './ranges.ts';
import { type BridgeVlan, type BridgeVlanFlag, bridgeVlanFlags, dumpValue, split, toBridgeVlan, vlansAt } from './vlan.ts';

/** Which VLANs are meant. What a list returns is accepted. */
export interface BridgeVlanSelector extends CallOptions {
  /** The port, or the bridge. */
  dev?: LinkRef;
  /** Index of it, where `dev` is not given. */
  devIndex?: number;
  /** 1 to 4094; with `end`, the first of several. */
  vlan: number;
  /** The last of several. */
  end?: number;
  /** The driver of the link itself is meant. Default: true for a bridge, else false. */
  self?: boolean;
  /** The bridge is meant, which is so unless `self` is given; with `self`, both are. */
  master?: boolean;
}

/** VLANs that shall be. A member that is `undefined` is not sent. What a list returns is accepted. */
export interface BridgeVlanSpec extends BridgeVlanSelector {
  /** `pvid`, `untagged`. The others are the kernel's and are ignored. */
  flags?: readonly BridgeVlanFlag[];
  /** State in the spanning tree. */
  state?: BridgePortState;
  /** Whether there is a multicast router behind the port, or the bridge finds out. */
  mcastRouter?: McastRouter;
  /** Multicast groups at most; 0: no limit. Of a port, with `mcast_vlan_snooping`. */
  mcastMaxGroups?: number;
  /** Answer ARP and NDP for others. Of a port, with `neigh_vlan_suppress`. */
  neighSuppress?: boolean;
}

/** What of VLANs that are there is changed. */
export interface BridgeVlanChanges extends Omit<BridgeVlanSpec, 'self' | 'master'> {}

export interface BridgeVlanFilter extends ListOptions {
  /** Only those of this port or bridge. */
  dev?: LinkRef;
  /** Only this VLAN. */
  vlan?: number;
  /** One object for VLANs that follow each other and are alike, with `end`. Default: one a VLAN. */
  ranges?: boolean;
  /** Read the counters too. The kernel then tells each VLAN by itself. */
  stats?: boolean;
}

const members = memberNames<Omit<BridgeVlanSpec, keyof CallOptions>>({
  dev: true,
  devIndex: true,
  vlan: true,
  end: true,
  self: true,
  master: true,
  flags: true,
  state: true,
  mcastRouter: true,
  mcastMaxGroups: true,
  neighSuppress: true,
});

/** Members of a {@link BridgeVlan} that are read only; the VNI is of the tunnel map. */
const readOnly = memberNames<Omit<BridgeVlan, keyof BridgeVlanSpec>>({ mcastGroups: true, vni: true, stats: true, unknown: true });

const filterMembers = memberNames<Omit<BridgeVlanFilter, keyof ListOptions>>({ dev: true, vlan: true, ranges: true, stats: true });

function* listed(filter: BridgeVlanFilter = {}): Program<Listed<VlanMessage, BridgeVlan>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  checkBoolean(filter.ranges, 'ranges');
  checkBoolean(filter.stats, 'stats');
  if (filter.vlan !== undefined) vlansOf({ vlan: filter.vlan });
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getVlan, flags: 0, value: dumpValue(index, filter.stats), expects: 'dump', subject: 'VLANs' },
    keep: (wire) => index === undefined || wire.index === index,
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      return wires.flatMap((wire) =>
        (wire.entries ?? []).flatMap((entry) => {
          const vlan = toBridgeVlan(entry, wire.index, names.get(wire.index));
          if (vlan === undefined) return [];
          if (filter.vlan !== undefined && (filter.vlan < vlan.vlan || filter.vlan > (vlan.end ?? vlan.vlan))) return [];
          const found = filter.ranges === true ? [vlan] : split(vlan);
          return filter.vlan === undefined || filter.ranges === true ? found : found.filter((one) => one.vlan === filter.vlan);
        }),
      );
    },
    interrupted: filter.interrupted,
  };
}

/** What is said of VLANs, taken apart. */
interface Plan {
  readonly link: Named;
  readonly index: number;
  readonly range: Range;
  /** BRIDGE_VLAN_INFO_*, of those that can be set. */
  readonly bits: number;
  /** Of IFLA_BRIDGE_FLAGS. */
  readonly targets: ('self' | 'master')[];
  readonly options: VlanEntry;
  readonly subject: string;
}

function* planned(spec: BridgeVlanSpec): Program<Plan> {
  checkOptions(spec, 'vlan', members, readOnly);
  const link = linkNeeded(spec);
  const range = vlansOf(spec);
  checkBoolean(spec.self, 'self');
  checkBoolean(spec.master, 'master');
  const said = spec.flags === undefined ? 0 : inArgument('flags', () => bridgeVlanFlags.valueOf(spec.flags!));
  const settable = said & (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
  if ((settable & BRIDGE_VLAN_INFO_PVID) !== 0 && range.first !== range.last)
    throw new InputError('flags', `untagged frames come into one VLAN: \`pvid\` is nothing for ${describeRange(range)}`);
  const options = optionsOf(spec);
  const found = yield* findLink(link.ref, link.argument);
  const isBridge = kindName(found.info) === 'bridge';
  // the kernel reports it of the bridge itself too, and then refuses to be told
  if (isBridge && options.neighSuppress === false) delete options.neighSuppress;
  const own = spec.self ?? (spec.master !== true && isBridge);
  const targets: ('self' | 'master')[] = [...(own ? (['self'] as const) : []), ...(spec.master === true ? (['master'] as const) : [])];
  return {
    link,
    index: found.index,
    range,
    bits: settable,
    targets,
    options,
    subject: `VLAN ${describeRange(range)} of ${describeLink(link.ref)}`,
  };
}

/** @throws InputError naming the member of `spec` that is wrong */
function optionsOf(spec: BridgeVlanChanges): VlanEntry {
  const options: VlanEntry = {};
  if (spec.state !== undefined) options.state = inArgument('state', () => bridgePortState.nameOf(bridgePortState.valueOf(spec.state!)));
  if (spec.mcastRouter !== undefined)
    options.mcastRouter = inArgument('mcastRouter', () => mcastRouter.nameOf(mcastRouter.valueOf(spec.mcastRouter!)));
  if (spec.mcastMaxGroups !== undefined) options.mcastMaxGroups = spec.mcastMaxGroups;
  checkBoolean(spec.neighSuppress, 'neighSuppress');
  if (spec.neighSuppress !== undefined) options.neighSuppress = spec.neighSuppress;
  return options;
}

/** A range as IFLA_BRIDGE_VLAN_INFO says it. */
function infosOf({ first, last }: Range, bits: number): BridgeVlanInfo[] {
  if (first === last) return [{ flags: bits, vid: first }];
  return [
    { flags: bits | BRIDGE_VLAN_INFO_RANGE_BEGIN, vid: first },
    { flags: bits | BRIDGE_VLAN_INFO_RANGE_END, vid: last },
  ];
}

function* change(operation: BridgeLinkOperation, plan: Plan, range: Range, bits: number): Program<void> {
  const afSpec: BridgeAfSpec = { vlanInfo: infosOf(range, bits) };
  if (plan.targets.length > 0) afSpec.flags = plan.targets;
  yield* changeBridgeLink(operation, { ref: plan.index, argument: plan.link.argument }, afSpec, plan.subject, () => 'vlan');
}

/** Sets the options of VLANs that are there. */
function* changeOptions(plan: Pick<Plan, 'index' | 'subject'>, { first, last }: Range, options: VlanEntry): Program<void> {
  if (Object.keys(options).length === 0) return;
  const entry: VlanEntry = { info: { flags: BRIDGE_VLAN_INFO_ONLY_OPTS, vid: first } };
  if (last !== first) entry.range = last;
  yield* ask({
    operation: newVlan,
    flags: 0,
    value: { family: AF_BRIDGE, index: plan.index, entries: [{ ...entry, ...options }] },
    expects: 'ack' as const,
    subject: plan.subject,
    rename: (path) => path.replace(/^entries\[\d+\]\.?(info|range)?/, '') || 'vlan',
  });
}

/** Adds the VLANs of `wanted`, all of them or none: what was there before comes back. */
function* set(plan: Plan, before: ReadonlyMap<number, BridgeVlan>, wanted: readonly Range[]): Program<void> {
  yield* settled(
    undoing(
      (function* (): Program<void> {
        for (const range of wanted) {
          yield* change(setBridgeLink, plan, range, plan.bits);
          yield* changeOptions(plan, range, plan.options);
        }
      })(),
      () => restore(plan, before, wanted),
    ),
  );
}

function* restore(plan: Plan, before: ReadonlyMap<number, BridgeVlan>, touched: readonly Range[]): Program<void> {
  const now = yield* vlansAt(plan.index);
  const numbers = touched.flatMap(numbersOf);
  for (const range of ranges(numbers.filter((vlan) => now.has(vlan) && !before.has(vlan)))) yield* change(deleteBridgeLink, plan, range, 0);
  // the VLAN of untagged frames was another one, perhaps
  const pvid = [...before.values()].find((vlan) => vlan.flags.includes('pvid'));
  const old = numbers.flatMap((vlan) => before.get(vlan) ?? []);
  for (const vlan of pvid === undefined || old.includes(pvid) ? old : [...old, pvid]) {
    const range = { first: vlan.vlan, last: vlan.vlan };
    yield* change(setBridgeLink, plan, range, bridgeVlanFlags.valueOf(vlan.flags) & (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED));
    yield* changeOptions(plan, range, optionsOf(vlan as BridgeVlanChanges));
  }
}

const ENOENT = 2;
const EEXIST = 17;

function* create(spec: BridgeVlanSpec): Program<void> {
  const plan = yield* planned(spec);
  const before = yield* vlansAt(plan.index);
  if (numbersOf(plan.range).some((vlan) => before.has(vlan)))
    throw new NetlinkError({ syscall: setBridgeLink.name, subject: plan.subject, errno: EEXIST, attribute: 'vlan' });
  yield* set(plan, before, [plan.range]);
}

function* replace(spec: BridgeVlanSpec): Program<void> {
  const plan = yield* planned(spec);
  yield* set(plan, yield* vlansAt(plan.index), [plan.range]);
}

function* ensure(spec: BridgeVlanSpec): Program<void> {
  const plan = yield* planned(spec);
  const before = yield* vlansAt(plan.index);
  const wrong = numbersOf(plan.range).filter((vlan) => {
    const found = before.get(vlan);
    return found === undefined || !isSo(plan, found, spec);
  });
  if (wrong.length > 0) yield* set(plan, before, ranges(wrong));
}

function isSo(plan: Plan, found: BridgeVlan, spec: BridgeVlanSpec): boolean {
  const bits = bridgeVlanFlags.valueOf(found.flags) & (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
  if (spec.flags !== undefined && bits !== plan.bits) return false;
  return (['state', 'mcastRouter', 'mcastMaxGroups', 'neighSuppress'] as const).every(
    (member) => plan.options[member] === undefined || plan.options[member] === found[member],
  );
}

function* update(changes: BridgeVlanChanges): Program<void> {
  checkOptions(changes, 'vlan', members, readOnly);
  for (const member of ['self', 'master'] as const)
    if ((changes as BridgeVlanSpec)[member] !== undefined)
      throw new InputError(member, 'is no option of a VLAN that is there', 'ERR_UNKNOWN_OPTION');
  if (changes.flags === undefined) {
    const link = linkNeeded(changes);
    const range = vlansOf(changes);
    const options = optionsOf(changes);
    const index = yield* resolveLink(link.ref, link.argument);
    yield* changeOptions({ index, subject: `VLAN ${describeRange(range)} of ${describeLink(link.ref)}` }, range, options);
    return;
  }
  const plan = yield* planned(changes);
  const before = yield* vlansAt(plan.index);
  // the kernel would add them
  if (numbersOf(plan.range).some((vlan) => !before.has(vlan)))
    throw new NetlinkError({ syscall: setBridgeLink.name, subject: plan.subject, errno: ENOENT, attribute: 'vlan' });
  yield* set(plan, before, [plan.range]);
}

function* remove(spec: BridgeVlanSelector): Program<void> {
  const plan = yield* planned(spec);
  const before = yield* vlansAt(plan.index);
  const missing = numbersOf(plan.range).find((vlan) => !before.has(vlan));
  if (missing !== undefined) throw new NotFoundError('vlan', `VLAN ${missing} of ${describeLink(plan.link.ref)}`, 'ENOENT');
  yield* change(deleteBridgeLink, plan, plan.range, 0);
}

function* ensureAbsent(spec: BridgeVlanSelector): Program<void> {
  try {
    const plan = yield* planned(spec);
    const before = yield* vlansAt(plan.index);
    for (const range of ranges(numbersOf(plan.range).filter((vlan) => before.has(vlan)))) yield* change(deleteBridgeLink, plan, range, 0);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

function* get(spec: BridgeVlanSelector): Program<BridgeVlan> {
  checkOptions(spec, 'vlan', members, readOnly);
  const link = linkNeeded(spec);
  const { first } = vlansOf(spec);
  const { index, name } = yield* findLink(link.ref, link.argument);
  const found = (yield* vlansAt(index)).get(first);
  if (found === undefined) throw new NotFoundError('vlan', `VLAN ${first} of ${describeLink(link.ref)}`, 'ENOENT');
  return name === undefined ? found : { ...found, dev: name };
}

/** The programs of {@link RtnlClient.bridgeVlans}. */
export const bridgeVlanPrograms = {
  /**
   * The VLANs of every bridge and port, or those that `filter` describes. `dev` is filtered by the kernel.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` does not exist
   */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * One VLAN of a port or bridge.
   *
   * @throws NotFoundError `ENODEV` for the link, `ENOENT` when it lacks the VLAN
   */
  get,

  /**
   * Adds VLANs to a port or bridge: all that are said, or none.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when the link does not exist
   * @throws NetlinkError `EEXIST` when it has one of the VLANs, as it is read before
   */
  create,

  /** Adds VLANs to a port or bridge; those that it has get these flags, and the options that are given. */
  replace,

  /**
   * Changes VLANs that are there, all that are said or none: `state`, `mcastRouter`, `mcastMaxGroups`, `neighSuppress`, and `flags`, of which
   * `pvid` and `untagged` become what is given.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NetlinkError `ENOENT` when the link lacks one of the VLANs
   */
  update,

  /**
   * Takes VLANs from a port or bridge: all that are said, or none.
   *
   * @throws NotFoundError `ENODEV` for the link, `ENOENT` when it lacks one of the VLANs, as it is read before
   */
  delete: remove,

  /** Adds those of the VLANs that are missing, and overwrites those that differ from what `spec` says. */
  ensure,

  /** Takes VLANs from a port or bridge, those of them that it has. A link that does not exist has none. */
  ensureAbsent,
} as const;
