/** Which VNI the frames of a VLAN have in a vxlan that carries many. Source: bridge(8), "tunnel_info", "bridge vlan tunnelshow". */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, memberNames } from '../../netlink/input.ts';
import type { CallOptions, Program } from '../../netlink/program.ts';
import {
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  type BridgeLinkOperation,
  deleteBridgeLink,
  setBridgeLink,
  type VlanTunnelInfo,
} from '../bridge-link/message.ts';
import { changeBridgeLink } from '../bridge-link/programs.ts';
import { checkVni } from '../fdb/spec.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, type Named, resolveLink } from '../link/reference.ts';
import { linkNeeded } from '../named-link.ts';
import { settled, undoing } from '../undo.ts';
import { getVlan, type VlanMessage } from './message.ts';
import { describeRange, numbersOf, type Range, ranges, vlansOf } from './ranges.ts';
import { dumpValue, split, toBridgeVlan, vlansAt } from './vlan.ts';

/** VLANs of a port and the VNIs they are mapped to, one by one. */
export interface BridgeVlanTunnel {
  /** Name of the port, a vxlan with `vlan_tunnel`. */
  dev?: string;
  /** Index of the port. */
  devIndex: number;
  /** 1 to 4094; with `end`, the first of several. */
  vlan: number;
  /** The last of several. */
  end?: number;
  /** The VNI of `vlan`; the next VLAN has the next VNI. */
  vni: number;
}

/** Which VLANs are meant. What a list returns is accepted. */
export interface BridgeVlanTunnelSelector extends CallOptions {
  /** The port: a vxlan with `vlan_tunnel`. */
  dev?: LinkRef;
  /** Index of the port, where `dev` is not given. */
  devIndex?: number;
  /** 1 to 4094; with `end`, the first of several. */
  vlan: number;
  /** The last of several. */
  end?: number;
  /** Not looked at when deleting; there for what a list returns. */
  vni?: number;
}

/** A mapping that shall be. */
export interface BridgeVlanTunnelSpec extends BridgeVlanTunnelSelector {
  /** The VNI of `vlan`, 0 to 16,777,215; the next VLAN has the next VNI. */
  vni: number;
}

export interface BridgeVlanTunnelFilter extends ListOptions {
  /** Only those of this port. */
  dev?: LinkRef;
  /** One object for VLANs and VNIs that follow each other, with `end`. Default: one a VLAN. */
  ranges?: boolean;
}

const members = memberNames<Omit<BridgeVlanTunnelSpec, keyof CallOptions>>({ dev: true, devIndex: true, vlan: true, end: true, vni: true });
const filterMembers = memberNames<Omit<BridgeVlanTunnelFilter, keyof ListOptions>>({ dev: true, ranges: true });

function* listed(filter: BridgeVlanTunnelFilter = {}): Program<Listed<VlanMessage, BridgeVlanTunnel>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  checkBoolean(filter.ranges, 'ranges');
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getVlan, flags: 0, value: dumpValue(index), expects: 'dump', subject: 'VLAN tunnels' },
    keep: (wire) => index === undefined || wire.index === index,
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      return wires.flatMap((wire) =>
        (wire.entries ?? []).flatMap((entry) => {
          const found = toBridgeVlan(entry, wire.index, names.get(wire.index));
          if (found?.vni === undefined) return [];
          return (filter.ranges === true ? [found] : split(found)).map(({ dev, devIndex, vlan, end, vni }) => {
            const tunnel: BridgeVlanTunnel = { devIndex, vlan, vni: vni! };
            if (dev !== undefined) tunnel.dev = dev;
            if (end !== undefined) tunnel.end = end;
            return tunnel;
          });
        }),
      );
    },
    interrupted: filter.interrupted,
  };
}

interface Plan {
  readonly link: Named;
  readonly index: number;
  readonly range: Range;
  readonly subject: string;
}

function* planned(spec: BridgeVlanTunnelSelector, creating: boolean): Program<Plan> {
  checkOptions(spec, 'tunnel', members);
  const link = linkNeeded(spec);
  const range = vlansOf(spec);
  if (creating || spec.vni !== undefined) {
    checkVni(spec.vni, 'vni');
    if (spec.vni + range.last - range.first > 0xffffff) throw new InputError('vni', 'the last VLAN would have none', 'ERR_OUT_OF_RANGE');
  }
  const index = yield* resolveLink(link.ref, link.argument);
  return { link, index, range, subject: `tunnel of VLAN ${describeRange(range)} of ${describeLink(link.ref)}` };
}

