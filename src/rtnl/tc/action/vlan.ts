/** Tags of VLANs, and whole Ethernet headers, put on and taken off: tc-vlan(8). Source: include/uapi/linux/tc_act/tc_vlan.h. */
import { ethernetAddress } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { be16, checkInteger, s32, u8, u16 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { type TcProtocol, tcProtocol } from '../protocol.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcVlan = struct('tc_vlan', () => ({ ...genericFields, vlanAction: fields.s32 }));

const vlanAttributes_ = attributes('TCA_VLAN', () => ({
  tm: attr('TCA_VLAN_TM', 1, times),
  parms: attr('TCA_VLAN_PARMS', 2, structCodec(tcVlan)),
  id: attr('TCA_VLAN_PUSH_VLAN_ID', 3, u16),
  protocol: attr('TCA_VLAN_PUSH_VLAN_PROTOCOL', 4, be16),
  pad: attr('TCA_VLAN_PAD', 5, bytes),
  priority: attr('TCA_VLAN_PUSH_VLAN_PRIORITY', 6, u8),
  ethDst: attr('TCA_VLAN_PUSH_ETH_DST', 7, ethernetAddress),
  ethSrc: attr('TCA_VLAN_PUSH_ETH_SRC', 8, ethernetAddress),
}));
export interface VlanActionAttributes extends Infer<typeof vlanAttributes_> {}
export const vlanActionAttributes: Codec<VlanActionAttributes> = vlanAttributes_;

/** TCA_VLAN_ACT_*. */
const kinds = enumeration(s32, { pop: 1, push: 2, modify: 3, pop_eth: 4, push_eth: 5 });

/** Options of vlan. */
export interface VlanActionOptions extends TcActionState {
  /** `pop_eth` and `push_eth`: the Ethernet header. */
  action: 'pop' | 'push' | 'modify' | 'pop_eth' | 'push_eth';
  /** 0 to 4095. Needed with `push` and `modify`. */
  id?: number;
  /** Default: `802.1q`. */
  protocol?: TcProtocol;
  /** 0 to 7. Default: 0. */
  priority?: number;
  /** Needed with `push_eth`. */
  ethDst?: string;
  /** Needed with `push_eth`. */
  ethSrc?: string;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<VlanActionOptions>({
  action: true,
  id: true,
  protocol: true,
  priority: true,
  ethDst: true,
  ethSrc: true,
  control: true,
  index: true,
});

const largestId = 4095;

function toWire(options: VlanActionOptions): VlanActionAttributes {
  checkMembers(options, '', members);
  const { action, id, protocol, priority, ethDst, ethSrc } = options;
  const tagged = action === 'push' || action === 'modify';
  for (const [member, value, allowed, needed] of [
    ['id', id, tagged, tagged],
    ['protocol', protocol, tagged, false],
    ['priority', priority, tagged, false],
    ['ethDst', ethDst, action === 'push_eth', action === 'push_eth'],
    ['ethSrc', ethSrc, action === 'push_eth', action === 'push_eth'],
  ] as const) {
    if (value !== undefined && !allowed) throw new InputError(member, `is of no use with ${action}`);
    if (value === undefined && needed) throw new InputError(member, `is needed with ${action}`, 'ERR_INVALID_ARG_TYPE');
  }
  if (id !== undefined) inArgument('id', () => checkInteger(id, 0, largestId));
  if (priority !== undefined) inArgument('priority', () => checkInteger(priority, 0, 7));
  return {
    parms: { ...genericOf(options, 'pipe'), vlanAction: inArgument('action', () => kinds.valueOf(action)) },
    ...(id === undefined ? {} : { id }),
    ...(protocol === undefined ? {} : { protocol: inArgument('protocol', () => tcProtocol.valueOf(protocol)) }),
    ...(priority === undefined ? {} : { priority }),
    ...(ethDst === undefined ? {} : { ethDst }),
    ...(ethSrc === undefined ? {} : { ethSrc }),
  };
}

function fromWire({ parms, tm, id, protocol, priority, ethDst, ethSrc }: VlanActionAttributes): VlanActionOptions {
  return {
    action: kinds.nameOf(parms?.vlanAction ?? 0) as VlanActionOptions['action'],
    control: control.nameOf(parms?.action ?? 0),
    ...(id === undefined ? {} : { id }),
    ...(protocol === undefined ? {} : { protocol: tcProtocol.nameOf(protocol) }),
    ...(priority === undefined ? {} : { priority }),
    ...(ethDst === undefined ? {} : { ethDst }),
    ...(ethSrc === undefined ? {} : { ethSrc }),
    ...toldOf(parms, tm),
  };
}

export const vlanAction: Codec<VlanActionOptions> = mapped(vlanAttributes_, 'vlan', fromWire, toWire);
