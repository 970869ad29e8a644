/** Messages of nexthop objects: RTM_*NEXTHOP, RTM_*NEXTHOPBUCKET. Source: include/uapi/linux/nexthop.h. */
import { ipAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes, listOf } from '../../netlink/attributes.ts';
import { type Codec, codec, type Infer, mapped } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { bool32, checkInteger, flag, n64, show, u16, u32 } from '../../netlink/scalar.ts';
import { fields, type Struct, struct } from '../../netlink/struct.ts';
import { uint } from '../integer.ts';
import { encapAttribute, encapNeeds, encapType } from '../route/encap/encap.ts';

const nhmsg_ = struct('nhmsg', () => ({
  family: fields.u8,
  /** RT_SCOPE_*; the kernel says it, and takes none. */
  scope: fields.u8,
  /** RTPROT_*. */
  protocol: fields.u8,
  reserved: fields.u8,
  /** RTNH_F_*. */
  flags: fields.u32,
}));

/** The header of a message of nexthop objects. */
export interface NexthopObjectHeader extends Infer<typeof nhmsg_> {}
export const nhmsg: Struct<NexthopObjectHeader> = nhmsg_;

const nexthopGrp = struct('nexthop_grp', () => ({
  id: fields.u32,
  /** The low byte of the weight less one. */
  weightLow: fields.u8,
  /** The high byte of it. Linux 6.12. */
  weightHigh: fields.u8,
  reserved: fields.u16,
}));

/** A member of a group. */
export interface GroupMember {
  /** Id of a nexthop object. */
  id: number;
  /** Share of the traffic, 1 to 65,535; up to 256 before Linux 6.12. */
  weight: number;
}

