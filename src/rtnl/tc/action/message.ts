/** Messages about actions by themselves: RTM_*ACTION. Source: include/uapi/linux/rtnetlink.h (struct tcamsg, TCA_ROOT_*, TCA_ACT_TAB). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Infer } from '../../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../../netlink/message.ts';
import type { Operation } from '../../../netlink/operation.ts';
import { u32 } from '../../../netlink/scalar.ts';
import { fields, type Struct, struct } from '../../../netlink/struct.ts';
import { string } from '../../../netlink/text.ts';
import { switches } from '../../link/switches.ts';
import { actionTable } from './action.ts';

const tcamsg_ = struct('tcamsg', () => ({ family: fields.u8, pad1: fields.u8, pad2: fields.u16 }));

/** The header of messages about actions. */
export interface TcaHeader extends Infer<typeof tcamsg_> {}
export const tcamsg: Struct<TcaHeader> = tcamsg_;

const rootAttributes_ = attributes('TCA_ROOT', () => ({
  actions: attr('TCA_ROOT_TAB', 1, actionTable),
  /** TCA_ACT_FLAG_*: without `largeDump` a listing ends after 32. */
  flags: attr('TCA_ROOT_FLAGS', 2, switches('nla_bitfield32', 'bits first', { largeDump: 1, terse: 2 })),
  count: attr('TCA_ROOT_COUNT', 3, u32),
  /** Milliseconds: only those that a packet met within them. */
  timeDelta: attr('TCA_ROOT_TIME_DELTA', 4, u32),
  warning: attr('TCA_ROOT_EXT_WARN_MSG', 5, string()),
}));

const actionMessage_ = message('TCA_ROOT', tcamsg_, rootAttributes_);

/** A message about actions as it travels. */
export interface TcActionMessage extends Infer<typeof actionMessage_> {}
/** What goes into one; header fields left out are zero. */
export interface TcActionMessageInput extends Partial<TcActionMessage> {}
export const actionMessage: Message<TcActionMessage, TcActionMessageInput> = actionMessage_;

/** RTM_NEWACTION and the others, as `ask` takes them. */
export type TcActionOperation = Operation<TcActionMessageInput, TcActionMessage>;

function operation(name: string, type: number): TcActionOperation {
  const needs = ({ actions }: TcActionMessageInput): string | undefined =>
    actions?.[0]?.kind === undefined ? undefined : `CONFIG_NET_ACT_${actions[0].kind.toUpperCase()}`;
  return { name, protocol: NETLINK_ROUTE, type, body: actionMessage, reply: actionMessage, needs };
}

export const newAction: TcActionOperation = operation('RTM_NEWACTION', 48);
export const deleteAction: TcActionOperation = operation('RTM_DELACTION', 49);
export const getAction: TcActionOperation = operation('RTM_GETACTION', 50);
