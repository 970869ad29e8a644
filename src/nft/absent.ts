/** Deleting what may be gone already. */
import type { Program } from '../netlink/program.ts';
import type { Change } from './change/shared.ts';
import { isMissing } from './missing.ts';
import { transaction } from './transaction.ts';

/** Carries a deletion out, unless there is nothing to delete, nor a table that it would be in. Works on every kernel, unlike NFT_MSG_DESTROY*. */
export function* ensureAbsent(deletion: Change): Program<void> {
  try {
    yield* transaction([deletion]);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
