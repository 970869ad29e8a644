/** Messages about ids of namespaces: RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID. Source: include/uapi/linux/net_namespace.h, rtnetlink(7). */
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation, Request } from '../../netlink/operation.ts';
import { ask, type Program } from '../../netlink/program.ts';
import { s32, u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct } from '../../netlink/struct.ts';
import { messageFamily } from '../family.ts';

const rtgenmsg_ = struct('rtgenmsg', () => ({ family: named(fields.u8, messageFamily) }));

/** The header of messages that have but a family. */
export interface GenericHeader extends Infer<typeof rtgenmsg_> {}
export const rtgenmsg: Struct<GenericHeader> = rtgenmsg_;

/** NETNSA_NSID_NOT_ASSIGNED: in an answer, none; in a request, any that is free. */
export const notAssigned = -1;

const netnsIdAttributes_ = attributes('NETNSA', () => ({
  /** The id; -1 when the namespace has none here. */
  nsid: attr('NETNSA_NSID', 1, s32),
  pid: attr('NETNSA_PID', 2, u32),
  fd: attr('NETNSA_FD', 3, u32),
  /** The namespace that the ids are of, by its id here. Default: that of the request. */
  targetNsid: attr('NETNSA_TARGET_NSID', 4, s32),
  /** With `targetNsid`: the id of the same namespace in that of the request. */
  currentNsid: attr('NETNSA_CURRENT_NSID', 5, s32),
}));
export interface NetnsIdAttributes extends Infer<typeof netnsIdAttributes_> {}
export const netnsIdAttributes: AttributeSet<NetnsIdAttributes> = netnsIdAttributes_;

const netnsIdMessage_ = message('NETNSA', rtgenmsg, netnsIdAttributes_);
export interface NetnsIdMessage extends Infer<typeof netnsIdMessage_> {}
export interface NetnsIdInput extends Partial<NetnsIdMessage> {}
export const netnsIdMessage: Message<NetnsIdMessage, NetnsIdInput> = netnsIdMessage_;

export type NetnsIdOperation = Operation<NetnsIdInput, NetnsIdMessage>;

function operation(name: string, type: number): NetnsIdOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: netnsIdMessage, reply: netnsIdMessage };
}

export const newNetnsId: NetnsIdOperation = operation('RTM_NEWNSID', 88);
/** The kernel sends it when an id goes; it takes none. */
export const deleteNetnsId: NetnsIdOperation = operation('RTM_DELNSID', 89);
export const getNetnsId: NetnsIdOperation = operation('RTM_GETNSID', 90);

/** Asks which id the namespace open as `fd` has in the one where the request runs. */
export function namespaceIdRequest(fd: number, subject: string): Request<NetnsIdMessage, 'reply'> {
  return { operation: getNetnsId, flags: 0, value: { fd }, expects: 'reply', subject };
}

/** The ids that the namespace where it runs has for others. */
export function* namespaceIds(): Program<number[]> {
  const all = yield* ask({ operation: getNetnsId, flags: 0, value: {}, expects: 'dump' as const, subject: 'ids of namespaces' });
  return all.flatMap(({ nsid }) => (nsid === undefined ? [] : [nsid]));
}
