/** Undoing what was done before something failed. */
import { NetloomError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';

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
        throw new AggregateError([error, undoError], `${(error as Error).message}; and what was done before could not be undone: ${(undoError as Error).message}`, { cause: error });
      }
    }
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof NetloomError && (error.code === 'ENODEV' || error.code === 'ENOENT');
}
