/** A filter by fields of headers: tc-flower(8). Source: include/uapi/linux/pkt_cls.h (TCA_FLOWER_*). */
import { ethernetAddress, ipv4Address, ipv6Address, maskByte, parsePrefix } from '../../../netlink/address.ts';
import { attr, attributes, type RawAttribute } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { be16, checkInteger, u8, u16, u32 } from '../../../netlink/scalar.ts';
import { interfaceName } from '../../../netlink/text.ts';
import { type IpProtocol, ipProtocol } from '../../ip-protocol.ts';
import { type TcAction, tcActions } from '../action/action.ts';
import { classId, filterFlags } from '../filter-fields.ts';
import type { TcHandle } from '../handle.ts';
import { type TcProtocol, tcProtocol } from '../protocol.ts';

const flowerAttributes_ = attributes('TCA_FLOWER', () => ({
  classId: attr('TCA_FLOWER_CLASSID', 1, classId),
  indev: attr('TCA_FLOWER_INDEV', 2, interfaceName),
  actions: attr('TCA_FLOWER_ACT', 3, tcActions),
  ethDst: attr('TCA_FLOWER_KEY_ETH_DST', 4, ethernetAddress),
  ethDstMask: attr('TCA_FLOWER_KEY_ETH_DST_MASK', 5, ethernetAddress),
  ethSrc: attr('TCA_FLOWER_KEY_ETH_SRC', 6, ethernetAddress),
  ethSrcMask: attr('TCA_FLOWER_KEY_ETH_SRC_MASK', 7, ethernetAddress),
  ethType: attr('TCA_FLOWER_KEY_ETH_TYPE', 8, be16),
  ipProto: attr('TCA_FLOWER_KEY_IP_PROTO', 9, ipProtocol),
  ipv4Src: attr('TCA_FLOWER_KEY_IPV4_SRC', 10, ipv4Address),
  ipv4SrcMask: attr('TCA_FLOWER_KEY_IPV4_SRC_MASK', 11, ipv4Address),
  ipv4Dst: attr('TCA_FLOWER_KEY_IPV4_DST', 12, ipv4Address),
  ipv4DstMask: attr('TCA_FLOWER_KEY_IPV4_DST_MASK', 13, ipv4Address),
  ipv6Src: attr('TCA_FLOWER_KEY_IPV6_SRC', 14, ipv6Address),
  ipv6SrcMask: attr('TCA_FLOWER_KEY_IPV6_SRC_MASK', 15, ipv6Address),
  ipv6Dst: attr('TCA_FLOWER_KEY_IPV6_DST', 16, ipv6Address),
  ipv6DstMask: attr('TCA_FLOWER_KEY_IPV6_DST_MASK', 17, ipv6Address),
  tcpSrc: attr('TCA_FLOWER_KEY_TCP_SRC', 18, be16),
  tcpDst: attr('TCA_FLOWER_KEY_TCP_DST', 19, be16),
  udpSrc: attr('TCA_FLOWER_KEY_UDP_SRC', 20, be16),
  udpDst: attr('TCA_FLOWER_KEY_UDP_DST', 21, be16),
  flags: attr('TCA_FLOWER_FLAGS', 22, filterFlags),
  vlanId: attr('TCA_FLOWER_KEY_VLAN_ID', 23, u16),
  vlanPriority: attr('TCA_FLOWER_KEY_VLAN_PRIO', 24, u8),
  vlanEthType: attr('TCA_FLOWER_KEY_VLAN_ETH_TYPE', 25, be16),
  tcpSrcMask: attr('TCA_FLOWER_KEY_TCP_SRC_MASK', 35, be16),
  tcpDstMask: attr('TCA_FLOWER_KEY_TCP_DST_MASK', 36, be16),
  udpSrcMask: attr('TCA_FLOWER_KEY_UDP_SRC_MASK', 37, be16),
  udpDstMask: attr('TCA_FLOWER_KEY_UDP_DST_MASK', 38, be16),
  sctpSrcMask: attr('TCA_FLOWER_KEY_SCTP_SRC_MASK', 39, be16),
  sctpDstMask: attr('TCA_FLOWER_KEY_SCTP_DST_MASK', 40, be16),
  sctpSrc: attr('TCA_FLOWER_KEY_SCTP_SRC', 41, be16),
  sctpDst: attr('TCA_FLOWER_KEY_SCTP_DST', 42, be16),
  inHwCount: attr('TCA_FLOWER_IN_HW_COUNT', 86, u32),
}));
export interface FlowerAttributes extends Infer<typeof flowerAttributes_> {}
export const flowerAttributes: Codec<FlowerAttributes> = flowerAttributes_;

const transports = ['tcp', 'udp', 'sctp'] as const;

