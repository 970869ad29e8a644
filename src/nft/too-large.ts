/** Transactions that are larger than a datagram may be. */
import { NetloomError, SystemError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';

/**
 * A transaction does not fit the socket's send buffer, and nothing was sent: the kernel takes it in one datagram or not at all. With CAP_NET_ADMIN in the machine's
 * own user namespace the buffer is as large as is needed; without, it ends at the sysctl net.core.wmem_max (bytes, 212,992 by default).
 */
export class TransactionTooLargeError extends NetloomError {
  override name = 'TransactionTooLargeError';
  declare readonly code: 'EMSGSIZE';
  /** Messages it has, its brackets not counted. */
  readonly messages: number;

  constructor(messages: number, cause: SystemError) {
    super(
      `transaction of ${messages} messages: EMSGSIZE: larger than the send buffer, which ends at net.core.wmem_max for those without CAP_NET_ADMIN: raise that (sysctl -w net.core.wmem_max=…), run as root, or make several transactions`,
      'EMSGSIZE',
      { errno: cause.errno, cause },
    );
    this.messages = messages;
  }
}

/** Runs a transaction of so many messages. @throws TransactionTooLargeError in place of the error of send(2) */
export function* sizeTold<T>(messages: number, run: () => Program<T>): Program<T> {
  try {
    return yield* run();
  } catch (error) {
    throw error instanceof SystemError && error.code === 'EMSGSIZE' ? new TransactionTooLargeError(messages, error) : error;
  }
}