/** struct nexthop_grp, one after another. */
const group: Codec<GroupMember[]> = codec<GroupMember[]>('nexthop_grp[]', {
  decode(source, offset, length) {
    if (length % nexthopGrp.size !== 0)
      throw new MalformedMessageError('struct nexthop_grp[]', offset, `a multiple of ${nexthopGrp.size} bytes, found ${length}`);
    return Array.from({ length: length / nexthopGrp.size }, (_, i) => {
      const { id, weightLow, weightHigh } = nexthopGrp.read(source, offset + i * nexthopGrp.size);
      return { id, weight: (weightLow | (weightHigh << 8)) + 1 };
    });
  },
  encode(writer, value) {
    if (!Array.isArray(value)) throw new InputError('', `expected an array, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    for (const { id, weight } of value as GroupMember[]) {
      checkInteger(weight, 1, 65_535);
      const less = weight - 1;
      nexthopGrp.write(writer.bytes, writer.reserve(nexthopGrp.size), { id, weightLow: less & 0xff, weightHigh: less >>> 8 });
    }
  },
});

/** USER_HZ. */
const ticksPerSecond = 100;
const seconds32 = mapped(
  u32,
  'hundredths of a second',
  (ticks) => ticks / ticksPerSecond,
  (value) => Math.round(value * ticksPerSecond),
);
const seconds64 = mapped(
  n64,
  'hundredths of a second',
  (ticks) => ticks / ticksPerSecond,
  (value) => Math.round(value * ticksPerSecond),
);

const resilientGroup_ = attributes('NHA_RES_GROUP', () => ({
  buckets: attr('NHA_RES_GROUP_BUCKETS', 1, u16),
  /** Seconds. */
  idleTimer: attr('NHA_RES_GROUP_IDLE_TIMER', 2, seconds32),
  /** Seconds. */
  unbalancedTimer: attr('NHA_RES_GROUP_UNBALANCED_TIMER', 3, seconds32),
  /** Seconds. Read only. */
  unbalancedTime: attr('NHA_RES_GROUP_UNBALANCED_TIME', 4, seconds64),
}));
export interface ResilientGroupAttributes extends Infer<typeof resilientGroup_> {}
export const resilientGroup: AttributeSet<ResilientGroupAttributes> = resilientGroup_;

const resilientBucket_ = attributes('NHA_RES_BUCKET', () => ({
  index: attr('NHA_RES_BUCKET_INDEX', 1, u16),
  /** Seconds. */
  idleTime: attr('NHA_RES_BUCKET_IDLE_TIME', 2, seconds64),
  nexthopId: attr('NHA_RES_BUCKET_NH_ID', 3, u32),
}));
export interface ResilientBucketAttributes extends Infer<typeof resilientBucket_> {}
export const resilientBucket: AttributeSet<ResilientBucketAttributes> = resilientBucket_;

const groupStatisticsEntry_ = attributes('NHA_GROUP_STATS_ENTRY', () => ({
  id: attr('NHA_GROUP_STATS_ENTRY_ID', 1, u32),
  packets: attr('NHA_GROUP_STATS_ENTRY_PACKETS', 2, uint),
  /** Of these, those that hardware forwarded. */
  packetsHw: attr('NHA_GROUP_STATS_ENTRY_PACKETS_HW', 3, uint),
}));
export interface GroupStatisticsEntry extends Infer<typeof groupStatisticsEntry_> {}
export const groupStatisticsEntry: AttributeSet<GroupStatisticsEntry> = groupStatisticsEntry_;

const operationFlags = flags(u32, { dump_stats: 0x1, dump_hw_stats: 0x2, resp_grp_resvd_0: 0x80000000 });

const nexthopObjectAttributes_ = attributes('NHA', () => ({
  id: attr('NHA_ID', 1, u32),
  group: attr('NHA_GROUP', 2, group),
  groupType: attr('NHA_GROUP_TYPE', 3, enumeration(u16, { mpath: 0, resilient: 1 })),
  blackhole: attr('NHA_BLACKHOLE', 4, flag),
  /** Index of a link. */
  oif: attr('NHA_OIF', 5, u32),
  gateway: attr('NHA_GATEWAY', 6, ipAddress),
  /** LWTUNNEL_ENCAP_* (include/uapi/linux/lwtunnel.h): how to read `encap`. */
  encapType: attr('NHA_ENCAP_TYPE', 7, encapType),
  encap: encapAttribute('NHA_ENCAP', 8, 7),
  /** In a dump request: groups alone. */
  groups: attr('NHA_GROUPS', 9, flag),
  /** In a dump request: those on ports of this link. */
  master: attr('NHA_MASTER', 10, u32),
  fdb: attr('NHA_FDB', 11, flag),
  resilient: attr('NHA_RES_GROUP', 12, resilientGroup_),
  bucket: attr('NHA_RES_BUCKET', 13, resilientBucket_),
  operationFlags: attr('NHA_OP_FLAGS', 14, operationFlags),
  groupStats: attr('NHA_GROUP_STATS', 15, listOf('NHA_GROUP_STATS_ENTRY', 1, groupStatisticsEntry_)),
  hwStatsEnable: attr('NHA_HW_STATS_ENABLE', 16, bool32),
  hwStatsUsed: attr('NHA_HW_STATS_USED', 17, bool32),
}));

/** The attributes of a message of nexthop objects. */
export interface NexthopObjectAttributes extends Infer<typeof nexthopObjectAttributes_> {}
export const nexthopObjectAttributes: AttributeSet<NexthopObjectAttributes> = nexthopObjectAttributes_;

const nexthopObjectMessage_ = message('NHA', nhmsg_, nexthopObjectAttributes_);

/** A message of nexthop objects as it travels: the fields of struct nhmsg and the NHA_ attributes. */
export interface NexthopObjectMessage extends Infer<typeof nexthopObjectMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface NexthopObjectMessageInput extends Partial<NexthopObjectMessage> {}
export const nexthopObjectMessage: Message<NexthopObjectMessage, NexthopObjectMessageInput> = nexthopObjectMessage_;

/** RTM_NEWNEXTHOP and the other operations on nexthop objects, as `ask` takes them. */
export type NexthopOperation = Operation<NexthopObjectMessageInput, NexthopObjectMessage>;

function needs(value: NexthopObjectMessageInput): string {
  return value.encapType === undefined ? 'nexthop objects (Linux 5.3)' : encapNeeds(value.encapType);
}

function operation(name: string, type: number): NexthopOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: nexthopObjectMessage, reply: nexthopObjectMessage, needs };
}

export const newNexthop: NexthopOperation = operation('RTM_NEWNEXTHOP', 104);
export const deleteNexthop: NexthopOperation = operation('RTM_DELNEXTHOP', 105);
export const getNexthop: NexthopOperation = operation('RTM_GETNEXTHOP', 106);
/** The kernel tells of a bucket that got another nexthop. */
export const newNexthopBucket: NexthopOperation = operation('RTM_NEWNEXTHOPBUCKET', 116);
export const deleteNexthopBucket: NexthopOperation = operation('RTM_DELNEXTHOPBUCKET', 117);
export const getNexthopBucket: NexthopOperation = operation('RTM_GETNEXTHOPBUCKET', 118);
