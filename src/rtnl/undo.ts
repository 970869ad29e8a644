/** Undoing what was done before something failed. */
import { NetloomError } from '../netlink/errors.ts';
import type { Program, RequestStep, RequestsStep, Step } from '../netlink/program.ts';

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
 * `Patience`), and that it comes to its end once it has changed something (`always`): for what {@link undoing} may have to undo.
 */
export function* settled<T>(body: Program<T>): Program<T> {
  let next = body.next();
  let changed = false;
  while (!next.done) {
    const step = next.value;
    const asking = step.op === 'request' || step.op === 'requests';
    const patient: Step = asking && step.patience === undefined ? { ...step, patience: changed ? 'always' : 'outcome' } : step;
    let result: unknown;
    try {
      result = yield patient;
      if (asking && changes(step)) changed = true;
    } catch (error) {
      next = body.throw(error);
      continue;
    }
    next = body.next(result);
  }
  return next.value;
}

/** Readings are answered by what they read. */
function changes(step: RequestStep | RequestsStep): boolean {
  const requests = step.op === 'request' ? [step.request] : step.requests;
  return requests.some(({ expects }) => expects === 'ack' || expects === 'echo');
}

function isGone(error: unknown): boolean {
  return error instanceof NetloomError && (error.code === 'ENODEV' || error.code === 'ENOENT');
}
