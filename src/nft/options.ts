/** Checks of options that every program makes before it sends anything. */
import { checkOptions as checkMembers } from '../netlink/input.ts';

export { checkBoolean, checkCallOptions, inArgument as checking } from '../netlink/input.ts';

/**
 * Checks the options of a method. Where it acts is its client's affair: `netns` is known only to functions that say so.
 *
 * @throws InputError for what is no object, and for an option that is none of `known` (`ERR_UNKNOWN_OPTION`)
 */
export function checkOptions(options: unknown, known: readonly string[]): void {
  checkMembers(options, 'options', new Set(known));
}
