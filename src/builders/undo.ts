/** Undoing what was done before something failed. */
import { NetloomError } from '../netlink/errors.ts';
import type { Program, Step } from '../netlink/program.ts';

/**
 * Runs `body`; if it throws, runs `undo` and throws the same error. An undo that fails as well is not hidden: both errors
 * are thrown, as an AggregateError. What is gone already is no failure of the undo.
 */
export function* undoing<T>(body: Program<T>, undo: () => Program<unknown>): Program<T> {
  try {
    return yield* body;
  } catch (error) {
    try {
      yield* undo();
    } catch (undoError) {
      if (!isGone(undoError)) {
        throw new AggregateError(
          [error, undoError],
          `${(error as Error).message}; and what was done before could not be undone: ${(undoError as Error).message}`,
          { cause: error },
        );
      }
    }
    throw error;
  }
}

/**
 * Runs `body` so that once it has sent something it learns what became of it, though the call is given up meanwhile (`outcome` of
 * `Patience`): for what {@link undoing} may have to undo.
 */
export function* settled<T>(body: Program<T>): Program<T> {
  let next = body.next();
  while (!next.done) {
    const step = next.value;
    const patient: Step =
      (step.op === 'request' || step.op === 'requests') && step.patience === undefined ? { ...step, patience: 'outcome' } : step;
    let result: unknown;
    try {
      result = yield patient;
    } catch (error) {
      next = body.throw(error);
      continue;
    }
    next = body.next(result);
  }
  return next.value;
}

function isGone(error: unknown): boolean {
  return error instanceof NetloomError && (error.code === 'ENODEV' || error.code === 'ENOENT');
}
