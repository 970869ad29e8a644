/** Ids that a namespace has for others. Source: include/uapi/linux/net_namespace.h, rtnetlink(7), ip-netns(8) "list-id". */
import { type AttributeSet, attr, attributes } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { type Message, message, NETLINK_ROUTE } from '../netlink/message.ts';
import type { Operation, Request } from '../netlink/operation.ts';
import { ask, type Program } from '../netlink/program.ts';
import { s32, u32 } from '../netlink/scalar.ts';
import { fields, named, struct } from '../netlink/struct.ts';
import { messageFamily } from './family.ts';

const rtgenmsg = struct('rtgenmsg', () => ({ family: named(fields.u8, messageFamily) }));

const netnsIdAttributes_ = attributes('NETNSA', () => ({
  /** The id; -1 when the namespace has none here. */
  nsid: attr('NETNSA_NSID', 1, s32),
  pid: attr('NETNSA_PID', 2, u32),
  fd: attr('NETNSA_FD', 3, u32),
  targetNsid: attr('NETNSA_TARGET_NSID', 4, s32),
  currentNsid: attr('NETNSA_CURRENT_NSID', 5, s32),
}));
export interface NetnsIdAttributes extends Infer<typeof netnsIdAttributes_> {}
export const netnsIdAttributes: AttributeSet<NetnsIdAttributes> = netnsIdAttributes_;

const netnsIdMessage_ = message('NETNSA', rtgenmsg, netnsIdAttributes_);
export interface NetnsIdMessage extends Infer<typeof netnsIdMessage_> {}
export interface NetnsIdInput extends Partial<NetnsIdMessage> {}
export const netnsIdMessage: Message<NetnsIdMessage, NetnsIdInput> = netnsIdMessage_;

/** RTM_GETNSID. */
export const getNetnsId: Operation<NetnsIdInput, NetnsIdMessage> = {
  name: 'RTM_GETNSID',
  protocol: NETLINK_ROUTE,
  type: 90,
  body: netnsIdMessage,
  reply: netnsIdMessage,
};

/** Asks which id the namespace open as `fd` has in the one where the request runs. */
export function namespaceIdRequest(fd: number, subject: string): Request<NetnsIdMessage, 'reply'> {
  return { operation: getNetnsId, flags: 0, value: { fd }, expects: 'reply', subject };
}

/** The ids that the namespace where it runs has for others. */
export function* namespaceIds(): Program<number[]> {
  const all = yield* ask({ operation: getNetnsId, flags: 0, value: {}, expects: 'dump' as const, subject: 'ids of namespaces' });
  return all.flatMap(({ nsid }) => (nsid === undefined ? [] : [nsid]));
}
