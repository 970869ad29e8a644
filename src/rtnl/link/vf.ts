/**
 * SR-IOV virtual functions of a network card, as their physical function reports and takes them. Source: include/uapi/linux/if_link.h
 * (IFLA_VF_*); ip-link(8), "vf NUM".
 */
import { formatHardwareAddress, parseHardwareAddress } from '../../netlink/address.ts';
import { attr, attributes, listOf, nested } from '../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { InputError } from '../../netlink/errors.ts';
import { n64, u32 } from '../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../netlink/struct.ts';
import { bytes } from '../../netlink/text.ts';
import { vlanProtocol } from './kind/vlan.ts';

const vfMac = struct('ifla_vf_mac', () => ({ vf: fields.u32, mac: fields.blob(32) }));
const vfVlan = struct('ifla_vf_vlan', () => ({ vf: fields.u32, vlan: fields.u32, qos: fields.u32 }));
const vfTxRate = struct('ifla_vf_tx_rate', () => ({ vf: fields.u32, rate: fields.u32 }));
const vfSetting = struct('ifla_vf_spoofchk', () => ({ vf: fields.u32, setting: fields.u32 }));
const vfLinkState = struct('ifla_vf_link_state', () => ({ vf: fields.u32, state: fields.u32 }));
const vfRate = struct('ifla_vf_rate', () => ({ vf: fields.u32, minTxRate: fields.u32, maxTxRate: fields.u32 }));
const vfVlanInfo = struct('ifla_vf_vlan_info', () => ({ vf: fields.u32, vlan: fields.u32, qos: fields.u32, protocol: fields.be16 }));
/** The 64-bit number stands at a multiple of its size. */
const vfGuid = struct('ifla_vf_guid', () => ({ vf: fields.u32, pad: fields.u32, guidLow: fields.u32, guidHigh: fields.u32 }));

const wireMac = structCodec(vfMac);

/** The address field has room for the longest hardware address; the kernel fills what the device has, six bytes for Ethernet. */
const mac: Codec<{ vf: number; mac: string }> = mapped(
  wireMac,
  'struct ifla_vf_mac',
  (wire) => ({ vf: wire.vf, mac: formatHardwareAddress(wire.mac.subarray(0, 6)) }),
  ({ vf, mac: address }) => {
    const parsed = parseHardwareAddress(address);
    if (parsed.length > 32) throw new InputError('mac', 'is longer than 32 bytes', 'ERR_OUT_OF_RANGE');
    const padded = new Uint8Array(32);
    padded.set(parsed);
    return { vf, mac: padded };
  },
);

/** IFLA_VF_LINK_STATE_*. */
const state = enumeration(u32, { auto: 0, enable: 1, disable: 2 });

const linkState: Codec<{ vf: number; state: ReturnType<typeof state.nameOf> }> = mapped(
  structCodec(vfLinkState),
  'struct ifla_vf_link_state',
  (wire) => ({ vf: wire.vf, state: state.nameOf(wire.state) }),
  (value) => ({ vf: value.vf, state: state.valueOf(value.state) }),
);

/** 0 and 1; -1 is what drivers say that do not know. */
const setting: Codec<{ vf: number; setting: number }> = structCodec(vfSetting);

const vlanInfo: Codec<{ vf: number; vlan: number; qos: number; protocol: ReturnType<typeof vlanProtocol.nameOf> }> = mapped(
  structCodec(vfVlanInfo),
  'struct ifla_vf_vlan_info',
  (wire) => ({ ...wire, protocol: vlanProtocol.nameOf(wire.protocol) }),
  (value) => ({ ...value, protocol: vlanProtocol.valueOf(value.protocol) }),
);

const guid: Codec<{ vf: number; guid: bigint }> = mapped(
  structCodec(vfGuid),
  'struct ifla_vf_guid',
  ({ vf, guidLow, guidHigh }) => ({ vf, guid: BigInt(guidLow) | (BigInt(guidHigh) << 32n) }),
  ({ vf, guid: value }) => ({ vf, pad: 0, guidLow: Number(value & 0xffffffffn), guidHigh: Number(value >> 32n) }),
);

const vfStats_ = attributes('IFLA_VF_STATS', () => ({
  rxPackets: attr('IFLA_VF_STATS_RX_PACKETS', 0, n64),
  txPackets: attr('IFLA_VF_STATS_TX_PACKETS', 1, n64),
  rxBytes: attr('IFLA_VF_STATS_RX_BYTES', 2, n64),
  txBytes: attr('IFLA_VF_STATS_TX_BYTES', 3, n64),
  broadcast: attr('IFLA_VF_STATS_BROADCAST', 4, n64),
  multicast: attr('IFLA_VF_STATS_MULTICAST', 5, n64),
  pad: attr('IFLA_VF_STATS_PAD', 6, bytes),
  rxDropped: attr('IFLA_VF_STATS_RX_DROPPED', 7, n64),
  txDropped: attr('IFLA_VF_STATS_TX_DROPPED', 8, n64),
}));

/** Counters of a virtual function. */
export interface VfStatistics extends Infer<typeof vfStats_> {}

