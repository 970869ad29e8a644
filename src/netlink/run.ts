/**
 * A program that asks one thing after another, run without an async function: tens of thousands of them may wait at the same time, and what
 * each keeps alive is what they cost. An answer is given to the program at once; so most are over, and forgotten, before their caller looks.
 *
 * An error is not made where the answer comes in, whose stack leads to the socket, but in a continuation that the promise of the caller
 * follows: V8 then finds the async functions that wait for it. Success, which is what hundreds of thousands have in common, needs no such thing.
 */
import { NetloomError } from './errors.ts';
import type { Result, Waiter } from './flight.ts';
import type { Request } from './operation.ts';
import { errorOf } from './outcome.ts';
import type { CallOptions, Program, RequestStep, Step } from './program.ts';

/** What a run needs of the host. */
export interface Steps {
  /** Asks; `waiter` learns the result. @throws InputError, SystemError, ClosedError: nothing was sent then */
  submitOne(step: RequestStep, options: CallOptions, waiter: Waiter): void;
  /** Carries out the other steps, from `next` on to the end of the program. */
  runSteps<T>(program: Program<T>, next: IteratorResult<Step, T>, options: CallOptions): Promise<T>;
}

/** Whether a step is one request with one answer. */
export function isPlain(step: Step): step is RequestStep {
  return step.op === 'request' && step.request.expects !== 'dump';
}

let resolveLast: (value: unknown) => void;
/** One function for all promises: a closure for each would be kept as long as the promise. */
const executor = (resolve: (value: unknown) => void): void => {
  resolveLast = resolve;
};

export class Run<T> implements Waiter {
  private readonly steps: Steps;
  private readonly program: Program<T>;
  private readonly options: CallOptions;
  private request: Request | undefined = undefined;
  private resolve: (value: unknown) => void = resolveLast;

  constructor(steps: Steps, program: Program<T>, options: CallOptions) {
    this.steps = steps;
    this.program = program;
    this.options = options;
  }

  /** Goes on with a program that has yielded `next`. */
  go(next: IteratorResult<Step, T>): Promise<T> {
    const promise = new Promise(executor);
    this.resolve = resolveLast;
    this.follow(next);
    return promise as Promise<T>;
  }

  private follow(next: IteratorResult<Step, T>): void {
    for (;;) {
      if (next.done === true) {
        this.resolve(next.value);
        return;
      }
      const step = next.value;
      if (!isPlain(step)) {
        this.resolve(this.steps.runSteps(this.program, next, this.options));
        return;
      }
      this.request = step.request;
      try {
        this.steps.submitOne(step, this.options, this);
        return;
      } catch (error) {
        try {
          next = this.program.throw(error);
        } catch (thrown) {
          this.fail({ thrown });
          return;
        }
      }
    }
  }

  settled(result: Result): void {
    if (result.kind !== 'value') {
      this.fail({ result });
      return;
    }
    let next: IteratorResult<Step, T>;
    try {
      next = this.program.next(result.value);
    } catch (thrown) {
      this.fail({ thrown });
      return;
    }
    this.follow(next);
  }

  /** Lets the promise follow one whose continuation makes the error: a turn later, as it must know by then who waits for it. */
  private fail(trouble: Trouble): void {
    this.resolve(
      Promise.resolve(trouble)
        .then(itself)
        .then((what) => this.raise(what)),
    );
  }

  /** Throws, where V8 finds who waits, what went wrong, unless the program has an answer to it. */
  private raise(what: Trouble): T | Promise<T> {
    if ('thrown' in what) throw recaptured(what.thrown);
    const next = this.program.throw(errorOf(this.request!, what.result)!);
    return next.done === true ? next.value : this.go(next);
  }
}

/** A request that failed, or what the program has thrown at an answer. */
type Trouble = { readonly result: Result } | { readonly thrown: unknown };

function itself<V>(value: V): V {
  return value;
}

function recaptured(error: unknown): unknown {
  if (error instanceof NetloomError) Error.captureStackTrace(error, recaptured);
  return error;
}
