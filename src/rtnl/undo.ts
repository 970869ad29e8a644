/** Undoing what was done before something failed. */
import { NetloomError, OutcomeUnknownError, TimeoutError } from '../netlink/errors.ts';
import { extended } from '../netlink/extended.ts';
import type { Request } from '../netlink/operation.ts';
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

/** What fails while several things are done of which each is to be done whatever becomes of the others. */
export class Failures {
  readonly #errors: unknown[] = [];

  /** Runs a program, and keeps what it throws for {@link throwIfAny}. */
  *collecting(body: () => Program<void>): Program<void> {
    try {
      yield* body();
    } catch (error) {
      this.#errors.push(error);
    }
  }

  /** Keeps what failed elsewhere. */
  add(error: unknown): void {
    this.#errors.push(error);
  }

  /** @throws what failed, an AggregateError when it is several */
  throwIfAny(): void {
    const errors = this.#errors;
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, errors.map((error) => (error as Error).message).join('; and '));
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
    let result: unknown;
    try {
      result = yield patient(step, changed);
      if (changes(step)) changed = true;
    } catch (error) {
      // it may have been carried out all the same
      if (changes(step) && (error instanceof TimeoutError || error instanceof OutcomeUnknownError)) changed = true;
      next = body.throw(error);
      continue;
    }
    next = body.next(result);
  }
  return next.value;
}

/** Until something is changed, requests that have not been sent may be given up, and so may all else; then nothing may. */
function patient(step: Step, changed: boolean): Step {
  if (changed) return insistent(step);
  const asking = step.op === 'request' || step.op === 'requests' || step.op === 'transaction';
  return asking && step.patience === undefined ? extended(step, { patience: 'outcome' as const }) : step;
}

/** A step that is taken whether or not the call is given up. */
export function insistent(step: Step): Step {
  switch (step.op) {
    case 'request':
    case 'requests':
    case 'transaction':
    case 'dump':
    case 'section':
    case 'pause':
    case 'sysctl':
      return extended(step, { patience: 'always' as const });
    default:
      return step;
  }
}

/** Readings are answered by what they read. */
function changes(step: Step): boolean {
  switch (step.op) {
    case 'request':
      return asksForChange(step.request);
    case 'requests':
    case 'transaction':
      return step.requests.some(asksForChange);
    case 'sysctl':
      return step.value !== undefined;
    default:
      return false;
  }
}

function asksForChange({ expects }: Request): boolean {
  return expects === 'ack' || expects === 'echo';
}

function isGone(error: unknown): boolean {
  return error instanceof NetloomError && (error.code === 'ENODEV' || error.code === 'ENOENT');
}
