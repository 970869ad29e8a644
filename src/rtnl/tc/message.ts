/** Messages of traffic control: RTM_*QDISC, RTM_*TCLASS, RTM_*TFILTER. Source: include/uapi/linux/rtnetlink.h (struct tcmsg, TCA_*). */
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { flag, u8, u32 } from '../../netlink/scalar.ts';
import { fields, type Struct, struct } from '../../netlink/struct.ts';
import { bytes, string } from '../../netlink/text.ts';
import { switches } from '../link/switches.ts';
import { classKinds, filterKinds, qdiscKinds } from './kinds.ts';
import { type KindTable, optionsAttribute } from './options.ts';
import { tcStats } from './statistics.ts';
import { classCounters, noCounters, qdiscCounters } from './xstats/kinds.ts';

const tcmsg_ = struct('tcmsg', () => ({
  family: fields.u8,
  reserved1: fields.u8,
  reserved2: fields.u16,
  /** Index of a link. */
  index: fields.s32,
  handle: fields.u32,
  parent: fields.u32,
  /** Of a filter its priority and, in network order, its protocol; of others what is of no use. */
  info: fields.u32,
}));

/** The header of messages of traffic control. */
export interface TcHeader extends Infer<typeof tcmsg_> {}
export const tcmsg: Struct<TcHeader> = tcmsg_;

const sizeTable = attributes('TCA_STAB', () => ({
  /** struct tc_sizespec. */
  base: attr('TCA_STAB_BASE', 1, bytes),
  data: attr('TCA_STAB_DATA', 2, bytes),
}));

const declare = (table: KindTable, counters: KindTable) =>
  ({
    kind: attr('TCA_KIND', 1, string(15)),
    options: optionsAttribute('TCA_OPTIONS', 2, 1, (kind) => (Object.hasOwn(table, kind) ? table[kind] : undefined)),
    /** struct tc_stats: the same as `stats2`, in 32 bits. */
    stats: attr('TCA_STATS', 3, bytes),
    /** Counters of the kind. */
    xstats: optionsAttribute('TCA_XSTATS', 4, 1, (kind) => (Object.hasOwn(counters, kind) ? counters[kind] : undefined)),
    rate: attr('TCA_RATE', 5, bytes),
    forwardCount: attr('TCA_FCNT', 6, bytes),
    stats2: attr('TCA_STATS2', 7, tcStats),
    sizeTable: attr('TCA_STAB', 8, sizeTable),
    pad: attr('TCA_PAD', 9, bytes),
    dumpInvisible: attr('TCA_DUMP_INVISIBLE', 10, flag),
    chain: attr('TCA_CHAIN', 11, u32),
    hwOffload: attr('TCA_HW_OFFLOAD', 12, u8),
    ingressBlock: attr('TCA_INGRESS_BLOCK', 13, u32),
    egressBlock: attr('TCA_EGRESS_BLOCK', 14, u32),
    dumpFlags: attr('TCA_DUMP_FLAGS', 15, switches('nla_bitfield32', 'bits first', { terse: 1 })),
    warning: attr('TCA_EXT_WARN_MSG', 16, string()),
  }) as const;

const qdiscAttributes_ = attributes('TCA', () => declare(qdiscKinds, qdiscCounters));
const classAttributes_ = attributes('TCA', () => declare(classKinds, classCounters));
const filterAttributes_ = attributes('TCA', () => declare(filterKinds, noCounters));

/** The attributes of messages of traffic control. */
export interface TcAttributes extends Infer<typeof qdiscAttributes_> {}
export const tcAttributes: AttributeSet<TcAttributes> = qdiscAttributes_;

const qdiscMessage_ = message('TCA', tcmsg_, qdiscAttributes_);

/** A message of traffic control as it travels: the fields of struct tcmsg and the TCA_ attributes. */
export interface TcMessage extends Infer<typeof qdiscMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface TcMessageInput extends Partial<TcMessage> {}
export const qdiscMessage: Message<TcMessage, TcMessageInput> = qdiscMessage_;
export const classMessage: Message<TcMessage, TcMessageInput> = message('TCA', tcmsg_, classAttributes_);
export const filterMessage: Message<TcMessage, TcMessageInput> = message('TCA', tcmsg_, filterAttributes_);

/** RTM_NEWQDISC and the other operations of traffic control, as `ask` takes them. */
export type TcOperation = Operation<TcMessageInput, TcMessage>;

function operation(name: string, type: number, body: typeof qdiscMessage, module: string): TcOperation {
  const needs = ({ kind }: TcMessageInput): string | undefined => (kind === undefined ? undefined : `${module}${kind.toUpperCase()}`);
  return { name, protocol: NETLINK_ROUTE, type, body, reply: body, needs };
}

export const newQdisc: TcOperation = operation('RTM_NEWQDISC', 36, qdiscMessage, 'CONFIG_NET_SCH_');
export const deleteQdisc: TcOperation = operation('RTM_DELQDISC', 37, qdiscMessage, 'CONFIG_NET_SCH_');
export const getQdisc: TcOperation = operation('RTM_GETQDISC', 38, qdiscMessage, 'CONFIG_NET_SCH_');
export const newTclass: TcOperation = operation('RTM_NEWTCLASS', 40, classMessage, 'CONFIG_NET_SCH_');
export const deleteTclass: TcOperation = operation('RTM_DELTCLASS', 41, classMessage, 'CONFIG_NET_SCH_');
export const getTclass: TcOperation = operation('RTM_GETTCLASS', 42, classMessage, 'CONFIG_NET_SCH_');
export const newTfilter: TcOperation = operation('RTM_NEWTFILTER', 44, filterMessage, 'CONFIG_NET_CLS_');
export const deleteTfilter: TcOperation = operation('RTM_DELTFILTER', 45, filterMessage, 'CONFIG_NET_CLS_');
export const getTfilter: TcOperation = operation('RTM_GETTFILTER', 46, filterMessage, 'CONFIG_NET_CLS_');
