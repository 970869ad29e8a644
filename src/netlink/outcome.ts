/** From what came over the wire to what the caller gets: a value, or an error with the caller's stack. Shared by both drivers. */
import { NetloomError } from './errors.ts';
import type { Result } from './flight.ts';
import type { Request } from './operation.ts';
import type { Outcome } from './program.ts';
import { refusal } from './refusal.ts';

/** How often a dump that changed under the kernel's hands is made again before that is an error. */
export const dumpAttempts = 10;

/**
 * The error a result stands for; undefined when it is a value. Called from the caller's own continuation, so that the
 * stack leads to the caller and not to the socket's reader.
 */
export function errorOf(request: Request, result: Result): Error | undefined {
  if (result.kind === 'refused') return refusal(request, result.failure);
  if (result.kind === 'value') return undefined;
  if (result.error instanceof NetloomError) Error.captureStackTrace(result.error, errorOf);
  return result.error;
}

/** @throws what {@link errorOf} gives */
export function answerOf(request: Request, result: Result): unknown {
  const error = errorOf(request, result);
  if (error !== undefined) throw error;
  return (result as Extract<Result, { kind: 'value' }>).value;
}

export function outcomeOf(request: Request, result: Result): Outcome<unknown> {
  if (result.kind === 'value') return { ok: true, value: result.value };
  return request.mayFail === true ? new LazyFailure(request, result) : { ok: false, error: errorOf(request, result)! };
}

class LazyFailure {
  readonly ok = false;
  readonly #request: Request;
  readonly #result: Result;
  #error: Error | undefined;

  constructor(request: Request, result: Result) {
    this.#request = request;
    this.#result = result;
  }

  get error(): Error {
    this.#error ??= errorOf(this.#request, this.#result)!;
    return this.#error;
  }
}

/** The answers of a transaction, or its first refusal. */
export function transactionValues(requests: readonly Request[], results: readonly Result[]): unknown[] {
  // the refusal of a message explains more than that of the brackets around it
  const failed = results.findIndex((result, i) => result.kind !== 'value' && requests[i]!.expects !== 'none');
  const index = failed >= 0 ? failed : results.findIndex((result) => result.kind !== 'value');
  if (index >= 0) throw errorOf(requests[index]!, results[index]!)!;
  return results.map((result) => (result as Extract<Result, { kind: 'value' }>).value);
}
