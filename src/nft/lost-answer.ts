/** Transactions whose answer was lost: what became of them. */
import { NetloomError, OutcomeUnknownError, TimeoutError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import { generation } from './generation.ts';

/**
 * The kernel's answer to a transaction was lost (the receive buffer was full) or did not come in time, and the generation of the ruleset was
 * looked at for what became of it.
 */
export class TransactionOutcomeError extends NetloomError {
  override name = 'TransactionOutcomeError';
  /**
   * - false: the ruleset is as it was before. Nothing has changed.
   * - true: exactly one transaction was carried out since; if nobody else changed the ruleset at that moment, it was this one.
   * - undefined: several were, so that it may have been one of them.
   */
  readonly committed: boolean | undefined;
  /** Generation of the ruleset before the transaction was sent. */
  readonly before: number;
  /** Generation of the ruleset after its answer was lost. */
  readonly after: number;

  constructor(before: number, after: number, cause: Error) {
    const code = cause instanceof NetloomError ? cause.code : 'EIO';
    const committed = after === before ? false : after - before === 1 ? true : undefined;
    const outcome =
      committed === false
        ? 'it was not carried out: the ruleset is of the same generation'
        : committed === true
          ? 'it was carried out, unless somebody else changed the ruleset at that moment: one transaction was'
          : `whether it was carried out is unknown: ${(after - before) >>> 0} transactions were`;
    super(`transaction: the kernel's answer was lost (${cause.message}); ${outcome}`, code, { cause });
    this.committed = committed;
    this.before = before;
    this.after = after;
  }
}

/** Whether an error means that what was sent may have been carried out. */
function isLost(error: unknown): error is Error {
  return error instanceof OutcomeUnknownError || error instanceof TimeoutError;
}

/**
 * Runs a transaction that was begun at the generation `before`. @throws TransactionOutcomeError in place of the error that its answer was lost
 */
export function* outcomeTold<T>(before: number | undefined, run: () => Program<T>): Program<T> {
  try {
    return yield* run();
  } catch (error) {
    if (before === undefined || !isLost(error)) throw error;
    throw new TransactionOutcomeError(before, yield* generation(), error);
  }
}
