/** What can be asked of the kernel (operations), and what is asked (requests): plain data until it is sent. */
import type { Codec } from './codec.ts';
import type { ExtendedAck } from './errors.ts';
import type { Message } from './message.ts';

/** One message type of one protocol. */
export interface Operation<I = unknown, O = unknown> {
  /** Constant of the message type: `RTM_NEWLINK`. */
  readonly name: string;
  /** NETLINK_ROUTE, NETLINK_NETFILTER, … */
  readonly protocol: number;
  /** nlmsg_type. */
  readonly type: number;
  /** Body of the request. */
  // biome-ignore lint/suspicious/noExplicitAny: the decoded type of a request body is of no interest here
  readonly body: Message<any, I>;
  /** Body of the answers. */
  readonly reply: Codec<O>;
  /** The kernel takes no lock for it, so that it is sent in place: it cannot hold up the event loop, and the way to the thread pool takes longer than the rest. */
  readonly lockless?: true;
  /** By the errno's name: why it is forbidden to those who have every privilege, for the message. */
  readonly forbidden?: { readonly EPERM?: string; readonly EACCES?: string };
  /** What the kernel must have for it, for the message of an EOPNOTSUPP: `CONFIG_VETH`. */
  readonly needs?: (value: I, extack: ExtendedAck | undefined) => string | undefined;
}

/**
 * What answers a request:
 * - `ack`: success or an error; the ack itself may be left to a later request of the same datagram.
 * - `reply`: one message, or an error.
 * - `echo`: the change as the kernel made it (NLM_F_ECHO), then an ack.
 * - `dump`: any number of messages, then NLMSG_DONE.
 * - `none`: nothing (the brackets of an nf_tables transaction), unless it is refused.
 */
export type Expectation = 'ack' | 'reply' | 'echo' | 'dump' | 'none';

/** One message to the kernel. Immutable: it can be printed, tested, and sent several times. */
export interface Request<O = unknown, E extends Expectation = Expectation> {
  /** The message type and its schema. */
  // biome-ignore lint/suspicious/noExplicitAny: requests of different inputs share one queue
  readonly operation: Operation<any, O>;
  /** nlmsg_flags beyond those the expectation implies. */
  readonly flags: number;
  /** Body of the message, as the operation's schema takes it. */
  readonly value: object;
  /** What answers it. */
  readonly expects: E;
  /** What it is about, for errors: `veth "veth-r"`. */
  readonly subject: string;
  /** Replaces the attribute path in errors by what the caller called it. */
  readonly rename?: (path: string) => string;
  /** That it is refused is as good an answer as any: the error is made when it is looked at, if it is, since that takes longer than all the rest. Its stack leads less far then. */
  readonly mayFail?: boolean;
}

/** What a request with an expectation is answered with. */
export type Answer<O, E extends Expectation> = E extends 'reply' ? O : E extends 'dump' | 'echo' ? O[] : undefined;
