/** That the actions which a filter is to share are there: of a number that is free the kernel would make one, with options that nobody said. */
import { NetlinkError, NotFoundError } from '../../../netlink/errors.ts';
import { askEach, type Program } from '../../../netlink/program.ts';
import type { TcAction } from './action.ts';
import { getAction } from './message.ts';

/** @throws NotFoundError naming the action of a filter that shares one which is not there */
export function* checkShared(actions: readonly TcAction[]): Program<void> {
  const shared = actions.flatMap(({ kind, bind }, at) => (bind === undefined ? [] : [{ kind, index: bind, at }]));
  if (shared.length === 0) return;
  const outcomes = yield* askEach(
    shared.map(({ kind, index }) => ({
      operation: getAction,
      flags: 0,
      value: { actions: [{ kind, index }] },
      expects: 'reply' as const,
      subject: `action ${kind} ${index}`,
    })),
  );
  for (const [i, outcome] of outcomes.entries()) {
    const { kind, index, at } = shared[i]!;
    if (outcome.ok) continue;
    const { error } = outcome;
    if (!(error instanceof NetlinkError) || (error.code !== 'ENOENT' && error.code !== 'EINVAL')) throw error;
    throw new NotFoundError(`options.actions[${at}].bind`, `action ${kind} ${index}`, 'ENOENT', { cause: error });
  }
}
