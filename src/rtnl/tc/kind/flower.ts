/** A filter by fields of headers: tc-flower(8). Source: include/uapi/linux/pkt_cls.h (TCA_FLOWER_*). */
import { ethernetAddress, ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes, type RawAttribute } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { be16, be32, bool8, checkInteger, show, u8, u16, u32 } from '../../../netlink/scalar.ts';
import { interfaceName } from '../../../netlink/text.ts';
import { Writer } from '../../../netlink/writer.ts';
import { type IpProtocol, ipProtocol } from '../../ip-protocol.ts';
import { type TcAction, tcActions } from '../action/action.ts';
import { classId, filterFlags } from '../filter-fields.ts';
import type { TcHandle } from '../handle.ts';
import { type TcProtocol, tcProtocol } from '../protocol.ts';
import {
  type Bits,
  bitsFromWire,
  bitsToWire,
  ctStates,
  ethernetFromWire,
  ethernetToWire,
  ipFlags,
  type Maskable,
  maskable,
  networkFromWire,
  networkToWire,
  numberFromWire,
  numberToWire,
} from './flower-keys.ts';

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
  encKeyId: attr('TCA_FLOWER_KEY_ENC_KEY_ID', 26, be32),
  encIpv4Src: attr('TCA_FLOWER_KEY_ENC_IPV4_SRC', 27, ipv4Address),
  encIpv4SrcMask: attr('TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK', 28, ipv4Address),
  encIpv4Dst: attr('TCA_FLOWER_KEY_ENC_IPV4_DST', 29, ipv4Address),
  encIpv4DstMask: attr('TCA_FLOWER_KEY_ENC_IPV4_DST_MASK', 30, ipv4Address),
  encIpv6Src: attr('TCA_FLOWER_KEY_ENC_IPV6_SRC', 31, ipv6Address),
  encIpv6SrcMask: attr('TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK', 32, ipv6Address),
  encIpv6Dst: attr('TCA_FLOWER_KEY_ENC_IPV6_DST', 33, ipv6Address),
  encIpv6DstMask: attr('TCA_FLOWER_KEY_ENC_IPV6_DST_MASK', 34, ipv6Address),
  tcpSrcMask: attr('TCA_FLOWER_KEY_TCP_SRC_MASK', 35, be16),
  tcpDstMask: attr('TCA_FLOWER_KEY_TCP_DST_MASK', 36, be16),
  udpSrcMask: attr('TCA_FLOWER_KEY_UDP_SRC_MASK', 37, be16),
  udpDstMask: attr('TCA_FLOWER_KEY_UDP_DST_MASK', 38, be16),
  sctpSrcMask: attr('TCA_FLOWER_KEY_SCTP_SRC_MASK', 39, be16),
  sctpDstMask: attr('TCA_FLOWER_KEY_SCTP_DST_MASK', 40, be16),
  sctpSrc: attr('TCA_FLOWER_KEY_SCTP_SRC', 41, be16),
  sctpDst: attr('TCA_FLOWER_KEY_SCTP_DST', 42, be16),
  encSport: attr('TCA_FLOWER_KEY_ENC_UDP_SRC_PORT', 43, be16),
  encSportMask: attr('TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK', 44, be16),
  encDport: attr('TCA_FLOWER_KEY_ENC_UDP_DST_PORT', 45, be16),
  encDportMask: attr('TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK', 46, be16),
  ipFlags: attr('TCA_FLOWER_KEY_FLAGS', 47, be32),
  ipFlagsMask: attr('TCA_FLOWER_KEY_FLAGS_MASK', 48, be32),
  icmpCode: attr('TCA_FLOWER_KEY_ICMPV4_CODE', 49, u8),
  icmpCodeMask: attr('TCA_FLOWER_KEY_ICMPV4_CODE_MASK', 50, u8),
  icmpType: attr('TCA_FLOWER_KEY_ICMPV4_TYPE', 51, u8),
  icmpTypeMask: attr('TCA_FLOWER_KEY_ICMPV4_TYPE_MASK', 52, u8),
  icmpv6Code: attr('TCA_FLOWER_KEY_ICMPV6_CODE', 53, u8),
  icmpv6CodeMask: attr('TCA_FLOWER_KEY_ICMPV6_CODE_MASK', 54, u8),
  icmpv6Type: attr('TCA_FLOWER_KEY_ICMPV6_TYPE', 55, u8),
  icmpv6TypeMask: attr('TCA_FLOWER_KEY_ICMPV6_TYPE_MASK', 56, u8),
  arpSenderIp: attr('TCA_FLOWER_KEY_ARP_SIP', 57, ipv4Address),
  arpSenderIpMask: attr('TCA_FLOWER_KEY_ARP_SIP_MASK', 58, ipv4Address),
  arpTargetIp: attr('TCA_FLOWER_KEY_ARP_TIP', 59, ipv4Address),
  arpTargetIpMask: attr('TCA_FLOWER_KEY_ARP_TIP_MASK', 60, ipv4Address),
  arpOperation: attr('TCA_FLOWER_KEY_ARP_OP', 61, u8),
  arpOperationMask: attr('TCA_FLOWER_KEY_ARP_OP_MASK', 62, u8),
  arpSender: attr('TCA_FLOWER_KEY_ARP_SHA', 63, ethernetAddress),
  arpSenderMask: attr('TCA_FLOWER_KEY_ARP_SHA_MASK', 64, ethernetAddress),
  arpTarget: attr('TCA_FLOWER_KEY_ARP_THA', 65, ethernetAddress),
  arpTargetMask: attr('TCA_FLOWER_KEY_ARP_THA_MASK', 66, ethernetAddress),
  mplsTtl: attr('TCA_FLOWER_KEY_MPLS_TTL', 67, u8),
  mplsBottom: attr('TCA_FLOWER_KEY_MPLS_BOS', 68, bool8),
  mplsTrafficClass: attr('TCA_FLOWER_KEY_MPLS_TC', 69, u8),
  mplsLabel: attr('TCA_FLOWER_KEY_MPLS_LABEL', 70, u32),
  tcpFlags: attr('TCA_FLOWER_KEY_TCP_FLAGS', 71, be16),
  tcpFlagsMask: attr('TCA_FLOWER_KEY_TCP_FLAGS_MASK', 72, be16),
  ipTos: attr('TCA_FLOWER_KEY_IP_TOS', 73, u8),
  ipTosMask: attr('TCA_FLOWER_KEY_IP_TOS_MASK', 74, u8),
  ipTtl: attr('TCA_FLOWER_KEY_IP_TTL', 75, u8),
  ipTtlMask: attr('TCA_FLOWER_KEY_IP_TTL_MASK', 76, u8),
  cvlanId: attr('TCA_FLOWER_KEY_CVLAN_ID', 77, u16),
  cvlanPriority: attr('TCA_FLOWER_KEY_CVLAN_PRIO', 78, u8),
  cvlanEthType: attr('TCA_FLOWER_KEY_CVLAN_ETH_TYPE', 79, be16),
  encTos: attr('TCA_FLOWER_KEY_ENC_IP_TOS', 80, u8),
  encTosMask: attr('TCA_FLOWER_KEY_ENC_IP_TOS_MASK', 81, u8),
  encTtl: attr('TCA_FLOWER_KEY_ENC_IP_TTL', 82, u8),
  encTtlMask: attr('TCA_FLOWER_KEY_ENC_IP_TTL_MASK', 83, u8),
  inHwCount: attr('TCA_FLOWER_IN_HW_COUNT', 86, u32),
  sportMin: attr('TCA_FLOWER_KEY_PORT_SRC_MIN', 87, be16),
  sportMax: attr('TCA_FLOWER_KEY_PORT_SRC_MAX', 88, be16),
  dportMin: attr('TCA_FLOWER_KEY_PORT_DST_MIN', 89, be16),
  dportMax: attr('TCA_FLOWER_KEY_PORT_DST_MAX', 90, be16),
  ctState: attr('TCA_FLOWER_KEY_CT_STATE', 91, u16),
  ctStateMask: attr('TCA_FLOWER_KEY_CT_STATE_MASK', 92, u16),
  ctZone: attr('TCA_FLOWER_KEY_CT_ZONE', 93, u16),
  ctZoneMask: attr('TCA_FLOWER_KEY_CT_ZONE_MASK', 94, u16),
  ctMark: attr('TCA_FLOWER_KEY_CT_MARK', 95, u32),
  ctMarkMask: attr('TCA_FLOWER_KEY_CT_MARK_MASK', 96, u32),
  hash: attr('TCA_FLOWER_KEY_HASH', 100, u32),
  hashMask: attr('TCA_FLOWER_KEY_HASH_MASK', 101, u32),
  vlanTags: attr('TCA_FLOWER_KEY_NUM_OF_VLANS', 102, u8),
  pppoeSession: attr('TCA_FLOWER_KEY_PPPOE_SID', 103, be16),
  pppProtocol: attr('TCA_FLOWER_KEY_PPP_PROTO', 104, be16),
  l2tpv3Session: attr('TCA_FLOWER_KEY_L2TPV3_SID', 105, be32),
  l2Miss: attr('TCA_FLOWER_L2_MISS', 106, bool8),
  spi: attr('TCA_FLOWER_KEY_SPI', 108, be32),
  spiMask: attr('TCA_FLOWER_KEY_SPI_MASK', 109, be32),
}));
export interface FlowerAttributes extends Infer<typeof flowerAttributes_> {}
export const flowerAttributes: Codec<FlowerAttributes> = flowerAttributes_;