const vfInfo_ = attributes('IFLA_VF', () => ({
  mac: attr('IFLA_VF_MAC', 1, mac),
  vlan: attr('IFLA_VF_VLAN', 2, structCodec(vfVlan)),
  /** Megabits a second. */
  txRate: attr('IFLA_VF_TX_RATE', 3, structCodec(vfTxRate)),
  spoofCheck: attr('IFLA_VF_SPOOFCHK', 4, setting),
  linkState: attr('IFLA_VF_LINK_STATE', 5, linkState),
  /** Megabits a second. */
  rate: attr('IFLA_VF_RATE', 6, structCodec(vfRate)),
  rssQuery: attr('IFLA_VF_RSS_QUERY_EN', 7, setting),
  stats: attr('IFLA_VF_STATS', 8, nested<VfStatistics>(vfStats_)),
  trust: attr('IFLA_VF_TRUST', 9, setting),
  nodeGuid: attr('IFLA_VF_IB_NODE_GUID', 10, guid),
  portGuid: attr('IFLA_VF_IB_PORT_GUID', 11, guid),
  vlans: attr('IFLA_VF_VLAN_LIST', 12, listOf('IFLA_VF_VLAN_INFO', 1, vlanInfo)),
  /** struct ifla_vf_broadcast: 32 bytes, as many as the device's addresses have count. */
  broadcast: attr('IFLA_VF_BROADCAST', 13, bytes),
}));

/** IFLA_VF_INFO: one virtual function as it travels; every member repeats the number of the function. */
export interface VfInfo extends Infer<typeof vfInfo_> {}
const vfInfo: Codec<VfInfo> = vfInfo_;

export const vfInfoList: Codec<VfInfo[]> = listOf('IFLA_VF_INFO', 1, vfInfo);

/** A virtual function, as `ip link` shows it. */
export interface VirtualFunction {
  /** Number of the function. */
  vf: number;
  /** Hardware address: `02:00:00:00:00:01`. */
  mac?: string;
  /** VLAN that the function's frames get; 0: none. */
  vlan?: number;
  /** Priority within the VLAN. */
  qos?: number;
  /** Of the tag: `802.1Q` or `802.1ad`. */
  vlanProtocol?: ReturnType<typeof vlanProtocol.nameOf>;
  /** Megabits a second; 0: no limit. */
  maxTxRate?: number;
  /** Megabits a second. */
  minTxRate?: number;
  /** Whether frames with another source address than its own are dropped. */
  spoofCheck?: boolean;
  /** What it sees of its link: as the physical one is (`auto`), or always up (`enable`) or down (`disable`). */
  linkState?: ReturnType<typeof state.nameOf>;
  /** Whether it may read how its packets are spread over queues. */
  rssQuery?: boolean;
  /** Whether it may do what concerns others: be promiscuous, say. */
  trust?: boolean;
  /** InfiniBand: GUID of the node. */
  nodeGuid?: bigint;
  /** InfiniBand: GUID of the port. */
  portGuid?: bigint;
  /** Read only. */
  stats?: VfStatistics;
}

const unknownSetting = 0xffffffff;

/** From the wire to what callers see. The number is the one that the function says, not its place in the list. */
export function toVirtualFunction(info: VfInfo): VirtualFunction {
  const result: VirtualFunction = { vf: info.mac?.vf ?? info.vlan?.vf ?? 0 };
  if (info.mac !== undefined) result.mac = info.mac.mac;
  if (info.vlan !== undefined) Object.assign(result, { vlan: info.vlan.vlan, qos: info.vlan.qos });
  const vlan = info.vlans?.[0];
  if (vlan !== undefined) Object.assign(result, { vlan: vlan.vlan, qos: vlan.qos, vlanProtocol: vlan.protocol });
  if (info.rate !== undefined) Object.assign(result, { minTxRate: info.rate.minTxRate, maxTxRate: info.rate.maxTxRate });
  else if (info.txRate !== undefined) result.maxTxRate = info.txRate.rate;
  for (const member of ['spoofCheck', 'rssQuery', 'trust'] as const) {
    const value = info[member]?.setting;
    if (value !== undefined && value !== unknownSetting) result[member] = value !== 0;
  }
  if (info.linkState !== undefined) result.linkState = info.linkState.state;
  if (info.nodeGuid !== undefined) result.nodeGuid = info.nodeGuid.guid;
  if (info.portGuid !== undefined) result.portGuid = info.portGuid.guid;
  if (info.stats !== undefined) result.stats = info.stats;
  return result;
}

/** What `update` says of one function: only what is given. */
export function fromVirtualFunction(given: VirtualFunction): VfInfo {
  const { vf, vlan, qos = 0, vlanProtocol: protocol } = given;
  const info: VfInfo = {};
  if (given.mac !== undefined) info.mac = { vf, mac: given.mac };
  // the plain attribute knows 802.1Q only
  if (vlan !== undefined && protocol === undefined) info.vlan = { vf, vlan, qos };
  else if (vlan !== undefined) info.vlans = [{ vf, vlan, qos, protocol: protocol! }];
  else if (protocol !== undefined || given.qos !== undefined) throw new InputError('vlan', 'is needed with `qos` and `vlanProtocol`');
  if (given.minTxRate !== undefined || given.maxTxRate !== undefined) {
    if (given.minTxRate === undefined || given.maxTxRate === undefined)
      throw new InputError(given.minTxRate === undefined ? 'minTxRate' : 'maxTxRate', 'the kernel takes both rates or neither');
    info.rate = { vf, minTxRate: given.minTxRate, maxTxRate: given.maxTxRate };
  }
  for (const member of ['spoofCheck', 'rssQuery', 'trust'] as const) {
    const value = given[member];
    if (value !== undefined) info[member] = { vf, setting: Number(value) };
  }
  if (given.linkState !== undefined) info.linkState = { vf, state: given.linkState };
  if (given.nodeGuid !== undefined) info.nodeGuid = { vf, guid: given.nodeGuid };
  if (given.portGuid !== undefined) info.portGuid = { vf, guid: given.portGuid };
  return info;
}
