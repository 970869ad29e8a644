/** What this machine does as a segment. Source: include/uapi/linux/seg6_local.h; ip-route(8) "ENCAP_SEG6LOCAL". */
import { ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import type { Infer } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration, type FlagsCodec, flags } from '../../../netlink/enumeration.ts';
import { n64, u8, u32 } from '../../../netlink/scalar.ts';
import { string } from '../../../netlink/text.ts';
import type { LinkRef } from '../../link/reference.ts';
import { routeTable } from '../enumerations.ts';
import type { EncapKind } from './kind.ts';
import { type SegmentRoutingHeader, segmentRoutingHeader, withDestination, withoutDestination } from './srh.ts';

const actions = {
  End: 1,
  'End.X': 2,
  'End.T': 3,
  'End.DX2': 4,
  'End.DX6': 5,
  'End.DX4': 6,
  'End.DT6': 7,
  'End.DT4': 8,
  'End.B6': 9,
  'End.B6.Encaps': 10,
  'End.BM': 11,
  'End.S': 12,
  'End.AS': 13,
  'End.AM': 14,
  'End.BPF': 15,
  'End.DT46': 16,
} as const;

/** SEG6_LOCAL_ACTION_* as ip-route(8) names them. */
export type Seg6LocalAction = Enumerated<typeof actions>;
const action = enumeration(u32, actions);

const seg6LocalBpf_ = attributes('SEG6_LOCAL_BPF', () => ({
  /** File descriptor of the loaded program; what the kernel says is the id of the program. */
  prog: attr('SEG6_LOCAL_BPF_PROG', 1, u32),
  /** What to show for it. */
  name: attr('SEG6_LOCAL_BPF_PROG_NAME', 2, string(255)),
}));
export interface Seg6LocalBpf extends Infer<typeof seg6LocalBpf_> {}
export const seg6LocalBpf: AttributeSet<Seg6LocalBpf> = seg6LocalBpf_;

const seg6LocalCounters_ = attributes('SEG6_LOCAL_CNT', () => ({
  packets: attr('SEG6_LOCAL_CNT_PACKETS', 2, n64),
  bytes: attr('SEG6_LOCAL_CNT_BYTES', 3, n64),
  errors: attr('SEG6_LOCAL_CNT_ERRORS', 4, n64),
}));
export interface Seg6LocalCounters extends Infer<typeof seg6LocalCounters_> {}
export const seg6LocalCounters: AttributeSet<Seg6LocalCounters> = seg6LocalCounters_;

/** Bit n is SEG6_LOCAL_FLV_OP_* n. */
const operations = { psp: 1 << 1, usp: 1 << 2, usd: 1 << 3, 'next-csid': 1 << 4 } as const;
const operation: FlagsCodec<typeof operations> = flags(u32, operations);

const seg6LocalFlavors_ = attributes('SEG6_LOCAL_FLV', () => ({
  /** `psp`, `usp`, `usd`, `next-csid`. */
  operations: attr('SEG6_LOCAL_FLV_OPERATION', 1, operation),
  /** With `next-csid`: bits of the locator block. */
  lblen: attr('SEG6_LOCAL_FLV_LCBLOCK_BITS', 2, u8),
  /** With `next-csid`: bits of the locator node function. */
  nflen: attr('SEG6_LOCAL_FLV_LCNODE_FN_BITS', 3, u8),
}));
export interface Seg6LocalFlavors extends Infer<typeof seg6LocalFlavors_> {}
export const seg6LocalFlavors: AttributeSet<Seg6LocalFlavors> = seg6LocalFlavors_;

const seg6LocalEncapAttributes_ = attributes('SEG6_LOCAL', () => ({
  action: attr('SEG6_LOCAL_ACTION', 1, action),
  /** `End.B6`, `End.B6.Encaps`: the segments to send along. */
  srh: attr('SEG6_LOCAL_SRH', 2, segmentRoutingHeader),
  /** `End.T`, `End.DT6`: the table to look up in. */
  table: attr('SEG6_LOCAL_TABLE', 3, routeTable),
  /** `End.DX4`: where to. */
  nh4: attr('SEG6_LOCAL_NH4', 4, ipv4Address),
  /** `End.X`, `End.DX6`: where to. */
  nh6: attr('SEG6_LOCAL_NH6', 5, ipv6Address),
  iif: attr('SEG6_LOCAL_IIF', 6, u32),
  /** `End.DX2`: the link to leave by. */
  oif: attr('SEG6_LOCAL_OIF', 7, u32),
  /** `End.BPF`. */
  bpf: attr('SEG6_LOCAL_BPF', 8, seg6LocalBpf_),
  /** `End.DT4`, `End.DT6`, `End.DT46`: the table of the VRF to look up in. */
  vrftable: attr('SEG6_LOCAL_VRFTABLE', 9, routeTable),
  counters: attr('SEG6_LOCAL_COUNTERS', 10, seg6LocalCounters_),
  flavors: attr('SEG6_LOCAL_FLAVORS', 11, seg6LocalFlavors_),
}));
export interface Seg6LocalEncapAttributes extends Infer<typeof seg6LocalEncapAttributes_> {}
export const seg6LocalEncapAttributes: AttributeSet<Seg6LocalEncapAttributes> = seg6LocalEncapAttributes_;

/** What this machine does with packets whose segment is the destination of the route. */
export interface Seg6LocalEncap extends Omit<Seg6LocalEncapAttributes, 'iif' | 'oif' | 'counters'> {
  /** LWTUNNEL_ENCAP_SEG6_LOCAL. */
  type: 'seg6local';
  /** Of actions that take one: the link that the packet is taken to have come in by. SEG6_LOCAL_IIF. */
  iif?: LinkRef;
  /** Of actions that take one: the link that the packet leaves by. SEG6_LOCAL_OIF. */
  oif?: LinkRef;
  /** Count packets: `true`, or what was counted, which starts at 0 again. */
  counters?: Seg6LocalCounters | true;
}

const nothingCounted: Seg6LocalCounters = { packets: 0, bytes: 0, errors: 0 };

/** Whether the packet keeps its header, so that its destination is the last segment. */
function isInline(how: unknown): boolean {
  return how === 'End.B6' || how === actions['End.B6'];
}

export const seg6LocalEncap: EncapKind = {
  number: 7,
  needs: 'CONFIG_IPV6_SEG6_LWTUNNEL',
  set: seg6LocalEncapAttributes_,
  links: ['iif', 'oif'],
  fromWire: (wire) =>
    isInline(wire['action']) && wire['srh'] !== undefined
      ? { ...wire, srh: withoutDestination(wire['srh'] as SegmentRoutingHeader) }
      : { ...wire },
  toWire(value) {
    const wire: Record<string, unknown> = { ...value };
    if (wire['counters'] === true) wire['counters'] = nothingCounted;
    if (isInline(wire['action']) && wire['srh'] !== undefined) wire['srh'] = withDestination(wire['srh'] as SegmentRoutingHeader);
    return wire;
  },
};