const transports = ['tcp', 'udp', 'sctp'] as const;

/** Options of flower: all that is given must be so. Numbers that may have a mask are a number, or `{ value, mask }`. */
export interface FlowerOptions {
  /** The class that packets belong to. */
  classId?: TcHandle;
  /** What is done with packets that match. */
  actions?: TcAction[];
  /** Only packets that came in by this link. */
  indev?: string;
  /** A hardware address; with a mask `02:00:00:00:00:00/ff:00:00:00:00:00`. */
  ethSrc?: string;
  /** Likewise. */
  ethDst?: string;
  /** Default: the protocol of the filter. */
  ethType?: TcProtocol;
  /** Their VLAN, 0 to 4095. */
  vlanId?: number;
  /** Priority within the VLAN, 0 to 7. */
  vlanPriority?: number;
  /** Protocol behind the tag. */
  vlanEthType?: TcProtocol;
  /** Of the tag within. Needs `vlanEthType`. */
  cvlanId?: number;
  /** Of the tag within. */
  cvlanPriority?: number;
  /** Protocol behind the tag within. */
  cvlanEthType?: TcProtocol;
  /** How many tags it has. Linux 5.19. */
  vlanTags?: number;
  /** Session of PPPoE. Linux 6.0. */
  pppoeSession?: number;
  /** Protocol within PPPoE, by number. Linux 6.0. */
  pppProtocol?: number;
  /** `tcp`, `udp`, `icmp`, … */
  ipProto?: IpProtocol;
  /** An address or a network. */
  src?: string;
  /** An address or a network. */
  dst?: string;
  /** A port, or a range, `1000-2000`. Needs an `ipProto` that has ports. */
  sport?: Maskable | string;
  /** A port, or a range, `1000-2000`. Needs an `ipProto` that has ports. */
  dport?: Maskable | string;
  /** The 12 bits of flags of TCP. */
  tcpFlags?: Maskable;
  /** The field TOS of IPv4, or the traffic class of IPv6. */
  ipTos?: Maskable;
  /** TTL, or hop limit. */
  ipTtl?: Maskable;
  /** Whether it is a fragment, and the first one. */
  ipFlags?: Bits<typeof ipFlags>;
  /** Needs the `ipProto` icmp or icmpv6. */
  icmpType?: Maskable;
  /** Needs the `ipProto` icmp or icmpv6. */
  icmpCode?: Maskable;
  /** Security parameters index of IPsec. Linux 6.6. */
  spi?: Maskable;
  /** Needs the `ipProto` l2tp. Linux 6.1. */
  l2tpv3Session?: number;
  /** 1: request; 2: reply. */
  arpOperation?: Maskable;
  /** Addresses in a packet of ARP; networks and masks as above. */
  arpSenderIp?: string;
  /** Address of IPv4 that is asked for, or a network. */
  arpTargetIp?: string;
  /** Hardware address of who sends. */
  arpSender?: string;
  /** Hardware address that is asked for. */
  arpTarget?: string;
  /** The outermost label. */
  mplsLabel?: number;
  /** Traffic class of that label, 0 to 7. */
  mplsTrafficClass?: number;
  /** Whether that label is the last. */
  mplsBottom?: boolean;
  /** TTL of that label. */
  mplsTtl?: number;
  /** State of the connection, after an action ct: `{ tracked: true, new: false }`. */
  ctState?: Bits<typeof ctStates>;
  /** Zone of the connection. */
  ctZone?: Maskable;
  /** Mark of the connection. */
  ctMark?: Maskable;
  /** What the packet came in, on a link that takes in many tunnels: number of the tunnel, addresses, ports. */
  encKeyId?: number;
  /** Address that the tunnel came from, or a network. */
  encSrc?: string;
  /** Address that the tunnel went to, or a network. */
  encDst?: string;
  /** UDP port that the tunnel came from. */
  encSport?: Maskable;
  /** UDP port that the tunnel went to. */
  encDport?: Maskable;
  /** Field TOS of the tunnel. */
  encTos?: Maskable;
  /** TTL of the tunnel. */
  encTtl?: Maskable;
  /** Hash of the packet. */
  hash?: Maskable;
  /** Whether the bridge did not know where it goes. Linux 6.5. */
  l2Miss?: boolean;
  /** Whether the hardware is to match, and whether it does. Source: pkt_cls.h (TCA_CLS_FLAGS_*). */
  flags?: FlowerAttributes['flags'];
  /** What netloom has no member for, byte for byte. */
  unknown?: RawAttribute[];
}