function* change(operation: BridgeLinkOperation, { link, index, subject }: Plan, { first, last }: Range, vni: number): Program<void> {
  const one: VlanTunnelInfo = { id: vni, vid: first };
  const vlanTunnelInfo =
    first === last
      ? [one]
      : [
          { ...one, flags: BRIDGE_VLAN_INFO_RANGE_BEGIN },
          { id: vni + last - first, vid: last, flags: BRIDGE_VLAN_INFO_RANGE_END },
        ];
  yield* changeBridgeLink(operation, { ref: index, argument: link.argument }, { vlanTunnelInfo }, subject, () => 'vni');
}

/** The VNIs of the VLANs of a port that have one. */
function* vnisAt(index: number): Program<Map<number, number>> {
  const vnis = new Map<number, number>();
  for (const { vlan, vni } of (yield* vlansAt(index)).values()) if (vni !== undefined) vnis.set(vlan, vni);
  return vnis;
}

const EEXIST = 17;

function* create(spec: BridgeVlanTunnelSpec): Program<void> {
  const plan = yield* planned(spec, true);
  const before = yield* vnisAt(plan.index);
  if (numbersOf(plan.range).some((vlan) => before.has(vlan)))
    throw new NetlinkError({ syscall: setBridgeLink.name, subject: plan.subject, errno: EEXIST, attribute: 'vlan' });
  yield* map(plan, before, spec.vni);
}

function* map(plan: Plan, before: ReadonlyMap<number, number>, vni: number): Program<void> {
  const { first } = plan.range;
  const wrong = numbersOf(plan.range).filter((vlan) => before.get(vlan) !== vni + vlan - first);
  yield* settled(
    undoing(
      (function* (): Program<void> {
        for (const range of ranges(wrong.filter((vlan) => before.has(vlan))))
          yield* change(deleteBridgeLink, plan, range, before.get(range.first)!);
        for (const range of ranges(wrong)) yield* change(setBridgeLink, plan, range, vni + range.first - first);
      })(),
      function* () {
        const now = yield* vnisAt(plan.index);
        const changed = numbersOf(plan.range).filter((vlan) => now.get(vlan) !== before.get(vlan));
        for (const vlan of changed) {
          const range = { first: vlan, last: vlan };
          if (now.has(vlan)) yield* change(deleteBridgeLink, plan, range, now.get(vlan)!);
          if (before.has(vlan)) yield* change(setBridgeLink, plan, range, before.get(vlan)!);
        }
      },
    ),
  );
}

function* ensure(spec: BridgeVlanTunnelSpec): Program<void> {
  const plan = yield* planned(spec, true);
  yield* map(plan, yield* vnisAt(plan.index), spec.vni);
}

function* remove(spec: BridgeVlanTunnelSelector): Program<void> {
  const plan = yield* planned(spec, false);
  const before = yield* vnisAt(plan.index);
  const missing = numbersOf(plan.range).find((vlan) => !before.has(vlan));
  if (missing !== undefined) throw new NotFoundError('vlan', `a tunnel of VLAN ${missing} of ${describeLink(plan.link.ref)}`, 'ENOENT');
  yield* change(deleteBridgeLink, plan, plan.range, before.get(plan.range.first)!);
}

function* ensureAbsent(spec: BridgeVlanTunnelSelector): Program<void> {
  try {
    const plan = yield* planned(spec, false);
    const before = yield* vnisAt(plan.index);
    for (const range of ranges(numbersOf(plan.range).filter((vlan) => before.has(vlan))))
      yield* change(deleteBridgeLink, plan, range, before.get(range.first)!);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/** The programs of {@link RtnlClient.bridgeVlanTunnels}. */
export const bridgeVlanTunnelPrograms = {
  /** @throws InputError for a bad filter; NotFoundError when `dev` does not exist */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * Maps VLANs of a port to VNIs: all that are said, or none.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when the link does not exist
   * @throws NetlinkError `EEXIST` when one of the VLANs is mapped, as it is read before; `EINVAL` when the port lacks one of them
   */
  create,

  /** Maps VLANs of a port to VNIs; those that are mapped otherwise are mapped anew. Nothing is changed for those that are so. */
  replace: ensure,

  /** Maps VLANs of a port to VNIs; those that are mapped otherwise are mapped anew. Nothing is changed for those that are so. */
  ensure,

  /**
   * Takes the VNIs of VLANs away.
   *
   * @throws NotFoundError `ENODEV` for the link, `ENOENT` when one of the VLANs is not mapped, as it is read before
   */
  delete: remove,

  /** Takes the VNIs of VLANs away, of those that have one. A link that does not exist has none. */
  ensureAbsent,
} as const;
