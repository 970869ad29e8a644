/** Deleting what may be gone already. */
import { NetlinkError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import type { Change } from './change/shared.ts';
import { transaction } from './transaction.ts';

/** Whether the kernel refused because something does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'ENOENT';
}

/** Carries a deletion out, unless there is nothing to delete, nor a table that it would be in. Works on every kernel, unlike NFT_MSG_DESTROY*. */
export function* ensureAbsent(deletion: Change): Program<void> {
  try {
    yield* transaction([deletion]);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