const members = memberNames<FlowerOptions>({
  ...{ classId: true, actions: true, indev: true, ethSrc: true, ethDst: true, ethType: true, vlanId: true, vlanPriority: true },
  ...{ vlanEthType: true, cvlanId: true, cvlanPriority: true, cvlanEthType: true, vlanTags: true, pppoeSession: true, pppProtocol: true },
  ...{ ipProto: true, src: true, dst: true, sport: true, dport: true, tcpFlags: true, ipTos: true, ipTtl: true, ipFlags: true },
  ...{ icmpType: true, icmpCode: true, spi: true, l2tpv3Session: true, arpOperation: true, arpSenderIp: true, arpTargetIp: true },
  ...{ arpSender: true, arpTarget: true, mplsLabel: true, mplsTrafficClass: true, mplsBottom: true, mplsTtl: true, ctState: true },
  ...{ ctZone: true, ctMark: true, encKeyId: true, encSrc: true, encDst: true, encSport: true, encDport: true, encTos: true, encTtl: true },
  ...{ hash: true, l2Miss: true, flags: true, unknown: true },
});

/** Members that are the same on the wire. */
const same = [
  ...(['classId', 'actions', 'indev', 'vlanId', 'vlanPriority', 'cvlanId', 'cvlanPriority', 'vlanTags', 'pppoeSession'] as const),
  ...(['pppProtocol', 'l2tpv3Session', 'mplsLabel', 'mplsTrafficClass', 'mplsBottom', 'mplsTtl', 'encKeyId', 'l2Miss', 'flags'] as const),
  'unknown' as const,
];
const etherTypes = ['ethType', 'vlanEthType', 'cvlanEthType'] as const;
const hardware = ['ethSrc', 'ethDst', 'arpSender', 'arpTarget'] as const;
const numbers = Object.keys(maskable) as (keyof typeof maskable)[];
/** Members that are networks, and the names of their attributes by family. */
const networks = {
  src: (family: string) => `${family}Src`,
  dst: (family: string) => `${family}Dst`,
  encSrc: (family: string) => (family === 'ipv4' ? 'encIpv4Src' : 'encIpv6Src'),
  encDst: (family: string) => (family === 'ipv4' ? 'encIpv4Dst' : 'encIpv6Dst'),
  arpSenderIp: () => 'arpSenderIp',
  arpTargetIp: () => 'arpTargetIp',
} as const;
const networkMembers = Object.keys(networks) as (keyof typeof networks)[];
/** ETH_P_PPP_SES. */
const pppSession = 0x8864;
const allPorts = 0xffff;
const allOfIcmp = 0xff;

