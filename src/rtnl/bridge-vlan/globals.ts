/** What holds for a VLAN on a whole bridge. Source: bridge(8), "bridge vlan global"; include/uapi/linux/if_bridge.h (BRIDGE_VLANDB_GOPTS_*). */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { checkBoolean, checkOptions, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { AF_BRIDGE } from '../family.ts';
import { checkLimits } from '../link/limits.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, resolveLink } from '../link/reference.ts';
import { linkNeeded } from '../named-link.ts';
import { getVlan, newVlan, type VlanGlobal, type VlanMessage } from './message.ts';
import { describeRange, vlansOf } from './ranges.ts';
import { dumpValue } from './vlan.ts';

/** What holds for a VLAN on a whole bridge, as `bridge -d vlan global` shows it. Its settings are those of {@link VlanGlobal}. */
export interface BridgeVlanGlobal extends Omit<VlanGlobal, 'vlan' | 'pad'> {
  /** Name of the bridge. */
  dev?: string;
  /** Index of the bridge. */
  devIndex: number;
  /** 1 to 4094; with `end`, the first of several that are alike. */
  vlan: number;
}

export interface BridgeVlanGlobalFilter extends ListOptions {
  /** Only this bridge. */
  dev?: LinkRef;
  /** Only this VLAN. */
  vlan?: number;
  /** One object for VLANs that follow each other and are alike, with `end`. Default: one a VLAN. */
  ranges?: boolean;
}

/** What shall be changed. A member that is `undefined` is not sent. What a list returns is accepted. */
export interface BridgeVlanGlobalChanges extends CallOptions, Omit<VlanGlobal, 'pad' | 'mcastRouterPorts' | 'mcastQuerierState' | 'vlan'> {
  /** The bridge. */
  dev?: LinkRef;
  /** Index of the bridge, where `dev` is not given. */
  devIndex?: number;
  /** 1 to 4094; with `end`, the first of several. */
  vlan: number;
}

const filterMembers = memberNames<Omit<BridgeVlanGlobalFilter, keyof ListOptions>>({ dev: true, vlan: true, ranges: true });

const members = memberNames<Omit<BridgeVlanGlobalChanges, keyof CallOptions>>({
  dev: true,
  devIndex: true,
  vlan: true,
  end: true,
  mcastSnooping: true,
  mcastIgmpVersion: true,
  mcastMldVersion: true,
  mcastLastMemberCount: true,
  mcastStartupQueryCount: true,
  mcastLastMemberInterval: true,
  mcastMembershipInterval: true,
  mcastQuerierInterval: true,
  mcastQueryInterval: true,
  mcastQueryResponseInterval: true,
  mcastStartupQueryInterval: true,
  mcastQuerier: true,
  msti: true,
  unknown: true,
});

/** Members of a {@link BridgeVlanGlobal} that are read only. */
const readOnly = memberNames<Omit<BridgeVlanGlobal, keyof BridgeVlanGlobalChanges>>({ mcastRouterPorts: true, mcastQuerierState: true });

function* listed(filter: BridgeVlanGlobalFilter = {}): Program<Listed<VlanMessage, BridgeVlanGlobal>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  checkBoolean(filter.ranges, 'ranges');
  if (filter.vlan !== undefined) vlansOf({ vlan: filter.vlan });
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getVlan, flags: 0, value: dumpValue(index, false, true), expects: 'dump', subject: 'VLANs of bridges' },
    keep: (wire) => index === undefined || wire.index === index,
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      return wires.flatMap((wire) => (wire.globals ?? []).flatMap((found) => toGlobals(found, wire.index, names.get(wire.index), filter)));
    },
    interrupted: filter.interrupted,
  };
}

function toGlobals(found: VlanGlobal, devIndex: number, dev: string | undefined, filter: BridgeVlanGlobalFilter): BridgeVlanGlobal[] {
  const { vlan: first, end: last = first, pad: _pad, ...options } = found;
  if (first === undefined || last === undefined) return [];
  if (filter.vlan !== undefined && (filter.vlan < first || filter.vlan > last)) return [];
  const link = dev === undefined ? { devIndex } : { dev, devIndex };
  if (filter.ranges === true) return [{ ...link, vlan: first, ...(last === first ? {} : { end: last }), ...options }];
  if (filter.vlan !== undefined) return [{ ...link, vlan: filter.vlan, ...options }];
  return Array.from({ length: last - first + 1 }, (_, i) => ({ ...link, vlan: first + i, ...options }));
}

function* update(changes: BridgeVlanGlobalChanges): Program<void> {
  checkOptions(changes, 'vlan', members, readOnly);
  const link = linkNeeded(changes);
  const range = vlansOf(changes);
  checkLimits(changes, { mcastIgmpVersion: [2, 3], mcastMldVersion: [1, 2], msti: [0, 4094] });
  const { dev: _dev, devIndex: _devIndex, vlan, end: _end, signal: _signal, timeout: _timeout, ...given } = changes;
  const options: VlanGlobal = { ...given };
  for (const member of readOnly) delete options[member as keyof VlanGlobal];
  const wire: VlanGlobal = { vlan, ...options };
  if (range.last !== range.first) wire.end = range.last;
  const index = yield* resolveLink(link.ref, link.argument);
  yield* ask({
    operation: newVlan,
    flags: 0,
    value: { family: AF_BRIDGE, index, globals: [wire] },
    expects: 'ack' as const,
    subject: `VLAN ${describeRange(range)} of ${describeLink(link.ref)}`,
    rename: (path) => path.replace(/^globals\[\d+\]\.?/, '') || 'vlan',
  });
}

/** The programs of {@link RtnlClient.bridgeVlanGlobals}. */
export const bridgeVlanGlobalPrograms = {
  /** @throws InputError for a bad filter; NotFoundError when `dev` does not exist */
  list: listing(listed),
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /**
   * Changes what holds for VLANs on a whole bridge.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when the bridge does not exist
   * @throws NetlinkError `ENOENT` when the bridge lacks one of the VLANs
   */
  update,
} as const;
