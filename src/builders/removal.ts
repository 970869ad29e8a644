/** Removing rules by their handle, which may have been kept in a file while the namespace went. */
import { NotFoundError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import { type ForwardAcceptHandle, removeForwardAccept as removeForwardAcceptRules } from '../nft/forward-accept.ts';
import { type MasqueradeHandle, removeMasquerade as removeMasqueradeRule } from '../nft/masquerade.ts';
import type { WhereOptions } from './links.ts';

/**
 * Removes the rule that `masquerade` made; with the last one go the chain and the table. A rule that is gone already is no error, and
 * with its namespace it is gone.
 *
 * @throws InputError, NetlinkError; ClosedError when `netns` is a closed handle
 */
export function* removeMasquerade(handle: MasqueradeHandle, options: WhereOptions = {}): Program<void> {
  yield* unlessGone(removeMasqueradeRule(handle, options));
}

/** Removes the rules that `addForwardAccept` made, as {@link removeMasquerade} does. @throws InputError, NetlinkError, ClosedError */
export function* removeForwardAccept(handle: ForwardAcceptHandle, options: WhereOptions = {}): Program<void> {
  yield* unlessGone(removeForwardAcceptRules(handle, options));
}

/** A namespace that is gone has no rules. */
export function* unlessGone(program: Program<void>): Program<void> {
  try {
    yield* program;
  } catch (error) {
    if (!(error instanceof NotFoundError) || error.argument !== 'netns') throw error;
  }
}