function toWire(options: FlowerOptions): FlowerAttributes {
  checkMembers(options, '', members);
  const wire: Record<string, unknown> = {};
  /** What a member says, where it is given. */
  const put = <K extends keyof FlowerOptions>(member: K, attributesOf: (value: NonNullable<FlowerOptions[K]>) => object): void => {
    const value = options[member];
    if (value !== undefined)
      Object.assign(
        wire,
        inArgument(member, () => attributesOf(value as NonNullable<FlowerOptions[K]>)),
      );
  };
  for (const member of same) put(member, (value) => ({ [member]: value }));
  for (const member of hardware) put(member, (value) => ethernetToWire(value, member));
  for (const member of etherTypes) put(member, (value) => ({ [member]: tcProtocol.valueOf(value) }));
  for (const member of networkMembers) put(member, (value) => networkToWire(value, networks[member]));
  for (const member of numbers) put(member, (value) => numberToWire(value, member, maskable[member]));
  put('ipFlags', (value) => bitsToWire(value, 'ipFlags', ipFlags));
  put('ctState', (value) => bitsToWire(value, 'ctState', ctStates));
  const ipProto = inArgument('ipProto', () => options.ipProto && ipProtocol.nameOf(ipProtocol.valueOf(options.ipProto)));
  if (ipProto !== undefined) wire['ipProto'] = ipProto;
  for (const end of ['sport', 'dport'] as const) put(end, (port) => portToWire(port, end, ipProto));
  for (const member of ['icmpType', 'icmpCode'] as const)
    put(member, (value) => {
      if (ipProto !== 'icmp' && ipProto !== 'icmpv6') throw new InputError('', 'needs the ipProto icmp or icmpv6');
      return numberToWire(value, ipProto === 'icmp' ? member : member.replace('icmp', 'icmpv6'), allOfIcmp);
    });
  return wire as FlowerAttributes;
}

