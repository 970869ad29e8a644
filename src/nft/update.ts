/** Changing the ruleset by what is in it, as if nobody else did. */
import { InputError } from '../netlink/errors.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import type { Family } from './nfnetlink.ts';
import { checking, checkOptions } from './options.ts';
import { retrying } from './retry.ts';
import { type Ruleset, ruleset } from './ruleset.ts';
import { type TransactionInput, type TransactionResult, transaction } from './transaction.ts';

export interface UpdateOptions extends CallOptions {
  /** What is read. Default: all. */
  family?: Family;
  /** How often it is done anew at the most, when somebody else changes the ruleset in between. Default: 16. */
  attempts?: number;
}

/**
 * Reads the ruleset, lets `plan` say what to change, and does so in one transaction, provided that the ruleset is still the one that was read.
 * If somebody else has changed it meanwhile, it begins anew: `plan` is called again, with what there is then.
 *
 *     nf.update(({ rules }) => rules.filter(({ comment }) => comment === 'old').map((rule) => change.rules.delete(rule)));
 *
 * @throws InputError before anything is sent
 * @throws NetlinkError the first change that was refused; `ERESTART` when it was overtaken each time
 */
export function* update(plan: (ruleset: Ruleset) => TransactionInput, options: UpdateOptions = {}): Program<TransactionResult> {
  if (typeof plan !== 'function') throw new InputError('plan', `expected a function, got ${show(plan)}`, 'ERR_INVALID_ARG_TYPE');
  checkOptions(options, ['family', 'attempts']);
  if (options.attempts !== undefined) checking('attempts', () => checkInteger(options.attempts, 1, 0xffffffff));
  const filter = options.family === undefined ? {} : { family: options.family };
  return yield* retrying(function* () {
    const found = yield* ruleset(filter);
    return yield* transaction(plan(found), { generation: found.generation });
  }, options.attempts);
}
