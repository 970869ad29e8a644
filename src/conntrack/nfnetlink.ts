/**
 * What all messages of conntrack have in common: subsystems, families, operations.
 * Sources: include/uapi/linux/netfilter/nfnetlink.h (NFNL_SUBSYS_*), include/uapi/linux/netfilter.h (NFPROTO_*).
 */
import type { IpFamily } from '../netlink/address.ts';
import type { AttributeSet, WithUnknown } from '../netlink/attributes.ts';
import { InputError, MalformedMessageError } from '../netlink/errors.ts';
import { type Message, message, NETLINK_NETFILTER, NLM_F_ACK } from '../netlink/message.ts';
import { type NfGenMsg, nfgenmsg } from '../netlink/nfgenmsg.ts';
import type { Operation } from '../netlink/operation.ts';
import { show } from '../netlink/scalar.ts';

/** Flow entries. */
export const NFNL_SUBSYS_CTNETLINK = 1;
/** Expectations. */
export const NFNL_SUBSYS_CTNETLINK_EXP = 2;
/** Timeout policies. */
export const NFNL_SUBSYS_CTNETLINK_TIMEOUT = 8;

const NFPROTO_IPV4 = 2;
const NFPROTO_IPV6 = 10;

/** NFPROTO_* of a family. @throws InputError naming `family` */
export function familyNumber(family: unknown): number {
  if (family === 'inet') return NFPROTO_IPV4;
  if (family === 'inet6') return NFPROTO_IPV6;
  throw new InputError('family', `${show(family)} is none of inet, inet6`);
}

/** @throws MalformedMessageError for a number that is neither IPv4 nor IPv6 */
export function familyName(number: number): IpFamily {
  if (number === NFPROTO_IPV4) return 'inet';
  if (number === NFPROTO_IPV6) return 'inet6';
  throw new MalformedMessageError('struct nfgenmsg', 0, `NFPROTO_IPV4 or NFPROTO_IPV6, found ${number}`);
}

/** Declares a message of conntrack. */
export function conntrackMessage<A extends WithUnknown>(label: string, set: AttributeSet<A>): Message<NfGenMsg & A, Partial<NfGenMsg> & A> {
  return message(label, nfgenmsg, set);
}

/** Declares one message type; its answers have the shape of `reply`, by default that of the request. */
export function conntrackOperation<O, I>(name: string, type: number, body: Message<O, I>, needs = 'CONFIG_NF_CT_NETLINK'): Operation<I, O> {
  return { name, protocol: NETLINK_NETFILTER, type, body, reply: body, needs: () => needs };
}

/**
 * Flags of a request for one object: an ack says that the answer is complete. The kernel marks it as one part of several (NLM_F_MULTI), and no
 * NLMSG_DONE follows.
 */
export const single: number = NLM_F_ACK;
