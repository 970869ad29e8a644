/** What is to be said of requests when an error of the socket has cost their answers. */
import { describe } from './dump-reader.ts';
import { OutcomeUnknownError, SystemError } from './errors.ts';
import type { Request } from './operation.ts';

/** The error for each request whose answer `error`, thrown by a receive, has cost. */
export function loss(error: unknown): (request: Request) => Error {
  if (error instanceof SystemError && error.code === 'ENOBUFS') return (request) => new OutcomeUnknownError(describe(request));
  return (request) => new OutcomeUnknownError(describe(request), error as Error);
}

/** Whether `error` says that the descriptor is not the socket it was: somebody has closed it, and its number may be another file's. */
export function isGone(error: unknown): error is SystemError {
  return error instanceof SystemError && (error.code === 'EBADF' || error.code === 'ENOTSOCK');
}

/** A receive that fails so many times in a row will not stop failing. */
export const maxFailures = 100;
