/** Reading the ruleset and changing it by what was read, as if nobody else did. */
import { NetlinkError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import { generation } from './generation.ts';

/** How often the work is done at the most: a machine that changes its ruleset all the time overtakes it each time. */
const defaultAttempts = 16;

/** Whether a transaction was refused because the ruleset is not of its generation any more. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'ERESTART';
}

/**
 * Runs `work` with the generation of the ruleset, which it gives to its transaction; and again from the start when somebody else changed the
 * ruleset in between, up to `attempts` times.
 *
 * @throws what `work` throws; NetlinkError `ERESTART` when it was overtaken each time
 */
export function* retrying<T>(work: (generation: number) => Program<T>, attempts = defaultAttempts): Program<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* work(yield* generation());
    } catch (error) {
      if (attempt >= attempts || !isOvertaken(error)) throw error;
    }
  }
}
