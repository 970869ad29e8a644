/** What to say when the network that something is about is gone. */
import { NotFoundError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { masterError } from '../rtnl/link/reference.ts';
import type { NetworkState } from './state.ts';

/** The error to throw instead, when the network's link is gone. */
export function* networkError(error: unknown, state: NetworkState): Program<unknown> {
  const reason = yield* masterError(error, state.index, '');
  return reason instanceof NotFoundError ? networkGone(state, error) : reason;
}

export function networkGone({ definition }: NetworkState, cause?: unknown): NotFoundError {
  return new NotFoundError('', `network ${show(definition.name)}`, 'ENOENT', { cause });
}