function portToWire(port: Maskable | string, end: 'sport' | 'dport', ipProto: IpProtocol | undefined): Record<string, number> {
  const transport = transports.find((name) => name === ipProto);
  if (transport === undefined) throw new InputError('', 'needs an ipProto that has ports: tcp, udp or sctp');
  if (typeof port !== 'string') return numberToWire(port, `${transport}${end === 'sport' ? 'Src' : 'Dst'}`, allPorts);
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(port) ?? [];
  if (first === undefined || last === undefined) throw new InputError('', `expected a port or a range, "1000-2000", got ${show(port)}`);
  checkInteger(Number(last), 1, allPorts);
  // the kernel takes no range of one
  checkInteger(Number(first), 1, Number(last) - 1);
  return { [`${end}Min`]: Number(first), [`${end}Max`]: Number(last) };
}

function fromWire(wire: FlowerAttributes): FlowerOptions {
  const options: Record<string, unknown> = {};
  const read = wire as Record<string, unknown>;
  /** What an attribute and its mask say; what cannot be said by the members of options stays, byte for byte. */
  const take = (member: string, key: string, of: (value: never, mask: never) => unknown): void => {
    if (read[key] === undefined) return;
    const value = of(read[key] as never, read[`${key}Mask`] as never);
    if (value !== undefined) options[member] = value;
    else options['unknown'] = [...((options['unknown'] as RawAttribute[] | undefined) ?? []), ...rawOf(read, key)];
  };
  for (const member of same) take(member, member, (value) => value);
  for (const member of hardware) take(member, member, ethernetFromWire);
  for (const member of etherTypes) take(member, member, (value: number) => tcProtocol.nameOf(value));
  // for a session of PPPoE the kernel tells the EtherType of what it carries, which pppProtocol says already
  if ((wire.pppoeSession !== undefined || wire.pppProtocol !== undefined) && wire.vlanEthType === undefined)
    options['ethType'] = pppSession;
  for (const member of networkMembers)
    for (const [family, bits] of [
      ['ipv4', 32],
      ['ipv6', 128],
    ] as const)
      if (family === 'ipv4' || !member.startsWith('arp'))
        take(member, networks[member](family), (address: string, mask: string | undefined) => networkFromWire(address, mask, bits));
  for (const member of numbers)
    take(member, member, (value: number, mask: number | undefined) => numberFromWire(value, mask, maskable[member]));
  take('ipFlags', 'ipFlags', (value: number, mask: number) => bitsFromWire(value, mask, ipFlags));
  take('ctState', 'ctState', (value: number, mask: number) => bitsFromWire(value, mask, ctStates));
  if (wire.ipProto !== undefined) options['ipProto'] = wire.ipProto;
  for (const end of ['sport', 'dport'] as const) {
    for (const transport of transports)
      take(end, `${transport}${end === 'sport' ? 'Src' : 'Dst'}`, (value: number, mask: number | undefined) =>
        numberFromWire(value, mask, allPorts),
      );
    const [first, last] = [wire[`${end}Min`], wire[`${end}Max`]];
    if (first !== undefined && last !== undefined) options[end] = `${first}-${last}`;
  }
  for (const member of ['icmpType', 'icmpCode'] as const)
    for (const key of [member, member.replace('icmp', 'icmpv6')])
      take(member, key, (value: number, mask: number | undefined) => numberFromWire(value, mask, allOfIcmp));
  return options as FlowerOptions;
}

/** An attribute and its mask, as they would be sent. */
function rawOf(read: Record<string, unknown>, key: string): RawAttribute[] {
  const { declarations } = flowerAttributes_;
  return [key, `${key}Mask`].map((name): RawAttribute => {
    const { type, codec } = declarations[name as keyof typeof declarations]!;
    const writer = new Writer();
    codec.encode(writer, read[name] as never);
    return { type, data: Uint8Array.from(writer.bytes.subarray(0, writer.position)) };
  });
}

export const flower: Codec<FlowerOptions> = mapped(flowerAttributes_, 'flower', fromWire, toWire);
