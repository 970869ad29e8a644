/** A VLAN of a port or bridge as callers see it, and how it is read. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import { messages } from '../../netlink/dump.ts';
import { type Enumerated, type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import type { Program } from '../../netlink/program.ts';
import { u16 } from '../../netlink/scalar.ts';
import { BRIDGE_VLAN_INFO_RANGE_BEGIN, BRIDGE_VLAN_INFO_RANGE_END } from '../bridge-link/message.ts';
import type { BridgePortState } from '../bridge-link/programs.ts';
import { AF_BRIDGE } from '../family.ts';
import {
  dumpGlobal,
  dumpStats,
  getVlan,
  type McastRouter,
  type VlanDumpInput,
  type VlanEntry,
  type VlanMessage,
  type VlanStats,
} from './message.ts';

const bits = { master: 0x1, pvid: 0x2, untagged: 0x4, brentry: 0x20, only_opts: 0x40 } as const;

/** BRIDGE_VLAN_INFO_*: `pvid` (the VLAN of frames that come in untagged), `untagged` (its frames leave untagged), … */
export type BridgeVlanFlag = Enumerated<typeof bits>;
export const bridgeVlanFlags: FlagsCodec<typeof bits> = flags(u16, bits);

/** A VLAN of a bridge's port, or of the bridge itself, as `bridge -d -s vlan` shows it. What has no value for one is left out. */
export interface BridgeVlan {
  /** Name of the port or bridge. */
  dev?: string;
  /** Index of the port or bridge. */
  devIndex: number;
  /** 1 to 4094; with `end`, the first of several. */
  vlan: number;
  /** The last of several that are alike. */
  end?: number;
  /** `pvid`, `untagged`, … Source: if_bridge.h (BRIDGE_VLAN_INFO_*). */
  flags: BridgeVlanFlag[];
  /** State in the spanning tree. */
  state?: BridgePortState;
  /** Whether multicast routers are behind the port. */
  mcastRouter?: McastRouter;
  /** Multicast groups at the moment. */
  mcastGroups?: number;
  /** Multicast groups at most; 0: no limit. */
  mcastMaxGroups?: number;
  /** ARP and NDP are answered for others. */
  neighSuppress?: boolean;
  /** VNI that the VLAN is mapped to; of several, that of the first, and they follow each other. */
  vni?: number;
  /** What has gone through, where that was asked for. */
  stats?: VlanStats;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const rangeBits = BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_RANGE_END;

/** The VLANs that `entry` describes, as one. */
export function toBridgeVlan(entry: VlanEntry, devIndex: number, dev: string | undefined): BridgeVlan | undefined {
  if (entry.info === undefined) return undefined;
  const vlan: BridgeVlan = { devIndex, vlan: entry.info.vid, flags: bridgeVlanFlags.namesOf(entry.info.flags & ~rangeBits) };
  if (dev !== undefined) vlan.dev = dev;
  if (entry.range !== undefined && entry.range !== entry.info.vid) vlan.end = entry.range;
  if (entry.state !== undefined) vlan.state = entry.state;
  if (entry.mcastRouter !== undefined) vlan.mcastRouter = entry.mcastRouter;
  if (entry.mcastGroups !== undefined) vlan.mcastGroups = entry.mcastGroups;
  if (entry.mcastMaxGroups !== undefined) vlan.mcastMaxGroups = entry.mcastMaxGroups;
  if (entry.neighSuppress !== undefined) vlan.neighSuppress = entry.neighSuppress;
  if (entry.tunnelInfo?.id !== undefined) vlan.vni = entry.tunnelInfo.id;
  if (entry.stats !== undefined) {
    const { pad: _pad, ...stats } = entry.stats;
    vlan.stats = stats;
  }
  if (entry.unknown !== undefined) vlan.unknown = entry.unknown;
  return vlan;
}

/** One object a VLAN, of what may stand for several. */
export function split(vlan: BridgeVlan): BridgeVlan[] {
  const { end, ...rest } = vlan;
  if (end === undefined) return [vlan];
  return Array.from({ length: end - vlan.vlan + 1 }, (_, i) => ({
    ...rest,
    vlan: vlan.vlan + i,
    ...(vlan.vni === undefined ? {} : { vni: vlan.vni + i }),
  }));
}

/** The request for a listing. `index`: only one port or bridge. */
export function dumpValue(index: number | undefined, stats = false, global = false): VlanDumpInput {
  const value: VlanDumpInput = { family: AF_BRIDGE };
  if (index !== undefined) value.index = index;
  const dumpFlags = (stats ? dumpStats : 0) | (global ? dumpGlobal : 0);
  if (dumpFlags !== 0) value.dumpFlags = dumpFlags;
  return value;
}

/** The VLANs of one port or bridge, one object each, by number. */
export function* vlansAt(index: number): Program<Map<number, BridgeVlan>> {
  const wires: VlanMessage[] = yield* messages({
    request: { operation: getVlan, flags: 0, value: dumpValue(index), expects: 'dump', subject: 'VLANs' },
    keep: (wire) => wire.index === index,
  });
  const found = new Map<number, BridgeVlan>();
  for (const wire of wires)
    for (const entry of wire.entries ?? []) {
      const vlan = toBridgeVlan(entry, index, undefined);
      if (vlan !== undefined) for (const one of split(vlan)) found.set(one.vlan, one);
    }
  return found;
}