/** Options of flower: all that is given must be so. */
export interface FlowerOptions {
  /** The class that packets belong to. */
  classId?: TcHandle;
  /** What is done with packets that match. */
  actions?: TcAction[];
  /** Only packets that came in by this link. */
  indev?: string;
  /** Hardware address that they come from. */
  ethSrc?: string;
  /** Hardware address that they go to. */
  ethDst?: string;
  /** Default: the protocol of the filter. */
  ethType?: TcProtocol;
  /** Their VLAN, 0 to 4095. */
  vlanId?: number;
  /** Priority within the VLAN, 0 to 7. */
  vlanPriority?: number;
  /** Protocol behind the tag. */
  vlanEthType?: TcProtocol;
  /** `tcp`, `udp`, `icmp`, … */
  ipProto?: IpProtocol;
  /** An address or a network. */
  src?: string;
  /** An address or a network. */
  dst?: string;
  /** Needs an `ipProto` that has ports. */
  sport?: number;
  /** Needs an `ipProto` that has ports. */
  dport?: number;
  /** Whether the hardware is to match, and whether it does. Source: pkt_cls.h (TCA_CLS_FLAGS_*). */
  flags?: FlowerAttributes['flags'];
  /** What netloom has no member for, byte for byte. */
  unknown?: RawAttribute[];
}

const members = memberNames<FlowerOptions>({
  classId: true,
  actions: true,
  indev: true,
  ethSrc: true,
  ethDst: true,
  ethType: true,
  vlanId: true,
  vlanPriority: true,
  vlanEthType: true,
  ipProto: true,
  src: true,
  dst: true,
  sport: true,
  dport: true,
  flags: true,
  unknown: true,
});

/** Members that are the same on the wire. */
const same = ['classId', 'actions', 'indev', 'vlanId', 'vlanPriority', 'flags', 'unknown'] as const;
const wholeEthernet = 'ff:ff:ff:ff:ff:ff';

function toWire(options: FlowerOptions): FlowerAttributes {
  checkMembers(options, '', members);
  const wire: Record<string, unknown> = {};
  for (const member of same) if (options[member] !== undefined) wire[member] = options[member];
  for (const member of ['ethSrc', 'ethDst'] as const) {
    if (options[member] === undefined) continue;
    wire[member] = options[member];
    wire[`${member}Mask`] = wholeEthernet;
  }
  for (const member of ['ethType', 'vlanEthType'] as const)
    if (options[member] !== undefined) wire[member] = inArgument(member, () => tcProtocol.valueOf(options[member]!));
  const ipProto = inArgument('ipProto', () => options.ipProto && ipProtocol.nameOf(ipProtocol.valueOf(options.ipProto)));
  if (ipProto !== undefined) wire['ipProto'] = ipProto;
  for (const end of ['src', 'dst'] as const) if (options[end] !== undefined) Object.assign(wire, network(options[end]!, end));
  for (const end of ['sport', 'dport'] as const) {
    const port = options[end];
    if (port === undefined) continue;
    const transport = transports.find((name) => name === ipProto);
    if (transport === undefined) throw new InputError(end, 'needs an ipProto that has ports: tcp, udp or sctp');
    inArgument(end, () => checkInteger(port, 0, 0xffff));
    wire[`${transport}${end === 'sport' ? 'Src' : 'Dst'}`] = port;
  }
  return wire as FlowerAttributes;
}

function network(text: string, end: 'src' | 'dst'): Record<string, string> {
  return inArgument(end, () => {
    const { family, address, length } = parsePrefix(text);
    const of = family === 'inet' ? ipv4Address : ipv6Address;
    const mask = Uint8Array.from({ length: family === 'inet' ? 4 : 16 }, (_, i) => maskByte(length, i));
    const key = `${family === 'inet' ? 'ipv4' : 'ipv6'}${end === 'src' ? 'Src' : 'Dst'}`;
    return { [key]: address, [`${key}Mask`]: of.decode(mask, 0, mask.length) };
  });
}

/** The length of a mask that is one of a network. */
function lengthOf(mask: string): number | undefined {
  const { bytes: all } = parsePrefix(mask);
  const length = all.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  return all.every((byte, i) => byte === maskByte(length, i)) ? length : undefined;
}

/** What cannot be said by the members of options is left to the caller as bytes: see {@link flower}. */
function fromWire(wire: FlowerAttributes): FlowerOptions {
  const options: Record<string, unknown> = {};
  for (const member of same) if (wire[member] !== undefined) options[member] = wire[member];
  for (const member of ['ethSrc', 'ethDst'] as const) if (wire[member] !== undefined) options[member] = wire[member];
  for (const member of ['ethType', 'vlanEthType'] as const)
    if (wire[member] !== undefined) options[member] = tcProtocol.nameOf(wire[member]);
  if (wire.ipProto !== undefined) options['ipProto'] = wire.ipProto;
  for (const [end, key] of [
    ['src', 'Src'],
    ['dst', 'Dst'],
  ] as const) {
    for (const [family, bits] of [
      ['ipv4', 32],
      ['ipv6', 128],
    ] as const) {
      const address = wire[`${family}${key}`];
      const mask = wire[`${family}${key}Mask`];
      if (address === undefined) continue;
      const length = mask === undefined ? bits : lengthOf(mask);
      options[end] = length === bits ? address : `${address}/${length ?? mask}`;
    }
    for (const transport of transports) {
      const port = wire[`${transport}${key}`];
      if (port !== undefined) options[end === 'src' ? 'sport' : 'dport'] = port;
    }
  }
  return options as FlowerOptions;
}

export const flower: Codec<FlowerOptions> = mapped(flowerAttributes_, 'flower', fromWire, toWire);
